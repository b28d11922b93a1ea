"""IAM: roles, users, groups and policies in one listing, and the credential report.

`GetAccountAuthorizationDetails` carries every inline policy, attachment, trust policy and tag.
AWS's own policies are read only when something is attached to them.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collectors.document import pick, plain_json, policy, tag_map
from collectors.reader import Reader
from collectors.registry import Scope, collector
from collectors.wire import CallFailed
from core.types import EMPTY, Resource, unknown

ROLE = "AWS::IAM::Role"
USER = "AWS::IAM::User"
GROUP = "AWS::IAM::Group"
MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
ACCESS_KEY = "AWS::IAM::AccessKey"

_KINDS = ("Role", "User", "Group", "LocalManagedPolicy")
_SERVICE_LINKED = "/aws-service-role/"  # owned by AWS services: nobody here can change them
_AWS_POLICY = ":iam::aws:policy/"
_ROOT = "<root_account>"  # what the credential report calls the root user


@collector(
    yields=(ROLE, USER, GROUP, MANAGED_POLICY, ACCESS_KEY),
    calls=(
        "iam:GetAccountAuthorizationDetails",
        "iam:ListPolicies",
        "iam:GetPolicyVersion",
        "iam:ListPolicyTags",
        "iam:GenerateCredentialReport",
        "iam:GetCredentialReport",
    ),
    scope=Scope.GLOBAL,
)
def iam_entities(aws: Reader) -> Iterator[Resource]:
    """Roles, users, groups and the policies attached to them; access keys of the root user."""
    try:
        pages = _details(aws)
    except CallFailed as error:
        for kind in (ROLE, USER, GROUP, MANAGED_POLICY):
            aws.gap(error, of=kind)
        return
    roles, users, groups, policies = (
        [item for page in pages for item in page.get(member) or ()]
        for member in ("RoleDetailList", "UserDetailList", "GroupDetailList", "Policies")
    )
    attached: set[str] = set()
    found = [_role(aws, role) for role in roles if not role["Path"].startswith(_SERVICE_LINKED)]
    report = _credential_report(aws) if users else {}
    found += [_user(aws, user, report) for user in users]
    found += [_group(aws, group) for group in groups]
    found += _root_keys(aws, report)
    if aws.only is not None:
        found = [each for each in found if each.uid == aws.only.uid]
        policies = [each for each in policies if each["Arn"] == aws.only.uid]
        attached.add(aws.only.uid)
    for entity in found:
        attached.update(entity.properties.get("ManagedPolicyArns", ()))
        boundary = entity.properties.get("PermissionsBoundary")
        attached.update([boundary] if boundary else [])
    yield from found
    for item in policies:
        if _AWS_POLICY not in item["Arn"]:
            yield _local_policy(aws, item)
    yield from _aws_policies(aws, sorted(arn for arn in attached if _AWS_POLICY in arn))


def _details(aws: Reader) -> list[Mapping[str, Any]]:
    kinds: Sequence[str] = _KINDS
    if aws.only is not None:
        kinds = {
            ROLE: ("Role",), USER: ("User",), GROUP: ("Group",),
            MANAGED_POLICY: ("LocalManagedPolicy",),
        }.get(aws.only.type, _KINDS)  # fmt: skip
    return list(aws.pages("iam:GetAccountAuthorizationDetails", Filter=list(kinds)))


def _inline(policies: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]] | None:
    return [
        {"PolicyName": each["PolicyName"], "PolicyDocument": policy(each["PolicyDocument"])}
        for each in policies or ()
    ] or None


def _attached(entity: Mapping[str, Any]) -> dict[str, Any]:
    arns = [each["PolicyArn"] for each in entity.get("AttachedManagedPolicies") or ()]
    boundary = (entity.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    return {"ManagedPolicyArns": arns or None, "PermissionsBoundary": boundary}


def _role(aws: Reader, role: Mapping[str, Any]) -> Resource:
    return aws.resource(
        ROLE,
        uid=role["Arn"],
        name=role["RoleName"],
        everywhere=True,
        aliases=(role["RoleName"], role.get("RoleId")),
        created_at=role.get("CreateDate"),
        tags=tag_map(role.get("Tags")),
        properties={
            **pick(role, "RoleName", "Path"),
            "AssumeRolePolicyDocument": policy(role.get("AssumeRolePolicyDocument")),
            "Policies": _inline(role.get("RolePolicyList")),
            **_attached(role),
            "RoleLastUsed": plain_json(role.get("RoleLastUsed") or {}) or None,
        },
    )


def _user(aws: Reader, user: Mapping[str, Any], report: Mapping[str, Any]) -> Resource:
    return aws.resource(
        USER,
        uid=user["Arn"],
        name=user["UserName"],
        everywhere=True,
        aliases=(user["UserName"], user.get("UserId")),
        created_at=user.get("CreateDate"),
        tags=tag_map(user.get("Tags")),
        properties={
            **pick(user, "UserName", "Path"),
            "Groups": user.get("GroupList") or None,
            "Policies": _inline(user.get("UserPolicyList")),
            **_attached(user),
            **_credentials(report, user["UserName"]),
        },
    )


def _group(aws: Reader, group: Mapping[str, Any]) -> Resource:
    return aws.resource(
        GROUP,
        uid=group["Arn"],
        name=group["GroupName"],
        everywhere=True,
        aliases=(group["GroupName"],),
        created_at=group.get("CreateDate"),
        tags=EMPTY,
        properties={
            **pick(group, "GroupName", "Path"),
            "Policies": _inline(group.get("GroupPolicyList")),
            **_attached(group),
        },
    )


def _managed(
    aws: Reader,
    item: Mapping[str, Any],
    document: Any,
    *,
    tags: Mapping[str, str] = EMPTY,
    unreadable: Mapping[str, str] = EMPTY,
) -> Resource:
    name = item.get("PolicyName") or item["Arn"].rsplit("/", 1)[-1]
    return aws.resource(
        MANAGED_POLICY,
        uid=item["Arn"],
        name=name,
        everywhere=True,
        aliases=(name,),
        created_at=item.get("CreateDate"),
        changed_at=item.get("UpdateDate"),
        tags=tags,
        unreadable=unreadable,
        properties={
            "ManagedPolicyName": name,
            **pick(item, "Path", "Description", "AttachmentCount"),
            "PolicyDocument": document,
        },
    )


def _local_policy(aws: Reader, item: Mapping[str, Any]) -> Resource:
    """Return a policy of this account; its tags are in no listing, so they are asked for."""
    tags, unread = aws.own_tags(
        "iam:ListPolicyTags", "Tags", of=MANAGED_POLICY, uid=item["Arn"], PolicyArn=item["Arn"]
    )
    return _managed(aws, item, _default_document(item), tags=tags, unreadable=unread)


def _default_document(item: Mapping[str, Any]) -> Any:
    for version in item.get("PolicyVersionList") or ():
        if version.get("IsDefaultVersion"):
            return policy(version.get("Document"))
    return unknown("the listing carries no default version of this policy")


def _aws_policies(aws: Reader, arns: Sequence[str]) -> Iterator[Resource]:
    """Yield AWS's own policies that are attached here, each with its document."""
    if not arns:
        return
    listed = {
        item["Arn"]: item
        for item in aws.listed(
            "iam:ListPolicies", "Policies", of=MANAGED_POLICY, Scope="AWS", OnlyAttached=True
        )
    }
    yield from aws.each(
        [listed[arn] for arn in arns if arn in listed], lambda item: [_aws_policy(aws, item)]
    )


def _aws_policy(aws: Reader, item: Mapping[str, Any]) -> Resource:
    answer = aws.ask(
        "iam:GetPolicyVersion", uid=item["Arn"], of=MANAGED_POLICY,
        PolicyArn=item["Arn"], VersionId=item["DefaultVersionId"],
    )  # fmt: skip
    return _managed(aws, item, answer.value(lambda body: policy(body["PolicyVersion"]["Document"])))


def _credential_report(aws: Reader) -> Mapping[str, Any]:
    """Return the account's credential report by user name, or {"": reason} when unreadable."""
    try:
        for _ in range(_REPORT_TRIES):
            if aws.call("iam:GenerateCredentialReport").get("State") == "COMPLETE":
                break
        content = aws.call("iam:GetCredentialReport")["Content"]
    except CallFailed as error:
        return {"": aws.gap(error, of=USER)}
    rows = csv.DictReader(content.decode().splitlines())
    return {row["user"]: row for row in rows}


_REPORT_TRIES = 4  # AWS makes a report within seconds and serves it for four hours


def _credentials(report: Mapping[str, Any], user: str) -> Mapping[str, Any]:
    """Return when and how a user signs in; no part of any credential is in the report."""
    if "" in report:
        return {name: unknown(report[""]) for name in ("LoginProfile", "MfaActive", "AccessKeys")}
    row = report.get(user)
    if row is None:  # created after the report was made
        return {"AccessKeys": unknown("the credential report does not know this user yet")}
    keys = _keys(row)
    return {
        "LoginProfile": {} if row.get("password_enabled") == "true" else None,
        "PasswordLastUsed": row.get("password_last_used"),
        "MfaActive": row.get("mfa_active") == "true",
        "AccessKeys": keys or None,
    }


def _keys(row: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "Status": "Active" if row.get(f"access_key_{n}_active") == "true" else "Inactive",
            "LastRotated": row.get(f"access_key_{n}_last_rotated"),
            "LastUsed": row.get(f"access_key_{n}_last_used_date"),
        }
        for n in (1, 2)
        if row.get(f"access_key_{n}_last_rotated") not in (None, "", "N/A")
    ]


def _root_keys(aws: Reader, report: Mapping[str, Any]) -> list[Resource]:
    """Return the root user's access keys, which no other listing names."""
    root = f"arn:{aws.place.partition}:iam::{aws.place.account}:root"
    return [
        aws.resource(
            ACCESS_KEY,
            uid=f"{root}|{ACCESS_KEY}|{number}",
            name=f"root/{number}",
            everywhere=True,
            tags=EMPTY,
            properties={"UserName": "root", **key},
        )
        for number, key in enumerate(_keys(report.get(_ROOT, {})), start=1)
    ]
