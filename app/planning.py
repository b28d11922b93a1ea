"""From a finding to the plan that is shown, or to the sentence that says why there is none."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from app import gates
from app.fixing import Fixing
from app.proposing import Proposing
from app.world import World
from core import join, usage
from core.decide import UNDER_WAY
from core.errors import AlreadyDeclared, Declined, NoBlueprint, ProofFailed
from core.gate import Gate, Mode
from core.ports import Chat
from core.types import Card, Fix, FixPlan, Link


class Planning:
    """Makes the plans of one world; copies of a declaration join the fix that is on its way."""

    def __init__(
        self, world: World, chat: Chat, fixing: Fixing, *, clock: Callable[[], datetime]
    ) -> None:
        self._world = world
        self._chat = chat
        self._fixing = fixing
        self._proposing = Proposing(world, clock=clock)

    def plan(self, payload: Mapping[str, Any]) -> None:
        """Make the plan of a finding, and fill the modal that waits for it.

        `alternative` names the way that a person chose instead of the one that was shown.
        """
        store = self._world.store
        card = store.card(str(payload["finding_uid"]))
        view_id = str(payload.get("view_id", ""))
        held = gates.in_force(self._world)
        refusal = self._world.fix_refusal(card.finding, card.link) or held.refusal(card.finding)
        name = str(payload.get("alternative", ""))
        if name and not refusal and card.fix and card.fix.state in UNDER_WAY:
            refusal = "A fix is under way already, so no other one can be chosen."
        if not refusal:
            refusal = self.planned(card, card.link, gate=held.of(card.finding), chosen=name)
            if name and refusal:
                refusal += " The fix shown before still stands: open Review fix again."
            card = store.card(card.finding.uid)
        if view_id:
            self._chat.show_plan(view_id, card, None if refusal else card.plan, refusal)

    def planned(
        self,
        card: Card,
        link: Link | None,
        *,
        gate: Gate,
        replaces: str = "",
        chosen: str = "",
    ) -> str:
        """Store a plan, or join the fix that makes its change already; say why there is no plan.

        `replaces` is the digest of the plan whose pull request no longer fits, `chosen` names the
        alternative that a person chose. Nothing is tried out where a gate fixes automatically: nobody
        would see it.
        """
        store = self._world.store
        try:
            if chosen:
                plan = self._world.make_plan(card.finding, link, order=(chosen,))
            else:
                explore = gate.mode is not Mode.AUTO
                plan = self._proposing.plan(card, link, explore=explore)
        except AlreadyDeclared as error:
            carrier = join.merged_for(store, card, link) if link else None
            return self._adopted(card, carrier, gate) if carrier else str(error)
        except (Declined, NoBlueprint, ProofFailed) as error:
            return str(error)
        carrier = join.carrier(store, plan)
        if carrier:
            return self._adopted(card, carrier, gate)
        store.save_plan(replace(self.bound(plan, card, gate), replaces=replaces))
        return ""

    def bound(self, plan: FixPlan, card: Card, gate: Gate) -> FixPlan:
        """Bind a plan to what its approval needs as the gates are now, and say what it costs."""
        return replace(self._priced(plan, card), terms=gate.terms(plan.tier))

    def _adopted(self, card: Card, carrier: Fix, gate: Gate) -> str:
        """Have a finding join the fix of another that nobody need approve twice; say which."""
        store, finding = self._world.store, card.finding
        if carrier.pull_request is None:
            return (
                f"The same change is approved for {self._fixing.name_of(carrier)}, and its pull request "
                "is being opened. Open Review fix again in a minute to see it."
            )
        theirs = store.plan(carrier.plan_digest)
        plan = self._world.planner.adopt(theirs, finding.uid, finding.check_id)
        plan = replace(plan, proposal=None, because="")  # it came to be first for the other
        store.save_plan(self.bound(plan, card, gate))
        return self._fixing.joined(plan, carrier)

    def _priced(self, plan: FixPlan, card: Card) -> FixPlan:
        """Say who uses the resource, what the plan costs, and what risk is on it before and after."""
        if card.assessment is None:
            return plan
        whole = card.finding.resource_uid.partition("|")[0]
        left = [
            other.assessment.risk
            for other in self._world.store.cards_on(whole)
            if other.assessment and other.finding.uid != card.finding.uid
        ]
        return replace(
            plan,
            cost_delta=card.assessment.cost.fix_monthly_delta if plan.is_usual else None,
            callers=usage.told(card.assessment),
            currency=card.assessment.cost.currency,
            risk_before=max([card.assessment.risk, *left]),
            risk_after=max(left, default=0.0),
        )
