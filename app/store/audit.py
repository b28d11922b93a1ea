"""The audit chain: each record carries the digest of the one before it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.errors import AuditError
from core.identity import digest
from core.ports import AuditRecord

GENESIS = "0" * 64


def link(
    previous: AuditRecord | None, *, at: datetime, kind: str, actor: str, payload: Mapping[str, Any]
) -> AuditRecord:
    """Return the record that follows `previous`."""
    sequence = previous.sequence + 1 if previous else 1
    before = previous.digest if previous else GENESIS
    unsigned = AuditRecord(sequence, at, kind, actor, payload, before, digest="")
    return replace(unsigned, digest=_digest(unsigned))


def verify(records: Iterable[AuditRecord], *, anchors: Iterable[str] = ()) -> int:
    """Check the whole chain and that every anchored head is in it; return the number of records.

    Raises: AuditError naming the first record that does not hold, or an anchor that is missing
    (the chain was cut or rewritten after a commit had been signed over it).
    """
    before, count, seen = GENESIS, 0, {GENESIS}
    for record in records:
        count += 1
        if (
            record.sequence != count
            or record.previous != before
            or record.digest != _digest(record)
        ):
            raise AuditError(f"Audit record {count} does not follow from the one before it.")
        before = record.digest
        seen.add(before)
    missing = [anchor for anchor in anchors if anchor not in seen]
    if missing:
        raise AuditError(
            f"{len(missing)} signed commit(s) name an audit head that is not in the chain; "
            "records were removed or rewritten."
        )
    return count


def _digest(record: AuditRecord) -> str:
    facts = [record.sequence, record.at.isoformat(), record.kind, record.actor]
    return digest([*facts, record.payload, record.previous])
