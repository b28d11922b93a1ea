"""Gates: what a row demands, that the strictest of several wins, and what a malformed one is told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli import doctor
from app.cli.doctor import Health
from app.gates import Gates
from app.settings import ScanSettings, Settings
from app.world import World
from core import quorum
from core.errors import PolicyError
from core.gate import (
    APPROVALS,
    Auto,
    Freeze,
    Gate,
    Group,
    Mode,
    Rule,
    Terms,
    Tier,
    frozen_until,
    strictest,
)
from core.types import Decision, DecisionKind, Finding, Person, Resource
from policies.gate import GateRow, read_directory, read_file
from tests.store_world import DANA, NOW, OMAR, card, plan

WEEKEND = Freeze("weekend", "Europe/Zurich", timedelta(days=4, hours=16), timedelta(hours=8))


def _written(tmp_path: Path, text: str) -> tuple[GateRow, ...]:
    path = tmp_path / "gates.yaml"
    path.write_text(text, encoding="utf-8")
    return read_file(path)


# ── which demand wins ─────────────────────────────────────────────────────────


def test_without_a_row_one_approval_opens_the_pull_request_of_every_tier() -> None:
    gate = strictest([])
    assert gate.mode is Mode.APPROVE
    assert set(gate.approvals.values()) == {1}


def test_a_row_that_says_nothing_of_approvals_asks_two_where_people_may_be_locked_out() -> None:
    assert strictest([Rule("a")]).approvals == APPROVALS


def test_the_most_restrictive_of_several_rows_wins_in_every_demand() -> None:
    wide = Rule(
        "wide", mode=Mode.AUTO, approvals={Tier.DATA: 3}, approvals_valid_h=48,
        open_pull_requests_max=9, auto=Auto(frozenset({Tier.DATA, Tier.OBSERVABILITY}), 1, 50, 50),
    )  # fmt: skip
    narrow = Rule(
        "narrow", mode=Mode.SUGGEST, approvals={Tier.DATA: 1}, approvals_valid_h=2,
        owner_approves=False, freezes=(WEEKEND,), open_pull_requests_max=2,
        auto=Auto(frozenset({Tier.DATA}), 24, 5, 10),
    )  # fmt: skip
    gate = strictest([wide, narrow])
    assert (gate.mode, gate.approvals[Tier.DATA], gate.approvals_valid_h) == (Mode.SUGGEST, 3, 2)
    assert (gate.owner_approves, gate.freezes, gate.open_pull_requests_max) == (
        False, (WEEKEND,), 2,
    )  # fmt: skip
    assert gate.auto == Auto(frozenset({Tier.DATA}), 24, 5, 10)
    assert gate.gates == ("wide", "narrow")


def test_a_row_without_a_mode_does_not_stop_another_from_being_automatic() -> None:
    assert strictest([Rule("freeze"), Rule("logs", mode=Mode.AUTO)]).mode is Mode.AUTO


def test_four_eyes_are_two_people_even_where_one_approval_is_asked() -> None:
    gate = strictest([Rule("a", four_eyes=True, approvals=dict.fromkeys(Tier, 1))])
    assert set(gate.approvals.values()) == {2}


_RULES = st.builds(
    Rule,
    uid=st.just("r"),
    mode=st.none() | st.sampled_from(Mode),
    approvals=st.dictionaries(st.sampled_from(Tier), st.integers(1, 9)),
    four_eyes=st.booleans(),
    owner_approves=st.booleans(),
    open_pull_requests_max=st.none() | st.integers(1, 9),
)


@given(st.lists(_RULES, min_size=1), st.randoms(use_true_random=False))
def test_the_order_of_rows_decides_nothing(rules: list[Rule], random: object) -> None:
    shuffled = list(rules)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # a random.Random
    one, other = strictest(rules), strictest(shuffled)
    assert replace(one, gates=(), freezes=()) == replace(other, gates=(), freezes=())


# ── freezes ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-27T14:59", None),  # Friday 15:59 in Zurich
        ("2026-11-27T15:00", "2026-11-30T07:00"),
        ("2026-11-29T12:00", "2026-11-30T07:00"),
        ("2026-11-30T07:00", None),
        ("2026-03-28T12:00", "2026-03-30T06:00"),  # the clocks go forward on this weekend
    ],
)
def test_a_weekly_freeze_goes_by_the_clock_of_its_zone(now: str, until: str | None) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    held = frozen_until([WEEKEND], at)
    expected = datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None
    assert held == (("weekend", expected) if expected else None)


def test_freezes_that_follow_each_other_are_one_wait() -> None:
    dated = Freeze(
        "release",
        "UTC",
        dated=(datetime(2026, 11, 30, 6), datetime(2026, 12, 1)),  # noqa: DTZ001  # by the zone's clock
    )
    held = frozen_until([dated, WEEKEND], datetime(2026, 11, 29, tzinfo=UTC))
    assert held == ("weekend", datetime(2026, 12, 1, tzinfo=UTC))


def test_freezes_that_never_let_go_still_say_a_time() -> None:
    day = timedelta(days=1)
    always = [Freeze("a", "UTC", 0 * day, 4 * day), Freeze("b", "UTC", 3 * day, 1 * day)]
    held = frozen_until(always, NOW)
    assert held is not None
    assert held[1] > NOW


# ── whose approval counts ─────────────────────────────────────────────────────


def _decision(
    person: Person, kind: DecisionKind = DecisionKind.APPROVE_FIX, *, hours: float = 0,
    digest: str = "d" * 64,
) -> Decision:  # fmt: skip
    at = NOW + timedelta(hours=hours)
    return Decision(f"{person.user}{hours}", "f", kind, person, at, plan_digest=digest)


def _counted(*decisions: Decision, hours: float = 1) -> list[str]:
    made = replace(plan("f"), terms=Terms(approvals=2, valid_h=4))
    held = quorum.approvals(made, decisions, at=NOW + timedelta(hours=hours))
    return [each.person.user for each in held]


def test_distinct_people_count_once_each() -> None:
    again = _decision(DANA, hours=0.5)
    assert _counted(_decision(DANA), again, _decision(OMAR)) == ["UDANA", "UOMAR"]


def test_an_approval_of_another_plan_does_not_count() -> None:
    assert _counted(_decision(DANA, digest="e" * 64), _decision(OMAR)) == ["UOMAR"]


def test_an_approval_ends_after_its_hours() -> None:
    assert _counted(_decision(DANA), _decision(OMAR, hours=1), hours=4) == ["UOMAR"]


def test_a_rejection_takes_earlier_approvals_away() -> None:
    rejected = _decision(OMAR, DecisionKind.REJECT_FIX, hours=0.2)
    assert _counted(_decision(DANA), rejected, _decision(OMAR, hours=0.5)) == ["UOMAR"]


@pytest.mark.parametrize(
    ("owner", "is_owner"),
    [("dana@example.com", True), ("Dana", True), ("UDANA", True), ("team-a", False), (None, False)],
)
def test_an_owner_is_known_by_name_id_and_address(owner: str | None, is_owner: bool) -> None:
    assert quorum.is_owner(DANA, owner) is is_owner


# ── what is written ───────────────────────────────────────────────────────────


WHOLE = """gates:
  - id: production
    scope: {tags: {environment: prod*}}
    mode: approve
    approvals: {identity: 3}
    four_eyes: true
    owner_approves: false
    approvals_valid_h: 8
    open_pull_requests_max: 3
    freezes:
      - {name: weekend, zone: Europe/Zurich, from: "Fri 16:00", to: "Mon 08:00"}
      - {name: year's end, zone: UTC, from: 2026-12-18, to: 2027-01-03}
      - {name: launch, zone: UTC, from: "2026-11-25 09:00", to: "2026-11-25 18:00"}
  - id: logs
    checks: [PL-S3-001]
    scope: {accounts: ["111122223333"]}
    mode: auto
    auto: {tiers: [observability, data], wait_h: 2, count: 3, percent: 25}
"""


def test_a_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    production, logs = _written(tmp_path, WHOLE)
    rule = production.rule
    assert (rule.mode, rule.approvals, rule.four_eyes) == (Mode.APPROVE, {Tier.IDENTITY: 3}, True)
    assert (rule.owner_approves, rule.approvals_valid_h, rule.open_pull_requests_max) == (
        False,
        8,
        3,
    )
    assert rule.freezes[0] == WEEKEND
    assert rule.freezes[1].end(datetime(2027, 1, 3, 23, tzinfo=UTC)) == datetime(
        2027, 1, 4, tzinfo=UTC
    )
    assert rule.freezes[2].end(datetime(2026, 11, 25, 9, tzinfo=UTC)) is not None
    assert logs.rule.auto == Auto(frozenset({Tier.OBSERVABILITY, Tier.DATA}), 2, 3, 25)


def test_files_beside_the_policies_are_found(tmp_path: Path) -> None:
    (tmp_path / "gates").mkdir()
    (tmp_path / "gates" / "a.yaml").write_text("gates: [{id: a}]", encoding="utf-8")
    (tmp_path / "gates.yaml").write_text("gates: [{id: b}]", encoding="utf-8")
    assert [each.rule.uid for each in read_directory(tmp_path)] == ["b", "a"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{mode: approve}", "gate 1: id is missing"),
        ("7", "gate 1 is not a mapping"),
        ("{id: a, aprovals: {}}", "aprovals is no key of a gate"),
        ("{id: a, mode: [auto]}", "mode must be one of detect, suggest, approve, auto"),
        ("{id: a, mode: auto}", "auto needs checks and a scope"),
        ("{id: a, mode: auto, checks: [X]}", "auto needs checks and a scope"),
        ("{id: a, checks: []}", "checks must be a list that names something"),
        ("{id: a, scope: {resources: ['*']}}", "a scope of * covers everything"),
        ("{id: a, approvals: {identity: 0}}", "approvals of identity must be a whole number"),
        ("{id: a, approvals: {identity: true}}", "approvals of identity must be a whole number"),
        ("{id: a, group: {most: 1}}", "most must be a whole number from 2 to 100"),
        ("{id: a, group: {wait: 1}}", "wait is no key of group"),
        ("{id: a, group: 7}", "group is not a mapping"),
        ("{id: a, approvals: {people: 2}}", "must be one of observability, data"),
        ("{id: a, four_eyes: 2}", "four_eyes must be true or false"),
        ("{id: a, approvals_valid_h: 0}", "approvals_valid_h must be a number above 0"),
        ("{id: a, approvals_valid_h: .nan}", "approvals_valid_h must be a number above 0"),
        ("{id: a, open_pull_requests_max: 1.5}", "open_pull_requests_max must be a whole number"),
        ("{id: a, freezes: [{name: w, zone: Mars, from: Fri 16:00, to: Mon 08:00}]}", "Mars is not"),
        ("{id: a, freezes: [{name: w, zone: ../x, from: Fri 16:00, to: Mon 08:00}]}", "is not an"),
        ("{id: a, freezes: [{name: w, zone: UTC, from: Fri 16:00, to: 2026-12-18}]}", "both weekly"),
        ("{id: a, freezes: [{name: w, zone: UTC, from: 2026-12-18, to: 2026-12-01}]}", "after from"),
        ("{id: a, auto: {tiers: [all]}}", "a tier must be one of"),
        ("{id: a, auto: {percent: 101}}", "percent must be a number above 0, 100 at most"),
    ],
)  # fmt: skip
def test_a_mistake_refuses_the_whole_file_with_one_sentence(
    tmp_path: Path, row: str, said: str
) -> None:
    with pytest.raises(PolicyError, match=r"gates\.yaml: gate 1") as refused:
        _written(tmp_path, f"gates: [{row}, {{id: good}}]")
    assert said in str(refused.value)
    assert str(refused.value).count(". ") <= 1


# ── whom a row covers ─────────────────────────────────────────────────────────


def _bucket(name: str, **tags: str) -> Resource:
    return Resource(f"arn:aws:s3:::{name}", "AWS::S3::Bucket", name, {}, tags=tags)


def _gate(
    tmp_path: Path, finding: Finding, *seen: Resource, declared: Mapping[str, str] | None = None
) -> Gate:
    by_uid = {each.uid: each for each in seen}
    gates = Gates(_written(tmp_path, WHOLE), declared=lambda: declared or {}, resource=by_uid.get)
    return gates.of(finding)


def test_a_row_covers_what_its_scope_names(tmp_path: Path) -> None:
    found = replace(card("logs").finding, check_id="PL-S3-002")
    assert _gate(tmp_path, found, _bucket("logs", environment="prod")).gates == ("production",)
    assert _gate(tmp_path, found, _bucket("logs", environment="dev")) == Gate()


def test_of_two_rows_that_cover_a_finding_the_stricter_mode_holds(tmp_path: Path) -> None:
    gate = _gate(tmp_path, card("logs").finding, _bucket("logs", environment="production"))
    assert gate.gates == ("production", "logs")
    assert gate.mode is Mode.APPROVE


def test_an_edit_that_production_shares_has_to_pass_the_gates_of_production(tmp_path: Path) -> None:
    dev, prod = _bucket("dev-logs"), _bucket("prod-logs", environment="prod")
    declared = {dev.uid: "infra//logs.yaml//Logs", prod.uid: "infra//logs.yaml//Logs"}
    found = card("dev-logs").finding
    assert _gate(tmp_path, found, dev, prod).gates == ("logs",)
    assert _gate(tmp_path, found, dev, prod, declared=declared).gates == ("production", "logs")


def test_a_gate_that_only_detects_offers_no_fix() -> None:
    row = GateRow(Rule("legacy", mode=Mode.DETECT))
    gates = Gates((row,), declared=dict, resource=lambda _: None)
    said = gates.refusal(card("logs").finding)
    assert said == "Gate legacy only detects here, so no fix is offered."


# ── what the doctor says ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gates: []", (Health.FINE, "one approval opens a pull request, nothing is automatic")),
        (WHOLE, (Health.FINE, "2 for fixes; automatic: logs.")),
        ("gates: [{id: a, mode: b}]", (Health.WRONG, "mode must be one of")),
    ],
)
def test_the_doctor_says_which_gates_act_and_which_file_is_wrong(
    tmp_path: Path, text: str, said: tuple[Health, str]
) -> None:
    path = tmp_path / "gates.yaml"
    path.write_text(text, encoding="utf-8")
    world = World(tmp_path / "home", Settings(scan=ScanSettings(gates=(path,))))
    (look,) = doctor._one("gates", doctor._gates, world)
    assert look.health is said[0]
    assert said[1] in look.said


def test_a_group_waits_the_longest_and_takes_the_fewest(tmp_path: Path) -> None:
    rows = "{id: a, group: {wait_min: 10, most: 9}}, {id: b, group: {}}, {id: c}"
    (tmp_path / "gates.yaml").write_text(f"gates: [{rows}]", encoding="utf-8")
    rules = [row.rule for row in read_directory(tmp_path)]
    assert strictest(rules).group == Group(wait_min=30, most=9)
    assert strictest(rules[2:]).group is None
