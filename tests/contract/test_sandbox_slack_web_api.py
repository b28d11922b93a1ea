"""Tokens and messages of the Web API as slack_sdk sees them: what works, and Slack's own word for what does not."""

import json
from typing import Any
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack import Driver, Limits, Workspace
from tests.sandbox_slack_world import DANA, FINDINGS, GUEST, OMAR, Clock, refusal, words

Json = dict[str, Any]


@pytest.mark.parametrize(("token", "code"), [("", "not_authed"), ("xoxb-wrong", "invalid_auth")])
def test_a_missing_or_wrong_token_is_refused(workspace: Workspace, token: str, code: str) -> None:
    assert refusal(WebClient(token=token, base_url=workspace.api_url).auth_test) == code


def test_the_two_kinds_of_token_are_not_interchangeable(
    workspace: Workspace, client: WebClient
) -> None:
    assert (
        refusal(client.apps_connections_open, app_token=workspace.bot_token)
        == "not_allowed_token_type"
    )
    app = WebClient(token=workspace.app_token, base_url=workspace.api_url)
    assert refusal(app.chat_postMessage, channel=FINDINGS, text="x") == "not_allowed_token_type"
    assert client.apps_connections_open(app_token=workspace.app_token)["url"].startswith("ws://")


def test_a_scope_the_app_lacks_is_named() -> None:
    with Workspace(scopes=("chat:write", "channels:read")) as workspace:
        client = WebClient(token=workspace.bot_token, base_url=workspace.api_url)
        with pytest.raises(SlackApiError) as caught:
            client.users_info(user=DANA)
        assert caught.value.response["needed"] == "users:read"
        assert refusal(client.conversations_info, channel=FINDINGS) == "missing_scope"
        assert refusal(client.conversations_history, channel=FINDINGS) == "missing_scope"
        assert client.conversations_info(channel="C0ORDERS001")["ok"]


def test_bodies_may_be_forms_or_json_and_bad_ones_are_refused(workspace: Workspace) -> None:
    def post(data: bytes, kind: str, method: str = "chat.postMessage") -> Json:
        headers = {"Authorization": f"Bearer {workspace.bot_token}", "Content-Type": kind}
        with urlopen(Request(workspace.api_url + method, data=data, headers=headers)) as answer:  # noqa: S310 - ours
            return dict(json.loads(answer.read()))

    assert post(f"channel={FINDINGS}&text=form".encode(), "application/x-www-form-urlencoded")["ok"]
    assert post(
        json.dumps({"channel": FINDINGS, "text": "json"}).encode(),
        "application/json; charset=utf-8",
    )["ok"]
    assert post(b"{", "application/json")["error"] == "invalid_json"
    assert post(b"[1]", "application/json")["error"] == "json_not_object"
    assert (
        post(b"x=1", "application/x-www-form-urlencoded", "chat.poster")["error"]
        == "unknown_method"
    )


def test_a_message_comes_back_with_what_slack_adds(client: WebClient) -> None:
    answer = client.chat_postMessage(channel=FINDINGS, text="hello", blocks=[words("hello")])
    block = answer["message"]["blocks"][0]
    assert block["block_id"]
    assert block["text"]["verbatim"] is False
    assert answer["message"]["bot_profile"]["name"] == "Plumbline"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"channel": "C0NOWHERE01", "text": "x"}, "channel_not_found"),
        ({"channel": "C0PLATFORM1", "text": "x"}, "channel_not_found"),
        ({"channel": "C0GENERAL01", "text": "x"}, "not_in_channel"),
        ({"channel": FINDINGS}, "no_text"),
        ({"channel": FINDINGS, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": FINDINGS, "text": "x", "blocks": [{"type": "poster"}]}, "invalid_blocks"),
        ({"channel": FINDINGS, "text": "x", "blocks": "not json"}, "invalid_blocks_format"),
        ({"channel": FINDINGS, "text": "x", "blocks": "{}"}, "invalid_blocks_format"),
        (
            {"channel": FINDINGS, "text": "x", "blocks": [words("y" * 2900)] * 5},
            "msg_blocks_too_long",
        ),
        ({"channel": FINDINGS, "text": "x", "thread_ts": "1.0"}, "thread_not_found"),
        (
            {"channel": FINDINGS, "text": "x", "metadata": {"event_type": "a"}},
            "invalid_metadata_format",
        ),
        (
            {
                "channel": FINDINGS,
                "text": "x",
                "metadata": {"event_type": "a", "event_payload": {"x": "y" * 8000}},
            },
            "metadata_too_large",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.filterwarnings("ignore:The top-level `text`:UserWarning")  # the SDK says so too
def test_a_message_slack_would_refuse_is_refused(
    client: WebClient, arguments: Json, code: str
) -> None:
    assert refusal(client.chat_postMessage, **arguments) == code


def test_refused_blocks_say_where_and_why(client: WebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=FINDINGS, text="x", blocks=[words("y" * 3001)])
    assert caught.value.response["response_metadata"]["messages"][-1] == (
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    )


@pytest.mark.filterwarnings("ignore:The top-level `text`:UserWarning")  # the SDK says so too
def test_blocks_without_a_fallback_are_posted_and_noted(client: WebClient, driver: Driver) -> None:
    client.chat_postMessage(channel=FINDINGS, blocks=[words("hello")])
    assert "fallback" in driver.notes()[0]


def test_an_update_keeps_blocks_it_does_not_name_and_only_the_app_may_do_it(
    client: WebClient, driver: Driver
) -> None:
    ts = client.chat_postMessage(channel=FINDINGS, text="a", blocks=[words("kept")])["ts"]
    client.chat_update(channel=FINDINGS, ts=ts, text="b")
    message = driver.messages(FINDINGS)[0]
    assert (message["text"], message["blocks"][0]["text"]["text"]) == ("b", "kept")
    theirs = driver.say("dana", FINDINGS, "mine")
    assert (
        refusal(client.chat_update, channel=FINDINGS, ts=theirs, text="x") == "cant_update_message"
    )
    assert refusal(client.chat_update, channel=FINDINGS, ts="1.0", text="x") == "message_not_found"
    assert refusal(client.chat_update, channel=FINDINGS, ts=ts, text="x" * 4001) == "msg_too_long"


def test_only_the_apps_own_messages_can_be_deleted(client: WebClient, driver: Driver) -> None:
    ts = client.chat_postMessage(channel=FINDINGS, text="a")["ts"]
    client.chat_delete(channel=FINDINGS, ts=ts)
    assert driver.messages(FINDINGS) == []
    theirs = driver.say("dana", FINDINGS, "mine")
    assert refusal(client.chat_delete, channel=FINDINGS, ts=theirs) == "cant_delete_message"


def test_an_ephemeral_message_is_for_members_and_never_in_history(
    client: WebClient, driver: Driver
) -> None:
    client.chat_postEphemeral(channel=FINDINGS, user=OMAR, text="psst")
    assert [m["text"] for m in driver.ephemerals("omar", FINDINGS)] == ["psst"]
    assert client.conversations_history(channel=FINDINGS)["messages"] == []
    assert (
        refusal(client.chat_postEphemeral, channel="C0ORDERS001", user=GUEST, text="x")
        == "user_not_in_channel"
    )


def test_history_leaves_out_replies_and_gives_metadata_only_when_asked(client: WebClient) -> None:
    metadata = {"event_type": "finding", "event_payload": {"uid": "f1"}}
    first = client.chat_postMessage(channel=FINDINGS, text="a", metadata=metadata)["ts"]
    client.chat_postMessage(channel=FINDINGS, text="reply", thread_ts=first)
    second = client.chat_postMessage(channel=FINDINGS, text="b")["ts"]
    rows = client.conversations_history(channel=FINDINGS)["messages"]
    assert [row["ts"] for row in rows] == [second, first]
    assert "metadata" not in rows[1]
    assert rows[1]["reply_count"] == 1
    with_metadata = client.conversations_history(channel=FINDINGS, include_all_metadata=True)[
        "messages"
    ]
    assert with_metadata[1]["metadata"] == metadata
    assert [
        m["text"] for m in client.conversations_replies(channel=FINDINGS, ts=first)["messages"]
    ] == ["a", "reply"]
    assert refusal(client.conversations_replies, channel=FINDINGS, ts="1.0") == "thread_not_found"


def test_history_is_paged_and_bounded_in_time(client: WebClient) -> None:
    stamps = [client.chat_postMessage(channel=FINDINGS, text=str(n))["ts"] for n in range(5)]
    page = client.conversations_history(channel=FINDINGS, limit=2)
    assert (page["has_more"], [m["text"] for m in page["messages"]]) == (True, ["4", "3"])
    cursor = page["response_metadata"]["next_cursor"]
    assert (
        client.conversations_history(channel=FINDINGS, limit=2, cursor=cursor)["messages"][0][
            "text"
        ]
        == "2"
    )
    after = client.conversations_history(channel=FINDINGS, oldest=stamps[3])["messages"]
    assert [m["text"] for m in after] == ["4"]
    inclusive = client.conversations_history(channel=FINDINGS, oldest=stamps[3], inclusive=True)[
        "messages"
    ]
    assert len(inclusive) == 2
    assert (
        refusal(client.conversations_history, channel=FINDINGS, oldest="soon")
        == "invalid_ts_oldest"
    )
    assert refusal(client.conversations_history, channel=FINDINGS, cursor="zz") == "invalid_cursor"


def test_a_reply_to_a_reply_joins_the_same_thread(client: WebClient, driver: Driver) -> None:
    first = client.chat_postMessage(channel=FINDINGS, text="a")["ts"]
    reply = client.chat_postMessage(channel=FINDINGS, text="b", thread_ts=first)["ts"]
    client.chat_postMessage(channel=FINDINGS, text="c", thread_ts=reply)
    assert [m["text"] for m in driver.thread(FINDINGS, first)] == ["a", "b", "c"]


def test_a_permalink_leads_to_the_message(client: WebClient) -> None:
    ts = client.chat_postMessage(channel=FINDINGS, text="a")["ts"]
    link = client.chat_getPermalink(channel=FINDINGS, message_ts=ts)["permalink"]
    assert link.endswith(f"/archives/{FINDINGS}/p{ts.replace('.', '')}")
    with urlopen(link) as page:  # noqa: S310 - our own server
        assert page.status == 200


def test_a_reaction_counts_once(client: WebClient) -> None:
    ts = client.chat_postMessage(channel=FINDINGS, text="a")["ts"]
    client.reactions_add(channel=FINDINGS, timestamp=ts, name="eyes")
    assert (
        refusal(client.reactions_add, channel=FINDINGS, timestamp=ts, name="eyes")
        == "already_reacted"
    )
    client.reactions_remove(channel=FINDINGS, timestamp=ts, name="eyes")
    assert (
        refusal(client.reactions_remove, channel=FINDINGS, timestamp=ts, name="eyes")
        == "no_reaction"
    )


def test_too_many_messages_to_one_channel_are_told_to_wait(clock: Clock) -> None:
    limits = Limits(message_per_s=1, message_burst=3)
    with Workspace(limits=limits, clock=clock) as workspace:
        client = WebClient(token=workspace.bot_token, base_url=workspace.api_url)
        for n in range(3):
            client.chat_postMessage(channel=FINDINGS, text=str(n))
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel=FINDINGS, text="one too many")
        assert caught.value.response.status_code == 429
        assert int(caught.value.response.headers["Retry-After"]) == 1
        assert caught.value.response["error"] == "ratelimited"
        assert client.chat_postMessage(channel="C0ORDERS001", text="another channel")["ok"]
        clock.now += 1
        assert client.chat_postMessage(channel=FINDINGS, text="a second later")["ok"]


def test_methods_have_slacks_tiers(clock: Clock) -> None:
    with Workspace(clock=clock) as workspace:
        client = WebClient(token=workspace.bot_token, base_url=workspace.api_url)
        for _ in range(20):
            client.users_list()
        assert refusal(client.users_list) == "ratelimited"
