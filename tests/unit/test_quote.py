"""Quotes of configuration: short, in order, and without a secret."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.quote import HIDDEN, ITEMS_MAX, KEYS_MAX, TEXT_MAX, quote, shown
from core.types import unknown

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(st.text(), inner, max_size=30),
    max_leaves=40,
)


def test_a_statement_is_quoted_as_it_is() -> None:
    statement = {
        "Sid": "ReadOrders",
        "Effect": "Allow",
        "Action": ["dynamodb:Query"],
        "Resource": "arn:aws:dynamodb:eu-west-1:111111111111:table/orders",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}},
    }

    assert quote("arn:role", "inline policy p", statement).value == statement


def test_what_is_left_out_is_said_where_it_was() -> None:
    said = shown({"Action": [f"s3:Get{n}" for n in range(ITEMS_MAX + 3)], "Long": "x" * 500})

    assert said["Action"][-1] == "… and 3 more"
    assert said["Long"].endswith("(500 characters)")
    assert len(shown({str(n): n for n in range(KEYS_MAX + 2)})) == KEYS_MAX + 1
    assert shown(unknown("denied")) == "(not known: denied)"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2!"),
        ("Anything", "AKIAIOSFODNN7EXAMPLE"),
        ("URL", "postgres://admin:hunter2@db.internal/orders"),
        ("PLAIN", "secret:named_secret:0123456789abcdef"),
        ("aws:Referer", "only-we-know-this"),
        ("aws:UserAgent", "only-we-know-this"),
    ],
)
def test_no_secret_is_quoted(name: str, value: str) -> None:
    said = json.dumps(shown({"Condition": {"StringEquals": {name: [value, value]}}}))

    assert value not in said
    assert HIDDEN in said


@pytest.mark.parametrize(
    "name",
    [
        "arn:aws:iam::123456789012:role/larkfield-orders-OrdersExportFunctionRole-da222d5a9b3c",
        "larkfield-orders-OrdersExportFunctionRole-da222d5a9b3c",
        "AROAEXAMPLEEXAMPLE123",
    ],
)
def test_a_long_name_is_no_secret(name: str) -> None:
    assert shown({"Principal": {"AWS": name}}) == {"Principal": {"AWS": name}}


def test_whom_an_identity_provider_vouches_for_is_no_secret() -> None:
    condition = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/shop:*"}}

    assert shown({"Condition": condition}) == {"Condition": condition}


@given(JSON)
def test_any_value_can_be_quoted_and_stays_json(value: object) -> None:
    json.dumps(shown(value))
    if isinstance(value, str):
        assert len(shown(value)) <= TEXT_MAX + len("… (300 characters)")
