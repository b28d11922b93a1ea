"""What waits in the store: jobs, deliveries that came in, messages that go out."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from app.store import job as jobs
from app.store import outbox
from app.store.connection import Connections
from app.store.job import enqueue
from app.store.library import Database
from app.store.time import stamp
from core.ports import Job, MessageRef, OutboxMessage


class Queues:
    """The part of the store that other processes wait for; every method is one transaction."""

    def __init__(
        self,
        connections: Connections,
        *,
        clock: Callable[[], datetime],
        wake: Callable[[], None],
    ) -> None:
        self._connections = connections
        self._clock = clock
        self.wake = wake

    @property
    def _db(self) -> Database:
        return self._connections.db

    # ── jobs ──────────────────────────────────────────────────────────────────

    def enqueue(
        self, kind: str, key: str, payload: Mapping[str, Any], *, run_at: datetime | None = None
    ) -> str:
        """Add a job unless one of the same kind and key waits already; return its uid."""
        job = Job(uuid.uuid4().hex, kind, key, payload, attempts=0)
        now = self._clock()
        with self._connections.transaction() as db:
            uid = enqueue(db, job, run_at=run_at or now, now=now)
        self.wake()
        return uid

    def claim_job(self, *, lease_s: float) -> Job | None:
        """Take the next due job, or one whose worker died; at most one at a time of kind and key."""
        with self._connections.transaction() as db:
            return jobs.claim(db, now=self._clock(), lease_s=lease_s)

    def claim_now(self, kind: str, key: str, *, lease_s: float) -> Job | None:
        """Take this one job, due or not; None where there is none or somebody is at it."""
        with self._connections.transaction() as db:
            return jobs.claim(db, now=self._clock(), lease_s=lease_s, kind=kind, key=key)

    def extend_job(self, job: Job, *, lease_s: float) -> bool:
        """Lengthen the lease of a job that is being done; False when another worker has it."""
        until = self._clock() + timedelta(seconds=lease_s)
        with self._connections.transaction() as db:
            return jobs.extend(db, job, until=until)

    def finish_job(self, uid: str, *, error: str = "", retry_at: datetime | None = None) -> None:
        """Mark a job done or failed, or queue it again for `retry_at`."""
        with self._connections.transaction() as db:
            jobs.finish(db, uid, error=error, retry_at=retry_at)

    def next_due(self) -> datetime | None:
        """Return when the next queued job or message is due."""
        return jobs.next_due(self._db)

    def release_jobs(self) -> int:
        """Give back every lease; called once when the only worker starts after a crash."""
        with self._connections.transaction() as db:
            return jobs.release(db, now=self._clock())

    def jobs_with_token(self) -> tuple[Job, ...]:
        """List unfinished jobs that somebody elsewhere waits for."""
        return jobs.with_token(self._db)

    def drop_job(self, uid: str, *, error: str) -> None:
        """Give up a job that has not begun; one that is being done goes on."""
        with self._connections.transaction() as db:
            jobs.drop(db, uid, error=error)

    def failed_jobs(self) -> tuple[Mapping[str, str], ...]:
        """List jobs that gave up, newest first."""
        return jobs.failed(self._db)

    # ── Slack: what came in, what goes out, where it stands ───────────────────

    def first_delivery(self, delivery: str) -> bool:
        """Whether this delivery is seen for the first time; remembers it."""
        with self._connections.transaction() as db:
            cursor = db.execute(
                "INSERT OR IGNORE INTO deliveries VALUES (?, ?)", [delivery, stamp(self._clock())]
            )
        return bool(cursor.rowcount == 1)

    def queue_message(self, message: OutboxMessage) -> None:
        """Put a message on its way out, once."""
        with self._connections.transaction() as db:
            outbox.put(db, message, now=self._clock())
        self.wake()

    def next_message(self, *, lease_s: float) -> OutboxMessage | None:
        """Take the next due message; messages of one channel leave in order."""
        with self._connections.transaction() as db:
            return outbox.take(db, now=self._clock(), lease_s=lease_s)

    def waiting_messages(self) -> int:
        """Count the messages that are queued or on their way."""
        return outbox.waiting(self._db)

    def message_sent(self, uid: str, *, ts: str) -> None:
        """Record that a message stands in Slack, and where its subject's message is."""
        with self._connections.transaction() as db:
            outbox.sent(db, uid, ts=ts)

    def message_failed(self, uid: str, *, error: str, retry_at: datetime | None) -> None:
        """Record a failure: try again at `retry_at`, or give up."""
        with self._connections.transaction() as db:
            outbox.failed(db, uid, error=error, retry_at=retry_at, now=self._clock())

    def message_ref(self, subject: str) -> MessageRef | None:
        """Return where a subject's message stands."""
        return outbox.ref(self._db, subject)

    def posted(self) -> frozenset[str]:
        """Return every subject whose message stands in Slack."""
        return outbox.posted(self._db)

    def subject_of(self, channel: str, ts: str) -> str | None:
        """Return the subject of a message."""
        return outbox.subject_of(self._db, channel, ts)
