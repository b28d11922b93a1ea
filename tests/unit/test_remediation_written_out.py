"""What SAM makes of a declaration, declared as it is, so that a fix can say what SAM cannot."""

from typing import Any

import pytest

from core.errors import Declined
from remediation.lint import Lint
from remediation.proof import Judge, Version, of_fix
from tests.blueprint_world import fixed, template_of

TABLE = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  SimpleTable:
    SSESpecification: {SSEEnabled: true}
Resources:
  Visits:
    Type: AWS::Serverless::SimpleTable
    DeletionPolicy: Retain
    Properties:
      TableName: !Sub visits-${AWS::Region}
      PrimaryKey: {Name: visitor, Type: Number}  # one row for each
      ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 2}
      Tags: {team: shop}
"""

ROLE = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: test}
Resources:
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: Done, States: {Done: {Type: Succeed}}}
      PermissionsBoundary: !Sub arn:aws:iam::${AWS::AccountId}:policy/edge
      Tags: {team: shop}
      Policies:
        - AWSXRayDaemonWriteAccess
        - Version: "2012-10-17"
          Statement:
            - {Effect: Allow, Action: 's3:GetObject', Resource: !Sub 'arn:aws:s3:::${Stage}-${AWS::Region}/*'}
"""

SCHEDULED = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Nightly:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      InlineCode: x
      Events:
        Night:
          Type: ScheduleV2
          Properties: {ScheduleExpression: rate(1 day)}
"""


def test_a_simple_table_becomes_the_table_that_sam_makes_of_it() -> None:
    before = template_of(TABLE.encode()).resource("Visits")

    raw, target = fixed(TABLE, "PL-DYNAMODB-003", "Visits")

    after = target.draft.template.resource("Visits")
    assert before is not None
    assert after is not None
    assert after.properties == {**before.properties, "DeletionProtectionEnabled": True}
    assert raw["Resources"]["Visits"]["Type"] == "AWS::DynamoDB::Table"
    assert raw["Resources"]["Visits"]["DeletionPolicy"] == "Retain"
    assert b"# one row for each" in target.draft.data


@pytest.mark.parametrize("kind", ["!Ref Kind", "Text"])
def test_a_key_whose_type_is_not_written_out_is_declined(kind: str) -> None:
    template = TABLE.replace("Type: Number", f"Type: {kind}")

    with pytest.raises(Declined, match="primary key of Visits"):
        fixed(template, "PL-DYNAMODB-003", "Visits")


def test_a_role_that_sam_makes_is_declared_with_the_same_permissions_and_limited() -> None:
    raw, target = fixed_role(ROLE, "FlowRole")

    role = raw["Resources"]["FlowRole"]["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    }
    assert role["PermissionsBoundary"] == {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:policy/edge"}
    assert role["Policies"][0]["PolicyDocument"]["Statement"][0]["Resource"] == {
        "Fn::Sub": "arn:aws:s3:::${Stage}-${AWS::Region}/*"
    }
    assert any("AWSXRayDaemonWriteAccess" in str(arn) for arn in role["ManagedPolicyArns"])
    assert role["Tags"] == [{"Key": "team", "Value": "shop"}]
    flow = raw["Resources"]["Flow"]["Properties"]
    assert flow["Role"] == {"Fn::GetAtt": ["FlowRole", "Arn"]}
    assert not {"Policies", "PermissionsBoundary"} & set(flow)
    assert "FlowRole" in target.notes[0]


def test_the_role_of_a_schedule_is_named_by_its_event() -> None:
    raw, _ = fixed_role(SCHEDULED, "NightlyNightRole")

    event = raw["Resources"]["Nightly"]["Properties"]["Events"]["Night"]["Properties"]
    assert event["RoleArn"] == {"Fn::GetAtt": ["NightlyNightRole", "Arn"]}
    assert "Role" not in raw["Resources"]["Nightly"]["Properties"]


def fixed_role(template: str, role: str) -> tuple[Any, Any]:
    """Run the blueprint on the role that SAM makes."""
    made = template_of(template.encode()).resource(role)
    assert made is not None
    assert made.source is not None
    return fixed(template, "PL-IAM-016", made.source.address, resource_uid=made.uid)


def test_a_resource_that_becomes_another_is_lost() -> None:
    proofs = proofs_of(TABLE, TABLE.replace("AWS::Serverless::SimpleTable", "AWS::SQS::Queue"))

    assert not proofs["nothing lost"].held
    assert proofs["nothing lost"].detail == "lost: Visits"


def test_a_table_written_out_is_not_lost() -> None:
    _, target = fixed(TABLE, "PL-DYNAMODB-003", "Visits")

    assert proofs_of(TABLE, target.draft.data.decode())["nothing lost"].held


def proofs_of(before: str, after: str) -> dict[str, Any]:
    then, now = (
        Version({"t.yaml": text.encode()}, template_of(text.encode())) for text in (before, after)
    )
    silent = Judge(lambda _resources: ())
    proofs = of_fix(then, now, "PL-X-001", "Visits", judge=silent, lint=lambda _b, _a: Lint())
    return {proof.name: proof for proof in proofs}
