"""cfn-lint in a child that may crash or hang without harm."""

import pytest

from remediation.lint import compare

BROKEN = b"Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Type: AWS::SQS::Queue\n"


@pytest.mark.slow
def test_what_was_wrong_before_is_not_held_against_a_fix() -> None:
    assert compare(BROKEN, b"# one\n# two\n" + BROKEN).errors == ()


@pytest.mark.slow
def test_what_a_fix_makes_wrong_is_told() -> None:
    good = b"Resources:\n  Q:\n    Type: AWS::SQS::Queue\n"

    (error,) = compare(good, good + b"    Properties: {Colour: red}\n").errors

    assert error.startswith("E3002")


def test_a_linter_that_takes_too_long_is_killed_and_proves_nothing() -> None:
    said = compare(b"Resources: {}\n", b"Resources: {}\n", timeout_s=0.05)

    assert "took more than" in said.failed
