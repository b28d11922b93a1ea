"""Live changes by who sits at the machine: shown, approved under their login, and done now.

Who may is named in `live.operators`. The steps, gates and records are those of an approval in Slack.
"""

import os
import pwd
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime

from app import gates, live
from app.fixing import Fixing
from app.planning import Planning
from app.processes import only_worker
from app.steps import failure_of
from app.worker import LEASE_S, Worker
from app.world import World
from core.decide import UNDER_WAY, WHO_CALLS, decide
from core.errors import AlreadyDecided, Declined, NotAllowed, SettingsError, UsageError
from core.gate import Revert, Terms
from core.ports import Chat
from core.types import EMPTY, Card, DecisionKind, Fix, FixPlan, FixState, Person

WAIT_S = 300.0
"""How long a worker that runs already is waited for."""
_LOOK_S = 0.5
_MOVING = (FixState.APPROVED, FixState.REVERTING)
_UNDONE = (FixState.NONE, FixState.REVERTED, FixState.REVERTING)


def whoami() -> Person:
    """Return who runs this process, by the account that the system knows and no variable changes."""
    try:
        login = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run under an id without a name
        login = f"uid-{os.getuid()}"
    return Person(team="", user=login, name=f"{login}@{socket.gethostname()}")


class Operator:
    """Plans, approves and carries out live changes of one world."""

    def __init__(
        self, world: World, chat: Chat, *, clock: Callable[[], datetime], person: Person
    ) -> None:
        self._world = world
        self._chat = chat
        self._clock = clock
        self._person = person
        fixing = Fixing(world, chat, clock=clock)
        self._planning = Planning(world, chat, fixing, clock=clock)

    # ── what would be done ────────────────────────────────────────────────────

    def plan(self, card: Card) -> FixPlan:
        """Read the before-image and return the change, bound to its gates; nothing is stored.

        Raises: Declined with the reason there is none, AlreadyDecided, NoBlueprint, CloudError.
        """
        held, finding = gates.in_force(self._world), card.finding
        refusal = live.refusal(self._world.settings.live, finding, card.link)
        if refusal := refusal or held.refusal(finding):
            raise Declined(refusal)
        if card.fix and card.fix.state in UNDER_WAY:
            raise AlreadyDecided(
                f"A fix of this finding is {card.fix.state.value.replace('_', ' ')} already: "
                "plumbline live status shows it."
            )
        plan = self._world.make_plan(finding, None)
        return self._planning.bound(plan, card, held.of(finding))

    def inverse(self, card: Card) -> tuple[Fix, FixPlan]:
        """Return the live fix of a finding that can be undone, and the calls that would undo it.

        Raises: Declined, ResourceMoved when it is no longer as the fix left it, CloudError.
        """
        fix = self._made(card)
        return fix, self._world.live_planner.revert(self._world.store.plan(fix.plan_digest))

    def _made(self, card: Card) -> Fix:
        store = self._world.store
        made = [
            fix
            for fix in store.fixes(states=[each.value for each in FixState])
            if fix.finding_uid == card.finding.uid
            and fix.state not in (*_UNDONE, FixState.APPROVED)
        ]
        lives = [
            fix for fix in made if (plan := store.plan(fix.plan_digest)).live and not plan.reverts
        ]
        if not lives:
            raise Declined("No live change of this finding was made, so there is none to undo.")
        return lives[-1]

    # ── who may, and their word ───────────────────────────────────────────────

    def require_may(self, kind: DecisionKind, terms: Terms) -> None:
        """Refuse who may not approve or undo here. Raises: NotAllowed."""
        if refusal := self._refusal(kind, terms):
            raise NotAllowed(refusal)

    def _refusal(self, kind: DecisionKind, terms: Terms) -> str:
        button = "Revert fix" if kind is DecisionKind.REVERT_FIX else "Review fix"
        if self._person.user not in self._world.settings.live.operators:
            return (
                f"live.operators in plumbline.toml does not name {self._person.user}; use {button} "
                "in Slack, or have it named."
            )
        is_free = kind is DecisionKind.REVERT_FIX and terms.revert is Revert.ANYONE
        if terms.approvals > 1 and not is_free:
            return (
                f"Gate {' and '.join(terms.gates)} wants {terms.approvals} people, and a login here "
                f"may be the same person as a name in Slack: use {button} there."
            )
        return ""

    def approve(self, plan: FixPlan, *, callers: str = "") -> None:
        """Record the approval of exactly this plan. Raises: every DecisionError."""
        self.require_may(DecisionKind.APPROVE_FIX, plan.terms)
        self._world.store.save_plan(plan)
        self._decide(DecisionKind.APPROVE_FIX, plan, callers=callers)

    def undo(self, fix: Fix, *, reason: str) -> None:
        """Record that a fix is to be undone. Raises: every DecisionError."""
        self._decide(
            DecisionKind.REVERT_FIX, self._world.store.plan(fix.plan_digest), reason=reason
        )

    def _decide(
        self, kind: DecisionKind, plan: FixPlan, *, reason: str = "", callers: str = ""
    ) -> None:
        decide(
            self._world.store,
            kind=kind,
            finding_uid=plan.finding_uid,
            person=self._person,
            now=self._clock(),
            permit=lambda _, asked, __: self._refusal(asked, plan.terms),
            reason=reason,
            plan_digest=plan.digest,
            answers={WHO_CALLS: callers} if callers else EMPTY,
        )
        self._chat.post_card(self._world.store.card(plan.finding_uid))

    # ── doing it now ──────────────────────────────────────────────────────────

    def carry_out(self, digest: str) -> Fix:
        """Do what is due for a plan: change and verify, or undo; return where its fix stands.

        A worker that runs in this home does it, and is waited for; else this process is the worker.
        """
        if self._world.settings.workflow.executor != "embedded":
            return self._fix(digest)  # the orchestrator has begun, or waits for the approval
        with ExitStack() as held:
            try:
                held.enter_context(only_worker(self._world.home))
            except SettingsError:
                return self._waited(digest)
            self._world.store.release_jobs()
            self._work(digest)
        return self._fix(digest)

    def _work(self, digest: str) -> None:
        if self._fix(digest).state is FixState.REVERTING:
            self._do("revert", digest)
            begun = self._world.store.current_plan(self._world.store.plan(digest).finding_uid)
            if begun and begun.reverts == digest:
                self._do("verify", begun.digest)
            return
        self._do("execute", digest)
        if self._fix(digest).state is FixState.APPLIED:
            self._do("verify", digest)

    def _do(self, kind: str, digest: str) -> None:
        """Do one step now; its job is taken from the queue, so that nobody does it again."""
        store = self._world.store
        job = store.claim_now(kind, digest, lease_s=LEASE_S)
        if job is None:
            store.enqueue(kind, digest, {"plan_digest": digest})
            job = store.claim_now(kind, digest, lease_s=LEASE_S)
        if job:
            worker = Worker(self._world, self._chat, picture=lambda _: None, clock=self._clock)
            worker.do(job)

    def _waited(self, digest: str) -> Fix:
        ends = time.monotonic() + WAIT_S
        while time.monotonic() < ends:
            fix = self._fix(digest)
            if fix.state not in _MOVING or fix.detail:
                return fix
            time.sleep(_LOOK_S)
        raise UsageError("The worker that runs here has not done it yet: plumbline live status.")

    def _fix(self, digest: str) -> Fix:
        fix = self._world.store.fix(digest)
        if fix is None:
            raise NotAllowed("This plan has not been approved, so nothing is changed.")
        return fix

    def under_way(self) -> Iterator[Fix]:
        """Yield the live changes that are approved, made and not verified, or broken off."""
        store = self._world.store
        states = [each.value for each in (*_MOVING, FixState.APPLIED)]
        for fix in store.fixes(states=states):
            plan = store.plan(fix.plan_digest)
            if plan.live and not plan.reverts:
                yield fix
        for plan in live.unfinished(store):
            yield self._fix(plan.digest)

    def said(self, fix: Fix) -> str:
        """Say why a fix stands where it does; empty where nothing held it back."""
        if fix.detail or fix.state not in _MOVING:
            return fix.detail
        return failure_of(self._world.store, fix.plan_digest)
