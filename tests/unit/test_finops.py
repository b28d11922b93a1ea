"""Costs show their arithmetic and say how they came about."""

from decimal import Decimal

import finops
from core.types import Basis, Resource, Usage, unknown


def function(*usage: Usage, **properties: object) -> Resource:
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:orders"
    return Resource(
        arn, "AWS::Lambda::Function", "orders", properties, region="eu-west-1", usage=usage
    )


def week(metric: str, quantity: float) -> Usage:
    return Usage(metric, quantity, "Count", window_days=7)


def test_a_function_costs_its_requests_and_its_gigabyte_seconds() -> None:
    usage = (week("Invocations", 7_000_000), week("Duration", 700_000_000))

    impact = finops.cost_of(function(*usage, MemorySize=512))

    days = Decimal("30.4375")
    requests = days * Decimal("0.20")
    compute = days * 100_000 * Decimal("0.5") * Decimal("0.0000166667")
    assert impact.monthly == requests + compute
    assert impact.basis is Basis.MEASURED
    assert all(line.quantity * line.unit_price == line.monthly_cost for line in impact.charges)


def test_an_arm_function_is_priced_as_one() -> None:
    impact = finops.cost_of(function(week("Duration", 7000), Architectures=["arm64"]))

    assert impact.charges[0].unit_price == Decimal("0.0000133334")


def test_without_usage_the_cost_is_not_known_rather_than_zero() -> None:
    impact = finops.cost_of(function(MemorySize=unknown("parameter Memory")))

    assert impact.monthly is None
    assert "no usage" in impact.note


def test_a_foreign_region_is_said_to_be_priced_at_another_list() -> None:
    assert "eu-west-1 can differ" in finops.cost_of(function(week("Invocations", 1))).note


def test_a_role_costs_nothing() -> None:
    role = Resource("arn:aws:iam::1:role/r", "AWS::IAM::Role", "r", {})

    assert finops.cost_of(role).monthly == 0


def test_a_fix_without_charge_adds_zero_and_one_that_is_not_priced_adds_nothing_known() -> None:
    resource = function(week("Invocations", 7))
    base = finops.cost_of(resource)

    assert finops.with_fix(base, "lambda-url-authentication", resource).fix_monthly_delta == 0
    assert finops.with_fix(base, "s3-access-logging", resource).fix_monthly_delta is None


def test_tracing_is_priced_by_measured_requests() -> None:
    resource = function(week("Invocations", 7_000_000))

    impact = finops.with_fix(finops.cost_of(resource), "lambda-tracing", resource)

    traced = Decimal("30.4375") * Decimal("0.05")
    assert impact.fix_monthly_delta == traced * 5
    assert impact.fix_charges[0].basis is Basis.ESTIMATED


def test_every_price_has_a_source_and_a_date() -> None:
    for price in finops.book().values():
        assert price.source.startswith("https://aws.amazon.com/")
        assert len(price.as_of) == 10
        assert price.unit_price > 0


def test_what_is_stored_is_priced_by_the_gigabyte() -> None:
    for kind, metric, price in (
        ("AWS::S3::Bucket", "BucketSizeBytes", "s3.standard_storage"),
        ("AWS::DynamoDB::Table", "TableSizeBytes", "dynamodb.storage"),
        ("AWS::Logs::LogGroup", "StoredBytes", "logs.storage"),
    ):
        stored = Resource("arn", kind, "n", {}, usage=(week(metric, 3 * 1024**3),))

        assert finops.cost_of(stored).monthly == 3 * finops.book()[price].unit_price
