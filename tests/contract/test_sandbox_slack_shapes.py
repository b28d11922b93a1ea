"""Answers and payloads of the workspace, held against Slack's own description and samples.

The description (frozen in 2021) and the samples lie beside the repository; tests that read them are
skipped where they are absent. What Slack added since is listed here, each with where it is said.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import aiohttp
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack import Driver, Limits, Refused, Workspace, web_api
from tests.sandbox_slack_world import (
    DANA,
    FINDINGS,
    OMAR,
    button,
    home,
    notice,
    picture,
    review,
    words,
)

Json = dict[str, Any]
APIS = Path(__file__).parents[2].parent / "shared" / "data" / "apis"
needs_shared = pytest.mark.skipif(
    not APIS.is_dir(), reason="the development data beside the repository is absent"
)
TRIGGERED = ("views.open", "views.push")

SMALL_SAMPLES: Mapping[str, Json] = {
    "hello": {
        "type": "hello",
        "num_connections": 1,
        "debug_info": {"host": "h", "build_number": 1, "approximate_connection_time": 1},
        "connection_info": {"app_id": "A"},
    },
    "slash_commands": {
        "token": "t", "team_id": "T", "team_domain": "d", "channel_id": "C", "channel_name": "n",
        "user_id": "U", "user_name": "n", "command": "/c", "text": "t", "response_url": "u",
        "trigger_id": "1.2.a", "api_app_id": "A", "is_enterprise_install": "false",
    },
}  # fmt: skip
"""Written for this test from https://docs.slack.dev/apis/events-api/using-socket-mode and
https://docs.slack.dev/interactivity/implementing-slash-commands: the samples miss them."""

FREE = {"state", "event_payload", "metadata", "prefs", "shares", "icons"}
"""Keys whose content apps choose or samples leave empty. Blocks, trimmed from samples, have their own
judge."""

NEWER_ARGUMENTS: Mapping[str, set[str]] = {
    "chat.postMessage": {"metadata"},
    "chat.update": {"metadata"},
    "conversations.history": {"include_all_metadata"},
    "conversations.replies": {"include_all_metadata"},
    "conversations.open": set(),
}
"""https://docs.slack.dev/messaging/message-metadata (2022)."""

NEWER_CODES = {
    "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_metadata_format",
    "metadata_too_large", "thread_not_found", "not_in_channel", "not_allowed_token_type",
    "invalid_arguments", "missing_scope", "invalid_types", "user_not_found", "users_not_found",
    "no_such_subteam", "invalid_cursor", "channel_not_found",
}  # fmt: skip
"""Codes of today's method pages (https://docs.slack.dev/reference/methods) that 2021 did not list."""


@cache
def samples() -> Mapping[str, Json]:
    lines = (APIS / "slack_samples.jsonl").read_text(encoding="utf-8").splitlines()
    return {record["name"]: record["body"] for record in map(json.loads, lines)}


@cache
def description() -> Mapping[str, Json]:
    paths = json.loads((APIS / "slack_web_api_2021.json").read_text(encoding="utf-8"))["paths"]
    return {path.strip("/"): next(iter(verbs.values())) for path, verbs in paths.items()}


def merged(values: list[Any]) -> Any:
    """Unite sample values: a key is known if any of them has it."""
    if values and all(isinstance(value, dict) for value in values):
        keys = {key for value in values for key in value}
        return {key: merged([value[key] for value in values if key in value]) for key in keys}
    return values[0] if values else None


def differences(ours: Any, sample: Any, at: str = "") -> Iterator[str]:
    """Say where a value has a key or a type that the sample does not have. Null fits anywhere."""
    if ours is None or sample is None:
        return
    if isinstance(ours, dict) and isinstance(sample, dict):
        for key, value in ours.items():
            if key == "blocks":
                continue
            if key not in sample:
                yield f"{at}/{key} is not in the sample"
            elif key not in FREE:
                yield from differences(value, sample[key], f"{at}/{key}")
    elif isinstance(ours, list) and isinstance(sample, list):
        for item in ours:
            yield from differences(item, merged(sample), f"{at}[]")
    elif type(ours) is not type(sample):
        yield f"{at} is {type(ours).__name__}, the sample has {type(sample).__name__}"


@pytest.fixture(scope="module")
def workspace() -> Iterator[Workspace]:
    limits = Limits(message_per_s=0, tiers=False)
    events = ("app_mention", "app_home_opened", "message.groups", "member_joined_channel")
    with Workspace(limits=limits, retry_delays_s=(), bot_events=events) as running:
        yield running


@pytest.fixture(scope="module")
def driver(workspace: Workspace) -> Driver:
    return Driver(workspace.base_url)


def _without_app(act: Any, *arguments: Any) -> None:
    with pytest.raises(Refused, match="dispatch_failed"):
        act(*arguments)


def trigger(driver: Driver) -> str:
    _without_app(driver.slash, "dana", FINDINGS, "/plumb scan")
    return str(driver.deliveries()[-1]["payload"]["trigger_id"])


@pytest.fixture(scope="module")
def answers(workspace: Workspace, driver: Driver) -> Mapping[str, Json]:
    """Call every method once, well, and keep the answers."""
    client = WebClient(token=workspace.bot_token, base_url=workspace.api_url)
    out: dict[str, Json] = {}

    def call(method: str, **arguments: Any) -> Json:
        token = workspace.app_token if method.startswith("apps.") else workspace.bot_token
        headers = {"Authorization": f"Bearer {token}"}
        answer = client.api_call(method, params=arguments, headers=headers)
        out[method] = dict(answer.data) if isinstance(answer.data, dict) else {}
        return out[method]

    metadata = json.dumps({"event_type": "finding", "event_payload": {"uid": "f"}})
    blocks = json.dumps([words("x"), {"type": "actions", "elements": [button("go", "Go")]}])
    call("auth.test")
    call("apps.connections.open")
    call("team.info")
    call("bots.info")
    ts = call("chat.postMessage", channel=FINDINGS, text="x", blocks=blocks, metadata=metadata)[
        "ts"
    ]
    call("chat.postMessage", channel=FINDINGS, text="reply", thread_ts=ts)
    call("chat.postEphemeral", channel=FINDINGS, user=DANA, text="x")
    call("reactions.add", channel=FINDINGS, timestamp=ts, name="eyes")
    call("chat.update", channel=FINDINGS, ts=ts, text="y", blocks=blocks)
    call("chat.getPermalink", channel=FINDINGS, message_ts=ts)
    file_id = _upload(call)
    call("files.info", file=file_id)
    call("conversations.history", channel=FINDINGS, include_all_metadata="true")
    call("conversations.replies", channel=FINDINGS, ts=ts, include_all_metadata="true")
    call("reactions.remove", channel=FINDINGS, timestamp=ts, name="eyes")
    gone = call("chat.postMessage", channel=FINDINGS, text="gone")["ts"]
    call("chat.delete", channel=FINDINGS, ts=gone)
    call("conversations.list", types="public_channel,private_channel,im")
    call("conversations.info", channel=FINDINGS, include_num_members="true")
    call("conversations.members", channel=FINDINGS)
    call("conversations.join", channel="C0GENERAL01")
    call("conversations.open", users=OMAR, return_im="true")
    call("users.info", user=DANA)
    call("users.list")
    call("users.lookupByEmail", email="omar@northwind.example")
    call("users.conversations", types="public_channel,private_channel,im")
    call("usergroups.list", include_users="true")
    call("usergroups.users.list", usergroup="S0ORDERS001")
    view = call("views.open", trigger_id=trigger(driver), view=json.dumps(review()))["view"]
    call("views.update", view_id=view["id"], view=json.dumps(review()))
    call("views.push", trigger_id=trigger(driver), view=json.dumps(notice("More", "x")))
    call("views.publish", user_id=DANA, view=json.dumps(home("x")))
    return out


def _upload(call: Any) -> str:
    step = call("files.getUploadURLExternal", filename="a.png", length=len(picture()))
    with urlopen(Request(step["upload_url"], data=picture())) as answer:  # noqa: S310 - our own server
        assert answer.status == 200
    files = json.dumps([{"id": step["file_id"], "title": "A picture"}])
    call("files.completeUploadExternal", files=files, channel_id=FINDINGS)
    return str(step["file_id"])


@pytest.fixture(scope="module")
def payloads(
    workspace: Workspace, driver: Driver, answers: Mapping[str, Json]
) -> Mapping[str, Json]:
    """Do everything people can do, and keep what went out to the app."""
    assert answers["views.push"]["ok"]
    ts = str(driver.messages(FINDINGS)[0]["ts"])
    out: dict[str, Json] = {}

    def sent(name: str, act: Any, *arguments: Any) -> None:
        before = len(driver.deliveries())
        # No app is connected: what is delivered is looked at, not answered.
        with suppress(Refused):
            act(*arguments)
        out[name] = driver.wait_for(lambda: driver.deliveries()[before:])[0]["payload"]

    sent("SlashCommandPayload", driver.slash, "dana", FINDINGS, "/plumb scan")
    sent("BlockActionPayload", driver.click, "dana", FINDINGS, ts, "go")
    first, second = driver.open_views("dana")
    driver.close_view("dana", second["id"])
    sent("BlockActionPayload in a view", driver.click_view, "dana", first["id"], "reject")
    sent("ViewSubmissionPayload", driver.submit, "dana", first["id"], {"callers": "clients"})
    sent("ViewClosedPayload", driver.close_view, "dana", first["id"])
    sent("AppHomeOpenedPayload", driver.open_home, "dana")
    sent("MessagePayload", driver.say, "dana", FINDINGS, "hello")
    workspace.delivery.bot_events = ("app_mention", "member_joined_channel")
    sent("AppMentionPayload", driver.say, "dana", FINDINGS, "@plumb hello", ts)
    sent("MemberJoinedChannelPayload", driver.invite_app, "priya", "#platform")
    return out


METHODS = sorted(web_api.REGISTRY)


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("method", METHODS)
def test_an_answer_has_only_keys_and_types_that_slack_has(
    method: str, answers: Mapping[str, Json]
) -> None:
    if method not in samples():
        pytest.skip(f"there is no sample of {method}")
    assert answers[method]["ok"] is True
    assert list(differences(answers[method], samples()[method])) == []


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("method", METHODS)
def test_an_answer_has_every_key_that_slack_requires(
    method: str, answers: Mapping[str, Json]
) -> None:
    if method not in description():
        pytest.skip(f"the description of 2021 does not hold {method}")
    required = description()[method]["responses"]["200"]["schema"]["required"]
    if method == "conversations.list" or method.startswith("conversations.history"):
        required = [name for name in required if name != "response_metadata"]
    assert [name for name in required if name not in answers[method]] == []


class Spy(dict[str, Any]):
    """Arguments that remember which of them were asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("method", METHODS)
def test_a_method_asks_for_no_argument_that_slack_does_not_know(
    method: str, workspace: Workspace
) -> None:
    if method not in description():
        pytest.skip(f"the description of 2021 does not hold {method}")
    known = {parameter["name"] for parameter in description()[method]["parameters"]}
    arguments = Spy({"channel": "C0ORDERS001", "text": "x", "ts": "1.0", "user": OMAR})
    context = web_api.Context(
        workspace.state,
        workspace.base_url,
        "b",
        "a",
        frozenset(web_api.SCOPES),
        lambda _: None,
        lambda: "ws",
    )
    web_api.answer(
        web_api.Call(method, arguments, context),
        token="b",
        pace=web_api.Pace(Limits(tiers=False), lambda: 0.0),
    )
    assert arguments.asked - known - NEWER_ARGUMENTS.get(method, set()) == set()


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("method", METHODS)
def test_a_method_refuses_with_codes_that_slack_has(method: str, workspace: Workspace) -> None:
    if method not in description():
        pytest.skip(f"the description of 2021 does not hold {method}")
    enum = (
        description()[method]["responses"]["default"]["schema"]["properties"]
        .get("error", {})
        .get("enum")
    )
    client = WebClient(token=workspace.bot_token, base_url=workspace.api_url)
    bad: list[Json] = [
        {},
        {
            "channel": "C0NOWHERE01",
            "user": "U0NOBODY001",
            "ts": "1.0",
            "view_id": "V0",
            "view": "{}",
            "name": "x",
        },
        {
            "channel": FINDINGS,
            "user": "U0NOBODY001",
            "ts": "1.0",
            "text": "x" * 41_000,
            "message_ts": "1.0",
        },
        {
            "channel": FINDINGS,
            "users": "U1,U2",
            "types": "x",
            "cursor": "x",
            "timestamp": "1.0",
            "name": "x",
        },
    ]
    for arguments in bad:
        code = _code(client, method, arguments)
        if enum is not None and code:
            assert code in {*enum, *NEWER_CODES}


def _code(client: WebClient, method: str, arguments: Json) -> str:
    try:
        client.api_call(method, params=arguments)
    except SlackApiError as error:
        return str(error.response["error"])
    return ""


PAYLOADS = (
    "SlashCommandPayload", "BlockActionPayload", "BlockActionPayload in a view", "ViewSubmissionPayload",
    "ViewClosedPayload", "AppHomeOpenedPayload", "AppMentionPayload", "MessagePayload",
    "MemberJoinedChannelPayload",
)  # fmt: skip


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("name", PAYLOADS)
def test_a_payload_has_only_keys_and_types_that_slack_has(
    name: str, payloads: Mapping[str, Json]
) -> None:
    sample = samples()[name.partition(" ")[0]]
    found = list(differences(payloads[name], sample))
    if name == "SlashCommandPayload":
        # Slack sends this one as a form, where a boolean is the word "false".
        found = [each for each in found if "is_enterprise_install" not in each]
    assert found == []


def test_a_slash_command_has_exactly_the_documented_fields(payloads: Mapping[str, Json]) -> None:
    ours = payloads["SlashCommandPayload"]
    assert set(ours) == set(SMALL_SAMPLES["slash_commands"])
    assert list(differences(ours, SMALL_SAMPLES["slash_commands"])) == []


def test_the_first_frame_of_a_connection_is_the_documented_hello(workspace: Workspace) -> None:
    client = WebClient(token=workspace.bot_token, base_url=workspace.api_url)
    url = client.apps_connections_open(app_token=workspace.app_token)["url"]

    async def first() -> tuple[Json, int]:
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(url) as socket:
                hello = await socket.receive_json()
            async with session.get(url.replace("ws://", "http://")) as again:
                return hello, again.status

    hello, again = asyncio.run(first())
    assert list(differences(hello, SMALL_SAMPLES["hello"])) == []
    assert set(hello) == set(SMALL_SAMPLES["hello"])
    assert again == 403, "an address opens one connection only"


def test_a_payload_names_private_places_as_slack_does(payloads: Mapping[str, Json]) -> None:
    assert payloads["SlashCommandPayload"]["channel_name"] == "privategroup"
    assert payloads["BlockActionPayload"]["channel"]["name"] == "privategroup"


def test_the_comparison_itself_sees_a_strange_key_and_a_wrong_type() -> None:
    sample = {"a": 1, "b": [{"c": ""}, {"d": True}]}
    assert list(differences({"a": "1"}, sample)) == ["/a is str, the sample has int"]
    assert list(differences({"b": [{"e": 1}]}, sample)) == ["/b[]/e is not in the sample"]
    assert list(differences({"a": None, "b": [{"d": False, "c": "x"}]}, sample)) == []
