"""The journal of live changes: what was intended and done, step by step."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.store.library import Database
from app.store.time import stamp
from core.types import StepState


def steps(db: Database, digest: str) -> Mapping[int, StepState]:
    """Return where the steps of a plan stand."""
    rows = db.query("SELECT step, state FROM live_steps WHERE plan_digest = ?", [digest])
    return {int(row["step"]): StepState(row["state"]) for row in rows}


def times(db: Database, digest: str) -> Mapping[int, datetime]:
    """Return since when the steps of a plan stand where they do."""
    rows = db.query("SELECT step, updated_at FROM live_steps WHERE plan_digest = ?", [digest])
    return {int(row["step"]): datetime.fromisoformat(row["updated_at"]) for row in rows}


def write(  # noqa: PLR0913 - the columns of one row
    db: Database, digest: str, step: int, state: StepState, *, before: Any, now: datetime
) -> None:
    """Write where a step stands; the first before-image stays."""
    db.execute(
        "INSERT INTO live_steps VALUES (?, ?, ?, ?, ?) ON CONFLICT (plan_digest, step) "
        "DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at",
        [digest, step, state.value, json.dumps(before, sort_keys=True), stamp(now)],
    )
