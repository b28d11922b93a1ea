"""What the steps of the remediation workflow do, by name; whoever calls them."""

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.fixing import Fixing
from app.following import Following
from app.store import SqliteStore
from app.world import World
from core.errors import NotFound
from core.ports import Chat
from core.types import FixState
from core.workflow import REMEDIATION, Done, Outcome, Result, Waiting

_NOT_YET = (FixState.NONE, FixState.PLANNED)
_NEVER = (FixState.FAILED, FixState.CLOSED)


class Steps:
    """Does one step at a time for one world; doing it twice is the same as doing it once.

    A failed step leaves its sentence in the store, so that no other orchestrator need carry it.
    """

    def __init__(
        self, world: World, chat: Chat, fixing: Fixing, *, clock: Callable[[], datetime]
    ) -> None:
        self._world = world
        self._chat = chat
        self._fixing = fixing
        self._clock = clock
        self._steps: Mapping[str, Callable[[Mapping[str, Any]], Result]] = {
            "approval": self._approval,
            "execute": fixing.execute,
            "follow": Following(world, chat, fixing, clock=clock).follow,
            "verify": fixing.verify,
            "revert": fixing.revert,
            "give_up": self._give_up,
            "keep": self._keep,
            "report": self._report,
        }

    def run(self, name: str, payload: Mapping[str, Any]) -> Result:
        """Do a step for the plan that the payload names.

        Raises: NotFound for a step or a plan that is not known, and what the step itself raises.
        """
        if name not in REMEDIATION.steps:
            raise NotFound(f"There is no step {name}; plumbline workflow show lists them.")
        self._world.store.plan(str(payload["plan_digest"]))
        return self._steps[name](payload)

    def note_failure(self, payload: Mapping[str, Any], sentence: str) -> None:
        """Keep why a step failed for the step that puts things right."""
        self._world.store.put(_fact(str(payload["plan_digest"])), sentence)

    def _approval(self, payload: Mapping[str, Any]) -> Result:
        """See whether a plan is approved; an announced one counts when its time has come."""
        store = self._world.store
        digest = str(payload["plan_digest"])
        plan, fix = store.plan(digest), store.fix(digest)
        state = fix.state if fix else FixState.NONE
        current = store.current_plan(plan.finding_uid)
        if state not in (*_NOT_YET, *_NEVER):
            return Done(Outcome.APPROVED, digest)
        is_over = current is None or current.digest != digest or plan.valid_until <= self._clock()
        if is_over or state in _NEVER:
            return Done(Outcome.WITHDRAWN, digest)
        return Waiting(self._clock() + timedelta(seconds=self._world.settings.scan.follow_s))

    def _give_up(self, payload: Mapping[str, Any]) -> Result:
        digest = str(payload["plan_digest"])
        self._fixing.give_up(digest, self._reason(digest))
        return self._report(payload)

    def _keep(self, payload: Mapping[str, Any]) -> Result:
        digest = str(payload["plan_digest"])
        self._fixing.abandon_live(digest, self._reason(digest))
        self._fixing.not_reverted(digest)
        return self._report(payload)

    def _report(self, payload: Mapping[str, Any]) -> Result:
        digest = str(payload["plan_digest"])
        self._chat.say(self._world.store.plan(digest).finding_uid, self._reason(digest))
        return Done(Outcome.PUT_BACK, digest)

    def _reason(self, digest: str) -> str:
        unknown = "The step did not come to its end in time."
        return failure_of(self._world.store, digest) or unknown


def failure_of(store: SqliteStore, digest: str) -> str:
    """Return why a step for a plan failed last; empty where none did."""
    return store.get(_fact(digest))


@contextmanager
def one_at_a_time(home: Path) -> Iterator[None]:
    """Hold back other processes that do steps: two at once might pass a limit of the gates."""
    with (home / "step.lock").open("w", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _fact(digest: str) -> str:
    return f"workflow.failure.{digest}"
