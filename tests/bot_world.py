"""What the bot's tests share: signed requests, a bot over a fresh store, and made-up findings."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier

from app.store import SqliteStore
from bot import BotContext, BotSettings, create_app
from bot.context import believed, nothing, nothing_scanned, nothing_withheld
from core.compliance import Report
from core.types import (
    EMPTY,
    Assessment,
    Basis,
    Card,
    Contribution,
    CostImpact,
    DecisionKind,
    Evidence,
    Explanation,
    Finding,
    FixPlan,
    Person,
    Proof,
    ScanSummary,
    Severity,
    Snapshot,
    Status,
)
from core.why import Why
from tests.slack_recorder import ADMIN, DANA, Recorder

NOW = datetime(2026, 11, 22, 13, 32, tzinfo=UTC)
CHANNEL = "C0FINDINGS"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
UID = "0123456789abcdef01234567"
TS = "1763818320.000100"


@dataclass
class Time:
    """A clock that moves when told."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **duration: float) -> None:
        self.now += timedelta(**duration)


def settings(recorder: Recorder, **changes: Any) -> BotSettings:
    """Return settings that point at the recorder."""
    usual = BotSettings(
        channel=CHANNEL,
        bot_token="xoxb-made-up",
        app_token="xapp-made-up",
        signing_secret=SECRET,
        api_url=recorder.url,
        admin=ADMIN,
        zone="Europe/Zurich",
    )
    return replace(usual, **changes)


@dataclass
class Bot:
    """A real Bolt app over a real store, with a recorder in Slack's place."""

    app: App
    store: SqliteStore
    slack: Recorder
    clock: Time
    settings: BotSettings
    _turn: int = 0

    def command(self, text: str, *, user: str = DANA, **changes: Any) -> BoltResponse:
        """Send a slash command and wait until it is answered."""
        body = {
            "command": "/plumb",
            "text": text,
            "user_id": user,
            "user_name": "dana",
            "team_id": "T0TEAM",
            "channel_id": CHANNEL,
            "trigger_id": self.turn(),
            "response_url": f"{self.slack.url}respond",
            **changes,
        }
        return self.send(urlencode(body))

    def click(
        self, action_id: str, value: str = UID, *, user: str = DANA, **changes: Any
    ) -> BoltResponse:
        """Click a button of a finding's message."""
        action = {"type": "button", "action_id": action_id, "block_id": "b", "value": value}
        return self.act(action, user=user, **changes)

    def choose(self, value: str, *, user: str = DANA) -> BoltResponse:
        """Choose from a finding's overflow menu."""
        action = {
            "type": "overflow",
            "action_id": "finding.more",
            "block_id": "b",
            "selected_option": {"value": value},
        }
        return self.act(action, user=user)

    def act(self, action: Mapping[str, Any], *, user: str = DANA, **changes: Any) -> BoltResponse:
        body = {
            "type": "block_actions",
            "user": {"id": user, "name": "dana", "team_id": "T0TEAM"},
            "team": {"id": "T0TEAM"},
            "trigger_id": self.turn(),
            "channel": {"id": CHANNEL},
            "container": {"type": "message", "message_ts": TS, "channel_id": CHANNEL},
            "response_url": f"{self.slack.url}respond",
            "actions": [action],
            **changes,
        }
        return self.interact(body)

    def submit(
        self, view: Mapping[str, Any], values: Mapping[str, str] = EMPTY, *, user: str = DANA
    ) -> dict[str, Any]:
        """Submit a modal; return what the bot answers."""
        state = {name: {name: _entered(value)} for name, value in values.items()}
        body = {
            "type": "view_submission",
            "user": {"id": user, "name": "dana", "team_id": "T0TEAM"},
            "team": {"id": "T0TEAM"},
            "trigger_id": self.turn(),
            "view": {**view, "id": "V0OPENED", "state": {"values": state}},
        }
        answer = self.interact(body)
        document: dict[str, Any] = json.loads(answer.body) if answer.body else {}
        return document

    def mention(self, text: str, *, user: str = DANA, thread_ts: str = TS) -> BoltResponse:
        """Mention the bot, in a thread unless told."""
        event = {
            "type": "app_mention",
            "user": user,
            "text": f"<@U0BOT> {text}",
            "ts": "1763818500.000001",
            "channel": CHANNEL,
            **({"thread_ts": thread_ts} if thread_ts else {}),
        }
        return self.event(event)

    def event(self, event: Mapping[str, Any], event_id: str = "") -> BoltResponse:
        body = {
            "type": "event_callback",
            "team_id": "T0TEAM",
            "event_id": event_id or f"Ev{self.turn()}",
            "event": event,
        }
        return self.send(json.dumps(body), content_type="application/json")

    def interact(self, body: Mapping[str, Any]) -> BoltResponse:
        return self.send(urlencode({"payload": json.dumps(body)}))

    def send(
        self, raw: str, *, content_type: str = "application/x-www-form-urlencoded"
    ) -> BoltResponse:
        """Send a signed request and wait until every listener has finished."""
        answer = self.app.dispatch(BoltRequest(body=raw, headers=signed(raw, content_type)))
        self.rest()
        return answer

    def rest(self) -> None:
        """Wait until no listener works any more."""
        executor = self.app.listener_runner.listener_executor
        gate = threading.Barrier(executor._max_workers + 1)  # type: ignore[attr-defined]
        for _ in range(executor._max_workers):  # type: ignore[attr-defined]
            executor.submit(gate.wait, 10)
        gate.wait(10)

    def turn(self) -> str:
        self._turn += 1
        return f"{self._turn}.{time.monotonic_ns()}"

    def told(self) -> str:
        """Return everything said to one person only, as one text."""
        return json.dumps([*self.slack.of("respond"), *self.slack.of("chat.postEphemeral")])

    def opened(self) -> dict[str, Any]:
        """Return the modal that was opened last."""
        view: dict[str, Any] = self.slack.of("views.open")[-1]["view"]
        return view

    def decided(self) -> list[DecisionKind]:
        """Return what was decided about the one finding."""
        return [decision.kind for decision in self.store.decisions(UID)]

    def jobs(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Take every job that is due."""
        found = []
        while job := self.store.claim_job(lease_s=60):
            found.append((job.kind, job.payload))
        return found


def signed(
    raw: str, content_type: str, *, at: float | None = None, secret: str = SECRET
) -> dict[str, Any]:
    """Return the headers of a request that Slack signed."""
    timestamp = str(int(time.time() if at is None else at))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=raw)
    return {
        "content-type": [content_type],
        "x-slack-request-timestamp": [timestamp],
        "x-slack-signature": [str(signature)],
    }


def _entered(value: str) -> dict[str, Any]:
    return {"value": value, "selected_option": {"value": value}}


@contextmanager
def bot(
    path: Path,
    recorder: Recorder,
    *,
    offer: Callable[[Card], str] = nothing,
    compliance: Callable[[str], Report] = nothing_scanned,
    doubt: Callable[[Person, Card], str] = believed,
    explain: Callable[[Card], Why] = lambda card: Why("Because.", card.finding.title),
    withholding: Callable[[], tuple[str, ...]] = nothing_withheld,
    **changes: Any,
) -> Iterator[Bot]:
    """Run a bot over a fresh store."""
    clock = Time()
    store = SqliteStore(path / "plumbline.db", clock=clock)
    chosen = settings(recorder, **changes)
    context = BotContext(
        store,
        clock,
        chosen,
        explain=explain,
        offer=offer,
        compliance=compliance,
        doubt=doubt,
        withholding=withholding,
    )
    app = create_app(context)
    recorder.calls.clear()
    try:
        yield Bot(app, store, recorder, clock, chosen)
    finally:
        app.listener_runner.listener_executor.shutdown()
        store.close()


def remember(store: SqliteStore, *cards: Card) -> None:
    """Store findings as a scan would."""
    snapshot = Snapshot(f"scan{NOW.timestamp()}", NOW, ())
    store.record_scan(snapshot, cards)


def posted(store: SqliteStore, uid: str = UID, ts: str = TS) -> None:
    """Make a finding's message known at a place in Slack."""
    from core.ports import OutboxMessage

    store.queue_message(OutboxMessage(f"post-{uid}", CHANNEL, "chat.postMessage", {}, 0, uid))
    store.message_sent(f"post-{uid}", ts=ts)


# ── made-up findings ──────────────────────────────────────────────────────────


def finding_card(uid: str = UID, **changes: Any) -> Card:
    """Return an open finding with everything a message can show."""
    finding = Finding(
        uid=uid,
        check_id="lambda-url-auth",
        control="lambda-url-auth",
        title="Function URLs require authentication",
        severity=changes.pop("severity", Severity.CRITICAL),
        resource_uid=changes.pop("resource_uid", f"arn:aws:lambda:eu-west-1:1:function:{uid}"),
        resource_type="AWS::Lambda::Url",
        resource_name=changes.pop("resource_name", "orders-export"),
        evidence=changes.pop(
            "evidence",
            Evidence("anyone on the internet can call it: AuthType NONE", locations=("AuthType",)),
        ),
        account="123456789012",
        region="eu-west-1",
        owner=changes.pop("owner", "team-orders"),
        remediation="Set AuthType to AWS_IAM.",
        policy_commit="a1b2c3d4e5f6",
        first_seen=changes.pop("first_seen", NOW),
        last_seen=changes.pop("last_seen", NOW),
        hygiene=changes.pop("hygiene", False),
        status=changes.pop("status", Status.OPEN),
    )
    usual = Card(
        finding=finding,
        assessment=assessment(uid),
        fix_available=True,
        environment="prod",
        open_for_owner=35,
        not_checked=("code may verify callers itself",),
    )
    return replace(usual, **changes)


def assessment(uid: str = UID, risk: float = 87.0) -> Assessment:
    """Return an assessment with three reasons."""
    contributions = (
        Contribution("authentication", 0.0, 1.9, "nobody has to log in"),
        Contribution("sensitivity", 2.0, 1.2, "personal data can be read"),
        Contribution("environment", 1.0, 0.8, "it is production"),
    )
    cost = CostImpact(Decimal("4.10"), Decimal(0), Basis.MEASURED)
    return Assessment(uid, risk, None, Explanation(2.8, -1.1, contributions), cost, "prior-1")


DIFF = "--- a/template.yaml\n+++ b/template.yaml\n@@ -68 +68 @@\n-        AuthType: NONE\n+        AuthType: AWS_IAM\n"


def fix_plan(uid: str = UID, **changes: Any) -> FixPlan:
    """Return a plan that is valid for an hour."""
    usual = FixPlan(
        digest="9f3c" + "0" * 58 + "e1",
        finding_uid=uid,
        check_id="lambda-url-auth",
        repository="acme/orders",
        base_branch="main",
        base_commit="c0ffee",
        changes=(),
        diff=DIFF,
        summary="Require signed requests",
        proofs=(Proof("template lints", True), Proof("callers keep working", False)),
        created_at=NOW,
        valid_until=NOW + timedelta(hours=1),
        may_break=("1,284 requests in 14 days; callers must sign",),
        cost_delta=Decimal(0),
        risk_before=87.0,
        risk_after=12.0,
    )
    return replace(usual, **changes)


def scan_summary(**changes: Any) -> ScanSummary:
    """Return a summary of a scan that found something new."""
    usual = ScanSummary(
        scan_uid="scan-1",
        started_at=NOW - timedelta(seconds=21),
        finished_at=NOW,
        resources=312,
        by_severity={"critical": 2, "high": 33},
        hygiene=260,
        undecided=9,
        new=35,
        fixed=0,
        gaps=(),
        top=(UID,),
        is_baseline=True,
        api_calls=400,
    )
    return replace(usual, **changes)
