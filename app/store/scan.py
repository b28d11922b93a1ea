"""Record what a scan saw: resource versions, findings, and what is gone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.store import codec
from app.store.library import Database
from app.store.time import stamp
from core.identity import sha256
from core.ports import ScanResult
from core.types import Card, Finding, Gap, Resource, Snapshot, Status

_OWNER = "owner:"
_KEPT = (Status.SUPPRESSED, Status.ACCEPTED, Status.SNOOZED)


def record_resources(db: Database, snapshot: Snapshot) -> None:
    """Store each resource's content once, with the time from and until which it was so."""
    now = stamp(snapshot.taken_at)
    rows = db.query(
        "SELECT resource_uid, digest, type FROM resource_versions WHERE valid_to IS NULL"
    )
    current = {row["resource_uid"]: (row["digest"], row["type"]) for row in rows}
    seen: set[str] = set()
    for resource in snapshot.resources:
        body = codec.dumps(replace(resource, usage=()))
        content = sha256(body)
        seen.add(resource.uid)
        before = current.get(resource.uid)
        if before and before[0] == content:
            continue
        db.execute("INSERT OR IGNORE INTO contents VALUES (?, ?)", [content, body])
        _end(db, resource.uid, now)
        db.execute(
            "INSERT INTO resource_versions VALUES (?, ?, ?, ?, NULL)",
            [resource.uid, resource.type, content, now],
        )
    for uid, (_, resource_type) in current.items():
        if uid not in seen and not _hidden(snapshot.gaps, uid=uid, resource_type=resource_type):
            _end(db, uid, now)
    db.execute(
        "INSERT OR REPLACE INTO scans VALUES (?, ?, ?, ?)",
        [snapshot.uid, now, codec.dumps(snapshot.gaps), codec.dumps(snapshot.api_calls)],
    )


def _end(db: Database, uid: str, now: str) -> None:
    db.execute(
        "UPDATE resource_versions SET valid_to = ? WHERE resource_uid = ? AND valid_to IS NULL",
        [now, uid],
    )


def resources_at(db: Database, when: datetime) -> tuple[Resource, ...]:
    """Return the resources as they were at a time."""
    rows = db.query(
        "SELECT body FROM resource_versions JOIN contents USING (digest) "
        "WHERE valid_from <= :at AND (valid_to IS NULL OR valid_to > :at) ORDER BY resource_uid",
        {"at": stamp(when)},
    )
    return tuple(codec.loads(Resource, row["body"]) for row in rows)


def record_cards(
    db: Database, snapshot: Snapshot, cards: Sequence[Card], *, first: bool
) -> ScanResult:
    """Store findings; keep what people decided; mark as fixed what is gone and was looked at."""
    before = {row["uid"]: row for row in db.query("SELECT * FROM findings")}
    owners = _corrected_owners(db)
    cards = [_owned(card, owners) for card in cards]
    new, changed, reopened = [], [], []
    for card in cards:
        row = before.get(card.finding.uid)
        if row is None:
            new.append(card.finding.uid)
            write_card(db, card, first_seen=snapshot.taken_at, last_seen=snapshot.taken_at)
            continue
        status = _status(card.finding.status, row)
        if Status(row["status"]) is Status.FIXED:
            reopened.append(card.finding.uid)
        elif status is not Status(row["status"]) or _says_other(row, card):
            changed.append(card.finding.uid)
        _update(db, card, row, status, snapshot.taken_at)
    fixed = _close_absent(db, snapshot, before, {card.finding.uid for card in cards})
    return ScanResult(tuple(new), tuple(changed), fixed, tuple(reopened), is_baseline=first)


def owner_fact(resource_uid: str) -> str:
    """Return the key under which a corrected owner is kept."""
    return f"{_OWNER}{resource_uid}"


def _corrected_owners(db: Database) -> Mapping[str, str]:
    rows = db.query("SELECT key, value FROM facts WHERE key LIKE ?", [f"{_OWNER}%"])
    return {row["key"].removeprefix(_OWNER): row["value"] for row in rows}


def _owned(card: Card, owners: Mapping[str, str]) -> Card:
    owner = owners.get(card.finding.resource_uid)
    if owner is None:
        return card
    return replace(card, finding=replace(card.finding, owner=owner or None))


def _status(found: Status, row: Mapping[str, Any]) -> Status:
    stored = Status(row["status"])
    if stored in _KEPT:
        return stored
    if found is Status.UNKNOWN and stored is Status.OPEN:
        return Status.OPEN
    return found


def _says_other(row: Mapping[str, Any], card: Card) -> bool:
    before = codec.loads(Card, row["card"])
    return before.finding.evidence != card.finding.evidence


def _update(
    db: Database, card: Card, row: Mapping[str, Any], status: Status, now: datetime
) -> None:
    first_seen = datetime.fromisoformat(row["first_seen"])
    until = row["until"] if status in _KEPT else None
    kept = replace(card, finding=replace(card.finding, status=status))
    write_card(db, kept, first_seen=first_seen, last_seen=now, until=until)


def _close_absent(
    db: Database, snapshot: Snapshot, before: Mapping[str, Any], present: set[str]
) -> tuple[str, ...]:
    fixed = []
    for uid, row in before.items():
        if uid in present or Status(row["status"]) is Status.FIXED:
            continue
        card = codec.loads(Card, row["card"])
        if _undecided(snapshot.gaps, card.finding):
            continue
        closed = replace(card, finding=replace(card.finding, status=Status.FIXED))
        seen = datetime.fromisoformat(row["first_seen"])
        write_card(db, closed, first_seen=seen, last_seen=snapshot.taken_at)
        fixed.append(uid)
    return tuple(fixed)


def _undecided(gaps: Sequence[Gap], finding: Finding) -> bool:
    return any(gap.scope == finding.check_id for gap in gaps) or _hidden(
        gaps,
        uid=finding.resource_uid,
        resource_type=finding.resource_type,
        account=finding.account,
        region=finding.region,
    )


def _hidden(
    gaps: Sequence[Gap], *, uid: str, resource_type: str, account: str = "", region: str = ""
) -> bool:
    """Whether a gap may be why a resource was not seen."""
    for gap in gaps:
        if gap.resource_uid:
            if gap.resource_uid == uid or uid.startswith(gap.resource_uid + "|"):
                return True
            continue
        same_type = gap.resource_type == resource_type
        same_place = (not gap.account or not account or gap.account == account) and (
            not gap.region or not region or gap.region == region
        )
        if same_type and same_place:
            return True
    return False


def write_card(
    db: Database,
    card: Card,
    *,
    first_seen: datetime,
    last_seen: datetime,
    until: str | None = None,
) -> None:
    """Write a finding's row; the card in it carries the finding and its assessment."""
    finding = replace(card.finding, first_seen=first_seen, last_seen=last_seen)
    plain = replace(card, finding=finding, fix=None, plan=None, link=None, decisions=())
    db.execute(
        "INSERT OR REPLACE INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            finding.uid,
            finding.check_id,
            finding.resource_uid,
            finding.severity.value,
            finding.status.value,
            until,
            card.assessment.risk if card.assessment else None,
            finding.owner or "",
            int(finding.hygiene),
            codec.dumps(plain),
            stamp(first_seen),
            stamp(last_seen),
        ],
    )
