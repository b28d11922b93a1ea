"""Which of several good fixes is proposed first, and how those that were proposed were received."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Answer(StrEnum):
    """What a person last said to a plan."""

    NONE = ""
    APPROVED = "approved"
    REJECTED = "rejected"


class Fate(StrEnum):
    """What became of a fix that was made."""

    NONE = ""
    HELD = "held"
    UNDONE = "undone"
    HARMED = "harmed"


@dataclass(frozen=True, slots=True)
class Odds:
    """What is known of one fix: the counts of two Beta distributions, prior included.

    The first is of being wanted by whoever reviews it, the second of holding once it is made.
    """

    wanted: float
    unwanted: float
    held: float
    undone: float

    @property
    def mean(self) -> float:
        """The expected share of times that it is wanted and holds."""
        return (self.wanted / (self.wanted + self.unwanted)) * (
            self.held / (self.held + self.undone)
        )


@dataclass(frozen=True, slots=True)
class Proposal:
    """The order in which the fixes of one finding are proposed; drawn once, and kept.

    `seed` and `odds`, by alternative, give `order` again. `shown` is the one that
    people saw first: where the proofs of the first did not hold, or it touches more, the next.
    """

    finding_uid: str
    drawn_at: datetime
    seed: str
    order: tuple[str, ...]
    odds: Mapping[str, Odds] = field(default_factory=dict)
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Reception:
    """How one plan, of a check with several good fixes, was received.

    `first` is the alternative that was shown first for the finding. `team` is the finding's owner.
    """

    check_id: str
    finding_uid: str
    alternative: str
    first: str
    team: str
    environment: str
    answer: Answer = Answer.NONE
    answered_at: datetime | None = None
    fate: Fate = Fate.NONE
    fate_at: datetime | None = None
