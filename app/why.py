"""The answer to "Why?": the rule, the evidence, the arithmetic, and what would lower it."""

from collections.abc import Callable, Iterator

from core.types import Assessment, Card, CostImpact, Finding

Advise = Callable[[Finding], str]
"""Returns the change to make by hand: a sentence, and code on the lines after it."""


def why(card: Card, *, advise: Advise) -> tuple[str, ...]:
    """Return the explanation of a finding, one line a thought; the last may go on with code."""
    told = tuple(map(_one_line, _lines(card)))
    if not card.no_fix_reason:
        return told
    return (*told, f"{card.no_fix_reason} {advise(card.finding)}".rstrip())


def _one_line(line: str) -> str:
    # what stands after a line's end is taken for code, and evidence comes from outside
    indentation = len(line) - len(line.lstrip(" "))
    return " " * indentation + " ".join(line.split())


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
    import explain

    yield f"Risk: {explain.arithmetic(assessed)}."
    yield explain.standing(assessed)
    doubt = explain.doubt(assessed)
    if doubt:
        yield doubt
    changes = explain.would_lower(assessed)
    if changes:
        yield f"What would lower it: {changes}."
    if assessed.explanation.comparison:
        yield assessed.explanation.comparison


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
