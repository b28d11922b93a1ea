"""What a finding has in common with others, so that a decision on one says something of the next."""

import re
from collections.abc import Mapping

_TAG = "tag:"
_TOKEN = re.compile(r"[^A-Za-z0-9]+")
_MOST_TOKENS = 6


def about(*, owner: str | None, resource_type: str, tags: Mapping[str, str]) -> dict[str, str]:
    """Return what a finding belongs to, by name: what a label keeps of it besides its numbers."""
    told = {"owner": owner or "", "resource_type": resource_type}
    return told | {f"{_TAG}{key}": value for key, value in tags.items()}


def keys(
    told: Mapping[str, str], *, check_id: str, resource_uid: str
) -> tuple[tuple[str, str], ...]:
    """Return (group, value) of everything by which look-alikes are found, in no weighed order.

    Names of resources carry what tags forget: their words count, and the first two together.
    """
    owner = told.get("owner") or "-"
    kind = told.get("resource_type", "")
    whole = resource_uid.partition("|")[0]
    words = [
        w.lower() for w in _TOKEN.split(re.split(r"[:/|]", whole)[-1]) if w and not w.isdigit()
    ]
    found = [
        ("check", check_id),
        ("type", kind),
        ("owner", owner),
        ("owner and check", f"{owner} {check_id}"),
        ("owner and type", f"{owner} {kind}"),
        ("resource", whole),
        ("name", "-".join(words[:2])),
        *(("word", word) for word in dict.fromkeys(words[:_MOST_TOKENS])),
        *(("tag", f"{k.removeprefix(_TAG)}={v}") for k, v in told.items() if k.startswith(_TAG)),
    ]
    return tuple(each for each in found if each[1])
