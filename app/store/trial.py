"""The tables of trials and rollouts."""

from collections.abc import Sequence

from app.store import codec
from app.store.library import Database
from app.store.time import stamp
from core.trial import Rollout, Trial


def write(db: Database, trial: Trial) -> None:
    """Write where a trial stands."""
    db.execute(
        "INSERT OR REPLACE INTO trials VALUES (?, ?, ?, ?)",
        [trial.plan_digest, trial.finding_uid, trial.state.value, codec.dumps(trial)],
    )


def trial(db: Database, digest: str) -> Trial | None:
    """Return the trial of a plan."""
    row = next(db.query("SELECT body FROM trials WHERE plan_digest = ?", [digest]), None)
    return codec.loads(Trial, row["body"]) if row else None


def trials(db: Database, states: Sequence[str]) -> tuple[Trial, ...]:
    """List the trials in the given states."""
    marks = ", ".join("?" for _ in states)
    query = f"SELECT body FROM trials WHERE state IN ({marks}) ORDER BY plan_digest"  # noqa: S608  # marks are ? signs
    return tuple(codec.loads(Trial, row["body"]) for row in db.query(query, list(states)))


def write_rollout(db: Database, rollout: Rollout) -> None:
    """Write where a rollout stands."""
    db.execute(
        "INSERT OR REPLACE INTO rollouts VALUES (?, ?, ?, ?, ?)",
        [
            rollout.uid,
            rollout.check_id,
            rollout.kind,
            stamp(rollout.started_at),
            codec.dumps(rollout),
        ],
    )


def rollout(db: Database, uid: str) -> Rollout | None:
    """Return a rollout."""
    row = next(db.query("SELECT body FROM rollouts WHERE uid = ?", [uid]), None)
    return codec.loads(Rollout, row["body"]) if row else None


def latest(db: Database, check_id: str, kind: str) -> Rollout | None:
    """Return the rollout of a check that began last."""
    query = (
        "SELECT body FROM rollouts WHERE check_id = ? AND kind = ? "
        "ORDER BY started_at DESC, rowid DESC LIMIT 1"
    )
    row = next(db.query(query, [check_id, kind]), None)
    return codec.loads(Rollout, row["body"]) if row else None
