"""views.*: modals and Home tabs (see <https://docs.slack.dev/surfaces/modals>)."""

import secrets
from typing import Any

from sandbox.slack import block_kit, forms, payloads
from sandbox.slack.state import (
    MODAL_STACK,
    Change,
    Json,
    SlackError,
    State,
    View,
    filled,
    with_messages,
)
from sandbox.slack.web_api import Call, api


def checked_view(state: State, view: Any, *, kind: str, replaces: str = "") -> Json:
    """Return an accepted view with what Slack adds. Raises: SlackError invalid_arguments and kin."""
    if not isinstance(view, dict):
        raise with_messages("invalid_arguments", ["must provide an object [json-pointer:/view]"])
    if errors := block_kit.view_errors(view):
        raise with_messages("invalid_arguments", errors)
    if view["type"] != kind:
        wrong = f"a {view['type']} view cannot be used here [json-pointer:/view/type]"
        raise with_messages("invalid_arguments", [wrong])
    if block_kit.view_is_too_large(view):
        raise SlackError("view_too_large")
    external = view.get("external_id")
    if external and _external_owner(state, external) not in {"", replaces}:
        raise SlackError("duplicate_external_id")
    return view | {"blocks": filled(view["blocks"])}


def _external_owner(state: State, external_id: str) -> str:
    try:
        return state.view(external_id=external_id).id
    except SlackError:
        return ""


def new_hash(state: State) -> str:
    """Return the value that tells one version of a view from the next."""
    return f"{int(state.clock())}.{secrets.token_hex(4)}"


def push(state: State, user: str, body: Json) -> View:
    """Put a view on top of a person's stack."""
    stack = state.stacks.setdefault(user, [])
    view_id = state.new_id("V")
    previous, root = (stack[-1].id, stack[0].id) if stack else (None, view_id)
    view = View(
        view_id, user, body, new_hash(state), root, previous, forms.initial_values(body["blocks"])
    )
    stack.append(view)
    state.publish(Change("view", user=user))
    return view


def replace(state: State, view: View, body: Json) -> None:
    """Change a view in place; what was typed into fields that stay is kept."""
    fresh = forms.initial_values(body["blocks"])
    for block_id, actions in fresh.items():
        for action_id in actions:
            typed = view.values.get(block_id, {}).get(action_id)
            if typed is not None:
                actions[action_id] = typed
    view.body, view.values, view.hash = body, fresh, new_hash(state)
    state.publish(Change("home" if body["type"] == "home" else "view", user=view.user))


def _view(call: Call) -> Any:
    return call.parsed("view", refusal="invalid_arguments")


@api("views.open", tier=4)
def views_open(call: Call) -> Json:
    """Open a modal for the person whose trigger this is, in place of one that is open."""
    body = checked_view(call.state, _view(call), kind="modal")
    user = call.state.take_trigger(call.need("trigger_id"))
    call.state.stacks[user] = []
    return {"view": payloads.view_json(push(call.state, user, body))}


@api("views.push", tier=4)
def views_push(call: Call) -> Json:
    """Put a modal on top of the one that is open."""
    body = checked_view(call.state, _view(call), kind="modal")
    user = call.state.take_trigger(call.need("trigger_id"))
    stack = call.state.stacks.get(user)
    if not stack:
        raise SlackError("not_found")
    if len(stack) >= MODAL_STACK:
        raise SlackError("push_limit_reached")
    return {"view": payloads.view_json(push(call.state, user, body))}


@api("views.update", tier=4)
def views_update(call: Call) -> Json:
    """Change an open view; a hash of an older version is refused."""
    if not call.text("view_id") and not call.text("external_id"):
        raise with_messages("invalid_arguments", ["must define one of `view_id` or `external_id`"])
    view = call.state.view(call.text("view_id"), call.text("external_id"))
    if call.text("hash") and call.text("hash") != view.hash:
        raise SlackError("hash_conflict")
    replace(
        call.state,
        view,
        checked_view(call.state, _view(call), kind=view.body["type"], replaces=view.id),
    )
    return {"view": payloads.view_json(view)}


@api("views.publish", tier=4)
def views_publish(call: Call) -> Json:
    """Set a person's Home tab."""
    user = call.need("user_id")
    if user not in call.state.people:
        raise SlackError("user_not_found")
    home = call.state.homes.get(user)
    if home and call.text("hash") and call.text("hash") != home.hash:
        raise SlackError("hash_conflict")
    body = checked_view(call.state, _view(call), kind="home", replaces=home.id if home else "")
    if home:
        replace(call.state, home, body)
    else:
        view_id = call.state.new_id("V")
        values = forms.initial_values(body["blocks"])
        home = View(view_id, user, body, new_hash(call.state), view_id, None, values)
        call.state.homes[user] = home
        call.state.publish(Change("home", user=user))
    return {"view": payloads.view_json(home)}
