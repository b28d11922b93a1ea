from collections import Counter

import pytest

from bench import hidden_oddities
from detectors.fact import View
from detectors.unusual import ranked

COMMON = 0.05  # of the resources of a type share every single planted value


@pytest.mark.parametrize("seed", [0, 100])
def test_no_single_value_of_a_planted_resource_is_rare(seed: int) -> None:
    estate = hidden_oddities.generate(seed)
    view = View(estate.snapshot)

    for kind in hidden_oddities.COUNTS:
        resources = [r for r in estate.snapshot.resources if r.type == kind]
        population, _ = ranked(resources, kind, view)
        shares = [Counter(column) for column in zip(*population.values, strict=True)]
        for resource, row in zip(population.resources, population.values, strict=True):
            if resource.uid in estate.planted:
                rarest = min(share[value] for share, value in zip(shares, row, strict=True))
                assert rarest >= COMMON * len(resources)


def test_the_same_seed_draws_the_same_estate_and_twenty_oddities() -> None:
    first, again = hidden_oddities.generate(3), hidden_oddities.generate(3)

    assert first == again != hidden_oddities.generate(4)
    assert Counter(first.planted.values()) == {"group": 8, "combination": 7, "number": 5}
