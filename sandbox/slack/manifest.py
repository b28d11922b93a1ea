"""Install an app from its manifest, as Slack does: its name, command, scopes, events.

https://docs.slack.dev/reference/app-manifest, read in November 2026. A manifest that Slack would
refuse is refused here, so that a missing scope is found before anybody installs the app.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.slack import shape
from sandbox.slack.shape import Checker, Report
from sandbox.slack.state import Command

EVENT_SCOPES: Mapping[str, tuple[str, ...]] = {
    "app_mention": ("app_mentions:read",),
    "app_home_opened": (),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "member_joined_channel": ("channels:read", "groups:read"),
}
"""Events this workspace sends, and a scope that each needs (any one of them)."""

_COMMAND = shape.record(
    {
        "command": shape.string(most=32, least=2),
        "description": shape.string(most=2000, least=1),
        "usage_hint": shape.string(most=1000),
        "should_escape": shape.boolean,
        "url": shape.url,
    },
    required=("command", "description"),
)
_ENDPOINT: Mapping[str, Checker] = {"request_url": shape.url}
_MANIFEST = shape.record(
    {
        "_metadata": shape.anything,
        "display_information": shape.record(
            {
                "name": shape.string(most=35, least=1),
                "description": shape.string(most=140),
                "long_description": shape.string(most=4000, least=175),
                "background_color": shape.string(most=7),
            },
            required=("name",),
        ),
        "features": shape.record(
            {
                "app_home": shape.record(
                    {
                        "home_tab_enabled": shape.boolean,
                        "messages_tab_enabled": shape.boolean,
                        "messages_tab_read_only_enabled": shape.boolean,
                    }
                ),
                "bot_user": shape.record(
                    {
                        "display_name": shape.string(most=80, least=1),
                        "always_online": shape.boolean,
                    },
                    required=("display_name",),
                ),
                "slash_commands": shape.items(_COMMAND, most=50),
                "shortcuts": shape.anything,
            }
        ),
        "oauth_config": shape.record(
            {
                "redirect_urls": shape.items(shape.url, most=1000),
                "scopes": shape.record(
                    {
                        "bot": shape.items(shape.string(most=255, least=1), most=255),
                        "user": shape.items(shape.string(most=255, least=1), most=255),
                    }
                ),
            }
        ),
        "settings": shape.record(
            {
                "event_subscriptions": shape.record(
                    {
                        **_ENDPOINT,
                        "bot_events": shape.items(shape.string(most=255), most=100),
                        "user_events": shape.items(shape.string(most=255), most=100),
                    }
                ),
                "interactivity": shape.record(
                    {
                        **_ENDPOINT,
                        "is_enabled": shape.boolean,
                        "message_menu_options_url": shape.url,
                    },
                    required=("is_enabled",),
                ),
                "org_deploy_enabled": shape.boolean,
                "socket_mode_enabled": shape.boolean,
                "token_rotation_enabled": shape.boolean,
                "allowed_ip_address_ranges": shape.anything,
            }
        ),
    },
    required=("display_information",),
)


@dataclass(frozen=True, slots=True)
class Installed:
    """What a manifest comes to. `request_url` is empty for Socket Mode."""

    name: str
    handle: str
    commands: tuple[Command, ...]
    scopes: tuple[str, ...]
    bot_events: tuple[str, ...]
    request_url: str
    is_dm_read_only: bool


def _at(manifest: Any, *path: str, default: Any) -> Any:
    value = manifest
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return default if value is None else value


def manifest_errors(manifest: Any) -> tuple[str, ...]:
    """Return what Slack refuses in a manifest; empty when it takes it."""
    report = Report()
    _MANIFEST(report, manifest, "")
    if report.errors:
        return tuple(report.errors)
    scopes = set(_at(manifest, "oauth_config", "scopes", "bot", default=()))
    _check_scopes(report, manifest, scopes)
    is_socket = _at(manifest, "settings", "socket_mode_enabled", default=False)
    for index, command in enumerate(_at(manifest, "features", "slash_commands", default=())):
        pointer = f"/features/slash_commands/{index}"
        if not command["command"].startswith("/") or " " in command["command"]:
            report.add("a command begins with / and has no space", f"{pointer}/command")
        if not is_socket and not command.get("url"):
            report.add("missing required field: url (without Socket Mode)", pointer)
    for name in ("event_subscriptions", "interactivity"):
        section = _at(manifest, "settings", name, default={})
        if section and not is_socket and not section.get("request_url"):
            report.add(
                "missing required field: request_url (without Socket Mode)", f"/settings/{name}"
            )
    return tuple(report.errors)


def _check_scopes(report: Report, manifest: Any, scopes: set[str]) -> None:
    if _at(manifest, "features", "slash_commands", default=()) and "commands" not in scopes:
        report.add("slash commands need the scope commands", "/oauth_config/scopes/bot")
    for event in _at(manifest, "settings", "event_subscriptions", "bot_events", default=()):
        needed = EVENT_SCOPES.get(event)
        if needed is None:
            report.add(
                f"this workspace does not send {event}", "/settings/event_subscriptions/bot_events"
            )
        elif needed and not scopes.intersection(needed):
            report.add(f"{event} needs the scope {needed[0]}", "/oauth_config/scopes/bot")


def install(manifest: Mapping[str, Any]) -> Installed:
    """Return what an app may do and is called. Raises: ValueError where Slack would refuse it."""
    if errors := manifest_errors(manifest):
        raise ValueError("; ".join(errors))
    commands: Sequence[Mapping[str, str]] = _at(manifest, "features", "slash_commands", default=())
    name = manifest["display_information"]["name"]
    is_socket = _at(manifest, "settings", "socket_mode_enabled", default=False)
    url = _at(manifest, "settings", "event_subscriptions", "request_url", default="")
    return Installed(
        name=name,
        handle=_at(manifest, "features", "bot_user", "display_name", default=name)
        .lower()
        .replace(" ", "-"),
        commands=tuple(
            Command(each["command"], each.get("usage_hint", ""), each["description"])
            for each in commands
        ),
        scopes=tuple(_at(manifest, "oauth_config", "scopes", "bot", default=())),
        bot_events=tuple(
            _at(manifest, "settings", "event_subscriptions", "bot_events", default=())
        ),
        request_url="" if is_socket else url,
        is_dm_read_only=_at(
            manifest, "features", "app_home", "messages_tab_read_only_enabled", default=False
        ),
    )
