"""What a deployment did, kept as JSON for the forge's page and for tests."""

import json
import os
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sandbox.aws.readback import Outcome, PropertyCheck


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What happened to one resource.

    `action` is created, updated, replaced, deleted, retained, recorded (moto knows no such type)
    or failed.
    """

    logical_id: str
    type: str
    action: str
    physical_id: str = ""
    checks: tuple[PropertyCheck, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One stack brought to one commit. Times are ISO 8601 in UTC."""

    commit: str
    stack: str
    template: str
    started_at: str
    finished_at: str
    changes: tuple[ResourceChange, ...]
    error: str = ""

    @property
    def errors(self) -> tuple[str, ...]:
        """Name what is wrong: refused resources, and properties that were not applied."""
        found = [self.error] if self.error else []
        for change in self.changes:
            if change.error:
                found.append(f"{change.logical_id} ({change.type}): {change.error}")
            found += [
                f"{change.logical_id} ({change.type}): {check.path} was not applied: {check.detail}"
                for check in change.checks
                if check.outcome is Outcome.NOT_APPLIED
            ]
        return tuple(found)

    @property
    def is_complete(self) -> bool:
        """Whether every declared property is in place as far as moto can show."""
        return not self.errors

    def count(self, outcome: Outcome) -> int:
        """Count the declared properties of one outcome."""
        return sum(check.outcome is outcome for change in self.changes for check in change.checks)

    def as_json(self) -> dict[str, Any]:
        """Return the record as plain values."""
        return {
            **asdict(self),
            "errors": list(self.errors),
            "is_complete": self.is_complete,
            "read_back": self.count(Outcome.READ_BACK),
            "not_verifiable": self.count(Outcome.NOT_VERIFIABLE),
        }


class DeploymentLog:
    """An append-only list of deployments in one JSON file, written whole each time."""

    def __init__(self, path: Path | None = None) -> None:
        """Keep the log at `path`, or in memory alone."""
        self.path = path
        self._lock = threading.Lock()
        self._records: list[Mapping[str, Any]] = []

    def add(self, deployment: Deployment) -> None:
        """Append a deployment."""
        with self._lock:
            self._records.append(deployment.as_json())
            if self.path is not None:
                _write(self.path, json.dumps(self._records, indent=1, default=str))

    def records(self) -> tuple[Mapping[str, Any], ...]:
        """Return every deployment, oldest first."""
        with self._lock:
            return tuple(self._records)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
    os.replace(file.name, path)  # noqa: PTH105 - readers see the old file or the new one, whole
