"""Everything a person can say or press, as one table: the dispatch, the help and the docs read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.ids import Action, More


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be said or pressed. `form` is how it is written."""

    form: str
    does: str


COMMANDS: Mapping[str, Entry] = {
    "scan": Entry("scan", "reads the whole estate now and posts what is new"),
    "top": Entry("top [number]", "lists the riskiest open findings, 5 unless told"),
    "held": Entry(
        "held [number]", "lists the open findings that the risk model holds back, riskiest first"
    ),
    "show": Entry("show ID", "shows one finding with its buttons"),
    "why": Entry("why ID", "explains a finding's risk"),
    "cost": Entry(
        "cost [ID]", "what a resource costs and its fix changes; without ID, all open findings"
    ),
    "compliance": Entry(
        "compliance [framework]",
        "which requirements are violated, undecided or met as far as checked, and what is due soon",
    ),
    "pause": Entry("pause", "stops all posting at once"),
    "resume": Entry("resume", "posts again; what waited goes out"),
    "model": Entry(
        "model [retrain]", "says which risk model scores and what it knows; retrains it"
    ),
    "help": Entry("help", "this list"),
}

MENTIONS: Mapping[str, Entry] = {
    "why": Entry("why", "explains the risk, to you only"),
    "cost": Entry("cost", "what the resource costs and the fix changes"),
    "check again": Entry("check again", "reads this one resource now"),
    "waterfall": Entry("waterfall", "draws the risk's contributions into the thread"),
    "show path": Entry("show path", "draws an attack path into the thread"),
    "snooze": Entry("snooze 3d [reason]", "lets the finding wait, 7 days unless told"),
    "accept risk": Entry("accept risk 30d REASON", "records that the risk is accepted until then"),
    "false positive": Entry("false positive [reason]", "records that the detection is wrong"),
    "not applicable": Entry(
        "not applicable REASON", "records that it is right but does not apply here"
    ),
    "real": Entry("real [reason]", "records that the finding is real, whatever others said"),
    "take back": Entry("take back [reason]", "lets what you said count no more"),
    "not mine": Entry("not mine [owner]", "corrects the owner"),
    "help": Entry("help", "this list"),
}

ACTIONS: Mapping[Action | More, Entry] = {
    Action.REVIEW: Entry(
        "Review fix", "shows the exact change, what is proved, what may break; approve or reject"
    ),
    Action.WHY: Entry("Why?", "explains the risk, to you only"),
    Action.NOT_MINE: Entry("Not mine", "corrects the owner"),
    Action.FALSE_POSITIVE: Entry("False positive", "asks: wrong detection, or not applicable here"),
    Action.CONFIRM: Entry(
        "It is real", "on what was dismissed, and where an opinion is asked: says so, with a reason"
    ),
    Action.CHANGE: Entry(
        "Change or take back",
        "another verdict instead of yours, or none; the admin may take back what others said",
    ),
    More.SNOOZE: Entry("Snooze", "lets the finding wait; it comes back by itself"),
    More.ACCEPT: Entry("Accept risk", "a decision with reason, name and end"),
    More.CHECK_AGAIN: Entry("Check again", "reads this one resource now"),
    More.WATERFALL: Entry("Waterfall", "draws the risk's contributions into the thread"),
    More.CHANGE: Entry("Change or take back", "in the menu, once something was said"),
    Action.WATERFALL: Entry(
        "Waterfall picture", "in the answer to Why?: draws the risk's contributions into the thread"
    ),
    Action.PATH: Entry(
        "Show path", "on an attack path, or a finding whose fix cuts one: draws it into the thread"
    ),
    Action.SHOW: Entry("Show", "in lists: shows the finding, to you only"),
    Action.PULL_REQUEST: Entry("Pull request #N", "opens it at the forge"),
    Action.REVERT: Entry("Revert fix", "once verified: proposes the inverse change"),
    Action.GO_ON: Entry(
        "Continue", "where a canary could not be judged: lets the fixes that wait for it go ahead"
    ),
    Action.WAIT_LONGER: Entry(
        "Wait longer", "where a canary could not be judged: observes it as long again"
    ),
    Action.PROMOTE: Entry(
        "Promote", "under the replay of a new risk model: lets it score from now on"
    ),
    Action.KEEP_IN_SHADOW: Entry(
        "Keep in shadow", "under the replay of a new risk model: leaves the one in force"
    ),
    Action.MODEL_PICTURES: Entry(
        "Pictures", "in the answer to /plumb model: sends calibration, effort and beeswarm to you"
    ),
    Action.MODEL_CARD: Entry(
        "Whole card", "in the answer to /plumb model: sends everything known of the model to you"
    ),
    Action.CHOOSE: Entry(
        "Use this instead", "in the review, where there is another good fix: plans that one anew"
    ),
    Action.REJECT: Entry(
        "Reject this fix", "in the review: this change is not wanted; the finding stays open"
    ),
    Action.ACCEPT_INSTEAD: Entry(
        "Accept the risk instead", "in the review: records the reason for living with it"
    ),
}


def markdown(command: str = "/plumb") -> str:
    """Return docs/commands.md."""
    parts = [
        "<!-- Generated by `make docs WRITE=1`; edit bot/table.py instead. -->",
        "# Commands, mentions and buttons",
        "## Slash commands\n\nThe answer is for you only. An ID is the one shown in a finding's last line.",
        _rows((f"`{command} {entry.form}`", entry.does) for entry in COMMANDS.values()),
        "## Mentions\n\nIn a finding's thread, where Slack takes no slash commands.",
        _rows((f"`@plumbline {entry.form}`", entry.does) for entry in MENTIONS.values()),
        "## Buttons and menus",
        _rows((entry.form, entry.does) for entry in ACTIONS.values()),
    ]
    return "\n\n".join(parts) + "\n"


def _rows(pairs: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {form} | {does} |" for form, does in pairs]
    return "\n".join(["| | does |", "| --- | --- |", *lines])
