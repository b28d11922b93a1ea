"""The App Home: what is open for this person, and how the bot itself is."""

import json
from collections.abc import Iterator
from datetime import datetime

from slack_bolt import App, Args

from bot import summary, words
from bot.block import Block, context, divider, fitting, header, section
from bot.chat import LAST_SCAN, PAUSED
from bot.desk import Desk, acting, person_of
from bot.text import code, prose
from core.errors import NotAllowed
from core.types import Card, Person

QUEUE = 10
_LOOKED_THROUGH = 500


def register(app: App, desk: Desk) -> None:
    """Register the opening of the App Home."""
    app.event("app_home_opened")(acting(desk, _publish))


def _publish(desk: Desk, args: Args) -> None:
    if args.body["event"].get("tab", "home") != "home":
        return
    person = person_of(args.body)
    args.client.views_publish(user_id=person.user, view=view(desk, person))


def view(desk: Desk, person: Person) -> Block:
    """Return a person's App Home."""
    try:
        desk.require_reader(person)
    except NotAllowed as refusal:
        return _home([section(prose(str(refusal)))])
    cards = _queue(desk, person)
    blocks: list[Block] = [header("Open for you")]
    blocks += summary.rows(cards[:QUEUE]) or [section("Nothing is open for you.")]
    if len(cards) > QUEUE:
        blocks.append(
            context(
                f"{len(cards) - QUEUE:,} more; {code(f'{desk.settings.command} top 20')} lists them."
            )
        )
    blocks += [divider(), header("Health"), *(section(line) for line in _health(desk))]
    return _home(blocks)


def _home(blocks: list[Block]) -> Block:
    return {"type": "home", "blocks": list(fitting(blocks))}


def _queue(desk: Desk, person: Person) -> tuple[Card, ...]:
    """Return the open findings of every channel this person is a member of, riskiest first."""
    mine = {
        channel
        for channel in sorted(desk.settings.channels)
        if person.user in desk.privacy.members(channel)
    }
    cards = desk.store.cards(limit=_LOOKED_THROUGH)
    return tuple(
        card
        for card in cards
        if not card.finding.hygiene and desk.settings.channel_of(card.finding.owner) in mine
    )


def _health(desk: Desk) -> Iterator[str]:
    if desk.store.get(PAUSED):
        yield f"*Paused.* {code(f'{desk.settings.command} resume')} posts again."
    if desk.settings.shadow:
        yield "*Shadow:* only the admin sees what would be posted."
    last = desk.store.get(LAST_SCAN)
    if last:
        yield _scanned(desk, last)
    else:
        yield f"No scan yet. {code(f'{desk.settings.command} scan')} starts one."
    model = desk.store.active_model()
    yield f"Risk model {code(model)}" if model else "No risk model is active yet."


def _scanned(desk: Desk, last: str) -> str:
    facts = json.loads(last)
    at = datetime.fromisoformat(facts["at"])
    when = words.moment(at, desk.settings.time_zone, now=desk.now())
    gaps = words.count(facts["gaps"], "gap")
    return f"Last scan {when}: {words.count(facts['resources'], 'resource')}, {gaps}."
