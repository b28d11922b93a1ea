"""One of everything in moto, read back over HTTP by every collector."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from bench.estate import ACCOUNT, CREDENTIALS, REGION, code, moto_server
from collectors import AwsCloud
from collectors.quota import Quotas
from collectors.reader import Findings
from collectors.registry import declared_calls, supported_types
from collectors.usage import with_usage
from collectors.wire import Wire
from core.types import Resource, Snapshot, Usage, is_unknown
from graph.relations import relate
from tests import collectors_world as world

pytestmark = pytest.mark.xdist_group("collectors")  # one set-up for the whole file

KEY = b"a key of this test"
NOT_IN_MOTO = {  # moto cannot make these; their code is covered by the unit tests
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::IAM::AccessKey",
    "AWS::Lambda::LayerVersionPermission",
    "AWS::SecretsManager::RotationSchedule",
}


PLACES = {
    "AWS::Account::Account": "",
    "AWS::CloudFront::Distribution": "",
    "AWS::Logs::Delivery": "us-east-1",  # where CloudFront's logs are delivered from
    "AWS::Logs::DeliverySource": "us-east-1",
    "AWS::S3::AccountPublicAccessBlock": "",
}


@dataclass
class World:
    """A built estate, and every request that left for it."""

    endpoint: str
    sent: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def session(self) -> Any:
        session = boto3.Session(**CREDENTIALS)
        session.events.register("before-send", self._note)
        return session

    def _note(self, event_name: str, **_: Any) -> None:
        with self.lock:
            self.sent[event_name.removeprefix("before-send.")] += 1

    def cloud(self, **options: Any) -> AwsCloud:
        options.setdefault("regions", [REGION])
        return AwsCloud(
            session_factory=self.session,
            secret_key=KEY,
            clock=lambda: datetime.now(UTC),
            endpoint_url=self.endpoint,
            **options,
        )

    def usage_of_many(self) -> tuple[dict[str, Usage], Counter[str]]:
        """Ask for the usage of more queues than one call takes, by name; and the calls made."""
        names = ["waiting", *(f"idle-{n}" for n in range(500))]
        queues = [
            Resource(name, "AWS::SQS::Queue", name, {"QueueName": name}, region=REGION)
            for name in names
        ]
        wire = Wire(
            self.session(),
            endpoint_url=self.endpoint,
            quotas=Quotas.unlimited(),
            deadline_s=60,
        )
        findings = Findings()
        found = with_usage(wire, queues, now=datetime.now(UTC), findings=findings)
        assert findings.gaps == []
        return {each.name: each.usage[0] for each in found}, wire.api_calls


@pytest.fixture(scope="module")
def aws() -> Iterator[World]:
    with moto_server() as endpoint:
        world.build(endpoint)
        yield World(endpoint)


@pytest.fixture(scope="module")
def snapshot(aws: World) -> Snapshot:
    return aws.cloud().collect()


def one(snapshot: Snapshot, kind: str, name: str = "") -> Resource:
    found = [each for each in snapshot.resources if each.type == kind and name in each.name]
    assert len(found) == 1, [each.uid for each in found]
    return found[0]


def test_every_supported_type_is_found_and_nothing_is_a_gap(snapshot: Snapshot) -> None:
    assert {each.type for each in snapshot.resources} == set(supported_types()) - NOT_IN_MOTO
    assert snapshot.gaps == ()


def test_resources_are_unique_and_carry_their_place(snapshot: Snapshot) -> None:
    uids = [each.uid for each in snapshot.resources]
    assert len(uids) == len(set(uids))
    for each in snapshot.resources:
        assert each.account == ACCOUNT
        assert each.is_live
        assert each.region == PLACES.get(each.type, "" if "::IAM::" in each.type else REGION)


def test_no_secret_value_survives_collection(snapshot: Snapshot) -> None:
    text = repr(snapshot)
    for secret in world.SECRETS:
        assert secret not in text


def test_a_function_has_its_configuration_in_cloudformation_names(snapshot: Snapshot) -> None:
    function = one(snapshot, "AWS::Lambda::Function", "orders")
    properties = function.properties
    assert properties["MemorySize"] == 512
    assert properties["TracingConfig"] == {"Mode": "Active"}
    assert properties["ReservedConcurrentExecutions"] == 7
    assert properties["Layers"][0].endswith(":layer:shared:1")
    assert len(properties["VpcConfig"]["SubnetIds"]) == 1
    variables = properties["Environment"]["Variables"]
    assert variables["DB_PASSWORD"].startswith("secret:named_secret:")
    assert variables["STRIPE"].startswith("secret:stripe_key:")
    assert variables["DATABASE_URL"].startswith("secret:connection_string:")
    assert variables["TABLE"].startswith("secret:plain:")
    assert function.tags == {"team": "orders", "environment": "prod"}
    assert function.changed_at is not None
    quiet = one(snapshot, "AWS::Lambda::Function", "quiet")
    assert "VpcConfig" not in quiet.properties
    assert quiet.tags == {}


def test_who_may_call_a_function_is_one_permission_a_statement(snapshot: Snapshot) -> None:
    permissions = {
        each.name: each.properties
        for each in snapshot.resources
        if each.type == "AWS::Lambda::Permission"
    }
    assert permissions["orders/public-url"] == {
        "FunctionName": world.FUNCTION_ARN,
        "Action": "lambda:InvokeFunctionUrl",
        "Principal": "*",
        "FunctionUrlAuthType": "NONE",
    }
    assert permissions["orders/from-bucket"]["SourceArn"] == "arn:aws:s3:::uploads"
    url = one(snapshot, "AWS::Lambda::Url")
    assert url.properties["AuthType"] == "NONE"
    assert url.properties["TargetFunctionArn"] == world.FUNCTION_ARN
    assert one(snapshot, "AWS::Lambda::EventInvokeConfig").properties["MaximumRetryAttempts"] == 1
    assert one(snapshot, "AWS::Lambda::Alias").properties["FunctionVersion"] == "1"


def test_a_role_has_its_policies_and_only_attached_aws_policies_are_read(
    snapshot: Snapshot,
) -> None:
    role = one(snapshot, "AWS::IAM::Role")  # the service-linked role is AWS's own business
    assert role.properties["Policies"][0]["PolicyDocument"]["Statement"][0]["Action"] == (
        "dynamodb:Query"
    )
    assert role.properties["ManagedPolicyArns"] == [world.BASIC]
    assert role.properties["PermissionsBoundary"].endswith(":policy/boundary")
    policies = {
        each.uid: each for each in snapshot.resources if each.type == "AWS::IAM::ManagedPolicy"
    }
    assert set(policies) == {world.BASIC, role.properties["PermissionsBoundary"]}
    assert "logs:PutLogEvents" in json.dumps(policies[world.BASIC].properties["PolicyDocument"])
    user = one(snapshot, "AWS::IAM::User")
    assert user.properties["LoginProfile"] == {}
    assert user.properties["MfaActive"] is False
    assert user.properties["AccessKeys"][0]["Status"] == "Active"


def test_a_bucket_says_how_it_is_kept_and_who_may_read_it(snapshot: Snapshot) -> None:
    bucket = one(snapshot, "AWS::S3::Bucket", "uploads")
    rule = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert bucket.properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket.properties["AccessControl"] == "PublicRead"
    assert bucket.tags == {"data": "pii"}
    document = one(snapshot, "AWS::S3::BucketPolicy").properties["PolicyDocument"]
    assert document["Statement"][0]["Principal"] == "*"
    bare = one(snapshot, "AWS::S3::Bucket", "trail-logs")
    assert "BucketEncryption" not in bare.properties


def test_tables_queues_and_topics_carry_encryption_and_policies(snapshot: Snapshot) -> None:
    table = one(snapshot, "AWS::DynamoDB::Table").properties
    assert table["SSESpecification"]["SSEEnabled"] is True
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["ProvisionedThroughput"] == {"ReadCapacityUnits": 5, "WriteCapacityUnits": 3}
    queue = one(snapshot, "AWS::SQS::Queue", "orders").properties
    assert queue["SqsManagedSseEnabled"] is True
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 3
    assert one(snapshot, "AWS::SQS::QueuePolicy").properties["PolicyDocument"]["Statement"][0][
        "Principal"
    ] in ("*", {"AWS": "*"})
    assert one(snapshot, "AWS::SNS::Topic").properties["KmsMasterKeyId"] == "alias/aws/sns"
    hook = one(snapshot, "AWS::SNS::Subscription", "https")
    assert hook.properties["Endpoint"] == "https://hooks.example.com/in"


def test_apis_say_which_doors_are_open(snapshot: Snapshot) -> None:
    methods = {
        each.name: each.properties
        for each in snapshot.resources
        if each.type == "AWS::ApiGateway::Method"
    }
    assert methods["GET /"]["AuthorizationType"] == "NONE"
    assert methods["POST /"]["AuthorizationType"] == "CUSTOM"
    assert world.FUNCTION_ARN in methods["POST /"]["Integration"]["Uri"]
    routes = {
        each.name: each.properties
        for each in snapshot.resources
        if each.type == "AWS::ApiGatewayV2::Route"
    }
    assert routes["GET /open"]["AuthorizationType"] == "NONE"
    assert routes["GET /closed"]["AuthorizationType"] == "JWT"
    assert one(snapshot, "AWS::ApiGatewayV2::Authorizer").name == "jwt"
    assert one(snapshot, "AWS::ApiGateway::RestApi").properties["Policy"]["Statement"]
    assert one(snapshot, "AWS::ApiGateway::RestApi").tags == {"team": "orders"}


def test_the_rest_of_the_estate_keeps_what_policies_ask_about(snapshot: Snapshot) -> None:
    assert one(snapshot, "AWS::KMS::Key").properties["EnableKeyRotation"] is True
    assert "alias/orders" in one(snapshot, "AWS::KMS::Key").aliases
    assert one(snapshot, "AWS::SSM::Parameter").properties["Type"] == "SecureString"
    assert one(snapshot, "AWS::Logs::LogGroup", "orders").properties["RetentionInDays"] == 14
    assert one(snapshot, "AWS::CloudTrail::Trail").properties["IsLogging"] is True
    assert one(snapshot, "AWS::Kinesis::Stream").tags == {"team": "orders"}
    assert one(snapshot, "AWS::ECR::Repository").properties["ImageScanningConfiguration"] == {
        "ScanOnPush": True
    }
    assert one(snapshot, "AWS::AppSync::GraphQLApi").properties["AuthenticationType"] == "API_KEY"
    assert one(snapshot, "AWS::Cognito::UserPool").properties["MfaConfiguration"] == "OFF"
    machine = one(snapshot, "AWS::StepFunctions::StateMachine").properties
    assert machine["TracingConfiguration"] == {"Enabled": True}
    step = machine["Definition"]["States"]["Pay"]["Parameters"]
    assert step["mode"] == "live"
    assert step["api_key"].startswith("secret:stripe_key:")
    target = one(snapshot, "AWS::Events::Rule").properties["Targets"][0]
    assert target["Input"]["mode"] == "full"
    assert target["Input"]["password"].startswith("secret:")
    origin = one(snapshot, "AWS::CloudFront::Distribution").properties["DistributionConfig"][
        "Origins"
    ][0]
    assert origin["OriginCustomHeaders"][0]["HeaderValue"].startswith("secret:")
    group = one(snapshot, "AWS::EC2::SecurityGroup", "open").properties
    assert group["SecurityGroupIngress"][0]["CidrIp"] == "0.0.0.0/0"


def test_the_default_group_of_a_functions_vpc_is_read_though_no_function_names_it(
    snapshot: Snapshot,
) -> None:
    group = one(snapshot, "AWS::EC2::SecurityGroup", "default").properties
    assert group["GroupName"] == "default"
    assert group["SecurityGroupEgress"]


def test_an_account_says_what_is_set_for_all_of_it(snapshot: Snapshot) -> None:
    account = one(snapshot, "AWS::Account::Account").properties
    assert account == {
        "RootMfaActive": False,
        "RootMfaIsVirtual": False,
        "HasSecurityContact": True,
        "HasSupportRole": False,
    }
    passwords = one(snapshot, "AWS::IAM::AccountPasswordPolicy").properties
    assert passwords["MinimumPasswordLength"] == 14
    assert passwords["PasswordReusePrevention"] == 24
    block = one(snapshot, "AWS::S3::AccountPublicAccessBlock").properties
    assert set(block.values()) == {False}
    region = one(snapshot, "AWS::Account::Region").properties
    assert region == {
        "ConfigRecorders": [{"Name": "default", "Recording": False, "AllSupported": True}],
        "SecurityHub": True,
        "EbsEncryptionByDefault": False,
    }
    assert "Expiration" in one(snapshot, "AWS::IAM::ServerCertificate").properties


def test_logs_of_a_distribution_are_found_where_they_are_delivered_from(
    snapshot: Snapshot,
) -> None:
    distribution = one(snapshot, "AWS::CloudFront::Distribution")
    related = relate(snapshot.resources).of(distribution)
    assert [each.type for each in related["AWS::Logs::Delivery"]] == ["AWS::Logs::Delivery"]


def test_what_is_counted_of_a_trails_events_stands_beside_it(snapshot: Snapshot) -> None:
    trail = one(snapshot, "AWS::CloudTrail::Trail")
    (counted,) = relate(snapshot.resources).of(trail)["AWS::Logs::MetricFilter"]
    assert counted.properties["FilterPattern"] == '{ $.userIdentity.type = "Root" }'
    (made,) = counted.properties["MetricTransformations"]
    assert (made["MetricName"], made["MetricNamespace"]) == ("RootUse", "audit")


def test_a_stack_lists_what_it_created(snapshot: Snapshot) -> None:
    stack = one(snapshot, "AWS::CloudFormation::Stack")
    assert stack.tags == {"repository": "shop"}
    (member,) = stack.properties["Resources"]
    assert member["LogicalResourceId"] == "Waiting"
    queue = one(snapshot, "AWS::SQS::Queue", "waiting")
    assert member["PhysicalResourceId"].rsplit("/", 1)[-1] == queue.name


def test_the_calls_made_are_exactly_the_calls_declared(aws: World, snapshot: Snapshot) -> None:
    aws.sent.clear()
    cloud = aws.cloud()
    made = Counter(cloud.collect().api_calls)
    assert sum(made.values()) == sum(aws.sent.values()), "every request that left is counted"
    by_type = {each.type: each for each in snapshot.resources}
    for resource in by_type.values():
        again = cloud.read(resource)
        made.update(again.api_calls)
        assert resource.uid in {each.uid for each in again.resources}, resource.uid
    _, calls = aws.usage_of_many()
    made.update(calls)
    assert sum(made.values()) == sum(aws.sent.values())
    assert _names(aws.sent) == {call.lower().replace("-", "") for call in made}
    undeclared = set(made) - set(declared_calls())
    assert not undeclared
    unmade = set(declared_calls()) - set(made)
    assert not unmade


def _names(sent: Counter[str]) -> set[str]:
    """Bring botocore's event names ("cloudwatch-logs.X") to ours ("logs:x")."""
    services = {
        "api-gateway": "apigateway", "cloudwatch-logs": "logs", "cloudwatch-events": "events",
        "eventbridge": "events", "sfn": "stepfunctions", "secrets-manager": "secretsmanager",
        "cognito-identity-provider": "cognitoidp", "config-service": "config",
        "s3-control": "s3control",
        "resource-groups-tagging-api": "resourcegroupstaggingapi",
    }  # fmt: skip
    found = set()
    for name in sent:
        service, operation = name.split(".")
        found.add(f"{services.get(service, service)}:{operation}".lower())
    return found


def test_reading_one_resource_again_says_the_same_and_costs_little(
    aws: World, snapshot: Snapshot
) -> None:
    cloud = aws.cloud()
    for kind in (
        "AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SQS::Queue",
        "AWS::SNS::Topic", "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::IAM::Role",
    ):  # fmt: skip
        names = ("orders", "uploads", "shop", "web", "orders-role")
        before = next(
            each for each in snapshot.resources if each.type == kind and each.name in names
        )
        again = cloud.read(before)
        after = next(each for each in again.resources if each.uid == before.uid)
        assert after.properties == before.properties
        assert after.tags == before.tags
        assert sum(again.api_calls.values()) <= 15
        assert again.gaps == ()


def test_reading_a_function_again_brings_its_parts(aws: World, snapshot: Snapshot) -> None:
    again = aws.cloud().read(one(snapshot, "AWS::Lambda::Function", "orders"))
    kinds = Counter(each.type for each in again.resources)
    assert kinds == {
        "AWS::Lambda::Function": 1,
        "AWS::Lambda::Permission": 2,
        "AWS::Lambda::Url": 1,
        "AWS::Lambda::Alias": 1,
        "AWS::Lambda::EventInvokeConfig": 1,
        "AWS::Lambda::EventSourceMapping": 1,
    }


def test_a_change_shows_and_a_deletion_leaves_nothing(aws: World) -> None:
    functions = world.client("lambda", aws.endpoint)
    functions.create_function(
        FunctionName="passing", Runtime="python3.13", Role=world.ROLE_ARN, Handler="a.b",
        Code={"ZipFile": code()},
    )  # fmt: skip
    cloud = aws.cloud(usage=False)
    (before,) = (
        each
        for each in cloud.collect(types=["AWS::Lambda::Function"]).resources
        if each.name == "passing"
    )
    functions.update_function_configuration(FunctionName="passing", MemorySize=1024)
    (after,) = cloud.read(before).resources
    assert after.properties["MemorySize"] == 1024
    functions.delete_function(FunctionName="passing")
    gone = cloud.read(before)
    assert gone.resources == ()
    assert gone.gaps == ()


def test_only_the_types_asked_for_are_read(aws: World) -> None:
    found = aws.cloud(usage=False).collect(types=["AWS::SQS::Queue"])
    assert {each.type for each in found.resources} == {"AWS::SQS::Queue"}
    assert {call.split(":")[0] for call in found.api_calls} == {
        "sts", "sqs", "resourcegroupstaggingapi",
    }  # fmt: skip


def test_each_region_is_read_and_global_services_once(aws: World) -> None:
    found = aws.cloud(regions=[REGION, "us-west-2"], usage=False).collect(
        types=["AWS::S3::Bucket", "AWS::IAM::Role"]
    )
    regions = {each.name: each.region for each in found.resources if "S3" in each.type}
    assert regions["uploads"] == REGION
    assert regions["elsewhere"] == "us-west-2"
    assert found.api_calls["iam:GetAccountAuthorizationDetails"] == 1


def test_usage_is_measured_for_what_exists_in_one_call_for_many(aws: World) -> None:
    world.client("cloudwatch", aws.endpoint).put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {"MetricName": "Invocations", "Value": 1284.0, "Unit": "Count",
             "Timestamp": datetime.now(UTC) - timedelta(days=2),
             "Dimensions": [{"Name": "FunctionName", "Value": "orders"}]}
        ],
    )  # fmt: skip
    found = aws.cloud().collect(types=["AWS::Lambda::Function"])
    function = next(each for each in found.resources if each.name == "orders")
    usage = {each.metric: each for each in function.usage}
    assert usage["Invocations"].quantity == 1284.0
    assert usage["Invocations"].window_days == 14
    assert usage["Errors"].quantity == 0.0
    assert found.api_calls["cloudwatch:GetMetricData"] == 1


def test_an_idle_metric_is_not_paid_for(aws: World) -> None:
    world.client("cloudwatch", aws.endpoint).put_metric_data(
        Namespace="AWS/SQS",
        MetricData=[
            {"MetricName": "NumberOfMessagesSent", "Value": 3.0, "Unit": "Count",
             "Timestamp": datetime.now(UTC) - timedelta(days=1),
             "Dimensions": [{"Name": "QueueName", "Value": "waiting"}]}
        ],
    )  # fmt: skip
    usage, calls = aws.usage_of_many()
    assert {name for name, each in usage.items() if each.quantity} == {"waiting"}
    assert usage["waiting"].quantity == 3.0
    assert calls == {"cloudwatch:ListMetrics": 1, "cloudwatch:GetMetricData": 1}


def test_nothing_read_is_the_unknown_marker_when_everything_answers(snapshot: Snapshot) -> None:
    for each in snapshot.resources:
        assert not each.unreadable, each.uid
        assert not any(is_unknown(value) for value in each.properties.values()), each.uid
