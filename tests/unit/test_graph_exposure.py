"""Who can reach a resource, and whether callers must prove who they are."""

from typing import Any

import pytest

from core.types import Resource, unknown
from graph import Exposure, exposure, relate
from templates import read

ACCOUNT = "111122223333"
OTHER = "444455556666"
FUNCTION = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"


def live(
    kind: str, uid: str, *, unreadable: dict[str, str] | None = None, **given: Any
) -> Resource:
    return Resource(
        uid=uid, type=kind, name=uid.rpartition(":")[2], properties=given, account=ACCOUNT,
        region="eu-west-1", aliases=(uid,), unreadable=unreadable or {},
    )  # fmt: skip


def seen(subject: Resource, *others: Resource) -> tuple[int, bool | None]:
    found = exposure(subject, relate([subject, *others]))
    return int(found.level), found.authenticated


def declared(text: str) -> dict[str, Exposure]:
    resources = read(text.encode(), file="t.yaml", secret_key=b"k").resources
    relations = relate(resources)
    return {r.name: exposure(r, relations) for r in resources}


def permission(principal: Any, **given: Any) -> Resource:
    action = given.pop("Action", "lambda:InvokeFunction")
    return live(
        "AWS::Lambda::Permission",
        f"{FUNCTION}|p|{principal}",
        FunctionName=FUNCTION,
        Principal=principal,
        Action=action,
        **given,
    )


def url(kind: Any) -> Resource:
    return live("AWS::Lambda::Url", f"{FUNCTION}|url", TargetFunctionArn=FUNCTION, AuthType=kind)


OPEN_URL = {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"}


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ((), (0, None)),
        ((permission("*"),), (3, False)),
        ((permission("*", SourceAccount=ACCOUNT),), (1, True)),
        ((permission("*", PrincipalOrgID="o-1"),), (2, True)),
        ((permission(OTHER),), (2, True)),
        ((permission([f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{OTHER}:root"]),), (2, True)),
        ((permission(ACCOUNT),), (1, True)),
        ((permission(f"arn:aws:iam::{OTHER}:root"),), (2, True)),
        ((permission("events.amazonaws.com"),), (0, None)),
        ((permission("*", Action="lambda:GetFunction"),), (0, None)),
        ((url("NONE"), permission("*", **OPEN_URL)), (3, False)),
        ((url("NONE"),), (1, True)),
        ((url("AWS_IAM"),), (1, True)),
        ((url("AWS_IAM"), permission(OTHER, Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType="AWS_IAM")), (2, True)),
        ((url(unknown("denied")),), (3, None)),
    ],
)  # fmt: skip
def test_a_function_is_as_exposed_as_its_widest_door(
    others: tuple[Resource, ...], expected: tuple[int, bool | None]
) -> None:
    assert seen(live("AWS::Lambda::Function", FUNCTION), *others) == expected


def test_a_policy_that_was_not_read_never_counts_as_closed() -> None:
    function = live(
        "AWS::Lambda::Function", FUNCTION, unreadable={"AWS::Lambda::Permission": "denied"}
    )

    assert seen(function, url("NONE")) == (3, None)
    assert "could not be read" in exposure(function, relate([function])).why


def queue_policy(
    principal: Any, condition: Any = None, effect: str = "Allow", **more: Any
) -> Resource:
    statement = {
        "Effect": effect,
        "Principal": principal,
        "Action": "sqs:*",
        "Resource": QUEUE,
        **more,
    }
    if condition is not None:
        statement["Condition"] = condition
    document = {"Statement": [statement]}
    return live(
        "AWS::SQS::QueuePolicy", f"{QUEUE}|{effect}", Queues=[QUEUE], PolicyDocument=document
    )


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        ("*", None, (3, False)),
        ({"AWS": "*"}, None, (3, False)),
        ({"AWS": ["*"]}, {"Bool": {"aws:SecureTransport": "true"}}, (3, False)),
        ({"AWS": OTHER}, None, (2, True)),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/r"}, None, (1, True)),
        ({"Service": "sns.amazonaws.com"}, None, (0, None)),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, (2, True)),
        ("*", {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:t"}}, (1, True)),
        ("*", {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:eu-west-1:{OTHER}:t"}}, (2, True)),
        ("*", {"ArnLike": {"aws:SourceArn": "*"}}, (3, False)),
        ("*", {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}}, (3, False)),
        ("*", {"StringNotEquals": {"aws:SourceAccount": ACCOUNT}}, (3, False)),
        ("*", {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, (3, False)),
        ("*", {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, (2, None)),
        ("*", {"StringEquals": {"aws:SourceVpce": "vpce-1"}}, (1, None)),
        ("*", {"StringEquals": {"aws:SourceAccount": unknown("a parameter")}}, (2, None)),
    ],
)
def test_a_resource_policy_admits_whom_its_principals_and_conditions_say(
    principal: Any, condition: Any, expected: tuple[int, bool | None]
) -> None:
    assert seen(live("AWS::SQS::Queue", QUEUE), queue_policy(principal, condition)) == expected


def test_a_bus_policy_is_one_bare_statement() -> None:
    bus = live("AWS::Events::EventBus", f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/b")
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": bus.uid,
    }
    policy = live("AWS::Events::EventBusPolicy", "p", EventBusName=bus.uid, Statement=statement)

    assert seen(bus, policy) == (3, False)


def test_everyone_but_a_few_is_still_everyone() -> None:
    statement = {
        "Effect": "Allow",
        "NotPrincipal": {"AWS": OTHER},
        "Action": "sqs:*",
        "Resource": QUEUE,
    }
    policy = live(
        "AWS::SQS::QueuePolicy", "p", Queues=[QUEUE], PolicyDocument={"Statement": [statement]}
    )

    assert seen(live("AWS::SQS::Queue", QUEUE), policy) == (3, False)


def test_a_deny_to_all_takes_back_what_is_allowed() -> None:
    document = {
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE},
            {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": QUEUE},
        ]
    }
    policy = live("AWS::SQS::QueuePolicy", "p", Queues=[QUEUE], PolicyDocument=document)

    assert seen(live("AWS::SQS::Queue", QUEUE), policy) == (0, None)


BUCKET = "arn:aws:s3:::b"
ALL_ON = dict.fromkeys(
    ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
)


def bucket_policy(principal: Any = "*") -> Resource:
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:GetObject",
        "Resource": f"{BUCKET}/*",
    }
    return live(
        "AWS::S3::BucketPolicy", "p", Bucket=BUCKET, PolicyDocument={"Statement": [statement]}
    )


@pytest.mark.parametrize(
    ("given", "others", "expected"),
    [
        ({}, (), (0, None)),
        ({}, (bucket_policy(),), (3, False)),
        ({"PublicAccessBlockConfiguration": ALL_ON}, (bucket_policy(),), (1, True)),
        ({"PublicAccessBlockConfiguration": {**ALL_ON, "RestrictPublicBuckets": False}}, (bucket_policy(),), (3, False)),
        ({}, (bucket_policy({"AWS": OTHER}),), (2, True)),
        ({"AccessControl": "PublicRead"}, (), (3, False)),
        ({"AccessControl": "PublicRead", "PublicAccessBlockConfiguration": ALL_ON}, (), (0, None)),
        ({"AccessControlGrants": [{"Grantee": "AllUsers", "Permission": "READ"}]}, (), (3, False)),
        ({"AccessControlGrants": [{"Grantee": "abc", "Permission": "READ"}]}, (), (0, None)),
        (
            {"AccessControl": "PublicRead", "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
            (),
            (0, None),
        ),
    ],
)  # fmt: skip
def test_a_bucket_is_public_by_policy_or_acl_unless_blocked(
    given: Any, others: tuple[Resource, ...], expected: tuple[int, bool | None]
) -> None:
    assert seen(live("AWS::S3::Bucket", BUCKET, **given), *others) == expected


def test_an_unread_block_or_policy_is_not_taken_for_closed() -> None:
    for given in (
        {"PublicAccessBlockConfiguration": unknown("denied")},
        {"unreadable": {"AWS::S3::BucketPolicy": "denied"}},
    ):
        bucket = live("AWS::S3::Bucket", BUCKET, **given)
        assert "could not be read" in exposure(bucket, relate([bucket])).why


def test_a_declared_bucket_gets_the_blocks_new_buckets_get() -> None:
    policy = "{Statement: [{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: '*'}]}"
    found = declared(
        "Resources:\n  Closed: {Type: 'AWS::S3::Bucket'}\n"
        "  Opened: {Type: 'AWS::S3::Bucket', Properties: {PublicAccessBlockConfiguration: {BlockPublicAcls: false}}}\n"
        f"  P: {{Type: 'AWS::S3::BucketPolicy', Properties: {{Bucket: !Ref Closed, PolicyDocument: {policy}}}}}\n"
        f"  Q: {{Type: 'AWS::S3::BucketPolicy', Properties: {{Bucket: !Ref Opened, PolicyDocument: {policy}}}}}\n"
    )

    assert found["Closed"].level == 1
    assert found["Opened"].level == 3


SAM = """Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::{kind}
    Properties:
      StageName: prod
{auth}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: a.b
      Runtime: python3.12
      Events:
        Get: {{Type: {event}, Properties: {{{reference}: !Ref Api, Path: /x, Method: get}}}}
"""
COGNITO = """      Auth:
        DefaultAuthorizer: Pool
        Authorizers: {Pool: {UserPoolArn: 'arn:aws:cognito-idp:eu-west-1:111122223333:userpool/x'}}"""
JWT = """      Auth:
        DefaultAuthorizer: Token
        Authorizers:
          Token: {IdentitySource: $request.header.Authorization, JwtConfiguration: {issuer: 'https://i.example', audience: [a]}}"""


@pytest.mark.parametrize(
    ("kind", "reference", "auth", "expected"),
    [
        ("Api", "RestApiId", "", (3, False)),
        ("Api", "RestApiId", COGNITO, (3, True)),
        ("Api", "RestApiId", "      Auth: {DefaultAuthorizer: AWS_IAM}", (1, True)),
        ("Api", "RestApiId", "      Auth: {ApiKeyRequired: true}", (3, False)),
        ("Api", "RestApiId", "      EndpointConfiguration: {Type: PRIVATE}", (1, None)),
        ("HttpApi", "ApiId", "", (3, False)),
        ("HttpApi", "ApiId", JWT, (3, True)),
    ],
)  # fmt: skip
def test_an_api_and_the_function_behind_it_share_their_door(
    kind: str, reference: str, auth: str, expected: tuple[int, bool | None]
) -> None:
    found = declared(SAM.format(kind=kind, event=kind, reference=reference, auth=auth))

    for name in ("Api", "F"):
        assert (found[name].level, found[name].authenticated) == expected, found[name]


def method(kind: str, verb: str = "GET") -> Resource:
    uri = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
    return live(
        "AWS::ApiGateway::Method", f"m-{verb}", RestApiId="api", HttpMethod=verb, AuthorizationType=kind,
        Integration={"Uri": uri},
    )  # fmt: skip


def rest(**given: Any) -> Resource:
    resource = live(
        "AWS::ApiGateway::RestApi", "arn:aws:apigateway:eu-west-1::/restapis/api", **given
    )
    return Resource(
        **{
            **{f: getattr(resource, f) for f in resource.__slots__},
            "aliases": (resource.uid, "api"),
        }
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("NONE", (3, False)),
        ("CUSTOM", (3, True)),
        ("COGNITO_USER_POOLS", (3, True)),
        ("AWS_IAM", (1, True)),
    ],
)
def test_a_live_method_decides_for_its_api_and_function(
    kind: str, expected: tuple[int, bool | None]
) -> None:
    function = live("AWS::Lambda::Function", FUNCTION)

    assert seen(rest(), method(kind), function) == expected
    assert seen(function, method(kind), rest()) == expected


def test_a_preflight_method_opens_nothing() -> None:
    assert seen(rest(), method("NONE", "OPTIONS"), method("AWS_IAM")) == (1, True)


def test_an_api_policy_narrows_an_open_route() -> None:
    statement = {
        "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
    }  # fmt: skip

    assert seen(rest(Policy={"Statement": [statement]}), method("NONE")) == (1, None)


def test_routes_that_were_not_read_are_not_taken_for_closed() -> None:
    assert seen(rest(unreadable={"AWS::ApiGateway::Method": "denied"})) == (3, None)


def test_only_the_connect_route_of_a_websocket_decides() -> None:
    found = declared(
        "Resources:\n  Api: {Type: 'AWS::ApiGatewayV2::Api', Properties: {ProtocolType: WEBSOCKET}}\n"
        "  C: {Type: 'AWS::ApiGatewayV2::Route', Properties: {ApiId: !Ref Api, RouteKey: $connect, AuthorizationType: CUSTOM}}\n"
        "  D: {Type: 'AWS::ApiGatewayV2::Route', Properties: {ApiId: !Ref Api, RouteKey: $default}}\n"
    )

    assert (found["Api"].level, found["Api"].authenticated) == (3, True)
    assert found["$default"].authenticated is True


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("AWS::CloudFront::Distribution", {"DistributionConfig": {}}, (3, False)),
        ("AWS::CloudFront::Distribution", {"DistributionConfig": {"DefaultCacheBehavior": {"TrustedKeyGroups": ["k"]}}}, (3, True)),
        ("AWS::AppSync::GraphQLApi", {"AuthenticationType": "API_KEY"}, (3, False)),
        ("AWS::AppSync::GraphQLApi", {"AuthenticationType": "AWS_IAM"}, (1, True)),
        ("AWS::AppSync::GraphQLApi", {"AuthenticationType": "AMAZON_COGNITO_USER_POOLS"}, (3, True)),
        ("AWS::KMS::Key", {"KeyPolicy": {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}]}}, (3, False)),
        ("AWS::DynamoDB::Table", {"ResourcePolicy": {"PolicyDocument": {"Statement": [{"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "dynamodb:*"}]}}}, (2, True)),
        ("AWS::IAM::Role", {"AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sts:AssumeRole"}]}}, (2, True)),
        ("AWS::IAM::Role", {"AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}, (0, None)),
        ("AWS::Logs::LogGroup", {}, (0, None)),
    ],
)  # fmt: skip
def test_other_resources_are_measured_by_their_own_rules(
    kind: str, given: Any, expected: tuple[int, bool | None]
) -> None:
    assert seen(live(kind, "arn:aws:x:eu-west-1:111122223333:it", **given)) == expected


def test_every_answer_says_why() -> None:
    for found in declared(
        SAM.format(kind="Api", event="Api", reference="RestApiId", auth="")
    ).values():
        assert found.why


GROUP = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:security-group/sg-1"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"CidrIp": "0.0.0.0/0"}, (3, None)),
        ({"CidrIpv6": "::/0"}, (3, None)),
        ({"CidrIp": "10.0.0.0/8"}, (0, None)),
        ({"SourceSecurityGroupId": "sg-2"}, (0, None)),
    ],
)
def test_a_security_group_is_as_open_as_its_rules(
    source: dict[str, str], expected: tuple[int, None]
) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **source}
    group = live("AWS::EC2::SecurityGroup", GROUP, SecurityGroupIngress=[rule])

    assert seen(group) == expected


def test_a_rule_beside_its_group_opens_both() -> None:
    found = declared("""
Resources:
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: g}}
  Ssh:
    Type: AWS::EC2::SecurityGroupIngress
    Properties: {GroupId: !Ref Group, IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}
""")

    assert {name: int(each.level) for name, each in found.items()} == {"Group": 3, "Ssh": 3}


def test_rules_that_could_not_be_read_are_not_closed() -> None:
    group = live("AWS::EC2::SecurityGroup", GROUP, SecurityGroupIngress=unknown("denied"))

    assert exposure(group, relate([group])).why == "its rules could not be read"


@pytest.mark.parametrize(
    ("public", "expected"),
    [(True, (3, True)), ("true", (3, True)), (False, (1, True)), (None, (1, True))],
)
def test_a_database_is_reached_where_it_has_an_address(
    public: Any, expected: tuple[int, bool]
) -> None:
    database = live("AWS::RDS::DBInstance", "arn:aws:rds:::db:d", PubliclyAccessible=public)

    assert seen(database) == expected


def test_a_search_domain_outside_a_network_admits_whom_its_policy_does() -> None:
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "es:*"}]}
    kind, arn = "AWS::OpenSearchService::Domain", "arn:aws:es:eu-west-1:1:domain/d"
    outside = live(kind, arn, AccessPolicies=policy)
    inside = live(kind, arn, AccessPolicies=policy, VPCOptions={"SubnetIds": ["s"]})

    assert seen(outside) == (3, False)
    assert seen(inside) == (1, None)
