"""`plumbline serve`: the bot and the worker, as two processes under one supervisor."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import click

from app.cli.main import world
from app.log import logger

_RESTART_WAIT_S = 2.0
_STOP_WAIT_S = 10.0


@click.command()
@click.option("--shadow", is_flag=True, help="Post only to the admin what would have been posted.")
@click.option(
    "--only",
    type=click.Choice(["bot", "worker"]),
    help="Run one of the two processes in the foreground, as the Procfile does.",
)
@click.pass_context
def serve(ctx: click.Context, shadow: bool, only: str | None) -> None:
    """Serve Slack and work through jobs until stopped."""
    opened = world(ctx)
    if only is None:
        from app.chat import bot_settings

        bot_settings(opened, shadow=shadow)
        _supervise(opened.home, shadow=shadow)
    elif only == "bot":
        from app.processes import run_bot

        run_bot(opened, shadow=shadow)
    else:
        from app.processes import run_worker

        run_worker(opened, shadow=shadow)


def _supervise(home: Path, *, shadow: bool) -> None:
    """Keep both processes running; a crash of one is logged and it is started again."""
    stopping: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    running = {name: _start(home, name, shadow=shadow) for name in ("bot", "worker")}
    while not stopping:
        time.sleep(0.2)
        for name, process in running.items():
            code = process.poll()
            if code is None:
                continue
            if code == 2:
                _stop(running)
                sys.exit(2)  # the settings are wrong; starting again would not mend them
            logger().error("process_ended", process=name, code=code)
            time.sleep(_RESTART_WAIT_S)
            running[name] = _start(home, name, shadow=shadow)
    _stop(running)


def _start(home: Path, name: str, *, shadow: bool) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "app.cli", "--home", str(home), "serve", "--only", name]
    return subprocess.Popen([*command, *(["--shadow"] if shadow else [])])


def _stop(running: dict[str, subprocess.Popen[bytes]]) -> None:
    for process in running.values():
        process.terminate()
    for process in running.values():
        try:
            process.wait(_STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
