"""The evidence itself: the configuration that makes a finding true, and the lines that declare it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.world import NO_CODE, World
from core.errors import PlumblineError
from core.noun import noun
from core.place import places, unit
from core.quote import quote
from core.types import Card, Link, Quote, Resource
from core.why import Passage

if TYPE_CHECKING:
    from templates.excerpt import Excerpt

QUOTES_MAX = 4
PASSAGES_MAX = 3
_NOT_SET = "(not set)"
_WHOLE = frozenset({"AWS::Lambda::Permission", "AWS::Lambda::LayerVersionPermission"})
"""Types that are one statement as a whole."""


def quotes(world: World, card: Card) -> tuple[tuple[str, Quote], ...]:
    """Quote the settings and statements that a finding is about, each with whose it is in words.

    An attack path quotes what allows each step by itself.
    """
    found: list[tuple[str, Quote]] = []
    for uid, location in places(card.finding):
        resource = world.store.resource(uid)
        made = _of(resource, location) if resource else None
        if resource and made and made not in [each for _, each in found]:
            found.append((named(resource), made))
    return tuple(found[:QUOTES_MAX])


def named(resource: Resource) -> str:
    """Return what people call a resource: "function orders-export"."""
    return f"{noun(resource.type)} {resource.name}".strip()


def _of(resource: Resource, location: str) -> Quote | None:
    if resource.type in _WHOLE:
        return quote(resource.uid, "", resource.properties)
    steps = unit(location)
    statement = dig(resource.properties, steps) if "Statement" in steps else None
    if isinstance(statement, Mapping):
        return quote(resource.uid, _policy(resource, steps), statement)
    return quote(resource.uid, "", _setting(resource.properties, location.split(".")))


def _policy(resource: Resource, steps: Sequence[str]) -> str:
    """Say which policy of a resource a statement stands in."""
    outer = dig(resource.properties, steps[: steps.index("Statement") - 1])
    name = outer.get("PolicyName") if isinstance(outer, Mapping) else None
    return f"inline policy {name}" if isinstance(name, str) else ""


def dig(value: Any, steps: Sequence[str]) -> Any:
    """Return what lies at a property path, None where it ends early."""
    for step in steps:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, Sequence) and not isinstance(value, str) and step.isdigit():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value


def _setting(value: Any, steps: Sequence[str]) -> Any:
    """Return only what lies at a path, in what holds it; a setting that is not there says so."""
    if not steps:
        return value
    head = steps[0]
    if isinstance(value, Mapping):
        return {head: _setting(value[head], steps[1:]) if head in value else _NOT_SET}
    if isinstance(value, Sequence) and not isinstance(value, str) and head.isdigit():
        number = int(head)
        return [_setting(value[number], steps[1:])] if number < len(value) else []
    return value


def passages(world: World, card: Card) -> tuple[tuple[Passage, ...], str]:
    """Return the lines that declare what a finding is about; else why there are none."""
    found: list[Passage] = []
    refusal = ""
    for resource, path, statement in _wanted(world, card):
        link = world.store.link(resource.uid)
        if link is None:
            refusal = refusal or NO_CODE
            continue
        try:
            passage = _passage(world, link, resource, path, statement)
        except PlumblineError as error:
            refusal = refusal or str(error)
            continue
        if passage and passage not in found:
            found.append(passage)
    kept = [each for each in found if each.is_written] or found[:1]
    return tuple(kept[:PASSAGES_MAX]), "" if kept else refusal


def _wanted(
    world: World, card: Card
) -> Iterator[tuple[Resource, Sequence[str], Mapping[str, Any] | None]]:
    """Yield each resource with the path or the statement to look for in its template."""
    for uid, location in places(card.finding):
        resource = world.store.resource(uid)
        if resource:
            steps = unit(location) or tuple(location.split("."))
            found = dig(resource.properties, steps)
            is_statement = "Statement" in steps and isinstance(found, Mapping)
            yield resource, steps, found if is_statement else None
    for hop in _telling(card):
        for each in hop:
            resource = world.store.resource(each.resource_uid)
            if resource and isinstance(each.value, Mapping):
                is_statement = "Effect" in each.value
                path = () if is_statement else tuple(each.value)[:1]
                yield resource, path, each.value if is_statement else None


def _telling(card: Card) -> Iterator[tuple[Quote, ...]]:
    """Yield the quotes of the steps of a path's first way: the cut before the others."""
    way = card.finding.evidence.ways[0] if card.finding.evidence.ways else ()
    for hop in sorted(way, key=lambda each: not each.is_cut):
        yield hop.quotes


def _passage(
    world: World,
    link: Link,
    resource: Resource,
    path: Sequence[str],
    statement: Mapping[str, Any] | None,
) -> Passage | None:
    from remediation import words

    forge = world.forge_of(link.repository)
    branch = next(r.branch for r in world.settings.repository if r.name == link.repository)
    commit = link.commit or forge.head(branch)
    for file in _files(world, link, commit):
        content = forge.file(file, commit=commit)
        found = _excerpt(content, file, link, path, statement)
        if found is not None:
            shown = words.redact("\n".join(f" {x}" for x in found.lines), key=world.secret_key)
            return Passage(
                about=named(resource),
                repository=link.repository,
                path=file,
                start_line=found.start_line,
                end_line=found.end_line,
                lines=tuple(line[1:] for line in shown.split("\n")),
                url=forge.lines_url(
                    file, commit=commit, first=found.start_line, last=found.end_line
                ),
                commit=commit,
                is_written=found.is_written,
            )
    return None


def _files(world: World, link: Link, commit: str) -> Iterator[str]:
    """Yield the file that a link leads to; for a folder of Terraform, its files."""
    from remediation import terraform_plan

    if not terraform_plan.is_terraform(link):
        yield link.path
        return
    folder = terraform_plan.folder_of(link)
    forge = world.forge_of(link.repository)
    for path in forge.files(commit=commit):
        if path.endswith(".tf") and path.rpartition("/")[0] == folder:
            yield path


def _excerpt(
    content: bytes,
    file: str,
    link: Link,
    path: Sequence[str],
    statement: Mapping[str, Any] | None,
) -> "Excerpt | None":
    from templates.excerpt import excerpt

    return excerpt(content, file=file, address=link.address, path=path, statement=statement)
