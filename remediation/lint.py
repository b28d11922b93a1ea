"""Run cfn-lint over two versions of a template in a child process that can be killed.

cfn-lint is large, slow to import, and crashes on some templates; none of that may reach the
worker. The child answers one template after the other, so that many fixes of one file pay for its
import and its rules once.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

TIMEOUT_S = 90
"""For one template."""
MEMORY_BYTES = 2 * 1024**3
_REMEMBERED = 8
"""Templates whose answers are kept: what one fix leaves is what the next one starts from."""

_LINE = re.compile(r" \(line \d+\)")
Answer = list[str] | str
"""The linter's messages, or why there are none."""


@dataclass(frozen=True, slots=True)
class Lint:
    """What cfn-lint said: problems that the new version has and the old had not.

    `failed` is why there is no answer, empty when there is one.
    """

    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    failed: str = ""


def compare(before: bytes, after: bytes, *, timeout_s: float = TIMEOUT_S) -> Lint:
    """Lint both versions in a child of their own and return only what the second adds."""
    with Session(timeout_s) as session:
        return session.compare(before, after)


def added(first: Answer, second: Answer) -> Lint:
    """Return what the second answer says and the first does not."""
    if isinstance(first, str) or isinstance(second, str):
        return Lint(failed=next(x for x in (second, first) if isinstance(x, str)))
    new = sorted((Counter(second) - Counter(first)).elements())
    return Lint(
        errors=tuple(m for m in new if m.startswith("E")),
        warnings=tuple(m for m in new if not m.startswith("E")),
    )


@dataclass
class Session:
    """A child that lints one template after the other, started when it is first asked.

    A child that dies or takes too long is an answer, "not proved"; the next question gets another.
    """

    timeout_s: float = TIMEOUT_S
    _child: "_Child | None" = None
    _said: dict[bytes, Answer] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def compare(self, before: bytes, after: bytes) -> Lint:
        """Lint both versions and return only what the second adds."""
        second = self.messages(after)
        return added(self.messages(before) if second else [], second)

    def messages(self, content: bytes) -> Answer:
        """Return what cfn-lint says of a template."""
        if content not in self._said:
            if len(self._said) >= _REMEMBERED:
                del self._said[next(iter(self._said))]
            self._said[content] = self._ask(content)
        return self._said[content]

    def _ask(self, content: bytes) -> Answer:
        if self._child is None:
            self._child = _Child.started()
        try:
            self._child.connection.send_bytes(content)
            if not self._child.connection.poll(self.timeout_s):
                self._end()
                return f"cfn-lint took more than {self.timeout_s:.0f} s"
            answer: Answer = json.loads(self._child.connection.recv_bytes())
        except (EOFError, ConnectionError):
            return f"cfn-lint stopped with status {self._end()}"
        return answer

    def _end(self) -> int:
        """Stop the child; return its status."""
        child, self._child = self._child, None
        return child.stopped() if child else 0


@dataclass(frozen=True, slots=True)
class _Child:
    process: "subprocess.Popen[bytes]"
    connection: "Connection[bytes, bytes]"

    @classmethod
    def started(cls) -> "_Child":
        ours, theirs = Pipe()
        root = str(Path(__file__).resolve().parent.parent)
        with theirs:
            # -P keeps the working directory, where foreign files lie, off the child's import path.
            process = subprocess.Popen(
                [sys.executable, "-P", "-W", "ignore", "-c", _CHILD, root, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        return cls(process, ours)

    def stopped(self) -> int:
        """Stop the process, hung or not, and return its status; its own where it died before."""
        self.connection.close()
        try:
            return self.process.wait(_GRACE_S)  # it ends by itself when nobody asks any more
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


_GRACE_S = 0.2
_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from remediation.lint import main; main()"


def main() -> None:
    """Answer each template that is sent, until no more can come; the child's side."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    with Connection(int(sys.argv[2])) as connection:
        while True:
            try:
                content = connection.recv_bytes()
            except EOFError:
                return
            said = messages(content.decode("utf-8", "replace"))
            connection.send_bytes(json.dumps(said).encode())


def messages(content: str) -> Answer:
    """Return what cfn-lint says of a template, in this very process: see `Session` for a safer one."""
    from cfnlint.api import ManualArgs, lint

    try:
        # One Region: the rest repeat the same schema checks and take 20 times as long.
        matches = lint(content, rules=_rules(), config=ManualArgs(regions=["us-east-1"]))
    except Exception as error:  # noqa: BLE001 - foreign code: any crash is an answer, "not proved"
        return f"cfn-lint crashed: {type(error).__name__}"
    # A line number in a message moves with every edit above it and is no part of the problem.
    return [_LINE.sub("", f"{m.rule.id} {m.message}") for m in matches]


@cache
def _rules() -> Any:
    """Return cfn-lint's rules, as its own runner loads them: half the time of a small template."""
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner import Runner

    return Runner(ConfigMixIn(regions=["us-east-1"])).rules
