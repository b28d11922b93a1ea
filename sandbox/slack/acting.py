"""What people do in the workspace: say, command, click, fill in, open. Used by page and driver."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.slack import api_chat, api_views, forms, payloads
from sandbox.slack.delivery import COMMANDS, INTERACTIVE, Answer, Delivery
from sandbox.slack.state import (
    BOT_USER_ID,
    TEAM_ID,
    Change,
    Channel,
    Json,
    Message,
    Person,
    ResponseUrl,
    SlackError,
    State,
    View,
)
from sandbox.slack.web_api import Context

_HANDLE = re.compile(r"(?<![\w&;@])@([\w.-]*\w)")
_PLACE = re.compile(r"(?<![\w&;#/])#([\w-]*\w)")
_MENTION = re.compile(r"&lt;@(\w+)&gt;")

FAILURES = {
    "timeout": "operation_timeout",
    "not_connected": "dispatch_failed",
    "connection_failed": "dispatch_failed",
    "error": "dispatch_failed",
}
"""Slack's words for an app that did not answer well."""
READ_ONLY = "Sending messages to this app has been turned off."


def as_typed(state: State, text: str) -> str:
    """Return typed text as Slack stores it: escaped, with @names and #channels as references."""
    out = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    people = {p.name: p.id for p in state.people.values()}
    groups = {g.handle: g.id for g in state.groups.values()}
    places = {c.name: c for c in state.channels.values() if c.name}

    def mention(match: re.Match[str]) -> str:
        handle = match[1].lower()
        if handle in people:
            return f"<@{people[handle]}>"
        return f"<!subteam^{groups[handle]}>" if handle in groups else match[0]

    def place(match: re.Match[str]) -> str:
        found = places.get(match[1].lower())
        return f"<#{found.id}|{found.name}>" if found else match[0]

    out = _PLACE.sub(place, _HANDLE.sub(mention, out))
    return _MENTION.sub(lambda m: f"<@{m[1]}>" if m[1] in state.people else m[0], out)


class Acting:
    """The verbs, each done as one person."""

    def __init__(self, context: Context, delivery: Delivery) -> None:
        self.context, self.delivery, self.state = context, delivery, context.state

    def place(self, person: Person, where: str) -> Channel:
        """Find a channel as a person names it; the app's name means their direct conversation."""
        if where.removeprefix("@") in {self.state.bot_name, BOT_USER_ID}:
            return self.state.open_im(person.id)
        return self.state.channel(where, seen_by=person.id)

    def say(self, person: Person, channel: Channel, text: str, *, thread_ts: str = "") -> Message:
        """Post a message; the app hears it where it was mentioned or subscribed.

        Raises: SlackError not_in_channel, no_text, message_not_found.
        """
        if person.id not in channel.members:
            raise SlackError("not_in_channel")
        if not text.strip():
            raise SlackError("no_text")
        if channel.is_im and self.state.is_dm_read_only:
            raise SlackError("restricted_action_read_only_channel", detail=READ_ONLY)
        if thread_ts:
            parent = self.state.message(channel.id, thread_ts)
            thread_ts = parent.thread_ts or parent.ts
        message = Message(
            channel.id,
            self.state.next_ts(),
            person.id,
            as_typed(self.state, text),
            thread_ts=thread_ts,
        )
        api_chat.post(self.context, message)
        if (
            f"<@{BOT_USER_ID}>" in message.text
            and BOT_USER_ID in channel.members
            and not channel.is_im
        ):
            self.delivery.emit(self._mention(message))
        return message

    def _mention(self, message: Message) -> Json:
        event: Json = {
            "type": "app_mention",
            "user": message.user,
            "text": message.text,
            "ts": message.ts,
            "team": TEAM_ID,
            "channel": message.channel,
            "event_ts": message.ts,
        }
        return event | ({"thread_ts": message.thread_ts} if message.is_reply else {})

    async def slash(
        self, person: Person, channel: Channel, line: str, *, thread_ts: str = ""
    ) -> Json:
        """Run a slash command; what it answers is shown to the person.

        Raises: SlackError not_supported_in_thread, unknown_command, operation_timeout,
        dispatch_failed.
        """
        command, _, text = line.strip().partition(" ")
        if command == "/invite" and text.strip() == f"@{self.state.bot_name}":
            return self.invite_app(person, channel)
        if command not in {known.name for known in self.state.commands}:
            raise SlackError("unknown_command", detail=f"{command} is not a valid command.")
        if thread_ts:
            # https://docs.slack.dev/interactivity/implementing-slash-commands: not in threads.
            raise SlackError(
                "not_supported_in_thread", detail=f"{command} is not supported in threads. Sorry!"
            )
        url = api_chat.new_response_url(self.context, channel=channel.id, user=person.id)
        form = payloads.slash_form(
            person=person, channel=channel, command=command, text=text.strip(),
            token=self.delivery.verification_token, response_url=url,
            trigger=self.state.new_trigger(person.id),
        )  # fmt: skip
        answer = await self._delivered(COMMANDS, dict(form))
        if answer.payload:
            body = (
                answer.payload
                if isinstance(answer.payload, dict)
                else {"text": str(answer.payload)}
            )
            self._answer_in(ResponseUrl(channel.id, person.id, 0), body)
        return {}

    def _answer_in(self, handle: ResponseUrl, body: Json) -> None:
        try:
            api_chat.answer_in(self.context, handle, body)
        except SlackError as error:
            # Slack shows nothing of an answer it refuses; we say so where tests and people look.
            self.state.note(
                f"Slack would drop this answer: {error.code} {error.extra.get('errors', '')}"
            )

    async def _delivered(self, kind: str, payload: Json) -> Answer:
        answer = await self.delivery.send(kind, payload)
        if answer.failure:
            code = FAILURES[answer.failure]
            raise SlackError(code, detail=f"{self.state.app_name} did not answer ({code}).")
        return answer

    async def click(
        self,
        person: Person,
        message: Message,
        *,
        action_id: str,
        value: Any = None,
        block_id: str = "",
    ) -> Json:
        """Use a button, menu or picker of a message. Raises: SlackError action_not_found and kin."""
        block, element = _find(message.blocks or [], action_id, block_id=block_id, value=value)
        values = forms.initial_values(message.blocks or [])
        action = forms.action(block, element, value=value, ts=self.state.next_ts())
        url = api_chat.new_response_url(
            self.context, channel=message.channel, user=person.id, ts=message.ts,
            thread_ts=message.thread_ts,
        )  # fmt: skip
        payload = payloads.message_action(
            self.state, person=person, message=message, action=action, values=values,
            token=self.delivery.verification_token, response_url=url,
            trigger=self.state.new_trigger(person.id), origin=self.context.origin,
        )  # fmt: skip
        await self._delivered(INTERACTIVE, payload)
        return {}

    async def click_view(  # noqa: PLR0913 - what a click in a form carries
        self,
        person: Person,
        view: View,
        *,
        action_id: str,
        value: Any = None,
        block_id: str = "",
        values: Mapping[str, Any] | None = None,
    ) -> Json:
        """Use a button, menu or picker of a modal or Home tab."""
        _own(view, person)
        blocks = view.body["blocks"]
        forms.fill(view.values, blocks, values or {})
        block, element = _find(blocks, action_id, block_id=block_id, value=value)
        action = forms.action(block, element, value=value, ts=self.state.next_ts())
        if element["type"] not in {"button", "overflow"}:
            forms.fill(view.values, blocks, {action_id: value})
        trigger = self.state.new_trigger(person.id)
        payload = payloads.view_action(
            person=person,
            view=view,
            action=action,
            token=self.delivery.verification_token,
            trigger=trigger,
        )
        await self._delivered(INTERACTIVE, payload)
        return {}

    async def submit(self, person: Person, view: View, values: Mapping[str, Any]) -> Json:
        """Submit a modal; the result holds `errors` when Slack or the app refuses an input."""
        _own(view, person)
        forms.fill(view.values, view.body["blocks"], values)
        if faults := forms.faults(view.body["blocks"], view.values):
            return {"errors": faults}
        payload = payloads.view_submission(
            person=person, view=view, token=self.delivery.verification_token,
            trigger=self.state.new_trigger(person.id),
        )  # fmt: skip
        answer = await self._delivered(INTERACTIVE, payload)
        return self._follow(view, answer.payload if isinstance(answer.payload, dict) else {})

    def _follow(self, view: View, asked: Json) -> Json:
        """Do what a view_submission's acknowledgement asks (see <https://docs.slack.dev/surfaces/modals>)."""
        kind = asked.get("response_action")
        if kind == "errors":
            known = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
            errors = asked.get("errors")
            if not isinstance(errors, dict) or not errors or not set(errors) <= known:
                raise SlackError(
                    "invalid_response", detail="errors must name block ids of input blocks"
                )
            return {"errors": errors}
        if kind == "update":
            body = api_views.checked_view(
                self.state, asked.get("view"), kind="modal", replaces=view.id
            )
            api_views.replace(self.state, view, body)
        elif kind == "push":
            api_views.push(
                self.state,
                view.user,
                api_views.checked_view(self.state, asked.get("view"), kind="modal"),
            )
        elif kind == "clear":
            self._drop(view, everything=True)
        elif kind:
            raise SlackError("invalid_response", detail=f"unknown response_action {kind}")
        else:
            self._drop(view, everything=False)
        return {}

    def _drop(self, view: View, *, everything: bool) -> None:
        stack = self.state.stacks.get(view.user, [])
        self.state.stacks[view.user] = [] if everything else [v for v in stack if v is not view]
        self.state.publish(Change("view", user=view.user))

    async def close(self, person: Person, view: View) -> Json:
        """Close a modal; the app hears of it where it asked to."""
        _own(view, person)
        is_cleared = bool(view.body.get("clear_on_close"))
        self._drop(view, everything=is_cleared)
        if view.body.get("notify_on_close"):
            payload = payloads.view_closed(
                person=person,
                view=view,
                token=self.delivery.verification_token,
                is_cleared=is_cleared,
            )
            await self._delivered(INTERACTIVE, payload)
        return {}

    def open_home(self, person: Person, *, tab: str = "home") -> Json:
        """Open the app's Home (or Messages) tab."""
        channel = self.state.open_im(person.id)
        event: Json = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": channel.id,
            "tab": tab,
            "event_ts": self.state.next_ts(),
        }
        home = self.state.homes.get(person.id)
        if home and tab == "home":
            event["view"] = payloads.view_json(home)
        self.delivery.emit(event)
        return {}

    def invite_app(self, person: Person, channel: Channel) -> Json:
        """Add the app to a channel."""
        if person.id not in channel.members:
            raise SlackError("not_in_channel")
        if BOT_USER_ID not in channel.members:
            channel.members.append(BOT_USER_ID)
            self.state.publish(Change("channel", channel.id))
            self.delivery.emit(
                {
                    "type": "member_joined_channel",
                    "user": BOT_USER_ID,
                    "channel": channel.id,
                    "channel_type": "G" if channel.is_private else "C",
                    "team": TEAM_ID,
                    "inviter": person.id,
                    "event_ts": self.state.next_ts(),
                }
            )
        return {}


def _own(view: View, person: Person) -> None:
    if view.user != person.id:
        raise SlackError("not_found")


def _find(
    blocks: list[Json], action_id: str, *, block_id: str, value: Any
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Find what was used: by action id, and where that is not unique by block or value."""
    found = [
        (block, element)
        for block, element in forms.fields(blocks)
        if element["action_id"] == action_id and block_id in {"", block["block_id"]}
    ]
    if not found:
        raise SlackError("action_not_found", detail=f"nothing with action_id {action_id} here")
    for block, element in found:
        carried = [option["value"] for option in forms.options(element)] + [element.get("value")]
        if len(found) > 1 and value is not None and value in carried:
            return block, element
    return found[0]
