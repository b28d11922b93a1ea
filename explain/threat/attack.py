"""Which ATT&CK techniques a check's weakness opens the door to, and who is documented to use them.

`techniques.yaml` is our reading of the techniques' texts. `attack.yaml` is made from ATT&CK's STIX
bundle by `python -m explain.threat.attack BUNDLE.json VERSION`.

(c) 2025 The MITRE Corporation. This work is reproduced and distributed with the permission of The
MITRE Corporation. https://attack.mitre.org/resources/legal-and-branding/terms-of-use/
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from explain.sentence import listed

_NOTICE = """\
# Who is documented to use the techniques of techniques.yaml: groups (G) and campaigns (C) of ATT&CK,
# without those that are revoked or deprecated. Made by `python -m explain.threat.attack`.
#
# (c) 2025 The MITRE Corporation. This work is reproduced and distributed with the permission of The
# MITRE Corporation. https://attack.mitre.org/resources/legal-and-branding/terms-of-use/
"""
_NAMED = 2
_ACTORS = ("intrusion-set", "campaign")


@dataclass(frozen=True, slots=True)
class Technique:
    """One technique, and the groups and campaigns that use it: name by ATT&CK id."""

    uid: str
    name: str
    used_by: Mapping[str, str]


@cache
def techniques_of(control: str) -> tuple[Technique, ...]:
    """Return the techniques that a control's weakness opens the door to; empty where none fits."""
    table = techniques()
    return tuple(table[uid] for uid, (_, controls) in mapping().items() if control in controls)


@cache
def mapping() -> Mapping[str, tuple[str, frozenset[str]]]:
    """Return, by technique, why controls stand under it, and which."""
    read = _yaml("techniques.yaml")
    return {uid: (each["because"], frozenset(each["controls"])) for uid, each in read.items()}


@cache
def techniques() -> Mapping[str, Technique]:
    """Return the techniques of the mapping by id."""
    read = _yaml("attack.yaml")
    named = read["actors"]
    return {
        uid: Technique(uid, each["name"], {actor: named[actor] for actor in each["used_by"]})
        for uid, each in read["techniques"].items()
    }


@cache
def version() -> str:
    """Return the version of ATT&CK that the table was made from."""
    return str(_yaml("attack.yaml")["version"])


@cache
def words(control: str) -> str:
    """Name the techniques that a control's weakness opens the door to, and some who use them."""
    found = techniques_of(control)
    if not found:
        return ""
    told = listed([f"{each.name} ({each.uid})" for each in found])
    actors = {uid: name for each in found for uid, name in each.used_by.items()}
    known = [actors[uid] for uid in sorted(actors, reverse=True)]  # groups, the newest ids first
    if not known:
        return told
    more = [f"{len(known) - _NAMED} more"] if len(known) > _NAMED else []
    return f"{told}, as {listed([*known[:_NAMED], *more])} did"


def _yaml(name: str) -> Any:
    text = resources.files("explain.threat").joinpath(name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)


def table_of(bundle: Mapping[str, Any], wanted: Sequence[str]) -> Mapping[str, Any]:
    """Return who uses the wanted techniques by a STIX 2 bundle of ATT&CK.

    Raises: KeyError naming a technique that the bundle does not have, or has withdrawn.
    """
    standing = {each["id"]: each for each in bundle["objects"] if _stands(each)}
    technique = {_uid(each): each for each in standing.values() if each["type"] == "attack-pattern"}
    users: dict[str, set[str]] = defaultdict(set)
    for link in standing.values():
        if link["type"] == "relationship" and link["relationship_type"] == "uses":
            actor = standing.get(link["source_ref"])
            if actor is not None and actor["type"] in _ACTORS:
                users[link["target_ref"]].add(actor["id"])
    used = {uid: sorted(_uid(standing[a]) for a in users[technique[uid]["id"]]) for uid in wanted}
    names = {_uid(e): e["name"] for e in standing.values() if e["type"] in _ACTORS}
    return {
        "techniques": {
            uid: {"name": technique[uid]["name"], "used_by": used[uid]} for uid in wanted
        },
        "actors": {uid: names[uid] for uid in sorted({each for u in used.values() for each in u})},
    }


def _stands(each: Mapping[str, Any]) -> bool:
    return not each.get("revoked") and not each.get("x_mitre_deprecated")


def _uid(each: Mapping[str, Any]) -> str:
    references: Iterator[Mapping[str, Any]] = iter(each["external_references"])
    return str(next(r["external_id"] for r in references if r["source_name"] == "mitre-attack"))


def main(bundle: Path, version_read: str) -> None:
    """Make the table anew from a bundle."""
    made = table_of(json.loads(bundle.read_text(encoding="utf-8")), sorted(mapping()))
    text = yaml.safe_dump({"version": version_read, **made}, sort_keys=False, width=100)
    Path(__file__).with_name("attack.yaml").write_text(f"{_NOTICE}{text}", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
