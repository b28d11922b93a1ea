"""Precision at 20 of unusual configurations on generated estates, four ways of finding them.

Run: `python -m bench.anomaly [--seeds N] [--first SEED]`. Everything here is generated. In the
estates of this file resources are drawn from a few habits with everyday deviations, and twenty are
changed by hand in ways that an engineer would want to hear of: most are rare values. In those of
`bench/hidden_oddities.py` every planted value is common, and only the group or the combination is
out of place. The figures say how well such changes are found, not what is found in a real estate.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from bench import hidden_oddities
from bench.novelty import METHODS
from core.types import Estate, Finding, Resource, Snapshot
from detectors import unusual_configurations
from detectors.fact import View
from detectors.unusual import ranked

ACCOUNT = "111122223333"
FUNCTION, ROLE, BUCKET = "AWS::Lambda::Function", "AWS::IAM::Role", "AWS::S3::Bucket"
COUNTS = {FUNCTION: 300, ROLE: 250, BUCKET: 150}
PLANTED = 20

Properties = dict[str, Any]


@dataclass(frozen=True)
class Generated:
    """A generated estate and the uids of what was planted in it."""

    snapshot: Snapshot
    planted: frozenset[str]


def generate(seed: int) -> Generated:
    """Draw an estate and plant twenty unusual configurations in it."""
    random = Random(seed)
    makers: dict[str, Callable[[Random, int], Resource]] = {
        FUNCTION: _function,
        ROLE: _role,
        BUCKET: _bucket,
    }
    resources = {
        r.uid: r for kind, n in COUNTS.items() for r in (makers[kind](random, i) for i in range(n))
    }
    planted = set()
    for plant, kind in _plants(random):
        uid = random.choice(
            [u for u, r in resources.items() if r.type == kind and u not in planted]
        )
        changed = dict(resources[uid].properties)
        plant(changed)
        resources[uid] = replace(resources[uid], properties=changed)
        planted.add(uid)
    policies = [_managed(name) for name in ("base", "boundary", "one", "two", "three")]
    taken_at = datetime(2026, 11, 22, tzinfo=UTC)
    snapshot = Snapshot(f"generated-{seed}", taken_at, (*resources.values(), *policies))
    return Generated(snapshot, frozenset(planted))


def _function(random: Random, i: int) -> Resource:
    habit = random.choices(("api", "worker", "cron"), (5, 3, 2))[0]
    memory = {"api": (256, 512), "worker": (512, 1024), "cron": (128, 256)}[habit]
    timeout = {"api": (10, 15, 29), "worker": (60, 120), "cron": (60, 300)}[habit]
    variables = {f"SETTING_{n}": f"secret:plain:{n:016x}" for n in range(random.randint(2, 9))}
    if random.random() < 0.06:
        variables["SETTING_0"] = "secret:named_secret:00000000000000aa"
    properties: Properties = {
        "FunctionName": f"{habit}-{i}",
        "Runtime": random.choices(
            ("python3.12", "nodejs22.x", "python3.11", "java21", "provided.al2023"),
            (50, 30, 12, 6, 2),
        )[0],
        "MemorySize": random.choice(memory)
        if random.random() < 0.93
        else random.choice((1536, 2048, 3008)),
        "Timeout": random.choice(timeout)
        if random.random() < 0.93
        else random.choice((5, 30, 180, 600)),
        "Environment": {"Variables": variables},
        "Architectures": ["arm64" if random.random() < 0.6 else "x86_64"],
        "TracingConfig": {"Mode": "Active" if random.random() < 0.7 else "PassThrough"},
        "Role": f"arn:aws:iam::{ACCOUNT}:role/role-{i % COUNTS[ROLE]}",
        "Layers": [f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:common:{random.randint(1, 9)}"]
        * random.choices((0, 1, 2), (5, 4, 1))[0],
    }
    if habit == "worker" or random.random() < 0.1:
        properties["VpcConfig"] = {"SubnetIds": ["subnet-1", "subnet-2"]}
    if habit != "api" and random.random() < 0.8:
        properties["DeadLetterConfig"] = {"TargetArn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:dead"}
    if random.random() < 0.1:
        properties["ReservedConcurrentExecutions"] = random.choice((5, 10, 50))
    return _resource(
        FUNCTION, f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f-{i}", f"{habit}-{i}", properties
    )


def _role(random: Random, i: int) -> Resource:
    service = random.choices(
        ("lambda.amazonaws.com", "states.amazonaws.com", "events.amazonaws.com"), (85, 10, 5)
    )[0]
    actions = random.sample(
        ("dynamodb:GetItem", "dynamodb:Query", "s3:GetObject", "sqs:SendMessage", "sns:Publish", "s3:PutObject",
         "logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "kms:Decrypt"), random.randint(2, 5)
    )  # fmt: skip
    if random.random() < 0.15:
        actions.append(random.choice(("dynamodb:Get*", "s3:List*", "logs:*")))
    policies = [_policy([action]) for action in actions]
    properties: Properties = {
        "RoleName": f"role-{i}",
        "Policies": policies[: random.randint(1, len(policies))],
        "ManagedPolicyArns": [_arn("base")] * (random.random() < 0.8),
        "AssumeRolePolicyDocument": _trust({"Service": service}),
        "MaxSessionDuration": 3600 if random.random() < 0.97 else 7200,
        "Path": random.choices(("/", "/service/", "/team/"), (60, 35, 5))[0],
    }
    if random.random() < 0.85:
        properties["PermissionsBoundary"] = _arn("boundary")
    return _resource(ROLE, f"arn:aws:iam::{ACCOUNT}:role/role-{i}", f"role-{i}", properties)


def _policy(actions: list[str], resource: str = "arn:aws:s3:::some/*") -> Properties:
    statement = {"Effect": "Allow", "Action": actions, "Resource": [resource]}
    return {"PolicyName": "p", "PolicyDocument": {"Statement": [statement]}}


def _arn(policy: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:policy/{policy}"


def _managed(name: str) -> Resource:
    """Make a managed policy; without it, what its roles may do would not be known."""
    actions = ["*"] if name == "boundary" else [f"logs:{name.title()}"]
    document = _policy(actions, "*")["PolicyDocument"]
    return _resource("AWS::IAM::ManagedPolicy", _arn(name), name, {"PolicyDocument": document})


def _trust(principal: Properties) -> Properties:
    return {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}


def _bucket(random: Random, i: int) -> Resource:
    algorithm = "aws:kms" if random.random() < 0.7 else "AES256"
    properties: Properties = {
        "BucketName": f"bucket-{i}",
        "VersioningConfiguration": {"Status": "Enabled" if random.random() < 0.75 else "Suspended"},
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
            ]
        },
        "PublicAccessBlockConfiguration": _blocks(4 if random.random() < 0.95 else 3),
        "LifecycleConfiguration": {"Rules": [{}] * random.randint(0, 3)},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    }
    if random.random() < 0.6:
        properties["LoggingConfiguration"] = {"DestinationBucketName": "logs"}
    if random.random() < 0.05:
        properties["CorsConfiguration"] = {"CorsRules": [{}]}
    return _resource(BUCKET, f"arn:aws:s3:::bucket-{i}", f"bucket-{i}", properties)


def _blocks(on: int) -> Properties:
    names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    return {name: n < on for n, name in enumerate(names)}


def _resource(kind: str, uid: str, name: str, properties: Properties) -> Resource:
    return Resource(
        uid=uid,
        type=kind,
        name=name,
        properties=properties,
        account=ACCOUNT,
        region="eu-west-1",
        aliases=(uid, name),
    )


Plant = Callable[[Properties], None]


def _plants(random: Random) -> list[tuple[Plant, str]]:
    """Return the twenty changes; each touches two or three facts, as real oddities do."""
    foreign = "arn:aws:lambda:eu-west-1:999999999999:layer:agent:1"
    secrets = {f"KEY_{n}": f"secret:high_entropy:{n:016x}" for n in range(6)}
    functions: list[Properties] = [
        {"MemorySize": 10_240, "Timeout": 900},
        {"Environment": {"Variables": secrets}, "Timeout": 900},
        {"Layers": [foreign], "TracingConfig": {"Mode": "PassThrough"}, "MemorySize": 3008},
        {"Runtime": "python3.7", "EphemeralStorage": {"Size": 10_240}},
        {
            "KmsKeyArn": "key",
            "Environment": {"Variables": {f"V{n}": "secret:plain:0" for n in range(40)}},
        },
        {"Runtime": "go1.x", "Timeout": 900, "Layers": [foreign, foreign]},
        {"EphemeralStorage": {"Size": 8192}, "MemorySize": 8192},
        {"Runtime": "ruby3.3", "Layers": [foreign], "Environment": {"Variables": secrets}},
    ]
    roles: list[Properties] = [
        {"Policies": [_policy(["*"], "*")], "ManagedPolicyArns": []},
        {
            "AssumeRolePolicyDocument": _trust({"AWS": "arn:aws:iam::999999999999:root"}),
            "MaxSessionDuration": 43_200,
        },
        {
            "Policies": [
                _policy([f"{s}:*" for s in ("s3", "ec2", "iam", "kms", "sqs", "sns", "ssm", "rds")])
            ]
        },
        {"AssumeRolePolicyDocument": _trust({"AWS": "*", "Service": "lambda.amazonaws.com"})},
        {
            "Policies": [_policy(["s3:GetObject"])] * 14,
            "ManagedPolicyArns": [_arn(n) for n in ("base", "one", "two", "three")],
        },
        {
            "AssumeRolePolicyDocument": _trust({"Federated": "idp"}),
            "Path": "/legacy/",
            "MaxSessionDuration": 43_200,
        },
        {
            "AssumeRolePolicyDocument": _trust({"Service": "ec2.amazonaws.com"}),
            "Policies": [_policy(["ec2:*", "iam:*"])],
        },
    ]
    buckets: list[Properties] = [
        {"PublicAccessBlockConfiguration": _blocks(0), "WebsiteConfiguration": {"IndexDocument": "i"}},
        {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}, "PublicAccessBlockConfiguration": _blocks(1)},
        {"ReplicationConfiguration": {"Role": "r"}, "LifecycleConfiguration": {"Rules": [{}] * 12}},
        {"BucketEncryption": {}, "PublicAccessBlockConfiguration": _blocks(0), "VersioningConfiguration": {}},
        {"WebsiteConfiguration": {"IndexDocument": "i"}, "CorsConfiguration": {"CorsRules": [{}]}},
    ]  # fmt: skip
    all_plants = [
        *((_setting(p), FUNCTION) for p in functions),
        *((_setting(p), ROLE) for p in roles),
        *((_setting(p), BUCKET) for p in buckets),
    ]
    assert len(all_plants) == PLANTED  # noqa: S101  # the figure is called precision at 20
    random.shuffle(all_plants)
    return all_plants


def _setting(values: Properties) -> Plant:
    return lambda properties: properties.update(values)


def precision(ranking: Sequence[str], planted: frozenset[str]) -> float:
    """Return the share of planted resources among the first twenty."""
    return sum(uid in planted for uid in ranking[:PLANTED]) / PLANTED


def measure(snapshot: Snapshot, planted: frozenset[str]) -> dict[str, float]:
    """Return precision at 20 of every method on one generated estate."""
    view = View(snapshot)
    rows: dict[str, list[tuple[float, str]]] = {name: [] for name in METHODS}
    for kind in COUNTS:
        population, _ = ranked([r for r in snapshot.resources if r.type == kind], kind, view)
        uids = [r.uid for r in population.resources]
        for name, method in METHODS.items():
            rows[name] += zip(method(population), uids, strict=True)
    return {
        name: precision([uid for _, uid in sorted(scored, reverse=True)], planted)
        for name, scored in rows.items()
    }


def told(snapshot: Snapshot, planted: frozenset[str]) -> tuple[int, int]:
    """Return how many of the planted are findings, and how many findings were not planted."""
    found = {
        f.resource_uid
        for f in unusual_configurations(estate=Estate())(snapshot)
        if isinstance(f, Finding)
    }
    return len(found & planted), len(found - planted)


def _report(world: str, estates: Sequence[tuple[Snapshot, frozenset[str]]]) -> None:
    results = [measure(*estate) for estate in estates]
    for name in METHODS:
        column = [result[name] for result in results]
        spread = statistics.stdev(column) if len(column) > 1 else 0.0
        print(
            f"{world}, precision at {PLANTED}, {name}: mean {statistics.mean(column):.3f}, "
            f"standard deviation {spread:.3f}, lowest {min(column):.2f}, highest {max(column):.2f}"
        )
    right, wrong = map(sum, zip(*(told(*estate) for estate in estates), strict=True))
    print(
        f"{world}, findings: {right} of {PLANTED * len(estates)} planted, {wrong} others among "
        f"{sum(COUNTS.values()) * len(estates):,} resources"
    )


def _time_a_thousand_functions() -> None:
    random = Random(0)
    functions = [_function(random, i) for i in range(1000)]
    snapshot = Snapshot("thousand", datetime(2026, 11, 25, tzinfo=UTC), tuple(functions))
    start = time.process_time()
    list(unusual_configurations(estate=Estate())(snapshot))
    print(f"1,000 functions looked at: {time.process_time() - start:.2f} CPU-seconds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0, help="the first seed; 100 is for tuning")
    args = parser.parse_args()
    seeds = range(args.first, args.first + args.seeds)
    print(f"generated estates: {COUNTS}, {PLANTED} planted in each, {len(seeds)} seeds")
    single = [generate(seed) for seed in seeds]
    _report("rare values", [(e.snapshot, e.planted) for e in single])
    hidden = [hidden_oddities.generate(seed) for seed in seeds]
    _report("hidden oddities", [(e.snapshot, frozenset(e.planted)) for e in hidden])
    chance = PLANTED / sum(COUNTS.values())
    print(f"precision at {PLANTED} of a random order: {chance:.3f}")
    _time_a_thousand_functions()


if __name__ == "__main__":
    main()
