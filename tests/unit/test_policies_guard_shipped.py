"""What holds of every shipped Guard rule, whoever writes the next one."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.guard import cases, differences, statuses
from core.types import UNKNOWN_KEY
from policies import load
from policies.cases import Expectation, read_cases, run_guard_cases
from policies.guard import engine
from policies.guard.document import document
from policies.load import SHIPPED
from policies.model import ITSELF, Language, Policy

SET = load()
GUARD = SET.written_in(Language.GUARD)
FILES = {file.path: file for file in SET.guard_files}
EVERY = pytest.mark.parametrize("policy", GUARD, ids=lambda policy: policy.check_id)
runs = pytest.mark.usefixtures("cfn_guard")


def test_there_are_at_least_sixty() -> None:
    assert len(GUARD) >= 60


@EVERY
def test_a_rule_is_named_and_placed_as_its_file(policy: Policy) -> None:
    assert re.fullmatch(r"guard/aws/\w+/\w+\.guard", policy.path)
    assert policy.package == "_".join(Path(policy.path).with_suffix("").parts[2:])


@EVERY
def test_a_rule_names_the_registrys_rule_that_it_answers(policy: Policy) -> None:
    assert any(re.fullmatch(r"[A-Z][A-Z0-9]+(_[A-Z0-9]+)+", each) for each in policy.references)


@EVERY
def test_a_rule_says_what_is_wrong_in_words(policy: Policy) -> None:
    text = FILES[policy.path].text

    messages = re.findall(r"<<(.*?)>>", text)
    assert messages
    assert all(re.fullmatch(r"[A-Z].*[^.]", message) for message in messages)


@EVERY
def test_a_rule_declares_every_property_that_it_looks_at(policy: Policy) -> None:
    """Resources that are alike in what is declared are judged once."""
    looked_at = set(re.findall(r"\bProperties\.(\w+)", FILES[policy.path].text))

    assert looked_at <= {path.split(".")[0].removesuffix(ITSELF) for path in policy.reads}


@EVERY
def test_files_are_formatted_alike(policy: Policy) -> None:
    text = FILES[policy.path].text

    assert text.endswith("}\n")
    assert not re.search(r"[ \t]$", text, flags=re.MULTILINE)
    assert not re.search(r"^ ", text, flags=re.MULTILINE), "tabs indent"
    assert "\n\n\n" not in text


@runs
def test_every_case_gets_its_verdict() -> None:
    assert [each for each in run_guard_cases(SET) if not each.held] == []


@runs
def test_nothing_is_said_for_sure_when_all_that_a_rule_reads_is_unknown() -> None:
    running = engine.session()
    assert running is not None
    blind = []
    for policy in GUARD:
        for case in read_cases(policy):
            if case.expect is Expectation.FAIL:
                unknown = {
                    path.split(".")[0].removesuffix(ITSELF): {UNKNOWN_KEY: "removed by the test"}
                    for path in policy.reads
                }
                blind.append((policy, replace(case.resource, properties=unknown)))

    said = engine.judged(GUARD, [document([each]) for _, each in blind], SET.guard_files, running)

    sure = {id(each.resource): each.policy.check_id for each in said if each.violations}
    about = {policy.check_id for policy, each in blind if sure.get(id(each)) == policy.check_id}
    assert about == set()


@runs
def test_a_resources_metadata_makes_a_rule_skip_it_by_either_id() -> None:
    """As Guard sees it, without our help: the rule holds for people who run cfn-guard themselves."""
    running = engine.session()
    assert running is not None
    asked = [
        (policy, ids, _suppressing(policy, ids))
        for policy in GUARD
        for ids in ([policy.check_id], [{policy.references[0]: "why"}], ["ANOTHER_RULE"])
    ]

    said = running.ask(SET.guard_files, [json.dumps(content) for _, _, content in asked])

    for (policy, ids, _), reports in zip(asked, said, strict=True):
        expected = "FAIL" if ids == ["ANOTHER_RULE"] else "SKIP"
        assert reports[policy.path].status(policy.package) == expected, (policy.check_id, ids)


def _suppressing(policy: Policy, ids: list[Any]) -> Mapping[str, Any]:
    case = next(each for each in read_cases(policy) if each.expect is Expectation.FAIL)
    content = document([case.resource]).content
    [(name, resource)] = content["Resources"].items()
    metadata = {"guard": {"SuppressedRules": ids}}
    return {"Resources": {name: {**resource, "Metadata": metadata}}}


@runs
def test_failing_cases_go_red_when_a_rule_is_switched_off() -> None:
    """Each failing case depends on its rule: with every message's clause gone, it passes."""
    broken = tuple(
        replace(
            file,
            text=re.sub(r"^rule (\w+) when .*\n(?:.*\n)*", _NEVER, file.text, flags=re.MULTILINE),
        )
        for file in SET.guard_files
    )

    results = run_guard_cases(replace(SET, guard_files=broken))

    failing = [each for each in results if each.expected == Expectation.FAIL]
    assert failing
    assert not any(each.held for each in failing)


_NEVER = r"rule \1 {\n\tResources exists\n}\n"


def test_rules_and_their_lock_are_package_data() -> None:
    assert (SHIPPED / "guard" / "cfn-guard.lock").is_file()
    assert (SHIPPED / "guard" / "aws" / "s3" / "versioning.guard").is_file()


@runs
@pytest.mark.shared
def test_the_registrys_cases_get_the_registrys_status(shared_data: Path) -> None:
    """One differs, and docs/policy-accuracy.md says why."""
    every = cases(SET, shared_data / "policy_cases" / "guard_cases.jsonl")

    wrong = list(differences(every, statuses(SET, every)))

    assert len({case.rule_id for case in every}) >= 60
    assert [each.split(":")[0] for each in wrong] == ["IAM_ROLE_NO_ALLOW_PLUS_NOT_PRINCIPAL"]
