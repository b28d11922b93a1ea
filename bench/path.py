"""Attack paths over the generated estate: the CPU time after the snapshot, and what is found.

Run: `python -m bench.path [--functions N]`. Two estates: the one of `bench.estate` read from moto, of
which little is open, and a hard one made here, in which every tenth function is public, every
table is sensitive and every third role may read them all.
"""

import argparse
import os
import resource as process
import time
from datetime import UTC, datetime
from typing import Any

from bench.estate import CREDENTIALS, Estate, moto_server
from core.types import Resource, Snapshot
from graph.path import attack_paths

ACCOUNT = "123456789012"
TARGET_S = 2.0


def read(functions: int) -> Snapshot:
    """Build the estate in moto and read it."""
    import collectors

    with moto_server() as endpoint:
        Estate(endpoint, functions).build()
        os.environ |= {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
            "AWS_DEFAULT_REGION": CREDENTIALS["region_name"],
        }
        cloud = collectors.AwsCloud(
            regions=[CREDENTIALS["region_name"]],
            secret_key=b"k" * 32,
            clock=lambda: datetime.now(UTC),
        )
        return cloud.collect()


def hard(functions: int) -> Snapshot:
    """Make an estate in which much leads to much."""
    resources = [r for n in range(functions) for r in _function(n, functions // 3)]
    resources += [_role(n) for n in range(functions // 3)]
    resources += [
        _made("AWS::DynamoDB::Table", _arn("dynamodb", f"table/table-{n}"), {}, {"data": "pii"})
        for n in range(functions // 5)
    ]
    return Snapshot("hard", datetime(2026, 11, 25, tzinfo=UTC), tuple(resources))


def _arn(service: str, name: str) -> str:
    region = "" if service == "iam" else "eu-west-1"
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{name}"


def _made(kind: str, uid: str, given: Any, tags: dict[str, str] | None = None) -> Resource:
    return Resource(
        uid, kind, uid, given, account=ACCOUNT, region="eu-west-1", aliases=(uid,), tags=tags or {}
    )


def _function(n: int, roles: int) -> list[Resource]:
    uid = _arn("lambda", f"function:f{n}")
    role = _arn("iam", f"role/role-{n % max(roles, 1)}")
    made = [_made("AWS::Lambda::Function", uid, {"Role": role})]
    if n % 10 == 0:
        url = {"TargetFunctionArn": uid, "AuthType": "NONE"}
        invited = {"FunctionName": uid, "Action": "lambda:InvokeFunctionUrl", "Principal": "*"}
        made += [
            _made("AWS::Lambda::Url", f"{uid}|url", url),
            _made("AWS::Lambda::Permission", f"{uid}|permission", invited),
        ]
    return made


def _role(n: int) -> Resource:
    tables = "*" if n % 3 == 0 else _arn("dynamodb", f"table/table-{n}")
    rules = [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": tables}]
    if n % 9 == 1:
        rules.append({"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"})
    if n % 9 == 2:
        rules.append({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
    root = (
        {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        if n % 5 == 0
        else {"Service": "lambda.amazonaws.com"}
    )
    trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": root}]}
    policies = [{"PolicyName": "p", "PolicyDocument": {"Statement": rules}}]
    given = {"Policies": policies, "AssumeRolePolicyDocument": trust}
    return _made("AWS::IAM::Role", _arn("iam", f"role/role-{n}"), given)


def measure(name: str, snapshot: Snapshot) -> None:
    """Print one estate's figures."""
    started = time.process_time()
    found = attack_paths(snapshot).found
    seconds = time.process_time() - started
    peak = process.getrusage(process.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{name}: {len(snapshot.resources):,} resources, {len(found):,} paths of "
        f"{sum(len(path.ways) for path in found):,} ways in {seconds:.2f} CPU-seconds "
        f"(target {TARGET_S}); process peak {peak:.0f} MiB"
    )


def main() -> None:
    """Measure both estates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--functions", type=int, default=1000)
    parser.add_argument("--only-hard", action="store_true", help="do without moto")
    args = parser.parse_args()
    measure("hard estate", hard(args.functions))
    if not args.only_hard:
        measure("estate of bench.estate", read(args.functions))


if __name__ == "__main__":
    main()
