"""The graph neural network beside the graph features, on simulated teams.

Run: `python -m bench.gnn [--seeds N] [--first SEED] [--labels N] [--jobs N]`, with torch installed
(`pip install 'plumbline[gnn]'`). Everything it prints is simulated.

All rankers learn from the same labels and know the prior: the trees as its generated rows, the network
as the shipped model's answers to the company's findings, each with the prior's weight. Trees are
the risk model's, without the regression that lies on them there, so that only the graph differs.
"""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from app.evaluation.figure import Interval, interval, suppressed_at_recall
from app.evaluation.ground import Ground, prepare
from app.evaluation.run import real_checks
from explain import prior
from explain.evaluate import average_precision
from explain.examples import Examples, examples_of
from explain.feature import names
from explain.model import shipped
from explain.network.arrays import (
    GraphArrays,
    graph_arrays,
    of_findings,
    read_through_the_graph,
)
from explain.network.message import Network, Said, train
from explain.train import parameters
from explain.weight import PRIOR_STRENGTH

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

FOLDS = (
    3  # by resource, so that the trees see scores of findings that the network did not learn from
)
STARTS = 3  # networks that are averaged
TREES = 120  # as the risk model has

WITH, WITHOUT = "trees with graph features", "trees without"
ALONE, BOTH = "network alone", "trees with graph features and the network's score"
INSTEAD = "trees with the network's score instead"
FIGURES = ("ranked", "average precision")


class Networks:
    """Trains networks in one company on some of its labels."""

    def __init__(self, ground: Ground, examples: Examples) -> None:
        self._ground, self._examples = ground, examples
        self.graphs: Sequence[GraphArrays] = [graph_arrays(s.scene) for s in ground.scans]
        taken = [s.scene.snapshot.taken_at.timestamp() for s in ground.scans]
        self.scan_of = np.searchsorted(taken, examples.times, side="right") - 1
        self.nodes = np.array(
            [
                ground.scans[scan].scene.rows[ground.scans[scan].row_of[uid]]
                for scan, uid in zip(self.scan_of.tolist(), examples.findings.tolist(), strict=True)
            ],
            dtype=np.intp,
        )

    def trained(self, rows: Rows, *, starts: int) -> Sequence[Network]:
        """Train on some of the labels, from several beginnings."""
        said = [*self._labelled(rows), self._prior()]
        return [train(said, seed=n) for n in range(starts)]

    def _labelled(self, rows: Rows) -> list[Said]:
        e = self._examples
        chosen = [rows[self.scan_of[rows] == scan] for scan in range(len(self.graphs))]
        return [
            Said(graph, self.nodes[r], of_findings(e.x[r], names()), e.y[r], e.weights[r])
            for graph, r in zip(self.graphs, chosen, strict=True)
            if len(r)
        ]

    def _prior(self) -> Said:
        last = self._ground.scans[-1]
        target = shipped().risk(last.matrix[:, shipped().order(names())]) / 100
        weight = np.full(len(target), PRIOR_STRENGTH / len(target))
        features = of_findings(last.matrix, names())
        return Said(self.graphs[-1], last.scene.rows, features, target, weight)

    def score(self, networks: Sequence[Network], rows: Rows, matrix: Array) -> Array:
        """Return the mean log-odds of findings of the last scan."""
        nodes, features = self._ground.scans[-1].scene.rows[rows], of_findings(matrix, names())
        scores = [each.score(self.graphs[-1], nodes, features) for each in networks]
        return np.asarray(np.mean(scores, axis=0))

    def unseen(self) -> Array:
        """Return each label's log-odds by a network that saw no label of its resource."""
        e = self._examples
        fold = np.array([hash_of(group) % FOLDS for group in e.groups.tolist()])
        out = np.zeros(len(e))
        for n in range(FOLDS):
            (network,) = self.trained(np.flatnonzero(fold != n), starts=1)
            for scan, graph in enumerate(self.graphs):
                rows = np.flatnonzero((fold == n) & (self.scan_of == scan))
                found = of_findings(e.x[rows], names())
                out[rows] = network.score(graph, self.nodes[rows], found)
        return out


def hash_of(text: str) -> int:
    """Return the same number for the same text in every process."""
    return int.from_bytes(text.encode()[-8:], "big")


def trees(examples: Examples, asked: Array, *, gone: frozenset[str], score: Array | None) -> Array:
    """Train the risk model's trees and return the log-odds of what is asked.

    With `score` the last column of `asked` is the network's score, and `score` that of the labels.
    """
    import lightgbm

    x, y = prior.rows()
    learnt = np.vstack([x, examples.x])
    weight = np.r_[np.full(len(y), PRIOR_STRENGTH / len(y)), examples.weights]
    known = {**parameters(prior.SEED)}
    if score is not None:
        column = np.r_[np.full(len(y), np.nan), score]
        learnt = np.column_stack([learnt, column])
        known["monotone_constraints"] = [*parameters(0)["monotone_constraints"], 1]  # type: ignore[misc]  # a list of numbers
    columns = [n for n, name in enumerate(names()) if name in gone]
    learnt[:, columns], asked = np.nan, asked.copy()
    asked[:, columns] = np.nan
    # The weights of the prior's rows are small beside LightGBM's least leaf, so all are scaled up.
    data = lightgbm.Dataset(learnt, np.r_[y, examples.y], weight=weight * len(y) / PRIOR_STRENGTH)
    booster = lightgbm.train(known, data, num_boost_round=TREES)
    return np.asarray(booster.predict(asked, raw_score=True, num_threads=1))


def measure(seed: int, labels_count: int) -> Mapping[str, tuple[float, float]]:
    """Return each ranker's figures in one company."""
    ground = prepare(seed, real_checks())
    labels = ground.labels(labels_count)
    examples, _ = examples_of(labels, include_simulated=True)
    asked = ground.features(shipped(), labels, ground.judged_rows)
    asked = asked[:, [shipped().features.index(name) for name in names()]]
    networks = Networks(ground, examples)
    alone = networks.score(
        networks.trained(np.arange(len(examples)), starts=STARTS), ground.judged_rows, asked
    )
    unseen, gone = networks.unseen(), read_through_the_graph()
    beside = np.column_stack([asked, alone])
    scores = {
        WITH: trees(examples, asked, gone=frozenset(), score=None),
        WITHOUT: trees(examples, asked, gone=gone, score=None),
        ALONE: alone,
        BOTH: trees(examples, beside, gone=frozenset(), score=unseen),
        INSTEAD: trees(examples, beside, gone=gone, score=unseen),
    }
    return {
        name: (suppressed_at_recall(ground.truth, s), average_precision(ground.truth, s))
        for name, s in scores.items()
    }


def report(companies: Sequence[Mapping[str, tuple[float, float]]]) -> list[str]:
    """Return a table of means, and of differences from trees with graph features, company by company."""
    out = [
        "| ranker | ranked | average precision | ranked, difference | average precision, difference |",
        "|---|---|---|---|---|",
    ]
    for name in companies[0]:
        cells = [told(interval([c[name][n] for c in companies])) for n in range(len(FIGURES))]
        if name != WITH:
            cells += [
                told(interval([c[name][n] - c[WITH][n] for c in companies]))
                for n in range(len(FIGURES))
            ]
        out.append(f"| {name} | {' | '.join([*cells, '', ''][: 2 * len(FIGURES)])} |")
    return out


def told(found: Interval) -> str:
    return f"{found.mean:.3f} ({found.low:.3f} to {found.high:.3f})"


def main() -> None:
    if find_spec("torch") is None:
        sys.exit("This measurement needs torch: pip install 'plumbline[gnn]'.")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0, help="from 100 on while something is tuned")
    parser.add_argument("--labels", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.seeds)
    with ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")) as pool:
        started, companies = time.perf_counter(), []
        for measured in pool.map(measure, seeds, [given.labels] * len(seeds)):
            companies.append(measured)
            shown = ", ".join(f"{name} {figures[0]:.3f}" for name, figures in measured.items())
            print(f"{len(companies)} of {len(seeds)}: {shown}", file=sys.stderr, flush=True)
    print(
        f"Simulated: {len(seeds)} companies from seed {given.first} on, {given.labels} labels each; means "
        f"with 95 % intervals; {time.perf_counter() - started:.0f} s"
    )
    print("\n".join(report(companies)))


if __name__ == "__main__":
    main()
