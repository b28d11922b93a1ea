"""`/plumb compliance`: a signed request in, how frameworks stand out, over a real store."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app import compliance as reporting
from app.world import World
from bot import compliance
from core.compliance import Due, Report
from core.types import Card, Coverage, Evidence, Gap, Resource, Snapshot
from sandbox.slack import block_kit
from tests import bot_world
from tests.bot_world import NOW, UID, Bot, finding_card
from tests.slack_recorder import GUEST, Recorder

UTC_ZONE = ZoneInfo("UTC")
EVIL = "<!channel> *bold* <https://evil.example|click> " + "x" * 5000


def public_url(uid: str = UID, **changes: object) -> Card:
    """Return a finding of a control that baselines know."""
    card = finding_card(uid, **changes)
    named = replace(card.finding, check_id="PL-LAMBDA-003", control="lambda-url-authentication")
    return replace(card, finding=named)


def scan(store: object, *cards: Card, gaps: tuple[Gap, ...] = ()) -> None:
    url = Resource("arn:aws:lambda:eu-west-1:1:function:a|url", "AWS::Lambda::Url", "a", {})
    there = Coverage("123456789012", ("eu-west-1",))
    store.record_scan(Snapshot("scan-1", NOW, (url,), gaps, coverage=(there,)), cards)  # type: ignore[attr-defined]


@pytest.fixture
def bot(tmp_path: Path, slack: Recorder) -> Iterator[Bot]:
    world = World.open(tmp_path)

    def report(framework: str) -> Report:
        return reporting.report(world, now=NOW, framework=framework)

    with bot_world.bot(tmp_path, slack, compliance=report) as running:
        yield running
    world.store.close()


def test_every_framework_is_told_with_its_counts_and_worst_requirements(bot: Bot) -> None:
    scan(bot.store, public_url())

    bot.command("compliance")

    said = bot.told()
    for name in ("SOC2", "CIS AWS", "HIPAA", "GDPR", "PCI DSS", "NIST 800-53", "ISO 27001"):
        assert f"*{name}*" in said
    assert "violated" in said
    assert "*CC6.1*" in said
    assert "finding.show" in said
    assert "1 account, 0 gaps" in said


def test_one_framework_names_requirements_findings_and_what_nothing_decides(bot: Bot) -> None:
    gap = Gap("kms:ListKeys", "denied", "", "123456789012", "eu-west-1", "", "AWS::KMS::Key")
    scan(bot.store, public_url(), gaps=(gap,))

    bot.command("compliance soc 2")

    said = bot.told()
    assert "Logical access protects information assets" in said
    assert UID[:8] in said
    assert "anyone on the internet can call it" in said
    assert "No check decides 39 further requirements" in said
    bot.command("compliance cis-aws")
    assert "Not read (kms:ListKeys denied): 3.6" in bot.told()


def test_a_snoozed_or_accepted_world_never_reads_as_compliant(bot: Bot) -> None:
    scan(bot.store)

    bot.command("compliance")

    assert "met as far as checked" in bot.told()
    assert "compliant" not in bot.told()


def test_an_unknown_framework_and_no_scan_get_a_sentence(bot: Bot) -> None:
    bot.command("compliance soc2")
    assert "Nothing was scanned yet" in bot.told()
    scan(bot.store)
    bot.command("compliance itil")
    assert "There are SOC2" in bot.told()


def test_somebody_outside_the_channel_learns_nothing(bot: Bot) -> None:
    scan(bot.store, public_url())

    bot.command("compliance soc2", user=GUEST)

    assert "CC6.1" not in bot.told()
    assert "Findings are shown to the members" in bot.told()


def test_what_is_due_is_told_with_its_day_and_its_requirements(bot: Bot, tmp_path: Path) -> None:
    scan(bot.store, public_url())
    world = World.open(tmp_path)
    made = reporting.report(world, now=NOW, framework="soc2")
    coming = replace(
        public_url().finding, evidence=Evidence("ends soon"), compliance={"SOC2": ("CC7.1",)}
    )
    due = replace(made, due=(Due(coming, NOW + timedelta(days=40)),))

    [text] = [
        str(block) for block in compliance.one(due, zone=UTC_ZONE).blocks if "Due" in str(block)
    ]

    assert "ends soon" in text
    assert "SOC2 CC7.1" in text
    assert f"{NOW + timedelta(days=40):%d %b %Y}" in text
    world.store.close()


@pytest.mark.parametrize("framework", ["", "soc2", "nist 800-53"])
def test_the_message_stays_within_slacks_limits_whatever_the_text(
    bot: Bot, tmp_path: Path, framework: str
) -> None:
    cards = [
        public_url(f"{n:016x}", evidence=Evidence(EVIL), resource_name=EVIL) for n in range(40)
    ]
    gaps = tuple(
        Gap(f"s3:Get{n}", "denied", EVIL, resource_type="AWS::S3::Bucket") for n in range(60)
    )
    scan(bot.store, *cards, gaps=gaps)
    world = World.open(tmp_path)
    made = reporting.report(world, now=NOW, framework=framework)
    coming = [Due(card.finding, NOW + timedelta(days=9)) for card in cards]
    due = replace(made, due=tuple(coming), scanned_with="other rules")

    shown = (
        compliance.one(due, zone=UTC_ZONE)
        if framework
        else compliance.overview(due, zone=UTC_ZONE, command="/plumb")
    )

    assert not block_kit.message_errors(list(shown.blocks))
    assert block_kit.text_length(list(shown.blocks)) <= block_kit.MESSAGE_TEXT_LENGTH
    assert "<!channel>" not in str(shown.blocks)
    assert "<https://evil" not in str(shown.blocks)
    world.store.close()
