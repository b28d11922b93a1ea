"""Exceptions as code: findings that a team accepts in writing, scoped, owned and with an end.

    exceptions:
      - id: EXC-14
        checks: [PL-LAMBDA-003]         # check ids, controls, or ids in a check's references
        scope:
          resources: ["arn:aws:lambda:*:*:function:webhook-*"]
          accounts: ["111122223333"]
        owner: dana@example.com
        reason: the payment provider calls it; the handler verifies the signature
        expires: 2027-02-01

Every key of a scope must match; of a list, one entry. `unconfirmed: true` marks what was taken over
from another tool: it does nothing until somebody confirms its end by removing the line.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from core.errors import PolicyError
from core.ports import Check, Clock
from core.types import Exemption, Finding, Gap, Resource, Snapshot, Status
from policies import scope as scoping
from policies.scope import Scope

FILES = ("exceptions.yaml", "exceptions/*.yaml")
"""Where exceptions lie in a directory of policies."""
DAYS_MAX = 366
"""The longest that an exception may hold; then somebody looks again."""

_KEYS = frozenset({"id", "checks", "scope", "owner", "reason", "expires", "unconfirmed"})


@dataclass(frozen=True, slots=True)
class PolicyException:
    """One exception. `until` is the end of the day named by `expires`, in UTC."""

    uid: str
    checks: tuple[str, ...]
    scope: Scope
    owner: str
    reason: str
    until: datetime
    origin: str
    unconfirmed: bool = False

    def exemption(self) -> Exemption:
        """Return what a finding is given that this exception covers."""
        return Exemption(self.uid, self.reason, self.owner, self.until, self.origin)

    def holds(self, now: datetime) -> bool:
        """Whether it is confirmed and has not ended."""
        return not self.unconfirmed and now < self.until

    def covers(self, finding: Finding, resource: Resource | None, *, names: Sequence[str]) -> bool:
        """Whether a finding is one of those accepted. `names` are its resource's uids."""
        return scoping.names_check(self.checks, finding) and scoping.matches(
            self.scope, finding, resource, names=names
        )


def read_directory(root: Path) -> tuple[PolicyException, ...]:
    """Read the exceptions that lie in a directory of policies. Raises: PolicyError."""
    files = [path for pattern in FILES for path in sorted(root.glob(pattern))]
    return tuple(each for path in files for each in read_file(path))


def read_file(path: Path) -> tuple[PolicyException, ...]:
    """Read one file of exceptions.

    Raises: PolicyError naming file, exception and what is wrong: nothing of such a file applies.
    """
    listed = scoping.rows(path, "exceptions")
    read = tuple(_read(item, f"{path}: exception {n}") for n, item in enumerate(listed, 1))
    return tuple(replace(each, origin=str(path)) for each in read)


def _read(item: Any, place: str) -> PolicyException:
    if not isinstance(item, dict):
        raise PolicyError(f"{place} is not a mapping.")
    place = f"{place} ({item['id']})" if item.get("id") else place
    if unknown := sorted(set(map(str, item)) - _KEYS):
        raise PolicyError(f"{place}: {unknown[0]} is no key of an exception.")
    return PolicyException(
        uid=scoping.text(item, "id", place),
        checks=scoping.texts(item.get("checks"), f"{place}: checks"),
        scope=scoping.read(item.get("scope"), place),
        owner=scoping.text(item, "owner", place),
        reason=scoping.text(item, "reason", place),
        until=_end(item.get("expires"), place),
        origin="",
        unconfirmed=item.get("unconfirmed") is True,
    )


def _end(value: Any, place: str) -> datetime:
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        raise PolicyError(f"{place}: expires is missing; it is a date such as 2027-02-01.")
    return datetime.combine(value, time.min, UTC) + timedelta(days=1)


def too_long(exceptions: Sequence[PolicyException], *, now: datetime) -> tuple[str, ...]:
    """Say which exceptions hold longer than may be."""
    return tuple(
        f"{each.origin}: {each.uid} holds for more than {DAYS_MAX} days."
        for each in exceptions
        if each.until > now + timedelta(days=DAYS_MAX + 1)
    )


def exempted(
    finding: Finding,
    resource: Resource | None,
    exceptions: Sequence[PolicyException],
    *,
    now: datetime,
    names: Sequence[str],
) -> Finding:
    """Return a finding as it stands with these exceptions: accepted where one covers it."""
    if finding.status not in (Status.OPEN, Status.UNKNOWN):
        return finding
    for each in exceptions:
        if each.holds(now) and each.covers(finding, resource, names=names):
            return replace(finding, status=Status.ACCEPTED, exemption=each.exemption())
    return finding


def with_exceptions(
    check: Check,
    exceptions: Sequence[PolicyException],
    *,
    clock: Clock,
    declared: Callable[[], Mapping[str, str]],
) -> Check:
    """Return a check whose findings are accepted where an exception covers them.

    `declared` gives the declared uid of live resources that code declares, so that an exception
    written for the code follows it.
    """
    if not exceptions:
        return check

    def run(snapshot: Snapshot) -> Iterator[Finding | Gap]:
        by_uid = {resource.uid: resource for resource in snapshot.resources}
        links, now = declared(), clock()
        for said in check(snapshot):
            if isinstance(said, Gap):
                yield said
                continue
            uid = said.resource_uid
            whole = uid.partition("|")[0]
            names = [uid, whole, *(links[each] for each in (uid, whole) if each in links)]
            resource = by_uid.get(uid)
            yield exempted(said, resource, exceptions, now=now, names=names)

    return run
