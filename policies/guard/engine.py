"""Evaluates Guard policies on resources: few processes, three answers, findings like any other."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.types import Gap, Resource
from policies.document import plain
from policies.doubt import undecided
from policies.guard.binary import MISSING, find
from policies.guard.document import GuardDocument, documents
from policies.guard.process import MEMORY_MB, TIMEOUT_S, Report, Session
from policies.guard.verdict import ANYWHERE, Broken, broken
from policies.model import GuardFile, Language, Policy, PolicySet, Violation

_BYTES = 2_000_000
"""Of documents in one process; more documents go to the next one."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one Guard policy says of one resource. Without violations it could not be decided."""

    policy: Policy
    resource: Resource
    violations: tuple[Violation, ...]
    not_known: tuple[str, ...] = ()


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
    yield from judged(policy_set, documents(resources), running)
    for policy in policies:
        fault = running.stopped.get(policy.path)
        if fault is not None and policy.path not in before:
            yield Gap(policy.check_id, fault.reason, fault.detail)


def judged(
    policy_set: PolicySet, every: Iterable[GuardDocument], running: Session
) -> Iterator[Said]:
    """Yield what the Guard policies of a set say of documents, in few processes."""
    policies = policy_set.written_in(Language.GUARD)
    for batch in _batches(every):
        for document, answer, bare in _answers(policy_set, batch, running):
            for policy in policies:
                yield from _said(policy, document, answer, bare)


@dataclass(frozen=True, slots=True)
class _Answer:
    """The reports of one document, by path of the rule file."""

    document: GuardDocument
    reports: Mapping[str, Report]
    files: Mapping[str, GuardFile]

    def broken(self, policy: Policy) -> Mapping[str, Broken]:
        report = self.reports.get(policy.path)
        if report is None:
            return {}
        file = self.files[policy.path]
        return broken(policy.package, report, self.document.content, file=file)


def _answers(
    policy_set: PolicySet, batch: Sequence[GuardDocument], running: Session
) -> Iterator[tuple[GuardDocument, _Answer, _Answer]]:
    """Ask about each document as it is, and where it holds unknown values once more without them."""
    files = {file.path: file for file in policy_set.guard_files}
    doubtful = [document for document in batch if document.holds_unknown]
    bare = [document.without_unknown() for document in doubtful]
    asked = [*batch, *bare]
    texts = [json.dumps(each.content, default=plain) for each in asked]
    reports = list(running.ask(tuple(files.values()), texts))
    answers = [_Answer(each, found, files) for each, found in zip(asked, reports, strict=True)]
    without = iter(answers[len(batch) :])
    for document, answer in zip(batch, answers[: len(batch)], strict=True):
        yield document, answer, next(without) if document.holds_unknown else answer


def _said(
    policy: Policy, document: GuardDocument, answer: _Answer, bare: _Answer
) -> Iterator[Said]:
    """Join both answers: violated is what fails with and without the unknown values."""
    found = _attributed(policy, document, answer.broken(policy))
    other = found if bare is answer else _attributed(policy, document, bare.broken(policy))
    for logical_id, resource in document.resources.items():
        if not policy.applies_to(resource.type) and logical_id not in found:
            continue
        here, there = found.get(logical_id), other.get(logical_id)
        if here is not None and there is not None and not here.doubtful:
            yield Said(policy, resource, here.violations)
        elif here is not None or there is not None:
            yield Said(policy, resource, (), _not_known(policy, resource, here or there))
        elif (document.holds_unknown or resource.unreadable) and (
            why := undecided(policy, resource, {})
        ):
            yield Said(policy, resource, (), why)


def _attributed(
    policy: Policy, document: GuardDocument, found: Mapping[str, Broken]
) -> Mapping[str, Broken]:
    """Give what a rule says of a whole document to the first resource it could be about."""
    if ANYWHERE not in found:
        return found
    named = {key: value for key, value in found.items() if key != ANYWHERE}
    if named or not document.resources:
        return named
    first = next(
        (key for key, each in document.resources.items() if policy.applies_to(each.type)),
        next(iter(document.resources)),
    )
    whole = found[ANYWHERE]
    violations = whole.violations or (Violation(f"{policy.title} does not hold"),)
    return {first: Broken(violations, whole.doubtful)}


def _not_known(policy: Policy, resource: Resource, found: Broken | None) -> tuple[str, ...]:
    declared = undecided(policy, resource, {})
    places = tuple(v.path for v in found.violations if v.path) if found else ()
    return declared or tuple(f"{path} is not known" for path in places) or ("a value is not known",)


def _batches(every: Iterable[GuardDocument]) -> Iterator[list[GuardDocument]]:
    batch: list[GuardDocument] = []
    size = 0
    for document in every:
        length = len(json.dumps(document.content, default=plain))
        if batch and size + length > _BYTES:
            yield batch
            batch, size = [], 0
        batch.append(document)
        size += length
    if batch:
        yield batch
