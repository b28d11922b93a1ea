"""CloudWatch usage of what was found: two weeks, 500 metrics a call, only for what exists.

GetMetricData costs about 0.01 USD per 1,000 metrics (aws.amazon.com/cloudwatch/pricing,
2026-11-22); a function takes three.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
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
        for start in range(0, len(asked), _QUERIES_A_CALL):
            batch = asked[start : start + _QUERIES_A_CALL]
            try:
                values = _values(wire, region, batch, now)
            except CallFailed as error:
                findings.gaps.append(
                    Gap(_OPERATION, error.reason, str(error), batch[0][0].account, region)
                )
                break
            for (resource, metric), value in zip(batch, values, strict=True):
                if value is not None:
                    usage = Usage(metric.name, value, metric.unit, float(WINDOW_DAYS))
                    found[resource.uid].append(usage)
    return tuple(
        replace(each, usage=(*each.usage, *found[each.uid])) if each.uid in found else each
        for each in resources
    )


def _dimension(resource: Resource, metric: Metric) -> str:
    if not metric.value:
        return resource.uid.rsplit("/", 1)[-1]
    value = resource.properties.get(metric.value)
    return value if isinstance(value, str) else ""


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
    dimensions = ((metric.dimension, _dimension(resource, metric)), *metric.fixed)
    return {
        "Id": f"q{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions],
            },
            "Period": _DAY_S,
            "Stat": "Average" if metric.daily else "Sum",
        },
        "ReturnData": True,
    }
