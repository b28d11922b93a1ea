"""Cards as they are shown: a finding joined with its fix, plan, link and decisions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from app.store import codec, label, scan, withholding
from app.store.library import Database
from app.store.time import stamp
from core.types import Assessment, Card, Decision, Finding, Fix, FixPlan, Link, Status

T = TypeVar("T")
_FEW = 20
"""Up to this many cards are read one by one; more are joined to whole tables read once."""


def full(db: Database, rows: Sequence[Mapping[str, Any]]) -> tuple[Card, ...]:
    """Return the cards of findings' rows, in their order."""
    alone = [row["uid"] for row in rows] if len(rows) <= _FEW else None
    fixes = {fix.finding_uid: fix for fix in _bodies(db, Fix, _FIXES, alone)}
    plans = {plan.finding_uid: plan for plan in _bodies(db, FixPlan, _PLANS, alone)}
    decided: dict[str, list[Decision]] = {}
    for decision in _bodies(db, Decision, _DECISIONS, alone):
        decided.setdefault(decision.finding_uid, []).append(decision)
    links = _links(db, rows, few=alone is not None)
    owned, borne = _open_by_owner(db), _open_by_resource(db)
    held = withholding.current(db, alone)
    return tuple(
        replace(
            codec.loads(Card, row["card"]),
            fix=fixes.get(row["uid"]),
            plan=plans.get(row["uid"]),
            link=links.get(row["resource_uid"]) or links.get(_whole(row["resource_uid"])),
            decisions=tuple(decided.get(row["uid"], ())),
            open_for_owner=owned.get(row["owner"], 0),
            withheld=held.get(row["uid"]),
            open_on_resource=borne[_whole(row["resource_uid"])],
        )
        for row in rows
    )


# the last row of a finding wins: of two states written at the same time, the one written later
_FIXES = "SELECT body FROM fixes WHERE {which} ORDER BY updated_at, rowid"
_PLANS = "SELECT body FROM plans WHERE {which} AND is_current"
_DECISIONS = "SELECT body FROM decisions WHERE {which} ORDER BY decided_at, rowid"


def _bodies(db: Database, cls: type[T], query: str, uids: Sequence[str] | None) -> Iterable[T]:
    which = "1" if uids is None else f"finding_uid IN ({_marks(uids)})"
    rows = db.query(query.format(which=which), list(uids or ()))
    return (codec.loads(cls, row["body"]) for row in rows)


def _links(db: Database, rows: Sequence[Mapping[str, Any]], *, few: bool) -> Mapping[str, Link]:
    query, uids = "SELECT body FROM links", []
    if few:
        uids = list({uid for row in rows for uid in _uids_of(row["resource_uid"])})
        query = f"{query} WHERE live_uid IN ({_marks(uids)})"
    found = (codec.loads(Link, row["body"]) for row in db.query(query, uids))
    return {link.live_uid: link for link in found}


def link(db: Database, live_uid: str) -> Link | None:
    """Return the link of a live resource; a part is linked as its parent is."""
    found = _links(db, [{"resource_uid": live_uid}], few=True)
    return next((found[uid] for uid in _uids_of(live_uid) if uid in found), None)


def _open_by_owner(db: Database) -> Mapping[str, int]:
    query = (
        "SELECT owner, count(*) AS n FROM findings WHERE status = 'open' AND NOT hygiene "
        "GROUP BY owner"
    )
    return {row["owner"]: row["n"] for row in db.query(query)}


def _open_by_resource(db: Database) -> Counter[str]:
    """Count what is open on each resource and its parts."""
    query = (
        "SELECT resource_uid, count(*) AS n FROM findings WHERE status = 'open' AND NOT hygiene "
        "GROUP BY resource_uid"
    )
    found: Counter[str] = Counter()
    for row in db.query(query):
        found[_whole(row["resource_uid"])] += row["n"]
    return found


def _uids_of(uid: str) -> tuple[str, str]:
    return uid, _whole(uid)


def _whole(uid: str) -> str:
    return uid.partition("|")[0]


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" for _ in values)


def save(db: Database, card: Card, *, now: datetime) -> None:
    """Write what was just seen of a finding; what people decided of it stays."""
    label.remember(db, [card], at=now)
    row = _row(db, card.finding.uid)
    if row is None:
        scan.write_card(db, card, first_seen=now, last_seen=now)
        return
    finding = scan.with_owner(db, card.finding)
    status = scan.status_of(finding.status, row)
    scan.write_card(
        db,
        replace(card, finding=replace(finding, status=status)),
        first_seen=datetime.fromisoformat(row["first_seen"]),
        last_seen=now,
        until=row["until"] if status in scan.DECIDED else None,
    )


def rewrite(db: Database, uid: str, *, status: Status | None, until: str | None) -> None:
    """Change the status of a finding, seen when it was; None keeps status and end."""
    row = _row(db, uid)
    if row is None:
        return
    card = codec.loads(Card, row["card"])
    finding = scan.with_owner(db, card.finding)
    _write_again(
        db,
        row,
        replace(card, finding=replace(finding, status=status or finding.status)),
        until=row["until"] if status is None else until,
    )


def assess(db: Database, assessments: Iterable[Assessment]) -> None:
    """Give findings a new assessment; all else that is known of them stays."""
    for assessment in assessments:
        row = _row(db, assessment.finding_uid)
        if row:
            card = replace(codec.loads(Card, row["card"]), assessment=assessment)
            _write_again(db, row, card, until=row["until"])


def _write_again(db: Database, row: Mapping[str, Any], card: Card, *, until: str | None) -> None:
    scan.write_card(
        db,
        card,
        first_seen=datetime.fromisoformat(row["first_seen"]),
        last_seen=datetime.fromisoformat(row["last_seen"]),
        until=until,
    )


def expired(db: Database, *, now: datetime) -> tuple[str, ...]:
    """List the findings whose snooze or accepted risk has come to its end."""
    query = "SELECT uid FROM findings WHERE status IN ('snoozed', 'accepted') AND until <= ?"
    return tuple(row["uid"] for row in db.query(query, [stamp(now)]))


def finding(db: Database, uid: str) -> Finding | None:
    """Return a finding as it is stored."""
    row = _row(db, uid)
    return codec.loads(Card, row["card"]).finding if row else None


def _row(db: Database, uid: str) -> Mapping[str, Any] | None:
    row: Mapping[str, Any] | None = next(
        db.query("SELECT * FROM findings WHERE uid = ?", [uid]), None
    )
    return row
