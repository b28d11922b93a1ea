"""The AWS adapter of the `Cloud` port: runs the collectors side by side and returns a snapshot."""

import os
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from collectors.cores import on_one_core
from collectors.document import tag_map
from collectors.health import AwsMetrics
from collectors.quota import Quotas
from collectors.reader import BulkTags, Findings, Listings, Place, Reader
from collectors.registry import Collector, Scope, registered
from collectors.wire import ATTEMPTS, CallFailed, Wire
from core.errors import CloudError, CredentialsError
from core.ports import Clock
from core.types import Coverage, Gap, Resource, Snapshot

DEADLINE_S = 3600.0  # a third of 15 Lambda requests a second reads 4,000 functions in that time
_SIDE_BY_SIDE = 6  # collectors at once; each brings its own threads
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_GLOBAL_REGION = "us-east-1"

SessionFactory = Callable[[], Any]
"""Makes a boto3 Session; the place to assume a role."""


@dataclass(frozen=True, slots=True)
class _Task:
    collector: Collector
    reader: Reader


class AwsCloud:
    """Reads one AWS account in one or more regions.

    `endpoint_url` (or AWS_ENDPOINT_URL) names another endpoint than AWS; one on this machine has
    no AWS quota and is not paced unless `quotas` says so. `usage` adds two weeks of CloudWatch
    numbers to the resources found. `regions` None takes the session's region.
    """

    def __init__(  # noqa: PLR0913 - the adapter's settings, all by keyword
        self,
        *,
        session_factory: SessionFactory | None = None,
        regions: Sequence[str] | None = None,
        secret_key: bytes,
        clock: Clock,
        endpoint_url: str | None = None,
        quotas: Quotas | None = None,
        usage: bool = True,
        deadline_s: float = DEADLINE_S,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._session_factory = session_factory
        self._regions = tuple(regions or ())
        self._secret_key = secret_key
        self._clock = clock
        self._endpoint_url = endpoint_url or os.environ.get("AWS_ENDPOINT_URL") or None
        self._quotas = quotas if quotas is not None else default_quotas(self._endpoint_url)
        self._usage = usage
        self._deadline_s = deadline_s
        self._attempts = attempts
        self._session: Any = None
        self._lock = threading.Lock()

    def collect(self, *, types: Sequence[str] = ()) -> Snapshot:
        """Read every supported resource (or only `types`); failed reads become gaps.

        Raises: CredentialsError when nothing can be read at all.
        """
        with on_one_core():
            return self._collected(types)

    def _collected(self, types: Sequence[str]) -> Snapshot:
        chosen = [each for each in registered() if not types or set(each.yields) & set(types)]
        scan = _Scan(self, self._wire())
        resources = scan.run(chosen, self._region_names())
        if types:
            resources = tuple(each for each in resources if each.type in types)
        if self._usage and (not types or len(resources) < _USAGE_ALWAYS):
            from collectors.usage import with_usage

            resources = with_usage(scan.wire, resources, now=self._clock(), findings=scan.findings)
        return scan.snapshot(resources, coverage=() if types else scan.coverage())

    def read(self, resource: Resource) -> Snapshot:
        """Read one resource, and its parts, again. Empty when it is gone.

        Parts are what hangs on it: a function's permissions, URLs, aliases and event sources, a
        bucket's policy, an API's stages and routes.
        """
        root = resource.uid.split("|")[0]
        chosen = [each for each in registered() if _reads(each, resource)]
        region = resource.region or (self._region_names() or (_GLOBAL_REGION,))[0]
        scan = _Scan(self, self._wire())
        found = scan.run(chosen, (region,), only=resource)
        return scan.snapshot(tuple(each for each in found if _belongs(each, root)))

    def metrics(self) -> AwsMetrics:
        """Return what CloudWatch counted of resources."""
        return AwsMetrics(self._wire())

    def who(self) -> Mapping[str, str]:
        """Return account and ARN of the credentials in use, for the doctor.

        Raises: CredentialsError, CloudError.
        """
        wire = self._wire()
        place, arn = _identity(wire, self._region_names()[0])
        return {"account": place.account, "arn": arn, "partition": place.partition}

    def _region_names(self) -> tuple[str, ...]:
        if self._regions:
            return self._regions
        region = self._boto_session().region_name
        if not region:
            raise CredentialsError(
                "No AWS region is set. Name one in the settings or in AWS_DEFAULT_REGION."
            )
        return (region,)

    def _boto_session(self) -> Any:
        with self._lock:
            if self._session is None:
                import boto3

                self._session = (self._session_factory or boto3.Session)()
            return self._session

    def _wire(self) -> Wire:
        return Wire(
            self._boto_session(),
            endpoint_url=self._endpoint_url,
            quotas=self._quotas,
            deadline_s=self._deadline_s,
            attempts=self._attempts,
        )

    @property
    def secret_key(self) -> bytes:
        """The key that fingerprints secret values."""
        return self._secret_key

    @property
    def clock(self) -> Clock:
        """Where the present comes from."""
        return self._clock


_USAGE_ALWAYS = 5000  # narrowed collections this small stay cheap with their usage


class _Scan:
    """One pass over the account."""

    def __init__(self, cloud: AwsCloud, wire: Wire) -> None:
        self.cloud = cloud
        self.wire = wire
        self.findings = Findings()
        self._listings = Listings()
        self._account, self._regions = "", tuple[str, ...]()

    def run(
        self,
        collectors: Sequence[Collector],
        regions: Sequence[str],
        *,
        only: Resource | None = None,
    ) -> tuple[Resource, ...]:
        place, _ = _identity(self.wire, regions[0])
        self._account, self._regions = place.account, tuple(regions)
        with ThreadPoolExecutor(max(len(regions), 1)) as tagging:
            tags = {region: tagging.submit(self._tags, place, region, only) for region in regions}
            tasks = [
                _Task(each, self._reader(each, place, region, tags[region], only))
                for each in sorted(collectors, key=_longest_first)
                for region in (regions[:1] if each.scope is Scope.GLOBAL else regions)
            ]
            with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
                found = list(pool.map(self._collect, tasks))
        self._refuse_if_nothing_was_read(regions)
        unique = {resource.uid: resource for resource in chain.from_iterable(found)}
        return tuple(unique[uid] for uid in sorted(unique))

    def coverage(self) -> tuple[Coverage, ...]:
        """Return the regions that were read; one in which no call was answered was not."""
        answered = {region for _, region in self.findings.successes}
        return (Coverage(self._account, tuple(r for r in self._regions if r in answered)),)

    def snapshot(
        self, resources: Sequence[Resource], *, coverage: tuple[Coverage, ...] = ()
    ) -> Snapshot:
        return Snapshot(
            uid=uuid.uuid4().hex,
            taken_at=self.cloud.clock(),
            resources=tuple(resources),
            gaps=self.findings.summary(),
            api_calls=dict(sorted(self.wire.api_calls.items())),
            coverage=coverage,
        )

    def _reader(
        self,
        collector: Collector,
        place: Place,
        region: str,
        tags: "Future[BulkTags]",
        only: Resource | None,
    ) -> Reader:
        return Reader(
            self.wire,
            Place(place.account, place.partition, region),
            collector,
            secret_key=self.cloud.secret_key,
            findings=self.findings,
            shared=self._listings,
            tags=tags,
            only=only,
        )

    def _collect(self, task: _Task) -> list[Resource]:
        found: list[Resource] = []
        try:
            found.extend(task.collector.collect(task.reader))
        except CallFailed as error:
            for kind in task.collector.yields:
                task.reader.gap(error, of=kind)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            # Foreign data: what came before the odd answer is kept, the rest is a gap.
            for kind in task.collector.yields:
                task.reader.malformed(task.collector.name, error, of=kind)
        return found

    def _tags(self, place: Place, region: str, only: Resource | None) -> BulkTags:
        operation = "resourcegroupstaggingapi:GetResources"
        narrow = {"ResourceARNList": [only.uid.split("|")[0]]} if only else {}
        try:
            rows = [
                row
                for page in self.wire.pages(operation, region, **narrow)
                for row in page.get("ResourceTagMappingList") or ()
            ]
        except CallFailed as error:
            gap = Gap(operation, error.reason, str(error), place.account, region, "", "Tags")
            with self.findings.lock:
                self.findings.gaps.append(gap)
            return BulkTags(unread=str(error))
        self.findings.successes.add((operation, region))
        return BulkTags({row["ResourceARN"]: tag_map(row.get("Tags")) for row in rows})

    def _refuse_if_nothing_was_read(self, regions: Sequence[str]) -> None:
        if self.findings.gaps and not self.findings.successes:
            reasons = ", ".join(sorted({gap.reason for gap in self.findings.gaps}))
            raise CredentialsError(
                f"Nothing could be read in {', '.join(regions)} ({reasons}). Give Plumbline the "
                "read-only role that `plumbline init` writes."
            )


def _identity(wire: Wire, region: str) -> tuple[Place, str]:
    try:
        answer = wire.call("sts:GetCallerIdentity", region)
    except CallFailed as error:
        raise _unreachable(error) from error
    arn = str(answer["Arn"])
    return Place(str(answer["Account"]), arn.split(":")[1] or "aws", region), arn


def _unreachable(error: CallFailed) -> CloudError:
    if error.reason == "denied":
        return CredentialsError(
            f"AWS refused to say who we are ({error.code}). Check the credentials and the role."
        )
    return CloudError(
        f"AWS cannot be reached ({error.code}). Check the network and the endpoint, then try again."
    )


def default_quotas(endpoint_url: str | None) -> Quotas:
    """Return AWS's quotas, or none for an endpoint on this machine."""
    return Quotas.unlimited() if is_local(endpoint_url) else Quotas()


def is_local(endpoint_url: str | None) -> bool:
    """Whether an endpoint is on this machine: no AWS, but something that simulates it."""
    return endpoint_url is not None and urlsplit(endpoint_url).hostname in _LOOPBACK


_SLOWEST = ("lambda_functions", "s3_buckets", "dynamodb_tables", "rest_apis")


def _longest_first(collector: Collector) -> tuple[int, str]:
    """Start what needs most calls first, so that nothing long is left for the end."""
    name = collector.name
    return (_SLOWEST.index(name) if name in _SLOWEST else len(_SLOWEST), name)


_ALSO_READS = {"AWS::Lambda::Function": ("lambda_event_sources",)}


def _reads(collector: Collector, resource: Resource) -> bool:
    if collector.name in _ALSO_READS.get(resource.type, ()):
        return True
    return resource.type in collector.yields


def _belongs(candidate: Resource, root: str) -> bool:
    """Whether a resource is the one asked for, or a part of it."""
    if candidate.uid == root or candidate.uid.startswith((f"{root}|", f"{root}:", f"{root}/")):
        return True
    parent = candidate.properties.get("FunctionName") or candidate.properties.get("TopicArn")
    if isinstance(parent, str) and (parent == root or parent.startswith(f"{root}:")):
        return True
    return candidate.type == "AWS::IAM::ManagedPolicy"  # what a role's attachments say
