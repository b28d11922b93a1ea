"""Templates made to break their reader: each is read or refused in a sentence, within its limits."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.reading import TEMPLATE_LIMITS, Reading, Source, read_apart
from core.errors import UnreadableTemplate
from core.types import Estate, Finding, Gap, Resource
from policies import evaluate, load
from policies.model import Language
from templates import read

SHIPPED = load()
SET = replace(SHIPPED, policies=SHIPPED.written_in(Language.REGO))

SAM = "Transform: AWS::Serverless-2016-10-31\n"
BUCKET = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n"


def _laughs(levels: int, width: int) -> str:
    lines = ["x0: &x0 [lol]"]
    lines += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines) + f"\n{BUCKET}      Tags: *x{levels - 1}\n"


def _chain(levels: int) -> str:
    """Parameters' worth of text that doubles with each local variable of a Sub."""
    value = '"x"'
    for n in range(levels):
        value = json.dumps({"Fn::Sub": ["${a}${a}${a}${a}", {"a": json.loads(value)}]})
        if n == levels - 1:
            break
    return f"{BUCKET}      BucketName: {value}\n"


def _conditions(count: int) -> str:
    lines = [
        f'  C{n}: {{"Fn::Or": [{{"Condition": "C{n + 1}"}}, {{"Condition": "C{n + 1}"}}]}}'
        for n in range(count)
    ]
    text = "\n".join(["Conditions:", *lines, f"  C{count}: {{Condition: C0}}"])
    return f"{text}\n{BUCKET.replace('Properties', 'Condition: C0' + chr(10) + '    Properties')}      BucketName: b\n"


def _ifs(depth: int) -> str:
    value = '"x"'
    for _ in range(depth):
        value = f'{{"Fn::If": [Unknown, {value}, {value}]}}'
    return f"{BUCKET}      BucketName: {value}\n"


def _loops(depth: int, width: int) -> str:
    items = [f"i{n}" for n in range(width)]
    body: object = {"B${a0}": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "b" * 1000}}}
    for n in range(depth):
        body = {f"Fn::ForEach::L{n}": [f"a{n}", items, body]}
    return json.dumps({"Transform": "AWS::LanguageExtensions", "Resources": body})


def _functions(count: int) -> str:
    one = "  F{}:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events: {{A: {{Type: Api, Properties: {{Path: /{}, Method: get}}}}}}\n"
    return SAM + "Resources:\n" + "".join(one.format(n, n) for n in range(count))


HOSTILE: dict[str, Callable[[], str | bytes]] = {
    "aliases that multiply": lambda: _laughs(9, 9),
    "aliases that multiply just below the limit": lambda: _laughs(6, 9),
    "an alias to itself": lambda: f"{BUCKET}      Tags: &a [*a]\n",
    "a merge of itself": lambda: f"{BUCKET}      Tags: &a {{<<: *a}}\n",
    "a merge of a text": lambda: f"{BUCKET}      <<: text\n",
    "merges of merges": lambda: (
        "a0: &a0 {k: v}\n"
        + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 40))
        + f"{BUCKET}      <<: *a39\n"
    ),
    "an anchor that is missing": lambda: f"{BUCKET}      Tags: *gone\n",
    "brackets without end": lambda: "Resources: " + "[" * 100_000,
    "brackets that close": lambda: "Resources: " + "[" * 100_000 + "]" * 100_000,
    "braces of JSON": lambda: '{"Resources":' * 100_000 + "1" + "}" * 100_000,
    "dashes without end": lambda: "- " * 100_000,
    "questions without end": lambda: "? " * 50_000,
    "a long indented stair": lambda: "\n".join(" " * n + f"k{n}:" for n in range(1400)),
    "a number of many digits": lambda: f"{BUCKET}      BucketName: {'9' * 100_000}\n",
    "a number of many digits in JSON": lambda: (
        '{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"N": %s}}}}'
        % ("9" * 100_000)
    ),
    "a number of many digits in a Sub": lambda: (
        f"Parameters: {{P: {{Type: Number, Default: {'9' * 5000}}}}}\n{BUCKET}      BucketName: !Sub '${{P}}'\n"
    ),
    "a number of many digits chosen": lambda: (
        f"{BUCKET}      BucketName: !Select [{'9' * 5000}, [a]]\n"
    ),
    "a number in base sixty": lambda: f"{BUCKET}      N: {'1:' * 20_000}1\n",
    "a number in base two": lambda: f"{BUCKET}      N: 0b{'1' * 100_000}\n",
    "a number with an exponent": lambda: f"{BUCKET}      N: 1e999999999\n",
    "not a number": lambda: f"{BUCKET}      N: .nan\n      I: -.inf\n",
    "dates that are none": lambda: f"{BUCKET}      N: 2026-99-99\n      M: 0000-00-00T99:99:99Z\n",
    "keys that repeat": lambda: BUCKET + "      BucketName: a\n      BucketName: b\n" * 2000,
    "keys that are lists": lambda: f"{BUCKET}      ? [a, b]\n      : c\n",
    "keys that are not text": lambda: (
        f"{BUCKET}      1: a\n      null: b\n      true: c\n      1.5: d\n"
    ),
    "bytes that are not UTF-8": lambda: BUCKET.encode() + b"      N: \xff\xfe\xfa\n",
    "UTF-16": lambda: (BUCKET + "      N: a\n").encode("utf-16"),
    "zero bytes": lambda: BUCKET.encode() + b"      N: a\x00b\n",
    "only zero bytes": lambda: b"\x00" * 1000,
    "zero bytes in JSON": lambda: (
        '{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"N": "a\\u0000b"}}}}'
    ),
    "half a surrogate pair": lambda: (
        '{"Resources": {"B\\ud800": {"Type": "AWS::S3::Bucket", "Properties": {"N": "\\udfff"}}}}'
    ),
    "tags of Python": lambda: f"{BUCKET}      N: !!python/object/apply:os.system [id]\n",
    "binary": lambda: (
        f"{BUCKET}      N: !!binary R0lGODlhDAAMAIQAAP\n      S: !!set {{a, b}}\n      T: !!timestamp x\n      O: !!omap [a: b]\n"
    ),
    "several documents": lambda: "---\n".join([BUCKET + "      N: a\n"] * 50),
    "conditions in a circle": lambda: _conditions(60),
    "conditions that multiply": lambda: _conditions(2000),
    "ifs that multiply": lambda: _ifs(16),
    "text that grows with each Sub": lambda: _chain(18),
    "loops in loops": lambda: _loops(6, 30),
    "a loop over a great body": lambda: _loops(1, 2000),
    "mappings that are lists": lambda: f"Mappings: [a]\n{BUCKET}      N: !FindInMap [a, b, c]\n",
    "sections that are text": lambda: (
        "Resources: text\nParameters: 1\nConditions: [a]\nMappings: no\nOutputs: 3\nTransform: 7\nGlobals: x\n"
    ),
    "references in a circle": lambda: (
        f"{BUCKET}      A: !Ref B\n      C: !GetAtt B.Arn\n    DependsOn: B\n"
    ),
    "many functions": lambda: _functions(3000),
    "a function of a bomb": lambda: (
        SAM + _laughs(5, 9).replace("AWS::S3::Bucket", "AWS::Serverless::Function")
    ),
    "globals in a circle": lambda: f"{SAM}Globals: &g {{Function: *g}}\n{BUCKET}      N: a\n",
    "a state machine of itself": lambda: (
        SAM
        + "Resources:\n  S:\n    Type: AWS::Serverless::StateMachine\n    Properties: {Definition: {StartAt: A, States: {A: {Next: A}}}, Role: !Ref S, Events: {E: {Type: Schedule, Properties: !Ref S}}}\n"
    ),
    "a policy that is text of text": lambda: (
        f"{BUCKET}      PolicyDocument: {json.dumps(json.dumps({'a': '[' * 50_000}))}\n"
    ),
    "a policy that is deep text": lambda: (
        f"{BUCKET}      PolicyDocument: {json.dumps('[' * 50_000)}\n"
    ),
    "a very long line": lambda: f"{BUCKET}      N: {'x' * 1_900_000}\n",
    "more than is read": lambda: "#" * 2_100_000,
    "nothing": lambda: "",
    "a comment": lambda: "# nothing",
}


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Reading]:
    folder = tmp_path_factory.mktemp("hostile")
    sources = []
    for n, (name, make) in enumerate(HOSTILE.items()):
        text = make()
        path = folder / f"{n}.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        sources.append(Source(path, name, ""))
    return dict(zip(HOSTILE, read_apart(sources, secret_key=b"k" * 32), strict=True))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_template_is_read_or_refused_in_a_sentence(
    name: str, readings: dict[str, Reading]
) -> None:
    reading = readings[name]
    refusals = [gap.detail for gap in reading.gaps]

    assert len(reading.groups) + len(refusals) == 1
    assert not any("was stopped" in each for each in refusals), (refusals, TEMPLATE_LIMITS)
    assert all(each.endswith(".") and "\n" not in each and len(each) < 300 for each in refusals)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_read_of_a_hostile_template_is_judged(
    name: str, readings: dict[str, Reading]
) -> None:
    for resources in readings[name].groups:
        said = _judged(resources[:50])
        assert {each.reason for each in said if isinstance(each, Gap)} == set()


_INTRINSICS = st.sampled_from(
    ["Ref", "Fn::Sub", "Fn::GetAtt", "Fn::If", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::FindInMap",
     "Fn::ForEach::L", "Fn::Transform", "Fn::ImportValue", "Fn::Base64", "Fn::Equals", "Condition"]
)  # fmt: skip
_KEYS = st.sampled_from(
    ["Properties", "Events", "Policies", "PolicyDocument", "Statement", "Effect", "Action", "Tags",
     "Environment", "Variables", "Type", "Role", "VpcConfig", "Key", "Value", "${A}", ""]
)  # fmt: skip
_LEAVES = (
    st.sampled_from(["A", "${A}", "${A.Arn}", "${!A}", "*", "AWS::NoValue", "C", "Allow", "Api"])
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.none()
    | st.text(max_size=5)
)
_TREES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_KEYS | _INTRINSICS, inner, max_size=3)
    ),
    max_leaves=12,
)
_TYPES = st.sampled_from(
    ["AWS::S3::Bucket", "AWS::Serverless::Function", "AWS::Serverless::Api", "AWS::IAM::Role",
     "AWS::Serverless::StateMachine", "AWS::SQS::QueuePolicy", "AWS::Lambda::Function", "Custom::X"]
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    sections=st.dictionaries(
        st.sampled_from(
            ["Parameters", "Conditions", "Mappings", "Globals", "Transform", "Outputs"]
        ),
        _TREES | st.dictionaries(st.sampled_from("ABC"), _TREES, max_size=3),
        max_size=3,
    ),
    resources=st.dictionaries(
        st.sampled_from(["A", "B", "C", "Fn::ForEach::L", ""]),
        st.fixed_dictionaries({"Type": _TYPES, "Properties": _TREES}) | _TREES,
        max_size=4,
    ),
)
def test_any_structure_of_a_template_is_judged_or_refused(
    sections: dict[str, Any], resources: dict[str, Any]
) -> None:
    text = json.dumps({**sections, "Resources": resources}).encode()
    try:
        template = read(text, file="t", secret_key=b"k")
    except UnreadableTemplate:
        return
    assert not [each for each in _judged(template.resources) if isinstance(each, Gap)]


def _judged(resources: Sequence[Resource]) -> list[Finding | Gap]:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    return list(evaluate(SET, resources, estate=Estate(), now=now))
