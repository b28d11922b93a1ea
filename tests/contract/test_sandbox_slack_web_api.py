"""The Web API as slack_sdk sees it: what works, and Slack's own word for what does not."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from sandbox.slack import Driver, Limits, Refused, Workspace
from tests.sandbox_slack_world import (
    DANA,
    FINDINGS,
    GUEST,
    OMAR,
    button,
    home,
    notice,
    picture,
    review,
    words,
)

Json = dict[str, Any]


class Clock:
    """Time that moves only when told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(clock: Clock) -> Iterator[Workspace]:
    with Workspace(
        limits=Limits(message_per_s=0, tiers=False), retry_delays_s=(), clock=clock
    ) as running:
        yield running


@pytest.fixture
def client(workspace: Workspace) -> WebClient:
    return WebClient(token=workspace.bot_token, base_url=workspace.api_url)


@pytest.fixture
def driver(workspace: Workspace) -> Driver:
    return Driver(workspace.base_url)


def refusal(call: Any, /, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def trigger(driver: Driver, user: str = "dana") -> str:
    """Do something as a person without any app, and take the trigger id that went out."""
    with pytest.raises(Refused):
        driver.slash(user, FINDINGS, "/plumb help")
    return str(driver.deliveries()[-1]["payload"]["trigger_id"])


# tokens
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


# messages
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


# people and places
def test_private_channels_are_listed_only_where_the_app_is_in(client: WebClient) -> None:
    rows = client.conversations_list(types="public_channel,private_channel")["channels"]
    assert {row["name"] for row in rows} == {"plumbline-findings", "general", "orders"}
    assert refusal(client.conversations_list, types="secret") == "invalid_types"
    assert refusal(client.conversations_info, channel="C0PLATFORM1") == "channel_not_found"


def test_the_app_joins_public_channels_and_is_invited_to_private_ones(
    client: WebClient, driver: Driver
) -> None:
    assert client.conversations_join(channel="C0GENERAL01")["channel"]["is_member"]
    assert client.conversations_join(channel="C0GENERAL01")["warning"] == "already_in_channel"
    assert (
        refusal(client.conversations_join, channel=FINDINGS)
        == "method_not_supported_for_channel_type"
    )
    driver.invite_app("priya", "#platform")
    assert client.conversations_info(channel="C0PLATFORM1")["channel"]["is_private"]


def test_members_and_people_can_be_read(client: WebClient) -> None:
    assert GUEST in client.conversations_members(channel=FINDINGS)["members"]
    assert client.users_info(user=GUEST)["user"]["is_restricted"]
    assert refusal(client.users_info, user="U0NOBODY001") == "user_not_found"
    assert client.users_lookupByEmail(email="omar@northwind.example")["user"]["id"] == OMAR
    assert refusal(client.users_lookupByEmail, email="nobody@example.com") == "users_not_found"
    assert len(client.users_list()["members"]) == 5
    groups = client.usergroups_list(include_users=True)["usergroups"]
    assert {group["handle"] for group in groups} == {"security", "team-orders", "platform"}
    assert client.usergroups_users_list(usergroup=groups[1]["id"])["users"] == [OMAR]


def test_a_direct_conversation_opens_once(client: WebClient, driver: Driver) -> None:
    first = client.conversations_open(users=OMAR)["channel"]["id"]
    assert client.conversations_open(users=[OMAR])["channel"]["id"] == first
    client.chat_postMessage(channel=OMAR, text="hello")
    assert driver.messages("@plumb", "omar")[0]["text"] == "hello"
    assert refusal(client.conversations_open, users="U0NOBODY001") == "user_not_found"
    assert refusal(client.conversations_open, users="") == "users_list_not_supplied"


# views
def test_a_trigger_opens_one_modal_within_three_seconds(
    client: WebClient, driver: Driver, clock: Clock
) -> None:
    first = trigger(driver)
    clock.now += 2.9
    assert client.views_open(trigger_id=first, view=review())["view"]["callback_id"] == "review"
    assert refusal(client.views_open, trigger_id=first, view=review()) == "exchanged_trigger_id"
    late = trigger(driver)
    clock.now += 3.1
    assert refusal(client.views_open, trigger_id=late, view=review()) == "expired_trigger_id"
    assert refusal(client.views_open, trigger_id="1.2.x", view=review()) == "invalid_trigger_id"


def test_a_refused_view_does_not_use_up_the_trigger(client: WebClient, driver: Driver) -> None:
    handle = trigger(driver)
    bad = review() | {"title": {"type": "plain_text", "text": "x" * 25}}
    with pytest.raises(SlackApiError) as caught:
        client.views_open(trigger_id=handle, view=bad)
    assert caught.value.response["error"] == "invalid_arguments"
    assert "/view/title/text" in caught.value.response["response_metadata"]["messages"][-1]
    assert client.views_open(trigger_id=handle, view=review())["ok"]


def test_at_most_three_modals_lie_on_each_other(client: WebClient, driver: Driver) -> None:
    client.views_open(trigger_id=trigger(driver), view=review())
    for _ in range(2):
        client.views_push(trigger_id=trigger(driver), view=notice("More", "x"))
    assert (
        refusal(client.views_push, trigger_id=trigger(driver), view=notice("More", "x"))
        == "push_limit_reached"
    )
    assert len(driver.open_views("dana")) == 3


def test_an_update_with_the_hash_of_an_older_version_conflicts(
    client: WebClient, driver: Driver
) -> None:
    view = client.views_open(trigger_id=trigger(driver), view=review())["view"]
    client.views_update(view_id=view["id"], hash=view["hash"], view=notice("New", "x"))
    assert (
        refusal(client.views_update, view_id=view["id"], hash=view["hash"], view=review())
        == "hash_conflict"
    )
    assert refusal(client.views_update, view_id="V0NOTHING01", view=review()) == "not_found"


def test_an_external_id_is_used_once_at_a_time(client: WebClient, driver: Driver) -> None:
    named = review() | {"external_id": "finding-1"}
    client.views_open(trigger_id=trigger(driver), view=named)
    assert (
        refusal(client.views_open, trigger_id=trigger(driver, "omar"), view=named)
        == "duplicate_external_id"
    )
    assert client.views_update(external_id="finding-1", view=named)["ok"]


def test_a_home_tab_is_published_for_one_person(client: WebClient, driver: Driver) -> None:
    first = client.views_publish(user_id=OMAR, view=home("one"))["view"]
    client.views_publish(user_id=OMAR, view=home("two"), hash=first["hash"])
    assert (
        refusal(client.views_publish, user_id=OMAR, view=home("three"), hash=first["hash"])
        == "hash_conflict"
    )
    assert refusal(client.views_publish, user_id=OMAR, view=review()) == "invalid_arguments"
    assert refusal(client.views_publish, user_id="U0NOBODY001", view=home("x")) == "user_not_found"
    assert driver.home("dana") is None
    published = driver.home("omar")
    assert published
    assert published["blocks"][0]["text"]["text"] == "two"


# files
def test_a_picture_is_uploaded_into_a_thread_with_its_alt_text(
    client: WebClient, driver: Driver, workspace: Workspace
) -> None:
    ts = client.chat_postMessage(channel=FINDINGS, text="a")["ts"]
    answer = client.files_upload_v2(
        channel=FINDINGS,
        thread_ts=ts,
        filename="why.png",
        title="Why 87",
        alt_txt="base -1.1",
        content=picture(),
    )
    file = driver.thread(FINDINGS, ts)[1]["files"][0]
    assert (file["title"], file["alt_txt"], file["mimetype"]) == (
        "Why 87",
        "base -1.1",
        "image/png",
    )
    assert client.files_info(file=answer["file"]["id"])["file"]["size"] == len(picture())
    with urlopen(workspace.base_url + file["url"]) as shown:  # noqa: S310 - our own server
        assert shown.read() == picture()
        assert shown.headers["X-Content-Type-Options"] == "nosniff"


def test_a_files_private_address_wants_the_token(client: WebClient, workspace: Workspace) -> None:
    file = client.files_upload_v2(channel=FINDINGS, filename="a.txt", content="hello")["file"]
    address = file["url_private"]
    with pytest.raises(HTTPError, match="403") as caught:
        urlopen(address)  # noqa: S310 - our own server
    caught.value.close()
    request = Request(address, headers={"Authorization": f"Bearer {workspace.bot_token}"})  # noqa: S310 - our own server
    with urlopen(request) as answer:  # noqa: S310 - our own server
        assert answer.read() == b"hello"


def test_an_upload_of_another_length_or_unknown_file_is_refused(client: WebClient) -> None:
    step = client.files_getUploadURLExternal(filename="a.txt", length=5)
    with pytest.raises(HTTPError, match="409") as caught:
        urlopen(Request(step["upload_url"], data=b"four"))  # noqa: S310 - our own server
    caught.value.close()
    assert (
        refusal(client.files_completeUploadExternal, files=[{"id": step["file_id"]}])
        == "file_not_found"
    )
    assert refusal(client.files_info, file="F0NOTHING01") == "file_not_found"


# response_url
def test_a_response_url_works_five_times_within_half_an_hour(driver: Driver, clock: Clock) -> None:
    trigger(driver)
    hook = WebhookClient(driver.deliveries()[-1]["payload"]["response_url"])
    for n in range(5):
        assert hook.send(text=str(n)).status_code == 200
    assert hook.send(text="six").status_code == 404
    trigger(driver)
    late = WebhookClient(driver.deliveries()[-1]["payload"]["response_url"])
    clock.now += 1801
    assert (late.send(text="late").status_code, len(driver.ephemerals("dana", FINDINGS))) == (
        404,
        5,
    )


def test_a_response_url_replaces_and_deletes_the_message_it_belongs_to(
    client: WebClient, driver: Driver
) -> None:
    blocks = [words("before"), {"type": "actions", "elements": [button("go", "Go")]}]
    ts = client.chat_postMessage(channel=FINDINGS, text="before", blocks=blocks)["ts"]
    with pytest.raises(Refused, match="dispatch_failed"):
        driver.click("dana", FINDINGS, ts, "go")
    hook = WebhookClient(driver.deliveries()[-1]["payload"]["response_url"])
    assert (
        hook.send(text="x", blocks=[{"type": "poster"}], replace_original=True).status_code == 400
    )
    hook.send(text="after", blocks=[words("after")], replace_original=True)
    assert [m["text"] for m in driver.messages(FINDINGS)] == ["after"]
    hook.send_dict({"delete_original": True})
    assert driver.messages(FINDINGS) == []


# the door
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "attacker.example"}, 403),
        ({"Origin": "https://attacker.example", "Content-Type": "application/json"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ],
    ids=["a rebound name", "another page's request", "a form another page can send"],
)
def test_other_web_pages_cannot_act_in_the_workspace(
    workspace: Workspace, headers: dict[str, str], status: int
) -> None:
    request = Request(f"{workspace.base_url}/sandbox/act/say", data=b"{}", headers=headers)  # noqa: S310 - our own server
    with pytest.raises(HTTPError) as caught:
        urlopen(request)  # noqa: S310 - our own server
    assert caught.value.code == status
    caught.value.close()


def test_nobody_speaks_where_they_are_not(driver: Driver) -> None:
    with pytest.raises(Refused, match="channel_not_found"):
        driver.say("omar", "#platform", "hello")
    with pytest.raises(Refused, match="not_in_channel"):
        driver.say("guest", "#orders", "hello")
    with pytest.raises(Refused, match="user_not_found"):
        driver.say("mallory", FINDINGS, "hello")


def test_two_workspaces_take_different_ports_and_tokens() -> None:
    with Workspace() as one, Workspace() as two:
        assert one.port != two.port
        assert one.bot_token != two.bot_token
        with pytest.raises(OSError, match=str(one.port) + "|in use"):
            Workspace(one.port).start()


def test_the_module_serves_by_itself_and_prints_what_an_app_needs() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox.slack", "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        lines = dict(process.stdout.readline().split(maxsplit=1) for _ in range(5))
        client = WebClient(
            token=lines["SLACK_BOT_TOKEN"].strip(), base_url=lines["SLACK_API_URL"].strip()
        )
        assert client.auth_test()["user"] == "plumb"
        process.terminate()
