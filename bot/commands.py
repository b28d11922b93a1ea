"""The slash command. Every answer is for the asker only."""

from collections.abc import Mapping
from decimal import Decimal

from slack_bolt import App, Args

from bot import card as card_message
from bot import compliance, cost, model, summary, why, words
from bot.block import Block, Message, context, fitting, header, section
from bot.chat import PAUSED
from bot.desk import Act, Desk, ack_first, acting, person_of, sentence
from bot.table import COMMANDS
from bot.text import code, prose
from core import claim
from core.errors import UsageError
from core.types import Card

TOP = 5
TOP_MAX = 20
_COSTED = 1000
_ALL = 1_000_000


def register(app: App, desk: Desk) -> None:
    """Register the slash command."""
    app.command(desk.settings.command, middleware=[ack_first])(acting(desk, _dispatch))


def _dispatch(desk: Desk, args: Args) -> None:
    name, _, rest = str(args.body.get("text") or "").strip().partition(" ")
    act = _ACTS.get(name.lower() or "help", _unknown)
    if act is not _help and act is not _unknown:
        desk.require_reader(person_of(args.body))
    args.body["text"] = rest.strip()
    act(desk, args)


def _rest(args: Args) -> str:
    return str(args.body["text"])


def _tell(args: Args, message: Message) -> None:
    args.respond(text=message.text, blocks=list(message.blocks), response_type="ephemeral")


def _unknown(desk: Desk, args: Args) -> None:
    command = desk.settings.command
    _tell(
        args,
        sentence(
            f"I do not know that command. Try {command} help, {command} top or {command} scan."
        ),
    )


def _help(desk: Desk, args: Args) -> None:
    lines = [
        f"{code(f'{desk.settings.command} {entry.form}')} {prose(entry.does)}"
        for entry in COMMANDS.values()
    ]
    tip = "In a finding's thread mention me: why, check again, snooze 3d, false positive."
    _tell(args, Message("Help", (section("\n".join(lines)), context(tip))))


def _scan(desk: Desk, args: Args) -> None:
    person = person_of(args.body)
    desk.require_decider(person)
    channel = str(args.body["channel_id"])
    refusal = desk.privacy.refusal(channel)
    target = desk.settings.channel if refusal else channel
    desk.store.enqueue("scan", "scan", {"channel": target, "user": person.user})
    where = f"in <#{target}>" if target != channel else "here"
    said = f"Scan queued. What it finds is posted {where}."
    if desk.store.get(PAUSED):
        command = f"{desk.settings.command} resume"
        said = f"Scan queued. Posting is paused: nothing is posted until {code(command)}."
    _tell(args, Message("Scan queued", (section(said),)))


def _number(args: Args) -> int:
    given = _rest(args)
    if given and not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= TOP_MAX):
        raise UsageError(f"How many? Give a number from 1 to {TOP_MAX}.")
    return int(given or TOP)


def _held(desk: Desk, args: Args) -> None:
    number = _number(args)
    cards = [card for card in desk.store.cards(limit=_ALL) if card.withheld]
    said = [context(prose(line, 500)) for line in desk.context.withholding()]
    if not cards:
        _tell(args, Message("Held back", (section("Nothing is held back by the model."), *said)))
        return
    blocks: list[Block] = [header("Held back by the model"), *summary.rows(cards[:number])]
    left_out = len(cards) - number
    blocks += [context(f"{left_out:,} more not shown here.")] if left_out > 0 else []
    _tell(args, Message("Held back by the model", fitting([*blocks, *said])))


def _top(desk: Desk, args: Args) -> None:
    cards = desk.store.cards(limit=_number(args))
    if not cards:
        _tell(args, sentence("Nothing is open."))
        return
    counts = summary.by_severity(_open_counts(desk.store.counts()))
    blocks: list[Block] = [header("Riskiest first"), *summary.rows(cards)]
    blocks += [context(f"Open: {counts}")] if counts else []
    _tell(args, Message("Riskiest first", fitting(blocks)))


def _open_counts(counts: Mapping[str, int]) -> Mapping[str, int]:
    return {key.removeprefix("open."): count for key, count in counts.items() if "." in key}


def _asked(desk: Desk, args: Args) -> Card:
    given = _rest(args)
    if not given:
        raise UsageError(f"Which finding? Give its id, as {desk.settings.command} top shows it.")
    return desk.store.card(desk.store.find_finding(given.strip("`")))


def _show(desk: Desk, args: Args) -> None:
    card = _asked(desk, args)
    _tell(args, card_message.message(card, zone=desk.settings.time_zone, now=desk.now()))


def _why(desk: Desk, args: Args) -> None:
    card = _asked(desk, args)
    _tell(args, why.answer(desk, args, card))


def _cost(desk: Desk, args: Args) -> None:
    if _rest(args):
        _tell(args, cost.message(_asked(desk, args)))
        return
    cards = desk.store.cards(limit=_COSTED)
    _tell(args, _total(cards))


def _total(cards: tuple[Card, ...]) -> Message:
    known = {
        card.finding.resource_uid: card.assessment.cost
        for card in cards
        if card.assessment and card.assessment.cost.monthly is not None
    }
    currencies = {cost.currency for cost in known.values()} or {"USD"}
    currency = min(currencies)
    runs = sum(
        (cost.monthly or Decimal(0) for cost in known.values() if cost.currency == currency),
        Decimal(0),
    )
    fixes = [card.assessment.cost.fix_monthly_delta for card in cards if card.assessment]
    adds = sum((delta for delta in fixes if delta is not None), Decimal(0))
    resources = {card.finding.resource_uid for card in cards}
    said = (
        f"{words.count(len(resources), 'resource')} with open findings: {len(known):,} of known cost run at "
        f"{claim.money(runs, currency)} a month. "
        f"Fixing everything whose price is known: {claim.money(adds, currency)} a month more (estimated); "
        f"{sum(delta is None for delta in fixes):,} of {len(fixes):,} fixes have no known price."
    )
    return sentence(said)


def _compliance(desk: Desk, args: Args) -> None:
    name, zone = _rest(args), desk.settings.time_zone
    report = desk.context.compliance(name)
    if name:
        _tell(args, compliance.one(report, zone=zone))
    else:
        _tell(args, compliance.overview(report, zone=zone, command=desk.settings.command))


def _pause(desk: Desk, args: Args) -> None:
    _switch(desk, args, "1")
    _tell(args, sentence(f"Paused. Nothing is posted until {desk.settings.command} resume."))


def _resume(desk: Desk, args: Args) -> None:
    _switch(desk, args, "")
    _tell(args, sentence("Posting again."))


def _switch(desk: Desk, args: Args, value: str) -> None:
    person = person_of(args.body)
    desk.require_decider(person)
    desk.store.put(PAUSED, value)
    desk.store.audit("pause" if value else "resume", person.key, {})


def _model(desk: Desk, args: Args) -> None:
    if _rest(args).lower() == "retrain":
        desk.require_decider(person_of(args.body))
        desk.store.enqueue("retrain", "retrain", {})
        _tell(
            args,
            sentence(
                f"Retraining. {desk.settings.command} model says afterwards which model scores."
            ),
        )
        return
    if _rest(args):
        raise UsageError(
            f"Say {desk.settings.command} model, or {desk.settings.command} model retrain."
        )
    active = desk.store.active_model()
    card = next((each for each in desk.store.models() if each.version == active), None)
    _tell(args, model.message(card, desk.context.withholding()))


_ACTS: Mapping[str, Act] = {
    "scan": _scan,
    "top": _top,
    "held": _held,
    "show": _show,
    "why": _why,
    "cost": _cost,
    "compliance": _compliance,
    "pause": _pause,
    "resume": _resume,
    "model": _model,
    "help": _help,
}
