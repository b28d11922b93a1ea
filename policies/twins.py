"""Shows what several checks say of one control and one resource as one finding.

The same requirement may be written in Rego and in Guard, for the people who read the one or the
other. Both are evaluated; what is shown has the identity of the first that is sure, and the
references and standards of all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from core.types import Estate, Finding, Gap, Resource, Status
from policies.guard import engine
from policies.guard.process import Session
from policies.guard.said import Said
from policies.model import Language, Policy, PolicySet
from policies.suppression import suppressed
from policies.verdict import Judged

_Key = tuple[str, str]


class Heard:
    """What the Guard policies of a set say of some resources, until Rego has spoken."""

    def __init__(self) -> None:
        self.findings: dict[_Key, Finding] = {}
        self.gaps: list[Gap] = []

    def add(self, finding: Finding) -> None:
        """Keep a finding, joined with what is known of the same control and resource."""
        key = (finding.control, finding.resource_uid)
        known = self.findings.get(key)
        self.findings[key] = joined(known, finding) if known else finding


def listen(
    policy_set: PolicySet,
    resources: Sequence[Resource],
    running: Session | None,
    *,
    relatives: Callable[[Resource], Mapping[str, Sequence[Resource]]],
    estate: Estate,
) -> Heard:
    """Return what the Guard policies of a set say of resources."""
    heard = Heard()
    for said in engine.evaluate(policy_set, resources, running):
        if isinstance(said, Gap):
            heard.gaps.append(said)
        elif not suppressed(said.policy, said.resource):
            heard.add(_finding(said, relatives(said.resource), estate=estate))
    return heard


def _finding(said: Said, related: Mapping[str, Sequence[Resource]], *, estate: Estate) -> Finding:
    judged = Judged(said.resource, related, estate)
    if said.violations:
        named = tuple(  # a rule's message is the same for all that it is about
            replace(each, message=f"{said.resource.name}: {each.message}")
            for each in said.violations
        )
        return judged.violated(said.policy, named)
    return judged.unsure(said.policy, said.not_known)


def together(
    rego: Iterable[Finding | Gap], heard: Heard, policy_set: PolicySet
) -> Iterator[Finding | Gap]:
    """Yield what Rego says, joined with what Guard says of the same, then the rest of Guard's.

    Where Rego decided a control, Guard's doubt about it adds nothing.
    """
    failed: set[str] = set()
    for said in rego:
        if isinstance(said, Gap):
            failed.add(said.scope)
            yield said
        else:
            twin = heard.findings.pop((said.control, said.resource_uid), None)
            yield joined(said, twin) if twin else said
    yield from heard.gaps
    deciding = [p for p in policy_set.written_in(Language.REGO) if p.check_id not in failed]
    by_control: dict[str, list[Policy]] = {}
    for policy in deciding:
        by_control.setdefault(policy.control, []).append(policy)
    for finding in heard.findings.values():
        twins = by_control.get(finding.control, ())
        decided = any(policy.applies_to(finding.resource_type) for policy in twins)
        if finding.status is not Status.UNKNOWN or not decided:
            yield finding


def joined(first: Finding, other: Finding) -> Finding:
    """Return one finding for two of one control and resource: the sure one, else the first."""
    if first.status is Status.UNKNOWN and other.status is not Status.UNKNOWN:
        first, other = other, first
    standards = {
        name: tuple(
            dict.fromkeys((*first.compliance.get(name, ()), *other.compliance.get(name, ())))
        )
        for name in (*first.compliance, *(n for n in other.compliance if n not in first.compliance))
    }
    return replace(
        first,
        references=tuple(dict.fromkeys((*first.references, *other.references))),
        compliance=standards,
    )
