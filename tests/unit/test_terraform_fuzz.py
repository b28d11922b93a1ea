"""Any bytes are read, or refused in one sentence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UnreadableTemplate
from templates.terraform.configuration import root_modules
from templates.terraform.functions import FUNCTIONS as FUNCTIONS_KNOWN
from templates.terraform.read import read_module

NAMES = st.sampled_from(["var.a", "local.b", "t_t.t", "t_t.t.x", "each.key", "count.index", "self"])
NUMBERS = st.sampled_from(["0", "1", "2.5", "9000", "null", "true"])
FUNCTIONS = st.sampled_from(sorted({*FUNCTIONS_KNOWN, "try", "can", "templatefile", "none"}))


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{ a = {}, ({}) = {} }}".format, inner, inner, inner),
        st.builds('"x ${{{}}} y"'.format, inner),
        st.builds("({}) ? {} : {}".format, inner, inner, inner),
        st.builds(
            "({}) {} ({})".format, inner, st.sampled_from(["+", "/", "==", "<", "&&"]), inner
        ),
        st.builds("[for k, v in {} : {} if {}]".format, inner, inner, inner),
        st.builds("{{for k, v in {} : k => {}...}}".format, inner, inner),
        st.builds("({})[{}].x".format, inner, inner),
        st.builds("({})[*].x".format, inner),
        st.builds("{}({}, {})".format, FUNCTIONS, inner, inner),
        st.builds("{}({}...)".format, FUNCTIONS, inner),
        st.builds("-({})".format, inner),
    )


EXPRESSIONS = st.recursive(
    st.one_of(NAMES, NUMBERS, st.sampled_from(['"a"', '"%s"', '"{\\"a\\": 1}"', "{}", "[]"])),
    _larger,
    max_leaves=12,
)


def read(files: dict[str, bytes]) -> None:
    for directory in root_modules(files):
        refusal = ""
        try:
            module = read_module(files, directory=directory, secret_key=b"k")
            repr(module).encode()
        except UnreadableTemplate as error:
            refusal = str(error)
        assert "\n" not in refusal
        assert not refusal or refusal.endswith(".")


@settings(max_examples=60, deadline=None)
@given(
    content=st.binary(max_size=300), name=st.sampled_from(["a.tf", "a.tf.json", "a.auto.tfvars"])
)
def test_any_bytes_are_read_or_refused(content: bytes, name: str) -> None:
    read({name: content, "b.tf": b""})


@settings(max_examples=60, deadline=None)
@given(
    text=st.text(alphabet='abr {}[]()"$%\n=<-~.,:*!?&|1\\#/_EOT', max_size=80),
    name=st.sampled_from(["a.tf", "a.tf.json"]),
)
def test_almost_hcl_is_read_or_refused(text: str, name: str) -> None:
    read({name: f'resource "a_b" "c" {{\n  x = {text}\n}}\n'.encode()})


@settings(max_examples=150, deadline=None)
@given(one=EXPRESSIONS, two=EXPRESSIONS, count=EXPRESSIONS)
def test_any_expression_is_evaluated_or_refused(one: str, two: str, count: str) -> None:
    source = f"""
    variable "a" {{ default = ["x", {{ k = 1 }}] }}
    locals {{ b = {one} }}
    resource "t_t" "t" {{
      count  = {count}
      x      = {two}
      policy = jsonencode({one})
      dynamic "d" {{
        for_each = {two}
        content {{ v = d.value }}
      }}
    }}
    resource "t_t" "u" {{
      for_each = {one}
      x        = [each.value, {two}]
    }}
    data "aws_iam_policy_document" "p" {{
      source_policy_documents = {one}
      statement {{ actions = {two} }}
    }}
    output "o" {{ value = {one} }}
    """
    read({"main.tf": source.encode()})


KINDS = (
    "-1",
    "2.5",
    '"a"',
    '"%d%s"',
    "null",
    "true",
    '["a", null, [1]]',
    '{ a = ["x"] }',
    'toset(["a"])',
    "t_t.other.arn",
    "t_t.maybe",
    "var.later",
)


@pytest.mark.parametrize("name", sorted(FUNCTIONS_KNOWN))
def test_no_function_fails_on_arguments_of_any_kind(name: str) -> None:
    given = ["", *KINDS, *(f"{a}, {b}" for a in KINDS for b in KINDS)]
    given += [f"{a}, {b}, {a}" for a in KINDS for b in KINDS]
    lines = "\n".join(f"x{i} = {name}({arguments})" for i, arguments in enumerate(given))
    source = f"""
    variable "later" {{}}
    resource "t_t" "other" {{}}
    resource "t_t" "maybe" {{ count = var.later }}
    resource "t_t" "t" {{
      {lines}
    }}
    """

    module = read_module({"main.tf": source.encode()}, secret_key=b"k")
    assert len(module.blocks[-1].attributes) == len(given)
