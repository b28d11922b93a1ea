"""What AWS answers becomes what CloudFormation would say, without secrets."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import document

KEY = b"key"


def test_a_policy_is_an_object_whose_statement_is_a_list() -> None:
    text = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow"}}'
    assert document.policy(text) == {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}
    assert document.policy(None) is None
    assert document.policy("{}") is None
    with pytest.raises(TypeError):
        document.policy("[1]")


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "2026-01-02T03:04:05.000+0000",
        "2026-01-02T03:04:05Z",
        1767323045,
        1767323045000,
        "1767323045",
        "1767323045.000",
    ],
)
def test_every_way_aws_writes_a_time_is_the_same_moment(value: object) -> None:
    assert document.moment(value) == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_certain_secrets_are_replaced_wherever_they_stand() -> None:
    key_id = "AKIA" + "IOSFODNN7EXAMPLE"
    value = {"Description": f"use {key_id}", "Deep": [{"Url": "postgres://u:p4ss@db/x"}]}
    cleaned = document.scrubbed(value, KEY)
    assert key_id not in repr(cleaned)
    assert "p4ss" not in repr(cleaned)


def test_identifiers_that_merely_look_random_are_kept() -> None:
    value = {"RoleName": "orders-ServiceRole-1X2Y3ZqWvUtSrQpOnMlKjIhGfEdCbA", "KmsKeyId": "a-1"}
    assert document.scrubbed(value, KEY) == value


def test_literals_in_free_text_are_cleaned_by_their_names() -> None:
    cleaned = document.text_without_literals(
        '{"password": "hunter2-x", "mode": "full"}', KEY, name="Input"
    )
    assert cleaned["mode"] == "full"
    assert cleaned["password"].startswith("secret:named_secret:")
    assert document.text_without_literals("not json", KEY, name="Input").startswith("secret:")


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=80), max_size=5))
def test_no_environment_value_is_kept(values: dict[str, str]) -> None:
    cleaned = document.redacted(values, KEY)
    assert cleaned.keys() == values.keys()
    for value in cleaned.values():
        assert value.startswith("secret:")


def test_tags_come_in_many_capitals() -> None:
    assert document.tag_map([{"Key": "a", "Value": "1"}]) == {"a": "1"}
    assert document.tag_map([{"key": "a", "value": "1"}]) == {"a": "1"}
    assert document.tag_map([{"Key": "a"}]) == {"a": ""}
    assert document.tag_map(None) == {}
