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
