"""The parts of a deployment as AWS would describe them, in CloudFormation's names.

The less care a deployment gets, the more of its settings are left as they came.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.types import Resource, Usage
from sandbox.teams.draw import Draw

REGION = "eu-west-1"
Part = tuple[str, int]
"""The kind of a part and its number among those of its kind."""

_RUNTIMES = ("python3.13", "nodejs22.x", "java21", "python3.9", "nodejs16.x", "python3.8")
_COUNTS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "api": {"function": (3, 7), "table": (1, 2), "bucket": (0, 1), "queue": (0, 1), "topic": (0, 1), "rest": (1, 1), "key": (0, 1)},
    "worker": {"function": (2, 5), "table": (1, 2), "bucket": (0, 1), "queue": (1, 3), "topic": (0, 2), "rest": (0, 0), "key": (0, 1)},
    "pipeline": {"function": (2, 4), "table": (0, 1), "bucket": (2, 4), "queue": (0, 2), "topic": (0, 1), "rest": (0, 0), "key": (0, 1)},
    "tool": {"function": (1, 3), "table": (0, 1), "bucket": (0, 2), "queue": (0, 1), "topic": (0, 1), "rest": (0, 1), "key": (0, 0)},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Site:
    """Where a part is made, and how carefully."""

    name: str
    account: str
    care: float
    is_production: bool
    created_at: datetime
    changed_at: datetime
    tags: Mapping[str, str]
    draw: Draw
    version: str

    def neglected(self, probability: float, *what: object) -> bool:
        """Whether a setting was left undone; `probability` is that of average care."""
        factor = 1.6 - 1.2 * self.care
        return self.draw.chance(min(probability * factor, 0.97), self.name, self.version, *what)

    def arn(self, service: str, rest: str) -> str:
        """Return an ARN in this account."""
        region = "" if service == "iam" else REGION
        return f"arn:aws:{service}:{region}:{self.account}:{rest}"

    def resource(self, kind: str, uid: str, name: str, properties: Mapping[str, Any]) -> Resource:
        """Return a tagged resource."""
        return Resource(
            uid=uid,
            type=kind,
            name=name,
            properties=properties,
            account=self.account,
            region=REGION,
            tags=self.tags,
            aliases=(uid, name),
            created_at=self.created_at,
            changed_at=self.changed_at,
        )

    def piece(
        self, whole: Resource, kind: str, key: str, properties: Mapping[str, Any]
    ) -> Resource:
        """Return a resource that configures another one; it has no tags of its own."""
        uid = f"{whole.uid}|{kind}|{key}"
        return Resource(
            uid=uid,
            type=kind,
            name=f"{whole.name}/{key}",
            properties=properties,
            account=self.account,
            region=REGION,
            aliases=(uid,),
        )


def plan(draw: Draw, name: str, kind: str) -> Iterator[Part]:
    """Yield the parts that a deployment of a kind has."""
    for part, (least, most) in _COUNTS[kind].items():
        for number in range(draw.of(name, "count", part).randint(least, most)):
            yield part, number


def make(site: Site, part: Part) -> Iterator[Resource]:
    """Yield a part's main resource first, then what belongs to it."""
    kind, number = part
    return _MAKERS[kind](site, number)


def is_open(resource: Resource) -> bool:
    """Whether strangers get in by this resource."""
    given = resource.properties
    if resource.type == "AWS::Lambda::Url":
        return bool(given["AuthType"] == "NONE")
    if resource.type == "AWS::ApiGateway::Method":
        return bool(given["AuthorizationType"] == "NONE")
    if resource.type == "AWS::Lambda::Permission":
        return bool(given["Principal"] == "*")
    if resource.type in ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"):
        return bool(given["PolicyDocument"]["Statement"][0]["Principal"] == "*")
    return False


def _document(effect: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **effect}]}


def _function(site: Site, n: int) -> Iterator[Resource]:
    name = f"{site.name}-fn{n}"
    role_arn = site.arn("iam", f"role/{name}-role")
    kinds = ["plain"] * site.draw.of(site.name, "variables", n).randint(1, 4)
    if site.neglected(0.1, "secret", n):
        kinds.append("named_secret")
    properties: dict[str, Any] = {
        "FunctionName": name,
        "Runtime": _RUNTIMES[_old(site, n)],
        "Role": role_arn,
        "Handler": "app.handler",
        "Timeout": 30,
        "MemorySize": 256,
        "PackageType": "Zip",
        "TracingConfig": {"Mode": "PassThrough" if site.neglected(0.5, "tracing", n) else "Active"},
        "Environment": {
            "Variables": {f"V{i}": f"secret:{k}:{i:016x}" for i, k in enumerate(kinds)}
        },
    }
    if not site.neglected(0.55, "vpc", n):
        properties["VpcConfig"] = {"SubnetIds": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["s"]}
    if not site.neglected(0.7, "dead letters", n):
        properties["DeadLetterConfig"] = {"TargetArn": site.arn("sqs", f"{site.name}-dead")}
    if not site.neglected(0.8, "concurrency", n):
        properties["ReservedConcurrentExecutions"] = 20
    arn = site.arn("lambda", f"function:{name}")
    made = site.resource("AWS::Lambda::Function", arn, name, properties)
    yield _used(site, made, n)
    yield from _doors(site, made, n)
    yield _role(site, role_arn, f"{name}-role", n)
    yield _log_group(site, name, n)


def _old(site: Site, n: int) -> int:
    """Return the place of a runtime in the list; the last three get no updates any more."""
    choice = site.draw.of(site.name, site.version, "which runtime", n)
    return choice.randint(3, 5) if site.neglected(0.2, "runtime", n) else choice.randint(0, 2)


def _used(site: Site, made: Resource, n: int) -> Resource:
    calls = site.draw.of(site.name, "calls", n).lognormvariate(5 if site.is_production else 2, 2)
    return replace(made, usage=(Usage("Invocations", round(calls * 30), "Count", 30.0),))


def _doors(site: Site, function: Resource, n: int) -> Iterator[Resource]:
    """Yield the ways into a function: a permission for a service, rarely a URL."""
    if site.draw.chance(0.5, site.name, "permission", n):
        service = site.draw.one(("apigateway", "events", "s3", "sns"), site.name, "service", n)
        given: dict[str, Any] = {
            "FunctionName": function.uid,
            "Action": "lambda:InvokeFunction",
            "Principal": f"{service}.amazonaws.com",
        }
        if not site.neglected(0.3, "source", n):
            given["SourceAccount"] = site.account
        if site.neglected(0.03, "everyone", n):
            given["Principal"] = "*"
            given.pop("SourceAccount", None)
        yield site.piece(function, "AWS::Lambda::Permission", "invoke", given)
    if site.draw.chance(0.15, site.name, "url", n):
        kind = "NONE" if site.neglected(0.4, "url auth", n) else "AWS_IAM"
        url = {"TargetFunctionArn": function.uid, "AuthType": kind, "InvokeMode": "BUFFERED"}
        if site.neglected(0.3, "cors", n):
            url["Cors"] = {"AllowOrigins": ["*"]}  # type: ignore[assignment]  # one value is nested
        yield site.piece(function, "AWS::Lambda::Url", "url", url)


def _role(site: Site, arn: str, name: str, n: int) -> Resource:
    table = site.arn("dynamodb", f"table/{site.name}-table0")
    actions, target = ["dynamodb:GetItem", "dynamodb:PutItem"], table
    if site.neglected(0.15, "wildcard", n):
        actions = [site.draw.one(("dynamodb:*", "s3:*", "sqs:*", "kms:*"), site.name, "whole", n)]
    if site.neglected(0.2, "resources", n):
        target = "*"
    if site.neglected(0.06, "passes roles", n):
        actions = [*actions, "iam:PassRole", "lambda:CreateFunction"]
        target = "*"
    if site.neglected(0.04, "admin", n):
        actions, target = ["*"], "*"
    statement = {"Action": actions, "Resource": target}
    trust: dict[str, Any] = {"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}  # fmt: skip
    if site.neglected(0.05, "foreign trust", n):
        trust["Principal"] = {"AWS": "arn:aws:iam::999999999999:root"}
    properties = {
        "RoleName": name,
        "Path": "/",
        "AssumeRolePolicyDocument": _document(trust),
        "Policies": [{"PolicyName": "inline", "PolicyDocument": _document(statement)}],
    }
    return site.resource("AWS::IAM::Role", arn, name, properties)


def _log_group(site: Site, function: str, n: int) -> Resource:
    name = f"/aws/lambda/{function}"
    properties: dict[str, Any] = {"LogGroupName": name}
    if not site.neglected(0.5, "retention", n):
        properties["RetentionInDays"] = site.draw.one((30, 90, 400), site.name, "how long", n)
    return site.resource("AWS::Logs::LogGroup", site.arn("logs", f"log-group:{name}"), name, properties)  # fmt: skip


def _table(site: Site, n: int) -> Iterator[Resource]:
    name = f"{site.name}-table{n}"
    properties: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "DeletionProtectionEnabled": not site.neglected(0.6, "protection", n),
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": not site.neglected(0.5, "recovery", n)
        },
    }
    if not site.neglected(0.7, "table key", n):
        key = site.arn("kms", f"key/{site.name}")
        properties["SSESpecification"] = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}  # fmt: skip
    yield site.resource("AWS::DynamoDB::Table", site.arn("dynamodb", f"table/{name}"), name, properties)  # fmt: skip


def _bucket(site: Site, n: int) -> Iterator[Resource]:
    name = f"{site.name}-bucket{n}"
    blocked = not site.neglected(0.15, "public access", n)
    names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    key = {} if site.neglected(0.6, "bucket key", n) else {"KMSMasterKeyID": site.arn("kms", "key/k")}  # fmt: skip
    default = {"SSEAlgorithm": "aws:kms" if key else "AES256", **key}
    properties: dict[str, Any] = {
        "BucketName": name,
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": default}]
        },
        "PublicAccessBlockConfiguration": dict.fromkeys(names, blocked),
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    }
    if not site.neglected(0.5, "versioning", n):
        properties["VersioningConfiguration"] = {"Status": "Enabled"}
    if not site.neglected(0.6, "bucket log", n):
        properties["LoggingConfiguration"] = {"DestinationBucketName": "logs"}
    bucket = site.resource("AWS::S3::Bucket", f"arn:aws:s3:::{name}", name, properties)
    yield bucket
    if site.draw.chance(0.4, site.name, "bucket policy", n):
        is_open = not blocked and site.neglected(0.4, "open bucket", n)
        allowed = {"Principal": "*" if is_open else {"AWS": site.arn("iam", "root")}, "Action": "s3:GetObject"}  # fmt: skip
        document = _document({**allowed, "Resource": f"{bucket.uid}/*"})
        yield site.piece(bucket, "AWS::S3::BucketPolicy", "policy",
                         {"Bucket": name, "PolicyDocument": document})  # fmt: skip


def _queue(site: Site, n: int) -> Iterator[Resource]:
    name = f"{site.name}-queue{n}"
    arn = site.arn("sqs", name)
    properties: dict[str, Any] = {
        "QueueName": name,
        "VisibilityTimeout": 60,
        "MessageRetentionPeriod": 345_600,
        "SqsManagedSseEnabled": not site.neglected(0.25, "queue encryption", n),
    }
    if not site.neglected(0.5, "redrive", n):
        dead = site.arn("sqs", f"{site.name}-dead")
        properties["RedrivePolicy"] = {"deadLetterTargetArn": dead, "maxReceiveCount": 5}
    queue = site.resource("AWS::SQS::Queue", arn, name, properties)
    yield queue
    if site.draw.chance(0.5, site.name, "queue policy", n):
        everyone = site.neglected(0.12, "open queue", n)
        allowed = {"Principal": "*" if everyone else {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}  # fmt: skip
        document = _document({**allowed, "Resource": arn})
        yield site.piece(queue, "AWS::SQS::QueuePolicy", "policy",
                         {"Queues": [name], "PolicyDocument": document})  # fmt: skip


def _topic(site: Site, n: int) -> Iterator[Resource]:
    name = f"{site.name}-topic{n}"
    key = {} if site.neglected(0.6, "topic key", n) else {"KmsMasterKeyId": "alias/aws/sns"}
    yield site.resource("AWS::SNS::Topic", site.arn("sns", name), name, {"TopicName": name, **key})


def _rest(site: Site, n: int) -> Iterator[Resource]:
    api = f"{site.name}-api{n}"
    arn = f"arn:aws:apigateway:{REGION}::/restapis/{api}"
    yield site.resource("AWS::ApiGateway::RestApi", arn, api,
                        {"Name": api, "EndpointConfiguration": {"Types": ["REGIONAL"]}})  # fmt: skip
    stage: dict[str, Any] = {"RestApiId": api, "StageName": "live", "CacheClusterEnabled": False}
    if not site.neglected(0.5, "access log", n):
        stage["AccessLogSetting"] = {"DestinationArn": site.arn("logs", f"log-group:{api}"), "Format": "$context.requestId"}  # fmt: skip
    stage["TracingEnabled"] = not site.neglected(0.5, "api tracing", n)
    stage_arn = f"{arn}/stages/live"
    yield site.resource("AWS::ApiGateway::Stage", stage_arn, f"{api}/live", stage)
    for method in range(site.draw.of(site.name, "methods", n).randint(1, 4)):
        is_open = site.neglected(0.25, "method", n, method)
        given = {"RestApiId": api, "HttpMethod": "POST", "Path": f"/{method}",
                 "AuthorizationType": "NONE" if is_open else "AWS_IAM", "ApiKeyRequired": False}  # fmt: skip
        uid = f"{arn}/resources/r{method}/methods/POST"
        yield site.resource("AWS::ApiGateway::Method", uid, f"POST /{method}", given)


def _key(site: Site, n: int) -> Iterator[Resource]:
    arn = site.arn("kms", f"key/{site.name}")
    properties = {
        "Enabled": True,
        "EnableKeyRotation": not site.neglected(0.4, "rotation", n),
        "KeyPolicy": _document(
            {"Principal": {"AWS": site.arn("iam", "root")}, "Action": "kms:*", "Resource": "*"}
        ),
    }
    yield site.resource("AWS::KMS::Key", arn, site.name, properties)


_MAKERS: Mapping[str, Callable[[Site, int], Iterator[Resource]]] = {
    "function": _function,
    "table": _table,
    "bucket": _bucket,
    "queue": _queue,
    "topic": _topic,
    "rest": _rest,
    "key": _key,
}
