"""Simulated traffic: what CloudWatch would have counted of a function in some hours.

Nothing here was measured anywhere. The canary's tests and whoever tries it put such hours before and
after a change; whatever is concluded from them is called simulated.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

_PERIOD = timedelta(minutes=5)
_BATCH = 150  # CloudWatch takes 1,000 data points a call; smaller bodies parse faster in moto


@dataclass(frozen=True, slots=True)
class Traffic:
    """How a function fares: requests in five minutes, and which share of them fails.

    `of` are the dimensions beside the function's name: an alias, the version that was executed.
    """

    requests: int = 100
    errors: float = 0.005
    throttles: float = 0.0
    of: tuple[tuple[str, str], ...] = ()


def put_traffic(  # noqa: PLR0913 - a stretch of time of a function, keywords all
    client: Any, function: str, traffic: Traffic, *, start: datetime, hours: float, seed: int
) -> None:
    """Write simulated counts of a function for some hours, seeded."""
    made = random.Random(seed)  # noqa: S311 - invented traffic, not a secret
    data: list[dict[str, Any]] = []
    for slot in range(int(timedelta(hours=hours) / _PERIOD)):
        asked = made.randint(int(traffic.requests * 0.8), int(traffic.requests * 1.2))
        throttled = sum(made.random() < traffic.throttles for _ in range(asked))
        failed = sum(made.random() < traffic.errors for _ in range(asked - throttled))
        counts = {"Invocations": asked - throttled, "Errors": failed, "Throttles": throttled}
        at = start + slot * _PERIOD
        data += [
            _datum((("FunctionName", function), *traffic.of), name, count, at)
            for name, count in counts.items()
        ]
    for first in range(0, len(data), _BATCH):
        client.put_metric_data(Namespace="AWS/Lambda", MetricData=data[first : first + _BATCH])


def _datum(
    of: tuple[tuple[str, str], ...], metric: str, count: int, at: datetime
) -> dict[str, Any]:
    return {
        "MetricName": metric,
        "Value": float(count),
        "Unit": "Count",
        "Timestamp": at,
        "Dimensions": [{"Name": name, "Value": value} for name, value in of],
    }
