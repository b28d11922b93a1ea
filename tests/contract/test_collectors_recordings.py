"""Recorded answers of real AWS accounts, replayed: nothing escapes, nothing listed is lost.

The recordings hold the calls another program made, so many of ours find no file: each such call
must end as a gap. They lie beside the repository and are read there.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from collectors.reader import BulkTags, Findings, Listings, Place, Reader
from collectors.registry import Collector, registered
from collectors.wire import CallFailed, Wire
from core.types import Resource

FLIGHTS = Path(__file__).parents[2].parent / "shared" / "data" / "aws_recordings" / "flights"
SERVICES = {"cloudwatch": "monitoring", "stepfunctions": "states"}

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not FLIGHTS.is_dir(), reason="the recordings are not beside this checkout"),
]

LISTS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("lambda:ListFunctions", "Functions", lambda item: item["FunctionArn"]),
    ("s3:ListBuckets", "Buckets", lambda item: item["Name"]),
    ("sqs:ListQueues", "QueueUrls", lambda item: item),
    ("sns:ListTopics", "Topics", lambda item: item["TopicArn"]),
    ("dynamodb:ListTables", "TableNames", lambda item: item),
    ("apigateway:GetRestApis", "items", lambda item: item["id"]),
    ("logs:DescribeLogGroups", "logGroups", lambda item: item["logGroupName"]),
    ("secretsmanager:ListSecrets", "SecretList", lambda item: item["ARN"]),
    ("cloudwatch:DescribeAlarms", "MetricAlarms", lambda item: item["AlarmArn"]),
    ("ecr:DescribeRepositories", "repositories", lambda item: item["repositoryArn"]),
    ("kinesis:ListStreams", "StreamNames", lambda item: item),
)


class ReplayedWire:
    """Answers call n of an operation with file n of a flight, the last one when they run out."""

    def __init__(self, flight: Path) -> None:
        self.flight = flight
        self.asked: Counter[str] = Counter()

    def has(self, operation: str) -> bool:
        return bool(self._files(operation))

    def _files(self, operation: str) -> list[Path]:
        service, name = operation.split(":")
        prefix = "tagging" if "tagging" in service else SERVICES.get(service, service)
        return sorted(self.flight.glob(f"{prefix}.{name}_*.json"))

    def call(self, operation: str, _region: str, **_: Any) -> Mapping[str, Any]:
        files = self._files(operation)
        if not files:
            raise CallFailed(operation, "failed", "not recorded")
        path = files[min(self.asked[operation], len(files) - 1)]
        self.asked[operation] += 1
        recorded = json.loads(path.read_text(), object_hook=_revive)
        if recorded.get("status_code", 200) >= 300:
            code = recorded["data"].get("Error", {}).get("Code", "unknown")
            raise CallFailed(operation, "failed", code)
        return cast("Mapping[str, Any]", recorded["data"])

    def pages(self, operation: str, region: str, **_: Any) -> Iterator[Mapping[str, Any]]:
        yield self.call(operation, region)


def _revive(value: dict[str, Any]) -> Any:
    if value.get("__class__") == "datetime":
        day = datetime(value["year"], value["month"], value["day"], tzinfo=UTC)
        return day.replace(hour=value["hour"], minute=value["minute"], second=value["second"])
    return value


def _replay(flight: Path, collector: Collector) -> tuple[list[Resource], Findings, set[str]]:
    wire, findings = ReplayedWire(flight), Findings()
    listed = {
        identify(item)
        for operation, member, identify in LISTS
        if operation in collector.calls and wire.has(operation) and collector.name != "vpc_parts"
        for item in _first(wire, operation).get(member) or ()
    }
    wire.asked.clear()  # vpc_parts lists functions too, to learn where they sit, and yields none
    tags: Future[BulkTags] = Future()
    tags.set_result(BulkTags())
    reader = Reader(
        cast("Wire", wire), Place("644160558196", "aws", "us-east-1"), collector,
        secret_key=b"k", findings=findings, shared=Listings(), tags=tags,
    )  # fmt: skip
    return list(collector.collect(reader)), findings, listed


def _first(wire: ReplayedWire, operation: str) -> Mapping[str, Any]:
    try:
        return wire.call(operation, "")
    except CallFailed:
        return {}


def test_every_listed_resource_is_in_the_inventory_and_no_exception_escapes() -> None:
    replayed, resources, lost = 0, 0, []
    for flight in sorted(FLIGHTS.iterdir()):
        for collector in registered():
            if not any(ReplayedWire(flight).has(call) for call in collector.calls):
                continue
            found, findings, listed = _replay(flight, collector)
            replayed += 1
            resources += len(found)
            known = {alias for each in found for alias in each.aliases}
            lost += [(flight.name, name) for name in listed - known]
            assert not [gap for gap in findings.gaps if "shape" in gap.detail], flight.name
    assert replayed > 100
    assert resources > 250
    assert lost == []
