"""Runs the cases that stand beside a policy: inputs with the verdict they must get.

    cases:
      - name: a bucket without encryption
        expect: fail            # pass, fail or unknown
        resource: {Properties: {}}
        related: {"AWS::S3::BucketPolicy": [{Properties: {...}}]}

`Type` is the policy's first resource type unless stated; `Name`, `Tags`, `Account`, `Region`,
`Live` and `Unreadable` may be given; so may `settings` and `now` beside `resource`.

Instead of `resource` and `related`, a case may give source text, `terraform: |` or
`cloudformation: |`, and `address` where more than one resource in it is of the policy's types.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from core.errors import PolicyError, UnreadableTemplate
from core.types import Estate, Resource, SourceSpan
from policies.document import Documents
from policies.doubt import supposed, undecided
from policies.guard import engine
from policies.guard.binary import MISSING
from policies.guard.document import document
from policies.model import Fault, Language, Policy, PolicySet
from policies.rego import Evaluator, evaluator_of
from policies.said import Said
from policies.written import is_written, written

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""The time at which cases are evaluated unless they give their own."""

ACCOUNT, REGION = "111122223333", "eu-west-1"
"""Where the resources of cases stand unless they say otherwise."""


class Expectation(StrEnum):
    """The verdict a case must get."""

    PASS = "pass"  # noqa: S105 a verdict
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Case:
    """One input of one policy, and the verdict it must get."""

    name: str
    expect: Expectation
    resource: Resource
    related: Mapping[str, tuple[Resource, ...]]
    estate: Estate
    now: datetime

    def at_worst(self) -> "Case":
        """Return the case with the worst supposed of its policy statements."""
        related = {kind: tuple(map(supposed, each)) for kind, each in self.related.items()}
        return replace(self, resource=supposed(self.resource), related=related)

    @property
    def document(self) -> str:
        """The whole input document."""
        return Documents(estate=self.estate, now=self.now).whole(self.resource, self.related)


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What one case came to. `message` says what the policy said, or why it could not."""

    check_id: str
    name: str
    expected: str
    got: str
    message: str = ""

    @property
    def held(self) -> bool:
        """Whether the verdict is the expected one."""
        return self.expected == self.got


def run_cases(policy_set: PolicySet) -> tuple[CaseResult, ...]:
    """Evaluate every case of every policy, Rego in this process. A policy without cases adds nothing.

    Raises: PolicyError naming the file when cases cannot be read.
    """
    evaluator = evaluator_of(policy_set)
    rego = (
        run_case(evaluator, policy, case)
        for policy in policy_set.written_in(Language.REGO)
        for case in read_cases(policy)
    )
    return (*rego, *run_guard_cases(policy_set))


def run_guard_cases(policy_set: PolicySet) -> tuple[CaseResult, ...]:
    """Evaluate every case of every Guard policy, each case as a document of its own."""
    every = [
        (policy, case)
        for policy in policy_set.written_in(Language.GUARD)
        for case in read_cases(policy)
    ]
    running = engine.session() if every else None
    if running is None:
        return tuple(
            CaseResult(policy.check_id, case.name, case.expect, "error", MISSING)
            for policy, case in every
        )
    documents = [document((case.resource, *chain(*case.related.values()))) for _, case in every]
    said: dict[tuple[str, int], Said] = {
        (each.policy.check_id, id(each.resource)): each
        for each in engine.judged(
            policy_set.written_in(Language.GUARD), documents, policy_set.guard_files, running
        )
    }
    return tuple(
        _guard_result(
            policy,
            case,
            said.get((policy.check_id, id(case.resource))),
            running.stopped.get(policy.path),
        )
        for policy, case in every
    )


def _guard_result(policy: Policy, case: Case, said: Said | None, fault: Fault | None) -> CaseResult:
    if fault is not None:
        return CaseResult(policy.check_id, case.name, case.expect, "error", fault.detail)
    if said is None:
        return CaseResult(policy.check_id, case.name, case.expect, Expectation.PASS)
    if said.violations:
        message = "; ".join(violation.message for violation in said.violations)
        return CaseResult(policy.check_id, case.name, case.expect, Expectation.FAIL, message)
    why = "; ".join(said.not_known)
    return CaseResult(policy.check_id, case.name, case.expect, Expectation.UNKNOWN, why)


def run_case(evaluator: Evaluator, policy: Policy, case: Case) -> CaseResult:
    """Evaluate one case."""
    outcome = evaluator.outcomes(case.document, (policy,)).get(policy.check_id)
    if isinstance(outcome, Fault):
        return CaseResult(policy.check_id, case.name, case.expect, "error", outcome.detail)
    if outcome:
        said = "; ".join(violation.message for violation in outcome)
        return CaseResult(policy.check_id, case.name, case.expect, Expectation.FAIL, said)
    why = _doubts(evaluator, policy, case)
    got = Expectation.UNKNOWN if why else Expectation.PASS
    return CaseResult(policy.check_id, case.name, case.expect, got, "; ".join(why))


def _doubts(evaluator: Evaluator, policy: Policy, case: Case) -> tuple[str, ...]:
    """Return why the silence of a policy proves nothing; empty where it proves a pass."""
    why = undecided(policy, case.resource, case.related)
    worst = case.at_worst()
    if not why or evaluator.outcomes(worst.document, (policy,)):
        return why
    return undecided(policy, worst.resource, worst.related) and why


def read_cases(policy: Policy) -> tuple[Case, ...]:
    """Read the cases that stand beside a policy. Raises: PolicyError."""
    if not policy.cases:
        return ()
    path = Path(policy.cases)
    try:
        parsed = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return tuple(_case(item, policy) for item in parsed["cases"])
    except (OSError, yaml.YAMLError) as error:
        raise PolicyError(f"{path}: the cases cannot be read ({error}).") from error
    except UnreadableTemplate as error:
        raise PolicyError(f"{path}: the source of a case cannot be read ({error}).") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PolicyError(f"{path}: a case is not as docs/policies.md says ({error}).") from error


def _case(item: Mapping[str, Any], policy: Policy) -> Case:
    if is_written(item):
        resource, related = written(item, policy, account=ACCOUNT, region=REGION)
    else:
        resource, related = _described(item, policy)
    return Case(
        name=str(item["name"]),
        expect=Expectation(str(item["expect"])),
        resource=resource,
        related=related,
        estate=_estate(item.get("settings") or {}),
        now=datetime.fromisoformat(item["now"]) if "now" in item else NOW,
    )


def _described(
    item: Mapping[str, Any], policy: Policy
) -> tuple[Resource, Mapping[str, tuple[Resource, ...]]]:
    default_type = policy.resource_types[0] if policy.resource_types else "AWS::S3::Bucket"
    related = {
        kind: tuple(_resource(other, kind, f"{kind}-{n}") for n, other in enumerate(others))
        for kind, others in (item.get("related") or {}).items()
    }
    return _resource(item["resource"], default_type, "example"), related


def _resource(item: Mapping[str, Any], default_type: str, uid: str) -> Resource:
    live = bool(item.get("Live", False))
    name = str(item.get("Name", "example"))
    return Resource(
        uid=str(item.get("uid", uid)),
        type=str(item.get("Type", default_type)),
        name=name,
        properties=item.get("Properties") or {},
        account=str(item.get("Account", ACCOUNT)),
        region=str(item.get("Region", REGION)),
        tags=item.get("Tags") or {},
        unreadable=item.get("Unreadable") or {},
        source=None if live else SourceSpan("template.yaml", 1, 1, name),
    )


def _estate(settings: Mapping[str, Sequence[str] | str]) -> Estate:
    return Estate(**settings)  # type: ignore[arg-type] # TypeError names what is not a setting
