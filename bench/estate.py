"""A generated estate in moto, of a stated composition, for the scan benchmark.

Per 1,000 functions: 333 roles (each with an inline policy, every third with an AWS managed one), 200
buckets (half with a policy, all with encryption, public access block and ownership as AWS sets them
today), 200 tables, 200 queues (half with a policy, each feeding a function), 100 topics (half with
a subscription), 50 REST and 50 HTTP APIs (a stage, a route or method each), two thirds of the
functions with a resource policy (every sixth invoked asynchronously), 100 function URLs, 100
aliases. Functions, roles, buckets, tables, queues, topics and APIs all carry tags.
"""

import contextlib
import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

REGION = "eu-west-1"
ACCOUNT = "123456789012"
CREDENTIALS = {
    "aws_access_key_id": "testing",
    "aws_secret_access_key": "testing",
    "region_name": REGION,
}
_START_S = 60
_AT_ONCE = 4


@contextlib.contextmanager
def moto_server() -> Iterator[str]:
    """Run moto in another process and yield its address; ends the process it started."""
    with moto_process() as (endpoint, _):
        yield endpoint


@contextlib.contextmanager
def moto_process() -> Iterator[tuple[str, int]]:
    """Run moto in another process and yield its address and process id; ends it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            endpoint = f"http://127.0.0.1:{port}"
            _await(endpoint)
            yield endpoint, server.pid
        finally:
            server.terminate()


def _await(endpoint: str) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{endpoint}/moto-api/", timeout=5).close()  # noqa: S310 - http on loopback
            return
        time.sleep(0.1)
    raise TimeoutError("moto did not start")


def code() -> bytes:
    """Return a function's deployment package: one small file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "def handler(event, context):\n    return {}\n")
    return buffer.getvalue()


class Estate:
    """Creates an estate of `functions` functions at `endpoint`."""

    def __init__(self, endpoint: str, functions: int) -> None:
        import boto3
        from botocore.config import Config

        self.functions = functions
        self._session = boto3.Session(**CREDENTIALS)
        self._config = Config(
            parameter_validation=False, retries={"total_max_attempts": 2, "mode": "standard"},
            s3={"addressing_style": "path"}, max_pool_connections=_AT_ONCE,
        )  # fmt: skip
        self._endpoint = endpoint
        self._clients: dict[str, Any] = {}
        self._code = code()

    def client(self, service: str) -> Any:
        """Return the one client of a service."""
        if service not in self._clients:
            self._clients[service] = self._session.client(
                service, endpoint_url=self._endpoint, config=self._config
            )
        return self._clients[service]

    def build(self) -> None:
        """Create everything, in the order in which things refer to each other."""
        n = self.functions
        for number in range(n // 3):  # one by one: moto walks the roles while others add to them
            self.role(number)
        self._each(range(n // 5), self.bucket)
        self._each(range(n // 5), self.table)
        self._each(range(n // 5), self.queue)
        self._each(range(n), self.function)
        self._each(range(n // 10), self.topic)
        self._each(range(n // 20), self.rest_api)
        self._each(range(n // 20), self.http_api)

    def _each(self, numbers: Iterable[int], create: Callable[[int], None]) -> None:
        for service in (
            "iam", "s3", "dynamodb", "sqs", "sns", "lambda", "apigateway", "apigatewayv2",
        ):  # fmt: skip
            self.client(service)  # creating clients is not thread-safe
        first, *others = numbers
        create(first)  # alone: moto loads a service on its first request, and not thread-safely
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(create, others))

    def role(self, n: int) -> None:
        """Create one role."""
        iam, name = self.client("iam"), f"role-{n}"
        iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(
                _policy({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole")
            ),
            Tags=_pairs(n),
        )
        iam.put_role_policy(
            RoleName=name,
            PolicyName="inline",
            PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": ["dynamodb:Query", "dynamodb:PutItem"],
                     "Resource": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/table-{n}"},
                ]}
            ),
        )  # fmt: skip
        if n % 3 == 0:
            iam.attach_role_policy(
                RoleName=name,
                PolicyArn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
            )

    def bucket(self, n: int) -> None:
        """Create one bucket as AWS makes them today."""
        s3, name = self.client("s3"), f"bench-bucket-{n}"
        s3.create_bucket(
            Bucket=name,
            CreateBucketConfiguration={"LocationConstraint": REGION},
            ObjectOwnership="BucketOwnerEnforced",
        )
        s3.put_bucket_encryption(
            Bucket=name,
            ServerSideEncryptionConfiguration={"Rules": [
                {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
            ]},
        )  # fmt: skip
        s3.put_public_access_block(
            Bucket=name,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True, "IgnorePublicAcls": True,
                "BlockPublicPolicy": True, "RestrictPublicBuckets": True,
            },
        )  # fmt: skip
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": _pairs(n)})
        if n % 2:
            document = _policy("*", "s3:GetObject", resource=f"arn:aws:s3:::{name}/*")
            document["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
            s3.put_bucket_policy(Bucket=name, Policy=json.dumps(document))

    def table(self, n: int) -> None:
        """Create one table."""
        self.client("dynamodb").create_table(
            TableName=f"table-{n}",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=_pairs(n),
        )

    def queue(self, n: int) -> None:
        """Create one queue."""
        name = f"queue-{n}"
        attributes = {"SqsManagedSseEnabled": "true", "VisibilityTimeout": "60"}
        if n % 2:
            arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
            attributes["Policy"] = json.dumps(
                _policy({"Service": "sns.amazonaws.com"}, "sqs:SendMessage", resource=arn)
            )
        self.client("sqs").create_queue(QueueName=name, Attributes=attributes, tags=_tags(n))

    def function(self, n: int) -> None:
        """Create one function, its policy, URL, alias and event source."""
        aws, name = self.client("lambda"), f"function-{n}"
        aws.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=f"arn:aws:iam::{ACCOUNT}:role/role-{n // 3 % max(self.functions // 3, 1)}",
            Handler="app.handler",
            Code={"ZipFile": self._code},
            MemorySize=256,
            Environment={"Variables": {"TABLE": f"table-{n}", "LOG_LEVEL": "INFO"}},
            TracingConfig={"Mode": "Active" if n % 2 else "PassThrough"},
            Tags=_tags(n),
        )
        if n % 3:
            service = "events.amazonaws.com" if n % 6 == 1 else "apigateway.amazonaws.com"
            aws.add_permission(
                FunctionName=name, StatementId="invoke", Action="lambda:InvokeFunction",
                Principal=service, SourceAccount=ACCOUNT,
            )  # fmt: skip
        if n % 10 == 0:
            aws.create_function_url_config(FunctionName=name, AuthType="AWS_IAM")
        if n % 10 == 5:
            aws.publish_version(FunctionName=name)
            aws.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        if n % 5 == 3:
            aws.create_event_source_mapping(
                FunctionName=name,
                EventSourceArn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue-{n // 5}",
                BatchSize=10,
            )

    def topic(self, n: int) -> None:
        """Create one topic."""
        sns = self.client("sns")
        topic = sns.create_topic(Name=f"topic-{n}", Tags=_pairs(n))
        if n % 2:
            sns.subscribe(
                TopicArn=topic["TopicArn"], Protocol="lambda",
                Endpoint=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:function-{n}",
            )  # fmt: skip

    def rest_api(self, n: int) -> None:
        """Create one REST API with a method and a stage."""
        aws = self.client("apigateway")
        api = aws.create_rest_api(name=f"rest-{n}", tags=_tags(n))
        root = api["rootResourceId"]
        resource = aws.create_resource(restApiId=api["id"], parentId=root, pathPart="orders")
        at = {"restApiId": api["id"], "resourceId": resource["id"], "httpMethod": "GET"}
        aws.put_method(**at, authorizationType="AWS_IAM")
        aws.put_integration(
            **at, type="AWS_PROXY", integrationHttpMethod="POST", uri=_invocation(n)
        )
        aws.create_deployment(restApiId=api["id"], stageName="live")

    def http_api(self, n: int) -> None:
        """Create one HTTP API with a route and a stage."""
        aws = self.client("apigatewayv2")
        api = aws.create_api(Name=f"http-{n}", ProtocolType="HTTP", Tags=_tags(n))["ApiId"]
        integration = aws.create_integration(
            ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=_invocation(n),
            PayloadFormatVersion="2.0",
        )["IntegrationId"]  # fmt: skip
        aws.create_route(
            ApiId=api, RouteKey="GET /orders", Target=f"integrations/{integration}",
            AuthorizationType="AWS_IAM",
        )  # fmt: skip
        aws.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)


def _invocation(n: int) -> str:
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:function-{n}"
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations"


def _tags(n: int) -> dict[str, str]:
    return {"team": f"team-{n % 12}", "environment": ("prod", "test", "dev")[n % 3]}


def _pairs(n: int) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in _tags(n).items()]


def _policy(principal: Any, action: str, *, resource: str = "") -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    if resource:
        statement["Resource"] = resource
    return {"Version": "2012-10-17", "Statement": [statement]}
