"""The command line: one JSON object, exit codes, and one sentence for what cannot be done."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result

from app import reading
from app.cli import main
from app.reading import Reading
from app.settings import FILE_NAME
from app.store import SqliteStore
from core.decide import decide
from core.types import Alternative, DecisionKind
from tests.store_world import DANA, allow, card, plan, resource, snapshot

SAM = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  # the export that partners poll
  Export:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
      FunctionUrlConfig:
        AuthType: NONE
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
"""

FINDING_KEYS = {
    "uid", "check_id", "references", "resource_uid", "resource_type", "resource_name", "region",
    "account", "owner", "title", "severity", "status", "risk", "probability", "raw_score",
    "base_value", "contributions", "confidence", "cost", "compliance", "evidence", "first_seen",
    "last_seen", "source",
}  # fmt: skip


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *arguments])


def document(result: Result) -> Any:
    return json.loads(result.stdout)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "infra" / "template.yaml"
    path.parent.mkdir()
    path.write_text(SAM, encoding="utf-8")
    return path


def test_check_points_at_the_original_lines_and_exits_with_one(
    tmp_path: Path, template: Path
) -> None:
    result = run(tmp_path, "check", str(template.parent), "--format", "json")

    assert result.exit_code == 1, result.stderr
    findings = document(result)["findings"]
    url = next(each for each in findings if each["check_id"] == "PL-LAMBDA-003")
    assert url["source"]["file"] == "template.yaml"
    assert url["source"]["address"] == "Export"
    assert url["source"]["start_line"] <= 12 <= url["source"]["end_line"] + 1
    assert set(url) >= FINDING_KEYS
    assert {each["source"]["address"] for each in findings} == {"Export", "Table"}


def test_every_score_adds_up_exactly(tmp_path: Path, template: Path) -> None:
    findings = document(run(tmp_path, "check", str(template), "--format", "json"))["findings"]

    for each in findings:
        total = each["base_value"] + sum(part["shap_value"] for part in each["contributions"])
        assert abs(total - each["raw_score"]) < 1e-9
        assert 0 <= each["risk"] <= 100
        assert each["probability"] is None


def test_fail_on_decides_what_exits_with_one(tmp_path: Path, template: Path) -> None:
    assert run(tmp_path, "check", str(template), "--fail-on", "critical").exit_code in {0, 1}
    template.write_text(
        "Resources: {Wait: {Type: 'AWS::CloudFormation::WaitConditionHandle'}}", encoding="utf-8"
    )
    assert run(tmp_path, "check", str(template)).exit_code == 0


def test_sarif_names_file_and_line(tmp_path: Path, template: Path) -> None:
    sarif = document(run(tmp_path, "check", str(template), "--format", "sarif"))

    result = sarif["runs"][0]["results"][0]
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "template.yaml"
    assert location["region"]["startLine"] >= 1
    rules = sarif["runs"][0]["tool"]["driver"]["rules"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_a_broken_template_is_a_gap_and_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("Resources:\n  A: [AWS::S3::Bucket\n", encoding="utf-8")

    result = run(tmp_path, "check", str(path), "--format", "json")

    assert result.exit_code == 2
    gaps = document(result)["gaps"]
    assert len(gaps) == 1
    assert "broken.yaml" in gaps[0]["detail"]
    assert "Traceback" not in result.output


def test_what_sam_refuses_is_read_plainly_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "odd.yaml"
    path.write_text(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n"
        "  Odd: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: ., Runtime: python3.13,"
        " Handler: a.b, Events: {E: {Type: Nonsense}}}}\n",
        encoding="utf-8",
    )

    printed = document(run(tmp_path, "check", str(path), "--format", "json"))

    [note] = printed["summary"]["notes"]
    assert note.startswith("odd.yaml: SAM refuses part of the template, which is read plainly")


def test_fix_prints_a_diff_and_writes_only_when_asked(tmp_path: Path, template: Path) -> None:
    before = template.read_bytes()

    shown = run(tmp_path, "fix", str(template), "--check", "PL-DYNAMODB-001")
    assert shown.exit_code == 0, shown.stderr
    assert "+      PointInTimeRecoverySpecification:" in shown.stdout
    assert template.read_bytes() == before

    run(tmp_path, "fix", str(template), "--check", "PL-DYNAMODB-001", "--write")
    after = template.read_text(encoding="utf-8")
    assert "# the export that partners poll" in after
    assert "PointInTimeRecoveryEnabled: true" in after
    left = document(run(tmp_path, "check", str(template), "--format", "json"))["findings"]
    assert "PL-DYNAMODB-001" not in {each["check_id"] for each in left}


def test_fix_says_what_it_could_not_read_and_fixes_the_rest(tmp_path: Path, template: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("Resources:\n  A: [AWS::S3::Bucket\n", encoding="utf-8")
    command = ("fix", str(broken), str(template), "--check", "PL-DYNAMODB-001", "--format", "json")

    printed = document(run(tmp_path, *command))

    assert [each["check_id"] for each in printed["plans"]] == ["PL-DYNAMODB-001"]
    assert [each["resource_uid"] for each in printed["gaps"]] == ["broken.yaml"]


def test_fix_of_a_broken_template_is_refused_in_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("Resources:\n  A: [AWS::S3::Bucket\n", encoding="utf-8")

    result = run(tmp_path, "fix", str(broken))

    assert result.exit_code == 2
    assert result.stderr.startswith("gap: broken.yaml: ")
    assert result.stderr.count("\n") == 1


def test_fix_finds_in_another_process_what_stands_in_templates(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A template that hangs or explodes costs that process."""

    def here(*_: object) -> Reading:
        raise AssertionError("read in this process")

    monkeypatch.setattr(reading, "_template", here)

    shown = run(tmp_path, "fix", str(template), "--check", "PL-DYNAMODB-001")

    assert "+      PointInTimeRecoverySpecification:" in shown.stdout


def test_a_fix_that_may_cut_off_callers_is_written_once_they_are_known(tmp_path: Path) -> None:
    path = tmp_path / "hook.yaml"
    path.write_text(
        "Resources:\n  Url:\n    Type: AWS::Lambda::Url\n"
        "    Properties: {TargetFunctionArn: f, AuthType: NONE}\n",
        encoding="utf-8",
    )
    before = path.read_bytes()

    refused = run(tmp_path, "fix", str(path), "--check", "PL-LAMBDA-003", "--write")
    assert "find out who calls" in refused.stderr
    assert path.read_bytes() == before

    answer = ("--callers", "our own cron job, which signs")
    run(tmp_path, "fix", str(path), "--check", "PL-LAMBDA-003", "--write", *answer)
    assert b"AuthType: AWS_IAM" in path.read_bytes()


def test_a_check_without_an_edit_says_why(tmp_path: Path) -> None:
    path = tmp_path / "bus.yaml"
    path.write_text("Resources:\n  Bus: {Type: AWS::Events::EventBus}\n", encoding="utf-8")

    result = run(tmp_path, "fix", str(path), "--check", "PL-EVENTS-005", "--write")

    assert "declined: PL-EVENTS-005" in result.stderr
    assert "Which key fits is a decision" in result.stderr


def test_fix_edits_terraform_where_the_value_comes_from(tmp_path: Path) -> None:
    folder = tmp_path / "infra"
    folder.mkdir()
    main, variables = folder / "main.tf", folder / "variables.tf"
    main.write_text(
        'resource "aws_dynamodb_table" "t" {\n  name = "t"\n  hash_key = "id"\n'
        "  point_in_time_recovery {\n    enabled = var.recover\n  }\n}\n",
        encoding="utf-8",
    )
    variables.write_text('variable "recover" {\n  default = false # dear\n}\n', encoding="utf-8")
    before = main.read_bytes()

    shown = run(tmp_path, "fix", str(folder), "--check", "PL-DYNAMODB-001")
    assert shown.exit_code == 0, shown.stderr
    assert "+  default = true # dear" in shown.stdout
    assert "= false" in variables.read_text(encoding="utf-8")

    run(tmp_path, "fix", str(folder), "--check", "PL-DYNAMODB-001", "--write")
    assert variables.read_text(encoding="utf-8") == (
        'variable "recover" {\n  default = true # dear\n}\n'
    )
    assert main.read_bytes() == before


def test_fix_of_one_terraform_file_writes_what_it_needs_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "queue.tf"
    path.write_text('resource "aws_sqs_queue" "q" {\n  name = "q"\n}\n', encoding="utf-8")

    done = run(tmp_path, "fix", str(path), "--check", "PL-SQS-004", "--write")

    assert done.exit_code == 0, done.stderr
    assert 'resource "aws_sqs_queue_policy" "q" {' in path.read_text(encoding="utf-8")


def test_a_policy_that_does_not_compile_is_one_sentence(tmp_path: Path, template: Path) -> None:
    policies = tmp_path / "mine"
    policies.mkdir()
    (policies / "bad.rego").write_text("package mine\ndeny contains x if {", encoding="utf-8")

    result = run(tmp_path, "check", str(template), "--policies", str(policies))

    assert result.exit_code == 2
    assert "bad.rego" in result.stderr
    assert "Traceback" not in result.output


def test_model_show_says_which_fix_goes_first_where_somebody_answered(tmp_path: Path) -> None:
    uid = card("logs").finding.uid
    store = SqliteStore(tmp_path / "plumbline.db")
    store.record_scan(snapshot(resource("logs")), [card("logs")])
    ways = (Alternative("default", "Usual", "free"), Alternative("customer-key", "Key", "1 USD"))
    made = replace(plan(uid), alternative="customer-key", alternatives=ways)
    store.save_plan(replace(made, valid_until=datetime.now(UTC) + timedelta(hours=1)))
    decide(
        store,
        kind=DecisionKind.APPROVE_FIX,
        finding_uid=uid,
        person=DANA,
        now=datetime.now(UTC),
        plan_digest=made.digest,
        permit=allow,
    )

    told = run(tmp_path, "model", "show").stdout
    document = json.loads(run(tmp_path, "model", "show", "--format", "json").stdout)

    assert (
        "- PL-S3-001, team-a: default chosen 0 of 1 time, customer-key chosen 1 of 1 time" in told
    )
    [order] = document["fix_orders"]
    assert (order["check_id"], order["team"]) == ("PL-S3-001", "team-a")
    assert [each["chosen"] for each in order["fixes"]] == [0, 1]


def test_a_wrong_setting_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('[slack]\nzone = "Mars/Olympus"\n', encoding="utf-8")

    result = run(tmp_path, "model", "show")

    assert result.exit_code == 2
    assert "slack.zone" in result.stderr


@pytest.mark.parametrize(
    ("bot", "sentence"),
    [("", "SLACK_BOT_TOKEN is not set"), ("secret-123", "does not begin with xoxb-")],
)
def test_a_missing_or_wrong_token_is_one_sentence_without_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bot: str, sentence: str
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", bot)

    result = run(tmp_path, "serve")

    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "secret-123" not in result.output


def test_without_credentials_a_scan_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    result = run(tmp_path, "scan", "--no-post")

    assert result.exit_code == 2
    assert "credentials" in result.stderr
    assert "Traceback" not in result.output


def test_a_scan_of_live_resources_keeps_no_secret_and_prints_one_object(
    tmp_path: Path, aws: str
) -> None:
    bucket = boto3.client("s3", endpoint_url=aws)
    where = {"LocationConstraint": "eu-west-1"}
    bucket.create_bucket(Bucket="invoices", CreateBucketConfiguration=where)

    result = run(tmp_path, "scan", "--no-post", "--format", "json")

    assert result.exit_code == 1, result.stderr
    printed = document(result)
    names = {each["resource_name"] for each in printed["findings"]}
    assert "invoices" in names
    assert printed["summary"]["is_baseline"] is True
    assert printed["summary"]["api_calls"] > 0
    verified = run(tmp_path, "audit", "verify")
    assert verified.exit_code == 0, verified.output


def test_every_command_has_help(tmp_path: Path) -> None:
    for name in main.list_commands(None):  # type: ignore[arg-type]  # the group needs no context
        result = run(tmp_path, name, "--help")
        assert result.exit_code == 0, name
        assert "Usage:" in result.output


def test_labels_go_out_and_come_back(tmp_path: Path) -> None:
    given = tmp_path / "given.jsonl"
    row = {
        "check_id": "PL-S3-001",
        "resource_uid": "arn:aws:s3:::a",
        "verdict": "false_positive",
        "reason": "public website",
        "person": "dana",
        "time": "2026-11-01T10:00:00+00:00",
    }
    given.write_text(json.dumps(row) + "\n", encoding="utf-8")

    assert run(tmp_path, "label", "import", str(given)).exit_code == 0
    run(tmp_path, "label", "export", str(tmp_path / "out.jsonl"))

    out = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
    assert {key: out[key] for key in row} == row


def test_label_import_says_how_many_were_joined_and_how_many_wait(tmp_path: Path) -> None:
    when = datetime(2026, 11, 1, tzinfo=UTC)
    store = SqliteStore(tmp_path / "plumbline.db")
    store.record_scan(snapshot(resource("a"), at=when), [card("a")])
    given = tmp_path / "given.jsonl"
    rows = [
        {
            "check_id": "PL-S3-001",
            "resource_uid": resource(name).uid,
            "verdict": "approve",
            "person": "dana",
            "time": "2026-11-02T00:00:00Z",
        }
        for name in ("a", "b", "c")
    ]
    given.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    first, again = (run(tmp_path, "label", "import", str(given)) for _ in range(2))
    store.record_scan(snapshot(resource("b"), at=when + timedelta(days=3)), [card("b")])
    later = run(tmp_path, "label", "import", str(given))

    assert "3 labels read, none refused: 3 new. 1 joined to their finding, 2 wait" in first.stderr
    assert "0 new. 1 joined to their finding, 2 wait" in again.stderr
    assert "0 new. 2 joined to their finding, 1 wait" in later.stderr
    store.close()


def test_a_bad_label_refuses_the_whole_file(tmp_path: Path) -> None:
    given = tmp_path / "given.jsonl"
    good = {
        "check_id": "PL-S3-001",
        "resource_uid": "arn:aws:s3:::a",
        "verdict": "approve",
        "person": "dana",
        "time": "2026-11-01T10:00:00Z",
    }
    given.write_text(f'{json.dumps(good)}\n{{"verdict": "maybe"}}\n', encoding="utf-8")

    result = run(tmp_path, "label", "import", str(given))
    run(tmp_path, "label", "export", str(tmp_path / "out.jsonl"))

    assert result.exit_code == 2
    assert "1 of 2 lines is refused. Nothing was imported." in result.stderr
    assert "Line 2: names no finding" in result.stderr
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == ""
