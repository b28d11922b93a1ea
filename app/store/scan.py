"""Record what a scan saw: resource versions, findings, and what is gone."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.store import codec, label
from app.store.library import Database
from app.store.time import stamp
from app.store.word import decisions
from core.gap import is_undecided, may_be_hidden
from core.identity import sha256
from core.opinion import outcome
from core.ports import ScanResult
from core.types import UNKNOWN_KEY, Card, Changes, Finding, Resource, Snapshot, Status

_OWNER = "owner:"
DECIDED = (Status.SUPPRESSED, Status.ACCEPTED, Status.SNOOZED)


def record_resources(db: Database, snapshot: Snapshot) -> None:
    """Store each resource's content once, with the time from and until which it was so.

    Of a snapshot that is older than the last one recorded only the fact is stored.
    """
    now = stamp(snapshot.taken_at)
    newer = next(db.query("SELECT 1 FROM scans WHERE taken_at > ? LIMIT 1", [now]), None)
    db.execute(
        "INSERT OR REPLACE INTO scans (uid, taken_at, gaps, api_calls, coverage) "
        "VALUES (?, ?, ?, ?, ?)",
        [
            snapshot.uid,
            now,
            codec.dumps(snapshot.gaps),
            codec.dumps(snapshot.api_calls),
            codec.dumps(snapshot.coverage),
        ],
    )
    if newer is None:
        _record_versions(db, snapshot, now)


def _record_versions(db: Database, snapshot: Snapshot, now: str) -> None:
    rows = db.query("SELECT resource_uid, digest FROM resource_versions WHERE valid_to IS NULL")
    current = {row["resource_uid"]: row["digest"] for row in rows}
    for resource in snapshot.resources:
        body = codec.dumps(replace(resource, usage=()))
        content = sha256(body)
        before = current.pop(resource.uid, None)
        if before == content:
            continue
        db.execute("INSERT OR IGNORE INTO contents VALUES (?, ?)", [content, body])
        _end(db, resource.uid, now)
        db.execute(
            "INSERT INTO resource_versions VALUES (?, ?, ?, ?, NULL)",
            [resource.uid, resource.type, content, now],
        )
    unseen: set[str] = set()
    for uid in sorted(current):  # a resource comes before its parts
        row = next(db.query("SELECT body FROM contents WHERE digest = ?", [current[uid]]))
        absent = codec.loads(Resource, row["body"])
        if _whole(uid) in unseen or not _is_gone(snapshot, absent):
            unseen.add(uid)
        else:
            _end(db, uid, now)


def _is_gone(snapshot: Snapshot, absent: Resource) -> bool:
    """Whether a resource that a snapshot does not hold was looked for and is not there."""
    return snapshot.covers(absent.account, absent.region) and not may_be_hidden(
        snapshot.gaps,
        uid=absent.uid,
        resource_type=absent.type,
        account=absent.account,
        region=absent.region,
    )


def _whole(uid: str) -> str:
    """Return the resource that a part hangs on; itself for one that is no part."""
    return uid.partition("|")[0]


def _unseen(db: Database, snapshot: Snapshot) -> set[str]:
    """Return what a snapshot does not hold and is still thought to be there."""
    rows = db.query("SELECT resource_uid FROM resource_versions WHERE valid_to IS NULL")
    return {row["resource_uid"] for row in rows} - {each.uid for each in snapshot.resources}


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


def history(db: Database, uid: str) -> tuple[tuple[datetime, Resource], ...]:
    """Return every version of a resource with when it was first seen, oldest first."""
    query = (
        "SELECT valid_from, body FROM resource_versions JOIN contents USING (digest) "
        "WHERE resource_uid = ? ORDER BY valid_from"
    )
    return tuple(
        (datetime.fromisoformat(row["valid_from"]), codec.loads(Resource, row["body"]))
        for row in db.query(query, [uid])
    )


_CHANGED = """
WITH moved AS (
    SELECT DISTINCT resource_uid FROM resource_versions
    WHERE valid_from > :since AND valid_from <= :until
), versions AS (
    SELECT resource_uid, valid_from,
        json_extract(body, '$.properties') || coalesce(json_extract(body, '$.tags'), '') AS said
    FROM resource_versions JOIN moved USING (resource_uid) JOIN contents USING (digest)
    WHERE valid_from <= :until
), beside AS (
    SELECT resource_uid, valid_from, said,
        lag(said) OVER (PARTITION BY resource_uid ORDER BY valid_from) AS before
    FROM versions
)
SELECT resource_uid, valid_from FROM beside
WHERE valid_from > :since AND said <> before
    AND length(said) - length(replace(said, :unknown, ''))
        = length(before) - length(replace(before, :unknown, ''))
ORDER BY valid_from
"""  # a version in which more or less could be read is no change


def changes(db: Database, *, since: datetime, until: datetime) -> Changes:
    """Return when versions of this time differ from those before them in properties or tags."""
    bounds = {"since": stamp(since), "until": stamp(until)}
    seen: dict[str, list[datetime]] = defaultdict(list)
    for row in db.query(_CHANGED, {**bounds, "unknown": UNKNOWN_KEY}):
        seen[row["resource_uid"]].append(datetime.fromisoformat(row["valid_from"]))
    first = db.query(
        "SELECT resource_uid, min(valid_from) AS first FROM resource_versions "
        "WHERE valid_from <= ? GROUP BY resource_uid",
        [bounds["until"]],
    )
    return Changes(
        watched={row["resource_uid"]: datetime.fromisoformat(row["first"]) for row in first},
        seen={uid: tuple(times) for uid, times in seen.items()},
    )


def resource(db: Database, uid: str) -> Resource | None:
    """Return a resource as it was last seen, None when it is gone or never was."""
    query = (
        "SELECT body FROM resource_versions JOIN contents USING (digest) "
        "WHERE resource_uid = ? AND valid_to IS NULL"
    )
    row = next(db.query(query, [uid]), None)
    return codec.loads(Resource, row["body"]) if row else None


def record_cards(
    db: Database, snapshot: Snapshot, cards: Sequence[Card], *, first: bool
) -> ScanResult:
    """Store findings; keep what people decided; mark as fixed what is gone and was looked at.

    What was seen of a finding after this snapshot was taken is left as it is.
    """
    before = {row["uid"]: row for row in db.query("SELECT * FROM findings")}
    owners = _corrected_owners(db)
    said: dict[str, list[str]] = {"new": [], "changed": [], "reopened": [], "": []}
    for given in cards:
        card = _owned(given, owners)
        row = before.get(card.finding.uid)
        if row is None:
            said["new"].append(card.finding.uid)
            at, until = snapshot.taken_at, _exempt_until(card.finding)
            write_card(db, card, first_seen=at, last_seen=at, until=until)
        elif not _seen_since(row, snapshot):
            said[_update(db, card, row, snapshot.taken_at)].append(card.finding.uid)
    seen = [card for card in cards if not _seen_since(before.get(card.finding.uid), snapshot)]
    label.remember(db, seen, at=snapshot.taken_at)
    fixed = _close_absent(db, snapshot, before, {card.finding.uid for card in cards})
    return ScanResult(
        new=tuple(said["new"]),
        changed=tuple(said["changed"]),
        fixed=fixed,
        reopened=tuple(said["reopened"]),
        is_baseline=first,
    )


def _seen_since(row: Mapping[str, Any] | None, snapshot: Snapshot) -> bool:
    return row is not None and bool(row["last_seen"] > stamp(snapshot.taken_at))


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


def with_owner(db: Database, finding: Finding) -> Finding:
    """Return a finding with the owner that somebody named over the tags, where there is one."""
    query = "SELECT value FROM facts WHERE key = ?"
    row = next(db.query(query, [owner_fact(finding.resource_uid)]), None)
    return replace(finding, owner=row["value"] or None) if row else finding


def status_of(found: Status, row: Mapping[str, Any]) -> Status:
    """Return where a finding stands after it was looked at: what people decided is theirs."""
    stored = Status(row["status"])
    if found is Status.FIXED:
        return found
    if stored in DECIDED or found in DECIDED:
        return stored
    if found is Status.UNKNOWN and stored is Status.OPEN:
        return stored
    return found


def _standing(db: Database, uid: str, now: datetime) -> tuple[Status, str | None]:
    """Return what a finding that comes back is by what was decided, and until when."""
    status, until = outcome(decisions(db, uid), now=now)
    return status, stamp(until) if until else None


def _update(db: Database, card: Card, row: Mapping[str, Any], now: datetime) -> str:
    """Write what a scan saw of a known finding; return what it is: new, reopened, changed."""
    stored, until = Status(row["status"]), row["until"]
    status = status_of(card.finding.status, row)
    was_exempt = _was_exempt(row)
    if card.finding.exemption and stored not in (Status.SUPPRESSED, Status.SNOOZED):
        status, until = card.finding.status, _exempt_until(card.finding)
    elif was_exempt or (stored is Status.FIXED and status is Status.OPEN):
        status, until = _standing(db, card.finding.uid, now)
    kept = replace(card, finding=replace(card.finding, status=status))
    write_card(
        db,
        kept,
        first_seen=datetime.fromisoformat(row["first_seen"]),
        last_seen=now,
        until=until if status in DECIDED else None,
    )
    if status is Status.OPEN and (was_exempt or stored is Status.FIXED):
        return "reopened"
    if status is Status.OPEN and stored is Status.UNKNOWN:
        return "new"  # now it is known to be one
    return "changed" if status is not stored or _says_other(row, card) else ""


def _exempt_until(finding: Finding) -> str | None:
    exemption = finding.exemption
    return stamp(exemption.until) if exemption and exemption.until else None


def _was_exempt(row: Mapping[str, Any]) -> bool:
    """Whether a finding was accepted by an exception, which no longer covers it."""
    accepted = Status(row["status"]) is Status.ACCEPTED
    return accepted and bool(json.loads(row["card"])["finding"].get("exemption"))


def _says_other(row: Mapping[str, Any], card: Card) -> bool:
    before = json.loads(row["card"])["finding"]["evidence"]
    return bool(before != json.loads(codec.dumps(card.finding.evidence)))


def _close_absent(
    db: Database, snapshot: Snapshot, before: Mapping[str, Any], present: set[str]
) -> tuple[str, ...]:
    fixed, unseen = [], _unseen(db, snapshot)
    for uid, row in before.items():
        if uid in present or Status(row["status"]) is Status.FIXED or _seen_since(row, snapshot):
            continue
        card = codec.loads(Card, row["card"])
        if is_undecided(snapshot.gaps, card.finding):
            continue
        if not snapshot.covers(card.finding.account, card.finding.region):
            continue
        if {card.finding.resource_uid, _whole(card.finding.resource_uid)} & unseen:
            continue  # the list that would hold it failed, or that of what it is a part of
        closed = replace(card, finding=replace(card.finding, status=Status.FIXED))
        seen = datetime.fromisoformat(row["first_seen"])
        write_card(db, closed, first_seen=seen, last_seen=snapshot.taken_at)
        fixed.append(uid)
    return tuple(fixed)


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
    alone = replace(card, finding=finding, fix=None, plan=None, link=None)
    plain = replace(alone, decisions=(), withheld=None)
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
