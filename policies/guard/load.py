"""Loads Guard policies: the shipped ones, one to a file, and a user's files as they stand."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import PolicyError
from policies.guard.binary import MISSING, find
from policies.guard.process import Session
from policies.guard.source import (
    RuleFacts,
    facts_of,
    line_of,
    metadata_of,
    parsed,
    read,
)
from policies.metadata import Subject, policy_of, strings
from policies.model import GuardFile, Language, Policy

SUFFIX = ".guard"
CASES = ".cases.yaml"
_TRY_S = 5.0


def shipped_files(root: Path) -> tuple[GuardFile, ...]:
    """Return the shipped files; their paths are relative to the folder of policies.

    Raises: PolicyError when a file is not one rule with its METADATA.
    """
    return tuple(
        _shipped(path, root) for path in sorted((root / "guard" / "aws").rglob(f"*{SUFFIX}"))
    )


def _shipped(path: Path, root: Path) -> GuardFile:
    file = read(path.read_text(encoding="utf-8"), path=path.relative_to(root).as_posix())
    _, metadata = _described(file)
    return replace(file, types=frozenset(strings(metadata["custom"].get("resource_types"))))


def _described(file: GuardFile) -> tuple[str, Mapping[str, Any]]:
    described = metadata_of(file.text, path=file.path)
    if len(file.rules) != 1 or list(described) != list(file.rules):
        raise PolicyError(f"{file.path}:1: a shipped file is one rule with its METADATA before it.")
    return next(iter(described.items()))


def shipped_policies(files: Sequence[GuardFile], root: Path, *, commit: str) -> list[Policy]:
    """Return the policy of each shipped file. Raises: PolicyError when its metadata is lacking."""
    policies = []
    for file in files:
        rule, metadata = _described(file)
        policies.append(_policy(file, rule, metadata, RuleFacts(), commit=commit, root=root))
    return policies


@dataclass(frozen=True, slots=True)
class Foreign:
    """A user's Guard files, the policies in them, and what to say of their loading."""

    files: tuple[GuardFile, ...]
    policies: tuple[Policy, ...]
    notes: tuple[str, ...]


def paths(root: Path) -> list[Path]:
    """List the rule files below a directory."""
    found = sorted(root.rglob(f"*{SUFFIX}"))
    return [path for path in found if ".git" not in path.relative_to(root).parts]


def foreign(root: Path, *, commit: str, taken: Mapping[str, Policy]) -> Foreign:
    """Read a user's files: every rule that stands by itself is a policy, named after the rule.

    A name that stands in several files, or is taken, is preceded by its file's name.

    Raises: PolicyError with file, line and sentence when a file cannot be read, parsed or evaluated.
    """
    binary = find()
    files = tuple(_read(path) for path in paths(root))
    facts: dict[str, Mapping[str, RuleFacts]] = {}
    notes: tuple[str, ...] = ()
    if binary is not None:
        for file in files:
            facts[file.path] = facts_of(parsed(file.text, path=file.path, binary=binary))
        notes = _tried(files, facts, Session(binary, timeout_s=_TRY_S))
    elif files:
        notes = (MISSING,)
    names = Counter(rule for file in files for rule in file.rules)
    policies = []
    for file in files:
        described = metadata_of(file.text, path=file.path)
        for rule in file.rules:
            known = facts.get(file.path, {}).get(rule, RuleFacts())
            plain = names[rule] == 1 and rule not in taken
            name = rule if plain else f"{Path(file.path).stem}.{rule}"
            policies.append(
                _policy(file, rule, described.get(rule, {}), known, commit=commit, name=name)
            )
    return Foreign(files, tuple(policies), notes)


def _read(path: Path) -> GuardFile:
    try:
        return read(path.read_text(encoding="utf-8"), path=str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: cannot be read as UTF-8 text ({error}).") from error


def _policy(  # noqa: PLR0913 all by keyword
    file: GuardFile,
    rule: str,
    metadata: Mapping[str, Any],
    facts: RuleFacts,
    *,
    commit: str,
    name: str = "",
    root: Path | None = None,
) -> Policy:
    subject = Subject(
        path=file.path,
        package=rule,
        rules=(rule,),
        default_id=name or rule,
        commit=commit,
        cases=_cases(file, metadata, root),
        foreign=root is None,
        language=Language.GUARD,
        resource_types=facts.types,
        remediation=facts.fix,
    )
    return policy_of(subject, metadata)


def _cases(file: GuardFile, metadata: Mapping[str, Any], root: Path | None) -> str:
    """Return the file of cases: the one that the metadata names (a twin's), or the one beside."""
    path = Path(file.path) if root is None else root / file.path
    custom = metadata.get("custom")
    named = custom.get("cases") if isinstance(custom, Mapping) else None
    found = (root or path.parent) / str(named) if named else path.with_suffix(CASES)
    return str(found) if found.exists() or root is not None else ""


def _tried(
    files: Sequence[GuardFile], facts: Mapping[str, Mapping[str, RuleFacts]], running: Session
) -> tuple[str, ...]:
    """Evaluate files once, on nothing and on one empty resource of each type that they name."""
    types = sorted(
        {kind for each in facts.values() for rule in each.values() for kind in rule.types}
    )
    full = {f"R{n}": {"Type": kind, "Properties": {}} for n, kind in enumerate(types)}
    empty: Mapping[str, Any] = {}
    list(running.ask(files, [json.dumps({"Resources": each}) for each in (empty, full)]))
    by_path = {file.path: file for file in files}
    for path, fault in running.stopped.items():
        if fault.reason == "failed":
            line = line_of(by_path[path].text, fault.detail)
            raise PolicyError(f"{path}:{line}: {fault.detail.rstrip('.')}.")
    return tuple(
        f"{path}: took too long on empty resources and was stopped." for path in running.stopped
    )
