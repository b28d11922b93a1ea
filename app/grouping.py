"""Like fixes go into one pull request: who belongs together, and how long each waits for the rest."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from app.world import World
from core.gate import Group
from core.identity import digest
from core.types import Fix, FixPlan, FixState


def opens_at(world: World, plan: FixPlan, group: Group) -> datetime | None:
    """Return until when a fix waits for like ones; None once as many as fit are approved."""
    like = approved(world, plan)
    if len(like) >= group.most or not like:
        return None
    return like[0][0].updated_at + timedelta(minutes=group.wait_min)


def approved(world: World, plan: FixPlan) -> tuple[tuple[Fix, FixPlan], ...]:
    """Return the approved fixes that are like a plan, itself among them, first approved first."""
    store = world.store
    fixes = store.fixes(states=[FixState.APPROVED.value])
    every = ((fix, store.plan(fix.plan_digest)) for fix in fixes)
    like = [each for each in every if _kind(each[1]) == _kind(plan) and not each[1].live]
    return tuple(sorted(like, key=lambda each: (each[0].updated_at, each[0].plan_digest)))


def begun(world: World, plan: FixPlan) -> tuple[str, ...]:
    """Return the digests of the group that a plan was put into before, if it was."""
    return next((each for each in _kept(world, plan) if plan.digest in each), ())


def begin(world: World, plans: Sequence[FixPlan]) -> None:
    """Remember a group before anything of it is pushed: after a crash it is the same one."""
    digests = tuple(each.digest for each in plans)
    _keep(world, plans[0], (*_kept(world, plans[0]), digests))


def end(world: World, plan: FixPlan) -> None:
    """Forget the group of a plan: it is proposed, or came to nothing."""
    _keep(world, plan, [each for each in _kept(world, plan) if plan.digest not in each])


def _kept(world: World, plan: FixPlan) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(each) for each in json.loads(world.store.get(_fact(plan), "[]")))


def _keep(world: World, plan: FixPlan, groups: Sequence[Sequence[str]]) -> None:
    world.store.put(_fact(plan), json.dumps([list(each) for each in groups]))


def _fact(plan: FixPlan) -> str:
    return f"groups.{digest(list(_kind(plan)))[:24]}"


def _kind(plan: FixPlan) -> tuple[str, ...]:
    """Say what makes fixes like: one check, one branch, one gate."""
    return (plan.repository, plan.base_branch, plan.check_id, plan.reverts, *plan.terms.gates)
