"""Like fixes on one branch: whether they fit together, and what each leaves of the files."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

from core import identity
from core.errors import Declined, NotFound
from core.ports import Forge
from core.types import FixPlan
from remediation import proof
from remediation.proof import Judge, Version
from templates import Template, edit

Files = Mapping[str, bytes]
_TERRAFORM = (".tf", ".tfvars")


def stacked(forge: Forge, plans: Sequence[FixPlan]) -> tuple[tuple[FixPlan, Files], ...]:
    """Return the files as each plan leaves them, made one after the other.

    A plan whose lines another one before it has changed already is left out, and so is one that
    meets another in a Terraform file: a module is proved whole, and one plan at a time.
    """
    present: dict[str, bytes] = {}
    kept: list[tuple[FixPlan, Files]] = []
    for plan in plans:
        try:
            files = _on_top(forge, plan, present)
        except (Declined, NotFound):
            continue
        present |= files
        kept.append((plan, files))
    return tuple(kept)


def _on_top(forge: Forge, plan: FixPlan, present: Files) -> Files:
    files = {}
    for item in plan.changes:
        original = forge.file(item.path, commit=plan.base_commit)
        before = present.get(item.path, original)
        if before is not original and item.path.endswith(_TERRAFORM):
            raise Declined("Another fix changes this file too")
        files[item.path] = edit.apply(before, edit.rebase(item.edits, original, before))
    return files


def fits(forge: Forge, plan: FixPlan, head: str) -> bool:
    """Whether the files of a plan stand at a commit as it saw them."""
    try:
        return all(
            identity.sha256(forge.file(item.path, commit=head)) == item.before_sha256
            for item in plan.changes
        )
    except NotFound:
        return False


def hold_together(
    forge: Forge,
    series: Sequence[tuple[FixPlan, Files]],
    *,
    reader: Callable[[str, str], Callable[[bytes], Template]],
    judge: Judge,
    lint: proof.Linter,
) -> bool:
    """Whether every proof also holds of all plans at once, in each file that several of them edit.

    `reader` returns what reads a template, of a repository and a path.
    """
    touched = sorted((path, n) for n, (_, files) in enumerate(series) for path in files)
    for path, group in groupby(touched, key=lambda each: each[0]):
        plans = [series[n] for _, n in group]
        if len(plans) == 1:
            continue
        first, last = plans[0][0], plans[-1]
        original = forge.file(path, commit=first.base_commit)
        read = reader(first.repository, path)
        before = Version({path: original}, read(original))
        after = Version({path: last[1][path]}, read(last[1][path]))
        for plan, _ in plans:
            address = plan.source.address if plan.source else ""
            proofs = proof.of_fix(before, after, plan.check_id, address, judge=judge, lint=lint)
            if any(not each.held and proof.is_required(each) for each in proofs):
                return False
    return True
