"""Pictures of a model: how its probabilities hold, what it saves, and what moves the estate's risk.

Colours are those of Okabe and Ito, and viridis, told apart with any kind of colour vision; lines
differ in their dashes too.
"""

import io
import threading
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.types import Assessment, Curves
from explain.feature import declared

_INK, _GREY = "#1a1a1a", "#8a8f94"
_MODEL, _IN_FORCE, _SEVERITY = "#0072B2", "#009E73", "#D55E00"
_DOTS_PER_INCH = 130
_FEATURES_SHOWN = 12
FINDINGS_MAX = 3000
"""Dots of the beeswarm; the riskiest findings are drawn where there are more."""
NO_DECISIONS = "Prior only: too few decisions were held out to measure this."
_drawing = threading.Lock()  # pyplot keeps one current figure for the whole process


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG and the same in words. Without `png`, `alt` says why there is nothing to draw."""

    name: str
    png: bytes
    alt: str


def calibration(curves: Curves | None, *, version: str) -> Picture:
    """Draw what came true of what was predicted, with counts and 95 % intervals."""
    if curves is None:
        return Picture("calibration", b"", NO_DECISIONS)

    def draw(plt: Any) -> None:
        bins = curves.reliability
        x = np.array([100 * each.predicted for each in bins])
        y = np.array([100 * each.real / each.decisions for each in bins])
        low = y - [100 * each.low for each in bins]
        high = [100 * each.high for each in bins] - y
        axes = _axes(plt, f"Are its probabilities right? {version}")
        axes.plot([0, 100], [0, 100], color=_GREY, linestyle="--", label="perfectly calibrated")
        axes.errorbar(
            x,
            y,
            yerr=[np.maximum(low, 0), np.maximum(high, 0)],
            color=_MODEL,
            marker="o",
            linestyle="none",
            capsize=4,
            elinewidth=1.8,
            label="this model, with 95 % intervals",
        )
        for each, at_x, at_y in zip(bins, x, y, strict=True):
            axes.annotate(
                f"{each.real} of {each.decisions}",
                (at_x, at_y),
                xytext=(7, -13),
                textcoords="offset points",
                fontsize=8.5,
                color=_INK,
                bbox={"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none"},
            )
        axes.set_xlabel("predicted: % that people call real")
        axes.set_ylabel("came true: % that people called real")
        axes.set_xlim(-3, 107)
        axes.set_ylim(-3, 103)
        axes.legend(loc="upper left", frameon=False)

    said = "; ".join(
        f"{100 * each.predicted:.0f} % predicted, {each.real} of {each.decisions} real "
        f"({100 * each.low:.0f} to {100 * each.high:.0f} %)"
        for each in curves.reliability
    )
    alt = f"Calibration on {curves.decisions} held-out decisions, with 95 % intervals: {said}."
    return _picture("calibration", draw, alt, size=(8.2, 6.0))


def effort(curves: Curves | None, *, version: str) -> Picture:
    """Draw what share of the real ones is found by looking at a share of the findings, riskiest first."""
    if curves is None:
        return Picture("effort", b"", NO_DECISIONS)

    def draw(plt: Any) -> None:
        axes = _axes(plt, f"What is found by looking at the riskiest first? {version}")
        looked = [100 * each for each in curves.effort]
        lines = (
            (curves.found, _MODEL, "-", "this model"),
            (curves.found_in_force, _IN_FORCE, "-.", "the model it was compared with"),
            (curves.found_by_severity, _SEVERITY, ":", "severity only"),
            (curves.effort, _GREY, "--", "random order"),
        )
        for found, colour, style, words in lines:
            axes.plot(
                looked,
                [100 * each for each in found],
                color=colour,
                linestyle=style,
                linewidth=2.2,
                label=words,
            )
        axes.set_xlabel("% of findings looked at, riskiest first")
        axes.set_ylabel("% of the real ones found")
        axes.set_xlim(0, 100)
        axes.set_ylim(0, 102)
        axes.legend(loc="lower right", frameon=False)

    at = (10, 20, 50)
    rows = [
        f"looking at {share} % finds {_at(curves.found, share)} %, by severity "
        f"{_at(curves.found_by_severity, share)} %, at random {share} %"
        for share in at
    ]
    alt = f"Effort on {curves.decisions} held-out decisions, {curves.real} real: {'; '.join(rows)}."
    return _picture("effort", draw, alt, size=(8.2, 5.4))


def _at(found: Sequence[float], share: int) -> str:
    return f"{100 * float(np.interp(share / 100, np.linspace(0, 1, len(found)), found)):.0f}"


def beeswarm(assessments: Sequence[Assessment], *, version: str) -> Picture:
    """Draw what moves the risk across the estate: a dot for each finding and feature."""
    shown = sorted(assessments, key=lambda each: -each.risk)[:FINDINGS_MAX]
    if not shown:
        return Picture("beeswarm", b"", "No finding is open, so there is nothing to draw.")
    labels = {each.name: each.label for each in declared()}
    names = [n for n in labels if any(n == c.feature for a in shown for c in _of(a))]
    place = {name: column for column, name in enumerate(names)}
    shares = np.zeros((len(shown), len(names)))
    values = np.full((len(shown), len(names)), np.nan)
    for row, each in enumerate(shown):
        for name, value in each.features.items():
            if name in place:
                values[row, place[name]] = value
        for part in _of(each):
            if part.feature in place:
                shares[row, place[part.feature]] = part.shap_value
                values[row, place[part.feature]] = part.value
    strength = np.abs(shares).mean(axis=0)
    top = np.argsort(-strength, kind="stable")[:_FEATURES_SHOWN]

    def draw(plt: Any) -> None:
        _swarm(plt, shares[:, top], values[:, top], [labels[names[i]] for i in top])
        figure = plt.gcf()
        figure.set_size_inches(9.4, 0.44 * len(top) + 2.0)
        axes = figure.axes[0]
        axes.set_xlabel(
            "log-odds: to the right raises the risk, to the left lowers it", fontsize=11
        )
        axes.set_title(
            f"What moves the risk here: {len(shown):,} open findings, a dot each. {version}",
            fontsize=12,
            loc="left",
            x=-0.42,
        )

    said = "; ".join(
        f"{labels[names[i]]} {strength[i]:.2f} on average, {shares[:, i].min():+.2f} to "
        f"{shares[:, i].max():+.2f}"
        for i in top
    )
    alt = f"What moves the risk of {len(shown):,} open findings, in log-odds, strongest first: {said}."
    return _picture("beeswarm", draw, alt, size=(9.4, 6.0))


def _of(assessment: Assessment) -> Sequence[Any]:
    return assessment.explanation.contributions


def _swarm(plt: Any, shares: Any, values: Any, names: Sequence[str]) -> None:
    with warnings.catch_warnings():
        # shap 0.50 calls set_bad while it is imported, which matplotlib 3.11 means to deprecate.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        import shap
    shown = shap.Explanation(values=shares, data=values, feature_names=list(names))
    with warnings.catch_warnings():
        # of a feature that no finding's resource has, all values are missing: it is drawn in grey
        warnings.filterwarnings("ignore", "All-NaN slice encountered", RuntimeWarning)
        shap.plots.beeswarm(
            shown,
            max_display=len(names),
            order=np.arange(len(names)),
            color=plt.get_cmap("viridis"),
            color_bar_label="Value of the feature (grey: not known)",
            group_remaining_features=False,
            show=False,
        )


def _axes(plt: Any, title: str) -> Any:
    axes = plt.gcf().add_subplot()
    axes.set_title(title, fontsize=13, loc="left", color=_INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#e4e4e4", linewidth=0.8)
    axes.set_axisbelow(True)
    return axes


def _picture(
    name: str, draw: Callable[[Any], None], alt: str, *, size: tuple[float, float]
) -> Picture:
    with _drawing:
        import matplotlib as mpl

        mpl.use("Agg")
        import matplotlib.pyplot as plt

        figure = plt.figure(figsize=size)
        try:
            draw(plt)
            out = io.BytesIO()
            figure.savefig(
                out,
                format="png",
                dpi=_DOTS_PER_INCH,
                bbox_inches="tight",
                pad_inches=0.25,
                metadata={"Description": alt},
            )
            return Picture(name, out.getvalue(), alt)
        finally:
            plt.close(figure)
