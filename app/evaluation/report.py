"""The figures over all seeds, for people and for programs; everything in them is simulated."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from app.evaluation.figure import Figures, Interval, interval
from app.evaluation.run import CEILING, OURS, Company, Plan

PUBLISHED = (
    "Published by others, on other data: 54 % of false positives suppressed at 95.1 % detection "
    "(Gelman et al., arXiv 2302.06648, alerts of a security operations centre)."
)
TARGETS = {"suppressed": 0.7, "recall": 0.97, "calibration_error": 0.03, "adversarial_recall": 0.94}
_NAMES = tuple(each.name for each in fields(Figures))
_COLUMNS = ("ranked", "suppressed", "recall", "calibration error", "by chance alone")


def as_record(plan: Plan, companies: Sequence[Company]) -> dict[str, Any]:
    """Return everything as plain values, with each seed's own figures."""
    summary = {
        "simulated": True,
        "published": PUBLISHED,
        "targets": TARGETS,
        "share_of_ceiling": _share(companies),
    }
    return {
        "evaluations": [_plain(asdict(company)) for company in companies],
        "rankers": _intervals(companies, lambda each: each.rankers),
        "adversarial": _intervals(companies, lambda each: each.adversarial),
        "curve": _intervals(companies, _curve(plan)),
        "ablations": _intervals(companies, lambda each: each.ablations),
        "gaps": [],
        "summary": summary,
    }


def _curve(plan: Plan) -> Callable[[Company], Mapping[str, Figures]]:
    def of(company: Company) -> Mapping[str, Figures]:
        known = {**company.curve, plan.labels: company.rankers[OURS]}
        return {f"{n} labels": known[n] for n in sorted(known)}

    return of


def _intervals(
    companies: Sequence[Company], of: Callable[[Company], Mapping[str, Figures]]
) -> dict[str, dict[str, Any]]:
    out = {}
    for name in of(companies[0]):
        measured = [of(company)[name] for company in companies]
        out[name] = {
            figure: _plain(asdict(interval([getattr(each, figure) for each in measured])))
            for figure in _NAMES
        }
    return out


def _share(companies: Sequence[Company]) -> dict[str, Any]:
    """Return how much of the ceiling's suppression ours reaches, company by company."""
    shares = [c.rankers[OURS].ranked / c.rankers[CEILING].ranked for c in companies]
    found: dict[str, Any] = _plain(asdict(interval(shares)))
    return found


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold: what is not a number becomes null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return round(value, 4) if isinstance(value, float) else value


def lines(plan: Plan, companies: Sequence[Company]) -> list[str]:
    """Return the report as Markdown."""
    n = len(companies)
    judged = sum(c.judged for c in companies)
    mean = {
        name: sum(getattr(c, name) for c in companies) / n
        for name in ("real_share", "wrong_labels", "wrong_adversarial")
    }
    share = interval([c.rankers[OURS].ranked / c.rankers[CEILING].ranked for c in companies])
    about = (
        f"Simulated: {n} companies, {judged:,} findings on resources that nobody labelled, "
        f"{100 * mean['real_share']:.0f} % of them worth fixing; {100 * mean['wrong_labels']:.0f} % of the "
        f"labels wrong, {100 * mean['wrong_adversarial']:.0f} % with adversaries. Means over seeds with 95 % "
        "confidence intervals (Student's t)."
    )
    return [
        about,
        "",
        *_table(f"after {plan.labels} labels", companies, lambda c: c.rankers),
        "",
        *_table(f"after {plan.labels} labels, 20 % by adversaries", companies, lambda c: c.adversarial),
        "",
        *_table("learning curve of plumbline", companies, _curve(plan)),
        *(["", *_table("ablations", companies, lambda c: c.ablations)] if plan.ablate else []),
        "",
        f"Share of the ceiling's suppression that plumbline's ranking reaches: {_told(share)}.",
        PUBLISHED,
    ]  # fmt: skip


def _table(
    title: str, companies: Sequence[Company], of: Callable[[Company], Mapping[str, Figures]]
) -> list[str]:
    out = [f"| {title} | {' | '.join(_COLUMNS)} |", "|---|" + "---|" * len(_COLUMNS)]
    for name in of(companies[0]):
        measured = [of(company)[name] for company in companies]
        cells = [_told(interval([getattr(m, figure) for m in measured])) for figure in _NAMES]
        out.append(f"| {name} | {' | '.join(cells)} |")
    return out


def _told(found: Interval) -> str:
    if math.isnan(found.mean):
        return ""
    if not math.isfinite(found.low):
        return f"{found.mean:.3f}"
    return f"{found.mean:.3f} ({found.low:.3f} to {found.high:.3f})"
