"""What every listener shares: who acts, whether they may, whether this was seen before, how to answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from slack_bolt import Ack, Args, BoltContext, BoltResponse
from slack_sdk import WebClient

from bot import opinion as ask_opinion
from bot import words
from bot.block import Block, Message, section
from bot.chat import SlackChat
from bot.context import BotContext, BotSettings
from bot.privacy import Privacy
from bot.text import prose
from core.decide import decide
from core.errors import NotAllowed
from core.gate import Mode, Terms
from core.opinion import DISMISSING, OF, SECOND, SETTLES, WORDS, opinion, standing
from core.ports import MessageRef, Store
from core.types import EMPTY, Card, Decision, DecisionKind, Person, Status

Act = Callable[["Desk", Args], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asks to have recorded. `days` count from now."""

    kind: DecisionKind
    reason: str = ""
    days: int | None = None
    plan_digest: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Desk:
    """The context, and the three things made from it."""

    context: BotContext
    chat: SlackChat
    privacy: Privacy

    @property
    def store(self) -> Store:
        """The durable record."""
        return self.context.store

    @property
    def settings(self) -> BotSettings:
        """The settings."""
        return self.context.settings

    def now(self) -> datetime:
        """Return the present."""
        return self.context.clock()

    # ── who may ───────────────────────────────────────────────────────────────

    def require_reader(self, person: Person) -> None:
        """Raise NotAllowed unless this person may see findings at all."""
        settings = self.settings
        if person.user in {settings.admin, *settings.deciders}:
            return
        if any(
            person.user in self.privacy.members(channel) for channel in sorted(settings.channels)
        ):
            return
        raise NotAllowed(
            "Findings are shown to the members of the channels they are posted in. Ask to be invited."
        )

    def require_decider(self, person: Person) -> None:
        """Raise NotAllowed unless this person may steer the bot itself (pause, scan, retrain)."""
        self.require_reader(person)
        if self.settings.deciders and person.user not in {
            self.settings.admin,
            *self.settings.deciders,
        }:
            raise NotAllowed("Only those named as deciders in the settings may do this.")

    def refusal(self, person: Person, kind: DecisionKind, card: Card) -> str:
        """Return why this person may not decide this now; empty when they may."""
        if kind is DecisionKind.TAKE_BACK and self.is_admin(person):
            return self.context.permit(person, kind, card)
        if self.settings.deciders:
            if person.user not in self.settings.deciders:
                return "Only those named as deciders in the settings may decide. Ask one of them, or your admin to name you."
        elif not self._is_audience(person, card):
            return "Only members of the finding's channel may decide about it. Ask to be invited."
        elif self.privacy.is_guest(person.user):
            return "Guests may look but not decide. Ask a member of the channel."
        return self.context.permit(person, kind, card)

    def is_admin(self, person: Person) -> bool:
        """Whether this is the admin of the settings."""
        return bool(self.settings.admin) and person.user == self.settings.admin

    def sees(self, person: Person, channel: str) -> bool:
        """Whether somebody is a member of a channel."""
        return person.user in self.privacy.members(channel)

    def message_ref(self, finding_uid: str) -> MessageRef | None:
        """Return where a finding's message stands."""
        return self.store.message_ref(self.chat.subject(finding_uid))

    def _is_audience(self, person: Person, card: Card) -> bool:
        if self.settings.shadow:
            return person.user == self.settings.admin
        return person.user in self.privacy.members(self.settings.channel_of(card.finding.owner))

    # ── deciding ──────────────────────────────────────────────────────────────

    def decide(self, finding_uid: str, person: Person, wish: Wish) -> Decision:
        """Record a decision and show it in the finding's message.

        Raises: every DecisionError, NotFound.
        """
        now = self.now()
        before = self.store.card(finding_uid)
        self._require_own(person, wish)
        decision = decide(
            self.store,
            kind=wish.kind,
            finding_uid=finding_uid,
            person=person,
            now=now,
            permit=self.refusal,
            reason=wish.reason,
            until=now + timedelta(days=wish.days) if wish.days is not None else None,
            plan_digest=wish.plan_digest,
            answers={**wish.answers, **self._weight(person, wish.kind, before)},
        )
        card = self.store.card(finding_uid)
        self.chat.post_card(card)
        if said := self._to_the_others(before, card, decision):
            self.chat.say(finding_uid, said)
        self._ask_others(before, card, decision)
        return decision

    def _require_own(self, person: Person, wish: Wish) -> None:
        is_own = wish.answers.get(OF, person.key) == person.key
        if not is_own and not self.is_admin(person):
            raise NotAllowed("Only whoever said something takes it back, or the admin.")

    def _weight(self, person: Person, kind: DecisionKind, card: Card) -> Mapping[str, str]:
        """Return whether a word settles what is open, or is not enough to hide the finding."""
        if kind not in (*DISMISSING, DecisionKind.CONFIRM):
            return EMPTY
        others = [each for each in card.decisions if each.person.key != person.key]
        if self.is_admin(person):
            return {SETTLES: "admin"} if opinion(others).is_open else EMPTY
        doubt = self.context.doubt(person, card) if kind in DISMISSING else ""
        return {SECOND: doubt} if doubt else EMPTY

    def _ask_others(self, before: Card, card: Card, decision: Decision) -> None:
        """Ask for another opinion where one is needed now, or say that it is settled."""
        was, found = opinion(before.decisions), opinion(card.decisions)
        if found.is_open and card.finding.status is not Status.FIXED:
            said = {each.person.user for each in (*found.real, *found.dismissing)}
            asked = [user for user in self.settings.second_opinion if user not in said]
            if (was.real, was.dismissing) != (found.real, found.dismissing):
                question = ask_opinion.message(card, found, asked)
                self.chat.reply(card.finding.uid, question, once=f"opinion {decision.uid}")
        elif was.is_open and decision.kind is not DecisionKind.TAKE_BACK:
            self.chat.say(card.finding.uid, ask_opinion.settled(found))

    def _to_the_others(self, before: Card, card: Card, decision: Decision) -> str:
        """Return what those should hear who have a say in the same fix, or were told it is coming."""
        if decision.kind is DecisionKind.TAKE_BACK:
            whose = decision.answers[OF]
            said = [d for d in standing(before.decisions) if d.kind in WORDS]
            return words.taken_back(
                decision, next(d for d in reversed(said) if d.person.key == whose)
            )
        if decision.kind in (DecisionKind.GO_ON, DecisionKind.WAIT_LONGER):
            return words.answered(decision)
        terms = card.plan.terms if card.plan else Terms()
        if terms.approvals > 1 and decision.kind is DecisionKind.APPROVE_FIX:
            return words.approved(card, decision, self.settings.time_zone, now=decision.decided_at)
        if decision.kind is DecisionKind.REVERT_FIX:
            return words.undo_asked(card, decision, now=decision.decided_at)
        is_shared = terms.approvals > 1 or terms.mode is Mode.AUTO
        if is_shared and decision.kind is DecisionKind.REJECT_FIX:
            return words.rejected(decision)
        return ""

    # ── seen before ───────────────────────────────────────────────────────────

    def is_repeat(self, body: Mapping[str, Any]) -> bool:
        """Whether Slack delivers this a second time; remembers it otherwise."""
        key = body.get("event_id") or body.get("trigger_id")
        return bool(key) and not self.store.first_delivery(str(key))


def person_of(body: Mapping[str, Any]) -> Person:
    """Return who acted, from any kind of Slack body."""
    user = body.get("user") or {}
    event = body.get("event") or {}
    team = body.get("team") or {}
    return Person(
        team=str(user.get("team_id") or team.get("id") or body.get("team_id") or ""),
        user=str(user.get("id") or body.get("user_id") or event.get("user") or ""),
        enterprise=str((body.get("enterprise") or {}).get("id") or body.get("enterprise_id") or ""),
        name=str(user.get("name") or user.get("username") or body.get("user_name") or ""),
    )


class _Answer(BoltResponse):
    """An answer that stays as it was made."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in self.__dict__:
            super().__setattr__(name, value)


class _Settled(Ack):
    """An acknowledgement that stays given.

    When a listener fails after it acknowledged, Bolt turns the answer into a 500 and takes it back.
    A request thread that had not sent it yet would send the 500, or wait three seconds and send 404.
    """

    def __init__(self) -> None:
        self.__dict__["response"] = _Answer(status=200, body="")

    def __setattr__(self, name: str, value: object) -> None:
        """Keep the answer."""


def ack_first(context: BoltContext, next_: Callable[[], None]) -> None:
    """Acknowledge before anything else, as a listener's middleware.

    It runs on the request's own thread and needs no database and no free worker: neither a scan
    that is writing nor twenty clicks at once can delay it.
    """
    context["ack"] = _Settled()
    next_()


def acting(desk: Desk, act: Act) -> Callable[[Args], None]:
    """Drop a second delivery, else act."""

    def listener(args: Args) -> None:
        if not desk.is_repeat(args.body):
            act(desk, args)

    return listener


def opening(desk: Desk, act: Act) -> Callable[[Args], None]:
    """Act at once: a modal must open within the trigger's three seconds.

    A second delivery is harmless, since a trigger opens one modal only.
    """

    def listener(args: Args) -> None:
        act(desk, args)

    return listener


def submitting(desk: Desk, act: Act) -> Callable[[Args], None]:
    """Let the act acknowledge by itself: a modal's answer is its acknowledgement."""

    def listener(args: Args) -> None:
        if desk.is_repeat(args.body):
            args.ack()
        else:
            act(desk, args)

    return listener


def whisper(client: WebClient, body: Mapping[str, Any], message: Message) -> None:
    """Answer so that only the person who acted sees it: in the channel, else directly."""
    person = person_of(body)
    channel, thread_ts = place_of(body)
    if channel:
        client.chat_postEphemeral(
            channel=channel,
            user=person.user,
            text=message.text,
            blocks=list(message.blocks),
            thread_ts=thread_ts or None,
            parse="none",
            link_names=False,
        )
        return
    room = client.conversations_open(users=person.user)["channel"]["id"]
    client.chat_postMessage(channel=room, **message.body())


def place_of(body: Mapping[str, Any]) -> tuple[str, str]:
    """Return the channel and the thread something was done in; empty texts where there is none."""
    event = body.get("event") or {}
    container = body.get("container") or {}
    channel = (
        (body.get("channel") or {}).get("id") or body.get("channel_id") or event.get("channel")
    )
    return str(channel or ""), str(event.get("thread_ts") or container.get("thread_ts") or "")


def sentence(text: str, *more: Block) -> Message:
    """Return a plain sentence as a message."""
    return Message(prose(text, 1000), (section(prose(text, 2500)), *more))
