"""The picture of an attack path: who reaches what, by what, and where to cut.

Top to bottom, since an attack reads like a list. Every step has a number, and the words for it stand
beside the drawing, so that none has to fit between two boxes. Colours are those of Okabe and Ito
(https://jfly.uni-koeln.de/color/, told apart with any kind of colour vision), and none of them says
anything that shape or words do not say too.
"""

import io
import textwrap
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.noun import noun
from core.types import Cut, Hop, Stop

WAYS_MAX = 3
"""Ways drawn; each is a column, and more than three cannot be read at the size Slack shows."""
_DOTS_PER_INCH = 140
_ROW, _COLUMN, _BOX_W, _BOX_H = 1.32, 3.5, 2.95, 0.72
_WORDS_W = 5.6
_NAME_MAX = 58
_WRAP_NAME, _WRAP_WORDS = 30, 60
ALT_MAX = 1000
_DASHES = (0, (4, 3))
_LINE = 0.205  # inches that a line of the words beside it takes
_INK, _GREY = "#1a1a1a", "#5f6368"
_ORIGIN, _IDENTITY, _THING, _GOAL, _CUT = "#000000", "#56B4E9", "#F0F0F0", "#E69F00", "#D55E00"
_IDENTITIES = frozenset({"AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group"})
_drawing = threading.Lock()  # pyplot keeps one current figure for the whole process


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a box stands: its row from the top, and its column, which may lie between two."""

    row: int
    column: float


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered arrow."""

    number: int
    hop: Hop


def steps(ways: Sequence[Sequence[Hop]]) -> tuple[Step, ...]:
    """Return the arrows of the ways drawn, each once, numbered in the order they are read."""
    known: dict[tuple[str, str, str], Hop] = {}
    for way in ways[:WAYS_MAX]:
        for hop in way:
            known.setdefault((hop.source.uid, hop.kind, hop.target.uid), hop)
    return tuple(Step(number, hop) for number, hop in enumerate(known.values(), start=1))


def layout(ways: Sequence[Sequence[Hop]]) -> dict[str, Spot]:
    """Place every box: a row below all that lead to it, in the middle of the ways it is part of."""
    shown = [way for way in ways[:WAYS_MAX] if way]
    rows: dict[str, int] = {}
    for _ in range(sum(map(len, shown)) + 1):
        for way in shown:
            rows.setdefault(way[0].source.uid, 0)
            for hop in way:
                below = rows[hop.source.uid] + 1
                rows[hop.target.uid] = max(rows.get(hop.target.uid, 0), below)
    last = max(rows.values(), default=0)
    for way in shown:
        rows[way[-1].target.uid] = last
    columns: dict[str, list[int]] = {}
    for number, way in enumerate(shown):
        for stop in (way[0].source, *(hop.target for hop in way)):
            if number not in columns.setdefault(stop.uid, []):
                columns[stop.uid].append(number)
    spots = {uid: Spot(row, sum(columns[uid]) / len(columns[uid])) for uid, row in rows.items()}
    return _apart(spots)


def _apart(spots: Mapping[str, Spot]) -> dict[str, Spot]:
    """Move boxes of one row apart where they would lie on each other."""
    placed: dict[str, Spot] = {}
    taken: dict[int, float] = {}
    for uid, spot in sorted(spots.items(), key=lambda each: (each[1].row, each[1].column)):
        column = max(spot.column, taken.get(spot.row, -1.0) + 1.0)
        placed[uid] = Spot(spot.row, column)
        taken[spot.row] = column
    return placed


def draw(ways: Sequence[Sequence[Hop]], *, title: str, cuts: Sequence[Cut] = ()) -> bytes:
    """Draw the ways to one target; return a PNG. `cuts` are the fixes that would end them."""
    with _drawing:
        import matplotlib as mpl

        mpl.use("Agg")
        import matplotlib.pyplot as plt

        picture = _Picture(ways, title, cuts)
        figure = plt.figure(figsize=(picture.width, picture.height), facecolor="white")
        try:
            axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
            axes.set_xlim(0, picture.width)
            axes.set_ylim(picture.height, 0)  # downwards, as it is read
            axes.axis("off")
            picture.draw(axes)
            out = io.BytesIO()
            figure.savefig(out, format="png", dpi=_DOTS_PER_INCH)
            return out.getvalue()
        finally:
            plt.close(figure)


class _Picture:
    """One drawing; inches from the top left."""

    def __init__(self, ways: Sequence[Sequence[Hop]], title: str, cuts: Sequence[Cut]) -> None:
        self._steps = steps(ways)
        self._spots = layout(ways)
        self._stops = dict(_stops(ways[:WAYS_MAX]))
        columns = max((s.column for s in self._spots.values()), default=0.0) + 1
        rows = max((s.row for s in self._spots.values()), default=0) + 1
        self._graph_w = 0.45 + columns * _COLUMN
        self.width = self._graph_w + _WORDS_W
        self._heading = textwrap.wrap(title, int(self.width * 8.6))[:2]
        self._notes = _notes(cuts, left_out=len(ways) - WAYS_MAX, width=int(self.width * 10.5))
        self._head = 0.45 + 0.28 * len(self._heading)
        graph_h = rows * _ROW - (_ROW - _BOX_H)
        self._foot = 0.75 + 0.24 * len(self._notes)
        self._words = {s.number: textwrap.wrap(_said(s.hop), _WRAP_WORDS) for s in self._steps}
        self._tops = dict(self._placed_words())
        last = self._steps[-1].number if self._steps else 0
        words_h = self._tops.get(last, 0.0) + _LINE * (len(self._words.get(last, ())) + 1)
        self.height = max(self._head + graph_h, words_h) + self._foot

    def _placed_words(self) -> Iterator[tuple[int, float]]:
        """Place each step's words below the others; those of one way stand beside their arrows."""
        y = self._head + 0.1
        one_way = len({spot.column for spot in self._spots.values()}) == 1
        for step in self._steps:
            y = max(y, self._ends(step)[2]) if one_way else y
            yield step.number, y
            y += _LINE * (len(self._words[step.number]) + 1) + 0.1

    def _middle(self, spot: Spot) -> tuple[float, float]:
        return 0.3 + spot.column * _COLUMN + _BOX_W / 2, self._head + spot.row * _ROW + _BOX_H / 2

    def _ends(self, step: Step) -> tuple[float, float, float]:
        """Return where an arrow's number stands, and by how much it bows round what is between."""
        start, end = self._spots[step.hop.source.uid], self._spots[step.hop.target.uid]
        (x0, y0), (x1, y1) = self._middle(start), self._middle(end)
        bow = 0.0 if end.row - start.row <= 1 or x0 != x1 else 0.28
        return (x0 + x1) / 2 + bow * (y1 - y0 - _BOX_H) / 2, bow, (y0 + y1) / 2 - 0.03

    def draw(self, axes: Any) -> None:
        """Draw everything."""
        for number, line in enumerate(self._heading):
            _text(axes, 0.3, 0.34 + 0.28 * number, line, size=13, weight="bold")
        for step in self._steps:
            self._arrow(axes, step)
            self._beside(axes, step)
        for uid, spot in self._spots.items():
            self._box(axes, self._stops[uid], spot)
        y = self.height - self._foot + 0.3
        for line in self._notes:
            _text(axes, 0.3, y, line, size=9.8, weight="bold")
            y += 0.24
        self._legend(axes, self.height - 0.25)

    def _box(self, axes: Any, stop: Stop, spot: Spot) -> None:
        x, y = self._middle(spot)
        look = _look(stop)
        _frame(axes, x, y, _BOX_W, _BOX_H, look)
        words = [look.kind, *_name(stop.name)] if look.kind else _name(stop.name)
        top = y - 0.095 * (len(words) - 1)
        for number, line in enumerate(words):
            is_kind = bool(look.kind) and number == 0
            _text(
                axes,
                x,
                top + 0.19 * number,
                line,
                size=8 if is_kind else 9.2,
                weight="normal" if is_kind else "bold",
                style="italic" if is_kind else "normal",
                color=look.ink,
                ha="center",
            )

    def _arrow(self, axes: Any, step: Step) -> None:
        from matplotlib.patches import FancyArrowPatch

        hop = step.hop
        (x0, y0), (x1, y1) = (
            self._middle(self._spots[uid]) for uid in (hop.source.uid, hop.target.uid)
        )
        x, bow, y = self._ends(step)
        axes.add_patch(
            FancyArrowPatch(
                (x0, y0 + _BOX_H / 2),
                (x1, y1 - _BOX_H / 2),
                arrowstyle="-|>",
                mutation_scale=17,
                connectionstyle=f"arc3,rad={bow}",
                linestyle="-" if hop.certain else _DASHES,
                linewidth=2.6 if hop.is_cut else 1.5,
                color=_CUT if hop.is_cut else _INK,
                shrinkA=0,
                shrinkB=1,
                zorder=2,
            )
        )
        _number(axes, x, y, step)
        if hop.is_cut:
            _text(axes, x + 0.27, y, "✂ cheapest cut", size=9.5, weight="bold", color=_CUT)

    def _beside(self, axes: Any, step: Step) -> None:
        """Write what a number stands for."""
        x, y = self._graph_w + 0.25, self._tops[step.number]
        _number(axes, x, y, step)
        doubt = "" if step.hop.certain else "  (not certain)"
        _text(axes, x + 0.3, y, f"{step.hop.kind}{doubt}", size=9.6, weight="bold")
        for number, line in enumerate(self._words[step.number], start=1):
            _text(axes, x + 0.3, y + _LINE * number, line, size=9.2)

    def _legend(self, axes: Any, y: float) -> None:
        """Say what the shapes stand for, those that occur."""
        x = 0.3
        looks = {_look(stop).meaning: _look(stop) for stop in self._stops.values()}
        for meaning, look in looks.items():
            _frame(axes, x + 0.17, y, 0.3, 0.17, look)
            _text(axes, x + 0.42, y, meaning, size=8.6, color=_GREY)
            x += 0.62 + 0.076 * len(meaning)
        lines: list[tuple[str, Any]] = [("certain", "-")]
        if any(not step.hop.certain for step in self._steps):
            lines.append(("not certain", _DASHES))
        for meaning, style in lines:
            axes.plot([x + 0.02, x + 0.34], [y, y], color=_INK, linewidth=1.5, linestyle=style)
            _text(axes, x + 0.42, y, meaning, size=8.6, color=_GREY)
            x += 0.62 + 0.076 * len(meaning)


@dataclass(frozen=True, slots=True)
class _Look:
    """How a box is drawn, what is written in it, and what that means in the legend."""

    fill: str
    ink: str
    kind: str
    meaning: str
    rounding: float = 0.1
    border: float = 1.2
    inner: bool = False


def _look(stop: Stop) -> _Look:
    kind = noun(stop.resource_type) if stop.resource_type else ""
    if stop.uid.startswith(("data|", "admin|")):
        return _Look(_GOAL, _INK, kind, "to be protected", rounding=0.0, border=3.0)
    if not stop.resource_type:
        return _Look(_ORIGIN, "white", "", "where it begins", rounding=0.3)
    if stop.resource_type in _IDENTITIES:
        return _Look(_IDENTITY, _INK, kind, "identity", rounding=0.0, inner=True)
    return _Look(_THING, _INK, kind, "resource")


def _frame(axes: Any, x: float, y: float, width: float, height: float, look: _Look) -> None:  # noqa: PLR0913, PLR0917  # a place, a size, a look
    from matplotlib.patches import FancyBboxPatch

    rounding = min(look.rounding, height / 2)
    margins = (0.0, 0.05 if height > 0.3 else 0.03) if look.inner else (0.0,)
    for margin in margins:
        axes.add_patch(
            FancyBboxPatch(
                (x - width / 2 + margin, y - height / 2 + margin),
                width - 2 * margin,
                height - 2 * margin,
                boxstyle=f"round,pad=0,rounding_size={rounding}",
                facecolor=look.fill,
                edgecolor=_INK,
                linewidth=look.border if height > 0.3 else look.border * 0.7,
                zorder=3,
            )
        )


def _number(axes: Any, x: float, y: float, step: Step) -> None:
    is_cut = step.hop.is_cut
    axes.text(
        x,
        y,
        f"{step.number}",
        ha="center",
        va="center",
        fontsize=9,
        weight="bold",
        color="white" if is_cut else _INK,
        zorder=5,
        bbox={
            "boxstyle": "circle,pad=0.26",
            "facecolor": _CUT if is_cut else "white",
            "edgecolor": _CUT if is_cut else _INK,
            "linewidth": 1.2,
        },
    )


def _text(  # noqa: PLR0913  # how words look
    axes: Any,
    x: float,
    y: float,
    words: str,
    *,
    size: float,
    weight: str = "normal",
    style: str = "normal",
    color: str = _INK,
    ha: str = "left",
) -> None:
    # A dollar sign would start TeX; what a name holds must not change how the picture is drawn.
    axes.text(
        x,
        y,
        words.replace("$", r"\$"),
        fontsize=size,
        weight=weight,
        style=style,
        color=color,
        ha=ha,
        va="center",
        zorder=4,
    )


def _notes(cuts: Sequence[Cut], *, left_out: int, width: int) -> list[str]:
    said = [line for each in cuts[:2] for line in textwrap.wrap(f"✂ {_cut_words(each)}", width)]
    if left_out > 0:
        said.append(f"{left_out} more {'way is' if left_out == 1 else 'ways are'} not drawn.")
    return said


def _stops(ways: Sequence[Sequence[Hop]]) -> Iterator[tuple[str, Stop]]:
    for way in ways:
        for hop in way:
            yield hop.source.uid, hop.source
            yield hop.target.uid, hop.target


def _said(hop: Hop) -> str:
    return f"{hop.why[:1].upper()}{hop.why[1:]}"


def _name(name: str) -> list[str]:
    """Return a name on one or two lines; a longer one is cut in the middle.

    Its beginning says whose it is, its end which.
    """
    if len(name) > _NAME_MAX:
        half = (_NAME_MAX - 1) // 2
        name = f"{name[:half]}…{name[-half:]}"
    lines = textwrap.wrap(name, _WRAP_NAME)
    if len(lines) <= 2:
        return lines
    middle = (len(name) + 1) // 2
    return [name[:middle], name[middle:]]


def _cut_words(cut: Cut) -> str:
    what = f"{cut.check_id} on {noun(cut.resource_type)} {cut.resource_name}"
    return f"Fixing {what} {cut.does}."


def alt(ways: Sequence[Sequence[Hop]], *, cuts: Sequence[Cut] = ()) -> str:
    """Return what the picture shows as text, for those who cannot see it.

    Where that is longer than Slack takes, the reasons of the steps are left out.
    """
    shown = min(len(ways), WAYS_MAX)
    head = f"Attack path, {shown} {'way' if shown == 1 else 'ways'}."
    ends = [_cut_words(each) for each in cuts[:2]]
    whole = " ".join([head, *(_told(step, whole=True) for step in steps(ways)), *ends])
    if len(whole) <= ALT_MAX:
        return whole
    return " ".join([head, *ends, *(_told(step, whole=False) for step in steps(ways))])[:ALT_MAX]


def _told(step: Step, *, whole: bool) -> str:
    hop = step.hop
    notes = [hop.why] if whole else []
    notes += [] if hop.certain else ["not certain"]
    notes += ["cheapest cut"] if hop.is_cut else []
    said = f" ({', '.join(notes)})" if notes else ""
    return f"{step.number}. {hop.source.name} {hop.kind} {hop.target.name}{said}."
