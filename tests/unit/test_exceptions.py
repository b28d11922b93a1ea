"""Exceptions as code: what they cover, until when, and what is taken over from other tools."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

import policies
import templates
from app import exceptions as accepting
from app.cli.main import main
from app.export import sarif
from app.store import SqliteStore
from core.errors import PolicyError
from core.identity import finding_uid
from core.types import (
    Card,
    Coverage,
    Evidence,
    Finding,
    Gap,
    Resource,
    Severity,
    Snapshot,
    SourceSpan,
    Status,
)
from policies.exception import DAYS_MAX, read_file, too_long, with_exceptions
from policies.foreign_id import by_tool, controls_of
from policies.takeover import foreign_rows, taken

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ARN = "arn:aws:lambda:eu-west-1:111122223333:function:webhook-stripe"
GOOD = """exceptions:
  - id: EXC-14
    checks: [lambda-url-authentication]
    scope:
      resources: ["arn:aws:lambda:*:*:function:webhook-*"]
      accounts: ["111122223333"]
    owner: dana@example.com
    reason: the payment provider calls it; the handler verifies the signature
    expires: 2027-02-01
"""


def _finding(uid: str = ARN, **changes: object) -> Finding:
    found = Finding(
        uid=finding_uid("PL-LAMBDA-003", uid),
        check_id="PL-LAMBDA-003",
        control="lambda-url-authentication",
        title="Function URLs authenticate their callers with IAM",
        severity=Severity.HIGH,
        resource_uid=uid,
        resource_type="AWS::Lambda::Function",
        resource_name=uid.rpartition(":")[2],
        evidence=Evidence("the URL has AuthType NONE"),
        account="111122223333",
        region="eu-west-1",
        references=("CKV_AWS_258",),
    )
    return replace(found, **changes)  # type: ignore[arg-type] # the fields of a finding


def _resource(uid: str = ARN, **tags: str) -> Resource:
    return Resource(
        uid, "AWS::Lambda::Function", uid.rpartition(":")[2], {},
        account="111122223333", region="eu-west-1", tags=tags,
    )  # fmt: skip


def _write(tmp_path: Path, text: str = GOOD) -> Path:
    path = tmp_path / "exceptions.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _after(
    path: Path, finding: Finding, *, now: datetime = NOW, declared: dict[str, str] | None = None,
    **tags: str,
) -> Finding:  # fmt: skip
    def check(_: Snapshot) -> Iterator[Finding | Gap]:
        yield finding

    run = with_exceptions(
        check, read_file(path), clock=lambda: now, declared=lambda: declared or {}
    )
    snapshot = Snapshot("s", now, (_resource(finding.resource_uid, **tags),))
    (said,) = run(snapshot)
    assert isinstance(said, Finding)
    return said


def test_a_covered_finding_is_accepted_with_reason_owner_and_end(tmp_path: Path) -> None:
    said = _after(_write(tmp_path), _finding())

    assert said.status is Status.ACCEPTED
    assert said.exemption is not None
    assert (said.exemption.uid, said.exemption.owner) == ("EXC-14", "dana@example.com")
    assert said.exemption.until == datetime(2027, 2, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "other",
    [
        _finding(ARN.replace("webhook-", "orders-")),
        _finding(account="444455556666"),
        _finding(control="lambda-in-vpc", check_id="PL-LAMBDA-001", references=()),
    ],
    ids=["another resource", "another account", "another check"],
)
def test_what_is_outside_the_scope_stays_open(tmp_path: Path, other: Finding) -> None:
    assert _after(_write(tmp_path), other).status is Status.OPEN


def test_it_ends_with_the_day_it_names(tmp_path: Path) -> None:
    path = _write(tmp_path)
    last = datetime(2027, 2, 1, 23, 59, tzinfo=UTC)

    assert _after(path, _finding(), now=last).status is Status.ACCEPTED
    assert _after(path, _finding(), now=last + timedelta(minutes=1)).status is Status.OPEN


def test_an_unconfirmed_one_hides_nothing(tmp_path: Path) -> None:
    path = _write(tmp_path, GOOD + "    unconfirmed: true\n")

    assert _after(path, _finding()).status is Status.OPEN


def test_a_reference_and_a_tag_name_it_too(tmp_path: Path) -> None:
    text = GOOD.replace("lambda-url-authentication", "CKV_AWS_258")
    scope = text[text.index("    scope:") : text.index("    owner:")]
    path = _write(tmp_path, text.replace(scope, "    scope: {tags: {kind: webhook*}}\n"))

    assert _after(path, _finding(), kind="webhook-in").status is Status.ACCEPTED
    assert _after(path, _finding(), kind="internal").status is Status.OPEN
    assert _after(path, _finding()).status is Status.OPEN


def test_one_written_for_the_code_follows_to_what_is_live(tmp_path: Path) -> None:
    text = GOOD.replace("arn:aws:lambda:*:*:function:webhook-*", "infra//pay/template.yaml//Hook")
    declared = {ARN: "infra//pay/template.yaml//Hook"}

    assert _after(_write(tmp_path, text), _finding(), declared=declared).status is Status.ACCEPTED
    assert _after(_write(tmp_path, text), _finding()).status is Status.OPEN


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("    expires: 2027-02-01\n", ""), "expires is missing"),
        (("    owner: dana@example.com\n", ""), "owner is missing"),
        (("    reason: the payment", "    why: the payment"), "why is no key"),
        (("    checks: [lambda-url-authentication]\n", ""), "checks must be a list"),
        (("accounts:", "account:"), "account is no scope"),
        (
            (
                '["arn:aws:lambda:*:*:function:webhook-*"]\n      accounts: ["111122223333"]',
                '["*"]',
            ),
            "covers everything",
        ),
        (("exceptions:", "exemptions:"), "no list named exceptions"),
        (("  - id: EXC-14", "  - id: [EXC"), "cannot be read"),
    ],
)
def test_a_malformed_file_is_refused_in_one_sentence(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    with pytest.raises(PolicyError, match=said):
        read_file(_write(tmp_path, GOOD.replace(*change)))


def test_none_may_hold_for_more_than_a_year(tmp_path: Path) -> None:
    read = read_file(_write(tmp_path, GOOD.replace("2027-02-01", "2029-02-01")))

    assert too_long(read, now=NOW) == (
        f"{tmp_path}/exceptions.yaml: EXC-14 holds for more than {DAYS_MAX} days.",
    )


def _recorded(store: SqliteStore, finding: Finding, at: datetime) -> Status:
    coverage = (Coverage("111122223333", ("eu-west-1",)),)
    snapshot = Snapshot(at.isoformat(), at, (_resource(),), coverage=coverage)
    store.record_scan(snapshot, [Card(finding, None)])
    return store.card(finding.uid).finding.status


def test_a_finding_comes_back_when_its_exception_is_taken_out(tmp_path: Path) -> None:
    moment = [NOW]
    store = SqliteStore(tmp_path / "p.db", clock=lambda: moment[0])
    accepted = _after(_write(tmp_path), _finding())

    assert _recorded(store, _finding(), NOW) is Status.OPEN
    assert _recorded(store, accepted, NOW + timedelta(hours=1)) is Status.ACCEPTED
    assert _recorded(store, _finding(), NOW + timedelta(hours=2)) is Status.OPEN


def test_a_stored_finding_is_open_again_when_its_exception_has_ended(tmp_path: Path) -> None:
    moment = [NOW]
    store = SqliteStore(tmp_path / "p.db", clock=lambda: moment[0])
    _recorded(store, _after(_write(tmp_path), _finding()), NOW)

    moment[0] = datetime(2027, 2, 3, tzinfo=UTC)

    assert store.card(_finding().uid).finding.status is Status.OPEN


SAM = """Transform: AWS::Serverless-2016-10-31
Resources:
  Hook:
    Type: AWS::Serverless::Function
    Metadata:
      cfn_nag:
        rules_to_suppress:
          - id: W89
            reason: it needs no private network
    Properties:
      # checkov:skip=CKV_AWS_50: traced by the caller
      Handler: app.handler
      Runtime: python3.13
      InlineCode: pass
  Other:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      InlineCode: pass
"""


def test_skip_comments_and_metadata_are_found_with_their_reasons() -> None:
    template = templates.read(SAM.encode(), file="t.yaml", secret_key=b"k")

    found = templates.skips(template)

    assert set(found) == {"Hook"}
    assert {(s.tool, s.check, s.reason, s.line) for s in found["Hook"]} == {
        ("checkov", "CKV_AWS_50", "traced by the caller", 11),
        ("cfn_nag", "W89", "it needs no private network", 8),
    }


IGNORED = """# trivy:ignore:AVD-AWS-0066 tfsec:ignore:aws-lambda-restrict-source-arn
#tfsec:ignore:aws-s3-enable-versioning:exp:2026-01-02
resource "aws_lambda_function" "f" {
  function_name = "f" # trivy:ignore:AWS-0017[name=f]
  description   = "not trivy:ignore:AWS-0001"
}

resource "aws_lambda_function" "g" {
  function_name = "g"
}
"""


def test_comments_of_trivy_stand_inside_a_block_or_right_above_it() -> None:
    content = IGNORED.encode()
    start, second = content.index(b"resource"), content.rindex(b"resource")
    above = SourceSpan("m.tf", 3, 6, "f", start_byte=start, end_byte=second - 1)
    beside = SourceSpan("m.tf", 8, 10, "g", start_byte=second, end_byte=len(content))

    assert [(s.check, s.line, s.expires) for s in templates.comments(content, above)] == [
        ("AWS-0066", 1, ""),
        ("aws-lambda-restrict-source-arn", 1, ""),
        ("aws-s3-enable-versioning", 2, "2026-01-02"),
        ("AWS-0017", 4, ""),
    ]
    assert templates.comments(content, beside) == ()


def test_an_entry_of_guard_may_say_why() -> None:
    template = templates.read(
        b"Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Metadata:\n"
        b"      guard: {SuppressedRules: [SQS_A, {SQS_B: it is a toy}]}\n",
        file="t.yaml",
        secret_key=b"k",
    )

    found = templates.skips(template)["Q"]

    assert [(s.check, s.reason) for s in found] == [("SQS_A", ""), ("SQS_B", "it is a toy")]


def test_a_skip_that_has_ended_hides_nothing() -> None:
    finding = _finding(source=SourceSpan("t.yaml", 3, 9, "Hook"))
    skip = templates.Skip("trivy", "CKV_AWS_258", "", 5, expires="2026-11-23")

    assert accepting.skipped(finding, [skip], now=NOW).status is Status.OPEN
    earlier = NOW - timedelta(days=1)
    assert accepting.skipped(finding, [skip], now=earlier).status is Status.SUPPRESSED


def test_check_honours_ignore_comments_in_terraform(tmp_path: Path) -> None:
    (tmp_path / "m.tf").write_text(IGNORED, encoding="utf-8")

    done = CliRunner().invoke(
        main, ["--home", str(tmp_path / "home"), "check", str(tmp_path / "m.tf"),
               "--format", "json"],
    )  # fmt: skip

    found = {(f["control"], f["resource_name"]): f for f in json.loads(done.stdout)["findings"]}
    assert found["lambda-tracing", "f"]["status"] == "suppressed"
    assert found["lambda-tracing", "g"]["status"] == "open"


def test_check_takes_over_what_a_template_says(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(SAM, encoding="utf-8")

    done = CliRunner().invoke(
        main, ["--home", str(tmp_path / "home"), "check", str(tmp_path / "t.yaml"),
               "--format", "json"],
    )  # fmt: skip

    found = {(f["control"], f["source"]["address"]): f for f in json.loads(done.stdout)["findings"]}
    hooked = found["lambda-tracing", "Hook"]
    assert (hooked["status"], hooked["exception"]["reason"]) == (
        "suppressed",
        "traced by the caller",
    )
    assert hooked["exception"]["origin"] == "t.yaml:11"
    assert found["lambda-in-vpc", "Hook"]["status"] == "suppressed"
    assert found["lambda-tracing", "Other"]["status"] == "open"


def test_sarif_says_where_it_was_accepted(tmp_path: Path) -> None:
    span = SourceSpan("t.yaml", 3, 9, "Hook")
    skip = templates.Skip("checkov", "CKV_AWS_258", "webhook", 5)
    inline = accepting.skipped(_finding(source=span), [skip], now=NOW)
    written = _after(_write(tmp_path), _finding())

    document = sarif.document([Card(inline, None), Card(written, None)], at=NOW)

    first, second = (each["suppressions"][0] for each in document["runs"][0]["results"])
    assert (first["kind"], first["justification"]) == ("inSource", "checkov CKV_AWS_258: webhook")
    assert second["kind"] == "external"


MUTE_LIST = """Mutelist:
  Accounts:
    "111122223333":
      Checks:
        awslambda_function_url_public:
          Regions: [eu-west-1]
          Resources: ["webhook-.*"]
          Description: providers call these
        iam_root_mfa_enabled:
          Regions: ["*"]
          Resources: ["*"]
"""


def test_a_prowler_mute_list_becomes_unconfirmed_exceptions(tmp_path: Path) -> None:
    path = tmp_path / "mutelist.yaml"
    path.write_text(MUTE_LIST, encoding="utf-8")

    done = CliRunner().invoke(
        main, ["--home", str(tmp_path / "home"), "exception", "import", str(path)]
    )

    assert done.exit_code == 0, done.output
    assert "iam_root_mfa_enabled: no check of ours answers it." in done.stderr
    (written,) = yaml.safe_load(done.stdout)["exceptions"]
    assert written["checks"] == ["lambda-url-authentication"]
    assert written["reason"] == "providers call these"
    assert written["unconfirmed"] is True
    confirmed = _write(tmp_path, done.stdout.replace("  unconfirmed: true\n", ""))
    assert _after(confirmed, _finding()).status is Status.ACCEPTED
    other = _finding(ARN.replace("webhook-stripe", "orders"))
    assert _after(confirmed, other).status is Status.OPEN


def test_suppressed_security_hub_findings_are_taken_over(tmp_path: Path) -> None:
    def finding(status: str) -> dict[str, object]:
        return {
            "Workflow": {"Status": status},
            "Compliance": {"SecurityControlId": "Lambda.1"},
            "Note": {"Text": "public on purpose", "UpdatedBy": "dana"},
            "Resources": [{"Type": "AwsLambdaFunction", "Id": ARN}],
        }

    path = tmp_path / "findings.json"
    path.write_text(json.dumps({"Findings": [finding("SUPPRESSED"), finding("NEW")]}))

    rows = foreign_rows(path)

    assert rows is not None
    made = taken(rows, today=date(2026, 11, 24), known={})
    (written,) = made.exceptions
    assert written["scope"] == {"resources": [ARN]}
    assert (written["owner"], written["reason"]) == ("dana", "public on purpose")
    assert written["expires"] == date(2027, 2, 22)


def test_templates_are_taken_over_by_their_address(tmp_path: Path) -> None:
    (tmp_path / "pay").mkdir()
    (tmp_path / "pay" / "t.yaml").write_text(SAM, encoding="utf-8")

    done = CliRunner().invoke(
        main, ["--home", str(tmp_path / "home"), "exception", "import", str(tmp_path)]
    )

    written = yaml.safe_load(done.stdout)["exceptions"]
    assert {tuple(each["checks"]) for each in written} == {
        ("lambda-tracing",),
        ("lambda-in-vpc", "lambda-vpc"),
    }
    assert {each["scope"]["resources"][0] for each in written} == {"*/pay/t.yaml//Hook"}


def test_preview_shows_what_would_have_been_hidden(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    store = SqliteStore(home / "plumbline.db")
    now = datetime.now(UTC)
    _recorded(store, _finding(), now - timedelta(days=3))
    path = _write(tmp_path, GOOD + "    unconfirmed: true\n")

    done = CliRunner().invoke(
        main, ["--home", str(home), "exception", "preview", str(path), "--format", "json"]
    )
    short = CliRunner().invoke(
        main, ["--home", str(home), "exception", "preview", str(path), "--days", "1"]
    )

    said = json.loads(done.stdout)
    assert [each["resource_name"] for each in said["hidden"]] == ["webhook-stripe"]
    assert said["summary"] == {"exceptions": 1, "hidden": 1, "high_or_critical": 1}
    assert "would have hidden 0 findings of the last 1 days" in short.stderr


def test_every_foreign_id_leads_to_a_control_of_ours() -> None:
    controls = {policy.control for policy in policies.load().policies}

    for tool, rows in by_tool().items():
        for name, answered in rows.items():
            assert set(answered) <= controls, (tool, name)
    assert controls_of("w89") == ("lambda-in-vpc",)
    assert controls_of("nobody") == ()
