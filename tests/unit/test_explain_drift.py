"""Drift: alike samples are quiet, moved ones are told, few rows say nothing."""

import numpy as np
import pytest

from explain.drift import Shift, psi, shifts

RANDOM = np.random.default_rng(8)
NAMES = ("one", "two")


def rows(n: int, *, shift: float = 0.0) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    values = RANDOM.normal(size=(n, 2))
    values[:, 1] += shift
    return values


def told(shift: float, *, n: int = 300, share: float = 0.5) -> tuple[Shift, ...]:
    real = (np.arange(n) % 2).astype(float), (np.arange(n) < share * n).astype(float)
    return shifts(rows(n), rows(n, shift=shift), names=NAMES, real=real)


def test_the_same_kind_of_rows_is_quiet() -> None:
    assert [told(0.0, n=n) for n in (100, 300, 3000)] == [(), (), ()]


def test_a_moved_feature_is_named_and_no_other() -> None:
    assert [each.name for each in told(1.5)] == ["two"]


def test_a_moved_share_of_real_is_named() -> None:
    assert [each.name for each in told(0.0, share=0.8)] == ["share called real"]


def test_few_rows_say_nothing() -> None:
    assert told(9.0, n=99) == ()


def test_what_became_unknown_has_moved() -> None:
    before, now = RANDOM.normal(size=300), RANDOM.normal(size=300)
    now[:200] = np.nan

    found, bound = psi(before, now)

    assert found > bound


def test_the_index_is_the_textbook_one() -> None:
    # 50/50 against 80/20: (0.3 ln 1.6) + (-0.3 ln 0.4) = 0.416, half a row in each bin aside
    before = np.repeat([0.0, 1.0], 50_000)
    now = np.repeat([0.0, 1.0], [80_000, 20_000])

    assert psi(before, now)[0] == pytest.approx(0.416, abs=1e-3)
