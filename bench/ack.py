"""Time to acknowledge a button: 20 people click at once, over signed HTTP, again and again.

Run: python -m bench.ack [--rounds N]. Slack's limit is 3 s. The bot, the clicking people and the
recorder in Slack's place share this machine's cores, so the figures are an upper bound. A second
run holds the store's write lock all the while, as a scan that records its findings does.
"""

import argparse
import http.client
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from app.store import SqliteStore
from bot.transport import EVENTS_PATH, http_server
from tests.bot_world import Bot, bot, finding_card, posted, remember, signed
from tests.e2e.test_bot_transport import click
from tests.slack_recorder import recording

PEOPLE = 20
_FORM = "application/x-www-form-urlencoded"


@contextmanager
def serving(made: Bot) -> Iterator[int]:
    server = http_server(made.app, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def acknowledged(port: int, number: int, start: threading.Barrier) -> float:
    """Click once; return the seconds until the acknowledgement."""
    raw = click(number)
    headers = {name: values[0] for name, values in signed(raw, _FORM).items()}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    start.wait()
    began = time.perf_counter()
    connection.request("POST", EVENTS_PATH, raw, headers)
    answer = connection.getresponse()
    answer.read()
    took = time.perf_counter() - began
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"A click was answered with {answer.status}.")
    return took


def measure(made: Bot, *, rounds: int) -> list[float]:
    numbers = count(time.time_ns())
    times: list[float] = []
    with serving(made) as port, ThreadPoolExecutor(PEOPLE) as people:
        for _ in range(rounds):
            start = threading.Barrier(PEOPLE)
            clicks = [
                people.submit(acknowledged, port, next(numbers), start) for _ in range(PEOPLE)
            ]
            times += [each.result() for each in clicks]
    return times


def report(name: str, times: list[float]) -> None:
    ordered = sorted(1000 * each for each in times)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    print(
        f"{name}: {len(ordered)} clicks, {PEOPLE} at once; acknowledged in "
        f"{statistics.median(ordered):.0f} ms (median), {p95:.0f} ms (95 %), {ordered[-1]:.0f} ms (worst)"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    with (
        tempfile.TemporaryDirectory() as directory,
        recording() as recorder,
        bot(Path(directory), recorder) as made,
    ):
        remember(made.store, finding_card())
        posted(made.store)
        report("idle store", measure(made, rounds=rounds))
        made.rest()
        writer = SqliteStore(Path(directory) / "plumbline.db")
        with writer._connections.transaction():  # noqa: SLF001  # stands in for a scan that writes
            report("store being written", measure(made, rounds=1))
        writer.close()
        made.rest()


if __name__ == "__main__":
    main()
