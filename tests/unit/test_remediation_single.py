"""Single blueprints of CloudFormation and SAM, where the detail matters."""

import pytest

from core.errors import Declined
from tests.blueprint_world import content, fixed

ROLE = """
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}
"""
FUNCTION = """Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
"""
SAM = """Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.12, Handler: a.b, CodeUri: s/}
"""


def test_tracing_gives_the_role_what_it_needs() -> None:
    raw, _ = fixed(FUNCTION + ROLE, "PL-LAMBDA-009", "Fn")

    assert raw["Resources"]["Fn"]["Properties"]["TracingConfig"] == {"Mode": "Active"}
    (policy,) = raw["Resources"]["Role"]["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]


def test_functions_that_share_a_role_do_not_take_each_others_permissions() -> None:
    both = FUNCTION + FUNCTION.replace("Resources:\n", "").replace("Fn:", "Gn:") + ROLE

    _, first = fixed(both, "PL-LAMBDA-010", "Fn")
    raw, _ = fixed(first.draft.data.decode(), "PL-LAMBDA-010", "Gn")

    names = [p["PolicyName"] for p in raw["Resources"]["Role"]["Properties"]["Policies"]]
    assert names == ["SendToDeadLetterQueue", "SendToDeadLetterQueue2"]

    _, first = fixed(both, "PL-LAMBDA-009", "Fn")
    raw, _ = fixed(first.draft.data.decode(), "PL-LAMBDA-009", "Gn")

    assert len(raw["Resources"]["Role"]["Properties"]["Policies"]) == 1


def test_a_permission_stands_beside_a_policy_whose_name_is_computed() -> None:
    computed = "      Policies: [{PolicyName: !Sub '${AWS::StackName}-a', PolicyDocument: {}}]\n"

    raw, _ = fixed(FUNCTION + ROLE + computed, "PL-LAMBDA-009", "Fn")

    policies = raw["Resources"]["Role"]["Properties"]["Policies"]
    assert [p["PolicyName"] for p in policies][1:] == ["TraceWithXRay"]


def test_a_dead_letter_queue_of_one_that_keeps_messages_longest_is_declined() -> None:
    queues = """Resources:
  First:
    Type: AWS::SQS::Queue
    Properties:
      MessageRetentionPeriod: 1209600
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Second.Arn, maxReceiveCount: 3}
  Second:
    Type: AWS::SQS::Queue
"""
    with pytest.raises(Declined, match="First keeps messages for 14 days itself"):
        fixed(queues, "PL-SQS-008", "Second")


def test_a_setting_for_every_method_keeps_what_the_others_say_of_logs() -> None:
    stage = """Resources:
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      MethodSettings:
        - {ResourcePath: /a, HttpMethod: GET, LoggingLevel: INFO}
"""
    raw, _ = fixed(stage, "PL-APIGATEWAY-006", "Stage")

    added = raw["Resources"]["Stage"]["Properties"]["MethodSettings"][1]
    assert (added["ResourcePath"], added["LoggingLevel"]) == ("/*", "INFO")


def test_a_role_that_is_declared_elsewhere_declines_the_fix() -> None:
    outside = FUNCTION.replace("!GetAtt Role.Arn", "arn:aws:iam::111122223333:role/shared")

    with pytest.raises(Declined, match="xray:PutTraceSegments"):
        fixed(outside, "PL-LAMBDA-009", "Fn")


def test_a_role_that_sam_makes_gets_its_permission_from_sam() -> None:
    raw, _ = fixed(SAM, "PL-LAMBDA-009", "Fn")

    assert raw["Resources"]["Fn"]["Properties"]["Tracing"] == "Active"
    assert "Policies" not in raw["Resources"]["Fn"]["Properties"]


def test_a_value_that_globals_state_is_set_in_globals_and_said() -> None:
    template = "Globals: {Function: {Tracing: PassThrough}}\n" + SAM
    template += SAM.split("Resources:\n")[1].replace("Fn:", "Second:")

    raw, target = fixed(template, "PL-LAMBDA-009", "Fn")

    assert raw["Globals"]["Function"]["Tracing"] == "Active"
    assert "Tracing" not in raw["Resources"]["Fn"]["Properties"]
    assert target.notes == ["Set in Globals, so 1 more of this template change with it"]


def test_a_role_stated_in_globals_is_the_one_that_gets_the_permission() -> None:
    template = "Globals: {Function: {Role: !GetAtt Role.Arn}}\n" + SAM + ROLE

    raw, _ = fixed(template, "PL-LAMBDA-009", "Fn")

    assert "Policies" in raw["Resources"]["Role"]["Properties"]


@pytest.mark.parametrize(
    ("function", "group"),
    [
        ("", "LogGroupName: !Sub '/aws/lambda/${Fn}'"),
        ("FunctionName: exports", "LogGroupName: /aws/lambda/exports"),
        ("LoggingConfig: {LogGroup: !Ref Logs}", "LogGroupName: elsewhere"),
    ],
)
def test_a_log_group_that_is_declared_gets_its_time(function: str, group: str) -> None:
    template = f"""Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Handler: a.b
      {function}
  Logs: {{Type: AWS::Logs::LogGroup, Properties: {{{group}}}}}
"""
    raw, _ = fixed(template, "PL-LAMBDA-013", "Fn")

    assert list(raw["Resources"]) == ["Fn", "Logs"]
    assert raw["Resources"]["Logs"]["Properties"]["RetentionInDays"] == 365


def test_a_dead_letter_queue_is_declared_and_may_be_sent_to() -> None:
    raw, _ = fixed(FUNCTION + ROLE, "PL-LAMBDA-010", "Fn")

    resources = raw["Resources"]
    arn = {"Fn::GetAtt": ["FnDeadLetterQueue", "Arn"]}
    assert resources["Fn"]["Properties"]["DeadLetterConfig"]["TargetArn"] == arn
    assert resources["FnDeadLetterQueue"]["Properties"]["SqsManagedSseEnabled"] is True
    (policy,) = resources["Role"]["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == (["sqs:SendMessage"], arn)


def test_a_companion_exists_under_the_same_condition() -> None:
    template = SAM.replace("    Properties:", "    Condition: Prod\n    Properties:", 1)
    template += "Conditions: {Prod: !Equals [a, a]}\n"

    raw, _ = fixed(template, "PL-LAMBDA-010", "Fn")

    assert raw["Resources"]["FnDeadLetterQueue"]["Condition"] == "Prod"
    assert raw["Resources"]["FnDeadLetterQueuePolicy"]["Condition"] == "Prod"


def test_sam_policies_written_as_a_name_become_a_list_that_keeps_it() -> None:
    template = SAM.replace("CodeUri: s/}", "CodeUri: s/, Policies: ReadOnlyAccess}")

    raw, _ = fixed(template, "PL-LAMBDA-007", "Fn")

    first, second = raw["Resources"]["Fn"]["Properties"]["Policies"]
    assert first == "ReadOnlyAccess"
    assert second["Statement"][0]["Action"] == ["kms:Decrypt"]


def test_a_first_in_first_out_queue_gets_a_dead_letter_queue_of_its_kind() -> None:
    template = "Resources:\n  Q: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}\n"

    raw, _ = fixed(template, "PL-SQS-002", "Q")

    assert raw["Resources"]["QDeadLetterQueue"]["Properties"]["FifoQueue"] is True


def test_a_topic_that_alarms_publish_to_gets_a_key_that_admits_them() -> None:
    template = """Resources:
  T: {Type: AWS::SNS::Topic}
  A: {Type: AWS::CloudWatch::Alarm, Properties: {AlarmActions: [!Ref T]}}
"""
    raw, _ = fixed(template, "PL-SNS-001", "T")

    assert raw["Resources"]["T"]["Properties"]["KmsMasterKeyId"] == {"Ref": "TKey"}
    statements = raw["Resources"]["TKey"]["Properties"]["KeyPolicy"]["Statement"]
    assert {"Service": "cloudwatch.amazonaws.com"} in [s["Principal"] for s in statements]


def test_a_topic_without_publishing_services_uses_the_key_that_every_account_has() -> None:
    raw, _ = fixed("Resources:\n  T: {Type: AWS::SNS::Topic}\n", "PL-SNS-001", "T")

    assert raw["Resources"]["T"]["Properties"]["KmsMasterKeyId"] == "alias/aws/sns"


def test_a_bucket_policy_that_exists_is_extended() -> None:
    raw, _ = fixed(content("plain.yaml").decode(), "PL-S3-006", "Reports")

    statements = raw["Resources"]["ReportsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert [s["Effect"] for s in statements] == ["Allow", "Deny"]
    assert "ReportsPolicy2" not in raw["Resources"]


def test_a_policy_of_several_queues_refuses_for_each_that_it_is_attached_to() -> None:
    template = """Resources:
  A: {Type: AWS::SQS::Queue}
  B: {Type: AWS::SQS::Queue}
  Both:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref A, !Ref B]
      PolicyDocument: {Version: '2012-10-17', Statement: []}
"""

    raw, target = fixed(template, "PL-SQS-004", "A")

    (statement,) = raw["Resources"]["Both"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Resource"] == "*"
    assert target.notes == ["Both is the policy of B too: what it refuses, it refuses there"]


def test_a_website_is_left_public_for_a_person_to_decide() -> None:
    template = "Resources:\n  B: {Type: AWS::S3::Bucket, Properties: {WebsiteConfiguration: {}}}\n"

    with pytest.raises(Declined, match="on purpose"):
        fixed(template, "PL-S3-002", "B")


def test_a_bucket_whose_policy_admits_everyone_is_not_blocked_blindly() -> None:
    template = """Resources:
  B: {Type: AWS::S3::Bucket}
  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref B
      PolicyDocument: {Statement: [{Effect: Allow, Principal: '*', Action: s3:GetObject}]}
"""
    with pytest.raises(Declined, match="admits everyone"):
        fixed(template, "PL-S3-002", "B")


def test_a_log_group_waits_for_the_account_setting_it_needs() -> None:
    raw, _ = fixed(content("plain.yaml").decode(), "PL-APIGATEWAY-002", "ApiStage")

    assert raw["Resources"]["ApiStageLogGroup"]["DependsOn"] == "ApiStageAccount"


@pytest.mark.parametrize("extra", ["KeySpec: RSA_2048", "Origin: EXTERNAL"])
def test_a_key_that_kms_cannot_rotate_is_declined(extra: str) -> None:
    template = f"Resources:\n  K: {{Type: AWS::KMS::Key, Properties: {{{extra}}}}}\n"

    with pytest.raises(Declined, match="cannot rotate"):
        fixed(template, "PL-KMS-001", "K")


def test_an_owner_is_written_only_where_known() -> None:
    with pytest.raises(Declined, match="not known"):
        fixed(SAM, "PL-LAMBDA-002", "Fn")

    sam, _ = fixed(SAM, "PL-LAMBDA-002", "Fn", owner="team-orders")
    raw, _ = fixed(FUNCTION + ROLE, "PL-LAMBDA-002", "Fn", owner="team-orders")

    assert sam["Resources"]["Fn"]["Properties"]["Tags"] == {"owner": "team-orders"}
    tags = raw["Resources"]["Fn"]["Properties"]["Tags"]
    assert tags == [{"Key": "owner", "Value": "team-orders"}]


def test_an_owner_with_foreign_marks_stays_one_value() -> None:
    raw, _ = fixed(SAM, "PL-LAMBDA-002", "Fn", owner="a: {b}\n# c 'd' \"e\"")

    assert raw["Resources"]["Fn"]["Properties"]["Tags"] == {"owner": "a: {b}\n# c 'd' \"e\""}


def test_partial_batches_are_reported_for_mappings_and_sam_events() -> None:
    raw, _ = fixed(content("plain.yaml").decode(), "PL-LAMBDA-018", "FromQueue")
    sam, _ = fixed(content("sam.yaml").decode(), "PL-LAMBDA-018", "Export")

    value = ["ReportBatchItemFailures"]
    assert raw["Resources"]["FromQueue"]["Properties"]["FunctionResponseTypes"] == value
    events = sam["Resources"]["Export"]["Properties"]["Events"]
    assert events["Queue"]["Properties"]["FunctionResponseTypes"] == value
    assert "FunctionResponseTypes" not in events["List"]["Properties"]


def test_failed_batches_of_a_stream_are_kept_and_may_be_sent() -> None:
    raw, _ = fixed(content("plain.yaml").decode(), "PL-LAMBDA-017", "FromStream")
    sam, _ = fixed(content("sam.yaml").decode(), "PL-LAMBDA-017", "Export")

    mapping = raw["Resources"]["FromStream"]["Properties"]
    arn = {"Fn::GetAtt": ["FromStreamDeadLetterQueue", "Arn"]}
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == arn
    (policy,) = raw["Resources"]["ExportRole"]["Properties"]["Policies"]
    assert policy["PolicyDocument"]["Statement"][0]["Resource"] == arn
    stream = sam["Resources"]["Export"]["Properties"]["Events"]["Stream"]["Properties"]
    assert stream["DestinationConfig"]["OnFailure"]["Type"] == "SQS"


def test_a_permission_is_limited_to_the_one_source_there_is() -> None:
    text = content("plain.yaml").decode()

    raw, _ = fixed(text, "PL-LAMBDA-005", "ExportFromRule")
    assert raw["Resources"]["ExportFromRule"]["Properties"]["SourceArn"] == {
        "Fn::GetAtt": ["Nightly", "Arn"]
    }

    other = text.replace("events.amazonaws.com", "iot.amazonaws.com")
    with pytest.raises(Declined, match="not in this template"):
        fixed(other, "PL-LAMBDA-005", "ExportFromRule")
