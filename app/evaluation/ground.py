"""A simulated company made ready: every scan's features once, and labels joined to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core import alike
from core.ports import Check
from core.types import Estate, Label
from explain.feature import declared, names
from explain.model import Model
from explain.scene import Scene
from sandbox.teams import Judged, Moment, Simulation, simulate

Array = NDArray[np.float64]
Keys = tuple[tuple[str, str], ...]

ESTATE = Estate()


@dataclass(frozen=True)
class Scan:
    """One scan's findings with their features; none of them knows of any decision."""

    scene: Scene
    matrix: Array
    row_of: dict[str, int]


@dataclass(frozen=True)
class Ground:
    """A simulated company to learn from and to be measured on."""

    simulation: Simulation
    scans: tuple[Scan, ...]

    @property
    def judged(self) -> Sequence[Judged]:
        """The findings that figures are measured on."""
        return self.simulation.judged

    @cached_property
    def truth(self) -> Array:
        """Whether each judged finding is truly worth fixing."""
        return np.array([each.wish.is_actionable for each in self.judged], dtype=np.float64)

    @cached_property
    def judged_rows(self) -> NDArray[np.intp]:
        """Where the judged findings stand in the last scan."""
        return self._rows([each.finding.uid for each in self.judged])

    def open_rows(self, labels: Sequence[Label]) -> NDArray[np.intp]:
        """Where findings stand that people look at, but nobody labelled and nobody is judged on."""
        labelled = {each.finding_uid for each in labels}
        return self._rows([uid for uid in self.simulation.looked_at if uid not in labelled])

    def _rows(self, uids: Sequence[str]) -> NDArray[np.intp]:
        return np.array([self.scans[-1].row_of[uid] for uid in uids], dtype=np.intp)

    def keys(self, rows: NDArray[np.intp]) -> list[Keys]:
        """Return by what look-alikes of findings of the last scan are found."""
        return [self.scans[-1].scene.keys[row] for row in rows.tolist()]

    def labels(self, count: int, *, adversarial: float = 0.0) -> tuple[Label, ...]:
        """Return simulated labels, each with what the scan before it saw."""
        made = self.simulation.labels(count, adversarial=adversarial)
        return tuple(self._joined(label) for label in made)

    def _joined(self, label: Label) -> Label:
        before = [s for s in self.scans if s.scene.snapshot.taken_at <= label.labelled_at]
        scan = before[-1]
        row = scan.row_of[label.finding_uid]
        values = zip(names(), scan.matrix[row].tolist(), strict=True)
        features = {name: value for name, value in values if not np.isnan(value)}
        return replace(label, features=features, about=scan.scene.about(row))

    def features(self, model: Model, labels: Sequence[Label], rows: NDArray[np.intp]) -> Array:
        """Return what a model would look at in the last scan, past decisions included."""
        last = self.scans[-1]
        scene = replace(last.scene, labels=labels, memory=model.layer.effects)
        matrix = last.matrix.copy()
        for i, feature in enumerate(declared()):
            if feature.name.startswith("judged_"):
                matrix[:, i] = feature.compute(scene)
        return matrix[rows][:, model.order(names())]


def prepare(seed: int, checks: Sequence[Check]) -> Ground:
    """Simulate a company and compute every scan's features."""
    simulation = simulate(seed, checks)
    return Ground(simulation, tuple(_scan(moment) for moment in simulation.moments))


def _scan(moment: Moment) -> Scan:
    from app.model import price

    costs = price(moment.findings, moment.snapshot)
    by_resource = {f.resource_uid: costs[f.uid] for f in moment.findings}
    taken_at = moment.snapshot.taken_at
    scene = Scene(moment.findings, moment.snapshot, by_resource, (), ESTATE, taken_at)
    row_of = {finding.uid: row for row, finding in enumerate(moment.findings)}
    return Scan(scene, scene.matrix, row_of)


def without(labels: Sequence[Label], gone: frozenset[str], *, alone: bool) -> tuple[Label, ...]:
    """Return labels that never knew some features; `alone` takes away what they have in common too."""
    return tuple(
        replace(
            each,
            features={name: value for name, value in each.features.items() if name not in gone},
            about={} if alone else each.about,
        )
        for each in labels
    )


def categories(keys: Sequence[Keys]) -> list[frozenset[tuple[str, str]]]:
    """Return the check, owner and type of each row, which every baseline is given too."""
    return [frozenset(k for k in row if k[0] in ("check", "owner", "type")) for row in keys]


def keys_of(label: Label) -> Keys:
    """Return by what look-alikes of a label are found."""
    return alike.keys(label.about, check_id=label.check_id, resource_uid=label.resource_uid)
