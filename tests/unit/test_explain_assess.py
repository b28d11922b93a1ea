import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explain
from core.identity import finding_uid
from core.types import (
    Assessment,
    Basis,
    CostImpact,
    Estate,
    Evidence,
    Finding,
    Label,
    LabelOrigin,
    Resource,
    Severity,
    Snapshot,
    Usage,
    Verdict,
)
from explain.model import shipped
from explain.words import phrase

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/orders"


def function(name: str, **changes: object) -> Resource:
    uid = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}"
    resource = Resource(
        uid,
        "AWS::Lambda::Function",
        name,
        {"Runtime": "python3.12", "Role": ROLE, "Environment": {"Variables": {}}},
        account=ACCOUNT,
        region="eu-west-1",
        aliases=(uid, name),
    )
    return replace(resource, **changes)  # type: ignore[arg-type]


def url(of: Resource, auth: str = "NONE") -> tuple[Resource, Resource]:
    """A public URL needs both: the URL and a policy that admits everyone."""
    properties = {"TargetFunctionArn": of.uid, "AuthType": auth}
    permission = {
        "FunctionName": of.uid,
        "Action": "lambda:InvokeFunctionUrl",
        "Principal": "*",
        "FunctionUrlAuthType": auth,
    }
    return (
        Resource(
            f"{of.uid}|url",
            "AWS::Lambda::Url",
            of.name,
            properties,
            account=ACCOUNT,
            region=of.region,
        ),
        Resource(
            f"{of.uid}|permission",
            "AWS::Lambda::Permission",
            "public",
            permission,
            account=ACCOUNT,
            region=of.region,
        ),
    )


def role(*actions: str) -> Resource:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    policies = [{"PolicyName": "p", "PolicyDocument": {"Statement": [statement]}}]
    return Resource(
        ROLE, "AWS::IAM::Role", "orders", {"Policies": policies}, account=ACCOUNT, aliases=(ROLE,)
    )


def finding(
    resource: Resource, *, check: str = "PL-1", severity: Severity = Severity.HIGH, **more: object
) -> Finding:
    found = Finding(
        finding_uid(check, resource.uid),
        check,
        check,
        "A title",
        severity,
        resource.uid,
        resource.type,
        resource.name,
        Evidence("a message"),
    )
    return replace(found, **more)  # type: ignore[arg-type]


def assess(
    findings: list[Finding],
    resources: list[Resource],
    *,
    labels: list[Label] | None = None,
    now: datetime = NOW,
) -> tuple[Assessment, ...]:
    snapshot = Snapshot("s", NOW, tuple(resources))
    return explain.assess(
        findings, snapshot, model=shipped(), costs={}, labels=labels or [], estate=Estate(), now=now
    )


def label(of: Finding, verdict: Verdict, *, at: datetime = NOW - timedelta(days=1)) -> Label:
    return Label(
        f"l-{of.uid}-{verdict}",
        of.uid,
        of.check_id,
        of.resource_uid,
        verdict,
        "dana",
        at,
        LabelOrigin.PERSON,
    )


def test_contributions_and_base_value_add_up_to_the_raw_score_of_every_finding() -> None:
    functions = [function(f"f{n}", tags={"env": ("prod", "dev")[n % 2]}) for n in range(20)]
    findings = [finding(f, severity=list(Severity)[n % 5]) for n, f in enumerate(functions)]

    for assessment in assess(findings, [*functions, role("s3:*")]):
        explanation = assessment.explanation
        total = explanation.base_value + math.fsum(c.shap_value for c in explanation.contributions)
        assert total == pytest.approx(explanation.raw_score, abs=1e-9)
        calibration = shipped().calibration
        odds = calibration.a * explanation.raw_score + calibration.b
        assert assessment.risk == pytest.approx(100 / (1 + math.exp(-odds)))


def test_the_public_function_without_authentication_ranks_above_its_private_twin() -> None:
    public, private = function("public"), function("private")

    open_one, closed_one = assess(
        [finding(public), finding(private)], [public, private, *url(public), role("s3:GetObject")]
    )

    assert open_one.risk > closed_one.risk + 20
    assert open_one.features["exposure_level"] == 3
    assert open_one.features["unauthenticated"] == 1


def test_reasons_are_sentences_without_identifiers_and_quote_what_was_read() -> None:
    public = function("public", tags={"data": "pii", "env": "prod"})

    (assessment,) = assess([finding(public)], [public, *url(public), role("s3:*")])
    reasons = explain.reasons(assessment, 4)

    assert any(
        "Anyone on the internet can reach it: " in r and "AuthType NONE" in r for r in reasons
    ), reasons
    assert "No authentication of callers" in reasons
    assert len(explain.reasons(assessment)) == 3
    assert not any("_" in r.partition(":")[0] for r in explain.reasons(assessment, 99))


def test_requiring_authentication_is_proposed_with_the_risk_it_would_leave() -> None:
    public = function("public")

    (assessment,) = assess([finding(public)], [public, *url(public), role("s3:GetObject")])
    counterfactuals = {c.feature: c for c in assessment.explanation.counterfactuals}

    assert counterfactuals["unauthenticated"].risk_after < assessment.risk - 5
    assert "AWS_IAM" in counterfactuals["unauthenticated"].change
    assert f"{assessment.risk:.0f} -> " in " ".join(explain.would_lower(assessment))


def test_cheap_changes_stand_before_dear_ones() -> None:
    secrets = {"A": "secret:stripe_key:00", "B": "secret:named_secret:01"}
    public = function(
        "public",
        properties={"Runtime": "python3.13", "Role": ROLE, "Environment": {"Variables": secrets}},
    )

    (assessment,) = assess([finding(public)], [public, *url(public), role("*")])
    order = [c.feature for c in assessment.explanation.counterfactuals]

    assert (
        order.index("exposure_level")
        < order.index("role_admin")
        < order.index("secrets_in_environment")
    )


def test_the_comparison_counts_peers_of_the_same_type() -> None:
    functions = [function(f"f{n}") for n in range(12)]
    resources = [*functions, *url(functions[0]), *url(functions[1]), role("s3:GetObject")]

    (assessment,) = assess([finding(functions[0], severity=Severity.MEDIUM)], resources)

    assert assessment.explanation.comparison in {
        "2 of 12 functions here admit callers without authentication",
        "2 of 12 functions here can be reached by anyone on the internet",
    }


def test_the_only_one_of_its_kind_is_called_so() -> None:
    functions = [function(f"f{n}") for n in range(12)]
    resources = [*functions, role("s3:GetObject")]

    (assessment,) = assess([finding(functions[0], severity=Severity.CRITICAL)], resources)

    assert assessment.explanation.comparison == (
        "Functions here that have this finding: only this one of 12"
    )


def test_a_probability_is_shown_only_from_a_hundred_own_labels_on() -> None:
    lonely = function("f")
    snapshot = Snapshot("s", NOW, (lonely,))

    def probability(own_labels: int) -> float | None:
        model = replace(shipped(), own_labels=own_labels)
        (assessment,) = explain.assess(
            [finding(lonely)], snapshot, model=model, costs={}, labels=[], estate=Estate(), now=NOW
        )
        assert ("prior" in explain.standing(assessment)) == (own_labels < 100)
        return assessment.probability

    assert probability(0) is None
    assert probability(99) is None
    assert probability(100) is not None


def test_unknown_values_are_left_out_of_the_features_and_called_unknown() -> None:
    lonely = function("f", properties={})

    (assessment,) = assess([finding(lonely)], [lonely])

    assert "sensitivity" not in assessment.features
    assert not any(math.isnan(v) for v in assessment.features.values())
    (unknown,) = [c for c in assessment.explanation.contributions if c.feature == "sensitivity"]
    assert math.isnan(unknown.value)
    assert unknown.sentence == ""
    assert phrase(unknown) == "data sensitivity not known"


def test_a_finding_whose_resource_is_gone_is_scored_but_abstained_on() -> None:
    gone = function("gone")

    (assessment,) = assess([finding(gone)], [function("other")])

    assert assessment.abstained
    assert "who can reach this is not known" in explain.doubt(assessment)
    assert assessment.explanation.comparison == ""


def test_earlier_decisions_on_a_check_move_other_findings_of_it_but_not_their_own() -> None:
    first, second = function("first"), function("second")
    one, two = finding(first), finding(second)
    dismissed = [label(one, Verdict.FALSE_POSITIVE)]

    before = assess([one, two], [first, second])
    after = assess([one, two], [first, second], labels=dismissed)

    assert after[0].risk == before[0].risk
    assert after[1].risk < before[1].risk
    assert after[1].features["judged_real"] == pytest.approx(1 / 3)


def test_decisions_of_the_future_are_not_looked_at() -> None:
    first, second = function("first"), function("second")
    later = label(finding(first), Verdict.APPROVE, at=NOW + timedelta(seconds=1))

    (assessment,) = assess([finding(second)], [first, second], labels=[later])

    assert "judged_real" not in assessment.features


def test_other_findings_on_the_resource_count_but_hygiene_does_not() -> None:
    shared = function("f")
    found = [
        finding(shared),
        finding(shared, check="PL-2", severity=Severity.CRITICAL),
        finding(shared, check="PL-3", hygiene=True),
    ]

    first, second, third = assess(found, [shared])

    assert (first.features["other_findings"], first.features["worst_other"]) == (1, 4)
    assert (second.features["other_findings"], second.features["worst_other"]) == (1, 3)
    assert third.features["other_findings"] == 2


def test_cost_traffic_age_and_tags_become_features() -> None:
    used = function(
        "f",
        tags={"Plumbline:Environment": "production-eu", "Data": "contains PII", "Team": "orders"},
        created_at=NOW - timedelta(days=10),
        usage=(Usage("Invocations", 1284, "Count", 14),),
    )
    cost = CostImpact(Decimal("4.10"), Decimal(0), Basis.MEASURED)
    found = finding(used)

    (assessment,) = explain.assess(
        [found],
        Snapshot("s", NOW, (used,)),
        model=shipped(),
        costs={used.uid: cost},
        labels=[],
        estate=Estate(),
        now=NOW,
    )

    features = assessment.features
    assert features["environment"] == 3
    assert features["sensitivity"] == 3
    assert features["unowned"] == 0
    assert features["age_days"] == 10
    assert features["calls_per_day"] == pytest.approx(1284 / 14)
    assert features["monthly_cost"] == pytest.approx(4.1)
    assert assessment.cost is cost


def test_no_findings_give_no_assessments() -> None:
    assert assess([], []) == ()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 4), st.integers(0, 4))
def test_a_worse_severity_never_lowers_the_risk(first: int, second: int) -> None:
    ranked = sorted(Severity, key=lambda s: s.rank)
    resource = function("f")
    low, high = sorted((first, second))

    (lower,) = assess([finding(resource, severity=ranked[low])], [resource])
    (higher,) = assess([finding(resource, severity=ranked[high])], [resource])

    assert lower.risk <= higher.risk
