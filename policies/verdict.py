"""Turns what a policy says of a resource into a finding or a gap."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.identity import finding_uid
from core.types import Estate, Evidence, Finding, Gap, Resource, SourceSpan, Status
from policies.document import Supposed, undecided
from policies.model import Fault, Outcome, Policy, Violation
from policies.suppression import suppressed

UNDECIDED_CONFIDENCE = 0.5
"""Of a finding that says a check could not be decided: neither a pass nor a failure is likelier."""

_MESSAGES_SHOWN = 5

# A part speaks with its parent's tags when it cannot carry tags itself.
_OWNED_THROUGH: Mapping[str, str] = {
    "AWS::ApiGateway::Method": "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage": "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Route": "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage": "AWS::ApiGatewayV2::Api",
    "AWS::Lambda::EventSourceMapping": "AWS::Lambda::Function",
    "AWS::Lambda::Permission": "AWS::Lambda::Function",
    "AWS::Lambda::Url": "AWS::Lambda::Function",
    "AWS::Logs::LogGroup": "AWS::Lambda::Function",
    "AWS::S3::BucketPolicy": "AWS::S3::Bucket",
    "AWS::SNS::TopicPolicy": "AWS::SNS::Topic",
    "AWS::SQS::QueuePolicy": "AWS::SQS::Queue",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What the policies said of one resource.

    `may_be_unknown` False spares the search for unknown values where there are none. `worst` is
    what they said of it with the worst supposed of its policy statements, None without a difference.
    """

    resource: Resource
    related: Mapping[str, Sequence[Resource]]
    outcomes: Mapping[str, Outcome]
    may_be_unknown: bool
    worst: "Worst | None" = None

    def undecided(self, policy: Policy) -> tuple[str, ...]:
        """Return why the silence of a policy proves nothing; empty where it proves a pass."""
        why = undecided(policy, self.resource, self.related)
        if not why or self.worst is None or self.worst.outcomes.get(policy.check_id):
            return why
        return undecided(policy, self.worst.supposed.resource, self.worst.supposed.related) and why


@dataclass(frozen=True, slots=True)
class Worst:
    """What the policies said of a supposed resource."""

    supposed: Supposed
    outcomes: Mapping[str, Outcome]


def verdicts(
    heard: Heard, policies: Sequence[Policy], *, estate: Estate
) -> Iterator[Finding | Gap]:
    """Yield a finding or gap for each policy that has something to say of a resource."""
    resource, related = heard.resource, heard.related
    for policy in policies:
        outcome = heard.outcomes.get(policy.check_id)
        if suppressed(policy, resource):
            continue
        if isinstance(outcome, Fault):
            yield gap(policy, outcome, resource=resource)
        elif outcome:
            yield violated(policy, resource, related, outcome, estate=estate)
        elif heard.may_be_unknown and (why := heard.undecided(policy)):
            yield unsure(policy, resource, related, why, estate=estate)


def gap(policy: Policy, fault: Fault, *, resource: Resource | None = None) -> Gap:
    """Return the gap that a policy left which could not be evaluated."""
    return Gap(
        scope=policy.check_id,
        reason=fault.reason,
        detail=fault.detail,
        account=resource.account if resource else "",
        region=resource.region if resource else "",
        resource_uid=resource.uid if resource else "",
        resource_type=resource.type if resource else "",
    )


def owner(
    resource: Resource, related: Mapping[str, Sequence[Resource]], *, estate: Estate
) -> str | None:
    """Return who owns a resource by its tags, or by those of the one thing it is a part of."""
    found = _tagged(resource.tags, estate.owner_tags)
    if found is None:
        parents = related.get(_OWNED_THROUGH.get(resource.type, ""), ())
        owners = {_tagged(parent.tags, estate.owner_tags) for parent in parents}
        found = owners.pop() if len(owners) == 1 else None
    return found


def _tagged(tags: Mapping[str, str], names: Sequence[str]) -> str | None:
    folded = {key.casefold(): value for key, value in tags.items()}
    return next((folded[n.casefold()] for n in names if folded.get(n.casefold())), None)


def violated(
    policy: Policy,
    resource: Resource,
    related: Mapping[str, Sequence[Resource]],
    violations: Sequence[Violation],
    *,
    estate: Estate,
) -> Finding:
    """Return the finding that a resource does not pass a policy."""
    owned = owner(resource, related, estate=estate)
    return _finding(policy, resource, owned, _evidence(violations), Status.OPEN)


def unsure(
    policy: Policy,
    resource: Resource,
    related: Mapping[str, Sequence[Resource]],
    why: Sequence[str],
    *,
    estate: Estate,
) -> Finding:
    """Return the finding that a policy could not be decided on a resource, and why."""
    evidence = Evidence(f"Could not be decided: {_joined(why)}.", {"not_known": list(why)})
    owned = owner(resource, related, estate=estate)
    return _finding(policy, resource, owned, evidence, Status.UNKNOWN)


def _finding(
    policy: Policy, resource: Resource, owned: str | None, evidence: Evidence, status: Status
) -> Finding:
    return Finding(
        uid=finding_uid(policy.check_id, resource.uid),
        check_id=policy.check_id,
        control=policy.control,
        title=policy.title,
        severity=policy.severity,
        resource_uid=resource.uid,
        resource_type=resource.type,
        resource_name=resource.name,
        evidence=evidence,
        status=status,
        provider=resource.provider,
        partition=resource.partition,
        account=resource.account,
        region=resource.region,
        owner=owned,
        confidence=UNDECIDED_CONFIDENCE if status is Status.UNKNOWN else 1.0,
        references=policy.references,
        compliance=policy.compliance,
        remediation=policy.remediation,
        policy_commit=policy.commit,
        hygiene=policy.hygiene,
        source=_place(resource, evidence.locations),
    )


def _place(resource: Resource, locations: Sequence[str]) -> SourceSpan | None:
    """Return where what was found is written: for a part that is declared apart, there."""
    for location in locations:
        steps = location.split(".")
        for length in range(len(steps), 0, -1):
            if (found := resource.places.get(".".join(steps[:length]))) is not None:
                return found
        for path, found in resource.places.items():
            if path.startswith(f"{location}."):
                return found
    return resource.source


def _evidence(violations: Sequence[Violation]) -> Evidence:
    """Join what was found in several places of one resource: fixed means all are gone."""
    facts: Mapping[str, Any]
    if len(violations) == 1:
        facts = violations[0].facts
    else:
        facts = {"places": [{"path": v.path, **v.facts} for v in violations]}
    return Evidence(
        message=_joined(tuple(dict.fromkeys(v.message for v in violations))),
        facts=facts,
        locations=tuple(dict.fromkeys(v.path for v in violations if v.path)),
    )


def _joined(messages: Sequence[str]) -> str:
    shown = "; ".join(messages[:_MESSAGES_SHOWN])
    left = len(messages) - _MESSAGES_SHOWN
    return f"{shown}; and {left} more" if left > 0 else shown
