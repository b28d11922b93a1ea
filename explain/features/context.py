"""Where the resource stands: environment, owner, time, use, cost."""

import math
from datetime import UTC, datetime, timedelta

from core.types import Finding, Resource
from explain import tag
from explain.feature import Column, Direction, Scope, feature
from explain.runtime import deprecated_on
from explain.scene import Scene
from explain.sentence import counted, days, levels, measured, share


@feature(
    label="environment",
    unit="0 sandbox, 1 development, 2 staging, 3 production",
    direction=Direction.RISES,
    source="the environment tags of the estate",
    says=levels(
        {
            0: "it is tagged sandbox",
            1: "it is tagged development",
            2: "it is tagged staging",
            3: "it is tagged production",
        }
    ),
)
def environment(scene: Scene) -> Column:
    """What the tags say of the environment; not known without a tag."""

    def value(resource: Resource) -> float:
        text = tag.value(resource, scene.estate.environment_tags, scene.estate)
        found = tag.level(text, tag.ENVIRONMENTS)
        return math.nan if found is None else found

    return scene.per_resource(value)


@feature(
    label="owner",
    unit="0 has an owner, 1 has none",
    direction=Direction.FREE,
    source="the owner tags of the estate",
    says=levels({0: "it has an owner", 1: "nobody is tagged as its owner"}),
)
def unowned(scene: Scene) -> Column:
    """Whether nobody is tagged as the owner."""
    estate = scene.estate
    return scene.per_resource(lambda r: float(tag.value(r, estate.owner_tags, estate) is None))


def _days_since(moment: datetime | None, now: datetime) -> float:
    return math.nan if moment is None else max((now - moment).total_seconds() / 86_400, 0.0)


@feature(
    label="age",
    unit="days",
    direction=Direction.FREE,
    source="the creation time of the resource",
    says=days("it was made {x} ago"),
)
def age_days(scene: Scene) -> Column:
    """How long the resource has existed."""
    return scene.per_resource(lambda r: _days_since(r.created_at, scene.now))


@feature(
    label="last change",
    unit="days",
    direction=Direction.FREE,
    source="the time of the resource's last change",
    says=days("it was last changed {x} ago"),
)
def changed_days_ago(scene: Scene) -> Column:
    """How long ago the resource was last changed."""
    return scene.per_resource(lambda r: _days_since(r.changed_at, scene.now))


@feature(
    label="unpatched runtime",
    unit="days since the runtime was deprecated",
    direction=Direction.RISES,
    source="the runtime and AWS's table of deprecation dates",
    says=days(
        "its runtime has had no security updates for {x}", none="its runtime gets security updates"
    ),
    peers=days("run on a runtime deprecated {x} ago or longer", none="run on any runtime"),
)
def runtime_deprecated_days(scene: Scene) -> Column:
    """For how long the runtime has had no security updates; 0 while it is supported."""
    today = scene.now.astimezone(UTC).date()

    def value(resource: Resource) -> float:
        ended = deprecated_on(resource)
        return math.nan if ended is None else float(max((today - ended).days, 0))

    return scene.per_resource(value)


def _changes(scene: Scene, days_back: int) -> Column:
    """Count the changes that stored scans saw; not known of what they have watched for a shorter time."""
    known = scene.knowledge.changes
    since = scene.now - timedelta(days=days_back)

    def value(resource: Resource) -> float:
        watched = known.watched.get(resource.uid) if known else None
        if known is None or watched is None or watched > since:
            return math.nan
        seen = known.seen.get(resource.uid, ())
        return float(sum(since < at <= scene.now for at in seen))

    return scene.per_resource(value)


_CHANGES_FROM = "stored scans: how often the properties or tags were other than in the scan before"


@feature(
    label="changes in 30 days",
    unit="changes",
    direction=Direction.FREE,
    source=_CHANGES_FROM,
    says=counted(
        none="its configuration did not change in 30 days",
        one="its configuration changed once in 30 days",
        many="its configuration changed {n} times in 30 days",
    ),
)
def changes_30d(scene: Scene) -> Column:
    """How often stored scans saw it change in 30 days."""
    return _changes(scene, 30)


@feature(
    label="changes in 90 days",
    unit="changes",
    direction=Direction.FREE,
    source=_CHANGES_FROM,
    says=counted(
        none="its configuration did not change in 90 days",
        one="its configuration changed once in 90 days",
        many="its configuration changed {n} times in 90 days",
    ),
)
def changes_90d(scene: Scene) -> Column:
    """How often stored scans saw it change in 90 days."""
    return _changes(scene, 90)


_CALLS = ("Invocations", "Count", "Requests")


@feature(
    label="traffic",
    unit="calls a day",
    direction=Direction.FREE,
    source="CloudWatch metrics of the resource",
    says=measured("it is called {x} times a day"),
)
def calls_per_day(scene: Scene) -> Column:
    """How often the resource is called."""
    return scene.per_resource(_calls_per_day)


def _calls_per_day(resource: Resource) -> float:
    for usage in resource.usage:
        if usage.metric in _CALLS and usage.window_days > 0:
            return usage.quantity / usage.window_days
    return math.nan


@feature(
    label="failing calls",
    unit="share 0 to 1",
    direction=Direction.FREE,
    source="CloudWatch metrics of the resource: errors over invocations",
    says=share("{x} of its calls fail"),
    speaks=bool,
)
def failing_calls(scene: Scene) -> Column:
    """Which share of the calls fails; not known without calls."""

    def value(resource: Resource) -> float:
        sums = {usage.metric: usage.quantity for usage in resource.usage}
        calls = sums.get("Invocations", 0.0)
        return min(sums["Errors"] / calls, 1.0) if calls > 0 and "Errors" in sums else math.nan

    return scene.per_resource(value)


@feature(
    label="running cost",
    unit="USD a month",
    direction=Direction.FREE,
    source="the price book and measured use",
    scope=Scope.FINDING,
    says=measured("it costs {x} USD a month"),
)
def monthly_cost(scene: Scene) -> Column:
    """What the resource costs a month."""

    def value(finding: Finding) -> float:
        cost = scene.costs.get(finding.uid) or scene.costs.get(finding.resource_uid)
        return math.nan if cost is None or cost.monthly is None else float(cost.monthly)

    return scene.per_finding(value)
