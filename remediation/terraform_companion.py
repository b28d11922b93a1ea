"""Blocks that a fix in Terraform needs beside the one it puts right, each right in itself."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import Declined
from remediation.companion import DEAD_LETTER_RETENTION_S, LOG_RETENTION_DAYS, deny_plain_http
from remediation.permission import policy_document
from remediation.terraform import Spot, TerraformTarget
from templates.terraform.writer import Code, Inner, Json

_ROLE = re.compile(r"aws_iam_role\.([\w-]+)((?:\[[^\]]*\])?)\.(?:arn|id|name)\Z")


def account(target: TerraformTarget) -> Code:
    """Return the account's id."""
    return Code(f"{target.data('aws_caller_identity')}.account_id")


def text(written: str) -> Code:
    """Return a text with interpolations."""
    return Code(f'"{written}"')


def dead_letter_queue(
    target: TerraformTarget,
    *,
    fifo: bool = False,
    for_service_failures: bool = True,
    allow: Mapping[str, Any] | None = None,
) -> str:
    """Add an encrypted queue for failures and the policy that refuses plain HTTP; return its name.

    As `companion.dead_letter_queue`: a queue that takes what another gives up on says so itself.
    """
    parts: dict[str, Any] = {"fifo_queue": True} if fifo else {}
    parts |= {"message_retention_seconds": DEAD_LETTER_RETENTION_S, "sqs_managed_sse_enabled": True}
    if for_service_failures:
        parts["redrive_allow_policy"] = Json({"redrivePermission": "denyAll"})
    queue = target.companion("aws_sqs_queue", parts, suffix="dead letter")
    statements = [deny_plain_http("sqs:*", Code(f"{queue}.arn"))]
    if allow is not None:
        statements.append({**allow, "Resource": Code(f"{queue}.arn")})
    policy = {
        "queue_url": Code(f"{queue}.id"),
        "policy": Json(policy_document(statements)),
    }
    target.companion("aws_sqs_queue_policy", policy, suffix="dead letter")
    return queue


def log_group(target: TerraformTarget, folder: str, *, join: str = "/") -> str:
    """Add a log group that keeps its events for a stated time; return how to refer to it.

    Terraform ends its name so that no other group has it.
    """
    name = f"{folder}{join}{target.name}-"
    parts = {"name_prefix": name, "retention_in_days": LOG_RETENTION_DAYS}
    return target.companion("aws_cloudwatch_log_group", parts, suffix="logs")


def key(
    target: TerraformTarget, purpose: str, *, statements: Sequence[Mapping[str, Any]] = ()
) -> str:
    """Add a rotating key that the account administers; `statements` let a service use it."""
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": account(target)},  # an account's id stands for its root
        "Action": "kms:*",
        "Resource": "*",
    }
    parts = {
        "description": purpose,
        "enable_key_rotation": True,
        "policy": Json(policy_document([root, *statements])),
    }
    return target.companion("aws_kms_key", parts)


def through(target: TerraformTarget, service: str) -> dict[str, Any]:
    """Let everybody in the account who may use a service use the key through it."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:CreateGrant",
            "kms:DescribeKey",
        ],
        "Resource": "*",
        "Condition": {
            "StringEquals": {"kms:CallerAccount": account(target)},
            "StringLike": {"kms:ViaService": f"{service}.*.amazonaws.com"},
        },
    }


def service_role(target: TerraformTarget, service: str, managed_policy: str) -> str:
    """Add a role that a service takes, with one of AWS's own policies; return how to refer to it."""
    role = _role(target, service)
    arn = f"arn:${{{target.data('aws_partition')}.partition}}:iam::aws:policy/{managed_policy}"
    attachment = {"role": Code(f"{role}.name"), "policy_arn": text(arn)}
    target.companion("aws_iam_role_policy_attachment", attachment, suffix="logging")
    return role


def logging_role(
    target: TerraformTarget,
    service: str,
    statements: Sequence[Mapping[str, Any]],
    *,
    waits: bool = False,
) -> str:
    """Add a role that a service takes, with these statements; return how to refer to it.

    A block that `waits` is changed only when the role has them, where the service asks at once.
    """
    role = _role(target, service)
    policy = {"role": Code(f"{role}.id"), "policy": Json(policy_document(statements))}
    needed = target.companion("aws_iam_role_policy", policy, suffix="logging")
    if waits:
        target.depend(needed, at=target.spot)
    return role


def _role(target: TerraformTarget, service: str) -> str:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    parts = {"assume_role_policy": Json(policy_document([trust]))}
    return target.companion("aws_iam_role", parts, suffix="logging")


def grant(
    target: TerraformTarget,
    statements: Sequence[Mapping[str, Any]],
    *,
    suffix: str,
    at: Spot,
    named_by: Sequence[str] = (),
) -> None:
    """Give a permission to the role that a block names, `named_by` the attribute at this path.

    The block waits for it: Lambda and Step Functions refuse a setting that the role may not use.
    Raises: Declined where it is declared elsewhere.
    """
    own = "role" if at.where[1] == "aws_lambda_function" else "role_arn"
    written = target.source(*(named_by or (own,)), at=at)
    found = _ROLE.match(written)
    role = found and target.block_spot("aws_iam_role", found[1])
    if not found or role is None:
        raise Declined(
            f"The role ({' '.join(written.split())[:80] or 'none'}) is declared elsewhere: give it "
            "the permission there first"
        )
    if ("each." in found[2] or "count." in found[2]) and at != target.spot:
        raise Declined("Which of several roles needs the permission is not clear")
    parts = {
        "role": Code(f"aws_iam_role.{found[1]}{found[2]}.id"),
        "policy": Json(policy_document(statements)),
    }
    needed = target.companion("aws_iam_role_policy", parts, suffix=suffix)
    target.depend(needed, at=target.spot)


def add_statement(target: TerraformTarget, at: Spot, statement: Mapping[str, Any]) -> None:
    """Add a statement to the policy of a block, written there or in a policy document beside it."""
    written = target.source("policy", at=at)
    found = re.match(r"data\.aws_iam_policy_document\.([\w-]+)\.(?:minified_)?json\Z", written)
    if not found:
        target.add_to(at, ("policy",), statement, into=("Statement",))
        return
    sources = target.draft.sources
    block = sources.configuration(at.directory).resources.get(
        ("data", "aws_iam_policy_document", found[1])
    )
    if block is None:
        raise Declined(f"{written} is not declared in this module")
    spot = Spot(block.file.path, ("data", "aws_iam_policy_document", found[1]))
    _refuse_shared(target, spot, written)
    target.add_nested(spot, "statement", _as_blocks(statement))


def _refuse_shared(target: TerraformTarget, spot: Spot, written: str) -> None:
    sources = target.draft.sources
    name = written.rpartition(".")[0]
    paths = sources.configuration(spot.directory).files
    uses = sum((sources.content(p) or b"").decode().count(name) for p in paths)
    if uses > 1:
        raise Declined(f"{name} is the policy of several resources; add the statement by hand")


def _as_blocks(statement: Mapping[str, Any]) -> dict[str, Any]:
    resource = statement["Resource"]
    [(test, pairs)] = statement["Condition"].items()
    [(variable, value)] = pairs.items()
    condition = {"test": test, "variable": variable, "values": [value]}
    return {
        "sid": statement["Sid"],
        "effect": statement["Effect"],
        "actions": [statement["Action"]],
        "resources": list(resource) if isinstance(resource, list | tuple) else [resource],
        "principals": Inner({"type": "*", "identifiers": ["*"]}),
        "condition": Inner(condition),
    }
