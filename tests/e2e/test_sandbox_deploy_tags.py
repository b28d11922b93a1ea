"""Tags follow the template on a running local AWS, also those that it no longer declares."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from sandbox.aws import Aws, Deployer
from sandbox.aws.server import ACCOUNT

# The properties that each type cannot do without.
NEEDED: Mapping[str, str] = {
    "AWS::ApiGatewayV2::Api": "{Name: shop, ProtocolType: HTTP}",
    "AWS::DynamoDB::Table": (
        "{BillingMode: PAY_PER_REQUEST, KeySchema: [{AttributeName: id, KeyType: HASH}], "
        "AttributeDefinitions: [{AttributeName: id, AttributeType: S}]}"
    ),
    "AWS::ECR::Repository": "{RepositoryName: shop}",
    "AWS::Events::EventBus": "{Name: shop}",
    "AWS::KMS::Key": "{KeyPolicy: {Version: '2012-10-17', Statement: []}}",
    "AWS::SecretsManager::Secret": "{Name: shop}",
    "AWS::SNS::Topic": "{TopicName: shop}",
    "AWS::SQS::Queue": "{QueueName: shop}",
}
_MAPPED = {"AWS::ApiGatewayV2::Api"}
Read = Callable[[Aws, str], Any]
READ: Mapping[str, Read] = {
    "AWS::ApiGateway::RestApi": lambda aws, uid: aws.client("apigateway").get_rest_api(
        restApiId=uid
    )["tags"],
    "AWS::ApiGatewayV2::Api": lambda aws, uid: aws.client("apigatewayv2").get_api(ApiId=uid)[
        "Tags"
    ],
    "AWS::DynamoDB::Table": lambda aws, uid: aws.client("dynamodb").list_tags_of_resource(
        ResourceArn=f"arn:aws:dynamodb:{aws.region}:{ACCOUNT}:table/{uid}"
    )["Tags"],
    "AWS::ECR::Repository": lambda aws, uid: aws.client("ecr").list_tags_for_resource(
        resourceArn=f"arn:aws:ecr:{aws.region}:{ACCOUNT}:repository/{uid}"
    )["tags"],
    "AWS::Events::EventBus": lambda aws, uid: aws.client("events").list_tags_for_resource(
        ResourceARN=f"arn:aws:events:{aws.region}:{ACCOUNT}:event-bus/{uid}"
    )["Tags"],
    "AWS::KMS::Key": lambda aws, uid: [
        {"Key": tag["TagKey"], "Value": tag["TagValue"]}
        for tag in aws.client("kms").list_resource_tags(KeyId=uid)["Tags"]
    ],
    "AWS::SecretsManager::Secret": lambda aws, uid: aws.client("secretsmanager").describe_secret(
        SecretId=uid
    )["Tags"],
    "AWS::SNS::Topic": lambda aws, uid: aws.client("sns").list_tags_for_resource(ResourceArn=uid)[
        "Tags"
    ],
    "AWS::SQS::Queue": lambda aws, uid: aws.client("sqs").list_queue_tags(QueueUrl=uid)["Tags"],
}


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with Aws() as started:
        yield started


def template(resource_type: str, tags: Mapping[str, str]) -> bytes:
    told = (
        ", ".join(f"{key}: {value}" for key, value in tags.items())
        if resource_type in _MAPPED
        else ", ".join(f"{{Key: {key}, Value: {value}}}" for key, value in tags.items())
    )
    shown = f"{{{told}}}" if resource_type in _MAPPED else f"[{told}]"
    properties = NEEDED[resource_type][:-1] + f", Tags: {shown}}}"
    return f"Resources:\n  It: {{Type: '{resource_type}', Properties: {properties}}}\n".encode()


def own(tags: Any) -> dict[str, str]:
    """Return the tags without those that CloudFormation adds."""
    pairs = tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}
    return {key: value for key, value in pairs.items() if not key.startswith("aws:")}


@pytest.mark.parametrize("resource_type", sorted(NEEDED))
def test_a_tag_that_is_no_longer_declared_is_taken_away(aws: Aws, resource_type: str) -> None:
    aws.reset()
    deployer = Deployer(aws)
    first = deployer.deploy("app", template(resource_type, {"team": "a", "stage": "dev"}))

    second = deployer.deploy("app", template(resource_type, {"team": "b"}))

    assert (first.errors, second.errors) == ((), ())
    assert [change.action for change in second.changes] == ["updated"]
    uid = second.changes[0].physical_id
    assert own(READ[resource_type](aws, uid)) == {"team": "b"}


REST_API = """
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties: {{Name: shop, Description: {description}, Tags: [{{Key: team, Value: {team}}}]}}
"""


def test_a_rest_api_changes_in_place_and_what_moto_cannot_do_is_named(aws: Aws) -> None:
    aws.reset()
    deployer = Deployer(aws)
    deployer.deploy("app", REST_API.format(description="old", team="a").encode())

    described = deployer.deploy("app", REST_API.format(description="new", team="a").encode())
    tagged = deployer.deploy("app", REST_API.format(description="new", team="b").encode())

    assert described.errors == ()
    assert [change.action for change in described.changes] == ["updated"]
    assert "Tags" in tagged.errors[0]
    assert "was not applied" in tagged.errors[0]
