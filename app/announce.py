"""Say what a scan found, also when the worker was stopped between recording and saying it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from core import scan as scanning
from core.ports import Chat, Store
from core.scan import Scanner, ScanOutcome
from core.types import Card, Status

_UNSAID = "scan.unsaid"
_ALL = 1_000_000


def _nothing() -> None:
    """Do nothing."""


def scan_and_post(
    scanner: Scanner,
    *,
    chat: Chat,
    clock: Callable[[], datetime],
    between: Callable[[], None] = _nothing,
) -> ScanOutcome:
    """Scan and post. What a scan that was cut off found new is posted with what this one did.

    `between` is done once the scan is recorded, before anything is posted.
    """
    store = scanner.store
    kept = store.get(_UNSAID)
    if not kept:
        began = {"at": clock().isoformat(), "baseline": store.latest_snapshot() is None}
        store.put(_UNSAID, json.dumps(began))
    outcome = scanning.scan(scanner)
    between()
    if kept:
        outcome = _with_unsaid(outcome, store, **json.loads(kept))
    scanning.post(outcome, store=store, chat=chat)
    store.put(_UNSAID, "")
    return outcome


def _with_unsaid(outcome: ScanOutcome, store: Store, *, at: str, baseline: bool) -> ScanOutcome:
    since = datetime.fromisoformat(at)
    told = {*outcome.result.new, *outcome.result.reopened}
    unsaid = [
        card.finding.uid
        for card in outcome.cards
        if _is_since(card, since)
        and card.finding.uid not in told
        and store.message_ref(card.finding.uid) is None
    ]
    result = replace(
        outcome.result,
        new=(*outcome.result.new, *unsaid),
        changed=(*outcome.result.changed, *_closed_since(store, since, outcome.cards)),
        is_baseline=outcome.result.is_baseline or baseline,
    )
    summary = replace(
        outcome.summary,
        new=outcome.summary.new + len(unsaid),
        is_baseline=result.is_baseline,
    )
    return replace(outcome, result=result, summary=summary)


def _is_since(card: Card, since: datetime) -> bool:
    return card.finding.first_seen is not None and card.finding.first_seen >= since


def _closed_since(store: Store, since: datetime, present: Sequence[Card]) -> tuple[str, ...]:
    """Return what was closed by the scan that was cut off: its message still says open."""
    seen = {card.finding.uid for card in present}
    return tuple(
        card.finding.uid
        for card in store.cards(statuses=[Status.FIXED.value], limit=_ALL)
        if card.finding.uid not in seen
        and card.finding.last_seen is not None
        and card.finding.last_seen >= since
    )


def scan_sentence(outcome: ScanOutcome) -> str:
    """Say a scan in one line."""
    summary = outcome.summary
    findings = sum(summary.by_severity.values())
    seconds = (summary.finished_at - summary.started_at).total_seconds()
    where = f" of {', '.join(summary.regions)}" if summary.regions else ""
    return (
        f"Scanned {summary.resources} resources{where} in {seconds:.0f} s: {findings} findings "
        f"({summary.new} new, {summary.fixed} fixed), {summary.hygiene} hygiene, "
        f"{summary.undecided} undecided, {len(summary.gaps)} gaps."
    )
