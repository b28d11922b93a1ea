"""A new risk model's replay in Slack: what is asked, and who may answer."""

import json
from dataclasses import replace
from pathlib import Path

from bot import SlackChat
from core.types import Criterion, ModelCard, Standing
from tests import bot_world
from tests.bot_world import NOW, Bot
from tests.slack_recorder import Recorder

WAITING = ModelCard("own-1", NOW, 250, 20_000, "shadow", {}, "")
LINES = (
    "9 of 11 criteria hold.",
    "Asks: fairness by team. <!channel> recall of *a* 60%.",
    "3 rise.",
)


def shown(bot: Bot, card: ModelCard) -> list[dict[str, object]]:
    SlackChat(bot.store, bot.settings, lambda: NOW).show_model(card, LINES)
    row = list(bot.store._db.query("SELECT body FROM outbox ORDER BY sequence"))[-1]
    blocks: list[dict[str, object]] = json.loads(row["body"])["blocks"]
    return blocks


def jobs(bot: Bot) -> list[tuple[str, str]]:
    rows = bot.store._db.query("SELECT kind, payload FROM jobs")
    return [(row["kind"], json.loads(row["payload"])["version"]) for row in rows]


def test_a_version_that_waits_has_two_answers_and_one_that_takes_over_none(
    tmp_path: Path, slack: Recorder
) -> None:
    with bot_world.bot(tmp_path, slack) as bot:
        asked = shown(bot, WAITING)
        told = shown(bot, ModelCard("own-1", NOW, 250, 20_000, "active", {}, ""))

    assert [each["text"]["text"] for each in asked[-1]["elements"]] == [  # type: ignore[attr-defined]
        "Promote",
        "Keep in shadow",
    ]
    assert "actions" not in [block["type"] for block in told]
    assert "<!channel>" not in json.dumps(asked)


def test_promote_queues_the_promotion_and_the_trail_says_who_asked(
    tmp_path: Path, slack: Recorder
) -> None:
    with bot_world.bot(tmp_path, slack) as bot:
        bot.click("model.promote", value="own-1")

        assert jobs(bot) == [("promote", "own-1")]
        assert "model_promotion_asked" in [each.kind for each in bot.store.audit_records()]


def test_keep_in_shadow_changes_nothing(tmp_path: Path, slack: Recorder) -> None:
    with bot_world.bot(tmp_path, slack) as bot:
        bot.click("model.keep_in_shadow", value="own-1")

        assert jobs(bot) == []
        assert "model_kept_in_shadow" in [each.kind for each in bot.store.audit_records()]


def test_only_deciders_promote(tmp_path: Path, slack: Recorder) -> None:
    with bot_world.bot(tmp_path, slack, deciders=("UNOBODY",)) as bot:
        bot.click("model.promote", value="own-1")

        assert jobs(bot) == []


def test_the_command_lists_what_was_asked_of_the_model_in_force(
    tmp_path: Path, slack: Recorder
) -> None:
    criteria = tuple(Criterion(f"question {n}", Standing.HOLDS, "x" * 400) for n in range(11))
    in_force = replace(WAITING, status="active", criteria=criteria)
    with bot_world.bot(tmp_path, slack) as bot:
        bot.store.save_model(in_force, "text")
        bot.store.activate_model("own-1", reason="a test")
        bot.command("model")

        (answer,) = [body for _, body in slack.calls if "question 10" in json.dumps(body)]
    sections = [b["text"]["text"] for b in answer["blocks"] if b["type"] == "section"]
    assert all(len(text) <= 3000 for text in sections)
    assert sum(text.count("holds") for text in sections) == len(criteria)
