"""Spreads of the features that no fact speaks of, for the prior's rows.

They decide nothing there. They are drawn, over the range that estates show, so that a row of the
prior cannot be told from a real one by what is missing.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def without_fact(
    rng: np.random.Generator, *, computes: Mask, has_role: Mask
) -> Mapping[str, Array]:
    """Draw those features; `computes` marks functions, `has_role` rows with an identity."""
    n = len(computes)
    return {**_of_role(rng, has_role), **_of_function(rng, computes), **_of_place(rng, n)}


def _of_role(rng: np.random.Generator, has_role: Mask) -> Mapping[str, Array]:
    n = len(has_role)
    drawn = {
        "granted_actions": rng.poisson(6.0, n),
        "unscoped_grants": rng.poisson(0.8, n),
        "conditional_grants": np.where(rng.random(n) < 0.8, 0.0, np.round(rng.random(n), 2)),
        "denies": rng.poisson(0.1, n),
        "unbounded": rng.random(n) < 0.9,
        "destructive_actions": rng.poisson(0.7, n),
        "role_sharers": np.where(rng.random(n) < 0.6, 0, rng.poisson(3.0, n)),
    }
    return {name: np.where(has_role, values, np.nan) for name, values in drawn.items()}


def _of_function(rng: np.random.Generator, computes: Mask) -> Mapping[str, Array]:
    n = len(computes)
    functions = {
        "environment_variables": rng.poisson(4.0, n),
        "layers": rng.poisson(0.5, n),
        "foreign_layers": rng.poisson(0.2, n),
        "timeout_s": rng.choice([3.0, 10.0, 30.0, 60.0, 300.0, 900.0], n),
        "memory_mb": rng.choice([128.0, 256.0, 512.0, 1024.0, 3008.0], n),
        "unlimited_calls": rng.random(n) < 0.9,
        "container_image": rng.random(n) < 0.1,
        "drops_failures": rng.random(n) < 0.7,
        "in_vpc": rng.random(n) < 0.2,
        "failing_calls": np.where(rng.random(n) < 0.5, 0.0, np.round(rng.beta(0.5, 20.0, n), 4)),
    }
    stores = {"unrecoverable": rng.random(n) < 0.6, "deletable": rng.random(n) < 0.8}
    origins = np.where(rng.random(n) < 0.3, rng.random(n) < 0.3, np.nan)
    return {
        **{name: np.where(computes, values, np.nan) for name, values in functions.items()},
        **{name: np.where(computes, np.nan, values) for name, values in stores.items()},
        "any_origin": origins,
    }


def _of_change(rng: np.random.Generator, n: int) -> Mapping[str, Array]:
    watched = rng.random(n)  # 30 days, 90 days, or for a shorter time
    month = rng.poisson(0.7, n)
    return {
        "changes_30d": np.where(watched < 0.6, month, np.nan),
        "changes_90d": np.where(watched < 0.4, month + rng.poisson(1.3, n), np.nan),
    }


def _of_place(rng: np.random.Generator, n: int) -> Mapping[str, Array]:
    drawn = {
        "controls": rng.poisson(3.0, n),
        "frameworks": rng.integers(0, 5, n),
        "places": rng.poisson(1.0, n),
        "tags": rng.poisson(3.0, n),
        "made_by_code": rng.random(n) < 0.6,
        "owner_resources": np.where(rng.random(n) < 0.6, 1 + rng.poisson(30.0, n), np.nan),
        "owner_findings": np.where(rng.random(n) < 0.6, 1 + rng.poisson(40.0, n), np.nan),
        "account_findings": np.round(rng.gamma(2.0, 0.8, n), 2),
        "region_share": np.round(rng.beta(2.0, 2.0, n), 2),
        "account_spread": np.round(rng.beta(1.0, 1.0, n), 2),
        "referrers": rng.poisson(1.5, n),
        "triggers": rng.poisson(0.8, n),
        "owner_cost_share": np.where(
            rng.random(n) < 0.4, np.round(rng.beta(0.5, 5.0, n), 3), np.nan
        ),
        **_of_change(rng, n),
        "fix_cost": np.where(rng.random(n) < 0.6, 0.0, np.round(rng.lognormal(0.0, 1.5, n), 2)),
    }
    return {name: np.asarray(values, dtype=np.float64) for name, values in drawn.items()}
