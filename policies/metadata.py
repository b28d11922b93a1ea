"""Reads the METADATA annotation at the head of a Rego file, or before a Guard rule.

Source: https://www.openpolicyagent.org/docs/latest/policy-language/#annotations
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

import yaml

from core.errors import PolicyError
from core.types import Severity
from policies.model import Language, Policy, RegoVersion

_MARK = "# METADATA"
REQUIRED = ("check_id", "control", "severity", "resource_types", "reads", "remediation")
"""Keys of `custom` that a shipped policy must have."""


def annotation(text: str, *, path: str) -> Mapping[str, Any]:
    """Return the first METADATA block of a file as a mapping, empty where there is none.

    Raises: PolicyError naming file and line when the block is not YAML.
    """
    return next((block for _, block in annotations(text, path=path)), {})


def annotations(text: str, *, path: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield each METADATA block with the number of lines up to its end. Raises: PolicyError."""
    lines = text.splitlines()
    for start, line in enumerate(lines):
        if line.rstrip() == _MARK:
            block = list(takewhile(lambda each: each.startswith("#"), lines[start + 1 :]))
            yield start + 1 + len(block), _parsed(block, start, path=path)


def _parsed(block: list[str], start: int, *, path: str) -> Mapping[str, Any]:
    text = "\n".join(line.removeprefix("#").removeprefix(" ") for line in block)
    try:
        parsed = yaml.load(text, Loader=yaml.CSafeLoader)
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


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of a policy besides its metadata. `default_id` names it where that does not."""

    path: str
    package: str
    rules: tuple[str, ...]
    default_id: str
    commit: str
    cases: str
    foreign: bool = False
    language: Language = Language.REGO
    version: RegoVersion = RegoVersion.V1
    resource_types: tuple[str, ...] = ()
    remediation: str = ""


def policy_of(subject: Subject, metadata: Mapping[str, Any]) -> Policy:
    """Read a policy's metadata. What a foreign policy leaves out gets a default.

    Raises: PolicyError naming the file when something of a shipped policy is missing, or wrong.
    """
    path, foreign = subject.path, subject.foreign
    custom = metadata.get("custom") or {}
    if not isinstance(custom, dict):
        raise PolicyError(f"{path}: `custom` of the METADATA must hold keys and values.")
    missing = [key for key in REQUIRED if key not in custom]
    if missing and not foreign:
        raise PolicyError(f"{path}: the METADATA lacks {', '.join(missing)}.")
    check_id = str(custom.get("check_id") or subject.default_id)
    title = str(metadata.get("title") or f"Policy {subject.package} holds")
    return Policy(
        check_id=check_id,
        control=str(custom.get("control") or check_id.lower()),
        title=title,
        severity=_severity(custom.get("severity", "medium"), path),
        resource_types=strings(custom.get("resource_types")) or subject.resource_types,
        reads=strings(custom.get("reads")),
        description=str(metadata.get("description") or title).strip(),
        remediation=str(custom.get("remediation") or subject.remediation).strip(),
        package=subject.package,
        rules=subject.rules,
        path=path,
        commit=subject.commit,
        references=strings(custom.get("references")),
        compliance={str(k): strings(v) for k, v in (custom.get("compliance") or {}).items()},
        docs=_docs(metadata.get("related_resources")),
        hygiene=bool(custom.get("hygiene", False)),
        foreign=foreign and "reads" not in custom,
        interpreted=foreign or bool(custom.get("interpreted", False)),
        language=subject.language,
        version=subject.version,
        cases=subject.cases,
    )


def _severity(value: Any, path: str) -> Severity:
    try:
        return Severity(str(value).lower())
    except ValueError as error:
        known = ", ".join(Severity)
        raise PolicyError(f"{path}: severity {value} is none of {known}.") from error


def _docs(value: Any) -> tuple[str, ...]:
    """Read `related_resources`: links, or mappings with a `ref`."""
    items = value if isinstance(value, list) else [value] if value else []
    return tuple(str(item.get("ref") if isinstance(item, dict) else item) for item in items)
