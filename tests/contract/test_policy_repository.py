"""A company's policies are taken from signed commits whose cases hold: real Git, real signatures."""

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import apart, exceptions, gates, policy_source
from app.cli.main import main
from app.settings import PolicyRepositorySettings, ScanSettings, Settings
from app.world import World, utc_now
from core.types import Coverage, Resource, Snapshot

NAMED = """# METADATA
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
CASES = """cases:
  - name: unnamed
    expect: fail
    resource: {Properties: {}}
"""
LOOPS = """package acme.loops

deny contains "x" if {
	some i in numbers.range(1, 10000000)
	some j in numbers.range(1, 10000000)
	i * j == -1
}
"""


class Team:
    """A repository of policies on this machine, and people with keys."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "policies"
        self.signers = folder / "allowed_signers"
        self.path.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.dana, self.stranger = (_key(folder, name) for name in ("dana", "stranger"))
        public = self.dana.with_suffix(".pub").read_text(encoding="utf-8")
        self.signers.write_text(f'dana@example.com namespaces="git" {public}', encoding="utf-8")

    def git(self, *arguments: str) -> str:
        configuration = ["-c", "user.name=Dana", "-c", "user.email=dana@example.com"]
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
        done = subprocess.run(
            ["git", "-C", str(self.path), *configuration, *arguments],
            capture_output=True, text=True, check=True, env=environment,
        )  # fmt: skip
        return done.stdout.strip()

    def commit(self, *, key: Path | None, **files: str) -> str:
        for name, text in files.items():
            stem, _, suffix = name.partition("__")
            (self.path / f"{stem}.{suffix.replace('_', '.')}").write_text(text, encoding="utf-8")
        self.git("add", "--all")
        sign = ["-S"] if key else ["--no-gpg-sign"]
        signing = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={key}"]
        self.git(*signing, "commit", "--quiet", "--allow-empty", *sign, "-m", "policies")
        return self.git("rev-parse", "HEAD")


def _key(folder: Path, name: str) -> Path:
    path = folder / name
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)]
    subprocess.run(command, check=True)
    return path


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path)


@pytest.fixture
def world(tmp_path: Path, team: Team) -> World:
    repository = PolicyRepositorySettings(
        name="acme", url=str(team.path), allowed_signers=team.signers
    )
    return World(tmp_path / "home", Settings(policy_repository=(repository,)))


def _good(team: Team) -> str:
    return team.commit(key=team.dana, named__rego=NAMED, named__cases_yaml=CASES)


def test_a_signed_commit_whose_cases_hold_is_put_in_force(world: World, team: Team) -> None:
    commit = _good(team)

    (said,) = policy_source.refresh(world)

    assert f"commit {commit[:12]}, signed by dana@example.com, is in force: 1 policies" in said
    assert world.policy_set.by_id["ACME-S3-001"].commit == commit
    loads = [each for each in world.store.audit_records() if each.kind == "policy_load"]
    assert [(each.actor, each.payload["commit"]) for each in loads] == [
        ("dana@example.com", commit)
    ]
    assert policy_source.refresh(world) == ()


def test_an_unsigned_commit_leaves_the_last_good_one_in_force_and_is_said_once(
    world: World, team: Team
) -> None:
    good = _good(team)
    policy_source.refresh(world)
    bad = team.commit(key=None, named__rego=NAMED.replace("high", "low"))

    (said,) = policy_source.refresh(world)

    assert said == (
        f"Policy repository acme: commit {bad[:12]} is not signed. "
        f"Commit {good[:12]} stays in force."
    )
    assert world.policy_set.by_id["ACME-S3-001"].severity == "high"
    assert policy_source.refresh(world) == ()


def test_a_strangers_signature_counts_for_nothing(world: World, team: Team) -> None:
    team.commit(key=team.stranger, named__rego=NAMED)

    (said,) = policy_source.refresh(world)

    assert "is not signed by one of the allowed signers" in said
    assert "None of its policies is in force" in said
    assert "ACME-S3-001" not in world.policy_set.by_id


def test_a_case_that_does_not_hold_keeps_a_commit_out(world: World, team: Team) -> None:
    wrong = CASES.replace("expect: fail", "expect: pass")
    team.commit(key=team.dana, named__rego=NAMED, named__cases_yaml=wrong)

    (said,) = policy_source.refresh(world)

    assert "1 of 1 cases" in said
    assert "ACME-S3-001: unnamed: expected pass, got fail" in said


def test_a_file_that_does_not_parse_keeps_a_commit_out(world: World, team: Team) -> None:
    team.commit(key=team.dana, named__rego="package acme.s3\n\ndeny contains {")

    (said,) = policy_source.refresh(world)

    assert "Policy repository acme: " in said
    assert "named.rego:" in said


def test_a_branch_that_was_set_back_is_refused(world: World, team: Team) -> None:
    _good(team)
    second = team.commit(key=team.dana, other__rego=NAMED.replace("named", "other"))
    team.git("checkout", "--quiet", "--orphan", "fresh")
    team.commit(key=team.dana, named__rego=NAMED, named__cases_yaml=CASES)
    fresh = team.git("rev-parse", "HEAD")
    team.git("branch", "--force", "main", second)
    world.store.put("policies.acme", "")
    team.git("checkout", "--quiet", "main")
    team.commit(key=team.dana, other__rego=NAMED.replace("named", "other").replace("001", "002"))
    policy_source.refresh(world)
    standing = policy_source.in_force(world)["acme"]
    team.git("update-ref", "refs/heads/main", fresh)

    (said,) = policy_source.refresh(world)

    assert "its history was rewritten" in said
    assert policy_source.in_force(world) == {"acme": standing}


def test_what_is_loaded_comes_from_the_commit_whatever_lies_on_disk(
    world: World, team: Team
) -> None:
    _good(team)
    policy_source.refresh(world)
    for path in (world.home / "policies").rglob("named.rego"):
        path.write_text(NAMED.replace("high", "info"), encoding="utf-8")
        path.with_name("extra.rego").write_text(LOOPS, encoding="utf-8")

    loaded = World(world.home, world.settings).policy_set

    assert loaded.by_id["ACME-S3-001"].severity == "high"
    assert "ACME-LOOPS" not in loaded.by_id


def test_a_link_is_no_policy(world: World, team: Team) -> None:
    (team.path / "outside.rego").symlink_to("/etc/hostname")
    team.commit(key=team.dana)

    (said,) = policy_source.refresh(world)

    assert "outside.rego" in said
    assert "is a link, not a file" in said


def test_a_policy_that_never_ends_is_stopped_and_kept_out(
    world: World, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_source, "_LIMITS", apart.Limits(timeout_s=15, memory_mb=1024))
    cases = "cases:\n  - name: any\n    expect: pass\n    resource: {Properties: {}}\n"
    team.commit(key=team.dana, loops__rego=LOOPS, loops__cases_yaml=cases)

    (said,) = policy_source.refresh(world)

    assert "was stopped" in said
    assert policy_source.in_force(world) == {}


def test_a_repository_that_is_gone_changes_nothing(world: World, team: Team) -> None:
    good = _good(team)
    policy_source.refresh(world)
    team.path.rename(team.path.with_name("moved"))

    (said,) = policy_source.refresh(world)

    assert "git fetch failed" in said
    assert policy_source.in_force(world) == {"acme": good}


def test_verify_judges_and_puts_nothing_in_force(world: World, team: Team, tmp_path: Path) -> None:
    commit = _good(team)
    _write_settings(world, team)

    done = CliRunner().invoke(
        main, ["--home", str(world.home), "policy", "verify", "--format", "json"]
    )

    assert done.exit_code == 0, done.output
    (record,) = json.loads(done.stdout)["repositories"]
    assert (record["commit"], record["signer"], record["refusal"]) == (
        commit,
        "dana@example.com",
        "",
    )
    assert policy_source.in_force(world) == {}

    team.commit(key=None)
    done = CliRunner().invoke(main, ["--home", str(world.home), "policy", "verify"])
    assert done.exit_code == 1
    assert "is not signed" in " ".join(done.stdout.split())


def _write_settings(world: World, team: Team) -> None:
    world.home.mkdir(exist_ok=True)
    (world.home / "plumbline.toml").write_text(
        f'[[policy_repository]]\nname = "acme"\nurl = "{team.path}"\n'
        f'allowed_signers = "{team.signers}"\n',
        encoding="utf-8",
    )


def test_backtest_tells_what_a_change_would_have_flagged_and_cleared(
    world: World, team: Team, tmp_path: Path
) -> None:
    _good(team)
    policy_source.refresh(world)
    _write_settings(world, team)
    _record(world, at=utc_now() - timedelta(days=40), buckets=("old",))
    for days in (3, 1):
        _record(world, at=utc_now() - timedelta(days=days), buckets=("a", "b"))
    changed = tmp_path / "changed"
    changed.mkdir()
    (changed / "typed.rego").write_text(
        NAMED.replace("ACME-S3-001", "ACME-S3-002")
        .replace("acme.s3.named", "acme.s3.typed")
        .replace("not input.resource.Properties.BucketName", 'input.resource.Name == "a"'),
        encoding="utf-8",
    )

    done = CliRunner().invoke(
        main,
        ["--home", str(world.home), "policy", "backtest", "--policies", str(changed),
         "--instead-of", "acme", "--format", "json"],
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    told = {(c["change"], c["check_id"], c["resource_name"], c["scans"]) for c in said["changes"]}
    assert told == {
        ("flagged", "ACME-S3-002", "a", 2),
        ("cleared", "ACME-S3-001", "a", 2),
        ("cleared", "ACME-S3-001", "b", 2),
    }
    assert len(said["summary"]["scans"]) == 2


def test_backtest_knows_no_part_of_another_name(world: World, team: Team, tmp_path: Path) -> None:
    _write_settings(world, team)
    (tmp_path / "named.rego").write_text(NAMED, encoding="utf-8")

    done = CliRunner().invoke(
        main,
        ["--home", str(world.home), "policy", "backtest", "--policies", str(tmp_path),
         "--instead-of", "nobody"],
    )  # fmt: skip

    assert done.exit_code == 2
    assert "nobody is no policy repository" in done.output


EXCEPTIONS = """exceptions:
  - id: EXC-1
    checks: [ACME-S3-001]
    scope: {accounts: ["111122223333"]}
    owner: dana@example.com
    reason: named by the provider
    expires: %s
"""


def test_exceptions_travel_with_the_policies_and_say_what_they_hide(
    world: World, team: Team
) -> None:
    end = (utc_now() + timedelta(days=60)).date().isoformat()
    team.commit(key=team.dana, named__rego=NAMED, exceptions__yaml=EXCEPTIONS % end)

    (said,) = policy_source.refresh(world)

    assert "Its 1 exceptions would have hidden 0 findings of the last 30 days." in said
    (written,) = exceptions.in_force(world, now=utc_now())
    assert written.uid == "EXC-1"


def test_a_malformed_exception_keeps_a_commit_out(world: World, team: Team) -> None:
    team.commit(key=team.dana, named__rego=NAMED, exceptions__yaml=EXCEPTIONS % "never")

    (said,) = policy_source.refresh(world)

    assert "EXC-1): expires is missing" in said
    assert policy_source.in_force(world) == {}


GATES = """gates:
  - {id: production, scope: {tags: {environment: "prod*"}}, approvals: {data: 2}}
  - {id: buckets, checks: [ACME-S3-001], scope: {accounts: ["111122223333"]}, mode: %s}
"""


def test_gates_travel_with_the_policies_and_those_that_act_are_named(
    world: World, team: Team
) -> None:
    team.commit(key=team.dana, named__rego=NAMED, gates__yaml=GATES % "auto")

    (said,) = policy_source.refresh(world)

    assert "Its gates for fixes: 2; automatic: buckets." in said
    assert [row.rule.uid for row in gates.in_force(world).rows] == ["production", "buckets"]


def test_a_malformed_gate_keeps_a_commit_out(world: World, team: Team) -> None:
    team.commit(key=team.dana, named__rego=NAMED, gates__yaml=GATES % "always")

    (said,) = policy_source.refresh(world)

    assert "(buckets): mode must be one of detect, suggest, approve, auto" in said
    assert gates.in_force(world).rows == ()


def test_a_repository_may_not_take_a_name_that_is_taken(
    world: World, team: Team, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "named.rego").write_text(NAMED, encoding="utf-8")
    settings = world.settings.model_copy(update={"scan": ScanSettings(policies=(own,))})
    _good(team)

    (said,) = policy_source.refresh(World(world.home, settings))

    assert "acme.s3.named" in said
    assert "None of its policies is in force" in said


def _record(world: World, *, at: datetime, buckets: tuple[str, ...]) -> None:
    resources = tuple(
        Resource(f"arn:aws:s3:::{name}", "AWS::S3::Bucket", name, {}, account="111122223333")
        for name in buckets
    )
    moment = at.astimezone(UTC)
    covered = (Coverage("111122223333", ("eu-west-1",)),)
    snapshot = Snapshot(f"scan-{at.isoformat()}", moment, resources, coverage=covered)
    world.store.record_scan(snapshot, [])
