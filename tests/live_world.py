"""What the tests of live changes share: a resource for each check that shows its finding."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.request import Request, urlopen

from bench.estate import code
from tests.collectors_world import client

ACCOUNT = "123456789012"
REGION = "eu-west-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/plumbline-live"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:shop"
Client = Callable[[str], Any]

MAKERS: dict[str, tuple[tuple[str, ...], Callable[[Client], None]]] = {}
"""By check: the types to collect, and what creates the resource."""


def shows(*check_ids: str, types: tuple[str, ...]) -> Callable[..., Any]:
    def register(make: Callable[[Client], None]) -> Callable[[Client], None]:
        for check_id in check_ids:
            MAKERS[check_id] = (types, make)
        return make

    return register


def clients(endpoint: str) -> Client:
    return cache(lambda service: client(service, endpoint, REGION))


def reset(endpoint: str) -> None:
    """Empty a local AWS."""
    with urlopen(Request(f"{endpoint}/moto-api/reset", method="POST"), timeout=10):  # noqa: S310
        pass


BUCKET = ("AWS::S3::Bucket", "AWS::S3::BucketPolicy")
LOCATION = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
LIMITED = {
    "Sid": "Readers",
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::shop-uploads/*",
}


@shows("PL-S3-001", types=BUCKET)
def plain_bucket(aws: Client) -> None:
    aws("s3").create_bucket(Bucket="shop-uploads", **LOCATION)
    aws("s3").delete_bucket_encryption(Bucket="shop-uploads")


@shows("PL-S3-002", types=BUCKET)
def half_blocked_bucket(aws: Client) -> None:
    aws("s3").create_bucket(Bucket="shop-uploads", **LOCATION)
    half = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": True,
            "RestrictPublicBuckets": False}  # fmt: skip
    aws("s3").put_public_access_block(Bucket="shop-uploads", PublicAccessBlockConfiguration=half)


@shows("PL-S3-006", types=BUCKET)
def bucket_with_policy(aws: Client) -> None:
    aws("s3").create_bucket(Bucket="shop-uploads", **LOCATION)
    text = json.dumps({"Version": "2012-10-17", "Statement": LIMITED}, indent=1)
    aws("s3").put_bucket_policy(Bucket="shop-uploads", Policy=text)


@shows("PL-S3-007", types=BUCKET)
def public_bucket(aws: Client) -> None:
    aws("s3").create_bucket(Bucket="shop-uploads", ObjectOwnership="ObjectWriter", **LOCATION)
    aws("s3").delete_public_access_block(Bucket="shop-uploads")
    aws("s3").put_bucket_acl(Bucket="shop-uploads", ACL="public-read")


@shows("PL-SQS-001", types=("AWS::SQS::Queue",))
def plain_queue(aws: Client) -> None:
    aws("sqs").create_queue(QueueName="orders", Attributes={"SqsManagedSseEnabled": "false"})


QUEUE_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Send", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
         "Action": "sqs:SendMessage", "Resource": f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"}
    ],
}  # fmt: skip


@shows("PL-SQS-004", types=("AWS::SQS::Queue", "AWS::SQS::QueuePolicy"))
def queue_with_policy(aws: Client) -> None:
    aws("sqs").create_queue(QueueName="orders", Attributes={"Policy": json.dumps(QUEUE_POLICY)})


@shows("PL-SNS-001", "PL-SNS-003", types=("AWS::SNS::Topic", "AWS::SNS::TopicPolicy"))
def topic(aws: Client) -> None:
    aws("sns").create_topic(Name="orders")


@shows("PL-KINESIS-001", types=("AWS::Kinesis::Stream",))
def stream(aws: Client) -> None:
    aws("kinesis").create_stream(StreamName="clicks", ShardCount=1)


@shows("PL-DYNAMODB-001", "PL-DYNAMODB-003", types=("AWS::DynamoDB::Table",))
def table(aws: Client) -> None:
    aws("dynamodb").create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )


@shows("PL-ECR-001", "PL-ECR-002", types=("AWS::ECR::Repository",))
def repository(aws: Client) -> None:
    aws("ecr").create_repository(repositoryName="shop")


def function(aws: Client) -> None:
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
         "Action": "sts:AssumeRole"}]}  # fmt: skip
    aws("iam").create_role(RoleName="shop", AssumeRolePolicyDocument=json.dumps(trust))
    aws("lambda").create_function(
        FunctionName="shop", Runtime="python3.13", Handler="app.handler",
        Role=f"arn:aws:iam::{ACCOUNT}:role/shop", Code={"ZipFile": code()},
    )  # fmt: skip


LAMBDA = ("AWS::Lambda::Function", "AWS::Lambda::Permission", "AWS::Lambda::Url")


@shows("PL-LAMBDA-011", types=LAMBDA)
def plain_function(aws: Client) -> None:
    function(aws)


@shows("PL-LAMBDA-008", types=LAMBDA)
def old_function_with_alias(aws: Client) -> None:
    """A function on a runtime that is out of support, whose callers come by an alias."""
    function(aws)
    aws("lambda").update_function_configuration(FunctionName="shop", Runtime="python3.9")
    version = aws("lambda").publish_version(FunctionName="shop")["Version"]
    aws("lambda").create_alias(FunctionName="shop", Name="live", FunctionVersion=version)


@shows("PL-LAMBDA-003", "PL-LAMBDA-004", types=LAMBDA)
def public_url(aws: Client) -> None:
    function(aws)
    aws("lambda").create_function_url_config(FunctionName="shop", AuthType="NONE")
    aws("lambda").add_permission(
        FunctionName="shop", StatementId="anyone", Action="lambda:InvokeFunctionUrl",
        Principal="*", FunctionUrlAuthType="NONE",
    )  # fmt: skip


@shows("PL-LAMBDA-018", types=("AWS::Lambda::EventSourceMapping", "AWS::SQS::Queue"))
def event_source(aws: Client) -> None:
    function(aws)
    aws("sqs").create_queue(QueueName="orders")
    aws("lambda").create_event_source_mapping(
        FunctionName="shop",
        EventSourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders",
        BatchSize=5,
        FunctionResponseTypes=[],
    )


@shows("PL-STATES-002", types=("AWS::StepFunctions::StateMachine",))
def state_machine(aws: Client) -> None:
    aws("stepfunctions").create_state_machine(
        name="fulfil", roleArn=f"arn:aws:iam::{ACCOUNT}:role/shop",
        definition=json.dumps({"StartAt": "Pay", "States": {"Pay": {"Type": "Pass", "End": True}}}),
        tracingConfiguration={"enabled": False},
    )  # fmt: skip


@shows("PL-LOGS-001", types=("AWS::Logs::LogGroup",))
def log_group(aws: Client) -> None:
    aws("logs").create_log_group(logGroupName="/shop/orders")
    aws("logs").create_log_group(logGroupName="/shop/orders-archive")


@shows("PL-KMS-001", types=("AWS::KMS::Key",))
def key(aws: Client) -> None:
    aws("kms").create_key(Description="orders")


@shows("PL-CLOUDTRAIL-001", "PL-CLOUDTRAIL-002", types=("AWS::CloudTrail::Trail",))
def trail(aws: Client) -> None:
    aws("s3").create_bucket(Bucket="trail-logs", **LOCATION)
    aws("cloudtrail").create_trail(
        Name="audit", S3BucketName="trail-logs", IsMultiRegionTrail=False,
        EnableLogFileValidation=False,
    )  # fmt: skip


@shows("PL-APIGATEWAY-003", types=("AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"))
def stage(aws: Client) -> None:
    api = aws("apigateway").create_rest_api(name="shop")
    at = {"restApiId": api["id"], "resourceId": api["rootResourceId"]}
    aws("apigateway").put_method(**at, httpMethod="GET", authorizationType="AWS_IAM")
    aws("apigateway").put_integration(**at, httpMethod="GET", type="MOCK")
    made = aws("apigateway").create_deployment(restApiId=api["id"])
    aws("apigateway").create_stage(
        restApiId=api["id"], stageName="live", deploymentId=made["id"], tracingEnabled=False
    )


@shows("PL-COGNITO-001", types=("AWS::Cognito::UserPool",))
def user_pool(aws: Client) -> None:
    aws("cognito-idp").create_user_pool(PoolName="people")


_VOLATILE = {"LastModified", "RevisionId", "LastModifiedTime", "LastUpdateStatus",
             "LastModifiedTimestamp", "updateDate", "lastUpdatedDate"}  # fmt: skip


_NO_WEIGHTS: tuple[str, Any] = ("RoutingConfig", {"AdditionalVersionWeights": {}})
"""An alias without weights, which AWS says by leaving it out and a local AWS so once there were some."""


def steady(answer: Any) -> Any:
    """Return what an API reports without the times of its last change."""
    if isinstance(answer, Mapping):
        return {
            name: steady(each)
            for name, each in answer.items()
            if name not in _VOLATILE and (name, each) != _NO_WEIGHTS
        }
    if isinstance(answer, list):
        return [steady(each) for each in answer]
    return answer
