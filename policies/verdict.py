"""Turns what a policy says of a resource into a finding or a gap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.identity import canonical_json, finding_uid
from core.types import Estate, Evidence, Finding, Gap, Resource, SourceSpan, Status
from policies.document import STAND_IN
from policies.doubt import Related
from policies.model import Fault, Language, Policy, Violation
from policies.said import Said

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
class Standing:
    """What a finding refers to: that of its check, or of all checks that say the same."""

    references: tuple[str, ...]
    compliance: Mapping[str, tuple[str, ...]]


class Judged:
    """A resource that policies speak of."""

    __slots__ = ("_owner", "_resource")

    def __init__(self, resource: Resource, related: Related, estate: Estate) -> None:
        self._resource = resource
        self._owner = owner(resource, related, estate=estate)

    def finding(self, said: Said, standing: Standing) -> Finding:
        """Return what a policy said of the resource as a finding."""
        resource, policy = self._resource, said.policy
        evidence = _evidence(said, resource.name)
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
            status=Status.OPEN if said.violations else Status.UNKNOWN,
            provider=resource.provider,
            partition=resource.partition,
            account=resource.account,
            region=resource.region,
            owner=self._owner,
            confidence=1.0 if said.violations else UNDECIDED_CONFIDENCE,
            references=standing.references,
            compliance=standing.compliance,
            remediation=policy.remediation,
            policy_commit=policy.commit,
            hygiene=policy.hygiene,
            source=_place(resource, evidence.locations),
        )


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


def _place(resource: Resource, locations: Sequence[str]) -> SourceSpan | None:
    """Return where what was found is written: for a part that is declared apart, there."""
    if not resource.places:
        return resource.source
    for location in locations:
        steps = location.split(".")
        for length in range(len(steps), 0, -1):
            if (found := resource.places.get(".".join(steps[:length]))) is not None:
                return found
        for path, found in resource.places.items():
            if path.startswith(f"{location}."):
                return found
    return resource.source


def _evidence(said: Said, name: str) -> Evidence:
    """Join what was found in several places of one resource: fixed means all are gone."""
    if not said.violations:
        why = said.not_known
        return Evidence(f"Could not be decided: {_joined(why)}.", {"not_known": list(why)})
    # A rule in Guard says the same of all that it is about.
    about = f"{name}: " if said.policy.language is Language.GUARD else ""
    if len(said.violations) == 1:
        [only] = said.violations
        locations = (only.path,) if only.path else ()
        return Evidence(about + only.message.replace(STAND_IN, name), only.facts, locations)
    named = [
        Violation(about + v.message.replace(STAND_IN, name), v.path, v.facts)
        for v in said.violations
    ]
    # The engine's order, but for the name that stood in when it was made.
    named.sort(key=lambda v: (canonical_json(v.facts), v.message, v.path))
    return Evidence(
        message=_joined(tuple(dict.fromkeys(v.message for v in named))),
        facts={"places": [{"path": v.path, **v.facts} for v in named]},
        locations=tuple(dict.fromkeys(v.path for v in named if v.path)),
    )


def _joined(messages: Sequence[str]) -> str:
    shown = "; ".join(messages[:_MESSAGES_SHOWN])
    left = len(messages) - _MESSAGES_SHOWN
    return f"{shown}; and {left} more" if left > 0 else shown
