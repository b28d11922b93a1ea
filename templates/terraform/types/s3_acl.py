"""The access control list of a bucket."""

from typing import Any

from core.types import is_unknown
from templates.terraform.mapping import ABSENT, Attributes, Take, first, listed, look, renamed

# Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl
_ACL_NAMES = {
    "private": "Private",
    "public-read": "PublicRead",
    "public-read-write": "PublicReadWrite",
    "authenticated-read": "AuthenticatedRead",
    "aws-exec-read": "AwsExecRead",
    "bucket-owner-read": "BucketOwnerRead",
    "bucket-owner-full-control": "BucketOwnerFullControl",
    "log-delivery-write": "LogDeliveryWrite",
}
_GROUPS = "http://acs.amazonaws.com/groups/"
_EVERYONE, _AUTHENTICATED = "global/AllUsers", "global/AuthenticatedUsers"
_WRITING = frozenset({"WRITE", "FULL_CONTROL"})
_OWNER = "${data.aws_canonical_user_id."


def acl(canned: str, grants: str) -> dict[str, Take]:
    """Return the rows of an ACL: its canned name, or the one that its grants come to.

    CloudFormation has no grants; their name and form are those of a bucket that is read live.
    """
    written = _granted(grants)
    named = first(renamed(canned, _ACL_NAMES), lambda attributes: _canned(written(attributes)))
    return {"AccessControl": named, "AccessControlGrants": written}


def _granted(block: str) -> Take:
    """Take what is granted to anyone but the owner: to whom, and which permission."""

    def take(attributes: Attributes) -> Any:
        grants = look(attributes, block)
        if grants is ABSENT or is_unknown(grants):
            return grants
        written = grants if isinstance(grants, list) else [grants]
        return [entry for grant in written for entry in _entries(grant)]

    return take


def _entries(grant: Any) -> list[Any]:
    if is_unknown(grant):
        return [grant]
    grantee = first("grantee.uri", "uri", "grantee.id", "id")(grant)
    if isinstance(grantee, str) and grantee.startswith(_OWNER):
        return []
    rights = listed("permission", "permissions")(grant)
    who = grantee.removeprefix(_GROUPS) if isinstance(grantee, str) else grantee
    return [
        {"Grantee": who, "Permission": right}
        for right in (rights if isinstance(rights, list) else [])
        if who is not ABSENT
    ]


def _canned(grants: Any) -> Any:
    if not isinstance(grants, list):
        return grants
    doubtful = next((g for g in grants if is_unknown(g) or is_unknown(g["Grantee"])), None)
    known = [g for g in grants if not is_unknown(g) and isinstance(g["Grantee"], str)]
    public = {str(g["Permission"]) for g in known if g["Grantee"] == _EVERYONE}
    if public & _WRITING:
        return "PublicReadWrite"
    if public:
        return "PublicRead"
    if doubtful is not None:
        return doubtful if is_unknown(doubtful) else doubtful["Grantee"]
    any_account = any(g["Grantee"] == _AUTHENTICATED for g in known)
    return "AuthenticatedRead" if any_account else "Private"
