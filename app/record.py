"""Records as the command line prints them; other people's programs rely on these names."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.store.codec import to_plain
from core.types import Card, Charge, CostImpact, Exemption, FixPlan, Gap, SourceSpan, Withheld
from core.why import Precedent, Why, sum_up

if TYPE_CHECKING:
    from remediation.preference_words import Known


def finding(card: Card) -> dict[str, Any]:
    """Return a finding with its assessment, flat."""
    found, assessed = card.finding, card.assessment
    record: dict[str, Any] = {
        "uid": found.uid,
        "check_id": found.check_id,
        "control": found.control,
        "references": list(found.references),
        "resource_uid": found.resource_uid,
        "resource_type": found.resource_type,
        "resource_name": found.resource_name,
        "region": found.region,
        "account": found.account,
        "owner": found.owner,
        "title": found.title,
        "severity": found.severity.value,
        "status": found.status.value,
        "hygiene": found.hygiene,
        "confidence": found.confidence,
        "compliance": [
            f"{framework} {control}"
            for framework, controls in sorted(found.compliance.items())
            for control in controls
        ],
        "evidence": to_plain(found.evidence),
        "cuts": to_plain(card.cuts),
        "first_seen": found.first_seen.isoformat() if found.first_seen else None,
        "last_seen": found.last_seen.isoformat() if found.last_seen else None,
        "policy_commit": found.policy_commit,
        "exception": exemption(found.exemption),
        "held_back": withheld(card.withheld),
        "source": source(found.source),
    }
    if assessed:
        explanation = assessed.explanation
        record |= {
            "risk": round(assessed.risk, 2),
            "probability": assessed.probability,
            "raw_score": explanation.raw_score,
            "base_value": explanation.base_value,
            "contributions": [
                {
                    "feature": each.feature,
                    "value": None if math.isnan(each.value) else each.value,
                    "shap_value": each.shap_value,
                }
                for each in explanation.contributions
            ],
            "abstained": assessed.abstained,
            "model_version": assessed.model_version,
            "cost": cost(assessed.cost),
        }
    return record


def explanation(card: Card, told: Why) -> dict[str, Any]:
    """Return a finding with the evidence, what would lower its risk and what was decided before."""
    return {
        **finding(card),
        "quotes": [{"of": whose, **to_plain(each)} for whose, each in told.quotes],
        "passages": to_plain(told.passages),
        "not_declared": told.unwritten,
        "counterfactuals": to_plain(
            card.assessment.explanation.counterfactuals if card.assessment else ()
        ),
        "comparison": told.comparison,
        "precedents": [_precedent(each) for each in told.precedents],
        "precedents_in_words": sum_up(told.precedents),
    }


def _precedent(each: Precedent) -> dict[str, Any]:
    """Return an earlier decision without who made it."""
    plain: dict[str, Any] = to_plain(each)
    return {name: value for name, value in plain.items() if name != "person"}


def withheld(held: Withheld | None) -> dict[str, Any] | None:
    """Return by which model a finding is held back, and whether people are asked nonetheless."""
    if held is None:
        return None
    return {
        "since": held.since.isoformat(),
        "model": held.model_version,
        "threshold": held.threshold,
        "spot_check": held.drawn_at is not None,
    }


def exemption(each: Exemption | None) -> dict[str, Any] | None:
    """Return why a finding does not count, None where nobody wrote that down."""
    if each is None:
        return None
    return {
        "id": each.uid,
        "reason": each.reason,
        "owner": each.owner,
        "expires": each.until.isoformat() if each.until else None,
        "origin": each.origin,
    }


def source(span: SourceSpan | None) -> dict[str, Any] | None:
    """Return where a resource is declared, None for a live one."""
    if span is None:
        return None
    return {
        "file": span.file,
        "start_line": span.start_line,
        "end_line": span.end_line,
        "address": span.address,
    }


def cost(impact: CostImpact) -> dict[str, Any]:
    """Return a cost; None stands for not known."""
    delta = impact.fix_monthly_delta
    return {
        "monthly": None if impact.monthly is None else float(impact.monthly),
        "fix_monthly_delta": None if delta is None else float(delta),
        "currency": impact.currency,
        "basis": impact.basis.value,
        "note": impact.note,
    }


def charge(line: Charge) -> dict[str, Any]:
    """Return one priced line."""
    return {
        "resource": line.resource,
        "component": line.component,
        "unit": line.unit,
        "quantity": float(line.quantity),
        "unit_price": float(line.unit_price),
        "monthly_cost": float(line.monthly_cost),
        "currency": line.currency,
        "basis": line.basis.value,
        "source": line.source,
    }


def gap(each: Gap) -> dict[str, Any]:
    """Return something that could not be read or decided."""
    plain: dict[str, Any] = to_plain(each)
    return plain


def plan(each: FixPlan) -> dict[str, Any]:
    """Return a planned change with what was proved of it."""
    return {
        "check_id": each.check_id,
        "source": source(each.source),
        "digest": each.digest,
        "summary": each.summary,
        "alternative": each.alternative,
        "diff": each.diff,
        "proofs": to_plain(each.proofs),
        "may_break": list(each.may_break),
        "cost_delta": None if each.cost_delta is None else float(each.cost_delta),
    }


def fix_order(each: "Known") -> dict[str, Any]:
    """Return what was learned of the fixes of one check, for one team in one environment."""
    return {
        "check_id": each.check_id,
        "team": each.place.team,
        "environment": each.place.environment,
        "fixes": [
            {
                "alternative": name,
                "chosen": times.chosen,
                "answered": times.of,
                "goes_first": each.goes_first[name],
                "held_back": name in each.held_back,
            }
            for name, times in each.chosen.items()
        ],
    }


def scan_document(
    cards: Sequence[Card], gaps: Iterable[Gap], summary: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the one object that `scan` and `check` print as JSON.

    Its findings are made one by one, as they are written: thousands of them take much memory.
    """
    return {
        "findings": (finding(card) for card in cards),
        "gaps": [gap(each) for each in gaps],
        "summary": dict(summary),
    }
