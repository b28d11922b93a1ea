"""Functions on lists, sets, maps and numbers. A tuple is a set."""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from templates.terraform.access import same
from templates.terraform.function import Function, error
from templates.terraform.values import (
    MAX_MEMBERS,
    Budget,
    Instance,
    Reference,
    Text,
    Unknown,
    is_known,
    later,
    to_bool,
    to_number,
)
from templates.terraform.written import as_text

Members = Sequence[Any]
_NO_KEY = error("no such key")


def unique(members: Iterable[Any], budget: Budget) -> list[Any]:
    """Return members without repetition, in order."""
    seen: dict[str, Any] = {}
    for member in members:
        budget.measure(member)
        seen.setdefault(f"{type(member).__name__}{member!r}", member)
    return list(seen.values())


def to_set(members: Any, *, budget: Budget) -> Any:
    """Return a set: sorted where all of it is text."""
    found = unique(members, budget)
    if all(isinstance(m, str) for m in found):
        found.sort()
    return tuple(found)


def _to_map(value: Any) -> Any:
    return value if isinstance(value, dict) else _other(value, "map")


def _to_list(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else _other(value, "list")


def _other(value: Any, wanted: str) -> Any:
    if isinstance(value, Unknown | Reference | Text | Instance):
        return value
    return error(f"a {wanted} is needed here")


def _to_string(value: Any, *, budget: Budget) -> Any:
    return None if value is None else as_text(value, budget)


def _length(value: Any) -> Any:
    if isinstance(value, str | list | tuple | dict):
        return len(value)
    return (
        later(value)
        if isinstance(value, Unknown | Reference | Text | Instance)
        else error("length() of no collection")
    )


def _merge(*maps: Any, budget: Budget) -> Any:
    merged: dict[str, Any] = {}
    for one in maps:
        if isinstance(one, Mapping):
            budget.spend(len(one))
            merged |= one
        elif one is not None:
            return later(_other(one, "map"))
    return merged


def _concat(*lists: Members) -> list[Any]:
    return [member for one in lists for member in one][: MAX_MEMBERS + 1]


def _flatten(members: Members, *, budget: Budget) -> Any:
    flat: list[Any] = []
    budget.measure(list(members))
    for member in members:
        if isinstance(member, list | tuple):
            inner = _flatten(member, budget=budget)
            if isinstance(inner, Unknown):
                return inner
            flat += inner
        elif isinstance(member, Unknown):
            return member  # it may be a list of any length
        else:
            flat.append(member)
        if len(flat) > MAX_MEMBERS:
            return Unknown("flatten() gives too many members")
    return flat


def _lookup(record: Mapping[str, Any], key: str, default: Any = _NO_KEY) -> Any:
    return record.get(key, default)


def _coalesce(*values: Any) -> Any:
    for value in values:
        if value is not None and value != "":
            return value
    return error("coalesce() of nothing but null")


def _coalesce_list(*lists: Any) -> Any:
    for one in lists:
        if not isinstance(one, list | tuple):
            return _other(one, "list")
        if one:
            return one
    return error("coalescelist() of nothing but empty lists")


def _element(members: Members, place: float) -> Any:
    if not members:
        return error("element() of an empty list")
    return members[int(place) % len(members)]


def _contains(members: Members, wanted: Any, *, budget: Budget) -> Any:
    if not is_known(wanted, budget):
        return later(wanted)
    known = [m for m in members if is_known(m, budget)]
    if any(same(m, wanted) for m in known):
        return True
    return False if len(known) == len(members) else Unknown("a list with members not known")


def _index(members: Members, wanted: Any) -> Any:
    return next((i for i, m in enumerate(members) if same(m, wanted)), error("no such member"))


def _compact(members: Members) -> Any:
    return [m for m in members if m is not None and m != ""]


def _distinct(members: Members, *, budget: Budget) -> Any:
    return unique(members, budget)


def _keys(record: Mapping[str, Any]) -> list[str]:
    return sorted(record)


def _values(record: Mapping[str, Any]) -> list[Any]:
    return [record[key] for key in sorted(record)]


def _zipmap(keys: Members, values: Members) -> Any:
    if len(keys) != len(values):
        return error("zipmap() of lists of different length")
    unfit = [k for k in keys if not isinstance(k, str)]
    return later(_other(unfit[0], "text")) if unfit else dict(zip(keys, values, strict=True))


def _range(*limits: float) -> Any:
    start, end, step = (0, limits[0], 1) if len(limits) == 1 else (*limits, 1)[:3]
    if step == 0 or abs((end - start) / step) > MAX_MEMBERS:
        return error("range() without end") if step == 0 else Unknown("range() is too long")
    if len(limits) < 3 and end < start:
        step = -1
    count = max(0, math.ceil((end - start) / step))
    return [start + i * step for i in range(count)]


def _slice(members: Members, start: float, end: float) -> Any:
    if not 0 <= start <= end <= len(members):
        return error("slice() beyond the list")
    return list(members[int(start) : int(end)])


def _sort(members: Members) -> Any:
    unfit = [m for m in members if not isinstance(m, str)]
    return later(_other(unfit[0], "text")) if unfit else sorted(members)


def _reverse(members: Members) -> list[Any]:
    return list(members)[::-1]


def _one(members: Members) -> Any:
    if len(members) > 1:
        return error("one() of several")
    return members[0] if members else None


def _set_product(*lists: Members) -> Any:
    if math.prod(len(one) for one in lists) > MAX_MEMBERS:
        return Unknown("setproduct() gives too many members")
    return [list(row) for row in itertools.product(*lists)]


def _set_union(*lists: Members, budget: Budget) -> Any:
    return to_set(_concat(*lists), budget=budget)


def _set_intersection(*lists: Members, budget: Budget) -> Any:
    for one in lists[1:]:
        _pay_for_pairs(lists[0], one, budget)
    return to_set([m for m in lists[0] if all(m in one for one in lists[1:])], budget=budget)


def _set_subtract(members: Members, gone: Members, *, budget: Budget) -> Any:
    _pay_for_pairs(members, gone, budget)
    return to_set([m for m in members if m not in gone], budget=budget)


def _pay_for_pairs(one: Members, other: Members, budget: Budget) -> None:
    budget.spend(len(one) * len(other) // 50)


def _chunks(members: Members, size: float) -> Any:
    step = int(size)
    if step < 1:
        return error("chunklist() of chunks without members")
    return [list(members[i : i + step]) for i in range(0, len(members), step)]


def _all_true(members: Members) -> Any:
    truths = [to_bool(m) for m in members]
    if any(t is False for t in truths):
        return False
    return next((t for t in truths if isinstance(t, Unknown)), True)


def _any_true(members: Members) -> Any:
    truths = [to_bool(m) for m in members]
    if any(t is True for t in truths):
        return True
    return next((t for t in truths if isinstance(t, Unknown)), False)


def _sum(members: Members) -> Any:
    numbers = [to_number(m) for m in members]
    lost = next((n for n in numbers if isinstance(n, Unknown)), None)
    return lost or sum(numbers)


def _match_keys(values: Members, keys: Members, wanted: Members, *, budget: Budget) -> Any:
    _pay_for_pairs(keys, wanted, budget)
    if len(values) != len(keys):
        return error("matchkeys() of lists of different length")
    return [v for v, k in zip(values, keys, strict=True) if k in wanted]


def _transpose(record: Mapping[str, Any]) -> Any:
    turned: dict[str, list[str]] = {}
    for key, members in record.items():
        if not isinstance(members, list | tuple):
            return later(_other(members, "list"))
        for member in members:
            if not isinstance(member, str):
                return later(_other(member, "text"))
            turned.setdefault(member, []).append(key)
    return {key: sorted(turned[key]) for key in sorted(turned)}


def _parse_int(text: str, base: float) -> Any:
    try:
        return int(text[:100], int(base))
    except ValueError:
        return error("parseint() of no such number")


def _power(base: float, exponent: float) -> Any:
    if abs(base) > 10**6 or abs(exponent) > 20 or (base <= 0 and exponent != int(exponent)):
        return Unknown("pow() of large numbers")
    return base**exponent if base or exponent >= 0 else error("a division by zero")


def _log(number: float, base: float) -> Any:
    if number <= 0 or base <= 0 or base == 1:
        return error("log() of no positive number")
    return math.log(number, base)


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


def _rounded(name: str) -> Function:
    return Function(getattr(math, name), "n")


COLLECTION_FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(abs, "n"),
    "alltrue": Function(_all_true, "l"),
    "anytrue": Function(_any_true, "l"),
    "ceil": _rounded("ceil"),
    "chunklist": Function(_chunks, "ln"),
    "coalesce": Function(_coalesce, "a*"),
    "coalescelist": Function(_coalesce_list, "a*"),
    "compact": Function(_compact, "l"),
    "concat": Function(_concat, "l*", required=0),
    "contains": Function(_contains, "la", takes_budget=True),
    "distinct": Function(_distinct, "l", takes_budget=True),
    "element": Function(_element, "ln"),
    "flatten": Function(_flatten, "l", takes_budget=True),
    "floor": _rounded("floor"),
    "index": Function(_index, "Lk"),
    "keys": Function(_keys, "m"),
    "length": Function(_length, "a"),
    "log": Function(_log, "nn"),
    "lookup": Function(_lookup, "msa", required=2),
    "matchkeys": Function(_match_keys, "LLL", takes_budget=True),
    "max": Function(lambda *numbers: max(numbers), "n*"),
    "merge": Function(_merge, "a*", required=0, takes_budget=True),
    "min": Function(lambda *numbers: min(numbers), "n*"),
    "nonsensitive": Function(lambda value: value, "a"),
    "one": Function(_one, "l"),
    "parseint": Function(_parse_int, "sn"),
    "pow": Function(_power, "nn"),
    "range": Function(_range, "nnn", required=1),
    "reverse": Function(_reverse, "l"),
    "setintersection": Function(_set_intersection, "L*", takes_budget=True),
    "setproduct": Function(_set_product, "l*"),
    "setsubtract": Function(_set_subtract, "LL", takes_budget=True),
    "setunion": Function(_set_union, "l*", takes_budget=True),
    "signum": Function(_sign, "n"),
    "slice": Function(_slice, "lnn"),
    "sort": Function(_sort, "l"),
    "sum": Function(_sum, "l"),
    "tobool": Function(lambda value: None if value is None else to_bool(value), "a"),
    "tolist": Function(_to_list, "a"),
    "tomap": Function(_to_map, "a"),
    "tonumber": Function(lambda value: None if value is None else to_number(value), "a"),
    "toset": Function(to_set, "l", takes_budget=True),
    "tostring": Function(_to_string, "a", takes_budget=True),
    "transpose": Function(_transpose, "m"),
    "values": Function(_values, "m"),
    "zipmap": Function(_zipmap, "ll"),
}
