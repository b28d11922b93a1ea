"""Buckets: lifecycle, keys of KMS, policies, and the buckets of trails."""

from collections.abc import Mapping
from typing import Any

from core.errors import Declined
from core.gate import Tier
from remediation import companion
from remediation.blueprint import blueprint
from remediation.blueprints.storage import bucket_acl, public_access_block
from remediation.draft import Target, appended, ref_id, sub

UPLOAD_DAYS = 7  # S3 guide's own example; an upload that is a week old is not coming back


@blueprint(
    "PL-S3-023",
    "PL-S3-024",
    summary=f"End uploads that were not completed within {UPLOAD_DAYS} days",
    tier=Tier.DATA,
    may_break=(f"Uploads that take longer than {UPLOAD_DAYS} days fail; no object is deleted",),
    cost="saves storage of parts that nobody sees",
)
def abort_uploads(target: Target) -> None:
    """How long objects are kept only their owner knows; parts of failed uploads serve nobody."""
    rule = {
        "Id": "AbortIncompleteUploads",
        "Status": "Enabled",
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": UPLOAD_DAYS},
    }
    target.append(("LifecycleConfiguration", "Rules"), rule)


@blueprint(
    "PL-S3-033",
    "PL-S3-109",
    summary="Refuse requests to the bucket that do not use TLS",
    tier=Tier.NETWORK,
    may_break=("Clients that speak plain HTTP get 403",),
)
def policy_tls_only(target: Target) -> None:
    """The statement is of the bucket that the policy is for, in this template or not."""
    bucket = target.get("Bucket")
    resources = _arns(bucket)
    statement = companion.deny_plain_http("s3:*", resources)
    path = ("PolicyDocument", "Statement")
    target.draft.set(target.id, *appended(target.properties, path, statement, target.id))


def _arns(bucket: Any) -> list[Any]:
    """Return the ARNs of a bucket and its objects from what a policy names it by."""
    arn = "arn:${AWS::Partition}:s3:::"
    owner = ref_id(bucket)
    if owner is not None:
        return [sub(f"{arn}${{{owner}}}"), sub(f"{arn}${{{owner}}}/*")]
    text = bucket.get("Fn::Sub") if isinstance(bucket, Mapping) else bucket
    if not isinstance(text, str) or not text:
        raise Declined("Which bucket the policy is for cannot be read from the template")
    return [sub(f"{arn}{text}"), sub(f"{arn}{text}/*")]


@blueprint(
    "PL-CLOUDTRAIL-009",
    summary="Block public access to the trail's bucket",
    tier=Tier.NETWORK,
    asks_who_calls=True,
    may_break=("Anonymous readers of the trail's log files get 403",),
)
def trail_bucket_block(target: Target) -> None:
    """The bucket is the one to change."""
    public_access_block(_bucket_of(target))


@blueprint(
    "PL-CLOUDTRAIL-012",
    summary="Make the ACL of the trail's bucket private",
    tier=Tier.NETWORK,
    asks_who_calls=True,
    may_break=("Whoever reads the trail's log files through the public ACL gets 403",),
)
def trail_bucket_acl(target: Target) -> None:
    """The bucket is the one to change."""
    bucket_acl(_bucket_of(target))


def _bucket_of(target: Target) -> Target:
    return target.other(str(ref_id(target.get("S3BucketName"))))
