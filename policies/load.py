"""Loads policies: the shipped ones, and a user's own beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import regorus

from core.errors import PolicyError
from policies import baseline, tree
from policies.checkout import commit_of, content_digest
from policies.guard import load as guard
from policies.isolate import try_out
from policies.metadata import Subject, annotation, policy_of
from policies.model import OWN_PACKAGES, Module, Policy, PolicySet, RegoVersion
from policies.rego import complaint
from policies.suppression import with_suppressors

SHIPPED = Path(__file__).resolve().parent
LIBRARY = "plumbline.lib"
_RULES = ("deny", "violation")
_CASES = ".cases.yaml"


@dataclass(frozen=True, slots=True)
class _Read:
    """One file, parsed."""

    module: Module
    tree: tree.Tree
    metadata: Mapping[str, Any]
    cases: str


def load(extra: Sequence[Path] = (), *, named: Mapping[Path, str] | None = None) -> PolicySet:
    """Load the shipped policies and those under the directories of `extra`.

    A directory may be a Git checkout: its policies then carry the commit that is checked out, or
    the one that `named` gives for files that were taken out of a repository. Files
    are Rego v1, or v0 where they parse as v0 only; the set's `notes` say which. `*_test.rego` is
    left out. Guard files are taken as they stand.

    Raises: PolicyError naming file and line when a file does not parse or compile, calls a
        built-in that reads the clock, network, host or chance, or takes a name that is taken.
    """
    shipped = _shipped()
    loaded = _with(shipped, extra, named or {}) if extra else shipped
    own = [each for root in extra for each in baseline.beside(root)]
    baselines, policies = baseline.bound((*baseline.shipped(), *own), loaded.policies)
    return replace(loaded, policies=with_suppressors(policies), baselines=baselines)


def _with(shipped: PolicySet, extra: Sequence[Path], named: Mapping[Path, str]) -> PolicySet:
    modules, policies, rules = (
        list(shipped.modules),
        list(shipped.policies),
        list(shipped.guard_files),
    )
    commits, notes = [], []
    for root in extra:
        found = _policy_files(root)
        files = _read_tree(root)
        commit = named.get(root) or commit_of(root, found)
        _refuse_taken_packages(files, modules)
        policies += _policies(files, commit=commit)
        modules += [read.module for read in files]
        taken = {policy.check_id: policy for policy in policies}
        guarded = guard.foreign(root, commit=commit, taken=taken)
        policies += guarded.policies
        rules += guarded.files
        commits.append(commit)
        notes += [*_notes(files), *guarded.notes]
    _refuse_repeated_ids(policies)
    loaded = PolicySet(
        policies=tuple(policies),
        modules=tuple(modules),
        commit="+".join((shipped.commit, *commits)),
        guard_files=tuple(rules),
        notes=tuple(notes),
    )
    own = tuple(policies[len(shipped.policies) :])
    warnings = try_out(replace(loaded, policies=own))
    return replace(loaded, notes=(*loaded.notes, *warnings))


def _shipped() -> PolicySet:
    """Load our own policies; the tests hold them to every rule that users' files are held to here."""
    files = [
        (path, str(path.relative_to(SHIPPED)))
        for folder in ("lib", "aws")
        for path in sorted((SHIPPED / folder).rglob("*.rego"))
    ]
    texts = {name: path.read_text(encoding="utf-8") for path, name in files}
    rules = guard.shipped_files(SHIPPED)
    guarded = {file.path: file.text for file in rules}
    commit = content_digest({**texts, **guarded, **baseline.texts()})
    modules, policies = [], []
    for path, name in files:
        text = texts[name]
        metadata = annotation(text, path=name)
        module = Module(name, text, RegoVersion.V1, _package_line(text, name), not metadata)
        modules.append(module)
        if metadata:
            cases = str(path.with_name(path.stem + _CASES))
            subject = _subject(module, ("deny",), commit=commit, cases=cases)
            policies.append(policy_of(subject, metadata))
    policies += guard.shipped_policies(rules, SHIPPED, commit=commit)
    _refuse_repeated_ids(policies)
    policies.sort(key=lambda policy: policy.check_id)
    return PolicySet(tuple(policies), tuple(modules), commit, rules)


def _subject(
    module: Module, rules: tuple[str, ...], *, commit: str, cases: str, foreign: bool = False
) -> Subject:
    return Subject(
        path=module.path,
        package=module.package,
        rules=rules,
        default_id=module.package.replace(".", "-").upper(),
        commit=commit,
        cases=cases,
        foreign=foreign,
        version=module.version,
    )


def _package_line(text: str, path: str) -> str:
    for line in text.splitlines():
        if line.startswith("package "):
            return line.removeprefix("package ").strip()
    raise PolicyError(f"{path}:1: a Rego file begins with a package.")


def _policy_files(root: Path) -> list[Path]:
    """List the policy files of a directory, in either language. Raises: PolicyError without any."""
    if not root.is_dir():
        raise PolicyError(f"{root}: there is no such directory of policies.")
    found = [path for path, _ in _rego_files(root)] + guard.paths(root)
    if not found:
        raise PolicyError(f"{root}: there is no .rego or .guard file in this directory.")
    return found


def _rego_files(root: Path) -> list[tuple[Path, str]]:
    return [
        (path, str(path.relative_to(root)))
        for path in sorted(root.rglob("*.rego"))
        if not path.name.endswith("_test.rego") and ".git" not in path.relative_to(root).parts
    ]


def _read_tree(root: Path) -> list[_Read]:
    files = [_read_file(path, str(root / name)) for path, name in _rego_files(root)]
    trees = {read.module.path: read.tree for read in files}
    if (found := tree.circle(trees)) is not None:
        path, line, rule = found
        raise PolicyError(f"{path}:{line}: rule {rule} depends on itself; Rego has no recursion.")
    return files


def _read_file(path: Path, name: str) -> _Read:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{name}: cannot be read as UTF-8 text ({error}).") from error
    version, parsed = parse(text, path=name)
    if parsed.refused:
        built_in, line = parsed.refused[0]
        raise PolicyError(
            f"{name}:{line}: {built_in} is refused: a policy decides on the configuration alone; "
            "the time is in input.now."
        )
    cases = path.with_name(path.stem + _CASES)
    library = not _deny_rules(parsed)
    return _Read(
        Module(name, text, version, parsed.package, library),
        parsed,
        annotation(text, path=name),
        str(cases) if cases.exists() else "",
    )


def parse(text: str, *, path: str) -> tuple[RegoVersion, tree.Tree]:
    """Parse a file as Rego v1, or as v0 where only that works.

    Raises: PolicyError with the file, line and reason of the v1 parser.
    """
    try:
        return RegoVersion.V1, _parse_as(text, path, RegoVersion.V1)
    except RuntimeError as error:
        if _OF_V1 not in str(error):
            raise PolicyError(complaint(error)) from error
        try:
            return RegoVersion.V0, _parse_as(text, path, RegoVersion.V0)
        except RuntimeError:
            raise PolicyError(complaint(error)) from error


_OF_V1 = "keyword is required"
"""What the v1 parser says of a file in v0: `if` or `contains` is missing."""


def _parse_as(text: str, path: str, version: RegoVersion) -> tree.Tree:
    engine = regorus.Engine()
    engine.set_rego_v0(version is RegoVersion.V0)
    engine.add_policy(path, text)
    return tree.read(engine.get_ast_as_json())


def _deny_rules(parsed: tree.Tree) -> tuple[str, ...]:
    return tuple(
        rule for rule in parsed.rules if rule in _RULES or rule.startswith(("deny_", "violation_"))
    )


def _policies(files: Sequence[_Read], *, commit: str) -> list[Policy]:
    """Make one policy of each package that denies anything, however many files it has."""
    packages: dict[str, list[_Read]] = {}
    for read in files:
        if not read.module.library:
            packages.setdefault(read.module.package, []).append(read)
    policies = []
    for members in packages.values():
        first = next((read for read in members if read.metadata), members[0])
        versions = {read.module.version for read in members}
        rules = tuple(dict.fromkeys(rule for read in members for rule in _deny_rules(read.tree)))
        module = replace(first.module, version=min(versions))
        subject = _subject(module, rules, commit=commit, cases=first.cases, foreign=True)
        policies.append(policy_of(subject, first.metadata))
    return policies


def _notes(files: Sequence[_Read]) -> list[str]:
    return [
        f"{read.module.path} is Rego v0 and runs as such."
        for read in files
        if read.module.version is RegoVersion.V0
    ]


def _refuse_taken_packages(files: Sequence[_Read], modules: Sequence[Module]) -> None:
    taken = {module.package: module.path for module in modules}
    for read in files:
        package = read.module.package
        if package in taken or package.startswith(OWN_PACKAGES):
            where = taken.get(package, "Plumbline")
            raise PolicyError(
                f"{read.module.path}:1: package {package} belongs to {where}; choose another name."
            )


def _refuse_repeated_ids(policies: Sequence[Policy]) -> None:
    seen: dict[str, Policy] = {}
    for policy in policies:
        if policy.check_id in seen:
            raise PolicyError(
                f"{policy.path}: check id {policy.check_id} is taken by "
                f"{seen[policy.check_id].path}."
            )
        seen[policy.check_id] = policy
