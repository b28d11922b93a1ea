"""How verdicts are held against what authors of cases expect, on cases of our own."""

from functools import cache
from pathlib import Path

import policies
from bench.peers import coverage
from bench.verdicts import Case, Figures, Judged, judge, rego, unmapped
from policies.model import PolicySet

OPEN_QUEUE = """Resources:
  Jobs:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [jobs]
      PolicyDocument:
        Statement: {Effect: Allow, Principal: "*", Action: sqs:SendMessage, Resource: "*"}
"""
SUPPRESSED = (
    OPEN_QUEUE
    + """    Metadata:
      guard: {SuppressedRules: [{SQS_QUEUEPOLICY_NO_WILDCARD_PRINCIPAL: anyone may}]}
"""
)
RULE = "SQS_QUEUEPOLICY_NO_WILDCARD_PRINCIPAL"
UNTRACED = 'resource "aws_lambda_function" "f" {\n  function_name = "f"\n}\n'


@cache
def shipped() -> PolicySet:
    return rego(policies.load())


def case(text: str, *, rule: str = RULE, tool: str = "guard", bad: bool = True) -> Case:
    return Case(tool, rule, "own", text, terraform=text.startswith("resource"), bad=bad)


def test_a_case_is_flagged_where_one_of_the_rules_controls_finds_something() -> None:
    judged = list(
        judge(
            [
                case(OPEN_QUEUE),
                case(SUPPRESSED, bad=False),
                case("{}", bad=False),
                case(UNTRACED, rule="AWS-0066", tool="trivy"),
            ],
            shipped(),
        )
    )

    assert [(each.service, each.flagged) for each in judged] == [
        ("sqs", True),
        ("sqs", False),
        ("sqs", False),
        ("lambda", True),
    ]
    assert all(each.right for each in judged)


def test_what_cannot_be_read_is_unknown_and_so_wrong_either_way() -> None:
    (judged,) = judge([case("- no template", bad=False)], shipped())

    assert judged.flagged is None
    assert not judged.right


def test_figures_count_the_bad_and_the_others_apart() -> None:
    said = [(True, True), (True, False), (True, None), (False, False), (False, True)]
    judged = [Judged(case("", bad=bad), "sqs", flagged) for bad, flagged in said]

    figures = Figures.of(judged)

    assert (figures.caught, figures.bad, figures.left, figures.good) == (1, 3, 1, 2)
    assert figures.missed_target


def test_rules_that_no_control_answers_are_named() -> None:
    assert unmapped([case("", rule="EBS_OPTIMIZED_INSTANCE"), case("")]) == {
        "guard": ["EBS_OPTIMIZED_INSTANCE"]
    }


def test_an_id_is_answered_when_every_language_has_both_verdicts(tmp_path: Path) -> None:
    (tmp_path / "p.rego").write_text(
        "# METADATA\n# title: Queues are marked\n# custom:\n#   check_id: ACME-1\n"
        "#   resource_types: [AWS::SQS::Queue]\n#   references: [CKV_AWS_900]\n"
        'package acme.marked\n\ndeny contains "no" if not input.resource.Properties.Mark\n',
        encoding="utf-8",
    )
    (tmp_path / "p.cases.yaml").write_text(
        "cases:\n"
        "  - {name: none, expect: fail, resource: {Properties: {}}}\n"
        "  - {name: one, expect: pass, resource: {Properties: {Mark: yes}}}\n",
        encoding="utf-8",
    )
    wanted = {
        "CKV_AWS_900": frozenset({"cloudformation"}),
        "CKV_AWS_901": frozenset({"terraform"}),
    }

    found = coverage(wanted, policies.load([tmp_path]))

    assert found.answered == ("CKV_AWS_900",)
    assert found.lacking == {"CKV_AWS_901": ("terraform fail", "terraform pass")}
