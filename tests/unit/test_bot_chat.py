"""What SlackChat posts, what it holds back, and where it sends it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.store import SqliteStore
from bot import BotSettings, SlackChat
from core.ports import OutboxMessage
from core.types import Card, Link, Severity, Status
from tests.bot_world import CHANNEL, NOW, UID, Time, finding_card, posted, remember, scan_summary
from tests.slack_recorder import ADMIN


class Desk:
    """A chat over a fresh store, and what it queued."""

    def __init__(self, path: Path, **changes: Any) -> None:
        self.clock = Time()
        self.store = SqliteStore(path / "plumbline.db", clock=self.clock)
        chosen = BotSettings(channel=CHANNEL, bot_token="xoxb-made-up", admin=ADMIN)
        self.chat = SlackChat(self.store, replace(chosen, **changes), self.clock)

    def queued(self) -> list[OutboxMessage]:
        found: list[OutboxMessage] = []
        while message := self.store.next_message(lease_s=60):
            self.store.message_sent(message.uid, ts=f"{len(found)}.{message.uid[:6]}")
            found.append(message)
        return found

    def scanned(self, *cards: Card) -> None:
        remember(self.store, *cards)
        self.chat.post_summary(scan_summary(), cards[:5])

    def post(self, *cards: Card) -> list[str]:
        for card in cards:
            self.chat.post_card(card)
        return [
            message.subject for message in self.queued() if not message.subject.startswith("scan:")
        ]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.store.close()


def many(count: int, **changes: Any) -> list[Card]:
    return [finding_card(f"{number:024x}", **changes) for number in range(count)]


def test_the_baseline_is_one_summary_and_five_findings_however_critical(desk: Desk) -> None:
    cards = many(40)
    desk.scanned(*cards)
    summary, *_ = desk.queued()
    assert summary.subject == "scan:scan-1"
    assert len(desk.post(*cards)) == 5


def test_a_new_critical_finding_is_posted_whatever_the_days_number(desk: Desk) -> None:
    old = many(6)
    desk.scanned(*old)
    desk.post(*old)
    later = NOW + timedelta(hours=1)
    assert desk.post(finding_card("f" * 24, first_seen=later)) == ["f" * 24]
    assert desk.post(finding_card("e" * 24, first_seen=later, severity=Severity.HIGH)) == []


def test_the_next_day_five_more_may_be_posted(desk: Desk) -> None:
    cards = many(12)
    desk.scanned(*cards)
    assert len(desk.post(*cards)) == 5
    desk.clock.pass_(days=1)
    assert len(desk.post(*cards[5:])) == 5


def test_a_channel_of_an_owner_has_its_own_number(tmp_path: Path) -> None:
    desk = Desk(tmp_path, owner_channels={"team-pay": "C0PAY"}, new_per_day=1)
    desk.scanned()
    subjects = desk.post(
        finding_card("a" * 24), finding_card("b" * 24, owner="team-pay"), finding_card("c" * 24)
    )
    assert subjects == ["a" * 24, "b" * 24]
    desk.store.close()


@pytest.mark.parametrize(
    "changes", [{"hygiene": True}, {"status": Status.UNKNOWN}, {"status": Status.FIXED}]
)
def test_hygiene_undecided_and_closed_findings_get_no_message(
    desk: Desk, changes: dict[str, Any]
) -> None:
    assert desk.post(finding_card(**changes)) == []


def copies_of_one_declaration(desk: Desk, count: int) -> list[Card]:
    """Return stored findings whose resources one template declares."""
    cards = many(count)
    links = [
        Link(card.finding.resource_uid, "acme/orders", "template.yaml", "Export", "stack tag")
        for card in cards
    ]
    remember(desk.store, *cards)
    desk.store.replace_links(links)
    return [desk.store.card(card.finding.uid) for card in cards]


def test_one_message_speaks_for_all_copies_of_a_cause(desk: Desk) -> None:
    first, *copies = copies_of_one_declaration(desk, 4)
    desk.chat.post_card(first)
    assert [message.subject for message in desk.queued()] == [first.finding.uid]
    for copy in copies:
        desk.chat.post_card(copy)
    updates = desk.queued()
    assert {message.subject for message in updates} == {first.finding.uid}
    assert "3 copies have the same cause" in str(updates[-1].body)


def test_a_finding_held_back_speaks_for_nobody(tmp_path: Path) -> None:
    desk = Desk(tmp_path, new_per_day=0)
    first, second = copies_of_one_declaration(desk, 2)
    assert desk.post(first, second) == []
    desk.store.close()


def test_a_copy_gets_its_own_message_once_the_first_is_closed(desk: Desk) -> None:
    first, second = copies_of_one_declaration(desk, 2)
    assert desk.post(first) == [first.finding.uid]
    closed = replace(first, finding=replace(first.finding, status=Status.FIXED))
    desk.store.save_card(closed)
    assert desk.post(second) == [second.finding.uid]


def test_a_posted_finding_is_always_updated(desk: Desk) -> None:
    card = finding_card(hygiene=True, status=Status.SNOOZED)
    remember(desk.store, card)
    posted(desk.store)
    assert desk.post(card) == [UID]


def test_a_pause_posts_nothing_new(desk: Desk) -> None:
    remember(desk.store, finding_card())
    desk.store.put("paused", "1")
    desk.chat.post_summary(scan_summary(), [])
    desk.chat.announce("hello")
    desk.chat.say(UID, "hello")
    assert desk.post(finding_card()) == []
    assert desk.queued() == []


def test_shadow_sends_everything_to_the_admin_only(tmp_path: Path) -> None:
    desk = Desk(tmp_path, shadow=True)
    remember(desk.store, finding_card())
    desk.chat.post_summary(scan_summary(), [finding_card()])
    desk.chat.say(UID, "word")
    desk.chat.announce("word")
    queued = desk.queued()
    assert len(queued) == 4
    assert {message.channel for message in queued} == {ADMIN}
    assert "Shadow: this would have been posted" in str(queued[0].body)
    desk.store.close()


def test_a_scheduled_scan_without_news_says_nothing(desk: Desk) -> None:
    desk.chat.post_summary(scan_summary(is_baseline=False, new=0), [])
    assert desk.queued() == []
    desk.chat.post_summary(scan_summary(is_baseline=False, new=0), [], channel="C0ASKED")
    assert [message.channel for message in desk.queued()] == ["C0ASKED"]


def test_saying_something_posts_the_finding_first(desk: Desk) -> None:
    remember(desk.store, finding_card(hygiene=True))
    desk.chat.say(UID, "merged <!here>")
    card, words = desk.queued()
    assert card.subject == UID
    assert words.body["_thread_of"] == UID
    assert "`&lt;!here&gt;`" in str(words.body)
