"""Keys, logs, trails, API stages and user pools."""

from collections.abc import Mapping
from typing import Any

from core.errors import Declined
from core.types import LiveCall, Resource
from remediation.companion import LOG_RETENTION_DAYS
from remediation.live.blueprint import Answer, Aspect, LiveTarget, live


def _retention(answer: Answer, key: str) -> int | None:
    for group in answer["logGroups"]:
        if group["logGroupName"] == key:
            days: int | None = group.get("retentionInDays")
            return days
    raise Declined("The log group is gone: use Check again")


def _retention_call(resource: Resource, _key: str, state: Any) -> LiveCall:
    if state is None:
        return LiveCall("logs:DeleteRetentionPolicy", {"logGroupName": resource.name})
    return LiveCall(
        "logs:PutRetentionPolicy", {"logGroupName": resource.name, "retentionInDays": state}
    )


RETENTION = Aspect(
    "log retention",
    read="logs:DescribeLogGroups",
    writes=("logs:PutRetentionPolicy", "logs:DeleteRetentionPolicy"),
    ask=lambda resource, _: {"logGroupNamePrefix": resource.name},
    state=_retention,
    write=_retention_call,
)


@live("PL-LOGS-001", RETENTION, may_break=("Revert does not bring deleted events back",))
def retention(target: LiveTarget) -> None:
    """Logs without a stated time are kept, and paid for, for ever."""
    target.set(RETENTION, LOG_RETENTION_DAYS, target.resource.name)


def _key_id(resource: Resource, _key: str) -> Mapping[str, Any]:
    return {"KeyId": resource.uid}


def _rotation_call(resource: Resource, _key: str, state: Any) -> LiveCall:
    if state is None:
        return LiveCall("kms:DisableKeyRotation", {"KeyId": resource.uid})
    return LiveCall("kms:EnableKeyRotation", {"KeyId": resource.uid, "RotationPeriodInDays": state})


_YEAR_D = 365
ROTATION = Aspect(
    "key rotation",
    read="kms:GetKeyRotationStatus",
    writes=("kms:EnableKeyRotation", "kms:DisableKeyRotation"),
    ask=_key_id,
    state=lambda answer, _: (
        answer.get("RotationPeriodInDays", _YEAR_D) if answer["KeyRotationEnabled"] else None
    ),
    write=_rotation_call,
)


@live("PL-KMS-001", ROTATION)
def rotation(target: LiveTarget) -> None:
    """What was encrypted with older material stays readable."""
    target.set(ROTATION, _YEAR_D)


def _trail(resource: Resource, _key: str) -> Mapping[str, Any]:
    return {"Name": resource.uid}


def _trail_aspect(name: str, *settings: str) -> Aspect:
    def write(resource: Resource, _key: str, state: Any) -> LiveCall:
        values = {_TRAIL_PARAMETERS.get(each, each): value for each, value in state.items()}
        return LiveCall("cloudtrail:UpdateTrail", {"Name": resource.uid, **values})

    return Aspect(
        name,
        read="cloudtrail:GetTrail",
        writes=("cloudtrail:UpdateTrail",),
        ask=_trail,
        state=lambda answer, _: {each: bool(answer["Trail"].get(each)) for each in settings},
        write=write,
    )


_TRAIL_PARAMETERS = {"LogFileValidationEnabled": "EnableLogFileValidation"}
LOG_VALIDATION = _trail_aspect("log file validation", "LogFileValidationEnabled")
TRAIL_REGIONS = _trail_aspect(
    "Regions of the trail", "IsMultiRegionTrail", "IncludeGlobalServiceEvents"
)


@live("PL-CLOUDTRAIL-002", LOG_VALIDATION)
def log_validation(target: LiveTarget) -> None:
    """Digest files lie beside the log files."""
    target.set(LOG_VALIDATION, {"LogFileValidationEnabled": True})


@live("PL-CLOUDTRAIL-001", TRAIL_REGIONS)
def every_region(target: LiveTarget) -> None:
    """A trail of every Region must record global services too: CloudTrail refuses it otherwise."""
    home = target.resource.properties.get("HomeRegion")
    if home and home != target.resource.region:
        raise Declined(f"The trail is changed in its home Region, {home}")
    target.set(TRAIL_REGIONS, {"IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": True})


def _stage(resource: Resource, _key: str = "") -> Mapping[str, Any]:
    """Take API and stage from `arn:aws:apigateway:region::/restapis/ID/stages/NAME`."""
    parts = resource.uid.split("/")
    return {"restApiId": parts[2], "stageName": parts[4]}


STAGE_TRACING = Aspect(
    "stage tracing",
    read="apigateway:GetStage",
    writes=("apigateway:UpdateStage",),
    ask=_stage,
    state=lambda answer, _: bool(answer.get("tracingEnabled")),
    write=lambda resource, _, state: LiveCall(
        "apigateway:UpdateStage",
        {
            **_stage(resource),
            "patchOperations": [
                {"op": "replace", "path": "/tracingEnabled", "value": str(state).lower()}
            ],
        },
    ),
)


@live("PL-APIGATEWAY-003", STAGE_TRACING)
def stage_tracing(target: LiveTarget) -> None:
    """API Gateway sends the traces itself and needs no role for it."""
    target.set(STAGE_TRACING, True)


_FACTORS = (
    "MfaConfiguration",
    "SmsMfaConfiguration",
    "SoftwareTokenMfaConfiguration",
    "EmailMfaConfiguration",
    "WebAuthnConfiguration",
)
"""SetUserPoolMfaConfig takes all of these at once: one that is left out is switched off."""


def _pool(resource: Resource, _key: str = "") -> Mapping[str, Any]:
    return {"UserPoolId": resource.uid.rsplit("/", 1)[-1]}


SECOND_FACTOR = Aspect(
    "multi-factor sign-in",
    read="cognito-idp:GetUserPoolMfaConfig",
    writes=("cognito-idp:SetUserPoolMfaConfig",),
    ask=_pool,
    state=lambda answer, _: {name: answer[name] for name in _FACTORS if answer.get(name)},
    write=lambda resource, _, state: LiveCall(
        "cognito-idp:SetUserPoolMfaConfig", {**_pool(resource), **state}
    ),
    same=lambda state: {"SoftwareTokenMfaConfiguration": {"Enabled": False}, **state},
)


@live("PL-COGNITO-001", SECOND_FACTOR)
def second_factor(target: LiveTarget) -> None:
    """An authenticator app: text messages would need a role and cost money."""
    wanted = {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
    target.set(SECOND_FACTOR, {**target.read(SECOND_FACTOR), **wanted})
