"""An app is installed from its manifest as Slack would install it, the real bot's included."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import manifest as bot_manifest
from sandbox.slack import Driver, Refused, Workspace
from sandbox.slack.manifest import install, manifest_errors
from tests.sandbox_slack_world import DANA, FINDINGS, manifest

Json = dict[str, Any]


def settings(**changes: Any) -> Json:
    return {"settings": {**manifest()["settings"], **changes}}


def test_the_bots_own_manifest_is_taken_for_both_transports() -> None:
    for url in ("", "https://plumbline.example/slack/events"):
        for public in (False, True):
            assert manifest_errors(bot_manifest.manifest(url=url, public_channels=public)) == ()


def test_an_app_is_called_and_allowed_what_its_manifest_says() -> None:
    app = install(manifest())
    assert (app.name, app.handle, app.request_url, app.is_dm_read_only) == (
        "Plumbline",
        "plumb-line",
        "",
        False,
    )
    assert [command.name for command in app.commands] == ["/plumb"]
    assert app.bot_events == ("app_mention",)


def test_signed_requests_go_where_the_manifest_says_unless_it_chose_socket_mode() -> None:
    url = {"request_url": "https://plumbline.example/slack/events"}
    over_http = manifest(
        features={},
        **settings(
            event_subscriptions=url,
            interactivity={"is_enabled": True, **url},
            socket_mode_enabled=False,
        ),
    )
    assert install(over_http).request_url == url["request_url"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"display_information": {}}, "missing required field: name"),
        ({"display_information": {"name": "x" * 36}}, "must be less than 36 characters"),
        (
            {"display_information": {"name": "x", "description": "y" * 141}},
            "must be less than 141 characters",
        ),
        ({"colour": "red"}, "invalid additional property: colour"),
        (
            {"features": {"slash_commands": [{"command": "plumb", "description": "d"}]}},
            "a command begins with /",
        ),
        (
            {"oauth_config": {"scopes": {"bot": ["app_mentions:read"]}}},
            "slash commands need the scope commands",
        ),
        (
            {"oauth_config": {"scopes": {"bot": ["commands"]}}},
            "app_mention needs the scope app_mentions:read",
        ),
        (
            settings(event_subscriptions={"bot_events": ["star_added"]}),
            "this workspace does not send star_added",
        ),
        (settings(socket_mode_enabled=False), "missing required field: request_url"),
    ],
)
def test_a_manifest_slack_would_refuse_is_refused(changes: Json, sentence: str) -> None:
    errors = manifest_errors(manifest(**changes))
    assert any(sentence in error for error in errors), errors
    with pytest.raises(ValueError, match="json-pointer"):
        install(manifest(**changes))


def test_an_installed_app_has_no_more_scopes_and_events_than_it_asked_for() -> None:
    with Workspace(manifest=manifest(), retry_delays_s=()) as workspace:
        client = WebClient(token=workspace.bot_token, base_url=workspace.api_url)
        with pytest.raises(SlackApiError, match="missing_scope"):
            client.users_info(user=DANA)
        driver = Driver(workspace.base_url)
        driver.open_home("dana")
        driver.say("dana", FINDINGS, "@plumb-line hello")
        sent = driver.wait_for(driver.deliveries)
        assert [each["payload"]["event"]["type"] for each in sent] == ["app_mention"]


def test_an_app_that_reads_no_messages_is_sent_none() -> None:
    with (
        Workspace(manifest=bot_manifest.manifest()) as workspace,
        pytest.raises(Refused, match="turned off"),
    ):
        Driver(workspace.base_url).say("dana", f"@{workspace.state.bot_name}", "hello")


def test_a_person_invites_the_app_as_they_would_in_slack() -> None:
    with Workspace() as workspace:
        driver = Driver(workspace.base_url)
        driver.slash("priya", "#platform", "/invite @plumb")
        assert workspace.state.channels["C0PLATFORM1"].members[-1] == "U0PLUMBLINE"
