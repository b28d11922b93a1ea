"""A real slack-bolt app against the workspace, over Socket Mode and over signed HTTP."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from slack_sdk import WebClient

from sandbox.slack import Driver, Limits, Refused, Workspace
from tests.sandbox_slack_world import (
    EVENTS,
    FINDING,
    FINDINGS,
    PATIENT,
    TITLE,
    by_http,
    by_socket,
    listening,
)


@pytest.fixture(params=[by_socket, by_http], ids=["socket mode", "signed http"], scope="module")
def workspace(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    with (
        Workspace(
            limits=Limits(message_per_s=0), retry_delays_s=(0.05,), bot_events=EVENTS, **PATIENT
        ) as running,
        request.param(running),
    ):
        yield running


@pytest.fixture
def driver(workspace: Workspace) -> Driver:
    workspace.state.stacks.clear()
    workspace.state.messages[FINDINGS].clear()
    return Driver(workspace.base_url)


def finding(driver: Driver) -> str:
    driver.slash("dana", "#plumbline-findings", "/plumb scan")
    return str(driver.wait_for(lambda: driver.messages(FINDINGS))[-1]["ts"])


def reviewed(driver: Driver, ts: str) -> str:
    driver.click("dana", FINDINGS, ts, "review_fix")
    views = driver.wait_for(
        lambda: [v for v in driver.open_views("dana") if v["callback_id"] == "review"]
    )
    return str(views[-1]["id"])


def texts(driver: Driver) -> list[str]:
    return [message["text"] for message in driver.messages(FINDINGS)]


def test_a_slash_command_posts_a_finding(driver: Driver) -> None:
    finding(driver)
    message = driver.messages(FINDINGS)[-1]
    assert message["text"] == TITLE
    assert [block["type"] for block in message["blocks"]] == [block["type"] for block in FINDING]


def test_what_a_command_acknowledges_with_is_seen_by_the_asker_only(driver: Driver) -> None:
    driver.slash("dana", FINDINGS, "/plumb help")
    assert (
        driver.wait_for(lambda: driver.ephemerals("dana", FINDINGS))[0]["text"] == "Try /plumb scan"
    )
    assert driver.ephemerals("omar", FINDINGS) == []


def test_a_response_url_answers_in_the_channel_when_asked_to(driver: Driver) -> None:
    driver.slash("omar", FINDINGS, "/plumb cost of all")
    driver.wait_for(lambda: "You asked for cost of all" in texts(driver))


def test_a_button_shows_its_answer_to_the_one_who_clicked(driver: Driver) -> None:
    driver.click("omar", FINDINGS, finding(driver), "why")
    assert "internet" in driver.wait_for(lambda: driver.ephemerals("omar", FINDINGS))[0]["text"]
    assert driver.ephemerals("dana", FINDINGS) == []


def test_a_button_changes_the_message_in_place(driver: Driver) -> None:
    ts = finding(driver)
    driver.click("omar", FINDINGS, ts, "false_positive")
    changed = driver.wait_for(lambda: [m for m in driver.messages(FINDINGS) if m.get("edited")])
    assert changed[0]["ts"] == ts
    assert "U0OMAR00001" in changed[0]["text"]


def test_an_overflow_menu_sends_the_chosen_option(driver: Driver) -> None:
    driver.click("dana", FINDINGS, finding(driver), "more", "accept")
    driver.wait_for(
        lambda: [m for m in driver.ephemerals("dana", FINDINGS) if m["text"] == "chosen: accept"]
    )


def test_a_menu_refuses_an_option_it_does_not_have(driver: Driver) -> None:
    with pytest.raises(Refused, match="invalid_choice"):
        driver.click("dana", FINDINGS, finding(driver), "more", "delete everything")


def test_a_modal_opens_is_filled_while_open_and_submits(driver: Driver) -> None:
    view_id = reviewed(driver, finding(driver))
    assert driver.submit("dana", view_id, {"callers": "clients", "note": "now"}) == {}
    driver.wait_for(lambda: "Pull request for finding-1" in texts(driver))
    assert driver.open_views("dana") == []


def test_a_modal_lacking_a_required_input_never_reaches_the_app(driver: Driver) -> None:
    view_id = reviewed(driver, finding(driver))
    assert driver.submit("dana", view_id) == {"who": "Please complete this required field."}
    assert driver.submit("dana", view_id, {"callers": "clients", "note": "x" * 51})["note"]


def test_errors_of_the_app_leave_the_modal_open(driver: Driver) -> None:
    view_id = reviewed(driver, finding(driver))
    assert driver.submit("dana", view_id, {"callers": "webhooks"}) == {
        "who": "Webhooks cannot sign requests."
    }
    assert [view["id"] for view in driver.open_views("dana")] == [view_id]


def test_a_submission_may_change_the_modal(driver: Driver) -> None:
    view_id = reviewed(driver, finding(driver))
    assert driver.submit("dana", view_id, {"callers": "unknown"}) == {}
    assert driver.open_views("dana")[-1]["title"]["text"] == "Watch first"


def test_a_submission_may_push_a_modal_and_the_next_may_clear_all(driver: Driver) -> None:
    view_id = reviewed(driver, finding(driver))
    driver.submit("dana", view_id, {"callers": "several"})
    first, second = driver.open_views("dana")
    assert second["previous_view_id"] == second["root_view_id"] == first["id"]
    driver.submit("dana", second["id"])
    assert driver.open_views("dana") == []


def test_a_button_in_a_modal_pushes_another(driver: Driver) -> None:
    view_id = reviewed(driver, finding(driver))
    driver.click_view("dana", view_id, "reject")
    driver.wait_for(lambda: len(driver.open_views("dana")) == 2)


def test_what_was_typed_survives_an_update_of_the_modal(driver: Driver) -> None:
    view_id = reviewed(driver, finding(driver))
    driver.click_view("dana", view_id, "reload", values={"callers": "clients", "note": "kept"})
    view = driver.wait_for(
        lambda: [
            v for v in driver.open_views("dana") if v["blocks"][0]["text"]["text"] == "Reloaded"
        ]
    )[0]
    assert view["state"]["values"]["note"]["note"]["value"] == "kept"


def test_closing_a_modal_tells_an_app_that_asked(driver: Driver) -> None:
    driver.close_view("dana", reviewed(driver, finding(driver)))
    driver.wait_for(lambda: "Review closed" in texts(driver))


def test_nobody_submits_the_modal_of_another(driver: Driver) -> None:
    view_id = reviewed(driver, finding(driver))
    with pytest.raises(Refused, match="not_found"):
        driver.submit("omar", view_id, {"callers": "clients"})


def test_a_mention_in_a_thread_reaches_the_app_and_is_answered_there(driver: Driver) -> None:
    ts = finding(driver)
    driver.say("omar", FINDINGS, "@plumb why <is> this & that?", ts)
    answer = driver.wait_for(lambda: driver.thread(FINDINGS, ts)[2:])[0]
    assert answer["text"] == "heard: <@U0PLUMBLINE> why &lt;is&gt; this &amp; that?"
    assert answer["thread_ts"] == ts


def test_a_slash_command_in_a_thread_is_refused(driver: Driver) -> None:
    ts = finding(driver)
    with pytest.raises(Refused, match="not supported in threads"):
        driver.slash("dana", FINDINGS, "/plumb scan", ts)


def test_an_unknown_command_is_refused(driver: Driver) -> None:
    with pytest.raises(Refused, match="unknown_command"):
        driver.slash("dana", FINDINGS, "/lumb scan")


def test_opening_the_home_tab_has_it_published_and_its_buttons_work(driver: Driver) -> None:
    driver.open_home("priya")
    view = driver.wait_for(lambda: driver.home("priya"))
    assert view
    driver.click_view("priya", view["id"], "scan")
    driver.wait_for(lambda: "34" in json.dumps(driver.home("priya")))


def test_a_direct_message_is_answered(driver: Driver) -> None:
    driver.say("omar", "@plumb", "hello")
    driver.wait_for(
        lambda: [m for m in driver.messages("@plumb", "omar") if m["text"] == "I hear you"]
    )


def test_reconnecting_loses_nothing() -> None:
    with Workspace(limits=Limits(message_per_s=0), **PATIENT) as workspace, by_socket(workspace):
        driver = Driver(workspace.base_url)
        assert driver.disconnect_app() == 1
        driver.wait_for(driver.is_connected)
        driver.slash("dana", FINDINGS, "/plumb scan")
        driver.wait_for(lambda: driver.messages(FINDINGS))


def test_an_event_that_is_not_acknowledged_comes_again_with_the_same_event_id() -> None:
    seen: list[tuple[str, str | None]] = []

    def answer(body: str, headers: dict[str, str]) -> tuple[int, str, str]:
        seen.append((json.loads(body)["event_id"], headers.get("x-slack-retry-num")))
        return (500 if len(seen) < 3 else 200), "", "text/plain"

    with (
        listening(answer) as url,
        Workspace(request_url=url, retry_delays_s=(0, 0.05, 0.05)) as workspace,
    ):
        driver = Driver(workspace.base_url)
        driver.say("dana", FINDINGS, "@plumb hello")
        driver.wait_for(lambda: len(driver.deliveries()) == 3)
        attempts = [delivery["attempt"] for delivery in driver.deliveries()]
    assert attempts == [0, 1, 2]
    assert len({event for event, _ in seen}) == 1
    assert [retry for _, retry in seen] == [None, "1", "2"]


def test_an_envelope_that_is_not_acknowledged_comes_again_on_the_socket() -> None:
    async def listen(url: str, driver: Driver) -> list[dict[str, Any]]:
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            assert (await socket.receive_json())["type"] == "hello"
            await asyncio.to_thread(driver.say, "dana", FINDINGS, "@plumb hello")
            first, second = await socket.receive_json(), await socket.receive_json()
            await socket.send_json({"envelope_id": second["envelope_id"]})
            await asyncio.to_thread(driver.wait_for, lambda: len(driver.deliveries()) == 2)
            return [first, second, driver.deliveries()[1]]

    with Workspace(ack_timeout_s=1, retry_delays_s=(0, 60)) as workspace:
        client = WebClient(token=workspace.bot_token, base_url=workspace.api_url)
        url = client.apps_connections_open(app_token=workspace.app_token)["url"]
        first, second, logged = asyncio.run(listen(url, Driver(workspace.base_url)))
    assert logged["failure"] == ""
    assert (first["retry_attempt"], second["retry_attempt"]) == (0, 1)
    assert second["retry_reason"] == "timeout"
    assert first["payload"]["event_id"] == second["payload"]["event_id"]
    assert first["envelope_id"] != second["envelope_id"]


def test_the_same_delivery_can_be_sent_twice_on_purpose() -> None:
    with Workspace(limits=Limits(message_per_s=0), **PATIENT) as workspace, by_socket(workspace):
        driver = Driver(workspace.base_url)
        driver.say("dana", FINDINGS, "@plumb hello")
        driver.wait_for(driver.deliveries)
        assert driver.replay()["failure"] == ""
        first, second = driver.deliveries()
        assert first["payload"]["event_id"] == second["payload"]["event_id"]


def test_an_app_that_is_too_slow_is_reported_as_slack_does() -> None:
    with (
        listening(lambda *_: _slow()) as url,
        Workspace(request_url=url, ack_timeout_s=0.1) as workspace,
        pytest.raises(Refused, match="operation_timeout"),
    ):
        Driver(workspace.base_url).slash("dana", FINDINGS, "/plumb scan")


def _slow() -> tuple[int, str, str]:
    time.sleep(0.3)
    return 200, "", "text/plain"


def test_without_an_app_a_command_fails_to_dispatch() -> None:
    with Workspace() as workspace, pytest.raises(Refused, match="dispatch_failed"):
        Driver(workspace.base_url).slash("dana", FINDINGS, "/plumb scan")


def test_the_request_url_is_verified_by_its_challenge() -> None:
    def echo(body: str, _: dict[str, str]) -> tuple[int, str, str]:
        return 200, json.dumps({"challenge": json.loads(body)["challenge"]}), "application/json"

    with listening(echo) as url:
        assert asyncio.run(Workspace(request_url=url).delivery.verify_request_url())
    with listening(lambda *_: (200, "no", "text/plain")) as url:
        assert not asyncio.run(Workspace(request_url=url).delivery.verify_request_url())
