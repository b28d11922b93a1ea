"""AWS IAM: identities, what is attached to them, and policy documents by themselves."""

from collections.abc import Mapping
from typing import Any

from core.types import is_unknown
from templates.terraform.mapping import (
    ABSENT,
    Attributes,
    Kind,
    Part,
    Rows,
    document,
    each,
    fallback,
    first,
    listed,
    look,
    tags,
)

ROLE, USER, GROUP = "aws_iam_role", "aws_iam_user", "aws_iam_group"
POLICY = "aws_iam_policy"
_ROLE_TYPE, _USER_TYPE, _GROUP_TYPE = "AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"

_INLINE = each("inline_policy", {"PolicyName": "name", "PolicyDocument": document("policy")})


def _policies(attributes: Attributes) -> Any:
    """Take inline policies; an empty block says that there are none.

    Source: registry.terraform.io/providers/hashicorp/aws, iam_role
    """
    found = _INLINE(attributes)
    return [p for p in found if p] or ABSENT if isinstance(found, list) else found


_IDENTITIES = (
    Kind(
        ROLE,
        _ROLE_TYPE,
        {
            "RoleName": "name",
            "Description": "description",
            "Path": "path",
            "AssumeRolePolicyDocument": document("assume_role_policy"),
            "ManagedPolicyArns": "managed_policy_arns",
            "MaxSessionDuration": "max_session_duration",
            "PermissionsBoundary": "permissions_boundary",
            "Policies": _policies,
            "Tags": tags,
        },
    ),
    Kind(
        USER,
        _USER_TYPE,
        {
            "UserName": "name",
            "Path": "path",
            "PermissionsBoundary": "permissions_boundary",
            "Tags": tags,
        },
    ),
    Kind(GROUP, _GROUP_TYPE, {"GroupName": "name", "Path": "path"}),
    Kind(
        "aws_iam_instance_profile",
        "AWS::IAM::InstanceProfile",
        {"InstanceProfileName": "name", "Path": "path", "Roles": listed("role", "roles")},
    ),
)


def _inline(identity: str, holders: str, type_: str) -> Kind:
    return Kind(
        f"aws_iam_{identity}_policy",
        "AWS::IAM::Policy",
        {
            "PolicyName": first("name", "name_prefix"),
            "PolicyDocument": document("policy"),
            holders: listed(identity),
        },
        belongs={holders: type_},
    )


_POLICIES = (
    _inline("role", "Roles", _ROLE_TYPE),
    _inline("user", "Users", _USER_TYPE),
    _inline("group", "Groups", _GROUP_TYPE),
    Kind(
        POLICY,
        "AWS::IAM::ManagedPolicy",
        {
            "ManagedPolicyName": "name",
            "Description": "description",
            "Path": "path",
            "PolicyDocument": document("policy"),
        },
    ),
    Kind(
        "aws_ssoadmin_permission_set_inline_policy",
        "AWS::IAM::Policy",
        {"PolicyDocument": document("inline_policy")},
    ),
)

_ATTACHED: Rows = {"ManagedPolicyArns": listed("policy_arn")}
_ATTACHMENTS = (
    Part("aws_iam_role_policy_attachment", ROLE, {"role": "name"}, _ATTACHED),
    Part("aws_iam_user_policy_attachment", USER, {"user": "name"}, _ATTACHED),
    Part("aws_iam_group_policy_attachment", GROUP, {"group": "name"}, _ATTACHED),
    Part("aws_iam_policy_attachment", ROLE, {"roles": "name"}, _ATTACHED),
    Part("aws_iam_policy_attachment", USER, {"users": "name"}, _ATTACHED),
    Part("aws_iam_policy_attachment", GROUP, {"groups": "name"}, _ATTACHED),
    # As CloudFormation has it: the policy says whom it is attached to.
    Part("aws_iam_policy_attachment", POLICY, {"policy_arn": "arn"}, {"Users": listed("users")}),
    *(
        Part(
            f"{identity}_policy_attachments_exclusive",
            identity,
            {f"{identity.removeprefix('aws_iam_')}_name": "name"},
            {"ManagedPolicyArns": "policy_arns"},
        )
        for identity in (ROLE, USER, GROUP)
    ),
    Part("aws_iam_user_group_membership", USER, {"user": "name"}, {"Groups": "groups"}),
    Part("aws_iam_group_membership", USER, {"users": "name"}, {"Groups": listed("group")}),
    Part(
        "aws_iam_user_login_profile",
        USER,
        {"user": "name"},
        {"LoginProfile.PasswordResetRequired": fallback("password_reset_required", default=False)},
    ),
)


def _for_identities(attributes: Attributes) -> bool:
    """Whether a document says what its holder may do, rather than who may do something to it."""
    written = look(attributes, "json")
    statements = written.get("Statement") if isinstance(written, Mapping) else None
    return not any(
        key in statement
        for statement in (statements if isinstance(statements, list) else [])
        if isinstance(statement, Mapping) and not is_unknown(statement)
        for key in ("Principal", "NotPrincipal")
    )


_DOCUMENT = "data.aws_iam_policy_document"
_DOCUMENTS = (
    # A document without principals is what a managed policy holds, and is judged as one where it
    # is written, whoever uses it.
    Kind(
        _DOCUMENT,
        "AWS::IAM::ManagedPolicy",
        {"PolicyDocument": document("json")},
        fits=_for_identities,
    ),
    # One with principals belongs to a role's trust, a bucket, a queue: it does not say to which.
    Kind(
        _DOCUMENT,
        "AWS::IAM::PolicyDocument",
        {"PolicyDocument": document("json")},
        fits=lambda attributes: not _for_identities(attributes),
    ),
)

_OTHERS = (
    Kind(
        "aws_iam_openid_connect_provider",
        "AWS::IAM::OIDCProvider",
        {
            "Url": "url",
            "ClientIdList": "client_id_list",
            "ThumbprintList": "thumbprint_list",
            "Tags": tags,
        },
    ),
    Kind(
        "aws_iam_access_key",
        "AWS::IAM::AccessKey",
        {"UserName": "user", "Status": fallback("status", "Active")},
    ),
    # CloudFormation has no such type; the name is ours, the properties are those of the IAM API.
    Kind(
        "aws_iam_account_password_policy",
        "AWS::IAM::AccountPasswordPolicy",
        {
            "MinimumPasswordLength": "minimum_password_length",
            "RequireLowercaseCharacters": "require_lowercase_characters",
            "RequireUppercaseCharacters": "require_uppercase_characters",
            "RequireNumbers": "require_numbers",
            "RequireSymbols": "require_symbols",
            "AllowUsersToChangePassword": "allow_users_to_change_password",
            "MaxPasswordAge": "max_password_age",
            "PasswordReusePrevention": "password_reuse_prevention",
            "HardExpiry": "hard_expiry",
        },
    ),
)

TYPES: tuple[Kind | Part, ...] = (*_IDENTITIES, *_POLICIES, *_ATTACHMENTS, *_DOCUMENTS, *_OTHERS)
