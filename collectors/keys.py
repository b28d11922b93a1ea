"""Secrets Manager, SSM parameters and KMS keys: settings only, never a value."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from collectors.document import pick, policy, tag_map
from collectors.reader import Answer, Reader
from collectors.registry import collector
from core.types import EMPTY, Resource

SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type, not a secret
SECRET_POLICY = "AWS::SecretsManager::ResourcePolicy"  # noqa: S105 - a resource type
ROTATION = "AWS::SecretsManager::RotationSchedule"
PARAMETER = "AWS::SSM::Parameter"
KEY = "AWS::KMS::Key"


@collector(
    yields=(SECRET, SECRET_POLICY, ROTATION),
    calls=("secretsmanager:ListSecrets", "secretsmanager:GetResourcePolicy"),
)
def secrets(aws: Reader) -> Iterator[Resource]:
    """Secrets: key, rotation, last use and policy. The value is never asked for."""
    found = aws.listed("secretsmanager:ListSecrets", "SecretList", of=SECRET)
    yield from aws.each(found, lambda secret: _secret(aws, secret))


def _secret(aws: Reader, item: Mapping[str, Any]) -> Iterator[Resource]:
    arn, name = item["ARN"], item["Name"]
    access = aws.ask(
        "secretsmanager:GetResourcePolicy", uid=arn, of=SECRET_POLICY,
        absent=("ResourceNotFoundException",), SecretId=arn,
    )  # fmt: skip
    secret = aws.resource(
        SECRET,
        uid=arn,
        name=name,
        aliases=(name, arn.rsplit("-", 1)[0]),  # policies may leave out the random suffix
        created_at=item.get("CreatedDate"),
        changed_at=item.get("LastChangedDate"),
        tags=tag_map(item.get("Tags")),
        unreadable={SECRET_POLICY: access.unread} if access.unread else EMPTY,
        properties={
            **pick(
                item, "Name", "Description", "KmsKeyId", "RotationLambdaARN", "RotationRules",
                "LastRotatedDate", "LastAccessedDate", "LastChangedDate", "NextRotationDate",
                "OwningService",
            ),
            "RotationEnabled": bool(item.get("RotationEnabled")),
        },
    )  # fmt: skip
    yield secret
    document = policy((access.body or {}).get("ResourcePolicy"))
    if document:
        yield aws.part(
            secret, SECRET_POLICY, "policy", {"SecretId": arn, "ResourcePolicy": document}
        )
    if item.get("RotationEnabled"):
        rotation = pick(item, "RotationLambdaARN", "RotationRules")
        yield aws.part(secret, ROTATION, "rotation", {"SecretId": arn, **rotation})


@collector(yields=(PARAMETER,), calls=("ssm:DescribeParameters",))
def parameters(aws: Reader) -> Iterator[Resource]:
    """SSM parameters: type, key and tier. The value is never asked for."""
    for item in aws.listed("ssm:DescribeParameters", "Parameters", of=PARAMETER):
        name = item["Name"]
        yield aws.resource(
            PARAMETER,
            uid=item.get("ARN") or aws.arn("ssm", f"parameter/{name.lstrip('/')}"),
            name=name,
            aliases=(name,),
            changed_at=item.get("LastModifiedDate"),
            properties=pick(
                item, "Name", "Type", "KeyId", "Description", "Tier", "DataType", "AllowedPattern"
            ),
        )


@collector(
    yields=(KEY,),
    calls=(
        "kms:ListKeys",
        "kms:ListAliases",
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
    ),
)
def kms_keys(aws: Reader) -> Iterator[Resource]:
    """Customer keys: policy, rotation and state. AWS's own keys are left to AWS."""
    if aws.only is not None:
        listed: list[Mapping[str, Any]] = [{"KeyId": aws.only.uid.rsplit("/", 1)[-1]}]
    else:
        listed = aws.listed("kms:ListKeys", "Keys", of=KEY)
    if not listed:
        return
    aliases: dict[str, list[str]] = {}
    for alias in aws.listed("kms:ListAliases", "Aliases", of=KEY):
        if alias.get("TargetKeyId"):
            aliases.setdefault(alias["TargetKeyId"], []).append(alias["AliasName"])
    ours = [key["KeyId"] for key in listed if not _is_aws_managed(aliases.get(key["KeyId"], ()))]
    yield from aws.each(ours, lambda key: _key(aws, key, aliases))


def _is_aws_managed(aliases: Iterable[str]) -> bool:
    """Whether a key is AWS's own: only those may bear such an alias."""
    return any(alias.startswith("alias/aws/") for alias in aliases)


def _key(aws: Reader, identifier: str, aliases: Mapping[str, list[str]]) -> Iterator[Resource]:
    arn = aws.arn("kms", f"key/{identifier}")

    def ask(operation: str, *absent: str, **parameters: str) -> Answer:
        return aws.ask(
            f"kms:{operation}", uid=arn, of=KEY, absent=absent, KeyId=identifier, **parameters
        )

    described = ask("DescribeKey", "NotFoundException")
    key = (described.body or {}).get("KeyMetadata") or {}
    if (described.body is None and not described.unread) or key.get("KeyManager") == "AWS":
        return
    names = aliases.get(identifier, [])
    rotates = key.get("KeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
    rotation = ask("GetKeyRotationStatus") if rotates else Answer()
    access = ask("GetKeyPolicy", PolicyName="default")
    yield aws.resource(
        KEY,
        uid=arn,
        name=names[0] if names else identifier,
        aliases=(identifier, *names, *(aws.arn("kms", name) for name in names)),
        created_at=key.get("CreationDate"),
        properties={
            **described.properties(
                ("Enabled", "KeySpec", "KeyUsage", "KeyState"),
                lambda body: pick(
                    body["KeyMetadata"], "Description", "Enabled", "KeySpec", "KeyUsage",
                    "KeyState", "MultiRegion", "Origin", "KeyManager",
                ),
            ),
            "EnableKeyRotation": rotation.value(lambda body: bool(body["KeyRotationEnabled"])),
            "KeyPolicy": access.value(lambda body: policy(body["Policy"])),
        },
    )  # fmt: skip
