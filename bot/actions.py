"""Buttons and menus of a finding's message."""

from slack_bolt import App, Args

from bot import card as card_message
from bot import forms, review, why
from bot.desk import (
    Desk,
    Wish,
    ack_first,
    acting,
    opening,
    person_of,
    place_of,
    sentence,
    whisper,
)
from bot.ids import Action, More
from bot.relabel import open_change
from bot.review import Reviewed
from core.errors import NotAllowed, UsageError
from core.types import Card, DecisionKind, FixPlan


def register(app: App, desk: Desk) -> None:
    """Register every button."""
    app.action(Action.REVIEW.value, middleware=[ack_first])(opening(desk, _review))
    app.action(Action.NOT_MINE.value, middleware=[ack_first])(opening(desk, _not_mine))
    app.action(Action.FALSE_POSITIVE.value, middleware=[ack_first])(opening(desk, _false_positive))
    app.action(Action.MORE.value, middleware=[ack_first])(opening(desk, _more))
    app.action(Action.REVERT.value, middleware=[ack_first])(opening(desk, _revert))
    app.action(Action.REJECT.value, middleware=[ack_first])(opening(desk, _reject))
    app.action(Action.ACCEPT_INSTEAD.value, middleware=[ack_first])(opening(desk, _accept_instead))
    app.action(Action.CHOOSE.value, middleware=[ack_first])(acting(desk, _choose))
    app.action(Action.WHY.value, middleware=[ack_first])(acting(desk, _why))
    app.action(Action.SHOW.value, middleware=[ack_first])(acting(desk, _show))
    app.action(Action.WATERFALL.value, middleware=[ack_first])(acting(desk, _waterfall))
    app.action(Action.PATH.value, middleware=[ack_first])(acting(desk, _path))
    app.action(Action.PULL_REQUEST.value, middleware=[ack_first])(acting(desk, _nothing))
    app.action(Action.GO_ON.value, middleware=[ack_first])(acting(desk, _go_on))
    app.action(Action.WAIT_LONGER.value, middleware=[ack_first])(acting(desk, _wait_longer))
    app.action(Action.MODEL_PICTURES.value, middleware=[ack_first])(acting(desk, _model_pictures))
    app.action(Action.MODEL_CARD.value, middleware=[ack_first])(acting(desk, _model_card))
    app.action(Action.PROMOTE.value, middleware=[ack_first])(acting(desk, _promote))
    app.action(Action.KEEP_IN_SHADOW.value, middleware=[ack_first])(acting(desk, _keep_in_shadow))


def _card(desk: Desk, args: Args) -> Card:
    return desk.store.card(str((args.action or {}).get("value", "")))


def _decidable(desk: Desk, args: Args, card: Card, kind: DecisionKind) -> Card:
    """Return the card, or refuse before a form is filled in for nothing. Submitting asks again."""
    refusal = desk.refusal(person_of(args.body), kind, card)
    if refusal:
        raise NotAllowed(refusal)
    return card


def _review(desk: Desk, args: Args) -> None:
    card = _card(desk, args)
    plan = current_plan(desk, card)
    if plan:
        view = review.view(card, plan, "", zone=desk.settings.time_zone, now=desk.now())
        args.client.views_open(trigger_id=args.body["trigger_id"], view=view)
        return
    opened = args.client.views_open(trigger_id=args.body["trigger_id"], view=review.preparing(card))
    uid = card.finding.uid
    view_id = opened["view"]["id"]
    desk.store.enqueue("plan", f"{uid}:{view_id}", {"finding_uid": uid, "view_id": view_id})


def current_plan(desk: Desk, card: Card) -> FixPlan | None:
    """Return the plan in force, unless it is over, or is too long to be shown whole."""
    plan = desk.store.current_plan(card.finding.uid)
    if plan is None or plan.valid_until <= desk.now() or _gives_way(plan, card):
        return None
    return None if plan.reverts or review.is_cut(plan) else plan


def _gives_way(plan: FixPlan, card: Card) -> bool:
    """Whether a plan was rejected and the finding has other good fixes."""
    said = [each.kind for each in card.decisions if each.plan_digest == plan.digest]
    is_rejected = bool(said) and said[-1] is DecisionKind.REJECT_FIX
    return is_rejected and any(
        each.name != plan.alternative and not each.refused for each in plan.alternatives
    )


def _not_mine(desk: Desk, args: Args) -> None:
    card = _decidable(desk, args, _card(desk, args), DecisionKind.NOT_MINE)
    _open(args, forms.not_mine(card))


def _false_positive(desk: Desk, args: Args) -> None:
    card = _decidable(desk, args, _card(desk, args), DecisionKind.FALSE_POSITIVE)
    _open(args, forms.false_positive(card))


def _revert(desk: Desk, args: Args) -> None:
    card = _decidable(desk, args, _card(desk, args), DecisionKind.REVERT_FIX)
    _open(args, forms.revert(card, now=desk.now()))


def _open(args: Args, view: dict[str, object]) -> None:
    args.client.views_open(trigger_id=args.body["trigger_id"], view=view)


def _reject(desk: Desk, args: Args) -> None:
    shown = Reviewed.of(args.body["view"]["private_metadata"])
    view = forms.reject(desk.store.card(shown.finding_uid), shown)
    args.client.views_push(trigger_id=args.body["trigger_id"], view=view)


def _choose(desk: Desk, args: Args) -> None:
    """Have another of the alternatives planned, in the modal that shows this one."""
    uid = Reviewed.of(args.body["view"]["private_metadata"]).finding_uid
    card = _decidable(desk, args, desk.store.card(uid), DecisionKind.REJECT_FIX)
    view_id = str(args.body["view"]["id"])
    payload = {
        "finding_uid": uid,
        "view_id": view_id,
        "alternative": str((args.action or {}).get("value", "")),
    }
    args.client.views_update(view_id=view_id, view=review.preparing(card))
    desk.store.enqueue("plan", f"{uid}:{view_id}", payload)


def _accept_instead(desk: Desk, args: Args) -> None:
    shown = Reviewed.of(args.body["view"]["private_metadata"])
    view = forms.accept(desk.store.card(shown.finding_uid), most=desk.settings.risk_days_max)
    args.client.views_push(trigger_id=args.body["trigger_id"], view=view)


def _more(desk: Desk, args: Args) -> None:
    item, _, uid = str((args.action or {})["selected_option"]["value"]).partition(":")
    card = desk.store.card(uid)
    most = desk.settings.risk_days_max
    if item == More.SNOOZE:
        _decidable(desk, args, card, DecisionKind.SNOOZE)
        _open(args, forms.snooze(card, most=most))
    elif item == More.ACCEPT:
        _decidable(desk, args, card, DecisionKind.ACCEPT_RISK)
        _open(args, forms.accept(card, most=most))
    elif item == More.CHANGE:
        open_change(desk, args, card)
    elif desk.is_repeat(args.body):
        return
    elif item == More.CHECK_AGAIN:
        check_again(desk, card)
        whisper(args.client, args.body, sentence(checking(card)))
    elif item == More.WATERFALL:
        picture(desk, args, card)


def check_again(desk: Desk, card: Card) -> None:
    """Have this one resource read again."""
    uid = card.finding.uid
    desk.store.enqueue("recheck", uid, {"finding_uid": uid})


def checking(card: Card) -> str:
    """Say that a resource is being read again."""
    return f"Reading {card.finding.resource_name} again. The message changes when the answer is in."


def _why(desk: Desk, args: Args) -> None:
    card = _card(desk, args)
    whisper(args.client, args.body, why.answer(desk, args, card))


def _show(desk: Desk, args: Args) -> None:
    card = _card(desk, args)
    desk.require_reader(person_of(args.body))
    shown = card_message.message(card, zone=desk.settings.time_zone, now=desk.now())
    whisper(args.client, args.body, shown)


def _waterfall(desk: Desk, args: Args) -> None:
    picture(desk, args, _card(desk, args))


def _path(desk: Desk, args: Args) -> None:
    path(desk, args, _card(desk, args))


def picture(desk: Desk, args: Args, card: Card) -> None:
    """Have the waterfall drawn."""
    _draw(desk, args, card, kind="waterfall", what="the waterfall")


def path(desk: Desk, args: Args, card: Card) -> None:
    """Have an attack path drawn."""
    if not card.finding.evidence.ways:
        raise UsageError("This finding is no attack path; there is nothing to draw.")
    _draw(desk, args, card, kind="path", what="the attack path")


def _draw(desk: Desk, args: Args, card: Card, *, kind: str, what: str) -> None:
    """Queue a picture; drawing costs seconds, so the worker does it."""
    uid = card.finding.uid
    channel, thread_ts = place_of(args.body)
    user = person_of(args.body).user
    payload = {"finding_uid": uid, "channel": channel, "thread_ts": thread_ts, "user": user}
    desk.store.enqueue(kind, uid, payload)
    said = f"Drawing {what}. It will appear in the finding's thread."
    whisper(args.client, args.body, sentence(said))


def _go_on(desk: Desk, args: Args) -> None:
    _answer(desk, args, DecisionKind.GO_ON)


def _wait_longer(desk: Desk, args: Args) -> None:
    _answer(desk, args, DecisionKind.WAIT_LONGER)


def _answer(desk: Desk, args: Args, kind: DecisionKind) -> None:
    """Answer what the trial of a canary could not decide; the thread says who did."""
    card = _card(desk, args)
    digest = card.fix.plan_digest if card.fix else ""
    desk.decide(card.finding.uid, person_of(args.body), Wish(kind, plan_digest=digest))


def _model_pictures(desk: Desk, args: Args) -> None:
    _send_model(desk, args, kind="model_pictures", what="Drawing the pictures")


def _model_card(desk: Desk, args: Args) -> None:
    _send_model(desk, args, kind="model_card", what="Fetching the whole card")


def _send_model(desk: Desk, args: Args, *, kind: str, what: str) -> None:
    """Queue what is sent to the person who asked, and to nobody else."""
    person = person_of(args.body)
    desk.require_reader(person)
    desk.store.enqueue(kind, person.user, {"user": person.user})
    whisper(args.client, args.body, sentence(f"{what}. It will come as a direct message."))


def _promote(desk: Desk, args: Args) -> None:
    version = _version(desk, args, "model_promotion_asked")
    desk.store.enqueue("promote", version, {"version": version})
    whisper(args.client, args.body, sentence(f"{version} takes over; what moves is told here."))


def _keep_in_shadow(desk: Desk, args: Args) -> None:
    version = _version(desk, args, "model_kept_in_shadow")
    whisper(args.client, args.body, sentence(f"{version} stays in shadow; nothing changes."))


def _version(desk: Desk, args: Args, event: str) -> str:
    """Return the version that was decided about, by one who may; the audit trail says by whom."""
    person = person_of(args.body)
    desk.require_decider(person)
    version = str((args.action or {}).get("value", ""))
    desk.store.audit(event, person.key, {"version": version})
    return version


def _nothing(desk: Desk, args: Args) -> None:
    """A link button: Slack opens the page by itself and only wants to be acknowledged."""
