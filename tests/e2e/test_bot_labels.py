"""Words on a finding in Slack: changed, taken back, disagreed on and settled."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot import SlackChat
from core.types import (
    DecisionKind,
    Fix,
    FixState,
    ModelCard,
    Severity,
    Status,
    Verdict,
    Withheld,
)
from tests import bot_world
from tests.bot_world import CHANNEL, NOW, UID, Bot, finding_card, fix_plan, posted, remember
from tests.slack_recorder import ADMIN, DANA, GUEST, OMAR, Recorder

WRONG = {"which": "false_positive", "reason": "a webhook"}


def dismiss(bot: Bot, user: str = DANA, reason: str = "a webhook") -> None:
    bot.click("finding.false_positive", user=user)
    bot.submit(bot.opened(), {"which": "false_positive", "reason": reason}, user=user)


def confirm(bot: Bot, user: str = OMAR, reason: str = "no signature is checked") -> None:
    bot.click("finding.confirm", user=user)
    bot.submit(bot.opened(), {"reason": reason}, user=user)


def change(bot: Bot, which: str, user: str = DANA, reason: str = "") -> dict[str, Any]:
    bot.click("finding.change", user=user)
    return bot.submit(bot.opened(), {"which": which, "reason": reason}, user=user)


def own(user: str) -> str:
    return f"take_back:/T0TEAM/{user}"


def status(bot: Bot) -> Status:
    return bot.store.card(UID).finding.status


def queued(bot: Bot) -> list[dict[str, Any]]:
    rows = bot.store._db.query(
        "SELECT body FROM outbox WHERE uid NOT LIKE 'post-%' ORDER BY sequence"
    )
    return [json.loads(row["body"]) for row in rows]


def thread(bot: Bot) -> list[str]:
    return [json.dumps(each["blocks"]) for each in queued(bot) if "_thread_of" in each]


def buttons(message: dict[str, Any]) -> list[str]:
    return [
        element["text"]["text"]
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "button"
    ]


# ── changed and taken back ────────────────────────────────────────────────────


def test_whoever_says_something_is_told_beside_it_how_to_change_it(bot: Bot) -> None:
    dismiss(bot)

    [told] = bot.slack.of("chat.postEphemeral")
    assert (told["channel"], told["user"]) == (CHANNEL, DANA)
    assert "Recorded as a false positive." in told["text"]
    assert buttons(told) == ["Change or take back"]
    assert buttons(queued(bot)[-1]) == ["It is real", "Change or take back", "Why?"]


def test_who_sees_no_channel_with_the_finding_is_told_directly(
    tmp_path: Path, slack: Recorder
) -> None:
    slack.members = (OMAR,)
    with bot_world.bot(tmp_path, slack, deciders=(DANA,)) as bot:
        remember(bot.store, finding_card())
        posted(bot.store)
        dismiss(bot)

        assert bot.slack.of("chat.postEphemeral") == []
        assert "Recorded" in bot.slack.of("chat.postMessage")[-1]["text"]


def test_taking_it_back_opens_the_finding_and_the_label_counts_no_more(bot: Bot) -> None:
    dismiss(bot)
    assert status(bot) is Status.SUPPRESSED

    change(bot, own(DANA), reason="wrong button")

    assert status(bot) is Status.OPEN
    assert bot.store.labels() == ()
    assert {kind for kind, _ in bot.jobs()} == {"refresh", "retrain"}
    assert "dana took back: false positive (wrong button)" in thread(bot)[-1]
    assert bot.decided() == [DecisionKind.FALSE_POSITIVE, DecisionKind.TAKE_BACK]


def test_changing_ones_mind_replaces_the_label(bot: Bot) -> None:
    dismiss(bot)

    change(bot, "confirm", reason="it is public after all")

    [label] = bot.store.labels()
    assert (label.verdict, label.reason) == (Verdict.APPROVE, "it is public after all")
    assert status(bot) is Status.OPEN
    assert "Called real" in json.dumps(queued(bot)[-1])


def test_what_needs_a_reason_needs_it_here_too(bot: Bot) -> None:
    dismiss(bot)

    answer = change(bot, "not_applicable")

    assert "give a reason" in json.dumps(answer)
    assert bot.decided() == [DecisionKind.FALSE_POSITIVE]


def test_others_change_nothing_and_the_admin_takes_back(bot: Bot) -> None:
    dismiss(bot)
    opened = len(bot.slack.of("views.open"))
    bot.click("finding.change", user=OMAR)
    assert len(bot.slack.of("views.open")) == opened
    assert "You have said nothing about this finding" in bot.told()

    bot.click("finding.change", user=ADMIN)
    view = bot.opened()
    assert "Take back what dana said: false positive" in json.dumps(view)
    bot.submit(view, {"which": own(DANA)}, user=ADMIN)

    assert status(bot) is Status.OPEN
    assert bot.store.taken_back()[0].actor.endswith(ADMIN)


def test_a_form_that_names_another_is_refused_on_the_server(bot: Bot) -> None:
    dismiss(bot)
    bot.click("finding.confirm", user=OMAR)
    confirm_form = bot.opened()
    forged = {**confirm_form, "callback_id": "view.change"}

    answer = bot.submit(forged, {"which": own(DANA)}, user=OMAR)

    assert "Only whoever said something takes it back" in json.dumps(answer)
    assert status(bot) is Status.SUPPRESSED


def test_who_may_not_decide_may_not_change_or_confirm(bot: Bot) -> None:
    dismiss(bot)
    opened = len(bot.slack.of("views.open"))
    for action in ("finding.change", "finding.confirm"):
        bot.click(action, user=GUEST)

    assert len(bot.slack.of("views.open")) == opened


def test_in_the_thread_words_do_the_same(bot: Bot) -> None:
    bot.mention("false positive a webhook")
    assert "Change or take back" in bot.told()
    bot.mention("take back wrong finding")
    assert status(bot) is Status.OPEN
    bot.mention("real it answers without a signature")

    assert bot.decided()[-1] is DecisionKind.CONFIRM
    bot.mention("take back", user=OMAR)
    assert "There is no word on this finding to take back" in bot.told()


def test_a_fix_under_way_goes_on_when_the_label_is_taken_back(bot: Bot) -> None:
    bot.store.save_plan(fix_plan())
    bot.click("finding.review")
    bot.submit(bot.opened())
    bot.store.save_fix(Fix(fix_plan().digest, UID, FixState.PULL_REQUEST, NOW))

    bot.choose(f"change:{UID}")
    assert "A fix that is being made goes on" in json.dumps(bot.opened())
    bot.submit(bot.opened(), {"which": own(DANA)})

    fix = bot.store.fix(fix_plan().digest)
    assert fix is not None
    assert fix.state is FixState.PULL_REQUEST
    assert bot.store.labels() == ()


def test_an_accepted_risk_is_taken_back_and_not_called_real(bot: Bot) -> None:
    bot.mention("accept risk 30d because it is a webhook")
    assert status(bot) is Status.ACCEPTED
    bot.mention("real", user=OMAR)
    assert "This risk is accepted, which leaves it real" in bot.told()

    bot.mention("take back")

    assert status(bot) is Status.OPEN


# ── disagreement ──────────────────────────────────────────────────────────────


@pytest.fixture
def asking(tmp_path: Path, slack: Recorder) -> Any:
    slack.members = (DANA, OMAR, ADMIN, "U0PRIYA")
    with bot_world.bot(tmp_path, slack, second_opinion=("U0SEC", OMAR)) as bot:
        remember(bot.store, finding_card())
        posted(bot.store)
        yield bot


def test_when_two_disagree_a_third_is_asked_with_both_reasons(asking: Bot) -> None:
    dismiss(asking)
    confirm(asking)

    question = thread(asking)[-1]
    assert status(asking) is Status.OPEN
    assert "a webhook" in question
    assert "no signature is checked" in question
    assert "<@U0SEC>" in question
    assert f"<@{OMAR}>" not in question  # has spoken already
    assert "Another opinion is needed" in json.dumps(queued(asking))


def test_the_third_settles_it_and_the_thread_says_how(asking: Bot) -> None:
    dismiss(asking)
    confirm(asking)

    dismiss(asking, user="U0PRIYA", reason="the gateway signs")

    assert status(asking) is Status.SUPPRESSED
    assert "Settled 2 to 1: this finding is not to be shown" in thread(asking)[-1]


def test_the_admin_settles_alone(asking: Bot) -> None:
    confirm(asking)
    dismiss(asking)
    assert status(asking) is Status.OPEN

    confirm(asking, user=ADMIN)

    assert status(asking) is Status.OPEN
    assert "Settled by dana, as admin: this finding is real" in thread(asking)[-1]
    assert len(thread(asking)) == 2


def test_who_agrees_is_asked_nothing(asking: Bot) -> None:
    dismiss(asking)
    dismiss(asking, user=OMAR)

    assert thread(asking) == []


def test_reasons_are_never_read_as_markup(asking: Bot) -> None:
    dismiss(asking, reason="<!channel> *all* <@U0SEC|x>")
    confirm(asking)

    question = thread(asking)[-1]
    assert "<!channel>" not in question
    assert "<@U0SEC|x>" not in question


def test_one_doubted_voice_hides_nothing_severe_until_somebody_agrees(
    tmp_path: Path, slack: Recorder
) -> None:
    def doubt(person: Any, card: Any) -> str:
        is_new = person.user == DANA and card.finding.severity is Severity.CRITICAL
        return "It is critical, and dana has judged few findings here so far." if is_new else ""

    with bot_world.bot(tmp_path, slack, doubt=doubt) as bot:
        remember(bot.store, finding_card())
        posted(bot.store)
        dismiss(bot)

        assert status(bot) is Status.OPEN
        assert "A second opinion is needed before this is hidden" in thread(bot)[-1]
        assert "dana has judged few findings here so far" in thread(bot)[-1]

        dismiss(bot, user=OMAR)

        assert status(bot) is Status.SUPPRESSED
        assert "Settled 2 to 0" in thread(bot)[-1]


# ── what the model holds back ─────────────────────────────────────────────────


def withheld(bot: Bot, *, drawn: bool = False) -> None:
    bot.store.withhold(
        [Withheld(UID, NOW, "own-1", 12.0)], released=(), drawn=[UID] if drawn else [], facts={}
    )


@pytest.fixture
def quiet(tmp_path: Path, slack: Recorder) -> Any:
    """A bot with one finding that is not posted yet."""
    lines = ("3 held back by the model.", "Recall is <!channel> 97 %.")
    with bot_world.bot(tmp_path, slack, withholding=lambda: lines) as bot:
        remember(bot.store, finding_card(severity=Severity.HIGH))
        yield bot


def chat(bot: Bot) -> SlackChat:
    return SlackChat(bot.store, bot.settings, lambda: NOW)


def test_what_the_model_holds_back_is_not_posted_but_listed(quiet: Bot) -> None:
    withheld(quiet)

    chat(quiet).post_card(quiet.store.card(UID))
    quiet.command("held")
    quiet.command(f"show {UID[:8]}")

    assert queued(quiet) == []
    assert "Held back by the model" in quiet.told()
    assert "orders-export" in quiet.told()
    assert "3 held back by the model." in quiet.told()
    assert "its risk is below 12" in quiet.told()


def test_a_spot_check_is_posted_and_says_what_it_is(quiet: Bot) -> None:
    withheld(quiet, drawn=True)

    chat(quiet).post_card(quiet.store.card(UID))

    [message] = queued(quiet)
    assert "*Spot check*: the model would not have shown this" in json.dumps(message)
    assert buttons(message)[:2] == ["Review fix", "It is real"]


def test_an_answer_to_a_spot_check_is_a_label_like_any_other(quiet: Bot) -> None:
    withheld(quiet, drawn=True)
    posted(quiet.store)

    confirm(quiet, user=DANA)

    assert quiet.store.card(UID).withheld is None
    assert [label.verdict for label in quiet.store.labels()] == [Verdict.APPROVE]
    assert "Spot check" not in json.dumps(queued(quiet)[-1])


def test_model_and_held_say_what_spot_checks_say_and_nothing_is_markup(quiet: Bot) -> None:
    quiet.store.save_model(ModelCard("own-1", NOW, 250, 20_000, "active", {}, ""), "text")
    quiet.store.activate_model("own-1", reason="a test")
    quiet.command("model")
    quiet.command("held")
    quiet.command("held many")

    assert quiet.told().count("3 held back by the model.") == 2
    assert "Nothing is held back by the model." in quiet.told()
    assert "<!channel>" not in quiet.told()
    assert "Give a number from 1 to 20" in quiet.told()
