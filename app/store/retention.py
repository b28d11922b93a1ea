"""Delete what served its purpose: deliveries seen long ago, messages sent, jobs finished.

What is still to be done, where messages stand, decisions, labels and the audit chain are other rows
and other tables, and stay.
"""

from datetime import datetime

from app.store.library import Database
from app.store.time import stamp
from core.ports import Retention

_DELIVERIES = "seen_at < :before"
_MESSAGES = "state IN ('sent', 'failed') AND next_at < :before"
_JOBS = "state IN ('done', 'failed') AND run_at < :before"


def prune(db: Database, *, kept: Retention, now: datetime, most: int) -> int:
    """Delete at most so many rows a table; return how many that were."""
    over = (
        ("deliveries", _DELIVERIES, now - kept.deliveries),
        ("outbox", _MESSAGES, now - kept.messages),
        ("jobs", _JOBS, now - kept.jobs),
    )
    return sum(
        db.execute(
            f"DELETE FROM {table} WHERE uid IN (SELECT uid FROM {table} WHERE {which} LIMIT :most)",  # noqa: S608  # all of it stands above
            {"before": stamp(before), "most": most},
        ).rowcount
        for table, which, before in over
    )
