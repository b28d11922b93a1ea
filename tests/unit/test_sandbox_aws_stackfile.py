"""Templates are read as they are deployed."""

import os

import pytest

from core.errors import SettingsError, UnreadableTemplate
from sandbox.aws import estate_files, stackfile
from sandbox.aws.follow import read_stacks
from sandbox.aws.handler import HANDLERS
from sandbox.estate import expectations

SAM = b"""
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: a.b
      CodeUri: ./src
"""


def test_sam_is_translated_and_local_code_is_no_obstacle() -> None:
    read = stackfile.read(SAM, file="t.yaml", region="eu-west-1")

    assert {r["Type"] for r in read.resources.values()} == {
        "AWS::Lambda::Function",
        "AWS::IAM::Role",
    }
    assert read.is_sam


def test_translating_leaves_the_environment_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")

    stackfile.read(SAM, file="t.yaml", region="eu-west-1")

    assert os.environ["AWS_DEFAULT_REGION"] == "us-west-2"


def test_short_tags_become_long_form() -> None:
    body = stackfile.parse(
        b"Resources: {A: {Type: T, Properties: {X: !GetAtt B.Arn, Y: !Sub 'a${B}', D: 2012-10-17}}}",
        file="t",
    )

    properties = body["Resources"]["A"]["Properties"]
    assert properties["X"] == {"Fn::GetAtt": ["B", "Arn"]}
    assert properties["Y"] == {"Fn::Sub": "a${B}"}
    assert properties["D"] == "2012-10-17"


@pytest.mark.parametrize("data", [b"a: [", b"- list", b"Resources: 3", b"\xff\xfe\xfa"])
def test_what_is_no_template_says_so(data: bytes) -> None:
    with pytest.raises(UnreadableTemplate, match=r"broken\.yaml"):
        stackfile.parse(data, file="broken.yaml")


def test_an_invalid_sam_template_says_why() -> None:
    with pytest.raises(UnreadableTemplate, match="not a valid SAM template"):
        stackfile.read(
            SAM.replace(b"Handler: a.b", b"Events: 3"), file="t.yaml", region="eu-west-1"
        )


def test_a_malformed_list_of_stacks_says_so() -> None:
    with pytest.raises(SettingsError, match=r"stacks\.yaml"):
        read_stacks(b"stacks: [{name: a}]")


def test_the_estate_has_at_least_45_declared_resources_in_six_stacks() -> None:
    repository = estate_files()
    stacks = read_stacks(repository["stacks.yaml"])

    declared = {
        s.name: stackfile.parse(repository[s.template], file=s.template)["Resources"]
        for s in stacks
    }

    assert len(stacks) == 6
    assert sum(len(resources) for resources in declared.values()) >= 45
    assert any(s.template.endswith(".json") for s in stacks)
    assert any(b"AWS::Serverless" in repository[s.template] for s in stacks)


def test_everything_planted_is_declared_in_the_estate() -> None:
    repository = estate_files()
    found = {
        (s.name, address, resource["Type"])
        for s in read_stacks(repository["stacks.yaml"])
        for address, resource in stackfile.read(
            repository[s.template], file=s.template, region="eu-west-1"
        ).resources.items()
    }

    wanted = expectations()

    for entry in (*wanted.planted, *wanted.look_alikes, *wanted.debatable):
        assert (entry.stack, entry.address, entry.type) in found, entry


def test_every_reason_for_not_reading_back_is_a_sentence() -> None:
    import sandbox.aws.handlers  # noqa: F401 - registers

    for handler in HANDLERS.values():
        for path, reason in handler.not_verifiable.items():
            assert len(reason.split()) >= 3, (handler.type, path)
