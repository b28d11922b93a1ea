"""Set the stage: local AWS with a deployed estate, Slack workspace, forge, bot and worker."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.demo import simulated
from app.store import SqliteStore
from app.world import utc_now
from core.errors import ChatError

READY_TIMEOUT_S = 60.0
REPOSITORY = "infrastructure"
_FINDINGS_CHANNEL = "plumbline-findings"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything of a running demonstration is."""

    home: Path
    page_url: str
    forge_url: str
    endpoint_url: str
    channel: str
    environment: Mapping[str, str]


@contextmanager
def staged(workdir: Path, *, port: int, say: Say) -> Iterator[Stage]:
    """Start the whole world below `workdir`, and stop it at the end."""
    import bot.manifest
    import sandbox.aws
    import sandbox.forge
    from sandbox.slack import Workspace

    with ExitStack() as stack:
        say("Local AWS: deploying the estate from its repository")
        world = stack.enter_context(sandbox.aws.start_estate(workdir))
        say(f"  {world.summary}")
        workspace = stack.enter_context(Workspace(port=port, manifest=bot.manifest.manifest()))
        say(f"Local Slack: {workspace.base_url}")
        forge = stack.enter_context(sandbox.forge.ForgeSite(world.forge, deployer=world.deployer))
        say(f"Local forge: {forge.url}")
        channel = next(
            each.id for each in workspace.state.channels.values() if each.name == _FINDINGS_CHANNEL
        )
        admin = next(each.id for each in workspace.state.people.values() if each.is_admin)
        deciders = [
            each.id
            for each in workspace.state.people.values()
            if not each.is_bot and not each.is_restricted
        ]
        home = workdir / "home"
        _write_settings(
            home,
            {
                "slack": {
                    "channel": channel,
                    "admin": admin,
                    "deciders": deciders,
                    "api_url": workspace.api_url,
                },
                "aws": {"regions": list(world.regions)},
                "scan": {"follow_s": 1.0},
                "git": {"signing_key": str(world.signing_key)},
                "link": {"sources": str(world.sources)},
                "model": {"simulation": True},
            },
            repository={
                "name": REPOSITORY,
                "kind": "local",
                "path": str(world.path),
                "url": forge.url,
            },
        )
        _preload(home)
        environment = {
            **os.environ,
            **world.env,
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_APP_TOKEN": workspace.app_token,
        }
        stack.enter_context(_served(home, environment, workdir / "serve.log"))
        _wait(lambda: workspace.delivery.is_reachable, "the bot did not connect to Slack")
        say("Bot: connected. Worker: scanning")
        yield Stage(home, workspace.base_url, forge.url, world.endpoint_url, channel, environment)


def _write_settings(
    home: Path, sections: Mapping[str, Mapping[str, object]], *, repository: Mapping[str, str]
) -> None:
    home.mkdir(parents=True, exist_ok=True)
    lines = []
    for section, values in sections.items():
        lines.append(f"[{section}]")
        lines += [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    lines.append("[[repository]]")
    lines += [f"{name} = {json.dumps(value)}" for name, value in repository.items()]
    (home / "plumbline.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _preload(home: Path) -> None:
    store = SqliteStore(home / "plumbline.db", clock=utc_now)
    if not store.labels(include_simulated=True):
        store.add_labels(simulated.labels(now=utc_now()))
    store.close()


@contextmanager
def _served(home: Path, environment: Mapping[str, str], log: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "app.cli", "--home", str(home), "serve"]
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(command, env=dict(environment), stdout=output, stderr=output)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(is_so: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not is_so():
        if time.monotonic() > deadline:
            raise ChatError(f"The demonstration did not start: {otherwise}.")
        time.sleep(0.1)
