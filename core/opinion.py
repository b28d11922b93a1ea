"""What people's words on one finding come to: whose stand, whether they agree, where that leaves it.

A word is a decision that says something of the finding itself. Two sides are opposed: it is real,
or it is not (a wrong detection, or not applicable here). Accepting a risk is on neither, since
what is accepted may well be real.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.types import Decision, DecisionKind, Status

OF = "of"
"""Answer of a TAKE_BACK: the key of the person whose words are taken back."""
SECOND = "second"
"""Answer of a dismissal that hides nothing until somebody else agrees: why that is so."""
SETTLES = "settles"
"""Answer of a word that decides what others disagree on: by what right."""

REAL = (DecisionKind.APPROVE_FIX, DecisionKind.CONFIRM)
DISMISSING = (DecisionKind.FALSE_POSITIVE, DecisionKind.NOT_APPLICABLE)
WORDS = (*REAL, *DISMISSING, DecisionKind.ACCEPT_RISK)
_MOVES = (*WORDS, DecisionKind.SNOOZE, DecisionKind.REVERT_FIX)


def standing(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """Return what nobody took back, in the order given, which is that of time.

    Taking back is left out itself. What a person says after having taken something back stands.
    """
    kept: list[Decision] = []
    for each in decisions:
        if each.kind is DecisionKind.TAKE_BACK:
            whose = (each.finding_uid, each.answers[OF])
            kept = [d for d in kept if d.kind not in WORDS or _said_by(d) != whose]
        else:
            kept.append(each)
    return tuple(kept)


def _said_by(decision: Decision) -> tuple[str, str]:
    return decision.finding_uid, decision.person.key


@dataclass(frozen=True, slots=True)
class Opinion:
    """The newest standing word of each person on one finding, by side, oldest first."""

    real: tuple[Decision, ...] = ()
    dismissing: tuple[Decision, ...] = ()

    @property
    def settled_by(self) -> Decision | None:
        """The newest word that settles the question by right, not by number."""
        settling = [each for each in (*self.real, *self.dismissing) if SETTLES in each.answers]
        return max(settling, key=lambda each: each.decided_at, default=None)

    @property
    def is_disputed(self) -> bool:
        """Whether both sides have as many people, and nobody settled it."""
        return 0 < len(self.real) == len(self.dismissing) and self.settled_by is None

    @property
    def doubted(self) -> Decision | None:
        """The one dismissal that waits for somebody else to agree with it, if there is one."""
        if self.real or len(self.dismissing) != 1 or self.settled_by:
            return None
        alone = self.dismissing[0]
        return alone if SECOND in alone.answers else None

    @property
    def is_open(self) -> bool:
        """Whether another person's word is needed."""
        return self.is_disputed or self.doubted is not None

    @property
    def is_dismissed(self) -> bool:
        """Whether the finding is held to be none; while people disagree it is not."""
        if settled := self.settled_by:
            return settled.kind in DISMISSING
        return len(self.dismissing) > len(self.real) and self.doubted is None


def opinion(decisions: Sequence[Decision]) -> Opinion:
    """Return what people say of one finding; `decisions` come oldest first."""
    newest: dict[str, Decision] = {}
    for each in standing(decisions):
        if each.kind in WORDS:
            newest.pop(each.person.key, None)
            newest[each.person.key] = each
    words = tuple(newest.values())
    return Opinion(
        tuple(each for each in words if each.kind in REAL),
        tuple(each for each in words if each.kind in DISMISSING),
    )


def has_words(decisions: Sequence[Decision]) -> bool:
    """Whether anybody's word on a finding stands."""
    return any(each.kind in WORDS for each in standing(decisions))


def outcome(decisions: Sequence[Decision], *, now: datetime) -> tuple[Status, datetime | None]:
    """Return where its decisions leave a finding that is there, and until when.

    The last one that stands leads: a snooze or an accepted risk holds until its end; where it says
    whether the finding is real, all who said so are heard.
    """
    moves = [each for each in standing(decisions) if each.kind in _MOVES]
    if not moves:
        return Status.OPEN, None
    last = moves[-1]
    if last.kind in (DecisionKind.SNOOZE, DecisionKind.ACCEPT_RISK):
        if last.until is None or last.until <= now:
            return Status.OPEN, None
        is_snooze = last.kind is DecisionKind.SNOOZE
        return (Status.SNOOZED if is_snooze else Status.ACCEPTED), last.until
    heard = last.kind in (*DISMISSING, DecisionKind.CONFIRM)
    is_hidden = heard and opinion(decisions).is_dismissed
    return (Status.SUPPRESSED if is_hidden else Status.OPEN), None
