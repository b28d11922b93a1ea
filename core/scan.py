"""Scan: read the estate, check it, assess what was found, record it, say it."""

import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.errors import CloudError, PlumblineError, PolicyError
from core.gap import EVERYTHING, is_undecided
from core.ports import Chat, Check, Clock, Cloud, ScanResult, Store
from core.types import (
    Assessment,
    Card,
    Cut,
    Estate,
    Finding,
    Gap,
    Link,
    Resource,
    ScanSummary,
    Severity,
    Snapshot,
    Status,
)

Assess = Callable[[Sequence[Finding], Snapshot], Sequence[Assessment]]
LinkAll = Callable[[Snapshot], Sequence[Link]]
FixRefusal = Callable[[Finding, Link | None, Resource | None], str]
"""Returns an empty text when a fix can be planned, else the sentence that says why not."""
FindCuts = Callable[[Sequence[Finding], Snapshot], Sequence[Cut]]
"""Returns which findings' fixes would end which attack paths."""


def no_cuts(_: Sequence[Finding], __: Snapshot) -> tuple[Cut, ...]:
    """Know of no cut."""
    return ()


_TOP = 5
_ALL = 1_000_000
_LIVE = tuple(status.value for status in Status if status is not Status.FIXED)

Report = Callable[[str, str], None]
"""Receives the name of a check that crashed and its stack trace, for the log."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """What a scan is made of; app chooses the parts."""

    cloud: Cloud
    checks: Mapping[str, Check]
    assess: Assess
    link: LinkAll
    fix_refusal: FixRefusal
    store: Store
    clock: Clock
    estate: Estate
    report: Report
    related_types: Callable[[str], Sequence[str]]
    find_cuts: FindCuts = no_cuts


@dataclass(frozen=True, slots=True)
class ScanOutcome:
    """A finished scan: the summary, its cards riskiest first, and what changed."""

    summary: ScanSummary
    cards: tuple[Card, ...]
    result: ScanResult
    snapshot: Snapshot


def scan(scanner: Scanner) -> ScanOutcome:
    """Read, check, assess and record the estate once.

    The snapshot counts as taken when the reading began: nothing in it is older than that, and what
    was read or decided anew since then is newer than what it says.
    Raises: CredentialsError. Every other failed read or check is a gap in the result.
    """
    started_at = scanner.clock()
    snapshot = replace(scanner.cloud.collect(), taken_at=started_at)
    links = scanner.link(snapshot)
    scanner.store.replace_links(links)
    findings, gaps = run_checks(scanner.checks, snapshot, report=scanner.report)
    checked = replace(snapshot, gaps=(*snapshot.gaps, *gaps))
    cards = build_cards(scanner, findings, checked, links)
    blind = blind_checks(scanner, snapshot.gaps)
    result = scanner.store.record_scan(replace(checked, gaps=(*checked.gaps, *blind)), cards)
    stored = with_stored_status(scanner.store, cards)
    summary = summarise(scanner, checked, stored, result, started_at=started_at)
    return ScanOutcome(summary, stored, result, checked)


def run_checks(
    checks: Mapping[str, Check], snapshot: Snapshot, *, report: Report
) -> tuple[tuple[Finding, ...], tuple[Gap, ...]]:
    """Run every check; one that crashes becomes a gap and stops no other."""
    findings: dict[str, Finding] = {}
    gaps: list[Gap] = []
    for name, check in checks.items():
        try:
            for said in check(snapshot):
                if isinstance(said, Gap):
                    gaps.append(said)
                else:
                    findings[said.uid] = said
        except PlumblineError as error:
            gaps.append(_crashed(name, str(error)))
        except Exception:  # noqa: BLE001  # one check must not stop the others; it is reported
            report(name, traceback.format_exc())
            gaps.append(_crashed(name, "The check crashed; see the log."))
    return tuple(findings.values()), tuple(gaps)


def _crashed(name: str, detail: str) -> Gap:
    return Gap(scope=name, reason="failed", detail=detail, resource_type=EVERYTHING)


def blind_checks(scanner: Scanner, gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    """Return a gap for each known check that looks at a type of which a whole list failed."""
    unread = {gap.resource_type: gap for gap in gaps if gap.resource_type and not gap.resource_uid}
    if not unread:
        return ()
    checks = {card.finding.check_id for card in scanner.store.cards(statuses=_LIVE, limit=_ALL)}
    return tuple(
        Gap(check_id, unread[name].reason, f"{name} could not be read", unread[name].account)
        for check_id in sorted(checks)
        for name in scanner.related_types(check_id)
        if name in unread
    )


def build_cards(
    scanner: Scanner, findings: Sequence[Finding], snapshot: Snapshot, links: Iterable[Link]
) -> tuple[Card, ...]:
    """Join findings with assessments, links and gaps; riskiest first."""
    by_uid = {resource.uid: resource for resource in snapshot.resources}
    linked = {link.live_uid: link for link in links}
    assessed = {each.finding_uid: each for each in scanner.assess(findings, snapshot)}
    cuts = scanner.find_cuts(findings, snapshot)
    cards = []
    for finding in findings:
        link = linked.get(finding.resource_uid) or linked.get(
            finding.resource_uid.partition("|")[0]
        )
        resource = by_uid.get(finding.resource_uid) or by_uid.get(
            finding.resource_uid.partition("|")[0]
        )
        refusal = scanner.fix_refusal(finding, link, resource)
        cards.append(
            Card(
                finding=finding,
                assessment=assessed.get(finding.uid),
                fix_available=not refusal,
                no_fix_reason=refusal,
                environment=_environment(finding.resource_uid, by_uid, scanner.estate),
                not_checked=_not_checked(finding, by_uid, snapshot.gaps),
                cuts=tuple(c for c in cuts if finding.uid in (c.path_uid, c.finding_uid)),
            )
        )
    fixable = {card.finding.uid for card in cards if card.fix_available}
    return tuple(sorted((_with_buttons(card, fixable) for card in cards), key=risk_order))


def _with_buttons(card: Card, fixable: Collection[str]) -> Card:
    """Return a card whose cuts know which of them have a fix that can be reviewed."""
    if not card.cuts:
        return card
    cuts = tuple(replace(cut, fix_available=cut.finding_uid in fixable) for cut in card.cuts)
    return replace(card, cuts=cuts)


def risk_order(card: Card) -> tuple[float, int, str]:
    """Order cards: riskiest first, then the worse severity, then by uid."""
    risk = card.assessment.risk if card.assessment else 0.0
    return (-risk, -card.finding.severity.rank, card.finding.uid)


def _environment(uid: str, resources: Mapping[str, Resource], estate: Estate) -> str:
    """Return the environment of a resource, or of the one that it is a part of."""
    own = environment_of(resources.get(uid), estate)
    return own or environment_of(resources.get(uid.partition("|")[0]), estate)


def environment_of(resource: Resource | None, estate: Estate) -> str:
    """Return the environment that a resource's tags name, empty where none does."""
    if resource is None:
        return ""
    tags = {key.lower(): value for key, value in resource.tags.items()}
    return next((tags[tag.lower()] for tag in estate.environment_tags if tag.lower() in tags), "")


def _not_checked(
    finding: Finding, resources: Mapping[str, Resource], gaps: Sequence[Gap]
) -> tuple[str, ...]:
    resource = resources.get(finding.resource_uid)
    unreadable = (
        [f"{kind} ({why})" for kind, why in resource.unreadable.items()] if resource else []
    )
    own = [f"{gap.scope} {gap.reason}" for gap in gaps if gap.resource_uid == finding.resource_uid]
    return (*unreadable, *own)


def with_stored_status(store: Store, cards: Sequence[Card]) -> tuple[Card, ...]:
    """Return the cards as the store holds them, with what people decided."""
    stored = {card.finding.uid: card for card in store.cards(statuses=_LIVE, limit=_ALL)}
    return tuple(
        stored.get(card.finding.uid) or store.card(card.finding.uid)  # put right since it was read
        for card in cards
    )


def summarise(
    scanner: Scanner,
    snapshot: Snapshot,
    cards: Sequence[Card],
    result: ScanResult,
    *,
    started_at: datetime,
) -> ScanSummary:
    """Count a scan: severities of what is open, hygiene apart, and the five that matter most."""
    live = [card for card in cards if card.finding.status is Status.OPEN]
    open_cards = [card for card in live if not card.finding.hygiene]
    by_severity = {severity.value: 0 for severity in reversed(Severity)}
    for card in open_cards:
        by_severity[card.finding.severity.value] += 1
    by_type: dict[str, int] = {}
    for resource in snapshot.resources:
        by_type[resource.type] = by_type.get(resource.type, 0) + 1
    return ScanSummary(
        scan_uid=snapshot.uid,
        started_at=started_at,
        finished_at=scanner.clock(),
        resources=len(snapshot.resources),
        by_severity={key: count for key, count in by_severity.items() if count},
        hygiene=len(live) - len(open_cards),
        undecided=sum(card.finding.status is Status.UNKNOWN for card in cards),
        new=len(result.new) + len(result.reopened),
        fixed=len(result.fixed),
        gaps=snapshot.gaps,
        top=tuple(card.finding.uid for card in _that_matter(open_cards)),
        is_baseline=result.is_baseline,
        api_calls=sum(snapshot.api_calls.values()),
        by_type=by_type,
        coverage=snapshot.coverage,
    )


def _that_matter(cards: Sequence[Card]) -> tuple[Card, ...]:
    """Return a card of each control, at most five: one for a cause, not for a copy."""
    first: dict[str, Card] = {}
    for card in _resources_apart(cards):
        first.setdefault(card.finding.control, card)
    return tuple(first.values())[:_TOP]


def _resources_apart(cards: Iterable[Card]) -> list[Card]:
    """Order cards by risk, the first of every resource before the second of any.

    What several checks say of one resource often has one cause, and one change ends it.
    """
    before: Counter[str] = Counter()
    turns: list[tuple[int, Card]] = []
    for card in sorted(cards, key=risk_order):
        whole = card.finding.resource_uid.partition("|")[0]
        turns.append((before[whole], card))
        before[whole] += 1
    return [card for _, card in sorted(turns, key=lambda turn: turn[0])]


def post(outcome: ScanOutcome, *, store: Store, chat: Chat) -> None:
    """Say what a scan found: the first as one summary, later ones as new and changed findings."""
    if store.get("paused") == "1":
        return
    by_uid = {card.finding.uid: card for card in outcome.cards}
    result = outcome.result
    if result.is_baseline:
        top = [by_uid[uid] for uid in outcome.summary.top]
        chat.post_summary(outcome.summary, top)
        fresh: Iterable[Card] = top
    else:
        fresh = (by_uid[uid] for uid in (*result.new, *result.reopened) if uid in by_uid)
    for card in _resources_apart(fresh):
        if card.finding.status is Status.OPEN and not card.finding.hygiene:
            chat.post_card(card)
    for uid in (*result.changed, *result.fixed):
        if store.message_ref(uid):
            chat.post_card(store.card(uid))


def recheck(scanner: Scanner, finding: Finding) -> Card:
    """Read one resource again and decide its finding anew; record what is true now.

    Raises: CloudError when the resource cannot be read, PolicyError when the check cannot be
    decided; then nothing is changed.
    """
    known = scanner.store.latest_snapshot()
    if known is None:
        return scanner.store.card(finding.uid)
    resource = next((each for each in known.resources if each.uid == finding.resource_uid), None)
    if resource is None:
        return scanner.store.card(finding.uid)
    fresh = scanner.cloud.read(resource)
    _require_read(fresh, finding)
    merged = merge(known, fresh, resource)
    present, gaps = _find(scanner, finding, merged)
    types = scanner.related_types(finding.check_id)
    if present and types:
        related = scanner.cloud.collect(types=types)
        _require_read(related, finding, types=types)
        merged = merge_types(merged, related, types)
        present, gaps = _find(scanner, finding, merged)
    if present is None:
        _require_decided(gaps, finding)
    return _record_recheck(scanner, finding, present, replace(merged, gaps=gaps))


def look_again(scanner: Scanner, finding: Finding) -> tuple[Finding, ...]:
    """Read a finding's resource again and return all that is open on it now; record its own finding.

    Raises: CloudError, PolicyError as `recheck` does.
    """
    present = recheck(scanner, finding).finding
    known = scanner.store.latest_snapshot()
    whole = finding.resource_uid.partition("|")[0]
    resource = next((r for r in known.resources if r.uid == whole), None) if known else None
    if known is None or resource is None:
        return (present,) if present.status is Status.OPEN else ()
    fresh = scanner.cloud.read(resource)
    _require_read(fresh, finding)
    merged = merge(known, fresh, resource)
    found, _ = run_checks(scanner.checks, merged, report=scanner.report)
    return tuple(
        each
        for each in found
        if each.status is Status.OPEN and each.resource_uid.partition("|")[0] == whole
    )


def _require_read(fresh: Snapshot, finding: Finding, *, types: Sequence[str] = ()) -> None:
    """Raise CloudError when what is missing from a fresh reading may only be unread."""
    gone = all(each.uid != finding.resource_uid for each in fresh.resources)
    for gap in fresh.gaps:
        whole_list = not gap.resource_uid and gap.resource_type in types
        if whole_list or (gone and is_undecided((gap,), finding)):
            raise CloudError(f"The resource could not be read again: {gap.detail}.")


def _require_decided(gaps: Sequence[Gap], finding: Finding) -> None:
    gap = next((gap for gap in gaps if is_undecided((gap,), finding)), None)
    if gap:
        raise PolicyError(f"The check could not be decided: {gap.detail}")


def _find(
    scanner: Scanner, finding: Finding, snapshot: Snapshot
) -> tuple[Finding | None, tuple[Gap, ...]]:
    findings, gaps = run_checks(scanner.checks, snapshot, report=scanner.report)
    present = next((each for each in findings if each.uid == finding.uid), None)
    return present, gaps


def _record_recheck(
    scanner: Scanner, finding: Finding, present: Finding | None, snapshot: Snapshot
) -> Card:
    card = scanner.store.card(finding.uid)
    if present is None:
        scanner.store.save_card(replace(card, finding=replace(card.finding, status=Status.FIXED)))
        return scanner.store.card(finding.uid)
    assessed = {each.finding_uid: each for each in scanner.assess([present], snapshot)}
    scanner.store.save_card(replace(card, finding=present, assessment=assessed[finding.uid]))
    return scanner.store.card(finding.uid)


def merge(known: Snapshot, fresh: Snapshot, resource: Resource) -> Snapshot:
    """Replace one resource and its parts in a snapshot by what was just read of them."""
    read = {each.uid: each for each in fresh.resources}
    kept = [
        each
        for each in known.resources
        if each.uid not in read and each.uid != resource.uid and not _is_part(each, resource)
    ]
    return replace(known, resources=(*kept, *read.values()), taken_at=fresh.taken_at)


def _is_part(each: Resource, parent: Resource) -> bool:
    return each.uid.startswith(parent.uid + "|")


def merge_types(known: Snapshot, fresh: Snapshot, types: Sequence[str]) -> Snapshot:
    """Replace every resource of some types by what was just read of them."""
    kept = [each for each in known.resources if each.type not in types]
    found = [each for each in fresh.resources if each.type in types]
    return replace(known, resources=(*kept, *found), taken_at=fresh.taken_at)
