"""The compliance report as one HTML page: nothing to load, prints on paper, every text escaped."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from core.compliance import Assessed, DecidedBy, Due, Excuse, Report, Standing, State
from core.types import Card, Gap

_STYLE = Path(__file__).with_name("page.css")
_SIGN = {
    State.VIOLATED: "✕",
    State.UNDECIDED: "?",
    State.EXCEPTED: "!",
    State.MET: "✓",
    State.NOT_APPLICABLE: "-",
    State.NOT_CHECKED: "·",
}
"""Beside the colour, for those who see none and for paper."""
_MEANING = {
    State.VIOLATED: "a finding of one of its checks is open, or only snoozed",
    State.UNDECIDED: "nothing is open, but something could not be read or decided",
    State.EXCEPTED: "nothing is open, but findings were accepted or set aside; see Exceptions",
    State.MET: "its checks looked at resources and found nothing; people answer for the rest",
    State.NOT_APPLICABLE: "there is no resource of the kinds that its checks look at",
    State.NOT_CHECKED: "no check decides it; the reason stands beside it",
}
_BY = {
    DecidedBy.PEOPLE: "For people to show",
    DecidedBy.UNCHECKED: "No check yet",
    DecidedBy.NOT_SERVERLESS: "Outside a serverless estate",
}
_SHOWN = 24
"""So many finding ids stand beside a requirement; the Findings table has every one."""


def page(report: Report) -> str:
    """Return the whole page."""
    body = [
        *_head(report),
        *_overview(report),
        *_due(report),
        *(part for each in report.frameworks for part in _framework(each)),
        *_findings(report),
        *_exceptions(report),
        *_gaps(report.gaps),
    ]
    return "\n".join((*_before(report), *body, "</main>", "</body>", "</html>", ""))


def _before(report: Report) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield (
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )
    yield f"<title>Compliance report, {report.made_at:%Y-%m-%d}</title>"
    yield f"<style>\n{_STYLE.read_text(encoding='utf-8')}</style>"
    yield "</head>"
    yield "<body>"
    yield "<main>"


def _head(report: Report) -> Iterator[str]:
    names = ", ".join(each.baseline.framework for each in report.frameworks)
    yield "<header>"
    yield '<p class="kind">Compliance report</p>'
    yield f"<h1>{escape(names)}</h1>"
    yield '<dl class="facts">'
    yield _fact("Reported", _moment(report.made_at))
    yield _fact("Estate as scanned", _moment(report.scanned_at))
    yield _fact("Resources", f"{report.resources:,}")
    places = [f"{each.account}: {', '.join(each.regions)}" for each in report.coverage]
    yield _fact("Accounts and Regions read", "; ".join(places) or "not recorded")
    yield _fact("Policy commit", report.policy_commit, code=True)
    yield _fact("Scan", report.scan_uid, code=True)
    yield _fact("Plumbline", report.version)
    yield "</dl>"
    if report.rules_changed:
        yield (
            '<p class="warning">The rules changed after this scan (it was judged by '
            f"<code>{escape(report.scanned_with)}</code>). Scan again before relying on this report.</p>"
        )
    elif not report.scanned_with:
        yield '<p class="warning">By which rules this scan was judged is not recorded.</p>'
    yield "</header>"


def _fact(name: str, value: str, *, code: bool = False) -> str:
    shown = f"<code>{escape(value)}</code>" if code else escape(value)
    return f"<div><dt>{escape(name)}</dt><dd>{shown}</dd></div>"


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _overview(report: Report) -> Iterator[str]:
    yield '<section aria-labelledby="overview">'
    yield '<h2 id="overview">Overview</h2>'
    yield (
        "<p>Checks see configurations, and a framework asks for more than that. No line of this "
        "report says that a requirement is fulfilled.</p>"
    )
    heads = ["Framework", *(each.words.capitalize() for each in State), "Requirements"]
    yield from _table(
        "Requirements by framework and state",
        heads,
        map(_counts, report.frameworks),
        kind="numbers",
    )
    yield '<dl class="states">'
    for state, meaning in _MEANING.items():
        yield f"<div><dt>{_chip(state)}</dt><dd>{meaning}.</dd></div>"
    yield "</dl>"
    yield "</section>"


def _counts(assessed: Assessed) -> Sequence[str]:
    baseline = assessed.baseline
    name = f'<a href="#{escape(baseline.slug)}">{escape(baseline.framework)}</a>'
    counts = [str(count) for count in assessed.counts.values()]
    return (name, *counts, str(len(baseline.requirements)))


def _chip(state: State) -> str:
    sign = f'<span aria-hidden="true">{_SIGN[state]}</span>'
    return f'<span class="state {state.value}">{sign} {state.words}</span>'


def _due(report: Report) -> Iterator[str]:
    if not report.due:
        return
    names = [each.baseline.framework for each in report.frameworks]
    yield '<section aria-labelledby="due">'
    yield f'<h2 id="due">Due within {report.due_within_days} days by the date alone</h2>'
    heads = ("First day", "Check", "Resource", "What it will be", "Requirements")
    rows = (_due_row(each, names) for each in report.due)
    yield from _table("What will be violated if nothing is changed", heads, rows)
    yield "</section>"


def _due_row(each: Due, names: Sequence[str]) -> Sequence[str]:
    found = each.finding
    asked = [
        f"{name} {', '.join(found.compliance[name])}" for name in names if name in found.compliance
    ]
    return (
        _whole(f"{each.on:%Y-%m-%d}"),
        _whole(found.check_id),
        escape(found.resource_name),
        escape(found.evidence.message),
        escape("; ".join(asked)),
    )


def _whole(text: str) -> str:
    return f'<span class="whole">{escape(text)}</span>'


def _framework(assessed: Assessed) -> Iterator[str]:
    baseline = assessed.baseline
    slug = escape(baseline.slug)
    yield f'<section class="framework" aria-labelledby="{slug}">'
    yield f'<h2 id="{slug}">{escape(baseline.title)}, {escape(baseline.version)}</h2>'
    yield f'<p>{escape(baseline.scope)} <a href="{escape(baseline.source)}">Source</a>.</p>'
    heads = ("Requirement", "State", "Evidence")
    rows = (_requirement(each) for each in assessed.standings)
    yield from _table(f"Requirements of {baseline.framework}", heads, rows)
    yield "</section>"


def _requirement(each: Standing) -> Sequence[str]:
    asked = each.requirement
    name = f"<strong>{escape(asked.id)}</strong><br>{escape(asked.title)}"
    return name, _chip(each.state), "".join(f"<p>{line}</p>" for line in _evidence(each))


def _evidence(each: Standing) -> Iterator[str]:
    asked = each.requirement
    if asked.decided_by is not DecidedBy.CHECKS:
        yield f"{_BY[asked.decided_by]}: {escape(asked.reason)}."
        return
    if each.violations:
        shown = ", ".join(_anchor(card) for card in each.violations[:_SHOWN])
        rest = len(each.violations) - _SHOWN
        more = f" and {rest} more in Findings" if rest > 0 else ""
        yield f"{_many(len(each.violations), 'open finding')}: {shown}{more}."
    if each.doubts:
        ids = ", ".join(f"<code>{escape(f.uid[:12])}</code>" for f in each.doubts[:_SHOWN])
        yield f"{_many(len(each.doubts), 'finding')} could not be decided: {ids}."
    if each.gaps:
        names = dict.fromkeys(f"{gap.scope} {gap.reason}" for gap in each.gaps)
        yield f"Not read: {escape(', '.join(names))}."
    if each.excuses:
        yield f'{_many(len(each.excuses), "exception")}, see <a href="#exceptions">Exceptions</a>.'
    yield f"{len(each.applied)} of {_many(len(asked.controls), 'control')} had a resource to look at."
    if each.unread:
        yield f"Judged in templates only: {escape(', '.join(each.unread))}."
    if asked.besides:
        yield f"Left to people: {escape(asked.besides)}."


def _anchor(card: Card) -> str:
    uid = escape(card.finding.uid)
    return f'<a href="#f-{uid}"><code>{uid[:12]}</code></a>'


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _findings(report: Report) -> Iterator[str]:
    every = {
        card.finding.uid: card
        for assessed in report.frameworks
        for each in assessed.standings
        for card in each.violations
    }
    yield '<section aria-labelledby="findings">'
    yield '<h2 id="findings">Findings</h2>'
    if not every:
        yield "<p>No finding is open that a requirement of this report asks about.</p></section>"
        return
    ranked = sorted(
        every.values(), key=lambda card: (-card.finding.severity.rank, card.finding.uid)
    )
    heads = ("Finding", "Severity", "Resource", "What was found", "First seen", "Check")
    yield from _table(
        "Every open finding behind a violated requirement",
        heads,
        map(_row, ranked),
        kind="findings",
    )
    yield "</section>"


def _row(card: Card) -> Sequence[str]:
    found = card.finding
    place = " ".join(part for part in (found.account, found.region) if part)
    snoozed = " (snoozed)" if found.status.value == "snoozed" else ""
    return (
        f'<code id="f-{escape(found.uid)}">{escape(found.uid)}</code>',
        escape(found.severity.value) + snoozed,
        f"{escape(found.resource_name)}<br><small>{escape(place)}</small>",
        escape(found.evidence.message or found.title),
        _whole(f"{found.first_seen:%Y-%m-%d}") if found.first_seen else "",
        f"{_whole(found.check_id)}<br><small><code>{escape(found.policy_commit)}</code></small>",
    )


def _exceptions(report: Report) -> Iterator[str]:
    every: dict[str, Excuse] = {
        excuse.finding.uid: excuse
        for assessed in report.frameworks
        for each in assessed.standings
        for excuse in each.excuses
    }
    yield '<section aria-labelledby="exceptions">'
    yield '<h2 id="exceptions">Exceptions</h2>'
    if not every:
        yield "<p>Nothing was accepted or set aside.</p></section>"
        return
    heads = ("Finding", "Resource", "What was found", "Why it does not count", "By", "Until")
    yield from _table(
        "Findings that people accepted or set aside", heads, map(_excuse, every.values())
    )
    yield "</section>"


def _excuse(each: Excuse) -> Sequence[str]:
    found = each.finding
    return (
        f"<code>{escape(found.uid)}</code>",
        escape(found.resource_name),
        escape(found.evidence.message or found.title),
        escape(each.reason),
        escape(each.by),
        _whole(f"{each.until:%Y-%m-%d}") if each.until else "without an end",
    )


def _gaps(gaps: Sequence[Gap]) -> Iterator[str]:
    yield '<section aria-labelledby="gaps">'
    yield '<h2 id="gaps">Gaps</h2>'
    if not gaps:
        yield "<p>The scan read everything that it looked for.</p></section>"
        return
    cells = (
        (
            escape(gap.scope),
            escape(gap.reason),
            escape(gap.resource_uid or gap.resource_type),
            escape(" ".join(part for part in (gap.account, gap.region) if part)),
            escape(gap.detail),
        )
        for gap in gaps
    )
    heads = ("Call or check", "Reason", "What it hides", "Where", "Detail")
    yield from _table("What the scan could not read or decide", heads, cells)
    yield "</section>"


def _table(
    caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], *, kind: str = "plain"
) -> Iterator[str]:
    """Yield a table. Heads and caption are text; cells are HTML that is already safe."""
    yield f'<table class="{kind}">'
    yield f"<caption>{escape(caption)}</caption>"
    columns = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    yield f"<thead><tr>{columns}</tr></thead>"
    yield "<tbody>"
    for first, *rest in rows:
        yield f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
    yield "</tbody></table>"
