"""Open Slack as a chat: settings and tokens become the bot's view of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.settings import slack_tokens
from app.world import World, utc_now
from core.types import Card, FixPlan, ModelCard, ScanSummary

if TYPE_CHECKING:
    from bot.chat import SlackChat
    from bot.context import BotSettings


def bot_settings(world: World, *, shadow: bool = False) -> "BotSettings":
    """Return what the bot needs to know. Raises: SettingsError."""
    from bot.context import BotSettings

    slack = world.settings.slack
    tokens = slack_tokens(slack.transport)
    return BotSettings(
        channel=slack.channel,
        bot_token=tokens.bot_token,
        app_token=tokens.app_token,
        signing_secret=tokens.signing_secret,
        api_url=slack.api_url,
        owner_channels=dict(slack.owner_channels),
        admin=slack.admin,
        deciders=slack.deciders,
        second_opinion=world.settings.labels.second_opinion,
        allow_public_channels=slack.allow_public_channels,
        zone=slack.zone,
        new_per_day=slack.new_per_day,
        shadow=shadow,
    )


def open_chat(world: World, *, shadow: bool = False) -> "SlackChat":
    """Return the chat that queues messages in the world's store."""
    from bot.chat import SlackChat

    settings = bot_settings(world, shadow=shadow)
    return SlackChat(world.store, settings, utc_now, offer=world.offer)


class Unheard:
    """Implements `core.ports.Chat` for a home without Slack: the record alone says what happened."""

    def post_card(self, card: Card, *, channel: str | None = None) -> None:
        """Post nothing."""

    def post_summary(
        self, summary: ScanSummary, cards: Sequence[Card], *, channel: str | None = None
    ) -> None:
        """Post nothing."""

    def say(self, finding_uid: str, text: str, *, once: str = "") -> None:
        """Say nothing."""

    def ask(self, finding_uid: str, text: str, *, once: str) -> None:
        """Ask nobody; what was to be asked is in the trial."""

    def announce(self, text: str, *, channel: str | None = None) -> None:
        """Say nothing."""

    def show_model(self, card: ModelCard, lines: Sequence[str]) -> None:
        """Show nothing."""

    def show_plan(self, view_id: str, card: Card, plan: FixPlan | None, refusal: str) -> None:
        """Show nothing."""
