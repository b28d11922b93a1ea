"""Which of a company's own policies are in force: the last signed commit whose cases hold.

A commit takes over when an allowed signer signed it, it descends from the one in force, it loads,
and every case beside its policies gets its verdict. Otherwise the last good one stays in force and
the refusal is said once.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import apart
from core.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from app.world import World
    from policies import PolicySet
    from policies.repository import PolicyRepository

_LIMITS = apart.Limits(timeout_s=120, memory_mb=1024)
_ARENA_KIB = "65536"  # as policies.isolate says: the engine would reserve a GiB of addresses
_NAMED = 3
_LOOK_BACK_DAYS = 30


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of the newest commit of one repository. `refusal` is empty when it is good."""

    name: str
    commit: str
    in_force: str
    signer: str = ""
    policies: int = 0
    cases: int = 0
    without_cases: int = 0
    refusal: str = ""

    @property
    def takes_over(self) -> bool:
        """Whether the commit is good and not in force yet."""
        return not self.refusal and self.commit != self.in_force


def in_force(world: "World") -> Mapping[str, str]:
    """Return the commit in force of each repository that has one, by name."""
    found = {
        each.name: world.store.get(_fact(each.name)) for each in world.settings.policy_repository
    }
    return {name: commit for name, commit in found.items() if commit}


def roots(world: "World", commits: Mapping[str, str]) -> Mapping[Path, str]:
    """Return the folders that hold these commits' policies, each with its commit.

    Raises: PolicyError when a commit is not, or no longer, what an allowed signer signed.
    """
    found: dict[Path, str] = {}
    for each in world.settings.policy_repository:
        if each.name in commits:
            repository = open_repository(world, each.name)
            commit = repository.signature(commits[each.name]).commit
            found[repository.extract(commit)] = commit
    return found


def open_repository(world: "World", name: str) -> "PolicyRepository":
    """Return our copy of one of the repositories in the settings."""
    from policies.repository import PolicyRepository, Source

    settings = next(each for each in world.settings.policy_repository if each.name == name)
    source = Source(**settings.model_dump())
    return PolicyRepository(source, world.home / "policies" / name)


def try_newest(world: "World", name: str) -> Trial:
    """Fetch a repository and judge its newest commit; nothing is put in force."""
    standing = world.store.get(_fact(name))
    repository = open_repository(world, name)
    commit = ""
    try:
        commit = repository.fetch()
        signature = repository.signature(commit)
        _require_descent(repository, commit, standing)
        judged = _judged(world, repository, commit)
    except PolicyError as error:
        return Trial(name, commit, standing, refusal=str(error))
    return replace(judged, in_force=standing, signer=signature.signer)


def _require_descent(repository: "PolicyRepository", commit: str, standing: str) -> None:
    """Refuse a branch that was set back: a rule that somebody removed must show in its history."""
    if standing and not repository.descends(commit, standing):
        raise PolicyError(
            f"Policy repository {repository.source.name}: commit {commit[:12]} does not descend "
            f"from {standing[:12]}, which is in force: its history was rewritten."
        )


def _judged(world: "World", repository: "PolicyRepository", commit: str) -> Trial:
    """Load a commit's policies beside all others and run its cases, in a killable child."""
    name = repository.source.name
    others = {each: in_force_ for each, in_force_ in in_force(world).items() if each != name}
    beside = [str(path) for path in (*world.settings.scan.policies, *roots(world, others))]
    request = {"root": str(repository.extract(commit)), "beside": beside}
    try:
        said = apart.run("app.policy_source:judge", request, limits=_LIMITS)
    except apart.Refused as error:
        raise PolicyError(f"Policy repository {name}: {error}") from error
    except apart.Stopped as error:
        raise PolicyError(
            f"Policy repository {name}: judging commit {commit[:12]} {error} and was stopped."
        ) from error
    if said["failed"]:
        named = "; ".join(said["failed"][:_NAMED])
        raise PolicyError(
            f"Policy repository {name}: {len(said['failed'])} of {said['cases']} cases of commit "
            f"{commit[:12]} do not hold ({named})."
        )
    return Trial(
        name,
        commit,
        in_force="",
        policies=said["policies"],
        cases=said["cases"],
        without_cases=said["without_cases"],
    )


def judge(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Load one folder beside others and run its cases; the child's side of `_judged`."""
    os.environ["MIMALLOC_ARENA_RESERVE"] = _ARENA_KIB
    import policies
    from policies import exception, gate

    exception.read_directory(Path(request["root"]))
    gate.read_directory(Path(request["root"]))
    beside = policies.load([Path(each) for each in request["beside"]])
    every = policies.load([*map(Path, request["beside"]), Path(request["root"])])
    added = tuple(each for each in every.policies if each.check_id not in beside.by_id)
    results = policies.run_cases(replace(every, policies=added))
    tested = {each.check_id for each in results}
    return {
        "policies": len(added),
        "cases": len(results),
        "without_cases": sum(each.check_id not in tested for each in added),
        "failed": [
            f"{each.check_id}: {each.name}: expected {each.expected}, got {each.got}"
            for each in results
            if not each.held
        ],
    }


def changed_set(world: "World", directory: Path, *, instead_of: str | None) -> "PolicySet":
    """Return the set in force with a directory beside it, or in place of one of its parts.

    Raises: UsageError when there is no part of that name, PolicyError.
    """
    import policies

    signed = roots(world, {n: c for n, c in in_force(world).items() if n != instead_of})
    kept = tuple(each for each in world.settings.scan.policies if str(each) != instead_of)
    named = {each.name for each in world.settings.policy_repository}
    if instead_of and instead_of not in named and len(kept) == len(world.settings.scan.policies):
        raise UsageError(f"{instead_of} is no policy repository and no directory in the settings.")
    return policies.load((*kept, *signed, directory), named=signed)


def refresh(world: "World") -> tuple[str, ...]:
    """Put in force the newest good commit of each repository; return what is new to say of it."""
    return tuple(
        sentence
        for each in world.settings.policy_repository
        for sentence in _refreshed(world, each.name)
    )


def _refreshed(world: "World", name: str) -> tuple[str, ...]:
    trial = try_newest(world, name)
    if trial.refusal:
        return _refused(world, trial)
    world.store.put(_refusal_fact(name), "")
    if not trial.takes_over:
        return ()
    before = world.policy_set
    open_repository(world, name).keep(trial.commit)
    world.store.audit(
        "policy_load",
        trial.signer,
        {
            "repository": name,
            "commit": trial.commit,
            "before": trial.in_force,
            "policies": trial.policies,
            "cases": trial.cases,
        },
    )
    world.store.put(_fact(name), trial.commit)
    said = (_loaded(trial), _effect(world, before), _hidden(world, trial), _gated(world, trial))
    return (" ".join(filter(None, said)),)


def _loaded(trial: Trial) -> str:
    untested = f", {trial.without_cases} without a case" if trial.without_cases else ""
    return (
        f"Policy repository {trial.name}: commit {trial.commit[:12]}, signed by {trial.signer}, is in "
        f"force: {trial.policies} policies{untested}; {trial.cases} cases hold."
    )


def _effect(world: "World", before: Any) -> str:
    from app import backtest

    changed = backtest.on_latest(world, before=before, after=world.policy_set)
    if changed is None:
        return ""
    return (
        f"On the last scan it flags {len(changed.flagged)} more and clears {len(changed.cleared)}."
    )


def _hidden(world: "World", trial: Trial) -> str:
    """Say what a commit's exceptions would have hidden, before the next scan lets them."""
    from app import exceptions
    from app.world import utc_now
    from policies.exception import read_directory

    root = open_repository(world, trial.name).extract(trial.commit)
    written = read_directory(root)
    if not written:
        return ""
    since = utc_now() - timedelta(days=_LOOK_BACK_DAYS)
    hidden = {each.card.finding.uid for each in exceptions.would_hide(world, written, since=since)}
    return (
        f"Its {len(written)} exceptions would have hidden {len(hidden)} findings of the last "
        f"{_LOOK_BACK_DAYS} days."
    )


def _gated(world: "World", trial: Trial) -> str:
    """Say which gates a commit brings, those that act by themselves by name."""
    from core.gate import Mode
    from policies.gate import read_directory

    written = read_directory(open_repository(world, trial.name).extract(trial.commit))
    if not written:
        return ""
    acting = [each.rule.uid for each in written if each.rule.mode is Mode.AUTO]
    named = f"; automatic: {', '.join(acting)}" if acting else ", none of them automatic"
    return f"Its gates for fixes: {len(written)}{named}."


def _refused(world: "World", trial: Trial) -> tuple[str, ...]:
    """Say a refusal once; the same one again is no news."""
    key = f"{trial.commit} {trial.refusal}"
    if world.store.get(_refusal_fact(trial.name)) == key:
        return ()
    world.store.put(_refusal_fact(trial.name), key)
    world.store.audit(
        "policy_refused",
        "plumbline",
        {"repository": trial.name, "commit": trial.commit, "reason": trial.refusal},
    )
    stays = (
        f"Commit {trial.in_force[:12]} stays in force."
        if trial.in_force
        else "None of its policies is in force."
    )
    return (f"{trial.refusal} {stays}",)


def _fact(name: str) -> str:
    return f"policies.{name}"


def _refusal_fact(name: str) -> str:
    return f"policies.{name}.refused"
