"""What a resource's metrics counted since a change, and in the same hours of earlier days.

Each window is one GetMetricData call of at most five metrics; seven days of history cost about
0.0004 USD (0.01 USD per 1,000 metrics, aws.amazon.com/cloudwatch/pricing, 2026-11-22). Metrics and
dimensions: the services' "Monitoring with CloudWatch" pages, read 2026-11-24.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from collectors.wire import Wire
from core.health import Slots, Window
from core.types import Resource, Shift

PERIOD = timedelta(minutes=5)
"""CloudWatch keeps periods of five minutes for 63 days."""
_OPERATION = "cloudwatch:GetMetricData"
_QUANTILE = "p95"


@dataclass(frozen=True, slots=True)
class Watched:
    """Which metrics say how a type of resource fares, and by what dimension they are found.

    `value` is the property with the dimension's value; without it the uid's last part is. Requests
    are the sum of `traffic`. Those of `apart` are refused requests that `traffic` does not count.
    """

    namespace: str
    dimension: str
    value: str
    traffic: tuple[str, ...]
    failures: Mapping[str, str]
    duration: str = ""
    apart: frozenset[str] = frozenset()


WATCHED: Mapping[str, Watched] = {
    "AWS::Lambda::Function": Watched(
        "AWS/Lambda", "FunctionName", "FunctionName", ("Invocations",),
        {"errors": "Errors", "throttles": "Throttles"}, "Duration", frozenset({"throttles"}),
    ),
    "AWS::ApiGateway::RestApi": Watched(
        "AWS/ApiGateway", "ApiName", "Name", ("Count",),
        {"server errors": "5XXError", "client errors": "4XXError"}, "Latency",
    ),
    "AWS::ApiGatewayV2::Api": Watched(
        "AWS/ApiGateway", "ApiId", "", ("Count",),
        {"server errors": "5xx", "client errors": "4xx"}, "Latency",
    ),
    "AWS::DynamoDB::Table": Watched(
        "AWS/DynamoDB", "TableName", "TableName",
        ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"),
        {"throttled reads": "ReadThrottleEvents", "throttled writes": "WriteThrottleEvents"},
    ),
    "AWS::Kinesis::Stream": Watched(
        "AWS/Kinesis", "StreamName", "Name", ("IncomingRecords",),
        {"throttled reads": "ReadProvisionedThroughputExceeded",
         "throttled writes": "WriteProvisionedThroughputExceeded"},
    ),
    "AWS::SQS::Queue": Watched("AWS/SQS", "QueueName", "QueueName", ("NumberOfMessagesSent",), {}),
    "AWS::SNS::Topic": Watched(
        "AWS/SNS", "TopicName", "TopicName", ("NumberOfMessagesPublished",),
        {"failed deliveries": "NumberOfNotificationsFailed"},
    ),
    "AWS::StepFunctions::StateMachine": Watched(
        "AWS/States", "StateMachineArn", "Arn", ("ExecutionsStarted",),
        {"failed executions": "ExecutionsFailed", "timeouts": "ExecutionsTimedOut",
         "throttles": "ExecutionThrottled"}, "ExecutionTime",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AwsMetrics:
    """Implements `core.ports.Metrics` with CloudWatch."""

    wire: Wire

    def has(self, resource_type: str) -> bool:
        """Whether this type has metrics that say how it fares."""
        return resource_type in WATCHED

    def windows(  # noqa: PLR0913  # keywords all
        self,
        resource: Resource,
        *,
        since: datetime,
        until: datetime,
        skip: int,
        days: int,
        shift: Shift | None = None,
    ) -> tuple[Sequence[Window], Window]:
        """Return the same hours of so many earlier days, oldest first, and the time itself.

        The latest `skip` days are left out. With `shift` the time itself counts only the calls that
        went to its version, and the earlier days those of its alias. Raises: CloudError.
        """
        watched = WATCHED[resource.type]
        usual = _dimensions(watched, resource, shift)
        before = [
            self._window(watched, resource, since - back, until - back, usual)
            for back in (timedelta(days=day) for day in range(skip + days, skip, -1))
        ]
        now = {**usual, **({"ExecutedVersion": shift.version} if shift else {})}
        return before, self._window(watched, resource, since, until, now)

    def _window(
        self,
        watched: Watched,
        resource: Resource,
        since: datetime,
        until: datetime,
        dimensions: Mapping[str, str],
    ) -> Window:
        names = (*watched.traffic, *watched.failures.values())
        asked = [(name, "Sum") for name in names]
        if watched.duration:
            asked.append((watched.duration, _QUANTILE))
        queries = [_query(n, watched.namespace, dimensions, *each) for n, each in enumerate(asked)]
        starts = _starts(since, until)
        points: dict[str, dict[datetime, float]] = {}
        for page in self.wire.pages(
            _OPERATION, resource.region, MetricDataQueries=queries, StartTime=starts[0],
            EndTime=starts[-1] + PERIOD, ScanBy="TimestampAscending",
        ):  # fmt: skip
            for result in page.get("MetricDataResults") or ():
                points.setdefault(result["Id"], {}).update(_known(result))
        slots = [[points.get(f"q{n}", {}).get(at) for at in starts] for n in range(len(asked))]
        counted = len(watched.traffic)
        return Window(
            traffic=_sum(slots[:counted]),
            failures=dict(zip(watched.failures, slots[counted:], strict=False)),
            duration=slots[-1] if watched.duration else (),
            apart=watched.apart,
        )


def _starts(since: datetime, until: datetime) -> list[datetime]:
    """Return the starts of the whole periods of a time; the first one at least."""
    seconds = PERIOD.total_seconds()
    first = datetime.fromtimestamp(-(-since.timestamp() // seconds) * seconds, since.tzinfo)
    count = max(1, int((until - first) / PERIOD))
    return [first + n * PERIOD for n in range(count)]


def _known(result: Mapping[str, Any]) -> Mapping[datetime, float]:
    pairs = zip(result.get("Timestamps") or (), result.get("Values") or (), strict=True)
    return {at: float(value) for at, value in pairs if value is not None}


def _sum(series: Sequence[Slots]) -> Slots:
    return [
        None if all(value is None for value in each) else sum(value or 0.0 for value in each)
        for each in zip(*series, strict=True)
    ]


def _query(
    number: int, namespace: str, dimensions: Mapping[str, str], metric: str, stat: str
) -> dict[str, Any]:
    return {
        "Id": f"q{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": namespace,
                "MetricName": metric,
                "Dimensions": [{"Name": n, "Value": value} for n, value in dimensions.items()],
            },
            "Period": int(PERIOD.total_seconds()),
            "Stat": stat,
        },
        "ReturnData": True,
    }


def _dimensions(watched: Watched, resource: Resource, shift: Shift | None) -> dict[str, str]:
    """Return where a resource's metrics are found, or those of the calls by one alias of it."""
    name = _value(watched, resource)
    by_alias = {"Resource": f"{name}:{shift.alias}"} if shift else {}
    return {watched.dimension: name, **by_alias}


def _value(watched: Watched, resource: Resource) -> str:
    given = resource.properties.get(watched.value) if watched.value else None
    if isinstance(given, str):
        return given
    return resource.uid if watched.value == "Arn" else resource.uid.rsplit("/", 1)[-1]
