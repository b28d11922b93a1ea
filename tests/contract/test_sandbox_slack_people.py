"""People, channels, modals, files and answers in the local Slack, as slack_sdk sees them."""

import subprocess
import sys
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from sandbox.slack import Driver, Refused, Workspace
from tests.sandbox_slack_world import (
    FINDINGS,
    GUEST,
    OMAR,
    Clock,
    button,
    home,
    notice,
    picture,
    refusal,
    review,
    trigger,
    words,
)

Json = dict[str, Any]


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
