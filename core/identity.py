"""Stable identities: the same thing has the same uid on every scan."""

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> str:
    """Serialise with sorted keys and no spaces, so that equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def sha256(text: str | bytes) -> str:
    """Return the hex SHA-256 of a text (as UTF-8) or of bytes."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def digest(value: Any) -> str:
    """Return the hex SHA-256 of a value's canonical JSON."""
    return sha256(canonical_json(value))


def finding_uid(check_id: str, resource_uid: str) -> str:
    """Identify a finding by what was checked and on what: 24 hex digits."""
    return sha256(f"{check_id}\n{resource_uid}")[:24]


def part_uid(parent_uid: str, resource_type: str, key: str) -> str:
    """Identify a live resource that has no ARN of its own."""
    return f"{parent_uid}|{resource_type}|{key}"


def declared_uid(repository: str, path: str, address: str) -> str:
    """Identify a resource declared in a template."""
    return f"{repository}//{path}//{address}"
