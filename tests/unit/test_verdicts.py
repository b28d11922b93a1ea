"""Verdicts on text as people write it: tests/unit/verdicts holds one file a service.

An entry names a `control` (or several) and gives text: `terraform`, `template` (CloudFormation or
SAM), or `files`, a tree of Terraform by path. Whatever is called `bad...` in it breaks the control,
whatever is called `good...` does not, and of what is called `unsure...` nothing can be said. Blocks
that bear one name are one thing; all other names are there for these.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import policies
from app import reading
from bench.verdicts import rego
from core.types import Estate, Finding, Status
from policies.model import PolicySet

FOLDER = Path(__file__).parent / "verdicts"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
_NAME = r"(?:bad|good|unsure)\w*"
_IN_ADDRESS = re.compile(rf"(?:^|[.\]]){_NAME}", re.IGNORECASE)
_IN_TERRAFORM = re.compile(rf'^\s*(?:resource "\w+"|data "\w+"|module) "({_NAME})"', re.MULTILINE)
_IN_TEMPLATE = re.compile(rf'^ +"?({_NAME})"?:(?= *$| +[{{])', re.IGNORECASE | re.MULTILINE)
_EXPECTED = {"bad": Status.OPEN, "good": None, "unsure": Status.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Entry:
    """Some text, and the controls that it is about."""

    name: str
    controls: tuple[str, ...]
    files: Mapping[str, str]

    @property
    def names(self) -> set[str]:
        """What is declared that a verdict is expected of."""
        return {
            name
            for path, text in self.files.items()
            for name in (_IN_TERRAFORM if path.endswith(".tf") else _IN_TEMPLATE).findall(text)
        }


@cache
def shipped() -> PolicySet:
    return rego(policies.load())


def entries() -> Iterator[Entry]:
    for path in sorted(FOLDER.glob("*.yaml")):
        for number, item in enumerate(yaml.safe_load(path.read_text(encoding="utf-8"))):
            controls = item.pop("control")
            controls = (controls,) if isinstance(controls, str) else tuple(controls)
            for language, given in item.items():
                name = f"{path.stem}-{number}-{controls[0]}-{language}"
                yield Entry(name, controls, _files(language, given))


def _files(language: str, given: Any) -> Mapping[str, str]:
    match language:
        case "terraform":
            return {"main.tf": given}
        case "template":
            return {"template.yaml": given}
        case "files":
            return dict(given)
    raise ValueError(f"{language} is no kind of text")


@pytest.mark.parametrize("entry", tuple(entries()), ids=lambda entry: entry.name)
def test_what_people_write_gets_the_verdict_it_deserves(entry: Entry, tmp_path: Path) -> None:
    found = statuses(entry, tmp_path)

    wrong = {
        (control, name): found[control, name]
        for control in entry.controls
        for name in entry.names
        if found[control, name] != expected(name)
    }

    assert entry.names
    assert wrong == {}


def expected(name: str) -> set[Status]:
    kind = next(kind for kind in _EXPECTED if name.lower().startswith(kind))
    status = _EXPECTED[kind]
    return set() if status is None else {status}


def statuses(entry: Entry, folder: Path) -> Mapping[tuple[str, str], set[Status]]:
    """Return what each control says of each name; an open finding goes before an unknown one."""
    found: dict[tuple[str, str], set[Status]] = defaultdict(set)
    for finding in findings(entry, folder):
        address = finding.source.address if finding.source else ""
        named = _IN_ADDRESS.findall(address)
        if named:
            found[finding.control, named[-1].lstrip(".]")].add(finding.status)
    for said in found.values():
        if Status.OPEN in said:
            said.discard(Status.UNKNOWN)
    return found


def findings(entry: Entry, folder: Path) -> Iterator[Finding]:
    for path, text in entry.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    terraform = all(path.endswith(".tf") for path in entry.files)
    place = folder if terraform else folder / "template.yaml"
    source = reading.Source(place, place.name, "", terraform=terraform)
    (read,) = reading.read_here([source], secret_key=b"verdicts")
    assert read.gaps == ()
    said = policies.evaluate_each(shipped(), read.groups, estate=Estate(), now=NOW)
    yield from (each for each in said if isinstance(each, Finding))


def test_every_entry_is_about_controls_that_exist() -> None:
    known = {policy.control for policy in shipped().policies}

    assert {c for entry in entries() for c in entry.controls} <= known
