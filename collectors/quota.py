"""At most a third of each API quota: the quotas, and the token buckets that keep us inside.

A row says what AWS documents, or `documented=False` where AWS publishes no number and we assume a
cautious one. A local endpoint has no AWS quota: there `Quotas.unlimited()` applies.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

SHARE = 1 / 3
"""The part of a quota we allow ourselves; the rest belongs to deployments and people (design, 2)."""

_DOCS = "https://docs.aws.amazon.com/"
_READ_ON = date(2026, 11, 22)


@dataclass(frozen=True, slots=True)
class Quota:
    """One quota of one account and region (or of one account, for global services).

    `operations` empty means every operation of the service that no other row names. `burst` is the
    bucket's size where AWS states one, else one second's worth.
    """

    service: str
    per_s: float
    source: str
    operations: tuple[str, ...] = ()
    burst: float = 0.0
    documented: bool = True
    as_of: date = _READ_ON

    @property
    def key(self) -> str:
        """A name for the quota: `service` or `service:Operation`."""
        return ":".join((self.service, *self.operations[:1]))


def _assumed(service: str, per_s: float) -> Quota:
    return Quota(service, per_s, "no published figure; assumed", documented=False)


QUOTAS: tuple[Quota, ...] = (
    Quota("lambda", 15, _DOCS + "lambda/latest/dg/gettingstarted-limits.html"),
    Quota(
        "lambda",
        15,
        _DOCS + "lambda/latest/dg/gettingstarted-limits.html",
        operations=("GetPolicy",),
    ),
    Quota("apigateway", 10, _DOCS + "apigateway/latest/developerguide/limits.html", burst=40),
    Quota(
        "apigateway",
        2.5,
        _DOCS + "apigateway/latest/developerguide/limits.html",
        operations=("GetResources",),
    ),
    Quota("apigatewayv2", 10, _DOCS + "apigateway/latest/developerguide/limits.html", burst=40),
    Quota("logs", 10, _DOCS + "AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"),
    Quota(
        "cloudwatch",
        9,
        _DOCS + "AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html",
        operations=("DescribeAlarms",),
    ),
    Quota(
        "cloudwatch",
        50,
        _DOCS + "AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html",
        operations=("GetMetricData",),
    ),
    Quota(
        "cloudwatch",
        25,
        _DOCS + "AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html",
        operations=("ListMetrics",),
    ),
    Quota(
        "kms",
        1000,
        _DOCS + "kms/latest/developerguide/requests-per-second.html",
        operations=("GetKeyPolicy", "GetKeyRotationStatus"),
    ),
    Quota("kms", 500, _DOCS + "kms/latest/developerguide/requests-per-second.html"),
    Quota("stepfunctions", 5, _DOCS + "step-functions/latest/dg/service-quotas.html", burst=100),
    Quota(
        "stepfunctions",
        20,
        _DOCS + "step-functions/latest/dg/service-quotas.html",
        operations=("DescribeStateMachine",),
        burst=200,
    ),
    Quota("secretsmanager", 50, _DOCS + "secretsmanager/latest/userguide/reference_limits.html"),
    Quota("cognito-idp", 15, _DOCS + "cognito/latest/developerguide/quotas.html"),
    Quota("kinesis", 5, _DOCS + "streams/latest/dev/service-sizes-and-limits.html"),
    Quota(
        "kinesis",
        20,
        _DOCS + "streams/latest/dev/service-sizes-and-limits.html",
        operations=("DescribeStreamSummary",),
    ),
    Quota("cloudtrail", 10, _DOCS + "awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html"),
    Quota("sns", 30, _DOCS + "general/latest/gr/sns.html"),
    Quota("events", 50, _DOCS + "eventbridge/latest/userguide/eb-quota.html"),
    Quota("ec2", 10, _DOCS + "AWSEC2/latest/APIReference/throttling.html", burst=50),
    Quota("sts", 600, _DOCS + "IAM/latest/UserGuide/reference_iam-quotas.html"),
    _assumed("resourcegroupstaggingapi", 15),
    _assumed("cloudformation", 10),
    _assumed("iam", 15),
    _assumed("s3", 100),
    _assumed("dynamodb", 30),
    _assumed("sqs", 100),
    _assumed("ssm", 10),
    _assumed("appsync", 15),
    _assumed("cloudfront", 10),
    _assumed("ecr", 30),
    _assumed("account", 1),
    _assumed("s3control", 5),
    _assumed("config", 5),
    _assumed("securityhub", 5),
)

GLOBAL_SERVICES = frozenset({"iam", "cloudfront", "account"})
"""Services whose quota is the account's, whatever region we call from."""


class TokenBucket:
    """Let through `per_s` takers a second and `burst` at once; thread-safe."""

    def __init__(
        self,
        per_s: float,
        burst: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._per_s = per_s
        self._burst = max(1.0, burst)
        self._tokens = self._burst
        self._filled_at = monotonic()
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()

    def take(self, *, until: float) -> bool:
        """Wait for a token; False (and none taken) when it would come after `until`."""
        with self._lock:
            now = self._monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._per_s)
            self._filled_at = now
            wait_s = max(0.0, (1 - self._tokens) / self._per_s)
            if now + wait_s > until:
                return False
            self._tokens -= 1  # a debt: the next taker waits behind this one
        if wait_s:
            self._sleep(wait_s)
        return True


@dataclass(frozen=True, slots=True)
class Quotas:
    """Which share of the documented quotas may be used; `share=None` lifts them."""

    share: float | None = SHARE
    rows: tuple[Quota, ...] = QUOTAS

    @staticmethod
    def unlimited() -> "Quotas":
        """Return no limits, for an endpoint on this machine."""
        return Quotas(share=None)

    def quota_of(self, service: str, operation: str) -> Quota | None:
        """Return the row that limits an operation, the most specific first."""
        rows = [row for row in self.rows if row.service == service]
        named = [row for row in rows if operation in row.operations]
        return next(iter(named or [row for row in rows if not row.operations]), None)

    def bucket(self, quota: Quota) -> TokenBucket | None:
        """Return a full bucket for one quota, None when unlimited."""
        if self.share is None:
            return None
        return TokenBucket(quota.per_s * self.share, (quota.burst or quota.per_s) * self.share)

    def duration_s(self, api_calls: Mapping[str, int]) -> float:
        """Estimate how long so many calls of one region take at our share, services side by side."""
        if self.share is None:
            return 0.0
        calls: dict[Quota, int] = {}
        for call, count in api_calls.items():
            quota = self.quota_of(*call.split(":", 1))
            if quota is not None:
                calls[quota] = calls.get(quota, 0) + count
        return max((n / (quota.per_s * self.share) for quota, n in calls.items()), default=0.0)
