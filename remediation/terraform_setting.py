"""Fixes in Terraform that set attributes of the block itself: by type, path -> value.

A step `*` of a path stands for every nested block of that name.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from core.errors import Declined
from remediation.blueprint import in_terraform
from remediation.terraform import Path, TerraformTarget

Rows = Mapping[str, Mapping[Path, Any]]
_EVERY = "*"


def state(check_id: str, rows: Rows) -> None:
    """Register what the blueprint of a check sets in each Terraform type it speaks of.

    A type without a row is declined by name.
    """
    in_terraform(check_id)(partial(_set, rows))


def _set(rows: Rows, target: TerraformTarget) -> None:
    if target.type not in rows:
        raise Declined(f"No edit of {target.type} is written for this check")
    for row, value in rows[target.type].items():
        for path in expanded(target, row):
            if target.get(*path) != value:
                target.set(path, value)


def expanded(target: TerraformTarget, path: Path, before: Path = ()) -> Iterator[Path]:
    """Yield the path with every `*` replaced by the number of a block."""
    if _EVERY not in path:
        yield (*before, *path)
        return
    place = path.index(_EVERY)
    owner = (*before, *path[:place])
    found = target.get(*owner)
    for number in range(len(found) if isinstance(found, Sequence) else 0):
        yield from expanded(target, path[place + 1 :], (*owner, number))
