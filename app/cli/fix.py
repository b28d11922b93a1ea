"""`plumbline fix`: the blueprint's edit on templates; prints the diff, writes only with --write."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from app import record, terraform
from app.cli.main import world
from app.cli.output import write_json
from app.templating import check_templates, template_files
from app.worktree import Worktree
from app.world import World, utc_now
from core.errors import FixError
from core.types import Finding, FixPlan, Link, Status

_WHO_CALLS = "This fix may cut off callers: find out who calls, and say so with --callers."


@dataclass
class _Result:
    plans: list[FixPlan] = field(default_factory=list)
    declined: list[dict[str, Any]] = field(default_factory=list)
    diffs: list[str] = field(default_factory=list)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--check", "check_id", help="Fix only findings of this check.")
@click.option("--write", is_flag=True, help="Write the edits to the files.")
@click.option(
    "--callers",
    default="",
    help="Who calls what the fixes may cut off; such a fix is not written without an answer.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["diff", "json"]),
    default="diff",
    show_default=True,
    help="A unified diff, or one JSON object.",
)
@click.pass_context
def fix(
    ctx: click.Context,
    paths: tuple[Path, ...],
    check_id: str | None,
    write: bool,
    callers: str,
    output_format: str,
) -> None:
    """Plan and prove the fix of each finding in the templates under PATHS."""
    opened = world(ctx)
    result = _Result()
    unasked = write and not callers.strip()
    for path, _ in template_files(paths):
        tree = Worktree(path.parent)
        findings = _findings(opened, path, check_id)
        _fix(opened, tree, findings, path.name, result, unasked=unasked)
        if write:
            tree.write()
    for path in paths:
        found = [f for f in _findings(opened, path, check_id) if _is_terraform(f)]
        if found:
            tree = Worktree(*terraform.module_of(path))
            _fix(opened, tree, found, "", result, unasked=unasked)
            if write:
                tree.write()
    _print(result, output_format)


def _is_terraform(finding: Finding) -> bool:
    return finding.source is not None and terraform.is_terraform(Path(finding.source.file))


def _fix(
    opened: World,
    tree: Worktree,
    findings: Sequence[Finding],
    path: str,
    result: _Result,
    *,
    unasked: bool,
) -> None:
    """Fix one finding after the other, each on what the ones before left.

    Without a `path` each finding says itself in which file of the tree it is. `unasked` leaves out
    what may cut off callers: nobody has said who calls.
    """
    from remediation import GitPlanner
    from templates import edit

    planner = GitPlanner(
        {"": tree},
        evaluate=opened.evaluate,
        estate=opened.settings.estate.estate(),
        clock=utc_now,
        secret_key=opened.secret_key,
    )
    original: dict[str, bytes] = {}
    for finding in findings:
        if finding.source is None:
            _decline(result, finding, "Where it is declared is not known.")
            continue
        source = finding.source
        link = Link(
            finding.resource_uid,
            "",
            path or source.file,
            source.address,
            "declared in this file",
        )
        try:
            plan = planner.plan(finding, link)
        except FixError as error:
            _decline(result, finding, str(error))
            continue
        if unasked and plan.asks_who_calls:
            _decline(result, finding, f"{_WHO_CALLS} {'; '.join(plan.may_break)}")
            continue
        result.plans.append(plan)
        for each in plan.changes:
            before = tree.file(each.path, commit="")
            original.setdefault(each.path, before)
            tree.edited[each.path] = edit.apply(before, each.edits)
    for name, data in original.items():
        result.diffs.append(edit.diff(name, data, tree.file(name, commit="")))


def _findings(opened: World, path: Path, check_id: str | None) -> list[Finding]:
    checked = check_templates(opened, [path])
    found = [card.finding for card in checked.cards if card.finding.status is Status.OPEN]
    return [each for each in found if check_id in (None, each.check_id)]


def _decline(result: _Result, finding: Finding, reason: str) -> None:
    result.declined.append(
        {
            "check_id": finding.check_id,
            "source": record.source(finding.source),
            "reason": reason,
        }
    )


def _print(result: _Result, output_format: str) -> None:
    if output_format == "json":
        document = {
            "plans": [record.plan(each) for each in result.plans],
            "declined": result.declined,
            "gaps": [],
            "summary": {"plans": len(result.plans), "declined": len(result.declined)},
        }
        write_json(document)
        return
    for diff in result.diffs:
        click.echo(diff, nl=False)
    for each in result.declined:
        place = f"{each['source']['file']}:{each['source']['start_line']}" if each["source"] else ""
        click.echo(f"declined: {each['check_id']} {place} {each['reason']}", err=True)
