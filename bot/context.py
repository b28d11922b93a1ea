"""What the bot is given: its settings, and the few functions that live elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from core.compliance import Report
from core.decide import ACCEPT_DAYS_MAX, Permit
from core.errors import NotFound
from core.ports import Clock, Store
from core.types import Card, Person
from core.why import Why


@dataclass(frozen=True, slots=True)
class BotSettings:
    """How the bot reaches Slack and whom it speaks to.

    `channel` and the values of `owner_channels` are channel ids; `deciders`, `second_opinion` and
    `admin` are user ids. Without `deciders`, whoever is a member of a finding's channel may decide.
    """

    channel: str
    bot_token: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    api_url: str = "https://slack.com/api/"
    owner_channels: Mapping[str, str] = field(default_factory=dict)
    admin: str = ""
    deciders: Sequence[str] = ()
    second_opinion: Sequence[str] = ()
    allow_public_channels: bool = False
    zone: str = "UTC"
    new_per_day: int = 5
    shadow: bool = False
    command: str = "/plumb"
    risk_days_max: int = ACCEPT_DAYS_MAX

    @property
    def time_zone(self) -> ZoneInfo:
        """The team's zone."""
        return ZoneInfo(self.zone)

    def channel_of(self, owner: str | None) -> str:
        """Return the channel where an owner's findings go."""
        return self.owner_channels.get(owner or "", self.channel)

    @property
    def channels(self) -> frozenset[str]:
        """Every channel the bot posts to."""
        return frozenset({self.channel, *self.owner_channels.values()})


def everyone(*_: object) -> str:
    """Permit everything: whoever passed the channel's membership may decide."""
    return ""


def nothing(_: Card) -> str:
    """Offer no change."""
    return ""


def believed(*_: object) -> str:
    """Doubt nobody."""
    return ""


def nothing_withheld() -> tuple[str, ...]:
    """Say nothing of what a model holds back."""
    return ()


Offer = Callable[[Card], str]
"""Returns the change to make by hand where no fix can be reviewed: a sentence, then code."""


def nothing_scanned(_: str) -> Report:
    """Say that there is nothing to report on yet."""
    raise NotFound("Nothing was scanned yet.")


@dataclass(frozen=True, slots=True)
class BotContext:
    """Everything `create_app` needs.

    `explain` answers "Why?". It and `offer` must not import heavy libraries. `permit` may narrow who decides what,
    beyond `settings.deciders`. `compliance` reports on the framework of a name, or on every one.
    `doubt` says why a person's dismissal of a finding is not enough to hide it; nothing where it is.
    `withholding` says what the model holds back and what it missed by that, a thought a line.
    """

    store: Store
    clock: Clock
    settings: BotSettings
    explain: Callable[[Card], Why]
    permit: Permit = everyone
    offer: Offer = nothing
    compliance: Callable[[str], Report] = nothing_scanned
    doubt: Callable[[Person, Card], str] = believed
    withholding: Callable[[], tuple[str, ...]] = nothing_withheld
