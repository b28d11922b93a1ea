"""How frameworks stand, for whoever asks: counts, the worst requirements, what is due."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from bot import words
from bot.block import Block, Message, button, context, divider, fitting, header, section
from bot.card import title
from bot.ids import Action
from bot.text import code, prose
from core.compliance import Assessed, Due, Report, Standing, State

_WORST_OF_EACH = 3
_WORST_OF_ONE = 10
_REASONS_SHOWN = 5
_IDS_SHOWN = 12
_DUE_SHOWN = 5
_SAID = (State.VIOLATED, State.UNDECIDED, State.EXCEPTED, State.MET, State.NOT_APPLICABLE)


def overview(report: Report, *, zone: ZoneInfo, command: str) -> Message:
    """Render every framework in two lines."""
    headline = "Compliance, framework by framework"
    blocks: list[Block] = [header(headline), *_warnings(report)]
    blocks += [_in_short(each) for each in report.frameworks]
    blocks += _due(report.due, report, zone)
    more = f"{command} compliance soc2 shows one framework's requirements with their findings."
    blocks += [context(_as_of(report, zone)), context(prose(more))]
    return Message(headline, fitting(blocks))


def one(report: Report, *, zone: ZoneInfo) -> Message:
    """Render the one framework of a report: its worst requirements, each with its riskiest finding."""
    [assessed] = report.frameworks
    baseline = assessed.baseline
    headline = f"{baseline.title}, {baseline.version}"
    blocks: list[Block] = [header(headline), *_warnings(report), section(f"*{_counts(assessed)}.*")]
    worst = assessed.worst(_WORST_OF_ONE)
    if worst:
        blocks += [divider(), section("*Violated, worst first*"), *map(_requirement, worst)]
        left = assessed.counts[State.VIOLATED] - len(worst)
        blocks += [context(f"{left} more violated.")] if left else []
    blocks += _undecided(assessed)
    coming = [each for each in report.due if baseline.framework in each.finding.compliance]
    blocks += _due(coming, report, zone)
    blocks += [context(_not_checked(assessed)), context(_as_of(report, zone))]
    return Message(prose(f"{headline}: {_counts(assessed)}", 300), fitting(blocks))


def _counts(assessed: Assessed) -> str:
    counts = assessed.counts
    said = [f"{counts[state]} {state.words}" for state in _SAID if counts[state]]
    checked = len(assessed.standings) - counts[State.NOT_CHECKED]
    return f"{'; '.join(said) or 'Nothing was looked at'}, of {checked} that checks speak to"


def _in_short(assessed: Assessed) -> Block:
    baseline = assessed.baseline
    lines = [f"*{prose(baseline.framework, 150)}*: {_counts(assessed)}."]
    worst = assessed.worst(_WORST_OF_EACH)
    if not worst:
        return section("\n".join(lines))
    named = [f"*{prose(each.requirement.id, 40)}* {_findings(each)}" for each in worst]
    lines.append(f"Worst: {'; '.join(named)}.")
    return section("\n".join(lines), accessory=_show(worst[0]))


def _findings(each: Standing) -> str:
    riskiest = code(each.violations[0].finding.uid[:8])
    number = len(each.violations)
    return f"{riskiest}" if number == 1 else f"{number:,} findings, riskiest {riskiest}"


def _requirement(each: Standing) -> Block:
    asked = each.requirement
    first, *rest = each.violations
    found = f"{prose(title(first), 300)}, id {code(first.finding.uid[:8])}"
    more = f" and {words.count(len(rest), 'more finding')}" if rest else ""
    name = f"*{prose(asked.id, 40)}* {prose(asked.title, 200)}"
    return section(f"{name}\n{words.risk(first)}: {found}{more}.", accessory=_show(each))


def _show(each: Standing) -> Block:
    return button("Show", Action.SHOW, each.violations[0].finding.uid)


def _undecided(assessed: Assessed) -> Iterator[Block]:
    reasons: dict[str, list[str]] = {}
    for each in assessed.standings:
        if each.state is State.UNDECIDED:
            reasons.setdefault(_doubt(each), []).append(each.requirement.id)
    if not reasons:
        return
    ranked = sorted(reasons.items(), key=lambda item: -len(item[1]))
    lines = ["*Undecided*"]
    for reason, ids in ranked[:_REASONS_SHOWN]:
        left = len(ids) - _IDS_SHOWN
        others = f" and {words.count(left, 'other')}" if left > 0 else ""
        lines.append(f"{prose(reason, 200)}: {prose(', '.join(ids[:_IDS_SHOWN]), 400)}{others}")
    if len(ranked) > _REASONS_SHOWN:
        lines.append(f"and {words.count(len(ranked) - _REASONS_SHOWN, 'other reason')}")
    yield section("\n".join(lines))


def _doubt(each: Standing) -> str:
    if each.gaps:
        return f"Not read ({each.gaps[0].scope} {each.gaps[0].reason})"
    if each.doubts:
        return "Findings that could not be decided"
    return "No scan reads what its checks look at"


def _due(due: Sequence[Due], report: Report, zone: ZoneInfo) -> Iterator[Block]:
    if not due:
        return
    names = [each.baseline.framework for each in report.frameworks]
    lines = [f"*Due within {report.due_within_days} days, by the date alone*"]
    for each in due[:_DUE_SHOWN]:
        asked = [
            f"{name} {requirement}"
            for name in names
            for requirement in each.finding.compliance.get(name, ())[:2]
        ]
        touches = f" ({prose(', '.join(asked[:4]), 200)})" if asked else ""
        lines.append(
            f"{words.day(each.on, zone)}: {prose(each.finding.evidence.message, 300)}{touches}"
        )
    if len(due) > _DUE_SHOWN:
        lines.append(f"and {words.count(len(due) - _DUE_SHOWN, 'other')}")
    yield section("\n".join(lines))


def _warnings(report: Report) -> Iterator[Block]:
    if report.rules_changed:
        yield section("*The rules changed after this scan.* Scan again before relying on this.")


def _not_checked(assessed: Assessed) -> str:
    number = assessed.counts[State.NOT_CHECKED]
    return (
        f"No check decides {words.count(number, 'further requirement')}; the report and "
        f"{code('plumbline policy coverage')} say why."
    )


def _as_of(report: Report, zone: ZoneInfo) -> str:
    at = words.moment(report.scanned_at, zone, now=report.made_at)
    accounts = words.count(len(report.coverage), "account")
    return (
        f"As of the scan of {at}, {accounts}, {words.count(len(report.gaps), 'gap')}; policies "
        f"{code(report.policy_commit)}. For an auditor: {code('plumbline compliance --format html')}."
    )
