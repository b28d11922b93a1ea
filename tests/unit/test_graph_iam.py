"""Policy documents are read as IAM reads them, conditions the careful way round."""

import json
import time
from typing import Any
from urllib.parse import quote

import pytest

from core.types import Resource, unknown
from graph import iam, relate
from graph.escalation import ESCALATIONS, escalations


def rules(*raw: dict[str, Any]) -> tuple[iam.Statement, ...]:
    return iam.statements({"Statement": list(raw)})


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


TABLE = "arn:aws:dynamodb:eu-west-1:1:table/orders"


@pytest.mark.parametrize("form", ["object", "text", "quoted", "list", "single"])
def test_documents_are_read_in_every_form(form: str) -> None:
    statement = allow("s3:GetObject")
    document: Any = {
        "object": {"Statement": [statement]},
        "text": json.dumps({"Statement": [statement]}),
        "quoted": quote(json.dumps({"Statement": [statement]})),
        "list": [statement],
        "single": {"Statement": statement},
    }[form]

    assert iam.statements(document) == (
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"]},
    )


@pytest.mark.parametrize(
    "document", [None, "", "{", 7, {"Statement": "x"}, {"Statement": [None, 3]}]
)
def test_what_is_no_document_has_no_statements(document: Any) -> None:
    assert iam.statements(document) == ()


def test_unknown_parts_are_reported() -> None:
    assert iam.unread(unknown("denied")) == ("denied",)
    assert iam.unread({"Statement": [allow("s3:*", [unknown("a parameter")])]}) == ("a parameter",)


@pytest.mark.parametrize(
    ("statement", "action", "resource", "answer"),
    [
        (allow("dynamodb:GetItem", TABLE), "dynamodb:GetItem", TABLE, True),
        (allow("DynamoDB:getitem", TABLE), "dynamodb:GetItem", TABLE, True),
        (allow("dynamodb:Get*", TABLE), "dynamodb:GetItem", TABLE, True),
        (allow("dynamodb:?etItem", TABLE), "dynamodb:GetItem", TABLE, True),
        (allow("dynamodb:*", TABLE + "x"), "dynamodb:GetItem", TABLE, False),
        (allow("*", "arn:aws:dynamodb:*:*:table/ord*"), "dynamodb:GetItem", TABLE, True),
        (allow("s3:*"), "dynamodb:GetItem", TABLE, False),
        (
            {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
            "dynamodb:GetItem",
            TABLE,
            True,
        ),
        (
            {"Effect": "Allow", "NotAction": "dynamodb:*", "Resource": "*"},
            "dynamodb:GetItem",
            TABLE,
            False,
        ),
        (
            {"Effect": "Allow", "Action": "*", "NotResource": TABLE},
            "dynamodb:GetItem",
            TABLE,
            False,
        ),
        (
            {"Effect": "Allow", "Action": "*", "NotResource": "other"},
            "dynamodb:GetItem",
            TABLE,
            True,
        ),
        (allow("*", "arn:aws:s3:::b[1]"), "s3:GetObject", "arn:aws:s3:::b[1]", True),
    ],
)
def test_actions_and_resources_match_as_in_iam(
    statement: Any, action: str, resource: str, answer: bool
) -> None:
    assert iam.allows(rules(statement), action, resource) is answer


def test_a_deny_wins_over_any_allow() -> None:
    assert not iam.allows(rules(allow("*"), deny("dynamodb:*", TABLE)), "dynamodb:GetItem", TABLE)
    assert iam.allows(rules(allow("*"), deny("dynamodb:*", TABLE)), "s3:GetObject", TABLE)


def test_conditions_are_read_the_careful_way_round_and_reported() -> None:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}

    maybe = iam.decide(rules(allow("*", Condition=condition)), "s3:GetObject", "x")
    still = iam.decide(rules(allow("*"), deny("*", Condition=condition)), "s3:GetObject", "x")
    surely = iam.decide(rules(allow("*")), "s3:GetObject", "x")

    assert (maybe.allowed, maybe.conditional) == (True, True)
    assert (still.allowed, still.conditional) == (True, True)
    assert (surely.allowed, surely.conditional) == (True, False)


@pytest.mark.parametrize(
    "pattern",
    [
        "${Orders.Arn}",
        "${Orders}",
        "arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Orders}",
        "${Orders.Arn}/index/*",
    ],
)
def test_patterns_of_templates_match_by_logical_id(pattern: str) -> None:
    assert iam.allows(
        rules(allow("*", pattern)), "dynamodb:GetItem", ("${Orders}", "${Orders.Arn}")
    )
    assert not iam.allows(
        rules(allow("*", pattern)), "dynamodb:GetItem", ("${Other}", "${Other.Arn}")
    )


def test_pseudo_parameters_match_any_place() -> None:
    pattern = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/orders"

    assert iam.allows(rules(allow("*", pattern)), "dynamodb:GetItem", TABLE)


def test_no_pattern_makes_matching_slow() -> None:
    start = time.process_time()

    iam.allows(rules(allow("*", "*a" * 40 + "b")), "s3:GetObject", "a" * 5_000)

    assert time.process_time() - start < 2


def test_admin_is_everything_on_everything_without_a_condition() -> None:
    assert iam.is_admin(rules(allow("*")))
    assert iam.is_admin(rules(allow("*:*", ["x", "*"])))
    assert iam.is_admin(rules({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}))
    assert not iam.is_admin(rules({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}))
    assert not iam.is_admin(rules(allow("*", "arn:aws:s3:::b")))
    assert not iam.is_admin(rules(allow("*", Condition={"Bool": {"a": "b"}})))
    assert not iam.is_admin(rules(allow("*"), deny("*")))
    assert not iam.is_admin(rules(allow("s3:*")))


def test_wildcards_are_listed_widest_form_as_written() -> None:
    given = rules(allow(["s3:*", "dynamodb:Get*", "sqs:SendMessage"]), deny("ec2:*"))

    assert iam.wildcard_actions(given) == ("dynamodb:Get*", "s3:*")
    assert iam.service_wildcards(given) == ("s3:*",)


def role(**properties: Any) -> Resource:
    arn = "arn:aws:iam::1:role/r"
    return Resource(
        uid=arn,
        type="AWS::IAM::Role",
        name="r",
        properties=properties,
        account="1",
        aliases=(arn, "r"),
    )


def test_a_role_s_statements_come_from_all_its_policies_with_their_origin() -> None:
    arn = "arn:aws:iam::1:policy/p"
    managed = Resource(
        uid=arn, type="AWS::IAM::ManagedPolicy", name="p", account="1", aliases=(arn,),
        properties={"PolicyDocument": {"Statement": [allow("sqs:*")]}},
    )  # fmt: skip
    subject = role(
        Policies=[{"PolicyName": "own", "PolicyDocument": {"Statement": allow("s3:*")}}],
        ManagedPolicyArns=[
            arn,
            "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess",
            "arn:aws:iam::aws:policy/Unheard",
        ],
    )

    held = iam.permissions(subject, relate([subject, managed]))

    assert {s["Origin"].rpartition("/")[2]: s["Action"][0] for s in held.statements} == {
        "inline policy own": "s3:*",
        "p": "sqs:*",
        "AmazonDynamoDBFullAccess": "dynamodb:*",
    }
    assert held.unread == ("managed policy arn:aws:iam::aws:policy/Unheard could not be read",)


def test_a_boundary_limits_what_the_policies_allow() -> None:
    arn = "arn:aws:iam::1:policy/limit"
    limit = Resource(
        uid=arn, type="AWS::IAM::ManagedPolicy", name="limit", account="1", aliases=(arn,),
        properties={"PolicyDocument": {"Statement": [allow("s3:*")]}},
    )  # fmt: skip
    subject = role(
        Policies=[{"PolicyName": "own", "PolicyDocument": {"Statement": allow("*")}}],
        PermissionsBoundary=arn,
    )

    held = iam.permissions(subject, relate([subject, limit]))

    assert held.allows("s3:GetObject", "x")
    assert not held.allows("dynamodb:GetItem", "x")
    assert len(held.statements) == 1


def test_policies_that_could_not_be_read_are_reported() -> None:
    subject = role(Policies=unknown("iam:ListRolePolicies was denied"))

    assert iam.permissions(subject, relate([subject])).unread == (
        "iam:ListRolePolicies was denied",
    )


def test_every_way_up_is_seen_in_its_own_actions_and_in_none_fewer() -> None:
    for way in ESCALATIONS:
        assert way in escalations(rules(allow(list(way.actions))))
        if len(way.actions) > 1:
            assert way not in escalations(rules(allow(list(way.actions[1:]))))
        assert way.source.startswith("https://")


def test_deploying_one_named_function_is_no_way_up() -> None:
    one = allow("lambda:UpdateFunctionCode", "arn:aws:lambda:eu-west-1:1:function:mine")

    assert escalations(rules(one)) == ()
    assert escalations(rules({**one, "Resource": "arn:aws:lambda:eu-west-1:1:function:*"}))


def test_a_denied_action_closes_its_way_up() -> None:
    assert escalations(rules(allow("iam:PutRolePolicy"), deny("iam:*"))) == ()
