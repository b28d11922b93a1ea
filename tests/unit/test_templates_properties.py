"""What holds for any bytes, any value and any edit."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Declined, UnreadableTemplate
from core.types import Edit
from templates import Template, read
from templates.document import Node, read_document
from templates.edit import apply, inverse, rebase, remove, set_value
from templates.value import plain
from tests.unit.test_templates_edit import YAML

_PIECES = st.sampled_from(
    [
        "Resources:", "\n", "  ", "- ", ": ", "{", "}", "[", "]", "&a ", "*a", "<<: ", "!Ref ", "!Sub ",
        "Type: AWS::S3::Bucket", "Type: AWS::Serverless::Function", "Properties:", "'", '"', "|", ">-",
        "#", "? ", "\t", "é", "Fn::ForEach::X", "Transform: AWS::Serverless-2016-10-31", "A", "0", ",",
    ]
)  # fmt: skip
_RELAXED = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | _TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            _TEXT.filter(lambda k: k != "<<" and not k.startswith("Fn::")), inner, max_size=3
        )
    ),
    max_leaves=8,
)


def reading(data: bytes) -> Template:
    return read(data, file="t", secret_key=b"k")


@_RELAXED
@given(st.binary(max_size=300) | st.lists(_PIECES, max_size=40).map(lambda p: "".join(p).encode()))
def test_any_bytes_give_a_template_or_a_clear_refusal(data: bytes) -> None:
    try:
        template = reading(data)
    except UnreadableTemplate:
        return
    assert template.content == data


@_RELAXED
@given(st.binary(max_size=80), st.randoms(use_true_random=False))
def test_a_damaged_template_is_read_or_refused(junk: bytes, random: Any) -> None:
    start = random.randrange(len(YAML))
    data = YAML[:start] + junk + YAML[start + random.randrange(40) :]
    try:
        template = reading(data)
    except UnreadableTemplate:
        return
    for declared in template.declared.values():
        span = declared.span
        assert 0 <= span.start_byte < span.end_byte <= len(data)
        assert 1 <= span.start_line <= span.end_line


@_RELAXED
@given(_VALUES)
def test_any_value_is_written_read_back_and_undone(value: Any) -> None:
    for data in (
        YAML,
        YAML.replace(b"\n", b"\r\n"),
        json.dumps(plain(read_document(YAML).root), indent=2).encode(),
    ):
        template = reading(data)
        for path in (("New",), ("Tags",), ("Tags", 0, "Value"), ("Deep", "er")):
            try:
                edits = set_value(template, "Bucket", path, value)
            except Declined:
                assert _unwritable(value)
                continue
            after = apply(data, edits)
            assert apply(after, inverse(data, edits)) == data
            found: Any = plain(read_document(after).root)["Resources"]["Bucket"]["Properties"]
            for step in path:
                found = found[step]
            assert found == value


def _unwritable(value: Any) -> bool:
    """Characters that YAML cannot hold, or a long form that reads back otherwise."""
    text = json.dumps(value, ensure_ascii=False)
    return any(not c.isprintable() for c in text) or "Ref" in text


@_RELAXED
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6), st.binary(max_size=5)), max_size=5)
)
def test_edits_that_do_not_overlap_are_undone_exactly(raw: list[tuple[int, int, bytes]]) -> None:
    data = bytes(range(65, 65 + 60))
    edits: list[Edit] = []
    position = 0
    for start, length, text in sorted(raw):
        first = max(start, position)
        if first + length <= len(data):
            edits.append(Edit(first, first + length, text))
            position = first + length + 1

    assert apply(apply(data, edits), inverse(data, edits)) == data


@_RELAXED
@given(st.integers(0, 40), st.text("ab \n", max_size=12))
def test_an_undo_carried_over_an_unrelated_edit_undoes_only_itself(line: int, text: str) -> None:
    edits = set_value(reading(YAML), "Export", ("FunctionUrlConfig", "AuthType"), "AWS_IAM")
    fixed = apply(YAML, edits)
    lines = fixed.splitlines(keepends=True)
    at = line % len(lines)
    later = b"".join([*lines[:at], text.encode() + b"\n", *lines[at:]])
    try:
        undo = rebase(inverse(YAML, edits), fixed, later)
    except Declined:
        assert abs(at - 12) <= 2
        return
    assert apply(later, undo) == later.replace(b"AuthType: AWS_IAM", b"AuthType: NONE")


def test_every_node_stands_at_its_bytes() -> None:
    document = read_document(YAML)
    nodes: list[Node] = [document.root]
    while nodes:
        node = nodes.pop()
        nodes += node.children()
        text = YAML[node.start : node.end].decode()
        if node.kind == "scalar" and not node.tag:
            assert text.strip("\"'") == node.text
        else:
            again = read_document(b" " * node.column + text.encode())
            assert plain(again.root) == plain(node)


def test_removing_anything_is_undone_exactly() -> None:
    template = reading(YAML)
    for logical_id, declared in template.declared.items():
        for name in declared.properties:
            edits = remove(template, logical_id, (name,))
            assert apply(apply(YAML, edits), inverse(YAML, edits)) == YAML
