"""The names Slack hands back to us: one enum member for each button, modal and input."""

from enum import StrEnum


class Action(StrEnum):
    """Action ids of buttons and menus."""

    REVIEW = "finding.review"
    WHY = "finding.why"
    NOT_MINE = "finding.not_mine"
    FALSE_POSITIVE = "finding.false_positive"
    CONFIRM = "finding.confirm"
    CHANGE = "finding.change"
    MORE = "finding.more"
    SHOW = "finding.show"
    REVERT = "finding.revert"
    WATERFALL = "finding.waterfall"
    PATH = "finding.path"
    PULL_REQUEST = "finding.pull_request"
    GO_ON = "trial.go_on"
    WAIT_LONGER = "trial.wait_longer"
    PROMOTE = "model.promote"
    KEEP_IN_SHADOW = "model.keep_in_shadow"
    MODEL_PICTURES = "model.pictures"
    MODEL_CARD = "model.card"
    REJECT = "plan.reject"
    CHOOSE = "plan.choose"
    ACCEPT_INSTEAD = "plan.accept_instead"


class More(StrEnum):
    """What the overflow menu of a finding offers; the first half of the option's value."""

    SNOOZE = "snooze"
    ACCEPT = "accept_risk"
    CHECK_AGAIN = "check_again"
    WATERFALL = "waterfall"
    CHANGE = "change"


class View(StrEnum):
    """Callback ids of modals."""

    REVIEW = "view.review"
    PREPARING = "view.preparing"
    REJECT = "view.reject"
    FALSE_POSITIVE = "view.false_positive"
    CONFIRM = "view.confirm"
    CHANGE = "view.change"
    SNOOZE = "view.snooze"
    ACCEPT = "view.accept_risk"
    NOT_MINE = "view.not_mine"
    REVERT = "view.revert"
    NOTICE = "view.notice"


class Field(StrEnum):
    """Block ids of inputs; the action id inside is the same."""

    REASON = "reason"
    DAYS = "days"
    WHICH = "which"
    WHO_CALLS = "who_calls"


class Caller(StrEnum):
    """Answers to "Who calls it?". `unknown` is the word core.decide knows."""

    SIGNED = "signed_clients"
    PUBLIC = "browsers_or_webhooks"
    UNKNOWN = "unknown"
