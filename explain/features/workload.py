"""How the resource is set up: its size, its code, and what is left when something fails."""

import math
from collections.abc import Mapping
from typing import Any

from core.types import Properties, Resource, is_unknown
from explain import read
from explain.feature import Column, Direction, feature
from explain.read import Reader
from explain.scene import FUNCTION, Scene
from explain.sentence import counted, levels, measured

_BUCKET, _TABLE, _QUEUE = "AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SQS::Queue"
_CONFIGURATION = "the configuration of the function"


@feature(
    label="environment variables",
    unit="variables",
    direction=Direction.FREE,
    source=_CONFIGURATION,
    says=counted(
        none="it has no environment variables",
        one="it has 1 environment variable",
        many="it has {n} environment variables",
    ),
)
def environment_variables(scene: Scene) -> Column:
    """How many environment variables a function has."""
    return read.by_type(scene, {FUNCTION: read.size("Environment.Variables")})


@feature(
    label="layers",
    unit="layers",
    direction=Direction.FREE,
    source=_CONFIGURATION,
    says=counted(
        none="it uses no layers", one="it runs code of 1 layer", many="it runs code of {n} layers"
    ),
    speaks=bool,
)
def layers(scene: Scene) -> Column:
    """How many layers a function's code stands on."""
    return read.by_type(scene, {FUNCTION: read.size("Layers")})


@feature(
    label="layers of other accounts",
    unit="layers",
    direction=Direction.RISES,
    source="the account in each layer's ARN",
    says=counted(
        none="it runs no layer of another account",
        one="it runs 1 layer that another account publishes",
        many="it runs {n} layers that other accounts publish",
    ),
    peers=counted(
        none="run no layer of another account",
        one="run a layer that another account publishes",
        many="run {n} or more layers that other accounts publish",
    ),
    speaks=bool,
)
def foreign_layers(scene: Scene) -> Column:
    """How many layers come from another account; not known where an ARN or the account is not."""
    return scene.per_resource(_foreign_layers)


def _foreign_layers(resource: Resource) -> float:
    named = read.at(resource.properties, "Layers") or ()
    if resource.type != FUNCTION or is_unknown(named) or not isinstance(named, list | tuple):
        return math.nan
    accounts = [str(each).split(":")[4:5] for each in named if str(each).startswith("arn:")]
    if len(accounts) < len(named) or (named and not resource.account):
        return math.nan
    return float(sum(account != [resource.account] for account in accounts))


@feature(
    label="timeout",
    unit="seconds",
    direction=Direction.FREE,
    source=_CONFIGURATION,
    says=measured("one call may run for {x} seconds"),
)
def timeout_s(scene: Scene) -> Column:
    """For how long one call may run; Lambda's default is 3 seconds."""
    return read.by_type(scene, {FUNCTION: read.number("Timeout", default=3)})


@feature(
    label="memory",
    unit="MB",
    direction=Direction.FREE,
    source=_CONFIGURATION,
    says=measured("one call may use {x} MB of memory"),
)
def memory_mb(scene: Scene) -> Column:
    """How much memory one call may use; Lambda's default is 128 MB."""
    return read.by_type(scene, {FUNCTION: read.number("MemorySize", default=128)})


@feature(
    label="own limit on calls",
    unit="0 has a limit of its own, 1 has none",
    direction=Direction.FREE,
    source="reserved concurrency, and throttling of API stages",
    says=levels(
        {
            0: "calls to it are limited",
            1: "nothing but the account's quota limits calls to it",
        }
    ),
    peers=levels({0: "limit their calls", 1: "have no limit of their own on calls"}),
)
def unlimited_calls(scene: Scene) -> Column:
    """Whether only the account's quota bounds how often it runs at once."""
    return read.by_type(
        scene,
        {
            FUNCTION: read.absent("ReservedConcurrentExecutions"),
            "AWS::ApiGatewayV2::Stage": read.absent("DefaultRouteSettings.ThrottlingRateLimit"),
        },
    )


@feature(
    label="container image",
    unit="0 managed runtime, 1 container image",
    direction=Direction.FREE,
    source=_CONFIGURATION,
    says=levels(
        {
            0: "AWS patches its runtime",
            1: "it is a container image, which AWS does not patch",
        }
    ),
    speaks=bool,
)
def container_image(scene: Scene) -> Column:
    """Whether the function is an image that its owners must patch."""

    def value(properties: Properties) -> float:
        kind = read.at(properties, "PackageType")
        return math.nan if is_unknown(kind) else float(kind == "Image")

    return read.by_type(scene, {FUNCTION: value})


@feature(
    label="failed events",
    unit="0 kept, 1 dropped",
    direction=Direction.FREE,
    source="dead-letter settings of functions, queues and rules",
    says=levels({0: "what fails is kept", 1: "what fails is dropped: no dead-letter queue"}),
    peers=levels({0: "keep what fails", 1: "have no dead-letter queue"}),
)
def drops_failures(scene: Scene) -> Column:
    """Whether events that fail are lost."""
    return read.by_type(
        scene,
        {
            FUNCTION: read.absent("DeadLetterConfig.TargetArn"),
            _QUEUE: read.absent("RedrivePolicy"),
            "AWS::Lambda::EventSourceMapping": read.absent(
                "DestinationConfig.OnFailure.Destination"
            ),
        },
    )


def _no_backups(properties: Properties) -> float:
    days = read.number("BackupRetentionPeriod", default=1)(properties)
    return math.nan if math.isnan(days) else float(days == 0)


_RECOVERY: Mapping[str, Reader] = {
    _BUCKET: read.off("VersioningConfiguration.Status", on="Enabled"),
    _TABLE: read.off("PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"),
    "AWS::RDS::DBInstance": _no_backups,
}


@feature(
    label="recovery",
    unit="0 earlier states can be restored, 1 they cannot",
    direction=Direction.RISES,
    source="versioning of buckets, point-in-time recovery of tables, backups of databases",
    says=levels(
        {
            0: "earlier states of its data can be restored",
            1: "what is deleted or overwritten in it cannot be restored",
        }
    ),
    peers=levels({0: "can be restored", 1: "cannot restore what is deleted or overwritten"}),
)
def unrecoverable(scene: Scene) -> Column:
    """Whether data that is deleted or overwritten is gone."""
    return read.by_type(scene, _RECOVERY)


@feature(
    label="protection from deletion",
    unit="0 protected, 1 not",
    direction=Direction.FREE,
    source="deletion protection of tables, user pools and databases",
    says=levels(
        {0: "it is protected from deletion", 1: "one call deletes it: no deletion protection"}
    ),
    peers=levels({0: "are protected from deletion", 1: "have no deletion protection"}),
)
def deletable(scene: Scene) -> Column:
    """Whether one call deletes it."""
    return read.by_type(
        scene,
        {
            _TABLE: read.off("DeletionProtectionEnabled"),
            "AWS::Cognito::UserPool": read.off("DeletionProtection", on="ACTIVE"),
            "AWS::RDS::DBInstance": read.off("DeletionProtection"),
        },
    )


@feature(
    label="private network",
    unit="0 outside, 1 attached to a VPC",
    direction=Direction.FREE,
    source=_CONFIGURATION,
    says=levels(
        {0: "it is attached to no VPC", 1: "it is attached to a VPC, and reaches what lies in it"}
    ),
)
def in_vpc(scene: Scene) -> Column:
    """Whether the function reaches into a private network."""

    def value(properties: Properties) -> float:
        subnets = read.at(properties, "VpcConfig.SubnetIds")
        return math.nan if is_unknown(subnets) else float(bool(subnets))

    return read.by_type(scene, {FUNCTION: value})


def _any_origin(path: str) -> Reader:
    def value(properties: Properties) -> float:
        origins: Any = read.at(properties, path)
        if is_unknown(origins):
            return math.nan
        listed = origins if isinstance(origins, list | tuple) else [origins]
        return float("*" in listed)

    return value


def _bucket_origins(properties: Properties) -> float:
    rules: Any = read.at(properties, "CorsConfiguration.CorsRules") or ()
    if is_unknown(rules) or not isinstance(rules, list | tuple):
        return math.nan
    return max(
        (_any_origin("AllowedOrigins")(r) for r in rules if isinstance(r, Mapping)), default=0.0
    )


@feature(
    label="web origins",
    unit="0 named, 1 any",
    direction=Direction.RISES,
    source="CORS settings of function URLs, HTTP APIs and buckets",
    says=levels(
        {0: "no web page of any origin may call it", 1: "web pages of any origin may call it"}
    ),
    peers=levels({0: "name the origins of web pages", 1: "admit web pages of any origin"}),
    speaks=bool,
)
def any_origin(scene: Scene) -> Column:
    """Whether web pages of any origin may read its answers."""
    return read.by_type(
        scene,
        {
            "AWS::Lambda::Url": _any_origin("Cors.AllowOrigins"),
            "AWS::ApiGatewayV2::Api": _any_origin("CorsConfiguration.AllowOrigins"),
            _BUCKET: _bucket_origins,
        },
    )
