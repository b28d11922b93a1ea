"""Saying that a finding is real, changing one's word on it, and taking it back."""

from slack_bolt import App, Args

from bot import forms, receipt
from bot.desk import Desk, Wish, ack_first, opening, person_of, submitting
from bot.ids import Action, Field, View
from bot.modals import reason_of, record, value_of
from core.errors import NotAllowed
from core.opinion import OF, WORDS, standing
from core.types import Card, Decision, DecisionKind


def register(app: App, desk: Desk) -> None:
    """Register the buttons and what is submitted."""
    app.action(Action.CONFIRM.value, middleware=[ack_first])(opening(desk, _confirm))
    app.action(Action.CHANGE.value, middleware=[ack_first])(opening(desk, _change))
    app.view(View.CONFIRM.value)(submitting(desk, _confirmed))
    app.view(View.CHANGE.value)(submitting(desk, _changed))


def _card(desk: Desk, args: Args) -> Card:
    return desk.store.card(str((args.action or {}).get("value", "")))


def _confirm(desk: Desk, args: Args) -> None:
    card = _card(desk, args)
    if refusal := desk.refusal(person_of(args.body), DecisionKind.CONFIRM, card):
        raise NotAllowed(refusal)
    args.client.views_open(trigger_id=args.body["trigger_id"], view=forms.confirm(card))


def _change(desk: Desk, args: Args) -> None:
    open_change(desk, args, _card(desk, args))


def open_change(desk: Desk, args: Args, card: Card) -> None:
    """Ask what shall count instead of what was said.

    Raises: NotAllowed for whoever has said nothing, unless they are the admin, who may take back
    what others said.
    """
    person = person_of(args.body)
    if refusal := desk.refusal(person, DecisionKind.TAKE_BACK, card):
        raise NotAllowed(refusal)
    words = said_on(card)
    own = words.get(person.key)
    others = [d for key, d in words.items() if key != person.key] if desk.is_admin(person) else []
    if own is None and not others:
        raise NotAllowed("You have said nothing about this finding that could be changed.")
    args.client.views_open(
        trigger_id=args.body["trigger_id"], view=forms.change(card, own=own, others=others)
    )


def said_on(card: Card) -> dict[str, Decision]:
    """Return, by person, the newest word on a finding that stands."""
    return {each.person.key: each for each in standing(card.decisions) if each.kind in WORDS}


def _confirmed(desk: Desk, args: Args) -> None:
    _decide(desk, args, Wish(DecisionKind.CONFIRM, reason=reason_of(args)))


def _changed(desk: Desk, args: Args) -> None:
    kind, _, whose = value_of(args.body["view"], Field.WHICH).partition(":")
    if kind not in set(DecisionKind):
        args.ack(response_action="errors", errors={Field.WHICH.value: "Please choose one."})
        return
    answers = {OF: whose} if whose else {}
    _decide(desk, args, Wish(DecisionKind(kind), reason=reason_of(args), answers=answers))


def _decide(desk: Desk, args: Args, wish: Wish) -> None:
    if decision := record(desk, args, wish):
        args.ack(response_action="clear")
        receipt.give(desk, args, decision)
