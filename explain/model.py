"""The risk model: boosted trees as text, their calibration, and what they were made from.

One JSON document holds it all. The trees are LightGBM's own text format, a list of lines so that
two versions can be compared with diff; never pickle.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.identity import canonical_json, sha256
from explain import layer
from explain.calibration import Calibration
from explain.feature import declared, schema_hash
from explain.layer import Layer

Matrix = NDArray[np.float64]

FORMAT = "plumbline-risk/1"
OWN_LABELS_FOR_PROBABILITY = 100  # below it a score is called a prior (design decision 8)


@dataclass(frozen=True, slots=True)
class Scores:
    """What the trees say of each row, all in log-odds.

    `contributions` is rows x features; `raw == base_value + contributions.sum(axis=1)` to 1e-9.
    `support` is the geometric mean, over the trees, of how many training rows share the row's leaf.
    """

    raw: Matrix
    base_value: float
    contributions: Matrix
    support: Matrix


@dataclass(frozen=True)
class Model:
    """One trained version. Immutable; safe to share between threads."""

    features: tuple[str, ...]
    trees: str
    calibration: Calibration
    trained_at: datetime
    own_labels: int
    prior_rows: int
    support_floor: float
    importance: Mapping[str, float]
    inputs: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    trained_until: datetime | None = None
    layer: Layer = field(default_factory=Layer)
    _local: threading.local = field(default_factory=threading.local, repr=False, compare=False)

    @cached_property
    def version(self) -> str:
        """`prior-` or `own-` and the first 12 hex digits of the document's digest."""
        kind = "own" if self.own_labels else "prior"
        return f"{kind}-{sha256(dump(self))[:12]}"

    @property
    def is_prior(self) -> bool:
        """Whether it has too few of this workspace's own labels to speak of probability."""
        return self.own_labels < OWN_LABELS_FOR_PROBABILITY

    @property
    def booster(self) -> Any:
        """The LightGBM booster, one a thread: a booster's prediction buffers are its own."""
        from explain.library import lightgbm

        if not hasattr(self._local, "booster"):
            try:
                self._local.booster = lightgbm.Booster(model_str=self.trees)
            except lightgbm.basic.LightGBMError as error:
                raise ModelError(
                    "The risk model's trees cannot be read; roll back to an earlier version."
                ) from error
        return self._local.booster

    def order(self, names: tuple[str, ...]) -> NDArray[np.intp]:
        """Return where each of the model's features stands among `names`."""
        return np.array([names.index(f) for f in self.features], dtype=np.intp)

    def raw(self, matrix: Matrix) -> Matrix:
        """Return the log-odds of each row; columns in the order of `features`."""
        if not len(matrix):
            return np.empty(0)
        trees = np.asarray(self.booster.predict(matrix, raw_score=True, num_threads=1))
        added = self.layer.adds(self.features, matrix).sum(axis=1)
        return np.asarray(self.layer.intercept + self.layer.slope * trees + added)

    def risk(self, matrix: Matrix) -> Matrix:
        """Return the risk, 0 to 100, of each row; columns in the order of `features`."""
        return 100.0 * self.calibration.probability(self.raw(matrix))

    def scores(self, matrix: Matrix) -> Scores:
        """Return raw scores with their exact contributions and their support."""
        if not len(matrix):
            return Scores(np.empty(0), 0.0, np.empty((0, len(self.features))), np.empty(0))
        parts = np.asarray(self.booster.predict(matrix, pred_contrib=True, num_threads=1))
        layer = self.layer
        base_value = layer.intercept + layer.slope * float(parts[0, -1])
        contributions = layer.slope * parts[:, :-1] + layer.adds(self.features, matrix)
        return Scores(self.raw(matrix), base_value, contributions, self.support(matrix))

    def support(self, matrix: Matrix) -> Matrix:
        """Return how many training rows resemble each row."""
        leaves = np.asarray(self.booster.predict(matrix, pred_leaf=True, num_threads=1))
        counts = self._leaf_counts()
        logs = np.log(counts[np.arange(leaves.shape[1]), leaves.astype(np.intp)])
        return np.asarray(np.exp(logs.mean(axis=1)))

    def _leaf_counts(self) -> Matrix:
        if not hasattr(self._local, "leaf_counts"):
            rows = [
                [int(n) for n in line.removeprefix("leaf_count=").split()]
                for line in self.trees.splitlines()
                if line.startswith("leaf_count=")
            ]
            counts = np.ones((len(rows), max(map(len, rows))))
            for tree, values in enumerate(rows):
                counts[tree, : len(values)] = values
            self._local.leaf_counts = np.maximum(counts, 1.0)
        found: Matrix = self._local.leaf_counts
        return found

    def size(self) -> tuple[int, int]:
        """Return the number of trees and of leaves in all of them."""
        lines = self.trees.splitlines()
        leaves = [int(line.partition("=")[2]) for line in lines if line.startswith("num_leaves=")]
        return len(leaves), sum(leaves)


def dump(model: Model) -> str:
    """Return the model's document; equal models give equal bytes."""
    document = {
        "format": FORMAT,
        "features": list(model.features),
        "schema": schema_hash([f for f in declared() if f.name in model.features]),
        "calibration": {"a": model.calibration.a, "b": model.calibration.b},
        "trained_at": model.trained_at.isoformat(),
        "trained_until": model.trained_until.isoformat() if model.trained_until else None,
        "own_labels": model.own_labels,
        "prior_rows": model.prior_rows,
        "support_floor": model.support_floor,
        "importance": dict(model.importance),
        "inputs": dict(model.inputs),
        "metrics": dict(model.metrics),
        **({} if model.layer == Layer() else {"layer": model.layer.document()}),
        "trees": model.trees.splitlines(),
    }
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def load(text: str) -> Model:
    """Read a model from its document. Raises: ModelError."""
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            raise ModelError(
                f"The risk model has the unknown format {document['format']!r}; train a new one."
            )
        model = _read(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            "The risk model's file is damaged; roll back to an earlier version."
        ) from error
    known = {f.name: f for f in declared()}
    if document["schema"] != schema_hash(
        [known[n] for n in known if n in model.features]
    ) or not set(model.features) <= set(known):
        raise ModelError(
            "The risk model was trained on other features than this version has; run `plumbline model train`."
        )
    return model


def _read(document: Mapping[str, Any]) -> Model:
    until = document["trained_until"]
    calibration = document["calibration"]
    return Model(
        features=tuple(document["features"]),
        trees="\n".join(document["trees"]) + "\n",
        calibration=Calibration(float(calibration["a"]), float(calibration["b"])),
        trained_at=datetime.fromisoformat(document["trained_at"]),
        own_labels=int(document["own_labels"]),
        prior_rows=int(document["prior_rows"]),
        support_floor=float(document["support_floor"]),
        importance={str(k): float(v) for k, v in document["importance"].items()},
        inputs=dict(document["inputs"]),
        metrics={str(k): float(v) for k, v in document["metrics"].items()},
        trained_until=datetime.fromisoformat(until) if until else None,
        layer=layer.read(document["layer"]) if "layer" in document else Layer(),
    )


@cache
def shipped() -> Model:
    """Return the model that comes with Plumbline: a prior made from generated rows."""
    return load(shipped_text())


def shipped_text() -> str:
    """Return the shipped model's document."""
    return resources.files("explain").joinpath("models/prior.json").read_text(encoding="utf-8")


def input_hash(value: Any) -> str:
    """Return the hash by which a model names one of its inputs."""
    return sha256(canonical_json(value))
