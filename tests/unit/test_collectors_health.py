"""What is asked of CloudWatch about a canary, and how its answer is laid out in slots."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from collectors.health import PERIOD, WATCHED, AwsMetrics
from collectors.wire import Wire
from core.types import Resource, Shift

SINCE = datetime(2026, 11, 22, 12, 2, tzinfo=UTC)
FUNCTION = Resource(
    "arn:aws:lambda:eu-west-1:1:function:shop", "AWS::Lambda::Function", "shop",
    {"FunctionName": "shop"}, region="eu-west-1",
)  # fmt: skip


@dataclass
class Answers:
    """A wire that answers each question with one point, at the third period asked for."""

    asked: list[Mapping[str, Any]] = field(default_factory=list)

    def pages(self, operation: str, region: str, **parameters: Any) -> Iterator[Mapping[str, Any]]:
        self.asked.append({"operation": operation, "region": region, **parameters})
        at = parameters["StartTime"] + 2 * PERIOD
        results = [
            {"Id": query["Id"], "Timestamps": [at], "Values": [float(number + 1)]}
            for number, query in enumerate(parameters["MetricDataQueries"])
        ]
        yield {"MetricDataResults": results[:1]}
        yield {"MetricDataResults": results[1:]}


def windows(resource: Resource = FUNCTION, *, skip: int = 0) -> tuple[Any, Any, Answers]:
    wire = Answers()
    until = SINCE + timedelta(hours=1)
    before, after = AwsMetrics(cast("Wire", wire)).windows(
        resource, since=SINCE, until=until, skip=skip, days=3
    )
    return before, after, wire


def test_whole_periods_are_asked_for_and_the_same_hours_of_earlier_days() -> None:
    before, _, wire = windows()

    starts = [each["StartTime"] for each in wire.asked]
    assert starts[-1] == datetime(2026, 11, 22, 12, 5, tzinfo=UTC)
    assert [starts[-1] - each for each in starts[:-1]] == [timedelta(days=n) for n in (3, 2, 1)]
    assert len(before) == 3
    assert all(each["EndTime"] <= each["StartTime"] + timedelta(hours=1) for each in wire.asked)


def test_a_version_that_takes_part_of_an_aliass_calls_is_measured_by_itself() -> None:
    wire, until = Answers(), SINCE + timedelta(hours=1)
    shift = Shift("live", "7", 0.1)
    AwsMetrics(cast("Wire", wire)).windows(
        FUNCTION, since=SINCE, until=until, skip=0, days=3, shift=shift
    )

    dimensions = [
        {each["Name"]: each["Value"] for each in query["MetricStat"]["Metric"]["Dimensions"]}
        for asked in wire.asked
        for query in asked["MetricDataQueries"][:1]
    ]
    by_alias = {"FunctionName": FUNCTION.name, "Resource": f"{FUNCTION.name}:live"}
    assert dimensions == [by_alias] * 3 + [{**by_alias, "ExecutedVersion": "7"}]


def test_the_days_since_the_change_are_left_out() -> None:
    _, _, wire = windows(skip=2)

    starts = [each["StartTime"] for each in wire.asked]
    assert [(starts[-1] - each).days for each in starts[:-1]] == [5, 4, 3]


def test_counts_are_summed_and_the_duration_is_a_quantile_by_the_functions_name() -> None:
    _, after, wire = windows()

    asked = [each["MetricStat"] for each in wire.asked[0]["MetricDataQueries"]]
    stats = {each["Metric"]["MetricName"]: each["Stat"] for each in asked}
    assert stats == {"Invocations": "Sum", "Errors": "Sum", "Throttles": "Sum", "Duration": "p95"}
    assert asked[0]["Metric"]["Dimensions"] == [{"Name": "FunctionName", "Value": "shop"}]
    assert list(after.traffic[:4]) == [None, None, 1.0, None]
    assert list(after.failures["errors"][:3]) == [None, None, 2.0]
    assert list(after.duration[:3]) == [None, None, 4.0]
    assert after.requests == 1.0 + 3.0  # throttled ones were asked for too


def test_traffic_of_several_metrics_is_added_up() -> None:
    table = Resource(
        "arn:aws:dynamodb:eu-west-1:1:table/orders", "AWS::DynamoDB::Table", "orders",
        {"TableName": "orders"}, region="eu-west-1",
    )  # fmt: skip
    _, after, _ = windows(table)

    assert list(after.traffic[:3]) == [None, None, 3.0]
    assert after.duration == ()


def test_what_is_watched_is_found_by_a_property_that_is_collected_or_by_the_uid() -> None:
    api = Resource("arn:aws:apigateway:eu-west-1::/apis/a1b2", "AWS::ApiGatewayV2::Api", "x", {})
    machine = Resource("arn:aws:states:eu-west-1:1:stateMachine:m", "AWS::StepFunctions::StateMachine", "m", {})  # fmt: skip
    for resource, value in ((api, "a1b2"), (machine, machine.uid)):
        _, _, wire = windows(resource)
        query = wire.asked[0]["MetricDataQueries"][0]["MetricStat"]["Metric"]
        assert query["Dimensions"][0]["Value"] == value
    assert all(len(w.traffic) + len(w.failures) + 1 <= 500 for w in WATCHED.values())
