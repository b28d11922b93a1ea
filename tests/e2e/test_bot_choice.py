"""Several good ways to fix one finding, in Slack: shown with their price, and chosen with a click."""

import json
from typing import Any

from bot.block import VIEW_BLOCKS_MAX
from core.types import Alternative, Fix, FixState
from tests.bot_world import NOW, UID, Bot, fix_plan
from tests.slack_recorder import DANA, GUEST

WAYS = (
    Alternative("default", "Use the service's key", "adds nothing"),
    Alternative(
        "customer-key", "Use a key of its own", "1 USD a month", ("Other accounts lose it",)
    ),
)


def review(bot: Bot, **changes: Any) -> dict[str, Any]:
    bot.store.save_plan(fix_plan(UID, alternative="default", alternatives=WAYS, **changes))
    bot.click("finding.review")
    return bot.opened()


def choose(bot: Bot, view: dict[str, Any], *, user: str = DANA) -> None:
    opened = {**view, "id": "V0OPENED"}
    bot.click("plan.choose", "customer-key", user=user, view=opened)


def plans(bot: Bot) -> list[dict[str, Any]]:
    rows = bot.store._db.query("SELECT payload FROM jobs WHERE kind = 'plan'")
    return [json.loads(row["payload"]) for row in rows]


def test_the_review_names_the_other_way_with_its_price_and_what_it_may_break(bot: Bot) -> None:
    said = json.dumps(review(bot))

    assert "Use a key of its own" in said
    assert "1 USD a month" in said
    assert "Other accounts lose it" in said
    assert said.count('"plan.choose"') == 1


def test_choosing_another_way_has_it_planned_in_the_same_modal(bot: Bot) -> None:
    choose(bot, review(bot))

    [job] = plans(bot)
    assert job == {"finding_uid": UID, "view_id": "V0OPENED", "alternative": "customer-key"}
    assert "Preparing" in json.dumps(bot.slack.of("views.update")[-1]["view"])


def test_whoever_may_not_decide_cannot_choose(bot: Bot) -> None:
    choose(bot, review(bot), user=GUEST)

    assert plans(bot) == []


def test_a_fix_that_is_under_way_offers_no_other(bot: Bot) -> None:
    digest = fix_plan(UID).digest
    bot.store.save_fix(Fix(digest, UID, FixState.PULL_REQUEST, NOW))

    assert "plan.choose" not in json.dumps(review(bot))


def test_a_way_that_cannot_be_had_says_why_and_has_no_button(bot: Bot) -> None:
    ways = (WAYS[0], Alternative("customer-key", "Use a key", "1 USD", refused="It does not hold"))
    bot.store.save_plan(fix_plan(UID, alternative="default", alternatives=ways))
    bot.click("finding.review")
    said = json.dumps(bot.slack.of("views.open")[-1]["view"])

    assert "Not possible here: It does not hold" in said
    assert "plan.choose" not in said


def test_many_and_long_ways_stay_within_slack_s_limits(bot: Bot) -> None:
    many = tuple(Alternative(f"w{n}", "s" * 900, "c" * 900, ("b" * 4000,)) for n in range(60))
    bot.store.save_plan(fix_plan(UID, alternative="w0", alternatives=many, diff="+x\n" * 9000))
    bot.click("finding.review")
    view = bot.slack.of("views.open")[-1]["view"]

    assert len(view["blocks"]) <= VIEW_BLOCKS_MAX
    assert all(len(b["text"]["text"]) <= 3000 for b in view["blocks"] if b["type"] == "section")


def test_the_review_says_why_this_one_is_proposed_first(bot: Bot) -> None:
    said = json.dumps(review(bot, because="chosen 7 of 9 times by <!channel>"))

    assert "Why this one first: chosen 7 of 9 times by" in said
    assert "<!channel>" not in said


def test_a_plan_that_was_rejected_is_not_shown_again_where_there_is_another(bot: Bot) -> None:
    view = review(bot)
    bot.click("plan.reject", view=view)
    bot.submit(bot.slack.of("views.push")[-1]["view"], {"reason": "We want our own key"})

    bot.click("finding.review")

    assert "Preparing" in json.dumps(bot.opened())
    assert "alternative" not in plans(bot)[-1]
