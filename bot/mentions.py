"""Mentions of the bot in a finding's thread, where Slack takes no slash commands."""

import re
from collections.abc import Mapping

from slack_bolt import App, Args

from bot import cost, receipt, why
from bot.actions import check_again, checking, path, picture
from bot.block import Message, context, section
from bot.desk import Act, Desk, Wish, acting, person_of, place_of, sentence, whisper
from bot.forms import SNOOZE_DAYS
from bot.table import MENTIONS
from bot.text import code, prose
from bot.words import day
from core.errors import UsageError
from core.opinion import OF
from core.types import EMPTY, Card, DecisionKind

_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")
_DAYS = re.compile(r"^(\d{1,4})\s*(?:d|days?)\b\s*", re.IGNORECASE)
_NAMED = {each: re.compile(rf"{each}\b", re.IGNORECASE) for each in MENTIONS}
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def register(app: App, desk: Desk) -> None:
    """Register the mention."""
    app.event("app_mention")(acting(desk, _dispatch))


def _dispatch(desk: Desk, args: Args) -> None:
    event = args.body["event"]
    if event.get("bot_id"):
        return
    said = " ".join(_MENTION.sub(" ", str(event.get("text", ""))).split())
    name = next((each for each in MENTIONS if _NAMED[each].match(said)), "")
    rest = _plain(said[len(name) :].lstrip("?:, "))
    if name == "help" or not said:
        whisper(args.client, args.body, _help())
        return
    channel, thread_ts = place_of(args.body)
    subject = desk.store.subject_of(channel, thread_ts) if thread_ts else None
    if subject is None or subject.startswith("scan:"):
        raise UsageError(
            f"Mention me in a finding's thread; elsewhere use {desk.settings.command}."
        )
    if not name:
        raise UsageError(
            'I do not know that. Here I take "why", "check again", "snooze 3d", "false positive" and "help".'
        )
    desk.require_reader(person_of(args.body))
    args.body["text"] = rest
    args.body["finding_uid"] = subject.removeprefix("shadow:")
    _ACTS[name](desk, args)


def _plain(text: str) -> str:
    # Slack sends <, > and & as entities; a reason is kept as it was typed
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def _card(desk: Desk, args: Args) -> Card:
    return desk.store.card(str(args.body["finding_uid"]))


def _answer(args: Args, text: str) -> None:
    whisper(args.client, args.body, sentence(text))


def _help() -> Message:
    lines = [
        f"{code(f'@plumbline {entry.form}')} {prose(entry.does)}" for entry in MENTIONS.values()
    ]
    return Message("Help", (section("\n".join(lines)), context("In a finding's thread.")))


def _why(desk: Desk, args: Args) -> None:
    card = _card(desk, args)
    whisper(args.client, args.body, why.answer(desk, args, card))


def _cost(desk: Desk, args: Args) -> None:
    whisper(args.client, args.body, cost.message(_card(desk, args)))


def _check_again(desk: Desk, args: Args) -> None:
    card = _card(desk, args)
    check_again(desk, card)
    _answer(args, checking(card))


def _waterfall(desk: Desk, args: Args) -> None:
    picture(desk, args, _card(desk, args))


def _path(desk: Desk, args: Args) -> None:
    path(desk, args, _card(desk, args))


def _until(args: Args, *, otherwise: int | None) -> tuple[int, str]:
    """Split "3d because" into days and reason."""
    text = str(args.body["text"])
    match = _DAYS.match(text)
    if match:
        return int(match[1]), text[match.end() :]
    if otherwise is None:
        raise UsageError(
            "For how many days? For example: accept risk 30d because it is a public webhook."
        )
    return otherwise, text


def _snooze(desk: Desk, args: Args) -> None:
    days, reason = _until(args, otherwise=SNOOZE_DAYS)
    _decide(desk, args, Wish(DecisionKind.SNOOZE, reason=reason, days=days), "Snoozed")


def _accept(desk: Desk, args: Args) -> None:
    days, reason = _until(args, otherwise=None)
    _decide(desk, args, Wish(DecisionKind.ACCEPT_RISK, reason=reason, days=days), "Risk accepted")


def _false_positive(desk: Desk, args: Args) -> None:
    wish = Wish(DecisionKind.FALSE_POSITIVE, reason=str(args.body["text"]))
    _decide(desk, args, wish, "Recorded as a false positive")


def _not_applicable(desk: Desk, args: Args) -> None:
    wish = Wish(DecisionKind.NOT_APPLICABLE, reason=str(args.body["text"]))
    _decide(desk, args, wish, "Recorded as not applicable here")


def _real(desk: Desk, args: Args) -> None:
    wish = Wish(DecisionKind.CONFIRM, reason=str(args.body["text"]))
    _decide(desk, args, wish, "Recorded: it is real")


def _take_back(desk: Desk, args: Args) -> None:
    answers = {OF: person_of(args.body).key}
    wish = Wish(DecisionKind.TAKE_BACK, reason=str(args.body["text"]), answers=answers)
    _decide(desk, args, wish, "Taken back; it counts no more")


def _not_mine(desk: Desk, args: Args) -> None:
    owner = str(args.body["text"])
    answers = {"owner": owner} if owner else EMPTY
    _decide(desk, args, Wish(DecisionKind.NOT_MINE, reason=owner, answers=answers), "Recorded")


def _decide(desk: Desk, args: Args, wish: Wish, said: str) -> None:
    if wish.days is not None and not 1 <= wish.days <= desk.settings.risk_days_max:
        raise UsageError(f"Please give 1 to {desk.settings.risk_days_max} days.")
    decision = desk.decide(str(args.body["finding_uid"]), person_of(args.body), wish)
    until = f" until {day(decision.until, desk.settings.time_zone)}" if decision.until else ""
    receipt.answer(args, f"{said}{until}.", decision)


_ACTS: Mapping[str, Act] = {
    "why": _why,
    "cost": _cost,
    "check again": _check_again,
    "waterfall": _waterfall,
    "show path": _path,
    "snooze": _snooze,
    "accept risk": _accept,
    "false positive": _false_positive,
    "not applicable": _not_applicable,
    "real": _real,
    "take back": _take_back,
    "not mine": _not_mine,
}
