"""Shows what several checks say of one control and one resource as one finding.

The same requirement may be written in Rego and in Guard, for the people who read the one or the
other. Both are evaluated; what is shown has the identity of the first that is sure, and the
references and standards of all.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from core.types import Finding, Gap, Resource
from policies.guard import engine
from policies.guard.process import Session
from policies.model import Language, Policy, PolicySet
from policies.said import Said
from policies.suppression import suppressed
from policies.verdict import Judged, Standing

_Key = tuple[str, str]


class Heard:
    """What the Guard policies of a set say of some resources, until Rego has spoken."""

    def __init__(self) -> None:
        self.said: dict[_Key, list[Said]] = {}
        self.gaps: list[Gap] = []

    def add(self, said: Said) -> None:
        """Keep what is said beside what is said of the same control and resource."""
        self.said.setdefault((said.policy.control, said.resource.uid), []).append(said)


def _listen(policy_set: PolicySet, resources: Sequence[Resource], running: Session | None) -> Heard:
    """Return what the Guard policies of a set say of resources."""
    heard = Heard()
    for said in engine.evaluate(policy_set, resources, running):
        if isinstance(said, Gap):
            heard.gaps.append(said)
        elif not suppressed(said.policy, said.resource):
            heard.add(said)
    return heard


def together(
    rego: Iterable[Said | Gap],
    policy_set: PolicySet,
    resources: Sequence[Resource],
    running: Session | None,
    *,
    judged: Callable[[Resource], Judged],
) -> Iterator[Finding | Gap]:
    """Yield what Rego says, joined with what Guard says of the same, then the rest of Guard's.

    Where Rego decided a control, Guard's doubt about it adds nothing. Guard's processes run while
    Rego is evaluated.
    """
    with ThreadPoolExecutor(1) as beside:
        listening = beside.submit(_listen, policy_set, resources, running)
        try:
            spoken = list(rego)
        except BaseException:  # leaving waits for all that was to be asked of Guard otherwise
            if running is not None:
                running.end()
            raise
    yield from _merged(spoken, listening.result(), policy_set, judged)


def _merged(
    rego: Iterable[Said | Gap],
    heard: Heard,
    policy_set: PolicySet,
    judged: Callable[[Resource], Judged],
) -> Iterator[Finding | Gap]:
    failed: set[str] = set()
    joined = _Joined(judged)
    for said in rego:
        if isinstance(said, Gap):
            failed.add(said.scope)
            yield said
        elif twins := heard.said.pop((said.policy.control, said.resource.uid), None):
            yield joined.finding((said, *twins))
        else:
            yield joined.alone(said)
    yield from heard.gaps
    deciding = [p for p in policy_set.written_in(Language.REGO) if p.check_id not in failed]
    by_control: dict[str, list[Policy]] = {}
    for policy in deciding:
        by_control.setdefault(policy.control, []).append(policy)
    for (control, _), each in heard.said.items():
        resource_type = each[0].resource.type
        decided = any(p.applies_to(resource_type) for p in by_control.get(control, ()))
        if not decided or any(said.violations for said in each):
            yield joined.finding(each)


class _Joined:
    """Makes one finding of all that is said of one control and one resource."""

    def __init__(self, judged: Callable[[Resource], Judged]) -> None:
        self._judged = judged
        self._alone: dict[str, Standing] = {}
        self._standings: dict[tuple[str, ...], Standing] = {}

    def alone(self, said: Said) -> Finding:
        """Return the finding of what nothing else is said beside; most are."""
        check_id = said.policy.check_id
        standing = self._alone.get(check_id)
        if standing is None:
            standing = self._alone[check_id] = _standing([said.policy])
        return self._judged(said.resource).finding(said, standing)

    def finding(self, every: Sequence[Said]) -> Finding:
        """Return the finding of the first that is sure, else of the first."""
        sure = next((n for n, said in enumerate(every) if said.violations), 0)
        ordered = (every[sure], *every[:sure], *every[sure + 1 :]) if sure else every
        standing = self._standing([said.policy for said in ordered])
        return self._judged(ordered[0].resource).finding(ordered[0], standing)

    def _standing(self, policies: Sequence[Policy]) -> Standing:
        key = tuple([policy.check_id for policy in policies])
        if key not in self._standings:
            self._standings[key] = _standing(policies)
        return self._standings[key]


def _standing(policies: Sequence[Policy]) -> Standing:
    """Return what one policy or several of one control refer to."""
    if len(policies) == 1:
        return Standing(policies[0].references, policies[0].compliance)
    compliance: dict[str, dict[str, None]] = {}
    for policy in policies:
        for name, sections in policy.compliance.items():
            compliance.setdefault(name, {}).update(dict.fromkeys(sections))
    return Standing(
        tuple(dict.fromkeys(each for policy in policies for each in policy.references)),
        {name: tuple(sections) for name, sections in compliance.items()},
    )
