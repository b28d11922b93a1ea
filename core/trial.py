"""After a fix was made: its trial, and the order in which several of a kind go ahead.

A rollout takes the fixes of one check that are made without a merge by people in between: first
one, the canary, then wave by wave, each once the wave before it has stood its trial.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import isnan

from core.environment import ENVIRONMENTS
from core.health import Outcome
from core.types import Card

_UNKNOWN_ENVIRONMENT = 2.5
"""Between staging and production: what nobody named may be production, but is not known to be."""
_BLAST = ("stores_in_reach", "sensitive_in_reach", "calls_per_day")
"""Features of an assessment that say how much hangs on a resource, the weightiest first."""


class TrialState(StrEnum):
    """Where the trial of a fix stands."""

    OBSERVING = "observing"
    JUDGED = "judged"
    ASKED = "asked"
    WATCHING = "watching"
    HARMED = "harmed"
    FAILED = "failed"
    RETURNED = "returned"
    WORSE = "worse"
    OVER = "over"


STOOD = (TrialState.WATCHING, TrialState.RETURNED, TrialState.WORSE, TrialState.OVER)
"""The trial of the canary was passed, whatever came later."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is looked at after a fix took effect at `since`.

    `known` are the findings that its resource had then. `outcome` and `said` are what the trial as a
    canary came to; `rollout` is empty for a fix that is only watched.
    """

    plan_digest: str
    finding_uid: str
    state: TrialState
    since: datetime
    until: datetime
    rollout: str = ""
    known: tuple[str, ...] = ()
    outcome: Outcome | None = None
    said: str = ""


class RolloutState(StrEnum):
    """Whether further fixes of a rollout may begin."""

    RUNNING = "running"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Member:
    """One fix of a rollout; `wave` is 0 until it begins."""

    plan_digest: str
    finding_uid: str
    rank: tuple[float, ...]
    wave: int = 0


@dataclass(frozen=True, slots=True)
class Rollout:
    """The fixes of one check and `kind` (live, automatic) that go ahead one after the other."""

    uid: str
    check_id: str
    kind: str
    state: RolloutState
    started_at: datetime
    members: tuple[Member, ...] = ()

    @property
    def waiting(self) -> tuple[Member, ...]:
        """Those that have not begun, least risky first."""
        waiting = [each for each in self.members if not each.wave]
        return tuple(sorted(waiting, key=lambda each: (each.rank, each.plan_digest)))

    @property
    def canary(self) -> Member:
        """The one that goes first."""
        return min(self.members, key=lambda each: (not each.wave, each.wave, each.rank))

    def has(self, digest: str) -> bool:
        """Whether a plan is part of this."""
        return any(each.plan_digest == digest for each in self.members)

    def without(self, digest: str) -> "Rollout":
        """Return this without a plan that came to nothing."""
        kept = tuple(each for each in self.members if each.plan_digest != digest)
        return replace(self, members=kept)


def rank_of(card: Card) -> tuple[float, ...]:
    """Return how much is at stake: the environment, then what is in reach; least first."""
    features = card.assessment.features if card.assessment else {}
    blast = [features.get(name, 0.0) for name in _BLAST]
    return (_environment(card.environment), *(0.0 if isnan(each) else each for each in blast))


def _environment(name: str) -> float:
    words = "".join(c if c.isalpha() else " " for c in name.lower()).split()
    known = [ENVIRONMENTS[word] for word in words if word in ENVIRONMENTS]
    return max(known, default=_UNKNOWN_ENVIRONMENT)


def admitted(
    rollout: Rollout, digest: str, *, stood: Callable[[str], bool], waves: Sequence[int]
) -> Rollout:
    """Return the rollout with a plan in its wave if its turn has come, else as it is.

    The first wave is one; `waves` are the sizes of the following ones, the last of all that come
    after. A wave begins once every member of the one before `stood` its trial.
    """
    begun = [each for each in rollout.members if each.wave]
    if rollout.state is not RolloutState.RUNNING or any(e.plan_digest == digest for e in begun):
        return rollout
    wave = max((each.wave for each in begun), default=0)
    inside = [each for each in begun if each.wave == wave]
    if not begun or all(stood(each.plan_digest) for each in inside):
        wave, inside = wave + 1, []
    seats = _size(wave, waves) - len(inside)
    if digest not in [each.plan_digest for each in rollout.waiting[: max(0, seats)]]:
        return rollout
    members = tuple(
        replace(each, wave=wave) if each.plan_digest == digest else each for each in rollout.members
    )
    return replace(rollout, members=members)


def _size(wave: int, waves: Sequence[int]) -> int:
    if wave == 1 or not waves:
        return 1
    return waves[min(wave - 2, len(waves) - 1)]
