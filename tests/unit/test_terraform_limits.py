"""What would not end, or is malformed, ends in an unknown or one clear error."""

import re

import pytest

from core.errors import UnreadableTemplate
from templates.terraform.read import Module, read_module


def read(main: str) -> Module:
    return read_module({"main.tf": main.encode()}, secret_key=b"k")


BOMBS = {
    "lists that double": "a0 = [1]\n"
    + "\n".join(f"a{i} = [local.a{i - 1}, local.a{i - 1}]" for i in range(1, 50))
    + "\nx = local.a49",
    "text that doubles": 'a0 = "xxxxxxxxxxxxxxxx"\n'
    + "\n".join(f'a{i} = "${{local.a{i - 1}}}${{local.a{i - 1}}}"' for i in range(1, 50))
    + "\nx = local.a49",
    "loops in loops": "x = [for a in range(9000) : [for b in range(9000) : a * b]]",
    "a long chain": "a0 = 1\n"
    + "\n".join(f"a{i} = local.a{i - 1}" for i in range(1, 2000))
    + "\nx = local.a1999",
    "json of what doubles": "a0 = [1]\n"
    + "\n".join(f"a{i} = [local.a{i - 1}, local.a{i - 1}]" for i in range(1, 50))
    + "\nx = jsonencode(local.a49) == jsonencode(local.a48)",
    "searches without end": r'x = [for i in range(900) : regex("^(a|aa)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")]',
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_an_expansion_without_end_is_unknown_or_one_clear_error(bomb: str) -> None:
    source = f'locals {{\n{BOMBS[bomb]}\n}}\nresource "t_t" "t" {{\n  x = local.x\n}}\n'

    try:
        outcome = read(main=source).blocks[0].attributes["x"]["Fn::Unknown"]
    except UnreadableTemplate as error:
        outcome = str(error)
    assert re.search("not read further|too deep|too long", outcome)


def test_dynamic_blocks_without_end_are_refused() -> None:
    nested = 'dynamic "b" {\n for_each = range(9000)\n content {}\n}'
    outer = f'dynamic "a" {{\n for_each = range(9000)\n content {{\n{nested}\n}}\n}}'

    with pytest.raises(UnreadableTemplate, match="not read further"):
        read(main=f'resource "t_t" "t" {{\n{outer}\n}}')


def test_a_malformed_block_is_refused_with_its_place() -> None:
    with pytest.raises(UnreadableTemplate, match=r"^main\.tf:2: a resource block with 1 labels"):
        read(main='\nresource "aws_s3_bucket" {}\n')


CHAINS = {
    "resources": (
        'resource "t_t" "a{n}" {{ x = t_t.a{m}.x }}\n',
        'resource "t_t" "a0" { x = 1 }\n',
    ),
    "counts": (
        'resource "t_t" "a{n}" {{ count = length(t_t.a{m}) }}\n',
        'resource "t_t" "a0" { count = 1 }\n',
    ),
    "locals": ("locals {{ a{n} = [for v in [local.a{m}] : v][0] }}\n", "locals { a0 = 1 }\n"),
}


@pytest.mark.parametrize("chain", CHAINS)
def test_a_chain_longer_than_the_stack_ends_in_an_unknown_or_a_reference(chain: str) -> None:
    link, last = CHAINS[chain]
    source = "".join(link.format(n=n, m=n - 1) for n in range(500, 0, -1)) + last
    module = read(main=source + 'resource "u_u" "u" { x = local.a500 }\n')

    assert module.blocks[-1].address == "u_u.u"


def test_modules_that_call_each_other_in_a_long_chain_are_read() -> None:
    link = """
    variable "a" {{}}
    module "m" {{
      source = "../m{n}"
      a      = var.a
    }}
    resource "t_t" "t" {{ x = var.a }}
    """
    tree = {f"m{n}/main.tf": link.format(n=n + 1).encode() for n in range(300)}
    tree["main.tf"] = b'module "m" {\n  source = "./m0"\n  a = 1\n}\n'

    module = read_module(tree, secret_key=b"k")
    assert len(module.blocks) == 300
    assert module.blocks[20].attributes == {"x": 1}
