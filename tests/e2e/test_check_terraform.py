"""`plumbline check` on Terraform: the same violations as in CloudFormation, at their addresses."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import main

BAD = {
    "CloudFormation": (
        "template.yaml",
        """\
Resources:
  Logs:
    Type: AWS::S3::Bucket
    Properties: {BucketName: logs, AccessControl: PublicRead}
  Jobs:
    Type: AWS::SQS::Queue
    Properties: {QueueName: jobs, SqsManagedSseEnabled: false}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {AWS: "*"}, Action: sts:AssumeRole}]
      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]
  Stream:
    Type: AWS::Kinesis::Stream
    Properties: {ShardCount: 1}
""",
    ),
    "Terraform": (
        "main.tf",
        """\
resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}

resource "aws_s3_bucket_acl" "logs" {
  bucket = aws_s3_bucket.logs.id
  acl    = "public-read"
}

resource "aws_sqs_queue" "jobs" {
  name                    = "jobs"
  sqs_managed_sse_enabled = false
}

resource "aws_iam_role" "role" {
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "admin" {
  role       = aws_iam_role.role.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_kinesis_stream" "stream" {
  name        = "stream"
  shard_count = 1
}
""",
    ),
}
GOOD = """\
variable "names" {
  default = ["orders"]
}

resource "aws_kinesis_stream" "stream" {
  for_each        = toset(var.names)
  name            = each.value
  encryption_type = "KMS"
  kms_key_id      = "alias/streams"
}
"""


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *arguments])


def findings(result: Result) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(result.stdout)["findings"]
    return [each for each in found if each["status"] == "open"]


def written(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_tf", ".tf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_both_forms_of_one_estate_break_the_same_rules(tmp_path: Path) -> None:
    broken = {}
    for language, (name, text) in BAD.items():
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        broken[language] = {
            (each["check_id"], each["resource_type"])
            for each in findings(run(tmp_path / "home", "check", str(path), "--format", "json"))
        }

    assert broken["Terraform"] == broken["CloudFormation"]
    assert {"PL-S3-007", "PL-SQS-001", "PL-KINESIS-001"} <= {c for c, _ in broken["Terraform"]}


def test_a_finding_points_at_the_block_that_says_it(tmp_path: Path) -> None:
    infra = written(tmp_path / "infra", main_tf=BAD["Terraform"][1])

    result = run(tmp_path, "check", str(infra), "--format", "json")

    assert result.exit_code == 1
    (acl,) = (each for each in findings(result) if each["check_id"] == "PL-S3-007")
    assert acl["source"] == {
        "file": "main.tf",
        "start_line": 5,
        "end_line": 8,
        "address": "aws_s3_bucket_acl.logs",
    }
    assert acl["resource_uid"] == "////aws_s3_bucket.logs"


def test_what_complies_passes(tmp_path: Path) -> None:
    infra = written(tmp_path / "infra", main_tf=GOOD)

    result = run(tmp_path, "check", str(infra), "--format", "json")

    assert json.loads(result.stdout)["summary"]["resources"] == 1
    assert "PL-KINESIS-001" not in {each["check_id"] for each in findings(result)}


def test_a_module_is_read_where_it_is_called(tmp_path: Path) -> None:
    infra = written(
        tmp_path / "infra",
        main_tf='module "queues" {\n  source    = "./queue"\n  encrypted = false\n}\n',
        queue__main_tf=(
            'variable "encrypted" {}\n\nresource "aws_sqs_queue" "jobs" {\n  count = 2\n'
            "  sqs_managed_sse_enabled = var.encrypted\n}\n"
        ),
    )

    found = findings(run(tmp_path, "check", str(infra), "--format", "json"))

    sources = [each["source"] for each in found if each["check_id"] == "PL-SQS-001"]
    assert sorted((s["address"], s["file"], s["start_line"]) for s in sources) == [
        ("module.queues.aws_sqs_queue.jobs[0]", "queue/main.tf", 3),
        ("module.queues.aws_sqs_queue.jobs[1]", "queue/main.tf", 3),
    ]


def test_modules_side_by_side_keep_their_findings_apart(tmp_path: Path) -> None:
    stream = 'resource "aws_kinesis_stream" "stream" {\n  name = "stream"\n}\n'
    one, two = written(tmp_path / "one", main_tf=stream), written(tmp_path / "two", main_tf=stream)
    tree = written(tmp_path / "tree", a__main_tf=stream, b__main_tf=stream)

    apart = findings(run(tmp_path, "check", str(one), str(two), "--format", "json"))
    below = findings(run(tmp_path, "check", str(tree), "--format", "json"))

    assert len({e["uid"] for e in apart if e["check_id"] == "PL-KINESIS-001"}) == 2
    assert {e["source"]["file"] for e in below if e["check_id"] == "PL-KINESIS-001"} == {
        "a/main.tf",
        "b/main.tf",
    }


def test_a_module_that_cannot_be_read_is_a_gap_and_the_others_are_judged(tmp_path: Path) -> None:
    infra = written(tmp_path / "infra", a__main_tf='resource "aws_sqs_queue" {', b__main_tf=GOOD)

    result = run(tmp_path, "check", str(infra), "--format", "json")

    (gap,) = json.loads(result.stdout)["gaps"]
    assert "a/main.tf" in gap["detail"]
    summary = json.loads(result.stdout)["summary"]
    assert (summary["templates"], summary["resources"], summary["unreadable"]) == (2, 1, 1)
    assert "Traceback" not in result.output


def test_a_single_broken_file_exits_with_two(tmp_path: Path) -> None:
    path = tmp_path / "main.tf"
    path.write_text('resource "aws_sqs_queue" {', encoding="utf-8")

    assert run(tmp_path, "check", str(path)).exit_code == 2


def test_what_is_not_read_is_said(tmp_path: Path) -> None:
    infra = written(tmp_path / "infra", main_tf='resource "aws_route_table" "r" {}\n')

    result = run(tmp_path, "check", str(infra))

    assert result.exit_code == 0
    assert "note: infra: not read: 1 aws_route_table" in result.stderr


def test_a_link_that_leads_out_of_the_tree_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere.json"
    secret.write_text('{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}')
    infra = written(
        tmp_path / "infra",
        main_tf='resource "aws_iam_policy" "p" {\n  policy = file("policy.json")\n}\n',
    )
    (infra / "policy.json").symlink_to(secret)

    result = run(tmp_path, "check", str(infra), "--format", "json")

    assert findings(result) == []


@pytest.mark.parametrize("kind", ["tf", "yaml"])
def test_a_value_that_looks_secret_is_never_printed(tmp_path: Path, kind: str) -> None:
    secret = "AKIA" + "ABCDEFGHIJKLMNOP"
    texts = {
        "tf": f'resource "aws_lambda_function" "f" {{\n  function_name = "f"\n  environment {{\n'
        f'    variables = {{ KEY = "{secret}" }}\n  }}\n}}\n',
        "yaml": "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n"
        f"      Environment: {{Variables: {{KEY: {secret}}}}}\n",
    }
    path = tmp_path / f"main.{kind}"
    path.write_text(texts[kind], encoding="utf-8")

    result = run(tmp_path, "check", str(path), "--format", "json")

    assert "PL-LAMBDA-006" in {each["check_id"] for each in findings(result)}
    assert secret not in result.output


def test_a_skip_comment_in_a_block_leaves_its_check_out(tmp_path: Path) -> None:
    infra = written(
        tmp_path / "infra",
        main_tf='resource "aws_kinesis_stream" "stream" {\n'
        "  # checkov:skip=CKV_AWS_43:synthetic clicks\n"
        '  name = "stream"\n}\n',
    )

    result = run(tmp_path, "check", str(infra), "--format", "json")

    every = json.loads(result.stdout)["findings"]
    assert {f["status"] for f in every if f["check_id"] == "PL-KINESIS-001"} == {"suppressed"}
