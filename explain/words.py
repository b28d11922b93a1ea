"""The words of an assessment, for a message."""

import math

from core.types import Assessment, Contribution, Counterfactual
from explain.feature import declared
from explain.model import OWN_LABELS_FOR_PROBABILITY

_MATTERS = 0.02  # log-odds; below it a reason would be noise


def reasons(assessment: Assessment, n: int = 3) -> tuple[str, ...]:
    """Return the n strongest reasons as sentences, those that raise the risk first.

    What lowers the risk is named as such. A value that is not known is no reason.
    """
    known = [
        c
        for c in assessment.explanation.contributions
        if c.sentence and abs(c.shap_value) >= _MATTERS
    ]
    rising = [c for c in known if c.shap_value > 0]
    falling = [c for c in known if c.shap_value < 0]
    return tuple([_sentence(c) for c in rising] + [f"Lowers it: {c.sentence}" for c in falling])[:n]


def _sentence(contribution: Contribution) -> str:
    text = contribution.sentence
    return text[:1].upper() + text[1:]


def phrase(contribution: Contribution) -> str:
    """Return what a contribution stands for, also where it is no reason: "age not known"."""
    if contribution.sentence:
        return contribution.sentence.partition(":")[0]
    feature = next((f for f in declared() if f.name == contribution.feature), None)
    if feature is None:
        return contribution.feature.replace("_", " ")
    if math.isnan(contribution.value):
        return f"{feature.label} not known"
    return feature.says(contribution.value)


def arithmetic(assessment: Assessment, n: int = 4) -> str:
    """Return the sum behind the score: "base -1.1, no authentication +1.9 = 2.5 (87 of 100)"."""
    explanation = assessment.explanation
    shown = explanation.contributions[:n]
    rest = sum(c.shap_value for c in explanation.contributions[n:])
    terms = [f"base {explanation.base_value:+.1f}"]
    terms += [f"{phrase(c)} {c.shap_value:+.1f}" for c in shown]
    if abs(rest) >= 0.05:
        terms.append(f"all else {rest:+.1f}")
    return f"{', '.join(terms)} = {explanation.raw_score:.1f} ({assessment.risk:.0f} of 100)"


def would_lower(assessment: Assessment, n: int = 3) -> tuple[str, ...]:
    """Return what would lower the risk, cheapest first: "attach an authorizer: 87 -> 34 (...)"."""
    return tuple(
        f"{c.change}: {assessment.risk:.0f} -> {c.risk_after:.0f} ({_asks(c)})"
        for c in assessment.explanation.counterfactuals[:n]
    )


_EFFORT = {1: "a setting", 2: "a change of policy", 3: "a migration"}


def _asks(change: Counterfactual) -> str:
    """Say what a change asks of people and of the bill."""
    effort = _EFFORT[change.effort]
    if change.monthly_delta is None:
        return effort
    if not change.monthly_delta:
        return f"{effort}, adds nothing to the bill"
    return f"{effort}, adds {change.monthly_delta:.2f} {change.currency} a month"


_OF_ATTACKERS = ("exploited_since", "actors")


def attackers(assessment: Assessment) -> tuple[str, ...]:
    """Return what is known of attackers as sentences, however little it weighs; empty where nothing is."""
    told = {c.feature: c for c in assessment.explanation.contributions if c.sentence}
    return tuple(_sentence(told[name]) for name in _OF_ATTACKERS if name in told)


def doubt(assessment: Assessment) -> str:
    """Return why the score is not to be relied on; empty where it is."""
    if not assessment.abstained:
        return ""
    if "exposure_level" not in assessment.features:
        return (
            "The model is unsure here: who can reach this is not known, and the risk hangs on it."
        )
    return "The model is unsure here: it has seen few findings like this one."


def standing(assessment: Assessment) -> str:
    """Return what kind of number the risk is."""
    if assessment.probability is None:
        return (
            "This score is a prior: it comes from documented knowledge, since the workspace has fewer "
            f"than {OWN_LABELS_FOR_PROBABILITY} decisions of its own."
        )
    return (
        f"Of findings scored like this, {100 * assessment.probability:.0f} % were judged real here."
    )
