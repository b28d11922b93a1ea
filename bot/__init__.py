"""Slack, and nothing else: commands, actions, modals, home, messages and permissions."""

from bot.app import create_app
from bot.chat import SlackChat
from bot.context import BotContext, BotSettings
from bot.outbox import Delivery, deliver
from bot.transport import outbox_client, serve_http, serve_socket, web_client

__all__ = [
    "BotContext",
    "BotSettings",
    "Delivery",
    "SlackChat",
    "create_app",
    "deliver",
    "outbox_client",
    "serve_http",
    "serve_socket",
    "web_client",
]
