"""Other ways to score how unusual a resource is, which the detector is compared with."""

import warnings
from collections import Counter

import numpy as np

from detectors.fact import Kind
from detectors.population import Population
from detectors.surprise import Array

SEED = 20261122
RARE = 0.01  # a value that at most this share of the peers has is rare, for the count
TREES, SAMPLE = 200, 2048  # chosen on seeds 100 to 105: with 64 rows a tree 0.54, with all 0.90
HEAVY = 2.0  # skewness above which a number is taken by its logarithm; an exponential has 2
LAYERS = (16, 6, 16)  # as few in the middle as there are habits to remember; not tuned
STEPS = 150


def count(population: Population) -> list[float]:
    """Return how many rare values each row has, then how rare they are in sum."""
    counts = [Counter(column) for column in zip(*population.values, strict=True)]
    n = len(population)
    return [
        1000 * sum(counts[i][v] <= max(RARE * n, 1) for i, v in enumerate(row))
        + sum(1 - counts[i][v] / n for i, v in enumerate(row))
        for row in population.values
    ]


def forest(population: Population) -> list[float]:
    """Return the scores of a seeded Isolation Forest; words by -log of their share."""
    from sklearn.ensemble import IsolationForest

    encoded = np.column_stack([_number(population, i) for i in range(len(population.facts))])
    trees = IsolationForest(
        n_estimators=TREES, max_samples=min(SAMPLE, len(encoded)), random_state=SEED
    ).fit(encoded)
    return [float(-s) for s in trees.score_samples(encoded)]


def autoencoder(population: Population) -> list[float]:
    """Return the squared error with which a narrow network gives back each row's facts.

    Words, tags and ranges of numbers are one-hot, numbers scaled by median and quartiles too.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    parts = [
        (c.codes[:, None] == np.arange(len(c.labels))).astype(float) for c in population.columns
    ]
    parts += [
        _scaled(_number(population, i))[:, None]
        for i, fact in enumerate(population.facts)
        if fact.kind is Kind.NUMERIC
    ]
    wide = np.column_stack(parts)
    network = MLPRegressor(
        hidden_layer_sizes=LAYERS, activation="tanh", max_iter=STEPS, random_state=SEED
    )
    with warnings.catch_warnings():
        # The number of steps is the bound on time; a longer training learns the oddities too.
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit(wide, wide)
    return [float(e) for e in ((network.predict(wide) - wide) ** 2).sum(axis=1)]


def surprise(population: Population) -> list[float]:
    """Return the scores of the detector itself."""
    return [float(s) for s in population.scores]


METHODS = {
    "rarity and surprise (the detector)": surprise,
    "Isolation Forest": forest,
    "autoencoder": autoencoder,
    "rarest-value count": count,
}


def _number(population: Population, i: int) -> Array:
    """Return a fact as numbers, what is not known at the median."""
    values = [row[i] for row in population.values]
    if population.facts[i].kind is Kind.NUMERIC:
        numbers = np.array([np.nan if v is None else v for v in values], dtype=float)
        known = numbers[~np.isnan(numbers)]
        skew = float((((known - known.mean()) / known.std()) ** 3).mean()) if known.std() else 0.0
        numbers = np.log1p(numbers) if skew > HEAVY and known.min() >= 0 else numbers
    else:
        shares = Counter(v for v in values if v is not None)
        total = shares.total()
        numbers = np.array([np.nan if v is None else -np.log(shares[v] / total) for v in values])
    return np.where(np.isnan(numbers), np.nanmedian(numbers), numbers)


def _scaled(numbers: Array) -> Array:
    low, middle, high = np.quantile(numbers, (0.25, 0.5, 0.75))
    return np.asarray((numbers - middle) / ((high - low) or numbers.std() or 1.0))
