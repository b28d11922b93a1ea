# ruff: noqa: S310 - every address here is our own server's on loopback
"""The whole sandbox: estate deployed, scanned, fixed through the forge, deployed again."""

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from core.ports import Commit
from core.types import Estate, Finding, Snapshot
from sandbox.aws import World, start_estate
from sandbox.estate import Planted, expectations
from sandbox.forge import ForgeSite

pytestmark = pytest.mark.xdist_group("estate")  # one set-up for the whole file

EXPORT = "larkfield-prod-orders-export"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with start_estate(tmp_path_factory.mktemp("world")) as started:
        yield started


@pytest.fixture(scope="module")
def snapshot(world: World) -> Snapshot:
    import collectors

    with pytest.MonkeyPatch.context() as patch:
        for name, value in world.env.items():
            patch.setenv(name, value)
        cloud = collectors.AwsCloud(
            regions=list(world.regions), secret_key=b"k" * 32, clock=lambda: datetime.now(UTC)
        )
        return cloud.collect()


@pytest.fixture(scope="module")
def findings(snapshot: Snapshot) -> tuple[Finding, ...]:
    import detectors
    import policies

    found = policies.evaluate(
        policies.load(), snapshot.resources, estate=Estate(), now=datetime.now(UTC)
    )
    led = detectors.paths(estate=Estate())(snapshot)
    return tuple(each for each in (*found, *led) if isinstance(each, Finding))


def of(entry: Planted, world: World, findings: tuple[Finding, ...]) -> list[Finding]:
    names = world.names(entry.stack, entry.address)
    return [
        f
        for f in findings
        if f.check_id == entry.check
        and f.resource_type == entry.type
        and any(name in f.resource_uid for name in names)
    ]


def test_every_declared_property_is_in_place(world: World) -> None:
    records = world.deployer.log.records()

    assert len(records) == 6
    assert [error for record in records for error in record["errors"]] == []
    assert sum(len(record["changes"]) for record in records) >= 45


def test_a_scan_reads_the_estate_without_a_gap(snapshot: Snapshot) -> None:
    assert snapshot.gaps == ()


def test_a_scan_finds_everything_planted(world: World, findings: tuple[Finding, ...]) -> None:
    wanted = expectations()

    missed = [e for e in (*wanted.planted, *wanted.debatable) if not of(e, world, findings)]

    assert missed == []


def test_a_scan_reports_none_of_the_look_alikes(
    world: World, findings: tuple[Finding, ...]
) -> None:
    wrong = [e for e in expectations().look_alikes if of(e, world, findings)]

    assert wrong == []


def test_generated_usage_can_be_measured(world: World, snapshot: Snapshot) -> None:
    export = next(r for r in snapshot.resources if r.name == EXPORT and r.type.endswith("Function"))

    calls = next(u for u in export.usage if u.metric == "Invocations")

    assert 1_000 < calls.quantity < 1_600
    assert "generated" in world.summary


def test_nothing_but_loopback_is_named_in_the_environment(world: World) -> None:
    assert world.env["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert world.env["AWS_EC2_METADATA_DISABLED"] == "true"
    assert world.env["AWS_CONFIG_FILE"] == os.devnull


def test_nothing_of_the_estate_as_it_is_deployed_has_drifted(
    world: World, snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from app import drift
    from app.settings import GitSettings, LinkSettings, RepositorySettings, Settings
    from app.world import World as Home

    infrastructure = RepositorySettings(name="infrastructure", kind="local", path=world.path)
    settings = Settings(
        git=GitSettings(signing_key=world.signing_key),
        link=LinkSettings(sources=world.sources),
        repository=(infrastructure,),
    )
    home = Home(tmp_path_factory.mktemp("home"), settings)
    links = home.link(snapshot)

    said = list(drift.check(home, links=links)(snapshot))

    assert len(links) > 50
    assert [
        each.evidence.message if isinstance(each, Finding) else each.detail for each in said
    ] == []


def test_a_merge_is_deployed_and_read_back(world: World) -> None:
    forge = world.forge
    base = forge.head("main")
    path = "orders/template.yaml"
    data = forge.file(path, commit=base).replace(b"AuthType: NONE", b"AuthType: AWS_IAM")
    commit = Commit("fix", "Require signatures", {path: data}, {"Plan-Digest": "a" * 64})
    forge.commit_signed(commit, base=base)
    number = forge.open_pull_request(branch="fix", into="main", title="Sign", body="why").number
    before = len(world.deployer.log.records())

    with ForgeSite(forge, deployer=world.deployer) as site:
        merged = _post(f"{site.url}/api/pulls/{number}/merge", {"by": "priya"})
        record = _wait(world, before)
        shown = json.load(urllib.request.urlopen(f"{site.url}/api/deployments", timeout=10))

    assert merged["state"] == "merged"
    assert record["commit"] == merged["merge_commit"]
    assert record["errors"] == []
    assert {c["logical_id"]: c["action"] for c in record["changes"]} == {
        "OrdersExportFunctionUrl": "updated",
        "OrdersExportFunctionUrlPublicPermissions": "deleted",
        "OrdersExportFunctionURLInvokeAllowPublicAccess": "deleted",
    }
    url = world.aws.client("lambda").get_function_url_config(FunctionName=EXPORT)
    assert url["AuthType"] == "AWS_IAM"
    assert shown["deployments"][0]["commit"] == merged["merge_commit"]


def _post(url: str, body: dict[str, str]) -> dict[str, str]:
    request = urllib.request.Request(
        url, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, str] = json.load(answer)
        return found


def _wait(world: World, before: int) -> dict[str, Any]:
    for _ in range(300):
        records = world.deployer.log.records()
        if len(records) > before:
            return dict(records[-1])
        time.sleep(0.1)
    raise AssertionError("the merge was not deployed")
