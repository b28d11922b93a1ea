"""AWS::CloudFront::*, AWS::ECR::*."""

import copy
from collections.abc import Mapping
from typing import Any

from sandbox.aws import shape
from sandbox.aws.handler import NOT_IN_MOTO, Call, Handler, record_only, register
from sandbox.aws.readback import equal
from sandbox.aws.server import ACCOUNT


def _distribution(call: Call) -> dict[str, Any]:
    declared = copy.deepcopy(call.get("DistributionConfig") or {})
    for origin in declared.get("Origins") or ():
        s3 = origin.get("S3OriginConfig")
        if isinstance(s3, dict):
            s3.setdefault("OriginAccessIdentity", "")
        custom = origin.get("CustomOriginConfig")
        if isinstance(custom, dict):
            custom.setdefault("HTTPPort", 80)
            custom.setdefault("HTTPSPort", 443)
    for behavior in (declared.get("DefaultCacheBehavior"), *(declared.get("CacheBehaviors") or ())):
        if isinstance(behavior, dict) and isinstance(behavior.get("ForwardedValues"), dict):
            behavior["ForwardedValues"].setdefault("Cookies", {"Forward": "none"})
    return {
        "CallerReference": call.logical_id,
        "Comment": "",
        **declared,
    }


def _create_distribution(call: Call) -> str:
    found: dict[str, Any] = call.api(
        "cloudfront",
        "create_distribution_with_tags",
        {
            "DistributionConfigWithTags": {
                "DistributionConfig": _distribution(call),
                "Tags": {"Items": call.tag_list()},
            }
        },
    )
    return str(found["Distribution"]["Id"])


def _update_distribution(call: Call) -> None:
    held = call.api("cloudfront", "get_distribution", Id=call.physical_id)
    call.api(
        "cloudfront",
        "update_distribution",
        {"DistributionConfig": _distribution(call)},
        Id=call.physical_id,
        IfMatch=held["ETag"],
    )


def _read_distribution(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api("cloudfront", "get_distribution", Id=call.physical_id)[
        "Distribution"
    ]
    arn = f"arn:aws:cloudfront::{ACCOUNT}:distribution/{call.physical_id}"
    tags = call.api("cloudfront", "list_tags_for_resource", Resource=arn)["Tags"]["Items"]
    observed = found["DistributionConfig"]
    client = call.aws.client("cloudfront")
    operation = client.meta.service_model.operation_model("CreateDistribution")
    wanted = shape.convert(operation.input_shape.members["DistributionConfig"], _distribution(call))
    for name in ("CallerReference",):
        wanted.pop(name, None)
    return {
        "DistributionConfig": call.get("DistributionConfig")
        if equal(wanted, observed)
        else observed,
        "Tags": tags,
    }


def _delete_distribution(call: Call) -> None:
    held = call.api("cloudfront", "get_distribution", Id=call.physical_id)
    call.api("cloudfront", "delete_distribution", Id=call.physical_id, IfMatch=held["ETag"])


register(
    Handler(
        type="AWS::CloudFront::Distribution",
        create=_create_distribution,
        read=_read_distribution,
        update=_update_distribution,
        delete=_delete_distribution,
        attributes=lambda call: {
            "Id": call.physical_id,
            "DomainName": call.api("cloudfront", "get_distribution", Id=call.physical_id)[
                "Distribution"
            ]["DomainName"],
        },
        not_verifiable={
            "DistributionConfig.HttpVersion": NOT_IN_MOTO,
            "DistributionConfig.IPV6Enabled": NOT_IN_MOTO,
            "DistributionConfig.DefaultCacheBehavior": "moto keeps part of it: the rest is absent",
            "DistributionConfig.CacheBehaviors": "moto keeps part of it: the rest is absent",
            "DistributionConfig.Origins": "moto fills origins with defaults",
            "DistributionConfig.CustomErrorResponses": NOT_IN_MOTO,
            "DistributionConfig.Restrictions": NOT_IN_MOTO,
        },
    )
)


for _noun in ("CachePolicy", "OriginRequestPolicy", "CloudFrontOriginAccessIdentity", "Function"):
    record_only(
        f"AWS::CloudFront::{_noun}",
        f"moto has no {_noun} of CloudFront",
        attributes=("Id", "S3CanonicalUserId", "FunctionARN"),
    )


def _access_control(call: Call) -> str:
    found: dict[str, Any] = call.api("cloudfront", "create_origin_access_control", call.properties)
    return str(found["OriginAccessControl"]["Id"])


register(
    Handler(
        type="AWS::CloudFront::OriginAccessControl",
        create=_access_control,
        read=lambda call: call.api("cloudfront", "get_origin_access_control", Id=call.physical_id)[
            "OriginAccessControl"
        ],
        delete=lambda call: call.api(
            "cloudfront", "delete_origin_access_control", Id=call.physical_id
        ),
        attributes=lambda call: {"Id": call.physical_id},
    )
)


def _create_repository(call: Call) -> str:
    call.physical_id = call.name("RepositoryName", limit=256, lower=True)
    call.api(
        "ecr",
        "create_repository",
        {k: v for k, v in call.properties.items() if k != "Tags"},
        repositoryName=call.physical_id,
        tags=call.tag_list(),
    )
    _repository_policies(call)
    return call.physical_id


def _repository_policies(call: Call) -> None:
    key = {"repositoryName": call.physical_id}
    if call.get("RepositoryPolicyText"):
        text = shape.text(call.get("RepositoryPolicyText"))
        call.api("ecr", "set_repository_policy", **key, policyText=text)
    elif call.previous.get("RepositoryPolicyText"):
        call.api("ecr", "delete_repository_policy", **key)
    lifecycle = (call.get("LifecyclePolicy") or {}).get("LifecyclePolicyText")
    if lifecycle:
        call.api("ecr", "put_lifecycle_policy", **key, lifecyclePolicyText=shape.text(lifecycle))


def _update_repository(call: Call) -> None:
    key = {"repositoryName": call.physical_id}
    if call.changed("ImageScanningConfiguration"):
        wanted = call.get("ImageScanningConfiguration") or {"ScanOnPush": False}
        call.api(
            "ecr", "put_image_scanning_configuration", {"imageScanningConfiguration": wanted}, **key
        )
    if call.changed("ImageTagMutability"):
        wanted = call.get("ImageTagMutability") or "MUTABLE"
        call.api("ecr", "put_image_tag_mutability", **key, imageTagMutability=wanted)
    _repository_policies(call)
    arn = call.arn("ecr", f"repository/{call.physical_id}")
    call.retag("ecr", call.tag_list(), resourceArn=arn)


def _read_repository(call: Call) -> Mapping[str, Any]:
    key = {"repositoryName": call.physical_id}
    found: dict[str, Any] = call.api(
        "ecr", "describe_repositories", repositoryNames=[call.physical_id]
    )
    repository: dict[str, Any] = found["repositories"][0]
    arn = repository["repositoryArn"]
    observed = repository | {
        "Tags": call.api("ecr", "list_tags_for_resource", resourceArn=arn)["tags"]
    }
    if call.get("RepositoryPolicyText"):
        observed["RepositoryPolicyText"] = call.api("ecr", "get_repository_policy", **key)[
            "policyText"
        ]
    if call.get("LifecyclePolicy"):
        observed["LifecyclePolicy"] = call.api("ecr", "get_lifecycle_policy", **key)
    return observed


register(
    Handler(
        type="AWS::ECR::Repository",
        create=_create_repository,
        read=_read_repository,
        update=_update_repository,
        delete=lambda call: call.api(
            "ecr", "delete_repository", repositoryName=call.physical_id, force=True
        ),
        attributes=lambda call: {
            "Arn": call.arn("ecr", f"repository/{call.physical_id}"),
            "RepositoryUri": f"{ACCOUNT}.dkr.ecr.{call.aws.region}.amazonaws.com/{call.physical_id}",
        },
        immutable=frozenset({"RepositoryName", "EncryptionConfiguration"}),
        not_verifiable={
            "EmptyOnDelete": "a switch of the deletion, not a property",
            "ImageTagMutabilityExclusionFilters": NOT_IN_MOTO,
        },
    )
)
