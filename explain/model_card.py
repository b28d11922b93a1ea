"""The whole card of a model version: data, figures, groups, limits, features, how to make it again.

After Mitchell et al., Model Cards for Model Reporting, FAT* 2019 (arXiv 1810.03993).
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from core.types import Curves, Label, LabelOrigin, ModelCard
from core.why import VERDICT_WORDS
from explain.calibration import Calibration
from explain.feature import Direction, declared
from explain.model import OWN_LABELS_FOR_PROBABILITY, Model
from explain.prior import FACTS

_DIRECTIONS = {
    Direction.RISES: "raises the risk",
    Direction.FALLS: "lowers the risk",
    Direction.FREE: "either way",
}
_EFFORTS = (10, 20, 50)
_LIMITS = (
    "It lowers no severity. Whether it may hold findings back, and what spot checks say of that, is told "  # noqa: ISC004  # one sentence
    "by `plumbline model show`.",
    "A probability is a share of what these people called real. Where they err alike, so does it.",
    "It abstains where its score is not to be relied on, and the message says so: where it is not known "  # noqa: ISC004  # one sentence
    "who can reach a resource, or it has seen few findings like one.",
    "What else decides (a contract, a plan to retire a service) is not among its features.",
    "It says nothing of whether a fix is safe to make; the plan's proofs do.",
    "Policies of an organisation, session policies and code are not read.",
)


def document(card: ModelCard, model: Model, labels: Sequence[Label]) -> str:
    """Return the card as Markdown. `labels` are those that it was trained from, at the time."""
    parts = (
        _heading(card, model),
        _data(model, labels),
        _figures(card),
        _groups(card),
        _limits(model),
        _features(model),
        _again(card, model),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _heading(card: ModelCard, model: Model) -> Iterator[str]:
    trees, leaves = model.size()
    yield f"# Risk model {card.version}"
    yield ""
    yield (
        f"Trained {card.trained_at:%Y-%m-%d %H:%M} UTC. {trees} trees of LightGBM with {leaves:,} leaves, "
        f"{len(model.features)} features, each held to its direction; on them a penalised logistic "
        "regression that remembers past decisions. The score of a finding is exactly the base value plus "
        "its contributions, in log-odds."
    )
    yield ""
    yield f"Meant for: {_USE}"


_USE = (
    "putting the findings of one estate into the order in which people should look at them. Not for "
    "judging people, and not for deciding by itself."
)


def _data(model: Model, labels: Sequence[Label]) -> Iterator[str]:
    yield from ("", "## Data", "")
    yield (
        f"- Documented knowledge: {model.prior_rows:,} generated rows, labelled by {len(FACTS)} facts with "
        "their sources (docs/model.md). How much each weighs is our judgement."
    )
    if not model.own_labels:
        yield "- Prior only: no decisions yet. It has seen no real finding and no real decision."
        return
    yield f"- {model.own_labels:,} own decisions learned from."
    counted = [each for each in labels if each.verdict.is_of_finding]
    if not counted:
        return
    verdicts = Counter(VERDICT_WORDS[each.verdict] for each in counted)
    origins = Counter(each.origin for each in counted)
    people = {each.person for each in counted}
    first, last = (f(each.labelled_at for each in counted) for f in (min, max))
    yield f"- Words on findings, by verdict: {_counts(verdicts)}."
    yield f"- By origin: {_counts(Counter({o.value: n for o, n in origins.items()}))}."
    if origins[LabelOrigin.SIMULATED]:
        yield "- Simulated decisions are among them: its figures say nothing of a real team."
    yield f"- From {first:%Y-%m-%d} to {last:%Y-%m-%d}, by {len(people):,} people, who are not named."


def _counts(counted: "Counter[str]") -> str:
    return ", ".join(f"{number:,} {name}" for name, number in counted.most_common())


def _figures(card: ModelCard) -> Iterator[str]:
    yield from ("", "## Figures", "")
    compared = [n for n in card.metrics if f"reference_{n}" in card.metrics]
    if not compared:
        yield _UNMEASURED
        yield from (f"- {_words(n)}: {_figure(v)}" for n, v in sorted(card.metrics.items()))
        return
    yield (
        "On the newest decisions, about resources that it was not trained on; the version itself was then "
        "trained on all."
    )
    yield from ("", "| figure | this version | in force before |", "|---|---|---|")
    for name in compared:
        value, before = card.metrics[name], card.metrics[f"reference_{name}"]
        yield f"| {_words(name)} | {_figure(value)} | {_figure(before)} |"
    if card.curves:
        yield from _curves(card.curves)


_UNMEASURED = (
    "Not measured on decisions: too few were held out. What stands here was measured on generated rows "
    "and says only that the trees learned the facts."
)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _figure(value: float) -> str:
    return f"{value:.0f}" if value == round(value) and value > 1 else f"{value:.3f}"


def _curves(curves: Curves) -> Iterator[str]:
    yield from (
        "",
        f"On {curves.decisions:,} held-out decisions, {curves.real:,} of them real:",
        "",
    )
    yield from ("| looking at | finds | by severity | at random |", "|---|---|---|---|")
    last = len(curves.found) - 1
    for share in _EFFORTS:
        at = share * last // 100
        found, by_severity = curves.found[at], curves.found_by_severity[at]
        yield f"| {share} % | {found:.0%} | {by_severity:.0%} | {share} % |"
    yield from ("", "| predicted | real | 95 % |", "|---|---|---|")
    for each in curves.reliability:
        yield (
            f"| {each.predicted:.0%} | {each.real} of {each.decisions} | "
            f"{each.low:.0%} to {each.high:.0%} |"
        )


def _groups(card: ModelCard) -> Iterator[str]:
    yield from ("", "## Asked before it took over", "")
    if not card.criteria:
        yield "Nothing: it was not compared with another model on decisions. Groups were not compared."
        return
    yield from (f"- **{c.standing.value}**: {c.name}. {c.sentence}" for c in card.criteria)


def _limits(model: Model) -> Iterator[str]:
    yield from ("", "## Limits", "")
    if model.is_prior:
        yield (
            f"- Its score is called a prior, and no probability is shown: fewer than "
            f"{OWN_LABELS_FOR_PROBABILITY} own decisions."
        )
    yield from (f"- {line}" for line in _LIMITS)


def _features(model: Model) -> Iterator[str]:
    """Yield every feature with its unit and direction, the one that moves scores most first."""
    yield from ("", "## Features", "")
    yield (
        "The weight is how far a feature moves the score on average over the training rows, in log-odds. "
        "A value that is not known is missing, never zero."
    )
    yield from (
        "",
        "| feature | unit | a growing value | weight | source |",
        "|---|---|---|---|---|",
    )
    known = {each.name: each for each in declared()}
    for name in sorted(model.features, key=lambda n: (-model.importance.get(n, 0.0), n)):
        each = known.get(name)
        if each is None:
            continue
        weight = model.importance.get(name, 0.0)
        yield (
            f"| {each.label} (`{name}`) | {each.unit} | {_DIRECTIONS[each.direction]} | {weight:.3f} | "
            f"{each.source} |"
        )


def _again(card: ModelCard, model: Model) -> Iterator[str]:
    yield from ("", "## Made again", "")
    yield f"`plumbline model reproduce {card.version}` trains it from its inputs and compares the bytes."
    yield from ("", "| input | hash or value |", "|---|---|")
    yield from (f"| {name} | `{value}` |" for name, value in sorted(card.inputs.items()))
    yield from ("", _scale(model.calibration))


def _scale(scale: Calibration) -> str:
    return f"Probability = sigmoid({scale.a:.6f} x raw score {scale.b:+.6f}); the score stays as it is."
