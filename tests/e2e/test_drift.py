"""Drift on a local AWS, in both directions, and both ways out: the commit and the deployment."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli.main import main
from app.settings import (
    AwsSettings,
    GitSettings,
    LinkSettings,
    RepositorySettings,
    ScanSettings,
    Settings,
)
from app.worker import Worker
from app.world import World
from core import scan as scanning
from core.decide import decide
from core.drift import CHECK_ID
from core.types import Card, DecisionKind, FixState, Status
from sandbox.aws import World as Sandbox
from sandbox.aws import start_estate
from tests.worker_world import DANA, Heard

TEMPLATE = b"""\
# Orders. The retention is agreed with the auditors.
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: orders
      VisibilityTimeout: 30  # seconds
      MessageRetentionPeriod: 345600
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt Failed.Arn
        maxReceiveCount: 3
  Failed:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: orders-failed
"""
STACKS = b"stacks:\n  - {name: orders, template: orders.yaml}\n"


@dataclass
class Estate:
    """One stack on a local AWS that is deployed by hand, and a home that scans it."""

    sandbox: Sandbox
    world: World

    @property
    def queues(self) -> Any:
        return self.sandbox.aws.client("sqs")

    def visibility(self) -> str:
        url = self.queues.get_queue_url(QueueName="orders")["QueueUrl"]
        found = self.queues.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        timeout: str = found["Attributes"]["VisibilityTimeout"]
        return timeout

    def set_visibility(self, seconds: int) -> None:
        url = self.queues.get_queue_url(QueueName="orders")["QueueUrl"]
        self.queues.set_queue_attributes(
            QueueUrl=url, Attributes={"VisibilityTimeout": str(seconds)}
        )

    def drifts(self) -> list[Card]:
        scanning.scan(self.world.scanner())
        return [c for c in self.world.store.cards() if c.finding.check_id == CHECK_ID]

    def deploy(self) -> None:
        forge = self.sandbox.forge
        data = forge.file("orders.yaml", commit=forge.head("main"))
        done = self.sandbox.deployer.deploy("orders", data, file="orders.yaml")
        assert not done.errors


@pytest.fixture
def estate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Estate]:
    files = {"orders.yaml": TEMPLATE, "stacks.yaml": STACKS}
    with start_estate(tmp_path / "sandbox", repository=files) as sandbox:
        for name, value in sandbox.env.items():
            monkeypatch.setenv(name, value)
        sandbox.follower.close()
        infra = RepositorySettings(name="infrastructure", kind="local", path=sandbox.path)
        settings = Settings(
            aws=AwsSettings(regions=sandbox.regions, usage=False),
            git=GitSettings(signing_key=sandbox.signing_key),
            link=LinkSettings(sources=sandbox.sources),
            scan=ScanSettings(follow_s=0.1),
            repository=(infra,),
        )
        world = World(tmp_path / "home", settings)
        whole = world.policy_set
        only = (whole.by_id["PL-SQS-001"],)
        monkeypatch.setattr(
            World, "policy_set", replace(whole, policies=only, _memories=threading.local())
        )
        monkeypatch.setattr("app.worker.retrain", lambda *_, **__: "")
        yield Estate(sandbox, world)
        world.store.close()


def test_a_live_change_is_ahead_and_its_commit_ends_the_drift(estate: Estate) -> None:
    assert estate.drifts() == []
    time.sleep(1.1)  # Git counts in seconds
    estate.set_visibility(90)

    [card] = estate.drifts()
    assert card.finding.evidence.message == "VisibilityTimeout is declared 30 and is 90"
    assert card.finding.evidence.facts["ahead"] == "live"
    assert "--deployment-mode REVERT_DRIFT" in card.finding.remediation
    assert card.fix_available

    chat = Heard()
    worker = Worker(estate.world, chat, picture=lambda _: None)
    uid = card.finding.uid
    estate.world.store.enqueue("plan", uid, {"finding_uid": uid})
    worker.drain()
    plan = estate.world.store.current_plan(uid)
    assert plan
    assert (
        "-      VisibilityTimeout: 30  # seconds\n+      VisibilityTimeout: 90  # seconds"
        in plan.diff
    )
    decide(
        estate.world.store, kind=DecisionKind.APPROVE_FIX, finding_uid=uid, person=DANA,
        now=plan.created_at, permit=lambda *_: "", plan_digest=plan.digest,
    )  # fmt: skip
    worker.drain()
    fix = estate.world.store.fix(plan.digest)
    assert fix
    assert fix.pull_request
    estate.sandbox.forge.merge(fix.pull_request.number, by="dana")
    for _ in range(20):
        time.sleep(0.3)
        worker.drain()
        fix = estate.world.store.fix(plan.digest)
        if fix and fix.state is FixState.VERIFIED:
            break
    assert fix
    assert fix.state is FixState.VERIFIED
    assert estate.world.store.card(uid).finding.status is Status.FIXED
    assert estate.drifts() == []
    assert estate.visibility() == "90"


def test_a_template_that_is_not_deployed_is_ahead_and_its_deployment_ends_the_drift(
    estate: Estate,
) -> None:
    assert estate.drifts() == []
    time.sleep(1.1)
    estate.sandbox.forge.push_files(
        {"orders.yaml": TEMPLATE.replace(b"Timeout: 30", b"Timeout: 60"), "stacks.yaml": STACKS},
        branch="main", message="Give workers a minute",
    )  # fmt: skip

    [card] = estate.drifts()
    assert card.finding.evidence.facts["ahead"] == "template"
    estate.deploy()

    assert estate.visibility() == "60"
    assert estate.drifts() == []


def test_the_deployment_that_restores_what_is_declared_ends_the_drift_too(
    estate: Estate, tmp_path: Path
) -> None:
    estate.set_visibility(90)
    said = CliRunner().invoke(
        main, ["--home", str(_home(estate, tmp_path)), "drift", "--format", "json"]
    )
    assert said.exit_code == 1, said.output
    document = json.loads(said.output)
    [drift] = document["drifts"]
    assert drift["differences"] == [{"path": ["VisibilityTimeout"], "declared": 30, "live": 90}]
    assert drift["ahead"] == "live"  # SQS says when the queue was last changed
    assert document["summary"]["drifted"] == 1

    estate.sandbox.deployer.revert_drift("orders", "Orders", ["VisibilityTimeout"])
    estate.deploy()

    assert estate.visibility() == "30"
    assert estate.drifts() == []


def _home(estate: Estate, folder: Path) -> Path:
    """Write the settings that the command line reads."""
    home, settings = folder / "cli", estate.world.settings
    home.mkdir()
    (home / "plumbline.toml").write_text(
        f'[aws]\nregions = ["{estate.sandbox.regions[0]}"]\nusage = false\n'
        f'[link]\nsources = "{settings.link.sources}"\n'
        f'[[repository]]\nname = "infrastructure"\npath = "{estate.sandbox.path}"\n'
        f'[git]\nsigning_key = "{estate.sandbox.signing_key}"\n'
    )
    return home
