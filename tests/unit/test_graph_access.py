"""Whether a role may act on a resource: every policy weighed as AWS weighs it."""

from typing import Any

import pytest

from core.types import Resource, unknown
from graph import relate
from graph.access import Access

HERE, THERE = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{HERE}:role/worker"
QUEUE = "AWS::SQS::Queue"
BUCKET = "AWS::S3::Bucket"
KEY = "AWS::KMS::Key"


def allow(action: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def on(principal: Any, action: str, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*", **more}


def role(*rules: Any, boundary: Any = None, tags: dict[str, str] | None = None) -> list[Resource]:
    given: dict[str, Any] = {
        "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": list(rules)}}]
    }
    others = []
    if boundary is not None:
        arn = f"arn:aws:iam::{HERE}:policy/limit"
        given["PermissionsBoundary"] = arn
        document = {"PolicyDocument": {"Statement": boundary}}
        others = [Resource(arn, "AWS::IAM::ManagedPolicy", "limit", document, account=HERE)]
    found = Resource(
        ROLE, "AWS::IAM::Role", "worker", given, account=HERE, aliases=(ROLE,), tags=tags or {}
    )
    return [found, *others]


def queue(*rules: Any, account: str = HERE) -> list[Resource]:
    arn = f"arn:aws:sqs:eu-west-1:{account}:jobs"
    made = Resource(arn, QUEUE, "jobs", {}, account=account, region="eu-west-1", tags={"env": "p"})
    if not rules:
        return [made]
    given = {"Queues": [arn], "PolicyDocument": {"Statement": list(rules)}}
    policy = Resource(f"{arn}|policy", "AWS::SQS::QueuePolicy", "policy", given, account=account)
    return [made, policy]


def answer(identity: list[Resource], target: list[Resource], action: str) -> bool | None:
    relations = relate([*identity, *target])
    return Access(relations).may(identity[0], action, target[0]).allowed


READ = "sqs:ReceiveMessage"
ARN_IS = {"StringEquals": {"aws:PrincipalArn": ROLE}}
FROM_OFFICE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
PLAIN = {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("identity", "target", "expected"),
    [
        pytest.param(role(allow(READ)), queue(), True, id="identity alone"),
        pytest.param(role(), queue(), False, id="nobody allows"),
        pytest.param(role(), queue(on({"AWS": ROLE}, READ)), True, id="resource alone"),
        pytest.param(role(), queue(on("*", READ)), True, id="everybody"),
        pytest.param(role(), queue(on({"AWS": f"arn:aws:iam::{HERE}:root"}, READ)), False, id="left to the account"),
        pytest.param(role(), queue(on({"Service": "sns.amazonaws.com"}, READ)), False, id="a service only"),
        pytest.param(role(allow(READ), deny("sqs:*")), queue(), False, id="own deny"),
        pytest.param(role(allow(READ)), queue(on("*", READ, "Deny")), False, id="resource's deny"),
        pytest.param(role(allow(READ)), queue(on({"AWS": HERE}, READ, "Deny")), False, id="the account denied"),
        pytest.param(role(allow("*"), boundary=[allow("s3:*")]), queue(), False, id="boundary without it"),
        pytest.param(role(allow("*"), boundary=[allow("sqs:*")]), queue(), True, id="boundary with it"),
        pytest.param(role(boundary=[allow("*")]), queue(), False, id="a boundary grants nothing"),
        pytest.param(role(boundary=[allow("s3:*")]), queue(on({"AWS": ROLE}, READ)), False, id="boundary limits a grant to the role"),
        pytest.param(role(allow("*"), boundary=[allow("*"), deny(READ)]), queue(), False, id="boundary denies"),
        pytest.param(role(allow(READ, Condition=FROM_OFFICE)), queue(), None, id="condition not known"),
        pytest.param(role(allow(READ), deny(READ, Condition=FROM_OFFICE)), queue(), None, id="deny not known"),
        pytest.param(role(allow(READ), deny(READ, Condition=PLAIN)), queue(), True, id="TLS only keeps nobody out"),
        pytest.param(role(allow(READ, Condition={"StringEquals": {"aws:ResourceTag/env": "p"}})), queue(), True, id="tag matches"),
        pytest.param(role(allow(READ, Condition={"StringEquals": {"aws:ResourceTag/env": "q"}})), queue(), False, id="tag differs"),
        pytest.param(role(allow(READ, Condition={"StringLike": {"aws:PrincipalTag/team": "a*"}}), tags={"team": "abc"}), queue(), True, id="principal's tag"),
        pytest.param(role(allow(READ, Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}})), queue(), False, id="another region"),
        pytest.param(role(allow(READ)), queue(on("*", READ, "Deny", Condition={"StringNotEquals": ARN_IS["StringEquals"]})), True, id="deny all but this role"),
        pytest.param(role(allow(READ)), queue(on("*", READ, "Deny", Condition={"ArnNotLike": {"aws:PrincipalArn": "*/other"}})), False, id="deny all but another role"),
        pytest.param(role({"Effect": "Allow", "NotAction": "sqs:*", "Resource": "*"}), queue(), False, id="NotAction"),
        pytest.param(role({"Effect": "Allow", "Action": READ, "NotResource": "arn:aws:sqs:*:*:jobs"}), queue(), False, id="NotResource"),
        pytest.param(role(unknown("a parameter")), queue(), None, id="unread policy"),
        pytest.param(role(allow(READ), boundary=[unknown("denied")]), queue(), None, id="unread boundary"),
        pytest.param(role(allow(READ)), queue(account=THERE), False, id="abroad, identity alone"),
        pytest.param(role(), queue(on({"AWS": ROLE}, READ), account=THERE), False, id="abroad, resource alone"),
        pytest.param(role(allow(READ)), queue(on({"AWS": ROLE}, READ), account=THERE), True, id="abroad, both"),
        pytest.param(role(allow(READ)), queue(on({"AWS": HERE}, READ), account=THERE), True, id="abroad, the account admitted"),
        pytest.param(role(allow(READ)), queue(on({"AWS": THERE}, READ), account=THERE), False, id="abroad, another account admitted"),
    ],
)  # fmt: skip
def test_every_policy_is_weighed(
    identity: list[Resource], target: list[Resource], expected: bool | None
) -> None:
    assert answer(identity, target, READ) is expected


def test_what_cannot_be_read_of_a_resource_s_policy_leaves_it_open() -> None:
    denied = Resource(
        "arn:aws:sqs:eu-west-1:1:q", QUEUE, "q", {}, account=HERE, unreadable={"AWS::SQS::QueuePolicy": "denied"}
    )  # fmt: skip

    assert answer(role(), [denied], READ) is None
    assert answer(role(deny(READ)), [denied], READ) is False


@pytest.mark.parametrize(
    ("identity", "policy", "expected"),
    [
        pytest.param(role(allow("kms:*")), [on({"AWS": f"arn:aws:iam::{HERE}:root"}, "kms:*")], True, id="left to the account, allowed there"),
        pytest.param(role(), [on({"AWS": f"arn:aws:iam::{HERE}:root"}, "kms:*")], False, id="left to the account, not allowed there"),
        pytest.param(role(allow("kms:*")), [on({"AWS": "arn:aws:iam::111111111111:role/other"}, "kms:*")], False, id="not left to the account"),
        pytest.param(role(), [on({"AWS": ROLE}, "kms:Decrypt")], True, id="named by the key"),
        pytest.param(role(allow("kms:*")), [], True, id="the default policy"),
    ],
)  # fmt: skip
def test_a_key_s_own_policy_decides(
    identity: list[Resource], policy: list[Any], expected: bool | None
) -> None:
    given = {"KeyPolicy": {"Statement": policy}} if policy else {}
    key = Resource(f"arn:aws:kms:eu-west-1:{HERE}:key/1", KEY, "1", given, account=HERE)

    assert answer(identity, [key], "kms:Decrypt") is expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ((allow("s3:GetObject", "arn:aws:s3:::files/*"),), True),
        ((allow("s3:GetObject", "arn:aws:s3:::files/in/*"),), True),
        ((allow("s3:GetObject", "arn:aws:s3:::files"),), False),
        ((allow("s3:GetObject"), deny("s3:*", "arn:aws:s3:::files/secret/*")), True),
        ((allow("s3:GetObject"), deny("s3:*", "arn:aws:s3:::files/*")), False),
        ((allow("s3:GetObject"), deny("s3:*", "arn:aws:s3:::files")), True),
    ],
)
def test_a_bucket_s_objects_are_not_the_bucket(rules: tuple[Any, ...], expected: bool) -> None:
    arn = "arn:aws:s3:::files"
    bucket = Resource(arn, BUCKET, "files", {}, account=HERE, aliases=(arn, "files"))

    assert answer(role(*rules), [bucket], "s3:GetObject") is expected


def test_the_statement_that_allows_is_named() -> None:
    identity = role(allow(READ, Sid="Jobs"))
    said = Access(relate([*identity, *queue()])).may(identity[0], READ, queue()[0])

    assert said.because == ("inline policy p: statement Jobs allows sqs:ReceiveMessage",)
