"""Ways from outside to sensitive data and to administrator rights, as findings."""

from datetime import UTC, datetime
from typing import Any

from core.types import Estate, Finding, Resource, Severity, Snapshot
from detectors import paths
from graph.path import Origin, attack_paths

ACCOUNT = "111111111111"
TABLE = "AWS::DynamoDB::Table"
READ = "dynamodb:GetItem"


def arn(service: str, name: str) -> str:
    region = "" if service in ("iam", "s3") else "eu-west-1"
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{name}"


def made(kind: str, uid: str, properties: Any = None, **more: Any) -> Resource:
    return Resource(
        uid,
        kind,
        uid.rpartition("/")[2].rpartition(":")[2],
        properties or {},
        account=ACCOUNT,
        region="eu-west-1",
        aliases=(uid,),
        **more,
    )


def function(name: str, role: str, *, url: str = "NONE") -> list[Resource]:
    uid = arn("lambda", f"function:{name}")
    door = made("AWS::Lambda::Url", f"{uid}|url", {"TargetFunctionArn": uid, "AuthType": url})
    invited = {
        "FunctionName": uid,
        "Action": "lambda:InvokeFunctionUrl",
        "Principal": "*",
        "FunctionUrlAuthType": url,
    }
    permission = made("AWS::Lambda::Permission", f"{uid}|permission", invited)
    own = made("AWS::Lambda::Function", uid, {"Role": arn("iam", f"role/{role}")})
    return [own, door, permission] if url else [own]


def role(name: str, *rules: Any, trust: Any = None, **given: Any) -> Resource:
    properties = {
        "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": list(rules)}}],
        "AssumeRolePolicyDocument": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": trust or {"Service": "lambda.amazonaws.com"},
                }
            ]
        },
        **given,
    }
    return made("AWS::IAM::Role", arn("iam", f"role/{name}"), properties)


def table(name: str, data: str = "pii", **given: Any) -> Resource:
    return made(TABLE, arn("dynamodb", f"table/{name}"), given, tags={"data": data})


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def snapshot(*resources: Resource) -> Snapshot:
    return Snapshot("s", datetime(2026, 11, 25, tzinfo=UTC), resources)


def found(*resources: Resource, estate: Estate | None = None) -> dict[tuple[str, str], Finding]:
    said = paths(estate=estate or Estate())(snapshot(*resources))
    return {(f.check_id, f.resource_name): f for f in said if isinstance(f, Finding)}


def test_a_public_function_leads_to_the_data_its_role_reads() -> None:
    finding = found(*function("shop", "r"), role("r", allow(READ)), table("people"))[
        "PL-PATH-001", "people"
    ]

    assert finding.severity is Severity.CRITICAL
    assert finding.evidence.message == (
        "The internet reaches function shop, which runs as role r, which may read table people."
    )
    assert finding.evidence.facts["step 3"] == (
        "may read table people: inline policy p: a statement allows dynamodb:GetItem"
    )
    assert finding.remediation.startswith("Cheapest cut, which ends 1 way: take away that role r")
    assert finding.evidence.facts["cheapest cut"] == arn("iam", "role/r")


def test_no_way_leads_where_the_data_is_not_sensitive_or_not_read_or_nobody_comes_in() -> None:
    people = table("people")

    assert found(*function("f", "r"), role("r", allow(READ)), table("people", "public")) == {}
    assert found(*function("f", "r"), role("r", allow("dynamodb:PutItem")), people) == {}
    assert found(*function("f", "r", url=""), role("r", allow(READ)), people) == {}
    denied = {"Effect": "Deny", "Action": "*", "Resource": people.uid}
    assert found(*function("f", "r"), role("r", allow("dynamodb:*"), denied), people) == {}


def test_a_boundary_or_a_condition_that_cannot_hold_ends_a_way() -> None:
    people = table("people")
    limit = made(
        "AWS::IAM::ManagedPolicy",
        arn("iam", "policy/limit"),
        {"PolicyDocument": {"Statement": [allow("logs:*")]}},
    )
    elsewhere = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}

    bounded = role("r", allow(READ), PermissionsBoundary=limit.uid)
    assert found(*function("f", "r"), bounded, limit, people) == {}
    assert found(*function("f", "r"), role("r", allow(READ, Condition=elsewhere)), people) == {}


def test_what_hangs_on_a_condition_is_said_to_be_uncertain() -> None:
    asked = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    finding = found(*function("f", "r"), role("r", allow(READ, Condition=asked)), table("people"))[
        "PL-PATH-001", "people"
    ]

    assert finding.confidence < 1
    assert "(not certain)" in finding.evidence.facts["step 3"]


def test_encrypted_data_needs_the_key_as_well() -> None:
    key = arn("kms", "key/1")
    people = table("people", SSESpecification={"KMSMasterKeyId": key})

    def with_key(principal: str) -> dict[tuple[str, str], Finding]:
        policy = [{"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"}]  # fmt: skip
        own = made("AWS::KMS::Key", key, {"KeyPolicy": {"Statement": policy}})
        return found(*function("f", "r"), role("r", allow(READ)), people, own)

    assert with_key(arn("iam", "role/other")) == {}
    assert "kms:Decrypt" in with_key(arn("iam", "role/r"))["PL-PATH-001", "people"].evidence.facts["step 3"]  # fmt: skip


def test_a_role_that_may_assume_another_leads_on() -> None:
    second = role("second", allow(READ), trust={"AWS": arn("iam", "role/first")})
    finding = found(*function("f", "first"), role("first"), second, table("people"))[
        "PL-PATH-001", "people"
    ]

    assert "which runs as role first, which may assume role second" in finding.evidence.message


def test_a_role_that_may_run_a_function_leads_to_that_function_s_role() -> None:
    first = role("first", allow("lambda:InvokeFunction", arn("lambda", "function:inner")))
    inner = function("inner", "second", url="")
    finding = found(*function("f", "first"), first, *inner, role("second", allow(READ)), table("t"))

    assert "may run function inner" in finding["PL-PATH-001", "t"].evidence.message


def test_administrators_are_a_target_of_their_own_and_stand_for_all_they_read() -> None:
    said = found(*function("f", "r"), role("r", allow("*")), table("people"), table("more"))

    assert set(said) == {("PL-PATH-002", "r")}
    assert said["PL-PATH-002", "r"].severity is Severity.CRITICAL


def test_a_way_up_leads_to_administrator_rights() -> None:
    said = found(*function("f", "r"), role("r", allow("iam:AttachRolePolicy")))

    assert "attaches any managed policy" in said["PL-PATH-002", "r"].evidence.facts["step 3"]


def test_another_account_s_way_ranks_lower_and_a_trusted_one_has_none() -> None:
    partner = "222222222222"
    trusting = role("partner", allow(READ), trust={"AWS": f"arn:aws:iam::{partner}:root"})

    assert found(trusting, table("people"))["PL-PATH-003", "people"].severity is Severity.MEDIUM
    assert found(trusting, table("people"), estate=Estate(trusted_accounts=(partner,))) == {}


def test_many_functions_with_one_role_are_one_way() -> None:
    many = [r for n in range(50) for r in function(f"f{n}", "r")]
    (finding,) = found(*many, role("r", allow(READ)), table("people")).values()

    assert "49 other resources with the same role" in finding.evidence.message
    assert "more way" not in finding.evidence.message
    assert "role r may read" in finding.remediation


def test_the_cut_is_what_breaks_most_ways() -> None:
    tables = [table(f"t{n}") for n in range(3)]
    shared = role("second", allow(READ), trust={"AWS": arn("iam", "role/first")})
    said = found(*function("f", "first"), role("first"), shared, *tables)

    assert {f.evidence.facts["ways it ends"] for f in said.values()} == {3}
    assert all("trust policy of role second" in f.remediation for f in said.values())


def test_the_same_estate_gives_the_same_paths_in_any_order_of_reading() -> None:
    resources = [r for n in range(6) for r in (*function(f"f{n}", f"r{n % 3}"), table(f"t{n}"))] + [
        role(f"r{n}", allow(READ)) for n in range(3)
    ]

    assert found(*resources) == found(*reversed(resources))


def test_steps_from_the_internet_are_counted() -> None:
    people = table("people")
    all_found = attack_paths(snapshot(*function("f", "r"), role("r", allow(READ)), people))

    assert all_found.distance[arn("lambda", "function:f")] == 0
    assert all_found.distance[people.uid] == 2
    assert all_found.through[arn("iam", "role/r")] == 1
    assert [path.origin for path in all_found.found] == [Origin.INTERNET]


def test_roles_that_trust_each_other_do_not_make_the_search_endless() -> None:
    anyone = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    ring = [role(f"r{n}", allow("sts:AssumeRole"), trust=anyone) for n in range(30)]
    last = role("last", allow(READ), trust=anyone)

    assert len(found(*function("f", "r0"), *ring, last, table("people"))) == 1
