"""HCL and its JSON notation, read with their bytes."""

import json
from typing import Any

import pytest

from core.errors import UnreadableTemplate
from templates.terraform.parse import parse_hcl, parse_template
from templates.terraform.parse_json import parse_json
from templates.terraform.syntax import Body, Conditional, Literal, Loop, Name, Record, Template


def body(text: str) -> Body:
    return parse_hcl("main.tf", text.encode()).body


def text_of(source: str) -> Any:
    value = body(f"x = {source}\n").get("x")
    assert isinstance(value, Literal)
    return value.value


def test_blocks_attributes_and_expressions_stand_on_their_bytes() -> None:
    source = 'a "é" {\n  b = 1 # note\n  c {\n    d = "x"\n  }\n}\n'.encode()
    block = parse_hcl("main.tf", source).body.blocks[0]

    assert block.labels == ("é",)
    assert source[block.start : block.end] == source.strip()
    attribute = block.body.attributes[0]
    assert source[attribute.start : attribute.end] == b"b = 1"
    assert source[attribute.value.start : attribute.value.end] == b"1"
    inner = block.body.blocks[0]
    assert source[inner.start : inner.end] == b'c {\n    d = "x"\n  }'


def test_a_chain_of_conditionals_groups_to_the_right() -> None:
    value = body("x = a ? b : c ? d : e ? f : g\n").get("x")

    assert isinstance(value, Conditional)
    assert isinstance(value.condition, Name)
    assert value.condition.name == "a"
    assert isinstance(value.otherwise, Conditional)
    assert isinstance(value.otherwise.otherwise, Conditional)
    assert isinstance(value.otherwise.otherwise.then, Name)
    assert value.otherwise.otherwise.then.name == "f"


def test_parentheses_keep_a_conditional_as_a_condition() -> None:
    value = body("x = (a ? b : c) ? d : e\n").get("x")

    assert isinstance(value, Conditional)
    assert isinstance(value.condition, Conditional)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (r'"a\tb\n\"c\" \\ é"', 'a\tb\n"c" \\ é'),
        ('"$${a} %%{b} $c 5%"', "${a} %{b} $c 5%"),
        (r'"\ud800"', "\ufffd"),
        ('""', ""),
        ("<<EOT\nEOT", ""),
        ("<<EOT\n  a \\n\n\n    b\nEOT", "  a \\n\n\n    b\n"),
        ("<<-EOT\n    a\n\n      b\n    EOT", "a\n\n  b\n"),
        ("<<EOT\n# a // b /* c */\nEOT", "# a // b /* c */\n"),
    ],
)
def test_text_is_what_hcl_says(source: str, expected: str) -> None:
    assert text_of(source) == expected


def test_white_space_beside_an_interpolation_stays() -> None:
    value = body('x = "a  ${b}  c"\n').get("x")

    assert isinstance(value, Template)
    first, _, last = value.parts
    assert isinstance(first, Literal)
    assert isinstance(last, Literal)
    assert (first.value, last.value) == ("a  ", "  c")


def test_an_indented_heredoc_loses_its_margin_also_in_directives() -> None:
    source = "x = <<-EOT\n    a ${b}\n      %{ for c in d ~}\n      ${c}\n    %{ endfor }\n  EOT\n"
    value = body(source).get("x")

    assert isinstance(value, Template)
    loop = next(p for p in value.parts if isinstance(p, Loop))
    assert isinstance(loop.value, Template)
    last = loop.value.parts[-1]
    assert isinstance(last, Literal)
    assert last.value == "\n"
    assert isinstance(value.parts[0], Literal)
    assert value.parts[0].value == "a "


def test_a_template_of_one_interpolation_is_no_literal() -> None:
    assert isinstance(parse_template("x", "${a}"), Template)
    assert parse_template("x", "plain\n") == Literal(0, 0, "plain\n")


def test_a_name_above_a_key_in_parentheses_is_no_call() -> None:
    value = body("x = {\n  a = v\n  (b) = <<EOT\nv\n(w) = 1\nEOT\n}\n").get("x")

    assert isinstance(value, Record)
    (_, first), (key, last) = value.items
    assert isinstance(first, Name)
    assert isinstance(key, Name)
    assert isinstance(last, Literal)
    assert last.value == "v\n(w) = 1\n"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (b'a = 1\nresource "a" "b" {\n  c = [\n}\n', 3),
        (b"a = 1\nb = }\n", 2),
        (b"a = 1\n\n\xff\n", 3),
        (b"a = 1.0e999\n", 1),
        (b"a = " + b"[" * 500 + b"]" * 500, 1),
    ],
)
def test_a_broken_file_is_refused_with_its_place(source: bytes, line: int) -> None:
    with pytest.raises(UnreadableTemplate, match=rf"^envs/main\.tf:{line}: .*\.$"):
        parse_hcl("envs/main.tf", source)


def test_a_refusal_shows_nothing_of_the_file() -> None:
    with pytest.raises(UnreadableTemplate) as refused:
        parse_hcl("main.tf", b'password = "hunter2" "hunter2"\n')
    assert "hunter2" not in str(refused.value)


def test_the_json_notation_gives_the_same_blocks() -> None:
    content = json.dumps(
        {
            "resource": {
                "aws_s3_bucket": {
                    "b": {
                        "//": "a comment",
                        "bucket": "x-${var.a}",
                        "tags": {"Name": "b"},
                        "versioning": {"enabled": True},
                        "grant": [{"type": "Group"}, {"type": "User"}],
                        "dynamic": {"logging": {"for_each": [1], "content": {"a": 1}}},
                    }
                }
            },
            "locals": {"a": {"b": 1}},
            "variable": {"v": {"default": "${not.read}"}},
        }
    ).encode()
    blocks = parse_json("main.tf.json", content).body.blocks

    resource = next(b for b in blocks if b.type == "resource")
    assert resource.labels == ("aws_s3_bucket", "b")
    assert [a.name for a in resource.body.attributes] == ["bucket", "tags"]
    assert [(b.type, b.labels) for b in resource.body.blocks] == [
        ("versioning", ()),
        ("grant", ()),
        ("grant", ()),
        ("dynamic", ("logging",)),
    ]
    variable = next(b for b in blocks if b.type == "variable")
    assert variable.body.get("default") == Literal(
        content.index(b'"${not'), content.index(b'"${not') + 13, "${not.read}"
    )
    assert content[resource.start : resource.end].startswith(b'"b": {')


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"a": "\\ud800"}', b"\xff"])
def test_broken_json_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableTemplate, match=r"main\.tf\.json"):
        parse_json("main.tf.json", content)
