"""The two processes: the bot answers Slack, the worker does what takes time."""

import fcntl
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app import compliance as reporting
from app import doubt, pictures, withholding
from app.chat import bot_settings, open_chat
from app.log import logger
from app.queue import THREADS, Alarm, Turnstile, open_queue
from app.why import why
from app.world import World, utc_now
from core.compliance import Report
from core.errors import PlumblineError, SettingsError
from core.types import Card
from core.why import Why

if TYPE_CHECKING:
    from app.step_functions import StepFunctions
    from bot.context import BotSettings

_SCAN_JOB = "scheduled"
_PRUNE_EVERY = timedelta(hours=6)
_LONG_POLL_S = 20  # the longest that SQS waits for a message
_BEAT_S = 60.0


def run_bot(world: World, *, shadow: bool) -> None:
    """Connect to Slack and answer until stopped."""
    import bot
    from bot.context import BotContext

    settings = bot_settings(world, shadow=shadow)
    world.home.mkdir(parents=True, exist_ok=True)
    world.store.wake = open_queue(world.home).wake

    def explain(card: Card) -> Why:
        return why(world, card, now=utc_now())

    def compliance(framework: str) -> Report:
        return reporting.report(world, now=utc_now(), framework=framework)

    context = BotContext(
        store=world.store,
        clock=utc_now,
        settings=settings,
        explain=explain,
        offer=world.offer,
        compliance=compliance,
        doubt=doubt.of(world),
        withholding=lambda: withholding.lines(world, now=utc_now()),
    )
    app = bot.create_app(context)
    if world.settings.slack.transport == "http":
        bot.serve_http(app, world.settings.slack.port)
    else:
        bot.serve_socket(app, settings)


def run_worker(world: World, *, shadow: bool) -> None:
    """Do jobs and deliver messages until stopped."""
    from app.worker import Worker

    settings = bot_settings(world, shadow=shadow)
    world.home.mkdir(parents=True, exist_ok=True)
    chat = open_chat(world, shadow=shadow)
    deliver = _deliverer(world, settings)
    remote = _remote(world)
    worker = Worker(
        world,
        chat,
        picture=pictures.waterfall(chat),
        drawings=pictures.drawings(world, chat),
        remote=remote,
    )
    scheduling = Turnstile(lambda: _schedule(world), places=1)
    draining = Turnstile(worker.drain, places=THREADS - 1)  # one is left for the messages

    def look() -> None:
        scheduling()
        draining()
        alarm.set(world.store.next_due(), now=utc_now())

    def send() -> None:
        delivering()
        alarm.set(world.store.next_due(), now=utc_now())

    delivering = Turnstile(deliver, places=1)
    queue = open_queue(world.home, look=look, deliver=send)
    alarm = Alarm(queue.look_at)
    with only_worker(world.home):
        world.store.wake = queue.wake
        released, resumed = world.store.release_jobs(), worker.resume()
        logger().info("worker_ready", released_jobs=released, resumed_fixes=resumed)
        queue.wake()
        if remote:
            _listen(remote, world)
        queue.run()


def _remote(world: World) -> "StepFunctions | None":
    if world.settings.workflow.executor != "stepfunctions":
        return None
    from app.step_functions import StepFunctions

    return StepFunctions(world.settings.workflow)


def _listen(remote: "StepFunctions", world: World) -> None:
    """Take steps from Step Functions in a thread of their own, for as long as the process lives."""
    from app.step_functions import beat, receive

    def listen() -> None:
        due = 0.0
        while True:
            try:
                if time.monotonic() >= due:
                    beat(remote, world.store)
                    due = time.monotonic() + _BEAT_S
                receive(remote, world.store, wait_s=_LONG_POLL_S)
            except PlumblineError as error:  # AWS is away, or nothing is deployed yet
                logger().warning("steps_not_received", error=str(error))
                time.sleep(_LONG_POLL_S)
            except Exception:  # noqa: BLE001  # no step would ever arrive again; the log has it
                logger().error("steps_crashed", stack=traceback.format_exc())
                time.sleep(_LONG_POLL_S)

    threading.Thread(target=listen, name="step-functions", daemon=True).start()


@contextmanager
def only_worker(home: Path) -> Iterator[None]:
    """Hold the home's worker lock; it goes with the process, however that ends.

    A worker that starts takes over every job that is running, so there can only be one.
    Raises: SettingsError when another one holds it.
    """
    with (home / "worker.lock").open("w", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SettingsError(f"Another worker is running in {home}. Stop it first.") from error
        yield


def _schedule(world: World) -> None:
    """Queue what is done time and again when its time has come; end what has an end."""
    world.store.expire()
    now = utc_now()
    every = {
        "scan": timedelta(hours=world.settings.scan.every_h),
        "retrain": timedelta(hours=world.settings.scan.retrain_every_h),
        "prune": _PRUNE_EVERY,
    }
    for kind, interval in every.items():
        fact = f"last_{kind}_scheduled"
        last = world.store.get(fact)
        if not last or now.timestamp() - float(last) >= interval.total_seconds():
            world.store.put(fact, str(now.timestamp()))
            if kind != "retrain" or world.models.labels():
                world.store.enqueue(kind, _SCAN_JOB, {})


def _deliverer(world: World, settings: "BotSettings") -> Callable[[], None]:
    from bot.outbox import Delivery
    from bot.transport import outbox_client

    delivery = Delivery(world.store, outbox_client(settings), utc_now, settings)

    def deliver() -> None:
        while delivery.run():
            pass  # one run sends a hundred messages at most

    return deliver
