"""Why?: the explanation for whoever asks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slack_bolt import Args
from slack_sdk.errors import SlackApiError

from bot import cut, offer, words
from bot.block import Block, Message, actions, button, context, fitting, section
from bot.card import title
from bot.desk import Desk, person_of
from bot.ids import Action
from bot.quote import as_json
from bot.text import code, parts, prose
from core.noun import noun
from core.types import Card, Hop, LabelOrigin, Quote, Stop
from core.why import VERDICT_WORDS, Passage, Precedent, Why, sum_up

_FACTS = 8
_QUOTE_MAX = 1100
"""Characters of one quote: a few of them, the template's lines and the words fit into one message."""
_WAYS = 3
_QUOTES = 3
"""Statements shown of one step: what allows the action, and what allows the key."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, as far as it decides what is shown.

    `may_read` says whether an earlier decision's words may be shown, `thread` where it was made.
    """

    zone: ZoneInfo
    now: datetime
    may_read: Callable[[Precedent], bool] = lambda _: True
    thread: Callable[[Precedent], str] = lambda _: ""
    role: Callable[[Precedent], str] = lambda _: "somebody"


def answer(desk: Desk, args: Args, card: Card) -> Message:
    """Explain a finding to the person who asks."""
    asker = person_of(args.body).user

    def may_read(each: Precedent) -> bool:
        if asker in {desk.settings.admin, *desk.settings.deciders}:
            return True
        return asker in desk.privacy.members(desk.settings.channel_of(each.owner))

    def thread(each: Precedent) -> str:
        ref = desk.store.message_ref(each.finding_uid)
        return _permalink(args, ref.channel, ref.ts) if ref else ""

    reader = Reader(
        desk.settings.time_zone,
        desk.now(),
        may_read,
        thread,
        lambda each: _role(desk, each),
    )
    return message(card, desk.context.explain(card), reader)


def _permalink(args: Args, channel: str, ts: str) -> str:
    try:
        return str(args.client.chat_getPermalink(channel=channel, message_ts=ts)["permalink"])
    except SlackApiError as error:
        if error.response.get("error") in {"message_not_found", "channel_not_found"}:
            return ""  # the message was deleted; the decision stands all the same
        raise


def _role(desk: Desk, each: Precedent) -> str:
    """Say in what capacity somebody decided, never who it was."""
    if each.origin is not LabelOrigin.PERSON:
        return {
            LabelOrigin.OUTCOME: "by how its fix turned out",
            LabelOrigin.IMPORTED: "in imported triage",
            LabelOrigin.SIMULATED: "by a simulated person",
        }[each.origin]
    user = each.person.rpartition("/")[2]
    if user == desk.settings.admin:
        return "by the admin"
    return "by a decider" if user in desk.settings.deciders else "by a member of its channel"


def message(card: Card, told: Why, reader: Reader) -> Message:
    """Render an explanation under the finding's title."""
    blocks: list[Block] = [
        section(f"*Why?* {prose(title(card), 500)}"),
        section(prose(told.rule, 500)),
        *_read(told, reader),
        *_path(card, told),
        *_declared(told),
    ]
    if told.not_checked:
        blocks.append(section(f"*Not checked:* {prose(told.not_checked, 500)}"))
    blocks += _risk(told)
    blocks += _before(told, reader)
    if card.assessment:
        blocks.append(section(f"*Cost:* {prose(words.cost(card.assessment.cost), 500)}"))
    if told.advice:
        blocks += offer.by_hand("*By hand:*", told.advice)
    blocks.append(context(_footing(card)))
    buttons = _buttons(card)
    blocks += [actions(*buttons)] if buttons else []
    return Message(prose(f"Why? {title(card)}", 300), fitting(blocks))


def _footing(card: Card) -> str:
    said = [f"model {code(card.assessment.model_version)}" if card.assessment else ""]
    said.append(f"id {code(card.finding.uid[:8])}")
    return "; ".join(part for part in said if part)


def _buttons(card: Card) -> list[Block]:
    uid = card.finding.uid
    picture = [button("Waterfall picture", Action.WATERFALL, uid)] if card.assessment else []
    path = [button("Show path", Action.PATH, uid)] if card.finding.evidence.ways else []
    return [*path, *picture]


# ── the evidence ──────────────────────────────────────────────────────────────


def _read(told: Why, reader: Reader) -> Iterator[Block]:
    """Show the configuration that makes the finding true, as it was read."""
    at = words.moment(told.read_at, reader.zone, now=reader.now) if told.read_at else ""
    when = f" at {at}" if at else ""
    for number, (whose, each) in enumerate(told.quotes):
        label = f"*Read{when}:*" if number == 0 else "*and*"
        yield section(f"{label} {_whose(whose, each)}")
        yield from _code(as_json(each.value))
    if not told.quotes and not told.ways:
        yield from (section(prose(fact, 500)) for fact in told.facts[:_FACTS])


def _whose(whose: str, each: Quote) -> str:
    return prose(f"{each.where} of {whose}" if each.where else whose, 300)


def _code(text: str) -> list[Block]:
    shown = text if len(text) <= _QUOTE_MAX else f"{text[:_QUOTE_MAX].rsplit(chr(10), 1)[0]}\n…"
    return [section(part) for part in parts(shown, offer.PART_MAX)]


def _declared(told: Why) -> Iterator[Block]:
    """Show the lines that declare it, linked to the forge."""
    for passage in told.passages:
        yield section(f"*Declared in* {_place(passage)}: {prose(passage.about, 200)}")
        yield from _code("\n".join(_numbered(passage)))
        left = passage.end_line - passage.start_line + 1 - len(passage.lines)
        notes = [] if passage.is_written else ["The setting is not written there; it would be."]
        notes += [f"{words.count(left, 'more line')} not shown."] if left > 0 else []
        if notes:
            yield context(" ".join(notes))
    if told.unwritten and not told.advice.startswith(told.unwritten):
        yield section(f"*Declared in:* {prose(told.unwritten, 300)}")


def _place(passage: Passage) -> str:
    first, last = passage.start_line, passage.end_line
    span = f"line {first}" if first == last else f"lines {first} to {last}"
    return words.link(passage.url, f"{passage.path}, {span}")


def _numbered(passage: Passage) -> Iterator[str]:
    """Yield the lines with their numbers, without the indentation that all share."""
    shared = min(
        (len(x) - len(x.lstrip()) for x in passage.lines if x.strip()),
        default=0,
    )
    width = len(str(passage.start_line + len(passage.lines)))
    for number, line in enumerate(passage.lines, start=passage.start_line):
        yield f"{number:>{width}}  {line[shared:]}".rstrip()


# ── attack paths ──────────────────────────────────────────────────────────────


def _path(card: Card, told: Why) -> Iterator[Block]:
    """Show the steps of the first way with what allows each, the other ways in a line each."""
    shown: list[object] = []
    for number, hop in enumerate(told.ways[0] if told.ways else (), start=1):
        yield section(_step(number, hop))
        new = [each.value for each in hop.quotes if each.value not in shown][:_QUOTES]
        shown += new
        if new:
            yield from _code("\n".join(map(as_json, new)))
    for number, way in enumerate(told.ways[1:_WAYS], start=2):
        yield context(f"Way {number}: {prose(_chain(way), 400)}")
    yield from cut.blocks(card)


def _step(number: int, hop: Hop) -> str:
    doubt = " _(not certain)_" if not hop.certain else ""
    cut = " ✂ _cheapest cut_" if hop.is_cut else ""
    said = prose(f"{_stop(hop.source)} {hop.kind} {_stop(hop.target)}: {hop.why}", 700)
    return f"*{number}.* {said}{doubt}{cut}"


def _stop(stop: Stop) -> str:
    return f"{noun(stop.resource_type)} {stop.name}" if stop.resource_type else stop.name


def _chain(way: Sequence[Hop]) -> str:
    return " → ".join([way[0].source.name, *(hop.target.name for hop in way)])


# ── the score ─────────────────────────────────────────────────────────────────


def _risk(told: Why) -> Iterator[Block]:
    for number, line in enumerate(told.risk):
        yield section(f"*Risk:* {prose(line, 700)}") if number == 0 else context(prose(line, 300))
    if told.lower:
        lines = "\n".join(f"• {prose(each, 300)}" for each in told.lower)
        yield section(f"*What would lower it, cheapest first:*\n{lines}")
    if told.comparison:
        yield section(f"*Others like it:* {prose(told.comparison, 300)}")


# ── earlier decisions ─────────────────────────────────────────────────────────


def _before(told: Why, reader: Reader) -> Iterator[Block]:
    """Show what was decided about findings like this one, without who decided it.

    Words and threads of channels that the asker is not in stay there.
    """
    open_ = [each for each in told.precedents if reader.may_read(each)]
    known = tuple(each if each in open_ else replace(each, reason="") for each in told.precedents)
    yield section(f"*Decided before:* {prose(sum_up(known), 500)}")
    lines = [_precedent(each, reader) for each in open_]
    hidden = len(told.precedents) - len(open_)
    if hidden:
        lines.append(f"{hidden:,} more in channels that you are not in.")
    if lines:
        yield context("\n".join(f"• {line}" for line in lines))


def _precedent(each: Precedent, reader: Reader) -> str:
    reason = f": “{prose(each.reason, 200)}”" if each.reason else ""
    url = reader.thread(each)
    where = f" {words.link(url, 'thread')}" if url else ""
    return (
        f"{VERDICT_WORDS[each.verdict]} {reader.role(each)}, {_age(reader.now - each.decided_at)}"
        f"{reason} ({code(each.resource_name)}, {prose(', '.join(each.alike), 200)}){where}"
    )


def _age(passed: timedelta) -> str:
    days = passed.days
    if days < 1:
        return "today"
    for length, unit in ((365, "year"), (30, "month"), (7, "week"), (1, "day")):
        if days >= length:
            return f"{words.count(days // length, unit)} ago"
    return "today"
