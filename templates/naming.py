"""What a declared resource is called, and every string by which others may refer to it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_PREFIX = "arn:${AWS::Partition}"
_PLACE = "${AWS::Region}:${AWS::AccountId}"

# type -> (property that holds its name, ARN with that name). Source: AWS Service Authorization
# Reference, resource types of each service, read 2026-11-22.
NAMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "AWS::Lambda::Function": ("FunctionName", f"{_PREFIX}:lambda:{_PLACE}:function:{{}}"),
        "AWS::Lambda::LayerVersion": ("LayerName", ""),
        "AWS::Lambda::Alias": ("Name", ""),
        "AWS::IAM::Role": ("RoleName", f"{_PREFIX}:iam::${{AWS::AccountId}}:role/{{}}"),
        "AWS::IAM::User": ("UserName", f"{_PREFIX}:iam::${{AWS::AccountId}}:user/{{}}"),
        "AWS::IAM::Group": ("GroupName", f"{_PREFIX}:iam::${{AWS::AccountId}}:group/{{}}"),
        "AWS::IAM::ManagedPolicy": (
            "ManagedPolicyName",
            f"{_PREFIX}:iam::${{AWS::AccountId}}:policy/{{}}",
        ),
        "AWS::IAM::Policy": ("PolicyName", ""),
        "AWS::S3::Bucket": ("BucketName", f"{_PREFIX}:s3:::{{}}"),
        "AWS::DynamoDB::Table": ("TableName", f"{_PREFIX}:dynamodb:{_PLACE}:table/{{}}"),
        "AWS::DynamoDB::GlobalTable": ("TableName", f"{_PREFIX}:dynamodb:{_PLACE}:table/{{}}"),
        "AWS::SQS::Queue": ("QueueName", f"{_PREFIX}:sqs:{_PLACE}:{{}}"),
        "AWS::SNS::Topic": ("TopicName", f"{_PREFIX}:sns:{_PLACE}:{{}}"),
        "AWS::Kinesis::Stream": ("Name", f"{_PREFIX}:kinesis:{_PLACE}:stream/{{}}"),
        "AWS::SecretsManager::Secret": ("Name", f"{_PREFIX}:secretsmanager:{_PLACE}:secret:{{}}"),
        "AWS::SSM::Parameter": ("Name", f"{_PREFIX}:ssm:{_PLACE}:parameter/{{}}"),
        "AWS::KMS::Alias": ("AliasName", f"{_PREFIX}:kms:{_PLACE}:{{}}"),
        "AWS::Logs::DeliverySource": ("Name", ""),
        "AWS::Logs::LogGroup": ("LogGroupName", f"{_PREFIX}:logs:{_PLACE}:log-group:{{}}"),
        "AWS::CloudWatch::Alarm": ("AlarmName", ""),
        "AWS::Events::EventBus": ("Name", f"{_PREFIX}:events:{_PLACE}:event-bus/{{}}"),
        "AWS::Events::Rule": ("Name", f"{_PREFIX}:events:{_PLACE}:rule/{{}}"),
        "AWS::StepFunctions::StateMachine": (
            "StateMachineName",
            f"{_PREFIX}:states:{_PLACE}:stateMachine:{{}}",
        ),
        "AWS::ApiGateway::RestApi": ("Name", ""),
        "AWS::ApiGateway::Stage": ("StageName", ""),
        "AWS::ApiGatewayV2::Api": ("Name", ""),
        "AWS::ApiGatewayV2::Stage": ("StageName", ""),
        "AWS::ApiGatewayV2::Route": ("RouteKey", ""),
        "AWS::Cognito::UserPool": ("UserPoolName", ""),
        "AWS::AppSync::GraphQLApi": ("Name", ""),
        "AWS::ECR::Repository": ("RepositoryName", f"{_PREFIX}:ecr:{_PLACE}:repository/{{}}"),
        "AWS::CloudTrail::Trail": ("TrailName", f"{_PREFIX}:cloudtrail:{_PLACE}:trail/{{}}"),
    }
)


def name_of(resource_type: str, logical_id: str, properties: Mapping[str, Any]) -> str:
    """Return the name a template gives a resource, else its logical id."""
    given = _given(resource_type, properties)
    return given if given and "${" not in given else logical_id


def url_suffix(region: str) -> str:
    """Return the end of AWS's domain names in a Region; China alone has another one.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
    """
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def aliases_of(
    resource_type: str, logical_id: str, properties: Mapping[str, Any], pseudo: Mapping[str, str]
) -> tuple[str, ...]:
    """Return what others may call a declared resource: `${Id}`, `${Id.Arn}`, its name, its ARN."""
    aliases = [f"${{{logical_id}}}", f"${{{logical_id}.Arn}}"]
    given = _given(resource_type, properties)
    if given:
        arn = NAMES[resource_type][1]
        if arn:
            for name, value in pseudo.items():
                arn = arn.replace(f"${{{name}}}", value)
            bare = given.lstrip("/") if resource_type == "AWS::SSM::Parameter" else given
            aliases.append(arn.replace("{}", bare))
        aliases.append(given)
    if resource_type == "AWS::Logs::MetricFilter":
        aliases += metric_names(properties)
    return tuple(dict.fromkeys(aliases))


def metric_names(properties: Mapping[str, Any]) -> list[str]:
    """Return the metrics that a filter of a log group makes, by which alarms refer to it."""
    made = properties.get("MetricTransformations")
    names = [m.get("MetricName") for m in made or () if isinstance(m, Mapping)]
    return [name for name in names if isinstance(name, str)]


def _given(resource_type: str, properties: Mapping[str, Any]) -> str:
    row = NAMES.get(resource_type)
    value = properties.get(row[0]) if row else None
    return value if isinstance(value, str) else ""


def tags_of(properties: Mapping[str, Any]) -> dict[str, str]:
    """Return tags, given as a list of Key and Value or as a map."""
    tags = properties.get("Tags") or properties.get("HostedZoneTags")
    if isinstance(tags, Mapping):
        pairs = list(tags.items())
    elif isinstance(tags, list):
        pairs = [(t.get("Key"), t.get("Value")) for t in tags if isinstance(t, Mapping)]
    else:
        pairs = []
    return {
        k: str(v)
        for k, v in pairs
        if isinstance(k, str) and isinstance(v, str | int | float | bool)
    }
