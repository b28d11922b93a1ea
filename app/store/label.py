"""Labels, and the features that each is learned with: those of the finding as it then was."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.store import codec
from app.store.library import Database
from app.store.time import stamp
from core import alike
from core.opinion import OF
from core.ports import TakenBack
from core.types import Card, Decision, Finding, Label, LabelOrigin, Status

_MOVED = 0.01
"""A feature that moved by less than this share has not: ages grow with every scan, and a row a
finding and scan would be most of the file. The comparison is with what was stored last, so that
nothing stored is ever further off than this."""


def remember(db: Database, cards: Iterable[Card], *, at: datetime) -> None:
    """Keep the features of what was found at a time, where they changed since the last."""
    for card in cards:
        given = card.assessment.features if card.assessment else {}
        if given and card.finding.status is not Status.FIXED:
            uid = card.finding.uid
            last = next(db.query(_LAST, [uid]), None)
            if last is None or not _alike(given, json.loads(last["features"])):
                row = [uid, stamp(at), codec.dumps(given)]
                db.execute("INSERT OR REPLACE INTO feature_versions VALUES (?, ?, ?)", row)


_LAST = "SELECT features FROM feature_versions WHERE finding_uid = ? ORDER BY seen_at DESC LIMIT 1"


def _alike(given: Mapping[str, float], stored: Mapping[str, float]) -> bool:
    return given.keys() == stored.keys() and all(
        math.isclose(value, stored[name], rel_tol=_MOVED) for name, value in given.items()
    )


def labels(db: Database, *, include_simulated: bool) -> tuple[Label, ...]:
    """Return labels, oldest first, each with the features it is learned with and what it is about.

    A label that came without them is joined to what the last scan before it saw of its finding,
    and one that is older than that to the first that saw it; never to a later one, since that may
    tell what came of the decision. A label whose finding no scan has seen waits: it has none.
    """
    rows = db.query(_JOINED, {"left_out": None if include_simulated else LabelOrigin.SIMULATED})
    return tuple(_joined(row) for row in rows)


_TAGS = """(SELECT json_extract(contents.body, '$.tags') FROM resource_versions AS seen
    JOIN contents USING (digest) WHERE seen.resource_uid = {uid} ORDER BY valid_from DESC LIMIT 1)"""
_WHOLE = "substr(findings.resource_uid, 1, instr(findings.resource_uid || '|', '|') - 1)"
# A part has no tags of its own (`Resource.uid`); those of its whole say whose it is.
_JOINED = """
SELECT labels.body AS body, check_id, findings.resource_uid AS resource_uid, coalesce(
    (SELECT features FROM feature_versions AS seen WHERE seen.finding_uid = labels.finding_uid
        AND seen_at <= labelled_at ORDER BY seen_at DESC LIMIT 1),
    (SELECT features FROM feature_versions AS seen WHERE seen.finding_uid = labels.finding_uid
        ORDER BY seen_at LIMIT 1)) AS features,
    owner, (SELECT type FROM resource_versions AS seen
        WHERE seen.resource_uid = findings.resource_uid LIMIT 1) AS resource_type,
    coalesce(nullif({own}, '{{}}'), {whole}, '{{}}') AS tags
FROM labels LEFT JOIN findings ON findings.uid = labels.finding_uid
WHERE origin IS NOT :left_out ORDER BY labelled_at, labels.uid
""".format(own=_TAGS.format(uid="findings.resource_uid"), whole=_TAGS.format(uid=_WHOLE))  # noqa: S608  # only our own constants


def _joined(row: Mapping[str, Any]) -> Label:
    label = codec.loads(Label, row["body"])
    if row["check_id"] is None:
        return label
    label = replace(label, about=_about(row))
    if label.features or row["features"] is None:
        return label
    return replace(
        label,
        check_id=row["check_id"],
        resource_uid=row["resource_uid"],
        features=json.loads(row["features"]),
    )


def _about(row: Mapping[str, Any]) -> Mapping[str, str]:
    return alike.about(
        owner=row["owner"],
        resource_type=row["resource_type"] or "",
        tags=json.loads(row["tags"]),
    )


def like(
    db: Database,
    finding: Finding,
    *,
    before: datetime,
    include_simulated: bool,
    most: int,
) -> tuple[tuple[Label, str], ...]:
    """Return the newest labels before a time on other findings of this check or its surroundings.

    Those are of resources of the same type and owner. Each comes with the name of its resource, and
    without features.
    """
    rows = db.query(
        _LIKE,
        {
            "uid": finding.uid,
            "check_id": finding.check_id,
            "owner": finding.owner or "",
            "type": finding.resource_type,
            "before": stamp(before),
            "left_out": None if include_simulated else LabelOrigin.SIMULATED,
            "most": most,
        },
    )
    return tuple((_named(row), row["resource_name"] or "") for row in rows)


_LIKE = """
SELECT body, check_id, resource_uid, owner, resource_type, resource_name,
    coalesce(nullif({own}, '{{}}'), {whole}, '{{}}') AS tags FROM (
    SELECT labels.body AS body, check_id, resource_uid, owner, labelled_at,
        json_extract(card, '$.finding.resource_type') AS resource_type,
        json_extract(card, '$.finding.resource_name') AS resource_name
    FROM labels JOIN findings ON findings.uid = labels.finding_uid
    WHERE labels.finding_uid != :uid AND labelled_at < :before AND origin IS NOT :left_out
        AND json_extract(labels.body, '$.verdict') NOT IN ('fix_held', 'fix_harmed')
        AND (check_id = :check_id OR owner = :owner AND owner != ''
            AND json_extract(card, '$.finding.resource_type') = :type)
    ORDER BY labelled_at DESC LIMIT :most) AS findings
ORDER BY labelled_at
""".format(own=_TAGS.format(uid="findings.resource_uid"), whole=_TAGS.format(uid=_WHOLE))  # noqa: S608  # only our own constants


def _named(row: Mapping[str, Any]) -> Label:
    label = codec.loads(Label, row["body"])
    return replace(
        label,
        check_id=row["check_id"],
        resource_uid=row["resource_uid"],
        features={},
        about=_about(row),
    )


def seen_since(db: Database, since: datetime) -> tuple[tuple[str, dict[str, float]], ...]:
    """Return finding uid and features of each state that a finding was in since a time, oldest first.

    A state that began before and lasted counts.
    """
    rows = db.query(_SEEN, {"since": stamp(since)})
    return tuple((str(row["finding_uid"]), json.loads(row["features"])) for row in rows)


_SEEN = """
SELECT finding_uid, features FROM feature_versions AS seen
JOIN findings ON findings.uid = seen.finding_uid AND findings.last_seen >= :since
WHERE seen_at >= coalesce((SELECT max(seen_at) FROM feature_versions AS earlier
    WHERE earlier.finding_uid = seen.finding_uid AND earlier.seen_at <= :since), '')
ORDER BY finding_uid, seen_at
"""


def put(db: Database, label: Label) -> bool:
    """Write a label unless a newer one of that person stands; whether anything changed.

    An old export that is read in again does not take back what was said since, and an import does
    not write over what was said in Slack at the same time.
    """
    cursor = db.execute(
        "INSERT INTO labels VALUES (?, ?, ?, ?, ?) ON CONFLICT (uid) DO UPDATE SET "
        "origin = excluded.origin, labelled_at = excluded.labelled_at, body = excluded.body "
        "WHERE excluded.body != labels.body AND (excluded.labelled_at > labels.labelled_at "
        "OR excluded.labelled_at = labels.labelled_at AND excluded.origin = labels.origin)",
        [
            label.uid,
            label.finding_uid,
            label.origin.value,
            stamp(label.labelled_at),
            codec.dumps(label),
        ],
    )
    return bool(cursor.rowcount == 1)


def take_back(db: Database, decision: Decision) -> tuple[str, ...]:
    """Move what somebody said of a finding aside; return the uids of the labels, usually of one.

    They are kept, so that an old export that is read in again does not bring them back.
    """
    rows = db.query("SELECT body FROM labels WHERE finding_uid = ?", [decision.finding_uid])
    found = [codec.loads(Label, row["body"]) for row in rows]
    whose = decision.answers[OF]
    gone = [each for each in found if each.person == whose and each.verdict.is_of_finding]
    for label in gone:
        db.execute("DELETE FROM labels WHERE uid = ?", [label.uid])
        at, who = stamp(decision.decided_at), decision.person.key
        db.execute(
            "INSERT OR REPLACE INTO labels_taken_back VALUES (?, ?, ?, ?, ?)",
            [label.uid, at, who, decision.reason, codec.dumps(label)],
        )
    return tuple(label.uid for label in gone)


def taken_back(db: Database) -> tuple[TakenBack, ...]:
    """Return the labels that count no more, oldest first."""
    rows = db.query("SELECT * FROM labels_taken_back ORDER BY at, uid")
    return tuple(
        TakenBack(
            codec.loads(Label, row["body"]),
            datetime.fromisoformat(row["at"]),
            row["actor"],
            row["reason"],
        )
        for row in rows
    )


def gone_since(db: Database) -> Mapping[tuple[str, str], datetime]:
    """Return, by finding and person, when what they said was last taken back."""
    return {(e.label.finding_uid, e.label.person): e.at for e in taken_back(db)}
