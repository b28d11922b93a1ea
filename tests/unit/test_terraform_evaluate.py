"""What expressions come to, and what stays unknown."""

import re
from typing import Any

import pytest

from core.types import is_unknown
from templates.terraform.read import read_module

PRELUDE = """
variable "open" {}
variable "names" { default = ["b", "a", "b"] }
variable "sizes" { default = { small = 1, large = 10 } }
resource "aws_kms_key" "k" { description = "keys" }
"""


def value(expression: str, files: dict[str, bytes] | None = None) -> Any:
    source = f'{PRELUDE}\nresource "test_one" "t" {{\n  x = {expression}\n}}\n'
    module = read_module({"main.tf": source.encode(), **(files or {})}, secret_key=b"k")
    return next(b for b in module.blocks if b.type == "test_one").attributes["x"]


def reason(expression: str, files: dict[str, bytes] | None = None) -> str:
    found = value(expression, files)
    assert is_unknown(found), found
    return str(found["Fn::Unknown"])


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3 - 8 / 4 % 3", 5),
        ("-7 % 3", -1),
        ("7 / 2", 3.5),
        ('"3" + 1', 4),
        ("!false && (1 < 2 || var.open)", True),
        ("false && var.open", False),
        ('1 == "1"', False),
        ("true == 1", False),
        ("[1, {a = 2}] == [1, {a = 2}]", True),
        ('true ? "a" : "b"', "a"),
        ('var.open ? "same" : "same"', "same"),
        ("var.names[1]", "a"),
        ('var.sizes["large"]', 10),
        ("var.sizes.small", 1),
        ("[for n in var.names : upper(n)]", ["B", "A", "B"]),
        ('[for i, n in var.names : i if n == "b"]', [0, 2]),
        ("{for k, v in var.sizes : v => k if v > 5}", {"10": "large"}),
        ("{for n in var.names : n => 1...}", {"b": [1, 1], "a": [1]}),
        ("[{a = 1}, {a = 2}][*].a", [1, 2]),
        ("[[1], [2]].*.0", [1, 2]),
        ("null[*]", []),
        ('"%{ for n in var.names ~} ${n}, %{ endfor ~}"', "b, a, b, "),
        ('"%{ if 1 > 2 }yes%{ else }no%{ endif }"', "no"),
        ('"${var.sizes.small}-${true}"', "1-true"),
        ('"${var.names}"', ["b", "a", "b"]),
        ('{ "a-${1}" = 1, (var.names[0]) = 2, c : 3 }', {"a-1": 1, "b": 2, "c": 3}),
        ("max(var.sizes...)", None),
        ("max([1, 5, 3]...)", 5),
    ],
)
def test_expressions_are_evaluated(expression: str, expected: Any) -> None:
    found = value(expression)
    if expected is None:
        assert is_unknown(found)
    else:
        assert found == expected
        assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('try(var.sizes.none, "else")', "else"),
        ("can(var.sizes.none)", False),
        ("can(var.sizes.small)", True),
        ('coalesce(null, "", "a")', "a"),
        ('lookup(var.sizes, "none", 7)', 7),
        ("merge({a = 1}, null, {a = 2, b = 3})", {"a": 2, "b": 3}),
        ("concat([1], [2, 3])", [1, 2, 3]),
        ("flatten([1, [2, [3]]])", [1, 2, 3]),
        ('format("%s-%03d-%%-%.1f-%q", "a", 7, 2.25, "b")', 'a-007-%-2.2-"b"'),
        ('formatlist("%s!", var.names)', ["b!", "a!", "b!"]),
        ('join("-", var.names)', "b-a-b"),
        ('split(",", "a,b")', ["a", "b"]),
        ('replace("a.b", ".", "-")', "a-b"),
        (r'replace("a1b22", "/[0-9]+/", "#")', "a#b#"),
        (r'replace("ab", "/(a)(b)/", "$2$1")', "ba"),
        ('upper(lower("Ab"))', "AB"),
        ("toset(var.names)", ["a", "b"]),
        ("tolist(toset(var.names))", ["a", "b"]),
        ("tostring(1.0)", "1"),
        ('tonumber("1.5")', 1.5),
        ('tobool("true")', True),
        ('length("abc") + length(var.names) + length(var.sizes)', 8),
        ("keys(var.sizes)", ["large", "small"]),
        ("values(var.sizes)", [10, 1]),
        ("element(var.names, 4)", "a"),
        ('contains(var.names, "a")', True),
        ("distinct(var.names)", ["b", "a"]),
        ('compact(["a", "", null])', ["a"]),
        ('zipmap(["a", "b"], [1, 2])', {"a": 1, "b": 2}),
        ("range(3)", [0, 1, 2]),
        ("range(4, 0, -2)", [4, 2]),
        ("slice([1, 2, 3], 1, 3)", [2, 3]),
        ("sort(var.names)", ["a", "b", "b"]),
        (r'regex("^(\\w+)-(\\d+)$", "ab-12")', ["ab", "12"]),
        (r'regexall("[ab]", "abc")', ["a", "b"]),
        ('substr("hello", 1, 3)', "ell"),
        ('trimspace(" a ")', "a"),
        ('trim("??a?", "?")', "a"),
        ('trimprefix("ab", "a")', "b"),
        ('startswith("ab", "a") && endswith("ab", "b")', True),
        ("jsonencode({a = [1, null, true]})", '{"a":[1,null,true]}'),
        ('jsondecode("{\\"a\\": [1]}")', {"a": [1]}),
        ('jsondecode("3")', 3),
        ('yamldecode("a: [1, b]")', {"a": [1, "b"]}),
        ("yamlencode({a = 1})", "a: 1\n"),
        ("abs(-1) + max(1, 2) + min(1, 2) + ceil(0.5) + floor(0.5)", 5),
        ('cidrsubnet("10.0.0.0/16", 8, 2)', "10.0.2.0/24"),
        ('one(["a"])', "a"),
        ("setproduct([1, 2], [3])", [[1, 3], [2, 3]]),
        ("nonsensitive(1)", 1),
        ('base64decode(base64encode("é"))', "é"),
        ('sha256("")', "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ('alltrue([true, "true"]) && !anytrue([false])', True),
        ('title("ab cd")', "Ab Cd"),
    ],
)
def test_functions_give_what_terraform_gives(expression: str, expected: Any) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("aws_kms_key.k.arn", "${aws_kms_key.k.arn}"),
        ('"a ${aws_kms_key.k.arn}/*"', "a ${aws_kms_key.k.arn}/*"),
        ("aws_kms_key.k.description", "keys"),
        ("aws_kms_key.k.multi[0].x", "${aws_kms_key.k.multi[0].x}"),
        ("aws_kms_key.k.multi[*].x", "${aws_kms_key.k.multi[*].x}"),
        ("data.aws_region.here.name", "${data.aws_region.here.name}"),
        ("[aws_kms_key.k.arn, 1]", ["${aws_kms_key.k.arn}", 1]),
        ('join(",", [aws_kms_key.k.arn, "b"])', "${aws_kms_key.k.arn},b"),
        ('format("%s/*", aws_kms_key.k.arn)', "${aws_kms_key.k.arn}/*"),
        ("jsonencode({a = aws_kms_key.k.arn})", '{"a":"${aws_kms_key.k.arn}"}'),
        (
            """jsonencode({a = "\\"${aws_kms_key.k.arn}", b = jsonencode([1])})""",
            r'{"a":"\"${aws_kms_key.k.arn}","b":"[1]"}',
        ),
        ('coalesce(aws_kms_key.k.arn, "x")', "${aws_kms_key.k.arn}"),
        ("aws_kms_key.k.arn != null", True),
        ("{ (aws_kms_key.k.arn) = 1 }", {"${aws_kms_key.k.arn}": 1}),
    ],
)
def test_what_only_the_provider_knows_stays_a_reference(expression: str, expected: Any) -> None:
    assert value(expression) == expected


def test_unknown_stays_local_in_collections_and_spreads_through_text() -> None:
    found = value('{ a = [1, var.open], b = "x-${var.open}", c = 2 }')

    assert found["a"][0] == 1
    assert is_unknown(found["a"][1])
    assert is_unknown(found["b"])
    assert found["c"] == 2


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("var.open", "variable open has no default"),
        ("var.none", "variable none is not declared"),
        ("local.none", "local.none is not declared"),
        ("var.names[9]", "an index beyond the list"),
        ("var.sizes.none", "nothing is called none here"),
        ("1 / 0", "a division by zero"),
        ("timestamp()", r"timestamp\(\) is not evaluated before deployment"),
        ('provider::aws::arn_parse("x")', "provider::aws::arn_parse"),
        ("upper(aws_kms_key.k.arn)", "aws_kms_key.k.arn, which is known only after deployment"),
        ('aws_kms_key.k.arn == "x"', "known only after deployment"),
        ("upper()", r"upper\(\) with 0 arguments"),
        ("keys([1])", "another type"),
        ('index("a", 1)', "another type"),
        ("setsubtract([1], 2)", "another type"),
        ('file("missing.txt")', "missing.txt is not in the checked tree"),
        ('file("/etc/passwd")', "passwd is not in the checked tree"),
        ('file("../../etc/passwd")', "passwd is not in the checked tree"),
        ("each.key", "each outside of a block that has it"),
        ("var.open ? 1 : 2", "a condition is not known"),
        ("[for a in var.open : a]", "variable open has no default"),
        ("try(var.open, 1)", "variable open has no default"),
    ],
)
def test_what_cannot_be_known_says_why(expression: str, why: str) -> None:
    assert re.search(why, reason(expression))


def test_files_of_the_tree_are_read_and_templates_filled() -> None:
    files = {
        "a.json": b'{"a": 1}',
        "t.tftpl": b"%{ for n in names ~}\n${n}=${upper(n)}\n%{ endfor ~}\n",
    }

    assert value('jsondecode(file("${path.module}/a.json")).a', files) == 1
    assert value('templatefile("t.tftpl", {names = ["a", "b"]})', files) == "a=A\nb=B\n"
    assert value('filesha256("./a.json")', files).startswith("f9d86028")
    assert value('fileexists("a.json")', files) is True


@pytest.mark.parametrize(
    "expression",
    [
        "range(100000000)",
        "setproduct(range(9000), range(9000))",
        'join("", [for i in range(1500) : format("%999s", "a")])',
        "1.0e30 * 1.0e30 * 1.0e30",
        "pow(99999999, 99999999)",
        'regex("^(a|aa)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")',
        "flatten([for i in range(20) : range(9000)])",
    ],
)
def test_an_explosion_becomes_unknown(expression: str) -> None:
    assert re.search("too|large|long", reason(expression))
