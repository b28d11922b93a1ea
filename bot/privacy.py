"""Which channels findings may be shown in, and who is in them. Asked of Slack, remembered briefly."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.context import BotSettings

REMEMBERED_S = 60.0
"""Somebody who leaves a channel loses sight of its findings within a minute."""


@dataclass
class Privacy:
    """Answers from Slack about channels and people, a minute old at most."""

    client: WebClient
    settings: BotSettings
    tick: Callable[[], float] = time.monotonic
    _known: dict[tuple[str, str], tuple[float, Any]] = field(default_factory=dict)

    def refusal(self, channel: str) -> str:
        """Return why nothing is posted to a channel; empty when it may be.

        Raises: SlackApiError when Slack does not say.
        """
        if not channel.startswith(("C", "G")):
            return ""  # a direct message has no audience to check
        facts = self._remember("info", channel, self._info)
        if facts.get("is_archived"):
            return "The channel is archived."
        if any(
            facts.get(key)
            for key in ("is_shared", "is_ext_shared", "is_org_shared", "is_pending_ext_shared")
        ):
            return "The channel is shared with others. Findings are only posted to channels of this workspace alone."
        if facts.get("is_private") or facts.get("is_mpim") or self.settings.allow_public_channels:
            return ""
        return "The channel is public. Make it private, or set allow_public_channels."

    def members(self, channel: str) -> frozenset[str]:
        """Return the members of a channel; empty where the bot cannot see them."""
        known: frozenset[str] = self._remember("members", channel, self._members)
        return known

    def is_guest(self, user: str) -> bool:
        """Whether somebody is a guest: let into a channel, but not of the company."""
        facts = self._remember("user", user, self._user)
        return any(
            facts.get(key) for key in ("is_restricted", "is_ultra_restricted", "is_stranger")
        )

    def _remember(self, what: str, channel: str, ask: Callable[[str], Any]) -> Any:
        at, value = self._known.get((what, channel), (float("-inf"), None))
        if self.tick() - at > REMEMBERED_S:
            value = ask(channel)
            self._known[what, channel] = (self.tick(), value)
        return value

    def _info(self, channel: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.conversations_info(channel=channel)["channel"]
        return answer

    def _user(self, user: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.users_info(user=user)["user"]
        return answer

    def _members(self, channel: str) -> frozenset[str]:
        found: set[str] = set()
        cursor = ""
        try:
            while True:
                page = self.client.conversations_members(channel=channel, cursor=cursor, limit=999)
                found |= set(page["members"])
                cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
                if not cursor:
                    return frozenset(found)
        except SlackApiError as error:
            # a channel we are not in has no members we may trust; anything else is Slack's trouble
            if error.response.get("error") in {"channel_not_found", "not_in_channel"}:
                return frozenset()
            raise
