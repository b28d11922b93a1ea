"""Which of several good fixes is planned first for a finding: as people's answers taught."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.world import World
from core.errors import Declined, ProofFailed
from core.identity import sha256
from core.proposal import Odds, Proposal, Reception
from core.types import Card, FixPlan, Link


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known of the fixes of one check where one finding is."""

    receptions: tuple[Reception, ...]
    odds: Mapping[str, Odds]
    """By alternative, in their fixed order."""


class Proposing:
    """Plans the fix of a finding that goes first, in one world.

    The fixed order decides what may be proposed: where its fix is declined none is, and no other
    goes before it that touches more than it does.
    """

    def __init__(self, world: World, *, clock: Callable[[], datetime]) -> None:
        self._world = world
        self._clock = clock

    def plan(self, card: Card, link: Link | None, *, explore: bool = True) -> FixPlan:
        """Plan the fix that goes first; without `explore` the usual one unless that is held back.

        The order is drawn once for a finding and kept. Raises: what `World.make_plan` raises.
        """
        usual = self._world.make_plan(card.finding, link)
        if not usual.alternatives or self._world.settings.model.fix_order == "fixed":
            return usual
        learned = self._learned(card, [each.name for each in usual.alternatives])
        kept = self._world.store.proposal(card.finding.uid)
        proposal = kept or (self._drawn(card, learned) if explore else None)
        order = proposal.order if proposal else tuple(learned.odds)
        plan = self._first(card, link, usual, self._held_back_last(card, learned, order))
        if proposal:
            proposal = self._world.store.keep_proposal(
                kept or replace(proposal, shown=plan.alternative)
            )
        return replace(plan, proposal=proposal, because=self._because(card, learned, plan))

    def _learned(self, card: Card, names: Sequence[str]) -> Learned:
        from remediation import preference

        finding = card.finding
        receptions = self._world.store.receptions(finding.check_id)
        place = preference.Place(finding.owner or "", card.environment, self._clock())
        return Learned(receptions, preference.odds(receptions, names, place))

    def _drawn(self, card: Card, learned: Learned) -> Proposal:
        from remediation import preference

        uid = card.finding.uid
        seed = sha256(f"first fix\n{uid}")[:16]
        order = preference.draw(learned.odds, seed)
        return Proposal(uid, self._clock(), seed, order, learned.odds)

    def _held_back_last(
        self, card: Card, learned: Learned, order: Sequence[str]
    ) -> tuple[str, ...]:
        from remediation import preference

        finding = card.finding
        back = preference.held_back(learned.receptions, finding.uid, finding.owner or "")
        return preference.demoted([name for name in order if name in learned.odds], back)

    def _first(
        self, card: Card, link: Link | None, usual: FixPlan, order: Sequence[str]
    ) -> FixPlan:
        """Return the first plan of an order whose proofs hold and that touches no more than usual."""
        for name in order:
            if name == usual.alternative:
                return usual
            plan = self._tried(card, link, name)
            if plan and _touches_no_more(plan, usual):
                return replace(plan, alternatives=usual.alternatives)
        return usual

    def _tried(self, card: Card, link: Link | None, name: str) -> FixPlan | None:
        try:
            return self._world.make_plan(card.finding, link, order=(name,))
        except (Declined, ProofFailed):
            return None

    def _because(self, card: Card, learned: Learned, plan: FixPlan) -> str:
        from remediation import preference_words

        return preference_words.because(
            learned.receptions,
            plan.alternative,
            learned.odds,
            finding_uid=card.finding.uid,
            team=card.finding.owner or "",
        )


def _touches_no_more(plan: FixPlan, usual: FixPlan) -> bool:
    """Whether a plan needs no more caution than the usual one: no higher tier, no question more."""
    asks_more = plan.asks_who_calls and not usual.asks_who_calls
    return plan.tier.rank <= usual.tier.rank and not asks_more
