"""Where no template declares a resource, the change to make is made from what it is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.settings import Settings
from app.why import lines, why
from app.world import NO_BLUEPRINT, NO_CODE, World
from core.types import Card, Resource, Snapshot
from tests.bot_world import finding_card

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
URL = "arn:aws:lambda:eu-west-1:123456789012:function:orders-export|AWS::Lambda::Url|$LATEST"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Settings())
    resource = Resource(URL, "AWS::Lambda::Url", "orders-export", {"AuthType": "NONE"})
    made.store.record_scan(Snapshot("s", NOW, (resource,)), [undeclared()])
    yield made
    made.store.close()


def undeclared(check_id: str = "PL-LAMBDA-003", reason: str = NO_CODE) -> Card:
    card = finding_card(resource_uid=URL, fix_available=False, no_fix_reason=reason)
    return replace(card, finding=replace(card.finding, check_id=check_id))


def test_the_offer_changes_what_the_live_resource_has(world: World) -> None:
    told = world.offer(undeclared())

    assert told.startswith("Let only signed AWS requests call the function URL. May break: ")
    assert "-      AuthType: NONE\n+      AuthType: AWS_IAM\n" in told


@pytest.mark.parametrize(
    "card", [undeclared("XX-1"), undeclared("PL-LAMBDA-001", NO_BLUEPRINT), finding_card()]
)
def test_without_a_blueprint_or_with_a_template_nothing_is_offered(
    world: World, card: Card
) -> None:
    assert world.offer(card) == ""


def test_why_ends_with_the_change_and_no_other_line_can_look_like_it(world: World) -> None:
    card = undeclared()
    hostile = replace(card.finding.evidence, message="open\n+ rm", facts={"name": "a\n+ rm"})
    card = replace(card, finding=replace(card.finding, evidence=hostile))

    *told, last = lines(why(world, card, now=NOW))

    assert not any("\n" in line for line in told)
    assert "  name = a + rm" in told
    assert last.startswith(f"{NO_CODE} Let only signed AWS requests")
    assert last.endswith("\n-      AuthType: NONE\n+      AuthType: AWS_IAM")
