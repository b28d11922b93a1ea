"""How plans of checks with several good fixes were received: read from what is on record anyway."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.store import codec
from app.store.library import Database
from app.store.time import stamp
from app.store.word import decisions
from core.opinion import standing
from core.proposal import Answer, Fate, Proposal, Reception
from core.quorum import PLUMBLINE
from core.trial import TrialState
from core.types import Decision, DecisionKind, FixState

_PLANS = """
SELECT p.digest, p.finding_uid, f.owner, json_extract(f.card, '$.environment') AS environment,
    json_extract(p.body, '$.check_id') AS check_id,
    json_extract(p.body, '$.alternative') AS alternative,
    json_extract(p.body, '$.alternatives') AS ways,
    json_extract(o.body, '$.shown') AS shown,
    x.state AS fix_state, x.updated_at AS fix_at, t.state AS trial_state
FROM plans p JOIN findings f ON f.uid = p.finding_uid
    LEFT JOIN proposals o ON o.finding_uid = p.finding_uid
    LEFT JOIN fixes x ON x.plan_digest = p.digest
    LEFT JOIN trials t ON t.plan_digest = p.digest
WHERE json_extract(p.body, '$.alternative') <> '' AND json_extract(p.body, '$.reverts') = ''
"""
_ANSWERS = {
    DecisionKind.APPROVE_FIX: Answer.APPROVED,
    DecisionKind.REJECT_FIX: Answer.REJECTED,
}
_FATES = {
    FixState.VERIFIED: Fate.HELD,
    FixState.REVERTING: Fate.UNDONE,
    FixState.REVERTED: Fate.UNDONE,
    FixState.WORSE: Fate.HARMED,
}


def receptions(db: Database, check_id: str) -> tuple[Reception, ...]:
    """Return how the plans of a check were received, or of every check; first planned first."""
    one = "AND json_extract(p.body, '$.check_id') = ?" if check_id else ""
    rows = db.query(f"{_PLANS} {one} ORDER BY p.rowid", [check_id] if check_id else [])
    return tuple(_reception(row, _answer(db, row)) for row in rows)


def _reception(row: Mapping[str, Any], answer: Decision | None) -> Reception:
    fate = _fate(row)
    return Reception(
        check_id=row["check_id"],
        finding_uid=row["finding_uid"],
        alternative=row["alternative"],
        first=row["shown"] or _usual(row["ways"]),
        team=row["owner"],
        environment=row["environment"] or "",
        answer=_ANSWERS[answer.kind] if answer else Answer.NONE,
        answered_at=answer.decided_at if answer else None,
        fate=fate,
        fate_at=datetime.fromisoformat(row["fix_at"]) if fate else None,
    )


def _answer(db: Database, row: Mapping[str, Any]) -> Decision | None:
    """Return what a person said last to a plan, and did not take back."""
    said = reversed(standing(decisions(db, row["finding_uid"])))
    to_it = (each for each in said if each.plan_digest == row["digest"])
    return next((d for d in to_it if d.kind in _ANSWERS and d.person.user != PLUMBLINE), None)


def _fate(row: Mapping[str, Any]) -> Fate:
    fate = _FATES.get(row["fix_state"], Fate.NONE)
    is_harm = fate is Fate.UNDONE and row["trial_state"] in (TrialState.FAILED, TrialState.WORSE)
    return Fate.HARMED if is_harm else fate


def _usual(ways: str) -> str:
    """Return which of a plan's alternatives goes first in the fixed order."""
    listed = json.loads(ways)
    fit = (each["name"] for each in listed if not each.get("refused"))
    return next(fit, listed[0]["name"] if listed else "")


def proposal(db: Database, finding_uid: str) -> Proposal | None:
    """Return the order in which the fixes of a finding are proposed, once it was drawn."""
    row = next(db.query("SELECT body FROM proposals WHERE finding_uid = ?", [finding_uid]), None)
    return codec.loads(Proposal, row["body"]) if row else None


def write(db: Database, drawn: Proposal) -> None:
    """Write the order in which the fixes of a finding are proposed."""
    db.execute(
        "INSERT INTO proposals VALUES (?, ?, ?)",
        [drawn.finding_uid, stamp(drawn.drawn_at), codec.dumps(drawn)],
    )
