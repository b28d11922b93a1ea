"""The answer to "Why?": the rule, the evidence, the arithmetic, and what would lower it."""

from collections.abc import Iterator

from core.types import Assessment, Card, CostImpact


def why(card: Card) -> tuple[str, ...]:
    """Return the explanation of a finding, one line a thought."""
    return tuple(_lines(card))


def _lines(card: Card) -> Iterator[str]:
    finding = card.finding
    yield f"{finding.severity.value.capitalize()} by rule {finding.check_id}: {finding.title}."
    yield f"Found: {finding.evidence.message}"
    for name, value in finding.evidence.facts.items():
        yield f"  {name} = {value}"
    if card.not_checked:
        yield f"Not checked: {'; '.join(card.not_checked)}."
    if card.assessment:
        yield from _assessment_lines(card.assessment)
        yield cost_line(card.assessment.cost)


def _assessment_lines(assessed: Assessment) -> Iterator[str]:
    explanation = assessed.explanation
    ordered = sorted(explanation.contributions, key=lambda each: -abs(each.shap_value))
    shown = [each for each in ordered if abs(each.shap_value) >= 0.05]
    rest = explanation.raw_score - explanation.base_value - sum(each.shap_value for each in shown)
    terms = ", ".join(f"{each.sentence} {each.shap_value:+.2f}" for each in shown)
    what = "prior, not a probability" if assessed.probability is None else "calibrated"
    yield (
        f"Risk {assessed.risk:.0f} of 100 ({what}): base {explanation.base_value:+.2f}, {terms}, "
        f"all else {rest:+.2f} = {explanation.raw_score:+.2f} (log-odds)."
    )
    if assessed.abstained:
        yield "The model has seen too little like this and abstains; the rule's severity stands."
    changes = "; ".join(
        f"{each.change}: {assessed.risk:.0f} -> {each.risk_after:.0f}"
        for each in explanation.counterfactuals[:3]
    )
    if changes:
        yield f"What would lower it: {changes}."
    if explanation.comparison:
        yield explanation.comparison


def cost_line(impact: CostImpact) -> str:
    """Say what the resource costs and what the fix adds."""
    if impact.monthly is None:
        runs = impact.note or "Cost not known."
    else:
        runs = f"Costs {impact.monthly:.2f} {impact.currency} a month ({impact.basis.value})."
    if impact.fix_monthly_delta is None:
        fix = "What the fix adds is not known."
    elif impact.fix_monthly_delta == 0:
        fix = "The fix adds nothing."
    else:
        fix = f"The fix adds {impact.fix_monthly_delta:.2f} {impact.currency} a month (estimated)."
    return f"{runs} {fix}"
