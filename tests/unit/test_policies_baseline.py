"""Baselines: what ties requirements to checks, and what is refused."""

import re
from collections import Counter
from pathlib import Path

import pytest

from core.compliance import Baseline, DecidedBy
from core.errors import PolicyError
from policies import load
from policies.baseline import FOLDER, NONE, SHIPPED, baseline, topics
from policies.metadata import annotation, annotations

SET = load()
EVERY = pytest.mark.parametrize("each", SET.baselines, ids=lambda each: each.slug)
CONTROLS = {policy.control for policy in SET.policies}
POLICY = """# METADATA
# title: Queues have names
# custom:
#   check_id: ACME-SQS-001
#   control: acme-queue-name
#   compliance:
#     SOC2: [CC8.1]
package acme.sqs.named

deny contains violation if {
	not input.resource.Properties.QueueName
	violation := {"message": "no name", "path": "QueueName", "facts": {}}
}
"""
OWN = """
framework: ACME
title: What ACME asks for
version: "3"
source: https://acme.example/rules
scope: Everything.
requirements:
  A1: {title: Queues have names, checks: [ACME-SQS-001]}
  A2: {title: Data is encrypted, topics: [encryption-at-rest]}
  A3: {title: People are kind, decided_by: people, reason: no configuration}
"""


def test_every_file_of_the_folder_is_a_baseline_that_is_loaded() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == {*SHIPPED, "topics"}
    assert [each.slug for each in SET.baselines] == list(SHIPPED)
    assert len({each.framework for each in SET.baselines}) == len(SHIPPED)


@EVERY
def test_every_check_that_a_baseline_names_exists(each: Baseline) -> None:
    named = {control for requirement in each.requirements for control in requirement.controls}

    assert named
    assert named <= CONTROLS


@EVERY
def test_a_requirement_has_checks_or_a_reason_why_it_has_none(each: Baseline) -> None:
    for requirement in each.requirements:
        assert requirement.title
        assert not requirement.title.endswith("."), requirement.id
        decided = requirement.decided_by is DecidedBy.CHECKS
        assert bool(requirement.controls) == decided, requirement.id
        assert bool(requirement.reason) != decided, requirement.id
        assert not requirement.besides or decided, requirement.id


@EVERY
def test_a_baseline_says_where_it_comes_from_and_what_it_leaves_out(each: Baseline) -> None:
    assert each.source.startswith("https://")
    assert each.version
    assert each.scope.endswith(".")


def test_every_control_is_in_a_topic_or_in_none_with_a_reason() -> None:
    placed = Counter(control for members in topics().values() for control in set(members))
    apart = set(topics()[NONE])

    assert set(placed) == CONTROLS
    assert all(placed[control] == 1 for control in apart)
    assert {policy.control for policy in SET.policies if not policy.compliance} == apart


def test_no_topic_is_forgotten_by_every_baseline() -> None:
    asked = {
        control
        for each in SET.baselines
        for requirement in each.requirements
        for control in requirement.controls
    }

    assert asked == CONTROLS - set(topics()[NONE])


def test_shipped_metadata_says_nothing_of_requirements() -> None:
    for policy in SET.policies:
        text = (FOLDER.parent / policy.path).read_text(encoding="utf-8")
        blocks = [
            annotation(text, path=policy.path),
            *(b for _, b in annotations(text, path=policy.path)),
        ]
        assert not any("compliance" in block.get("custom", {}) for block in blocks), (
            f"{policy.path}: put control {policy.control} into policies/baselines/topics.yaml instead"
        )


def test_a_policy_knows_the_requirements_that_name_its_control() -> None:
    for each in SET.baselines:
        for requirement in each.requirements:
            for policy in SET.policies:
                named = requirement.id in policy.compliance.get(each.framework, ())
                assert named == (policy.control in requirement.controls)


def test_soc2_hipaa_and_cis_ids_are_of_the_forms_that_the_frameworks_use() -> None:
    forms = {
        "SOC2": r"(CC\d\.\d|A1\.\d|C1\.\d|PI1\.\d|P\d\.\d)",
        "CIS AWS": r"\d\.\d+(\.\d+)?",
        "HIPAA": r"164\.3\d\d(\([a-zA-Z0-9]+\))+",
        "ISO 27001": r"A\.[5-8]\.\d+",
        "NIST 800-53": r"[A-Z]{2}-\d+(\(\d+\))?",
    }
    for each in SET.baselines:
        form = forms.get(each.framework, ".+")
        assert all(re.fullmatch(form, requirement.id) for requirement in each.requirements)


def test_the_counts_of_closed_lists_are_those_of_the_frameworks() -> None:
    counted = {each.slug: len(each.requirements) for each in SET.baselines}

    assert counted["soc2"] == 61
    assert counted["cis-aws"] == 63
    assert counted["cis-aws-3"] == 62
    assert counted["iso-27001"] == 93


def _company(root: Path, text: str = OWN) -> Path:
    (root / "baselines").mkdir(parents=True)
    (root / "named.rego").write_text(POLICY, encoding="utf-8")
    (root / "baselines" / "acme.yaml").write_text(text, encoding="utf-8")
    return root


def test_a_company_has_baselines_of_its_own_beside_its_policies(tmp_path: Path) -> None:
    loaded = load([_company(tmp_path / "acme")])

    assert [each.framework for each in loaded.baselines][-1] == "ACME"
    assert loaded.by_id["ACME-SQS-001"].compliance == {"ACME": ("A1",), "SOC2": ("CC8.1",)}
    assert loaded.by_id["PL-S3-001"].compliance["ACME"] == ("A2",)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("ACME-SQS-001]", "ACME-SQS-009]", "there is no check ACME-SQS-009"),
        ("framework: ACME", "framework: SOC2", "SOC2 has two baselines"),
        ("[encryption-at-rest]", "[tidiness]", "there is no topic tidiness"),
        ("decided_by: people", "decided_by: nobody", "decided_by nobody is none of"),
        (", reason: no configuration", "", "decided_by needs a reason"),
        ('version: "3"\n', "", "lacks version"),
        ("topics: [encryption-at-rest]", "topics: encryption-at-rest", "are lists"),
        ("title: Data", "titel: Data", "needs a title"),
        ("checks: [ACME-SQS-001]", "checks: []", "either topics or checks"),
        ("A2: {", "A2: {besdies: x, ", "a key that baselines do not know: besdies"),
        ("A2: {", "A1: {", "stands twice"),
        ("requirements:", "requirements: [", "not readable as YAML"),
    ],
)  # fmt: skip
def test_a_malformed_baseline_is_refused_in_one_sentence(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    assert old in OWN
    with pytest.raises(PolicyError, match=re.escape(sentence)):
        load([_company(tmp_path / "acme", OWN.replace(old, new, 1))])


def test_what_is_no_mapping_is_no_baseline(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("- a\n", encoding="utf-8")

    with pytest.raises(PolicyError, match="keys and values"):
        baseline(path)
