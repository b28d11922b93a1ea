"""What was learned and from what: labels, risk models, and what a model holds back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.store import chain, codec, withholding
from app.store import decision as deciding
from app.store import label as labelling
from app.store import word as words
from app.store.job import enqueue
from app.store.library import Database
from app.store.queues import Queues
from app.store.time import stamp
from core.errors import NotFound
from core.ports import AuditRecord, Job, TakenBack
from core.types import Decision, Finding, Label, ModelCard, Withheld

_NEVER = datetime.min.replace(tzinfo=UTC)


class Learned(Queues):
    """The part of the store that a model is made from and says; every method is one transaction."""

    def labels(self, *, include_simulated: bool = False) -> tuple[Label, ...]:
        """Return labels, oldest first, each with the features it is learned with."""
        return labelling.labels(self._db, include_simulated=include_simulated)

    def labels_like(
        self, finding: Finding, *, before: datetime, include_simulated: bool, most: int = 200
    ) -> tuple[tuple[Label, str], ...]:
        """Return the newest labels before a time on other findings that may be like one.

        With the name of each one's resource; without features.
        """
        return labelling.like(
            self._db, finding, before=before, include_simulated=include_simulated, most=most
        )

    def add_labels(self, labels: Sequence[Label]) -> int:
        """Add or correct labels; return how many were new."""
        with self._connections.transaction() as db:
            before = db["labels"].count
            gone = labelling.gone_since(db)
            standing = [
                each
                for each in labels
                if each.labelled_at > gone.get((each.finding_uid, each.person), _NEVER)
            ]
            changed = sum([labelling.put(db, label) for label in standing])
            added = int(db["labels"].count - before)
            if changed:
                payload = {"given": len(labels), "new": added, "changed": changed - added}
                self._append(db, "labels", "plumbline", payload)
        return added

    def taken_back(self) -> tuple[TakenBack, ...]:
        """Return the labels that count no more, with who took them back; oldest first."""
        return labelling.taken_back(self._db)

    def correct_label(
        self, label: Label, decision: Decision | None, *, actor: str, jobs: Sequence[Job]
    ) -> None:
        """Give a label another verdict; `decision` is that of its person which goes with it."""
        with self._connections.transaction() as db:
            if decision:
                deciding.apply(db, decision)
                words.write(db, decision)
            labelling.put(db, label)
            payload = {"label": label.uid, "finding": label.finding_uid, "person": label.person}
            said = {"verdict": label.verdict.value, "reason": label.reason}
            self._enqueue(db, jobs)
            self._append(db, "label.corrected", actor, {**payload, **said})
        self.wake()

    def features_seen(self, *, since: datetime) -> tuple[tuple[str, dict[str, float]], ...]:
        """Return finding uid and features of each state that scans saw a finding in since a time."""
        return labelling.seen_since(self._db, since)

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

    def withheld(self) -> tuple[Withheld, ...]:
        """Return what was ever held back, oldest first; released ones say since when."""
        return withholding.every(self._db)

    def withheld_of(self, finding_uid: str) -> Withheld | None:
        """Return how a finding is held back; None where it is not."""
        return next(iter(withholding.current(self._db, [finding_uid]).values()), None)

    def withhold(
        self,
        held: Sequence[Withheld],
        *,
        released: Sequence[str],
        drawn: Sequence[str],
        facts: Mapping[str, Any],
    ) -> None:
        """Hold findings back, let others go, and mark those that people are asked about.

        `facts` say by what; they go on record with what was drawn.
        """
        if not (held or released or drawn):
            return
        with self._connections.transaction() as db:
            now = self._clock()
            withholding.put(db, held)
            withholding.release(db, released, at=now)
            withholding.mark_drawn(db, drawn, at=now)
            payload = {"held": len(held), "released": len(released), "drawn": list(drawn), **facts}
            self._append(db, "model.withheld", "plumbline", payload)

    # ── shared with the rest of the store ─────────────────────────────────────

    def _append(
        self, db: Database, kind: str, actor: str, payload: Mapping[str, Any]
    ) -> AuditRecord:
        return chain.append(db, kind, actor, payload, at=self._clock())

    def _enqueue(self, db: Database, jobs: Sequence[Job]) -> None:
        now = self._clock()
        for job in jobs:
            enqueue(db, job, run_at=now, now=now)
