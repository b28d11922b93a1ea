"""Policy evaluations a second: the shipped way beside a naive loop, in one run, on one core.

Run: `python -m bench.policies [resources]`. The estate is generated, in the proportions of a
serverless account. Only pairs whose resource type the policy is for are counted, and the
conversion of resources to JSON is included on both sides.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import regorus

import policies
from core.types import Estate, Resource
from graph import relate
from policies.document import Documents

_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_NAIVE_SHARE = 20  # the naive loop sees one resource in so many; it would take minutes otherwise
_ACCOUNT = "111122223333"
_ROLE_DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": "*",
        },
        {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": "arn:aws:dynamodb:*:*:table/t"},
    ],
}


def _function(random: Random, n: int) -> dict[str, object]:
    return {
        "FunctionName": f"function-{n}",
        "Runtime": random.choice(["python3.13", "nodejs22.x", "python3.8"]),
        "Role": f"arn:aws:iam::{_ACCOUNT}:role/role-{n // 3}",
        "TracingConfig": {"Mode": random.choice(["Active", "PassThrough"])},
        "Environment": {"Variables": {"LEVEL": "secret:plain:0011223344556677"}},
        "MemorySize": 256,
        "Timeout": 30,
    }


def _role(_random: Random, n: int) -> dict[str, object]:
    service = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    return {
        "RoleName": f"role-{n}",
        "AssumeRolePolicyDocument": {"Statement": [{**service, "Action": "sts:AssumeRole"}]},
        "Policies": [{"PolicyName": "own", "PolicyDocument": _ROLE_DOCUMENT}],
    }


def _bucket(random: Random, n: int) -> dict[str, object]:
    encryption = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    return {
        "BucketName": f"bucket-{n}",
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption]},
        "VersioningConfiguration": {"Status": random.choice(["Enabled", "Suspended"])},
    }


def _table(random: Random, n: int) -> dict[str, object]:
    recovery = {"PointInTimeRecoveryEnabled": random.random() < 0.5}
    return {"TableName": f"table-{n}", "PointInTimeRecoverySpecification": recovery}


def _queue(_random: Random, n: int) -> dict[str, object]:
    return {"QueueName": f"queue-{n}", "SqsManagedSseEnabled": True}


def _topic(_random: Random, n: int) -> dict[str, object]:
    return {"TopicName": f"topic-{n}"}


_Make = Callable[[Random, int], dict[str, object]]
_SHARES: tuple[tuple[str, float, _Make], ...] = (
    ("AWS::Lambda::Function", 0.49, _function),
    ("AWS::IAM::Role", 0.16, _role),
    ("AWS::S3::Bucket", 0.10, _bucket),
    ("AWS::DynamoDB::Table", 0.10, _table),
    ("AWS::SQS::Queue", 0.10, _queue),
    ("AWS::SNS::Topic", 0.05, _topic),
)


def estate(count: int) -> tuple[Resource, ...]:
    """Generate resources in the shares above, the same for the same count."""
    random = Random(7)
    return tuple(
        Resource(
            uid=f"arn:aws:generated:eu-west-1:{_ACCOUNT}:{kind.split('::')[2].lower()}/{n}",
            type=kind,
            name=f"{kind.split('::')[2].lower()}-{n}",
            properties=make(random, n),
            account=_ACCOUNT,
            region="eu-west-1",
            tags={"team": "orders"} if random.random() < 0.7 else {},
            aliases=(f"arn:aws:iam::{_ACCOUNT}:role/role-{n}",) if kind == "AWS::IAM::Role" else (),
        )
        for kind, share, make in _SHARES
        for n in range(round(count * share))
    )


def pairs(policy_set: policies.PolicySet, resources: tuple[Resource, ...]) -> int:
    """Count the pairs of resource and policy that concern each other."""
    return sum(len(policy_set.for_type(resource.type)) for resource in resources)


def naive(policy_set: policies.PolicySet, resources: tuple[Resource, ...]) -> int:
    """Evaluate each policy on each resource in its own engine, converting the input every time."""
    documents, relations = Documents(estate=Estate(), now=_NOW), relate(resources)
    engines = {}
    for policy in policy_set.policies:
        engine = regorus.Engine()
        for module in policy_set.modules:
            if module.library or module.package == policy.package:
                engine.add_policy(module.path, module.text)
        engines[policy.check_id] = engine
    found = 0
    for resource in resources:
        for policy in policy_set.for_type(resource.type):
            near = relations.of(resource)
            related = {kind: near[kind] for kind in policy.related_types & near.keys()}
            text = json.dumps(json.loads(documents.whole(resource, related)))
            engines[policy.check_id].set_input_json(text)
            answer = engines[policy.check_id].eval_rule_as_json(f"data.{policy.package}.deny")
            found += bool(json.loads(answer))
    return found


def main(count: int = 10_000) -> dict[str, float]:
    """Measure and print; return the figures."""
    policy_set = policies.load()
    resources = estate(count)
    list(policies.evaluate(policy_set, resources[:1], estate=Estate(), now=_NOW))
    figures: dict[str, float] = {}

    def measure(name: str, evaluations: int, run: Callable[[], object]) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        figures[name] = evaluations / cpu
        print(
            f"{name:32} {evaluations:8} evaluations  {wall:6.2f} s wall  {cpu:6.2f} s CPU"
            f"  {evaluations / cpu:9.0f} a CPU second"
        )

    all_pairs = pairs(policy_set, resources)
    measure(
        "shipped, in process",
        all_pairs,
        lambda: sum(1 for _ in policies.evaluate(policy_set, resources, estate=Estate(), now=_NOW)),
    )
    some = resources[::_NAIVE_SHARE]
    measure(
        "naive loop, 1 resource in 20", pairs(policy_set, some), lambda: naive(policy_set, some)
    )
    return figures


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
