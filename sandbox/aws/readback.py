"""Compare what a template declares with what the cloud says it has."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.secret import PLAIN, classify

_SHOWN_LENGTH = 160


class Outcome(StrEnum):
    """What became of one declared property."""

    READ_BACK = "read back"
    NOT_APPLIED = "not applied"
    NOT_VERIFIABLE = "not verifiable in moto"


@dataclass(frozen=True, slots=True)
class PropertyCheck:
    """One declared property and its outcome. `value` is shortened, and hidden where it looks secret."""

    path: str
    outcome: Outcome
    value: str = ""
    detail: str = ""


def compare(
    declared: Mapping[str, Any], observed: Mapping[str, Any], not_verifiable: Mapping[str, str]
) -> Iterator[PropertyCheck]:
    """Check every declared property, naming the deepest one that differs.

    `not_verifiable` maps a property path ("Code", "Environment.Variables") to the reason why moto
    cannot show it; `*` stands for one segment.
    """
    found = {str(k).casefold(): v for k, v in observed.items()}
    for name, value in declared.items():
        reason = _reason(name, not_verifiable)
        if reason:
            yield PropertyCheck(name, Outcome.NOT_VERIFIABLE, shown(name, value), reason)
            continue
        yield from _property(name, value, found.get(name.casefold()), not_verifiable)


def _property(
    path: str, declared: Any, observed: Any, not_verifiable: Mapping[str, str]
) -> Iterator[PropertyCheck]:
    hidden = {k: v for k, v in not_verifiable.items() if k.startswith(path + ".") or "*" in k}
    checks = list(_differences(path, declared, observed, hidden))
    yield from checks
    if all(check.outcome is Outcome.NOT_VERIFIABLE for check in checks):
        yield PropertyCheck(path, Outcome.READ_BACK, shown(path, declared))


def _differences(
    path: str, declared: Any, observed: Any, not_verifiable: Mapping[str, str]
) -> Iterator[PropertyCheck]:
    reason = _reason(path, not_verifiable)
    if reason:
        yield PropertyCheck(path, Outcome.NOT_VERIFIABLE, shown(path, declared), reason)
    elif equal(declared, observed):
        return
    elif isinstance(declared, Mapping) and isinstance(_document(observed), Mapping):
        found = {str(k).casefold(): v for k, v in _document(observed).items()}
        for name, value in declared.items():
            inner = found.get(str(name).casefold())
            yield from _differences(f"{path}.{name}", value, inner, not_verifiable)
    else:
        yield PropertyCheck(
            path,
            Outcome.NOT_APPLIED,
            shown(path, declared),
            "is absent" if observed is None else f"is {shown(path, observed)}",
        )


def _reason(path: str, not_verifiable: Mapping[str, str]) -> str:
    if path in not_verifiable:
        return not_verifiable[path]
    parts = path.split(".")
    for pattern, reason in not_verifiable.items():
        wanted = pattern.split(".")
        if len(wanted) == len(parts) and all(
            w in ("*", p) for w, p in zip(wanted, parts, strict=True)
        ):
            return reason
    return ""


def equal(declared: Any, observed: Any) -> bool:
    """Whether the cloud has at least what was declared.

    Keys compare without case, numbers and booleans as text, lists without order, JSON texts as
    documents; what AWS adds beside (defaults, dates) does not count.
    """
    declared, observed = _document(declared), _document(observed)
    if declared in (None, {}, [], "") and observed in (None, {}, [], ""):
        return True
    if isinstance(declared, Mapping):
        return isinstance(observed, Mapping) and _mapping_equal(declared, observed)
    if isinstance(declared, list) or isinstance(observed, list):
        return _list_equal(_listed(declared), _listed(observed))
    if observed is None:
        return False
    return _scalar(declared) == _scalar(observed)


def _mapping_equal(declared: Mapping[str, Any], observed: Mapping[str, Any]) -> bool:
    found = {str(k).casefold(): v for k, v in observed.items()}
    return all(equal(value, found.get(str(key).casefold())) for key, value in declared.items())


def _list_equal(declared: Sequence[Any], observed: Sequence[Any]) -> bool:
    if len(declared) != len(observed):
        return False
    left = list(observed)
    for item in declared:
        match = next((i for i, other in enumerate(left) if equal(item, other)), None)
        if match is None:
            return False
        left.pop(match)
    return True


def _listed(value: Any) -> Sequence[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _document(value: Any) -> Any:
    if isinstance(value, tuple):
        value = list(value)
    if isinstance(value, list) and value and all(_is_tag(item) for item in value):
        return {item["Key"]: item["Value"] for item in value}
    if isinstance(value, Mapping) and value.keys() <= {"Quantity", "Items"} and "Quantity" in value:
        return value.get("Items") or []
    if isinstance(value, str) and value[:1] in "{[" and value[:1]:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _is_tag(item: Any) -> bool:
    return isinstance(item, Mapping) and item.keys() == {"Key", "Value"}


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    return text.lower() if text.lower() in {"true", "false"} else text


def shown(path: str, value: Any) -> str:
    """Write a value for the record: short, and never one that looks secret."""
    return _shorten(_hide(path.rsplit(".", 1)[-1], value))


def _hide(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _hide(str(k), v) for k, v in value.items()}
    if isinstance(value, list):
        return [_hide(name, item) for item in value]
    if isinstance(value, str):
        kind = classify(name, value)
        return value if kind == PLAIN else f"(hidden: looks like {kind})"
    return value


def _shorten(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 1] + "…"
