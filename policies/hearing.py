"""Asks what policies say of resources, once for all resources that look the same to a policy.

The answer to a question is remembered: a document is the whole of what a policy is told, so the same
document gets the same answer. `policies.sight` makes documents alike that differ in nothing that
matters to the policy.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.types import Estate, Finding, Gap, Resource
from graph import relate
from policies.document import Documents, View
from policies.doubt import Related, supposed, undecided
from policies.model import Fault, Outcome, Policy, PolicySet, related_types
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


class Memory:
    """What the policies of a set can see, and what they have said."""

    def __init__(self, policy_set: PolicySet) -> None:
        self.sights = Sights(policy_set)
        self._answers: dict[str, dict[str, Outcome]] = {}

    def of(self, policy: Policy) -> dict[str, Outcome]:
        """Return what is remembered of a policy, by document."""
        return self._answers.setdefault(policy.check_id, {})

    def make_room(self) -> None:
        """Forget everything when it has become too much."""
        if sum(map(len, self._answers.values())) > _MOST:
            self._answers.clear()


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

    def related(self, resource: Resource) -> Related:
        """Return the resources related to one, by type."""
        return self._relations.of(resource)

    def judge(
        self, batch: Sequence[Resource], policies: Sequence[Policy]
    ) -> Iterator[Finding | Gap]:
        """Yield what policies say of resources of one type, in the order of both."""
        self._memory.make_room()
        columns = [self._column(policy) for policy in policies]
        shown = [_Shown(resource, self._relations.of(resource)) for resource in batch]
        rows = self._answers(shown, columns)
        doubts = self._doubts(shown, columns, rows)
        heard = [
            (n, policy) for n, policy in enumerate(policies) if policy.check_id not in self.stopped
        ]
        for place, (each, row) in enumerate(zip(shown, rows, strict=True)):
            if not doubts and not any(row):
                continue
            judged = Judged(each.resource, each.related, self.estate)
            for n, policy in heard:
                outcome, why = row[n], doubts.get((place, n)) if doubts else None
                if not (outcome or why) or suppressed(policy, each.resource):
                    continue
                if isinstance(outcome, Fault):
                    yield gap(policy, outcome, resource=each.resource)
                elif outcome:
                    yield judged.violated(policy, outcome)
                elif why:
                    yield judged.unsure(policy, why)

    def _column(self, policy: Policy) -> "_Column":
        sight = self._memory.sights.of(policy)
        if sight is None:  # it is never shown the same twice: its answers last for one batch
            return _Column(policy, None, {})
        return _Column(policy, self._documents.view(sight), self._memory.of(policy))

    def _answers(
        self, shown: Sequence["_Shown"], columns: Sequence["_Column"]
    ) -> list[list[Outcome]]:
        """Return what each policy says of each resource; what was stopped says nothing."""
        rows = []
        missing: list[tuple[int, int, str]] = []
        for place, each in enumerate(shown):
            row: list[Outcome] = []
            for n, document in enumerate(self._documents_of(each, columns)):
                answer = columns[n].answers.get(document)
                if answer is None:
                    missing.append((place, n, document))
                    answer = _NOTHING
                row.append(answer)
            rows.append(row)
        if missing:
            self._learn({(document, n) for _, n, document in missing}, columns)
        for place, n, document in missing:
            rows[place][n] = columns[n].answers.get(document, _NOTHING)
        return rows

    def _documents_of(self, shown: "_Shown", columns: Sequence["_Column"]) -> Iterator[str]:
        """Yield what each policy sees of a resource."""
        texts = self._documents.texts(shown.resource)
        whole = ""
        for column in columns:
            if column.view is not None:
                yield column.view.document(texts, shown.related)
                continue
            whole = whole or self._whole(shown, [each.policy for each in columns])
            yield whole

    def _whole(self, shown: "_Shown", policies: Sequence[Policy]) -> str:
        types = related_types(policies)
        related = {k: found for k, found in shown.related.items() if types is None or k in types}
        return self._documents.whole(shown.resource, related)

    def _learn(self, missing: Iterable[tuple[str, int]], columns: Sequence["_Column"]) -> None:
        wanted: dict[str, list[Policy]] = {}
        for document, n in sorted(missing):
            wanted.setdefault(document, []).append(columns[n].policy)
        said = self.ask(wanted)
        for document, n in missing:
            check_id = columns[n].policy.check_id
            if check_id not in self.stopped:
                columns[n].answers[document] = said.get((check_id, document), _NOTHING)

    def _doubts(
        self,
        shown: Sequence["_Shown"],
        columns: Sequence["_Column"],
        rows: Sequence[Sequence[Outcome]],
    ) -> dict[tuple[int, int], tuple[str, ...]]:
        """Return why the silence of a policy proves nothing, by places of resource and policy."""
        found = {}
        for place, (each, row) in enumerate(zip(shown, rows, strict=True)):
            if not self._may_be_unknown(each):
                continue
            for n, column in enumerate(columns):
                if not row[n] and (why := undecided(column.policy, each.resource, each.related)):
                    found[place, n] = why
        return self._left_at_worst(found, shown, columns) if found else found

    def _may_be_unknown(self, shown: "_Shown") -> bool:
        texts = self._documents.texts
        if shown.resource.unreadable or texts(shown.resource).marked:
            return True
        return any(texts(other).marked for found in shown.related.values() for other in found)

    def _left_at_worst(
        self,
        doubts: Mapping[tuple[int, int], tuple[str, ...]],
        shown: Sequence["_Shown"],
        columns: Sequence["_Column"],
    ) -> dict[tuple[int, int], tuple[str, ...]]:
        """Return the doubts that stay when the worst is supposed of policy statements."""
        places = sorted({place for place, _ in doubts})
        worst = {place: shown[place].at_worst() for place in places}
        rows = dict(zip(places, self._answers(list(worst.values()), columns), strict=True))
        return {
            (place, n): why
            for (place, n), why in doubts.items()
            if rows[place][n]
            or undecided(columns[n].policy, worst[place].resource, worst[place].related)
        }


@dataclass(frozen=True, slots=True)
class _Shown:
    """A resource as policies are shown it."""

    resource: Resource
    related: Related

    def at_worst(self) -> "_Shown":
        """Return it with the worst supposed of its policy statements."""
        related = {kind: tuple(map(supposed, found)) for kind, found in self.related.items()}
        return _Shown(supposed(self.resource), related)


@dataclass(frozen=True, slots=True)
class _Column:
    """A policy with what it sees, None for everything, and what it has said."""

    policy: Policy
    view: View | None
    answers: dict[str, Outcome]
