"""Guard policies on resources: the same findings as Rego's, from few processes that cannot hang."""

import json
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import PolicyError
from core.types import Estate, Finding, Gap, Resource, Snapshot, SourceSpan, Status, unknown
from policies import PolicySet, check, evaluate, load, run_cases
from policies.guard import engine, process
from policies.guard.process import Session
from policies.guard.source import read
from policies.model import Language
from policies.said import Said
from policies.twins import together
from policies.verdict import Judged

NOW = datetime(2026, 11, 22, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("cfn_guard")


def _bucket(name: str, properties: dict[str, Any], **rest: Any) -> Resource:
    source = SourceSpan("template.yaml", 1, 1, name)
    uid = f"repo//template.yaml//{name}"
    return Resource(uid, "AWS::S3::Bucket", name, properties, source=source, **rest)


def _load(tmp_path: Path, text: str, name: str = "acme.guard") -> PolicySet:
    (tmp_path / name).write_text(textwrap.dedent(text), encoding="utf-8")
    return load([tmp_path])


def _own(policy_set: PolicySet, resources: Sequence[Resource]) -> list[Finding]:
    """What the user's policies say."""
    said = evaluate(policy_set, resources, estate=Estate(), now=NOW)
    return [
        each for each in said if isinstance(each, Finding) and not each.check_id.startswith("PL-")
    ]


ACME = """
    let buckets = Resources.*[ Type == 'AWS::S3::Bucket' ]  # the "buckets"
    let logged = %buckets[ Properties.LoggingConfiguration exists ]

    # rule commented(x) out
    rule named when %buckets !empty {
        %buckets.Properties.BucketName == /^acme-/
            <<
            Violation: Bucket names begin with acme-.
            Fix: Set BucketName.
            >>
    }

    rule prefixed when %logged !empty {
        %logged { Properties.LoggingConfiguration.LogFilePrefix exists }
    }

    rule both when %buckets !empty {
        named <<naming comes first>>
        encrypted(%buckets)
    }

    rule encrypted(things) {
        %things { Properties.BucketEncryption exists <<is not encrypted>> }
    }
"""


def test_a_users_rules_work_as_they_stand(tmp_path: Path) -> None:
    loaded = _load(tmp_path, ACME)
    good = _bucket("Good", {"BucketName": "acme-a", "BucketEncryption": {}})
    bad = _bucket("Bad", {"BucketName": "other", "LoggingConfiguration": {}})

    found = _own(loaded, [good, bad])

    assert {policy.check_id for policy in loaded.policies if policy.foreign} == {
        "named",
        "prefixed",
        "both",
    }
    assert {each.resource_name for each in found} == {"Bad"}
    by_id = {each.check_id: each for each in found}
    assert by_id["named"].evidence.message == "Bad: Bucket names begin with acme-"
    assert by_id["named"].evidence.locations == ("BucketName",)
    assert by_id["named"].evidence.facts == {"BucketName": "other"}
    assert by_id["named"].remediation == "Set BucketName."
    assert by_id["prefixed"].evidence.message == (
        "Bad: Properties.LoggingConfiguration.LogFilePrefix EXISTS does not hold"
    )
    assert by_id["prefixed"].evidence.locations == ("LoggingConfiguration.LogFilePrefix",)
    assert by_id["both"].evidence.locations == ("BucketName", "BucketEncryption")
    assert {each.severity.value for each in found} == {"medium"}
    assert loaded.by_id["named"].resource_types == ("AWS::S3::Bucket",)


def test_a_rule_without_applicable_resources_says_nothing(tmp_path: Path) -> None:
    queue = Resource("arn:q", "AWS::SQS::Queue", "q", {})

    assert _own(_load(tmp_path, ACME), [queue]) == []


def test_a_rule_about_a_whole_template_is_one_finding(tmp_path: Path) -> None:
    text = "rule trail { Resources.*[ Type == 'AWS::CloudTrail::Trail' ] !empty <<no trail>> }"

    found = _own(_load(tmp_path, text), [_bucket("A", {}), _bucket("B", {})])

    assert [each.resource_name for each in found] == ["A"]


def test_of_several_resources_the_one_that_a_rule_means_is_found(tmp_path: Path) -> None:
    text = """
        let buckets = Resources.*[ Type == 'AWS::S3::Bucket' ]
        rule locked when %buckets !empty {
            %buckets { Properties.Rules[ Lock == true ] !empty <<nothing is locked>> }
        }
    """
    good = _bucket("Good", {"Rules": [{"Lock": True}]})
    bad = [_bucket(name, {"Rules": [{"Lock": False}]}) for name in ("Bad", "Worse")]

    found = _own(_load(tmp_path, text), [good, *bad])

    assert {each.resource_name for each in found} == {"Bad", "Worse"}


def test_names_that_stand_in_two_files_are_told_apart_by_the_file(tmp_path: Path) -> None:
    one = "rule named { Resources.*.Properties.One exists }"
    two = "rule named { Resources.*.Properties.Two exists }"
    (tmp_path / "first.guard").write_text(one, encoding="utf-8")

    found = _own(_load(tmp_path, two, "second.guard"), [_bucket("A", {"One": 1})])

    assert [each.check_id for each in found] == ["second.named"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("rule a {\n  Resources exists\n}\nrule b when {\n  foo ==\n}\n", 4, "cannot be parsed"),
        ("rule a {\n  Resources exists\n  %nowhere exists\n}\n", 3, "nowhere"),
        ("rule a {\n  Resources exists\n  nobody(Resources)\n}\n", 3, "nobody"),
    ],
)
def test_a_file_that_cannot_be_evaluated_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    (tmp_path / "bad.guard").write_text(text, encoding="utf-8")

    with pytest.raises(PolicyError, match=rf"bad\.guard:{line}: .*{words}"):
        load([tmp_path])


def test_a_file_of_comments_adds_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty.guard").write_text("# rules will follow\n", encoding="utf-8")

    assert _own(_load(tmp_path, ACME), [_bucket("A", {"BucketName": "acme-a"})])


UNKNOWNS = """
    let buckets = Resources.*[ Type == 'AWS::S3::Bucket' ]
    rule equal when %buckets !empty { %buckets.Properties.A == 1 }
    rule present when %buckets !empty { %buckets.Properties.A exists }
    rule either when %buckets !empty { %buckets { Properties.A == 1 or Properties.B == 2 } }
    rule each when %buckets !empty { %buckets { Properties.A == 1
        Properties.B == 2 } }
    rule guarded when %buckets !empty { %buckets { when Properties.A == 1 { Properties.B == 2 } } }
    rule inside when %buckets !empty { %buckets.Properties.L[*].x == 1 }
    rule dependent when %buckets !empty {
        equal
    }
"""


@pytest.mark.parametrize(
    ("properties", "violated", "undecided"),
    [
        ({"A": unknown("p"), "B": 3, "L": [{"x": 1}]}, {"each"}, "equal present either dependent"),
        ({"A": unknown("p"), "B": 2, "L": [{"x": 1}]}, set(), "equal present each dependent"),
        ({"A": 1, "B": unknown("p"), "L": [{"x": unknown("p")}]}, set(), "each guarded inside"),
        ({"A": 1, "B": 2, "L": [{"x": 2}, {"x": unknown("p")}]}, {"inside"}, ""),
        ({"A": 1, "B": 2, "L": unknown("p")}, set(), "inside"),
    ],
)
def test_a_value_that_is_not_known_never_makes_a_rule_fire(
    tmp_path: Path, properties: dict[str, Any], violated: set[str], undecided: str
) -> None:
    found = _own(_load(tmp_path, UNKNOWNS), [_bucket("B", properties)])

    by_status = {
        status: {each.check_id for each in found if each.status is status} for status in Status
    }
    assert by_status[Status.OPEN] == violated
    assert by_status[Status.UNKNOWN] == set(undecided.split())


def test_where_one_match_is_enough_an_unknown_one_leaves_all_open(tmp_path: Path) -> None:
    text = "rule any { some Resources.*.Properties.L[*].x == 1 }"

    [found] = _own(_load(tmp_path, text), [_bucket("B", {"L": [{"x": 2}, {"x": unknown("p")}]})])

    assert found.status is Status.UNKNOWN


def test_references_are_functions_again_for_rules_that_ask_for_them(tmp_path: Path) -> None:
    text = """
        rule refers {
            Resources.*[ Type == 'AWS::S3::Bucket' ] {
                Properties.Key.Ref exists
                Properties.Role.'Fn::GetAtt' exists
                Properties.Name.'Fn::Sub' exists
                Properties.User == "${aws:username}"
            }
        }
    """
    properties = {
        "Key": "${B}",
        "Role": "${B.Arn}",
        "Name": "x-${AWS::Region}",
        "User": "${aws:username}",
    }

    assert _own(_load(tmp_path, text), [_bucket("B", properties)]) == []


def test_metadata_of_a_template_switches_a_control_off_in_both_languages() -> None:
    for written in (["PL-S3-101"], [{"S3_BUCKET_VERSIONING_ENABLED": "why"}], ["PL-S3-004"]):
        metadata = {"guard": {"SuppressedRules": written}}
        said = evaluate(load(), [_bucket("B", {}, metadata=metadata)], estate=Estate(), now=NOW)
        assert "s3-versioning" not in {each.control for each in said if isinstance(each, Finding)}


def test_what_both_languages_say_of_one_control_is_one_finding() -> None:
    said = evaluate(load(), [_bucket("B", {})], estate=Estate(), now=NOW)

    [found] = [
        each for each in said if isinstance(each, Finding) and each.control == "s3-versioning"
    ]
    assert found.check_id == "PL-S3-004"
    assert {"CKV_AWS_21", "S3_BUCKET_VERSIONING_ENABLED"} <= set(found.references)


@pytest.mark.usefixtures("forgetful")
def test_few_processes_answer_for_many_resources() -> None:
    buckets = [
        Resource(f"arn:b{n}", "AWS::S3::Bucket", f"b{n}", {"LoggingConfiguration": {"P": n}})
        for n in range(600)
    ]
    running = engine.session()
    assert running is not None

    said = list(engine.evaluate(load(), buckets, running))

    assert {each.resource.uid for each in said if isinstance(each, Said)} == {
        each.uid for each in buckets
    }
    assert running.processes == 3


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are remembered from one test to the next, and these tests count questions."""
    monkeypatch.setattr(process, "_REMEMBERED", {})


@pytest.mark.usefixtures("forgetful")
def test_resources_that_are_alike_for_the_rules_are_judged_once_and_each_is_named() -> None:
    buckets = [
        Resource(f"arn:b{n}", "AWS::S3::Bucket", f"b{n}", {"BucketName": f"b{n}"})
        for n in range(2000)
    ]
    running = engine.session()
    assert running is not None

    found = _own_of_guard(load(), buckets, running)

    assert {each.resource.uid for each in found} == {each.uid for each in buckets}
    assert running.processes == 1


@pytest.mark.usefixtures("forgetful")
def test_declared_resources_that_are_alike_are_judged_once_whatever_their_template() -> None:
    buckets = [_declared(f"{n}.yaml", "Store", {"BucketName": f"b{n}"}) for n in range(600)]
    running = engine.session()
    assert running is not None

    found = _own_of_guard(load(), [*buckets, _declared("m.yaml", "Main", {}, "AWS::X::Y")], running)

    said: dict[str, list[str]] = {}
    for each in found:
        said.setdefault(each.policy.check_id, []).append(each.resource.uid)
    assert said["PL-S3-101"] == [each.uid for each in buckets]
    assert running.processes == 1


def test_what_is_declared_on_a_resource_stays_its_own() -> None:
    """They differ in what their Metadata says, in what is not known, in whether this is all of them."""
    asks = {"guard": {"SuppressedRules": ["PL-S3-101"]}}
    buckets = [
        _declared("a.yaml", "Plain", {}),
        _declared("a.yaml", "Switched", {}, metadata=asks),
        _declared("b.yaml", "Unsure", {"VersioningConfiguration": unknown("p")}),
        _declared("b.yaml", "Good", {"VersioningConfiguration": {"Status": "Enabled"}}),
        _declared("c.yaml", "Part", {"VersioningConfiguration": unknown("p")}, partial=True),
    ]
    running = engine.session()
    assert running is not None

    found = _own_of_guard(load(), buckets, running)

    versioning = [each for each in found if each.policy.check_id == "PL-S3-101"]
    assert {each.resource.name: each.not_known for each in versioning} == {
        "Plain": (),
        "Unsure": ("VersioningConfiguration.Status is not known (p)",),
        "Part": ("VersioningConfiguration.Status is not known",),
    }


def test_only_what_holds_unknown_values_is_asked_about_twice(
    cfn_guard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = Session.ask

    def counted(running: Session, files: Any, documents: Sequence[str]) -> Any:
        asked.extend(documents)
        return ask(running, files, documents)

    monkeypatch.setattr(Session, "ask", counted)
    sure = [_declared("a.yaml", f"S{n}", {"LoggingConfiguration": {"P": n}}) for n in range(9)]
    unsure = _declared("a.yaml", "U", {"LoggingConfiguration": unknown("p")})

    found = _own_of_guard(load(), [*sure, unsure], Session(cfn_guard))

    logging = [each for each in found if each.policy.check_id == "PL-S3-104"]
    assert [each.resource.name for each in logging if not each.violations] == ["U"]
    assert len(asked) == 11


def test_a_block_that_is_missing_is_said_to_be_not_set() -> None:
    """Guard reports no words for a block of clauses, only its place in the rules that it got."""
    function = _declared("a.yaml", "F", {}, "AWS::Lambda::Function")
    running = engine.session()
    assert running is not None

    found = _own_of_guard(load(), [function], running)

    [said] = [each for each in found if each.policy.check_id == "PL-LAMBDA-104"]
    assert [each.message for each in said.violations] == ["VpcConfig is not set"]


def _declared(
    file: str, name: str, properties: dict[str, Any], kind: str = "AWS::S3::Bucket", **rest: Any
) -> Resource:
    source = SourceSpan(file, 1, 1, name)
    return Resource(f"//{file}//{name}", kind, name, properties, source=source, **rest)


def _own_of_guard(
    policy_set: PolicySet, resources: Sequence[Resource], running: Session
) -> list[Said]:
    said = engine.evaluate(policy_set, resources, running)
    return [each for each in said if isinstance(each, Said)]


def test_a_scan_in_limits_says_what_this_process_says() -> None:
    resources = [_bucket("A", {}), _bucket("B", {"VersioningConfiguration": unknown("p")})]
    run = check(load(), estate=Estate(), clock=lambda: NOW)

    apart = list(run(Snapshot("s", NOW, tuple(resources))))

    assert apart == list(evaluate(load(), resources, estate=Estate(), now=NOW))


def _program(tmp_path: Path, body: str) -> Path:
    program = tmp_path / "cfn-guard"
    program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    program.chmod(0o755)
    return program


FILES = (read("rule a { x exists }", path="a.guard"), read("rule b { x exists }", path="b.guard"))


def test_a_program_that_hangs_is_killed_and_its_policies_are_gaps(tmp_path: Path) -> None:
    running = Session(_program(tmp_path, "exec /bin/sleep 600"), timeout_s=0.3)

    assert list(running.ask(FILES, ["{}"])) == [{}]
    assert {path: fault.reason for path, fault in running.stopped.items()} == {
        "a.guard": "timeout",
        "b.guard": "timeout",
    }


def test_a_program_that_fails_leaves_gaps_and_no_passes(tmp_path: Path) -> None:
    running = Session(_program(tmp_path, "echo broken >&2; exit 1"))

    said = list(engine.evaluate(load(), [_bucket("A", {})], running))

    gaps = [each for each in said if isinstance(each, Gap)]
    about = {
        p.check_id for p in load().written_in(Language.GUARD) if p.applies_to("AWS::S3::Bucket")
    }
    assert len(gaps) == len(said)
    assert {gap.scope for gap in gaps} == about
    assert gaps[0].detail == "broken"


def test_the_one_file_that_fails_is_left_out_and_the_others_are_heard(cfn_guard: Path) -> None:
    bad = read("rule c { %nowhere exists }", path="c.guard")
    running = Session(cfn_guard)

    [said] = running.ask((*FILES, bad), [json.dumps({"x": 1})])

    assert {path: report.status(path[0]) for path, report in said.items()} == {
        "a.guard": "PASS",
        "b.guard": "PASS",
    }
    assert "nowhere" in running.stopped["c.guard"].detail


def test_the_program_sees_nothing_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-not-for-policies")
    running = Session(_program(tmp_path, "env >&2; exit 1"))

    list(running.ask(FILES[:1], ["{}"]))

    assert "SLACK" not in running.stopped["a.guard"].detail


def test_without_the_program_there_is_one_gap_and_it_says_what_to_do() -> None:
    [gap] = engine.evaluate(load(), [_bucket("A", {})], None)

    assert isinstance(gap, Gap)
    assert gap.reason == "unsupported"
    assert "install-guard" in gap.detail


def test_cases_beside_a_users_rule_are_run(tmp_path: Path) -> None:
    (tmp_path / "acme.cases.yaml").write_text(
        "cases:\n"
        "  - {name: named, expect: pass, resource: {Properties: {BucketName: acme-a}}}\n"
        "  - {name: not named, expect: fail, resource: {Properties: {BucketName: b}}}\n",
        encoding="utf-8",
    )
    text = """
        rule named when Resources.*[ Type == 'AWS::S3::Bucket' ] !empty {
            Resources.*[ Type == 'AWS::S3::Bucket' ].Properties.BucketName == /^acme-/
        }
    """
    loaded = _load(tmp_path, text)

    results = [each for each in run_cases(loaded) if each.check_id == "named"]

    assert [(each.name, each.got) for each in results] == [("named", "pass"), ("not named", "fail")]


class _Waiting(Session):
    """Asks nothing, and waits to be ended."""

    def ask(self, *_: Any) -> Iterator[Any]:
        assert self._ended.wait(60)
        yield from ()


def test_when_rego_ends_with_an_error_guard_is_ended_too(tmp_path: Path) -> None:
    def rego() -> Iterator[Said | Gap]:
        yield from ()
        raise PolicyError("Rego ends here.")

    running = _Waiting(tmp_path / "nothing")

    with pytest.raises(PolicyError, match="ends here"):
        list(together(rego(), load(), [_bucket("A", {})], running, judged=_never))


def test_what_was_ended_starts_no_further_process(cfn_guard: Path) -> None:
    running = Session(cfn_guard)

    running.end()

    assert list(running.ask(FILES, ['{"in": "no other test"}'])) == [{}]
    assert running.processes == 0
    assert {fault.detail for fault in running.stopped.values()} == {"was interrupted"}


def _never(resource: Resource) -> Judged:
    raise AssertionError(resource.uid)
