"""Stacks come, change in place, are replaced and go, on a running local AWS."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.aws import Aws, Deployer, Deployment
from sandbox.aws.readback import Outcome

ROLE = """
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
"""
FUNCTION = """
Resources:{role}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: {name}
      Runtime: python3.13
      Handler: a.b
      Role: !GetAtt Role.Arn
      Code: {{ ZipFile: "def b(*_): pass" }}
{more}
  Url:
    Type: AWS::Lambda::Url
    Properties: {{ TargetFunctionArn: !Ref Function, AuthType: {auth} }}
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with Aws() as started:
        yield started


@pytest.fixture
def deployer(aws: Aws) -> Deployer:
    aws.reset()
    return Deployer(aws)


def function(name: str = "hello", auth: str = "NONE", more: str = "") -> bytes:
    return FUNCTION.format(role=ROLE, name=name, auth=auth, more=more).encode()


def actions(deployment: Deployment) -> dict[str, str]:
    return {change.logical_id: change.action for change in deployment.changes}


def test_a_deployment_creates_tags_and_reads_back(aws: Aws, deployer: Deployer) -> None:
    done = deployer.deploy("app", function(), tags={"team": "a"})

    assert done.errors == ()
    assert done.count(Outcome.READ_BACK) >= 6
    tags = aws.client("lambda").get_function(FunctionName="hello")["Tags"]
    stack_id = deployer.stacks["app"].identity.stack_id
    assert tags == {
        "team": "a",
        "aws:cloudformation:stack-name": "app",
        "aws:cloudformation:stack-id": stack_id,
        "aws:cloudformation:logical-id": "Function",
    }


def test_cloudformation_answers_for_the_stack(aws: Aws, deployer: Deployer) -> None:
    deployer.deploy("app", function())

    client = aws.client("cloudformation")

    status = client.describe_stacks(StackName="app")["Stacks"][0]["StackStatus"]
    assert status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    listed = client.list_stack_resources(StackName="app")["StackResourceSummaries"]
    assert {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in listed}["Function"] == "hello"


def test_an_unchanged_template_changes_nothing(deployer: Deployer) -> None:
    deployer.deploy("app", function())

    assert deployer.deploy("app", function()).changes == ()


def test_one_changed_property_is_updated_in_place_and_read_back(
    aws: Aws, deployer: Deployer
) -> None:
    deployer.deploy("app", function())

    done = deployer.deploy("app", function(auth="AWS_IAM"))

    assert actions(done) == {"Url": "updated"}
    assert [(c.path, c.outcome) for c in done.changes[0].checks] == [
        ("AuthType", Outcome.READ_BACK)
    ]
    found = aws.client("lambda").get_function_url_config(FunctionName="hello")
    assert found["AuthType"] == "AWS_IAM"


def test_a_replaced_function_takes_its_parts_along(aws: Aws, deployer: Deployer) -> None:
    deployer.deploy("app", function())

    done = deployer.deploy("app", function(name="renamed"))

    assert done.errors == ()
    assert actions(done) == {"Function": "replaced", "Url": "replaced"}
    names = [f["FunctionName"] for f in aws.client("lambda").list_functions()["Functions"]]
    assert names == ["renamed"]


REST = """
Resources:
  Api: {{ Type: AWS::ApiGateway::RestApi, Properties: {{ Name: orders }} }}
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: NONE
      Integration: {{ Type: MOCK }}
  Release:
    Type: AWS::ApiGateway::Deployment
    DependsOn: Method
    Properties: {{ RestApiId: !Ref Api, Description: {description} }}
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties: {{ RestApiId: !Ref Api, DeploymentId: !Ref Release, StageName: live }}
"""


def test_what_was_replaced_goes_after_what_refers_to_it_was_updated(
    aws: Aws, deployer: Deployer
) -> None:
    deployer.deploy("app", REST.format(description="first").encode())
    old = deployer.stacks["app"].resources["Release"].physical_id

    done = deployer.deploy("app", REST.format(description="second").encode())

    assert done.errors == ()
    assert actions(done) == {"Release": "replaced", "Stage": "updated"}
    new = deployer.stacks["app"].resources["Release"].physical_id
    client, api = aws.client("apigateway"), deployer.stacks["app"].resources["Api"].physical_id
    assert client.get_stage(restApiId=api, stageName="live")["deploymentId"] == new
    assert [d["id"] for d in client.get_deployments(restApiId=api)["items"]] == [new] != [old]


def test_a_deployment_takes_the_stage_along_that_it_made(aws: Aws, deployer: Deployer) -> None:
    named = REST.replace("Description:", "StageName: preview, Description:")
    deployer.deploy("app", named.format(description="first").encode())
    regional = "{{ Name: orders, EndpointConfiguration: {{ Types: [REGIONAL] }} }}"
    moved = named.replace("{{ Name: orders }}", regional)

    done = deployer.deploy("app", moved.format(description="first").encode())

    assert done.errors == ()
    assert actions(done)["Api"] == "replaced"
    assert len(aws.client("apigateway").get_rest_apis()["items"]) == 1


def test_a_replaced_resource_that_keeps_its_name_goes_first(aws: Aws, deployer: Deployer) -> None:
    def table(key: str) -> bytes:
        properties = {
            "TableName": "orders",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        }
        declared = {"Type": "AWS::DynamoDB::Table", "Properties": properties}
        return json.dumps({"Resources": {"Table": declared}}).encode()

    deployer.deploy("app", table("id"))

    done = deployer.deploy("app", table("number"))

    assert done.errors == ()
    assert actions(done) == {"Table": "replaced"}
    found = aws.client("dynamodb").describe_table(TableName="orders")["Table"]
    assert found["KeySchema"] == [{"AttributeName": "number", "KeyType": "HASH"}]


def test_what_a_template_no_longer_declares_goes(aws: Aws, deployer: Deployer) -> None:
    deployer.deploy("app", function())

    done = deployer.deploy("app", f"Resources:{ROLE}".encode())

    assert actions(done) == {"Url": "deleted", "Function": "deleted"}
    assert aws.client("lambda").list_functions()["Functions"] == []


def test_a_removed_property_is_checked_to_be_gone(deployer: Deployer) -> None:
    deployer.deploy("app", function(more="      TracingConfig: { Mode: Active }"))

    done = deployer.deploy("app", function())

    checks = {c.path: c for c in done.changes[0].checks}
    assert checks["TracingConfig"].value == "(removed)"
    assert checks["TracingConfig"].outcome is Outcome.READ_BACK


def test_a_property_that_is_not_applied_is_an_error_that_names_it(
    aws: Aws, deployer: Deployer, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployer.deploy("app", function())
    client = aws.client("lambda")
    # An API that accepts an update and does nothing, as moto's CloudFormation does for many.
    monkeypatch.setattr(client, "update_function_url_config", lambda **_: {}, raising=False)

    done = deployer.deploy("app", function(auth="AWS_IAM"))

    assert not done.is_complete
    assert done.errors == ("Url (AWS::Lambda::Url): AuthType was not applied: is NONE",)


def test_a_refused_resource_is_named_and_the_others_are_deployed(deployer: Deployer) -> None:
    template = b"""
Resources:
  Good: {Type: AWS::SQS::Queue, Properties: {QueueName: good}}
  Bad: {Type: AWS::SQS::Queue, Properties: {QueueName: "not a name"}}
  Unknown: {Type: AWS::Quantum::Computer}
  Follows: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref Bad], PolicyDocument: {}}}
"""
    done = deployer.deploy("app", template)

    assert actions(done) == {
        "Good": "created",
        "Bad": "failed",
        "Unknown": "failed",
        "Follows": "failed",
    }
    assert len(done.errors) == 3


def test_a_template_that_does_not_parse_changes_nothing(deployer: Deployer) -> None:
    deployer.deploy("app", function())

    done = deployer.deploy("app", b"Resources: [")

    assert "cannot be parsed" in done.errors[0]
    assert "Function" in deployer.stacks["app"].resources


def test_a_circle_is_named(deployer: Deployer) -> None:
    done = deployer.deploy(
        "app",
        b"Resources: {A: {Type: AWS::SQS::Queue, DependsOn: B}, B: {Type: AWS::SQS::Queue, DependsOn: A}}",
    )

    assert "circle: A, B" in done.errors[0]


def test_what_one_stack_exports_another_imports(deployer: Deployer) -> None:
    deployer.deploy(
        "first",
        b"Resources: {Q: {Type: AWS::SQS::Queue}}\nOutputs: {Q: {Value: !GetAtt Q.Arn, Export: {Name: q}}}",
    )

    done = deployer.deploy(
        "second",
        b"Resources: {T: {Type: AWS::SNS::Topic, Properties: {Subscription: "
        b"[{Protocol: sqs, Endpoint: !ImportValue q}]}}}",
    )

    assert done.errors == ()


def test_deleting_a_stack_leaves_nothing(aws: Aws, deployer: Deployer) -> None:
    deployer.deploy("app", function())

    done = deployer.delete("app")

    assert done.errors == ()
    assert aws.client("lambda").list_functions()["Functions"] == []
    assert aws.client("iam").list_roles()["Roles"] == []


BEFORE_AND_AFTER: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "AWS::S3::Bucket": (
        {},
        {
            "VersioningConfiguration": {"Status": "Enabled"},
            "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "BlockPublicPolicy": True},
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                ]
            },
        },
    ),
    "AWS::SQS::Queue": (
        {"SqsManagedSseEnabled": False},
        {"KmsMasterKeyId": "alias/aws/sqs", "VisibilityTimeout": 60},
    ),
    "AWS::SNS::Topic": ({}, {"KmsMasterKeyId": "alias/aws/sns"}),
    "AWS::Logs::LogGroup": ({}, {"RetentionInDays": 30}),
    "AWS::KMS::Key": ({"EnableKeyRotation": False}, {"EnableKeyRotation": True}),
    "AWS::Kinesis::Stream": (
        {"ShardCount": 1},
        {
            "ShardCount": 1,
            "StreamEncryption": {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
        },
    ),
    "AWS::ECR::Repository": (
        {},
        {"ImageScanningConfiguration": {"ScanOnPush": True}, "ImageTagMutability": "IMMUTABLE"},
    ),
    "AWS::DynamoDB::Table": (
        {
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        },
        {
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
            "DeletionProtectionEnabled": True,
            "SSESpecification": {"SSEEnabled": True},
        },
    ),
    "AWS::Cognito::UserPool": (
        {},
        {"MfaConfiguration": "ON", "EnabledMfas": ["SOFTWARE_TOKEN_MFA"]},
    ),
}


@pytest.mark.parametrize("kind", BEFORE_AND_AFTER)
def test_a_fix_is_applied_in_place_and_can_be_undone(deployer: Deployer, kind: str) -> None:
    before, after = BEFORE_AND_AFTER[kind]

    def template(properties: dict[str, Any]) -> bytes:
        return json.dumps({"Resources": {"It": {"Type": kind, "Properties": properties}}}).encode()

    first = deployer.deploy("app", template(before))
    fixed = deployer.deploy("app", template(after))
    undone = deployer.deploy("app", template(before))

    assert (first.errors, fixed.errors, undone.errors) == ((), (), ())
    assert actions(fixed) == actions(undone) == {"It": "updated"}
    # One property not declared any more is not proved by luck: the old value must not be there.
    assert all(c.outcome is not Outcome.NOT_APPLIED for c in undone.changes[0].checks)


def test_a_network_logs_its_traffic(aws: Aws, deployer: Deployer) -> None:
    template = b"""
Resources:
  Net:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/16}
  Log:
    Type: AWS::EC2::FlowLog
    Properties:
      ResourceId: !Ref Net
      ResourceType: VPC
      TrafficType: ALL
      LogDestinationType: s3
      LogDestination: !GetAtt Kept.Arn
  Kept:
    Type: AWS::S3::Bucket
"""

    done = deployer.deploy("net", template)

    assert done.errors == ()
    (log,) = aws.client("ec2").describe_flow_logs()["FlowLogs"]
    assert log["TrafficType"] == "ALL"
    deployer.delete("net")
    assert aws.client("ec2").describe_flow_logs()["FlowLogs"] == []
