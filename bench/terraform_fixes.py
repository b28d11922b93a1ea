"""Run every blueprint on every finding of real Terraform, and say what came of it.

    python -m bench.terraform_fixes [FOLDER] [--sample N --seed S]

FOLDER holds modules, each folder with `.tf` files a tree of its own; without it the development
data beside the repository is taken. A fix counts as made when each of its proofs holds.
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import policies
from core.errors import AlreadyDeclared, Declined, FixError, NoBlueprint, ProofFailed
from core.types import Estate, Finding, Link, Resource, Status
from remediation import FakeForge, GitPlanner
from remediation.blueprint import BLUEPRINTS, TERRAFORM, load
from templates.patch import apply, inverse
from templates.terraform import read_tree

DEVELOPMENT_DATA = Path(__file__).parents[1].parent / "shared" / "data" / "templates"
OWNER = "platform"
"""Who owns every resource here: on a real estate a tag, a setting or CODEOWNERS says so."""
_NOW = datetime(2026, 11, 24, tzinfo=UTC)
_KEY = bytes(32)
_REPOSITORY = "bench"


@dataclass
class Tally:
    """What came of the findings: by check how many fixes held, and why others were not made."""

    fixed: Counter[str] = field(default_factory=Counter)
    declined: Counter[tuple[str, str]] = field(default_factory=Counter)
    already: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def trees(folder: Path) -> tuple[Path, ...]:
    """List the topmost folders that hold Terraform."""
    found: list[Path] = []
    for directory in sorted({path.parent for path in folder.rglob("*.tf")}):
        if not any(known in directory.parents for known in found):
            found.append(directory)
    return tuple(found)


def run(directories: Sequence[Path]) -> Tally:
    """Plan the fix of each open finding that a blueprint speaks of."""
    load()
    known = policies.load()
    tally = Tally()

    heard: dict[int, tuple[Finding, ...]] = {}

    def evaluate(resources: Sequence[Resource]) -> tuple[Finding, ...]:
        key = hash(repr(resources))  # every plan of a tree asks for the same tree before it
        if key not in heard:
            said = policies.evaluate(known, resources, estate=Estate(), now=_NOW)
            heard[key] = tuple(each for each in said if isinstance(each, Finding))
        return heard[key]

    for directory in directories:
        heard.clear()
        paths = [path for path in sorted(directory.rglob("*")) if path.is_file()]
        files = {p.relative_to(directory).as_posix(): p.read_bytes() for p in paths}
        planner = GitPlanner(
            {_REPOSITORY: FakeForge(_REPOSITORY, files)},
            evaluate=evaluate,
            estate=Estate(),
            clock=lambda: _NOW,
            secret_key=_KEY,
        )
        tree = read_tree(files, repository=_REPOSITORY, secret_key=_KEY)
        for module in tree.modules:
            for finding in _open(evaluate(module.resources)):
                _plan(planner, finding, files, tally)
    return tally


def _open(findings: Sequence[Finding]) -> Iterator[Finding]:
    for finding in findings:
        if finding.check_id in TERRAFORM and finding.status is Status.OPEN and finding.source:
            yield replace(finding, owner=finding.owner or OWNER)


def _plan(planner: GitPlanner, finding: Finding, files: dict[str, bytes], tally: Tally) -> None:
    source = finding.source
    if source is None:
        return
    link = Link(finding.resource_uid, _REPOSITORY, source.file, source.address, "bench")
    try:
        plan = planner.plan(finding, link)
    except AlreadyDeclared:
        tally.already[finding.check_id] += 1
        return
    except ProofFailed as error:
        tally.broken.append(f"{finding.check_id} {source.file}: {error}")
        return
    except (Declined, NoBlueprint) as error:
        tally.declined[finding.check_id, str(error)] += 1
        return
    except FixError as error:
        tally.broken.append(f"{finding.check_id} {source.file}: {error}")
        return
    for change in plan.changes:
        data = files[change.path]
        if apply(apply(data, change.edits), inverse(data, change.edits)) != data:
            tally.broken.append(f"{finding.check_id} {change.path}: the undo is not exact")
            return
    tally.fixed[finding.check_id] += 1


def main() -> None:
    """Run, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=DEVELOPMENT_DATA)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=4)
    arguments = parser.parse_args()
    found = trees(arguments.folder)
    if arguments.sample:
        chosen = random.Random(arguments.seed).sample(found, min(arguments.sample, len(found)))
        found = tuple(sorted(chosen))
    _print(run(found), len(found))


def _print(tally: Tally, count: int) -> None:
    fixed, declined = tally.fixed.total(), tally.declined.total()
    callers = sum(n for (c, _), n in tally.declined.items() if BLUEPRINTS[c].asks_who_calls)
    share = 100 * fixed / max(1, fixed + declined - callers + len(tally.broken))
    print(f"{count} trees: {fixed} fixed with every proof held, {declined} declined with a reason,")
    print(f"{callers} of these for possible callers; share without those {share:.1f} %;")
    print(f"{tally.already.total()} right already, {len(tally.broken)} with a broken proof\n")
    for check in sorted({*tally.fixed, *(c for c, _ in tally.declined)}):
        refused = sum(n for (c, _), n in tally.declined.items() if c == check)
        print(f"  {check:20} {tally.fixed[check]:4} fixed {refused:4} declined")
    print("\nwhy not")
    for (check, reason), number in tally.declined.most_common():
        print(f"  {number:4} {check}: {reason[:120]}")
    for each in tally.broken:
        print(f"  BROKEN {each}")


if __name__ == "__main__":
    main()
