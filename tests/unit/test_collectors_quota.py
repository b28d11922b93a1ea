"""At most a third of each quota: the bucket, the table and the estimate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.quota import QUOTAS, SHARE, Quotas, TokenBucket
from collectors.registry import declared_calls


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def bucket(per_s: float, burst: float) -> tuple[TokenBucket, Time]:
    time = Time()
    return TokenBucket(per_s, burst, monotonic=time.monotonic, sleep=time.sleep), time


@given(st.floats(0.5, 100), st.floats(1, 50), st.integers(1, 200))
def test_never_more_than_the_burst_and_the_rate_get_through(
    per_s: float, burst: float, takers: int
) -> None:
    limit, time = bucket(per_s, burst)
    for _ in range(takers):
        assert limit.take(until=1e9)
    assert takers <= burst + per_s * time.now + 1e-6 * takers


def test_a_taker_whose_turn_comes_too_late_is_refused_and_takes_nothing() -> None:
    limit, time = bucket(1.0, 1.0)
    assert limit.take(until=10)
    assert not limit.take(until=0.5)
    assert time.now == 0.0
    assert limit.take(until=1.0)


def test_every_call_we_make_has_a_quota() -> None:
    for call in declared_calls():
        assert Quotas().quota_of(*call.split(":", 1)), call


def test_every_quota_names_its_source_and_its_date() -> None:
    for each in QUOTAS:
        assert each.source
        assert each.as_of.year >= 2026
        assert each.documented == each.source.startswith("https://docs.aws.amazon.com/")


def test_the_most_specific_quota_counts() -> None:
    rest = Quotas().quota_of("apigateway", "GetResources")
    assert rest is not None
    assert rest.per_s == 2.5
    other = Quotas().quota_of("apigateway", "GetStages")
    assert other is not None
    assert other.per_s == 10


def test_a_third_of_the_quota_is_used_and_none_on_this_machine() -> None:
    quota = Quotas().quota_of("lambda", "GetPolicy")
    assert quota is not None
    assert Quotas.unlimited().bucket(quota) is None
    assert Quotas().duration_s({"lambda:GetPolicy": 1000}) == pytest.approx(1000 / (15 * SHARE))
    assert Quotas.unlimited().duration_s({"lambda:GetPolicy": 1000}) == 0.0
