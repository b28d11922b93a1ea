"""How sure a share is that was counted on few."""

import math

_Z95 = 1.959964  # standard normal, two-sided 95 %


def wilson(hits: float, n: float, *, z: float = _Z95) -> tuple[float, float]:
    """Return the score interval of `hits` in `n`; (0, 1) where nothing was counted.

    Source: Wilson, Probable inference, the law of succession, and statistical inference,
    JASA 22 (1927). It keeps within 0 and 1 and holds its level on few counts.
    """
    if n <= 0:
        return 0.0, 1.0
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    # The bounds meet 0 and 1 exactly in theory and by a rounding error less in practice.
    return min(max(middle - half, 0.0), share), max(min(middle + half, 1.0), share)


def clopper_pearson(hits: float, n: float, *, tail: float) -> tuple[float, float]:
    """Return the exact interval of `hits` in `n`, with this probability left out on either side.

    `n` may be an effective number that is no integer, as after weighting. Source: Clopper and
    Pearson, The use of confidence or fiducial limits, Biometrika 26 (1934), by the quantiles of the
    beta distribution.
    """
    if n <= 0:
        return 0.0, 1.0
    low = _beta_quantile(tail, hits, n - hits + 1) if hits > 0 else 0.0
    high = _beta_quantile(1 - tail, hits + 1, n - hits) if hits < n else 1.0
    return low, high


_HALVINGS = 60  # each gives one binary digit


def _beta_quantile(p: float, a: float, b: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _beta_below(middle, a, b) < p else (low, middle)
    return (low + high) / 2


def _beta_below(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function (DLMF 8.17.22, where the fraction is quick)."""
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_below(1 - x, b, a)
    if x <= 0:
        return 0.0
    log = a * math.log(x) + b * math.log1p(-x) - math.log(a)
    log += math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return math.exp(log) / _fraction(x, a, b)


_TERMS, _TINY, _CLOSE = 1000, 1e-300, 1e-14


def _fraction(x: float, a: float, b: float) -> float:
    """Return 1 + d1 / (1 + d2 / (1 + ...)) from its front (Lentz, Applied Optics 15, 1976)."""
    value, c, d = 1.0, 1.0, 0.0
    for n in range(1, _TERMS):
        m = n // 2
        if n % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / ((1 + term * d) or _TINY)
        c = (1 + term / c) or _TINY
        value *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return value
