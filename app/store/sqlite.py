"""The embedded store. Every public method is one transaction."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.store import card as cards
from app.store import chain, codec, journal, reception, retention, scan, withholding
from app.store import decision as deciding
from app.store import job as jobs
from app.store import label as labelling
from app.store import trial as trials
from app.store import word as words
from app.store.connection import Connections
from app.store.learned import Learned
from app.store.library import Database
from app.store.time import stamp
from core.errors import NotFound
from core.identity import canonical_json, sha256
from core.opinion import OF, REAL
from core.ports import AuditRecord, Job, Retention, ScanResult
from core.proposal import Proposal, Reception
from core.trial import Rollout, Trial
from core.types import (
    Assessment,
    Card,
    Changes,
    Coverage,
    Decision,
    DecisionKind,
    Fix,
    FixPlan,
    Gap,
    Label,
    Link,
    Resource,
    Snapshot,
    Status,
    StepState,
)


def _nothing() -> None:
    """Wake nobody."""


class SqliteStore(Learned):
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
        super().__init__(Connections(path), clock=clock, wake=wake)

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
                    "coverage": codec.to_plain(snapshot.coverage),
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

    def history(self, resource_uid: str) -> tuple[tuple[datetime, Resource], ...]:
        """Return every version of a resource with when it was first seen, oldest first."""
        return scan.history(self._db, resource_uid)

    def changes(self, *, since: datetime, until: datetime) -> Changes:
        """Return what scans of this time saw change, and since when each resource is watched."""
        return scan.changes(self._db, since=since, until=until)

    def scan_times(self, *, since: datetime) -> tuple[datetime, ...]:
        """List when scans were taken since a time, oldest first."""
        query = "SELECT taken_at FROM scans WHERE taken_at >= ? ORDER BY taken_at"
        rows = self._db.query(query, [stamp(since)])
        return tuple(datetime.fromisoformat(row["taken_at"]) for row in rows)

    def _snapshot(self, query: str, parameters: list[str]) -> Snapshot | None:
        row = next(self._db.query(query, parameters), None)
        if row is None:
            return None
        taken_at = datetime.fromisoformat(row["taken_at"])
        return Snapshot(
            uid=row["uid"],
            taken_at=taken_at,
            resources=scan.resources_at(self._db, taken_at),
            gaps=tuple(codec.from_plain(Gap, gap) for gap in json.loads(row["gaps"])),
            api_calls=json.loads(row["api_calls"]),
            coverage=tuple(
                codec.from_plain(Coverage, each) for each in json.loads(row["coverage"])
            ),
        )

    def resource(self, uid: str) -> Resource | None:
        """Return a resource as it was last seen, None when it is gone or never was."""
        return scan.resource(self._db, uid)

    def card(self, finding_uid: str) -> Card:
        """Return a finding with its assessment, fix, plan, link and decisions."""
        self.expire()
        rows = list(self._db.query("SELECT * FROM findings WHERE uid = ?", [finding_uid]))
        if not rows:
            raise NotFound(f"There is no finding {finding_uid[:24]}.")
        return cards.full(self._db, rows)[0]

    def cards(
        self, *, statuses: Sequence[str] = ("open",), limit: int = 100, owner: str = ""
    ) -> tuple[Card, ...]:
        """List cards, riskiest first."""
        self.expire()
        marks = ", ".join("?" for _ in statuses)
        clause = "AND owner = ?" if owner else ""
        rows = list(
            self._db.query(
                f"SELECT * FROM findings WHERE status IN ({marks}) {clause} "  # noqa: S608  # marks are ? signs
                "ORDER BY risk DESC, uid LIMIT ?",
                [*statuses, *([owner] if owner else []), limit],
            )
        )
        return cards.full(self._db, rows)

    def cards_on(self, resource_uid: str) -> tuple[Card, ...]:
        """List the open cards of a resource and of its parts."""
        # the parts' uids begin with the resource's and a "|", and "}" is the next sign
        query = (
            "SELECT * FROM findings WHERE status = 'open' AND (resource_uid = :uid "
            "OR (resource_uid >= :uid || '|' AND resource_uid < :uid || '}'))"
        )
        return cards.full(self._db, list(self._db.query(query, {"uid": resource_uid})))

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
        """Write what was just seen of a finding; first sight and people's decisions stay."""
        with self._connections.transaction() as db:
            cards.save(db, card, now=self._clock())

    def save_assessments(self, assessments: Sequence[Assessment]) -> None:
        """Give findings new assessments; where they stand is not touched."""
        with self._connections.transaction() as db:
            cards.assess(db, assessments)

    def counts(self) -> Mapping[str, int]:
        """Count findings by status, and open ones by severity (`open.high`, hygiene apart)."""
        self.expire()
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

    def expire(self) -> int:
        """Open again what was snoozed or accepted until now; return how many findings that were."""
        now = self._clock()
        if not cards.expired(self._db, now=now):
            return 0
        with self._connections.transaction() as db:
            return self._expire(db)

    def _expire(self, db: Database) -> int:
        now = self._clock()
        uids = cards.expired(db, now=now)
        for uid in uids:
            cards.rewrite(db, uid, status=Status.OPEN, until=None)
            refresh = Job(uuid.uuid4().hex, "refresh", uid, {"finding_uid": uid}, attempts=0)
            jobs.enqueue(db, refresh, run_at=now, now=now)
        return len(uids)

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
        return cards.link(self._db, live_uid)

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
        return deciding.current_plan(self._db, finding_uid)

    def decide(
        self,
        decision: Decision,
        *,
        label: Label | None,
        jobs: Sequence[Job],
        once_approved: Sequence[Job] = (),
    ) -> None:
        """Record a decision, its label and its jobs, all or nothing."""
        with self._connections.transaction() as db:
            approved = deciding.apply(db, decision)
            self._write(db, decision, label, (*jobs, *(once_approved if approved else ())))
        self.wake()

    def take_back(self, decisions: Sequence[Decision], *, jobs: Sequence[Job]) -> None:
        """Record that words count no more, all or none; of a finding that no scan saw too."""
        with self._connections.transaction() as db:
            for each in decisions:
                if found := cards.finding(db, each.finding_uid):
                    deciding.move(db, found, each)
                self._write(db, each, None, ())
            self._enqueue(db, jobs)
        self.wake()

    def _write(
        self, db: Database, decision: Decision, label: Label | None, jobs: Sequence[Job]
    ) -> None:
        words.write(db, decision)
        payload: dict[str, object] = {
            "finding": decision.finding_uid,
            "decision": decision.kind.value,
            "plan": decision.plan_digest,
            "reason": decision.reason,
        }
        if label:
            labelling.put(db, label)
        if decision.kind in REAL:
            withholding.release(db, [decision.finding_uid], at=decision.decided_at)
        if decision.kind is DecisionKind.TAKE_BACK:
            gone = labelling.take_back(db, decision)
            payload |= {"of": decision.answers[OF], "labels": gone}
        self._enqueue(db, jobs)
        self._append(db, "decision", decision.person.key, payload)

    def decisions(self, finding_uid: str = "") -> tuple[Decision, ...]:
        """Return decisions, oldest first: of one finding, or all."""
        return words.decisions(self._db, finding_uid)

    def save_fix(self, fix: Fix) -> None:
        """Write where a fix stands and record it in the audit chain."""
        with self._connections.transaction() as db:
            deciding.write_fix(db, fix)
            payload = {"finding": fix.finding_uid, "plan": fix.plan_digest, "commit": fix.commit}
            self._append(db, f"fix.{fix.state.value}", "plumbline", payload)

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

    def receptions(self, check_id: str = "") -> tuple[Reception, ...]:
        """Return how the plans of a check with several good fixes were received, or of all."""
        return reception.receptions(self._db, check_id)

    def proposal(self, finding_uid: str) -> Proposal | None:
        """Return the order in which the fixes of a finding are proposed, once it was drawn."""
        return reception.proposal(self._db, finding_uid)

    def keep_proposal(self, drawn: Proposal) -> Proposal:
        """Keep the order that was drawn, and in the audit chain; of two draws the first is kept."""
        with self._connections.transaction() as db:
            kept = reception.proposal(db, drawn.finding_uid)
            if kept is None:
                reception.write(db, drawn)
                payload = {"finding": drawn.finding_uid, "seed": drawn.seed, "shown": drawn.shown}
                self._append(db, "proposal", "plumbline", payload)
        return kept or drawn

    # ── what becomes of fixes ─────────────────────────────────────────────────

    def save_trial(self, trial: Trial) -> None:
        """Write where a trial stands and record it in the audit chain."""
        with self._connections.transaction() as db:
            trials.write(db, trial)
            payload = {"finding": trial.finding_uid, "plan": trial.plan_digest, "said": trial.said}
            self._append(db, f"trial.{trial.state.value}", "plumbline", payload)

    def trial(self, plan_digest: str) -> Trial | None:
        """Return the trial of a plan's fix."""
        return trials.trial(self._db, plan_digest)

    def trials(self, *, states: Sequence[str]) -> tuple[Trial, ...]:
        """List the trials in the given states."""
        return trials.trials(self._db, states)

    def rollout(self, uid: str) -> Rollout | None:
        """Return a rollout."""
        return trials.rollout(self._db, uid)

    def latest_rollout(self, check_id: str, kind: str) -> Rollout | None:
        """Return the rollout of a check that began last."""
        return trials.latest(self._db, check_id, kind)

    def change_rollout(
        self, rollout: Rollout, change: Callable[[Rollout], Rollout] = lambda same: same
    ) -> Rollout:
        """Write a rollout as `change` makes it of what is stored; of itself if it is new."""
        with self._connections.transaction() as db:
            stored = trials.rollout(db, rollout.uid)
            changed = change(stored or rollout)
            if changed != stored:
                trials.write_rollout(db, changed)
                waves = {each.plan_digest: each.wave for each in changed.members}
                payload = {"rollout": changed.uid, "state": changed.state.value, "waves": waves}
                self._append(db, "rollout", "plumbline", payload)
        return changed

    # ── the journal of live changes ───────────────────────────────────────────

    def journal(self, digest: str) -> Mapping[int, StepState]:
        """Return where the steps of a live change stand."""
        return journal.steps(self._db, digest)

    def journal_times(self, digest: str) -> Mapping[int, datetime]:
        """Return since when the steps of a live change stand where they do."""
        return journal.times(self._db, digest)

    def write_step(self, digest: str, step: int, state: StepState, *, before: Any) -> None:
        """Record where a step stands, and in the audit chain; the first before-image is kept."""
        with self._connections.transaction() as db:
            journal.write(db, digest, step, state, before=before, now=self._clock())
            payload = {"plan": digest, "step": step, "before": sha256(canonical_json(before))}
            self._append(db, f"live.{state.value}", "plumbline", payload)

    # ── small durable facts ───────────────────────────────────────────────────

    def get(self, key: str, default: str = "") -> str:
        """Return a fact."""
        row = next(self._db.query("SELECT value FROM facts WHERE key = ?", [key]), None)
        return str(row["value"]) if row else default

    def put(self, key: str, value: str) -> None:
        """Write a fact."""
        with self._connections.transaction() as db:
            db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [key, value])

    def prune(self, kept: Retention, *, most: int) -> int:
        """Delete old deliveries, sent messages and finished jobs; return how many rows that were."""
        with self._connections.transaction() as db:
            return retention.prune(db, kept=kept, now=self._clock(), most=most)

    # ── audit ─────────────────────────────────────────────────────────────────

    def audit(self, kind: str, actor: str, payload: Mapping[str, Any]) -> AuditRecord:
        """Append one record to the chain."""
        with self._connections.transaction() as db:
            return self._append(db, kind, actor, payload)

    def audit_head(self) -> str:
        """Return the digest of the last record."""
        return chain.head(self._db)

    def audit_records(self) -> Iterator[AuditRecord]:
        """Yield the chain from its start."""
        return chain.records(self._db)
