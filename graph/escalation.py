"""Sets of IAM actions by which an identity can give itself more than it was given.

Source: "AWS IAM Privilege Escalation - Methods and Mitigation", Rhino Security Labs,
https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/, and MITRE ATT&CK
T1098 and T1078.004; actions checked against the AWS Service Authorization Reference, 2026-11-22.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graph.iam import Statement, decide

_RHINO = "https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/"


@dataclass(frozen=True, slots=True)
class Escalation:
    """One way up: the actions it takes together, what they give, and where that is written."""

    name: str
    actions: tuple[str, ...]
    gives: str
    source: str = _RHINO


ESCALATIONS: tuple[Escalation, ...] = (
    Escalation(
        "new policy version", ("iam:CreatePolicyVersion",), "rewrites a policy it is attached to"
    ),
    Escalation(
        "older policy version",
        ("iam:SetDefaultPolicyVersion",),
        "brings back a wider policy version",
    ),
    Escalation(
        "attach to role", ("iam:AttachRolePolicy",), "attaches any managed policy to a role"
    ),
    Escalation(
        "attach to user", ("iam:AttachUserPolicy",), "attaches any managed policy to a user"
    ),
    Escalation(
        "attach to group", ("iam:AttachGroupPolicy",), "attaches any managed policy to a group"
    ),
    Escalation("inline on role", ("iam:PutRolePolicy",), "writes any inline policy on a role"),
    Escalation("inline on user", ("iam:PutUserPolicy",), "writes any inline policy on a user"),
    Escalation("inline on group", ("iam:PutGroupPolicy",), "writes any inline policy on a group"),
    Escalation("join group", ("iam:AddUserToGroup",), "joins a stronger group"),
    Escalation(
        "trust policy",
        ("iam:UpdateAssumeRolePolicy", "sts:AssumeRole"),
        "lets itself assume any role",
    ),
    Escalation("access key", ("iam:CreateAccessKey",), "makes keys for another user"),
    Escalation(
        "console password", ("iam:CreateLoginProfile",), "sets another user's console password"
    ),
    Escalation(
        "change password", ("iam:UpdateLoginProfile",), "changes another user's console password"
    ),
    Escalation(
        "drop boundary", ("iam:DeleteRolePermissionsBoundary",), "takes the limit off a role"
    ),
    Escalation(
        "new function with a role",
        ("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"),
        "runs code as any role it may pass",
    ),
    Escalation(
        "new function on an event source",
        ("iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"),
        "runs code as any role it may pass, called by an event",
    ),
    Escalation(
        "change function code",
        ("lambda:UpdateFunctionCode",),
        "runs code as the role of an existing function",
    ),
    Escalation(
        "change function layers",
        ("lambda:UpdateFunctionConfiguration",),
        "runs code of a layer as the role of an existing function",
    ),
    Escalation(
        "new instance with a role",
        ("iam:PassRole", "ec2:RunInstances"),
        "takes an instance profile's credentials",
    ),
    Escalation(
        "new stack with a role",
        ("iam:PassRole", "cloudformation:CreateStack"),
        "creates resources as any role it may pass",
    ),
    Escalation(
        "new Glue endpoint",
        ("iam:PassRole", "glue:CreateDevEndpoint"),
        "runs code as any role it may pass",
    ),
    Escalation(
        "new pipeline",
        ("iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"),
        "runs commands as any role it may pass",
    ),
    Escalation(
        "new state machine",
        ("iam:PassRole", "states:CreateStateMachine", "states:StartExecution"),
        "calls AWS APIs as any role it may pass",
    ),
    Escalation(
        "new build project",
        ("iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"),
        "runs commands as any role it may pass",
    ),
    Escalation(
        "run commands", ("ssm:SendCommand",), "runs commands with the role of a managed instance"
    ),
)


def escalations(rules: Sequence[Statement]) -> tuple[Escalation, ...]:
    """Return the ways up that statements leave open on any resource.

    An action limited to some resources counts only when those end in a wildcard: changing the code
    of one named function is that function's deployment, not a way up.
    """
    return tuple(e for e in ESCALATIONS if all(_broadly(rules, action) for action in e.actions))


def _broadly(rules: Sequence[Statement], action: str) -> bool:
    for pattern in _patterns(rules):
        verdict = decide(rules, action, pattern)
        if verdict.allowed:
            return True
    return False


def _patterns(rules: Sequence[Statement]) -> Iterator[str]:
    """Give one stand-in per service: a resource that only an unbounded pattern covers."""
    yield "*"
    yield from sorted(
        {
            pattern
            for r in rules
            if r.get("Effect") == "Allow"
            for pattern in r.get("Resource", ())
            if isinstance(pattern, str)
            and pattern.startswith("arn:")
            and pattern.endswith((":*", "/*"))
        }
    )
