"""Edits of Terraform files: what they write, what they leave alone, what they refuse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Declined
from templates.patch import apply, inverse
from templates.terraform import edit, writer
from templates.terraform.parse import parse_hcl

QUEUE = ("resource", "aws_sqs_queue", "orders")
FILE = b"""\
# Orders. Do not reorder.
resource "aws_sqs_queue" "orders" {
  name       = "orders" # what shops call it
  fifo_queue = false

  policy = jsonencode({
    Statement = [
      {
        Sid = "a"
      },
    ]
  })

  tags = {
    team = "shop"
  }

  timeouts { create = "1m" }
}

resource "aws_sns_topic" "empty" {}

resource "aws_instance" "text" {
  user_data = <<-EOT
    name = "not an attribute" }
  EOT
  list = [1, 2]
}
"""


def edited(made: object, data: bytes = FILE) -> str:
    edits = made if isinstance(made, tuple) else ()
    after = apply(data, edits)
    assert apply(after, inverse(data, edits)) == data
    return after.decode()


def test_an_attribute_joins_the_aligned_ones() -> None:
    after = edited(edit.set_value(parse_hcl("a.tf", FILE), QUEUE, ("delay_s",), 3))

    assert '"orders" # what shops call it\n  fifo_queue = false\n  delay_s    = 3\n\n' in after


def test_a_longer_name_moves_the_others_as_fmt_does() -> None:
    made = edit.set_value(parse_hcl("a.tf", FILE), QUEUE, ("sqs_managed_sse_enabled",), True)

    assert (
        '  name                    = "orders" # what shops call it\n'
        "  fifo_queue              = false\n"
        "  sqs_managed_sse_enabled = true\n" in edited(made)
    )


def test_names_that_are_not_aligned_stay_so() -> None:
    data = b'resource "a" "b" {\n  x = 1\n  long = 2\n}\n'

    made = edit.set_value(parse_hcl("a.tf", data), ("resource", "a", "b"), ("yy",), 3)

    assert edited(made, data) == 'resource "a" "b" {\n  x = 1\n  long = 2\n  yy = 3\n}\n'


def test_a_value_is_replaced_and_its_comment_stays() -> None:
    made = edit.set_value(parse_hcl("a.tf", FILE), QUEUE, ("name",), "${x}")

    assert '  name       = "$${x}" # what shops call it\n' in edited(made)


def test_what_is_said_already_gives_no_edit() -> None:
    assert edit.set_value(parse_hcl("a.tf", FILE), QUEUE, ("name",), "orders") == ()


def test_missing_nested_blocks_are_made() -> None:
    made = edit.set_value(parse_hcl("a.tf", FILE), QUEUE, ("redrive", "limit", "count"), 5)

    wanted = '1m" }\n\n  redrive {\n    limit {\n      count = 5\n    }\n  }\n}\n'
    assert wanted in edited(made)


def test_a_block_of_one_line_is_spread() -> None:
    made = edit.set_value(parse_hcl("a.tf", FILE), QUEUE, ("timeouts", "delete"), "2m")

    assert '  timeouts {\n    create = "1m"\n    delete = "2m"\n  }\n' in edited(made)


def test_an_empty_block_is_filled() -> None:
    made = edit.set_value(
        parse_hcl("a.tf", FILE), ("resource", "aws_sns_topic", "empty"), ("a",), 1
    )

    assert 'resource "aws_sns_topic" "empty" {\n  a = 1\n}\n' in edited(made)


def test_an_item_joins_a_list_in_its_manner() -> None:
    file = parse_hcl("a.tf", FILE)
    policy = edit.append(file, QUEUE, ("policy",), {"Sid": "b", "Not": 1}, into=("Statement",))
    short = edit.append(file, ("resource", "aws_instance", "text"), ("list",), 3)

    assert '      },\n      {\n        Sid = "b"\n        Not = 1\n      },\n    ]' in edited(
        policy
    )
    assert "list = [1, 2, 3]" in edited(short)


def test_an_attribute_goes_with_its_line() -> None:
    made = edit.remove(parse_hcl("a.tf", FILE), QUEUE, ("name",))

    assert '"orders" {\n  fifo_queue = false\n' in edited(made)


def test_a_block_is_added_behind_another() -> None:
    parts = {"a": 1, "long": writer.Code("x.y"), "doc": writer.Json({"k": [1]})}
    inner = {"v": writer.Inner({"status": "Enabled"})}
    file = parse_hcl("a.tf", FILE)

    made = edit.add_block(file, ("resource", "b", "c"), {**parts, **inner}, after=QUEUE)

    assert (
        '}\n\nresource "b" "c" {\n  a    = 1\n  long = x.y\n  doc = jsonencode({\n    k = [1]\n'
        '  })\n\n  v {\n    status = "Enabled"\n  }\n}\n\nresource "aws_sns_topic"'
    ) in edited(made)


def test_windows_line_ends_stay() -> None:
    data = FILE.replace(b"\n", b"\r\n")

    made = edit.set_value(parse_hcl("a.tf", data), QUEUE, ("v", "status"), "x")

    after = edited(made, data)
    assert after.count("\n") == after.count("\r\n")


def test_tabs_indent_where_the_file_has_tabs() -> None:
    data = b'resource "a" "b" {\n\tx = 1\n}\n'

    made = edit.set_value(parse_hcl("a.tf", data), ("resource", "a", "b"), ("y",), 2)

    assert edited(made, data) == 'resource "a" "b" {\n\tx = 1\n\ty = 2\n}\n'


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [
        ('dynamic "v" {\n for_each = x\n content {}\n}', ("v", "status"), "dynamic block"),
        ("v {}\nv {}", ("v", "status"), "several v blocks"),
        ("v = {}", ("v", "status"), "attribute, not as a block"),
    ],
)
def test_what_cannot_be_placed_is_refused(body: str, path: tuple[str, ...], reason: str) -> None:
    data = f'resource "a" "b" {{\n{body}\n}}\n'.encode()

    with pytest.raises(Declined, match=reason):
        edit.set_value(parse_hcl("a.tf", data), ("resource", "a", "b"), path, 1)


def test_a_list_that_is_computed_is_not_extended() -> None:
    data = b'resource "a" "b" {\n  l = concat(var.a, var.b)\n}\n'

    with pytest.raises(Declined, match="plain list"):
        edit.append(parse_hcl("a.tf", data), ("resource", "a", "b"), ("l",), 1)


_NAME = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
_VALUE = st.recursive(
    st.booleans() | st.integers(-9, 99) | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAME, inner, max_size=3),
    max_leaves=6,
)


@given(path=st.lists(_NAME, min_size=1, max_size=3, unique=True), value=_VALUE, crlf=st.booleans())
def test_any_edit_undoes_exactly_and_keeps_the_other_lines(
    path: list[str], value: object, crlf: bool
) -> None:
    data = FILE.replace(b"\n", b"\r\n") if crlf else FILE
    try:
        made = edit.set_value(parse_hcl("a.tf", data), QUEUE, tuple(path), value)
    except Declined:
        return

    after = apply(data, made)

    assert apply(after, inverse(data, made)) == data
    touched = b"".join(data[e.start : e.end] for e in made).count(b"\n")
    kept = [line for line in data.splitlines() if line in after.splitlines()]
    assert len(kept) >= len(data.splitlines()) - touched - 4
