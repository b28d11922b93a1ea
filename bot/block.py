"""Block Kit pieces that keep Slack's limits whatever text they are given.

The limits are those of https://docs.slack.dev/reference/block-kit, read 2026-11-22. Callers pass
mrkdwn that is already safe (`bot.text`), or plain text.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.ids import Action, Field, View
from bot.text import clip, plain

Block = dict[str, Any]

SECTION_MAX = 3000
HEADER_MAX = 150
BUTTON_MAX = 75
VALUE_MAX = 2000
OPTION_VALUE_MAX = 150
TITLE_MAX = 24
METADATA_MAX = 3000
MESSAGE_BLOCKS_MAX = 50
VIEW_BLOCKS_MAX = 100
MESSAGE_TEXT_MAX = 12_000


@dataclass(frozen=True, slots=True)
class Message:
    """What chat.postMessage takes: blocks, and the text for notifications and screen readers."""

    text: str
    blocks: tuple[Block, ...]

    def body(self) -> dict[str, Any]:
        """Return the arguments, with every automatic reading of the text switched off."""
        return {
            "text": self.text,
            "blocks": list(self.blocks),
            "parse": "none",
            "link_names": False,
            "unfurl_links": False,
            "unfurl_media": False,
        }


def mrkdwn(text: str, limit: int = SECTION_MAX) -> Block:
    """Return a mrkdwn object in which Slack links nothing by itself."""
    return {"type": "mrkdwn", "text": clip(text, limit), "verbatim": True}


def plain_text(text: str, limit: int) -> Block:
    """Return a plain_text object; Slack refuses empty ones, so a space stands in."""
    return {"type": "plain_text", "text": plain(text, limit) or "-", "emoji": False}


def header(text: str) -> Block:
    """Return a header block."""
    return {"type": "header", "text": plain_text(text, HEADER_MAX)}


def section(text: str, *, accessory: Block | None = None) -> Block:
    """Return a section of mrkdwn."""
    block: Block = {"type": "section", "text": mrkdwn(text or "-")}
    return {**block, "accessory": accessory} if accessory else block


def context(*texts: str) -> Block:
    """Return a line of small print."""
    return {"type": "context", "elements": [mrkdwn(text or "-") for text in texts]}


def divider() -> Block:
    """Return a rule."""
    return {"type": "divider"}


def actions(*elements: Block) -> Block:
    """Return a row of buttons and menus."""
    return {"type": "actions", "elements": list(elements)}


def button(text: str, action: Action, value: str, *, style: str = "", url: str = "") -> Block:
    """Return a button. `style` is primary, danger or empty."""
    element: Block = {
        "type": "button",
        "text": plain_text(text, BUTTON_MAX),
        "action_id": action.value,
        "value": clip(value, VALUE_MAX),
    }
    if style:
        element["style"] = style
    if url:
        element["url"] = url
    return element


def option(text: str, value: str) -> Block:
    """Return one choice of a menu or a radio group."""
    return {"text": plain_text(text, BUTTON_MAX), "value": clip(value, OPTION_VALUE_MAX)}


def overflow(action: Action, options: Mapping[str, str]) -> Block:
    """Return a "more" menu of value -> words, five at most."""
    chosen = [option(words, value) for value, words in list(options.items())[:5]]
    return {"type": "overflow", "action_id": action.value, "options": chosen}


def reason_input(label: str, *, optional: bool, hint: str = "", initial: str = "") -> Block:
    """Return a text field for a reason, up to 500 characters."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": Field.REASON.value,
        "multiline": True,
        "max_length": 500,
    }
    if initial:
        element["initial_value"] = plain(initial, 500)
    return _input(Field.REASON, label, element, optional=optional, hint=hint)


def choice_input(
    field: Field, label: str, options: Mapping[str, str], *, initial: str = "", hint: str = ""
) -> Block:
    """Return radio buttons of value -> words; one must be chosen."""
    shown = [option(words, value) for value, words in options.items()]
    element: Block = {"type": "radio_buttons", "action_id": field.value, "options": shown}
    first = next((each for each in shown if each["value"] == initial), None)
    if first:
        element["initial_option"] = first
    return _input(field, label, element, optional=False, hint=hint)


def days_input(label: str, *, initial: int, most: int, hint: str = "") -> Block:
    """Return a number field for days, 1 to `most`."""
    element: Block = {
        "type": "number_input",
        "action_id": Field.DAYS.value,
        "is_decimal_allowed": False,
        "min_value": "1",
        "max_value": str(most),
        "initial_value": str(min(initial, most)),
    }
    return _input(Field.DAYS, label, element, optional=False, hint=hint)


def _input(field: Field, label: str, element: Block, *, optional: bool, hint: str) -> Block:
    block: Block = {
        "type": "input",
        "block_id": field.value,
        "label": plain_text(label, 2000),
        "element": element,
        "optional": optional,
    }
    return {**block, "hint": plain_text(hint, 2000)} if hint else block


def modal(
    view: View, title: str, blocks: Sequence[Block], *, metadata: str = "", submit: str = ""
) -> Block:
    """Return a modal. Without `submit` it can only be closed."""
    shown: Block = {
        "type": "modal",
        "callback_id": view.value,
        "title": plain_text(title, TITLE_MAX),
        "close": plain_text("Close", TITLE_MAX),
        "blocks": list(blocks)[:VIEW_BLOCKS_MAX],
        "private_metadata": metadata[:METADATA_MAX],
    }
    return {**shown, "submit": plain_text(submit, TITLE_MAX)} if submit else shown


def notice(title: str, *texts: str) -> Block:
    """Return a modal that only says something."""
    return modal(View.NOTICE, title, [section(text) for text in texts])


def fitting(blocks: Sequence[Block], *, most: int = MESSAGE_BLOCKS_MAX) -> tuple[Block, ...]:
    """Keep the leading blocks that one message can hold, and say so where some are left out."""
    kept = tuple(_within(blocks, most - 1))
    left_out = len(blocks) - len(kept)
    return (*kept, context(f"{left_out} more not shown here.")) if left_out else kept


def _within(blocks: Sequence[Block], most: int) -> Iterator[Block]:
    room = MESSAGE_TEXT_MAX - 500
    for number, block in enumerate(blocks):
        room -= sum(_lengths(block))
        last = number == len(blocks) - 1
        if room < 0 or (number >= most and not last):
            return
        yield block


def _lengths(value: object) -> Iterator[int]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from [len(inner)] if key == "text" and isinstance(inner, str) else _lengths(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _lengths(inner)
