"""How requirements stand: what violates them, what leaves them undecided, what excuses them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.compliance import (
    Assessed,
    Baseline,
    Control,
    DecidedBy,
    Due,
    Observed,
    Report,
    Requirement,
    Standing,
    State,
    find,
    stand,
)
from core.errors import NotFound
from core.gap import EVERYTHING
from core.types import Card, Decision, DecisionKind, Exemption, Gap, Person, Status
from tests.store_world import card

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BUCKET, POLICY, KEY = "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::KMS::Key"
CONTROLS = {
    "s3-encryption": Control(
        "s3-encryption", ("PL-S3-001",), frozenset({BUCKET}), frozenset({BUCKET, POLICY})
    ),
    "kms-rotation": Control("kms-rotation", ("PL-KMS-001",), frozenset({KEY}), frozenset({KEY})),
}
STORED = Requirement("R1", "Data is encrypted", DecidedBy.CHECKS, ("s3-encryption",))
BOTH = Requirement("R2", "Keys and data", DecidedBy.CHECKS, ("s3-encryption", "kms-rotation"))
KEYS = Requirement("R3", "Keys rotate", DecidedBy.CHECKS, ("kms-rotation",))
PEOPLE = Requirement("R4", "People are kind", DecidedBy.PEOPLE, reason="no configuration")
ACME = Baseline(
    "ACME", "acme", "ACME", "1", "https://x.example", "All.", (STORED, BOTH, KEYS, PEOPLE)
)


def found(name: str = "logs", status: Status = Status.OPEN, **facts: object) -> Card:
    base = card(name)
    return replace(base, finding=replace(base.finding, status=status, **facts))  # type: ignore[arg-type]


def decided(kind: DecisionKind, *, until: datetime | None = None, at: datetime = NOW) -> Decision:
    person = Person(team="T1", user="U1", name="ada")
    return Decision("d1", "f1", kind, person, at, reason="moves in spring", until=until)


def standing(requirement: Requirement, *cards: Card, **facts: object) -> Standing:
    about: dict[str, object] = {
        "gaps": (), "present": frozenset({BUCKET}), "readable": frozenset({BUCKET, KEY, POLICY}),
    }  # fmt: skip
    seen = Observed(cards=cards, controls=CONTROLS, now=NOW, **{**about, **facts})  # type: ignore[arg-type]
    [stood] = stand(replace(ACME, requirements=(requirement,)), seen)
    return stood


def test_an_open_finding_violates_every_requirement_that_asks_for_its_control() -> None:
    for requirement in (STORED, BOTH):
        stood = standing(requirement, found())
        assert stood.state is State.VIOLATED
        assert [each.finding.resource_name for each in stood.violations] == ["logs"]
    assert standing(KEYS, found(), present=frozenset({KEY})).state is State.MET


def test_a_snoozed_finding_violates_as_well() -> None:
    assert standing(STORED, found(status=Status.SNOOZED)).state is State.VIOLATED


def test_what_was_fixed_violates_nothing() -> None:
    assert standing(STORED, found(status=Status.FIXED)).state is State.MET


def test_violations_stand_with_the_riskiest_first() -> None:
    mild, bad = card("mild", risk=10), card("bad", risk=90)

    stood = standing(STORED, mild, bad)

    assert [each.finding.resource_name for each in stood.violations] == ["bad", "mild"]


def test_a_finding_that_could_not_be_decided_leaves_it_undecided() -> None:
    stood = standing(STORED, found(status=Status.UNKNOWN))

    assert stood.state is State.UNDECIDED
    assert len(stood.doubts) == 1


@pytest.mark.parametrize(
    "gap",
    [
        Gap("s3:GetEncryptionConfiguration", "denied", "", resource_type=BUCKET),
        Gap("s3:GetBucketPolicy", "denied", "", resource_type=POLICY),
        Gap("PL-S3-001", "timeout", "", resource_type=BUCKET),
        Gap("policies", "failed", "", resource_type=EVERYTHING),
    ],
    ids=["its type", "what it looks at", "its check", "everything"],
)
def test_a_gap_that_may_hide_a_violation_leaves_it_undecided(gap: Gap) -> None:
    assert standing(STORED, gaps=(gap,)).state is State.UNDECIDED
    assert standing(STORED, found(), gaps=(gap,)).state is State.VIOLATED


@pytest.mark.parametrize(
    "gap",
    [
        Gap("kms:GetKeyRotationStatus", "denied", "", resource_type=KEY),
        Gap("unusual configurations", "unsupported", "", resource_type=BUCKET),
    ],
    ids=["another type", "a detector that does not apply"],
)
def test_a_gap_elsewhere_changes_nothing(gap: Gap) -> None:
    assert standing(STORED, gaps=(gap,)).state is State.MET


def test_met_is_said_only_as_far_as_checked() -> None:
    assert standing(STORED).state.words == "met as far as checked"


def test_nothing_to_look_at_is_not_applicable() -> None:
    assert standing(KEYS).state is State.NOT_APPLICABLE


def test_what_no_scan_reads_is_undecided_rather_than_not_applicable() -> None:
    stood = standing(KEYS, readable=frozenset({BUCKET}))

    assert stood.state is State.UNDECIDED
    assert stood.unread == ("kms-rotation",)


def test_what_no_scan_reads_does_not_hide_what_was_looked_at() -> None:
    stood = standing(BOTH, readable=frozenset({BUCKET}))

    assert stood.state is State.MET
    assert (stood.applied, stood.unread) == (("s3-encryption",), ("kms-rotation",))


def test_what_people_decide_is_never_decided_here() -> None:
    assert standing(PEOPLE, found()).state is State.NOT_CHECKED


def test_an_accepted_risk_excepts_with_reason_name_and_end() -> None:
    until = NOW + timedelta(days=30)
    accepted = replace(
        found(status=Status.ACCEPTED), decisions=(decided(DecisionKind.ACCEPT_RISK, until=until),)
    )

    stood = standing(STORED, accepted)

    assert stood.state is State.EXCEPTED
    [excuse] = stood.excuses
    assert (excuse.reason, excuse.by, excuse.until) == (
        "accept risk: moves in spring",
        "ada",
        until,
    )


def test_an_exception_in_git_excepts_with_what_it_says() -> None:
    written = Exemption("EX-1", "legacy", "team-a", NOW + timedelta(days=1))

    [excuse] = standing(STORED, found(status=Status.SUPPRESSED, exemption=written)).excuses

    assert (excuse.reason, excuse.by, excuse.until) == ("legacy", "team-a", written.until)


def test_an_exception_that_has_ended_excuses_nothing() -> None:
    ended = Exemption("EX-1", "legacy", "team-a", NOW)

    stood = standing(STORED, found(status=Status.SUPPRESSED, exemption=ended))

    assert stood.state is State.VIOLATED
    assert stood.excuses == ()


def test_an_exception_beside_an_open_finding_excuses_only_its_own() -> None:
    written = Exemption("EX-1", "legacy", "team-a", None)

    stood = standing(
        STORED, found("logs"), found("old", status=Status.SUPPRESSED, exemption=written)
    )

    assert stood.state is State.VIOLATED
    assert len(stood.excuses) == 1


def test_a_frameworks_name_is_found_as_people_write_it() -> None:
    soc = replace(ACME, framework="SOC2", slug="soc2")
    cis = replace(ACME, framework="CIS AWS", slug="cis-aws")
    every = (soc, cis)

    assert [find(every, name) for name in ("soc2", "SOC 2", "soc-2")] == [soc] * 3
    assert [find(every, name) for name in ("cis", "CIS-AWS", "cis aws")] == [cis] * 3
    for name in ("", "hipaa"):
        with pytest.raises(NotFound, match="There are SOC2, CIS AWS"):
            find(every, name)


def test_the_worst_requirements_are_the_violated_ones_with_the_riskiest_findings() -> None:
    seen = Observed(
        (card("a", risk=20),), (), frozenset({BUCKET}), frozenset({BUCKET, KEY}), CONTROLS, NOW
    )
    keyed = replace(card("k", risk=80), finding=replace(card("k").finding, control="kms-rotation"))
    seen = replace(seen, cards=(*seen.cards, keyed))

    assessed = Assessed(ACME, stand(ACME, seen))

    assert [each.requirement.id for each in assessed.worst(2)] == ["R2", "R3"]
    assert assessed.counts[State.VIOLATED] == 3
    assert sum(assessed.counts.values()) == 4


def test_what_is_due_is_told_by_requirement() -> None:
    finding = replace(card("a").finding, compliance={"ACME": ("R1", "R2"), "SOC2": ("CC6.1",)})
    due = Due(finding, NOW)
    report = Report(NOW, NOW, "s", 1, (), (), "p1", "p0", "1", (), due=(due,))

    assert dict(report.due_for("ACME")) == {"R1": (due,), "R2": (due,)}
    assert report.rules_changed
    assert not replace(report, scanned_with="").rules_changed
