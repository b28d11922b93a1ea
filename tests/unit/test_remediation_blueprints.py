"""Every blueprint on templates of our own: YAML, JSON and SAM, judged by the real policies."""

import json
import os
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import remediation.table
from bench.fixed_template import report_on
from bench.real_templates import templates
from core.errors import Declined, FixError
from core.gate import Tier
from core.types import Estate, Finding, FixPlan, Link, Status
from remediation import FakeForge, GitPlanner, changes
from remediation.blueprint import ADVICE, load
from remediation.lint import Lint, compare
from templates import edit
from tests.blueprint_world import (
    FILES,
    KEY,
    NOW,
    content,
    evaluate,
    fixed_draft,
    policy_set,
    template_of,
)

SEED, SAMPLE = 4, 4
OURS = ("plain.yaml", "stated.yaml", "beside.yaml", "open.yaml", "sam.yaml")
DECLINED = {
    # a function's URL wants its permission
    "sam.yaml": {"PL-LAMBDA-004"},
    # nothing is blocked or added before it is decided who is admitted; a role is declared elsewhere
    "open.yaml": {
        *("PL-S3-002", "PL-S3-008", "PL-S3-009", "PL-S3-010", "PL-S3-011", "PL-S3-034"),
        *("PL-SQS-004", "PL-LAMBDA-009", "PL-LAMBDA-010", "PL-LAMBDA-102"),
    },
}
# These need a fact that our files do not give, and have tests of their own below.
APART = {"PL-LAMBDA-002", "PL-LAMBDA-017", "PL-LAMBDA-018"}


def clean(_before: bytes, _after: bytes) -> Lint:
    return Lint()


def planner_for(data: bytes, name: str) -> GitPlanner:
    return GitPlanner(
        {"infra": FakeForge("infra", {name: data})},
        evaluate=evaluate,
        estate=Estate(),
        clock=lambda: NOW,
        secret_key=KEY,
        lint=clean,
    )


def link_of(finding: Finding, name: str) -> Link:
    assert finding.source is not None
    return Link(finding.resource_uid, "infra", name, finding.source.address, "test")


def fixable(data: bytes, name: str) -> list[Finding]:
    """Return one open finding of each check and declaration that has a blueprint."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in evaluate(template_of(data, name).resources):
        if finding.check_id in load() and finding.status is Status.OPEN and finding.source:
            found.setdefault((finding.check_id, finding.source.address), finding)
    return list(found.values())


def outcomes(data: bytes, name: str) -> tuple[list[FixPlan], dict[tuple[str, str], FixError]]:
    planner = planner_for(data, name)
    plans: list[FixPlan] = []
    refused: dict[tuple[str, str], FixError] = {}
    for finding in fixable(data, name):
        try:
            plans.append(planner.plan(finding, link_of(finding, name)))
        except FixError as error:
            refused[finding.check_id, finding.resource_name] = error
    return plans, refused


def assert_exact(data: bytes, plan: FixPlan) -> None:
    """An edit adds lines or rewrites few; every other survives, and undo gives the bytes back."""
    edits = plan.changes[0].edits
    after = edit.apply(data, edits)
    assert edit.apply(after, edit.inverse(data, edits)) == data
    touched = sum(data[e.start : e.end].count(b"\n") for e in edits)
    assert touched <= 5, plan.diff
    assert all(p.held for p in plan.proofs)


@cache
def said_of(name: str) -> tuple[list[FixPlan], dict[tuple[str, str], FixError]]:
    return outcomes(content(name), name)


@pytest.mark.parametrize("name", OURS)
def test_every_fix_of_our_templates_is_the_one_we_have_read(name: str) -> None:
    """PLUMBLINE_GOLDEN=1 writes what the fixes are now; read the difference before you commit it."""
    plans = sorted(said_of(name)[0], key=lambda plan: (plan.check_id, address_of(plan)))
    said = "".join(f"{'=' * 8} {plan.check_id} {address_of(plan)}\n{plan.diff}" for plan in plans)
    golden = FILES / "golden" / f"{name}.diff"
    if os.environ.get("PLUMBLINE_GOLDEN"):
        golden.write_text(said, encoding="utf-8")

    assert said == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["plain.yaml", "stated.yaml", "beside.yaml", "open.yaml"])
def test_a_fix_says_in_json_what_it_says_in_yaml(name: str) -> None:
    for check, address in [(p.check_id, address_of(p)) for p in said_of(name)[0]]:
        in_json = name.replace(".yaml", ".json")
        before = content(in_json)

        yaml = fixed_draft(content(name), name, check, address).draft
        written = fixed_draft(before, in_json, check, address).draft

        assert written.raw == yaml.raw
        assert json.loads(written.data) == written.raw
        edits = changes.edits_between(before, written.data)
        assert edit.apply(written.data, edit.inverse(before, edits)) == before


def address_of(plan: FixPlan) -> str:
    return plan.summary.rsplit("(")[-1].split(",")[0]


@pytest.mark.parametrize("name", OURS)
def test_every_fix_of_our_templates_holds_its_proofs_and_undoes_exactly(name: str) -> None:
    data = content(name)

    plans, refused = said_of(name)

    for plan in plans:
        assert_exact(data, plan)
    assert not [e for e in refused.values() if not isinstance(e, Declined)]
    declined = {check for check, _ in refused} - {"PL-LAMBDA-002"}
    assert declined == DECLINED.get(name, set())


def test_a_fix_that_also_gives_a_role_a_permission_counts_as_touching_identity() -> None:
    plans, _ = outcomes(content("plain.yaml"), "plain.yaml")
    granting = [p for p in plans if "+" in p.diff and "PolicyName: TraceWithXRay" in p.diff]

    assert {load()[p.check_id].tier for p in granting} == {Tier.OBSERVABILITY}
    assert {p.tier for p in granting} == {Tier.IDENTITY}
    assert Tier.OBSERVABILITY in {p.tier for p in plans}


def test_our_templates_show_every_blueprint_at_work() -> None:
    shown = {plan.check_id for name in OURS for plan in said_of(name)[0]}
    by_control = {p.check_id: p.control for p in policy_set().policies}
    # A Guard policy that has a twin in Rego is shown under the twin's id.
    controls = {by_control[check] for check in shown}

    assert {c for c in load() if by_control[c] not in controls} <= APART


@pytest.mark.slow
@pytest.mark.parametrize("name", OURS)
def test_a_file_with_all_its_fixes_lints_and_has_none_of_the_findings(name: str) -> None:
    before = content(name)
    data, declined = all_at_once(before, name)

    said = compare(before, data)
    declared = template_of(before, name).declared
    left = {f.check_id for f in fixable(data, name) if f.source and f.source.address in declared}
    assert (said.failed, said.errors) == ("", ())
    assert left - declined <= APART
    comments = [x for x in before.decode().splitlines() if "#" in x]
    assert all(c.split("#")[1] in data.decode() for c in comments)


def all_at_once(before: bytes, name: str) -> tuple[bytes, set[str]]:
    """Return a file with every fix that can be had, one after the other, and what was declined."""
    data, declined = before, set()
    for finding in fixable(before, name):
        try:
            plan = planner_for(data, name).plan(finding, link_of(finding, name))
        except Declined:  # an earlier fix of the same cause has done it, or it cannot be done
            declined.add(finding.check_id)
            continue
        data = edit.apply(data, plan.changes[0].edits)
    return data, declined


@pytest.mark.slow
def test_fixes_of_real_templates_keep_every_promise(shared_data: Path) -> None:
    """`python -m bench.template_fixes` takes every template, deploys it, and prints the table."""
    folder = shared_data / "templates"
    paths = random.Random(SEED).sample(templates(folder), SAMPLE)

    reports = [report_on(p.relative_to(folder).as_posix(), p.read_bytes()) for p in paths]

    assert [fault for r in reports for fault in r.faults] == []
    assert [broken for r in reports for broken in r.broken] == []
    assert sum(len(r.fixed) for r in reports) > sum(len(r.declined) for r in reports)


def test_hygiene_of_what_a_fix_adds_is_said_and_allowed() -> None:
    data = content("plain.yaml")
    planner = planner_for(data, "plain.yaml")
    [finding] = [f for f in fixable(data, "plain.yaml") if f.check_id == "PL-SQS-002"][:1]

    plan = planner.plan(finding, link_of(finding, "plain.yaml"))

    [proof] = [p for p in plan.proofs if p.name == "nothing new"]
    assert proof.held
    assert proof.detail.startswith("hygiene only: PL-SQS-005 on ")


def test_every_policy_has_a_blueprint_or_says_what_a_person_should_do() -> None:
    checks = {p.check_id for p in policy_set().policies}

    assert checks - set(load()) - set(ADVICE) == set()
    assert (set(load()) | set(ADVICE)) - checks == set()
    assert set(load()) & set(ADVICE) == set()


def test_twins_are_put_right_alike() -> None:
    of_control: dict[str, set[Any]] = {}
    for policy in policy_set().policies:
        if policy.check_id in load():
            of_control.setdefault(policy.control, set()).add(load()[policy.check_id].apply)

    assert {c for c, functions in of_control.items() if len(functions) > 1} == set()


def test_every_blueprint_declares_what_it_touches() -> None:
    for blueprint in load().values():
        assert blueprint.summary[0].isupper()
        assert blueprint.tier in Tier
        assert blueprint.cost
        if blueprint.asks_who_calls:
            assert blueprint.tier is Tier.NETWORK
            assert blueprint.may_break


def test_the_page_of_blueprints_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs" / "blueprints.md"

    assert page.read_text() == remediation.table.markdown()
