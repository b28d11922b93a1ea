"""S3 and ECR: where objects and images lie, who may read them, how they are kept."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collectors.document import capitalised, pick, policy
from collectors.reader import Answer, Reader
from collectors.registry import collector
from core.types import EMPTY, Resource

BUCKET = "AWS::S3::Bucket"
BUCKET_POLICY = "AWS::S3::BucketPolicy"
REPOSITORY = "AWS::ECR::Repository"

_GONE = ("NoSuchBucket",)


@collector(
    yields=(BUCKET, BUCKET_POLICY),
    calls=(
        "s3:ListBuckets",
        "s3:GetBucketEncryption",
        "s3:GetBucketPolicy",
        "s3:GetPublicAccessBlock",
        "s3:GetBucketVersioning",
        "s3:GetBucketLogging",
        "s3:GetBucketOwnershipControls",
        "s3:GetBucketAcl",
        "s3:GetBucketLifecycleConfiguration",
    ),
)
def s3_buckets(aws: Reader) -> Iterator[Resource]:
    """Buckets of this region: encryption, policy, public access, versioning, logging, lifecycle."""
    if aws.only is not None:
        name = aws.only.uid.split("|")[0].rsplit(":", 1)[-1]
        buckets: list[Mapping[str, Any]] = [{"Name": name}]
    else:
        buckets = aws.listed(
            "s3:ListBuckets", "Buckets", of=BUCKET, BucketRegion=aws.place.region, MaxBuckets=1000
        )
    yield from aws.each(buckets, lambda bucket: _bucket(aws, bucket))


def _bucket(aws: Reader, bucket: Mapping[str, Any]) -> Iterator[Resource]:
    name = bucket["Name"]
    arn = f"arn:{aws.place.partition}:s3:::{name}"

    def ask(operation: str, *absent: str, of: str = BUCKET) -> Answer:
        return aws.ask(f"s3:{operation}", uid=arn, of=of, absent=(*_GONE, *absent), Bucket=name)

    versioning = ask("GetBucketVersioning")  # absent only when the bucket itself is gone
    if versioning.body is None and not versioning.unread:
        return
    ownership = ask("GetBucketOwnershipControls", "OwnershipControlsNotFoundError")
    encryption = ask("GetBucketEncryption", "ServerSideEncryptionConfigurationNotFoundError")
    block = ask("GetPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration")
    logging = ask("GetBucketLogging")
    lifecycle = ask("GetBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration")
    access = ask("GetBucketPolicy", "NoSuchBucketPolicy", of=BUCKET_POLICY)
    # Without ACLs (the default since April 2023) there is nothing in an ACL to ask for.
    acl = Answer() if _enforced(ownership) else ask("GetBucketAcl")
    resource = aws.resource(
        BUCKET,
        uid=arn,
        name=name,
        aliases=(name, f"{name}.s3.amazonaws.com", f"{name}.s3.{aws.place.region}.amazonaws.com"),
        created_at=bucket.get("CreationDate"),
        unreadable={BUCKET_POLICY: access.unread} if access.unread else EMPTY,
        properties={
            "BucketName": name,
            "BucketEncryption": encryption.value(_encryption),
            "PublicAccessBlockConfiguration": block.value(
                lambda body: body["PublicAccessBlockConfiguration"]
            ),
            **versioning.properties(("VersioningConfiguration",), _versioning),
            "LoggingConfiguration": logging.value(_logging),
            "OwnershipControls": ownership.value(lambda body: body["OwnershipControls"]),
            "LifecycleConfiguration": lifecycle.value(_lifecycle),
            "AccessControlGrants": acl.value(_grants),
            "AccessControl": acl.value(_canned),
        },
    )
    yield resource
    if access.body:
        yield aws.part(
            resource,
            BUCKET_POLICY,
            "policy",
            {"Bucket": name, "PolicyDocument": policy(access.body["Policy"])},
        )


def _enforced(ownership: Answer) -> bool:
    rules = ((ownership.body or {}).get("OwnershipControls") or {}).get("Rules") or ()
    return any(rule.get("ObjectOwnership") == "BucketOwnerEnforced" for rule in rules)


def _encryption(body: Mapping[str, Any]) -> dict[str, Any]:
    rules = body["ServerSideEncryptionConfiguration"].get("Rules") or ()
    return {"ServerSideEncryptionConfiguration": [_encryption_rule(rule) for rule in rules]}


def _encryption_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    default = rule.get("ApplyServerSideEncryptionByDefault") or {}
    return {
        "ServerSideEncryptionByDefault": pick(default, "SSEAlgorithm", "KMSMasterKeyID"),
        **pick(rule, "BucketKeyEnabled"),
    }


def _versioning(body: Mapping[str, Any]) -> dict[str, Any]:
    found = pick(body, "Status", "MFADelete")
    return {"VersioningConfiguration": found} if found else {}


def _logging(body: Mapping[str, Any]) -> dict[str, Any] | None:
    enabled = body.get("LoggingEnabled")
    if not enabled:
        return None
    found = {"DestinationBucketName": enabled.get("TargetBucket")}
    prefix = enabled.get("TargetPrefix")
    return {**found, "LogFilePrefix": prefix} if prefix else found


def _lifecycle(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"Rules": [_lifecycle_rule(rule) for rule in body.get("Rules") or ()]}


def _lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    expiration = rule.get("Expiration") or {}
    noncurrent = rule.get("NoncurrentVersionExpiration") or {}
    return {
        **{"Id" if key == "ID" else key: rule[key] for key in ("ID", "Status") if key in rule},
        "Prefix": rule.get("Prefix") or (rule.get("Filter") or {}).get("Prefix") or "",
        **({"ExpirationInDays": expiration["Days"]} if "Days" in expiration else {}),
        **(
            {"NoncurrentVersionExpiration": pick(noncurrent, "NoncurrentDays")}
            if noncurrent
            else {}
        ),
        "Transitions": [
            {"StorageClass": each.get("StorageClass"), "TransitionInDays": each.get("Days")}
            for each in rule.get("Transitions") or ()
        ],
        **pick(rule, "AbortIncompleteMultipartUpload"),
    }


_GROUPS = "http://acs.amazonaws.com/groups/"


def _grants(body: Mapping[str, Any]) -> Sequence[Mapping[str, str]] | None:
    """Return what the ACL grants to anyone but the owner: who and which permission."""
    owner = (body.get("Owner") or {}).get("ID")
    grants = []
    for grant in body.get("Grants") or ():
        grantee = grant.get("Grantee") or {}
        if grantee.get("ID") == owner and owner:
            continue
        who = str(grantee.get("URI", "")).removeprefix(_GROUPS) or grantee.get("ID", "")
        grants.append({"Grantee": who, "Permission": grant.get("Permission", "")})
    return grants or None


def _canned(body: Mapping[str, Any]) -> str | None:
    """Return the canned ACL that grants to strangers amount to, as a template would name it."""
    grants = {(each["Grantee"], each["Permission"]) for each in _grants(body) or ()}
    everyone = {permission for who, permission in grants if who == "global/AllUsers"}
    if everyone & {"WRITE", "FULL_CONTROL"}:
        return "PublicReadWrite"
    if everyone:
        return "PublicRead"
    known = any(who == "global/AuthenticatedUsers" for who, _ in grants)
    return "AuthenticatedRead" if known else None


@collector(
    yields=(REPOSITORY,),
    calls=(
        "ecr:DescribeRepositories",
        "ecr:GetRepositoryPolicy",
        "ecr:GetLifecyclePolicy",
        "ecr:ListTagsForResource",
    ),
)
def ecr_repositories(aws: Reader) -> Iterator[Resource]:
    """Image repositories: scanning, tag immutability, encryption, policy and lifecycle."""
    repositories = aws.listed("ecr:DescribeRepositories", "repositories", of=REPOSITORY)
    yield from aws.each(repositories, lambda each: [_repository(aws, each)])


def _repository(aws: Reader, repository: Mapping[str, Any]) -> Resource:
    name, arn = repository["repositoryName"], repository["repositoryArn"]
    access = aws.ask(
        "ecr:GetRepositoryPolicy", uid=arn, of=REPOSITORY,
        absent=("RepositoryPolicyNotFoundException",), repositoryName=name,
    )  # fmt: skip
    lifecycle = aws.ask(
        "ecr:GetLifecyclePolicy", uid=arn, of=REPOSITORY,
        absent=("LifecyclePolicyNotFoundException",), repositoryName=name,
    )  # fmt: skip
    tags, unread = aws.own_tags("ecr:ListTagsForResource", "tags", uid=arn, resourceArn=arn)
    encryption = repository.get("encryptionConfiguration") or {}
    return aws.resource(
        REPOSITORY,
        uid=arn,
        name=name,
        aliases=(name, repository.get("repositoryUri")),
        created_at=repository.get("createdAt"),
        tags=tags,
        unreadable=unread,
        properties={
            "RepositoryName": name,
            "ImageTagMutability": repository.get("imageTagMutability"),
            "ImageScanningConfiguration": capitalised(
                repository.get("imageScanningConfiguration") or {}
            ),
            "EncryptionConfiguration": capitalised(encryption) or None,
            "RepositoryPolicyText": access.value(lambda body: policy(body["policyText"])),
            "LifecyclePolicy": lifecycle.value(
                lambda body: {"LifecyclePolicyText": body["lifecyclePolicyText"]}
            ),
        },
    )
