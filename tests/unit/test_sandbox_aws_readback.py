"""What is declared is held against what the cloud says, property by property."""

from typing import Any

import pytest

from sandbox.aws.readback import Outcome, compare, equal, shown


@pytest.mark.parametrize(
    ("declared", "observed"),
    [
        ("30", 30),
        (True, "true"),
        ({"Status": "Enabled"}, {"status": "Enabled", "since": "today"}),
        (["a", "b"], ["b", "a"]),
        ({"Version": "2012-10-17"}, '{"Version": "2012-10-17", "Id": "x"}'),
        (
            [{"Key": "owner", "Value": "a"}],
            [{"Key": "aws:x", "Value": "y"}, {"Key": "owner", "Value": "a"}],
        ),
        (["a"], {"Quantity": 1, "Items": ["a"]}),
        ([], None),
        ("one", ["one"]),
    ],
)
def test_the_same_thing_said_in_two_ways_is_equal(declared: Any, observed: Any) -> None:
    assert equal(declared, observed)


@pytest.mark.parametrize(
    ("declared", "observed"),
    [
        ("Active", "PassThrough"),
        ({"Status": "Enabled"}, {}),
        (["a", "a"], ["a", "b"]),
        (["a"], ["a", "b"]),
        (True, None),
        ([{"Key": "owner", "Value": "a"}], [{"Key": "owner", "Value": "b"}]),
    ],
)
def test_a_difference_is_a_difference(declared: Any, observed: Any) -> None:
    assert not equal(declared, observed)


def test_the_deepest_property_that_differs_is_named() -> None:
    declared = {"Stage": {"Tracing": True, "Name": "prod"}, "Name": "x"}
    observed = {"stage": {"tracing": False, "name": "prod"}, "name": "x"}

    checks = {c.path: c for c in compare(declared, observed, {})}

    assert checks["Stage.Tracing"].outcome is Outcome.NOT_APPLIED
    assert checks["Stage.Tracing"].detail == "is false"
    assert checks["Name"].outcome is Outcome.READ_BACK
    assert "Stage" not in checks


def test_a_property_that_is_absent_is_not_applied() -> None:
    (check,) = compare({"KmsKeyId": "k"}, {}, {})

    assert check.outcome is Outcome.NOT_APPLIED
    assert check.detail == "is absent"


def test_what_moto_cannot_hold_is_reported_with_its_reason() -> None:
    declared = {"Code": {"S3Key": "k"}, "Config": {"Kept": 1, "Lost": 2}}
    reasons = {"Code": "no code is uploaded", "Config.Lost": "moto drops it"}

    checks = {c.path: c for c in compare(declared, {"Config": {"Kept": 1}}, reasons)}

    assert checks["Code"].outcome is Outcome.NOT_VERIFIABLE
    assert checks["Config.Lost"].detail == "moto drops it"
    assert checks["Config"].outcome is Outcome.READ_BACK


def test_the_record_never_shows_what_looks_secret() -> None:
    text = shown("Environment", {"Variables": {"DB_PASSWORD": "hunter2-hunter2", "LEVEL": "INFO"}})

    assert "hunter2" not in text
    assert "INFO" in text
