"""One resource type as a table of facts, and how unusual each row of it is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.types import Resource
from detectors.fact import Fact, Kind, Value, View
from detectors.surprise import UNKNOWN, Array, Codes, Column, column, given, rarity

# What follows was chosen on the generated estates of seeds 100 to 105 (bench/anomaly.py) on
# 2026-11-25; weights of 3 to 4 and bounds of 3 to 5 do as well within 0.03.
_RARE = 3.0  # nats: rarer than one in twenty is worth counting
_WEIGHT = 4.0  # of a nat of rarity, against one of surprise given the rest of the row
_SURPRISING = 1.5  # nats: what deviates somewhat from habit is everyday
_MOST_SURPRISE = 4.0  # nats of one fact, which may be one mistake however unlikely
# Sum at which the score is one half. With this the findings of those estates (score 0.6) began
# where fewer than half were planted.
_HALF = 5.5
_TAGGED = 0.5  # share of the resources that must have a tag for it to say who the peers are
_LEAST_PEERS = 10  # rows a tag's value has on average; one value a resource tells nothing


@dataclass(frozen=True, slots=True)
class Peers:
    """Those a value is unusual among: all, or those alike in one respect."""

    alike: int
    count: int
    among: str  # empty for all


@dataclass(frozen=True)
class Population:
    """Resources of one type, what is known of them, and what each fact adds to being unusual.

    `effects` is rows x facts, nats: how rare the value is, and how surprising given the other facts
    and tags of the same resource. What is not known adds nothing.
    """

    resources: tuple[Resource, ...]
    facts: tuple[Fact, ...]
    values: tuple[tuple[Value, ...], ...]
    effects: Array
    rare: Array
    columns: tuple[Column, ...]
    tags: tuple[str, ...]
    contexts: Codes

    def __len__(self) -> int:
        return len(self.resources)

    @property
    def scores(self) -> Array:
        """The score of each row, 0 to 1; higher is stranger, one half at a sum of 5.5 nats."""
        total = self.effects.sum(axis=1)
        return np.asarray(total / (total + _HALF))

    def peers(self, row: int, column: int) -> Peers:
        """Count the resources, this one among them, whose value is the same or further out.

        Among all where the value is rare in the estate; else among those that share what speaks
        most against it.
        """
        context = int(self.contexts[row, column])
        everyone = range(len(self))
        if self.rare[row, column] > 0 or context == UNKNOWN:
            return Peers(self._alike(row, column, everyone), len(self), "")
        codes = self.columns[context].codes
        members = np.flatnonzero(codes == codes[row]).tolist()
        label = self.columns[context].labels[codes[row]]
        if context < len(self.facts):
            among = f"with {self.facts[context].says(label)}"
        else:
            among = f"tagged {self.tags[context - len(self.facts)]} {label}"
        return Peers(self._alike(row, column, members), len(members), among)

    def _alike(self, row: int, column: int, members: Sequence[int]) -> int:
        value = self.values[row][column]
        others = [v for m in members if (v := self.values[m][column]) is not None]
        if self.facts[column].kind is Kind.CATEGORICAL or not isinstance(value, float):
            return sum(other == value for other in others)
        numbers = np.array(others, dtype=np.float64)
        if value >= np.median(numbers):
            return int(np.count_nonzero(numbers >= value))
        return int(np.count_nonzero(numbers <= value))

    def known_share(self, row: int) -> float:
        """Return the share of facts known of a resource."""
        return sum(v is not None for v in self.values[row]) / len(self.facts)


def build(resources: Sequence[Resource], facts: Sequence[Fact], view: View) -> Population:
    """Read the facts of resources and say how unusual each value of those that vary is."""
    table = [tuple(f.extract(r, view) for f in facts) for r in resources]
    varying = [i for i in range(len(facts)) if len({row[i] for row in table} - {None}) > 1]
    kept = tuple(facts[i] for i in varying)
    values = tuple(tuple(row[i] for i in varying) for row in table)
    by_fact: list[tuple[Value, ...]] = list(zip(*values, strict=True)) if kept else []
    tags = _telling_tags(resources)
    columns = (
        *(column(v, f.kind) for f, v in zip(kept, by_fact, strict=True)),
        *(column([r.tags.get(t) for r in resources], Kind.CATEGORICAL) for t in tags),
    )
    shape = (len(values), len(kept))
    effects, rare = np.zeros(shape), np.zeros(shape)
    contexts = np.full(shape, UNKNOWN, dtype=np.int64)
    for i, fact in enumerate(kept):
        rest = given(i, columns)
        rare[:, i] = _WEIGHT * np.maximum(rarity(by_fact[i], fact.kind) - _RARE, 0)
        effects[:, i] = rare[:, i] + np.clip(rest.surprise - _SURPRISING, 0, _MOST_SURPRISE)
        contexts[:, i] = rest.context
    return Population(tuple(resources), kept, values, effects, rare, columns, tags, contexts)


def _telling_tags(resources: Sequence[Resource]) -> tuple[str, ...]:
    """Return the tags that most resources have and many share the values of."""
    held: dict[str, Counter[Any]] = {}
    for resource in resources:
        for tag, value in resource.tags.items():
            held.setdefault(tag, Counter())[value] += 1
    return tuple(
        tag
        for tag, values in sorted(held.items())
        if values.total() >= _TAGGED * len(resources)
        and 1 < len(values) <= values.total() / _LEAST_PEERS
    )
