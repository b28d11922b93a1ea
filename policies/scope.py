"""What rules in YAML beside the policies are about: checks, and a scope of resources.

Exceptions and gates say it the same way. Every key of a scope must match; of a list, one entry.
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from core.errors import PolicyError
from core.types import Finding, Resource

SCOPES = ("resources", "accounts", "regions", "resource_types", "tags", "files")

Scope = Mapping[str, tuple[str, ...]]
"""Maps a key of the file to patterns; `tags` are `key=pattern`."""


def names_check(checks: Sequence[str], finding: Finding) -> bool:
    """Whether a finding's check is among these ids, controls and references."""
    return not {finding.check_id, finding.control, *finding.references}.isdisjoint(checks)


def matches(
    scope: Scope, finding: Finding, resource: Resource | None, *, names: Sequence[str]
) -> bool:
    """Whether a finding lies in a scope. `names` are its resource's uids."""
    return all(_matches(key, each, finding, resource, names) for key, each in scope.items())


def _matches(
    key: str,
    patterns: Sequence[str],
    finding: Finding,
    resource: Resource | None,
    names: Sequence[str],
) -> bool:
    if key == "tags":
        tags = resource.tags if resource else {}
        pairs = (pattern.partition("=") for pattern in patterns)
        return any(fnmatchcase(tags.get(name, ""), value or "*") for name, _, value in pairs)
    values: Sequence[str] = {
        "resources": (*names, finding.resource_name),
        "accounts": (finding.account,),
        "regions": (finding.region,),
        "resource_types": (finding.resource_type,),
        "files": (finding.source.file if finding.source else "",),
    }[key]
    return any(fnmatchcase(value, pattern) for value in values if value for pattern in patterns)


def rows(path: Path, key: str) -> tuple[Any, ...]:
    """Read the list named `key` that a file holds. Raises: PolicyError naming the file."""
    try:
        parsed = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = str(error).splitlines()[0]
        raise PolicyError(f"{path}: the {key} cannot be read ({reason}).") from error
    listed = parsed.get(key) if isinstance(parsed, dict) else None
    if not isinstance(listed, list):
        raise PolicyError(f"{path}: there is no list named {key}.")
    return tuple(listed)


def text(item: Mapping[str, Any], key: str, place: str) -> str:
    """Return a text that must be there. Raises: PolicyError."""
    value = item.get(key)
    if not isinstance(value, str | int) or not str(value).strip():
        raise PolicyError(f"{place}: {key} is missing.")
    return str(value).strip()


def texts(value: Any, place: str) -> tuple[str, ...]:
    """Return a list of texts that names something. Raises: PolicyError."""
    found = tuple(str(each) for each in value) if isinstance(value, list) else ()
    if not found or not all(found):
        raise PolicyError(f"{place} must be a list that names something.")
    return found


def read(value: Any, place: str) -> Scope:
    """Read a scope that names something. Raises: PolicyError."""
    if not isinstance(value, dict) or not value:
        raise PolicyError(f"{place}: scope is missing; one of {', '.join(SCOPES)} is needed.")
    for key in value:
        if key not in SCOPES:
            raise PolicyError(f"{place}: {key} is no scope; use {', '.join(SCOPES)}.")
    found = {
        str(key): _tags(patterns, place) if key == "tags" else texts(patterns, f"{place}: {key}")
        for key, patterns in value.items()
    }
    if all(pattern.strip("*") == "" for patterns in found.values() for pattern in patterns):
        raise PolicyError(f"{place}: a scope of * covers everything; name what is meant.")
    return found


def _tags(value: Any, place: str) -> tuple[str, ...]:
    if not isinstance(value, dict) or not value:
        raise PolicyError(f"{place}: tags must map names to patterns.")
    return tuple(f"{name}={pattern}" for name, pattern in value.items())
