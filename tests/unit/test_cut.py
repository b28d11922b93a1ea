"""Which findings' fixes end an attack path: tried, not guessed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.cut import cuts
from bot import cut as cut_blocks
from core.identity import finding_uid
from core.types import Cut, Estate, Evidence, Finding, Resource, Severity, Status
from detectors import paths
from tests.bot_world import finding_card
from tests.unit.test_detectors_path import READ, allow, arn, function, made, role, snapshot, table


def on(resource: Resource, check_id: str, *locations: str, **facts: Any) -> Finding:
    return Finding(
        uid=finding_uid(check_id, resource.uid),
        check_id=check_id,
        control=check_id,
        title="t",
        severity=Severity.HIGH,
        resource_uid=resource.uid,
        resource_type=resource.type,
        resource_name=resource.name,
        evidence=Evidence("m", facts, locations),
    )


def cuts_of(resources: Sequence[Resource], *findings: Finding) -> list[Cut]:
    seen = snapshot(*resources)
    found = [f for f in paths(estate=Estate())(seen) if isinstance(f, Finding)]
    return list(cuts([*found, *findings], seen, estate=Estate()))


def test_a_setting_that_the_blueprint_puts_right_ends_the_path() -> None:
    resources = [*function("f", "r"), role("r", allow(READ)), table("people")]
    url = resources[1]

    [cut] = cuts_of(resources, on(url, "PL-LAMBDA-003", "AuthType"))

    assert (cut.check_id, cut.ends, cut.ways, cut.by_fix) == ("PL-LAMBDA-003", 1, 1, True)
    assert cut.is_whole


def test_a_statement_is_taken_away_where_no_blueprint_says_how() -> None:
    reads = role("r", allow("logs:*"), allow(READ))
    resources = [*function("f", "r"), reads, table("people")]
    about = "Policies.0.PolicyDocument.Statement"

    [cut] = cuts_of(resources, on(reads, "XX-1", f"{about}.1.Action"))

    assert (cut.check_id, cut.by_fix) == ("XX-1", False)
    assert cuts_of(resources, on(reads, "XX-1", f"{about}.0.Action")) == []


def test_a_finding_about_the_role_of_a_function_takes_the_roles_statement() -> None:
    reads = role("r", allow(READ))
    resources = [*function("f", "r"), reads, table("people")]
    statement = "Policies.0.PolicyDocument.Statement.0"
    about = on(resources[0], "XX-1", "Role", holder=reads.uid, statement=statement)

    assert [c.check_id for c in cuts_of(resources, about)] == ["XX-1"]


def test_what_leaves_another_way_open_is_no_whole_cut() -> None:
    first, second = role("a", allow(READ)), role("b", allow(READ))
    resources = [*function("f", "a"), *function("g", "b"), first, second, table("people")]
    about = on(first, "XX-1", "Policies.0.PolicyDocument.Statement.0")

    found = cuts_of(resources, about)

    assert [(c.ends, c.ways, c.left, c.is_whole) for c in found] == [(1, 2, 1, False)]
    assert found[0].does == "ends 1 of its 2 ways; 1 other then leads there"


def test_ways_that_come_to_light_behind_a_closed_door_are_told() -> None:
    behind = replace(WHOLE, left=2)

    assert not behind.is_whole
    assert behind.does == "ends the way shown; 2 others then lead there"


def test_what_lies_beside_the_path_or_is_closed_or_hygiene_is_not_tried() -> None:
    aside = made("AWS::S3::Bucket", arn("s3", "aside"), {"Tags": [{"Key": "a"}]})
    resources = [*function("f", "r"), role("r", allow(READ)), table("people"), aside]
    url = on(resources[1], "PL-LAMBDA-003", "AuthType")

    assert cuts_of(resources, on(aside, "XX-1", "Tags.0")) == []
    assert cuts_of(resources, replace(url, status=Status.SUPPRESSED)) == []
    assert cuts_of(resources, replace(url, hygiene=True)) == []


def test_without_a_path_nothing_is_searched() -> None:
    resources = [*function("f", "r", url=""), role("r", allow(READ)), table("people")]

    assert cuts_of(resources, on(resources[0], "PL-LAMBDA-003", "AuthType")) == []


WHOLE = Cut("p", "people", "f", "PL-LAMBDA-003", "shop/url", "AWS::Lambda::Url", 1, 1, by_fix=True)


def test_a_path_names_what_cuts_it_with_the_button_that_the_fix_has() -> None:
    path = finding_card(uid="p", cuts=(replace(WHOLE, fix_available=True), WHOLE))

    first, second = cut_blocks.blocks(path)

    assert "fixing `PL-LAMBDA-003` on function URL `shop/url` cuts this path" in str(first)
    assert (first["accessory"]["action_id"], first["accessory"]["value"]) == ("finding.review", "f")
    assert second["accessory"]["action_id"] == "finding.show"


def test_a_finding_says_which_path_its_fix_ends() -> None:
    [block] = cut_blocks.blocks(finding_card(uid="f", cuts=(WHOLE, replace(WHOLE, path_uid="q"))))

    assert "ends the attack path to `people` and 1 other attack path" in str(block)
    assert block["accessory"]["value"] == "p"
    partial = finding_card(uid="f", cuts=(replace(WHOLE, left=2),))
    assert cut_blocks.blocks(partial) == []
