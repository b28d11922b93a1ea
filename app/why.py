"""The answer to "Why?": the rule, the evidence, the arithmetic, and what would lower it."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime

from app import evidence, precedent
from app.world import World
from core.types import Assessment, Card, CostImpact, Finding, Hop, Quote
from core.why import VERDICT_WORDS, Passage, Precedent, Why, sum_up

Advise = Callable[[Finding], str]
"""Returns the change to make by hand: a sentence, and code on the lines after it."""


def why(world: World, card: Card, *, now: datetime) -> Why:
    """Return the explanation of a finding, with the evidence as it stands in the store and in Git."""
    finding, assessed = card.finding, card.assessment
    passages, unwritten = evidence.passages(world, card)
    return Why(
        rule=f"{finding.severity.value.capitalize()} by rule {finding.check_id}: {finding.title}.",
        found=finding.evidence.message,
        read_at=finding.last_seen,
        facts=tuple(f"{name} = {value}" for name, value in finding.evidence.facts.items()),
        quotes=evidence.quotes(world, card),
        ways=finding.evidence.ways,
        passages=passages,
        unwritten=unwritten,
        not_checked="; ".join(card.not_checked),
        risk=tuple(_risk(assessed)) if assessed else (),
        lower=_lower(assessed),
        comparison=assessed.explanation.comparison if assessed else "",
        precedents=precedent.precedents(world, card, now=now),
        cost=cost_line(assessed.cost) if assessed else "",
        advice=advice(card, advise=world.advice),
    )


def advice(card: Card, *, advise: Advise) -> str:
    """Return why no fix can be reviewed and what to change by hand; empty where one can."""
    if not card.no_fix_reason or card.finding.evidence.ways:
        return ""  # a path is ended by the fix of something on it
    return f"{card.no_fix_reason} {advise(card.finding)}".rstrip()


def _lower(assessed: Assessment | None) -> tuple[str, ...]:
    import explain

    return explain.would_lower(assessed) if assessed else ()


def _risk(assessed: Assessment) -> Iterator[str]:
    import explain

    yield f"{explain.arithmetic(assessed)}."
    yield explain.standing(assessed)
    doubt = explain.doubt(assessed)
    if doubt:
        yield doubt
    yield from (f"{sentence}." for sentence in explain.attackers(assessed))


def lines(told: Why) -> tuple[str, ...]:
    """Return an explanation as text, one line a thought; the last may go on with code."""
    said = tuple(map(_one_line, _lines(told)))
    return (*said, told.advice) if told.advice else said


def _one_line(line: str) -> str:
    # what stands after a line's end is taken for code, and evidence comes from outside
    indentation = len(line) - len(line.lstrip(" "))
    return " " * indentation + " ".join(line.split())


def _lines(told: Why) -> Iterator[str]:
    yield told.rule
    yield f"Found: {told.found}"
    yield from (f"  {fact}" for fact in told.facts)
    yield from _evidence_lines(told)
    if told.not_checked:
        yield f"Not checked: {told.not_checked}."
    for number, line in enumerate(told.risk):
        yield line if number else f"Risk: {line}"
    if told.lower:
        yield f"What would lower it: {'; '.join(told.lower)}."
    if told.comparison:
        yield f"{told.comparison}."
    yield f"Decided before: {_sentence(sum_up(told.precedents))}"
    yield from (f"  {_precedent(each)}" for each in told.precedents)
    if told.cost:
        yield told.cost


def _evidence_lines(told: Why) -> Iterator[str]:
    for whose, each in told.quotes:
        yield f"Read: {_place(whose, each)}: {as_json(each)}"
    for step, hop in enumerate(told.ways[0] if told.ways else (), start=1):
        yield f"Step {step}: {_hop(hop)}"
        yield from (f"  {each.where}: {as_json(each)}" for each in hop.quotes)
    for passage in told.passages:
        yield f"Declared: {_declared(passage)}"
        yield from (f"  {number} | {line.strip()}" for number, line in numbered(passage))
    if told.unwritten:
        yield f"Declared: {told.unwritten}"


def _place(whose: str, each: Quote) -> str:
    return f"{each.where} of {whose}" if each.where else whose


def _hop(hop: Hop) -> str:
    doubt = "" if hop.certain else " (not certain)"
    cut = " [cheapest cut]" if hop.is_cut else ""
    return f"{hop.source.name} {hop.kind} {hop.target.name}: {hop.why}{doubt}{cut}"


def as_json(each: Quote) -> str:
    """Return a quote as one line of JSON."""
    return json.dumps(each.value, ensure_ascii=False)


def _declared(passage: Passage) -> str:
    lines_ = (
        f"line {passage.start_line}"
        if passage.start_line == passage.end_line
        else f"lines {passage.start_line} to {passage.end_line}"
    )
    missing = "" if passage.is_written else " (the setting is not written there)"
    at = f" {passage.url}" if passage.url else ""
    return f"{passage.about}: {passage.repository}/{passage.path}, {lines_}{missing}{at}"


def numbered(passage: Passage) -> Iterator[tuple[int, str]]:
    """Yield the lines of a passage with their numbers."""
    yield from enumerate(passage.lines, start=passage.start_line)


def _precedent(each: Precedent) -> str:
    age = f" on {each.decided_at:%Y-%m-%d}"
    reason = f": {each.reason}" if each.reason else ""
    alike = ", ".join(each.alike)
    return f"{VERDICT_WORDS[each.verdict]}{age}, {each.resource_name} ({alike}){reason}"


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


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
