"""Read templates and Terraform: in this process, or in children that can be stopped.

A template is written by others, and the libraries that read it were not written for that: one that
hangs or explodes must cost one gap and not the run.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app import crew, terraform
from app.apart import Limits, Stopped
from app.log import logger
from app.store import codec
from core.errors import UnreadableTemplate
from core.types import Gap, Resource, SourceSpan
from templates.skip import Skip, comments

TEMPLATE_LIMITS = Limits(timeout_s=10, memory_mb=1024)
TREE_LIMITS = Limits(timeout_s=120, memory_mb=2048)
"""A tree of Terraform is read in one go, however many modules it has."""

_WORK = "app.reading:answer"
_WORKER_IS_WORTH = 20
"""Templates; for fewer, a second process takes longer to start than it saves."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something to be read: a template, or the Terraform under a path."""

    path: Path
    name: str
    repository: str
    terraform: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The skip comments on a declaration of a resource."""

    resource_uid: str
    address: str
    skips: tuple[Skip, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from one source: groups of resources that know nothing of each other."""

    groups: tuple[tuple[Resource, ...], ...] = ()
    gaps: tuple[Gap, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def templates(self) -> int:
        """How many templates and modules it was, those that could not be read among them."""
        return len(self.groups) + len(self.gaps)


def read_here(sources: Iterable[Source], *, secret_key: bytes) -> Iterator[Reading]:
    """Yield what stands in each source, read in this process."""
    for source in sources:
        yield _tree(source, secret_key) if source.terraform else _template(source, secret_key)


def read_apart(
    sources: Iterable[Source],
    *,
    secret_key: bytes,
    limits: Limits = TEMPLATE_LIMITS,
    tree_limits: Limits = TREE_LIMITS,
) -> Iterator[Reading]:
    """Yield what stands in each source, in their order, read in processes that can be stopped."""
    listed = list(sources)
    tasks = [
        crew.Task(_request(source, secret_key), tree_limits if source.terraform else limits)
        for source in listed
    ]
    workers = min(os.cpu_count() or 1, 1 + len(listed) // _WORKER_IS_WORTH)
    for source, answer in zip(listed, crew.run(_WORK, tasks, workers=workers), strict=True):
        if isinstance(answer, Stopped):
            logger().error("reading_stopped", what=str(answer), stack=answer.last_words)
            yield Reading(gaps=(_lost(source.name, f"Reading it {answer}, so it was stopped."),))
        else:
            yield codec.from_plain(Reading, answer)


def answer(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read what a request asks for; the child's side of `read_apart`."""
    source = Source(
        Path(request["path"]), request["name"], request["repository"], request["terraform"]
    )
    [reading] = read_here([source], secret_key=bytes.fromhex(request["secret_key"]))
    plain: Mapping[str, Any] = codec.to_plain(reading)
    return plain


def _request(source: Source, secret_key: bytes) -> Mapping[str, Any]:
    return {
        "path": str(source.path.resolve()),
        "name": source.name,
        "repository": source.repository,
        "terraform": source.terraform,
        "secret_key": secret_key.hex(),
    }


def _template(source: Source, secret_key: bytes) -> Reading:
    import templates

    try:
        template = templates.read(
            source.path.read_bytes(),
            file=source.name,
            repository=source.repository,
            secret_key=secret_key,
        )
    except UnreadableTemplate as error:
        return Reading(gaps=(_lost(source.name, error),))
    skips = templates.skips(template)
    left_out = _left_out(template.resources, lambda span: skips.get(span.address, ()))
    notes = tuple(f"{source.name}: {note}" for note in template.notes)
    return Reading((template.resources,), notes=notes, left_out=tuple(left_out))


def _tree(source: Source, secret_key: bytes) -> Reading:
    from templates.terraform import read_tree

    files = terraform.tree(source.path)
    if not files:
        return Reading()
    tree = read_tree(files, repository=source.repository, secret_key=secret_key)
    return Reading(
        groups=tuple(module.resources for module in tree.modules),
        gaps=tuple(_lost(place or source.name, why) for place, why in tree.unreadable.items()),
        notes=tuple(
            f"{module.directory or source.name}: {note}"
            for module in tree.modules
            for note in module.notes
        ),
        left_out=tuple(
            each
            for module in tree.modules
            for each in _left_out(module.resources, lambda span: comments(files[span.file], span))
        ),
    )


def _left_out(
    resources: Sequence[Resource], skips: Callable[[SourceSpan], Sequence[Skip]]
) -> Iterator[LeftOut]:
    for resource in resources:
        for span in filter(None, {resource.source, *resource.places.values()}):
            if found := skips(span):
                yield LeftOut(resource.uid, span.address, tuple(found))


def _lost(name: str, reason: object) -> Gap:
    return Gap("template", "failed", f"{name}: {reason}", resource_uid=name)
