"""An orchestrator outside calls the steps, as commands and over HTTP; one commit comes of it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from app.cli.main import main
from app.outside import answerer
from app.step_server import open_server
from app.worker import Worker
from app.world import World, utc_now
from core.errors import Declined, ForgeError
from core.types import FixState
from remediation import GitPlanner, LocalForge
from tests.shop_world import UID, Silent, approve, make_home, open_world

TOKEN = "t" * 32


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one planned fix, to be copied."""
    folder = tmp_path_factory.mktemp("planned")
    make_home(folder)
    return folder


@pytest.fixture
def shop(tmp_path: Path, planned: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A home whose steps are called from outside."""
    folder = shutil.copytree(planned, tmp_path / "shop")
    (folder / "home" / "plumbline.toml").write_text(
        '[workflow]\nexecutor = "outside"\n[slack]\nchannel = "C1"\n[scan]\nfollow_s = 1.0\n'
        f'[git]\nsigning_key = "{folder}/signing"\n[[repository]]\nname = "shop"\n'
        f'path = "{folder}/shop.git"\nurl = "http://forge.test/shop"\n'
    )
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-made-up")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-made-up")
    world = open_world(folder, executor="outside")
    yield world
    world.store.close()


def call(world: World, step: str, digest: str) -> tuple[int, Any]:
    command = ["--home", str(world.home), "workflow", "step", step, "--plan", digest]
    ended = CliRunner().invoke(main, command)
    return ended.exit_code, json.loads(ended.stdout)


def digest_of(world: World) -> str:
    plan = world.store.current_plan(UID)
    assert plan
    return plan.digest


def commits(world: World) -> int:
    forge = world.forges["shop"]
    assert isinstance(forge, LocalForge)
    return sum(
        len(forge.store.text("log", "--format=%H", f"main..{pull.branch}").split())
        for pull in forge.pull_requests()
    )


def test_commands_wait_for_the_approval_and_make_one_commit(shop: World) -> None:
    digest = digest_of(shop)
    assert call(shop, "execute", digest)[1]["error"] == "NotAllowed"
    code, said = call(shop, "approval", digest)
    assert (code, said["outcome"]) == (75, "waiting")
    approve(shop.store, utc_now())
    Worker(shop, Silent(), picture=lambda _: None).drain()
    assert commits(shop) == 0  # our own worker leaves it to the orchestrator

    assert call(shop, "approval", digest) == (0, {"outcome": "approved", "plan_digest": digest})
    for _ in range(2):
        assert call(shop, "execute", digest) == (0, {"outcome": "proposed", "plan_digest": digest})

    assert commits(shop) == 1
    assert call(shop, "follow", digest)[0] == 75


def test_a_failed_step_says_whether_to_try_again_and_is_put_right(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = digest_of(shop)
    approve(shop.store, utc_now())
    errors = iter((ForgeError("The forge is away."), Declined("The folder is locked.")))

    def refuse(*_: object, **__: object) -> None:
        raise next(errors)

    monkeypatch.setattr(GitPlanner, "execute", refuse)

    assert call(shop, "execute", digest)[1]["retry"] is True
    assert call(shop, "execute", digest)[1]["retry"] is False
    assert call(shop, "give_up", digest)[1]["outcome"] == "put_back"

    fix = shop.store.fix(digest)
    assert fix
    assert (fix.state, fix.detail) == (FixState.FAILED, "The folder is locked.")


def test_over_http_the_status_says_how_the_step_ended(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = digest_of(shop)
    with open_server(("127.0.0.1", 0), token=TOKEN, do=answerer(shop)) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        seen = [post(f"{url}/approval", digest), post(f"{url}/execute", digest)]
        approve(shop.store, utc_now())
        seen.append(post(f"{url}/execute", digest))
        seen.append(post(f"{url}/execute", "e" * 64))
        monkeypatch.setattr(World, "forge_of", lambda *_: 1 / 0)
        seen.append(post(f"{url}/follow", digest))
        server.shutdown()
        thread.join()

    assert seen == [202, 422, 200, 422, 503]
    assert commits(shop) == 1


def post(url: str, digest: str) -> int:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    body = json.dumps({"plan_digest": digest}).encode()
    try:
        with urlopen(Request(url, body, headers), timeout=60) as answer:  # noqa: S310  # loopback
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code
