"""Find the earlier decisions that say most of a finding: on the same check first, then by likeness."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core import alike
from core.types import Label

MOST = 5
# What counts as how alike is our judgement, 2026-11-25: the check says most, a shared tag least.
_WEIGHT: Mapping[str, float] = {
    "check": 8,
    "resource": 4,
    "owner": 4,
    "type": 2,
    "name": 1,
    "tag": 1,
}
_WORDS: Mapping[str, str] = {
    "check": "same check",
    "resource": "same resource",
    "owner": "same owner",
    "type": "same kind of resource",
    "name": "similar name",
}
_TAGS_COUNTED = 3
_TAGS_TOLD = 2


@dataclass(frozen=True, slots=True)
class Likeness:
    """A label on another finding, and what the two have in common, most telling first."""

    label: Label
    alike: tuple[str, ...]


def nearest(
    labels: Iterable[Label],
    *,
    about: Mapping[str, str],
    check_id: str,
    resource_uid: str,
    most: int = MOST,
) -> tuple[Likeness, ...]:
    """Return the labels on findings most like one, each person's newest word on each, nearest first.

    Of equally near ones the newest stands first. Nothing is near that shares neither the check nor
    the kind of resource together with its owner or a tag.
    """
    own = _keys(about, check_id, resource_uid)
    newest: dict[tuple[str, str], Label] = {}
    for label in sorted(labels, key=lambda each: each.labelled_at):
        newest[label.person, label.finding_uid] = label
    found = []
    for label in newest.values():
        shared = own & _keys(label.about, label.check_id, label.resource_uid)
        groups = {group for group, _ in shared}
        if "check" in groups or ("type" in groups and groups & {"owner", "tag"}):
            found.append((_nearness(shared), label.labelled_at.timestamp(), label, shared))
    found.sort(key=lambda each: each[:2], reverse=True)
    return tuple(Likeness(label, _told(shared)) for _, _, label, shared in found[:most])


def _keys(about: Mapping[str, str], check_id: str, resource_uid: str) -> set[tuple[str, str]]:
    keys = alike.keys(about, check_id=check_id, resource_uid=resource_uid)
    unknown_owner = ("owner", "-")
    return {each for each in keys if each[0] in _WEIGHT and each != unknown_owner}


def _nearness(shared: Iterable[tuple[str, str]]) -> float:
    groups = [group for group, _ in shared]
    tags = min(groups.count("tag"), _TAGS_COUNTED)
    return tags * _WEIGHT["tag"] + sum(_WEIGHT[group] for group in groups if group != "tag")


def _told(shared: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    groups = {group for group, _ in shared}
    said = [words for group, words in _WORDS.items() if group in groups]
    tags = sorted(value for group, value in shared if group == "tag")
    return (*said, *(f"tag {tag}" for tag in _few(tags)))


def _few(tags: Sequence[str]) -> Sequence[str]:
    return tags[:_TAGS_TOLD]
