"""Loading: the shipped set, directories, Git checkouts, both dialects, and what is refused."""

import subprocess
from pathlib import Path

import pytest

from core.errors import PolicyError
from core.types import Severity
from policies import load, run_cases
from policies.checkout import content_digest
from policies.model import RegoVersion

V1 = """# METADATA
# title: Buckets are named
# custom:
#   check_id: ACME-S3-001
#   severity: high
#   resource_types: [AWS::S3::Bucket]
#   reads: [BucketName]
package acme.s3.named

deny contains violation if {
	not input.resource.Properties.BucketName
	violation := {"message": "no name", "path": "BucketName", "facts": {}}
}
"""
V0 = """package main

deny[msg] {
  input.resource.Type == "AWS::SQS::Queue"
  msg := sprintf("queue %s is not allowed here", [input.resource.Name])
}
"""


def _write(root: Path, **files: str) -> Path:
    root.mkdir(exist_ok=True)
    for name, text in files.items():
        (root / f"{name}.rego").write_text(text, encoding="utf-8")
    return root


def _git(root: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Dana", "-c", "user.email=dana@example.com"]
    done = subprocess.run(
        ["git", "-C", str(root), *identity, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_shipped_commit_is_a_digest_of_names_and_contents() -> None:
    assert load().commit.startswith("sha256:")
    assert load().commit == load().commit
    assert content_digest({"a": "1"}) != content_digest({"a": "2"}) != content_digest({"b": "2"})
    assert {policy.commit for policy in load().policies} == {load().commit}


def test_a_directory_adds_its_policies_beside_the_shipped(tmp_path: Path) -> None:
    loaded = load([_write(tmp_path / "own", named=V1)])

    policy = loaded.by_id["ACME-S3-001"]
    assert (policy.severity, policy.resource_types) == (Severity.HIGH, ("AWS::S3::Bucket",))
    assert policy.commit.startswith("sha256:")
    assert len(loaded.policies) == len(load().policies) + 1


def test_a_file_in_rego_v0_is_taken_as_such_and_said_so(tmp_path: Path) -> None:
    loaded = load([_write(tmp_path / "own", conftest=V0)])

    policy = loaded.by_id["MAIN"]
    assert policy.version is RegoVersion.V0
    assert policy.severity is Severity.MEDIUM
    assert policy.resource_types == ()
    assert policy.title == "Policy main holds"
    assert any("conftest.rego is Rego v0" in note for note in loaded.notes)


def test_files_of_one_package_are_one_policy(tmp_path: Path) -> None:
    other = V0.replace("SQS::Queue", "SNS::Topic").replace("queue", "topic")

    loaded = load([_write(tmp_path / "own", a=V0, b=other)])

    assert [policy.check_id for policy in loaded.policies if policy.foreign] == ["MAIN"]


def test_libraries_and_rego_tests_of_a_directory_are_no_policies(tmp_path: Path) -> None:
    root = _write(tmp_path / "own", named=V1, helper="package acme.lib\n\nfine(x) if x > 1\n")
    (root / "named_test.rego").write_text("this is not even Rego", encoding="utf-8")

    assert len(load([root]).policies) == len(load().policies) + 1


def test_a_git_checkout_gives_its_commit(tmp_path: Path) -> None:
    root = _write(tmp_path / "repository", named=V1)
    _git(root, "init", "-q")
    _git(root, "add", "-A")
    _git(root, "commit", "-q", "-m", "policies")

    assert load([root]).by_id["ACME-S3-001"].commit == _git(root, "rev-parse", "HEAD")
    assert load([root]).commit == f"{load().commit}+{_git(root, 'rev-parse', 'HEAD')}"


def test_a_git_checkout_with_changes_is_called_dirty(tmp_path: Path) -> None:
    root = _write(tmp_path / "repository", named=V1)
    _git(root, "init", "-q")
    _git(root, "add", "-A")
    _git(root, "commit", "-q", "-m", "policies")
    _write(root, another=V0)

    assert load([root]).by_id["ACME-S3-001"].commit.endswith("-dirty")


def test_cases_beside_a_users_policy_are_run(tmp_path: Path) -> None:
    root = _write(tmp_path / "own", named=V1)
    (root / "named.cases.yaml").write_text(
        "cases:\n"
        "- {name: unnamed, expect: fail, resource: {Properties: {}}}\n"
        "- {name: named, expect: pass, resource: {Properties: {BucketName: a}}}\n"
        '- {name: unclear, expect: unknown, resource: {Properties: {BucketName: {"Fn::Unknown": a}}}}\n'
        "- {name: wrong, expect: pass, resource: {Properties: {}}}\n",
        encoding="utf-8",
    )

    results = [r for r in run_cases(load([root])) if r.check_id == "ACME-S3-001"]

    assert [(r.name, r.held) for r in results] == [
        ("unnamed", True),
        ("named", True),
        ("unclear", True),
        ("wrong", False),
    ]


SOURCE = """cases:
- name: named in Terraform
  expect: pass
  terraform: |
    resource "aws_s3_bucket" "a" {
      bucket = "a"
    }
- name: one of two, by its address
  expect: fail
  address: aws_s3_bucket.b["x"]
  terraform: |
    resource "aws_s3_bucket" "a" {
      bucket = "a"
    }
    resource "aws_s3_bucket" "b" {
      for_each = toset(["x"])
    }
- name: in CloudFormation
  expect: fail
  address: B
  cloudformation: |
    Resources:
      A: {Type: AWS::S3::Bucket, Properties: {BucketName: a}}
      B: {Type: AWS::S3::Bucket}
- name: from a variable
  expect: unknown
  terraform: |
    variable "name" {}
    resource "aws_s3_bucket" "a" {
      bucket = var.name
    }
"""


def test_cases_may_be_source_text(tmp_path: Path) -> None:
    root = _write(tmp_path / "own", named=V1)
    (root / "named.cases.yaml").write_text(SOURCE, encoding="utf-8")

    results = [r for r in run_cases(load([root])) if r.check_id == "ACME-S3-001"]

    assert [(r.got, r.held) for r in results] == [
        ("pass", True),
        ("fail", True),
        ("fail", True),
        ("unknown", True),
    ]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ('terraform: "resource {"', "the source of a case cannot be read"),
        ("cloudformation: 'Resources: {}'", "holds 0 resources that ACME-S3-001 judges"),
        (
            "cloudformation: 'Resources: {A: {Type: AWS::S3::Bucket}, B: {Type: AWS::S3::Bucket}}'",
            "name one by address",
        ),
    ],
)
def test_source_that_says_no_one_resource_is_an_error(
    tmp_path: Path, source: str, sentence: str
) -> None:
    root = _write(tmp_path / "own", named=V1)
    text = f"cases:\n- name: a\n  expect: fail\n  {source}\n"
    (root / "named.cases.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(PolicyError, match=sentence):
        run_cases(load([root]))


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("package acme.a\n\ndeny contains msg if {\n\tinput.x = }\n", 4, "expecting"),
        (
            "package acme.a\n\ndeny contains msg if {\n\tinput.x\n\tmsg := foo.bar(1)\n}\n",
            5,
            "foo.bar",
        ),
        (
            "package acme.a\n\ndeny contains msg if {\n\tmsg := http.send({}).body\n}\n",
            4,
            "http.send",
        ),
        (
            "package acme.a\n\ndeny contains msg if msg := input.a[time.now_ns()].b\n",
            3,
            "time.now_ns",
        ),
        ("package acme.a\n\ndeny contains opa.runtime().env.HOME if true\n", 3, "opa.runtime"),
        (
            'package acme.a\n\nf(x) := rand.intn("a", x)\n\ndeny contains "a" if f(2) > 0\n',
            3,
            "rand.intn",
        ),
        ('package acme.a\n\nf(x) := f(x)\n\ndeny contains "a" if f(1)\n', 3, "depends on itself"),
        (
            'package acme.a\n\na if b\n\nb if data.acme.a.a\n\ndeny contains "a" if b\n',
            3,
            "depends on itself",
        ),
        ("# METADATA\n# title: a: b\npackage acme.a\n\ndeny contains 1 if true\n", 2, "METADATA"),
        ("package plumbline.aws.s3.encryption\n\ndeny contains 1 if false\n", 1, "belongs to"),
    ],
)
def test_a_file_that_will_not_do_is_one_error_with_file_and_line(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    root = _write(tmp_path / "own", fine=V1, wrong=text)

    with pytest.raises(PolicyError) as refused:
        load([root])

    first = str(refused.value).splitlines()
    assert len(first) == 1
    assert f"wrong.rego:{line}:" in first[0]
    assert reason in first[0]


@pytest.mark.parametrize(
    "call",
    [
        'net.cidr_contains("10.0.0.0/8", "10.1.0.0/16")',
        "time.parse_rfc3339_ns(input.now) > 0",
        'io_like.x != "http.send"',
    ],
)
def test_built_ins_that_only_compute_are_allowed(tmp_path: Path, call: str) -> None:
    text = f'package acme.a\n\nio_like := {{"x": 1}}\n\ndeny contains "a" if {call}\n'

    assert "ACME-A" in load([_write(tmp_path / "own", fine=text)]).by_id


def test_a_severity_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="severity urgent is none of critical"):
        load([_write(tmp_path / "own", named=V1.replace("high", "urgent"))])


def test_a_check_id_that_is_taken_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"PL-S3-001 is taken by .*encryption\.rego"):
        load([_write(tmp_path / "own", named=V1.replace("ACME-S3-001", "PL-S3-001"))])


def test_a_directory_that_is_missing_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no such directory"):
        load([tmp_path / "nowhere"])
    with pytest.raises(PolicyError, match=r"no \.rego or \.guard file"):
        load([tmp_path])


def test_cases_that_cannot_be_read_are_an_error_naming_the_file(tmp_path: Path) -> None:
    root = _write(tmp_path / "own", named=V1)
    (root / "named.cases.yaml").write_text("cases:\n- {name: a, expect: maybe}\n", encoding="utf-8")

    with pytest.raises(PolicyError, match=r"named\.cases\.yaml"):
        run_cases(load([root]))
