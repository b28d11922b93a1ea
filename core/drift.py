"""Drift between what is declared and what is live: the check, and which side is ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

CHECK_ID = "PL-DRIFT-001"
"""A live resource differs from the template it is declared in."""
CONTROL = "declared-is-live"


class Side(StrEnum):
    """Which side changed last."""

    LIVE = "live"
    TEMPLATE = "template"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Seen:
    """Since when the live values are as they are now, as far as scans can tell.

    They were otherwise at `before`, the last scan before `since`; None where every scan saw them
    as they are now.
    """

    since: datetime
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """Which side is ahead, and what that is concluded from."""

    side: Side
    why: str


def ahead(
    committed: datetime | None, seen: Seen | None, changed_at: datetime | None = None
) -> Ahead:
    """Say which side changed last, or that it cannot be told.

    `committed` is when the template was last changed, `changed_at` when the cloud says that the
    resource last was, where it says so.
    """
    if committed is None or seen is None:
        missing = "when the template was last changed" if committed is None else "an earlier scan"
        return Ahead(
            Side.UNKNOWN, f"it cannot be told which side changed last: {missing} is unknown"
        )
    template = f"the template was last changed {_at(committed)}"
    if seen.before and committed <= seen.before:
        between = f"between the scans of {_at(seen.before)} and {_at(seen.since)}"
        return Ahead(Side.LIVE, f"{template}, the live resource {between}")
    if committed > seen.since:
        return Ahead(
            Side.TEMPLATE,
            f"the live resource is like this since {_at(seen.since)} at least, {template} and "
            "that is not deployed",
        )
    if seen.before is None and changed_at and changed_at > committed:
        return Ahead(Side.LIVE, f"{template}, the live resource {_at(changed_at)}")
    return Ahead(
        Side.UNKNOWN, f"it cannot be told which side changed last: {template}, and no scan saw both"
    )


def since(versions: Sequence[tuple[datetime, bool]], scans: Sequence[datetime]) -> Seen | None:
    """Return since when a live value is as it is now.

    `versions` are when each version of the resource was first seen and whether it had the value,
    oldest first; `scans` when scans were taken.
    """
    started: datetime | None = None
    for at, is_same in reversed(versions):
        if not is_same:
            break
        started = at
    if started is None:
        return None
    is_first = versions[0][1] and versions[0][0] == started
    earlier = [each for each in scans if each < started]
    return Seen(started, None if is_first else max(earlier, default=None))


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
