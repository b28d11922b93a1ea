"""Shape what AWS answers the way CloudFormation would write it, and keep secrets out."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.secret import PLAIN, classify, redact

_SUSPECT = re.compile(
    r"AKIA|ASIA|PRIVATE KEY|xox[abeoprs]-|gh[pousr]_|github_pat_|[rs]k_live_|eyJ|://[^/\s]*@"
)
"""What the certain patterns of core.secret begin with: most strings need no further look."""

_GUESSED = frozenset({PLAIN, "high_entropy", "named_secret"})
"""Kinds told from a name or from randomness: identifiers look like these, so only values a person
typed in (environment, stage variables, inputs) are replaced because of them."""


def pick(answer: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return the named members that are present and not None."""
    return {name: answer[name] for name in names if answer.get(name) is not None}


def renamed(answer: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return members under other names: `names` maps AWS's name to CloudFormation's."""
    return {new: answer[old] for old, new in names.items() if answer.get(old) is not None}


def capitalised(value: Any) -> Any:
    """Return the value with every key's first letter upper-case ("logConfig" -> "LogConfig")."""
    if isinstance(value, Mapping):
        return {key[:1].upper() + key[1:]: capitalised(each) for key, each in value.items()}
    if isinstance(value, list):
        return [capitalised(each) for each in value]
    return value


def policy(document: str | Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Parse a policy document; `Statement` is always a list. None for none."""
    if not document:
        return None
    parsed = json.loads(document) if isinstance(document, str) else dict(document)
    if not isinstance(parsed, dict):
        raise TypeError("a policy document is not an object")
    if not parsed:
        return None
    statement = parsed.get("Statement", [])
    return {**parsed, "Statement": statement if isinstance(statement, list) else [statement]}


def tag_map(tags: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """Turn a list of {Key, Value} (any capitals) into a mapping."""
    pairs = ({key.lower(): value for key, value in tag.items()} for tag in tags or ())
    return {pair["key"]: pair.get("value", "") for pair in pairs}


def moment(value: Any) -> datetime | None:
    """Return aware UTC for what AWS gives: a datetime, ISO text, or milliseconds or seconds."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, int | float):
        seconds = value / 1000 if value > 10_000_000_000 else value
        return datetime.fromtimestamp(seconds, UTC)
    text = str(value)
    if text.replace(".", "", 1).isdigit():
        return moment(float(text))
    return datetime.fromisoformat(text.replace("+0000", "+00:00")).astimezone(UTC)


def plain_json(value: Any) -> Any:
    """Return the value in JSON's types: times as ISO text, bytes dropped."""
    if isinstance(value, Mapping):
        return {key: plain_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return None if isinstance(value, bytes) else value


def scrubbed(value: Any, key: bytes, *, name: str = "") -> Any:
    """Replace every string that certainly holds a secret, wherever it stands."""
    if isinstance(value, str):
        if not _SUSPECT.search(value) or classify(name, value) in _GUESSED:
            return value
        return redact(name, value, key)
    if isinstance(value, Mapping):
        return {each: scrubbed(value[each], key, name=each) for each in value}
    if isinstance(value, list | tuple):
        return [scrubbed(each, key, name=name) for each in value]
    return value


def redacted(values: Mapping[str, Any], key: bytes) -> dict[str, str]:
    """Replace every value of a name-to-value mapping by its fingerprint."""
    return {name: redact(name, str(value), key) for name, value in values.items()}


def without_literals(value: Any, key: bytes, *, name: str = "") -> Any:
    """Replace strings that look in any way like a secret; for text that people write freely."""
    if isinstance(value, str):
        return value if classify(name, value) == PLAIN else redact(name, value, key)
    if isinstance(value, Mapping):
        return {each: without_literals(value[each], key, name=each) for each in value}
    if isinstance(value, list | tuple):
        return [without_literals(each, key, name=name) for each in value]
    return value


def text_without_literals(text: str, key: bytes, *, name: str) -> Any:
    """Parse JSON text and clean it; text that is not JSON becomes one fingerprint."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return redact(name, text, key)
    return without_literals(parsed, key, name=name)


def first(values: Sequence[Any] | None) -> Any:
    """Return the first value, None when there is none."""
    return values[0] if values else None
