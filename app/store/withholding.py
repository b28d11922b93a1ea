"""The findings that a risk model holds back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.store.library import Database
from app.store.time import stamp
from core.types import Withheld


def every(db: Database) -> tuple[Withheld, ...]:
    """Return what was ever held back, oldest first."""
    return tuple(map(_of, db.query("SELECT * FROM withheld ORDER BY since, finding_uid")))


def current(db: Database, uids: Sequence[str] | None) -> Mapping[str, Withheld]:
    """Return what is held back now, by finding: of these findings, or all."""
    which = "" if uids is None else f"AND finding_uid IN ({', '.join('?' for _ in uids)})"
    query = f"SELECT * FROM withheld WHERE released_at IS NULL {which}"  # noqa: S608  # ? signs
    return {row["finding_uid"]: _of(row) for row in db.query(query, list(uids or ()))}


def put(db: Database, held: Iterable[Withheld]) -> None:
    """Hold findings back; one that still is keeps its first time, and whether it was drawn."""
    for each in held:
        db.execute(
            "INSERT INTO withheld VALUES (?, ?, ?, ?, NULL, NULL) ON CONFLICT (finding_uid) "
            "DO UPDATE SET model = excluded.model, threshold = excluded.threshold, "
            "since = iif(released_at IS NULL, since, excluded.since), "
            "drawn_at = iif(released_at IS NULL, drawn_at, NULL), released_at = NULL",
            [each.finding_uid, stamp(each.since), each.model_version, each.threshold],
        )


def release(db: Database, uids: Iterable[str], *, at: datetime) -> None:
    """Let findings go; those that are not held back stay as they are."""
    query = "UPDATE withheld SET released_at = ? WHERE finding_uid = ? AND released_at IS NULL"
    for uid in uids:
        db.execute(query, [stamp(at), uid])


def mark_drawn(db: Database, uids: Iterable[str], *, at: datetime) -> None:
    """Mark findings that people are asked about."""
    for uid in uids:
        db.execute("UPDATE withheld SET drawn_at = ? WHERE finding_uid = ?", [stamp(at), uid])


def _of(row: Mapping[str, Any]) -> Withheld:
    def when(name: str) -> datetime | None:
        return datetime.fromisoformat(row[name]) if row[name] else None

    return Withheld(
        row["finding_uid"],
        datetime.fromisoformat(row["since"]),
        row["model"],
        row["threshold"],
        when("drawn_at"),
        when("released_at"),
    )
