"""Intrinsic functions resolve against what was really created."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.aws.intrinsic import Created, Scope, Unresolved, references, resolve


def scope(**changes: Any) -> Scope:
    found: dict[str, Any] = {
        "pseudo": {"AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012"},
        "parameters": {"Environment": "prod", "Zones": ["a", "b"]},
        "mappings": {"Shards": {"prod": {"Count": "2"}}},
        "conditions": {
            "IsProduction": {"Fn::Equals": [{"Ref": "Environment"}, "prod"]},
            "IsDevelopment": {"Fn::Not": [{"Condition": "IsProduction"}]},
        },
        "exports": {"vpc": "vpc-1"},
        "lookup": lambda kind, name: f"{kind}={name}",
        "created": {"Queue": Created("https://sqs/q", {"Arn": "arn:aws:sqs:eu-west-1:1:q"})},
    }
    return Scope(**found | changes)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Queue"}, "https://sqs/q"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "arn:aws:sqs:eu-west-1:1:q"),
        (
            {"Fn::Sub": "${Environment}-${Queue.Arn}-${!Kept}"},
            "prod-arn:aws:sqs:eu-west-1:1:q-${Kept}",
        ),
        ({"Fn::Sub": ["${A}/${AWS::Region}", {"A": {"Ref": "Environment"}}]}, "prod/eu-west-1"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Environment"}]]}, "a-prod"),
        ({"Fn::Select": [1, {"Ref": "Zones"}]}, "b"),
        ({"Fn::Split": [",", "a,b"]}, ["a", "b"]),
        ({"Fn::If": ["IsProduction", "yes", "no"]}, "yes"),
        ({"Fn::If": ["IsDevelopment", "yes", "no"]}, "no"),
        ({"Fn::FindInMap": ["Shards", {"Ref": "Environment"}, "Count"]}, "2"),
        ({"Fn::ImportValue": "vpc"}, "vpc-1"),
        ({"Fn::Cidr": ["10.0.0.0/16", 2, 8]}, ["10.0.0.0/24", "10.0.1.0/24"]),
        ({"Fn::Base64": "a"}, "YQ=="),
        ("{{resolve:ssm:/name:1}}", "ssm=/name:1"),
        ({"kept": "x", "gone": {"Ref": "AWS::NoValue"}}, {"kept": "x"}),
        ([{"Ref": "AWS::NoValue"}, "x"], ["x"]),
    ],
)
def test_each_intrinsic_gives_what_cloudformation_gives(value: Any, expected: Any) -> None:
    assert resolve(value, scope()) == expected


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ({"Ref": "Missing"}, "Missing"),
        ({"Fn::GetAtt": ["Queue", "Colour"]}, "Queue.Colour"),
        ({"Fn::ImportValue": "subnet"}, "subnet"),
        ({"Fn::FindInMap": ["Shards", "dev", "Count"]}, "dev"),
        ({"Fn::Select": [5, ["a"]]}, "Select 5"),
        ({"Fn::Transform": {"Name": "AWS::Include"}}, "Fn::Transform"),
    ],
)
def test_what_cannot_be_resolved_is_named(value: Any, named: str) -> None:
    with pytest.raises(Unresolved, match=named):
        resolve(value, scope())


def test_references_are_found_in_every_spelling() -> None:
    value = {
        "A": {"Ref": "One"},
        "B": {"Fn::GetAtt": ["Two", "Arn"]},
        "C": [{"Fn::Sub": "${Three}/${Four.Arn}/${!Not}"}],
        "D": {"Fn::Sub": ["${Bound}", {"Bound": {"Ref": "Five"}}]},
    }

    assert set(references(value)) == {"One", "Two", "Three", "Four", "Bound", "Five"}


@given(
    st.recursive(
        st.text(alphabet="abc"),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("xyz"), inner),
    )
)
def test_a_value_without_intrinsics_stays_as_it_is(value: Any) -> None:
    assert resolve(value, scope()) == value
