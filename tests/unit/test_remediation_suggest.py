"""What to change by hand, where nothing declares the resource."""

import pytest

from core.errors import NoBlueprint
from remediation.blueprint import load
from remediation.suggest import suggest


def test_the_lines_to_add_are_shown() -> None:
    said = suggest("PL-LAMBDA-009", "AWS::Lambda::Function", name="orders-export")

    assert said.startswith("Trace the function's requests with X-Ray:\n")
    assert "+        Mode: Active" in said
    assert "xray:PutTraceSegments" in said
    assert "ordersexport" in said


def test_a_check_that_only_a_person_can_fix_gives_its_advice() -> None:
    assert "rotate it" in suggest("PL-LAMBDA-006", "AWS::Lambda::Function")


def test_an_unknown_check_says_so() -> None:
    with pytest.raises(NoBlueprint):
        suggest("XX-1", "AWS::S3::Bucket")


@pytest.mark.parametrize("check_id", sorted(load()))
def test_every_blueprint_has_something_to_say(check_id: str) -> None:
    kinds = {
        "LAMBDA": "AWS::Lambda::Function",
        "S3": "AWS::S3::Bucket",
        "STATES": "AWS::StepFunctions::StateMachine",
    }
    kind = kinds.get(check_id.split("-")[1], "AWS::SQS::Queue")

    assert suggest(check_id, kind, name="1 odd: name\n").startswith(load()[check_id].summary)
