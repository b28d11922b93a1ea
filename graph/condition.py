"""Whether a statement's conditions hold, as far as configuration decides it: yes, no or not known.

What a call carries (its address, its MFA, its session tags) is not known. Who calls, what is called
and their tags are.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
excerpts read 2026-11-25.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import translate
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from core.types import Resource, is_unknown

Holds = bool | None
"""True, False, or None where configuration does not decide it."""

Context = Mapping[str, str | None]
"""Condition keys (lower case) whose value is known; None for a key that the call surely lacks."""

_SET_PREFIX = re.compile(r"^For(Any|All)Values:", re.IGNORECASE)


def all_of(parts: Iterable[Holds]) -> Holds:
    """Join as AND: one False decides, one unknown leaves it unknown."""
    found = list(parts)
    if False in found:
        return False
    return None if None in found else True


def any_of(parts: Iterable[Holds]) -> Holds:
    """Join as OR: one True decides, one unknown leaves it unknown."""
    found = list(parts)
    if True in found:
        return True
    return None if None in found else False


def opposite(part: Holds) -> Holds:
    """Negate what is known."""
    return None if part is None else not part


def context(principal: Resource | None, target: Resource) -> Context:
    """Return what is known of a call by a principal (None: anybody) on a target."""
    # A caller takes TLS where it is asked for.
    known: dict[str, str | None] = {"aws:securetransport": "true"}
    if target.account:
        known["aws:resourceaccount"] = target.account
    if target.region:
        known["aws:requestedregion"] = target.region
    known |= _tags("aws:resourcetag/", target)
    if principal is not None:
        if principal.account:
            known["aws:principalaccount"] = known["kms:calleraccount"] = principal.account
        if principal.uid.startswith("arn:"):
            known["aws:principalarn"] = principal.uid
        known |= _tags("aws:principaltag/", principal)
    return known


def _tags(prefix: str, resource: Resource) -> dict[str, str | None]:
    return {f"{prefix}{key.lower()}": value for key, value in resource.tags.items()}


def holds(condition: Any, known: Context) -> Holds:
    """Decide a statement's Condition: every operator and every key must hold."""
    if not condition:
        return True
    if not isinstance(condition, Mapping) or is_unknown(condition):
        return None
    return all_of(
        _test(str(operator), str(key).lower(), values, known)
        for operator, tests in condition.items()
        if isinstance(tests, Mapping)
        for key, values in tests.items()
    )


def _test(operator: str, key: str, values: Any, known: Context) -> Holds:
    listed = values if isinstance(values, list | tuple) else [values]
    if key not in known or not all(isinstance(v, str | bool | int) for v in listed):
        return None  # a tag that is not there may be a session's; a value may be unresolved
    texts = [str(v) for v in listed]
    if _SET_PREFIX.match(operator) or any("${" in t for t in texts):
        return None
    name = operator.removesuffix("IfExists")
    compare = _OPERATORS.get(name.replace("Not", "", 1) if "Not" in name else name)
    actual = known[key]
    if compare is None or actual is None:
        return None
    found = any(compare(text, actual) for text in texts)
    return not found if "Not" in name else found


def _same(wanted: str, actual: str) -> bool:
    return wanted == actual


def _same_letters(wanted: str, actual: str) -> bool:
    return wanted.lower() == actual.lower()


def _like(wanted: str, actual: str) -> bool:
    return _pattern(wanted).match(actual) is not None


@lru_cache(maxsize=4096)
def _pattern(wanted: str) -> re.Pattern[str]:
    return re.compile(translate(wanted.replace("[", "[[]")))


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = MappingProxyType(
    {
        "StringEquals": _same,
        "StringEqualsIgnoreCase": _same_letters,
        "Bool": _same_letters,
        "StringLike": _like,
        "ArnEquals": _like,  # ArnEquals and ArnLike behave alike, says the documentation
        "ArnLike": _like,
    }
)
