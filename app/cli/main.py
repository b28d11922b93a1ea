"""The program's entry: groups the commands and turns known errors into one sentence."""

import importlib
import sys
from pathlib import Path

import click

from app.settings import HOME_VARIABLE, home_directory
from app.world import World
from core.errors import PlumblineError

_COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("app.cli.demo", "demo"),
    "init": ("app.cli.setup", "init"),
    "link": ("app.cli.setup", "link"),
    "drift": ("app.cli.drift", "drift"),
    "doctor": ("app.cli.doctor", "doctor"),
    "serve": ("app.cli.serve", "serve"),
    "scan": ("app.cli.scan", "scan"),
    "findings": ("app.cli.findings", "findings"),
    "check": ("app.cli.check", "check"),
    "fix": ("app.cli.fix", "fix"),
    "live": ("app.cli.live", "live"),
    "explain": ("app.cli.explain", "explain"),
    "why": ("app.cli.explain", "explain"),
    "cost": ("app.cli.cost", "cost"),
    "policy": ("app.cli.policy", "policy"),
    "exception": ("app.cli.exception", "exception"),
    "forecast": ("app.cli.forecast", "forecast"),
    "compliance": ("app.cli.compliance", "compliance"),
    "label": ("app.cli.label", "label"),
    "model": ("app.cli.model", "model"),
    "threat": ("app.cli.threat", "threat"),
    "export": ("app.cli.export", "export"),
    "audit": ("app.cli.audit", "audit"),
    "workflow": ("app.cli.workflow", "workflow"),
}


class _Commands(click.Group):
    """Imports a command's module when it is asked for, so that starting stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except PlumblineError as error:
            click.echo(f"plumbline: {error}", err=True)
            sys.exit(error.exit_code)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="plumbline")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help=f"Directory of all state and settings (or {HOME_VARIABLE}; default ~/.plumbline).",
)
@click.pass_context
def main(ctx: click.Context, home: Path | None) -> None:
    """Find, explain, price and fix what has drifted in a serverless estate."""
    ctx.obj = home_directory(home)


def world(ctx: click.Context) -> World:
    """Open the home that the command line names."""
    return World.open(ctx.find_root().obj)
