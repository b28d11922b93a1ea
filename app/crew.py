"""Do many pieces of work in a few child processes, each of which can be stopped.

The children live from one piece to the next, so that what they import is imported once. Otherwise
they are as in `app.apart`: without our environment, with limits of time and memory, and what
crosses the pipe is data.
"""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryFile
from typing import Any

from app.apart import ENVIRONMENT, Limits, Stopped, limit

_CODE = "import sys; sys.path.insert(0, sys.argv[1]); from app.crew import main; main()"
_START_S = 60.0  # importing on a machine that is busy with something else
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Task:
    """One request, and what it may take."""

    request: Mapping[str, Any]
    limits: Limits


Answer = Mapping[str, Any] | Stopped


def run(work: str, tasks: Sequence[Task], *, workers: int) -> Iterator[Answer]:
    """Yield what `work` ("module:function", from JSON to JSON) makes of each request, in order.

    Stopped stands for a piece that took too long or too much, or whose child died; the others are
    done all the same.
    """
    idle: SimpleQueue[_Child | None] = SimpleQueue()
    for _ in range(workers):
        idle.put(None)
    pool = ThreadPoolExecutor(workers)
    try:
        yield from pool.map(partial(_do, idle, work), tasks)
    finally:
        pool.shutdown(cancel_futures=True)
        for _ in range(workers):
            if (child := idle.get()) is not None:
                child.kill()


def _do(idle: "SimpleQueue[_Child | None]", work: str, task: Task) -> Answer:
    child = idle.get()
    try:
        child = child or _Child(work)
        return child.ask(task)
    except Stopped as error:
        if child is not None:
            child.kill()
            child = None
        return error
    finally:
        idle.put(child)


class _Child:
    """One process of the crew."""

    def __init__(self, work: str) -> None:
        root = str(Path(__file__).resolve().parent.parent)
        self._last_words = TemporaryFile()  # noqa: SIM115 it lives as long as the process; kill closes it
        # -P keeps the working directory, where foreign files may lie, off the child's import path
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _CODE, root, work],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._last_words,
            env=ENVIRONMENT,
            cwd=root,
        )
        assert self._process.stdin is not None  # noqa: S101 for the type checker: PIPE gives one
        assert self._process.stdout is not None  # noqa: S101 likewise
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdout.fileno(), False)
        self._ready = False

    def ask(self, task: Task) -> Mapping[str, Any]:
        """Return the answer to a request. Raises: Stopped."""
        if not self._ready:
            self._line(_START_S)
            self._ready = True
        limits = task.limits
        asked = {
            "request": task.request,
            "timeout_s": limits.timeout_s,
            "memory_mb": limits.memory_mb,
        }
        try:
            self._stdin.write(json.dumps(asked).encode() + b"\n")
            self._stdin.flush()
        except BrokenPipeError as error:
            raise self._died() from error
        said = self._line(limits.timeout_s)
        if "too_large" in said:
            raise Stopped(f"needed more than {limits.memory_mb} MiB of memory")
        answer: Mapping[str, Any] = said["answer"]
        return answer

    def kill(self) -> None:
        """End the process and release its pipes."""
        self._process.kill()
        self._process.wait()
        self._stdout.close()
        self._last_words.close()
        try:
            self._stdin.close()
        except BrokenPipeError:
            return  # what it never read is of no use to anybody

    def _line(self, timeout_s: float) -> Mapping[str, Any]:
        deadline = time.monotonic() + timeout_s
        parts: list[bytes] = []
        while not (parts and parts[-1].endswith(b"\n")):
            left_s = deadline - time.monotonic()
            if left_s <= 0 or not select.select([self._stdout], [], [], left_s)[0]:
                raise Stopped(f"took more than {timeout_s:g} s")
            chunk = os.read(self._stdout.fileno(), _CHUNK)
            if not chunk:
                raise self._died()
            parts.append(chunk)
        said: Mapping[str, Any] = json.loads(b"".join(parts))
        return said

    def _died(self) -> Stopped:
        code = self._process.wait(_START_S)
        self._last_words.seek(0)
        words = self._last_words.read().decode(errors="replace")
        return Stopped(f"ended with status {code}", last_words=words)


def main() -> None:
    """Answer requests until standard input ends; the child's side."""
    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no part of an answer
    module, _, name = sys.argv[2].partition(":")
    work = getattr(import_module(module), name)
    said: Mapping[str, Any] = {"ready": True}
    while True:
        answers.write(json.dumps(said) + "\n")
        answers.flush()
        line = sys.stdin.readline()
        if not line:
            return
        asked = json.loads(line)
        limit(Limits(time.process_time() + asked["timeout_s"], asked["memory_mb"]))
        try:
            said = {"answer": work(asked["request"])}
        except MemoryError:
            said = {"too_large": True}
