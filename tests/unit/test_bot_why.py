"""The answer to Why? in Slack: the evidence, and what only its own people may read."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import why
from bot.ids import Action
from bot.quote import as_json
from core.types import Evidence, Hop, LabelOrigin, Quote, Stop, Verdict
from core.why import Passage, Precedent, Why
from tests import bot_world
from tests.bot_world import CHANNEL, NOW, UID, finding_card, posted, remember
from tests.slack_recorder import ADMIN, DANA, OMAR, Recorder

ELSEWHERE = "C0OTHERS"
READER = why.Reader(ZoneInfo("Europe/Zurich"), NOW)
STATEMENT = {
    "Action": ["dynamodb:GetItem"],
    "Effect": "Allow",
    "Resource": ["*"],
    "Sid": "ReadOrders",
}
TOLD = Why(
    "High by rule PL-1: Title.",
    "seen",
    read_at=NOW - timedelta(hours=1),
    quotes=(("role orders", Quote("arn:role", "inline policy p", STATEMENT)),),
    passages=(
        Passage(
            "role orders",
            "infra",
            "orders/template.yaml",
            68,
            90,
            ("    - Sid: ReadOrders", "      Effect: Allow"),
            url="https://forge.test/orders#L68",
        ),
    ),
    risk=("base -1.0 = 2.5 (87 of 100).", "Of findings like this, 87 %."),
    lower=("set AuthType to AWS_IAM: 87 -> 12 (a setting)",),
)


def precedent(**changes: Any) -> Precedent:
    usual = Precedent(
        "f" * 24,
        "PL-1",
        "mail",
        "team-b",
        Verdict.NOT_APPLICABLE,
        LabelOrigin.PERSON,
        NOW - timedelta(days=21),
        person="E/T/U0OMAR",
        reason="internal tool of Omar",
        alike=("same check",),
    )
    return replace(usual, **changes)


def said(told: Why = TOLD, reader: why.Reader = READER, **card: Any) -> str:
    return json.dumps(why.message(finding_card(**card), told, reader).blocks, ensure_ascii=False)


def test_a_statement_is_shown_as_people_write_it() -> None:
    assert as_json(STATEMENT) == (
        '{\n  "Sid": "ReadOrders",\n  "Effect": "Allow",\n  "Action": "dynamodb:GetItem",\n'
        '  "Resource": "*"\n}'
    )
    assert as_json({"AuthType": "NONE"}) == '{"AuthType": "NONE"}'


def test_the_evidence_the_lines_and_what_would_lower_it_are_shown() -> None:
    shown = said()

    assert "*Read at 13:32:* inline policy p of role orders" in shown
    assert '\\"Sid\\": \\"ReadOrders\\"' in shown
    assert "<https://forge.test/orders#L68|orders/template.yaml, lines 68 to 90>" in shown
    assert "68  - Sid: ReadOrders\\n69    Effect: Allow" in shown
    assert "21 more lines not shown." in shown
    assert "• set AuthType to `AWS_IAM`: 87 -&gt; 12 (a setting)" in shown


def test_a_setting_that_no_file_states_says_so() -> None:
    [passage] = TOLD.passages
    told = replace(TOLD, passages=(replace(passage, is_written=False, end_line=69),))

    assert "The setting is not written there" in said(told)
    assert "*Declared in:* No template" in said(replace(TOLD, passages=(), unwritten="No template"))


def test_an_attack_path_is_told_step_by_step_with_what_allows_each() -> None:
    door = Quote("arn:url", "the function URL", {"AuthType": "NONE"})
    hops = (
        Hop("reaches", Stop("i", "the internet"), Stop("f", "shop", "AWS::Lambda::Function"),
            "its URL is open", quotes=(door,), is_cut=True),
        Hop("may read", Stop("f", "shop", "AWS::Lambda::Function"), Stop("d", "people", "AWS::X::Table"),
            "so says p", certain=False, quotes=(door,)),
    )  # fmt: skip
    evidence = Evidence("m", ways=(hops, hops))
    shown = said(replace(TOLD, ways=(hops, hops)), evidence=evidence)

    assert "*1.* the internet reaches function shop: its URL is open ✂ _cheapest cut_" in shown
    assert "*2.* function shop may read table people: so says p _(not certain)_" in shown
    assert shown.count("AuthType") == 2, "once as the evidence of both steps, once in a change"
    assert "Way 2: the internet → shop → people" in shown
    assert Action.PATH.value in shown


def test_nothing_decided_yet_is_said() -> None:
    assert "*Decided before:* Nobody has decided about a finding like this one yet." in said()


def test_a_precedent_names_no_person_and_links_to_its_thread() -> None:
    reader = replace(READER, role=lambda _: "by a decider", thread=lambda _: "https://s.test/p1")
    shown = said(replace(TOLD, precedents=(precedent(),)), reader)

    assert "The one finding like it that was decided about was called not applicable" in shown
    assert "not applicable by a decider, 3 weeks ago: “internal tool of Omar”" in shown
    assert "<https://s.test/p1|thread>" in shown
    assert "U0OMAR" not in shown


def test_words_of_a_channel_that_the_asker_is_not_in_stay_there() -> None:
    reader = replace(READER, may_read=lambda _: False, thread=lambda _: "https://s.test/p1")
    shown = said(replace(TOLD, precedents=(precedent(), precedent())), reader)

    assert "2 of 2 decisions on findings like it called them not applicable" in shown
    assert "2 more in channels that you are not in." in shown
    assert "internal tool" not in shown
    assert "mail" not in shown
    assert "s.test" not in shown


# ── who asks ──────────────────────────────────────────────────────────────────


@pytest.fixture
def ask(tmp_path: Path, slack: Recorder) -> Iterator[Callable[..., str]]:
    told = replace(TOLD, precedents=(precedent(finding_uid=UID),))
    with bot_world.bot(
        tmp_path, slack, explain=lambda _: told, owner_channels={"team-b": ELSEWHERE}
    ) as made:
        remember(made.store, finding_card())
        posted(made.store)
        there = {CHANNEL: [DANA], ELSEWHERE: [OMAR]}
        slack.answers["conversations.members"] = lambda asked: {
            "ok": True,
            "members": there[asked["channel"]],
        }
        slack.answers["chat.getPermalink"] = {"ok": True, "permalink": "https://s.test/p1"}

        def asked(user: str) -> str:
            slack.calls.clear()
            made.click(Action.WHY, user=user)
            return made.told()

        yield asked


def test_a_member_of_another_channel_reads_the_verdict_only(ask: Callable[..., str]) -> None:
    answer = ask(DANA)

    assert "internal tool" not in answer
    assert "in channels that you are not in" in answer


@pytest.mark.parametrize("user", [OMAR, ADMIN])
def test_a_member_of_its_channel_and_the_admin_read_the_reason_and_the_thread(
    ask: Callable[..., str], user: str
) -> None:
    answer = ask(user)

    assert "internal tool" in answer
    assert "https://s.test/p1" in answer
    assert "by a member of its channel" in answer
