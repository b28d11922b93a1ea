"""Act as people in a workspace from Python: for tests and for the scripted demo.

    driver = Driver(workspace.base_url)
    driver.slash("dana", "#plumbline-findings", "/plumb scan")
    message = driver.wait_for(lambda: driver.messages("#plumbline-findings"), 10)[0]
    driver.click("dana", "#plumbline-findings", message["ts"], "review_fix")

People are named by id or name ("dana"), channels by id, "#name", or "@plumb" for the direct
conversation with the app. Reading never changes what is unread.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

T = TypeVar("T")
Message = dict[str, Any]
View = dict[str, Any]

ANYBODY = "dana"
"""Whose eyes `messages` uses where no person is named: she is in every seeded channel."""
POLL_S = 0.05
TIMEOUT_S = 30.0


class Refused(Exception):
    """The workspace refused; `code` is Slack's word for why."""

    def __init__(self, code: str, body: Mapping[str, Any]) -> None:
        super().__init__(f"{code}: {body.get('detail', '')}".rstrip(": "))
        self.code = code
        self.body = body


class Driver:
    """One verb a method. Raises: Refused where Slack would not let a person do it."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")

    # acting
    def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> str:
        """Post a message ("@plumb why" mentions the app); return its ts."""
        return str(
            self._act("say", user=user, channel=channel, text=text, thread_ts=thread_ts)["ts"]
        )

    def slash(
        self, user: str, channel: str, command_text: str, thread_ts: str | None = None
    ) -> None:
        """Run a slash command; return once the app acknowledged it."""
        self._act("slash", user=user, channel=channel, text=command_text, thread_ts=thread_ts)

    def click(
        self, user: str, channel: str, ts: str, action_id: str, value: str | None = None
    ) -> None:
        """Use a button of a message, or choose `value` in its menu."""
        self._act("click", user=user, channel=channel, ts=ts, action_id=action_id, value=value)

    def click_view(
        self,
        user: str,
        view_id: str,
        action_id: str,
        value: Any = None,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        """Use a button or menu of a modal or Home tab; `values` is what else stands in the form."""
        self._act(
            "click", user=user, view_id=view_id, action_id=action_id, value=value, values=values
        )

    def submit(
        self, user: str, view_id: str, values: Mapping[str, Any] | None = None
    ) -> dict[str, str]:
        """Submit a modal with raw values by action id or block id; return refused inputs.

        Values are text, an option's value, a list of them for checkboxes, or a date. What is not
        named keeps its initial value. The result maps block ids to sentences; empty means taken.
        """
        answer = self._act("submit", user=user, view_id=view_id, values=dict(values or {}))
        return dict(answer.get("errors", {}))

    def close_view(self, user: str, view_id: str) -> None:
        """Close a modal."""
        self._act("close", user=user, view_id=view_id)

    def open_home(self, user: str) -> None:
        """Open the app's Home tab."""
        self._act("home", user=user)

    def invite_app(self, user: str, channel: str) -> None:
        """Add the app to a channel."""
        self._act("invite", user=user, channel=channel)

    def disconnect_app(self, reason: str = "refresh_requested") -> int:
        """Ask the app to reconnect, as Slack does; return how many connections there were."""
        return int(self._act("disconnect", user=ANYBODY, reason=reason)["connections"])

    def replay(self, index: int = -1) -> dict[str, Any]:
        """Deliver a past delivery again, unchanged; return `failure` and `answer`."""
        return self._act("replay", user=ANYBODY, index=index)

    # reading
    def open_views(self, user: str) -> list[View]:
        """List the modals a person has open, the topmost last."""
        return list(self.state(user)["views"])

    def messages(self, channel: str, user: str = ANYBODY) -> list[Message]:
        """List a channel's main messages, oldest first, without ephemeral ones."""
        return [
            m for m in self._messages(channel, user) if not m["is_reply"] and not m["ephemeral_to"]
        ]

    def thread(self, channel: str, ts: str, user: str = ANYBODY) -> list[Message]:
        """List a thread, its first message first, without ephemeral ones."""
        rows = [m for m in self._messages(channel, user) if not m["ephemeral_to"]]
        return [m for m in rows if ts in {m["ts"], m.get("thread_ts")}]

    def ephemerals(self, user: str, channel: str = "") -> list[Message]:
        """List what only this person sees, in one channel or in all of theirs."""
        places = [channel] if channel else [c["id"] for c in self.state(user)["channels"]]
        return [m for place in places for m in self._messages(place, user) if m["ephemeral_to"]]

    def home(self, user: str) -> View | None:
        """Return a person's Home tab as the app published it last."""
        found = self.state(user)["home"]
        return dict(found) if found else None

    def notes(self) -> list[str]:
        """List remarks about what Slack takes but a careful app would not send."""
        return list(self.state(ANYBODY)["notes"])

    def deliveries(self) -> list[dict[str, Any]]:
        """List what was delivered to the app: kind, payload, attempt, failure, answer."""
        return list(self._get("deliveries")["deliveries"])

    def is_connected(self) -> bool:
        """Whether an app is reachable."""
        return bool(self.state(ANYBODY)["is_connected"])

    def state(self, user: str) -> dict[str, Any]:
        """Return everything a person's page knows except messages."""
        return self._get("state", {"as": user})

    def wait_for(self, predicate: Callable[[], T], timeout_s: float = 10.0) -> T:
        """Ask until the answer is true; return it. Raises: TimeoutError."""
        deadline = time.monotonic() + timeout_s
        while True:
            if found := predicate():
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing came within {timeout_s} s")
            time.sleep(POLL_S)

    # plumbing
    def _messages(self, channel: str, user: str) -> list[Message]:
        return list(self._get("messages", {"as": user, "channel": channel})["messages"])

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        return _answer(Request(f"{self.base_url}/sandbox/{path}?{urlencode(query or {})}"))  # noqa: S310 - our own server

    def _act(self, verb: str, **body: Any) -> dict[str, Any]:
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        return _answer(Request(f"{self.base_url}/sandbox/act/{verb}", data=data, headers=headers))  # noqa: S310 - our own server


def _answer(request: Request) -> dict[str, Any]:
    try:
        with urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310 - our own server
            body: dict[str, Any] = json.loads(response.read())
    except HTTPError as error:
        with error:
            raise Refused(f"http_{error.code}", {"detail": error.read().decode()}) from None
    if not body["ok"]:
        raise Refused(str(body["error"]), body)
    return body
