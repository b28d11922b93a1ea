"""The table of the audit chain."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from app.store import audit, codec
from app.store.library import Database
from core.ports import AuditRecord


def append(
    db: Database, kind: str, actor: str, payload: Mapping[str, Any], *, at: datetime
) -> AuditRecord:
    """Write the record that follows the last one. Belongs inside a transaction."""
    last = next(db.query("SELECT * FROM audit ORDER BY sequence DESC LIMIT 1"), None)
    record = audit.link(
        _record(last) if last else None,
        at=at.astimezone(UTC),
        kind=kind,
        actor=actor,
        payload=payload,
    )
    db.execute(
        "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            record.sequence,
            record.at.isoformat(),
            kind,
            actor,
            codec.dumps(payload),
            record.previous,
            record.digest,
        ],
    )
    return record


def head(db: Database) -> str:
    """Return the digest of the last record."""
    last = next(db.query("SELECT digest FROM audit ORDER BY sequence DESC LIMIT 1"), None)
    return str(last["digest"]) if last else audit.GENESIS


def records(db: Database) -> Iterator[AuditRecord]:
    """Yield the chain from its start."""
    return map(_record, db.query("SELECT * FROM audit ORDER BY sequence"))


def _record(row: Mapping[str, Any]) -> AuditRecord:
    return AuditRecord(
        sequence=row["sequence"],
        at=datetime.fromisoformat(row["at"]),
        kind=row["kind"],
        actor=row["actor"],
        payload=json.loads(row["payload"]),
        previous=row["previous"],
        digest=row["digest"],
    )
