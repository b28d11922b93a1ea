"""Templates become resources that know where they are declared."""

import json

import pytest

from core.errors import UnreadableTemplate
from core.types import is_unknown
from templates import Template, read

KEY = b"a key for tests"

SAM = b"""Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.12
    Environment:
      Variables: {TABLE: !Ref Orders}
Resources:
  Export:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      FunctionUrlConfig: {AuthType: NONE}
      Environment:
        Variables:
          DB_PASSWORD: hunter2-and-more
      Policies:
        - DynamoDBReadPolicy: {TableName: !Ref Orders}
      Events:
        Get: {Type: Api, Properties: {Path: /orders, Method: get}}
  Orders:
    Type: AWS::Serverless::SimpleTable
"""


def reading(text: bytes | str, **options: object) -> Template:
    data = text.encode() if isinstance(text, str) else text
    return read(data, file="template.yaml", repository="shop", secret_key=KEY, **options)  # type: ignore[arg-type]


def properties(body: str, **options: object) -> dict[str, object]:
    template = reading(
        f"Resources:\n  Other: {{Type: 'AWS::SNS::Topic'}}\n"
        f"  It:\n    Type: Custom::Thing\n    Properties:\n{body}",
        **options,
    )
    found = template.resource("It")
    assert found is not None
    return dict(found.properties)


def test_sam_functions_are_read_with_globals_merged_in() -> None:
    function = reading(SAM).resource("Export")

    assert function is not None
    assert function.type == "AWS::Lambda::Function"
    assert function.properties["Runtime"] == "python3.12"
    assert set(function.properties["Environment"]["Variables"]) == {"TABLE", "DB_PASSWORD"}


def test_generated_resources_point_at_the_declaration_they_come_from() -> None:
    template = reading(SAM)

    sources = {r.name: r.source.address for r in template.resources if r.source}

    assert sources["ExportRole"] == "Export"
    assert sources["ExportUrl"] == "Export"
    assert sources["ServerlessRestApi"] == "Export"
    assert sources["Orders"] == "Orders"


def test_a_source_span_covers_the_declaration_and_nothing_else() -> None:
    template = reading(SAM)

    span = template.declared["Export"].span

    text = template.content[span.start_byte : span.end_byte]
    assert text.startswith(b"Export:")
    assert text.endswith(b"Method: get}}")
    assert (span.start_line, span.end_line) == (8, 20)


def test_spans_count_bytes_not_characters() -> None:
    template = reading(
        "# déjà vu: 🚲\nResources:\n  Ü: {Type: 'AWS::SNS::Topic'}\n  B: {Type: x::y}\n"
    )

    span = template.declared["B"].span

    assert template.content[span.start_byte : span.end_byte] == b"B: {Type: x::y}"


def test_a_byte_order_mark_shifts_every_span() -> None:
    template = reading("\ufeffResources:\n  B: {Type: 'x::y'}\n")

    span = template.declared["B"].span

    assert template.content[span.start_byte : span.end_byte] == b"B: {Type: 'x::y'}"


def test_environment_values_never_leave_the_reader() -> None:
    function = reading(SAM).resource("Export")

    assert function is not None
    values = function.properties["Environment"]["Variables"]
    assert values["DB_PASSWORD"].startswith("secret:named_secret:")
    assert values["TABLE"].startswith("secret:plain:")
    assert "hunter2" not in repr(function)


def test_secrets_elsewhere_are_replaced_by_fingerprints() -> None:
    found = properties(
        "      MasterUserPassword: hunter2\n"
        "      Note: key AKIAABCDEFGHIJKLMNOP\n"
        "      SecretString: '{{resolve:secretsmanager:x}}'\n"
    )

    assert str(found["MasterUserPassword"]).startswith("secret:")
    assert str(found["Note"]).startswith("secret:aws_access_key_id:")
    assert found["SecretString"] == "{{resolve:secretsmanager:x}}"


def test_a_no_echo_default_is_not_kept() -> None:
    template = reading(
        "Parameters: {P: {Type: String, NoEcho: true, Default: hunter2}}\n"
        "Resources: {A: {Type: 'x::y', Properties: {V: !Ref P}}}"
    )

    assert template.resources[0].properties["V"].startswith("secret:")


def test_json_is_read_with_its_own_spans() -> None:
    data = json.dumps(
        {
            "Resources": {
                "B": {
                    "Type": "AWS::S3::Bucket",
                    "Properties": {"Tags": [{"Key": "k", "Value": "v"}]},
                }
            }
        },
        indent="\t",
    )

    template = reading(data)

    assert template.document.is_json
    assert template.resources[0].tags == {"k": "v"}
    span = template.declared["B"].span
    assert template.content[span.start_byte : span.end_byte].startswith(b'"B": {')


def test_json_with_escaped_surrogate_pairs_is_read() -> None:
    template = reading(
        '{"Resources": {"B": {"Type": "x::y", "Properties": {"T": "\\ud83d\\ude00"}}}}'
    )

    assert template.resources[0].properties["T"] == "😀"


def test_unquoted_dates_and_account_numbers_stay_text() -> None:
    found = properties(
        "      Version: 2012-10-17\n      Account: 012345678901\n      On: on\n      N: 7\n"
    )

    assert found == {"Version": "2012-10-17", "Account": "012345678901", "On": True, "N": 7}


def test_merge_keys_give_way_to_the_map_s_own() -> None:
    template = reading(
        "X: &x {A: 1, B: 2}\nResources: {R: {Type: 'x::y', Properties: {<<: *x, B: 3}}}"
    )

    assert template.resources[0].properties == {"A": 1, "B": 3}


def test_policy_documents_given_as_text_are_parsed() -> None:
    found = properties('      PolicyDocument: \'{"Statement": {"Effect": "Allow"}}\'\n')

    assert found["PolicyDocument"] == {"Statement": [{"Effect": "Allow"}]}


def test_a_refused_sam_resource_does_not_hide_the_others() -> None:
    template = reading(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n"
        "  Bad: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: ., Runtime: python3.12,"
        " Handler: a.b, FunctionUrlConfig: {AuthType: NONE}, Events: {E: {Type: Nonsense}}}}\n"
        "  Good: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: ., Runtime: python3.12, Handler: a.b}}\n"
    )

    types = {r.name: r.type for r in template.resources}

    assert types["Good"] == types["Bad"] == "AWS::Lambda::Function"
    assert types["BadUrl"] == "AWS::Lambda::Url"
    assert template.notes


def test_what_is_packaged_later_is_unknown() -> None:
    function = reading(SAM).resource("Export")

    assert function is not None
    assert is_unknown(function.properties["Code"])


def test_a_resource_whose_condition_is_false_is_left_out() -> None:
    template = reading(
        "Parameters: {E: {Type: String, Default: dev}, U: {Type: String}}\n"
        "Conditions: {Prod: !Equals [!Ref E, prod], Odd: !Equals [!Ref U, x]}\n"
        "Resources:\n  A: {Type: 'x::y', Condition: Prod}\n  B: {Type: 'x::y', Condition: Odd}\n"
    )

    assert [r.name for r in template.resources] == ["B"]
    assert template.conditional == {"B": "Odd"}


def test_given_parameters_win_over_defaults() -> None:
    text = (
        "Parameters: {E: {Type: String, Default: dev}}\nConditions: {Prod: !Equals [!Ref E, prod]}\n"
        "Resources: {A: {Type: 'x::y', Condition: Prod, Properties: {E: !Ref E}}}"
    )

    assert reading(text).resources == ()
    assert reading(text, parameters={"E": "prod"}).resources[0].properties == {"E": "prod"}


def test_loops_over_known_lists_are_written_out() -> None:
    template = reading(
        "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Topics:\n    - Name\n"
        "    - [Red, Blue]\n    - Topic${Name}: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !Sub 't-${Name}'}}\n"
    )

    assert {r.name for r in template.resources} == {"t-Red", "t-Blue"}
    assert all(r.source and r.source.address == "Fn::ForEach::Topics" for r in template.resources)


def test_names_and_references_become_aliases() -> None:
    template = reading("Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {QueueName: orders}}}")

    queue = template.resources[0]

    assert queue.name == "orders"
    assert queue.uid == "shop//template.yaml//Q"
    assert {"${Q}", "${Q.Arn}", "orders"} <= set(queue.aliases)


def test_an_empty_template_declares_nothing() -> None:
    assert read(b"{}", file="t.json", secret_key=b"k").resources == ()


def test_a_password_in_a_parameter_that_is_shown_is_no_secret() -> None:
    text = b"""Parameters:
  Shown: {Type: String}
  Hidden: {Type: String, NoEcho: true}
Resources:
  A: {Type: "AWS::IAM::User", Properties: {LoginProfile: {Password: !Ref Shown}}}
  B: {Type: "AWS::IAM::User", Properties: {LoginProfile: {Password: !Ref Hidden}}}
"""

    shown, hidden = read(text, file="t.yaml", secret_key=b"k").resources

    assert shown.properties["LoginProfile"]["Password"].startswith("secret:")
    assert hidden.properties["LoginProfile"]["Password"] == "${Hidden}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "empty"),
        (b"- a", "no Resources"),
        (b"Resources: [", "does not parse"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "deeper"),
        (b"- " * 100_000, "deeper"),
        (b'{"a":' * 100_000, "deeper"),
        (b"Resources: &r\n  A: *r\n", "alias to itself"),
        (b"? [a]\n: b\n", "not text"),
        (b"x" * 2_000_001, "bytes"),
    ],
)
def test_what_is_no_template_is_refused_with_the_reason(text: bytes, words: str) -> None:
    with pytest.raises(UnreadableTemplate, match=words):
        reading(text)


def test_a_bomb_of_aliases_is_refused_before_it_unfolds() -> None:
    levels = [b"a: &a [x, x, x, x, x, x, x, x, x, x]"]
    levels += [
        b"%c: &%c [%s]" % (98 + i, 98 + i, b", ".join([b"*%c" % (97 + i)] * 10)) for i in range(9)
    ]

    with pytest.raises(UnreadableTemplate, match="more than"):
        reading(b"\n".join([*levels, b"Resources: {A: {Type: 'x::y', Properties: *j}}"]))


def test_substitution_cannot_be_made_to_fill_the_memory() -> None:
    lines = "".join(
        f"  A{i}: {{Type: 'x::y', Properties: {{V: !Sub '{'${P}' * 20}'}}}}\n" for i in range(100)
    )

    template = reading(
        f"Parameters: {{P: {{Type: String, Default: {'x' * 50_000}}}}}\nResources:\n{lines}"
    )

    assert is_unknown(template.resources[-1].properties["V"])


def test_a_sam_template_too_large_to_deploy_is_read_plainly_and_says_so() -> None:
    events = "".join(
        f"        E{n}: {{Type: Api, Properties: {{Path: /p{n}, Method: get}}}}\n"
        for n in range(500)
    )
    head = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.b
      Runtime: python3.13
      Events:
"""

    template = reading(head + events)

    assert any("over 500 resources" in note for note in template.notes)
    assert any(each.type == "AWS::Lambda::Function" for each in template.resources)


def test_a_generated_resource_is_not_taken_for_a_namesake_s() -> None:
    template = reading(SAM + b"  ExportR: {Type: 'AWS::SNS::Topic'}\n")

    role = template.resource("ExportRole")

    assert role is not None
    assert role.source is not None
    assert role.source.address == "Export"


def test_metadata_of_a_resource_and_of_what_is_generated_from_it_is_read_without_secrets() -> None:
    template = reading(
        b"Transform: AWS::Serverless-2016-10-31\n"
        b"Resources:\n"
        b"  F:\n"
        b"    Type: AWS::Serverless::Function\n"
        b"    Metadata: {guard: {SuppressedRules: [A]}, login: {Password: hunter2-hunter2}}\n"
        b"    Properties: {Runtime: python3.13, Handler: a.b, InlineCode: x}\n"
    )

    function, role = template.resource("F"), template.resource("FRole")

    assert function is not None
    assert role is not None
    assert function.metadata["guard"] == {"SuppressedRules": ["A"]}
    assert role.metadata == function.metadata
    assert "hunter2" not in str(function.metadata)
