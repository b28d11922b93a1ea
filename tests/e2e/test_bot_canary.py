"""A canary that could not be judged, in Slack: what is asked, who may answer, and what follows."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import SlackChat, card
from core.trial import Trial, TrialState
from core.types import DecisionKind, Fix, FixState, Status
from tests import bot_world
from tests.bot_world import NOW, UID, Bot, finding_card, fix_plan, posted, remember
from tests.slack_recorder import VISITOR, Recorder

ASKED = "Whether this fix does harm cannot be told yet: 12 requests. 3 more of the kind wait."


@pytest.fixture
def bot(tmp_path: Path, slack: Recorder) -> Iterator[Bot]:
    with bot_world.bot(tmp_path, slack) as made:
        remember(made.store, finding_card())
        posted(made.store)
        plan = fix_plan(UID)
        made.store.save_plan(plan)
        made.store.save_fix(Fix(plan.digest, UID, FixState.VERIFIED, NOW))
        until = NOW + timedelta(hours=1)
        made.store.save_trial(Trial(plan.digest, UID, TrialState.ASKED, NOW, until))
        yield made


def trial(bot: Bot) -> Trial:
    found = bot.store.trial(fix_plan(UID).digest)
    assert found
    return found


def queued(bot: Bot) -> list[dict[str, object]]:
    rows = bot.store._db.query("SELECT body FROM outbox ORDER BY sequence")
    return [json.loads(row["body"]) for row in rows]


def test_the_question_stands_in_the_thread_once_with_three_answers(bot: Bot) -> None:
    chat = SlackChat(bot.store, bot_world.settings(bot.slack), lambda: NOW)
    chat.ask(UID, ASKED, once="a")
    chat.ask(UID, ASKED, once="a")

    asked = [body for body in queued(bot) if "cannot be told" in json.dumps(body)]
    assert len(asked) == 1
    buttons = asked[0]["blocks"][1]["elements"]  # type: ignore[index] # blocks are plain JSON
    assert [each["text"]["text"] for each in buttons] == ["Wait longer", "Continue", "Roll back"]


def test_continue_counts_for_the_canary_and_the_thread_says_who_said_so(bot: Bot) -> None:
    bot.click("trial.go_on")

    assert trial(bot).state is TrialState.WATCHING
    assert bot.store.decisions(UID)[-1].kind is DecisionKind.GO_ON
    assert "lets the fixes that wait go ahead" in json.dumps(queued(bot))


def test_waiting_longer_observes_as_long_again(bot: Bot) -> None:
    bot.click("trial.wait_longer")

    assert trial(bot).state is TrialState.OBSERVING
    assert trial(bot).until > NOW


def test_a_second_answer_and_one_of_a_guest_change_nothing(bot: Bot) -> None:
    bot.click("trial.go_on", user=VISITOR)
    assert trial(bot).state is TrialState.ASKED

    bot.click("trial.go_on")
    bot.click("trial.wait_longer")
    assert trial(bot).state is TrialState.WATCHING


def test_a_finding_that_came_back_and_a_fix_that_did_harm_say_so(bot: Bot) -> None:
    shown = bot.store.card(UID)
    fix = Fix("d" * 64, UID, FixState.RETURNED, NOW, detail="It is back: AuthType is NONE.")
    back = card.message(replace(shown, fix=fix), zone=ZoneInfo("UTC"), now=NOW)
    assert "Fixed, and back again" in json.dumps(back.body())

    fixed = replace(shown, finding=replace(shown.finding, status=Status.FIXED))
    worse = replace(fix, state=FixState.WORSE, detail="errors 1% before, 9% after")
    text = json.dumps(card.message(replace(fixed, fix=worse), zone=ZoneInfo("UTC"), now=NOW).body())
    assert "Fixed, but worse off since" in text
    assert "finding.revert" in text
