"""AWS that refuses, slows down, breaks or goes quiet: every failed read is a gap, never a pass.

moto cannot throttle, so a proxy on loopback stands before it and answers for chosen operations.
"""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from bench.estate import ACCOUNT, CREDENTIALS, REGION, code, moto_server
from collectors import AwsCloud
from core.errors import CloudError, CredentialsError
from core.types import Coverage, Gap, Resource, Snapshot, is_unknown
from tests import collectors_world as world

FUNCTIONS = 30
Rule = Callable[["Asked"], tuple[int, dict[str, str], bytes] | None]


class Asked:
    """One request, as far as a rule may want to know it."""

    def __init__(self, method: str, path: str, headers: Any, body: bytes) -> None:
        self.method, self.path, self.body = method, path, body
        target = headers.get("X-Amz-Target", "")
        action = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
        # Credential=<key>/<day>/<region>/<service>/aws4_request
        scope = headers.get("Authorization", "").partition("Credential=")[2].split("/")
        self.region = scope[2] if len(scope) > 2 else ""
        self.operation = target.rsplit(".", 1)[-1] or action


def refusal(status: int, error: str) -> tuple[int, dict[str, str], bytes]:
    body = json.dumps({"__type": error, "message": "no", "Message": "no"}).encode()
    return status, {"Content-Type": "application/json", "x-amzn-ErrorType": error}, body


def xml_refusal(status: int, error: str) -> tuple[int, dict[str, str], bytes]:
    body = f"<Error><Code>{error}</Code><Message>no</Message></Error>"
    return status, {"Content-Type": "application/xml"}, body.encode()


def query_refusal(status: int, error: str) -> tuple[int, dict[str, str], bytes]:
    status, headers, body = xml_refusal(status, error)
    return status, headers, b"<ErrorResponse>" + body + b"</ErrorResponse>"


class Proxy:
    """Stands before moto; `rule` answers some requests itself."""

    def __init__(self, endpoint: str) -> None:
        self.rule: Rule = lambda _asked: None
        self.refused: Counter[str] = Counter()
        self._behind = urlsplit(endpoint).netloc
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = Asked(self.command, self.path, self.headers, body)
                answer = proxy.rule(asked)
                if answer is not None:
                    proxy.refused[asked.operation or asked.path.split("?")[0]] += 1
                else:
                    answer = proxy.forward(self.command, self.path, dict(self.headers), body)
                status, headers, content = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815 - http.server's

            def log_message(self, *_: Any) -> None: ...

        return Handler

    def forward(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self._behind, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            kept = {
                name: value
                for name, value in answer.getheaders()
                if name.lower() not in ("content-length", "connection", "transfer-encoding")
            }
            return answer.status, kept, content
        finally:
            connection.close()


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    with moto_server() as endpoint:
        _estate(endpoint)
        standing = Proxy(endpoint)
        yield standing
        standing.close()


@pytest.fixture(autouse=True)
def _forget(proxy: Proxy) -> None:
    proxy.rule = lambda _asked: None
    proxy.refused.clear()


def _estate(endpoint: str) -> None:
    iam, functions = world.client("iam", endpoint), world.client("lambda", endpoint)
    iam.create_role(RoleName="orders-role", AssumeRolePolicyDocument=world.document("x", "*"))
    for number in range(FUNCTIONS):
        functions.create_function(
            FunctionName=f"f{number:02}", Runtime="python3.13", Role=world.ROLE_ARN,
            Handler="a.b", Code={"ZipFile": code()}, Tags={"team": "a"},
        )  # fmt: skip
    for name in ("one", "two"):
        world.client("s3", endpoint).create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        world.client("sqs", endpoint).create_queue(QueueName=name)
        world.client("dynamodb", endpoint).create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        )  # fmt: skip


def cloud(endpoint: str, **options: Any) -> AwsCloud:
    return AwsCloud(
        session_factory=lambda: boto3.Session(**CREDENTIALS),
        secret_key=b"k",
        clock=lambda: datetime.now(UTC),
        endpoint_url=endpoint,
        **{"regions": [REGION], "usage": False, "attempts": 2, **options},
    )


def collect(proxy: Proxy, *types: str, **options: Any) -> Snapshot:
    return cloud(proxy.endpoint, **options).collect(types=types)


def gap(snapshot: Snapshot, scope: str) -> Gap:
    (found,) = (each for each in snapshot.gaps if each.scope == scope)
    return found


def of_type(snapshot: Snapshot, kind: str) -> list[Resource]:
    return [each for each in snapshot.resources if each.type == kind]


def test_one_denied_policy_is_a_gap_about_that_function_alone(proxy: Proxy) -> None:
    proxy.rule = lambda asked: (
        refusal(403, "AccessDeniedException") if "/f07/policy" in asked.path else None
    )
    snapshot = collect(proxy, "AWS::Lambda::Function")
    found = gap(snapshot, "lambda:GetPolicy")
    assert found.reason == "denied"
    assert found.resource_uid.endswith(":function:f07")
    assert found.resource_type == "AWS::Lambda::Permission"
    unread = [
        each.name
        for each in of_type(snapshot, "AWS::Lambda::Function")
        if "AWS::Lambda::Permission" in each.unreadable
    ]
    assert unread == ["f07"]
    assert len(of_type(snapshot, "AWS::Lambda::Function")) == FUNCTIONS


def test_an_action_denied_for_everything_is_one_gap_and_is_not_asked_to_the_end(
    proxy: Proxy,
) -> None:
    proxy.rule = lambda asked: (
        refusal(403, "AccessDeniedException")
        if asked.path.split("?")[0].endswith("/policy")
        else None
    )
    snapshot = collect(proxy, "AWS::Lambda::Function")
    found = gap(snapshot, "lambda:GetPolicy")
    assert found.resource_uid == ""
    assert f"{FUNCTIONS} resources" in found.detail
    assert snapshot.api_calls["lambda:GetPolicy"] < FUNCTIONS
    for function in of_type(snapshot, "AWS::Lambda::Function"):
        assert "AWS::Lambda::Permission" in function.unreadable


def test_a_throttled_call_is_tried_again_and_leaves_no_gap(proxy: Proxy) -> None:
    left = iter([True, True])
    proxy.rule = lambda asked: (
        refusal(429, "TooManyRequestsException")
        if asked.path.endswith("/f03/concurrency") and next(left, False)
        else None
    )
    snapshot = collect(proxy, "AWS::Lambda::Function", attempts=5)
    assert snapshot.gaps == ()
    assert sum(proxy.refused.values()) == 2
    assert snapshot.api_calls["lambda:GetFunctionConcurrency"] == FUNCTIONS + 2


def test_a_call_throttled_past_our_patience_leaves_an_unknown_value(proxy: Proxy) -> None:
    proxy.rule = lambda asked: (
        xml_refusal(503, "SlowDown") if asked.path.startswith("/one?encryption") else None
    )
    snapshot = collect(proxy, "AWS::S3::Bucket")
    found = gap(snapshot, "s3:GetBucketEncryption")
    assert found.reason == "throttled"
    buckets = {each.name: each.properties for each in of_type(snapshot, "AWS::S3::Bucket")}
    assert is_unknown(buckets["one"]["BucketEncryption"])
    assert "throttled" in buckets["one"]["BucketEncryption"]["Fn::Unknown"]
    assert not is_unknown(buckets["two"].get("BucketEncryption"))


def test_a_denied_description_keeps_the_resource_with_unknown_properties(proxy: Proxy) -> None:
    proxy.rule = lambda asked: (
        refusal(400, "AccessDeniedException")
        if asked.operation == "DescribeTable" and b'"one"' in asked.body
        else None
    )
    snapshot = collect(proxy, "AWS::DynamoDB::Table")
    tables = {each.name: each for each in snapshot.resources}
    assert is_unknown(tables["one"].properties["SSESpecification"])
    assert tables["one"].properties["PointInTimeRecoverySpecification"]
    assert gap(snapshot, "dynamodb:DescribeTable").resource_uid == tables["one"].uid


def test_a_denied_list_is_a_gap_about_the_whole_type(proxy: Proxy) -> None:
    proxy.rule = lambda asked: (
        refusal(400, "AccessDeniedException") if asked.operation == "ListQueues" else None
    )
    snapshot = collect(proxy, "AWS::SQS::Queue", "AWS::DynamoDB::Table")
    found = gap(snapshot, "sqs:ListQueues")
    assert (found.reason, found.resource_uid) == ("denied", "")
    assert found.resource_type == "AWS::SQS::Queue"
    assert len(of_type(snapshot, "AWS::DynamoDB::Table")) == 2


def test_a_region_without_anything_is_covered_and_one_that_answers_nothing_is_not(
    proxy: Proxy,
) -> None:
    proxy.rule = lambda asked: (
        refusal(403, "AccessDeniedException") if asked.region == "ap-east-1" else None
    )
    snapshot = collect(proxy, regions=[REGION, "us-west-2", "ap-east-1"])
    assert snapshot.coverage == (Coverage(ACCOUNT, (REGION, "us-west-2")),)
    assert not any(each.region == "ap-east-1" for each in snapshot.resources)
    assert {each.region for each in snapshot.gaps} >= {"ap-east-1"}


def test_a_collection_of_chosen_types_covers_nothing(proxy: Proxy) -> None:
    assert collect(proxy, "AWS::SQS::Queue").coverage == ()


def test_unreadable_tags_are_unknown_not_absent(proxy: Proxy) -> None:
    proxy.rule = lambda asked: (
        refusal(400, "AccessDeniedException") if asked.operation == "GetResources" else None
    )
    snapshot = collect(proxy, "AWS::SQS::Queue")
    for queue in snapshot.resources:
        assert is_unknown(queue.properties["Tags"])
        assert "Tags" in queue.unreadable
    assert gap(snapshot, "resourcegroupstaggingapi:GetResources").reason == "denied"


def test_an_answer_of_another_shape_is_a_gap_and_the_rest_is_read(proxy: Proxy) -> None:
    proxy.rule = lambda asked: (
        (200, {"Content-Type": "application/json"}, b'{"Policy": "not json"}')
        if "/f05/policy" in asked.path
        else None
    )
    snapshot = collect(proxy, "AWS::Lambda::Function")
    names = {each.name for each in of_type(snapshot, "AWS::Lambda::Function")}
    assert len(names) == FUNCTIONS - 1
    assert gap(snapshot, "lambda_functions").reason == "failed"


def test_internal_errors_are_a_failed_gap_after_the_last_attempt(proxy: Proxy) -> None:
    proxy.rule = lambda asked: (
        refusal(500, "InternalServerError") if asked.operation == "ListTables" else None
    )
    snapshot = collect(proxy, "AWS::DynamoDB::Table", "AWS::SQS::Queue")
    assert gap(snapshot, "dynamodb:ListTables").reason == "failed"
    assert snapshot.api_calls["dynamodb:ListTables"] == 2


def test_an_answer_that_cannot_be_parsed_is_tried_again(proxy: Proxy) -> None:
    left = iter([True])
    page = (502, {"Content-Type": "text/html"}, b"<!doctype html>\n<title>Bad Gateway</title>")
    proxy.rule = lambda asked: (
        page if asked.operation == "ListTopics" and next(left, False) else None
    )
    snapshot = collect(proxy, "AWS::SNS::Topic")
    assert snapshot.gaps == ()
    assert snapshot.api_calls["sns:ListTopics"] == 2


def test_a_scan_whose_time_is_up_says_what_it_left_unread(proxy: Proxy) -> None:
    with pytest.raises(CloudError, match="cannot be reached"):
        collect(proxy, "AWS::Lambda::Function", deadline_s=-1.0)


def test_a_second_page_is_asked_for_with_the_token_of_the_first(proxy: Proxy) -> None:
    def two_pages(asked: Asked) -> tuple[int, dict[str, str], bytes] | None:
        if asked.operation != "ListTables":
            return None
        second = b"ExclusiveStartTableName" in asked.body
        page = {"TableNames": ["two"]} if second else {
            "TableNames": ["one"], "LastEvaluatedTableName": "one",
        }  # fmt: skip
        return 200, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(page).encode()

    proxy.rule = two_pages
    snapshot = collect(proxy, "AWS::DynamoDB::Table")
    assert {each.name for each in snapshot.resources} == {"one", "two"}
    assert proxy.refused["ListTables"] == 2


def test_when_everything_is_denied_the_credentials_are_to_blame(proxy: Proxy) -> None:
    proxy.rule = lambda asked: (
        None
        if asked.operation == "GetCallerIdentity"
        else refusal(403, "AccessDeniedException")
        if not asked.path.startswith("/?")
        else xml_refusal(403, "AccessDenied")
    )
    with pytest.raises(CredentialsError, match="read-only role"):
        collect(proxy, "AWS::SQS::Queue", "AWS::DynamoDB::Table")


def test_refused_credentials_are_one_clear_sentence(proxy: Proxy) -> None:
    proxy.rule = lambda _asked: query_refusal(403, "InvalidClientTokenId")
    with pytest.raises(CredentialsError, match="does not accept the credentials") as caught:
        collect(proxy, "AWS::SQS::Queue")
    assert "testing" not in str(caught.value)


def test_credentials_that_expire_midway_end_the_scan(proxy: Proxy) -> None:
    proxy.rule = lambda asked: (
        refusal(400, "ExpiredTokenException") if asked.operation == "ListQueues" else None
    )
    with pytest.raises(CredentialsError, match="ExpiredToken"):
        collect(proxy, "AWS::SQS::Queue")


def test_no_credentials_at_all_are_one_clear_sentence(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    bare = AwsCloud(
        regions=[REGION], secret_key=b"k", clock=lambda: datetime.now(UTC),
        endpoint_url=proxy.endpoint,
    )  # fmt: skip
    with pytest.raises(CredentialsError, match="NoCredentialsError"):
        bare.collect()


def test_an_endpoint_nobody_listens_on_is_one_clear_sentence() -> None:
    with pytest.raises(CloudError, match="cannot be reached"):
        cloud("http://127.0.0.1:9").collect(types=["AWS::SQS::Queue"])
