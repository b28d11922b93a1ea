"""Unroll `Fn::ForEach` among resources, where its collection is known.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from collections.abc import Mapping
from typing import Any

from templates.resolve import Scope, resolve

_LOOP = "Fn::ForEach::"
_MOST = 1000  # CloudFormation allows 500 resources in a template (quotas page, 2026-11-22)
_MOST_TEXT = 5_000_000  # characters that loops may write out in one template


def unrolled(resources: Mapping[str, Any], scope: Scope) -> tuple[dict[str, Any], dict[str, str]]:
    """Return resources with loops written out, and by logical id the key they are declared under.

    A loop over a collection that is not known yields nothing.
    """
    written: dict[str, Any] = {}
    origin: dict[str, str] = {}
    left = _MOST_TEXT
    for key, body in resources.items():
        if key.startswith(_LOOP):
            left -= len(str(body)) * _turns(body, scope)
            if left < 0:
                continue
        produced = _produced(body, scope) if key.startswith(_LOOP) else {key: body}
        for logical_id, one in produced.items():
            if len(written) < _MOST or not key.startswith(_LOOP):
                written[logical_id] = one
                origin[logical_id] = key
    return written, origin


def _turns(loop: Any, scope: Scope) -> int:
    items = resolve(loop[1], scope) if isinstance(loop, list) and len(loop) == 3 else None
    return min(len(items), _MOST) if isinstance(items, list) else 0


def _produced(loop: Any, scope: Scope) -> dict[str, Any]:
    if not isinstance(loop, list) or len(loop) != 3 or not isinstance(loop[2], Mapping):
        return {}
    name, items = loop[0], resolve(loop[1], scope)
    if not isinstance(name, str) or not isinstance(items, list):
        return {}
    produced: dict[str, Any] = {}
    for item in items[:_MOST]:
        if isinstance(item, str):
            for key, body in loop[2].items():
                produced[_put(key, name, item)] = _put(body, name, item)
    return produced


def _put(value: Any, name: str, item: str) -> Any:
    if isinstance(value, str):
        return value.replace(f"${{{name}}}", item).replace(
            f"&{{{name}}}", "".join(filter(str.isalnum, item))
        )
    if isinstance(value, Mapping):
        return _put_in_map(value, name, item)
    if isinstance(value, list):
        return [_put(v, name, item) for v in value]
    return value


def _put_in_map(value: Mapping[str, Any], name: str, item: str) -> Any:
    if dict(value) == {"Ref": name}:
        return item
    return {_put(k, name, item): _put(v, name, item) for k, v in value.items()}
