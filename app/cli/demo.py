"""`plumbline demo`: the whole world on this machine."""

import signal
import sys
import tempfile
import threading
import webbrowser
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.errors import UsageError

if TYPE_CHECKING:
    from app.demo.stage import Stage


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8055,
    show_default=True,
    help="Port of the workspace page; 0 takes a free one.",
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@click.option("--once", is_flag=True, help="Play the whole loop without a person, then stop.")
def demo(port: int, no_browser: bool, once: bool) -> None:
    """Run local AWS, a local Slack workspace, a local Git forge, the bot and the scanner.

    Nothing leaves this machine and no account is needed. Set-up takes about half a minute.
    """
    try:
        from app.demo.stage import staged
    except ModuleNotFoundError as error:
        raise UsageError(
            f"The sandbox's library {error.name} is missing; install plumbline[sandbox]."
        ) from error
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # unwinds, and so stops what was started
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="plumbline-demo-"))
        stage = stack.enter_context(staged(Path(folder), port=0 if once else port, say=_say))
        if once:
            _play(stage)
            return
        click.echo(f"\nOpen {stage.page_url} (channel #plumbline-findings). Ctrl+C stops.")
        if not no_browser:
            webbrowser.open(stage.page_url)
        _wait_for_interrupt()


def _play(stage: "Stage") -> None:
    from app.demo.once import Play

    play = Play(stage, _say)
    play.run()
    _say(f"All {play.steps} steps held.")


def _say(text: str) -> None:
    click.echo(text)
    sys.stdout.flush()


def _wait_for_interrupt() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        click.echo("Stopping.")
