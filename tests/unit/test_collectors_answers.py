"""Collectors over answers that moto cannot give, and over AWS's shorter ways."""

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from collectors import registry
from collectors.reader import BulkTags, Findings, Listings, Place, Reader
from collectors.usage import with_usage
from collectors.wire import CallFailed, Wire
from core.types import Resource, is_unknown

ARN = "arn:aws:lambda:eu-west-1:1:function:f"
FUNCTION = {"FunctionName": "f", "FunctionArn": ARN, "Runtime": "python3.13"}


class RecordedWire:
    """Answers from a mapping of operation to answer; an exception is raised."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.api_calls: Counter[str] = Counter()

    def call(self, operation: str, _region: str, **_: Any) -> Mapping[str, Any]:
        self.api_calls[operation] += 1
        answer = self.answers.get(operation, {})
        if isinstance(answer, CallFailed):
            raise answer
        return cast("Mapping[str, Any]", answer)

    def pages(self, operation: str, region: str, **_: Any) -> Iterator[Mapping[str, Any]]:
        yield self.call(operation, region)


def run(
    name: str, answers: Mapping[str, Any]
) -> tuple[dict[str, list[Resource]], Counter[str], Findings]:
    collector = next(each for each in registry.registered() if each.name == name)
    wire, findings = RecordedWire(answers), Findings()
    tags: Future[BulkTags] = Future()
    tags.set_result(BulkTags())
    reader = Reader(
        cast("Wire", wire), Place("1", "aws", "eu-west-1"), collector, secret_key=b"k",
        findings=findings, shared=Listings(), tags=tags,
    )  # fmt: skip
    found: dict[str, list[Resource]] = {}
    for resource in collector.collect(reader):
        found.setdefault(resource.type, []).append(resource)
    return found, wire.api_calls, findings


def test_a_secret_that_rotates_has_a_rotation_schedule() -> None:
    found, _, _ = run("secrets", {"secretsmanager:ListSecrets": {"SecretList": [
        {"ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf", "Name": "db",
         "RotationEnabled": True, "RotationRules": {"AutomaticallyAfterDays": 30}},
    ]}})  # fmt: skip
    (schedule,) = found["AWS::SecretsManager::RotationSchedule"]
    assert schedule.properties["RotationRules"] == {"AutomaticallyAfterDays": 30}


def test_a_composite_alarm_is_read_beside_metric_alarms() -> None:
    found, _, _ = run("alarms", {"cloudwatch:DescribeAlarms": {"CompositeAlarms": [
        {"AlarmArn": "arn:aws:cloudwatch:eu-west-1:1:alarm:all", "AlarmName": "all",
         "AlarmRule": "ALARM(a) OR ALARM(b)"},
    ]}})  # fmt: skip
    (alarm,) = found["AWS::CloudWatch::CompositeAlarm"]
    assert alarm.properties["AlarmRule"] == "ALARM(a) OR ALARM(b)"


def test_who_may_use_a_layer_is_read_from_its_policy() -> None:
    arn = "arn:aws:lambda:eu-west-1:1:layer:shared:3"
    found, _, _ = run("lambda_layers", {
        "lambda:ListLayers": {"Layers": [
            {"LayerName": "shared", "LayerArn": arn[:-2],
             "LatestMatchingVersion": {"LayerVersionArn": arn, "Version": 3}},
        ]},
        "lambda:GetLayerVersionPolicy": {"Policy": (
            '{"Statement": [{"Sid": "all", "Effect": "Allow", "Principal": "*",'
            '"Action": "lambda:GetLayerVersion", "Resource": "x"}]}'
        )},
    })  # fmt: skip
    (grant,) = found["AWS::Lambda::LayerVersionPermission"]
    assert grant.properties["Principal"] == "*"
    assert grant.properties["LayerVersionArn"] == arn


def test_no_reserved_concurrency_in_the_account_saves_a_call_a_function() -> None:
    functions = [FUNCTION, {**FUNCTION, "FunctionName": "g", "FunctionArn": ARN[:-1] + "g"}]
    limits = {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}
    answers = {
        "lambda:ListFunctions": {"Functions": functions},
        "lambda:GetAccountSettings": {"AccountLimit": limits},
    }
    _, calls, _ = run("lambda_functions", answers)
    assert calls["lambda:GetFunctionConcurrency"] == 0
    assert calls["lambda:GetFunctionUrlConfig"] == 0  # AWS lists URLs, aliases' too
    limits["UnreservedConcurrentExecutions"] = 990
    _, calls, _ = run("lambda_functions", answers)
    assert calls["lambda:GetFunctionConcurrency"] == 2


def test_an_environment_that_lambda_cannot_decrypt_is_unknown() -> None:
    function = {**FUNCTION, "Environment": {"Error": {"ErrorCode": "AccessDeniedException"}}}
    found, _, _ = run("lambda_functions", {"lambda:ListFunctions": {"Functions": [function]}})
    environment = found["AWS::Lambda::Function"][0].properties["Environment"]
    assert is_unknown(environment["Variables"])


def test_a_permission_keeps_conditions_cloudformation_has_no_word_for() -> None:
    policy = (
        '{"Statement": [{"Sid": "s", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},'
        '"Action": "lambda:InvokeFunction", "Condition": {"ArnLike": {"AWS:SourceArn": "arn:b"},'
        '"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}]}'
    )
    found, calls, _ = run(
        "lambda_functions",
        {
            "lambda:ListFunctions": {"Functions": [FUNCTION]},
            "lambda:GetPolicy": {"Policy": policy},
        },
    )
    (permission,) = found["AWS::Lambda::Permission"]
    assert permission.properties["SourceArn"] == "arn:b"
    assert permission.properties["Condition"] == {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    assert calls["lambda:ListFunctionEventInvokeConfigs"] == 1, "S3 invokes asynchronously"


def test_a_policy_that_cannot_be_read_does_not_hide_asynchronous_settings() -> None:
    found, calls, findings = run("lambda_functions", {
        "lambda:ListFunctions": {"Functions": [FUNCTION]},
        "lambda:GetPolicy": CallFailed("lambda:GetPolicy", "denied", "AccessDenied"),
    })  # fmt: skip
    assert calls["lambda:ListFunctionEventInvokeConfigs"] == 1
    assert "AWS::Lambda::Permission" in found["AWS::Lambda::Function"][0].unreadable
    assert [gap.scope for gap in findings.gaps] == ["lambda:GetPolicy"]


def test_usage_that_is_denied_is_a_gap_and_the_resources_stay() -> None:
    wire = RecordedWire({
        "cloudwatch:GetMetricData": CallFailed("cloudwatch:GetMetricData", "denied", "AccessDenied")
    })  # fmt: skip
    queue = Resource("q", "AWS::SQS::Queue", "q", {"QueueName": "q"}, region="eu-west-1")
    findings = Findings()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    found = with_usage(cast("Wire", wire), [queue], now=now, findings=findings)
    assert found == (queue,)
    assert findings.gaps[0].reason == "denied"


def test_a_level_without_data_is_not_known_while_a_sum_without_data_is_zero() -> None:
    wire = RecordedWire({"cloudwatch:GetMetricData": {"MetricDataResults": []}})
    resources = [
        Resource("b", "AWS::S3::Bucket", "b", {"BucketName": "b"}, region="eu-west-1"),
        Resource("q", "AWS::SQS::Queue", "q", {"QueueName": "q"}, region="eu-west-1"),
    ]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    bucket, queue = with_usage(cast("Wire", wire), resources, now=now, findings=Findings())
    assert bucket.usage == ()
    assert queue.usage[0].quantity == 0.0


class ManyQueues:
    """CloudWatch in front of 501 queues, of which one had messages; keeps what was asked."""

    def __init__(self, listing: CallFailed | None = None) -> None:
        self.listing = listing
        self.asked: list[int] = []

    def pages(self, operation: str, _region: str, **request: Any) -> Iterator[Mapping[str, Any]]:
        if operation == "cloudwatch:ListMetrics":
            if self.listing:
                raise self.listing
            assert request["Dimensions"] == [{"Name": "QueueName"}]
            dimensions = [{"Name": "QueueName", "Value": "q7"}]
            yield {"Metrics": [{"Dimensions": dimensions}]}
            return
        queries = request["MetricDataQueries"]
        self.asked.append(len(queries))
        values = {
            each["Id"]: each["MetricStat"]["Metric"]["Dimensions"][0]["Value"] for each in queries
        }
        yield {
            "MetricDataResults": [
                {"Id": key, "Values": [12.0] if name == "q7" else []}
                for key, name in values.items()
            ]
        }


@pytest.mark.parametrize(
    ("listing", "asked"),
    [
        (None, [1]),
        (CallFailed("cloudwatch:ListMetrics", "denied", "AccessDenied"), [500, 1]),
    ],
)
def test_of_many_metrics_only_those_with_data_are_paid_for(
    listing: CallFailed | None, asked: list[int]
) -> None:
    queues = [
        Resource(f"q{n}", "AWS::SQS::Queue", f"q{n}", {"QueueName": f"q{n}"}, region="eu-west-1")
        for n in range(501)
    ]
    wire, findings = ManyQueues(listing), Findings()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    found = with_usage(cast("Wire", wire), queues, now=now, findings=findings)
    assert wire.asked == asked
    assert findings.gaps == []
    assert {each.name: each.usage[0].quantity for each in found} == {
        each.name: 12.0 if each.name == "q7" else 0.0 for each in queues
    }


def test_access_keys_of_the_root_user_come_from_the_credential_report() -> None:
    head = (
        "user,password_enabled,password_last_used,mfa_active,"
        "access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date"
    )
    rows = (
        "<root_account>,not_supported,2026-01-02T00:00:00+00:00,true,true,2020-01-01T00:00:00+00:00,N/A",
        "bob,true,2026-11-01T00:00:00+00:00,true,false,N/A,N/A",
    )
    user = {"Arn": "arn:aws:iam::1:user/bob", "UserName": "bob", "UserId": "b", "Path": "/"}

    found, _, _ = run("iam_entities", {
        "iam:GetAccountAuthorizationDetails": {"UserDetailList": [user]},
        "iam:GenerateCredentialReport": {"State": "COMPLETE"},
        "iam:GetCredentialReport": {"Content": "\n".join((head, *rows)).encode()},
    })  # fmt: skip

    (key,) = found["AWS::IAM::AccessKey"]
    assert key.uid == "arn:aws:iam::1:root|AWS::IAM::AccessKey|1"
    assert (key.properties["UserName"], key.properties["Status"]) == ("root", "Active")
    (bob,) = found["AWS::IAM::User"]
    assert bob.properties["PasswordLastUsed"] == "2026-11-01T00:00:00+00:00"
    assert "AccessKeys" not in bob.properties


_ANSWERED = {
    "iam:GetAccountPasswordPolicy": {"PasswordPolicy": {"MinimumPasswordLength": 14}},
    "s3control:GetPublicAccessBlock": {
        "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "IgnorePublicAcls": True}
    },
}


def test_a_virtual_device_of_the_root_user_is_told_from_a_hardware_one() -> None:
    device = {"SerialNumber": "arn:aws:iam::1:mfa/phone", "User": {"Arn": "arn:aws:iam::1:root"}}
    other = {"SerialNumber": "arn:aws:iam::1:mfa/bob", "User": {"Arn": "arn:aws:iam::1:user/root"}}
    for devices, is_virtual in (([device, other], True), ([other], False)):
        found, _, _ = run("account_settings", {
            **_ANSWERED,
            "iam:GetAccountSummary": {"SummaryMap": {"AccountMFAEnabled": 1}},
            "iam:ListVirtualMFADevices": {"VirtualMFADevices": devices},
        })  # fmt: skip
        (account,) = found["AWS::Account::Account"]
        assert account.properties["RootMfaActive"] is True
        assert account.properties["RootMfaIsVirtual"] is is_virtual


def test_an_account_without_a_password_policy_or_block_has_the_documented_defaults() -> None:
    found, _, findings = run("account_settings", {
        "iam:GetAccountPasswordPolicy": CallFailed("x", "failed", "NoSuchEntity"),
        "s3control:GetPublicAccessBlock": CallFailed(
            "x", "failed", "NoSuchPublicAccessBlockConfiguration"
        ),
    })  # fmt: skip
    (passwords,) = found["AWS::IAM::AccountPasswordPolicy"]
    assert passwords.properties == {"MinimumPasswordLength": 8}
    (block,) = found["AWS::S3::AccountPublicAccessBlock"]
    assert block.properties["BlockPublicPolicy"] is False
    assert findings.gaps == []


def test_what_of_a_region_could_not_be_read_is_unknown_and_a_gap() -> None:
    denied = CallFailed("config:DescribeConfigurationRecorders", "denied", "AccessDenied")
    found, _, findings = run("region_settings", {
        "config:DescribeConfigurationRecorders": denied,
        "ec2:GetEbsEncryptionByDefault": {"EbsEncryptionByDefault": True},
    })  # fmt: skip
    (region,) = found["AWS::Account::Region"]
    assert is_unknown(region.properties["ConfigRecorders"])
    assert region.properties["EbsEncryptionByDefault"] is True
    assert [each.resource_type for each in findings.gaps] == ["AWS::Account::Region"]


def test_metric_filters_that_could_not_be_read_are_said_of_their_trail() -> None:
    trail = {
        "TrailARN": "arn:aws:cloudtrail:eu-west-1:1:trail/audit", "Name": "audit",
        "HomeRegion": "eu-west-1",
        "CloudWatchLogsLogGroupArn": "arn:aws:logs:eu-west-1:1:log-group:trail:*",
    }  # fmt: skip
    found, _, _ = run("trails", {
        "cloudtrail:DescribeTrails": {"trailList": [trail]},
        "logs:DescribeMetricFilters": CallFailed("x", "denied", "AccessDenied"),
    })  # fmt: skip
    (audit,) = found["AWS::CloudTrail::Trail"]
    assert "AWS::Logs::MetricFilter" in audit.unreadable
