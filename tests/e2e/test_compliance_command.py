"""`plumbline compliance` and `plumbline policy coverage` on a stored scan."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app import compliance, forecast
from app.cli import main
from app.world import World, utc_now
from core.types import Finding, Resource
from policies import PolicySet
from tests.store_world import card, resource, snapshot

FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:orders"


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *arguments])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home that has scanned one bucket without encryption, and one function."""
    world = World.open(tmp_path)
    ending = Resource(
        uid=FUNCTION, type="AWS::Lambda::Function", name="orders",
        properties={"Runtime": "python3.10", "FunctionName": "orders"},
    )  # fmt: skip
    taken = snapshot(resource("logs"), ending, at=utc_now())
    world.store.record_scan(taken, [card("logs")])
    compliance.after_scan(world, now=utc_now())
    world.store.close()
    return tmp_path


def requirements(home: Path, framework: str) -> dict[str, Any]:
    result = run(home, "compliance", "--framework", framework, "--format", "json")
    assert result.exit_code == 0, result.stderr
    [found] = json.loads(result.stdout)["frameworks"]
    return {each["id"]: each for each in found["requirements"]}


def test_an_open_finding_violates_what_the_baseline_says(home: Path) -> None:
    soc2 = requirements(home, "SOC 2")

    assert soc2["CC6.1"]["state"] == "violated"
    assert soc2["CC6.1"]["findings"] == [card("logs").finding.uid]
    assert soc2["CC1.1"]["state"] == "not_checked"
    assert requirements(home, "cis-aws")["3.7"]["state"] == "not_applicable"


def test_what_the_rules_were_is_known_after_a_scan(home: Path) -> None:
    summary = json.loads(run(home, "compliance", "--format", "json").stdout)["summary"]

    assert summary["policy_commit"] == summary["scanned_with_policy_commit"]
    assert summary["coverage"] == [{"account": "111122223333", "regions": ["eu-west-1"]}]


def test_a_scan_of_other_rules_is_told_to_be_repeated(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "a.rego").write_text(
        'package acme.a\n\ndeny contains msg if {\n\tinput.resource.Type == "x"\n\tmsg := "x"\n}\n'
    )
    (home / "plumbline.toml").write_text(f'[scan]\npolicies = ["{folder}"]\n', encoding="utf-8")

    assert "rules changed after this scan" in run(home, "compliance").stderr


def test_every_framework_is_a_line_of_the_table(home: Path) -> None:
    shown = run(home, "compliance")

    for name in ("SOC2", "CIS AWS", "HIPAA", "GDPR", "PCI DSS", "NIST 800-53", "ISO 27001"):
        assert name in shown.stdout
    assert "111122223333 eu-west-1" in shown.stderr


def test_page_and_rows_are_written_to_a_file(home: Path, tmp_path: Path) -> None:
    html, rows = tmp_path / "report.html", tmp_path / "report.csv"

    run(home, "compliance", "--format", "html", "--output", str(html))
    run(home, "compliance", "--format", "csv", "--framework", "hipaa", "--output", str(rows))

    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")
    read = list(csv.DictReader(io.StringIO(rows.read_text(encoding="utf-8"))))
    assert {row["framework"] for row in read} == {"HIPAA"}


def test_what_the_date_will_violate_is_remembered_with_the_scan(tmp_path: Path) -> None:
    world = World.open(tmp_path)
    runtime, last_day = _runtime_of_next_year(world)
    ending = Resource(
        uid=FUNCTION, type="AWS::Lambda::Function", name="orders", properties={"Runtime": runtime}
    )
    now = last_day - timedelta(days=120)
    world.store.record_scan(snapshot(ending, at=now), [])

    compliance.after_scan(world, now=now)

    report = compliance.report(world, now=now, framework="soc2")
    assert {each.finding.control for each in report.due} >= {"lambda-runtime-ending"}
    assert report.due_for("SOC2")["CC7.1"]


def _runtime_of_next_year(world: World) -> tuple[str, Any]:
    """Return a runtime with an end, and that end, from the table that the policies read."""
    import re
    from datetime import UTC, datetime

    [text] = [m.text for m in world.policy_set.modules if m.path.endswith("lib/runtime.rego")]
    name, day = re.findall(r'"([a-z0-9.]+)": "(\d{4}-\d\d-\d\d)"', text)[-1]
    return name, datetime.fromisoformat(day).replace(tzinfo=UTC)


def test_without_a_scan_there_is_a_sentence(tmp_path: Path) -> None:
    result = run(tmp_path, "compliance")

    assert result.exit_code == 2
    assert "Nothing was scanned yet" in result.stderr


def test_an_unknown_framework_is_one_sentence(home: Path) -> None:
    for command in (("compliance",), ("policy", "coverage")):
        result = run(home, *command, "--framework", "ITIL")
        assert result.exit_code == 2
        assert "There are SOC2, CIS AWS" in result.stderr


def test_coverage_counts_requirements_with_checks_and_reasons_for_the_rest(tmp_path: Path) -> None:
    [soc2] = json.loads(
        run(tmp_path, "policy", "coverage", "--framework", "soc2", "--format", "json").stdout
    )["frameworks"]

    assert sum(soc2["counts"].values()) == len(soc2["requirements"]) == 61
    for each in soc2["requirements"]:
        assert bool(each["checks"]) != bool(each["reason"])
    shown = run(tmp_path, "policy", "coverage", "--framework", "soc2").stdout
    assert "codes and discipline" in shown
    assert "CIS AWS 3.0" in run(tmp_path, "policy", "coverage").stdout


def test_a_finding_of_another_control_changes_no_other_requirement(tmp_path: Path) -> None:
    world = World.open(tmp_path)
    foreign: Finding = replace(card("logs").finding, control="unusual-configuration")
    world.store.record_scan(
        snapshot(resource("logs"), at=utc_now()), [replace(card("logs"), finding=foreign)]
    )

    report = compliance.report(world, now=utc_now(), framework="soc2")

    assert not any(each.violations for each in report.frameworks[0].standings)


def test_many_findings_that_come_on_one_day_share_the_search_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World.open(tmp_path)
    runtime, last_day = _runtime_of_next_year(world)
    ending = [
        Resource(f"{FUNCTION}-{n}", "AWS::Lambda::Function", f"f{n}", {"Runtime": runtime})
        for n in range(20)
    ]
    asked: list[datetime] = []
    judge = forecast._open

    def counted(
        world: World, rules: PolicySet, resources: Sequence[Resource], at: datetime
    ) -> dict[str, Finding]:
        asked.append(at)
        return judge(world, rules, resources, at)

    monkeypatch.setattr(forecast, "_open", counted)

    now = last_day - timedelta(days=120)
    due = forecast.due(world, ending, horizon=timedelta(days=90), now=now)

    assert len({each.on for each in due}) < len(due)
    assert len(due) >= 20
    assert len(asked) <= 2 + 8 * len({each.finding.check_id for each in due})
