"""The tables of messages: what is on its way out, and where what was sent stands."""

import json
from datetime import datetime, timedelta

from app.store import codec
from app.store.library import Database
from app.store.time import stamp
from core.ports import MessageRef, OutboxMessage


def put(db: Database, message: OutboxMessage, *, now: datetime) -> None:
    """Put a message on its way out, once."""
    db.execute(
        "INSERT OR IGNORE INTO outbox (uid, channel, method, body, subject, state, next_at) "
        "VALUES (?, ?, ?, ?, ?, 'queued', ?)",
        [
            message.uid,
            message.channel,
            message.method,
            codec.dumps(message.body),
            message.subject,
            stamp(now),
        ],
    )


def take(db: Database, *, now: datetime, lease_s: float) -> OutboxMessage | None:
    """Take the next due message; messages of one channel leave in order."""
    query = (
        "SELECT * FROM outbox AS m WHERE state IN ('queued', 'sending') AND next_at <= :now "
        "AND (lease_until IS NULL OR lease_until <= :now) AND NOT EXISTS (SELECT 1 FROM outbox "
        "AS e WHERE e.channel = m.channel AND e.sequence < m.sequence "
        "AND e.state IN ('queued', 'sending')) ORDER BY sequence LIMIT 1"
    )
    row = next(db.query(query, {"now": stamp(now)}), None)
    if row is None:
        return None
    db.execute(
        "UPDATE outbox SET state = 'sending', attempts = attempts + 1, lease_until = ? "
        "WHERE uid = ?",
        [stamp(now + timedelta(seconds=lease_s)), row["uid"]],
    )
    return OutboxMessage(
        row["uid"],
        row["channel"],
        row["method"],
        json.loads(row["body"]),
        row["attempts"] + 1,
        row["subject"],
    )


def waiting(db: Database) -> int:
    """Count the messages that are queued or on their way."""
    query = "SELECT count(*) AS n FROM outbox WHERE state IN ('queued', 'sending')"
    return int(next(db.query(query))["n"])


def sent(db: Database, uid: str, *, ts: str) -> None:
    """Record that a message stands in Slack, and where its subject's message is."""
    db.execute("UPDATE outbox SET state = 'sent', ts = ? WHERE uid = ?", [ts, uid])
    row = next(db.query("SELECT channel, method, subject FROM outbox WHERE uid = ?", [uid]))
    if row["subject"] and row["method"] == "chat.postMessage":
        db.execute(
            "INSERT OR IGNORE INTO messages VALUES (?, ?, ?)", [row["subject"], row["channel"], ts]
        )


def failed(db: Database, uid: str, *, error: str, retry_at: datetime | None, now: datetime) -> None:
    """Record a failure: try again at `retry_at`, or give up."""
    db.execute(
        "UPDATE outbox SET state = ?, error = ?, next_at = ?, lease_until = NULL WHERE uid = ?",
        ["queued" if retry_at else "failed", error, stamp(retry_at or now), uid],
    )


def ref(db: Database, subject: str) -> MessageRef | None:
    """Return where a subject's message stands."""
    row = next(db.query("SELECT * FROM messages WHERE subject = ?", [subject]), None)
    return MessageRef(row["subject"], row["channel"], row["ts"]) if row else None


def posted(db: Database) -> frozenset[str]:
    """Return the subjects whose message stands in Slack."""
    return frozenset(row["subject"] for row in db.query("SELECT subject FROM messages"))


def subject_of(db: Database, channel: str, ts: str) -> str | None:
    """Return the subject of a message."""
    query = "SELECT subject FROM messages WHERE channel = ? AND ts = ?"
    row = next(db.query(query, [channel, ts]), None)
    return str(row["subject"]) if row else None
