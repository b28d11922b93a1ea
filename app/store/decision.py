"""What a decision changes beside its own record: the finding, its owner, its fix."""

from dataclasses import replace

from app.store import card as cards
from app.store import codec, scan
from app.store.library import Database
from app.store.time import stamp
from core.decide import UNDER_WAY, status_after
from core.errors import AlreadyDecided, DecisionError, NotFound, StalePlan
from core.types import Decision, DecisionKind, Fix, FixPlan, FixState, Status

_CLOSING = (
    DecisionKind.FALSE_POSITIVE,
    DecisionKind.NOT_APPLICABLE,
    DecisionKind.ACCEPT_RISK,
    DecisionKind.SNOOZE,
)
_CLOSED = (Status.FIXED, Status.SUPPRESSED, Status.ACCEPTED)
_UNDOABLE = (FixState.VERIFIED, FixState.MERGED, FixState.FAILED)


def apply(db: Database, decision: Decision) -> None:
    """Change what a decision is about. Raises: StalePlan, AlreadyDecided, DecisionError."""
    found = cards.finding(db, decision.finding_uid)
    if found is None:
        raise NotFound(f"There is no finding {decision.finding_uid[:24]}.")
    if decision.kind is DecisionKind.APPROVE_FIX:
        _approve(db, decision, found.status)
    elif decision.kind is DecisionKind.REVERT_FIX:
        _revert(db, decision)
    elif decision.kind is DecisionKind.NOT_MINE:
        fact = scan.owner_fact(found.resource_uid)
        owner = decision.answers.get("owner", "").strip()
        db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [fact, owner])
        cards.rewrite(db, found.uid, status=None, until=None)
    elif decision.kind in _CLOSING:
        until = stamp(decision.until) if decision.until else None
        cards.rewrite(db, found.uid, status=status_after(decision.kind, found.status), until=until)


def _approve(db: Database, decision: Decision, status: Status) -> None:
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
    write_fix(db, Fix(plan.digest, decision.finding_uid, FixState.APPROVED, decision.decided_at))


def _revert(db: Database, decision: Decision) -> None:
    known = fixes(db, decision.finding_uid)
    fix = next((each for each in known if each.plan_digest == decision.plan_digest), None)
    if fix is None:
        raise DecisionError("There is no fix to undo.")
    if fix.state not in _UNDOABLE:
        raise AlreadyDecided(f"This fix is {fix.state.value.replace('_', ' ')}; it is not undone.")
    write_fix(db, replace(fix, state=FixState.REVERTING, updated_at=decision.decided_at))


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
