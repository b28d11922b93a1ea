"""What happens when a modal is submitted."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import App, Args

from bot import receipt
from bot.block import Block, actions, button, modal, notice, section
from bot.desk import Desk, Wish, person_of, submitting
from bot.ids import Action, Caller, Field, View
from bot.review import Reviewed
from bot.text import prose
from bot.words import WATCHING_REASON, approved, day
from core.decide import WHO_CALLS
from core.errors import DecisionError, PlumblineError
from core.opinion import WORDS
from core.types import EMPTY, Decision, DecisionKind

WATCH_DAYS = 7
"""How long "I don't know" watches before it asks again."""


def register(app: App, desk: Desk) -> None:
    """Register every modal."""
    app.view(View.REVIEW.value)(submitting(desk, _approve))
    app.view(View.REJECT.value)(submitting(desk, _reject))
    app.view(View.FALSE_POSITIVE.value)(submitting(desk, _false_positive))
    app.view(View.SNOOZE.value)(submitting(desk, _snooze))
    app.view(View.ACCEPT.value)(submitting(desk, _accept))
    app.view(View.NOT_MINE.value)(submitting(desk, _not_mine))
    app.view(View.REVERT.value)(submitting(desk, _revert))


def value_of(view: Mapping[str, Any], field: Field) -> str:
    """Return what was put into an input; empty where nothing was."""
    element = view["state"].get("values", {}).get(field.value, {}).get(field.value, {})
    chosen = (element.get("selected_option") or {}).get("value")
    return str(chosen or element.get("value") or "")


def record(desk: Desk, args: Args, wish: Wish) -> Decision | None:
    """Decide; a refusal is answered with its sentence, beside the input it is about if there is one."""
    uid = Reviewed.of(args.body["view"]["private_metadata"]).finding_uid
    try:
        return desk.decide(uid, person_of(args.body), wish)
    except PlumblineError as error:
        _refuse(args, error)
        return None


def _refuse(args: Args, error: PlumblineError) -> None:
    inputs = {
        block["block_id"] for block in args.body["view"]["blocks"] if block["type"] == "input"
    }
    beside = next((field for field in (Field.REASON, Field.DAYS) if field.value in inputs), None)
    if beside and type(error) is DecisionError:
        # about what was put in: the modal stays, the sentence stands beside the input
        args.ack(response_action="errors", errors={beside.value: str(error)})
    else:
        args.ack(response_action="update", view=notice("Not done", prose(str(error), 2500)))


def reason_of(args: Args) -> str:
    """Return the reason that was put in."""
    return value_of(args.body["view"], Field.REASON)


def _approve(desk: Desk, args: Args) -> None:
    shown = Reviewed.of(args.body["view"]["private_metadata"])
    caller = value_of(args.body["view"], Field.WHO_CALLS)
    if caller == Caller.UNKNOWN:
        _watch(desk, args)
        return
    if caller == Caller.PUBLIC:
        args.ack(response_action="update", view=_would_cut_off(shown))
        return
    answers = {WHO_CALLS: caller} if caller else EMPTY
    wish = Wish(DecisionKind.APPROVE_FIX, plan_digest=shown.plan_digest, answers=answers)
    decision = record(desk, args, wish)
    if decision:
        args.ack(response_action="update", view=notice("Approved", _said(desk, decision)))


def _said(desk: Desk, decision: Decision) -> str:
    card = desk.store.card(decision.finding_uid)
    if card.plan and card.plan.terms.approvals > 1:
        zone, now = desk.settings.time_zone, desk.now()
        return prose(approved(card, decision, zone, now=now), 500)
    if card.plan and card.plan.live:
        return "Approved. The live resource is being changed; the finding's message follows it."
    return "Approved. The pull request is being opened; the finding's message follows it."


def _watch(desk: Desk, args: Args) -> None:
    answers = {WHO_CALLS: Caller.UNKNOWN.value}
    wish = Wish(DecisionKind.SNOOZE, reason=WATCHING_REASON, days=WATCH_DAYS, answers=answers)
    decision = record(desk, args, wish)
    if decision and decision.until:
        until = day(decision.until, desk.settings.time_zone)
        said = f"Nothing was changed. The finding is watched until {until}, then it asks again."
        args.ack(response_action="update", view=notice("Watching first", said))


def _would_cut_off(shown: Reviewed) -> Block:
    said = (
        "*This fix would cut them off:* browsers and webhooks cannot sign their requests. "
        "Nothing was changed. Keep it public and verify callers in code, with the reason on record, "
        "or reject the fix so that another is proposed."
    )
    uid = shown.finding_uid
    buttons = actions(
        button("Accept the risk instead", Action.ACCEPT_INSTEAD, uid),
        button("Reject this fix", Action.REJECT, uid),
    )
    return modal(View.NOTICE, "Not this fix", [section(said), buttons], metadata=shown.metadata())


def _reject(desk: Desk, args: Args) -> None:
    shown = Reviewed.of(args.body["view"]["private_metadata"])
    wish = Wish(DecisionKind.REJECT_FIX, reason=reason_of(args), plan_digest=shown.plan_digest)
    _record_and_close(desk, args, wish)


def _record_and_close(desk: Desk, args: Args, wish: Wish) -> None:
    if decision := record(desk, args, wish):
        args.ack(response_action="clear")
        if decision.kind in WORDS:
            receipt.give(desk, args, decision)


def _false_positive(desk: Desk, args: Args) -> None:
    which = value_of(args.body["view"], Field.WHICH)
    chosen = (DecisionKind.FALSE_POSITIVE, DecisionKind.NOT_APPLICABLE)
    kind = next((each for each in chosen if each.value == which), None)
    if kind is None:
        args.ack(response_action="errors", errors={Field.WHICH.value: "Please choose one."})
    else:
        _record_and_close(desk, args, Wish(kind, reason=reason_of(args)))


def _snooze(desk: Desk, args: Args) -> None:
    _for_days(desk, args, DecisionKind.SNOOZE)


def _accept(desk: Desk, args: Args) -> None:
    _for_days(desk, args, DecisionKind.ACCEPT_RISK)


def _for_days(desk: Desk, args: Args, kind: DecisionKind) -> None:
    most = desk.settings.risk_days_max
    given = value_of(args.body["view"], Field.DAYS)
    days = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0
    if not 1 <= days <= most:
        said = f"Please give 1 to {most} days."
        args.ack(response_action="errors", errors={Field.DAYS.value: said})
        return
    _record_and_close(desk, args, Wish(kind, reason=reason_of(args), days=days))


def _not_mine(desk: Desk, args: Args) -> None:
    owner = reason_of(args)
    answers = {"owner": owner} if owner else EMPTY
    _record_and_close(desk, args, Wish(DecisionKind.NOT_MINE, reason=owner, answers=answers))


def _revert(desk: Desk, args: Args) -> None:
    shown = Reviewed.of(args.body["view"]["private_metadata"])
    wish = Wish(DecisionKind.REVERT_FIX, reason=reason_of(args), plan_digest=shown.plan_digest)
    _record_and_close(desk, args, wish)
