"""Intrinsic functions: known, kept as a reference, or unknown with the reason."""

from typing import Any

import pytest

from core.types import UNKNOWN_KEY
from templates import read

HEAD = """Parameters:
  Env: {Type: String, Default: dev}
  Open: {Type: String}
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>'}
  Zones: {Type: CommaDelimitedList, Default: 'a, b'}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /x}
Mappings:
  Sizes: {dev: {Memory: 128}, prod: {Memory: 512}}
Conditions:
  IsDev: !Equals [!Ref Env, dev]
  NotDev: !Not [!Condition IsDev]
  Both: !And [!Condition IsDev, !Equals [a, a]]
  Either: !Or [!Condition NotDev, !Condition IsDev]
  Unsure: !Equals [!Ref Open, x]
  Decided: !Or [!Condition Unsure, !Condition IsDev]
  Loop: !Not [!Condition Loop]
Resources:
  T: {Type: 'AWS::SNS::Topic'}
  It:
    Type: Custom::Thing
    Properties:
      V: """


def resolved(expression: str, **options: Any) -> Any:
    template = read((HEAD + expression + "\n").encode(), file="t", secret_key=b"k", **options)
    it = template.resource("It")
    assert it is not None
    return it.properties.get("V", "absent")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Ref Env", "dev"),
        ("!Ref T", "${T}"),
        ("!GetAtt T.TopicArn", "${T.TopicArn}"),
        ("{'Fn::GetAtt': [T, TopicArn]}", "${T.TopicArn}"),
        ("!Ref AWS::Region", "${AWS::Region}"),
        ("!Ref AWS::NoValue", "absent"),
        ("!Ref Zones", ["a", "b"]),
        (
            "!Sub '${Env}-${T.TopicArn}-${AWS::Region}-${!x}'",
            "dev-${T.TopicArn}-${AWS::Region}-${x}",
        ),
        ("!Sub ['${A}/${Env}', {A: !Ref T}]", "${T}/dev"),
        ("!Join ['-', [a, !Ref Env, 3]]", "a-dev-3"),
        ("!Select [1, !Ref Zones]", "b"),
        ("!Select ['0', !Split ['|', 'x|y']]", "x"),
        ("!FindInMap [Sizes, !Ref Env, Memory]", 128),
        ("!If [IsDev, small, large]", "small"),
        ("!If [NotDev, small, large]", "large"),
        ("!If [Both, y, n]", "y"),
        ("!If [Either, y, n]", "y"),
        ("!If [Decided, y, n]", "y"),
        ("!If [Unsure, same, same]", "same"),
        ("!If [IsDev, !Ref 'AWS::NoValue', x]", "absent"),
        ("{Fn::Base64: !Sub 'run ${Env}'}", "run dev"),
        ("{Fn::Length: [1, 2]}", 2),
        ("'{{resolve:ssm:/a/b}}'", "{{resolve:ssm:/a/b}}"),
        ("!Ref Nothing", "${Nothing}"),
        ("!GetAtt Nothing.Arn", "${Nothing.Arn}"),
        ("[a, !Ref 'AWS::NoValue', b]", ["a", "b"]),
        (
            "{Condition: {Bool: {'aws:SecureTransport': 'false'}}}",
            {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        ),
    ],
)
def test_what_a_template_decides_is_resolved(expression: str, value: Any) -> None:
    assert resolved(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "!Ref Open",
        "!Ref Stored",
        "!Sub 'x-${Open}'",
        "!Join ['', [a, !Ref Open]]",
        "!Select [1, !Split [':', !GetAtt T.TopicArn]]",
        "!Select [1, !Ref Subnets]",
        "!Join [',', !Ref Subnets]",
        "{Fn::Length: !Ref Subnets}",
        "!Select [5, [a]]",
        "!FindInMap [Sizes, !Ref 'AWS::Region', Memory]",
        "!If [Unsure, a, b]",
        "!If [Loop, a, b]",
        "!ImportValue other-stack",
        "!GetAZs ''",
        "{'Fn::Transform': {Name: X}}",
        "!Join a",
        "!Sub [1]",
        "!If [a]",
    ],
)
def test_what_only_a_deployment_knows_is_unknown_with_a_reason(expression: str) -> None:
    value = resolved(expression)

    assert set(value) == {UNKNOWN_KEY}
    assert value[UNKNOWN_KEY]


@pytest.mark.parametrize("expression", ["!Ref Subnets", "!Split [',', !ImportValue subnets]"])
def test_a_list_that_cannot_be_empty_is_no_empty_list(expression: str) -> None:
    (only,) = resolved(expression)

    assert set(only) == {UNKNOWN_KEY}


@pytest.mark.parametrize(
    ("region", "suffix"),
    [("", "amazonaws.com"), ("eu-west-1", "amazonaws.com"), ("cn-north-1", "amazonaws.com.cn")],
)
def test_the_end_of_awss_names_is_that_of_the_region(region: str, suffix: str) -> None:
    assert resolved("!Sub 'events.${AWS::URLSuffix}'", region=region) == f"events.{suffix}"


def test_a_known_place_resolves_the_pseudo_parameters() -> None:
    value = resolved(
        "!Sub '${AWS::Region}/${AWS::AccountId}'", region="eu-west-1", account="123456789012"
    )

    assert value == "eu-west-1/123456789012"
