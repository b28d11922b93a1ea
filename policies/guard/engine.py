"""Evaluates Guard policies on resources: few processes, three answers, findings like any other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.types import UNKNOWN_KEY, Gap, Resource
from policies.doubt import undecided
from policies.guard.alike import kinds, of_all
from policies.guard.binary import MISSING, find
from policies.guard.document import GuardDocument, documents
from policies.guard.process import MEMORY_MB, TIMEOUT_S, Report, Session
from policies.guard.verdict import ANYWHERE, Broken, broken
from policies.model import GuardFile, Language, Policy, PolicySet, Violation
from policies.said import Said

_RESOURCES = 250
"""In the documents of one process; more go to the next one. Guard takes about 2 ms for each."""

_ALONE_MAX = 50
"""Resources of which each is judged alone where a rule does not say which it means."""


def session(*, timeout_s: float = TIMEOUT_S, memory_mb: int = MEMORY_MB) -> Session | None:
    """Return what runs cfn-guard, None where it is not installed."""
    binary = find()
    return None if binary is None else Session(binary, timeout_s, memory_mb)


def evaluate(
    policy_set: PolicySet, resources: Sequence[Resource], running: Session | None
) -> Iterator[Said | Gap]:
    """Yield what the Guard policies of a set say of resources; nothing for one that passes.

    A rule file that failed or took too long is one gap for each of its policies, and without
    cfn-guard there is one gap for all.
    """
    policies = policy_set.written_in(Language.GUARD)
    if not policies or not resources:
        return
    if running is None:
        detail = f"{MISSING} Policies not evaluated: {len(policies)}."
        yield Gap("cfn-guard", "unsupported", detail)
        return
    before = set(running.stopped)
    single = [file for file in policy_set.guard_files if file.types]
    whole = [file for file in policy_set.guard_files if not file.types]
    typed = {file.path for file in single}
    ours = [policy for policy in policies if policy.path in typed]
    each_kind, members = kinds(resources, ours)
    yield from of_all(judged(ours, each_kind, single, running), members)
    yield from judged(policies, documents(resources) if whole else (), whole, running)
    for policy in policies:
        fault = running.stopped.get(policy.path)
        if fault is not None and policy.path not in before:
            yield Gap(policy.check_id, fault.reason, fault.detail)


def judged(
    policies: Sequence[Policy],
    every: Iterable[GuardDocument],
    files: Sequence[GuardFile],
    running: Session,
) -> Iterator[Said]:
    """Yield what the policies of some rule files say of documents, in few processes."""
    for looking, looked_at in _by_looking(files, every):
        concerned = [policy for policy in policies if policy.path in looking]
        for batch in _batches(looked_at):
            for answer, bare in _answers(looking, batch, running):
                for policy in concerned:
                    yield from _said(policy, answer, bare)


@dataclass(frozen=True, slots=True)
class _Answer:
    """The reports of one document, by path of the rule file."""

    document: GuardDocument
    reports: Mapping[str, Report]
    files: Mapping[str, GuardFile]
    running: Session

    def broken(self, policy: Policy) -> Mapping[str, Broken]:
        """Return by logical id what a policy says; what names no resource is given to one."""
        found = self._reported(policy)
        if ANYWHERE not in found:
            return found
        named = {key: value for key, value in found.items() if key != ANYWHERE}
        return named or self._attributed(policy, found[ANYWHERE])

    def _reported(self, policy: Policy) -> Mapping[str, Broken]:
        report = self.reports.get(policy.path)
        if report is None:
            return {}
        file = self.files[policy.path]
        return broken(policy.package, report, self.document.content, file=file)

    def _attributed(self, policy: Policy, whole: Broken) -> Mapping[str, Broken]:
        """Find the resources without whose like a rule holds, or else name the first it may mean."""
        violations = whole.violations or (Violation(f"{policy.title} does not hold"),)
        verdict = Broken(violations, whole.doubtful)
        meant = [k for k, each in self.document.resources.items() if policy.applies_to(each.type)]
        if len(meant) > 1 and policy.resource_types and len(meant) <= _ALONE_MAX:
            alone = [self.document.without(set(meant) - {key}) for key in meant]
            none = self.document.without(set(meant))
            reports = self._ask(policy, [none, *alone])
            if not reports[0]:  # with none of them, nothing is wrong: each can be judged alone
                guilty = [key for key, found in zip(meant, reports[1:], strict=True) if found]
                return dict.fromkeys(guilty, verdict)
        return {next(iter(meant or self.document.resources)): verdict}

    def _ask(self, policy: Policy, documents: Sequence[GuardDocument]) -> list[bool]:
        texts = [each.text for each in documents]
        said = self.running.ask((self.files[policy.path],), texts)
        return [
            policy.path in reports and policy.package in reports[policy.path].failed
            for reports in said
        ]


def _answers(
    files: Mapping[str, GuardFile], batch: Sequence[GuardDocument], running: Session
) -> Iterator[tuple[_Answer, _Answer]]:
    """Ask about each document as it is, and where it holds unknown values once more without them."""
    bare = [each.without_unknown() for each in batch if each.holds_unknown]
    asked = [*batch, *bare]
    texts = [each.text for each in asked]
    reports = running.ask(tuple(files.values()), texts)
    answers = [
        _Answer(each, found, files, running) for each, found in zip(asked, reports, strict=True)
    ]
    without = iter(answers[len(batch) :])
    for answer in answers[: len(batch)]:
        yield answer, next(without) if answer.document.holds_unknown else answer


def _said(policy: Policy, answer: _Answer, bare: _Answer) -> Iterator[Said]:
    """Join both answers: violated is what fails with and without the unknown values."""
    found = answer.broken(policy)
    decides = bare is answer or answer.files[policy.path].asks_unknown
    other = found if decides else bare.broken(policy)
    for logical_id, resource in answer.document.resources.items():
        here, there = found.get(logical_id), other.get(logical_id)
        if here is not None and there is not None and not here.doubtful:
            yield Said(policy, resource, here.violations)
        elif here is not None or there is not None:
            yield Said(policy, resource, (), _not_known(policy, resource, here or there))
        elif (
            (answer.document.holds_unknown or resource.unreadable)
            and policy.applies_to(resource.type)
            and (why := undecided(policy, resource, {}))
        ):
            yield Said(policy, resource, (), why)


def _not_known(policy: Policy, resource: Resource, found: Broken | None) -> tuple[str, ...]:
    declared = undecided(policy, resource, {})
    paths = (v.path.removesuffix(f".{UNKNOWN_KEY}") for v in found.violations) if found else ()
    places = tuple(dict.fromkeys(path for path in paths if path))
    return declared or tuple(f"{path} is not known" for path in places) or ("a value is not known",)


def _by_looking(
    files: Sequence[GuardFile], every: Iterable[GuardDocument]
) -> Iterator[tuple[Mapping[str, GuardFile], list[GuardDocument]]]:
    """Group documents by the rule files, by path, that look at what stands in them."""
    groups: dict[tuple[str, ...], list[GuardDocument]] = {}
    for document in every:
        types = document.types
        looking = tuple(f.path for f in files if not f.types or f.types & types)
        groups.setdefault(looking, []).append(document)
    by_path = {file.path: file for file in files}
    for looking, looked_at in groups.items():
        if looking:
            yield {path: by_path[path] for path in looking}, looked_at


def _batches(documents: Iterable[GuardDocument]) -> Iterator[list[GuardDocument]]:
    """Put documents together as far as a process should have them."""
    batch: list[GuardDocument] = []
    size = 0
    for document in documents:
        if batch and size + len(document.resources) > _RESOURCES:
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += len(document.resources)
    if batch:
        yield batch
