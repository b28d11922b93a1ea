"""Play the loop without a person: scan, explain, approve, merge, deploy, verify, learn, refuse."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.request import Request, urlopen

from app.demo.stage import Stage
from app.store import SqliteStore, audit
from app.world import utc_now
from bot.ids import Action, Field, View
from core.errors import PlumblineError
from sandbox.slack import Driver

T = TypeVar("T")
Message = Mapping[str, Any]
_WAIT_S = 90.0
_SCAN_WAIT_S = 180.0


class StepFailed(PlumblineError):
    """A step of the scripted loop did not hold."""


@dataclass
class Play:
    """The scripted people and what they have seen so far."""

    stage: Stage
    say: Callable[[str], None]
    driver: Driver = field(init=False)
    started: float = field(default_factory=time.monotonic)
    steps: int = 0

    def __post_init__(self) -> None:
        self.driver = Driver(self.stage.page_url)

    # ── the steps ─────────────────────────────────────────────────────────────

    def run(self) -> None:
        """Play every step. Raises: StepFailed naming the first that did not hold."""
        self._baseline()
        ts = self._why()
        fixed_uid = self._approve(ts)
        self._false_positive(fixed_uid)
        self._refuse_guest()
        self._audit()

    def _baseline(self) -> None:
        messages = self._until(
            "the first scan posts its summary", lambda: self._messages() or None, _SCAN_WAIT_S
        )
        self._held("scan", _first_line(messages[0]))
        cards = self._until("findings are posted", self._settled_cards, _WAIT_S)
        self._held("findings", f"{len(cards)} posted, riskiest first: {_first_line(cards[0])}")

    def _settled_cards(self) -> list[dict[str, Any]] | None:
        """Return the cards once no message is on its way; they leave one a second."""
        store = self._store()
        waiting = store.waiting_messages()
        store.close()
        return None if waiting else self._cards() or None

    def _why(self) -> str:
        ts = str(self._cards()[0]["ts"])
        before = len(self.driver.ephemerals("dana"))
        self.driver.click("dana", self.stage.channel, ts, Action.WHY)
        said = self._until(
            "Why? is answered", lambda: self.driver.ephemerals("dana")[before:] or None, _WAIT_S
        )
        self._held("why", _first_line(said[0]))
        return ts

    def _approve(self, first: str) -> str:
        """Approve the first posted fix that has a plan; follow it to "fixed, verified"."""
        for card in self._cards():
            ts = str(card["ts"])
            if not _has_action(card, Action.REVIEW):
                continue
            view = self._reviewed(ts)
            if view is None:
                continue
            self._held("plan", _view_text(view))
            self.driver.submit("dana", view["id"], _callers(view))
            return self._followed(ts)
        raise StepFailed(f"No posted finding had a plan (the first was {first}).")

    def _reviewed(self, ts: str) -> Mapping[str, Any] | None:
        self.driver.click("dana", self.stage.channel, ts, Action.REVIEW)
        view = self._until("the review modal is filled", self._settled_view, _WAIT_S)
        if view["callback_id"] == View.REVIEW:
            return view
        self.say(f"            no plan: {_view_text(view)}")
        self.driver.close_view("dana", str(view["id"]))
        return None

    def _settled_view(self) -> Mapping[str, Any] | None:
        views = self.driver.open_views("dana")
        if views and views[-1]["callback_id"] != View.PREPARING:
            return views[-1]
        return None

    def _followed(self, ts: str) -> str:
        store = self._store()
        uid = store.subject_of(self.stage.channel, ts) or ""
        fix = self._until(
            "the pull request opens",
            lambda: fix if (fix := store.card(uid).fix) and fix.pull_request else None,
            _WAIT_S,
        )
        pull = fix.pull_request
        assert pull  # noqa: S101  # the wait above ended with one
        self._held("commit", f"{fix.commit[:10]} signed; pull request {pull.url}")
        self._merge(pull.number)
        self._until("the fix is verified", lambda: _says(self._at(ts), "verified"), _WAIT_S)
        self._held("verified", _first_line(self._at(ts)))
        store.close()
        return uid

    def _merge(self, number: int) -> None:
        answer = self._forge(f"api/pulls/{number}/merge", {"by": "priya"})
        self._held("merge", f"{answer['state']} by priya as {str(answer['merge_commit'])[:10]}")

    def _false_positive(self, but: str) -> None:
        store = self._store()
        cards = [
            each
            for each in self._cards()
            if _has_action(each, Action.FALSE_POSITIVE)
            and store.subject_of(self.stage.channel, str(each["ts"])) != but
        ]
        ts = str(cards[-1]["ts"])
        self.driver.click("omar", self.stage.channel, ts, Action.FALSE_POSITIVE)
        view = self._until(
            "the false-positive form opens",
            lambda: next(iter(self.driver.open_views("omar")[-1:]), None),
            _WAIT_S,
        )
        errors = self.driver.submit("omar", view["id"], _filled(view))
        if errors:
            raise StepFailed(f"The false-positive form was refused: {errors}.")
        said = self._until(
            "the model retrains", lambda: self._thread_says(ts, "of them simulated"), _WAIT_S
        )
        self._held("retrained", str(said["text"]))
        store.close()

    def _refuse_guest(self) -> None:
        open_cards = [each for each in self._cards() if _has_action(each, Action.FALSE_POSITIVE)]
        ts = str(open_cards[0]["ts"])
        before = len(self.driver.ephemerals("guest"))
        self.driver.click("guest", self.stage.channel, ts, Action.FALSE_POSITIVE)
        said = self._until(
            "the guest is refused",
            lambda: self.driver.ephemerals("guest")[before:] or None,
            _WAIT_S,
        )
        self._held("refused", _first_line(said[0]))

    def _audit(self) -> None:
        store = self._store()
        count = audit.verify(store.audit_records())
        store.close()
        self._held("audit", f"{count} records verify")

    # ── looking ───────────────────────────────────────────────────────────────

    def _store(self) -> SqliteStore:
        return SqliteStore(self.stage.home / "plumbline.db", clock=utc_now)

    def _messages(self) -> list[dict[str, Any]]:
        return self.driver.messages(self.stage.channel)

    def _cards(self) -> list[dict[str, Any]]:
        return [each for each in self._messages() if _has_action(each, Action.WHY)]

    def _at(self, ts: str) -> Message:
        return next(each for each in self._messages() if each["ts"] == ts)

    def _thread_says(self, ts: str, word: str) -> Message | None:
        thread = self.driver.thread(self.stage.channel, ts)
        return next((each for each in thread[1:] if word in str(each["text"])), None)

    def _forge(self, path: str, body: Mapping[str, str]) -> dict[str, Any]:
        request = Request(  # noqa: S310  # our own server on loopback
            f"{self.stage.forge_url}/{path}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urlopen(request, timeout=_WAIT_S) as answer:  # noqa: S310  # as above
            document: dict[str, Any] = json.load(answer)
            return document

    def _until(self, what: str, look: Callable[[], T | None], timeout_s: float) -> T:
        try:
            return self.driver.wait_for(look, timeout_s)  # type: ignore[return-value]
        except TimeoutError as error:
            raise StepFailed(f"Waited {timeout_s:.0f} s, but {what} did not happen.") from error

    def _held(self, step: str, told: str) -> None:
        self.steps += 1
        at = time.monotonic() - self.started
        self.say(f"{at:6.1f} s  {step:10} {told}")


def _first_line(message: Message) -> str:
    text = str(message.get("text", "")).strip() or "(no text)"
    return text.splitlines()[0]


def _says(message: Message, word: str) -> bool:
    return word in json.dumps(message.get("blocks") or []) or word in str(message.get("text", ""))


def _has_action(message: Message, action: Action) -> bool:
    for block in message.get("blocks") or ():
        if any(each.get("action_id") == action for each in block.get("elements", ())):
            return True
    return False


def _view_text(view: Mapping[str, Any]) -> str:
    body = view.get("body", view)
    first = next(block for block in body["blocks"] if block["type"] == "section")
    return str(first["text"]["text"]).replace("\n", " ")


def _callers(view: Mapping[str, Any]) -> dict[str, str]:
    blocks = view.get("body", view)["blocks"]
    asked = any(block.get("block_id") == Field.WHO_CALLS for block in blocks)
    return {Field.WHO_CALLS.value: "signed_clients"} if asked else {}


def _filled(view: Mapping[str, Any]) -> dict[str, str]:
    """Fill each input of a form: the first choice, or a reason."""
    values = {}
    for block in view.get("body", view)["blocks"]:
        if block["type"] != "input":
            continue
        options = block["element"].get("options")
        values[str(block["block_id"])] = (
            str(options[0]["value"]) if options else "Checked by hand: intended (scripted demo)"
        )
    return values
