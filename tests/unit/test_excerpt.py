"""The lines of a template that a finding comes from, with whatever may be secret left out."""

from typing import Any

import pytest

from templates.excerpt import LINES_MAX, WIDTH_MAX, Excerpt, excerpt

TEMPLATE = b"""\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.9
    Environment:
      Variables:
        STAGE: prod
Resources:
  Export:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig:
        # fetched at night
        AuthType: NONE
      Environment:
        Variables:
          PLAIN_LOOKING: correct horse
          TABLE: !Ref Orders
      Policies:
        - Statement:
            - Sid: ReadOrders
              Effect: Allow
              Action: dynamodb:GetItem
              Resource: "*"
            - Effect: Allow
              Action: [s3:GetObject, s3:ListBucket]
              Resource: "*"
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      SSESpecification: {SSEEnabled: true}
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties:
      SecretString: hunter2hunter2
      Description: |
        -----BEGIN PRIVATE KEY-----
        MIIEvQ
        -----END PRIVATE KEY-----
"""


def of(address: str, *path: str, content: bytes = TEMPLATE, **more: Any) -> Excerpt:
    found = excerpt(content, file="t.yaml", address=address, path=path, **more)
    assert found
    return found


def text(found: Excerpt) -> str:
    return "\n".join(found.lines)


def test_a_setting_is_shown_by_its_own_line() -> None:
    found = of("Orders", "SSESpecification")

    assert (found.start_line, found.end_line, found.is_written) == (31, 31, True)
    assert found.lines == ("      SSESpecification: {SSEEnabled: true}",)


def test_what_sam_calls_otherwise_is_found_below_its_own_property() -> None:
    assert of("Export", "AuthType").lines == ("        AuthType: NONE",)
    assert of("Export", "AuthType").start_line == 14


def test_what_globals_say_is_shown_there() -> None:
    assert (of("Export", "Runtime").start_line, text(of("Export", "Runtime")).strip()) == (
        4,
        "Runtime: python3.9",
    )


def test_a_statement_is_found_by_its_place_its_sid_or_what_it_allows() -> None:
    by_place = of("Export", "Policies", "0", "PolicyDocument", "Statement", "0")
    by_sid = of("Export", statement={"Sid": "ReadOrders", "Action": ["x"]})
    by_action = of(
        "Export", statement={"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"]}
    )

    assert by_place == by_sid
    assert (by_sid.start_line, by_sid.end_line) == (21, 24)
    assert by_action.start_line == 25


def test_a_setting_that_is_written_nowhere_shows_where_it_would_be() -> None:
    found = of("Orders", "DeletionProtectionEnabled")

    assert not found.is_written
    assert found.lines == ("  Orders:", "    Type: AWS::DynamoDB::Table")


def test_no_secret_is_shown_and_lines_keep_their_numbers() -> None:
    environment = of("Export", "Environment")
    secret = of("Secret", "SecretString")
    key = of("Secret", "Description")

    assert "correct horse" not in text(environment)
    assert "!Ref Orders" in text(environment)
    assert "hunter2" not in text(secret)
    assert secret.start_line == 35
    assert "MIIEvQ" not in text(key)


def test_json_and_what_has_no_end_stay_short() -> None:
    one_line = b'{"Resources": {"A": {"Type": "AWS::S3::Bucket", "Properties": {%s}}}}' % b",".join(
        b'"K%d": "v"' % n for n in range(200)
    )
    many = b"Resources:\n  A:\n    Type: T\n    Properties:\n      List:\n" + b"      - x\n" * 90

    assert len(text(of("A", "K3", content=one_line))) <= WIDTH_MAX
    found = of("A", "List", content=many)
    assert (len(found.lines), found.end_line - found.start_line) == (LINES_MAX, 90)


def test_a_file_that_does_not_declare_it_or_cannot_be_read_shows_nothing() -> None:
    for content in (TEMPLATE, b"{", b"- a", b""):
        assert excerpt(content, file="t.yaml", address="Nothing", path=("A",)) is None


TERRAFORM = b"""\
resource "aws_lambda_function" "export" {
  function_name = "export"
  environment {
    variables = {
      PLAIN_LOOKING = "correct horse"
      TABLE         = aws_dynamodb_table.orders.name
    }
  }
}

resource "aws_db_instance" "db" {
  master_password = "hunter2hunter2"
  engine          = "postgres"
}
"""


@pytest.mark.parametrize(
    ("address", "first", "last"),
    [("aws_lambda_function.export", 1, 9), ("module.a.aws_db_instance.db[0]", 11, 14)],
)
def test_terraform_is_shown_by_its_block(address: str, first: int, last: int) -> None:
    found = excerpt(TERRAFORM, file="main.tf", address=address)

    assert found
    assert (found.start_line, found.end_line) == (first, last)
    assert "correct horse" not in text(found)
    assert "hunter2" not in text(found)
    assert "aws_dynamodb_table" in text(found) or "postgres" in text(found)
