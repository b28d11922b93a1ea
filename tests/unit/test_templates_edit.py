"""Edits change the bytes they are about and no others."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from core.errors import Declined
from templates import Template, read
from templates.edit import add_resource, append, apply, diff, inverse, locate, remove, set_value
from templates.value import plain

YAML = b"""# The shop
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.12   # pinned
Resources:
  # exports orders
  Export:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      FunctionUrlConfig:
        AuthType: NONE   # open!
      Events:
        Api: {Type: Api, Properties: {Path: /x, Method: get}}

  # keeps orders
  Queue:
    Type: AWS::SQS::Queue

  Bucket:
    Type: 'AWS::S3::Bucket'
    Properties:
      Tags:
        - Key: "a"
          Value: "b"
        - {Key: c, Value: d}

  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
        - Effect: Allow
          Action: '*'
          Resource: !Sub '${Bucket.Arn}/*'
"""


def template(data: bytes | str) -> Template:
    content = data.encode() if isinstance(data, str) else data
    return read(content, file="template.yaml", secret_key=b"k")


def changed(data: bytes, logical_id: str, path: tuple[str | int, ...], value: Any) -> list[str]:
    """Return the lines a set_value changes, with + and -, after checking that undo is exact."""
    edits = set_value(template(data), logical_id, path, value)
    after = apply(data, edits)
    assert apply(after, inverse(data, edits)) == data
    return [line for line in diff("t", data, after, context=0).splitlines()[2:] if line[0] in "+-"]


def test_a_scalar_is_replaced_and_its_comment_stays() -> None:
    assert changed(YAML, "Export", ("FunctionUrlConfig", "AuthType"), "AWS_IAM") == [
        "-        AuthType: NONE   # open!",
        "+        AuthType: AWS_IAM   # open!",
    ]


def test_a_quoted_scalar_keeps_its_quotes() -> None:
    assert changed(YAML, "Bucket", ("Tags", 0, "Value"), "c")[1] == '+          Value: "c"'
    assert changed(YAML, "Policy", ("PolicyDocument", "Statement", 0, "Action"), "s3:GetObject")[
        1
    ] == ("+          Action: 's3:GetObject'")


def test_missing_maps_are_made_with_the_file_s_indentation() -> None:
    assert changed(
        YAML, "Queue", ("RedrivePolicy", "deadLetterTargetArn"), {"Fn::GetAtt": ["Dlq", "Arn"]}
    ) == [
        "+    Properties:",
        "+      RedrivePolicy:",
        "+        deadLetterTargetArn: !GetAtt Dlq.Arn",
    ]


def test_globals_are_edited_like_a_resource() -> None:
    assert changed(YAML, "Globals", ("Function", "Tracing"), "Active") == ["+    Tracing: Active"]


def test_a_missing_globals_section_goes_before_the_resources() -> None:
    data = b"Transform: AWS::Serverless-2016-10-31\nResources:\n  A: {Type: 'AWS::SNS::Topic'}\n"

    edits = set_value(template(data), "Globals", ("Function", "Tracing"), "Active")

    assert apply(data, edits).splitlines()[1:4] == [
        b"Globals:",
        b"  Function:",
        b"    Tracing: Active",
    ]


def test_a_flow_map_grows_on_its_line() -> None:
    (removed, added) = changed(
        YAML, "Export", ("Events", "Api", "Properties", "Auth"), {"Authorizer": "AWS_IAM"}
    )

    assert removed.strip("- ").startswith("Api:")
    assert added.endswith("Method: get, Auth: {Authorizer: AWS_IAM}}}")


def test_lists_grow_in_their_own_style() -> None:
    assert changed(YAML, "Bucket", ("Tags", 2), {"Key": "owner", "Value": "team: x"}) == [
        "+        - Key: owner",
        "+          Value: 'team: x'",
    ]
    assert changed(
        YAML, "Policy", ("PolicyDocument", "Statement", 1), {"Effect": "Deny", "Action": ["a:b"]}
    ) == [
        "+        - Effect: Deny",
        "+          Action:",
        "+          - a:b",
    ]


def test_append_makes_the_list_where_there_is_none() -> None:
    edits = append(template(YAML), "Queue", ("Tags",), {"Key": "owner", "Value": "us"})

    assert template(apply(YAML, edits)).resource("Queue").tags == {"owner": "us"}  # type: ignore[union-attr]


def test_setting_what_stands_there_changes_nothing() -> None:
    assert set_value(template(YAML), "Export", ("FunctionUrlConfig", "AuthType"), "NONE") == ()
    assert set_value(template(YAML), "Bucket", ("Tags", 1), {"Key": "c", "Value": "d"}) == ()


def test_a_map_is_merged_key_by_key_where_none_has_to_go() -> None:
    assert changed(
        YAML, "Export", ("FunctionUrlConfig",), {"AuthType": "NONE", "InvokeMode": "BUFFERED"}
    ) == ["+        InvokeMode: BUFFERED"]


def test_text_that_yaml_would_misread_is_quoted() -> None:
    for text in (
        "yes",
        "2012-10-17",
        "1.0",
        "012",
        "a: b",
        "# x",
        "",
        "*",
        "@x",
        "null",
        "- a",
        "é\n",
    ):
        after = apply(YAML, set_value(template(YAML), "Queue", ("QueueName",), text))
        assert template(after).declared["Queue"].properties["QueueName"] == text


def test_nested_intrinsics_are_written_short_where_yaml_allows_it() -> None:
    value = {"Fn::If": ["IsProd", {"Ref": "Key"}, {"Ref": "AWS::NoValue"}]}

    lines = changed(YAML, "Queue", ("KmsMasterKeyId",), value)

    assert lines[-1] == "+      KmsMasterKeyId: !If [IsProd, !Ref Key, !Ref AWS::NoValue]"


def test_a_tag_never_follows_a_tag() -> None:
    lines = changed(YAML, "Queue", ("X",), {"Fn::Base64": {"Fn::Sub": "${A}"}})

    assert lines[-2:] == ["+      X:", "+        Fn::Base64: !Sub ${A}"]


def test_a_file_in_long_forms_stays_in_long_forms() -> None:
    data = b"Resources:\n  A:\n    Type: x::y\n    Properties:\n      R:\n        Ref: B\n  B: {Type: x::y}\n"

    assert changed(data, "A", ("S",), {"Ref": "B"}) == ["+      S:", "+        Ref: B"]


def test_removing_takes_the_whole_block_and_leaves_its_comments() -> None:
    after = apply(YAML, remove(template(YAML), "Export", ("FunctionUrlConfig",)))

    assert after == YAML.replace(
        b"      FunctionUrlConfig:\n        AuthType: NONE   # open!\n", b"      # open!\n"
    )


def test_what_looks_like_a_comment_inside_a_text_goes_with_it() -> None:
    data = (
        b"Resources:\n  A:\n    Type: x::y\n    Properties:\n      B: 1\n"
        b"      Code: |  # shown\n        # a line of the program\n        run\n      Text: 'a # b'\n"
    )

    without_code = apply(data, remove(template(data), "A", ("Code",)))
    without_text = apply(data, remove(template(data), "A", ("Text",)))

    assert without_code.endswith(b"      B: 1\n      # shown\n      Text: 'a # b'\n")
    assert without_text == data.removesuffix(b"      Text: 'a # b'\n")


def test_removing_the_only_entry_leaves_an_empty_map_not_a_null() -> None:
    after = apply(YAML, remove(template(YAML), "Export", ("FunctionUrlConfig", "AuthType")))

    assert b"      FunctionUrlConfig: {}   # open!\n" in after


@pytest.mark.parametrize(
    "path", [("Tags", 0), ("Tags", 1), ("Tags", 0, "Key"), ("Tags", 1, "Key"), ()]
)
def test_removal_is_undone_exactly(path: tuple[str | int, ...]) -> None:
    edits = remove(template(YAML), "Bucket", path)

    assert apply(apply(YAML, edits), inverse(YAML, edits)) == YAML


def test_removing_what_is_not_there_changes_nothing() -> None:
    assert remove(template(YAML), "Queue", ("Tags",)) == ()


def test_a_new_resource_goes_behind_its_companion() -> None:
    name, edits = add_resource(
        template(YAML), name="queueDeadLetters", body={"Type": "AWS::SQS::Queue"}, after="Queue"
    )

    assert name == "QueueDeadLetters"
    assert (
        b"    Type: AWS::SQS::Queue\n\n  QueueDeadLetters:\n    Type: AWS::SQS::Queue\n\n  Bucket:"
        in apply(YAML, edits)
    )


def test_a_taken_name_is_made_unique_in_the_file_s_case() -> None:
    data = (
        b"Resources:\n  myQueue: {Type: 'AWS::SQS::Queue'}\n  myTopic: {Type: 'AWS::SNS::Topic'}\n"
    )

    name, _ = add_resource(
        template(data), name="MyQueue", body={"Type": "AWS::SQS::Queue"}, after="myQueue"
    )

    assert name == "myQueue2"


@pytest.mark.parametrize("indent", [None, 2, 4, "\t"])
def test_json_stays_json_in_its_own_layout(indent: int | str | None) -> None:
    body: Mapping[str, Any] = {
        "Resources": {
            "B": {"Type": "AWS::S3::Bucket", "Properties": {"Tags": []}},
            "Q": {"Type": "AWS::SQS::Queue"},
        }
    }
    data = json.dumps(body, indent=indent).encode()
    value = {"Rules": [{"Ref": "Q"}]}

    edits = set_value(template(data), "B", ("Lifecycle",), value)
    after = apply(data, edits)

    expected = json.loads(data)
    expected["Resources"]["B"]["Properties"]["Lifecycle"] = value
    assert after == json.dumps(expected, indent=indent).encode()
    assert apply(after, inverse(data, edits)) == data


def test_json_keys_that_are_missing_are_made() -> None:
    data = json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}, indent=2).encode()

    after = apply(data, set_value(template(data), "Q", ("Tags", 0), {"Key": "a", "Value": "b"}))

    assert json.loads(after)["Resources"]["Q"]["Properties"] == {
        "Tags": [{"Key": "a", "Value": "b"}]
    }
    assert b'\n      "Properties": {\n        "Tags": [\n' in after


def test_windows_line_ends_stay() -> None:
    data = YAML.replace(b"\n", b"\r\n")

    after = apply(data, set_value(template(data), "Queue", ("Tags",), [{"Key": "a", "Value": "b"}]))

    assert after.count(b"\n") == after.count(b"\r\n") == data.count(b"\r\n") + 4


def test_a_missing_newline_at_the_end_stays_missing() -> None:
    data = b"Resources:\n  Q:\n    Type: AWS::SQS::Queue"

    after = apply(data, set_value(template(data), "Q", ("KmsMasterKeyId",), "alias/aws/sqs"))

    assert after == data + b"\n    Properties:\n      KmsMasterKeyId: alias/aws/sqs"


def test_an_edit_inside_a_shared_anchor_is_declined() -> None:
    data = (
        b"Resources:\n  A: {Type: x::y, Properties: &p {K: 1}}\n  B: {Type: x::y, Properties: *p}\n"
    )

    for logical_id in ("A", "B"):
        with pytest.raises(Declined, match="anchor"):
            set_value(template(data), logical_id, ("K",), 2)


def test_an_alias_itself_may_be_replaced() -> None:
    data = b"X: &x NONE\nResources:\n  A:\n    Type: x::y\n    Properties:\n      K: *x # shared\n      L: *x\n"

    assert changed(data, "A", ("K",), "AWS_IAM") == [
        "-      K: *x # shared",
        "+      K: AWS_IAM # shared",
    ]


def test_a_merged_map_is_overridden_by_a_key_but_never_half_replaced() -> None:
    data = b"X: &x {K: 1, M: {N: 1}}\nResources:\n  A:\n    Type: x::y\n    Properties:\n      <<: *x\n      L: 2\n"

    assert changed(data, "A", ("K",), 3) == ["+      K: 3"]
    with pytest.raises(Declined, match="merge"):
        set_value(template(data), "A", ("M", "O"), 2)


def test_a_value_inside_a_computed_map_is_declined() -> None:
    data = b"Resources:\n  A: {Type: x::y, Properties: {K: !If [C, {L: 1}, {L: 2}]}}\n"

    with pytest.raises(Declined, match="!If"):
        set_value(template(data), "A", ("K", "L"), 3)


def test_unknown_names_and_wrong_shapes_are_declined() -> None:
    with pytest.raises(Declined, match="nothing called"):
        set_value(template(YAML), "Nobody", ("A",), 1)
    with pytest.raises(Declined, match="no Action in it"):
        set_value(template(YAML), "Policy", ("PolicyDocument", "Statement", "Action"), 1)


def test_a_section_can_be_addressed_by_its_name() -> None:
    assert changed(YAML, "Resources", ("Queue", "DeletionPolicy"), "Retain") == [
        "+    DeletionPolicy: Retain"
    ]


def test_locate_tells_globals_from_the_resource() -> None:
    found = template(YAML)

    assert locate(found, "Export", ("Runtime",)).place == "globals"
    assert locate(found, "Export", ("FunctionUrlConfig", "AuthType")).place == "resource"
    assert locate(found, "Export", ("Tracing",)).place == "absent"
    span = locate(found, "Export", ("FunctionUrlConfig", "AuthType")).span
    assert span is not None
    assert (span.start_line, span.address) == (13, "Export")
    assert locate(found, "Export", ("Runtime",)).value == "python3.12"


def test_a_null_value_is_filled() -> None:
    data = b"Resources:\n  A:\n    Type: x::y\n    Properties:\n  B: {Type: x::y}\n"

    after = apply(data, set_value(template(data), "A", ("K",), True))

    assert after == data.replace(b"Properties:\n", b"Properties:\n      K: true\n")


def test_a_block_is_replaced_by_a_scalar_and_back() -> None:
    data = b"Resources:\n  A:\n    Type: x::y\n    Properties:\n      K:\n        - 1\n        - 2\n      L: 1\n"

    once = apply(data, set_value(template(data), "A", ("K",), "*"))
    twice = apply(once, set_value(template(once), "A", ("K",), [1, 2]))

    assert b"      K: '*'\n" in once or b'      K: "*"\n' in once
    assert twice == data


def test_literal_blocks_are_left_as_they_are() -> None:
    data = b"Resources:\n  A:\n    Type: x::y\n    Properties:\n      Code: |\n        a\n\n        b\n\n\n  B: {Type: x::y}\n"

    after = apply(data, set_value(template(data), "A", ("K",), 1))

    before_code = plain(template(data).document.root)["Resources"]["A"]["Properties"]["Code"]
    after_code = plain(template(after).document.root)["Resources"]["A"]["Properties"]["Code"]
    assert after_code == before_code
    assert b"        b\n      K: 1\n" in after


def test_an_edit_that_would_change_something_else_is_declined() -> None:
    # The literal ends with the file: a line below it would give its text a newline more.
    data = b"Resources:\n  A:\n    Type: x::y\n    Properties:\n      Code: |\n        a"

    with pytest.raises(Declined, match="not safe"):
        set_value(template(data), "A", ("K",), 1)
