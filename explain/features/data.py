"""What the resource holds and what it can reach: secrets, encryption, sensitivity."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from core.types import Resource, is_unknown
from explain import tag
from explain.feature import Column, Direction, feature
from explain.scene import FUNCTION, Scene
from explain.sentence import counted, levels
from graph import Reach


@feature(
    label="secrets in environment",
    unit="values",
    direction=Direction.RISES,
    source="environment variables, classified at collection",
    says=counted(
        none="no environment value looks like a secret",
        one="1 environment value looks like a secret",
        many="{n} environment values look like secrets",
    ),
    peers=counted(
        none="keep secrets out of their environment",
        one="carry secrets in their environment",
        many="carry {n} or more secrets in their environment",
    ),
)
def secrets_in_environment(scene: Scene) -> Column:
    """How many environment values look like secrets."""
    return scene.per_resource(_secrets)


def _secrets(resource: Resource) -> float:
    if resource.type != FUNCTION:
        return math.nan
    environment = resource.properties.get("Environment") or {}
    variables = {} if is_unknown(environment) else environment.get("Variables") or {}
    if is_unknown(environment) or is_unknown(variables):
        return math.nan
    kinds = [str(v).split(":")[1] for v in variables.values() if str(v).startswith("secret:")]
    return float(sum(kind != "plain" for kind in kinds))


_CUSTOMER_KEY, _PROVIDER_KEY, _NONE = 0.0, 1.0, 2.0


def _key(value: Any, *, without: float) -> float:
    if is_unknown(value):
        return math.nan
    if not value:
        return without
    return _PROVIDER_KEY if "alias/aws/" in str(value) else _CUSTOMER_KEY


def _bucket(properties: Mapping[str, Any]) -> float:
    # Since 2023-01-05 S3 encrypts every new object with its own key.
    encryption = properties.get("BucketEncryption") or {}
    if is_unknown(encryption):
        return math.nan
    rules = encryption.get("ServerSideEncryptionConfiguration") or [{}]
    default = rules[0].get("ServerSideEncryptionByDefault") or {}
    return _key(default.get("KMSMasterKeyID"), without=_PROVIDER_KEY)


def _queue(properties: Mapping[str, Any]) -> float:
    managed = properties.get("SqsManagedSseEnabled", True)
    off = str(managed).lower() == "false"
    return _key(properties.get("KmsMasterKeyId"), without=_NONE if off else _PROVIDER_KEY)


def _parameter(properties: Mapping[str, Any]) -> float:
    secure = properties.get("Type") == "SecureString"
    return _key(properties.get("KeyId"), without=_PROVIDER_KEY) if secure else _NONE


def _nested(outer: str, inner: str, without: float) -> Callable[[Mapping[str, Any]], float]:
    def read(properties: Mapping[str, Any]) -> float:
        value = properties.get(outer) or {}
        return math.nan if is_unknown(value) else _key(value.get(inner), without=without)

    return read


def _plain(name: str, without: float) -> Callable[[Mapping[str, Any]], float]:
    return lambda properties: _key(properties.get(name), without=without)


_ENCRYPTION: Mapping[str, Callable[[Mapping[str, Any]], float]] = {
    "AWS::S3::Bucket": _bucket,
    "AWS::SQS::Queue": _queue,
    "AWS::SSM::Parameter": _parameter,
    "AWS::SNS::Topic": _plain("KmsMasterKeyId", _NONE),
    "AWS::Logs::LogGroup": _plain("KmsKeyId", _PROVIDER_KEY),
    "AWS::SecretsManager::Secret": _plain("KmsKeyId", _PROVIDER_KEY),
    "AWS::CloudTrail::Trail": _plain("KMSKeyId", _PROVIDER_KEY),
    FUNCTION: _plain("KmsKeyArn", _PROVIDER_KEY),
    "AWS::DynamoDB::Table": _nested("SSESpecification", "KMSMasterKeyId", _PROVIDER_KEY),
    "AWS::Kinesis::Stream": _nested("StreamEncryption", "KeyId", _NONE),
    "AWS::ECR::Repository": _nested("EncryptionConfiguration", "KmsKey", _PROVIDER_KEY),
}


@feature(
    label="encryption at rest",
    unit="0 own key, 1 the provider's key, 2 none configured",
    direction=Direction.RISES,
    source="the encryption properties of each type, with AWS's defaults",
    says=levels(
        {
            0: "it is encrypted with the company's own key",
            1: "it is encrypted with the provider's key only",
            2: "it has no encryption at rest of its own",
        }
    ),
    peers=levels(
        {
            0: "are encrypted with an own key",
            1: "use no key of their own",
            2: "have no encryption at rest of their own",
        }
    ),
)
def weak_encryption(scene: Scene) -> Column:
    """How far encryption at rest is from a key that the company controls."""

    def value(resource: Resource) -> float:
        read = _ENCRYPTION.get(resource.type)
        return read(resource.properties) if read else math.nan

    return scene.per_resource(value)


@feature(
    label="data sensitivity",
    unit="0 public, 1 internal, 2 confidential, 3 personal or regulated",
    direction=Direction.RISES,
    source="the sensitivity tags of the estate",
    says=levels(
        {
            0: "its data is tagged public",
            1: "its data is tagged internal",
            2: "its data is tagged confidential",
            3: "its data is tagged personal or regulated",
        }
    ),
    peers=levels(
        {
            0: "are tagged public",
            1: "are tagged internal or above",
            2: "are tagged confidential or above",
            3: "are tagged with personal or regulated data",
        }
    ),
)
def sensitivity(scene: Scene) -> Column:
    """What the tags say of the data; not known without a tag."""

    def value(resource: Resource) -> float:
        text = tag.value(resource, scene.estate.sensitivity_tags, scene.estate)
        found = tag.level(text, tag.SENSITIVITIES)
        return math.nan if found is None else found

    return scene.per_resource(value)


def _reached(scene: Scene, count: Callable[[Reach], int]) -> Column:
    """Count over what each role reaches; NaN without a role, or where "none" was not fully read."""

    def value(row: int) -> float:
        reach = scene.reach.get(scene.resources[row].uid)
        if reach is None or scene.permissions[row] is None:
            return math.nan
        found = count(reach)
        return math.nan if reach.unread and not found else float(found)

    return scene.per_resource_row(value)


@feature(
    label="data stores in reach",
    unit="data stores",
    direction=Direction.RISES,
    source="the resource graph: what the role may read or write",
    says=counted(
        none="it can reach no data store",
        one="it can reach 1 data store",
        many="it can reach {n} data stores",
    ),
    peers=counted(
        none="reach no data store",
        one="reach a data store",
        many="reach {n} or more data stores",
    ),
)
def stores_in_reach(scene: Scene) -> Column:
    """Blast radius: how many data stores can be reached from here."""
    return _reached(scene, lambda reach: reach.count)


@feature(
    label="sensitive stores in reach",
    unit="data stores",
    direction=Direction.RISES,
    source="the resource graph and the sensitivity tags",
    says=counted(
        none="it can reach no data store tagged sensitive",
        one="it can reach 1 data store tagged sensitive",
        many="it can reach {n} data stores tagged sensitive",
    ),
    peers=counted(
        none="reach no sensitive store",
        one="reach a sensitive data store",
        many="reach {n} or more sensitive data stores",
    ),
)
def sensitive_in_reach(scene: Scene) -> Column:
    """How many of the data stores in reach are tagged sensitive."""
    return _reached(scene, lambda reach: reach.sensitive)
