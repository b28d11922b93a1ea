"""The waterfall picture of one finding's risk, and the same numbers in words."""

import io
import math
import textwrap
import threading
import warnings
from typing import Any

import numpy as np

from core.types import Assessment, Contribution
from explain.words import phrase

_SHOWN = 8  # rows; more cannot be read at the size Slack shows a picture
_WRAP = 36
_DOTS_PER_INCH = 130
_LEFT_OF_AXES = -0.4  # where the labels begin, in widths of the axes
_drawing = threading.Lock()  # pyplot keeps one current figure for the whole process


def waterfall(assessment: Assessment, *, title: str) -> bytes:
    """Draw how the contributions add up from the base value to the raw score; return a PNG.

    Axis in log-odds; red raises the risk, blue lowers it. Drawn by `shap.plots.waterfall` from the
    assessment's own contributions.
    """
    with _drawing:
        import matplotlib as mpl

        mpl.use("Agg")
        import matplotlib.pyplot as plt

        figure = plt.figure()
        try:
            _draw(assessment)
            return _finish(figure, assessment, title)
        finally:
            plt.close(figure)


def _draw(assessment: Assessment) -> None:
    shap = _shap()
    explanation = assessment.explanation
    contributions = explanation.contributions
    shap.plots.waterfall(
        shap.Explanation(
            values=np.array([c.shap_value for c in contributions]),
            base_values=explanation.base_value,
            feature_names=[_label(c) for c in contributions],
        ),
        max_display=_SHOWN,
        show=False,
    )


def _shap() -> Any:
    with warnings.catch_warnings():
        # shap 0.50 calls set_bad while it is imported, which matplotlib 3.11 means to deprecate.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        import shap
    return shap


def _label(contribution: Contribution) -> str:
    # A dollar sign would start TeX; what a name holds must not change how the picture is drawn.
    text = phrase(contribution).replace("$", r"\$")
    return "\n".join(textwrap.wrap(text[:1].upper() + text[1:], _WRAP))


def _finish(figure: Any, assessment: Assessment, title: str) -> bytes:
    axes = figure.axes[0]
    figure.set_size_inches(9.5, 0.62 * min(len(assessment.explanation.contributions), _SHOWN) + 1.9)
    for other in figure.axes[1:]:
        other.set_xticks([])
    axes.set_xlabel("log-odds: red raises the risk, blue lowers it", fontsize=11)
    heading = textwrap.fill(title.replace("$", r"\$"), 80)
    axes.set_title(f"{heading}\n{_sum(assessment)}", fontsize=12, loc="left", x=_LEFT_OF_AXES)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=_DOTS_PER_INCH, bbox_inches="tight", pad_inches=0.25)
    return out.getvalue()


def _sum(assessment: Assessment) -> str:
    explanation = assessment.explanation
    return (
        f"base {explanation.base_value:+.2f}, all contributions "
        f"{explanation.raw_score - explanation.base_value:+.2f} = {explanation.raw_score:.2f} log-odds; "
        f"risk {assessment.risk:.0f} of 100"
    )


def waterfall_alt(assessment: Assessment) -> str:
    """Return the picture's numbers as text, for those who cannot see it."""
    shown, rest = _rows(assessment)
    parts = [f"{phrase(c)} {c.shap_value:+.2f}" for c in shown]
    if rest:
        parts.append(f"{len(rest)} other features {math.fsum(c.shap_value for c in rest):+.2f}")
    explanation = assessment.explanation
    return (
        f"Waterfall of the risk in log-odds: base {explanation.base_value:+.2f}; {'; '.join(parts)}; "
        f"sum {explanation.raw_score:.2f}, risk {assessment.risk:.0f} of 100."
    )


def _rows(assessment: Assessment) -> tuple[tuple[Contribution, ...], tuple[Contribution, ...]]:
    """Split the contributions as shap does: what does not fit is summed in the last row."""
    contributions = assessment.explanation.contributions
    if len(contributions) <= _SHOWN:
        return contributions, ()
    return contributions[: _SHOWN - 1], contributions[_SHOWN - 1 :]
