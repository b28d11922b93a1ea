"""Turn what a person enters into the `state.values` and `actions` that Slack sends.

https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sandbox.slack import block_kit
from sandbox.slack.state import Json, SlackError

_PLAIN = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
_ONE = {
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
}
_INITIAL = {
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
    "selected_user": "initial_user",
    "selected_channel": "initial_channel",
    "selected_conversation": "initial_conversation",
    "selected_users": "initial_users",
    "selected_channels": "initial_channels",
    "selected_conversations": "initial_conversations",
}
_OPTION = ("static_select", "radio_buttons", "external_select")
_OPTIONS = ("checkboxes", "multi_static_select")
_STATELESS = ("button", "overflow", "workflow_button", "feedback_buttons", "icon_button")

REQUIRED = "Please complete this required field."


def fields(
    blocks: Sequence[Mapping[str, Any]],
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """List (block, element) of everything that can be acted on."""
    for block in blocks:
        for element in block_kit.interactive(block):
            yield block, element


def options(element: Mapping[str, Any]) -> list[Json]:
    """List an element's options, those of groups too."""
    grouped = [
        option for group in element.get("option_groups") or [] for option in group["options"]
    ]
    return [*(element.get("options") or []), *grouped]


def _chosen(element: Mapping[str, Any], value: str) -> Json:
    for option in options(element):
        if option["value"] == value:
            return option
    raise SlackError(
        "invalid_choice", detail=f"{value!r} is not an option of {element.get('action_id')}"
    )


def entered(element: Mapping[str, Any], value: Any) -> Json:
    """Return the state of one element for a raw value: text, an option's value, a date, ids.

    Raises: SlackError invalid_choice.
    """
    kind = str(element["type"])
    out: Json = {"type": kind}
    if kind in _PLAIN:
        return out | {"value": str(value) if value not in (None, "") else None}
    if kind in _OPTION:
        return out | {"selected_option": _chosen(element, str(value)) if value else None}
    if kind in _OPTIONS:
        return out | {"selected_options": [_chosen(element, str(v)) for v in value or []]}
    if kind in _ONE:
        return out | {_ONE[kind]: value or ([] if kind.startswith("multi_") else None)}
    raise SlackError("unsupported_element", detail=f"{kind} cannot be filled in here")


def initial_values(blocks: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the state a view has before anybody touches it."""
    values: dict[str, dict[str, Any]] = {}
    for block, element in fields(blocks):
        kind = str(element["type"])
        if kind in _STATELESS:
            continue
        state: Json = {"type": kind}
        if kind in _PLAIN:
            state["value"] = element.get("initial_value")
        elif kind in _OPTION:
            state["selected_option"] = element.get("initial_option")
        elif kind in _OPTIONS:
            state["selected_options"] = element.get("initial_options") or []
        elif kind in _ONE:
            state[_ONE[kind]] = element.get(_INITIAL[_ONE[kind]])
        else:
            state["value"] = element.get("initial_value")
        values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values


def fill(
    values: dict[str, dict[str, Any]], blocks: Sequence[Mapping[str, Any]], typed: Mapping[str, Any]
) -> None:
    """Write raw values, keyed by action id or block id, into a state.

    Raises: SlackError unknown_field, invalid_choice.
    """
    left = dict(typed)
    for block, element in fields(blocks):
        for key in (element["action_id"], block["block_id"]):
            if key in left and element["type"] not in _STATELESS:
                values.setdefault(block["block_id"], {})[element["action_id"]] = entered(
                    element, left.pop(key)
                )
    if left:
        raise SlackError("unknown_field", detail=f"no field {', '.join(sorted(left))} in this view")


def faults(
    blocks: Sequence[Mapping[str, Any]], values: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    """Return what Slack's own client refuses to submit: block id to sentence."""
    out: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        state = values.get(block["block_id"], {}).get(element["action_id"], {})
        content = next((v for k, v in state.items() if k != "type"), None)
        if not content and not block.get("optional"):
            out[block["block_id"]] = REQUIRED
        elif isinstance(content, str) and len(content) < element.get("min_length", 0):
            out[block["block_id"]] = f"Enter at least {element['min_length']} characters."
        elif isinstance(content, str) and len(content) > element.get(
            "max_length", block_kit.SECTION_LENGTH
        ):
            longest = element.get("max_length", block_kit.SECTION_LENGTH)
            out[block["block_id"]] = f"Enter at most {longest} characters."
    return out


def action(block: Mapping[str, Any], element: Mapping[str, Any], *, value: Any, ts: str) -> Json:
    """Return one entry of a block_actions payload's `actions`.

    `value` is an option's value for menus; a button carries its own.
    Raises: SlackError invalid_choice.
    """
    kind = element["type"]
    out: Json = {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "type": kind,
        "action_ts": ts,
    }
    if kind == "overflow":
        return out | {"selected_option": _chosen(element, str(value))}
    if kind in _STATELESS:
        carried = {
            name: element[name] for name in ("text", "value", "style", "url") if name in element
        }
        return out | carried
    state = entered(element, value)
    return out | {name: content for name, content in state.items() if name != "type"}
