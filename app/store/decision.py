"""What a decision changes beside its own record: the finding, its owner, its fix."""

from dataclasses import replace

from app.store import card as cards
from app.store import codec, scan
from app.store import trial as trials
from app.store.library import Database
from app.store.time import stamp
from app.store.word import decisions
from core import opinion, quorum
from core.decide import UNDER_WAY
from core.errors import AlreadyDecided, DecisionError, NotFound, StalePlan
from core.trial import TrialState
from core.types import Decision, DecisionKind, Finding, Fix, FixPlan, FixState, Status

_CLOSING = (
    DecisionKind.FALSE_POSITIVE,
    DecisionKind.NOT_APPLICABLE,
    DecisionKind.ACCEPT_RISK,
    DecisionKind.SNOOZE,
)
_OPENING = (DecisionKind.CONFIRM, DecisionKind.TAKE_BACK)
_CLOSED = (Status.FIXED, Status.SUPPRESSED, Status.ACCEPTED)
_UNDOABLE = (
    FixState.VERIFIED,
    FixState.MERGED,
    FixState.APPLIED,
    FixState.FAILED,
    FixState.WORSE,
)


def apply(db: Database, decision: Decision) -> bool:
    """Change what a decision is about; return whether a plan has its last needed approval with it.

    Raises: StalePlan, AlreadyDecided, DecisionError.
    """
    found = cards.finding(db, decision.finding_uid)
    if found is None:
        raise NotFound(f"There is no finding {decision.finding_uid[:24]}.")
    if decision.kind is DecisionKind.APPROVE_FIX:
        return _approve(db, decision, found.status)
    if decision.kind is DecisionKind.AUTO_FIX:
        return _fix_automatically(db, decision, found.status)
    if decision.kind is DecisionKind.REJECT_FIX:
        _stop_waiting(db, decision)
    elif decision.kind is DecisionKind.REVERT_FIX:
        return _revert(db, decision)
    elif decision.kind in (DecisionKind.GO_ON, DecisionKind.WAIT_LONGER):
        _answer(db, decision)
    elif decision.kind is DecisionKind.NOT_MINE:
        fact = scan.owner_fact(found.resource_uid)
        owner = decision.answers.get("owner", "").strip()
        db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [fact, owner])
        cards.rewrite(db, found.uid, status=None, until=None)
    elif decision.kind in (*_CLOSING, *_OPENING):
        move(db, found, decision)
    return False


def move(db: Database, found: Finding, decision: Decision) -> None:
    """Bring a finding to where its decisions leave it, with one that is not in the record yet.

    What is gone, or covered by an exception, is not opened by what people say.
    """
    kept = found.status is Status.FIXED or found.exemption is not None
    if decision.kind in _OPENING and kept:
        return
    said = (*decisions(db, found.uid), decision)
    status, until = opinion.outcome(said, now=decision.decided_at)
    if status is Status.OPEN and found.status is Status.UNKNOWN:
        return
    cards.rewrite(db, found.uid, status=status, until=stamp(until) if until else None)


def _approve(db: Database, decision: Decision, status: Status) -> bool:
    plan = _plan_to_approve(db, decision, status)
    earlier = decisions(db, decision.finding_uid)
    held = quorum.approvals(plan, (*earlier, decision), at=decision.decided_at)
    missing = plan.terms.approvals - len(held)
    if missing > 0:
        before = quorum.approvals(plan, earlier, at=decision.decided_at)
        if decision.person.key in {each.person.key for each in before}:
            raise AlreadyDecided("You approved this plan already; somebody else has to agree.")
        return False
    write_fix(db, Fix(plan.digest, decision.finding_uid, FixState.APPROVED, decision.decided_at))
    return True


def _fix_automatically(db: Database, decision: Decision, status: Status) -> bool:
    plan = _plan_to_approve(db, decision, status)
    announced = [f for f in fixes(db, plan.finding_uid) if f.plan_digest == plan.digest]
    if not announced or announced[0].state is not FixState.PLANNED:
        raise AlreadyDecided("Somebody stopped this fix before it was made.")
    write_fix(
        db,
        replace(announced[0], state=FixState.APPROVED, updated_at=decision.decided_at, detail=""),
    )
    return True


def _stop_waiting(db: Database, decision: Decision) -> None:
    """Stop what is announced, or approved and waiting; what is being made goes its way."""
    for fix in fixes(db, decision.finding_uid):
        if fix.state is FixState.PLANNED or (fix.state is FixState.APPROVED and fix.detail):
            at = decision.decided_at
            write_fix(db, replace(fix, state=FixState.NONE, updated_at=at, detail=""))


def _plan_to_approve(db: Database, decision: Decision, status: Status) -> FixPlan:
    plan = current_plan(db, decision.finding_uid)
    if plan is None or plan.digest != decision.plan_digest:
        raise StalePlan("The plan changed since you saw it. Open Review fix again.")
    if plan.valid_until <= decision.decided_at:
        raise StalePlan("The plan has expired. Open Review fix again for a fresh one.")
    for fix in fixes(db, decision.finding_uid):
        if fix.state in UNDER_WAY or (
            fix.plan_digest == plan.digest and fix.state is FixState.VERIFIED
        ):
            raise AlreadyDecided("Somebody approved this fix before you; nothing more is needed.")
    if status in _CLOSED:
        raise AlreadyDecided(f"This finding is {status.value} already, so nothing is changed.")
    return plan


def _revert(db: Database, decision: Decision) -> bool:
    known = fixes(db, decision.finding_uid)
    fix = next((each for each in known if each.plan_digest == decision.plan_digest), None)
    if fix is None:
        raise DecisionError("There is no fix to undo.")
    if fix.state not in _UNDOABLE:
        raise AlreadyDecided(f"This fix is {fix.state.value.replace('_', ' ')}; it is not undone.")
    query = "SELECT body FROM plans WHERE digest = ?"
    plan = codec.loads(FixPlan, next(db.query(query, [fix.plan_digest]))["body"])
    earlier, at = decisions(db, decision.finding_uid), decision.decided_at
    if quorum.missing_to_undo(plan, (*earlier, decision), since=fix.updated_at, at=at):
        before = quorum.undoing(plan, earlier, since=fix.updated_at, at=at)
        if decision.person.key in {each.person.key for each in before}:
            raise AlreadyDecided("You asked for this already; somebody else has to agree.")
        return False
    write_fix(db, replace(fix, state=FixState.REVERTING, updated_at=at, detail=""))
    return True


def _answer(db: Database, decision: Decision) -> None:
    """Take up a trial that asked: let it count as stood, or observe longer."""
    asked = trials.trial(db, decision.plan_digest)
    if asked is None or asked.state is not TrialState.ASKED:
        raise AlreadyDecided("This trial is not waiting for an answer any more.")
    if decision.kind is DecisionKind.GO_ON:
        answered = replace(asked, state=TrialState.WATCHING)
    else:
        until = decision.decided_at + (asked.until - asked.since)
        answered = replace(asked, state=TrialState.OBSERVING, until=until)
    trials.write(db, answered)


def current_plan(db: Database, finding_uid: str) -> FixPlan | None:
    """Return the plan in force for a finding."""
    query = "SELECT body FROM plans WHERE finding_uid = ? AND is_current"
    row = next(db.query(query, [finding_uid]), None)
    return codec.loads(FixPlan, row["body"]) if row else None


def fixes(db: Database, finding_uid: str) -> tuple[Fix, ...]:
    """Return the fixes of a finding, oldest change first."""
    query = "SELECT body FROM fixes WHERE finding_uid = ? ORDER BY updated_at, rowid"
    return tuple(codec.loads(Fix, row["body"]) for row in db.query(query, [finding_uid]))


def write_fix(db: Database, fix: Fix) -> None:
    """Write where a fix stands."""
    db.execute(
        "INSERT OR REPLACE INTO fixes VALUES (?, ?, ?, ?, ?)",
        [
            fix.plan_digest,
            fix.finding_uid,
            fix.state.value,
            stamp(fix.updated_at),
            codec.dumps(fix),
        ],
    )
