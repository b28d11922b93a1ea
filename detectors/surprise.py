"""How surprising each value of a table is: in the whole table, and given the rest of its row."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.fact import Kind, Value

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

UNKNOWN = -1  # the code of what is not known
_BINS = 6  # of a number with more values than this; shares of a sixth each
# One pseudo-observation spread over what may be: a context with few rows says little.
_PRIOR = 1.0


@dataclass(frozen=True)
class Column:
    """One thing known of each row, as codes 0.. in the order of `labels`."""

    codes: Codes
    labels: tuple[str, ...]


def rarity(values: Sequence[Value], kind: Kind) -> Array:
    """Return -log of the share of rows whose value is as rare; of numbers, as far out on a side.

    Rows in nats, 0 for the most usual and for what is not known.
    """
    known = [v for v in values if v is not None]
    if kind is Kind.NUMERIC:
        return _far_out(np.array([np.nan if v is None else v for v in values], dtype=float))
    counts = {word: known.count(word) for word in set(known)}
    as_rare = {w: sum(c for c in counts.values() if c <= n) for w, n in counts.items()}
    return np.array([0.0 if v is None else -np.log(as_rare[v] / len(known)) for v in values])


def _far_out(numbers: Array) -> Array:
    ordered = np.sort(numbers[~np.isnan(numbers)])
    above = len(ordered) - np.searchsorted(ordered, numbers, side="left")
    below = np.searchsorted(ordered, numbers, side="right")
    share = np.minimum(1.0, _sides(ordered) * np.minimum(above, below) / max(len(ordered), 1))
    return np.where(np.isnan(numbers), 0.0, -np.log(np.where(share > 0, share, 1.0)))


def _sides(ordered: Array) -> int:
    """Return 1 where most rows hold the least or the greatest value, else 2."""
    middle = ordered[len(ordered) // 2] if len(ordered) else 0.0
    return 1 if len(ordered) and middle in (ordered[0], ordered[-1]) else 2


def column(values: Sequence[Value], kind: Kind) -> Column:
    """Return values as codes; a number of many values by equal shares of the rows."""
    known = sorted({v for v in values if v is not None}, key=lambda v: (isinstance(v, str), v))
    code = {v: i for i, v in enumerate(known)}
    codes = np.array([UNKNOWN if v is None else code[v] for v in values], dtype=np.int64)
    labels = tuple(v if isinstance(v, str) else f"{v:,.6g}" for v in known)
    if kind is Kind.CATEGORICAL or len(known) <= _BINS:
        return Column(codes, labels)
    return _binned(codes, labels)


def _binned(codes: Codes, labels: tuple[str, ...]) -> Column:
    known = codes[codes != UNKNOWN]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1]))
    of_value = np.searchsorted(edges, np.arange(len(labels)), side="right")
    names = []
    for group in np.unique(of_value):
        members = np.flatnonzero(of_value == group)
        first, last = labels[members[0]], labels[members[-1]]
        names.append(first if first == last else f"{first} to {last}")
    dense = np.unique(of_value, return_inverse=True)[1]
    return Column(np.where(codes == UNKNOWN, UNKNOWN, dense[codes]), tuple(names))


@dataclass(frozen=True)
class Given:
    """What the rest of a row says about one of its values."""

    surprise: (
        Array  # rows, nats: -log of the chance of a value as unlikely as this, 0 without a context
    )
    context: Codes  # rows: the column that speaks most against the value, UNKNOWN for none


def given(target: int, columns: Sequence[Column]) -> Given:
    """Return how surprising a column's values are given the other columns of the same row.

    A naive Bayes over the columns that inform about the target more than chance would (mutual
    information above the Bayesian information criterion's price of its parameters). A row is left
    out of its own counts, so that a lone row cannot make itself usual.
    """
    codes = columns[target].codes
    own = _one_hot(columns[target])
    counts = own.sum(axis=0) - own
    width = own.shape[1]
    share = (counts + _PRIOR / width) / (counts.sum(axis=1, keepdims=True) + _PRIOR)
    total = np.log(share)
    rows = np.arange(len(codes))
    against, context = np.zeros(len(codes)), np.full(len(codes), UNKNOWN, dtype=np.int64)
    for i, other in enumerate(columns):
        together = _one_hot(other).T @ own
        if i == target or not _informs(together):
            continue
        seen = np.where((other.codes != UNKNOWN)[:, None], together[other.codes] - own, 0.0)
        seen = np.maximum(seen, 0.0)
        chance = (seen + _PRIOR * share) / (seen.sum(axis=1, keepdims=True) + _PRIOR)
        shift = np.log(chance) - np.log(share)
        total = total + shift
        here = -shift[rows, codes]
        context = np.where(here > against, i, context)
        against = np.maximum(here, against)
    silent = (codes == UNKNOWN) | (context == UNKNOWN)
    return Given(np.where(silent, 0.0, _tail(total, codes)), context)


def _one_hot(column: Column) -> Array:
    known = (column.codes != UNKNOWN)[:, None]
    return np.asarray((column.codes[:, None] == np.arange(len(column.labels))) & known, dtype=float)


def _informs(together: Array) -> bool:
    total = together.sum()
    if not total:
        return False
    joint = together / total
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    seen = joint > 0
    information = float((joint[seen] * np.log(joint[seen] / apart[seen])).sum())
    parameters = (together.shape[0] - 1) * (together.shape[1] - 1)
    return bool(total * information > 0.5 * np.log(total) * parameters)


def _tail(logs: Array, codes: Codes) -> Array:
    chance = np.exp(logs - logs.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    own = chance[np.arange(len(codes)), codes][:, None]
    # A tie is as unlikely, whatever rounding made of it.
    unlikely = np.where(chance <= own * (1 + 1e-9), chance, 0.0).sum(axis=1)
    return np.asarray(-np.log(np.clip(unlikely, 1e-12, 1.0)))
