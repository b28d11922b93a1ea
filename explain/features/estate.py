"""Where a finding stands in the estate: its owner's load, its place, its neighbours, its share."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import numpy as np

from core.types import Finding, Resource
from explain import tag
from explain.feature import Column, Direction, Scope, feature
from explain.scene import Scene
from explain.sentence import counted, levels, measured, share


def _count_of(keys: Sequence[Hashable]) -> Column:
    """Return for each key how often it occurs; NaN where it is None."""
    counts = Counter(k for k in keys if k is not None)
    return np.array([np.nan if k is None else counts[k] for k in keys], dtype=np.float64)


def _owner(scene: Scene) -> Callable[[Resource], str | None]:
    return lambda resource: tag.value(resource, scene.estate.owner_tags, scene.estate)


def _owners(scene: Scene) -> list[str | None]:
    """Return for each finding its resource's owner."""
    of_row = [*map(_owner(scene), scene.resources), None]
    return [of_row[row] for row in scene.rows]


@feature(
    label="tags",
    unit="tags",
    direction=Direction.FREE,
    source="the resource's tags",
    says=counted(none="it has no tags", one="it has 1 tag", many="it has {n} tags"),
)
def tags(scene: Scene) -> Column:
    """How many tags somebody gave it; those that AWS sets itself are left out."""
    return scene.per_resource(lambda r: float(sum(not k.startswith("aws:") for k in r.tags)))


@feature(
    label="made by code",
    unit="0 by hand or not known, 1 by a template",
    direction=Direction.FREE,
    source="the template that declares it, or the tag that CloudFormation leaves",
    says=levels({0: "no template is known to make it", 1: "a template makes it"}),
)
def made_by_code(scene: Scene) -> Column:
    """Whether a template is known to make the resource."""
    return scene.per_resource(
        lambda r: float(r.source is not None or "aws:cloudformation:stack-id" in r.tags)
    )


@feature(
    label="the owner's resources",
    unit="resources",
    direction=Direction.FREE,
    source="the owner tags of the estate",
    says=counted(
        none="its owner has nothing",
        one="its owner has nothing else",
        many="its owner has {n} resources",
    ),
)
def owner_resources(scene: Scene) -> Column:
    """How many resources its owner has; not known without an owner."""
    return _count_of(list(map(_owner(scene), scene.resources)))


@feature(
    label="the owner's open findings",
    unit="findings",
    direction=Direction.FREE,
    source="the findings of this scan and the owner tags of the estate",
    scope=Scope.FINDING,
    says=counted(
        none="its owner has no findings",
        one="it is its owner's only finding",
        many="its owner has {n} open findings",
    ),
)
def owner_findings(scene: Scene) -> Column:
    """How much its owner has to do already; not known without an owner."""
    return _count_of(_owners(scene))


@feature(
    label="findings in its account",
    unit="findings a resource",
    direction=Direction.FREE,
    source="the findings and resources of this scan, by account",
    scope=Scope.FINDING,
    says=measured("its account has {x} findings a resource"),
)
def account_findings(scene: Scene) -> Column:
    """How many findings its account has, a resource."""
    resources = Counter(r.account for r in scene.resources)
    accounts = [*(r.account for r in scene.resources), ""]
    of_finding = [accounts[row] or None for row in scene.rows]
    size = np.array([resources[a] if a else np.nan for a in of_finding], dtype=np.float64)
    return _count_of(of_finding) / size


@feature(
    label="its region",
    unit="share 0 to 1",
    direction=Direction.FREE,
    source="the resources of this scan, by region",
    says=share("{x} of the estate stands in its region"),
)
def region_share(scene: Scene) -> Column:
    """Which share of the estate's resources stands in the same region; not known without one."""
    count = _count_of([r.region or None for r in scene.resources])
    known = int(np.count_nonzero(~np.isnan(count)))
    return count / max(known, 1)


@feature(
    label="accounts with the finding",
    unit="share 0 to 1",
    direction=Direction.FREE,
    source="the findings and resources of this scan, by account",
    scope=Scope.FINDING,
    says=share("{x} of the accounts have this finding"),
)
def account_spread(scene: Scene) -> Column:
    """In which share of the accounts the same check fails; not known without accounts."""
    accounts = [*(r.account for r in scene.resources), ""]
    known = {a for a in accounts if a}
    pairs = [(f.check_id, accounts[row]) for f, row in zip(scene.findings, scene.rows, strict=True)]
    failing = Counter(check for check, account in set(pairs) if account)
    if not known:
        return np.full(len(scene.findings), np.nan)
    return scene.per_finding(lambda f: failing[f.check_id] / len(known))


@feature(
    label="uses of it",
    unit="references",
    direction=Direction.FREE,
    source="the resource graph: who names it",
    says=counted(
        none="nothing else names it", one="1 resource names it", many="{n} resources name it"
    ),
)
def referrers(scene: Scene) -> Column:
    """How many other resources name this one."""
    return scene.per_resource(
        lambda r: float(len({e.source.uid for e in scene.relations.incoming(r)}))
    )


_TRIGGERS = (
    "AWS::Lambda::Url", "AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping",
    "AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Integration", "AWS::SNS::Subscription",
    "AWS::Events::Rule",
)  # fmt: skip


@feature(
    label="ways in",
    unit="triggers",
    direction=Direction.FREE,
    source="the resource graph: URLs, permissions, event sources, routes, subscriptions and rules",
    says=counted(
        none="nothing is set up to call it",
        one="1 trigger is set up to call it",
        many="{n} triggers are set up to call it",
    ),
)
def triggers(scene: Scene) -> Column:
    """How many URLs, permissions, event sources, routes, subscriptions and rules call it."""

    def value(resource: Resource) -> float:
        edges = scene.relations.incoming(resource)
        return float(len({e.source.uid for e in edges if e.source.type in _TRIGGERS}))

    return scene.per_resource(value)


def _cost(scene: Scene, finding: Finding) -> float:
    cost = scene.costs.get(finding.uid) or scene.costs.get(finding.resource_uid)
    return np.nan if cost is None or cost.monthly is None else float(cost.monthly)


@feature(
    label="share of the owner's cost",
    unit="share 0 to 1",
    direction=Direction.FREE,
    source="the price book and measured use, over the owner's resources that have findings",
    scope=Scope.FINDING,
    says=share("it makes {x} of what its owner's resources with findings cost"),
)
def owner_cost_share(scene: Scene) -> Column:
    """Its share of what its owner's resources with findings cost; not known without owner or cost."""
    owners = _owners(scene)
    costs = scene.per_finding(lambda f: _cost(scene, f))
    each = {f.resource_uid: (o, c) for f, o, c in zip(scene.findings, owners, costs, strict=True)}
    total: Counter[str] = Counter()
    for owner, cost in each.values():
        if owner and not np.isnan(cost):
            total[owner] += cost
    whole = np.array([total[o] if o else np.nan for o in owners], dtype=np.float64)
    return costs / np.where(whole > 0, whole, np.nan)


@feature(
    label="cost of the fix",
    unit="USD a month",
    direction=Direction.FREE,
    source="the price book: what the fix adds",
    scope=Scope.FINDING,
    says=measured("the fix changes the bill by {x} USD a month"),
    speaks=bool,
)
def fix_cost(scene: Scene) -> Column:
    """What the fix adds to the bill each month; not known where no price is."""

    def value(finding: Finding) -> float:
        cost = scene.costs.get(finding.uid) or scene.costs.get(finding.resource_uid)
        delta = None if cost is None else cost.fix_monthly_delta
        return np.nan if delta is None else float(delta)

    return scene.per_finding(value)
