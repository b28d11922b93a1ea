"""Gates as code: per policy and scope, how far a fix may go and who has to agree.

gates:
  - id: production
    scope: {tags: {environment: prod*}}    # as in exceptions.yaml; left out: everything
    mode: approve                          # detect, suggest, approve or auto
    approvals: {identity: 2, network: 2}
    four_eyes: true
    freezes:
      - {name: weekend, zone: Europe/Zurich, from: "Fri 16:00", to: "Mon 08:00"}
  - id: log-retention
    checks: [PL-LOGS-001]                  # left out: every check
    scope: {accounts: ["111122223333"]}
    mode: auto
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import PolicyError
from core.gate import Auto, Freeze, Group, Mode, Revert, Rule, Tier
from core.types import Finding, Resource
from policies import scope as scoping
from policies.scope import Scope

FILES = ("gates.yaml", "gates/*.yaml")
"""Where gates lie in a directory of policies."""

APPROVALS_MAX = 9
HOURS_MAX = 720
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKLY = re.compile(r"(?P<day>[A-Za-z]{3}) (?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)")
_KEYS = frozenset(
    {"id", "checks", "scope", "mode", "approvals", "four_eyes", "owner_approves"}
    | {"approvals_valid_h", "freezes", "open_pull_requests_max", "auto", "group", "revert"}
)
_FREEZE_KEYS = frozenset({"name", "zone", "from", "to"})
_AUTO_KEYS = frozenset({"tiers", "wait_h", "count", "percent"})
_GROUP_KEYS = frozenset({"wait_min", "most"})
_Name = TypeVar("_Name", Mode, Tier, Revert)


@dataclass(frozen=True, slots=True)
class GateRow:
    """One row: what it covers, and what it demands. No checks and no scope cover everything."""

    rule: Rule
    checks: tuple[str, ...] = ()
    scope: Scope | None = None

    def covers(self, finding: Finding, resource: Resource | None, *, names: Sequence[str]) -> bool:
        """Whether a finding's fix passes this gate. `names` are its resource's uids."""
        if self.checks and not scoping.names_check(self.checks, finding):
            return False
        return self.scope is None or scoping.matches(self.scope, finding, resource, names=names)


def read_directory(root: Path) -> tuple[GateRow, ...]:
    """Read the gates that lie in a directory of policies. Raises: PolicyError."""
    files = [path for pattern in FILES for path in sorted(root.glob(pattern))]
    return tuple(each for path in files for each in read_file(path))


def read_file(path: Path) -> tuple[GateRow, ...]:
    """Read one file of gates.

    Raises: PolicyError naming file, gate and what is wrong: nothing of such a file applies.
    """
    listed = scoping.rows(path, "gates")
    return tuple(_read(item, f"{path}: gate {n}") for n, item in enumerate(listed, 1))


def _read(item: Any, place: str) -> GateRow:
    _known(item, _KEYS, place, "a gate")
    uid = scoping.text(item, "id", place)
    place = f"{place} ({uid})"
    row = GateRow(
        checks=scoping.texts(item["checks"], f"{place}: checks") if "checks" in item else (),
        scope=scoping.read(item["scope"], place) if "scope" in item else None,
        rule=Rule(
            uid=uid,
            mode=_optional(item, "mode", lambda value: _name(Mode, value, f"{place}: mode")),
            approvals=_approvals(item.get("approvals", {}), place),
            four_eyes=_switch(item, "four_eyes", place, usual=False),
            owner_approves=_switch(item, "owner_approves", place, usual=True),
            approvals_valid_h=_optional(
                item,
                "approvals_valid_h",
                lambda value: _number(value, f"{place}: approvals_valid_h", 0, HOURS_MAX),
            ),
            freezes=_freezes(item.get("freezes", []), place),
            open_pull_requests_max=_optional(
                item,
                "open_pull_requests_max",
                lambda value: _whole(value, f"{place}: open_pull_requests_max", 1, 1000),
            ),
            auto=_optional(item, "auto", lambda value: _auto(value, f"{place}: auto")),
            revert=_optional(
                item, "revert", lambda value: _name(Revert, value, f"{place}: revert")
            ),
            group=_optional(item, "group", lambda value: _group(value, f"{place}: group")),
        ),
    )
    if row.rule.mode is Mode.AUTO and (not row.checks or row.scope is None):
        raise PolicyError(f"{place}: auto needs checks and a scope; name what may be changed.")
    return row


def _known(item: Any, keys: frozenset[str], place: str, what: str) -> None:
    if not isinstance(item, dict):
        raise PolicyError(f"{place} is not a mapping.")
    if unknown := sorted(set(map(str, item)) - keys):
        raise PolicyError(f"{place}: {unknown[0]} is no key of {what}.")


_Read = TypeVar("_Read")


def _optional(item: Mapping[str, Any], key: str, read: Callable[[Any], _Read]) -> _Read | None:
    return read(item[key]) if key in item else None


def _name(kind: type[_Name], value: Any, place: str) -> _Name:
    known = {each.value: each for each in kind}
    if not isinstance(value, str) or value not in known:
        raise PolicyError(f"{place} must be one of {', '.join(known)}.")
    return known[value]


def _switch(item: Mapping[str, Any], key: str, place: str, *, usual: bool) -> bool:
    value = item.get(key, usual)
    if not isinstance(value, bool):
        raise PolicyError(f"{place}: {key} must be true or false.")
    return value


def _number(value: Any, place: str, least: float, most: float) -> float:
    """Read a number above `least`, up to `most`."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least < value <= most:
        raise PolicyError(f"{place} must be a number above {least:g}, {most:g} at most.")
    return float(value)


def _whole(value: Any, place: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise PolicyError(f"{place} must be a whole number from {least} to {most}.")
    return value


def _approvals(value: Any, place: str) -> Mapping[Tier, int]:
    if not isinstance(value, dict):
        raise PolicyError(f"{place}: approvals must map tiers to numbers.")
    return {
        _name(Tier, tier, f"{place}: a tier of approvals"): _whole(
            number, f"{place}: approvals of {tier}", 1, APPROVALS_MAX
        )
        for tier, number in value.items()
    }


def _auto(value: Any, place: str) -> Auto:
    _known(value, _AUTO_KEYS, place, "auto")
    usual = Auto()
    tiers = scoping.texts(value["tiers"], f"{place}: tiers") if "tiers" in value else usual.tiers
    return Auto(
        tiers=frozenset(_name(Tier, each, f"{place}: a tier") for each in tiers),
        wait_h=_number(value.get("wait_h", usual.wait_h), f"{place}: wait_h", 0, HOURS_MAX),
        count=_whole(value.get("count", usual.count), f"{place}: count", 1, 1000),
        percent=_number(value.get("percent", usual.percent), f"{place}: percent", 0, 100),
    )


def _group(value: Any, place: str) -> Group:
    _known(value, _GROUP_KEYS, place, "group")
    usual = Group()
    return Group(
        wait_min=_number(value.get("wait_min", usual.wait_min), f"{place}: wait_min", 0, 1440),
        most=_whole(value.get("most", usual.most), f"{place}: most", 2, 100),
    )


def _freezes(value: Any, place: str) -> tuple[Freeze, ...]:
    if not isinstance(value, list):
        raise PolicyError(f"{place}: freezes must be a list.")
    return tuple(_freeze(item, f"{place}: freeze {n}") for n, item in enumerate(value, 1))


def _freeze(item: Any, place: str) -> Freeze:
    _known(item, _FREEZE_KEYS, place, "a freeze")
    name, zone = scoping.text(item, "name", place), scoping.text(item, "zone", place)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise PolicyError(f"{place}: {zone} is not an IANA time zone.") from error
    starts, ends = _weekly(item.get("from")), _weekly(item.get("to"))
    if starts is not None and ends is not None and starts != ends:
        return Freeze(name, zone, starts, ends)
    first, last = _dated(item.get("from"), ends=False), _dated(item.get("to"), ends=True)
    if first is None or last is None or last <= first:
        raise PolicyError(
            f'{place}: from and to are both weekly ("Fri 16:00") or both dated (2026-12-18, or '
            '"2026-12-18 16:00"), and to lies after from.'
        )
    return Freeze(name, zone, dated=(first, last))


def _weekly(value: Any) -> timedelta | None:
    """Return the time from Monday 00:00, None where this is no time of the week."""
    said = _WEEKLY.fullmatch(value) if isinstance(value, str) else None
    if said is None or said["day"].lower() not in _DAYS:
        return None
    days = _DAYS.index(said["day"].lower())
    return timedelta(days=days, hours=int(said["hour"]), minutes=int(said["minute"]))


def _dated(value: Any, *, ends: bool) -> datetime | None:
    """Return a moment without a zone; a day that ends a freeze belongs to it."""
    if isinstance(value, str):
        try:
            value = datetime.strptime(value, "%Y-%m-%d %H:%M")  # noqa: DTZ007  # by the clock of the freeze's zone
        except ValueError:
            return None
    if isinstance(value, datetime):
        return None if value.tzinfo else value
    if not isinstance(value, date):
        return None
    return datetime.combine(value + timedelta(days=int(ends)), time.min)
