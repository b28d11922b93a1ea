"""The two processes: the bot answers Slack, the worker does what takes time."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from app.chat import bot_settings, open_chat
from app.log import logger
from app.queue import Queue, open_queue
from app.why import why
from app.world import World, utc_now
from core.types import Card

if TYPE_CHECKING:
    from bot.chat import SlackChat
    from bot.context import BotSettings

_SCAN_JOB = "scheduled"


def run_bot(world: World, *, shadow: bool) -> None:
    """Connect to Slack and answer until stopped."""
    import bot
    from bot.context import BotContext

    settings = bot_settings(world, shadow=shadow)
    world.home.mkdir(parents=True, exist_ok=True)
    world.store.wake = open_queue(world.home).wake

    def explain_text(card: Card) -> tuple[str, ...]:
        return why(card, advise=world.advice)

    context = BotContext(
        store=world.store, clock=utc_now, settings=settings, explain_text=explain_text
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
    worker = Worker(world, chat, picture=_picturer(chat))
    queue: Queue

    def look() -> None:
        _schedule(world)
        worker.drain()
        _look_again(world, queue)

    queue = open_queue(world.home, look=look, deliver=deliver)
    world.store.wake = queue.wake
    released = world.store.release_jobs()
    logger().info("worker_ready", released_jobs=released)
    queue.wake()
    queue.run()


def _look_again(world: World, queue: Queue) -> None:
    due = world.store.next_due()
    if due and due > utc_now():
        queue.look_at(min(due, utc_now() + timedelta(minutes=1)))


def _schedule(world: World) -> None:
    """Queue the periodic scan and retraining when their time has come."""
    now = utc_now()
    every = {
        "scan": timedelta(hours=world.settings.scan.every_h),
        "retrain": timedelta(hours=world.settings.scan.retrain_every_h),
    }
    for kind, interval in every.items():
        fact = f"last_{kind}_scheduled"
        last = world.store.get(fact)
        if not last or now.timestamp() - float(last) >= interval.total_seconds():
            world.store.put(fact, str(now.timestamp()))
            if kind == "scan" or world.store.labels():
                world.store.enqueue(kind, _SCAN_JOB, {})


def _deliverer(world: World, settings: "BotSettings") -> Callable[[], None]:
    from bot.outbox import Delivery
    from bot.transport import outbox_client

    lock = threading.Lock()
    delivery = Delivery(world.store, outbox_client(settings), utc_now, settings)

    def deliver() -> None:
        if not lock.acquire(blocking=False):
            return  # the thread that holds it will see what was queued meanwhile
        try:
            delivery.run()
        finally:
            lock.release()

    return deliver


def _picturer(chat: "SlackChat") -> Callable[[Card], None]:
    def picture(card: Card) -> None:
        import explain.plot

        if card.assessment:
            png = explain.plot.waterfall(card.assessment, title=card.finding.title)
            alt = explain.plot.waterfall_alt(card.assessment)
            chat.send_waterfall(card.finding.uid, png, alt)

    return picture
