"""The picture of an attack path, and the same in words."""

import io
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from core.types import Cut, Hop, Stop
from explain.path_plot import ALT_MAX, WAYS_MAX, alt, draw, layout, steps

INTERNET = Stop("the internet", "the internet")


def thing(name: str, kind: str = "AWS::Lambda::Function") -> Stop:
    return Stop(f"arn:{name}", name, kind)


def hop(source: Stop, kind: str, target: Stop, **more: Any) -> Hop:
    return Hop(kind, source, target, f"why {target.name}", **more)


GOAL = Stop("data|arn:people", "people", "AWS::DynamoDB::Table")


def way(*names: str) -> tuple[Hop, ...]:
    stops = [INTERNET, *map(thing, names), GOAL]
    return tuple(
        hop(a, "reaches", b, is_cut=b is GOAL, certain=b is not GOAL) for a, b in pairwise(stops)
    )


CUT = Cut("p", "people", "f", "PL-S3-001", "bucket-x", "AWS::S3::Bucket", 1, 1, by_fix=True)


def size(png: bytes) -> tuple[int, int]:
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        return image.size


def test_a_box_stands_below_all_that_lead_to_it() -> None:
    ways = [way("a", "b"), way("a", "c", "d"), way("e")]
    spots = layout(ways)

    for each in ways:
        for step in each:
            assert spots[step.target.uid].row > spots[step.source.uid].row
    assert len({(s.row, s.column) for s in spots.values()}) == len(spots)


def test_an_arrow_that_several_ways_share_is_drawn_and_told_once() -> None:
    shared = steps([way("a", "b"), way("a", "c")])

    assert [step.number for step in shared] == list(range(1, 6))


def test_the_picture_grows_with_what_it_shows() -> None:
    small, large = draw([way("a")], title="t"), draw([way("a", "b"), way("c"), way("d")], title="t")

    assert size(large)[0] > size(small)[0]
    assert size(large)[1] > size(small)[1]


@pytest.mark.parametrize("name", ["$x$ \\frac{a}", "n" * 300, "", "ünïcödé \N{SNOWMAN}"])
def test_any_name_can_be_drawn(name: str) -> None:
    assert draw([way(name, name + "2")], title=name).startswith(b"\x89PNG")


def test_the_words_say_every_step_what_is_not_certain_and_what_cuts_it() -> None:
    said = alt([way("a")], cuts=[CUT])

    assert said == (
        "Attack path, 1 way. 1. the internet reaches a (why a). 2. a reaches people (why people, "
        "not certain, cheapest cut). Fixing PL-S3-001 on bucket bucket-x cuts this path."
    )


def test_long_words_leave_out_the_reasons_first() -> None:
    ways: Sequence[tuple[Hop, ...]] = [way(*(f"{'n' * 60}{n}" for n in range(6)))] * 5
    said = alt(ways, cuts=[CUT])

    assert len(said) <= ALT_MAX
    assert "why" not in said
    assert "Fixing PL-S3-001" in said
    assert f"{WAYS_MAX} ways" in said
