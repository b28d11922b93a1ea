"""`plumbline init` and `plumbline link`: the first day's settings, and code tied to resources."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.main import world
from app.cli.output import format_option, table, write_json
from app.link import report
from app.settings import FILE_NAME
from app.store.codec import to_plain
from core.errors import NotFound, UsageError

if TYPE_CHECKING:
    from remediation import LinkReport

_SETTINGS = """\
# Plumbline's settings. Every one with its meaning: docs/settings.md.
# Tokens never stand here; they come from the environment: SLACK_BOT_TOKEN, SLACK_APP_TOKEN.

[slack]
channel = ""          # a private channel's id, like C0123456789
admin = ""            # your user id; shadow mode posts to you only
zone = "UTC"

[aws]
regions = []          # empty: the region of your AWS profile

[estate]
owner_tags = ["owner", "team"]

# [git]
# signing_key = "~/.ssh/plumbline_signing"

# [[repository]]
# name = "your-org/infrastructure"
# kind = "github"  # or "gitlab", or "local"
"""


@click.command()
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("plumbline-setup"),
    show_default=True,
    help="Where the files to hand to Slack and AWS are written.",
)
@click.pass_context
def init(ctx: click.Context, directory: Path) -> None:
    """Write the Slack manifest, the read-only role and the settings file; overwrite nothing."""
    home: Path = ctx.find_root().obj
    files = {directory / name: text for name, text in _handouts().items()}
    files[home / FILE_NAME] = _SETTINGS
    existing = [str(path) for path in files if path.exists()]
    if existing:
        raise UsageError(f"{', '.join(existing)} exists already; nothing was written.")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    _say_next(directory, home)


def _handouts() -> Mapping[str, str]:
    import bot.manifest
    import collectors.permission

    return {
        "slack-manifest.json": bot.manifest.text(),
        "slack-scopes.md": bot.manifest.reasons(),
        "read-only-role.yaml": collectors.permission.role_template(),
        "read-only-role.tf": collectors.permission.role_terraform(),
    }


def _say_next(directory: Path, home: Path) -> None:
    click.echo(f"Written to {directory}:")
    click.echo("  slack-manifest.json   create the app from it at https://api.slack.com/apps")
    click.echo("  slack-scopes.md       why each scope is asked for")
    click.echo(
        "  read-only-role.yaml   the role as CloudFormation; reads no data, no code, no secret"
    )
    click.echo("  read-only-role.tf     the same role as Terraform")
    click.echo("  Use the role through an AWS profile with role_arn and external_id (AWS_PROFILE).")
    click.echo(f"Settings: {home / FILE_NAME}")
    click.echo("Next: set slack.channel and slack.admin, export the two tokens, plumbline doctor.")


@click.command()
@format_option
@click.pass_context
def link(ctx: click.Context, output_format: str) -> None:
    """Tie the latest snapshot's resources to the code that declares them, by evidence only."""
    opened = world(ctx)
    snapshot = opened.store.latest_snapshot()
    if snapshot is None:
        raise NotFound("There is no snapshot yet. Run plumbline scan --no-post first.")
    linked = report(opened, snapshot)
    opened.store.replace_links(linked.links)
    _print(linked, output_format)


def _print(linked: "LinkReport", output_format: str) -> None:
    if output_format == "json":
        document = {
            "links": [to_plain(each) for each in linked.links],
            "gaps": [{"scope": "link", "detail": each} for each in linked.problems],
            "summary": {
                "linked": linked.editable,
                "generated": linked.advice_only,
                "unlinked": dict(linked.unlinked),
                "unlinked_by_type": dict(linked.unlinked_by_type),
            },
        }
        write_json(document)
        return
    click.echo(f"{linked.sentence()}.")
    for each in linked.problems:
        click.echo(f"problem: {each}", err=True)
    rows = [[reason, str(count)] for reason, count in linked.unlinked.items()]
    if rows:
        table(("why not linked", "resources"), rows)
