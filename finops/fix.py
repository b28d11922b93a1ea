"""What a fix would change in the monthly bill, by control."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from core.types import Basis, Charge, CostImpact, Resource
from finops.price import BYTES_A_GB, MILLION, charge
from finops.resource import level, monthly

FixPricer = Callable[[Resource], tuple[Charge, ...] | None]
"""Returns the lines a fix adds; empty when it is free of charge; None when not known."""

_XRAY_SAMPLED = Decimal("0.05")  # X-Ray's default rule traces 5 % beyond one request a second


def _free(_resource: Resource) -> tuple[Charge, ...]:
    return ()


def _one(component: str, price: str) -> Callable[[Resource], tuple[Charge, ...]]:
    def pricer(resource: Resource) -> tuple[Charge, ...]:
        line = charge(
            resource.uid, component, price=price, quantity=Decimal(1), basis=Basis.ESTIMATED
        )
        return (line,)

    return pricer


def _tracing(resource: Resource) -> tuple[Charge, ...] | None:
    metric = {
        "AWS::Lambda::Function": "Invocations",
        "AWS::StepFunctions::StateMachine": "ExecutionsStarted",
    }.get(resource.type, "Count")
    requests = monthly(resource, metric)
    if requests is None:
        return None
    line = charge(
        resource.uid,
        "X-Ray traces (5 % of requests)",
        price="xray.traces",
        quantity=requests * _XRAY_SAMPLED / MILLION,
        basis=Basis.ESTIMATED,
    )
    return (line,)


def _point_in_time_recovery(resource: Resource) -> tuple[Charge, ...] | None:
    size = level(resource, "TableSizeBytes")
    if size is None:
        return None
    line = charge(
        resource.uid,
        "Continuous backup",
        price="dynamodb.continuous_backup",
        quantity=size / BYTES_A_GB,
        basis=Basis.ESTIMATED,
    )
    return (line,)


def _web_firewall(resource: Resource) -> tuple[Charge, ...]:
    return (
        *_one("Web ACL", "waf.web_acl")(resource),
        *_one("One rule", "waf.rule")(resource),
    )


_KEY = _one("Customer managed key", "kms.key")

_FIXES: Mapping[str, FixPricer] = {
    **dict.fromkeys(
        (
            "lambda-in-vpc",
            "owner-tag",
            "lambda-url-authentication",
            "lambda-not-public",
            "lambda-service-source",
            "lambda-runtime",
            "lambda-failure-destination",
            "lambda-concurrency",
            "lambda-code-signing",
            "lambda-log-retention",
            "lambda-role-admin",
            "lambda-role-wildcard",
            "lambda-role-shared",
            "lambda-esm-failure",
            "lambda-esm-partial-batch",
            "lambda-url-cors",
            "iam-admin",
            "iam-wildcard-action",
            "iam-wildcard-resource",
            "iam-privilege-escalation",
            "iam-trust-public",
            "iam-trust-external-id",
            "iam-oidc-subject",
            "iam-pass-role",
            "s3-encryption",
            "s3-public-access-block",
            "s3-policy-public",
            "s3-tls-only",
            "s3-acl-public",
            "dynamodb-deletion-protection",
            "sqs-encryption",
            "sqs-dead-letter",
            "sqs-policy-public",
            "sqs-tls-only",
            "sns-policy-public",
            "sns-tls-only",
            "apigateway-cache-encryption",
            "apigateway-throttling",
            "apigatewayv2-throttling",
            "apigateway-tls",
            "apigatewayv2-cors",
            "eventbus-policy-public",
            "events-rule-dead-letter",
            "kms-policy-public",
            "log-retention",
            "cognito-mfa",
            "cognito-password-policy",
            "cloudfront-https",
            "cloudfront-tls",
            "ecr-immutable",
            "ecr-policy-public",
            "cloudtrail-validation",
        ),
        _free,
    ),
    **dict.fromkeys(("lambda-tracing", "apigateway-tracing", "stepfunctions-tracing"), _tracing),
    **dict.fromkeys(
        ("lambda-env-kms", "dynamodb-cmk", "secret-cmk", "log-kms", "cloudtrail-kms"), _KEY
    ),
    **dict.fromkeys(("apigateway-waf", "appsync-waf", "cloudfront-waf"), _web_firewall),
    "lambda-env-secrets": _one("Secret", "secretsmanager.secret"),
    "dynamodb-pitr": _point_in_time_recovery,
}


def fix_delta(control: str, resource: Resource) -> tuple[Charge, ...] | None:
    """Return the monthly lines that fixing a control adds; None when not known."""
    pricer = _FIXES.get(control)
    return pricer(resource) if pricer else None


def with_fix(impact: CostImpact, control: str, resource: Resource) -> CostImpact:
    """Return a resource's cost together with what fixing a control would add."""
    added = fix_delta(control, resource)
    if added is None:
        return replace(impact, fix_monthly_delta=None)
    total = sum((line.monthly_cost for line in added), Decimal(0))
    return replace(impact, fix_monthly_delta=total, fix_charges=added)
