"""Forecasts: learned from the past only, calibrated, explained, and silent where history is thin."""

import json
import math
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from app import history
from app.cli.main import main
from app.forecast import due
from app.settings import Settings
from app.world import World
from core.errors import UsageError
from core.types import Coverage, Resource, Snapshot
from detectors import Observation, forecast

START = datetime(2024, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=900)
HORIZON = timedelta(days=90)
CONTROLS = frozenset({"s3-encryption", "lambda-tracing", "s3-versioning"})


def _generated(*, units: int = 150, seed: int = 3) -> tuple[Observation, ...]:
    """A generated history: busy units change often, one change in ten adds a violation."""
    random = Random(seed)
    found: list[Observation] = []
    for number in range(units):
        name, busy = f"unit-{number}", number % 5 == 0
        at = START + timedelta(days=random.uniform(0, 300))
        violations: frozenset[tuple[str, str]] = frozenset()
        found.append(Observation(name, at, CONTROLS, violations))
        while True:
            at += timedelta(days=random.expovariate(1 / 25 if busy else 1 / 400))
            if at > NOW:
                break
            if random.random() < 0.3:
                control = random.choice(["s3-encryption"] * 4 + ["lambda-tracing"])
                violations = violations | {(control, f"{name}-{len(violations)}")}
            elif violations and random.random() < 0.5:
                violations = violations - {min(violations)}
            found.append(Observation(name, at, CONTROLS, violations))
    return tuple(found)


def test_units_that_change_often_come_first_and_the_likelier_control_before_the_other() -> None:
    seen = forecast(_generated(), horizon=HORIZON, now=NOW)

    assert seen.thin == ""
    first = [each for each in seen.predictions if each.control == "s3-encryption"][:15]
    assert sum(int(each.unit.partition("-")[2]) % 5 == 0 for each in first) >= 9  # 3 by chance
    by_control = {(each.unit, each.control): each.probability for each in seen.predictions}
    unit = next(
        u for u, c in by_control if c == "lambda-tracing" and (u, "s3-encryption") in by_control
    )
    assert by_control[unit, "s3-encryption"] > by_control[unit, "lambda-tracing"]
    assert by_control[unit, "lambda-tracing"] > by_control[unit, "s3-versioning"] > 0


def test_forward_in_time_it_beats_chance_and_expects_about_what_comes() -> None:
    skill = forecast(_generated(), horizon=HORIZON, now=NOW).skill

    assert skill is not None
    assert skill.average_precision > 2 * skill.base_rate
    assert skill.interval[0] <= skill.average_precision <= skill.interval[1]
    assert 0.6 < skill.expected / skill.seen < 1.6
    assert skill.brier < skill.brier_of_base_rate


def test_what_comes_after_now_changes_nothing() -> None:
    past = _generated()
    now = NOW - timedelta(days=200)
    known = tuple(each for each in past if each.at <= now)

    later = replace(known[0], at=NOW, violations=frozenset({("s3-encryption", "x")}))
    with_later = forecast([*known, later], horizon=HORIZON, now=now)
    assert with_later.predictions == forecast(known, horizon=HORIZON, now=now).predictions


def test_the_facts_add_up_to_the_log_odds_of_any_new_violation() -> None:
    seen = forecast(_generated(), horizon=HORIZON, now=NOW)

    of_unit = [each for each in seen.predictions if each.unit == "unit-0"]
    chance = 1 / (1 + math.exp(-sum(of_unit[0].log_odds.values())))
    assert all(0 < each.probability <= chance for each in of_unit)
    assert any("changed" in reason for reason in of_unit[0].reasons)


def test_a_violation_that_is_there_is_not_forecast() -> None:
    past = _generated()
    last = max((each for each in past if each.violations), key=lambda each: each.at)

    seen = forecast(past, horizon=HORIZON, now=NOW)

    violated = {control for control, _ in last.violations}
    assert not [e for e in seen.predictions if e.unit == last.unit and e.control in violated]


def test_a_thin_history_gives_a_sentence_and_no_number() -> None:
    seen = forecast(_generated(units=6), horizon=HORIZON, now=NOW)

    assert seen.predictions == ()
    assert seen.skill is None
    assert seen.thin.startswith("The history is too thin: of ")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "home", Settings())


def _function(runtime: str, name: str = "orders") -> Resource:
    return Resource(
        f"arn:aws:lambda:eu-west-1:111122223333:function:{name}", "AWS::Lambda::Function", name,
        {"FunctionName": name, "Runtime": runtime}, account="111122223333", region="eu-west-1",
    )  # fmt: skip


def test_what_the_date_alone_brings_is_due_on_its_day(world: World) -> None:
    now = datetime(2026, 1, 10, tzinfo=UTC)

    found = due(
        world, [_function("nodejs20.x"), _function("python3.13", "fresh")],
        horizon=timedelta(days=200), now=now,
    )  # fmt: skip

    (runtime,) = [each for each in found if each.finding.control == "lambda-runtime"]
    assert runtime.finding.resource_name == "orders"
    earlier = due(
        world, [_function("nodejs20.x")], horizon=runtime.on - now - timedelta(days=1), now=now
    )
    assert not [each for each in earlier if each.finding.control == "lambda-runtime"]


BUCKET = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: b\n"


def _repository(folder: Path) -> Path:
    def git(*arguments: str, day: int = 1) -> None:
        when = f"2026-01-{day:02}T00:00:00Z"
        subprocess.run(
            ["git", "-C", str(folder), "-c", "user.name=d", "-c", "user.email=d@example.com",
             *arguments],
            check=True, capture_output=True,
            env={"PATH": "/usr/bin:/bin:/usr/local/bin", "GIT_COMMITTER_DATE": when,
                 "GIT_AUTHOR_DATE": when, "GIT_CONFIG_GLOBAL": "/dev/null"},
        )  # fmt: skip

    folder.mkdir()
    git("init", "--quiet", "--initial-branch=main")
    for day, text in enumerate((BUCKET, BUCKET + "      AccessControl: PublicRead\n", None), 1):
        path = folder / "b c.yaml"
        path.write_text(text, encoding="utf-8") if text else path.unlink()
        (folder / "notes.yaml").write_text(f"day: {day}\n", encoding="utf-8")
        git("add", "--all")
        git("commit", "--quiet", "-m", f"day {day}", day=day)
    return folder


def test_every_version_of_a_template_is_read_from_git(world: World, tmp_path: Path) -> None:
    folder = _repository(tmp_path / "code")

    first, second, third = history.of_repository(world, folder)

    assert (first.unit, first.at.day, third.at.day) == ("b c.yaml", 1, 3)
    added = {control for control, _ in second.violations - first.violations}
    assert "s3-acl-public" in added
    assert third.violations == frozenset()
    assert "lambda-runtime" not in history.timeless(world.policy_set)
    assert "s3-acl-public" in first.applicable


def test_a_folder_outside_git_is_refused(world: World, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not in a Git repository"):
        history.of_repository(world, tmp_path)


def test_scans_are_a_history_of_resources(world: World) -> None:
    for day, encrypted in enumerate((True, True, False)):
        properties = {"TracingConfig": {"Mode": "Active" if encrypted else "PassThrough"}}
        function = replace(_function("python3.13"), properties=properties)
        at = START + timedelta(days=day)
        covered = (Coverage("111122223333", ("eu-west-1",)),)
        world.store.record_scan(Snapshot(f"s{day}", at, (function,), coverage=covered), [])

    first, second = history.of_scans(world)

    assert (second.at - first.at).days == 2
    assert {c for c, _ in second.violations - first.violations} == {"lambda-tracing"}


def test_the_command_says_what_is_due_and_that_history_is_thin(tmp_path: Path) -> None:
    folder = _repository(tmp_path / "code")
    home = str(tmp_path / "home")

    done = CliRunner().invoke(main, ["--home", home, "forecast", str(folder), "--format", "json"])

    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert said["forecasts"] == []
    assert said["summary"]["thin"].startswith("The history is too thin")
    assert (said["summary"]["units"], said["summary"]["changes"]) == (1, 2)
