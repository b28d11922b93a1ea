"""Reads the METADATA annotation at the head of a Rego file.

Source: https://www.openpolicyagent.org/docs/latest/policy-language/#annotations
"""

from collections.abc import Mapping
from typing import Any

import yaml

from core.errors import PolicyError

_MARK = "# METADATA"
REQUIRED = ("check_id", "control", "severity", "resource_types", "reads", "remediation")
"""Keys of `custom` that a shipped policy must have."""


def annotation(text: str, *, path: str) -> Mapping[str, Any]:
    """Return the first METADATA block of a file as a mapping, empty where there is none.

    Raises: PolicyError naming file and line when the block is not YAML.
    """
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if line.rstrip() == _MARK), None)
    if start is None:
        return {}
    block: list[str] = []
    for line in lines[start + 1 :]:
        if not line.startswith("#"):
            break
        block.append(line.removeprefix("#").removeprefix(" "))
    try:
        parsed = yaml.load("\n".join(block), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line_number = start + 2 + (mark.line if mark else 0)
        raise PolicyError(f"{path}:{line_number}: the METADATA block is not valid YAML.") from error
    if not isinstance(parsed, dict):
        raise PolicyError(f"{path}:{start + 1}: the METADATA block must hold keys and values.")
    return parsed


def strings(value: Any) -> tuple[str, ...]:
    """Return a YAML list, a single value or nothing as a tuple of strings."""
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return (str(value),)
