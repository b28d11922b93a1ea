"""Join: a change that is on its way for one finding puts its copies right too.

One declaration can stand behind several live resources: a stack deployed twice, a loop. Each has
its own finding, and the same edit would put all of them right, so it is committed once: the other
findings join that fix, follow its pull request, and are verified each for itself.
"""

from collections.abc import Iterator, Sequence

from core.ports import Store
from core.types import Card, Fix, FixPlan, FixState, Link

_DECIDED = (FixState.APPROVED, FixState.PULL_REQUEST, FixState.MERGED, FixState.VERIFIED)


_MADE = (FixState.VERIFIED, FixState.RETURNED, FixState.WORSE)


def carrier(store: Store, plan: FixPlan, *, own: Fix | None = None) -> Fix | None:
    """Return the fix of another finding that makes a plan's change already, if there is one.

    `own` is the plan's fix once it is approved: of two that are, the one approved first goes ahead.
    """
    for fix in _others(store, plan.finding_uid, _DECIDED):
        if _is_ahead(fix, plan, own) and is_same_change(store.plan(fix.plan_digest), plan):
            return fix
    return None


def _is_ahead(fix: Fix, plan: FixPlan, own: Fix | None) -> bool:
    if fix.state is FixState.APPROVED:
        place = (fix.updated_at, fix.plan_digest)
        return own is None or place < (own.updated_at, own.plan_digest)
    # a plan made after a merge saw it in the file: if it still changes something, that was undone
    return fix.state is FixState.PULL_REQUEST or fix.updated_at > plan.created_at


def merged_for(store: Store, card: Card, link: Link) -> Fix | None:
    """Return the fix that put a finding's declaration right, where the template says so already.

    A finding that was seen later, or was fixed once itself, has drifted: no fix carries it.
    """
    if card.fix and card.fix.state in _MADE:
        return None
    for fix in _others(store, card.finding.uid, _DECIDED[1:]):
        plan = store.plan(fix.plan_digest)
        seen = card.finding.first_seen
        is_older = seen is not None and seen <= fix.updated_at
        if is_older and plan.check_id == card.finding.check_id and _declares(plan, link):
            return fix
    return None


def _declares(plan: FixPlan, link: Link) -> bool:
    source = plan.source
    declared = source and (plan.repository, source.file, source.address)
    return not plan.reverts and declared == (link.repository, link.path, link.address)


def _others(store: Store, finding_uid: str, states: Sequence[FixState]) -> Iterator[Fix]:
    fixes = store.fixes(states=[state.value for state in states])
    return (fix for fix in reversed(fixes) if fix.finding_uid != finding_uid)


def is_same_change(one: FixPlan, other: FixPlan) -> bool:
    """Whether two plans edit the same: to the byte, or the same words for the same declaration.

    The latter stand at another place in the file where the two saw different versions of it.
    """
    if one.live or other.live or _aim(one) != _aim(other):
        return False
    if one.changes == other.changes:
        return True
    declaration = _declaration(one)
    return declaration is not None and (
        (declaration, _written(one)) == (_declaration(other), _written(other))
    )


def _aim(plan: FixPlan) -> tuple[str, str, bool]:
    return plan.repository, plan.base_branch, bool(plan.reverts)


def _declaration(plan: FixPlan) -> tuple[str, str, str] | None:
    source = plan.source
    return (plan.check_id, source.file, source.address) if source and source.address else None


def _written(plan: FixPlan) -> list[tuple[str, tuple[bytes, ...]]]:
    return [(each.path, tuple(edit.replacement for edit in each.edits)) for each in plan.changes]
