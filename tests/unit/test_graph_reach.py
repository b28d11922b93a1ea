"""Which data a resource can act on, and how many steps it stands from the internet."""

from datetime import UTC, datetime

import pytest

from core.types import Estate, Resource, Snapshot
from graph import Reach, reach
from graph.blast import STORE_ACTIONS
from templates import read

HEAD = """Resources:
  Orders: {Type: 'AWS::DynamoDB::Table', Properties: {Tags: [{Key: data, Value: pii}]}}
  Cache: {Type: 'AWS::DynamoDB::Table', Properties: {Tags: [{Key: data, Value: public}]}}
  Files: {Type: 'AWS::S3::Bucket'}
  Queue: {Type: 'AWS::SQS::Queue'}
  F: {Type: 'AWS::Lambda::Function', Properties: {Role: !GetAtt R.Arn}}
"""


def reached(text: str, *, estate: Estate | None = None) -> dict[str, Reach]:
    resources = read(text.encode(), file="t.yaml", secret_key=b"k").resources
    taken = Snapshot("s", datetime(2026, 11, 22, tzinfo=UTC), resources)
    return {uid.rpartition("//")[2]: found for uid, found in reach(taken, estate=estate).items()}


def with_statements(*statements: str) -> str:
    listed = ", ".join(statements)
    return (
        f"{HEAD}  R: {{Type: 'AWS::IAM::Role', Properties: {{Policies: "
        f"[{{PolicyName: p, PolicyDocument: {{Statement: [{listed}]}}}}]}}}}\n"
    )


def stores(text: str) -> set[str]:
    return {uid.rpartition("//")[2] for uid in reached(text)["F"].stores}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (("{Effect: Allow, Action: 'dynamodb:GetItem', Resource: !GetAtt Orders.Arn}",), {"Orders"}),
        (("{Effect: Allow, Action: 'dynamodb:DescribeTable', Resource: '*'}",), set()),
        (("{Effect: Allow, Action: 'dynamodb:*', Resource: '*'}",), {"Orders", "Cache"}),
        (("{Effect: Allow, Action: 's3:PutObject', Resource: !Sub '${Files.Arn}/in/*'}",), {"Files"}),
        (("{Effect: Allow, Action: '*', Resource: '*'}",), {"Orders", "Cache", "Files", "Queue"}),
        (
            ("{Effect: Allow, Action: '*', Resource: '*'}", "{Effect: Deny, Action: 'dynamodb:*', Resource: !GetAtt Orders.Arn}"),
            {"Cache", "Files", "Queue"},
        ),
        (("{Effect: Allow, NotAction: 'dynamodb:*', Resource: '*'}",), {"Files", "Queue"}),
        (("{Effect: Allow, Action: 'dynamodb:*', NotResource: !GetAtt Orders.Arn}",), {"Cache"}),
    ],
)  # fmt: skip
def test_a_function_reaches_the_stores_its_role_may_act_on(
    statements: tuple[str, ...], expected: set[str]
) -> None:
    assert stores(with_statements(*statements)) == expected


def test_sensitive_stores_are_counted_by_the_estate_s_tags() -> None:
    text = with_statements("{Effect: Allow, Action: 'dynamodb:*', Resource: '*'}")

    assert (reached(text)["F"].count, reached(text)["F"].sensitive) == (2, 1)
    assert reached(text, estate=Estate(sensitivity_tags=("other",)))["F"].sensitive == 0


def test_a_boundary_shortens_the_reach() -> None:
    text = with_statements("{Effect: Allow, Action: '*', Resource: '*'}").replace(
        "Properties: {Policies", "Properties: {PermissionsBoundary: !Ref Limit, Policies"
    )
    limit = (
        "  Limit: {Type: 'AWS::IAM::ManagedPolicy', Properties: {PolicyDocument: "
        "{Statement: [{Effect: Allow, Action: 'sqs:*', Resource: '*'}]}}}\n"
    )

    assert stores(text + limit) == {"Queue"}


def test_what_of_the_role_was_not_read_is_said() -> None:
    text = (
        HEAD
        + "  R: {Type: 'AWS::IAM::Role', Properties: {ManagedPolicyArns: ['arn:aws:iam::aws:policy/Unheard']}}\n"
    )

    assert reached(text)["F"].unread
    assert reached(HEAD.replace("!GetAtt R.Arn", "'arn:aws:iam::1:role/elsewhere'"))["F"].unread


def test_a_star_reaches_only_the_role_s_own_account() -> None:
    def live(kind: str, account: str, **given: object) -> Resource:
        uid = f"arn:aws:x:eu-west-1:{account}:{kind}"
        return Resource(
            uid=uid,
            type=kind,
            name="n",
            properties=given,
            account=account,
            region="eu-west-1",
            aliases=(uid,),
        )

    policy = {
        "PolicyName": "p",
        "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
    }
    mine, theirs = live("AWS::DynamoDB::Table", "1"), live("AWS::DynamoDB::Table", "2")
    role = live("AWS::IAM::Role", "1", Policies=[policy])

    found = reach(Snapshot("s", datetime(2026, 11, 22, tzinfo=UTC), (mine, theirs, role)))

    assert found[role.uid].stores == (mine.uid,)


def test_distance_counts_steps_from_the_open_internet() -> None:
    text = with_statements(
        "{Effect: Allow, Action: 'sqs:SendMessage', Resource: !GetAtt Queue.Arn}"
    ) + (
        "  Url: {Type: 'AWS::Lambda::Url', Properties: {AuthType: NONE, TargetFunctionArn: !Ref F}}\n"
        "  Open: {Type: 'AWS::Lambda::Permission', Properties: {FunctionName: !Ref F, Principal: '*', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: NONE}}\n"
        "  Worker: {Type: 'AWS::Lambda::Function', Properties: {Role: !GetAtt W.Arn}}\n"
        "  Map: {Type: 'AWS::Lambda::EventSourceMapping', Properties: {EventSourceArn: !GetAtt Queue.Arn, FunctionName: !Ref Worker}}\n"
        "  W: {Type: 'AWS::IAM::Role', Properties: {Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:PutItem', Resource: !GetAtt Orders.Arn}]}}]}}\n"
    )

    found = reached(text)

    steps = {name: found[name].distance for name in ("F", "Queue", "Worker", "Orders", "Cache")}
    assert steps == {"F": 0, "Queue": 1, "Worker": 2, "Orders": 3, "Cache": None}


def test_every_store_has_actions_of_its_own_service() -> None:
    for kind, actions in STORE_ACTIONS.items():
        service = {"SSM": "ssm", "KMS": "kms", "SecretsManager": "secretsmanager"}.get(
            kind.split("::")[1], kind.split("::")[1].lower()
        )
        assert {a.split(":")[0] for a in actions} == {service}
