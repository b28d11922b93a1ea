"""The reader and the editor on real templates, where they lie; a development score."""

import json
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from core.errors import Declined
from templates import Template, read
from templates.document import read_document
from templates.edit import apply, inverse, rebase, remove, set_value
from templates.value import plain

REAL = Path(__file__).parents[2].parent / "shared" / "data" / "templates"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(
        not REAL.is_dir(), reason="the development data is not beside the repository"
    ),
]

VALUES = (
    True,
    7,
    "AWS_IAM",
    "a: b #c",
    {"A": {"B": [1, {"C": "d"}]}},
    [{"K": "x", "V": []}],
    {"Fn::GetAtt": ["X", "Arn"]},
    {"Fn::Sub": "${A}/*"},
    "déjà\nvu",
)


def templates() -> list[Template]:
    files = sorted(
        p for p in REAL.rglob("*") if p.suffix in (".yaml", ".yml", ".json", ".template")
    )
    return [read(p.read_bytes(), file=p.name, secret_key=b"k") for p in files]


@pytest.fixture(scope="module")
def real() -> list[Template]:
    return templates()


def test_every_real_template_is_read_and_nearly_all_are_translated(real: list[Template]) -> None:
    assert len(real) == 329
    assert sum(t.kind == "sam" for t in real) == 302
    assert sum(bool(t.notes) for t in real) <= 3
    assert sum(len(t.resources) for t in real) > 2500


def test_every_resource_stands_in_its_file(real: list[Template]) -> None:
    for template in real:
        for resource in template.resources:
            span = resource.source
            assert span is not None
            text = template.content[span.start_byte : span.end_byte].decode()
            assert text.startswith((span.address, f'"{span.address}'))


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    if isinstance(value, dict) and not any(k == "Ref" or k.startswith("Fn::") for k in value):
        for key, member in value.items():
            yield from paths(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from paths(member, (*path, index))


def test_edits_of_real_templates_are_exact_and_undone(real: list[Template]) -> None:
    chance = random.Random(2026)
    made = declined = 0
    for template in real:
        for logical_id in chance.sample(sorted(template.declared), min(1, len(template.declared))):
            known = [p for p in paths(template.declared[logical_id].properties) if p]
            path = chance.choice(known) if known else ("New",)
            for act in chance.sample(("set", "add", "remove"), 2):
                try:
                    _exact(template, logical_id, path, chance.choice(VALUES), act)
                    made += 1
                except Declined:
                    declined += 1
    assert made > 550
    assert declined < made / 20


def _exact(
    template: Template, logical_id: str, path: tuple[str | int, ...], value: Any, act: str
) -> None:
    if act == "add":
        path = (
            *path[:-1],
            len(_list(template, logical_id, path)) if isinstance(path[-1], int) else "Added",
        )
    before = template.content
    if act == "remove":
        edits = remove(template, logical_id, path)
    else:
        edits = set_value(template, logical_id, path, value)
    after = apply(before, edits)
    assert apply(after, inverse(before, edits)) == before
    _untouched(before, edits)
    if act != "remove":
        found = plain(read_document(after).root)["Resources"][logical_id]["Properties"]
        for step in path:
            found = found[step]
        assert found == value


def _list(template: Template, logical_id: str, path: tuple[str | int, ...]) -> list[Any]:
    found: Any = template.declared[logical_id].properties
    for step in path[:-1]:
        found = found[step]
    return list(found)


def _untouched(before: bytes, edits: tuple[Any, ...]) -> None:
    """All bytes outside the edits are the same by construction; no edit may spread."""
    for edit in edits:
        first = before.rfind(b"\n", 0, edit.start)
        assert edit.start - first < 400
        assert edit.end - edit.start < 20_000


HISTORY = REAL.parent / "iac_history" / "versions.jsonl"


@pytest.mark.skipif(
    not HISTORY.is_file(), reason="the development data is not beside the repository"
)
def test_an_undo_carried_over_a_real_later_version_is_exact_or_declined() -> None:
    exact = declined = 0
    for before, later in _transitions():
        logical_id = next((i for i in before.declared if i in later.declared), "")
        if not logical_id:
            continue
        try:
            made = set_value(before, logical_id, ("Zz", "Added"), "AWS_IAM")
            fixed = apply(before.content, made)
            fixed_later = apply(
                later.content, set_value(later, logical_id, ("Zz", "Added"), "AWS_IAM")
            )
            undo = rebase(inverse(before.content, made), fixed, fixed_later)
        except Declined:
            declined += 1
            continue
        assert apply(fixed_later, undo) == later.content
        exact += 1
    assert exact > 60
    assert declined < exact / 5


def _transitions() -> Iterator[tuple[Template, Template]]:
    """Yield every eighth pair of versions of the same file."""
    versions: dict[str, list[dict[str, Any]]] = {}
    for line in HISTORY.read_text().splitlines():
        entry = json.loads(line)
        versions.setdefault(entry["path"], []).append(entry)
    pairs = [
        p
        for found in versions.values()
        for p in pairwise(sorted(found, key=lambda e: e["version"]))
    ]
    for pair in pairs[::8]:
        first, second = (read(e["text"].encode(), file="t", secret_key=b"k") for e in pair)
        yield first, second
