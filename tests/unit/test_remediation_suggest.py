"""What to change by hand, where nothing declares the resource."""

from collections.abc import Mapping
from typing import Any

import pytest

from core.errors import NoBlueprint
from core.identity import finding_uid
from core.types import EMPTY, Estate, Evidence, Finding, Severity, unknown
from remediation.blueprint import load
from remediation.suggest import suggest

URL = """\
Let only signed AWS requests call the function URL. May break: Callers that do not sign their \
requests get 403: browsers and webhooks cannot. As a template would declare it:
 Resources:
   ordersexport:
     Type: AWS::Lambda::Url
     Properties:
-      AuthType: NONE
+      AuthType: AWS_IAM
"""
BUCKET = """\
Block public access to the bucket. May break: Anonymous readers get 403: a website served straight \
from the bucket goes dark. As a template would declare it:
 Resources:
   logs:
     Type: AWS::S3::Bucket
     Properties:
       PublicAccessBlockConfiguration:
         BlockPublicAcls: true
-        BlockPublicPolicy: false
+        BlockPublicPolicy: true
+        IgnorePublicAcls: true
+        RestrictPublicBuckets: true
"""


def said(
    check_id: str,
    resource_type: str,
    name: str = "orders-export",
    properties: Mapping[str, Any] = EMPTY,
) -> str:
    uid = f"arn:aws:made:eu-west-1:111122223333:{name}"
    finding = Finding(
        uid=finding_uid(check_id, uid),
        check_id=check_id,
        control="",
        title="",
        severity=Severity.HIGH,
        resource_uid=uid,
        resource_type=resource_type,
        resource_name=name,
        evidence=Evidence(""),
    )
    return suggest(finding, properties=properties, estate=Estate())


def test_the_lines_to_add_are_shown() -> None:
    told = said("PL-LAMBDA-009", "AWS::Lambda::Function")

    assert told.startswith("Trace the function's requests with X-Ray. As a template would ")
    assert "+        Mode: Active" in told
    assert "xray:PutTraceSegments" in told
    assert "ordersexport" in told


@pytest.mark.parametrize(
    ("check_id", "resource_type", "name", "properties", "told"),
    [
        (
            "PL-LAMBDA-003",
            "AWS::Lambda::Url",
            "orders-export",
            {"AuthType": "NONE", "InvokeMode": "BUFFERED"},
            URL,
        ),
        (
            "PL-S3-002",
            "AWS::S3::Bucket",
            "logs",
            {
                "BucketName": "logs",
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": True,
                    "BlockPublicPolicy": False,
                },
            },
            BUCKET,
        ),
    ],
)
def test_what_the_live_resource_has_is_changed_in_place(
    check_id: str, resource_type: str, name: str, properties: Mapping[str, Any], told: str
) -> None:
    assert said(check_id, resource_type, name, properties) == told


def test_what_could_not_be_read_is_not_shown() -> None:
    properties = {"AuthType": "NONE", "Cors": {"AllowOrigins": unknown("denied")}}

    assert said("PL-LAMBDA-003", "AWS::Lambda::Url", properties=properties) == URL


def test_a_live_value_cannot_become_code_of_the_example() -> None:
    properties = {"AuthType": "NONE\n  Evil:\n    Type: AWS::IAM::User", "x: &a\n": "!Ref b"}

    told = said("PL-LAMBDA-003", "AWS::Lambda::Url", properties=properties)

    assert '\n-      AuthType: "NONE\\n' in told
    assert "\n   Evil" not in told


def test_a_secret_is_not_shown() -> None:
    properties = {"TracingConfig": {"Mode": "PassThrough", "Password": "hunter2-Xk9"}}

    told = said("PL-LAMBDA-009", "AWS::Lambda::Function", properties=properties)

    assert "Mode: Active" in told
    assert "hunter2" not in told


def test_a_check_that_only_a_person_can_fix_gives_its_advice() -> None:
    assert "rotate it" in said("PL-LAMBDA-006", "AWS::Lambda::Function")


def test_an_unknown_check_says_so() -> None:
    with pytest.raises(NoBlueprint):
        said("XX-1", "AWS::S3::Bucket")


@pytest.mark.parametrize("check_id", sorted(load()))
def test_every_blueprint_has_something_to_say(check_id: str) -> None:
    kinds = {
        "LAMBDA": "AWS::Lambda::Function",
        "S3": "AWS::S3::Bucket",
        "STATES": "AWS::StepFunctions::StateMachine",
    }
    kind = kinds.get(check_id.split("-")[1], "AWS::SQS::Queue")

    assert said(check_id, kind, "1 odd: name\n").startswith(load()[check_id].summary)
