"""Policies of resources that admit everyone: this account stays, all others are locked out."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.errors import Declined
from core.gate import Tier
from remediation.blueprint import blueprint
from remediation.draft import Path, Target, dig, ref, without

_DOCUMENTS: Mapping[str, Path] = {
    "AWS::DynamoDB::Table": ("ResourcePolicy", "PolicyDocument"),
    "AWS::ECR::Repository": ("RepositoryPolicyText",),
    "AWS::Events::EventBus": ("Policy",),
    "AWS::Events::EventBusPolicy": (),
    "AWS::KMS::Key": ("KeyPolicy",),
    "AWS::Kinesis::ResourcePolicy": ("ResourcePolicy",),
    "AWS::S3::BucketPolicy": ("PolicyDocument",),
    "AWS::SNS::TopicPolicy": ("PolicyDocument",),
    "AWS::SQS::QueuePolicy": ("PolicyDocument",),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy",),
}
_POLICIES = tuple(kind for kind in _DOCUMENTS if kind.endswith("Policy"))
# What comes as a role or user of the account; other types of AWS come as the service itself.
_WITH_A_ROLE = (
    "AWS::CodeBuild::",
    "AWS::ECS::",
    "AWS::IAM::",
    "AWS::Lambda::",
    "AWS::Pipes::",
    "AWS::SQS::",
    "AWS::Scheduler::",
    "AWS::Serverless::Function",
    "AWS::Serverless::StateMachine",
    "AWS::StepFunctions::",
    *_POLICIES,
)
# The same of those that encrypt with a key: they use it as whoever calls them.
# Source: AWS KMS developer guide, "Permissions for AWS services in key policies".
_WITH_A_CALLER = (
    "AWS::DynamoDB::",
    "AWS::IAM::",
    "AWS::KMS::Alias",
    "AWS::Lambda::",
    "AWS::S3::",
    "AWS::SecretsManager::",
    "AWS::Serverless::Function",
)
_MEASURING = ("Dimensions", "Metrics")  # an alarm that counts a queue's messages sends it none
_OWN_ACCOUNT = "aws:PrincipalAccount"
# Whoever is limited by one of these is not everyone any more.
# Source: Amazon S3 user guide, "The meaning of public", and each service's guide.
_LIMITS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "kms:calleraccount",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "sns:endpoint",
    }
)


@blueprint(
    "PL-DYNAMODB-008",
    "PL-ECR-003",
    "PL-EVENTS-001",
    "PL-KINESIS-004",
    "PL-KMS-002",
    "PL-S3-003",
    "PL-SECRETS-004",
    "PL-SNS-002",
    "PL-SQS-003",
    summary="Admit users and roles of this account only",
    tier=Tier.NETWORK,
    asks_who_calls=True,
    may_break=(
        "Other accounts and callers without a signature are refused",
        "AWS services that come under this statement without a role are refused",
    ),
)
def own_account(target: Target) -> None:
    """A condition, not another principal: who of the account is admitted stays so, as it was.

    Naming the account as principal would ask an identity policy of each caller besides.
    """
    if target.type not in _DOCUMENTS:
        raise Declined(f"{target.type} makes this policy: write one of your own beside it")
    _refuse_where_others_come(target)
    path = (*_DOCUMENTS[target.type], "Statement")
    if target.type == "AWS::Events::EventBusPolicy" and target.get("Statement") is None:
        target.set(("Principal",), ref("AWS::AccountId"))  # the older form knows no such condition
        return
    statements = target.get(*path)
    places = (
        [(*path, n) for n in range(len(statements))] if isinstance(statements, list) else [path]
    )
    for place in places:
        if _admits_everyone(target.get(*place)):
            condition = (*place, "Condition", "StringEquals", _OWN_ACCOUNT)
            target.set(condition, ref("AWS::AccountId"))


@blueprint(
    "PL-LAMBDA-004",
    summary="Admit users and roles of this account only",
    tier=Tier.NETWORK,
    asks_who_calls=True,
    may_break=(
        "Other accounts can no longer call the function",
        "Users and roles of this account need lambda:InvokeFunction in a policy of their own",
    ),
)
def own_callers(target: Target) -> None:
    """A permission takes no such condition: the account is named as its principal."""
    if target.type != "AWS::Lambda::Permission":
        raise Declined(
            "The permission comes from the function's URL: let the URL ask for IAM first"
        )
    if target.get("FunctionUrlAuthType") is not None:
        raise Declined("The function's URL needs this permission: let the URL ask for IAM first")
    _refuse_where_others_come(target)
    target.set(("Principal",), ref("AWS::AccountId"))


def _admits_everyone(statement: Any) -> bool:
    if dig(statement, ("Effect",)) != "Allow":
        return False
    principal = statement.get("Principal")
    named = principal.get("AWS") if isinstance(principal, Mapping) else principal
    names = named if isinstance(named, list) else [named]
    if "*" not in names or _is_limited(statement.get("Condition")):
        return False
    if len(names) > 1 or (isinstance(principal, Mapping) and len(principal) > 1):
        raise Declined(
            "The statement names others beside everyone: give them a statement of their own first"
        )
    return True


def _is_limited(condition: Any) -> bool:
    if not isinstance(condition, Mapping):
        return condition is not None
    return any(
        str(key).lower() in _LIMITS
        for keys in condition.values()
        if isinstance(keys, Mapping)
        for key in keys
    )


def _refuse_where_others_come(target: Target) -> None:
    """Decline where the template shows somebody who would be locked out.

    Raises: Declined with what comes, and as what.
    """
    declared, guarded = target.draft.template.declared, _guarded(target)
    for name in sorted(guarded):
        if dig(declared[name].properties, ("WebsiteConfiguration",)) is not None:
            raise Declined(
                f"{name} serves a website, whose visitors sign nothing: put CloudFront before it, "
                "or accept the risk with its reason"
            )
    harmless = _WITH_A_CALLER if target.type == "AWS::KMS::Key" else _WITH_A_ROLE
    for name, each in declared.items():
        if name in {target.id, *guarded} or each.type.startswith(harmless):
            continue
        if guarded & set(_named_in(each.properties)):
            raise Declined(
                f"{name} ({each.type}) uses it as a service of AWS and would be refused: admit "
                "that service in a statement of its own, with aws:SourceArn, first"
            )


def _guarded(target: Target) -> set[str]:
    """Return the declared resources that a policy guards: what it names, or what it is part of."""
    declared = target.draft.template.declared
    if target.type not in (*_POLICIES, "AWS::Lambda::Permission"):
        return {target.id}
    document = str(next(iter(_DOCUMENTS.get(target.type, ())), "Statement"))
    return {n for n in _named_in(without(target.properties, document)) if n in declared}


def _named_in(value: Any) -> Iterator[str]:
    """Yield what a raw value refers to."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "Ref" and isinstance(inner, str):
                yield inner
            elif key == "Fn::GetAtt":
                yield inner.split(".")[0] if isinstance(inner, str) else str(inner[0])
            elif key == "Fn::Sub":
                text = inner[0] if isinstance(inner, list) else inner
                yield from (part.split("}")[0].split(".")[0] for part in str(text).split("${")[1:])
                yield from _named_in(inner[1:] if isinstance(inner, list) else None)
            elif key not in _MEASURING:
                yield from _named_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named_in(inner)
