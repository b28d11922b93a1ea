"""AWS::S3::*: a bucket is one create and one call for each of its configurations."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.aws import shape
from sandbox.aws.handler import NOT_IN_MOTO, Call, Handler, register


@dataclass(frozen=True, slots=True)
class Part:
    """One configuration of a bucket: how it is put, removed, fetched and spelled."""

    put: str
    get: str
    delete: str = ""
    parameter: str = ""
    answer: str = ""
    to_api: Callable[[Any], Any] = lambda value: value
    from_api: Callable[[Any], Any] = lambda value: value
    empty: Any = None


def _rename(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {names.get(k, k): _rename(v, names) for k, v in value.items()}
    if isinstance(value, list):
        return [_rename(item, names) for item in value]
    return value


def _back(names: Mapping[str, str]) -> dict[str, str]:
    return {new: old for old, new in names.items()}


_ENCRYPTION = {
    "ServerSideEncryptionConfiguration": "Rules",
    "ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault",
}
_CORS = {"ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds", "Id": "ID"}
_LOGGING = {"DestinationBucketName": "TargetBucket", "LogFilePrefix": "TargetPrefix"}


def _lifecycle(value: Any) -> Any:
    return {"Rules": [_lifecycle_rule(rule) for rule in value["Rules"]]}


def _lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"Status": rule["Status"]}
    if "Id" in rule:
        found["ID"] = rule["Id"]
    found["Filter"] = _lifecycle_filter(rule)
    if "ExpirationInDays" in rule:
        found["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    noncurrent = rule.get("NoncurrentVersionExpirationInDays")
    if noncurrent is None:
        noncurrent = (rule.get("NoncurrentVersionExpiration") or {}).get("NoncurrentDays")
    if noncurrent is not None:
        found["NoncurrentVersionExpiration"] = {"NoncurrentDays": int(noncurrent)}
    transitions = rule.get("Transitions") or ([rule["Transition"]] if "Transition" in rule else [])
    if transitions:
        found["Transitions"] = [
            {"StorageClass": t["StorageClass"], "Days": int(t["TransitionInDays"])}
            for t in transitions
            if "TransitionInDays" in t
        ]
    if "AbortIncompleteMultipartUpload" in rule:
        days = int(rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"])
        found["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
    return found


def _lifecycle_filter(rule: Mapping[str, Any]) -> dict[str, Any]:
    tags = [{"Key": t["Key"], "Value": t["Value"]} for t in rule.get("TagFilters") or ()]
    prefix = str(rule.get("Prefix", ""))
    if not tags:
        return {"Prefix": prefix}
    if len(tags) == 1 and not prefix:
        return {"Tag": tags[0]}
    return {"And": {"Prefix": prefix, "Tags": tags}}


def _notification(value: Any) -> dict[str, Any]:
    kinds = (
        ("LambdaConfigurations", "LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
        ("QueueConfigurations", "QueueConfigurations", "Queue", "QueueArn"),
        ("TopicConfigurations", "TopicConfigurations", "Topic", "TopicArn"),
    )
    found: dict[str, Any] = {}
    for declared, api, target, arn in kinds:
        rows = [
            {arn: row[target], "Events": [row["Event"]], **_notification_filter(row)}
            for row in value.get(declared) or ()
        ]
        if rows:
            found[api] = rows
    bridge = value.get("EventBridgeConfiguration")
    if bridge and str(bridge.get("EventBridgeEnabled", "true")).lower() == "true":
        found["EventBridgeConfiguration"] = {}
    return found


def _notification_filter(row: Mapping[str, Any]) -> dict[str, Any]:
    rules = ((row.get("Filter") or {}).get("S3Key") or {}).get("Rules") or ()
    if not rules:
        return {}
    return {
        "Filter": {
            "Key": {
                "FilterRules": [
                    {"Name": str(r["Name"]).capitalize(), "Value": r["Value"]} for r in rules
                ]
            }
        }
    }


_PARTS: Mapping[str, Part] = {
    "BucketEncryption": Part(
        put="put_bucket_encryption",
        get="get_bucket_encryption",
        delete="delete_bucket_encryption",
        parameter="ServerSideEncryptionConfiguration",
        to_api=lambda v: _rename(v, _ENCRYPTION),
    ),
    "VersioningConfiguration": Part(
        put="put_bucket_versioning",
        get="get_bucket_versioning",
        parameter="VersioningConfiguration",
        empty={"Status": "Suspended"},
    ),
    "PublicAccessBlockConfiguration": Part(
        put="put_public_access_block",
        get="get_public_access_block",
        delete="delete_public_access_block",
        parameter="PublicAccessBlockConfiguration",
    ),
    "OwnershipControls": Part(
        put="put_bucket_ownership_controls",
        get="get_bucket_ownership_controls",
        delete="delete_bucket_ownership_controls",
        parameter="OwnershipControls",
    ),
    "LifecycleConfiguration": Part(
        put="put_bucket_lifecycle_configuration",
        get="get_bucket_lifecycle_configuration",
        delete="delete_bucket_lifecycle",
        parameter="LifecycleConfiguration",
        to_api=_lifecycle,
    ),
    "LoggingConfiguration": Part(
        put="put_bucket_logging",
        get="get_bucket_logging",
        parameter="BucketLoggingStatus",
        to_api=lambda v: (
            {"LoggingEnabled": {"TargetPrefix": "", **_rename(v, _LOGGING)}} if v else {}
        ),
        empty={},
    ),
    "CorsConfiguration": Part(
        put="put_bucket_cors",
        get="get_bucket_cors",
        delete="delete_bucket_cors",
        parameter="CORSConfiguration",
        to_api=lambda v: {"CORSRules": _rename(v["CorsRules"], _CORS)},
    ),
    "WebsiteConfiguration": Part(
        put="put_bucket_website",
        get="get_bucket_website",
        delete="delete_bucket_website",
        parameter="WebsiteConfiguration",
        to_api=lambda v: {
            k: w
            for k, w in {
                "IndexDocument": {"Suffix": v["IndexDocument"]} if "IndexDocument" in v else None,
                "ErrorDocument": {"Key": v["ErrorDocument"]} if "ErrorDocument" in v else None,
                "RedirectAllRequestsTo": v.get("RedirectAllRequestsTo"),
            }.items()
            if w is not None
        },
    ),
    "NotificationConfiguration": Part(
        put="put_bucket_notification_configuration",
        get="get_bucket_notification_configuration",
        parameter="NotificationConfiguration",
        to_api=_notification,
        empty={},
    ),
    "AccelerateConfiguration": Part(
        put="put_bucket_accelerate_configuration",
        get="get_bucket_accelerate_configuration",
        parameter="AccelerateConfiguration",
        to_api=lambda v: {"Status": v["AccelerationStatus"]},
        empty={"AccelerationStatus": "Suspended"},
    ),
}


def _create_bucket(call: Call) -> str:
    call.physical_id = call.name("BucketName", limit=63, lower=True)
    fixed: dict[str, Any] = {"Bucket": call.physical_id}
    if call.aws.region != "us-east-1":
        fixed["CreateBucketConfiguration"] = {"LocationConstraint": call.aws.region}
    if str(call.get("ObjectLockEnabled", "")).lower() == "true":
        fixed["ObjectLockEnabledForBucket"] = True
    call.api("s3", "create_bucket", **fixed)
    _apply(call, changed_only=False)
    return call.physical_id


def _apply(call: Call, *, changed_only: bool) -> None:
    for name, part in _PARTS.items():
        if changed_only and not call.changed(name):
            continue
        value = call.get(name)
        if value is not None:
            _put(call, part, part.to_api(value))
        elif name in call.previous and part.delete:
            call.api("s3", part.delete, Bucket=call.physical_id)
        elif name in call.previous:
            _put(call, part, part.to_api(part.empty) if part.empty else {})
    if call.get("AccessControl") and (not changed_only or call.changed("AccessControl")):
        _set_acl(call)
    call.api(
        "s3", "put_bucket_tagging", Bucket=call.physical_id, Tagging={"TagSet": call.tag_list()}
    )


def _put(call: Call, part: Part, value: Any) -> None:
    call.api("s3", part.put, {"Bucket": call.physical_id, part.parameter: value})


_ACLS = {
    "Private": "private",
    "PublicRead": "public-read",
    "PublicReadWrite": "public-read-write",
    "AuthenticatedRead": "authenticated-read",
    "LogDeliveryWrite": "log-delivery-write",
    "BucketOwnerRead": "bucket-owner-read",
    "BucketOwnerFullControl": "bucket-owner-full-control",
    "AwsExecRead": "aws-exec-read",
}


def _set_acl(call: Call) -> None:
    acl = _ACLS.get(str(call.get("AccessControl")), str(call.get("AccessControl")))
    call.api("s3", "put_bucket_acl", Bucket=call.physical_id, ACL=acl)


def _read_bucket(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = {
        "BucketName": call.physical_id,
        "Tags": call.api("s3", "get_bucket_tagging", Bucket=call.physical_id)["TagSet"],
    }
    for name, part in _PARTS.items():
        declared = call.get(name)
        if declared is not None:
            observed = _fetch(call, part)
            wanted = shape.convert(_parameter_shape(call, part), part.to_api(declared))
            found[name] = declared if _holds(wanted, observed) else observed
    if str(call.get("ObjectLockEnabled", "")).lower() == "true":
        lock = call.api("s3", "get_object_lock_configuration", Bucket=call.physical_id)
        found["ObjectLockEnabled"] = (
            lock["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"
        )
    return found


def _parameter_shape(call: Call, part: Part) -> Any:
    client = call.aws.client("s3")
    operation = client.meta.method_to_api_mapping[part.put]
    return client.meta.service_model.operation_model(operation).input_shape.members[part.parameter]


def _fetch(call: Call, part: Part) -> Any:
    from botocore.exceptions import ClientError

    try:
        found = call.api("s3", part.get, Bucket=call.physical_id)
    except ClientError as error:
        # S3 answers "there is none" with an error of its own for each kind of configuration.
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return None
        raise
    return found.get(part.parameter, {k: v for k, v in found.items() if k != "ResponseMetadata"})


def _holds(wanted: Any, observed: Any) -> bool:
    from sandbox.aws.readback import equal

    return observed is not None and equal(wanted, observed)


def _delete_bucket(call: Call) -> None:
    listed = call.api("s3", "list_object_versions", Bucket=call.physical_id)
    for version in [*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())]:
        call.api(
            "s3",
            "delete_object",
            Bucket=call.physical_id,
            Key=version["Key"],
            VersionId=version["VersionId"],
        )
    call.api("s3", "delete_bucket", Bucket=call.physical_id)


register(
    Handler(
        type="AWS::S3::Bucket",
        create=_create_bucket,
        read=_read_bucket,
        update=lambda call: _apply(call, changed_only=True),
        delete=_delete_bucket,
        attributes=lambda call: {
            "Arn": f"arn:aws:s3:::{call.physical_id}",
            "DomainName": f"{call.physical_id}.s3.amazonaws.com",
            "RegionalDomainName": f"{call.physical_id}.s3.{call.aws.region}.amazonaws.com",
            "WebsiteURL": f"http://{call.physical_id}.s3-website-{call.aws.region}.amazonaws.com",
        },
        immutable=frozenset({"BucketName", "ObjectLockEnabled"}),
        not_verifiable={
            "AccessControl": "S3 turns a canned ACL into grants and does not give its name back",
            "AnalyticsConfigurations": NOT_IN_MOTO,
            "IntelligentTieringConfigurations": NOT_IN_MOTO,
            "InventoryConfigurations": NOT_IN_MOTO,
            "MetadataTableConfiguration": NOT_IN_MOTO,
            "MetricsConfigurations": NOT_IN_MOTO,
            "ObjectLockConfiguration": "the deployer sets only whether it is enabled",
            "ReplicationConfiguration": "the deployer does not replicate buckets",
        },
    )
)


def _put_policy(call: Call) -> str:
    bucket = str(call.get("Bucket"))
    document = call.get("PolicyDocument")
    text = document if isinstance(document, str) else json.dumps(document)
    call.api("s3", "put_bucket_policy", Bucket=bucket, Policy=text)
    return bucket


register(
    Handler(
        type="AWS::S3::BucketPolicy",
        create=_put_policy,
        read=lambda call: {
            "Bucket": call.get("Bucket"),
            "PolicyDocument": call.api("s3", "get_bucket_policy", Bucket=call.get("Bucket"))[
                "Policy"
            ],
        },
        update=_put_policy,
        delete=lambda call: call.api("s3", "delete_bucket_policy", Bucket=call.get("Bucket")),
        immutable=frozenset({"Bucket"}),
        part_of=("Bucket",),
    )
)
