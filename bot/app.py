"""The Bolt app: every listener registered, nothing else."""

import logging
import secrets
from concurrent.futures import ThreadPoolExecutor

from slack_bolt import App
from slack_bolt.error import BoltError
from slack_sdk import WebClient

from bot import actions, commands, errors, home, mentions, modals, relabel
from bot.chat import SlackChat
from bot.context import BotContext, BotSettings
from bot.desk import Desk
from bot.privacy import Privacy
from bot.transport import web_client
from core.errors import ChatError, SettingsError

WORKERS = 20
"""Bolt's five would let twenty clicks at once wait for each other's calls to Slack."""
_MODULES = (commands, actions, modals, relabel, mentions, home, errors)


def create_app(context: BotContext) -> App:
    """Return the Bolt app with every listener registered. Asks Slack whether the token is good.

    Raises: SettingsError for a token that Slack refuses, ChatError when Slack cannot be reached.
    """
    # Bolt's information lines hold whole payloads, which must not reach a log
    for name in ("slack_bolt", "slack_sdk"):
        logging.getLogger(name).setLevel(logging.WARNING)
    settings = context.settings
    client = web_client(settings)
    app = _app(settings, client)
    desk = Desk(
        context=context,
        chat=SlackChat(context.store, settings, context.clock, client, offer=context.offer),
        privacy=Privacy(client, settings),
    )
    for module in _MODULES:
        module.register(app, desk)
    return app


def _app(settings: BotSettings, client: WebClient) -> App:
    try:
        return App(
            client=client,
            # without a secret nothing may verify: a random one refuses every request by HTTP
            signing_secret=settings.signing_secret or secrets.token_hex(32),
            listener_executor=ThreadPoolExecutor(WORKERS, thread_name_prefix="bot"),
        )
    except BoltError as error:
        raise SettingsError(
            "Slack refuses the bot token. Install the app and set its token (xoxb-...)."
        ) from error
    except OSError as error:
        raise ChatError(
            f"Slack cannot be reached at {settings.api_url}. Check the network and try again."
        ) from error
