"""The bot over its real transports: signed HTTP, Socket Mode, and a start without heavy libraries."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest

from app.store import SqliteStore
from bot import BotContext, BotSettings, create_app, serve_socket
from bot.transport import BODY_MAX, http_server
from core.errors import ChatError, SettingsError
from core.why import Why
from tests import bot_world
from tests.bot_world import Bot, Time, finding_card, posted, remember, settings, signed
from tests.slack_recorder import DANA, recording

HEAVY = (
    "shap",
    "lightgbm",
    "sklearn",
    "matplotlib",
    "numba",
    "numpy",
    "samtranslator",
    "cfnlint",
    "moto",
    "github",
    "boto3",
)


@contextmanager
def serving(bot: Bot) -> Iterator[str]:
    server = http_server(bot.app, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/slack/events"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(url: str, raw: str, secret: str = bot_world.SECRET) -> int:
    headers = {
        name: values[0]
        for name, values in signed(raw, "application/x-www-form-urlencoded", secret=secret).items()
    }
    try:
        request = Request(url, data=raw.encode(), headers=headers)  # noqa: S310  # loopback
        with urlopen(request, timeout=10) as answer:  # noqa: S310  # loopback
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


def announce(url: str, *, length: int) -> int:
    """Announce a body of some length, and send none of it."""
    address = urlsplit(url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=10)
    connection.putrequest("POST", address.path)
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


def click(number: int) -> str:
    action = {"action_id": "finding.why", "block_id": "b", "type": "button", "value": bot_world.UID}
    body = {
        "type": "block_actions",
        "user": {"id": DANA, "team_id": "T0TEAM"},
        "team": {"id": "T0TEAM"},
        "trigger_id": f"t{number}",
        "channel": {"id": bot_world.CHANNEL},
        "container": {"message_ts": bot_world.TS, "channel_id": bot_world.CHANNEL},
        "actions": [action],
    }
    return urlencode({"payload": json.dumps(body)})


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Bot]:
    with recording() as recorder, bot_world.bot(tmp_path, recorder) as made:
        remember(made.store, finding_card())
        posted(made.store)
        yield made


def test_signed_http_is_served_and_anything_else_refused(bot: Bot) -> None:
    with serving(bot) as url:
        assert send(url, click(1)) == 200
        assert send(url, click(2), secret="forged") == 401
        assert send(url.replace("/slack/events", "/other"), click(3)) == 404
        assert announce(url, length=BODY_MAX + 1) == 413
    bot.rest()
    assert len(bot.slack.of("chat.postEphemeral")) == 1


def test_twenty_clicks_at_once_are_all_acknowledged_and_acted_on(bot: Bot) -> None:
    with serving(bot) as url, ThreadPoolExecutor(20) as people:
        assert list(people.map(lambda number: send(url, click(number)), range(20))) == [200] * 20
        bot.rest()
    assert len(bot.slack.of("chat.postEphemeral")) == 20


def test_a_click_is_acknowledged_while_the_store_is_being_written(bot: Bot, tmp_path: Path) -> None:
    writer = SqliteStore(tmp_path / "plumbline.db")
    with writer._connections.transaction(), serving(bot) as url:
        started = time.monotonic()
        assert send(url, click(1)) == 200
        took = time.monotonic() - started
        assert bot.slack.of("chat.postEphemeral") == []  # it waits for the writer; the ack did not
    writer.close()
    bot.rest()
    assert took < 3  # Slack's limit; a wait for the writer would be the store's whole timeout


def test_a_wrong_token_is_one_clear_sentence(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "plumbline.db")
    with recording() as recorder:
        recorder.answers["auth.test"] = {"ok": False, "error": "invalid_auth"}
        context = BotContext(store, Time(), settings(recorder), explain=lambda _: Why("", ""))
        with pytest.raises(SettingsError, match="Slack refuses the bot token"):
            create_app(context)
    store.close()


def test_an_unreachable_slack_is_one_clear_sentence(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "plumbline.db")
    nowhere = BotSettings(channel="C", bot_token="xoxb-x", api_url="http://127.0.0.1:9/api/")
    with pytest.raises(ChatError, match="cannot be reached"):
        create_app(BotContext(store, Time(), nowhere, explain=lambda _: Why("", "")))
    store.close()


def test_socket_mode_without_its_token_is_one_clear_sentence(bot: Bot) -> None:
    with pytest.raises(SettingsError, match="xapp-"):
        serve_socket(bot.app, BotSettings(channel="C", bot_token="xoxb-x"))


def test_a_refused_app_token_is_one_clear_sentence(bot: Bot) -> None:
    bot.slack.answers["apps.connections.open"] = {"ok": False, "error": "invalid_auth"}
    with pytest.raises(SettingsError, match="refuses the app-level token"):
        serve_socket(bot.app, bot.settings)


def test_tokens_do_not_show_in_the_settings_text(bot: Bot) -> None:
    shown = repr(bot.settings)
    assert "xoxb" not in shown
    assert "xapp" not in shown
    assert bot_world.SECRET not in shown


def test_the_bot_loads_no_heavy_library() -> None:
    script = "import sys, bot; print([name for name in sys.argv[1:] if name in sys.modules])"
    root = Path(__file__).parents[2]
    loaded = subprocess.run(
        [sys.executable, "-c", script, *HEAVY], cwd=root, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"
