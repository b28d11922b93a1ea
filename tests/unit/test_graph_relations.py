"""Resources are joined through their aliases, within their own surroundings."""

import sys

import pytest

from core.types import Resource, SourceSpan
from graph import Relations, relate
from graph.reference import REFERENCES
from graph.token import tokens
from templates import read

ACCOUNT = "111122223333"


def live(
    kind: str,
    name: str,
    *,
    arn: str = "",
    region: str = "eu-west-1",
    aliases: tuple[str, ...] = (),
    **given: object,
) -> Resource:
    uid = arn or f"arn:aws:x:{region}:{ACCOUNT}:{kind.rpartition(':')[2].lower()}:{name}"
    return Resource(
        uid=uid,
        type=kind,
        name=name,
        properties=given,
        account=ACCOUNT,
        region=region,
        aliases=(uid, name, *aliases),
    )


def declared(text: str, file: str = "t.yaml") -> tuple[Resource, ...]:
    return read(text.encode(), file=file, secret_key=b"k").resources


def names(relations: Relations, resource: Resource) -> dict[str, list[str]]:
    return {kind: [r.name for r in found] for kind, found in relations.of(resource).items()}


def test_a_function_stands_beside_its_role_and_its_role_s_policies() -> None:
    policy = live("AWS::IAM::ManagedPolicy", "p", arn=f"arn:aws:iam::{ACCOUNT}:policy/p", region="")
    role = live(
        "AWS::IAM::Role",
        "r",
        arn=f"arn:aws:iam::{ACCOUNT}:role/r",
        region="",
        ManagedPolicyArns=[policy.uid],
    )
    function = live("AWS::Lambda::Function", "f", Role=role.uid)

    relations = relate([function, role, policy])

    assert names(relations, function) == {"AWS::IAM::Role": ["r"], "AWS::IAM::ManagedPolicy": ["p"]}
    assert names(relations, policy) == {"AWS::IAM::Role": ["r"]}


@pytest.mark.parametrize(
    "named",
    [
        "f",
        "arn:aws:lambda:eu-west-1:111122223333:function:f",
        "arn:aws:lambda:eu-west-1:111122223333:function:f:live",
    ],
)
def test_a_permission_names_its_function_in_any_way(named: str) -> None:
    function = live(
        "AWS::Lambda::Function", "f", arn=f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
    )
    permission = live("AWS::Lambda::Permission", "sid", FunctionName=named)

    assert names(relate([function, permission]), function) == {"AWS::Lambda::Permission": ["sid"]}


def test_a_bare_name_joins_only_the_declared_type_in_the_same_region() -> None:
    here = live(
        "AWS::Lambda::Function", "orders", arn=f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:orders"
    )
    there = live(
        "AWS::Lambda::Function",
        "orders",
        arn=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders",
        region="us-east-1",
    )
    queue = live("AWS::SQS::Queue", "orders")
    url = live("AWS::Lambda::Url", "u", TargetFunctionArn="orders")

    relations = relate([there, queue, here, url])

    assert [edge.target for edge in relations.outgoing(url)] == [here]


def test_a_stream_belongs_to_its_table() -> None:
    table = live("AWS::DynamoDB::Table", "t", arn=f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t")
    mapping = live(
        "AWS::Lambda::EventSourceMapping", "m", EventSourceArn=f"{table.uid}/stream/2026"
    )

    assert names(relate([table, mapping]), table) == {"AWS::Lambda::EventSourceMapping": ["m"]}


def test_an_integration_reaches_its_function_through_the_invocation_uri() -> None:
    function = live(
        "AWS::Lambda::Function", "f", arn=f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
    )
    uri = (
        f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{function.uid}/invocations"
    )
    method = live("AWS::ApiGateway::Method", "GET /", Integration={"Uri": uri})

    assert names(relate([function, method]), function) == {"AWS::ApiGateway::Method": ["GET /"]}


def test_a_log_group_belongs_to_the_function_in_its_name() -> None:
    function = live("AWS::Lambda::Function", "f")
    group = live("AWS::Logs::LogGroup", "/aws/lambda/f", LogGroupName="/aws/lambda/f")

    assert names(relate([function, group]), function) == {"AWS::Logs::LogGroup": ["/aws/lambda/f"]}


def test_logical_ids_join_only_within_their_own_template() -> None:
    text = (
        "Resources:\n  Q: {Type: 'AWS::SQS::Queue'}\n"
        "  P: {Type: 'AWS::SQS::QueuePolicy', Properties: {Queues: [!Ref Q], PolicyDocument: {}}}\n"
    )
    one, other = declared(text, "one.yaml"), declared(text, "other.yaml")

    relations = relate([*one, *other])

    for queue, policy in (one, other):
        assert relations.of(queue) == {"AWS::SQS::QueuePolicy": (policy,)}


def test_references_inside_substituted_text_are_found() -> None:
    resources = declared(
        "Resources:\n  F: {Type: 'AWS::Lambda::Function', Properties: {Role: !GetAtt R.Arn}}\n"
        "  R: {Type: 'AWS::IAM::Role'}\n"
        "  M: {Type: 'AWS::ApiGateway::Method', Properties: {Integration: {Uri: !Sub "
        "'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'}}}\n"
    )

    assert names(relate(resources), resources[0]) == {
        "AWS::IAM::Role": ["R"],
        "AWS::ApiGateway::Method": ["M"],
    }


def test_live_and_declared_resources_are_never_joined() -> None:
    queue = live("AWS::SQS::Queue", "orders")
    (policy,) = declared(
        "Resources: {P: {Type: 'AWS::SQS::QueuePolicy', Properties: {Queues: [orders]}}}"
    )

    assert relate([queue, policy]).of(queue) == {}


def test_an_alias_that_fits_several_is_not_guessed() -> None:
    one, two = live("AWS::SQS::Queue", "q"), live("AWS::SQS::Queue", "q", region="us-east-1")
    relations = relate([one, two])

    assert relations.by_alias("q") is None
    assert relations.by_alias(one.uid) == one
    assert relations.by_alias("q", near=two) is None or relations.by_alias("q", near=two) == two


def test_a_resource_does_not_relate_to_itself() -> None:
    queue = live(
        "AWS::SQS::Queue",
        "q",
        RedrivePolicy={"deadLetterTargetArn": "arn:aws:x:eu-west-1:111122223333:queue:q"},
    )

    assert relate([queue]).of(queue) == {}


def test_odd_property_shapes_are_passed_over() -> None:
    function = live(
        "AWS::Lambda::Function", "f", Role={"Fn::Unknown": "x"}, VpcConfig="text", Layers=[None, 3]
    )

    assert relate([function]).of(function) == {}


def test_joining_costs_each_resource_as_many_calls_however_many_there_are() -> None:
    def estate(count: int) -> list[Resource]:
        roles = [
            live("AWS::IAM::Role", f"r{n}", arn=f"arn:aws:iam::{ACCOUNT}:role/r{n}")
            for n in range(count)
        ]
        functions = [
            live("AWS::Lambda::Function", f"f{n}", Role=roles[n].uid) for n in range(count)
        ]
        return [*roles, *functions]

    def calls_a_resource(count: int) -> float:
        resources, calls = estate(count), 0

        def counting(frame: object, event: str, _: object) -> None:
            nonlocal calls
            calls += event == "call"

        sys.setprofile(counting)
        try:
            relations = relate(resources)
            for resource in resources:
                relations.of(resource)
        finally:
            sys.setprofile(None)
        return calls / len(resources)

    assert calls_a_resource(1_000) < 1.2 * calls_a_resource(100)


def test_every_reference_is_a_path_of_plain_steps() -> None:
    for kind, rows in REFERENCES.items():
        assert kind.count("::") == 2
        for path in rows:
            assert (
                path.replace("[]", "").replace(".", "").replace("*", "").replace("-", "").isalnum()
            )


def test_the_source_of_a_declared_resource_does_not_matter_for_joining() -> None:
    span = SourceSpan("t", 1, 1)
    table = Resource(
        uid="r//t//T",
        type="AWS::DynamoDB::Table",
        name="T",
        properties={},
        aliases=("${T}",),
        source=span,
    )
    mapping = Resource(
        uid="r//t//M", type="AWS::Lambda::EventSourceMapping", name="M",
        properties={"EventSourceArn": "${T.StreamArn}"}, aliases=("${M}",), source=span,
    )  # fmt: skip

    assert relate([table, mapping]).of(table) == {"AWS::Lambda::EventSourceMapping": (mapping,)}


_GUARDED = """
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: orders}}
  Stage: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: prod}}
  Other: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Elsewhere, StageName: prod}}
  Acl: {Type: AWS::WAFv2::WebACL, Properties: {Scope: REGIONAL}}
  Association:
    Type: AWS::WAFv2::WebACLAssociation
    Properties:
      ResourceArn: !Sub "arn:aws:apigateway:${AWS::Region}::/restapis/${Api}/stages/STAGE"
      WebACLArn: !GetAtt Acl.Arn
"""


@pytest.mark.parametrize("stage", ["${Stage}", "prod"])
def test_a_stage_stands_behind_the_firewall_whose_association_spells_its_arn(stage: str) -> None:
    resources = declared(_GUARDED.replace("STAGE", stage))
    guarded, other = (r for r in resources if r.type == "AWS::ApiGateway::Stage")

    relations = relate(resources)

    assert names(relations, guarded)["AWS::WAFv2::WebACL"] == ["Acl"]
    assert "AWS::WAFv2::WebACLAssociation" not in names(relations, other)


def test_a_table_stands_beside_what_scales_it() -> None:
    table = live("AWS::DynamoDB::Table", "orders")
    target = live("AWS::ApplicationAutoScaling::ScalableTarget", "t", ResourceId="table/orders")

    assert names(relate([table, target]), table) == {
        "AWS::ApplicationAutoScaling::ScalableTarget": ["t"]
    }


def test_a_bucket_stands_beside_the_bucket_that_keeps_its_copies() -> None:
    rule = {"Status": "Enabled", "Destination": {"Bucket": "arn:aws:s3:::copies"}}
    copies = live("AWS::S3::Bucket", "copies", arn="arn:aws:s3:::copies")
    reports = live("AWS::S3::Bucket", "reports", ReplicationConfiguration={"Rules": [rule]})

    assert names(relate([copies, reports]), copies) == {"AWS::S3::Bucket": ["reports"]}


def test_a_reference_of_terraform_leads_to_the_whole_wherever_it_stands() -> None:
    def tokened(text: str) -> list[str]:
        return [token.whole for token in tokens(text)]

    assert tokened("${aws_sqs_queue.jobs.arn}") == ["${aws_sqs_queue.jobs}"]
    assert tokened("${aws_s3_bucket.b[0].arn}/*") == ["${aws_s3_bucket.b[0]}"]
    assert tokened('${module.a["x.y"].aws_iam_role.r["a/b"].name}') == [
        '${module.a["x.y"].aws_iam_role.r["a/b"]}'
    ]
    assert tokened("arn:aws:s3:::${aws_s3_bucket.a.id}/${aws_s3_bucket.b.id}") == [
        "${aws_s3_bucket.a}",
        "${aws_s3_bucket.b}",
    ]
    assert tokened("${data.aws_iam_role.r.arn}") == ["${data.aws_iam_role.r}"]
    assert tokened("${Queue.Arn} ${AWS::Region} ${aws:username}") == ["${Queue}"]
