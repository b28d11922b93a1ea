"""Generated usage: two weeks of CloudWatch metrics, so that cost and traffic have something to read.

Nothing here was measured anywhere. The figures come from a seeded generator and a table of rough
daily volumes; the forge's page and the documentation call them generated.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.aws.deploy import Deployed, Deployer

DAYS = 14
SEED = 2026
_BATCH = 150  # CloudWatch takes 1,000 data points a call; smaller bodies parse faster in moto
_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Level:
    """A day's volume: the middle, and how far a day may lie from it."""

    a_day: float
    spread: float = 0.25


# By a part of the logical id; the first that fits holds. Invented.
_CALLS: Mapping[str, Level] = {
    "OrdersExport": Level(92, 0.1),
    "Webhook": Level(5_200),
    "CreateOrder": Level(3_900),
    "GetOrder": Level(21_000),
    "Profile": Level(14_500),
    "Fulfilment": Level(3_900),
    "Charge": Level(3_850),
    "Mail": Level(7_700),
    "Aggregate": Level(48_000),
    "Preferences": Level(1_100),
    "Merge": Level(3, 0.9),
}
_OTHER_CALLS = Level(240)
_DURATION_MS = 85.0
_ERROR_SHARE = 0.002


def put_usage(deployer: Deployer, *, now: datetime | None = None, seed: int = SEED) -> int:
    """Write generated metrics for everything deployed; return the number of data points."""
    generator = random.Random(seed)  # noqa: S311 - invented traffic, not a secret
    end = (now or datetime.now(UTC)).replace(minute=0, second=0, microsecond=0)
    days = [end - timedelta(days=DAYS - n, hours=-12) for n in range(DAYS)]
    points: dict[str, list[dict[str, Any]]] = {}
    for stack in deployer.stacks.values():
        for logical_id, held in stack.resources.items():
            for day in days:
                for namespace, datum in _day(logical_id, held, generator):
                    points.setdefault(namespace, []).append(datum | {"Timestamp": day})
    client = deployer.aws.client("cloudwatch")
    for namespace, data in points.items():
        for start in range(0, len(data), _BATCH):
            client.put_metric_data(Namespace=namespace, MetricData=data[start : start + _BATCH])
    return sum(len(data) for data in points.values())


def _level(logical_id: str) -> Level:
    return next((v for k, v in _CALLS.items() if k in logical_id), _OTHER_CALLS)


def _day(
    logical_id: str, held: Deployed, generator: random.Random
) -> Iterator[tuple[str, dict[str, Any]]]:
    level = _level(logical_id)
    calls = round(level.a_day * generator.uniform(1 - level.spread, 1 + level.spread))
    name = held.physical_id
    if held.type == "AWS::Lambda::Function":
        duration = calls * _DURATION_MS * generator.uniform(0.8, 1.3)
        errors = round(calls * _ERROR_SHARE * generator.random())
        for metric, value, unit in (
            ("Invocations", calls, "Count"),
            ("Duration", duration, "Milliseconds"),
            ("Errors", errors, "Count"),
        ):
            yield "AWS/Lambda", _datum(metric, value, unit, FunctionName=name)
    elif held.type == "AWS::DynamoDB::Table":
        yield (
            "AWS/DynamoDB",
            _datum("ConsumedReadCapacityUnits", calls * 9, "Count", TableName=name),
        )
        yield (
            "AWS/DynamoDB",
            _datum("ConsumedWriteCapacityUnits", calls * 2, "Count", TableName=name),
        )
    elif held.type == "AWS::SQS::Queue":
        queue = name.rsplit("/", 1)[-1]
        yield "AWS/SQS", _datum("NumberOfMessagesSent", calls, "Count", QueueName=queue)
    elif held.type == "AWS::ApiGateway::RestApi":
        api = str(held.properties.get("Name", logical_id))
        yield "AWS/ApiGateway", _datum("Count", calls, "Count", ApiName=api)
    elif held.type == "AWS::ApiGatewayV2::Api":
        yield "AWS/ApiGateway", _datum("Count", calls, "Count", ApiId=name)
    elif held.type == "AWS::S3::Bucket":
        size = calls * _GIB / 40
        yield (
            "AWS/S3",
            _datum(
                "BucketSizeBytes", size, "Bytes", BucketName=name, StorageType="StandardStorage"
            ),
        )


def _datum(metric: str, value: float, unit: str, **dimensions: str) -> dict[str, Any]:
    return {
        "MetricName": metric,
        "Value": float(value),
        "Unit": unit,
        "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()],
    }
