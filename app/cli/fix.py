"""`plumbline fix`: the blueprint's edit on templates; prints the diff, writes only with --write."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import record, terraform
from app.cli.main import world
from app.cli.output import write_json
from app.reading import Reading, Source, read_apart
from app.templating import Checked, check_readings, require_something, template_files
from app.worktree import Worktree
from app.world import World, utc_now
from core.errors import FixError
from core.types import Finding, FixPlan, Gap, Link, Status

if TYPE_CHECKING:
    from remediation import GitPlanner

_WHO_CALLS = "This fix may cut off callers: find out who calls, and say so with --callers."


@dataclass
class _Result:
    plans: list[FixPlan] = field(default_factory=list)
    declined: list[dict[str, Any]] = field(default_factory=list)
    diffs: list[str] = field(default_factory=list)
    gaps: dict[Gap, None] = field(default_factory=dict)


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
    done = []
    with _planning(opened) as planner_of:
        for source, reading in _read(opened, paths):
            done.append(reading)
            checked = check_readings(opened, [reading])
            result.gaps |= dict.fromkeys(checked.gaps)
            if findings := _findings(checked, check_id):
                path = source.path
                place = terraform.module_of(path) if source.terraform else (path.parent,)
                tree, name = Worktree(*place), "" if source.terraform else source.name
                _fix(planner_of(tree), tree, findings, name, result, unasked=unasked)
                if write:
                    tree.write()
    require_something(paths, done)
    _print(result, output_format)
    if any(each.gaps for each in done) and all(path.is_file() for path in paths):
        sys.exit(2)


def _read(opened: World, paths: Sequence[Path]) -> Iterator[tuple[Source, Reading]]:
    """Yield each template once, then the Terraform under each path, read in another process."""
    files = {path.resolve(): path for path, _ in template_files(paths)}
    sources = [
        *(Source(path, path.name, "") for path in files.values()),
        *(Source(path, path.name, "", terraform=True) for path in paths),
    ]
    yield from zip(sources, read_apart(sources, secret_key=opened.secret_key), strict=True)


@contextmanager
def _planning(opened: World) -> Iterator[Callable[[Worktree], "GitPlanner"]]:
    """Give what makes the planner of a folder; one cfn-lint is asked about all that they plan."""
    from remediation import GitPlanner
    from remediation.lint import Session

    with Session() as session:
        yield lambda tree: GitPlanner(
            {"": tree},
            evaluate=opened.evaluate,
            estate=opened.settings.estate.estate(),
            clock=utc_now,
            secret_key=opened.secret_key,
            lint=session.compare,
        )


def _fix(
    planner: "GitPlanner",
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
    from templates import edit

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


def _findings(checked: Checked, check_id: str | None) -> list[Finding]:
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
            "gaps": [record.gap(each) for each in result.gaps],
            "summary": {"plans": len(result.plans), "declined": len(result.declined)},
        }
        write_json(document)
        return
    for diff in result.diffs:
        click.echo(diff, nl=False)
    for each in result.declined:
        place = f"{each['source']['file']}:{each['source']['start_line']}" if each["source"] else ""
        click.echo(f"declined: {each['check_id']} {place} {each['reason']}", err=True)
    for gap in result.gaps:
        click.echo(f"gap: {gap.detail}", err=True)
