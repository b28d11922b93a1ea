from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.slack import block_kit

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(value: str = "v", text: str = "Option", **extra: Any) -> Json:
    return {"text": plain(text), "value": value, **extra}


def button(**extra: Any) -> Json:
    return {"type": "button", "text": plain("Go"), "action_id": "go", **extra}


def section(**extra: Any) -> Json:
    return {"type": "section", "text": mrkdwn("hello"), **extra}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def field(element: Json, **extra: Any) -> Json:
    return {"type": "input", "label": plain("Label"), "element": element, **extra}


def modal(*blocks: Json, **extra: Any) -> Json:
    submit = {"submit": plain("Save")}
    return {"type": "modal", "title": plain("Title"), "blocks": list(blocks), **submit, **extra}


def menu(kind: str, **extra: Any) -> Json:
    return {"type": kind, "action_id": "choose", **extra}


CONFIRM = {
    "title": plain("Sure?"),
    "text": mrkdwn("Really"),
    "confirm": plain("Yes"),
    "deny": plain("No"),
}
IMAGE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a picture"}
RICH = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [
            {"type": "text", "text": "bold", "style": {"bold": True}},
            {"type": "link", "url": "https://example.com", "text": "a link"},
            {"type": "user", "user_id": "U1"}, {"type": "emoji", "name": "wave"},
            {"type": "channel", "channel_id": "C1"}, {"type": "usergroup", "usergroup_id": "S1"},
            {"type": "broadcast", "range": "here"}, {"type": "color", "value": "#fff"},
            {"type": "date", "timestamp": 1_700_000_000, "format": "{date}"},
        ]},
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "code"}], "border": 0},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]},
    ],
}  # fmt: skip

ACCEPTED: dict[str, Json] = {
    "a section with text": section(),
    "a section with fields only": {"type": "section", "fields": [plain("a"), mrkdwn("b")]},
    "a section with an accessory button": section(accessory=button(style="primary", value="1", confirm=CONFIRM)),
    "a section with a picture": section(accessory=IMAGE),
    "a section of 3,000 characters": section(text=mrkdwn("x" * 3000)),
    "a header": {"type": "header", "text": plain("x" * 150)},
    "a divider with a block id": {"type": "divider", "block_id": "d"},
    "a context of texts and pictures": {"type": "context", "elements": [mrkdwn("a"), plain("b"), IMAGE]},
    "an image with a title": IMAGE | {"title": plain("T")},
    "an image of an uploaded file": {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "x"},
    "actions with every menu": actions(
        button(url="https://example.com", action_id="a"),
        menu("overflow", options=[option(url="https://example.com")]),
        menu("static_select", options=[option()], action_id="c", placeholder=plain("p")),
        menu("multi_static_select", options=[option()], initial_options=[option()], action_id="d"),
        menu("users_select", action_id="e"),
        menu("channels_select", action_id="f"),
        menu("conversations_select", action_id="g", filter={"include": ["private"]}),
        menu("external_select", action_id="h", min_query_length=0),
        menu("datepicker", action_id="i", initial_date="2026-02-28"),
        menu("timepicker", action_id="j", initial_time="09:10"),
        menu("datetimepicker", action_id="k", initial_date_time=1_700_000_000),
        menu("checkboxes", options=[option()], action_id="l"),
        menu("radio_buttons", options=[option()], initial_option=option(), action_id="m"),
    ),
    "option groups": actions(
        menu("static_select", option_groups=[{"label": plain("G"), "options": [option()]}], initial_option=option())
    ),
    "an input in a message": field(menu("plain_text_input", multiline=True, max_length=10)),
    "rich text": RICH,
    "markdown": {"type": "markdown", "text": "**hello**"},
    "a table": {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, RICH]]},
    "feedback buttons": {
        "type": "context_actions",
        "elements": [
            menu(
                "feedback_buttons",
                positive_button={"text": plain("Good"), "value": "1"},
                negative_button={"text": plain("Bad"), "value": "0"},
            )
        ],
    },
    "a video": {
        "type": "video", "alt_text": "x", "title": plain("t"),
        "thumbnail_url": "https://example.com/t.png", "video_url": "https://example.com/v",
    },
}  # fmt: skip


@pytest.mark.parametrize("block", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_a_block_that_slack_takes_is_taken(block: Json) -> None:
    assert block_kit.message_errors([block]) == ()


REFUSED: dict[str, tuple[Json, str]] = {
    "an unknown block type": (
        {"type": "poster"},
        "unsupported type: poster [json-pointer:/blocks/0/type]",
    ),
    "a block without a type": ({"text": mrkdwn("a")}, "missing required field: type"),
    "an unknown property": (section(colour="red"), "invalid additional property: colour"),
    "a section with neither text nor fields": (
        {"type": "section"},
        "must define either `text` or `fields`",
    ),
    "a section of 3,001 characters": (
        section(text=mrkdwn("x" * 3001)),
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    "a section with an empty text": (section(text=mrkdwn("")), "must be more than 0 characters"),
    "a section whose text is a string": (
        section(text="hello"),
        "failed to match all allowed schemas",
    ),
    "11 fields": (
        {"type": "section", "fields": [plain("a")] * 11},
        "no more than 10 items allowed",
    ),
    "a field of 2,001 characters": (
        {"type": "section", "fields": [plain("x" * 2001)]},
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    "an accessory that is no element": (
        section(accessory={"type": "gauge"}),
        "unsupported type: gauge",
    ),
    "an input element as an accessory": (
        section(accessory=menu("plain_text_input")),
        "unsupported type",
    ),
    "a header in mrkdwn": ({"type": "header", "text": mrkdwn("x")}, "must be of type plain_text"),
    "a header of 151 characters": (
        {"type": "header", "text": plain("x" * 151)},
        "must be less than 151 characters",
    ),
    "a header without text": ({"type": "header"}, "missing required field: text"),
    "a context with 11 elements": (
        {"type": "context", "elements": [plain("a")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    "an empty context": ({"type": "context", "elements": []}, "no less than 1 items allowed"),
    "a button in a context": (
        {"type": "context", "elements": [button()]},
        "unsupported type: button",
    ),
    "actions with 26 elements": (
        actions(*(button(action_id=f"a{n}") for n in range(26))),
        "no more than 25 items allowed",
    ),
    "an empty actions block": (actions(), "no less than 1 items allowed"),
    "an image without alt text": (
        {"type": "image", "image_url": "https://example.com/a.png"},
        "missing required field: alt_text",
    ),
    "an image without a source": (
        {"type": "image", "alt_text": "x"},
        "exactly one of `image_url` or `slack_file`",
    ),
    "an image whose address is no address": (IMAGE | {"image_url": "a.png"}, "must be a valid URL"),
    "a button in mrkdwn": (actions(button(text=mrkdwn("Go"))), "must be of type plain_text"),
    "a button of 76 characters": (
        actions(button(text=plain("x" * 76))),
        "must be less than 76 characters",
    ),
    "a button value of 2,001 characters": (
        actions(button(value="x" * 2001)),
        "must be less than 2001 characters",
    ),
    "an action id of 256 characters": (
        actions(button(action_id="x" * 256)),
        "must be less than 256 characters",
    ),
    "an action id twice in a block": (
        actions(button(), button()),
        '`action_id` "go" already exists',
    ),
    "a button in an unknown style": (actions(button(style="blue")), "must be a valid enum value"),
    "a button to a javascript address": (
        actions(button(url="javascript:x")),
        "must be a valid URL",
    ),
    "a confirmation without a deny": (
        actions(button(confirm={k: v for k, v in CONFIRM.items() if k != "deny"})),
        "missing required field: deny",
    ),
    "a block id of 256 characters": (
        section(block_id="x" * 256),
        "must be less than 256 characters",
    ),
    "an overflow of 6": (
        actions(menu("overflow", options=[option(str(n)) for n in range(6)])),
        "no more than 5 items allowed",
    ),
    "an overflow option of 76 characters": (
        actions(menu("overflow", options=[option(text="x" * 76)])),
        "must be less than 76 characters",
    ),
    "an option value of 151 characters": (
        actions(menu("overflow", options=[option("x" * 151)])),
        "must be less than 151 characters",
    ),
    "an option without a value": (
        actions(menu("overflow", options=[{"text": plain("a")}])),
        "missing required field: value",
    ),
    "an option url outside an overflow": (
        actions(menu("static_select", options=[option(url="https://example.com")])),
        "invalid additional property: url",
    ),
    "a select option in mrkdwn": (
        actions(menu("static_select", options=[{"text": mrkdwn("a"), "value": "a"}])),
        "must be of type plain_text",
    ),
    "a select with 101 options": (
        actions(menu("static_select", options=[option(str(n)) for n in range(101)])),
        "no more than 100 items allowed",
    ),
    "a select without options": (
        actions(menu("static_select")),
        "exactly one of `options` or `option_groups`",
    ),
    "an initial option that is none": (
        actions(menu("static_select", options=[option("a")], initial_option=option("b"))),
        "initial choice must exactly match",
    ),
    "an initial option with other words": (
        actions(menu("radio_buttons", options=[option("a", "A")], initial_option=option("a", "B"))),
        "initial choice must exactly match",
    ),
    "11 radio buttons": (
        actions(menu("radio_buttons", options=[option(str(n)) for n in range(11)])),
        "no more than 10 items allowed",
    ),
    "11 checkboxes": (
        actions(menu("checkboxes", options=[option(str(n)) for n in range(11)])),
        "no more than 10 items allowed",
    ),
    "a placeholder of 151 characters": (
        actions(menu("users_select", placeholder=plain("x" * 151))),
        "must be less than 151 characters",
    ),
    "a date that is none": (
        actions(menu("datepicker", initial_date="2026-13-01")),
        "must be a valid date",
    ),
    "a time that is none": (
        actions(menu("timepicker", initial_time="25:00")),
        "must be a valid time",
    ),
    "a text input in actions": (
        actions(menu("plain_text_input")),
        "unsupported type: plain_text_input",
    ),
    "an input without a label": (
        {"type": "input", "element": menu("plain_text_input")},
        "missing required field: label",
    ),
    "an input with a button": (field(button()), "unsupported type: button"),
    "a number input that does not say about decimals": (
        field(menu("number_input")),
        "is_decimal_allowed",
    ),
    "a minimum length above the maximum": (
        field(menu("plain_text_input", min_length=5, max_length=4)),
        "min_length must not be more than max_length",
    ),
    "a rich text element of an unknown kind": (
        {"type": "rich_text", "elements": [{"type": "rich_text_poem", "elements": []}]},
        "unsupported type: rich_text_poem",
    ),
    "a rich text link without an address": (
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "link"}]}],
        },
        "missing required field: url",
    ),
    "markdown of 12,001 characters": (
        {"type": "markdown", "text": "x" * 12_001},
        "must be less than 12001 characters",
    ),
    "a boolean that is a word": (section(expand="yes"), "must provide a boolean"),
    "elements that are no list": (
        {"type": "actions", "elements": button()},
        "must provide an array",
    ),
}


@pytest.mark.parametrize(("block", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_a_block_that_slack_refuses_is_refused_with_its_sentence(
    block: Json, sentence: str
) -> None:
    errors = block_kit.message_errors([block])
    assert any(sentence in error for error in errors), errors


def test_the_same_action_id_in_two_blocks_is_taken_as_slack_takes_it() -> None:
    assert block_kit.message_errors([actions(button()), actions(button())]) == ()


def test_a_block_id_twice_in_a_message_is_refused() -> None:
    errors = block_kit.message_errors([section(block_id="a"), {"type": "divider", "block_id": "a"}])
    assert errors == ('`block_id` "a" already exists [json-pointer:/blocks]',)


@pytest.mark.parametrize(("count", "accepted"), [(50, True), (51, False)])
def test_a_message_holds_at_most_fifty_blocks(count: int, accepted: bool) -> None:
    assert (block_kit.message_errors([{"type": "divider"}] * count) == ()) is accepted


def test_a_message_holds_at_most_one_table() -> None:
    table = ACCEPTED["a table"]
    assert any("only one table" in e for e in block_kit.message_errors([table, table]))


@pytest.mark.parametrize(
    "blocks",
    [
        {},
        "text",
        [1],
        ["section"],
        [None],
        [{"type": ["section"]}],
        [{"type": "actions", "elements": [{"type": {}, "options": 1}]}],
        [actions(menu("static_select", options=1, option_groups="x", initial_options=3))],
        [actions(menu("checkboxes", options=[1], initial_options=[2]))],
    ],
)
def test_blocks_that_are_no_blocks_are_refused_without_a_crash(blocks: Any) -> None:
    assert block_kit.message_errors(blocks)


@pytest.mark.parametrize(("count", "accepted"), [(100, True), (101, False)])
def test_a_view_holds_at_most_a_hundred_blocks(count: int, accepted: bool) -> None:
    assert (block_kit.view_errors(modal(*[{"type": "divider"}] * count)) == ()) is accepted


VIEWS_REFUSED: dict[str, tuple[Json, str]] = {
    "no type": ({"blocks": []}, "missing required field: type"),
    "an unknown type": (modal() | {"type": "dialog"}, "must be a valid enum value"),
    "no title": (
        {k: v for k, v in modal().items() if k != "title"},
        "missing required field: title",
    ),
    "no blocks": (
        {k: v for k, v in modal().items() if k != "blocks"},
        "missing required field: blocks",
    ),
    "a title of 25 characters": (
        modal(title=plain("x" * 25)),
        "must be less than 25 characters [json-pointer:/view/title/text]",
    ),
    "a title in mrkdwn": (modal(title=mrkdwn("x")), "must be of type plain_text"),
    "a submit of 25 characters": (modal(submit=plain("x" * 25)), "must be less than 25 characters"),
    "a close of 25 characters": (modal(close=plain("x" * 25)), "must be less than 25 characters"),
    "private metadata of 3,001 characters": (
        modal(private_metadata="x" * 3001),
        "must be less than 3001 characters",
    ),
    "a callback id of 256 characters": (
        modal(callback_id="x" * 256),
        "must be less than 256 characters",
    ),
    "an external id of 256 characters": (
        modal(external_id="x" * 256),
        "must be less than 256 characters",
    ),
    "an input without a submit": (
        modal(field(menu("plain_text_input")), submit=None),
        "missing required field: submit",
    ),
    "markdown, which only messages take": (
        modal(ACCEPTED["markdown"]),
        "unsupported type: markdown",
    ),
    "an unknown property": (modal(size="large"), "invalid additional property: size"),
    "a fault inside its blocks": (modal({"type": "header"}), "json-pointer:/view/blocks/0"),
}


@pytest.mark.parametrize(("view", "sentence"), VIEWS_REFUSED.values(), ids=VIEWS_REFUSED.keys())
def test_a_view_that_slack_refuses_is_refused(view: Json, sentence: str) -> None:
    errors = block_kit.view_errors(view)
    assert any(sentence in error for error in errors), errors


def test_a_home_tab_needs_no_title_and_a_modal_without_inputs_no_submit() -> None:
    assert block_kit.view_errors({"type": "home", "blocks": [section()]}) == ()
    assert block_kit.view_errors(modal(section(), submit=None)) == ()


def test_every_input_element_is_taken_inside_a_modal() -> None:
    elements = [
        menu("plain_text_input", initial_value="x", placeholder=plain("p")),
        menu("email_text_input"),
        menu("url_text_input"),
        menu("number_input", is_decimal_allowed=False, min_value="1"),
        menu("rich_text_input"),
        menu("file_input", max_files=1),
        menu("multi_users_select", max_selected_items=2),
        menu("multi_channels_select"),
        menu("multi_conversations_select"),
    ]
    assert block_kit.view_errors(modal(*map(field, elements))) == ()


def test_a_view_above_250_kilobytes_is_too_large() -> None:
    assert block_kit.view_is_too_large(modal(*[section(text=mrkdwn("x" * 3000))] * 90))
    assert not block_kit.view_is_too_large(modal(section()))


def test_blocks_without_a_fallback_text_are_noted_not_refused() -> None:
    assert "fallback" in block_kit.message_notes("", [section()])[0]
    assert block_kit.message_notes("fallback", [section()]) == ()


def test_the_text_of_blocks_is_counted_wherever_it_stands() -> None:
    blocks = [section(accessory=button()), {"type": "context", "elements": [plain("abc")]}]
    assert block_kit.text_length(blocks) == len("hello") + len("Go") + len("abc")


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["type", "text", "elements", "element", "accessory", "options", "fields", "rows", "label", "initial_option", "option_groups"]),
        inner | st.sampled_from(["section", "actions", "button", "input", "context", "static_select", "table", "plain_text", "rich_text", "overflow"]),
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize("judge", [block_kit.message_errors, block_kit.view_errors])
@given(value=JSON)
def test_no_json_at_all_makes_the_judge_crash(
    judge: Callable[[Any], tuple[str, ...]], value: Any
) -> None:
    assert isinstance(judge([value] if judge is block_kit.message_errors else value), tuple)
