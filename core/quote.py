"""Quote configuration as it was read: short enough to show, and never a secret.

What is left out is said where it was; nothing is rearranged.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.secret import holds_secret
from core.types import UNKNOWN_KEY, Quote, is_unknown

KEYS_MAX = 24
ITEMS_MAX = 8
TEXT_MAX = 160
HIDDEN = "(not shown: may be secret)"
_FINGERPRINT = "secret:"
# Conditions on these are used as passwords: whoever sends the same header comes in.
_PASSWORDS = frozenset({"aws:referer", "aws:useragent"})


def quote(resource_uid: str, where: str, value: Any) -> Quote:
    """Return a passage of a resource's configuration; `where` says which, in words."""
    return Quote(resource_uid, where, shown(value))


def shown(value: Any, *, name: str = "") -> Any:
    """Return a value of plain JSON types, shortened, with every possible secret left out."""
    if is_unknown(value):
        return f"(not known: {value[UNKNOWN_KEY]})"
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = [shown(item, name=name) for item in value[:ITEMS_MAX]]
        left = len(value) - ITEMS_MAX
        return [*items, f"… and {left} more"] if left > 0 else items
    if isinstance(value, str):
        return _text(name, value)
    return value if isinstance(value, bool | int | float | None) else str(value)


def _mapping(value: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(list(value.items())[:KEYS_MAX])
    made = {str(key): shown(item, name=str(key)) for key, item in kept.items()}
    left = len(value) - KEYS_MAX
    return {**made, "…": f"and {left} more"} if left > 0 else made


def _text(name: str, value: str) -> str:
    if value.startswith(_FINGERPRINT) or name.lower() in _PASSWORDS:
        return HIDDEN
    if holds_secret(name, value):
        return HIDDEN
    return value if len(value) <= TEXT_MAX else f"{value[:TEXT_MAX]}… ({len(value)} characters)"
