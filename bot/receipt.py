"""What people are told of what they just recorded, with a button that changes it."""

from slack_bolt import Args

from bot.block import Message, actions, button, section
from bot.desk import Desk, person_of, whisper
from bot.ids import Action
from bot.text import prose
from core.opinion import WORDS
from core.types import Decision, DecisionKind, Person

_SAID = {
    DecisionKind.CONFIRM: "Recorded: it is real.",
    DecisionKind.FALSE_POSITIVE: "Recorded as a false positive.",
    DecisionKind.NOT_APPLICABLE: "Recorded as not applicable here.",
    DecisionKind.ACCEPT_RISK: "Risk accepted.",
    DecisionKind.TAKE_BACK: "Taken back; it counts no more.",
}


def give(desk: Desk, args: Args, decision: Decision) -> None:
    """Tell whoever filled in a form what was recorded, with a button that changes it.

    Where they look: beside the finding's message, else directly.
    """
    person = person_of(args.body)
    ref = desk.message_ref(decision.finding_uid)
    place = ref.channel if ref and desk.sees(person, ref.channel) else ""
    body = {**args.body, "channel": {"id": place}}
    whisper(args.client, body, message(_SAID[decision.kind], decision, person))


def message(said: str, decision: Decision, person: Person) -> Message:
    """Say what was recorded; who said it can change it at once."""
    undo = button("Change or take back", Action.CHANGE, decision.finding_uid)
    is_own = decision.kind in WORDS and decision.person.key == person.key
    return Message(prose(said), (section(prose(said)), *([actions(undo)] if is_own else [])))


def answer(args: Args, said: str, decision: Decision) -> None:
    """Tell whoever spoke what was recorded, where they spoke."""
    whisper(args.client, args.body, message(said, decision, person_of(args.body)))
