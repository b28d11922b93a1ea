"""The chat port on Slack: renders, holds back, and queues. Delivery is `bot.outbox`."""

import base64
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import card as card_message
from bot import offer, promotion, review, trial
from bot import summary as summary_message
from bot.block import Message, section
from bot.context import BotSettings, Offer, nothing
from bot.text import prose
from bot.transport import web_client
from core.errors import NotFound
from core.identity import digest
from core.ports import Clock, OutboxMessage, Store
from core.types import Card, FixPlan, ModelCard, ScanSummary, Severity, Status

PAUSED = "paused"
BASELINE_AT = "slack.baseline_at"
LAST_SCAN = "slack.last_scan"
THREAD_OF = "_thread_of"
"""Body key: the subject in whose thread a message belongs; resolved when it is delivered."""
UPLOAD = "files.upload"
_log = structlog.get_logger()


class SlackChat:
    """Shows findings in Slack. Durable: everything but an open modal goes through the outbox.

    `client` is only needed for `show_plan`; one is made from the settings when absent.
    """

    def __init__(
        self,
        store: Store,
        settings: BotSettings,
        clock: Clock,
        client: WebClient | None = None,
        *,
        offer: Offer = nothing,
    ) -> None:
        self._offer = offer
        self._store = store
        self._settings = settings
        self._clock = clock
        self._client = client or web_client(settings)

    # ── the port ──────────────────────────────────────────────────────────────

    def post_card(self, card: Card, *, channel: str | None = None) -> None:
        """Post a finding, or update its message where one exists.

        Without `channel` the finding may be held back: hygiene, undecided and closed findings,
        what the risk model withholds,
        copies of a cause already shown, and whatever is above the day's number. Call it in the
        order of risk. With `channel` somebody asked, and nothing is held back but by a pause.
        """
        uid = card.finding.uid
        known = self._store.message_ref(self.subject(uid)) is not None
        if not known and self.paused:
            return
        if not known and channel is None and self._held(card):
            return
        self._queue_card(card, channel or self._settings.channel_of(card.finding.owner))

    def post_summary(
        self, summary: ScanSummary, cards: Sequence[Card], *, channel: str | None = None
    ) -> None:
        """Post what a scan found. A scheduled scan without news says nothing."""
        facts = {"resources": summary.resources, "gaps": len(summary.gaps)}
        facts_at = {"at": summary.finished_at.isoformat(), **facts}
        self._store.put(LAST_SCAN, json.dumps(facts_at))
        if summary.is_baseline:
            self._store.put(BASELINE_AT, summary.finished_at.isoformat())
        silent = channel is None and not (summary.is_baseline or summary.new or summary.fixed)
        if silent or self.paused:
            return
        message = summary_message.message(summary, cards, new_per_day=self._settings.new_per_day)
        self._queue(message, channel or self._settings.channel, subject=f"scan:{summary.scan_uid}")

    def say(self, finding_uid: str, text: str, *, once: str = "") -> None:
        """Say a plain text in a finding's thread."""
        self._in_thread(finding_uid, _plain(text), once)

    def ask(self, finding_uid: str, text: str, *, once: str) -> None:
        """Ask in a finding's thread what a trial could not decide."""
        self._in_thread(finding_uid, trial.message(text, finding_uid), once)

    def reply(self, finding_uid: str, message: Message, *, once: str) -> None:
        """Put a message into a finding's thread, once for its key."""
        self._in_thread(finding_uid, message, once)

    def _in_thread(self, finding_uid: str, message: Message, once: str) -> None:
        channel = self._with_thread(finding_uid)
        if channel:
            subject = self.subject(finding_uid)
            body = {**message.body(), THREAD_OF: subject}
            uid = digest(["said", subject, once])[:32] if once else ""
            self._put(channel, "chat.postMessage", body, uid=uid)

    def announce(self, text: str, *, channel: str | None = None) -> None:
        """Say a plain text in a channel."""
        if not self.paused:
            self._queue(_plain(text), channel or self._settings.channel)

    def show_model(self, card: ModelCard, lines: Sequence[str]) -> None:
        """Show the admin what a new risk model would change, and ask where it needs a person."""
        if not self.paused:
            channel = self._settings.admin or self._settings.channel
            self._queue(promotion.message(card, lines), channel)

    def show_plan(self, view_id: str, card: Card, plan: FixPlan | None, refusal: str) -> None:
        """Fill an open review modal with the plan, or with the reason there is none.

        A diff too long for a modal also goes into the finding's thread as a file.
        """
        now = self._clock()
        view = review.view(card, plan, refusal, zone=self._settings.time_zone, now=now)
        if plan and review.is_cut(plan):
            name = f"plan-{plan.digest[:8]}.diff"
            self.send_file(card.finding.uid, plan.diff.encode(), name=name, alt="The whole diff")
        self._update_view(view_id, view)

    # ── beyond the port ───────────────────────────────────────────────────────

    def send_file(self, finding_uid: str, content: bytes, *, name: str, alt: str) -> None:
        """Put a file into a finding's thread; `alt` describes it to whoever cannot see it."""
        channel = self._with_thread(finding_uid)
        if channel:
            body = {
                "name": name,
                "alt": alt,
                "content": base64.b64encode(content).decode(),
                THREAD_OF: self.subject(finding_uid),
            }
            self._put(channel, UPLOAD, body)

    def send_waterfall(self, finding_uid: str, png: bytes, alt: str) -> None:
        """Put the waterfall picture into a finding's thread."""
        self.send_file(finding_uid, png, name=f"risk-{finding_uid[:8]}.png", alt=alt)

    def send_to(self, user: str, content: bytes, *, name: str, alt: str) -> None:
        """Send somebody a file directly; without content only the words, which say why there is none."""
        if not content:
            stem = name.rpartition(".")[0]
            self._put(user, "chat.postMessage", _plain(f"{stem}: {alt}").body())
            return
        body = {"name": name, "alt": alt, "content": base64.b64encode(content).decode()}
        self._put(user, UPLOAD, body)

    def send_path(self, finding_uid: str, png: bytes, alt: str) -> None:
        """Put the picture of an attack path into its finding's thread."""
        self.send_file(finding_uid, png, name=f"path-{finding_uid[:8]}.png", alt=alt)

    @property
    def paused(self) -> bool:
        """Whether posting is paused."""
        return bool(self._store.get(PAUSED))

    # ── holding back ──────────────────────────────────────────────────────────

    def _held(self, card: Card) -> bool:
        if card.finding.status is not Status.OPEN or card.finding.hygiene:
            return True
        if withheld := self._store.withheld_of(card.finding.uid):
            return (
                withheld.drawn_at is None
            )  # a spot check counts neither as a copy nor for the day
        if self._joins_a_cause(card):
            return True
        if not self._is_urgent(card) and not self._within_the_day(card):
            return True
        # only a finding that is posted speaks for others
        self._store.put(_cause_key(card), json.dumps([card.finding.uid]))
        return False

    def _is_urgent(self, card: Card) -> bool:
        # what the baseline found is old news, however bad: it keeps to the day's number
        baseline = self._store.get(BASELINE_AT)
        seen = card.finding.first_seen
        is_new = bool(baseline and seen and seen > datetime.fromisoformat(baseline))
        return is_new and card.finding.severity is Severity.CRITICAL

    def _within_the_day(self, card: Card) -> bool:
        channel = self._settings.channel_of(card.finding.owner)
        today = self._clock().astimezone(self._settings.time_zone).date()
        key = f"slack.new.{channel}.{today.isoformat()}"
        posted = int(self._store.get(key, "0"))
        if posted >= self._settings.new_per_day:
            return False
        self._store.put(key, str(posted + 1))
        return True

    def _joins_a_cause(self, card: Card) -> bool:
        uids = self._same_cause(card)
        lead = self._lead(uids, card)
        if lead is None:
            return False
        if card.finding.uid not in uids:
            self._store.put(_cause_key(card), json.dumps([*uids, card.finding.uid]))
            self._queue_card(lead, self._settings.channel_of(lead.finding.owner))
        return True

    def _lead(self, uids: Sequence[str], card: Card) -> Card | None:
        """Return the finding whose message speaks for this cause, while it is open."""
        if not uids or uids[0] == card.finding.uid:
            return None
        try:
            lead = self._store.card(uids[0])
        except NotFound:
            return None
        return lead if lead.finding.status is Status.OPEN else None

    def _same_cause(self, card: Card) -> list[str]:
        known: list[str] = json.loads(self._store.get(_cause_key(card), "[]"))
        return known

    # ── queueing ──────────────────────────────────────────────────────────────

    def subject(self, finding_uid: str) -> str:
        """Return what a finding's message is known by."""
        return f"shadow:{finding_uid}" if self._settings.shadow else finding_uid

    def _queue_card(self, card: Card, channel: str) -> None:
        same = self._same_cause(card)
        copies = len(same) - 1 if same[:1] == [card.finding.uid] else 0
        message = card_message.message(
            card, zone=self._settings.time_zone, now=self._clock(), copies=copies
        )
        self._queue(message, channel, subject=self.subject(card.finding.uid))
        self._offer_by_hand(card, channel)

    def _offer_by_hand(self, card: Card, channel: str) -> None:
        """Say in the thread what to change where no fix can be reviewed; once a finding."""
        subject = self.subject(card.finding.uid)
        done = f"slack.offered.{subject}"
        if card.fix_available or card.finding.status is not Status.OPEN or self._store.get(done):
            return
        change = self._offer(card)
        if change:
            body = {**offer.message(card, change).body(), THREAD_OF: subject}
            ref = self._store.message_ref(subject)
            room = ref.channel if ref else self._destination(channel)
            # a crash before the fact is written queues the same uid again, and that is sent once
            uid = digest(["offer", subject])[:32]
            self._put(room, "chat.postMessage", body, uid=uid)
            self._store.put(done, self._clock().isoformat())

    def _with_thread(self, finding_uid: str) -> str:
        """Return the channel of a finding's message, queueing the message where there is none."""
        ref = self._store.message_ref(self.subject(finding_uid))
        if ref:
            return ref.channel
        if self.paused:
            return ""
        card = self._store.card(finding_uid)
        channel = self._settings.channel_of(card.finding.owner)
        self._queue_card(card, channel)
        return self._destination(channel)

    def _queue(self, message: Message, channel: str, *, subject: str = "") -> None:
        body = message.body()
        if self._settings.shadow:
            note = section(f"_Shadow: this would have been posted to_ {prose(channel, 100)}")
            body["blocks"] = [note, *body["blocks"]]
        self._put(self._destination(channel), "chat.postMessage", body, subject=subject)

    def _destination(self, channel: str) -> str:
        return self._settings.admin if self._settings.shadow else channel

    def _put(
        self,
        channel: str,
        method: str,
        body: Mapping[str, Any],
        *,
        subject: str = "",
        uid: str = "",
    ) -> None:
        if not channel:
            _log.warning("message_without_destination", method=method, subject=subject)
            return
        ref = self._store.message_ref(subject) if subject else None
        self._store.queue_message(
            OutboxMessage(
                uid=uid or uuid.uuid4().hex,
                channel=ref.channel if ref else channel,
                method=method,
                body=body,
                attempts=0,
                subject=subject,
            )
        )

    def _update_view(self, view_id: str, view: dict[str, Any]) -> None:
        try:
            self._client.views_update(view_id=view_id, view=view)
        except SlackApiError as error:
            # the reader closed the modal while the plan was made; opening it again shows the plan
            if error.response.get("error") != "not_found":
                raise
            _log.info("modal_closed_before_plan", view_id=view_id)


def _plain(text: str) -> Message:
    lines = [prose(line, 600) for line in text.splitlines() if line.strip()]
    shown = "\n".join(lines[:4])
    left_out = len(lines) - 4
    if left_out > 0:
        shown += f"\n{left_out} more lines not shown."
    return Message(prose(text, 300), (section(shown),))


def _cause_key(card: Card) -> str:
    """Name what makes copies of one finding copies: one control broken by one declaration."""
    link = card.link
    place = (link.repository, link.path, link.address) if link else (card.finding.resource_uid,)
    return f"slack.cause.{digest([card.finding.control or card.finding.check_id, *place])[:24]}"
