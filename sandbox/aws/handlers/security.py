"""AWS::SecretsManager::*, AWS::SSM::*, AWS::KMS::*, AWS::Cognito::*."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.aws import shape
from sandbox.aws.handler import NOT_IN_MOTO, Call, Handler, register
from sandbox.aws.simple import Simple, Tags, register_simple

_VALUE = "a secret value is not read back"


def _secret_value(call: Call) -> dict[str, str]:
    if call.get("SecretString") is not None:
        return {"SecretString": shape.text(call.get("SecretString"))}
    generate = call.get("GenerateSecretString")
    if generate is None:
        return {}
    found: dict[str, Any] = call.api("secretsmanager", "get_random_password", generate)[
        "RandomPassword"
    ]
    if generate.get("GenerateStringKey"):
        template = json.loads(generate.get("SecretStringTemplate") or "{}")
        return {"SecretString": json.dumps({**template, generate["GenerateStringKey"]: found})}
    return {"SecretString": str(found)}


def _create_secret(call: Call) -> str:
    declared = {k: v for k, v in call.properties.items() if k in {"Description", "KmsKeyId"}}
    found: dict[str, Any] = call.api(
        "secretsmanager",
        "create_secret",
        declared,
        Name=call.name("Name", limit=128),
        Tags=call.tag_list(),
        **_secret_value(call),
    )
    return str(found["ARN"])


def _update_secret(call: Call) -> None:
    declared = {k: v for k, v in call.properties.items() if k in {"Description", "KmsKeyId"}}
    value = _secret_value(call) if call.changed("SecretString", "GenerateSecretString") else {}
    call.api("secretsmanager", "update_secret", declared, SecretId=call.physical_id, **value)
    call.retag("secretsmanager", call.tag_list(), SecretId=call.physical_id)


register(
    Handler(
        type="AWS::SecretsManager::Secret",
        create=_create_secret,
        read=lambda call: call.api("secretsmanager", "describe_secret", SecretId=call.physical_id),
        update=_update_secret,
        delete=lambda call: call.api(
            "secretsmanager",
            "delete_secret",
            SecretId=call.physical_id,
            ForceDeleteWithoutRecovery=True,
        ),
        attributes=lambda call: {"Id": call.physical_id},
        immutable=frozenset({"Name"}),
        not_verifiable={
            "SecretString": _VALUE,
            "GenerateSecretString": _VALUE,
            "ReplicaRegions": "the sandbox replicates nothing",
        },
    )
)


def _rotation(call: Call) -> dict[str, Any]:
    rules = call.get("RotationRules") or {}
    return {
        k: v
        for k, v in rules.items()
        if k in {"AutomaticallyAfterDays", "Duration", "ScheduleExpression"}
    }


def _rotate(call: Call) -> str:
    call.api(
        "secretsmanager",
        "rotate_secret",
        {"RotationRules": _rotation(call), "RotationLambdaARN": call.get("RotationLambdaARN")},
        SecretId=call.get("SecretId"),
        RotateImmediately=False,
    )
    return str(call.get("SecretId"))


register(
    Handler(
        type="AWS::SecretsManager::RotationSchedule",
        create=_rotate,
        read=lambda call: (
            call.api("secretsmanager", "describe_secret", SecretId=call.get("SecretId"))
            | {"SecretId": call.get("SecretId")}
        ),
        update=_rotate,
        delete=lambda call: call.api(
            "secretsmanager", "cancel_rotate_secret", SecretId=call.get("SecretId")
        ),
        part_of=("SecretId",),
        not_verifiable={
            "HostedRotationLambda": "the sandbox builds no rotation function",
            "RotateImmediatelyOnUpdate": "a switch of the call, not a property",
        },
    )
)


def _secret_policy(call: Call) -> str:
    call.api(
        "secretsmanager",
        "put_resource_policy",
        SecretId=call.get("SecretId"),
        ResourcePolicy=shape.text(call.get("ResourcePolicy")),
    )
    return str(call.get("SecretId"))


register(
    Handler(
        type="AWS::SecretsManager::ResourcePolicy",
        create=_secret_policy,
        read=lambda call: (
            call.api("secretsmanager", "get_resource_policy", SecretId=call.get("SecretId"))
            | {"SecretId": call.get("SecretId")}
        ),
        update=_secret_policy,
        delete=lambda call: call.api(
            "secretsmanager", "delete_resource_policy", SecretId=call.get("SecretId")
        ),
        part_of=("SecretId",),
        not_verifiable={"BlockPublicPolicy": "a switch of the call, not a property"},
    )
)


def _put_parameter(call: Call) -> str:
    name = call.physical_id or call.name("Name", limit=128)
    declared = {k: v for k, v in call.properties.items() if k not in {"Tags", "Name"}}
    call.api("ssm", "put_parameter", declared, Name=name, Overwrite=bool(call.physical_id))
    call.api(
        "ssm",
        "add_tags_to_resource",
        ResourceType="Parameter",
        ResourceId=name,
        Tags=call.tag_list(),
    )
    return name


def _read_parameter(call: Call) -> Mapping[str, Any]:
    key = {"Key": "Name", "Values": [call.physical_id]}
    described = call.api("ssm", "describe_parameters", ParameterFilters=[key])["Parameters"]
    value = call.api("ssm", "get_parameter", Name=call.physical_id)["Parameter"]["Value"]
    tags = call.api(
        "ssm", "list_tags_for_resource", ResourceType="Parameter", ResourceId=call.physical_id
    )["TagList"]
    return (described[0] if described else {}) | {"Value": value, "Tags": tags}


register(
    Handler(
        type="AWS::SSM::Parameter",
        create=_put_parameter,
        read=_read_parameter,
        update=_put_parameter,
        delete=lambda call: call.api("ssm", "delete_parameter", Name=call.physical_id),
        attributes=lambda call: {"Type": call.get("Type"), "Value": call.get("Value")},
        immutable=frozenset({"Name"}),
        not_verifiable={"Tier": NOT_IN_MOTO, "Policies": NOT_IN_MOTO},
    )
)


def _key_tags(call: Call) -> list[dict[str, str]]:
    return call.tag_list(key="TagKey", value="TagValue")


def _create_key(call: Call) -> str:
    declared = {
        k: v
        for k, v in call.properties.items()
        if k in {"Description", "KeySpec", "KeyUsage", "MultiRegion"}
    }
    policy = {"Policy": shape.text(call.get("KeyPolicy"))} if call.get("KeyPolicy") else {}
    found: dict[str, Any] = call.api("kms", "create_key", declared, Tags=_key_tags(call), **policy)
    call.physical_id = str(found["KeyMetadata"]["KeyId"])
    _switch_key(call)
    return call.physical_id


def _switch_key(call: Call) -> None:
    rotates = shape.text(call.get("EnableKeyRotation", False)) == "true"
    if rotates:
        period = call.get("RotationPeriodInDays")
        days = {"RotationPeriodInDays": int(period)} if period else {}
        call.api("kms", "enable_key_rotation", KeyId=call.physical_id, **days)
    elif "EnableKeyRotation" in call.previous:
        call.api("kms", "disable_key_rotation", KeyId=call.physical_id)
    if call.changed("Enabled"):
        verb = "enable" if shape.text(call.get("Enabled", True)) == "true" else "disable"
        call.api("kms", f"{verb}_key", KeyId=call.physical_id)


def _update_key(call: Call) -> None:
    key = {"KeyId": call.physical_id}
    if call.changed("KeyPolicy"):
        call.api(
            "kms",
            "put_key_policy",
            **key,
            PolicyName="default",
            Policy=shape.text(call.get("KeyPolicy")),
        )
    if call.changed("Description"):
        call.api(
            "kms", "update_key_description", **key, Description=str(call.get("Description", ""))
        )
    _switch_key(call)
    call.retag("kms", _key_tags(call), **key)


def _read_key(call: Call) -> Mapping[str, Any]:
    key = {"KeyId": call.physical_id}
    found: dict[str, Any] = call.api("kms", "describe_key", **key)["KeyMetadata"]
    rotation = (
        call.api("kms", "get_key_rotation_status", **key)
        if call.get("EnableKeyRotation") is not None
        else {}
    )
    tags = call.api("kms", "list_resource_tags", **key)["Tags"]
    return found | {
        "KeyPolicy": call.api("kms", "get_key_policy", **key, PolicyName="default")["Policy"],
        "EnableKeyRotation": rotation.get("KeyRotationEnabled"),
        "RotationPeriodInDays": rotation.get("RotationPeriodInDays"),
        "Tags": {t["TagKey"]: t["TagValue"] for t in tags},
    }


register(
    Handler(
        type="AWS::KMS::Key",
        create=_create_key,
        read=_read_key,
        update=_update_key,
        delete=lambda call: call.api(
            "kms", "schedule_key_deletion", KeyId=call.physical_id, PendingWindowInDays=7
        ),
        attributes=lambda call: {
            "Arn": call.arn("kms", f"key/{call.physical_id}"),
            "KeyId": call.physical_id,
        },
        immutable=frozenset({"KeySpec", "KeyUsage", "MultiRegion"}),
        not_verifiable={
            "PendingWindowInDays": "a switch of the deletion, not a property",
            "BypassPolicyLockoutSafetyCheck": "a switch of the call, not a property",
            "Origin": NOT_IN_MOTO,
        },
    )
)


def _find_alias(call: Call) -> Mapping[str, Any]:
    for page in call.aws.client("kms").get_paginator("list_aliases").paginate():
        for alias in page["Aliases"]:
            if alias["AliasName"] == call.physical_id:
                target = str(call.get("TargetKeyId"))
                same = target.endswith(str(alias.get("TargetKeyId")))
                return dict(alias) | ({"TargetKeyId": target} if same else {})
    return {}


def _create_key_alias(call: Call) -> str:
    call.api("kms", "create_alias", call.properties)
    return str(call.get("AliasName"))


register(
    Handler(
        type="AWS::KMS::Alias",
        create=_create_key_alias,
        read=_find_alias,
        update=lambda call: call.api("kms", "update_alias", call.properties),
        delete=lambda call: call.api("kms", "delete_alias", AliasName=call.physical_id),
        immutable=frozenset({"AliasName"}),
        part_of=("TargetKeyId",),
    )
)


def _pool(call: Call) -> dict[str, Any]:
    own = {"UserPoolTags", "UserPoolName", "EnabledMfas"}
    return {k: v for k, v in call.properties.items() if k not in own}


def _create_pool(call: Call) -> str:
    found: dict[str, Any] = call.api(
        "cognito-idp",
        "create_user_pool",
        _pool(call),
        PoolName=call.name("UserPoolName", limit=128),
        UserPoolTags=call.tags("UserPoolTags"),
    )
    call.physical_id = str(found["UserPool"]["Id"])
    _set_mfa(call)
    return call.physical_id


def _set_mfa(call: Call) -> None:
    names = ("MfaConfiguration", "EnabledMfas")
    if not any(call.get(name) or call.previous.get(name) for name in names):
        return
    declared = call.get("EnabledMfas")
    token = "SOFTWARE_TOKEN_MFA" in declared if declared else bool(call.get("MfaConfiguration"))
    call.api(
        "cognito-idp",
        "set_user_pool_mfa_config",
        UserPoolId=call.physical_id,
        MfaConfiguration=str(call.get("MfaConfiguration") or "OFF"),
        SoftwareTokenMfaConfiguration={"Enabled": token},
    )


def _update_pool(call: Call) -> None:
    call.api(
        "cognito-idp",
        "update_user_pool",
        _pool(call),
        UserPoolId=call.physical_id,
        UserPoolTags=call.tags("UserPoolTags"),
    )
    _set_mfa(call)


def _read_pool(call: Call) -> Mapping[str, Any]:
    key = {"UserPoolId": call.physical_id}
    found: dict[str, Any] = call.api("cognito-idp", "describe_user_pool", **key)["UserPool"]
    mfa = call.api("cognito-idp", "get_user_pool_mfa_config", **key)
    enabled = (mfa.get("SoftwareTokenMfaConfiguration") or {}).get("Enabled")
    return found | {
        "UserPoolName": found["Name"],
        "MfaConfiguration": mfa.get("MfaConfiguration") or found.get("MfaConfiguration"),
        "EnabledMfas": ["SOFTWARE_TOKEN_MFA"] if enabled else [],
        "Schema": [
            s
            for s in found.get("SchemaAttributes") or ()
            if s["Name"].removeprefix("custom:")
            in {str(w.get("Name")) for w in call.get("Schema") or ()}
        ],
    }


def _pool_attributes(call: Call) -> Mapping[str, Any]:
    host = f"cognito-idp.{call.aws.region}.amazonaws.com/{call.physical_id}"
    return {
        "Arn": call.arn("cognito-idp", f"userpool/{call.physical_id}"),
        "ProviderName": host,
        "ProviderURL": f"https://{host}",
        "UserPoolId": call.physical_id,
    }


register(
    Handler(
        type="AWS::Cognito::UserPool",
        create=_create_pool,
        read=_read_pool,
        update=_update_pool,
        delete=lambda call: call.api(
            "cognito-idp", "delete_user_pool", UserPoolId=call.physical_id
        ),
        attributes=_pool_attributes,
        immutable=frozenset({"UserPoolName", "Schema", "AliasAttributes", "UsernameAttributes"}),
        not_verifiable={
            "Schema": "moto prefixes custom attributes and adds constraints",
            "WebAuthnRelyingPartyID": NOT_IN_MOTO,
            "WebAuthnUserVerification": NOT_IN_MOTO,
        },
    )
)
register_simple(
    Simple(
        type="AWS::Cognito::UserPoolClient",
        service="cognito-idp",
        create="create_user_pool_client",
        read="describe_user_pool_client",
        delete="delete_user_pool_client",
        update="update_user_pool_client",
        key="ClientId",
        made="UserPoolClient.ClientId",
        found="UserPoolClient",
        also=("UserPoolId",),
        attributes={"ClientId": "ClientId", "ClientSecret": "ClientSecret", "Name": "ClientName"},
        part_of=("UserPoolId",),
        reshape=lambda found: {"ClientName": "client", **found},
        not_verifiable={"GenerateSecret": "read back as the secret it makes"},
    )
)
register_simple(
    Simple(
        type="AWS::Cognito::UserPoolDomain",
        service="cognito-idp",
        create="create_user_pool_domain",
        read="describe_user_pool_domain",
        delete="delete_user_pool_domain",
        key="Domain",
        name="Domain",
        found="DomainDescription",
        also=("UserPoolId",),
        part_of=("UserPoolId",),
        not_verifiable={"ManagedLoginVersion": NOT_IN_MOTO},
    )
)
register_simple(
    Simple(
        type="AWS::Cognito::UserPoolResourceServer",
        service="cognito-idp",
        create="create_resource_server",
        read="describe_resource_server",
        delete="delete_resource_server",
        key="Identifier",
        made="ResourceServer.Identifier",
        found="ResourceServer",
        also=("UserPoolId",),
        part_of=("UserPoolId",),
    )
)
register_simple(
    Simple(
        type="AWS::Cognito::UserPoolGroup",
        service="cognito-idp",
        create="create_group",
        read="get_group",
        delete="delete_group",
        key="GroupName",
        made="Group.GroupName",
        found="Group",
        name="GroupName",
        also=("UserPoolId",),
        part_of=("UserPoolId",),
    )
)
register_simple(
    Simple(
        type="AWS::Cognito::IdentityPool",
        service="cognito-identity",
        create="create_identity_pool",
        read="describe_identity_pool",
        delete="delete_identity_pool",
        key="IdentityPoolId",
        made="IdentityPoolId",
        name="IdentityPoolName",
        tags=Tags.MAP,
        tag_key="IdentityPoolTags",
    )
)
