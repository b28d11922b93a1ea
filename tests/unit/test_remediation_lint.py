"""cfn-lint in a child that may crash or hang without harm."""

import pytest

from remediation.lint import Session, compare

GOOD = b"Resources:\n  Q:\n    Type: AWS::SQS::Queue\n"
WRONG = GOOD + b"    Properties: {Colour: red}\n"
BROKEN = b"Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Type: AWS::SQS::Queue\n"


@pytest.mark.slow
def test_what_was_wrong_before_is_not_held_against_a_fix() -> None:
    assert compare(BROKEN, b"# one\n# two\n" + BROKEN).errors == ()


@pytest.mark.slow
def test_one_child_answers_many_questions_each_for_itself() -> None:
    with Session() as session:
        (error,) = session.compare(GOOD, WRONG).errors
        child = session._child

        assert error.startswith("E3002")
        assert session.compare(WRONG, b"# a comment\n" + WRONG).errors == ()
        assert session.compare(WRONG, GOOD).errors == ()
        assert session.compare(GOOD, WRONG).errors == (error,)
        assert session._child is child


@pytest.mark.slow
def test_a_child_that_died_proves_nothing_and_the_next_question_gets_another() -> None:
    with Session() as session:
        session.messages(GOOD)
        assert session._child is not None
        session._child.process.kill()

        assert session.compare(GOOD, WRONG).failed == "cfn-lint stopped with status -9"
        assert session.messages(b"# again\n" + WRONG)[0].startswith("E3002")


def test_a_linter_that_takes_too_long_is_killed_and_proves_nothing() -> None:
    said = compare(b"Resources: {}\n", b"Resources: {}\n", timeout_s=0.05)

    assert "took more than" in said.failed
