"""Asks what policies say of resources, once for all resources that look the same to a policy.

The answer to a question is remembered: a document is the whole of what a policy is told, so the same
document gets the same answer. `policies.sight` makes documents alike that differ in nothing that
matters to the policy.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

from core.types import Estate, Gap, Resource
from graph import relate
from policies.document import Documents, View
from policies.doubt import Related, supposed, undecided
from policies.model import Fault, Outcome, Policy, PolicySet, related_types
from policies.said import Said
from policies.sight import Sights
from policies.suppression import suppressed
from policies.verdict import Judged, gap

Wanted = Mapping[str, Sequence[Policy]]
"""Documents, each with the policies to be asked about it."""

Ask = Callable[[Wanted], Mapping[tuple[str, str], Outcome]]
"""Answers by check id and document. What is not among them denies nothing."""

_MOST = 50_000
"""Answers that are kept, about 50 MB."""

_NOTHING: Outcome = ()


Row = tuple[tuple[int, Outcome], ...]
"""What policies say of one document: the place of each that says anything, and its outcome."""


class Memory:
    """What the policies of a set can see, and what they have said."""

    def __init__(self, policy_set: PolicySet) -> None:
        self.sights = Sights(policy_set)
        self._answers: dict[str, dict[str, Outcome]] = {}
        self._rows: dict[tuple[str, ...], dict[str, Row]] = {}

    def of(self, policy: Policy) -> dict[str, Outcome]:
        """Return what is remembered of a policy, by document."""
        return self._answers.setdefault(policy.check_id, {})

    def rows(self, resource_type: str, policies: Iterable[Policy]) -> dict[str, Row]:
        """Return what is remembered of policies that are shown the same of a type, by document."""
        key = (resource_type, *(policy.check_id for policy in policies))
        return self._rows.setdefault(key, {})

    def make_room(self) -> None:
        """Forget everything when it has become too much."""
        if sum(map(len, self._answers.values())) > _MOST:
            self._answers.clear()
            for rows in self._rows.values():  # which hearings hold
                rows.clear()


def memory_of(policy_set: PolicySet) -> Memory:
    """Return this thread's memory of a policy set."""
    held = policy_set._memories  # noqa: SLF001 the set carries it, this module fills it
    found: Memory | None = getattr(held, "memory", None)
    if found is None:
        found = held.memory = Memory(policy_set)
    return found


@dataclass
class Hearing:
    """One evaluation of a policy set on an estate.

    `stopped` names policies that had to be stopped, and may grow while questions are asked.
    """

    policy_set: PolicySet
    resources: Sequence[Resource]
    estate: Estate
    now: datetime
    ask: Ask
    stopped: Mapping[str, Fault] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._relations = relate(self.resources)
        self._documents = Documents(estate=self.estate, now=self.now)
        self._memory = memory_of(self.policy_set)
        self._names = _names_by_type(self.resources)
        self._groups: dict[tuple[str, tuple[str, ...]], tuple[_Group, ...]] = {}
        self._judged: dict[int, Judged] = {}

    def judged(self, resource: Resource) -> Judged:
        """Return what makes findings on one of the resources."""
        found = self._judged.get(id(resource))
        if found is None:
            related = self._relations.of(resource)
            found = self._judged[id(resource)] = Judged(resource, related, self.estate)
        return found

    def judge(self, batch: Sequence[Resource]) -> Iterator[Said | Gap]:
        """Yield what the policies for a type say of resources of that type, in the order of both."""
        self._memory.make_room()
        policies = self.policy_set.for_type(batch[0].type)
        shown = [_Shown(resource, self._relations.of(resource)) for resource in batch]
        rows = self._rows(shown)
        doubts = self._doubts(shown, rows, policies)
        for place, (each, row) in enumerate(zip(shown, rows, strict=True)):
            why = doubts.get(place, {})
            for n, outcome in sorted((*row, *((n, ()) for n in why)), key=itemgetter(0)):
                policy = policies[n]
                if policy.check_id in self.stopped or suppressed(policy, each.resource):
                    continue
                if isinstance(outcome, Fault):
                    yield gap(policy, outcome, resource=each.resource)
                else:
                    yield Said(policy, each.resource, outcome, why.get(n, ()))

    def _rows(self, shown: Sequence["_Shown"]) -> list[list[tuple[int, Outcome]]]:
        """Return what the policies say of each resource; what was stopped says nothing."""
        rows: list[list[tuple[int, Outcome]]] = []
        missing: list[tuple[int, _Group, str]] = []
        for place, each in enumerate(shown):
            row: list[tuple[int, Outcome]] = []
            rows.append(row)
            for group, document in self._documents_of(each):
                known = group.rows.get(document)
                if known is None:
                    missing.append((place, group, document))
                elif known:
                    row += known
        learnt = self._learn({(group, document): None for _, group, document in missing})
        for place, group, document in missing:
            rows[place] += learnt[group, document]
        return rows

    def _documents_of(self, shown: "_Shown") -> Iterator[tuple["_Group", str]]:
        """Yield what policies see of a resource."""
        texts = self._documents.texts(shown.resource)
        for group in self._groups_of(shown.resource.type, texts.names):
            if group.view is not None:
                yield group, group.view.document(texts, shown.related)
            else:
                yield group, self._whole(shown)

    def _groups_of(self, resource_type: str, names: tuple[str, ...]) -> tuple["_Group", ...]:
        """Return the policies for a type, together where they see the same of such a resource."""
        found = self._groups.get((resource_type, names))
        if found is None:
            alike: dict[Hashable, list[int]] = {}
            policies = self.policy_set.for_type(resource_type)
            for n, policy in enumerate(policies):
                sight = self._memory.sights.of(policy)
                shown = sight and sight.shown(names, self._names)
                alike.setdefault(shown, []).append(n)
            found = tuple(
                self._group(resource_type, {n: policies[n] for n in each})
                for each in alike.values()
            )
            self._groups[resource_type, names] = found
        return found

    def _group(self, resource_type: str, policies: Mapping[int, Policy]) -> "_Group":
        sight = self._memory.sights.of(next(iter(policies.values())))
        if sight is None:  # they are never shown the same twice
            return _Group(policies, None, {})
        rows = self._memory.rows(resource_type, policies.values())
        return _Group(policies, self._documents.view(sight), rows)

    def _whole(self, shown: "_Shown") -> str:
        types = related_types(self.policy_set.for_type(shown.resource.type))
        related = {k: found for k, found in shown.related.items() if types is None or k in types}
        return self._documents.whole(shown.resource, related)

    def _learn(
        self, missing: Collection[tuple["_Group", str]]
    ) -> Mapping[tuple["_Group", str], Row]:
        """Return what groups say of documents, having asked about what is not remembered."""
        wanted: dict[str, list[Policy]] = {}
        for group, document in missing:
            for policy in group.policies.values():
                if group.view is None or document not in self._memory.of(policy):
                    wanted.setdefault(document, []).append(policy)
        said = self.ask(wanted) if wanted else {}
        learnt: dict[tuple[_Group, str], Row] = {}
        for group, document in missing:
            learnt[group, document] = self._row(group, document, said)
            if group.view is not None and not self._any_stopped(group):
                group.rows[document] = learnt[group, document]
        return learnt

    def _row(self, group: "_Group", document: str, said: Mapping[tuple[str, str], Outcome]) -> Row:
        row = []
        for n, policy in group.policies.items():
            outcome = said.get((policy.check_id, document), _NOTHING)
            if group.view is not None and policy.check_id not in self.stopped:
                outcome = self._memory.of(policy).setdefault(document, outcome)
            if outcome:
                row.append((n, outcome))
        return tuple(row)

    def _any_stopped(self, group: "_Group") -> bool:
        return any(policy.check_id in self.stopped for policy in group.policies.values())

    def _doubts(
        self,
        shown: Sequence["_Shown"],
        rows: Sequence[Sequence[tuple[int, Outcome]]],
        policies: Sequence[Policy],
    ) -> dict[int, dict[int, tuple[str, ...]]]:
        """Return why the silence of policies proves nothing, by places of resource and policy."""
        found: dict[int, dict[int, tuple[str, ...]]] = {}
        for place, (each, row) in enumerate(zip(shown, rows, strict=True)):
            if not self._may_be_unknown(each):
                continue
            heard = {n for n, _ in row}
            for n, policy in enumerate(policies):
                if n not in heard and (why := undecided(policy, each.resource, each.related)):
                    found.setdefault(place, {})[n] = why
        return self._left_at_worst(found, shown, policies) if found else found

    def _may_be_unknown(self, shown: "_Shown") -> bool:
        texts = self._documents.texts
        if shown.resource.unreadable or texts(shown.resource).marked:
            return True
        return any(texts(other).marked for found in shown.related.values() for other in found)

    def _left_at_worst(
        self,
        doubts: Mapping[int, Mapping[int, tuple[str, ...]]],
        shown: Sequence["_Shown"],
        policies: Sequence[Policy],
    ) -> dict[int, dict[int, tuple[str, ...]]]:
        """Return the doubts that stay when the worst is supposed of policy statements."""
        worst = [shown[place].at_worst() for place in doubts]
        left: dict[int, dict[int, tuple[str, ...]]] = {}
        for (place, each), at_worst, row in zip(
            doubts.items(), worst, self._rows(worst), strict=True
        ):
            heard = {n for n, _ in row}
            left[place] = {
                n: why
                for n, why in each.items()
                if n in heard or undecided(policies[n], at_worst.resource, at_worst.related)
            }
        return left


def _names_by_type(resources: Iterable[Resource]) -> Mapping[str, tuple[str, ...]]:
    """Return the names of properties that occur, by type."""
    found: dict[str, dict[str, None]] = {}
    for resource in resources:
        found.setdefault(resource.type, {}).update(dict.fromkeys(resource.properties))
    return {kind: tuple(names) for kind, names in found.items()}


@dataclass(frozen=True, slots=True)
class _Shown:
    """A resource as policies are shown it."""

    resource: Resource
    related: Related

    def at_worst(self) -> "_Shown":
        """Return it with the worst supposed of its policy statements."""
        related = {kind: tuple(map(supposed, found)) for kind, found in self.related.items()}
        return _Shown(supposed(self.resource), related)


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Policies by their place, what they all see, None for everything, and what they have said."""

    policies: Mapping[int, Policy]
    view: View | None
    rows: dict[str, Row]
