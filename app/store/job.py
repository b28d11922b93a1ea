"""The table of jobs: each waits, runs under a lease, and is done or has failed."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from app.store import codec
from app.store.library import Database
from app.store.time import stamp
from core.ports import Job

ALONE = ("scan", "retrain", "execute")
"""Kinds of which one runs at a time whatever its key: two at once would undo each other's work, or
open two pull requests where the gates leave room for one."""


def enqueue(db: Database, job: Job, *, run_at: datetime, now: datetime) -> str:
    """Add a job unless one of the same kind and key waits already; return its uid.

    One that waits for later is done at the earlier time.
    """
    query = "SELECT uid FROM jobs WHERE kind = ? AND key = ? AND state = 'queued'"
    row = next(db.query(query, [job.kind, job.key]), None)
    if row:
        db.execute(
            "UPDATE jobs SET run_at = min(run_at, ?) WHERE uid = ?", [stamp(run_at), row["uid"]]
        )
        return str(row["uid"])
    db.execute(
        "INSERT INTO jobs (uid, kind, key, payload, state, run_at, created_at) "
        "VALUES (?, ?, ?, ?, 'queued', ?, ?)",
        [job.uid, job.kind, job.key, codec.dumps(job.payload), stamp(run_at), stamp(now)],
    )
    return job.uid


def claim(
    db: Database, *, now: datetime, lease_s: float, kind: str = "", key: str = ""
) -> Job | None:
    """Take the next due job, or one whose worker died; with `kind` and `key` that one, due or not."""
    query = (
        "SELECT * FROM jobs AS j WHERE ((state = 'running' AND lease_until <= :now) OR "
        "(state = 'queued' AND (run_at <= :now OR :kind != ''))) AND NOT EXISTS ("
        "SELECT 1 FROM jobs AS r WHERE r.state = 'running' AND r.kind = j.kind "
        "AND (r.key = j.key OR r.kind IN (SELECT value FROM json_each(:alone))) "
        "AND r.lease_until > :now) AND (:kind = '' OR (j.kind = :kind AND j.key = :key)) "
        "ORDER BY run_at, created_at, uid LIMIT 1"
    )
    given = {"now": stamp(now), "alone": json.dumps(ALONE), "kind": kind, "key": key}
    row = next(db.query(query, given), None)
    if row is None:
        return None
    db.execute(
        "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = ? WHERE uid = ?",
        [stamp(now + timedelta(seconds=lease_s)), row["uid"]],
    )
    payload = json.loads(row["payload"])
    return Job(row["uid"], row["kind"], row["key"], payload, row["attempts"] + 1)


def extend(db: Database, job: Job, *, until: datetime) -> bool:
    """Lengthen the lease of a job that is still being done; False when another took it over."""
    cursor = db.execute(
        "UPDATE jobs SET lease_until = ? WHERE uid = ? AND state = 'running' AND attempts = ?",
        [stamp(until), job.uid, job.attempts],
    )
    return bool(cursor.rowcount == 1)


def finish(db: Database, uid: str, *, error: str, retry_at: datetime | None) -> None:
    """Mark a job done or failed, or queue it again for `retry_at`."""
    if retry_at is None:
        state = "failed" if error else "done"
        db.execute("UPDATE jobs SET state = ?, error = ? WHERE uid = ?", [state, error, uid])
        return
    row = next(db.query("SELECT kind, key FROM jobs WHERE uid = ?", [uid]))
    twin = "SELECT 1 FROM jobs WHERE kind = ? AND key = ? AND state = 'queued'"
    state = "done" if next(db.query(twin, [row["kind"], row["key"]]), None) else "queued"
    db.execute(
        "UPDATE jobs SET state = ?, error = ?, run_at = ?, lease_until = NULL WHERE uid = ?",
        [state, error, stamp(retry_at), uid],
    )


def next_due(db: Database) -> datetime | None:
    """Return when the next queued job or message is due."""
    query = (
        "SELECT min(at) AS at FROM (SELECT min(run_at) AS at FROM jobs WHERE state = 'queued' "
        "UNION ALL SELECT min(next_at) FROM outbox WHERE state = 'queued')"
    )
    at = next(db.query(query))["at"]
    return datetime.fromisoformat(at) if at else None


def release(db: Database, *, now: datetime) -> int:
    """Give back every lease; return how many jobs had one."""
    db.execute("UPDATE outbox SET lease_until = NULL WHERE state = 'sending'")
    cursor = db.execute("UPDATE jobs SET lease_until = ? WHERE state = 'running'", [stamp(now)])
    return int(cursor.rowcount)


def with_token(db: Database) -> tuple[Job, ...]:
    """List unfinished jobs that somebody elsewhere waits for, under a token in their payload."""
    query = (
        "SELECT * FROM jobs WHERE state IN ('queued', 'running') "
        "AND json_extract(payload, '$.token') IS NOT NULL ORDER BY created_at, uid"
    )
    return tuple(
        Job(row["uid"], row["kind"], row["key"], json.loads(row["payload"]), row["attempts"])
        for row in db.query(query)
    )


def drop(db: Database, uid: str, *, error: str) -> None:
    """Give up a job that has not begun."""
    query = "UPDATE jobs SET state = 'failed', error = ? WHERE uid = ? AND state = 'queued'"
    db.execute(query, [error, uid])


def failed(db: Database) -> tuple[Mapping[str, str], ...]:
    """List jobs that gave up, newest first."""
    query = (
        "SELECT kind, key, error FROM jobs WHERE state = 'failed' ORDER BY created_at DESC LIMIT 50"
    )
    return tuple(db.query(query))
