"""What a scan found, as one message."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bot import words
from bot.block import Block, Message, button, context, divider, fitting, header, section
from bot.card import title
from bot.ids import Action
from bot.text import code, prose
from core.types import Card, Gap, ScanSummary, Severity

TOP = 5
"""So many findings are named in a summary; the rest is counted."""
_GAPS_SHOWN = 5
_REGIONS_SHOWN = 5
_UNSUPPORTED = "unsupported"


def message(summary: ScanSummary, cards: Sequence[Card], *, new_per_day: int) -> Message:
    """Render a scan's summary. `cards` are the findings that matter most, riskiest first."""
    headline = _headline(summary)
    blocks: list[Block] = [header(headline), section(_numbers(summary))]
    blocks += [section(prose(line, 1500)) for line in _gaps(summary.gaps)]
    if cards:
        blocks += [
            divider(),
            section("*What matters most*" if summary.is_baseline else "*Riskiest now*"),
        ]
        blocks += rows(cards[:TOP])
    blocks.append(context(_closing(summary, new_per_day)))
    return Message(prose(headline, 300), fitting(blocks))


def rows(cards: Sequence[Card]) -> list[Block]:
    """Return one line a finding, with a button that opens it."""
    return [section(line(card), accessory=_show(card)) for card in cards]


def line(card: Card) -> str:
    """Say a finding in one line."""
    owner = f", {code(card.finding.owner, 80)}" if card.finding.owner else ""
    return f"{prose(title(card), 400)}\n{words.risk(card)}{owner}, id {code(card.finding.uid[:8])}"


def _show(card: Card) -> Block:
    return button("Show", Action.SHOW, card.finding.uid)


def _headline(summary: ScanSummary) -> str:
    found = words.count(sum(summary.by_severity.values()), "finding")
    if summary.is_baseline:
        return f"First look: {found} in {words.count(summary.resources, 'resource')}"
    return f"Scan: {summary.new:,} new, {summary.fixed:,} fixed, {found} in all"


def _numbers(summary: ScanSummary) -> str:
    counted = by_severity(summary.by_severity)
    said = [
        counted or "Nothing open",
        f"{summary.hygiene:,} hygiene, counted only" if summary.hygiene else "",
        f"{summary.undecided:,} undecided" if summary.undecided else "",
    ]
    where = f" in {_regions(summary.regions)}" if summary.regions else ""
    took = (summary.finished_at - summary.started_at).total_seconds()
    reading = (
        f"{words.count(summary.resources, 'resource')}{where} read in {took:.0f} s "
        f"with {words.count(summary.api_calls, 'call')}"
    )
    return f"*{'; '.join(part for part in said if part)}.*\n{reading}."


def _regions(regions: Sequence[str]) -> str:
    shown = regions[:_REGIONS_SHOWN]
    return f"{', '.join(shown)}{_rest(len(regions) - len(shown))}"


def by_severity(counts: Mapping[str, int]) -> str:
    """Say "2 critical, 5 high", worst first."""
    order = sorted(Severity, key=lambda severity: -severity.rank)
    return ", ".join(
        f"{counts[each.value]:,} {each.value}" for each in order if counts.get(each.value)
    )


def _gaps(gaps: Sequence[Gap]) -> Iterator[str]:
    if not gaps:
        return
    failed = Counter(f"{gap.scope} {gap.reason}" for gap in gaps if gap.reason != _UNSUPPORTED)
    if failed:
        shown = [
            f"{name} ({number})" if number > 1 else name
            for name, number in failed.most_common(_GAPS_SHOWN)
        ]
        yield f"Not read, so not judged: {', '.join(shown)}{_rest(len(failed) - len(shown))}."
    left_out = tuple(gap.detail.rstrip(".") for gap in gaps if gap.reason == _UNSUPPORTED)
    if left_out:
        yield f"Left out: {left_out[0]}{_rest(len(left_out) - 1)}."


def _rest(number: int) -> str:
    return f" and {words.count(number, 'other')}" if number > 0 else ""


def _closing(summary: ScanSummary, new_per_day: int) -> str:
    if not summary.is_baseline:
        return f"scan {code(summary.scan_uid[:12])}"
    return (
        f"This is the baseline. From now on at most {new_per_day} new findings a channel a day, "
        "critical ones at once; hygiene only in summaries."
    )
