"""Measure the Guard policies: their verdicts on the registry's cases, and how fast they come.

    python -m bench.guard [--differences]

The cases are those of the AWS Guard rules registry in the development data: inputs with the status
that a rule of the registry gives. Each is given to the rule of ours that names that rule among its
references, once as it is written (PASS, FAIL or SKIP), and once read as a template, as
`plumbline check` would (flagged or not). These are development scores: other cases may come out
differently.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import templates
from core.errors import UnreadableTemplate
from core.types import Estate, Finding, Resource, Status
from policies import load
from policies.cases import NOW
from policies.evaluate import evaluate_each
from policies.guard import engine
from policies.model import Language, Policy, PolicySet

DEVELOPMENT_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
CASES = DEVELOPMENT_DATA / "policy_cases" / "guard_cases.jsonl"
_RESOURCES = (1, 100, 1_000)


@dataclass(frozen=True, slots=True)
class Case:
    """One input, the registry's rule and its status, and our policy that answers it."""

    rule_id: str
    name: str
    expected: str
    content: Any
    policy: Policy


def cases(policy_set: PolicySet, path: Path = CASES) -> tuple[Case, ...]:
    """Return the registry's cases of every rule that a Guard policy of ours answers."""
    answering = {
        reference: policy
        for policy in policy_set.written_in(Language.GUARD)
        for reference in policy.references
    }
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(
        Case(each["rule_id"], each["name"], each["expectation"], each["input"], policy)
        for each in lines
        if (policy := answering.get(each["rule_id"])) is not None
    )


def statuses(policy_set: PolicySet, every: Sequence[Case]) -> list[str]:
    """Return Guard's status of each case as it is written."""
    running = engine.session()
    if running is None:
        sys.exit("cfn-guard is not installed; `plumbline policy install-guard` gets it.")
    texts = [json.dumps(case.content) for case in every]
    said = running.ask(policy_set.guard_files, texts)
    return [
        reports[case.policy.path].status(case.policy.package)
        for case, reports in zip(every, said, strict=True)
    ]


def flagged(policy_set: PolicySet, every: Sequence[Case]) -> list[str]:
    """Return flagged, passed, unknown or unreadable for each case, read as a template."""
    read = [_resources(case, number) for number, case in enumerate(every)]
    groups = [resources or () for resources in read]
    found: dict[str, set[tuple[str, Status]]] = {}
    for said in evaluate_each(policy_set, groups, estate=Estate(), now=NOW):
        if isinstance(said, Finding) and said.source is not None:
            named = {(reference, said.status) for reference in said.references}
            found.setdefault(said.source.file, set()).update(named)
    return [
        "unreadable" if read[number] is None else _word(case, found.get(f"{number}.json", set()))
        for number, case in enumerate(every)
    ]


def _word(case: Case, found: set[tuple[str, Status]]) -> str:
    if (case.rule_id, Status.OPEN) in found:
        return "flagged"
    return "unknown" if (case.rule_id, Status.UNKNOWN) in found else "passed"


def _resources(case: Case, number: int) -> tuple[Resource, ...] | None:
    data = json.dumps(case.content).encode()
    try:
        return templates.read(data, file=f"{number}.json", secret_key=b"bench").resources
    except UnreadableTemplate:
        return None


def differences(every: Sequence[Case], said: Sequence[str]) -> Iterator[str]:
    """Yield what came out differently from what the registry says."""
    for case, status in zip(every, said, strict=True):
        if status != case.expected:
            yield f"{case.rule_id}: {case.name}: expected {case.expected}, got {status}"


def main() -> None:
    """Print the scores and the times."""
    policy_set = load()
    if CASES.exists():
        _print_scores(policy_set, details="--differences" in sys.argv)
    else:
        print(f"{CASES} is absent: no scores.")
    _print_times(policy_set)


def _print_scores(policy_set: PolicySet, *, details: bool) -> None:
    every = cases(policy_set)
    rules = {case.rule_id for case in every}
    said = statuses(policy_set, every)
    wrong = list(differences(every, said))
    print(f"development score: {len(every)} cases of {len(rules)} rules of the registry")
    print(f"as they are written: {len(every) - len(wrong)} of {len(every)} statuses as expected")
    table = Counter(zip((case.expected for case in every), said, strict=True))
    for (expected, got), count in sorted(table.items()):
        print(f"  expected {expected}, got {got}: {count}")
    read = flagged(policy_set, every)
    print("read as templates:")
    counted = Counter(zip((case.expected for case in every), read, strict=True))
    for (expected, got), count in sorted(counted.items()):
        print(f"  expected {expected}, {got}: {count}")
    if details:
        print("\n".join(wrong))


def _print_times(policy_set: PolicySet) -> None:
    for count in _RESOURCES:
        running = engine.session()
        if running is None:
            return
        start = time.perf_counter()
        said = sum(1 for _ in engine.evaluate(policy_set, _buckets(count), running))
        took = time.perf_counter() - start
        print(f"{count} resources: {took:.2f} s, {running.processes} processes, {said} verdicts")


def _buckets(count: int) -> list[Resource]:
    """Make buckets of which no two look alike to the rules, so that each is judged."""
    return [
        Resource(
            f"arn:aws:s3:::b{n}",
            "AWS::S3::Bucket",
            f"b{n}",
            {"BucketName": f"b{n}", "LoggingConfiguration": {"LogFilePrefix": f"b{n}/"}},
            account="111122223333",
            region="eu-west-1",
        )
        for n in range(count)
    ]


if __name__ == "__main__":
    main()
