"""How much a resource is called, in words: whether somebody would miss it if a fix cut them off."""

import math

from core.types import Assessment

CALLS = "calls_per_day"
"""The feature that counts calls, from two weeks of metrics; it is not a number where none were read."""


def told(assessment: Assessment) -> str:
    """Say how often a resource is called; empty where that was not counted.

    Metrics count and do not name: who it was stands in access logs only.
    """
    known = assessment.explanation.contributions
    said = (each.value for each in known if each.feature == CALLS)
    calls = next(said, assessment.features.get(CALLS, math.nan))
    if math.isnan(calls):
        return ""
    if calls == 0:
        return "nobody, as far as its metrics of two weeks tell"
    often = f"{calls:,.0f} times" if calls >= 1 else "less than once"
    return f"it is called {often} a day; its metrics do not say by whom"
