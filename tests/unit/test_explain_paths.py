"""The attack-path features: counted, missing where nothing leads, unknown where not read."""

import math
from datetime import UTC, datetime
from typing import Any

from core.types import Estate, Resource, Snapshot
from explain.scene import Scene

NOW = datetime(2026, 11, 25, tzinfo=UTC)
ROLE = "arn:aws:iam::111111111111:role/r"
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:f"
TABLE = "arn:aws:dynamodb:eu-west-1:111111111111:table/people"


def made(kind: str, uid: str, properties: Any, **more: Any) -> Resource:
    return Resource(uid, kind, uid, properties, account="111111111111", aliases=(uid,), **more)


def column(name: str, *, action: str = "dynamodb:GetItem", attached: Any = ()) -> list[float]:
    rule = {"Effect": "Allow", "Action": action, "Resource": TABLE}
    policy = {"PolicyName": "p", "PolicyDocument": {"Statement": [rule]}}
    invited = {"FunctionName": FUNCTION, "Action": "lambda:InvokeFunctionUrl", "Principal": "*"}
    url = {"TargetFunctionArn": FUNCTION, "AuthType": "NONE"}
    resources = (
        made("AWS::Lambda::Function", FUNCTION, {"Role": ROLE}),
        made("AWS::IAM::Role", ROLE, {"Policies": [policy], "ManagedPolicyArns": list(attached)}),
        made("AWS::DynamoDB::Table", TABLE, {}, tags={"data": "pii"}),
        made("AWS::S3::Bucket", "arn:aws:s3:::aside", {}),
        made("AWS::Lambda::Url", f"{FUNCTION}|url", url),
        made("AWS::Lambda::Permission", f"{FUNCTION}|permission", invited),
    )
    scene = Scene((), Snapshot("s", NOW, resources), {}, (), Estate(), NOW)
    return [float(x) for x in scene.columns[name][:4]]


def test_every_resource_on_the_way_counts_its_targets() -> None:
    assert column("attack_paths") == [1, 1, 1, 0]
    assert column("on_path_to_sensitive") == [1, 1, 1, 0]
    assert column("attack_paths", action="dynamodb:PutItem") == [0, 0, 0, 0]


def test_steps_from_the_internet_are_missing_where_no_way_leads() -> None:
    *near, aside = column("internet_distance")

    assert near == [0, 1, 2]
    assert math.isnan(aside)


def test_none_is_not_known_where_a_policy_was_not_read() -> None:
    found = column("attack_paths", action="logs:*", attached=["arn:aws:iam::1:policy/unread"])

    assert math.isnan(found[0])
    assert math.isnan(found[1])
    assert found[3] == 0
