"""A policy that admits everyone keeps its own account, and nobody who is seen coming is cut off."""

from typing import Any

import pytest

from core.errors import Declined
from tests.blueprint_world import fixed

OWN = {"Ref": "AWS::AccountId"}


def queue_policy(statement: str, *others: str) -> str:
    return "\n".join(
        (
            "Resources:",
            "  Queue: {Type: AWS::SQS::Queue}",
            "  Policy:",
            "    Type: AWS::SQS::QueuePolicy",
            "    Properties:",
            "      Queues: [!Ref Queue]",
            f"      PolicyDocument: {{Statement: [{statement}]}}",
            *others,
            "",
        )
    )


def statement(**parts: str) -> str:
    known = {"Effect": "Allow", "Principal": '"*"', "Action": "sqs:SendMessage", **parts}
    inside = ", ".join(f"{key}: {value}" for key, value in known.items())
    return f"{{{inside}, Resource: !GetAtt Queue.Arn}}"


def statements(raw: Any) -> Any:
    return raw["Resources"]["Policy"]["Properties"]["PolicyDocument"]["Statement"]


def test_only_the_statement_that_admits_everyone_is_limited() -> None:
    template = queue_policy(
        ", ".join(
            (
                statement(Effect="Deny"),
                statement(Condition="{StringEquals: {aws:SourceAccount: '111122223333'}}"),
                statement(Principal="{AWS: '*'}"),
                statement(Principal="{Service: sns.amazonaws.com}"),
            )
        )
    )

    raw, _ = fixed(template, "PL-SQS-003", "Policy")

    said = [each.get("Condition") for each in statements(raw)]
    assert said == [
        None,
        {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        {"StringEquals": {"aws:PrincipalAccount": OWN}},
        None,
    ]


def test_a_condition_that_limits_nobody_is_kept_beside_the_new_one() -> None:
    template = queue_policy(statement(Condition="{StringEquals: {aws:RequestedRegion: eu-west-1}}"))

    raw, _ = fixed(template, "PL-SQS-003", "Policy")

    assert statements(raw)[0]["Condition"] == {
        "StringEquals": {"aws:RequestedRegion": "eu-west-1", "aws:PrincipalAccount": OWN}
    }


@pytest.mark.parametrize(
    "principal", ["{AWS: ['*', '999988887777']}", "{AWS: '*', Service: sns.amazonaws.com}"]
)
def test_whoever_is_named_beside_everyone_is_not_cut_off(principal: str) -> None:
    with pytest.raises(Declined, match="names others beside everyone"):
        fixed(queue_policy(statement(Principal=principal)), "PL-SQS-003", "Policy")


SUBSCRIPTION = """
    Type: AWS::SNS::Subscription
    Properties: {Protocol: sqs, Endpoint: !GetAtt Queue.Arn}
"""
RULE = """
    Type: AWS::Events::Rule
    Properties: {Targets: [{Arn: !Sub "${Queue.Arn}", Id: queue}]}
"""
BUCKET = """
    Type: AWS::S3::Bucket
    Properties:
      NotificationConfiguration:
        QueueConfigurations: [{Event: "s3:ObjectCreated:*", Queue: !GetAtt Queue.Arn}]
"""
MAPPING = """
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !GetAtt Queue.Arn, FunctionName: ship}
"""
ALARM = """
    Type: AWS::CloudWatch::Alarm
    Properties: {Dimensions: [{Name: QueueName, Value: !GetAtt Queue.QueueName}]}
"""


@pytest.mark.parametrize("sender", [SUBSCRIPTION, RULE, BUCKET])
def test_a_service_that_sends_here_is_admitted_by_a_person_first(sender: str) -> None:
    with pytest.raises(Declined, match=r"Sender \(AWS::.*statement of its own"):
        fixed(queue_policy(statement(), f"  Sender:{sender}"), "PL-SQS-003", "Policy")


@pytest.mark.parametrize("user", [MAPPING, ALARM])
def test_what_comes_with_a_role_or_only_counts_holds_nothing_up(user: str) -> None:
    raw, _ = fixed(queue_policy(statement(), f"  User:{user}"), "PL-SQS-003", "Policy")

    assert statements(raw)[0]["Condition"]["StringEquals"] == {"aws:PrincipalAccount": OWN}


def test_a_website_keeps_its_visitors() -> None:
    template = """
Resources:
  Site:
    Type: AWS::S3::Bucket
    Properties: {WebsiteConfiguration: {IndexDocument: index.html}}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Site
      PolicyDocument:
        Statement:
          - {Effect: Allow, Principal: "*", Action: s3:GetObject, Resource: !Sub "${Site.Arn}/*"}
"""
    with pytest.raises(Declined, match="Site serves a website"):
        fixed(template, "PL-S3-003", "Policy")


KEY = """
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - {{Effect: Allow, Principal: "*", Action: kms:Decrypt, Resource: "*"}}
  User: {}
"""


def test_a_key_that_the_log_service_uses_is_left_to_a_person() -> None:
    user = "{Type: AWS::Logs::LogGroup, Properties: {KmsKeyId: !GetAtt Key.Arn}}"

    with pytest.raises(Declined, match=r"User \(AWS::Logs::LogGroup\)"):
        fixed(KEY.format(user), "PL-KMS-002", "Key")


def test_a_key_used_as_the_caller_stays_usable() -> None:
    user = (
        "{Type: AWS::DynamoDB::Table, Properties: {SSESpecification: {SSEEnabled: true, "
        "SSEType: KMS, KMSMasterKeyId: !GetAtt Key.Arn}}}"
    )

    raw, _ = fixed(KEY.format(user), "PL-KMS-002", "Key")

    [only] = raw["Resources"]["Key"]["Properties"]["KeyPolicy"]["Statement"]
    assert only["Condition"] == {"StringEquals": {"aws:PrincipalAccount": OWN}}


def test_the_permission_of_a_url_waits_for_the_url() -> None:
    template = """
Resources:
  Anyone:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: ship
      Action: lambda:InvokeFunctionUrl
      Principal: "*"
      FunctionUrlAuthType: NONE
"""
    with pytest.raises(Declined, match="let the URL ask for IAM first"):
        fixed(template, "PL-LAMBDA-004", "Anyone")


def test_a_permission_under_which_a_service_calls_is_left_to_a_person() -> None:
    template = """
Resources:
  Ship: {Type: AWS::Lambda::Function}
  Anyone:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Ship, Action: lambda:InvokeFunction, Principal: "*"}
  Route:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {ApiId: a, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Ship.Arn}
"""
    with pytest.raises(Declined, match=r"Route \(AWS::ApiGatewayV2::Integration\)"):
        fixed(template, "PL-LAMBDA-004", "Anyone")
