"""Refuse the Block Kit that Slack refuses, with Slack's sentences. Pure: no I/O, no clock.

`message_errors` and `view_errors` return what Slack would put into `response_metadata.messages`
(without its "[ERROR] " prefix); an empty tuple means accepted. The rules come from
https://docs.slack.dev/reference/block-kit and https://docs.slack.dev/reference/views, read in
November 2026. Slack asks for unique action ids within one block, unique block ids within one
surface, and takes input blocks in messages too; so does this.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sandbox.slack import elements, shape
from sandbox.slack.shape import Checker, Report

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
BLOCK_ID_LENGTH = 255
SECTION_LENGTH = 3000
FIELD_LENGTH = 2000
FIELDS = 10
HEADER_LENGTH = 150
CONTEXT_ELEMENTS = 10
ACTIONS_ELEMENTS = 25
MARKDOWN_LENGTH = 12_000
MESSAGE_TEXT_LENGTH = 12_000
"""Cumulative text of a message's blocks, as Slack's maintainers give it for `msg_blocks_too_long`:
https://github.com/slackapi/bolt-js/issues/2509"""
PRIVATE_METADATA_LENGTH = 3000
CALLBACK_ID_LENGTH = 255
TITLE_LENGTH = 24
VIEW_BYTES = 250_000

_COMMON: Mapping[str, Checker] = {
    "type": shape.anything,
    "block_id": shape.string(most=BLOCK_ID_LENGTH),
}


def _section(report: Report, value: Any, pointer: str) -> None:
    """See <https://docs.slack.dev/reference/block-kit/blocks/section-block>."""
    fields: dict[str, Checker] = {
        **_COMMON,
        "text": shape.formatted(SECTION_LENGTH),
        "fields": shape.items(shape.formatted(FIELD_LENGTH), most=FIELDS),
        "accessory": shape.typed(elements.IN_SECTION),
        "expand": shape.boolean,
    }
    shape.record(fields)(report, value, pointer)
    if value.get("text") is None and value.get("fields") is None:
        report.add("must define either `text` or `fields`", pointer)


def _image(report: Report, value: Any, pointer: str) -> None:
    """See <https://docs.slack.dev/reference/block-kit/blocks/image-block>."""
    fields: dict[str, Checker] = {
        **_COMMON,
        "image_url": shape.url,
        "slack_file": elements.SLACK_FILE,
        "alt_text": shape.string(most=2000),
        "title": shape.plain(2000),
    }
    shape.record(fields, required=("alt_text",))(report, value, pointer)
    elements.one_source(report, value, pointer)


_RICH_LEAF_FIELDS: Mapping[str, tuple[str, ...]] = {
    "text": ("text",),
    "link": ("url",),
    "user": ("user_id",),
    "usergroup": ("usergroup_id",),
    "channel": ("channel_id",),
    "emoji": ("name",),
    "broadcast": ("range",),
    "color": ("value",),
    "date": ("timestamp", "format"),
    "team": ("team_id",),
}
_RICH_LEAF_OPTIONAL = ("style", "text", "unsafe", "unicode", "skin_tone", "fallback", "url")


def _rich_leaf(name: str) -> Checker:
    required = _RICH_LEAF_FIELDS[name]
    allowed = ("type", *required, *_RICH_LEAF_OPTIONAL)
    return shape.record(dict.fromkeys(allowed, shape.anything), required=required)


_RICH_LEAVES = shape.items(
    shape.typed({name: _rich_leaf(name) for name in _RICH_LEAF_FIELDS}), most=1000, least=0
)
_RICH_SECTION = shape.record(
    {"type": shape.anything, "elements": _RICH_LEAVES, "border": shape.anything},
    required=("elements",),
)
_RICH_LIST = shape.record(
    {
        "type": shape.anything,
        "style": shape.one_of("bullet", "ordered"),
        "elements": shape.items(shape.typed({"rich_text_section": _RICH_SECTION}), most=1000),
        "indent": shape.integer(least=0, most=8),
        "offset": shape.integer(least=0, most=100_000),
        "border": shape.anything,
    },
    required=("style", "elements"),
)
_RICH_TEXT = shape.record(
    {
        **_COMMON,
        "elements": shape.items(
            shape.typed(
                {
                    "rich_text_section": _RICH_SECTION,
                    "rich_text_preformatted": _RICH_SECTION,
                    "rich_text_quote": _RICH_SECTION,
                    "rich_text_list": _RICH_LIST,
                }
            ),
            most=1000,
        ),
    },
    required=("elements",),
)
"""See <https://docs.slack.dev/reference/block-kit/blocks/rich-text-block>."""

_INPUT = shape.record(
    {
        **_COMMON,
        "label": shape.plain(2000),
        "element": shape.typed(elements.IN_INPUT),
        "dispatch_action": shape.boolean,
        "hint": shape.plain(2000),
        "optional": shape.boolean,
    },
    required=("label", "element"),
)
"""See <https://docs.slack.dev/reference/block-kit/blocks/input-block>."""

_VIDEO = shape.record(
    {
        **_COMMON,
        "alt_text": shape.string(most=2000),
        "author_name": shape.string(most=49),
        "description": shape.plain(200),
        "provider_icon_url": shape.url,
        "provider_name": shape.string(most=50),
        "title": shape.plain(199),
        "title_url": shape.url,
        "thumbnail_url": shape.url,
        "video_url": shape.url,
    },
    required=("alt_text", "title", "thumbnail_url", "video_url"),
)

_TABLE_CELL = shape.typed(
    {
        "raw_text": shape.record(
            {"type": shape.anything, "text": shape.string(most=SECTION_LENGTH)}, required=("text",)
        ),
        "rich_text": _RICH_TEXT,
    }
)
_TABLE = shape.record(
    {
        **_COMMON,
        "rows": shape.items(shape.items(_TABLE_CELL, most=20), most=100),
        "column_settings": shape.items(shape.anything, most=20),
    },
    required=("rows",),
)
"""See <https://docs.slack.dev/reference/block-kit/blocks/table-block>."""

_ANYWHERE: Mapping[str, Checker] = {
    "section": _section,
    "divider": shape.record(_COMMON),
    "image": _image,
    "header": shape.record({**_COMMON, "text": shape.plain(HEADER_LENGTH)}, required=("text",)),
    "context": shape.record(
        {
            **_COMMON,
            "elements": shape.items(shape.typed(elements.IN_CONTEXT), most=CONTEXT_ELEMENTS),
        },
        required=("elements",),
    ),
    "actions": shape.record(
        {
            **_COMMON,
            "elements": shape.items(shape.typed(elements.IN_ACTIONS), most=ACTIONS_ELEMENTS),
        },
        required=("elements",),
    ),
    "input": _INPUT,
    "rich_text": _RICH_TEXT,
    "video": _VIDEO,
}

IN_MESSAGE: Mapping[str, Checker] = {
    **_ANYWHERE,
    "markdown": shape.record(
        {**_COMMON, "text": shape.string(most=MARKDOWN_LENGTH, least=1)}, required=("text",)
    ),
    "table": _TABLE,
    "context_actions": shape.record(
        {
            **_COMMON,
            "elements": shape.items(shape.typed(elements.IN_CONTEXT_ACTIONS), most=5),
        },
        required=("elements",),
    ),
    "file": shape.record(
        {**_COMMON, "external_id": shape.string(most=255), "source": shape.one_of("remote")},
        required=("external_id", "source"),
    ),
}
"""Block types a message may hold (see <https://docs.slack.dev/reference/block-kit/blocks>)."""

IN_VIEW: Mapping[str, Checker] = _ANYWHERE
"""Block types a modal or a Home tab may hold."""


def interactive(block: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """List the elements of one block that can be acted on."""
    candidates = [*_list(block.get("elements")), block.get("accessory"), block.get("element")]
    for element in candidates:
        if isinstance(element, dict) and element.get("type") in _INTERACTIVE:
            yield element


_INTERACTIVE = (*elements.IN_ACTIONS, *elements.IN_INPUT, *elements.IN_CONTEXT_ACTIONS)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _repeated(values: Sequence[Any]) -> list[Any]:
    return [value for value, count in Counter(v for v in values if v).items() if count > 1]


def _check_identifiers(report: Report, blocks: Sequence[Any], pointer: str) -> None:
    known = [block for block in blocks if isinstance(block, dict)]
    for block_id in _repeated(
        [b.get("block_id") for b in known if isinstance(b.get("block_id"), str)]
    ):
        report.add(f'`block_id` "{block_id}" already exists', pointer)
    for index, block in enumerate(blocks):
        if not isinstance(block, dict):
            continue
        actions = [
            e["action_id"] for e in interactive(block) if isinstance(e.get("action_id"), str)
        ]
        for action_id in _repeated(actions):
            report.add(f'`action_id` "{action_id}" already exists', f"{pointer}/{index}")


def _check_blocks(
    report: Report, blocks: Any, *, kinds: Mapping[str, Checker], most: int, pointer: str
) -> None:
    shape.items(shape.typed(kinds), most=most, least=0)(report, blocks, pointer)
    if isinstance(blocks, list):
        _check_identifiers(report, blocks, pointer)
        if sum(isinstance(b, dict) and b.get("type") == "table" for b in blocks) > 1:
            report.add("only one table is allowed in a message", pointer)


def message_errors(blocks: Any) -> tuple[str, ...]:
    """Return what Slack refuses in a message's blocks; empty when it takes them."""
    report = Report()
    _check_blocks(report, blocks, kinds=IN_MESSAGE, most=MESSAGE_BLOCKS, pointer="/blocks")
    return tuple(report.errors)


_VIEW_FIELDS: Mapping[str, Checker] = {
    "type": shape.one_of("modal", "home"),
    "blocks": shape.anything,
    "title": shape.plain(TITLE_LENGTH),
    "submit": shape.plain(TITLE_LENGTH),
    "close": shape.plain(TITLE_LENGTH),
    "private_metadata": shape.string(most=PRIVATE_METADATA_LENGTH),
    "callback_id": shape.string(most=CALLBACK_ID_LENGTH),
    "external_id": shape.string(most=255),
    "clear_on_close": shape.boolean,
    "notify_on_close": shape.boolean,
    "submit_disabled": shape.boolean,
}


def view_errors(view: Any) -> tuple[str, ...]:
    """Return what Slack refuses in a view; empty when it takes it.

    https://docs.slack.dev/reference/views/modal-views and .../home-tab-views
    """
    report = Report()
    required = ("type", "blocks", "title") if _is_modal(view) else ("type", "blocks")
    shape.record(_VIEW_FIELDS, required=required)(report, view, "/view")
    if not isinstance(view, dict):
        return tuple(report.errors)
    blocks = view.get("blocks")
    if blocks is not None:
        _check_blocks(report, blocks, kinds=IN_VIEW, most=VIEW_BLOCKS, pointer="/view/blocks")
    has_input = any(isinstance(b, dict) and b.get("type") == "input" for b in _list(blocks))
    if _is_modal(view) and has_input and not view.get("submit"):
        report.add("missing required field: submit (a modal with an input block needs it)", "/view")
    return tuple(report.errors)


def _is_modal(view: Any) -> bool:
    return isinstance(view, dict) and view.get("type") == "modal"


def view_is_too_large(view: Any) -> bool:
    """Whether Slack would answer `view_too_large` (more than 250 kB)."""
    return len(json.dumps(view)) > VIEW_BYTES


def text_length(value: Any) -> int:
    """Count the characters of every `text` string inside blocks."""
    if isinstance(value, dict):
        own = value.get("text")
        return (len(own) if isinstance(own, str) else 0) + sum(map(text_length, value.values()))
    return sum(map(text_length, value)) if isinstance(value, list) else 0


def message_notes(text: str, blocks: Sequence[Any] | None) -> tuple[str, ...]:
    """Return what Slack takes but a careful app would not send.

    https://docs.slack.dev/reference/methods/chat.postMessage: with blocks, `text` is what
    notifications and screen readers get.
    """
    if blocks and not text:
        return ("blocks without a fallback text: notifications and screen readers get nothing",)
    return ()
