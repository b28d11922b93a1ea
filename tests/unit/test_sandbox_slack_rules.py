"""The small rules of the workspace that need no server."""

import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from sandbox.slack import forms, web_api
from sandbox.slack.acting import as_typed
from sandbox.slack.delivery import sign
from sandbox.slack.state import SlackError, State, filled

Json = dict[str, Any]


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def options(*values: str) -> list[Json]:
    return [{"text": plain(value), "value": value} for value in values]


def field(block_id: str, element: Json, **extra: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain("L"), "element": element, **extra}


def element(kind: str, action_id: str = "a", **extra: Any) -> Json:
    return {"type": kind, "action_id": action_id, **extra}


# text as people type it
@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("@plumb why", "<@U0PLUMBLINE> why"),
        ("@team-orders look", "<!subteam^S0ORDERS001> look"),
        ("see #orders.", "see <#C0ORDERS001|orders>."),
        ("mail me@plumb.example", "mail me@plumb.example"),
        ("@nobody here", "@nobody here"),
        ("<@U0DANA00001> hi", "<@U0DANA00001> hi"),
        ("<@U0NOBODY001> hi", "&lt;@U0NOBODY001&gt; hi"),
        ("<script>", "&lt;script&gt;"),
        ("&#39; stays", "&amp;#39; stays"),
    ],
)
def test_typed_text_is_stored_as_slack_stores_it(typed: str, stored: str) -> None:
    assert as_typed(State(), typed) == stored


@given(st.text(max_size=60))
def test_no_typed_text_leaves_a_bare_angle_bracket_of_its_own(text: str) -> None:
    stored = as_typed(State(), text)
    for known in ("<@U0PLUMBLINE>", "<@U0DANA00001>"):
        stored = stored.replace(known, "")
    assert "<" not in stored.replace("<!subteam^", "").replace("<#", "").replace("<@", "")


# time, triggers, signatures, pace
def test_message_timestamps_only_grow_even_when_the_clock_stands_still() -> None:
    state = State(clock=Clock())
    stamps = [state.next_ts() for _ in range(50)]
    assert stamps == sorted(set(stamps))
    assert all(len(stamp.split(".")[1]) == 6 for stamp in stamps)


def test_a_trigger_is_taken_once_and_not_too_late() -> None:
    clock = Clock()
    state = State(clock=clock)
    fresh, old = state.new_trigger("U1"), state.new_trigger("U1")
    assert state.take_trigger(fresh) == "U1"
    with pytest.raises(SlackError, match="exchanged_trigger_id"):
        state.take_trigger(fresh)
    clock.now += 3.01
    with pytest.raises(SlackError, match="expired_trigger_id"):
        state.take_trigger(old)


def test_a_request_is_signed_as_slack_signs_it() -> None:
    signature = sign("secret", "1800000000", "a=1")
    expected = hmac.new(b"secret", b"v0:1800000000:a=1", hashlib.sha256).hexdigest()
    assert signature == f"v0={expected}"
    verifier = SignatureVerifier("secret")
    assert verifier.generate_signature(timestamp="1800000000", body="a=1") == signature


def test_one_message_a_second_a_channel_after_a_burst() -> None:
    clock = Clock()
    pace = web_api.Pace(web_api.Limits(message_per_s=1, message_burst=2), clock)
    context: Any = None

    def post(channel: str) -> None:
        pace.check(web_api.Call("chat.postMessage", {"channel": channel}, context), 0)

    post("A")
    post("A")
    with pytest.raises(SlackError) as caught:
        post("A")
    assert caught.value.extra["retry_after_s"] == 1
    post("B")
    clock.now += 1
    post("A")


# what Slack adds to blocks
def test_blocks_are_completed_without_changing_what_was_sent() -> None:
    sent = [
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "a"},
            "accessory": {"type": "button", "text": plain("b")},
        }
    ]
    before = repr(sent)
    done = filled(sent)
    assert repr(sent) == before
    assert done[0]["block_id"]
    assert done[0]["accessory"]["action_id"]
    assert done[0]["accessory"]["text"]["emoji"] is True


# forms
@pytest.mark.parametrize(
    ("kind", "extra", "value", "state"),
    [
        ("plain_text_input", {}, "x", {"value": "x"}),
        ("plain_text_input", {}, "", {"value": None}),
        ("number_input", {"is_decimal_allowed": False}, 5, {"value": "5"}),
        (
            "static_select",
            {"options": options("p", "q")},
            "q",
            {"selected_option": options("q")[0]},
        ),
        ("radio_buttons", {"options": options("p")}, "", {"selected_option": None}),
        ("checkboxes", {"options": options("p", "q")}, ["q"], {"selected_options": options("q")}),
        ("datepicker", {}, "2026-11-24", {"selected_date": "2026-11-24"}),
        ("timepicker", {}, "", {"selected_time": None}),
        ("users_select", {}, "U1", {"selected_user": "U1"}),
        ("multi_users_select", {}, None, {"selected_users": []}),
        (
            "static_select",
            {"option_groups": [{"label": plain("G"), "options": options("p")}]},
            "p",
            {"selected_option": options("p")[0]},
        ),
    ],
)
def test_a_raw_value_becomes_the_state_slack_sends(
    kind: str, extra: Json, value: Any, state: Json
) -> None:
    assert forms.entered(element(kind, **extra), value) == {"type": kind, **state}


def test_a_value_that_is_no_option_is_refused() -> None:
    with pytest.raises(SlackError, match="invalid_choice"):
        forms.entered(element("static_select", options=options("p")), "z")


def test_a_form_starts_with_its_initial_values() -> None:
    blocks = [
        field("one", element("plain_text_input", initial_value="x")),
        field(
            "two",
            element("radio_buttons", options=options("p", "q"), initial_option=options("q")[0]),
        ),
        field("three", element("datepicker", initial_date="2026-11-24")),
        {
            "type": "actions",
            "block_id": "four",
            "elements": [element("button", "b", text=plain("B"))],
        },
    ]
    values = forms.initial_values(blocks)
    assert values["one"]["a"]["value"] == "x"
    assert values["two"]["a"]["selected_option"]["value"] == "q"
    assert values["three"]["a"]["selected_date"] == "2026-11-24"
    assert "four" not in values


def test_a_form_is_filled_by_action_id_or_by_block_id_and_nothing_else() -> None:
    blocks = [
        field("one", element("plain_text_input", "first")),
        field("two", element("plain_text_input", "second")),
    ]
    values = forms.initial_values(blocks)
    forms.fill(values, blocks, {"first": "x", "two": "y"})
    assert (values["one"]["first"]["value"], values["two"]["second"]["value"]) == ("x", "y")
    with pytest.raises(SlackError, match="unknown_field"):
        forms.fill(values, blocks, {"third": "z"})


@pytest.mark.parametrize(
    ("extra", "block", "value", "fault"),
    [
        ({}, {}, None, forms.REQUIRED),
        ({}, {"optional": True}, None, ""),
        ({"min_length": 3}, {}, "ab", "Enter at least 3 characters."),
        ({"max_length": 1}, {}, "ab", "Enter at most 1 characters."),
        ({"max_length": 2}, {}, "ab", ""),
    ],
)
def test_slacks_own_client_refuses_some_inputs(
    extra: Json, block: Json, value: str | None, fault: str
) -> None:
    blocks = [field("one", element("plain_text_input", **extra), **block)]
    values = forms.initial_values(blocks)
    forms.fill(values, blocks, {"a": value})
    assert forms.faults(blocks, values).get("one", "") == fault


def test_an_action_carries_what_its_element_holds() -> None:
    block = {"type": "actions", "block_id": "b", "elements": []}
    pressed = forms.action(
        block, element("button", text=plain("Go"), value="1", style="primary"), value=None, ts="1.0"
    )
    assert (pressed["value"], pressed["style"], pressed["block_id"]) == ("1", "primary", "b")
    chosen = forms.action(block, element("overflow", options=options("p")), value="p", ts="1.0")
    assert chosen["selected_option"]["value"] == "p"
    dated = forms.action(block, element("datepicker"), value="2026-11-24", ts="1.0")
    assert dated["selected_date"] == "2026-11-24"
