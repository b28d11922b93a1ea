"""The process in which policies are evaluated; `policies.isolate` starts it.

It reads one JSON object a line on standard input and answers on standard output. It has no
environment to speak of, limits its own memory, and is killed from outside when it takes too long.

    {"modules": [...], "policies": [...], "memory_mb": n}           -> {"ready": true}
    {"asked": [[document, [check, ...]], ...]}                      -> {"said": [[i, check, what]]}
    the same with "alone": true        -> {"trying": check} before each check, then {"said": ...}
    {"unresolved": [check, ...]}       -> what the checks call that does not exist, as faults
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.garbage import collection_paused
from core.types import Severity
from policies.model import (
    Fault,
    Language,
    Module,
    Outcome,
    Policy,
    PolicySet,
    RegoVersion,
    Violation,
)
from policies.rego import Evaluator, unresolved

_Asked = tuple[str, Sequence[Policy]]
_Said = tuple[int, str, Any]


def encode_set(policy_set: PolicySet, *, memory_mb: int) -> Mapping[str, Any]:
    """Return the first message: everything evaluation needs of a policy set."""
    return {
        "memory_mb": memory_mb,
        "modules": [
            [m.path, m.text, m.version.value, m.package, m.library] for m in policy_set.modules
        ],
        "policies": [
            [p.check_id, p.package, list(p.rules), p.version.value, p.interpreted]
            for p in policy_set.written_in(Language.REGO)
        ],
    }


def decode_outcome(said: Any) -> Outcome:
    """Return what a policy said, as the child wrote it."""
    if isinstance(said, dict):
        return Fault(said["reason"], said["detail"])
    return tuple(Violation(message, path, facts) for message, path, facts in said)


def main() -> None:
    """Answer requests until standard input ends."""
    first = json.loads(sys.stdin.readline())
    _limit_memory(int(first["memory_mb"]))
    policy_set = _decode_set(first)
    evaluator = Evaluator(policy_set)
    _answer({"ready": True})
    for line in sys.stdin:
        request = json.loads(line)
        if "unresolved" in request:
            checks = [policy_set.by_id[check_id] for check_id in request["unresolved"]]
            _answer({"said": list(_unresolved(policy_set, checks))})
            continue
        asked = [
            (document, [policy_set.by_id[check_id] for check_id in checks])
            for document, checks in request["asked"]
        ]
        with collection_paused():
            said = _one_by_one(evaluator, asked) if request["alone"] else _say(evaluator, asked)
            _answer({"said": list(said)})


def _one_by_one(evaluator: Evaluator, asked: Sequence[_Asked]) -> Iterator[_Said]:
    """Say before each policy that it is tried: it may be the last thing that is heard."""
    for policy in {policy.check_id: policy for _, each in asked for policy in each}.values():
        _answer({"trying": policy.check_id})
        yield from _say(
            evaluator, [(document, [policy] if policy in each else []) for document, each in asked]
        )


def _unresolved(policy_set: PolicySet, policies: Sequence[Policy]) -> Iterator[_Said]:
    for policy in policies:
        if detail := unresolved(policy_set, policy):
            yield 0, policy.check_id, {"reason": "failed", "detail": detail}


def _say(evaluator: Evaluator, asked: Sequence[_Asked]) -> Iterator[_Said]:
    for index, (document, policies) in enumerate(asked):
        for check_id, outcome in evaluator.outcomes(document, policies).items():
            yield index, check_id, _encode_outcome(outcome)


def _encode_outcome(outcome: Outcome) -> Any:
    if isinstance(outcome, Fault):
        return {"reason": outcome.reason, "detail": outcome.detail}
    return [[v.message, v.path, v.facts] for v in outcome]


def _decode_set(message: Mapping[str, Any]) -> PolicySet:
    modules = tuple(
        Module(path, text, RegoVersion(version), package, library)
        for path, text, version, package, library in message["modules"]
    )
    policies = tuple(
        Policy(
            check_id=check_id,
            control="",
            title="",
            severity=Severity.INFO,
            resource_types=(),
            reads=(),
            description="",
            remediation="",
            package=package,
            rules=tuple(rules),
            path="",
            commit="",
            version=RegoVersion(version),
            interpreted=interpreted,
        )
        for check_id, package, rules, version, interpreted in message["policies"]
    )
    return PolicySet(policies=policies, modules=modules, commit="")


def _limit_memory(memory_mb: int) -> None:
    try:
        import resource
    except ImportError:
        return
    limit = memory_mb * 1024 * 1024
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(message: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
