"""The question of a canary that could not be judged, with a button for each answer."""

from bot.block import Message, actions, button, section
from bot.ids import Action
from bot.text import prose


def message(text: str, finding_uid: str) -> Message:
    """Render what is not known, and what can be done."""
    answers = actions(
        button("Wait longer", Action.WAIT_LONGER, finding_uid, style="primary"),
        button("Continue", Action.GO_ON, finding_uid),
        button("Roll back", Action.REVERT, finding_uid, style="danger"),
    )
    return Message(prose(text, 300), (section(prose(text, 2500)), answers))
