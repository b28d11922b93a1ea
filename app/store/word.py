"""Decisions as they are stored."""

from app.store import codec
from app.store.library import Database
from app.store.time import stamp
from core.types import Decision


def decisions(db: Database, finding_uid: str = "") -> tuple[Decision, ...]:
    """Return decisions, oldest first: of one finding, or all."""
    where = "WHERE finding_uid = ?" if finding_uid else ""
    rows = db.query(
        f"SELECT body FROM decisions {where} ORDER BY decided_at, rowid",  # noqa: S608  # no outside text
        [finding_uid] if finding_uid else [],
    )
    return tuple(codec.loads(Decision, row["body"]) for row in rows)


def write(db: Database, decision: Decision) -> None:
    """Add a decision to the record."""
    db.execute(
        "INSERT INTO decisions VALUES (?, ?, ?, ?, ?)",
        [
            decision.uid,
            decision.finding_uid,
            decision.kind.value,
            stamp(decision.decided_at),
            codec.dumps(decision),
        ],
    )
