"""The active risk model, loaded once per version."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from core.ports import Store
from core.types import (
    Assessment,
    CostImpact,
    Counterfactual,
    Estate,
    Finding,
    Label,
    ModelCard,
    Resource,
    Snapshot,
)

if TYPE_CHECKING:
    from explain.knowledge import Knowledge
    from explain.model import Model
    from explain.threat.kev import Catalogue


_CHANGES = timedelta(days=90)
"""The longest time over which a feature counts changes."""


class Models:
    """Serves the active model; the shipped prior until another is promoted."""

    def __init__(
        self,
        store: Store,
        *,
        simulation: bool,
        exploited: Callable[[], "Catalogue | None"] = lambda: None,
    ) -> None:
        self._store = store
        self._exploited = exploited
        self.simulation = simulation
        self._loaded: dict[str, Model] = {}

    def active(self) -> "Model":
        """Return the model in force."""
        import explain.model

        version = self._store.active_model() or ""
        if version not in self._loaded:
            self._loaded = {
                version: explain.model.load(self._store.model_text(version))
                if version
                else explain.model.shipped()
            }
        return self._loaded[version]

    def active_card(self) -> ModelCard:
        """Return the card of the model in force."""
        import explain.card

        version = self._store.active_model()
        stored = next((each for each in self.known() if each.version == version), None)
        return stored or explain.card.of_prior(self.active())

    def labels(self) -> tuple[Label, ...]:
        """Return the labels that count here: those that say something of a finding."""
        labels = self._store.labels(include_simulated=self.simulation)
        return tuple(each for each in labels if each.verdict.is_of_finding)

    def assess(
        self, findings: Sequence[Finding], snapshot: Snapshot, *, estate: Estate, now: datetime
    ) -> tuple[Assessment, ...]:
        """Score, explain and price findings with the active model."""
        import explain

        costs = price(findings, snapshot)
        assessed = explain.assess(
            findings,
            snapshot,
            model=self.active(),
            costs={finding.resource_uid: costs[finding.uid] for finding in findings},
            labels=self.labels(),
            estate=estate,
            now=now,
            knowledge=self._knowledge(now),
        )
        return priced(findings, snapshot, assessed, costs)

    def _knowledge(self, now: datetime) -> "Knowledge":
        """Return what is known besides the findings: CISA's catalogue, and what scans saw change."""
        from explain.knowledge import Knowledge

        changes = self._store.changes(since=now - _CHANGES, until=now)
        return Knowledge(exploited=self._exploited(), changes=changes)

    def known(self) -> tuple[ModelCard, ...]:
        """Return the cards of every stored version, newest first."""
        return self._store.models()


def priced(
    findings: Sequence[Finding],
    snapshot: Snapshot,
    assessed: Sequence[Assessment],
    costs: Mapping[str, CostImpact],
) -> tuple[Assessment, ...]:
    """Return assessments with what each resource costs, and what each change would add."""
    import finops
    from explain.change import CONTROLS, cheapest_first

    resources = {resource.uid: resource for resource in snapshot.resources}

    def with_price(change: Counterfactual, resource: Resource) -> Counterfactual:
        added = finops.fix_delta(CONTROLS.get(change.feature, ""), resource)
        if added is None:
            return change
        total = sum((line.monthly_cost for line in added), Decimal(0))
        return replace(change, monthly_delta=total)

    out = []
    for finding, each in zip(findings, assessed, strict=True):
        resource = resources[finding.resource_uid]
        changes = [with_price(c, resource) for c in each.explanation.counterfactuals]
        explained = replace(each.explanation, counterfactuals=cheapest_first(changes))
        out.append(replace(each, cost=costs[each.finding_uid], explanation=explained))
    return tuple(out)


def price(findings: Sequence[Finding], snapshot: Snapshot) -> dict[str, CostImpact]:
    """Return what each finding's resource costs a month and what its fix would change."""
    import finops

    resources = {resource.uid: resource for resource in snapshot.resources}
    base: dict[str, CostImpact] = {}
    impacts: dict[str, CostImpact] = {}
    for finding in findings:
        part = resources[finding.resource_uid]
        resource = resources.get(part.uid.partition("|")[0], part)
        if resource.uid not in base:
            base[resource.uid] = finops.cost_of(resource)
        impacts[finding.uid] = finops.with_fix(base[resource.uid], finding.control, resource)
    return impacts
