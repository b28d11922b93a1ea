"""Decide: one person's act on one finding becomes a record, a label and work to do."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from core import quorum
from core.errors import DecisionError, NotAllowed, StalePlan
from core.gate import Mode, Revert
from core.identity import sha256
from core.opinion import OF, WORDS, standing
from core.ports import Job, Store
from core.quorum import PLUMBLINE
from core.types import (
    EMPTY,
    Card,
    Decision,
    DecisionKind,
    FixPlan,
    FixState,
    Label,
    LabelOrigin,
    Person,
    Status,
    Verdict,
)

Permit = Callable[[Person, DecisionKind, Card], str]
"""Returns an empty text when the person may, else the sentence that refuses."""

ACCEPT_DAYS_MAX = 90
WHO_CALLS = "who_calls"
WHO_CALLS_UNKNOWN = "unknown"

_VERDICTS = {
    DecisionKind.APPROVE_FIX: Verdict.APPROVE,
    DecisionKind.CONFIRM: Verdict.APPROVE,
    DecisionKind.FALSE_POSITIVE: Verdict.FALSE_POSITIVE,
    DecisionKind.NOT_APPLICABLE: Verdict.NOT_APPLICABLE,
    DecisionKind.ACCEPT_RISK: Verdict.ACCEPTED_RISK,
}
_NEEDS_REASON = {DecisionKind.ACCEPT_RISK, DecisionKind.REJECT_FIX, DecisionKind.NOT_APPLICABLE}
_NEEDS_END = {DecisionKind.ACCEPT_RISK, DecisionKind.SNOOZE}
_OPEN_ONLY = {
    DecisionKind.FALSE_POSITIVE,
    DecisionKind.NOT_APPLICABLE,
    DecisionKind.ACCEPT_RISK,
    DecisionKind.SNOOZE,
    DecisionKind.CONFIRM,
}


def decide(  # noqa: PLR0913  # a decision has that many independent facts
    store: Store,
    *,
    kind: DecisionKind,
    finding_uid: str,
    person: Person,
    now: datetime,
    permit: Permit,
    reason: str = "",
    until: datetime | None = None,
    plan_digest: str = "",
    answers: Mapping[str, str] = EMPTY,
    origin: LabelOrigin = LabelOrigin.PERSON,
) -> Decision:
    """Record a decision and start what follows from it.

    Raises: NotFound, NotAllowed, StalePlan, AlreadyDecided, DecisionError (a reason or an end is
    missing or out of range). Nothing is changed when it raises.
    """
    card = store.card(finding_uid)
    refusal = permit(person, kind, card)
    if refusal:
        raise NotAllowed(refusal)
    _require(kind, card, reason=reason, until=until, now=now)
    if kind is DecisionKind.TAKE_BACK:
        _require_word(card, answers)
    if kind is DecisionKind.APPROVE_FIX:
        plan = _require_plan(store, finding_uid, plan_digest, answers)
        _require_terms(plan, card, person)
    if kind is DecisionKind.REVERT_FIX and store.fix(plan_digest):
        _require_other_undoer(store.plan(plan_digest), card, person)
    decision = Decision(
        uid=uuid.uuid4().hex,
        finding_uid=finding_uid,
        kind=kind,
        person=person,
        decided_at=now,
        reason=reason.strip(),
        until=until,
        plan_digest=plan_digest,
        answers=dict(answers),
    )
    store.decide(
        decision,
        label=_label(decision, card, origin),
        jobs=_jobs(decision),
        once_approved=_execution(decision),
    )
    return decision


def fix_automatically(store: Store, plan: FixPlan, *, gates: str, now: datetime) -> None:
    """Let an announced plan go ahead that nobody objected to; the gates that let it are on record.

    It says nothing of the finding, so it is no label. Raises: StalePlan, AlreadyDecided.
    """
    decision = _of_gate(DecisionKind.AUTO_FIX, plan, gates=gates, now=now)
    refresh = job("refresh", plan.finding_uid, {"finding_uid": plan.finding_uid})
    store.decide(decision, label=None, jobs=(refresh,), once_approved=_execution(decision))


def roll_back(store: Store, plan: FixPlan, *, reason: str, now: datetime) -> None:
    """Have a fix undone that did harm. Raises: AlreadyDecided when that is under way."""
    decision = _of_gate(DecisionKind.REVERT_FIX, plan, gates="Plumbline", now=now)
    decision = replace(decision, reason=reason)
    store.decide(decision, label=None, jobs=_jobs(decision), once_approved=_execution(decision))


def withdraw_automatic(store: Store, plan: FixPlan, *, reason: str, now: datetime) -> None:
    """Take an announcement back, so that people decide from here on."""
    decision = _of_gate(DecisionKind.REJECT_FIX, plan, gates="Plumbline", now=now)
    refresh = job("refresh", plan.finding_uid, {"finding_uid": plan.finding_uid})
    store.decide(replace(decision, reason=reason), label=None, jobs=(refresh,))


def _of_gate(kind: DecisionKind, plan: FixPlan, *, gates: str, now: datetime) -> Decision:
    return Decision(
        uid=uuid.uuid4().hex,
        finding_uid=plan.finding_uid,
        kind=kind,
        person=Person(team="", user=PLUMBLINE, name=gates),
        decided_at=now,
        plan_digest=plan.digest,
    )


def _require(
    kind: DecisionKind, card: Card, *, reason: str, until: datetime | None, now: datetime
) -> None:
    if kind in _OPEN_ONLY and card.finding.status is Status.FIXED:
        raise DecisionError("This finding is fixed already; there is nothing left to decide.")
    if kind in _NEEDS_REASON and not reason.strip():
        raise DecisionError("Please give a reason; it is kept with the decision.")
    if kind is DecisionKind.CONFIRM and card.finding.status is Status.ACCEPTED:
        raise DecisionError(
            "This risk is accepted, which leaves it real. Take the acceptance back to open it again."
        )
    if kind not in _NEEDS_END:
        return
    if until is None or until <= now:
        raise DecisionError("Please choose an end that lies in the future.")
    if until > now + timedelta(days=ACCEPT_DAYS_MAX):
        raise DecisionError(f"The end may lie {ACCEPT_DAYS_MAX} days ahead at most.")


def _require_word(card: Card, answers: Mapping[str, str]) -> None:
    said = (each for each in standing(card.decisions) if each.kind in WORDS)
    if all(each.person.key != answers[OF] for each in said):
        raise DecisionError("There is no word on this finding to take back.")


def _require_plan(
    store: Store, finding_uid: str, plan_digest: str, answers: Mapping[str, str]
) -> FixPlan:
    plan = store.current_plan(finding_uid)
    if plan is None or plan.digest != plan_digest:
        raise StalePlan("The plan changed since you saw it. Open Review fix again.")
    if plan.asks_who_calls and answers.get(WHO_CALLS, WHO_CALLS_UNKNOWN) == WHO_CALLS_UNKNOWN:
        raise DecisionError(
            "This fix may cut off callers. Find out who calls first; until then we only watch."
        )
    return plan


def _require_terms(plan: FixPlan, card: Card, person: Person) -> None:
    named = " and ".join(plan.terms.gates)
    if plan.terms.mode in (Mode.DETECT, Mode.SUGGEST):
        raise NotAllowed(f"Gate {named} only suggests here. Make the change shown by hand.")
    if not plan.terms.owner_approves and quorum.is_owner(person, card.finding.owner):
        raise NotAllowed(f"Gate {named} wants somebody else than the finding's owner to approve.")


def _require_other_undoer(plan: FixPlan, card: Card, person: Person) -> None:
    is_free = plan.terms.revert is not Revert.GATE or plan.terms.owner_approves
    if not is_free and quorum.is_owner(person, card.finding.owner):
        named = " and ".join(plan.terms.gates)
        raise NotAllowed(f"Gate {named} wants somebody else than the finding's owner to undo it.")


def _label(decision: Decision, card: Card, origin: LabelOrigin) -> Label | None:
    verdict = _VERDICTS.get(decision.kind)
    if verdict is None:
        return None
    return Label(
        uid=sha256(f"{decision.finding_uid}\n{decision.person.key}")[:24],
        finding_uid=decision.finding_uid,
        check_id=card.finding.check_id,
        resource_uid=card.finding.resource_uid,
        verdict=verdict,
        person=decision.person.key,
        labelled_at=decision.decided_at,
        origin=origin,
        reason=decision.reason,
        features=dict(card.assessment.features) if card.assessment else {},
    )


def _jobs(decision: Decision) -> tuple[Job, ...]:
    jobs = [job("refresh", decision.finding_uid, {"finding_uid": decision.finding_uid})]
    if decision.kind in (DecisionKind.GO_ON, DecisionKind.WAIT_LONGER):
        payload = {"plan_digest": decision.plan_digest, "decision": decision.kind.value}
        jobs.append(job("answer", decision.plan_digest, payload))
    if decision.kind in _VERDICTS or decision.kind is DecisionKind.TAKE_BACK:
        jobs.append(job("retrain", "retrain", {"finding_uid": decision.finding_uid}))
    return tuple(jobs)


def _execution(decision: Decision) -> tuple[Job, ...]:
    """Return what starts once a plan has the approvals that it needs, or its undoing has them."""
    digest = decision.plan_digest
    if decision.kind is DecisionKind.REVERT_FIX:
        payload = {"plan_digest": digest, "person": decision.person.key}
        return (job("revert", digest, payload),)
    return (job("execute", digest, {"plan_digest": digest}),)


def job(kind: str, key: str, payload: Mapping[str, str]) -> Job:
    """Return a new job."""
    return Job(uid=uuid.uuid4().hex, kind=kind, key=key, payload=payload, attempts=0)


UNDER_WAY = (
    FixState.APPROVED,
    FixState.PULL_REQUEST,
    FixState.MERGED,
    FixState.APPLIED,
    FixState.REVERTING,
)
"""A finding with a fix in one of these states takes no other fix."""
