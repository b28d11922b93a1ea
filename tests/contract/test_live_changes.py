"""Each live change on a real local AWS: the finding goes, and Revert restores what was there."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import policies
from app import live
from app.settings import LiveSettings, Settings
from app.store import SqliteStore
from app.world import World, utc_now
from collectors import AwsCloud
from core.errors import CredentialsError, Declined, ResourceMoved
from core.types import Finding, FixPlan, FixState, LiveCall, Person, Resource, Status
from remediation.live import LivePlanner, load
from remediation.live.permission import policy_document
from remediation.live.planner import digest
from tests.conftest import local_aws
from tests.live_world import ACCOUNT, MAKERS, REGION, ROLE, Client, clients, reset, steady

DANA = Person(team="T1", user="UDANA", name="Dana")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """One local AWS for all of these; each test begins with an empty one."""
    with local_aws() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A home whose policies are loaded once."""
    settings = LiveSettings(enabled=True, role_arn=ROLE, accounts=(ACCOUNT,), checks=tuple(load()))
    return World(tmp_path_factory.mktemp("home"), Settings(live=settings))


@cache
def scanner() -> AwsCloud:
    """Return one reader for all tests: making its clients takes longer than reading."""
    return AwsCloud(regions=[REGION], secret_key=b"k" * 32, clock=utc_now, usage=False)


_ONLY: dict[str, policies.PolicySet] = {}
"""Kept to the end: an engine may only be dropped on the thread that made it."""


def only(world: World, check_id: str) -> policies.PolicySet:
    """Return one policy: hundreds of others would be asked five times a test."""
    if check_id not in _ONLY:
        whole = world.policy_set
        _ONLY[check_id] = replace(
            whole, policies=(whole.by_id[check_id],), _memories=threading.local()
        )
    return _ONLY[check_id]


class Estate:
    """One account with what a check finds fault with, and a planner of live changes on it."""

    def __init__(self, world: World, store: SqliteStore, endpoint: str, check_id: str) -> None:
        self.world, self.store, self.check_id = world, store, check_id
        self.aws: Client = clients(endpoint)
        self.types, make = MAKERS[check_id]
        make(self.aws)
        self.made: list[str] = []
        self.only = only(world, check_id)
        self.api = live.open_api(world.settings.live, ACCOUNT, REGION)
        self.planner = LivePlanner(
            open_api=self.opened,
            journal=store,
            resource=lambda uid: next((r for r in self.seen() if r.uid == uid), None),
            recheck=self.anew,
            clock=utc_now,
            secret_key=b"k" * 32,
            pause=lambda _seconds: None,
        )

    def opened(self, account: str, region: str) -> "Counted":
        return Counted(self.api, self.made)

    def seen(self) -> tuple[Resource, ...]:
        return scanner().collect(types=self.types).resources

    def findings(self) -> Sequence[Finding]:
        names = self.world.settings.estate.estate()
        told = policies.evaluate(self.only, self.seen(), estate=names, now=utc_now())
        return [each for each in told if isinstance(each, Finding)]

    def finding(self) -> Finding:
        found = [each for each in self.findings() if each.status is Status.OPEN]
        assert found, f"{self.check_id} finds nothing"
        return found[0]

    def anew(self, finding: Finding) -> Finding:
        now = [each for each in self.findings() if each.uid == finding.uid]
        return now[0] if now else replace(finding, status=Status.FIXED)

    def carried_out(self, plan: FixPlan) -> FixState:
        self.store.save_plan(plan)
        done = self.planner.execute(plan, approvers=(DANA,), audit_head="h")
        return done.state

    def reported(self, plan: FixPlan) -> str:
        """Return all that AWS answers where the plan looks."""
        assert plan.live
        api = self.api
        codes = ("NoSuchBucketPolicy", "ServerSideEncryptionConfigurationNotFoundError",
                 "NoSuchPublicAccessBlockConfiguration", "ResourceNotFoundException")  # fmt: skip
        answers = {
            step.read.operation: api.call(step.read, absent=codes)
            for step in plan.live.steps
            if step.undo  # what stays, nothing uses
        }
        return json.dumps(steady(answers), sort_keys=True, default=str)


class Counted:
    """Calls AWS and remembers what was called."""

    def __init__(self, api: live.AwsApi, made: list[str]) -> None:
        self._api, self._made = api, made

    def call(self, call: LiveCall, *, absent: Sequence[str] = ()) -> Mapping[str, Any] | None:
        self._made.append(call.operation)
        return self._api.call(call, absent=absent)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "plumbline.db")
    yield made
    made.close()


@pytest.fixture
def estate(server: str, world: World, store: SqliteStore, request: pytest.FixtureRequest) -> Estate:
    """An account that was emptied first."""
    reset(server)
    return Estate(world, store, server, request.param)


@pytest.mark.parametrize("estate", sorted(load()), indirect=True)
def test_a_live_change_ends_the_finding_and_revert_restores_what_aws_reported(
    estate: Estate,
) -> None:
    finding = estate.finding()
    plan = estate.planner.plan(finding)
    before = estate.reported(plan)
    assert set(estate.made) <= {"sts:GetCallerIdentity", *_reads(estate.check_id)}, "plan changed"

    assert estate.carried_out(plan) is FixState.APPLIED
    assert finding.uid not in {each.uid for each in estate.findings()}
    assert estate.reported(plan) != before

    assert estate.carried_out(estate.planner.revert(plan)) is FixState.APPLIED
    assert estate.reported(plan) == before
    assert finding.uid in {each.uid for each in estate.findings()}
    assert set(estate.made) <= _declared(estate.check_id)


def _reads(check_id: str) -> set[str]:
    return {call for aspect in load()[check_id].uses for call in (aspect.read, *aspect.also)}


def _declared(check_id: str) -> set[str]:
    writes = {call for aspect in load()[check_id].uses for call in aspect.writes}
    return _reads(check_id) | writes


def test_there_are_more_than_twenty_and_each_is_tried() -> None:
    assert len(load()) >= 20
    assert set(MAKERS) == set(load())


@pytest.mark.parametrize("estate", ["PL-LOGS-001"], indirect=True)
def test_what_changed_since_the_plan_is_not_touched(estate: Estate) -> None:
    plan = estate.planner.plan(estate.finding())
    estate.aws("logs").put_retention_policy(logGroupName=_group(plan), retentionInDays=14)

    with pytest.raises(ResourceMoved, match="changed since the plan was made"):
        estate.carried_out(plan)

    assert "logs:PutRetentionPolicy" not in estate.made
    assert estate.store.journal(plan.digest) == {}


@pytest.mark.parametrize("estate", ["PL-LOGS-001"], indirect=True)
def test_what_changed_since_the_fix_is_not_put_back(estate: Estate) -> None:
    plan = estate.planner.plan(estate.finding())
    estate.carried_out(plan)
    estate.aws("logs").put_retention_policy(logGroupName=_group(plan), retentionInDays=14)

    with pytest.raises(ResourceMoved, match="somebody else"):
        estate.planner.revert(plan)


@pytest.mark.parametrize("estate", ["PL-LOGS-001"], indirect=True)
def test_carried_out_twice_it_is_made_once(estate: Estate) -> None:
    plan = estate.planner.plan(estate.finding())

    estate.carried_out(plan)
    estate.carried_out(plan)

    assert estate.made.count("logs:PutRetentionPolicy") == 1


@pytest.mark.parametrize("estate", ["PL-S3-002"], indirect=True)
def test_the_digest_holds_for_exactly_the_calls_shown(estate: Estate) -> None:
    plan = estate.planner.plan(estate.finding())
    assert plan.live
    step = plan.live.steps[0]
    other = replace(step, apply=LiveCall("s3:DeletePublicAccessBlock", {"Bucket": "shop-uploads"}))
    changed = replace(plan.live, steps=(other,))
    at = plan.created_at.isoformat()

    assert digest(plan.live, plan.finding_uid, at, "") == plan.digest
    assert digest(changed, plan.finding_uid, at, "") != plan.digest
    assert "s3:PutPublicAccessBlock" in plan.diff
    assert '-  "IgnorePublicAcls": false' in plan.diff
    assert '+  "IgnorePublicAcls": true' in plan.diff


@pytest.mark.parametrize("estate", ["PL-S3-006"], indirect=True)
def test_a_before_image_with_a_secret_is_refused(estate: Estate) -> None:
    referer = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::shop-uploads/*",
        "Condition": {"StringEquals": {"aws:UserAgent": "sk_live_4eC39HqLyjWDarjtT1zdp7dc"}},
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [referer]})
    estate.aws("s3").put_bucket_policy(Bucket="shop-uploads", Policy=text)

    with pytest.raises(Declined, match="seems to hold a secret"):
        estate.planner.plan(estate.finding())


@pytest.mark.parametrize("estate", ["PL-SNS-001"], indirect=True)
def test_another_accounts_role_is_refused(estate: Estate) -> None:
    with pytest.raises(CredentialsError, match="belongs to account 123456789012"):
        live.open_api(estate.world.settings.live, "999999999999", REGION)


def _group(plan: FixPlan) -> str:
    assert plan.live
    return str(plan.live.steps[0].apply.parameters["logGroupName"])


def test_the_role_may_do_what_the_blueprints_declare_and_nothing_more() -> None:
    (anywhere, stages) = policy_document(("PL-S3-002", "PL-APIGATEWAY-003"))["Statement"]

    assert anywhere["Action"] == [
        "s3:DeleteBucketPolicy",
        "s3:GetBucketPolicy",
        "s3:GetBucketPublicAccessBlock",
        "s3:PutBucketPolicy",
        "s3:PutBucketPublicAccessBlock",
    ]
    assert stages["Action"] == ["apigateway:GET", "apigateway:PATCH"]
    assert stages["Resource"].endswith("/restapis/*/stages/*")
    assert not {a for a in anywhere["Action"] if a.startswith(("iam:", "sts:"))}
