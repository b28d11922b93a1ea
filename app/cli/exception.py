"""`plumbline exception`: findings that are accepted in writing, and what that hides."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app import exceptions as accepting
from app.cli.main import world
from app.cli.output import format_option, table, write_json
from app.templating import template_files
from app.world import World, utc_now
from core.errors import UnreadableTemplate
from core.types import Severity

if TYPE_CHECKING:
    from policies import PolicyException
    from policies.takeover import Row, Taken


@click.group()
def exception() -> None:
    """List exceptions, show what they hide, and take over other tools' decisions."""


@exception.command("list")
@format_option
@click.pass_context
def list_(ctx: click.Context, output_format: str) -> None:
    """List every exception and where it stands."""
    now = utc_now()
    every = accepting.in_force(world(ctx), now=now)
    records = [
        {
            "id": each.uid,
            "checks": list(each.checks),
            "scope": {key: list(patterns) for key, patterns in each.scope.items()},
            "owner": each.owner,
            "reason": each.reason,
            "expires": each.until.isoformat(),
            "state": _state(each),
            "origin": each.origin,
        }
        for each in every
    ]
    if output_format == "json":
        write_json({"exceptions": records, "gaps": [], "summary": {"exceptions": len(records)}})
        return
    columns = ("id", "state", "expires", "owner", "reason")
    table(columns, [[str(record[name]) for name in columns] for record in records])


def _state(each: "PolicyException") -> str:
    now = utc_now()
    if each.unconfirmed:
        return "unconfirmed"
    if not each.holds(now):
        return "ended"
    return "ends soon" if each.until - now < accepting.SOON else "in force"


@exception.command("preview")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--days", type=click.FloatRange(min=0), default=30, show_default=True)
@format_option
@click.pass_context
def preview(ctx: click.Context, file: Path, days: float, output_format: str) -> None:
    """Show which findings of the last days the exceptions in FILE would have hidden."""
    from policies.exception import read_file

    read = read_file(file)
    hidden = accepting.would_hide(world(ctx), read, since=utc_now() - timedelta(days=days))
    records = [_hidden(each) for each in hidden]
    grave = sum(
        each.card.finding.severity.rank >= Severity.HIGH.rank
        for each in {one.card.finding.uid: one for one in hidden}.values()
    )
    summary = {"exceptions": len(read), "hidden": len(records), "high_or_critical": grave}
    if output_format == "json":
        write_json({"hidden": records, "gaps": [], "summary": summary})
        return
    columns = ("exception", "severity", "check_id", "resource_name", "message")
    table(columns, [[str(record[name]) for name in columns] for record in records])
    click.echo(
        f"{len(read)} exceptions would have hidden {len(records)} findings of the last {days:g} "
        f"days, {grave} of them high or critical.",
        err=True,
    )


def _hidden(each: accepting.Hidden) -> dict[str, Any]:
    found = each.card.finding
    return {
        "exception": each.exception.uid,
        "uid": found.uid,
        "check_id": found.check_id,
        "severity": found.severity.value,
        "resource_uid": found.resource_uid,
        "resource_name": found.resource_name,
        "message": found.evidence.message,
        "status": found.status.value,
        "first_seen": found.first_seen.isoformat() if found.first_seen else None,
        "last_seen": found.last_seen.isoformat() if found.last_seen else None,
    }


@exception.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead of standard output; one that exists is not overwritten.",
)
@click.pass_context
def import_(ctx: click.Context, paths: tuple[Path, ...], output: Path | None) -> None:
    """Take over decisions from Prowler mute lists, Security Hub findings and templates.

    Each becomes an exception that ends in 90 days and does nothing until its end is confirmed by
    removing the line `unconfirmed: true`.
    """
    from policies.takeover import as_yaml

    if output and output.exists():
        raise click.BadParameter(f"{output} exists; name another file.", param_hint="--output")
    taken = _taken(world(ctx), paths)
    text = as_yaml(taken.exceptions)
    if output:
        output.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)
    click.echo(f"{len(taken.exceptions)} decisions were taken over, unconfirmed.", err=True)
    for each in taken.unanswered:
        click.echo(f"{each}: no check of ours answers it.", err=True)


def _taken(opened: World, paths: tuple[Path, ...]) -> "Taken":
    from policies.takeover import Taken, foreign_rows, taken

    rows: list[Row] = []
    for path in paths:
        found = foreign_rows(path) if path.is_file() else None
        rows += _from_templates(opened, path) if found is None else found
    known: dict[str, list[str]] = {}
    for policy in opened.policy_set.policies:
        for reference in policy.references:
            known.setdefault(reference, []).append(policy.control)
    made: Taken = taken(rows, today=utc_now().date(), known=known)
    return made


def _from_templates(opened: World, path: Path) -> "list[Row]":
    import templates
    from policies.takeover import Row

    rows: list[Row] = []
    for file, name in template_files([path]):
        try:
            template = templates.read(file.read_bytes(), file=name, secret_key=opened.secret_key)
        except UnreadableTemplate as error:
            click.echo(f"{name}: {error}", err=True)
            continue
        rows += [
            Row(skip.check, {"resources": [f"*/{name}//{address}"]}, skip.reason)
            for address, skips in templates.skips(template).items()
            for skip in skips
        ]
    return rows
