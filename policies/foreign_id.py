"""Ids that other tools give to what our checks look at."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

_TABLE = Path(__file__).with_name("foreign_ids.yaml")


def controls_of(foreign_id: str) -> tuple[str, ...]:
    """Return the controls that answer another tool's check; none for one that we do not know."""
    return _by_id().get(foreign_id.casefold(), ())


@cache
def by_tool() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the table: tool, its id, our controls."""
    parsed = yaml.load(_TABLE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {
        tool: {str(name): tuple(controls) for name, controls in rows.items()}
        for tool, rows in parsed.items()
    }


@cache
def _by_id() -> Mapping[str, tuple[str, ...]]:
    return {
        name.casefold(): controls for rows in by_tool().values() for name, controls in rows.items()
    }
