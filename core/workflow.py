"""How a fix is made, described once: the steps, what follows each, what is tried again, who is waited for.

The embedded executor runs this description; the state machine, the Airflow DAG and the Logic Apps
definition are generated from it. What a step does is a function of `app.steps`; it is the same one
whoever calls it, and doing a step twice is the same as doing it once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from core.errors import ChatError, CloudError, ForgeError, PlumblineError

END = ""
"""What follows a step after which there is nothing more to do."""


class Outcome(StrEnum):
    """How a step came to its end."""

    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    PROPOSED = "proposed"
    APPLIED = "applied"
    MERGED = "merged"
    CLOSED = "closed"
    MOVED = "moved"
    ASKED_AGAIN = "asked_again"
    VERIFIED = "verified"
    REVERTED = "reverted"
    UNCHANGED = "unchanged"
    PUT_BACK = "put_back"
    ENDED = "ended"


class WaitsFor(StrEnum):
    """Whom or what a step waits for; it looks now and then whether they have come."""

    NOBODY = "nobody"
    APPROVAL = "the approvals that the plan needs"
    REVIEW = "the merge of the pull request"
    DEPLOYMENT = "the deployment of what was merged"


@dataclass(frozen=True, slots=True)
class Done:
    """A step is at its end; what follows is about the plan of this digest."""

    outcome: Outcome
    plan_digest: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A step waits, and wants to look again then."""

    until: datetime


Result = Done | Waiting


@dataclass(frozen=True, slots=True)
class Retry:
    """Which errors a step is tried again after, and how long it waits before each time.

    `attempts` counts the first one too; None means without end.
    """

    errors: tuple[type[PlumblineError], ...]
    attempts: int | None
    interval_s: int = 15
    rate: int = 3
    longest_s: int = 300

    def wait(self, attempt: int) -> timedelta:
        """Return the wait after the nth attempt has failed."""
        growth = self.rate ** min(attempt - 1, 8)
        return timedelta(seconds=min(self.longest_s, self.interval_s * growth))

    def again(self, error: Exception, attempt: int) -> bool:
        """Whether there is another attempt after the nth has failed so."""
        left = self.attempts is None or attempt < self.attempts
        return left and isinstance(error, self.errors)

    def name(self, error: Exception) -> str:
        """Return the name that another orchestrator knows an error by."""
        known = (each.__name__ for each in self.errors if isinstance(error, each))
        return next(known, type(error).__name__)


BRIEFLY = Retry((CloudError, ForgeError, ChatError), attempts=5)
PATIENTLY = replace(BRIEFLY, attempts=None)
"""For steps that wait for others: a forge or a cloud that is away for an hour must not end them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `undo` names the step that puts things right when this one has failed for good.

    `patience` is how long a step waits at most; it sees to that itself.
    """

    name: str
    summary: str
    undo: str = END
    retry: Retry = BRIEFLY
    waits_for: WaitsFor = WaitsFor.NOBODY
    patience: timedelta | None = None
    outcomes: Mapping[Outcome, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Workflow:
    """Steps by name. `starts` are those that a run may begin with, the usual one first."""

    name: str
    summary: str
    starts: tuple[str, ...]
    steps: Mapping[str, Step]

    @property
    def undoing(self) -> frozenset[str]:
        """The steps that put things right."""
        return frozenset(each.undo for each in self.steps.values() if each.undo)

    def after(self, step: str, outcome: Outcome) -> Step | None:
        """Return the step that follows an outcome; None at the end. KeyError: it has no such outcome."""
        following = self.steps[step].outcomes[outcome]
        return self.steps[following] if following else None


VERIFY_FOR = timedelta(days=2)

_MADE = {
    Outcome.PROPOSED: "follow",
    Outcome.APPLIED: "verify",
    Outcome.MERGED: "verify",
    Outcome.ENDED: END,
}

_STEPS = (
    Step(
        "approval",
        "Wait until the plan has every approval that its gates ask for",
        undo="report",
        retry=PATIENTLY,
        waits_for=WaitsFor.APPROVAL,
        outcomes={Outcome.APPROVED: "execute", Outcome.WITHDRAWN: END},
    ),
    Step(
        "execute",
        "Check gates, freezes and limits again; commit signed and propose, or change the live resource",
        undo="give_up",
        outcomes={**_MADE, Outcome.MOVED: END, Outcome.ASKED_AGAIN: END},
    ),
    Step(
        "follow",
        "Follow the pull request until it is merged or closed",
        undo="report",
        retry=PATIENTLY,
        waits_for=WaitsFor.REVIEW,
        outcomes={Outcome.MERGED: "verify", Outcome.CLOSED: END, Outcome.ENDED: END},
    ),
    Step(
        "verify",
        "Look at the live resource until it is as the change wants it",
        undo="report",
        retry=PATIENTLY,
        waits_for=WaitsFor.DEPLOYMENT,
        patience=VERIFY_FOR,
        outcomes={
            Outcome.VERIFIED: END,
            Outcome.REVERTED: END,
            Outcome.UNCHANGED: END,
            Outcome.ENDED: END,
        },
    ),
    Step("revert", "Propose or make the inverse of a fix", undo="keep", outcomes=_MADE),
    Step(
        "give_up",
        "Put a fix that could not be made where people can decide again, and say why",
        outcomes={Outcome.PUT_BACK: END},
    ),
    Step(
        "keep",
        "Put a fix that could not be undone back to where it stood, and say why",
        outcomes={Outcome.PUT_BACK: END},
    ),
    Step("report", "Say in the thread what went wrong", outcomes={Outcome.PUT_BACK: END}),
)

REMEDIATION = Workflow(
    "remediation",
    "A planned fix from its approval to the proof that the live resource has changed, and back",
    starts=("approval", "execute", "follow", "verify", "revert"),
    steps=MappingProxyType({each.name: each for each in _STEPS}),
)
