"""The development data's real history: templates that people changed for years, version by version."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import templates
from core.errors import UnreadableTemplate
from core.types import Resource

DATA = Path(__file__).parents[1].parent / "shared" / "data" / "iac_history" / "versions.jsonl"
ABSENT = "The development data is not beside this checkout; nothing was measured."


@dataclass(frozen=True, slots=True)
class Version:
    """A template as it was from `at` on. Templates of one `pattern` are often near-copies."""

    pattern: str
    unit: str
    at: datetime
    resources: tuple[Resource, ...]


def versions() -> Iterator[Version]:
    """Yield every version that can be read, template after template, each in its own order."""
    latest: dict[str, datetime] = {}
    rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    for row in sorted(rows, key=lambda row: (row["pattern"], row["path"], row["version"])):
        unit = f"{row['pattern']}/{row['path']}"
        at = datetime.fromisoformat(row["date"]).astimezone(UTC)
        at = latest[unit] = max(at, latest.get(unit, at))  # the order of history counts
        try:
            read = templates.read(row["text"].encode(), file=row["path"], secret_key=b"benchmark")
        except UnreadableTemplate:
            continue
        yield Version(row["pattern"], unit, at, tuple(read.resources))
