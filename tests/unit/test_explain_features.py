"""What the declared features read from resources, roles, estates and costs."""

import math
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explain
from core.identity import finding_uid
from core.types import (
    Basis,
    CostImpact,
    Estate,
    Evidence,
    Finding,
    Resource,
    Severity,
    Snapshot,
    Usage,
    unknown,
)
from explain import prior, train
from explain.calibration import Calibration
from explain.feature import names
from explain.model import Model, shipped
from explain.scene import Scene

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MINE, OTHER = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{MINE}:role/orders"
FUNCTION, BUCKET, TABLE = "AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::DynamoDB::Table"


def resource(name: str, kind: str = FUNCTION, **properties: Any) -> Resource:
    return Resource(f"arn:{kind}:{name}", kind, name, properties, account=MINE, region="eu-west-1")


def role(*statements: dict[str, Any]) -> Resource:
    policies = [{"PolicyName": "p", "PolicyDocument": {"Statement": list(statements)}}]
    return Resource(
        ROLE, "AWS::IAM::Role", "orders", {"Policies": policies}, account=MINE, aliases=(ROLE,)
    )


def finding(of: Resource, check: str = "PL-1", **more: Any) -> Finding:
    found = Finding(
        finding_uid(check, of.uid), check, check, "A title", Severity.HIGH,
        of.uid, of.type, of.name, Evidence("a message"),
    )  # fmt: skip
    return replace(found, **more)


def scene(
    *resources: Resource, findings: list[Finding] | None = None, costs: dict[str, Any] | None = None
) -> Scene:
    found = [finding(r) for r in resources] if findings is None else findings
    return Scene(found, Snapshot("s", NOW, resources), costs or {}, (), Estate(), NOW)


def read(name: str, *resources: Resource) -> float:
    """Return a feature's value of the first resource."""
    at = scene(*resources)
    return float(at.matrix[0, names().index(name)])


@pytest.mark.parametrize(
    ("name", "kind", "properties", "expected"),
    [
        ("environment_variables", FUNCTION, {"Environment": {"Variables": {"A": "1", "B": "2"}}}, 2),
        ("environment_variables", FUNCTION, {}, 0),
        ("layers", FUNCTION, {"Layers": ["a", "b"]}, 2),
        ("timeout_s", FUNCTION, {}, 3),
        ("timeout_s", FUNCTION, {"Timeout": "900"}, 900),
        ("memory_mb", FUNCTION, {"MemorySize": 512}, 512),
        ("unlimited_calls", FUNCTION, {}, 1),
        ("unlimited_calls", FUNCTION, {"ReservedConcurrentExecutions": 5}, 0),
        ("unlimited_calls", FUNCTION, {"ReservedConcurrentExecutions": 0}, 0),
        ("container_image", FUNCTION, {"PackageType": "Image"}, 1),
        ("container_image", FUNCTION, {}, 0),
        ("drops_failures", FUNCTION, {"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:q"}}, 0),
        ("drops_failures", "AWS::SQS::Queue", {}, 1),
        ("unrecoverable", BUCKET, {"VersioningConfiguration": {"Status": "Enabled"}}, 0),
        ("unrecoverable", BUCKET, {"VersioningConfiguration": {"Status": "Suspended"}}, 1),
        ("unrecoverable", TABLE, {}, 1),
        ("unrecoverable", "AWS::RDS::DBInstance", {}, 0),
        ("unrecoverable", "AWS::RDS::DBInstance", {"BackupRetentionPeriod": 0}, 1),
        ("deletable", TABLE, {"DeletionProtectionEnabled": True}, 0),
        ("deletable", TABLE, {}, 1),
        ("in_vpc", FUNCTION, {"VpcConfig": {"SubnetIds": ["subnet-1"]}}, 1),
        ("in_vpc", FUNCTION, {"VpcConfig": {"SubnetIds": []}}, 0),
        ("any_origin", "AWS::Lambda::Url", {"Cors": {"AllowOrigins": ["*"]}}, 1),
        ("any_origin", "AWS::Lambda::Url", {"Cors": {"AllowOrigins": ["https://a.example"]}}, 0),
        ("any_origin", BUCKET, {"CorsConfiguration": {"CorsRules": [{"AllowedOrigins": ["*"]}]}}, 1),
    ],
)  # fmt: skip
def test_the_set_up_of_a_resource_is_read_with_awss_defaults(
    name: str, kind: str, properties: dict[str, Any], expected: float
) -> None:
    assert read(name, resource("r", kind, **properties)) == expected


@pytest.mark.parametrize(
    ("name", "kind", "properties"),
    [
        ("environment_variables", FUNCTION, {"Environment": unknown("a parameter")}),
        ("layers", FUNCTION, {"Layers": unknown("a parameter")}),
        ("foreign_layers", FUNCTION, {"Layers": [unknown("a parameter")]}),
        ("timeout_s", FUNCTION, {"Timeout": unknown("a parameter")}),
        ("unlimited_calls", FUNCTION, {"ReservedConcurrentExecutions": unknown("a parameter")}),
        ("container_image", FUNCTION, {"PackageType": unknown("a parameter")}),
        ("unrecoverable", BUCKET, {"VersioningConfiguration": unknown("a parameter")}),
        ("unrecoverable", "AWS::RDS::DBInstance", {"BackupRetentionPeriod": unknown("a parameter")}),
        ("in_vpc", FUNCTION, {"VpcConfig": unknown("a parameter")}),
        ("any_origin", "AWS::Lambda::Url", {"Cors": {"AllowOrigins": unknown("a parameter")}}),
        ("any_origin", BUCKET, {"CorsConfiguration": {"CorsRules": [{"AllowedOrigins": unknown("a")}]}}),
        ("timeout_s", BUCKET, {}),
    ],
)  # fmt: skip
def test_what_could_not_be_read_or_does_not_apply_is_not_known(
    name: str, kind: str, properties: dict[str, Any]
) -> None:
    assert math.isnan(read(name, resource("r", kind, **properties)))


def test_layers_of_other_accounts_are_told_from_own_ones() -> None:
    def layer(account: str) -> str:
        return f"arn:aws:lambda:eu-west-1:{account}:layer:tools:3"

    assert read("foreign_layers", resource("f", Layers=[layer(MINE), layer(OTHER)])) == 1
    assert read("foreign_layers", resource("f")) == 0


def test_the_breadth_of_a_role_counts_for_what_runs_as_it() -> None:
    policies = role(
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:Delete*"], "Resource": "*"},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:q",
         "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"},
    )  # fmt: skip
    first, second = resource("a", Role=ROLE), resource("b", Role=ROLE)

    def of(name: str) -> float:
        return read(name, first, second, policies)

    assert of("granted_actions") == 3
    assert of("unscoped_grants") == 1
    assert of("conditional_grants") == 0.5
    assert of("denies") == 1
    assert of("unbounded") == 1
    assert of("destructive_actions") == 1
    assert of("role_sharers") == 1
    assert read("role_sharers", policies, first, second) == 2
    assert math.isnan(read("role_sharers", resource("alone")))


def test_the_owners_load_and_the_place_in_the_estate_are_counted() -> None:
    mine = [replace(resource(n), tags={"owner": "team-a"}) for n in "abc"]
    far = replace(resource("d"), account=OTHER, region="us-east-1")
    twice = [*map(finding, mine), finding(far), finding(mine[0], "PL-2")]
    at = scene(*mine, far, findings=twice)

    def row(name: str, n: int) -> float:
        return float(at.matrix[n, names().index(name)])

    assert row("owner_resources", 0) == 3
    assert row("owner_findings", 0) == 4
    assert math.isnan(row("owner_findings", 3))
    assert row("account_findings", 0) == pytest.approx(4 / 3)
    assert row("account_findings", 3) == 1
    assert row("region_share", 0) == 0.75
    assert row("account_spread", 0) == 1
    assert row("account_spread", 4) == 0.5


def test_a_finding_without_its_resource_has_no_place_in_the_estate() -> None:
    at = scene(findings=[finding(resource("gone"))])

    for name in ("owner_findings", "account_findings", "account_spread", "region_share", "tags"):
        assert math.isnan(at.matrix[0, names().index(name)])


def test_costs_are_compared_with_what_the_owner_pays() -> None:
    mine = [replace(resource(n), tags={"owner": "team-a"}) for n in "ab"]
    costs = {
        mine[0].uid: CostImpact(Decimal(30), Decimal(2), Basis.MEASURED),
        mine[1].uid: CostImpact(Decimal(10), None, Basis.MEASURED),
    }
    twice = [*map(finding, mine), finding(mine[0], "PL-2")]
    at = scene(*mine, findings=twice, costs=costs)

    assert at.columns["owner_cost_share"].tolist() == [0.75, 0.25, 0.75]
    assert at.columns["fix_cost"][0] == 2
    assert math.isnan(at.columns["fix_cost"][1])


def test_what_a_rule_touches_and_how_calls_fail_is_read() -> None:
    usage = (Usage("Invocations", 200, "Count", 14), Usage("Errors", 10, "Count", 14))
    busy = replace(resource("busy"), usage=usage)
    found = finding(
        busy, compliance={"CIS": ("1.1", "1.2"), "NIST": ("AC-3",)},
        evidence=Evidence("m", locations=("A", "B")),
    )  # fmt: skip
    at = scene(busy, findings=[found])

    assert at.columns["controls"][0] == 3
    assert at.columns["frameworks"][0] == 2
    assert at.columns["places"][0] == 2
    assert at.columns["failing_calls"][0] == 0.05


def test_no_tree_of_the_prior_asks_for_what_no_fact_speaks_of() -> None:
    weight = shipped().importance

    assert prior.silent()
    assert not any(weight[name] for name in prior.silent())


@lru_cache(maxsize=4)
def random_model(seed: int) -> Model:
    """Train on noise over every column, so that trees ask for all of them."""
    rng = np.random.default_rng(seed)
    x, _ = prior.rows(seed=seed, count=3000)
    y = (rng.random(len(x)) < 0.4).astype(np.float64)
    trees = train._boost(x, y, np.ones(len(x)), seed)
    scale = Calibration(float(rng.uniform(0.5, 2.0)), float(rng.uniform(-1.0, 1.0)))
    return Model(names(), trees, scale, NOW, 0, 0, support_floor=0.0, importance={})


KINDS = (FUNCTION, BUCKET, TABLE, "AWS::SQS::Queue")
ESTATES = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.dictionaries(
            st.sampled_from(["Timeout", "MemorySize", "Layers", "Role", "KmsKeyArn"]),
            st.one_of(st.integers(0, 900), st.just(ROLE), st.lists(st.text(max_size=5), max_size=3)),
        ),
        st.dictionaries(st.sampled_from(["owner", "env", "data"]), st.sampled_from(["a", "prod", "pii"])),
        st.sampled_from(list(Severity)),
    ),
    min_size=1,
    max_size=8,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(estate=ESTATES, seed=st.integers(1, 4))
def test_base_value_and_contributions_give_the_raw_score_of_any_estate_by_any_model(
    estate: list[tuple[str, dict[str, Any], dict[str, str], Severity]], seed: int
) -> None:
    resources = [
        replace(resource(str(n), kind, **properties), tags=tags)
        for n, (kind, properties, tags, _) in enumerate(estate)
    ]
    found = [finding(r, severity=e[3]) for r, e in zip(resources, estate, strict=True)]
    snapshot = Snapshot("s", NOW, (*resources, role()))

    for each in explain.assess(
        found, snapshot, model=random_model(seed), costs={}, labels=(), estate=Estate(), now=NOW
    ):
        total = math.fsum(c.shap_value for c in each.explanation.contributions)
        raw = each.explanation.raw_score
        assert each.explanation.base_value + total == pytest.approx(raw, abs=1e-9)
