"""What a collector sees of AWS: calls whose failure becomes a gap, and resources to yield."""

import copy
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from collectors import document
from collectors.registry import Collector
from collectors.wire import CallFailed, Wire
from core import identity
from core.types import EMPTY, Gap, Resource, Usage, unknown

_WORKERS = 8  # a collector's threads; the wire bounds what is really in flight
_ENOUGH_DENIALS = 20  # refused this often with no success, an action is refused to the role
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one question about one resource brought: a body, nothing (absent), or no answer.

    `unread` says why there was no answer, empty when there was one.
    """

    body: Mapping[str, Any] | None = None
    unread: str = ""

    def value(self, read: Callable[[Mapping[str, Any]], Any]) -> Any:
        """Return what `read` makes of the body; None when absent; the unknown marker when unread."""
        if self.unread:
            return unknown(self.unread)
        return None if self.body is None else read(self.body)

    def properties(
        self, names: Sequence[str], read: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    ) -> Mapping[str, Any]:
        """Return the properties that `read` finds; each of `names` unknown when unread."""
        if self.unread:
            return {name: unknown(self.unread) for name in names}
        return EMPTY if self.body is None else read(self.body)


@dataclass(slots=True)
class Findings:
    """Gaps gathered during a scan, and which actions the role is refused altogether."""

    gaps: list[Gap] = field(default_factory=list)
    denials: Counter[tuple[str, str]] = field(default_factory=Counter)
    successes: set[tuple[str, str]] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def refused(self, operation: str, region: str) -> bool:
        """Whether so many denials and no success say that asking again is pointless."""
        key = (operation, region)
        return self.denials[key] >= _ENOUGH_DENIALS and key not in self.successes

    def summary(self) -> tuple[Gap, ...]:
        """Return the gaps, those of an action refused to the role altogether folded into one."""
        folded: dict[tuple[str, str], list[Gap]] = defaultdict(list)
        kept: list[Gap] = []
        for gap in self.gaps:
            if gap.reason == "denied" and self.refused(gap.scope, gap.region):
                folded[gap.scope, gap.region].append(gap)
            else:
                kept.append(gap)
        for (scope, region), gaps in folded.items():
            detail = f"{scope} is denied to the role: not read for {len(gaps)} resources"
            kept.append(
                Gap(scope, "denied", detail, account=gaps[0].account, region=region,
                    resource_type=gaps[0].resource_type)
            )  # fmt: skip
        return tuple(sorted(kept, key=lambda gap: (gap.scope, gap.region, gap.resource_uid)))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a collector reads. `region` is where calls go; global resources carry none."""

    account: str
    partition: str
    region: str


@dataclass(frozen=True, slots=True)
class BulkTags:
    """The tags of everything in a region, or why they could not be read."""

    by_arn: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unread: str = ""


class Reader:
    """One collector's view of one region. Thread-safe.

    `only`, when set, is the one resource to read again: collectors then ask for it alone.
    """

    def __init__(  # noqa: PLR0913 - built in one place, by keyword
        self,
        wire: Wire,
        place: Place,
        collector: Collector,
        *,
        secret_key: bytes,
        findings: Findings,
        shared: "Listings",
        tags: "Future[BulkTags]",
        only: Resource | None = None,
    ) -> None:
        self._wire = wire
        self._findings = findings
        self._shared = shared
        self._tags = tags
        self._collector = collector
        self.place = place
        self.secret_key = secret_key
        self.only = only

    def at(self, region: str) -> "Reader":
        """Return this view of another region: some global services keep a part of theirs in one."""
        other = copy.copy(self)
        other.place = replace(self.place, region=region)
        return other

    # asking

    def call(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Call one operation. Raises: CallFailed."""
        answer = self._wire.call(operation, self.place.region, **parameters)
        self._findings.successes.add((operation, self.place.region))
        return answer

    def items(self, operation: str, key: str, **parameters: Any) -> list[Any]:
        """Return the members `key` of every page. Raises: CallFailed."""
        pages = self._wire.pages(operation, self.place.region, **parameters)
        found = [item for page in pages for item in _at(page, key)]
        self._findings.successes.add((operation, self.place.region))
        return found

    def listing(self, operation: str, key: str, **parameters: Any) -> list[Any]:
        """Return every item of a list, asked once a scan however many collectors want it."""
        name = (operation, key, self.place.region, repr(sorted(parameters.items())))
        found: list[Any] = self._shared.once(name, lambda: self.items(operation, key, **parameters))
        return found

    def listed(self, operation: str, key: str, *, of: str, **parameters: Any) -> list[Any]:
        """Return every item, or none and a gap (about type `of`) when the list cannot be read."""
        try:
            return self.items(operation, key, **parameters)
        except CallFailed as error:
            self.gap(error, of=of)
            return []

    def ask(
        self,
        operation: str,
        *,
        uid: str,
        of: str,
        absent: Sequence[str] = (),
        **parameters: Any,
    ) -> Answer:
        """Ask for one fact about resource `uid`; error codes in `absent` mean there is none.

        A failure leaves a gap about `uid` and type `of`, and an Answer that is unread.
        """
        if self._findings.refused(operation, self.place.region):
            error = CallFailed(operation, "denied", "denied each time before")
            return Answer(unread=self.gap(error, of=of, uid=uid))
        try:
            return Answer(self.call(operation, **parameters))
        except CallFailed as error:
            if error.code in absent:
                self._findings.successes.add((operation, self.place.region))
                return Answer()
            return Answer(unread=self.gap(error, of=of, uid=uid))

    def ask_all(
        self, operation: str, key: str, *, uid: str, of: str, **parameters: Any
    ) -> tuple[list[Any], str]:
        """Return every item of a resource's own list and why it is unread (else empty)."""
        if self._findings.refused(operation, self.place.region):
            error = CallFailed(operation, "denied", "denied each time before")
            return [], self.gap(error, of=of, uid=uid)
        try:
            found = self.items(operation, key, **parameters)
        except CallFailed as error:
            return [], self.gap(error, of=of, uid=uid)
        return found, ""

    def own_tags(
        self, operation: str, key: str, *, uid: str, of: str = "", **parameters: Any
    ) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Return the tags of a resource from its own service, and {"Tags": why} when unread."""
        answer = self.ask(operation, uid=uid, of=of or self._collector.yields[0], **parameters)
        found = (answer.body or {}).get(key) or ()
        tags = found if isinstance(found, Mapping) else document.tag_map(found)
        return tags, {"Tags": answer.unread} if answer.unread else EMPTY

    def pages(self, operation: str, **parameters: Any) -> Iterator[Mapping[str, Any]]:
        """Yield every page of an operation. Raises: CallFailed."""
        return self._wire.pages(operation, self.place.region, **parameters)

    def offers(self, operation: str, **parameters: Any) -> Mapping[str, Any] | None:
        """Call an operation that only saves others; None when it fails: the others are asked."""
        try:
            return self.call(operation, **parameters)
        except CallFailed:
            return None

    def gap(self, error: CallFailed, *, of: str, uid: str = "") -> str:
        """Record a failed read and return its words."""
        self._record(error.operation, error.reason, str(error), of=of, uid=uid)
        return str(error)

    def malformed(self, operation: str, error: Exception, *, of: str, uid: str = "") -> None:
        """Record an answer that does not have the shape the API documents."""
        detail = f"the answer has an unexpected shape ({type(error).__name__})"
        self._record(operation, "failed", detail, of=of, uid=uid)

    def _record(self, operation: str, reason: str, detail: str, *, of: str, uid: str) -> None:
        place = self.place
        gap = Gap(operation, reason, detail, place.account, place.region, uid, of)
        with self._findings.lock:
            self._findings.gaps.append(gap)
            if reason == "denied":
                self._findings.denials[operation, place.region] += 1

    def each(
        self, items: Iterable[_Item], read: Callable[[_Item], Iterable[Resource]]
    ) -> Iterator[Resource]:
        """Read the items side by side and yield what they bring, in the items' order."""
        todo = list(items)
        if len(todo) <= 1:
            for item in todo:
                yield from self._guarded(read, item)
            return
        with ThreadPoolExecutor(min(_WORKERS, len(todo))) as pool:
            for found in pool.map(lambda item: self._guarded(read, item), todo):
                yield from found

    def _guarded(
        self, read: Callable[[_Item], Iterable[Resource]], item: _Item
    ) -> tuple[Resource, ...]:
        try:
            return tuple(read(item))
        except CallFailed as error:
            self.gap(error, of=self._collector.yields[0])
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            # Foreign data: one odd answer must not cost the scan the rest, nor pass unnoticed.
            self.malformed(self._collector.name, error, of=self._collector.yields[0])
        return ()

    # answering

    def arn(self, service: str, path: str, *, region: str | None = None) -> str:
        """Compose an ARN in this account; `region=""` for global services."""
        where = self.place.region if region is None else region
        return f"arn:{self.place.partition}:{service}:{where}:{self.place.account}:{path}"

    def resource(  # noqa: PLR0913 - a resource has that many sides
        self,
        kind: str,
        *,
        uid: str,
        name: str,
        properties: Mapping[str, Any],
        tags: Mapping[str, str] | None = None,
        aliases: Iterable[str | None] = (),
        unreadable: Mapping[str, str] = EMPTY,
        created_at: Any = None,
        changed_at: Any = None,
        usage: tuple[Usage, ...] = (),
        everywhere: bool = False,
    ) -> Resource:
        """Build a resource; tags come from the tagging API unless given, secrets are replaced."""
        cleaned = {name: value for name, value in properties.items() if value not in (None, "")}
        unread = dict(unreadable)
        if tags is None:
            bulk = self._tags.result()
            tags = bulk.by_arn.get(uid, EMPTY)
            if bulk.unread:
                unread["Tags"] = bulk.unread
                cleaned["Tags"] = unknown(bulk.unread)
        return Resource(
            uid=uid,
            type=kind,
            name=name,
            properties=document.scrubbed(document.plain_json(cleaned), self.secret_key),
            partition=self.place.partition,
            account=self.place.account,
            region="" if everywhere else self.place.region,
            tags=document.scrubbed(tags, self.secret_key) if tags else EMPTY,
            aliases=tuple(dict.fromkeys(alias for alias in (uid, *aliases) if alias)),
            unreadable=unread,
            created_at=_moment_or_none(created_at),
            changed_at=_moment_or_none(changed_at),
            usage=usage,
        )

    def part(  # noqa: PLR0913 - a part is a resource and its parent
        self,
        parent: Resource,
        kind: str,
        key: str,
        properties: Mapping[str, Any],
        *,
        name: str = "",
        aliases: Iterable[str | None] = (),
    ) -> Resource:
        """Build a resource that has no ARN of its own and hangs on another."""
        return self.resource(
            kind,
            uid=identity.part_uid(parent.uid, kind, key),
            name=name or f"{parent.name}/{key}",
            properties=properties,
            tags=EMPTY,
            aliases=aliases,
            everywhere=not parent.region,
        )


class Listings:
    """Lists that several collectors want, each asked for once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._futures: dict[object, Future[Any]] = {}

    def once(self, name: object, read: Callable[[], Any]) -> Any:
        """Return what the first caller's `read` brought, or raise what it raised."""
        with self._lock:
            future = self._futures.get(name)
            mine = future is None
            if future is None:
                future = self._futures[name] = Future()
        if mine:
            try:
                future.set_result(read())
            except BaseException as error:  # noqa: BLE001 - whoever waits must get it too
                future.set_exception(error)
        return future.result()


def _at(page: Mapping[str, Any], key: str) -> list[Any]:
    value: Any = page
    for step in key.split("."):
        value = (value or {}).get(step)
    return value or []


def _moment_or_none(value: Any) -> datetime | None:
    try:
        return document.moment(value)
    except (ValueError, OverflowError, OSError):
        return None  # a date nobody can read is no reason to lose the resource
