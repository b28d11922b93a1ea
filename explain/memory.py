"""What a model remembers of past decisions, by what findings have in common."""

import math
from collections.abc import Mapping, Sequence

Memory = Mapping[str, Mapping[str, float]]
"""Effects in log-odds, by group ("owner and check") and by value."""

REMEMBERED: Mapping[str, tuple[str, ...]] = {
    "judged_check": ("check", "type"),
    "judged_owner": ("owner", "owner and check", "owner and type"),
    "judged_alike": ("resource", "name", "word", "tag"),
}
"""Which groups of effects each feature of past decisions adds up."""


def remembered(effects: Memory, keys: Sequence[tuple[str, str]], feature: str) -> float:
    """Return what past decisions on look-alikes add, in log-odds; NaN where there were none."""
    groups = REMEMBERED[feature]
    found = [effects[g][k] for g, k in keys if g in groups and k in effects.get(g, {})]
    return float(sum(found)) if found else math.nan
