"""Where the resource stands: environment, owner, time, use, cost."""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime

from core.types import Finding, Resource
from explain import tag
from explain.feature import Column, Direction, Scope, feature
from explain.scene import FUNCTION, Scene
from explain.sentence import days, levels, measured, share


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


# Deprecation dates of Lambda runtimes, read on 2026-11-22 from
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html as cfn-lint carries them.
RUNTIME_DEPRECATED: Mapping[str, date] = {
    "dotnet10": date(2028, 11, 14),
    "dotnet6": date(2024, 12, 20),
    "dotnet8": date(2026, 11, 10),
    "dotnet9": date(2026, 11, 10),
    "dotnetcore1.0": date(2019, 6, 27),
    "dotnetcore2.0": date(2019, 5, 30),
    "dotnetcore2.1": date(2022, 1, 5),
    "dotnetcore3.1": date(2023, 4, 3),
    "go1.x": date(2024, 1, 8),
    "java11": date(2027, 6, 30),
    "java17": date(2027, 6, 30),
    "java21": date(2029, 6, 30),
    "java25": date(2029, 6, 30),
    "java8": date(2024, 1, 8),
    "java8.al2": date(2027, 6, 30),
    "nodejs": date(2016, 8, 30),
    "nodejs10.x": date(2021, 7, 30),
    "nodejs12.x": date(2023, 3, 31),
    "nodejs14.x": date(2023, 12, 4),
    "nodejs16.x": date(2024, 6, 12),
    "nodejs18.x": date(2025, 9, 1),
    "nodejs20.x": date(2026, 4, 30),
    "nodejs22.x": date(2027, 4, 30),
    "nodejs24.x": date(2028, 4, 30),
    "nodejs4.3": date(2020, 3, 5),
    "nodejs6.10": date(2019, 8, 12),
    "nodejs8.10": date(2020, 3, 6),
    "provided": date(2024, 1, 8),
    "provided.al2": date(2026, 7, 31),
    "provided.al2023": date(2029, 6, 30),
    "python2.7": date(2021, 7, 15),
    "python3.10": date(2026, 10, 31),
    "python3.11": date(2027, 6, 30),
    "python3.12": date(2028, 10, 31),
    "python3.13": date(2029, 6, 30),
    "python3.14": date(2029, 6, 30),
    "python3.6": date(2022, 7, 18),
    "python3.7": date(2023, 12, 4),
    "python3.8": date(2024, 10, 14),
    "python3.9": date(2025, 12, 15),
    "ruby2.5": date(2021, 7, 30),
    "ruby2.7": date(2023, 12, 7),
    "ruby3.2": date(2026, 3, 31),
    "ruby3.3": date(2027, 3, 31),
    "ruby3.4": date(2028, 3, 31),
}


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
        runtime = resource.properties.get("Runtime")
        if resource.type != FUNCTION or not isinstance(runtime, str):
            return math.nan
        ended = RUNTIME_DEPRECATED.get(runtime)
        return math.nan if ended is None else float(max((today - ended).days, 0))

    return scene.per_resource(value)


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
