"""The whole resource graph: every edge by its type."""

from typing import Any

import pytest

from core.types import Resource
from graph import relate
from graph.typed import FOREIGN, INTERNET, EdgeType, TypedEdge, typed_edges

MINE, OTHER = "111122223333", "444455556666"
ROLE_ARN = f"arn:aws:iam::{MINE}:role/export"
FUNCTION_ARN = f"arn:aws:lambda:eu-west-1:{MINE}:function:export"
TABLE_ARN = f"arn:aws:dynamodb:eu-west-1:{MINE}:table/orders"
KEY_ARN = f"arn:aws:kms:eu-west-1:{MINE}:key/0a1b"


def resource(uid: str, kind: str, name: str, **properties: Any) -> Resource:
    return Resource(
        uid, kind, name, properties, account=MINE, region="eu-west-1", aliases=(uid, name)
    )


def role(*statements: dict[str, Any], trusts: Any = None) -> Resource:
    policies = [{"PolicyName": "p", "PolicyDocument": {"Statement": list(statements)}}]
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusts}]}
    return resource(
        ROLE_ARN, "AWS::IAM::Role", "export", Policies=policies, AssumeRolePolicyDocument=trust
    )


def allow(*actions: str, on: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on}


FUNCTION = resource(
    FUNCTION_ARN, "AWS::Lambda::Function", "export", FunctionName="export", Role=ROLE_ARN
)
TABLE = resource(TABLE_ARN, "AWS::DynamoDB::Table", "orders", TableName="orders")
KEY = resource(KEY_ARN, "AWS::KMS::Key", "0a1b")


def edges(*resources: Resource) -> tuple[TypedEdge, ...]:
    return typed_edges(resources, relate(resources))


def test_a_role_reads_writes_and_decrypts_what_its_policies_name() -> None:
    reader = role(allow("dynamodb:GetItem", on=TABLE_ARN), allow("kms:Decrypt", on=KEY_ARN))
    writer = role(allow("dynamodb:PutItem", on=TABLE_ARN))

    assert edges(reader, TABLE, KEY) == (
        (EdgeType.READ, ROLE_ARN, TABLE_ARN),
        (EdgeType.DECRYPT, ROLE_ARN, KEY_ARN),
    )
    assert edges(writer, TABLE, KEY) == ((EdgeType.WRITE, ROLE_ARN, TABLE_ARN),)


def test_what_is_denied_is_no_edge() -> None:
    denied = {"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}

    assert edges(role(allow("dynamodb:GetItem"), denied), TABLE) == ()


def test_a_function_runs_as_its_role_which_may_run_others() -> None:
    other = resource(f"{FUNCTION_ARN}-2", "AWS::Lambda::Function", "export-2")

    found = edges(FUNCTION, role(allow("lambda:InvokeFunction", on=f"{FUNCTION_ARN}-2")), other)

    assert found == (
        (EdgeType.INVOKE, ROLE_ARN, f"{FUNCTION_ARN}-2"),
        (EdgeType.ASSUME, FUNCTION_ARN, ROLE_ARN),
    )


def test_a_url_is_part_of_its_function_and_invokes_it() -> None:
    url = resource(
        f"{FUNCTION_ARN}|AWS::Lambda::Url|url",
        "AWS::Lambda::Url",
        "export/url",
        AuthType="NONE",
        TargetFunctionArn=FUNCTION_ARN,
    )

    assert edges(FUNCTION, url) == (
        (EdgeType.INVOKE, url.uid, FUNCTION_ARN),
        (EdgeType.PART, url.uid, FUNCTION_ARN),
    )


@pytest.mark.parametrize(
    ("trusted", "outside"), [(f"arn:aws:iam::{OTHER}:root", FOREIGN), ("*", INTERNET)]
)
def test_who_comes_from_outside_is_a_node_of_its_own(trusted: str, outside: str) -> None:
    assert edges(role(trusts={"AWS": trusted})) == ((EdgeType.EXPOSE, outside, ROLE_ARN),)
