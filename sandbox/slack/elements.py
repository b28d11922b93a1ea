"""Block elements and composition objects, as Slack documents them.

https://docs.slack.dev/reference/block-kit/block-elements and
https://docs.slack.dev/reference/block-kit/composition-objects. Limits as read in November 2026.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.slack import shape
from sandbox.slack.shape import Checker, Report

ACTION_ID_LENGTH = 255
OPTION_TEXT_LENGTH = 75
OPTION_VALUE_LENGTH = 150
PLACEHOLDER_LENGTH = 150
SELECT_OPTIONS = 100
CHOICE_OPTIONS = 10
OVERFLOW_OPTIONS = 5
INPUT_LENGTH = 3000

CONFIRM = shape.record(
    {
        "title": shape.plain(100),
        "text": shape.formatted(300),
        "confirm": shape.plain(30),
        "deny": shape.plain(30),
        "style": shape.one_of("primary", "danger"),
    },
    required=("title", "text", "confirm", "deny"),
)
"""See <https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object>."""


def option(*, kinds: tuple[str, ...] = ("plain_text",), with_url: bool = False) -> Checker:
    """Accept an option object.

    https://docs.slack.dev/reference/block-kit/composition-objects/option-object
    """
    fields: dict[str, Checker] = {
        "text": shape.text(*kinds, most=OPTION_TEXT_LENGTH),
        "value": shape.string(most=OPTION_VALUE_LENGTH, least=1),
        "description": shape.text(*kinds, most=OPTION_TEXT_LENGTH),
    }
    if with_url:
        fields["url"] = shape.url
    return shape.record(fields, required=("text", "value"))


_OPTION = option()
_RICH_OPTION = option(kinds=("plain_text", "mrkdwn"))
_OPTION_GROUP = shape.record(
    {"label": shape.plain(75), "options": shape.items(_OPTION, most=SELECT_OPTIONS)},
    required=("label", "options"),
)
_DISPATCH = shape.record(
    {
        "trigger_actions_on": shape.items(
            shape.one_of("on_enter_pressed", "on_character_entered"), most=2
        )
    }
)
_FILTER = shape.record(
    {
        "include": shape.items(shape.one_of("im", "mpim", "private", "public"), most=4),
        "exclude_external_shared_channels": shape.boolean,
        "exclude_bot_users": shape.boolean,
    }
)
_SLACK_FILE = shape.record({"id": shape.string(most=255), "url": shape.url})

_ID = shape.string(most=255, least=1)
_COMMON: Mapping[str, Checker] = {
    "type": shape.anything,
    "action_id": shape.string(most=ACTION_ID_LENGTH, least=1),
}
_FOCUS: Mapping[str, Checker] = {**_COMMON, "focus_on_load": shape.boolean}
_MENU: Mapping[str, Checker] = {
    **_FOCUS,
    "confirm": CONFIRM,
    "placeholder": shape.plain(PLACEHOLDER_LENGTH),
}
_MANY: Mapping[str, Checker] = {**_MENU, "max_selected_items": shape.integer(least=1, most=100)}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _all_options(value: Mapping[str, Any]) -> list[Any]:
    groups = [g for g in _list(value.get("option_groups")) if isinstance(g, dict)]
    grouped = [option for group in groups for option in _list(group.get("options"))]
    return [*_list(value.get("options")), *grouped]


def _choices(checker: Checker, *, grouped: bool) -> Checker:
    """Demand options (or groups of them), and initial choices that are among them."""

    def check(report: Report, value: Any, pointer: str) -> None:
        checker(report, value, pointer)
        given = [name for name in ("options", "option_groups") if value.get(name) is not None]
        if grouped and len(given) != 1:
            report.add("must define exactly one of `options` or `option_groups`", pointer)
        initial = value.get("initial_options") or [value.get("initial_option")]
        if not isinstance(initial, list):
            return
        known = _all_options(value)
        for choice in initial:
            if choice is not None and choice not in known:
                report.add("initial choice must exactly match one of the options", pointer)

    return check


def _image(report: Report, value: Any, pointer: str) -> None:
    """See <https://docs.slack.dev/reference/block-kit/block-elements/image-element>."""
    fields: dict[str, Checker] = {
        "type": shape.anything,
        "image_url": shape.url,
        "slack_file": _SLACK_FILE,
        "alt_text": shape.string(most=2000),
    }
    shape.record(fields, required=("alt_text",))(report, value, pointer)
    one_source(report, value, pointer)


def one_source(report: Report, value: Mapping[str, Any], pointer: str) -> None:
    """Demand exactly one of `image_url` and `slack_file`."""
    if sum(value.get(name) is not None for name in ("image_url", "slack_file")) != 1:
        report.add("must define exactly one of `image_url` or `slack_file`", pointer)


def _plain_text_input(report: Report, value: Any, pointer: str) -> None:
    """See <https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element>."""
    fields: dict[str, Checker] = {
        **_FOCUS,
        "initial_value": shape.string(most=INPUT_LENGTH),
        "multiline": shape.boolean,
        "min_length": shape.integer(least=0, most=INPUT_LENGTH),
        "max_length": shape.integer(least=1, most=INPUT_LENGTH),
        "dispatch_action_config": _DISPATCH,
        "placeholder": shape.plain(PLACEHOLDER_LENGTH),
    }
    shape.record(fields)(report, value, pointer)
    shortest, longest = value.get("min_length"), value.get("max_length")
    if isinstance(shortest, int) and isinstance(longest, int) and shortest > longest:
        report.add("min_length must not be more than max_length", pointer)


def _text_input(**extra: Checker) -> Checker:
    return shape.record(
        {
            **_FOCUS,
            "initial_value": shape.string(most=INPUT_LENGTH),
            "placeholder": shape.plain(PLACEHOLDER_LENGTH),
            "dispatch_action_config": _DISPATCH,
            **extra,
        },
        required=("is_decimal_allowed",) if "is_decimal_allowed" in extra else (),
    )


BUTTON = shape.record(
    {
        **_COMMON,
        "text": shape.plain(75),
        "url": shape.url,
        "value": shape.string(most=2000),
        "style": shape.one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": shape.string(most=75),
    },
    required=("text",),
)
"""See <https://docs.slack.dev/reference/block-kit/block-elements/button-element>."""

_OVERFLOW = shape.record(
    {
        **_COMMON,
        "options": shape.items(option(with_url=True), most=OVERFLOW_OPTIONS),
        "confirm": CONFIRM,
    },
    required=("options",),
)

_CHECKBOXES = _choices(
    shape.record(
        {
            **_FOCUS,
            "options": shape.items(_RICH_OPTION, most=CHOICE_OPTIONS),
            "initial_options": shape.items(_RICH_OPTION, most=CHOICE_OPTIONS),
            "confirm": CONFIRM,
        },
        required=("options",),
    ),
    grouped=False,
)

_RADIO_BUTTONS = _choices(
    shape.record(
        {
            **_FOCUS,
            "options": shape.items(_RICH_OPTION, most=CHOICE_OPTIONS),
            "initial_option": _RICH_OPTION,
            "confirm": CONFIRM,
        },
        required=("options",),
    ),
    grouped=False,
)

_OPTION_LISTS: Mapping[str, Checker] = {
    "options": shape.items(_OPTION, most=SELECT_OPTIONS),
    "option_groups": shape.items(_OPTION_GROUP, most=SELECT_OPTIONS),
}

_SELECTS: Mapping[str, Checker] = {
    "static_select": _choices(
        shape.record({**_MENU, **_OPTION_LISTS, "initial_option": _OPTION}), grouped=True
    ),
    "external_select": shape.record(
        {
            **_MENU,
            "initial_option": _OPTION,
            "min_query_length": shape.integer(least=0, most=INPUT_LENGTH),
        }
    ),
    "users_select": shape.record({**_MENU, "initial_user": _ID}),
    "conversations_select": shape.record(
        {
            **_MENU,
            "initial_conversation": _ID,
            "default_to_current_conversation": shape.boolean,
            "response_url_enabled": shape.boolean,
            "filter": _FILTER,
        }
    ),
    "channels_select": shape.record(
        {**_MENU, "initial_channel": _ID, "response_url_enabled": shape.boolean}
    ),
    "multi_static_select": _choices(
        shape.record(
            {**_MANY, **_OPTION_LISTS, "initial_options": shape.items(_OPTION, most=SELECT_OPTIONS)}
        ),
        grouped=True,
    ),
    "multi_users_select": shape.record({**_MANY, "initial_users": shape.items(_ID, most=100)}),
    "multi_conversations_select": shape.record(
        {
            **_MANY,
            "initial_conversations": shape.items(_ID, most=100),
            "default_to_current_conversation": shape.boolean,
            "filter": _FILTER,
        }
    ),
    "multi_channels_select": shape.record(
        {**_MANY, "initial_channels": shape.items(_ID, most=100)}
    ),
}
"""See <https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element>."""

_PICKERS: Mapping[str, Checker] = {
    "datepicker": shape.record({**_MENU, "initial_date": shape.date}),
    "timepicker": shape.record(
        {**_MENU, "initial_time": shape.time, "timezone": shape.string(most=255)}
    ),
    "datetimepicker": shape.record(
        {
            **_FOCUS,
            "confirm": CONFIRM,
            "initial_date_time": shape.integer(least=1_000_000_000, most=9_999_999_999),
        }
    ),
}

_WORKFLOW_BUTTON = shape.record(
    {
        **_COMMON,
        "text": shape.plain(75),
        "workflow": shape.anything,
        "style": shape.one_of("primary", "danger"),
        "accessibility_label": shape.string(most=75),
    },
    required=("text", "workflow", "action_id"),
)

_INPUTS: Mapping[str, Checker] = {
    "plain_text_input": _plain_text_input,
    "email_text_input": _text_input(),
    "url_text_input": _text_input(),
    "number_input": _text_input(
        is_decimal_allowed=shape.boolean,
        min_value=shape.string(most=100),
        max_value=shape.string(most=100),
    ),
    "rich_text_input": shape.record(
        {
            **_FOCUS,
            "initial_value": shape.anything,
            "dispatch_action_config": _DISPATCH,
            "placeholder": shape.plain(PLACEHOLDER_LENGTH),
        },
        required=("action_id",),
    ),
    "file_input": shape.record(
        {
            **_COMMON,
            "filetypes": shape.items(shape.string(most=20), most=100),
            "max_files": shape.integer(least=1, most=10),
        }
    ),
}

_CHOICES: Mapping[str, Checker] = {"checkboxes": _CHECKBOXES, "radio_buttons": _RADIO_BUTTONS}

IN_ACTIONS: Mapping[str, Checker] = {
    "button": BUTTON,
    "overflow": _OVERFLOW,
    "workflow_button": _WORKFLOW_BUTTON,
    **_CHOICES,
    **_SELECTS,
    **_PICKERS,
}
"""Elements that an actions block may hold."""

IN_SECTION: Mapping[str, Checker] = {**IN_ACTIONS, "image": _image}
"""Elements that may be a section's accessory."""

IN_INPUT: Mapping[str, Checker] = {**_CHOICES, **_SELECTS, **_PICKERS, **_INPUTS}
"""Elements that an input block may hold."""

IN_CONTEXT: Mapping[str, Checker] = {
    "image": _image,
    "mrkdwn": shape.formatted(3000),
    "plain_text": shape.formatted(3000),
}
"""Elements of a context block."""

_FEEDBACK = shape.record(
    {
        "text": shape.plain(75),
        "value": shape.string(most=2000),
        "accessibility_label": shape.string(most=75),
    },
    required=("text", "value"),
)
IN_CONTEXT_ACTIONS: Mapping[str, Checker] = {
    "feedback_buttons": shape.record(
        {**_COMMON, "positive_button": _FEEDBACK, "negative_button": _FEEDBACK},
        required=("positive_button", "negative_button"),
    ),
    "icon_button": shape.record(
        {
            **_COMMON,
            "icon": shape.one_of("trash"),
            "text": shape.plain(75),
            "value": shape.string(most=2000),
            "confirm": CONFIRM,
            "accessibility_label": shape.string(most=75),
            "visible_to_user_ids": shape.items(_ID, most=100),
        },
        required=("icon", "text"),
    ),
}
SLACK_FILE = _SLACK_FILE
