"""The table of what can be said and pressed, and the manifest, say what is so."""

import json

from bot import commands, manifest, mentions, table
from bot.ids import Action, More


def test_every_command_mention_and_button_is_in_the_table() -> None:
    assert set(table.COMMANDS) == set(commands._ACTS)
    assert set(table.MENTIONS) == {*mentions._ACTS, "help"}
    assert set(table.ACTIONS) == ({*Action, *More} - {Action.MORE})


def test_the_page_names_all_of_them() -> None:
    page = table.markdown("/plumb")
    for entry in (*table.COMMANDS.values(), *table.MENTIONS.values(), *table.ACTIONS.values()):
        assert entry.form in page
        assert entry.does in page


def test_action_ids_keep_slacks_limit_and_differ() -> None:
    ids = [action.value for action in Action]
    assert len(set(ids)) == len(ids)
    assert all(len(each) <= 255 for each in ids)


def test_the_manifest_asks_for_nothing_without_a_reason() -> None:
    shape = json.loads(manifest.text())
    asked = shape["oauth_config"]["scopes"]["bot"]
    assert asked == sorted(manifest.SCOPES)
    assert all(manifest.SCOPES.values())
    assert not [
        scope for scope in asked if scope.endswith(":history") and scope != "groups:history"
    ]
    for scope, reason in manifest.SCOPES.items():
        assert f"| `{scope}` | {reason} |" in manifest.reasons()


def test_the_manifest_follows_the_transport() -> None:
    socket = manifest.manifest()["settings"]
    http = manifest.manifest(url="https://bot.example.com/slack/events")
    assert socket["socket_mode_enabled"] is True
    assert "request_url" not in socket["interactivity"]
    assert http["settings"]["socket_mode_enabled"] is False
    assert http["settings"]["interactivity"]["request_url"].endswith("/slack/events")
    assert http["features"]["slash_commands"][0]["url"].endswith("/slack/events")
