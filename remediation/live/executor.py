"""Carry a live change out, step by step, so that a crash anywhere leaves it finished or undone.

Before each call the journal says what is intended, after it that it is done. A step that was
intended when the process died is looked at: if the resource has its new state the call was made, if
it has the before-image the call is made now, and if it has neither, somebody else changed it and
what this change did is undone. Nothing is called twice that took effect once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.errors import CloudError, Declined, ResourceMoved
from core.ports import LiveApi, LiveJournal
from core.types import FixPlan, LiveCall, LiveChange, LiveStep, StepState
from remediation.live.blueprint import ASPECTS, look

_LOOKS = 10
_PAUSE_S = 1.0  # encryption of a stream takes seconds to show, most settings none
_OVER = (StepState.UNDOING, StepState.UNDONE, StepState.LEFT)


@dataclass(frozen=True, slots=True)
class Executor:
    """Carries plans out on one account and Region; `pause` waits some seconds."""

    api: LiveApi
    journal: LiveJournal
    pause: Callable[[float], None]

    def run(self, plan: FixPlan) -> None:
        """Finish a plan, or undo what there is of it and say why.

        Raises: ResourceMoved, Declined when it was undone; CloudError when not even undoing was
        possible now: calling again goes on from there.
        """
        change = _change_of(plan)
        known = self.journal.journal(plan.digest)
        if any(state in _OVER for state in known.values()):
            raise Declined(f"The change was broken off. {self._undo(plan, change)}")
        try:
            for number, step in enumerate(change.steps):
                if known.get(number) is not StepState.DONE:
                    self._forward(plan.digest, number, step, begun=number in known)
        except ResourceMoved as error:
            raise ResourceMoved(f"{error} {self._undo(plan, change)}") from error
        except CloudError as error:
            raise Declined(f"{error}. {self._undo(plan, change)}") from error

    def complete(self, plan: FixPlan) -> None:
        """Make what follows once a plan's steps have stood their trial; again if it was begun before.

        Raises: ResourceMoved when somebody else changed the resource meanwhile, and CloudError;
        neither undoes anything.
        """
        change = _change_of(plan)
        known = self.journal.journal(plan.digest)
        if any(state in _OVER for state in known.values()):
            raise Declined("The change was taken back, so nothing follows it.")
        for number, step in enumerate(change.every):
            if number >= len(change.steps) and known.get(number) is not StepState.DONE:
                self._forward(plan.digest, number, step, begun=number in known)

    def _forward(self, digest: str, number: int, step: LiveStep, *, begun: bool) -> None:
        present = self._look(step)
        if begun and _same(step, present, step.after):
            self.journal.write_step(digest, number, StepState.DONE, before=step.before)
            return
        if not _same(step, present, step.before):
            raise ResourceMoved(
                f"{step.aspect} of the resource changed since the plan was made, so it was not "
                "touched. Open Review fix again for a fresh plan."
            )
        self.journal.write_step(digest, number, StepState.INTENDED, before=present)
        self._set(step, step.apply, step.after)
        self.journal.write_step(digest, number, StepState.DONE, before=present)

    def _undo(self, plan: FixPlan, change: LiveChange) -> str:
        """Undo what was begun, last first; return what to tell."""
        known = self.journal.journal(plan.digest)
        begun = sorted(known, reverse=True)
        left = [
            change.every[number].aspect
            for number in begun
            if self._back(plan.digest, number, change.every[number], known[number])
            is StepState.LEFT
        ]
        if left:
            return f"{', '.join(left)} is neither as before nor as planned: look at it by hand."
        return "Everything is as it was." if begun else "Nothing was changed."

    def _back(self, digest: str, number: int, step: LiveStep, state: StepState) -> StepState:
        if state in (StepState.UNDONE, StepState.LEFT):
            return state
        self.journal.write_step(digest, number, StepState.UNDOING, before=step.before)
        present = self._look(step)
        ended = StepState.UNDONE
        if step.undo is None:
            pass
        elif _same(step, present, step.after):
            self._set(step, step.undo, step.before)
        elif not _same(step, present, step.before):
            ended = StepState.LEFT
        self.journal.write_step(digest, number, ended, before=step.before)
        return ended

    def _set(self, step: LiveStep, call: LiveCall, wanted: Any) -> None:
        """Make a call and read back that it took effect, even when its answer was lost."""
        failed: CloudError | None = None
        try:
            self.api.call(call)
        except CloudError as error:
            failed = error
        for _ in range(_LOOKS if failed is None else 1):
            if _same(step, self._look(step), wanted):
                return
            self.pause(_PAUSE_S)
        raise failed or CloudError(f"{call.operation} was accepted, and had no effect")

    def _look(self, step: LiveStep) -> Any:
        return look(self.api, step.read, ASPECTS[step.aspect], step.key)


def is_as(api: LiveApi, step: LiveStep, wanted: Any) -> bool:
    """Whether a step's aspect has a state now. Raises: CloudError."""
    return _same(step, look(api, step.read, ASPECTS[step.aspect], step.key), wanted)


def unfinished(plan: FixPlan, known: Mapping[int, StepState]) -> bool:
    """Whether a plan was begun and is neither finished nor undone."""
    if not known or plan.live is None:
        return False
    undone = all(state in (StepState.UNDONE, StepState.LEFT) for state in known.values())
    whole = (len(plan.live.steps), len(plan.live.every))
    done = len(known) in whole and set(known.values()) == {StepState.DONE}
    return not (undone or done)


def made(plan: FixPlan, known: Mapping[int, StepState]) -> tuple[LiveStep, ...]:
    """Return what a plan has made of its resource by its journal, each aspect once, in order."""
    change = _change_of(plan)
    is_whole = len(known) == len(change.every)
    steps: dict[tuple[str, str], LiveStep] = {}
    for each in change.every if is_whole else change.steps:
        name = (each.aspect, each.key)
        first = steps.get(name)
        steps[name] = replace(first, after=each.after, apply=each.apply) if first else each
    return tuple(steps.values())


def _same(step: LiveStep, one: Any, other: Any) -> bool:
    same = ASPECTS[step.aspect].same
    return bool(same(one) == same(other))


def _change_of(plan: FixPlan) -> LiveChange:
    if plan.live is None:
        raise Declined("This plan changes files, not a live resource")
    return plan.live
