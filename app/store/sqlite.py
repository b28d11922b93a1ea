"""The embedded store. Every public method is one transaction."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.store import audit, codec, scan
from app.store.connection import Connections
from app.store.library import Database
from app.store.time import stamp
from core.decide import APPROVED_STATES, status_after
from core.errors import AlreadyDecided, NotFound, StalePlan
from core.ports import AuditRecord, Job, MessageRef, OutboxMessage, ScanResult
from core.types import (
    Card,
    Decision,
    DecisionKind,
    Fix,
    FixPlan,
    FixState,
    Gap,
    Label,
    LabelOrigin,
    Link,
    ModelCard,
    Snapshot,
    Status,
)

_CLOSING = (
    DecisionKind.FALSE_POSITIVE,
    DecisionKind.NOT_APPLICABLE,
    DecisionKind.ACCEPT_RISK,
    DecisionKind.SNOOZE,
)


def _nothing() -> None:
    """Wake nobody."""


class SqliteStore:
    """Implements `core.ports.Store` in one SQLite file.

    `wake` is called after work was queued, so that a worker need not poll.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        wake: Callable[[], None] = _nothing,
    ) -> None:
        self._connections = Connections(path)
        self._clock = clock
        self.wake = wake

    @property
    def _db(self) -> Database:
        return self._connections.db

    def close(self) -> None:
        """Close this thread's connection."""
        self._connections.close()

    # ── scans and findings ────────────────────────────────────────────────────

    def record_scan(self, snapshot: Snapshot, cards: Sequence[Card]) -> ScanResult:
        """Store resource versions, findings and assessments; close what is gone."""
        with self._connections.transaction() as db:
            first = next(db.query("SELECT 1 FROM scans LIMIT 1"), None) is None
            self._expire(db)
            scan.record_resources(db, snapshot)
            result = scan.record_cards(db, snapshot, cards, first=first)
            self._append(
                db,
                "scan",
                "plumbline",
                {
                    "scan": snapshot.uid,
                    "resources": len(snapshot.resources),
                    "findings": len(cards),
                    "gaps": len(snapshot.gaps),
                },
            )
        return result

    def latest_snapshot(self) -> Snapshot | None:
        """Return the last stored snapshot."""
        return self._snapshot("SELECT * FROM scans ORDER BY taken_at DESC LIMIT 1", [])

    def snapshot_at(self, when: datetime) -> Snapshot | None:
        """Return the last snapshot taken at or before a time."""
        query = "SELECT * FROM scans WHERE taken_at <= ? ORDER BY taken_at DESC LIMIT 1"
        return self._snapshot(query, [stamp(when)])

    def _snapshot(self, query: str, parameters: list[str]) -> Snapshot | None:
        row = next(self._db.query(query, parameters), None)
        if row is None:
            return None
        taken_at = datetime.fromisoformat(row["taken_at"])
        return Snapshot(
            uid=row["uid"],
            taken_at=taken_at,
            resources=scan.resources_at(self._db, taken_at),
            gaps=tuple(codec.loads(Gap, json.dumps(gap)) for gap in json.loads(row["gaps"])),
            api_calls=json.loads(row["api_calls"]),
        )

    def card(self, finding_uid: str) -> Card:
        """Return a finding with its assessment, fix, plan, link and decisions."""
        self._expire(self._db)
        row = next(self._db.query("SELECT * FROM findings WHERE uid = ?", [finding_uid]), None)
        if row is None:
            raise NotFound(f"There is no finding {finding_uid[:24]}.")
        return self._full_card(row)

    def _full_card(self, row: Mapping[str, Any]) -> Card:
        card = codec.loads(Card, row["card"])
        fixes = self._db.query(
            "SELECT body FROM fixes WHERE finding_uid = ? ORDER BY updated_at DESC LIMIT 1",
            [row["uid"]],
        )
        fix = next((codec.loads(Fix, each["body"]) for each in fixes), None)
        owned = self._db.execute(
            "SELECT count(*) FROM findings WHERE owner = ? AND status = 'open' AND NOT hygiene",
            [row["owner"]],
        ).fetchone()[0]
        return replace(
            card,
            fix=fix,
            plan=self.current_plan(row["uid"]),
            link=self.link(row["resource_uid"]),
            decisions=self.decisions(row["uid"]),
            open_for_owner=owned,
        )

    def cards(
        self, *, statuses: Sequence[str] = ("open",), limit: int = 100, owner: str = ""
    ) -> tuple[Card, ...]:
        """List cards, riskiest first."""
        self._expire(self._db)
        marks = ", ".join("?" for _ in statuses)
        clause = "AND owner = ?" if owner else ""
        rows = list(
            self._db.query(
                f"SELECT * FROM findings WHERE status IN ({marks}) {clause} "  # noqa: S608  # marks are ? signs
                "ORDER BY risk DESC, uid LIMIT ?",
                [*statuses, *([owner] if owner else []), limit],
            )
        )
        return tuple(self._full_card(row) for row in rows)

    def find_finding(self, prefix: str) -> str:
        """Resolve a uid or a unique prefix of at least four characters."""
        if len(prefix) < 4 or not prefix.isalnum():
            raise NotFound("Name a finding by at least four characters of its id.")
        rows = list(
            self._db.query(
                "SELECT uid FROM findings WHERE uid LIKE ? LIMIT 2", [f"{prefix.lower()}%"]
            )
        )
        if not rows:
            raise NotFound(f"There is no finding {prefix[:24]}.")
        if len(rows) > 1:
            raise NotFound(f"More than one finding begins with {prefix}; give more characters.")
        return str(rows[0]["uid"])

    def save_card(self, card: Card) -> None:
        """Write a finding's present state, keeping when it was first seen."""
        with self._connections.transaction() as db:
            uid = card.finding.uid
            row = next(
                db.query("SELECT first_seen, until FROM findings WHERE uid = ?", [uid]), None
            )
            now = self._clock()
            first_seen = datetime.fromisoformat(row["first_seen"]) if row else now
            until = row["until"] if row else None
            scan.write_card(db, card, first_seen=first_seen, last_seen=now, until=until)

    def counts(self) -> Mapping[str, int]:
        """Count findings by status, and open ones by severity (`open.high`, hygiene apart)."""
        self._expire(self._db)
        rows = list(
            self._db.query(
                "SELECT status, severity, hygiene, count(*) AS n FROM findings GROUP BY 1, 2, 3"
            )
        )
        totals: dict[str, int] = {}
        for row in rows:
            keys = [row["status"]]
            if row["status"] == Status.OPEN:
                keys.append("open.hygiene" if row["hygiene"] else f"open.{row['severity']}")
            for key in keys:
                totals[key] = totals.get(key, 0) + row["n"]
        return totals

    def _expire(self, db: Database) -> None:
        now = stamp(self._clock())
        query = "SELECT * FROM findings WHERE status IN ('snoozed', 'accepted') AND until <= ?"
        if not (rows := list(db.query(query, [now]))):
            return
        with self._connections.transaction():
            for row in rows:
                card = codec.loads(Card, row["card"])
                self._set_status(db, card, Status.OPEN, until=None)

    def _set_status(self, db: Database, card: Card, status: Status, *, until: str | None) -> None:
        finding = replace(card.finding, status=status)
        now = self._clock()
        scan.write_card(
            db,
            replace(card, finding=finding),
            first_seen=finding.first_seen or now,
            last_seen=finding.last_seen or now,
            until=until,
        )

    # ── links between live resources and code ─────────────────────────────────

    def replace_links(self, links: Sequence[Link]) -> None:
        """Replace what is known of which code declares which resource."""
        with self._connections.transaction() as db:
            db.execute("DELETE FROM links")
            for link in links:
                db.execute(
                    "INSERT OR REPLACE INTO links VALUES (?, ?)", [link.live_uid, codec.dumps(link)]
                )

    def links(self) -> tuple[Link, ...]:
        """Return every link."""
        rows = self._db.query("SELECT body FROM links ORDER BY live_uid")
        return tuple(codec.loads(Link, row["body"]) for row in rows)

    def link(self, live_uid: str) -> Link | None:
        """Return the link of a live resource; a part is linked as its parent is."""
        for uid in (live_uid, live_uid.partition("|")[0]):
            row = next(self._db.query("SELECT body FROM links WHERE live_uid = ?", [uid]), None)
            if row:
                return codec.loads(Link, row["body"])
        return None

    # ── plans, decisions, fixes ───────────────────────────────────────────────

    def save_plan(self, plan: FixPlan) -> None:
        """Store a plan and make it the finding's current one."""
        with self._connections.transaction() as db:
            db.execute("UPDATE plans SET is_current = 0 WHERE finding_uid = ?", [plan.finding_uid])
            db.execute(
                "INSERT OR REPLACE INTO plans VALUES (?, ?, 1, ?)",
                [plan.digest, plan.finding_uid, codec.dumps(plan)],
            )

    def plan(self, digest: str) -> FixPlan:
        """Return a plan by its digest."""
        row = next(self._db.query("SELECT body FROM plans WHERE digest = ?", [digest]), None)
        if row is None:
            raise NotFound(f"There is no plan {digest[:12]}.")
        return codec.loads(FixPlan, row["body"])

    def current_plan(self, finding_uid: str) -> FixPlan | None:
        """Return the plan in force for a finding."""
        query = "SELECT body FROM plans WHERE finding_uid = ? AND is_current"
        row = next(self._db.query(query, [finding_uid]), None)
        return codec.loads(FixPlan, row["body"]) if row else None

    def decide(self, decision: Decision, *, label: Label | None, jobs: Sequence[Job]) -> None:
        """Record a decision, its label and its jobs, all or nothing."""
        with self._connections.transaction() as db:
            if decision.kind is DecisionKind.APPROVE_FIX:
                self._approve(db, decision)
            if decision.kind is DecisionKind.NOT_MINE:
                self._correct_owner(db, decision)
            if decision.kind in _CLOSING:
                row = next(
                    db.query("SELECT card FROM findings WHERE uid = ?", [decision.finding_uid])
                )
                card = codec.loads(Card, row["card"])
                until = stamp(decision.until) if decision.until else None
                self._set_status(
                    db, card, status_after(decision.kind, card.finding.status), until=until
                )
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
            if label:
                self._put_label(db, label)
            for job in jobs:
                self._enqueue(db, job, self._clock())
            payload = {
                "finding": decision.finding_uid,
                "decision": decision.kind.value,
                "plan": decision.plan_digest,
                "reason": decision.reason,
            }
            self._append(db, "decision", decision.person.key, payload)
        self.wake()

    def _correct_owner(self, db: Database, decision: Decision) -> None:
        """Remember who owns the resource, over what its tags say, for this and later scans."""
        owner = decision.answers.get("owner", "").strip()
        row = next(db.query("SELECT card FROM findings WHERE uid = ?", [decision.finding_uid]))
        card = codec.loads(Card, row["card"])
        db.execute(
            "INSERT OR REPLACE INTO facts VALUES (?, ?)",
            [scan.owner_fact(card.finding.resource_uid), owner],
        )
        corrected = replace(card, finding=replace(card.finding, owner=owner or None))
        self._set_status(db, corrected, card.finding.status, until=None)

    def _approve(self, db: Database, decision: Decision) -> None:
        plan = self.current_plan(decision.finding_uid)
        if plan is None or plan.digest != decision.plan_digest:
            raise StalePlan("The plan changed since you saw it. Open Review fix again.")
        if plan.valid_until <= decision.decided_at:
            raise StalePlan("The plan has expired. Open Review fix again for a fresh one.")
        states = [state.value for state in APPROVED_STATES]
        marks = ", ".join("?" for _ in states)
        taken = next(
            db.query(
                f"SELECT 1 FROM fixes WHERE finding_uid = ? AND plan_digest = ? AND state IN ({marks})",  # noqa: S608  # marks are ? signs
                [decision.finding_uid, plan.digest, *states],
            ),
            None,
        )
        if taken:
            raise AlreadyDecided("Somebody approved this fix before you; nothing more is needed.")
        self._write_fix(
            db, Fix(plan.digest, decision.finding_uid, FixState.APPROVED, decision.decided_at)
        )

    def decisions(self, finding_uid: str = "") -> tuple[Decision, ...]:
        """Return decisions, oldest first: of one finding, or all."""
        where = "WHERE finding_uid = ?" if finding_uid else ""
        rows = self._db.query(
            f"SELECT body FROM decisions {where} ORDER BY decided_at",  # noqa: S608  # no outside text
            [finding_uid] if finding_uid else [],
        )
        return tuple(codec.loads(Decision, row["body"]) for row in rows)

    def save_fix(self, fix: Fix) -> None:
        """Write where a fix stands and record it in the audit chain."""
        with self._connections.transaction() as db:
            self._write_fix(db, fix)
            payload = {"finding": fix.finding_uid, "plan": fix.plan_digest, "commit": fix.commit}
            self._append(db, f"fix.{fix.state.value}", "plumbline", payload)

    def _write_fix(self, db: Database, fix: Fix) -> None:
        db.execute(
            "INSERT OR REPLACE INTO fixes VALUES (?, ?, ?, ?, ?)",
            [
                fix.plan_digest,
                fix.finding_uid,
                fix.state.value,
                stamp(fix.updated_at),
                codec.dumps(fix),
            ],
        )

    def fix(self, plan_digest: str) -> Fix | None:
        """Return the fix of a plan."""
        row = next(
            self._db.query("SELECT body FROM fixes WHERE plan_digest = ?", [plan_digest]), None
        )
        return codec.loads(Fix, row["body"]) if row else None

    def fixes(self, *, states: Sequence[str]) -> tuple[Fix, ...]:
        """List fixes in the given states, oldest change first."""
        marks = ", ".join("?" for _ in states)
        rows = self._db.query(
            f"SELECT body FROM fixes WHERE state IN ({marks}) ORDER BY updated_at",  # noqa: S608  # marks are ? signs
            list(states),
        )
        return tuple(codec.loads(Fix, row["body"]) for row in rows)

    # ── labels and models ─────────────────────────────────────────────────────

    def labels(self, *, include_simulated: bool = False) -> tuple[Label, ...]:
        """Return labels, oldest first."""
        rows = self._db.query("SELECT body, origin FROM labels ORDER BY labelled_at, uid")
        return tuple(
            codec.loads(Label, row["body"])
            for row in rows
            if include_simulated or row["origin"] != LabelOrigin.SIMULATED
        )

    def add_labels(self, labels: Sequence[Label]) -> int:
        """Add or correct labels; return how many were new."""
        with self._connections.transaction() as db:
            before = db["labels"].count
            for label in labels:
                self._put_label(db, label)
            added = int(db["labels"].count - before)
            self._append(db, "labels", "plumbline", {"given": len(labels), "new": added})
        return added

    def _put_label(self, db: Database, label: Label) -> None:
        db.execute(
            "INSERT OR REPLACE INTO labels VALUES (?, ?, ?, ?, ?)",
            [
                label.uid,
                label.finding_uid,
                label.origin.value,
                stamp(label.labelled_at),
                codec.dumps(label),
            ],
        )

    def save_model(self, card: ModelCard, text: str) -> None:
        """Store a model version beside the earlier ones."""
        with self._connections.transaction() as db:
            active = self.active_model() == card.version
            db.execute(
                "INSERT OR REPLACE INTO models VALUES (?, ?, ?, ?, ?)",
                [card.version, codec.dumps(card), text, stamp(self._clock()), int(active)],
            )

    def model_text(self, version: str) -> str:
        """Return a model version's text."""
        row = next(self._db.query("SELECT text FROM models WHERE version = ?", [version]), None)
        if row is None:
            raise NotFound(f"There is no model version {version}.")
        return str(row["text"])

    def models(self) -> tuple[ModelCard, ...]:
        """Return the model cards, newest first."""
        rows = self._db.query("SELECT card FROM models ORDER BY saved_at DESC, version")
        return tuple(codec.loads(ModelCard, row["card"]) for row in rows)

    def activate_model(self, version: str, *, reason: str) -> None:
        """Make a stored version the one that scores."""
        self.model_text(version)
        with self._connections.transaction() as db:
            db.execute("UPDATE models SET active = (version = ?)", [version])
            self._append(db, "model", "plumbline", {"version": version, "reason": reason})

    def active_model(self) -> str | None:
        """Return the version that scores, None before the first activation."""
        row = next(self._db.query("SELECT version FROM models WHERE active"), None)
        return str(row["version"]) if row else None

    # ── jobs ──────────────────────────────────────────────────────────────────

    def enqueue(
        self, kind: str, key: str, payload: Mapping[str, Any], *, run_at: datetime | None = None
    ) -> str:
        """Add a job unless one of the same kind and key waits already; return its uid."""
        job = Job(uuid.uuid4().hex, kind, key, payload, attempts=0)
        with self._connections.transaction() as db:
            uid = self._enqueue(db, job, run_at or self._clock())
        self.wake()
        return uid

    def _enqueue(self, db: Database, job: Job, run_at: datetime) -> str:
        query = "SELECT uid FROM jobs WHERE kind = ? AND key = ? AND state = 'queued'"
        row = next(db.query(query, [job.kind, job.key]), None)
        if row:
            return str(row["uid"])
        db.execute(
            "INSERT INTO jobs (uid, kind, key, payload, state, run_at, created_at) "
            "VALUES (?, ?, ?, ?, 'queued', ?, ?)",
            [
                job.uid,
                job.kind,
                job.key,
                codec.dumps(job.payload),
                stamp(run_at),
                stamp(self._clock()),
            ],
        )
        return job.uid

    def claim_job(self, *, lease_s: float) -> Job | None:
        """Take the next due job, or one whose worker died; at most one at a time of kind and key."""
        now = self._clock()
        query = (
            "SELECT * FROM jobs AS j WHERE (state = 'running' AND lease_until <= :now) OR "
            "(state = 'queued' AND run_at <= :now AND NOT EXISTS (SELECT 1 FROM jobs AS r WHERE "
            "r.state = 'running' AND r.kind = j.kind AND r.key = j.key AND r.lease_until > :now)) "
            "ORDER BY run_at, created_at, uid LIMIT 1"
        )
        with self._connections.transaction() as db:
            row = next(db.query(query, {"now": stamp(now)}), None)
            if row is None:
                return None
            db.execute(
                "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = ? "
                "WHERE uid = ?",
                [stamp(now + timedelta(seconds=lease_s)), row["uid"]],
            )
        payload = json.loads(row["payload"])
        return Job(row["uid"], row["kind"], row["key"], payload, row["attempts"] + 1)

    def finish_job(self, uid: str, *, error: str = "", retry_at: datetime | None = None) -> None:
        """Mark a job done or failed, or queue it again for `retry_at`."""
        with self._connections.transaction() as db:
            if retry_at is None:
                state = "failed" if error else "done"
                db.execute(
                    "UPDATE jobs SET state = ?, error = ? WHERE uid = ?", [state, error, uid]
                )
                return
            row = next(db.query("SELECT kind, key FROM jobs WHERE uid = ?", [uid]))
            twin = "SELECT 1 FROM jobs WHERE kind = ? AND key = ? AND state = 'queued'"
            state = "done" if next(db.query(twin, [row["kind"], row["key"]]), None) else "queued"
            db.execute(
                "UPDATE jobs SET state = ?, error = ?, run_at = ?, lease_until = NULL WHERE uid = ?",
                [state, error, stamp(retry_at), uid],
            )

    def next_due(self) -> datetime | None:
        """Return when the next queued job or message is due."""
        query = (
            "SELECT min(at) AS at FROM (SELECT min(run_at) AS at FROM jobs WHERE state = 'queued' "
            "UNION ALL SELECT min(next_at) FROM outbox WHERE state = 'queued')"
        )
        at = next(self._db.query(query))["at"]
        return datetime.fromisoformat(at) if at else None

    def release_jobs(self) -> int:
        """Give back every lease; called once when the only worker starts after a crash."""
        with self._connections.transaction() as db:
            db.execute("UPDATE outbox SET lease_until = NULL WHERE state = 'sending'")
            cursor = db.execute(
                "UPDATE jobs SET lease_until = ? WHERE state = 'running'", [stamp(self._clock())]
            )
        return int(cursor.rowcount)

    def failed_jobs(self) -> tuple[Mapping[str, str], ...]:
        """List jobs that gave up, newest first."""
        rows = self._db.query(
            "SELECT kind, key, error FROM jobs WHERE state = 'failed' ORDER BY created_at DESC LIMIT 50"
        )
        return tuple(rows)

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
            db.execute(
                "INSERT OR IGNORE INTO outbox (uid, channel, method, body, subject, state, next_at) "
                "VALUES (?, ?, ?, ?, ?, 'queued', ?)",
                [
                    message.uid,
                    message.channel,
                    message.method,
                    codec.dumps(message.body),
                    message.subject,
                    stamp(self._clock()),
                ],
            )
        self.wake()

    def next_message(self, *, lease_s: float) -> OutboxMessage | None:
        """Take the next due message; messages of one channel leave in order."""
        now = self._clock()
        query = (
            "SELECT * FROM outbox AS m WHERE state IN ('queued', 'sending') AND next_at <= :now "
            "AND (lease_until IS NULL OR lease_until <= :now) AND NOT EXISTS (SELECT 1 FROM outbox "
            "AS e WHERE e.channel = m.channel AND e.sequence < m.sequence "
            "AND e.state IN ('queued', 'sending')) ORDER BY sequence LIMIT 1"
        )
        with self._connections.transaction() as db:
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

    def waiting_messages(self) -> int:
        """Count the messages that are queued or on their way."""
        query = "SELECT count(*) AS n FROM outbox WHERE state IN ('queued', 'sending')"
        return int(next(self._db.query(query))["n"])

    def message_sent(self, uid: str, *, ts: str) -> None:
        """Record that a message stands in Slack, and where its subject's message is."""
        with self._connections.transaction() as db:
            db.execute("UPDATE outbox SET state = 'sent', ts = ? WHERE uid = ?", [ts, uid])
            row = next(db.query("SELECT channel, method, subject FROM outbox WHERE uid = ?", [uid]))
            if row["subject"] and row["method"] == "chat.postMessage":
                db.execute(
                    "INSERT OR IGNORE INTO messages VALUES (?, ?, ?)",
                    [row["subject"], row["channel"], ts],
                )

    def message_failed(self, uid: str, *, error: str, retry_at: datetime | None) -> None:
        """Record a failure: try again at `retry_at`, or give up."""
        state = "queued" if retry_at else "failed"
        when = stamp(retry_at or self._clock())
        with self._connections.transaction() as db:
            db.execute(
                "UPDATE outbox SET state = ?, error = ?, next_at = ?, lease_until = NULL WHERE uid = ?",
                [state, error, when, uid],
            )

    def message_ref(self, subject: str) -> MessageRef | None:
        """Return where a subject's message stands."""
        row = next(self._db.query("SELECT * FROM messages WHERE subject = ?", [subject]), None)
        return MessageRef(row["subject"], row["channel"], row["ts"]) if row else None

    def subject_of(self, channel: str, ts: str) -> str | None:
        """Return the subject of a message."""
        query = "SELECT subject FROM messages WHERE channel = ? AND ts = ?"
        row = next(self._db.query(query, [channel, ts]), None)
        return str(row["subject"]) if row else None

    # ── small durable facts ───────────────────────────────────────────────────

    def get(self, key: str, default: str = "") -> str:
        """Return a fact."""
        row = next(self._db.query("SELECT value FROM facts WHERE key = ?", [key]), None)
        return str(row["value"]) if row else default

    def put(self, key: str, value: str) -> None:
        """Write a fact."""
        with self._connections.transaction() as db:
            db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [key, value])

    # ── audit ─────────────────────────────────────────────────────────────────

    def audit(self, kind: str, actor: str, payload: Mapping[str, Any]) -> AuditRecord:
        """Append one record to the chain."""
        with self._connections.transaction() as db:
            return self._append(db, kind, actor, payload)

    def _append(
        self, db: Database, kind: str, actor: str, payload: Mapping[str, Any]
    ) -> AuditRecord:
        row = next(db.query("SELECT * FROM audit ORDER BY sequence DESC LIMIT 1"), None)
        record = audit.link(
            _record(row) if row else None,
            at=self._clock().astimezone(UTC),
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

    def audit_head(self) -> str:
        """Return the digest of the last record."""
        query = "SELECT digest FROM audit ORDER BY sequence DESC LIMIT 1"
        row = next(self._db.query(query), None)
        return str(row["digest"]) if row else audit.GENESIS

    def audit_records(self) -> Iterator[AuditRecord]:
        """Yield the chain from its start."""
        for row in self._db.query("SELECT * FROM audit ORDER BY sequence"):
            yield _record(row)


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
