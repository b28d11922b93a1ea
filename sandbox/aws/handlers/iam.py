"""AWS::IAM::*."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.aws.handler import Call, Handler, register
from sandbox.aws.server import ACCOUNT
from sandbox.aws.simple import at


def _document(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _policy_arn(call: Call, value: Any) -> str:
    """Take a managed policy's ARN, or find the one AWS keeps under a bare name."""
    text = str(value)
    if text.startswith("arn:"):
        return text
    for page in call.aws.client("iam").get_paginator("list_policies").paginate():
        for policy in page["Policies"]:
            if policy["PolicyName"] == text:
                return str(policy["Arn"])
    return text


class _Principal:
    """The calls for a user or a role differ in one word; this holds the word."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.key = f"{kind.title()}Name"

    def call(self, call: Call, method: str, **parameters: Any) -> dict[str, Any]:
        return call.api("iam", method, **{self.key: call.physical_id}, **parameters)

    def sync_managed(self, call: Call) -> None:
        wanted = {_policy_arn(call, v) for v in call.get("ManagedPolicyArns") or ()}
        listed = self.call(call, f"list_attached_{self.kind}_policies")["AttachedPolicies"]
        # Policies attached by an AWS::IAM::ManagedPolicy of the stack are not this resource's.
        before = {_policy_arn(call, v) for v in call.previous.get("ManagedPolicyArns") or ()}
        attached = {policy["PolicyArn"] for policy in listed}
        for arn in sorted((before & attached) - wanted):
            self.call(call, f"detach_{self.kind}_policy", PolicyArn=arn)
        for arn in sorted(wanted - attached):
            self.call(call, f"attach_{self.kind}_policy", PolicyArn=arn)

    def sync_inline(self, call: Call) -> None:
        wanted = {str(p["PolicyName"]): p["PolicyDocument"] for p in call.get("Policies") or ()}
        before = {str(p["PolicyName"]) for p in call.previous.get("Policies") or ()}
        for name in sorted(before - wanted.keys()):
            self.call(call, f"delete_{self.kind}_policy", PolicyName=name)
        for name, document in wanted.items():
            self.call(
                call, f"put_{self.kind}_policy", PolicyName=name, PolicyDocument=_document(document)
            )

    def sync_boundary(self, call: Call) -> None:
        boundary = call.get("PermissionsBoundary")
        if boundary:
            self.call(call, f"put_{self.kind}_permissions_boundary", PermissionsBoundary=boundary)
        elif call.previous.get("PermissionsBoundary"):
            self.call(call, f"delete_{self.kind}_permissions_boundary")

    def sync_tags(self, call: Call) -> None:
        if call.gone_tags():
            self.call(call, f"untag_{self.kind}", TagKeys=call.gone_tags())
        self.call(call, f"tag_{self.kind}", Tags=call.tag_list())

    def read(self, call: Call) -> dict[str, Any]:
        found: dict[str, Any] = self.call(call, f"get_{self.kind}")[self.kind.title()]
        names = self.call(call, f"list_{self.kind}_policies")["PolicyNames"]
        inline = [
            {
                "PolicyName": name,
                "PolicyDocument": self.call(call, f"get_{self.kind}_policy", PolicyName=name)[
                    "PolicyDocument"
                ],
            }
            for name in names
        ]
        attached = self.call(call, f"list_attached_{self.kind}_policies")["AttachedPolicies"]
        wanted = {_policy_arn(call, v): v for v in call.get("ManagedPolicyArns") or ()}
        owned = {str(p["PolicyName"]) for p in call.get("Policies") or ()}
        return found | {
            # What other resources of the stack attached is theirs to read back.
            "Policies": [p for p in inline if p["PolicyName"] in owned],
            "ManagedPolicyArns": [
                wanted[p["PolicyArn"]] for p in attached if p["PolicyArn"] in wanted
            ],
            "PermissionsBoundary": at(found, "PermissionsBoundary.PermissionsBoundaryArn"),
        }

    def delete(self, call: Call) -> None:
        for policy in self.call(call, f"list_attached_{self.kind}_policies")["AttachedPolicies"]:
            self.call(call, f"detach_{self.kind}_policy", PolicyArn=policy["PolicyArn"])
        for name in self.call(call, f"list_{self.kind}_policies")["PolicyNames"]:
            self.call(call, f"delete_{self.kind}_policy", PolicyName=name)
        self.call(call, f"delete_{self.kind}")


_ROLE = _Principal("role")
_USER = _Principal("user")


def _create_role(call: Call) -> str:
    call.physical_id = call.name("RoleName")
    call.api(
        "iam",
        "create_role",
        call.properties,
        RoleName=call.physical_id,
        AssumeRolePolicyDocument=_document(call.get("AssumeRolePolicyDocument") or {}),
        Tags=call.tag_list(),
    )
    _ROLE.sync_managed(call)
    _ROLE.sync_inline(call)
    return call.physical_id


def _update_role(call: Call) -> None:
    _ROLE.call(
        call,
        "update_assume_role_policy",
        PolicyDocument=_document(call.get("AssumeRolePolicyDocument") or {}),
    )
    _ROLE.call(
        call,
        "update_role",
        Description=str(call.get("Description", "")),
        MaxSessionDuration=int(call.get("MaxSessionDuration", 3600)),
    )
    _ROLE.sync_managed(call)
    _ROLE.sync_inline(call)
    _ROLE.sync_boundary(call)
    _ROLE.sync_tags(call)


def _role_attributes(call: Call) -> Mapping[str, Any]:
    role = _ROLE.call(call, "get_role")["Role"]
    return {"Arn": role["Arn"], "RoleId": role["RoleId"]}


register(
    Handler(
        type="AWS::IAM::Role",
        create=_create_role,
        read=_ROLE.read,
        update=_update_role,
        delete=_ROLE.delete,
        attributes=_role_attributes,
        immutable=frozenset({"RoleName", "Path"}),
    )
)


def _create_user(call: Call) -> str:
    call.physical_id = call.name("UserName")
    call.api("iam", "create_user", call.properties, UserName=call.physical_id, Tags=call.tag_list())
    _USER.sync_managed(call)
    _USER.sync_inline(call)
    for group in call.get("Groups") or ():
        _USER.call(call, "add_user_to_group", GroupName=group)
    return call.physical_id


def _update_user(call: Call) -> None:
    _USER.sync_managed(call)
    _USER.sync_inline(call)
    _USER.sync_boundary(call)
    _USER.sync_tags(call)


register(
    Handler(
        type="AWS::IAM::User",
        create=_create_user,
        read=_USER.read,
        update=_update_user,
        delete=_USER.delete,
        attributes=lambda call: {"Arn": _USER.call(call, "get_user")["User"]["Arn"]},
        immutable=frozenset({"UserName", "Path", "LoginProfile", "Groups"}),
        not_verifiable={
            "LoginProfile": "a password cannot be read back",
            "Groups": "read from the group",
        },
    )
)


def _targets(properties: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for kind, name in (("role", "Roles"), ("user", "Users"), ("group", "Groups")):
        found += [(kind, str(target)) for target in properties.get(name) or ()]
    return found


def _put_policy(call: Call) -> str:
    name = str(call.get("PolicyName"))
    for kind, target in _targets(call.properties):
        call.api(
            "iam",
            f"put_{kind}_policy",
            PolicyName=name,
            PolicyDocument=_document(call.get("PolicyDocument")),
            **{f"{kind.title()}Name": target},
        )
    return name


def _read_policy(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = {"PolicyName": call.get("PolicyName")}
    for kind, target in _targets(call.properties):
        got = call.api(
            "iam",
            f"get_{kind}_policy",
            PolicyName=call.get("PolicyName"),
            **{f"{kind.title()}Name": target},
        )
        found["PolicyDocument"] = got["PolicyDocument"]
        found.setdefault(f"{kind.title()}s", []).append(target)
    return found


def _delete_policy(call: Call) -> None:
    for kind, target in _targets(call.properties):
        call.api(
            "iam",
            f"delete_{kind}_policy",
            PolicyName=call.get("PolicyName"),
            **{f"{kind.title()}Name": target},
        )


register(
    Handler(
        type="AWS::IAM::Policy",
        create=_put_policy,
        read=_read_policy,
        update=_put_policy,
        delete=_delete_policy,
        immutable=frozenset({"PolicyName", "Roles", "Users", "Groups"}),
        part_of=("Roles", "Users", "Groups"),
    )
)


def _create_managed(call: Call) -> str:
    found: dict[str, Any] = call.api(
        "iam",
        "create_policy",
        call.properties,
        PolicyName=call.name("ManagedPolicyName", limit=128),
        PolicyDocument=_document(call.get("PolicyDocument")),
        Tags=call.tag_list(),
    )
    call.physical_id = str(found["Policy"]["Arn"])
    _attach(call, "attach", call.properties)
    return call.physical_id


def _attach(call: Call, verb: str, properties: Mapping[str, Any]) -> None:
    for kind, target in _targets(properties):
        call.api(
            "iam",
            f"{verb}_{kind}_policy",
            PolicyArn=call.physical_id,
            **{f"{kind.title()}Name": target},
        )


def _update_managed(call: Call) -> None:
    arn = call.physical_id
    if call.changed("PolicyDocument"):
        versions = call.api("iam", "list_policy_versions", PolicyArn=arn)["Versions"]
        spare = [v["VersionId"] for v in versions if not v["IsDefaultVersion"]]
        if len(versions) >= 5:  # IAM keeps five versions at most
            call.api("iam", "delete_policy_version", PolicyArn=arn, VersionId=spare[0])
        call.api(
            "iam",
            "create_policy_version",
            PolicyArn=arn,
            PolicyDocument=_document(call.get("PolicyDocument")),
            SetAsDefault=True,
        )
    if call.changed("Roles", "Users", "Groups"):
        _attach(call, "detach", call.previous)
        _attach(call, "attach", call.properties)


def _read_managed(call: Call) -> Mapping[str, Any]:
    policy: dict[str, Any] = call.api("iam", "get_policy", PolicyArn=call.physical_id)["Policy"]
    version = call.api(
        "iam",
        "get_policy_version",
        PolicyArn=call.physical_id,
        VersionId=policy["DefaultVersionId"],
    )["PolicyVersion"]
    entities = call.api("iam", "list_entities_for_policy", PolicyArn=call.physical_id)
    return policy | {
        "PolicyDocument": version["Document"],
        "ManagedPolicyName": policy["PolicyName"],
        "Roles": [found["RoleName"] for found in entities["PolicyRoles"]],
        "Users": [found["UserName"] for found in entities["PolicyUsers"]],
        "Groups": [found["GroupName"] for found in entities["PolicyGroups"]],
    }


def _delete_managed(call: Call) -> None:
    _attach(call, "detach", call.properties)
    for version in call.api("iam", "list_policy_versions", PolicyArn=call.physical_id)["Versions"]:
        if not version["IsDefaultVersion"]:
            call.api(
                "iam",
                "delete_policy_version",
                PolicyArn=call.physical_id,
                VersionId=version["VersionId"],
            )
    call.api("iam", "delete_policy", PolicyArn=call.physical_id)


register(
    Handler(
        type="AWS::IAM::ManagedPolicy",
        create=_create_managed,
        read=_read_managed,
        update=_update_managed,
        delete=_delete_managed,
        attributes=lambda call: {"PolicyArn": call.physical_id},
        immutable=frozenset({"ManagedPolicyName", "Path", "Description"}),
        part_of=("Roles", "Users", "Groups"),
    )
)


def _create_profile(call: Call) -> str:
    name = call.name("InstanceProfileName", limit=128)
    call.api("iam", "create_instance_profile", call.properties, InstanceProfileName=name)
    for role in call.get("Roles") or ():
        call.api("iam", "add_role_to_instance_profile", InstanceProfileName=name, RoleName=role)
    return name


def _read_profile(call: Call) -> Mapping[str, Any]:
    found: dict[str, Any] = call.api(
        "iam", "get_instance_profile", InstanceProfileName=call.physical_id
    )["InstanceProfile"]
    return found | {"Roles": [role["RoleName"] for role in found["Roles"]]}


def _delete_profile(call: Call) -> None:
    for role in call.get("Roles") or ():
        call.api(
            "iam",
            "remove_role_from_instance_profile",
            InstanceProfileName=call.physical_id,
            RoleName=role,
        )
    call.api("iam", "delete_instance_profile", InstanceProfileName=call.physical_id)


register(
    Handler(
        type="AWS::IAM::InstanceProfile",
        create=_create_profile,
        read=_read_profile,
        delete=_delete_profile,
        attributes=lambda call: {
            "Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile{call.get('Path', '/')}{call.physical_id}"
        },
    )
)
