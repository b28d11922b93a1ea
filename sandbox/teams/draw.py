"""Seeded draws by name, so that one more resource changes nothing about the others."""

from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """Draws that depend on the seed and on the name of what is drawn, and on nothing else."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn: dict[tuple[object, ...], float] = {}

    def of(self, *name: object) -> Random:
        """Return a generator of its own for a name."""
        return Random("|".join(map(str, (self._seed, *name))))

    def chance(self, probability: float, *name: object) -> bool:
        """Return True with a probability."""
        return self._once("chance", name, lambda place: place.random()) < probability

    def normal(self, mean: float, deviation: float, *name: object) -> float:
        """Return a draw of the normal distribution."""
        return mean + deviation * self._once("normal", name, lambda place: place.gauss(0, 1))

    def uniform(self, low: float, high: float, *name: object) -> float:
        """Return a draw between two bounds."""
        return low + (high - low) * self._once("uniform", name, lambda place: place.random())

    def one(self, values: Sequence[T], *name: object, weights: Sequence[float] = ()) -> T:
        """Return one of some values."""
        return self.of(*name).choices(values, weights or None)[0]

    def _once(self, how: str, name: tuple[object, ...], made: Callable[[Random], float]) -> float:
        """Remember what was drawn: making a generator costs more than all that is done with it."""
        key = (how, *name)
        if key not in self._drawn:
            self._drawn[key] = made(self.of(*name))
        return self._drawn[key]
