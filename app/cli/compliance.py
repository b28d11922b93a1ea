"""`plumbline compliance`: how frameworks stand, for people, programs and auditors."""

from pathlib import Path

import click

from app import compliance as reporting
from app.cli.main import world
from app.cli.output import table, write_json
from app.export import compliance as exporting
from app.world import utc_now
from core.compliance import Assessed, Report, Standing, State

_ONE = ("requirement", "state", "findings", "title", "why")
_EVERY = ("framework", "version", *(each.words for each in State))


@click.command()
@click.option(
    "--framework", default="", help="Only this one: soc2, cis-aws, hipaa; every one otherwise."
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "json", "html", "csv"]),
    default="table",
    show_default=True,
    help="Table, JSON, a page to hand to an auditor, or a row for each requirement.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead of standard output.",
)
@click.pass_context
def compliance(ctx: click.Context, framework: str, output_format: str, output: Path | None) -> None:
    """Say how requirements stood at the last scan: violated, undecided, met as far as checked.

    The report is dated and names the accounts and Regions that were read, the gaps, the exceptions,
    the rules' commit and the findings behind each requirement. Nothing in it says "compliant".
    """
    report = reporting.report(world(ctx), now=utc_now(), framework=framework)
    if output_format == "table":
        _table(report, one=bool(framework), output=output)
    elif output_format == "json":
        write_json(exporting.document(report), output)
    else:
        made = exporting.page(report) if output_format == "html" else exporting.rows(report)
        _write(made, output)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_bytes(text.encode())  # line ends as they are


def _table(report: Report, *, one: bool, output: Path | None) -> None:
    if one:
        table(_ONE, [_row(each) for each in report.frameworks[0].standings], output)
    else:
        table(_EVERY, [_counts(each) for each in report.frameworks], output)
    for line in _closing(report):
        click.echo(line, err=True)


def _counts(each: Assessed) -> list[str]:
    baseline = each.baseline
    return [baseline.framework, baseline.version, *(str(count) for count in each.counts.values())]


def _row(each: Standing) -> list[str]:
    asked = each.requirement
    found = str(len(each.violations)) if each.violations else ""
    return [asked.id, each.state.words, found, asked.title, asked.reason or _why(each)]


def _why(each: Standing) -> str:
    said = (
        ", ".join(card.finding.uid[:8] for card in each.violations[:3]),
        f"{len(each.doubts)} undecided" if each.doubts else "",
        f"{len(each.gaps)} gaps" if each.gaps else "",
        f"{len(each.excuses)} exceptions" if each.excuses else "",
    )
    return "; ".join(part for part in said if part)


def _closing(report: Report) -> list[str]:
    where = "; ".join(f"{each.account} {', '.join(each.regions)}" for each in report.coverage)
    read = f"{report.resources} resources{f' in {where}' if where else ''}"
    scanned = f"Scanned {report.scanned_at:%Y-%m-%d %H:%M} UTC: {read}"
    lines = [f"{scanned}, {len(report.gaps)} gaps; policies {report.policy_commit[:20]}."]
    if report.rules_changed:
        lines.append("The rules changed after this scan; scan again before relying on this.")
    if report.due:
        lines.append(
            f"{len(report.due)} more will be violated within {report.due_within_days} days by the "
            "date alone; plumbline forecast lists them."
        )
    return lines
