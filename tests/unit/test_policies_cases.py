"""Every shipped case, in the machine and in the interpreter, and with rules broken on purpose."""

import copy
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from core.types import UNKNOWN_KEY
from policies import load, run_cases
from policies.cases import Case, CaseResult, Expectation, read_cases, run_case
from policies.model import ITSELF, RELATED, Fault, Language, Policy, PolicySet
from policies.rego import Evaluator

LOADED = load()
SET = replace(LOADED, policies=LOADED.written_in(Language.REGO))
INTERPRETED = replace(SET, policies=tuple(replace(p, interpreted=True) for p in SET.policies))
EVERY = pytest.mark.parametrize("policy", SET.policies, ids=lambda policy: policy.check_id)
MACHINE, INTERPRETER = Evaluator(SET), Evaluator(INTERPRETED)
UNKNOWN = {UNKNOWN_KEY: "removed by the test"}


def _missed(results: Sequence[CaseResult]) -> list[CaseResult]:
    return [result for result in results if not result.held]


def test_every_case_gets_its_verdict_in_the_virtual_machine() -> None:
    assert _missed(run_cases(SET)) == []


def test_every_case_gets_its_verdict_in_the_interpreter() -> None:
    assert _missed(run_cases(INTERPRETED)) == []


@EVERY
def test_failing_cases_go_red_when_a_rule_is_switched_off(policy: Policy) -> None:
    """Each failing case depends on the rules, and each rule on some failing case."""
    failing = [case for case in read_cases(policy) if case.expect is Expectation.FAIL]
    rules = _rules(policy)

    everything_off = _without(policy, range(rules))
    assert all(not run_case(everything_off, policy, case).held for case in failing)
    for number in range(rules):
        broken = _without(policy, [number])
        said = [run_case(broken, policy, case) for case in failing]
        whole = [run_case(INTERPRETER, replace(policy, interpreted=True), case) for case in failing]
        assert said != whole, (
            f"no case of {policy.check_id} needs its deny rule number {number + 1}"
        )


def _rules(policy: Policy) -> int:
    return len(_DENY.findall(_text(policy)))


_DENY = re.compile(r"^deny contains violation if \{$", flags=re.MULTILINE)


def _text(policy: Policy) -> str:
    return next(module.text for module in SET.modules if module.path == policy.path)


def _without(policy: Policy, numbers: Sequence[int]) -> Evaluator:
    """Put `false` at the head of some deny rules of a policy."""
    counted = iter(range(_rules(policy)))

    def head(match: re.Match[str]) -> str:
        return match.group() + ("\n\tfalse" if next(counted) in numbers else "")

    text = _DENY.sub(head, _text(policy))
    modules = tuple(
        replace(module, text=text) if module.path == policy.path else module
        for module in SET.modules
        if module.library or module.path == policy.path
    )
    alone = replace(policy, interpreted=True)
    return _Always(PolicySet(policies=(alone,), modules=modules, commit=""), alone)


class _Always(Evaluator):
    """An evaluator that interprets, whichever way the policy asks for."""

    def __init__(self, policy_set: PolicySet, policy: Policy) -> None:
        super().__init__(policy_set)
        self._policy = policy

    def outcomes(self, document: str, policies: Sequence[Policy]) -> Any:
        assert [policy.check_id for policy in policies] == [self._policy.check_id]
        return super().outcomes(document, (self._policy,))


@EVERY
def test_nothing_is_denied_when_all_that_a_policy_reads_is_unknown(policy: Policy) -> None:
    for case in read_cases(policy):
        if case.expect is not Expectation.FAIL:
            continue
        blind = _blinded(case, policy)
        outcome = MACHINE.outcomes(blind.document, (policy,))

        assert outcome == {}, case.name


@EVERY
def test_nothing_is_denied_for_want_of_what_could_not_be_listed(policy: Policy) -> None:
    """A relative that makes a resource pass may be among those that were not read."""
    for kind in policy.related_types:
        for case in read_cases(policy):
            if case.expect is not Expectation.PASS or kind not in case.related:
                continue
            related = {other: found for other, found in case.related.items() if other != kind}
            unread = replace(case.resource, unreadable={kind: "denied"})
            bereft = replace(case, resource=unread, related=related)

            result = run_case(MACHINE, policy, bereft)

            assert result.got == Expectation.UNKNOWN, (case.name, result.message)


def _blinded(case: Case, policy: Policy) -> Case:
    """Replace every property that the policy reads, at its first step, by the unknown marker."""
    properties = dict(case.resource.properties)
    related = dict(case.related)
    for path in policy.reads:
        if not path.startswith(RELATED):
            properties[path.split(".")[0].removesuffix(ITSELF)] = UNKNOWN
            continue
        kind, _, inner = path.removeprefix(RELATED).partition(".")
        first = inner.split(".")[0].removesuffix(ITSELF)
        others = related.get(kind) or (
            replace(case.resource, uid="other", type=kind, properties={}),
        )
        if not first:
            related[kind] = others
            continue
        related[kind] = tuple(
            replace(other, properties={**other.properties, first: UNKNOWN}) for other in others
        )
    return replace(case, resource=replace(case.resource, properties=properties), related=related)


@EVERY
def test_machine_and_interpreter_agree_on_mutations_of_every_case(policy: Policy) -> None:
    interpreted = replace(policy, interpreted=True)
    compared = 0
    for case in read_cases(policy):
        for document in _mutations(json.loads(case.document)):
            slow = INTERPRETER.outcomes(document, (interpreted,))
            if any(isinstance(outcome, Fault) for outcome in slow.values()):
                continue  # a type error: a gap in one, silence in the other, a verdict in neither
            fast = MACHINE.outcomes(document, (policy,))
            assert fast == slow, document
            compared += 1

    assert compared > len(read_cases(policy))


_VALUES: tuple[Any, ...] = (None, UNKNOWN, "x", [], True)
_MOST = 60  # of one case; some policies of IAM take milliseconds each in the interpreter


def _mutations(document: dict[str, Any]) -> Iterator[str]:
    """Yield the document with one place of its properties removed or replaced, evenly sampled."""
    resource, related = document["resource"], document["related"]
    found = [
        json.dumps({**document, "resource": {**resource, "Properties": properties}})
        for properties in _changed(resource["Properties"])
    ]
    for kind, others in related.items():
        for n, other in enumerate(others):
            for properties in _changed(other["Properties"]):
                changed = [*others[:n], {**other, "Properties": properties}, *others[n + 1 :]]
                found.append(json.dumps({**document, "related": {**related, kind: changed}}))
    yield from found[:: 1 + len(found) // _MOST]


def _changed(node: Any) -> Iterator[Any]:
    keys = (
        list(node) if isinstance(node, dict) else range(len(node) if isinstance(node, list) else 0)
    )
    for key in keys:
        without = copy.copy(node)
        del without[key]
        yield without
        for value in (*_VALUES, *_changed(node[key])):
            with_value = copy.copy(node)
            with_value[key] = value
            yield with_value
