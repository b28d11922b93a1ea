"""Generated estates whose oddities no count of single values can see.

Six teams with habits of their own run two kinds of service in three environments; a few values
deviate from habit every day. Team and environment are tags (15 % of resources have none); the kind
of service is written nowhere and shows only in how settings go together. Twenty resources are then
changed, each in two or three settings, always to values that are common in the estate:

- `group`: settings another team or environment always has and this one never, such as the one
  function of payments outside its VPC. People find these in reviews: copied from elsewhere.
- `combination`: half the settings of one kind of service, half of the other, such as a cron job's
  timeout without its dead-letter queue. People find these in incidents: half-done changes.
- `number`: numbers of a team with far larger or smaller ones, such as 4 GB where 256 MB is the rule.
  People find these on bills.

All of it is generated, and frozen before a detector was tuned on it: tune on seeds 100 to 105,
report on 0 to 9. Every day 2 % of settings deviate, which nothing tells apart from a small plant.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from core.types import Resource, Snapshot

ACCOUNT = "111122223333"
FUNCTION, ROLE, BUCKET = "AWS::Lambda::Function", "AWS::IAM::Role", "AWS::S3::Bucket"
COUNTS = {FUNCTION: 300, ROLE: 250, BUCKET: 150}
TEAMS = ("orders", "payments", "search", "media", "ledger", "growth")
ENVIRONMENTS = ("prod", "staging", "dev")
SERVICES = ("request", "batch")
DEVIATES = 0.02  # of the settings, every day
UNTAGGED = 0.15  # of the resources
PLANTS = {
    FUNCTION: ("group",) * 3 + ("combination",) * 2 + ("number",) * 5,
    ROLE: ("group",) * 3 + ("combination",) * 3,
    BUCKET: ("group",) * 2 + ("combination",) * 2,
}

# What decides each setting, and the values it takes. Every value is common in the estate.
Pools = dict[str, tuple[str, tuple[Any, ...]]]
POOLS: dict[str, Pools] = {
    FUNCTION: {
        "runtime": ("team", ("python3.12", "nodejs22.x", "java21")),
        "arch": ("team", ("arm64", "x86_64")),
        "vpc": ("team", (True, False)),
        "key": ("team", (True, False)),
        "memory": ("team", ((128, 256), (512, 768), (3008, 4096))),
        "storage": ("team", ((512,), (2048, 4096))),
        "variables": ("team", ((2, 3, 4), (9, 10), (24, 25))),
        "tracing": ("environment", ("Active", "Active", "PassThrough")),
        "reserved": ("service", (50, None)),
        "timeout": ("service", ((5, 10, 29), (300, 600, 900))),
        "dead": ("service", (False, True)),
        "layers": ("service", (1, 0)),
    },
    ROLE: {
        "path": ("team", ("/", "/service/", "/team/")),
        "boundary": ("team", (True, False)),
        "session": ("service", (3600, 7200)),
        "statements": ("team", ((1, 2), (4, 5), (10, 12))),
        "managed": ("service", (0, 2)),
        "principal": ("service", ("lambda.amazonaws.com", "states.amazonaws.com")),
        "wildcard": ("service", (False, True)),
    },
    BUCKET: {
        "algorithm": ("team", ("aws:kms", "AES256")),
        "ownership": ("team", ("BucketOwnerEnforced", "BucketOwnerPreferred")),
        "lifecycle": ("team", ((0, 1), (3, 4), (8, 9))),
        "versioning": ("environment", ("Enabled", "Enabled", "Suspended")),
        "logging": ("environment", (True, True, False)),
        "replication": ("service", (True, False)),
        "cors": ("service", (True, False)),
        "lock": ("service", (False, True)),
        "blocks": ("service", (3, 4)),
    },
}

Settings = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Who runs a resource, where, and for what; the last is not written on it."""

    team: str
    environment: str
    service: str


@dataclass(frozen=True)
class Hidden:
    """A generated estate and what was planted in it: uid to kind of oddity."""

    snapshot: Snapshot
    planted: Mapping[str, str]


class _Habits:
    """What each team, environment and kind of service usually sets."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._usual: dict[tuple[str, str, str], Any] = {}
        owners = {"team": TEAMS, "environment": ENVIRONMENTS, "service": SERVICES}
        for kind, pools in POOLS.items():
            for setting, (by, pool) in pools.items():
                order = list(owners[by])
                if by == "team":
                    random.shuffle(order)
                for i, owner in enumerate(order):
                    self._usual[kind, setting, owner] = pool[i % len(pool)]

    def usual(self, kind: str, setting: str, place: Place) -> Any:
        return self._usual[kind, setting, getattr(place, POOLS[kind][setting][0])]

    def draw(self, kind: str, place: Place) -> Settings:
        """Draw the settings of a resource, with everyday deviations."""
        drawn = {}
        for setting, (_, pool) in POOLS[kind].items():
            deviates = self._random.random() < DEVIATES
            value = self._random.choice(pool) if deviates else self.usual(kind, setting, place)
            drawn[setting] = self._one(value)
        return drawn

    def plant(self, oddity: str, kind: str, place: Place) -> Settings:
        """Return settings that are common in the estate and out of place here."""
        by = {"group": ("team", "environment"), "combination": ("service",), "number": ("team",)}
        changed = {}
        for setting, (decided_by, pool) in POOLS[kind].items():
            is_number = isinstance(pool[0], tuple)
            if decided_by in by[oddity] and (
                oddity == "combination" or is_number == (oddity == "number")
            ):
                others = [v for v in pool if v != self.usual(kind, setting, place)]
                changed[setting] = self._one(self._farthest(kind, setting, place, others))
        # Half of what a kind of service sets: less would be one deviation, more the other kind.
        most = len(changed) // 2 if oddity == "combination" else 3
        kept = self._random.sample(sorted(changed), min(most, len(changed)))
        return {setting: changed[setting] for setting in kept}

    def _farthest(self, kind: str, setting: str, place: Place, others: list[Any]) -> Any:
        usual = self.usual(kind, setting, place)
        if not isinstance(usual, tuple):
            return self._random.choice(others)
        return max(others, key=lambda v: abs(v[0] - usual[0]))

    def _one(self, value: Any) -> Any:
        return self._random.choice(value) if isinstance(value, tuple) else value


def generate(seed: int) -> Hidden:
    """Draw an estate of teams with habits and plant twenty resources that break them."""
    random = Random(f"hidden-{seed}")
    habits = _Habits(random)
    resources: dict[str, Resource] = {}
    planted: dict[str, str] = {}
    for kind, count in COUNTS.items():
        places = [
            Place(random.choice(TEAMS), random.choice(ENVIRONMENTS), random.choice(SERVICES))
            for _ in range(count)
        ]
        settings = [habits.draw(kind, place) for place in places]
        victims = random.sample(range(count), len(PLANTS[kind]))
        for i, oddity in zip(victims, PLANTS[kind], strict=True):
            settings[i] |= habits.plant(oddity, kind, places[i])
        for i, (place, chosen) in enumerate(zip(places, settings, strict=True)):
            tagged = i in victims or random.random() >= UNTAGGED
            made = _resource(kind, i, _PROPERTIES[kind](chosen))
            tags = {"team": place.team, "environment": place.environment} if tagged else {}
            resources[made.uid] = replace(made, tags=tags)
            if i in victims:
                planted[made.uid] = PLANTS[kind][victims.index(i)]
    for name in ("boundary", "0", "1"):
        policy = _managed(name)
        resources[policy.uid] = policy
    taken_at = datetime(2026, 11, 25, tzinfo=UTC)
    return Hidden(Snapshot(f"hidden-{seed}", taken_at, tuple(resources.values())), planted)


def _function(chosen: Settings) -> Settings:
    properties: Settings = {
        "Runtime": chosen["runtime"],
        "Architectures": [chosen["arch"]],
        "MemorySize": chosen["memory"],
        "Timeout": chosen["timeout"],
        "EphemeralStorage": {"Size": chosen["storage"]},
        "TracingConfig": {"Mode": chosen["tracing"]},
        "Environment": {
            "Variables": {f"S{n}": "secret:plain:0" for n in range(chosen["variables"])}
        },
        "Layers": [f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:common:1"] * chosen["layers"],
        "ReservedConcurrentExecutions": chosen["reserved"],
        "VpcConfig": {"SubnetIds": ["subnet-1"]} if chosen["vpc"] else None,
        "KmsKeyArn": "key" if chosen["key"] else None,
        "DeadLetterConfig": {"TargetArn": "dead"} if chosen["dead"] else None,
    }
    return {name: value for name, value in properties.items() if value is not None}


def _role(chosen: Settings) -> Settings:
    actions = [f"dynamodb:Action{n}" for n in range(chosen["statements"])]
    if chosen["wildcard"]:
        actions[0] = "dynamodb:*"
    statements = [{"Effect": "Allow", "Action": [a], "Resource": ["r"]} for a in actions]
    trusted = {"Effect": "Allow", "Principal": {"Service": chosen["principal"]}}
    properties: Settings = {
        "Path": chosen["path"],
        "MaxSessionDuration": chosen["session"],
        "Policies": [
            {"PolicyName": f"p{n}", "PolicyDocument": {"Statement": [statement]}}
            for n, statement in enumerate(statements)
        ],
        "ManagedPolicyArns": [
            f"arn:aws:iam::{ACCOUNT}:policy/{n}" for n in range(chosen["managed"])
        ],
        "AssumeRolePolicyDocument": {"Statement": [trusted | {"Action": "sts:AssumeRole"}]},
    }
    if chosen["boundary"]:
        properties["PermissionsBoundary"] = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    return properties


def _managed(name: str) -> Resource:
    """Make a managed policy; without it, what its roles may do would not be known."""
    statement = {"Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": ["*"]}
    uid = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
    properties = {"PolicyDocument": {"Statement": [statement]}}
    return Resource(
        uid, "AWS::IAM::ManagedPolicy", name, properties, account=ACCOUNT, aliases=(uid,)
    )


def _bucket(chosen: Settings) -> Settings:
    names = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    rule = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": chosen["algorithm"]}}
    properties: Settings = {
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [rule]},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": chosen["ownership"]}]},
        "LifecycleConfiguration": {"Rules": [{}] * chosen["lifecycle"]},
        "VersioningConfiguration": {"Status": chosen["versioning"]},
        "LoggingConfiguration": {"DestinationBucketName": "logs"} if chosen["logging"] else None,
        "ReplicationConfiguration": {"Role": "r"} if chosen["replication"] else None,
        "CorsConfiguration": {"CorsRules": [{}]} if chosen["cors"] else None,
        "ObjectLockEnabled": chosen["lock"],
        "PublicAccessBlockConfiguration": {n: i < chosen["blocks"] for i, n in enumerate(names)},
    }
    return {name: value for name, value in properties.items() if value is not None}


_PROPERTIES: dict[str, Callable[[Settings], Settings]] = {
    FUNCTION: _function,
    ROLE: _role,
    BUCKET: _bucket,
}


def _resource(kind: str, i: int, properties: Settings) -> Resource:
    uid = f"arn:aws:generated:eu-west-1:{ACCOUNT}:{kind.rpartition('::')[2].lower()}/{i}"
    return Resource(
        uid, kind, f"{kind.rpartition('::')[2].lower()}-{i}", properties,
        account=ACCOUNT, region="eu-west-1", aliases=(uid,),
    )  # fmt: skip
