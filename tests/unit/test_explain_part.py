"""A part of a resource is as risky as the whole that it opens."""

from datetime import UTC, datetime

import numpy as np

from core.types import Estate, Evidence, Finding, Resource, Severity, Snapshot
from explain.scene import Scene

FUNCTION_ARN = "arn:aws:lambda:eu-west-1:111122223333:function:export"
ROLE_ARN = "arn:aws:iam::111122223333:role/export"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_a_function_url_has_the_role_and_the_tags_of_its_function() -> None:
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    role = Resource(
        ROLE_ARN,
        "AWS::IAM::Role",
        "export",
        {"Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [everything]}}]},
        aliases=(ROLE_ARN,),
    )
    function = Resource(
        FUNCTION_ARN,
        "AWS::Lambda::Function",
        "export",
        {"FunctionName": "export", "Role": ROLE_ARN},
        tags={"env": "prod"},
        aliases=(FUNCTION_ARN, "export"),
    )
    url = Resource(
        f"{FUNCTION_ARN}|AWS::Lambda::Url|url",
        "AWS::Lambda::Url",
        "export/url",
        {"AuthType": "NONE", "TargetFunctionArn": FUNCTION_ARN},
    )
    finding = Finding(
        "f", "PL-LAMBDA-003", "c", "t", Severity.HIGH, url.uid, url.type, url.name, Evidence("m")
    )
    scene = Scene([finding], Snapshot("s", NOW, (role, function, url)), {}, [], Estate(), NOW)

    admin = scene.gather(scene.columns["role_admin"])
    environment = scene.gather(scene.columns["environment"])

    assert admin.tolist() == [1.0]
    assert environment.tolist() == [3.0]
    assert not np.isnan(scene.gather(scene.columns["exposure_level"])).any()
