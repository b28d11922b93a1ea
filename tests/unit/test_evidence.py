"""The evidence of a finding: the configuration as it was read, and the lines that declare it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app import evidence, record, why
from app.settings import RepositorySettings, Settings
from app.world import NO_CODE, World
from core.types import Card, Evidence, Hop, Link, Quote, Resource, Snapshot, Stop
from remediation import FakeForge
from tests.bot_world import finding_card

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ROLE = "arn:aws:iam::111122223333:role/orders"
TEMPLATE = b"""\
Resources:
  OrdersRole:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: access
          PolicyDocument:
            Statement:
              - Sid: ReadOrders
                Effect: Allow
                Action: dynamodb:GetItem
                Resource: "*"
      Description: password=hunter2hunter2
"""
STATEMENT = {
    "Sid": "ReadOrders",
    "Effect": "Allow",
    "Action": "dynamodb:GetItem",
    "Resource": "*",
}
PROPERTIES = {
    "Policies": [{"PolicyName": "access", "PolicyDocument": {"Statement": [STATEMENT]}}],
    "AssumeRolePolicyDocument": {"Statement": []},
}
LINK = Link(ROLE, "infra", "roles.yaml", "OrdersRole", "stack tags")


def card(*locations: str, **more: Any) -> Card:
    made = finding_card(
        resource_uid=ROLE, evidence=Evidence("m", more, locations), fix_available=False
    )
    return replace(made, finding=replace(made.finding, resource_type="AWS::IAM::Role"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    settings = Settings(repository=(RepositorySettings(name="infra"),))
    made = World(tmp_path, settings)
    made.__dict__["forges"] = {"infra": FakeForge("infra", {"roles.yaml": TEMPLATE})}
    role = Resource(ROLE, "AWS::IAM::Role", "orders", PROPERTIES)
    made.store.record_scan(Snapshot("s", NOW, (role,)), [card()])
    made.store.replace_links([LINK])
    yield made
    made.store.close()


AT = "Policies.0.PolicyDocument.Statement.0"


def test_the_whole_statement_is_quoted_with_its_policy(world: World) -> None:
    [(whose, quoted)] = evidence.quotes(world, card(f"{AT}.Action", f"{AT}.Resource"))

    assert whose == "role orders"
    assert (quoted.where, quoted.value) == ("inline policy access", STATEMENT)


def test_a_setting_is_quoted_in_what_holds_it_and_one_that_is_not_there_says_so(
    world: World,
) -> None:
    [(_, there)] = evidence.quotes(world, card("Policies.0.PolicyName"))
    [(_, absent)] = evidence.quotes(world, card("PermissionsBoundary"))

    assert there.value == {"Policies": [{"PolicyName": "access"}]}
    assert absent.value == {"PermissionsBoundary": "(not set)"}


def test_a_finding_about_somebody_elses_statement_quotes_that_one(world: World) -> None:
    about = replace(card("Role"), finding=replace(card("Role").finding, resource_uid="gone"))
    facts = Evidence("m", {"holder": ROLE, "statement": AT}, ("Role",))
    about = replace(about, finding=replace(about.finding, evidence=facts))

    [(whose, quoted)] = evidence.quotes(world, about)

    assert (whose, quoted.value) == ("role orders", STATEMENT)


def test_the_lines_stand_with_their_numbers_and_a_link_to_the_commit(world: World) -> None:
    [passage], refusal = evidence.passages(world, card(f"{AT}.Action"))

    assert refusal == ""
    assert (passage.path, passage.start_line, passage.end_line) == ("roles.yaml", 9, 12)
    assert passage.lines[0].strip() == "- Sid: ReadOrders"
    assert passage.url == f"https://forge.test/infra/roles.yaml@{passage.commit}#L9-L12"


def test_the_commit_that_was_linked_is_shown_though_the_file_moved_on(world: World) -> None:
    forge = world.forges["infra"]
    assert isinstance(forge, FakeForge)
    seen = forge.head("main")
    world.store.replace_links([replace(LINK, commit=seen)])
    forge.branches["main"] = forge._store({"roles.yaml": b"\n\n" + TEMPLATE}, "later", {}, (seen,))

    [passage], _ = evidence.passages(world, card(f"{AT}.Action"))

    assert (passage.commit, passage.start_line) == (seen, 9)


def test_no_secret_of_a_line_is_shown(world: World) -> None:
    [passage], _ = evidence.passages(world, card("Description"))

    assert "hunter2" not in str(passage)


def test_why_there_are_no_lines_is_said(world: World) -> None:
    world.store.replace_links([])
    assert evidence.passages(world, card(AT)) == ((), NO_CODE)

    world.store.replace_links([replace(LINK, repository="other")])
    _, refusal = evidence.passages(world, card(AT))
    assert refusal == "Repository other is not in the settings."

    world.store.replace_links([replace(LINK, path="gone.yaml")])
    nothing, refusal = evidence.passages(world, card(AT))
    assert nothing == ()
    assert "gone.yaml" in refusal


def test_a_step_of_a_path_shows_the_statement_that_allows_it(world: World) -> None:
    ends = Stop(ROLE, "orders", "AWS::IAM::Role"), Stop("data|t", "people", "AWS::X::Table")
    hop = Hop("may read", *ends, "why", quotes=(Quote(ROLE, "inline policy access", STATEMENT),))
    path = card()
    path = replace(path, finding=replace(path.finding, evidence=Evidence("m", ways=((hop,),))))

    [passage], _ = evidence.passages(world, path)
    lines = why.lines(why.why(world, path, now=NOW))

    assert passage.start_line == 9
    assert "Step 1: orders may read people: why" in lines
    assert f"  inline policy access: {json.dumps(STATEMENT)}" in lines


def test_json_holds_the_quotes_the_lines_and_what_was_decided_before(world: World) -> None:
    about = card(f"{AT}.Action")
    said = record.explanation(about, why.why(world, about, now=NOW))

    assert said["quotes"][0]["value"] == STATEMENT
    assert said["passages"][0]["start_line"] == 9
    assert said["precedents"] == []
    assert said["precedents_in_words"].startswith("Nobody has decided")
    json.dumps(said)
