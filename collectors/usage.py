"""CloudWatch usage of what was found: two weeks, 500 metrics a call, only for what exists.

GetMetricData costs about 0.01 USD per 1,000 metrics (aws.amazon.com/cloudwatch/pricing,
2026-11-22); a function takes three. Where more metrics are asked for than one call takes,
ListMetrics says first which of them had data in these two weeks: most of an estate is idle.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from collectors.reader import Findings
from collectors.wire import CallFailed, Wire
from core.types import Gap, Resource, Usage

WINDOW_DAYS = 14
_QUERIES_A_CALL = 500  # the API's limit
_DAY_S = 86_400
_OPERATION = "cloudwatch:GetMetricData"
_LISTING = "cloudwatch:ListMetrics"


@dataclass(frozen=True, slots=True)
class Metric:
    """One CloudWatch metric of a resource type, and the property that is its dimension's value.

    `daily` marks a level reported once a day (its last value counts), not a sum over the window.
    """

    namespace: str
    name: str
    dimension: str
    value: str
    unit: str
    fixed: tuple[tuple[str, str], ...] = ()
    daily: bool = False


METRICS: Mapping[str, tuple[Metric, ...]] = {
    "AWS::Lambda::Function": tuple(
        Metric("AWS/Lambda", name, "FunctionName", "FunctionName", unit)
        for name, unit in (
            ("Invocations", "Count"), ("Duration", "Milliseconds"), ("Errors", "Count"),
        )
    ),
    "AWS::DynamoDB::Table": tuple(
        Metric("AWS/DynamoDB", name, "TableName", "TableName", "Count")
        for name in ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits")
    ),
    "AWS::SQS::Queue": (
        Metric("AWS/SQS", "NumberOfMessagesSent", "QueueName", "QueueName", "Count"),
    ),
    "AWS::ApiGateway::RestApi": (Metric("AWS/ApiGateway", "Count", "ApiName", "Name", "Count"),),
    "AWS::ApiGatewayV2::Api": (Metric("AWS/ApiGateway", "Count", "ApiId", "", "Count"),),
    "AWS::S3::Bucket": (
        Metric(
            "AWS/S3", "BucketSizeBytes", "BucketName", "BucketName", "Bytes",
            fixed=(("StorageType", "StandardStorage"),), daily=True,
        ),
    ),
}  # fmt: skip

_Question = tuple[Resource, Metric]

_Listed = frozenset[tuple[str, str, frozenset[tuple[str, str]]]]
"""Namespace, name and dimensions of metrics."""


def with_usage(
    wire: Wire, resources: Sequence[Resource], *, now: datetime, findings: Findings
) -> tuple[Resource, ...]:
    """Return the resources, those with metrics carrying their usage.

    A sum without data points is zero: CloudWatch reports nothing when nothing happened. A level
    without data points is not known and is left out. A failed call leaves a gap.
    """
    questions: dict[str, list[_Question]] = defaultdict(list)
    for resource in resources:
        for metric in METRICS.get(resource.type, ()):
            if _dimension(resource, metric):
                questions[resource.region].append((resource, metric))
    found: dict[str, list[Usage]] = defaultdict(list)
    for region, asked in questions.items():
        try:
            for (resource, metric), value in _answered(wire, region, asked, now):
                if value is not None:
                    usage = Usage(metric.name, value, metric.unit, float(WINDOW_DAYS))
                    found[resource.uid].append(usage)
        except CallFailed as error:
            account = asked[0][0].account
            findings.gaps.append(Gap(_OPERATION, error.reason, str(error), account, region))
    return tuple(
        replace(each, usage=(*each.usage, *found[each.uid])) if each.uid in found else each
        for each in resources
    )


def _dimension(resource: Resource, metric: Metric) -> str:
    if not metric.value:
        return resource.uid.rsplit("/", 1)[-1]
    value = resource.properties.get(metric.value)
    return value if isinstance(value, str) else ""


def _answered(
    wire: Wire, region: str, asked: Sequence[_Question], now: datetime
) -> Iterator[tuple[_Question, float | None]]:
    """Yield each question with its answer, asking in as few calls as can be."""
    live, idle = list(asked), list[_Question]()
    if len(asked) > _QUERIES_A_CALL:
        live, idle = _split(asked, _listed(wire, region, asked))
    for question in idle:
        yield question, _value(question[1], ())
    for start in range(0, len(live), _QUERIES_A_CALL):
        batch = live[start : start + _QUERIES_A_CALL]
        yield from zip(batch, _values(wire, region, batch, now), strict=True)


def _listed(wire: Wire, region: str, asked: Sequence[_Question]) -> _Listed | None:
    """Return the metrics that had data in the last two weeks, None where they cannot be listed.

    A metric shows up to 15 minutes after its first data point:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
    """
    kinds = dict.fromkeys((m.namespace, m.name, m.dimension) for _, m in asked)
    listed = set()
    try:
        for namespace, name, dimension in kinds:
            for page in wire.pages(
                _LISTING, region,
                Namespace=namespace, MetricName=name, Dimensions=[{"Name": dimension}],
            ):  # fmt: skip
                for each in page.get("Metrics") or ():
                    pairs = frozenset((d["Name"], d["Value"]) for d in each["Dimensions"])
                    listed.add((namespace, name, pairs))
    except CallFailed:  # a role from before this call was made: ask about every metric
        return None
    return frozenset(listed)


def _split(
    asked: Sequence[_Question], listed: _Listed | None
) -> tuple[list[_Question], list[_Question]]:
    """Return the questions about metrics with data, and the others."""
    if listed is None:
        return list(asked), []
    live, idle = list[_Question](), list[_Question]()
    for question in asked:
        resource, metric = question
        key = (metric.namespace, metric.name, frozenset(_dimensions(resource, metric)))
        (live if key in listed else idle).append(question)
    return live, idle


def _dimensions(resource: Resource, metric: Metric) -> tuple[tuple[str, str], ...]:
    return ((metric.dimension, _dimension(resource, metric)), *metric.fixed)


def _values(
    wire: Wire, region: str, batch: Sequence[_Question], now: datetime
) -> list[float | None]:
    end = now.replace(minute=0, second=0, microsecond=0)
    points: dict[str, list[float]] = defaultdict(list)
    for page in wire.pages(
        _OPERATION, region,
        MetricDataQueries=[_query(n, *question) for n, question in enumerate(batch)],
        StartTime=end - timedelta(days=WINDOW_DAYS), EndTime=end, ScanBy="TimestampDescending",
    ):  # fmt: skip
        for result in page.get("MetricDataResults") or ():
            points[result["Id"]].extend(result.get("Values") or ())
    return [_value(metric, points[f"q{n}"]) for n, (_, metric) in enumerate(batch)]


def _value(metric: Metric, values: Sequence[float]) -> float | None:
    if metric.daily:
        return float(values[0]) if values else None
    return float(sum(values))


def _query(number: int, resource: Resource, metric: Metric) -> dict[str, Any]:
    return {
        "Id": f"q{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [
                    {"Name": name, "Value": value} for name, value in _dimensions(resource, metric)
                ],
            },
            "Period": _DAY_S,
            "Stat": "Average" if metric.daily else "Sum",
        },
        "ReturnData": True,
    }
