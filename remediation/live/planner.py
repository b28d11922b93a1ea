"""From a finding on a resource that no template declares to an exact live change, and back."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from core import identity, secret
from core.errors import CloudError, Declined, NoBlueprint, ResourceMoved
from core.ports import Clock, LiveApi, LiveJournal
from core.types import (
    Finding,
    Fix,
    FixPlan,
    FixState,
    Link,
    LiveCall,
    LiveChange,
    LiveStep,
    Person,
    Proof,
    Resource,
)
from remediation import words
from remediation.live.blueprint import LIVE, LiveTarget, load
from remediation.live.executor import Executor, is_as, made
from templates import edit

VALIDITY = timedelta(hours=8)
_STACK_TAG = "aws:cloudformation:stack-name"
DIRECT = "No template declares this; this changes the live resource directly"
_GUESSED = frozenset({secret.PLAIN, "high_entropy"})  # ids and ARNs look random too

Open = Callable[[str, str], LiveApi]
"""Returns the cloud's calls in an account and Region."""


class LivePlanner:
    """Implements `core.ports.Planner` on live resources.

    `open_api` gives the calls of an account and Region, under a role that is not the scanner's.
    `resource` returns a resource as a scan last saw it; `recheck` decides a finding anew, now.
    """

    def __init__(  # noqa: PLR0913 - its collaborators, keywords all
        self,
        *,
        open_api: Open,
        journal: LiveJournal,
        resource: Callable[[str], Resource | None],
        recheck: Callable[[Finding], Finding],
        clock: Clock,
        secret_key: bytes,
        validity: timedelta = VALIDITY,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        load()
        self._open = open_api
        self._journal = journal
        self._resource = resource
        self._recheck = recheck
        self._clock = clock
        self._key = secret_key
        self._validity = validity
        self._pause = pause

    def can_fix(self, check_id: str) -> bool:
        """Whether a live blueprint exists for the check."""
        return check_id in LIVE

    def plan(
        self,
        finding: Finding,
        link: Link | None = None,
        *,
        order: Sequence[str] = (),  # noqa: ARG002 - of a live change there is one way only
    ) -> FixPlan:
        """Plan the change, with the before-image read now; nothing is changed.

        Raises: NoBlueprint, Declined, CloudError.
        """
        if link is not None:
            raise Declined("A template declares this resource: it is changed there")
        if finding.check_id not in LIVE:
            raise NoBlueprint(f"No live blueprint exists for {words.one_line(finding.check_id)}")
        blueprint = LIVE[finding.check_id]
        resource = self._as_found(finding)
        target = LiveTarget(
            resource, self._open(finding.account, resource.region), uses=blueprint.uses
        )
        try:
            blueprint.apply(target)
        except CloudError as error:
            raise Declined(f"{error}, so there is no before-image") from error
        if not target.steps:
            raise Declined("The live resource has this already: use Check again")
        change = LiveChange(
            resource.uid,
            resource.type,
            finding.account,
            resource.region,
            tuple(target.steps),
            tuple(target.then),
            target.shift,
        )
        self._refuse_secrets(change)
        return self._bound(
            change,
            finding_uid=finding.uid,
            check_id=finding.check_id,
            summary=f"{blueprint.summary} ({words.one_line(resource.name, limit=120)}, live)",
            may_break=(DIRECT, *blueprint.may_break),
            asks_who_calls=blueprint.asks_who_calls,
            tier=blueprint.tier,
        )

    def revert(self, plan: FixPlan) -> FixPlan:
        """Plan the way back to the before-image.

        Raises: ResourceMoved when the resource changed since; CloudError.
        """
        if plan.live is None:
            raise Declined("This plan changed files, not a live resource")
        api = self._open(plan.live.account, plan.live.region)
        steps = made(plan, self._journal.journal(plan.digest))
        moved = [step.aspect for step in steps if not is_as(api, step, step.after)]
        if moved:
            raise ResourceMoved(
                f"{', '.join(moved)} of the resource changed since the fix, so it is not put back: "
                "that would undo somebody else's change"
            )
        return self._bound(
            replace(plan.live, steps=_inverse(steps), then=(), shift=None),
            finding_uid=plan.finding_uid,
            check_id=plan.check_id,
            summary=f"Undo: {plan.summary}",
            may_break=("The finding comes back: the resource is as it was before the fix",),
            asks_who_calls=False,
            tier=plan.tier,
            reverts=plan.digest,
        )

    def is_outdated(self, plan: FixPlan) -> bool:  # noqa: ARG002  # the port's
        """Return False: a live change is made at once, and looks at the resource itself."""
        return False

    def is_same_edit(self, approved: FixPlan, again: FixPlan) -> bool:
        """Whether two plans take the very same steps."""
        return approved.live == again.live

    def adopt(self, plan: FixPlan, finding_uid: str, check_id: str) -> FixPlan:
        """Refuse: a live change is approved for one finding and carries no other."""
        raise Declined(
            f"Plan {plan.digest[:8]} is approved for its own finding, not for {finding_uid[:8]} "
            f"({check_id})"
        )

    def execute(self, plan: FixPlan, *, approvers: Sequence[Person], audit_head: str) -> Fix:
        """Carry the change out, exactly once however often it is called with this plan.

        Raises: ResourceMoved, Declined when it could not be and was undone; CloudError when that
        is still to be done. The audit chain says by whom it was approved and each step of it.
        """
        if plan.live is None:
            raise Declined("This plan changes files, not a live resource")
        if not approvers or not audit_head:
            raise Declined("Nobody approved this change")
        api = self._open(plan.live.account, plan.live.region)
        Executor(api, self._journal, self._pause).run(plan)
        return Fix(
            plan_digest=plan.digest,
            finding_uid=plan.finding_uid,
            state=FixState.APPLIED,
            updated_at=self._clock(),
        )

    def complete(self, plan: FixPlan) -> None:
        """Make what follows once a change has stood its trial, exactly once however often called.

        Raises: ResourceMoved when somebody else changed the resource; CloudError to try again.
        """
        if plan.live is None or not plan.live.then:
            return
        api = self._open(plan.live.account, plan.live.region)
        Executor(api, self._journal, self._pause).complete(plan)

    def _as_found(self, finding: Finding) -> Resource:
        """Return the resource, if the finding still says what it said."""
        now = self._recheck(finding)
        if now.status != finding.status or now.evidence != finding.evidence:
            raise ResourceMoved(
                "The resource is no longer as the finding saw it. The finding is brought up to "
                "date; open Review fix again."
            )
        resource = self._resource(finding.resource_uid)
        if resource is None:
            raise ResourceMoved("The resource is gone: use Check again")
        stack = resource.tags.get(_STACK_TAG)
        if stack:
            raise Declined(
                f"The stack {words.one_line(stack, limit=80)} declares this resource: change its "
                "template, or the next deployment takes the change back"
            )
        return resource

    def _refuse_secrets(self, change: LiveChange) -> None:
        """Refuse a before-image with a secret in it: it would have to be stored to be put back."""
        for step in change.steps:
            for name, text in _texts(step.before):
                if secret.classify(name, text) not in _GUESSED:
                    raise Declined(
                        f"{step.aspect} seems to hold a secret, and no before-image of it is kept"
                    )

    def _bound(self, change: LiveChange, **facts: Any) -> FixPlan:
        now = self._clock()
        return FixPlan(
            digest=digest(change, facts["finding_uid"], now.isoformat(), facts.get("reverts", "")),
            repository="",
            base_branch="",
            base_commit="",
            changes=(),
            diff=words.redact(shown(change), key=self._key),
            proofs=(
                Proof("before-image kept", held=True, detail="Revert puts it back"),
                Proof("inverse tested", held=True, detail="against a local AWS, for this check"),
            ),
            created_at=now,
            valid_until=now + self._validity,
            live=change,
            **facts,
        )


def digest(change: LiveChange, finding: str, at: str, reverts: str) -> str:
    """Return the SHA-256 that an approval names: every call, every state, and when it was read."""
    return identity.digest(
        {
            "finding": finding,
            "resource": change.resource_uid,
            "account": change.account,
            "region": change.region,
            "read_at": at,
            "steps": [_plain(step) for step in change.steps],
            **({"then": [_plain(step) for step in change.then]} if change.then else {}),
            "reverts": reverts,
        }
    )


def shown(change: LiveChange) -> str:
    """Return the calls that will be made, each with its before and after as a diff."""
    said = [
        f"{number}. {_said(step.apply)}\n{_diff(step)}"
        for number, step in enumerate(change.every, start=1)
    ]
    if change.then:
        said.insert(len(change.steps), "Once this has stood its trial as a canary:\n")
    return "\n".join(said)


def _said(call: LiveCall) -> str:
    return f"{call.operation} {json.dumps(call.parameters, sort_keys=True, ensure_ascii=False)}"


def _diff(step: LiveStep) -> str:
    return edit.diff(step.aspect, _lines(step.before), _lines(step.after))


def _lines(state: Any) -> bytes:
    if state is None:
        return b""
    value = _parsed(state)
    return f"{json.dumps(value, indent=2, ensure_ascii=False)}\n".encode()


def _parsed(state: Any) -> Any:
    """Return a policy, which AWS keeps as text, as what it says."""
    if not isinstance(state, str) or not state.startswith("{"):
        return state
    try:
        return json.loads(state)
    except ValueError:
        return state


def _plain(step: LiveStep) -> dict[str, Any]:
    return {
        "aspect": step.aspect,
        "key": step.key,
        "calls": [[c.operation, c.parameters] for c in (step.read, step.apply, step.undo) if c],
        "before": step.before,
        "after": step.after,
    }


def _inverse(steps: Sequence[LiveStep]) -> tuple[LiveStep, ...]:
    """Return the way back, last step first; what stays has none."""
    return tuple(
        replace(step, before=step.after, after=step.before, apply=step.undo, undo=step.apply)
        for step in reversed(steps)
        if step.undo
    )


def _texts(state: Any, name: str = "") -> Sequence[tuple[str, str]]:
    value = _parsed(state)
    if isinstance(value, dict):
        return [found for key, each in value.items() for found in _texts(each, str(key))]
    if isinstance(value, list):
        return [found for each in value for found in _texts(each, name)]
    return [(name, value)] if isinstance(value, str) else []
