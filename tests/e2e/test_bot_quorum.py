"""Several people's approvals of one plan, in Slack: what the modal, the card and the thread say."""

import json
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from bot import card
from core.gate import Mode, Terms, Tier
from core.types import DecisionKind, Fix, FixState
from tests.bot_world import NOW, UID, Bot, fix_plan
from tests.slack_recorder import DANA, GUEST, OMAR

TWO = Terms(approvals=2, valid_h=4, gates=("production",))


def review(bot: Bot, *, user: str = DANA) -> dict[str, Any]:
    bot.click("finding.review", user=user)
    return bot.opened()


def plan(bot: Bot, terms: Terms = TWO, **changes: bool) -> None:
    bot.store.save_plan(fix_plan(UID, terms=terms, tier=Tier.IDENTITY, **changes))


def queued(bot: Bot) -> str:
    """Return every message that waits to be sent, as one text."""
    rows = bot.store._db.query("SELECT body FROM outbox ORDER BY sequence")
    return "\n".join(row["body"] for row in rows)


def executions(bot: Bot) -> int:
    return sum(kind == "execute" for kind, _ in bot.jobs())


def test_a_plan_says_what_it_touches_and_how_many_approvals_it_needs(bot: Bot) -> None:
    plan(bot)
    view = review(bot)
    assert "Touches identity" in json.dumps(view)
    assert "Approvals 0 of 2" in json.dumps(view)
    assert view["submit"]["text"] == "Approve"  # a view


def test_the_first_approval_counts_and_opens_nothing(bot: Bot) -> None:
    plan(bot)
    answer = bot.submit(review(bot))
    assert "1 of 2" in json.dumps(answer)
    assert "1 more approval is needed" in json.dumps(answer)
    assert "dana approved plan 9f3c..e1: 1 of 2" in queued(bot)
    assert "*Approvals 1 of 2*: dana" in queued(bot)
    assert executions(bot) == 0


def test_the_second_person_sees_the_first_and_opens_the_pull_request(bot: Bot) -> None:
    plan(bot)
    bot.submit(review(bot))
    view = review(bot, user=OMAR)
    assert "Approvals 1 of 2: dana" in json.dumps(view)
    assert view["submit"]["text"] == "Open pull request"  # a view
    answer = bot.submit(view, user=OMAR)
    assert "2 of 2" in json.dumps(answer)
    assert executions(bot) == 1
    assert [d.person.user for d in bot.store.decisions(UID)] == [DANA, OMAR]


def test_the_same_person_twice_is_told_that_somebody_else_has_to_agree(bot: Bot) -> None:
    plan(bot)
    bot.submit(review(bot))
    answer = bot.submit(review(bot))
    assert "somebody else has to agree" in json.dumps(answer)
    assert executions(bot) == 0


def test_whoever_may_not_decide_is_no_approval(bot: Bot) -> None:
    plan(bot)
    bot.submit(review(bot))
    answer = bot.submit(review(bot), user=GUEST)
    assert "Not done" in json.dumps(answer)
    assert executions(bot) == 0


def test_a_rejection_brings_the_count_back_to_none(bot: Bot) -> None:
    plan(bot)
    bot.submit(review(bot))
    shown = review(bot, user=OMAR)
    bot.act(
        {"type": "button", "action_id": "plan.reject", "block_id": "b", "value": UID},
        user=OMAR, view=shown, container={"type": "view"},
    )  # fmt: skip
    form = bot.slack.of("views.push")[-1]["view"]
    bot.submit(form, {"reason": "the queue is being moved"}, user=OMAR)
    assert "Approvals 0 of 2" in json.dumps(review(bot))
    assert "rejected plan 9f3c..e1: the queue is being moved" in queued(bot)


def test_an_approval_that_has_ended_is_no_longer_shown(bot: Bot) -> None:
    plan(bot, replace(TWO, valid_h=0.5))
    bot.submit(review(bot))
    bot.clock.pass_(minutes=31)
    assert "Approvals 0 of 2" in json.dumps(review(bot))


def test_one_approval_says_nothing_more_than_before(bot: Bot) -> None:
    plan(bot, Terms())
    view = review(bot)
    assert "Approvals 0 of 1" in json.dumps(view)
    bot.submit(view)
    assert "approved plan" not in queued(bot).replace("*Plan 9f3c..e1 approved*", "")
    assert executions(bot) == 1


def test_what_a_gate_only_suggests_has_no_button(bot: Bot) -> None:
    plan(bot, Terms(mode=Mode.SUGGEST, gates=("legacy",)), asks_who_calls=True)
    view = review(bot)
    assert "submit" not in view
    assert "Gate legacy only suggests here" in json.dumps(view)


def test_a_suggestion_cannot_be_approved_by_a_forged_submission(bot: Bot) -> None:
    plan(bot)
    view = review(bot)
    plan(bot, Terms(mode=Mode.SUGGEST, gates=("legacy",)))
    answer = bot.submit(view)
    assert "only suggests" in json.dumps(answer)
    assert [d.kind for d in bot.store.decisions(UID)] == []
    assert bot.store.fixes(states=[FixState.APPROVED.value]) == ()
    assert DecisionKind.APPROVE_FIX not in {d.kind for d in bot.store.decisions(UID)}


def test_a_fix_that_waits_can_be_stopped_and_not_approved_again(bot: Bot) -> None:
    plan(bot, Terms(), asks_who_calls=True)
    detail = "waiting for the end of freeze weekend, Mon 08:00"
    bot.store.save_fix(Fix(fix_plan().digest, UID, FixState.APPROVED, NOW, detail=detail))
    shown = json.dumps(card.message(bot.store.card(UID), zone=ZoneInfo("UTC"), now=NOW).blocks)
    assert detail in shown
    assert "finding.review" in shown
    view = review(bot)
    assert "submit" not in view
    assert "plan.reject" in json.dumps(view)
