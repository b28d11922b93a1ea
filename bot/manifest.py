"""The Slack app's manifest, with the reason for each scope, written by `plumbline init`.

Source: https://docs.slack.dev/reference/app-manifest, read 2026-11-22.
"""

import json
from collections.abc import Mapping
from typing import Any

SCOPES: Mapping[str, str] = {
    "app_mentions:read": "to hear mentions in a finding's thread",
    "channels:read": "to see whether a channel is public or shared, and who may decide in it",
    "chat:write": "to post findings and update them in place",
    "commands": "to offer the slash command",
    "files:write": "to put the waterfall picture and long diffs into a thread",
    "groups:history": "to find its own message again after a crash, instead of posting twice",
    "groups:read": "to see who is a member of a private channel, since members may decide",
    "im:write": "to answer a person directly, and to show the admin what a shadow week would post",
    "users:read": "to tell guests, who may look but not decide",
}
"""Bot scopes. Nothing reads messages of public channels, and nothing acts as a person."""

PUBLIC_CHANNELS_SCOPES: Mapping[str, str] = {
    "channels:history": "to find its own message again after a crash, in public channels too",
}
"""Needed only with `allow_public_channels`."""

APP_TOKEN_SCOPE = "connections:write"  # noqa: S105  # the name of a scope, no secret
_EVENTS = ("app_home_opened", "app_mention")


def manifest(
    *,
    name: str = "Plumbline",
    command: str = "/plumb",
    url: str = "",
    public_channels: bool = False,
) -> dict[str, Any]:
    """Return the manifest: Socket Mode without `url`, signed HTTP requests with it."""
    scopes = [*SCOPES, *(PUBLIC_CHANNELS_SCOPES if public_channels else ())]
    endpoint = {"request_url": url} if url else {}
    slash = {
        "command": command,
        "description": "Security findings: risk, reasons, cost, fix",
        "usage_hint": "scan | top | show | why | cost | compliance | pause | resume | model | help",
        "should_escape": False,
        **({"url": url} if url else {}),
    }
    return {
        "display_information": {
            "name": name,
            "description": "Shows how far a serverless estate has drifted, and fixes it through Git",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "plumbline", "always_online": False},
            "slash_commands": [slash],
        },
        "oauth_config": {"scopes": {"bot": sorted(scopes)}},
        "settings": {
            "event_subscriptions": {**endpoint, "bot_events": list(_EVENTS)},
            "interactivity": {"is_enabled": True, **endpoint},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }


def text(
    *,
    name: str = "Plumbline",
    command: str = "/plumb",
    url: str = "",
    public_channels: bool = False,
) -> str:
    """Return the manifest as JSON; `reasons` says what each scope is for."""
    shape = manifest(name=name, command=command, url=url, public_channels=public_channels)
    return json.dumps(shape, indent=2) + "\n"


def reasons() -> str:
    """Return the scopes and their reasons as a Markdown table."""
    rows = [
        f"| `{scope}` | {reason} |"
        for scope, reason in {**SCOPES, **PUBLIC_CHANNELS_SCOPES}.items()
    ]
    return "\n".join(["| scope | why |", "| --- | --- |", *rows])
