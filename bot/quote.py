"""Show quoted configuration as people write it."""

import json
from collections.abc import Mapping

_ORDER = ("Version", "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction")
"""How people write a statement; the store keeps keys in the order of the alphabet."""
_WIDTH = 84


def as_json(value: object, indent: int = 0) -> str:
    """Return JSON a person can read: what fits stands on one line, statements begin as usual.

    A list of one is shown as its one member, as IAM takes it.
    """
    value = _plain(value)
    short = json.dumps(value, ensure_ascii=False)
    is_statement = isinstance(value, dict) and "Effect" in value
    if len(short) + indent <= _WIDTH and not is_statement:
        return short
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: _place_of(pair[0]))
        rows = [f"{inner}{json.dumps(k)}: {as_json(v, indent + 2)}" for k, v in pairs]
        return "{\n" + ",\n".join(rows) + "\n" + " " * indent + "}"
    if isinstance(value, list):
        rows = [f"{inner}{as_json(item, indent + 2)}" for item in value]
        return "[\n" + ",\n".join(rows) + "\n" + " " * indent + "]"
    return short


def _place_of(key: str) -> int:
    return _ORDER.index(key) if key in _ORDER else len(_ORDER)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return _plain(value[0]) if len(value) == 1 else [_plain(item) for item in value]
    return value
