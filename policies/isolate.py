"""Evaluates policies in a child process that is stopped when a policy takes too long or too much.

Rego holds the interpreter's lock and has no timeout of its own, so only killing the process stops
it. When a batch does not come back, the same batch is tried once more policy by policy: the one
that was running when the child stopped is named in a gap and left out from then on, and all others
still give their verdicts.
"""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from core.errors import PolicyError
from core.garbage import collection_paused
from core.ports import Check, Clock
from core.types import Estate, Finding, Gap, Resource, Snapshot
from policies.child import decode_outcome, encode_set
from policies.evaluate import by_type
from policies.guard.engine import session as guard_session
from policies.hearing import Hearing, Wanted
from policies.model import Fault, Language, Outcome, Policy, PolicySet
from policies.said import Said
from policies.twins import together
from policies.verdict import gap

TIMEOUT_S = 10.0
"""For one batch. A batch of all shipped policies takes about 0.1 s on one core (bench/policies.py)."""

MEMORY_MB = 512
"""Address space of the child. It needs about 70 MiB for the shipped policies."""

# The engine's allocator reserves 1 GiB of addresses at a time, which would make any limit below
# that forbid and any above it useless. https://microsoft.github.io/mimalloc/environment.html
_ARENA_KIB = "65536"

_BATCH = 250
_START_S = 60.0  # importing and compiling on a machine that is busy with something else
_TRY_S = 5.0  # one evaluation of an empty resource takes milliseconds


def check(
    policy_set: PolicySet,
    *,
    estate: Estate,
    clock: Clock,
    timeout_s: float = TIMEOUT_S,
    memory_mb: int = MEMORY_MB,
) -> Check:
    """Return the check that says what the policies find in a snapshot.

    `timeout_s` bounds one batch of resources of a type, `memory_mb` the whole child. A policy that
    passes either is stopped and becomes a gap; what it said before stands.
    """

    def run(snapshot: Snapshot) -> Iterator[Finding | Gap]:
        session = _Session(policy_set, timeout_s=timeout_s, memory_mb=memory_mb)
        resources = snapshot.resources
        try:
            with collection_paused():
                hearing = Hearing(
                    policy_set, resources, estate, clock(), session.ask, session.stopped
                )
                said = _rego(session, hearing, resources)
                guard = guard_session()
                found = list(together(said, policy_set, resources, guard, judged=hearing.judged))
        finally:
            session.stop()
        yield from found

    return run


def _rego(
    session: "_Session", hearing: Hearing, resources: Sequence[Resource]
) -> Iterator[Said | Gap]:
    for resource_type, members in by_type(resources).items():
        concerned = session.policy_set.for_type(resource_type)
        for start in range(0, len(members) if concerned else 0, _BATCH):
            before = set(session.stopped)
            said = list(hearing.judge(members[start : start + _BATCH]))
            for check_id, fault in session.stopped.items():
                if check_id not in before:
                    yield gap(session.policy(check_id), fault)
            yield from said


def try_out(policy_set: PolicySet) -> tuple[str, ...]:
    """Evaluate every Rego policy once on an empty resource, in a child; return what to warn of.

    A policy that has to be stopped is only warned of: a scan will stop it too, and say so.

    Raises: PolicyError with file and line when a policy cannot be evaluated at all.
    """
    policies = policy_set.written_in(Language.REGO)
    if not policies:
        return ()
    session = _Session(policy_set, timeout_s=_TRY_S, memory_mb=MEMORY_MB)
    try:
        found = session.unresolved(policies)
        said = session.ask({_EMPTY_INPUT: policies}, alone=True)
    finally:
        session.stop()
    for outcome in (*found, *said.values()):
        if isinstance(outcome, Fault):
            raise PolicyError(outcome.detail)
    return tuple(
        f"{session.policy(check_id).path}: {check_id} {fault.detail} and was stopped."
        for check_id, fault in session.stopped.items()
    )


_EMPTY_INPUT = json.dumps({"resource": {"Properties": {}, "Tags": {}}, "related": {}})


class _StoppedError(Exception):
    """The child was killed or died. `trying` is the check it was busy with, where it said so."""

    def __init__(self, fault: Fault, trying: str) -> None:
        super().__init__(fault.detail)
        self.fault = fault
        self.trying = trying


@dataclass
class _Session:
    """A child that is started when it is needed, and again after it had to be killed."""

    policy_set: PolicySet
    timeout_s: float
    memory_mb: int
    stopped: dict[str, Fault] = field(default_factory=dict)
    _child: "_Child | None" = None

    def policy(self, check_id: str) -> Policy:
        return self.policy_set.by_id[check_id]

    def unresolved(self, policies: Sequence[Policy]) -> Sequence[Outcome]:
        """Return, as faults, what the policies call that does not exist."""
        request = {"unresolved": [policy.check_id for policy in policies]}
        answer = self._running().ask(request, timeout_s=self.timeout_s)
        return [decode_outcome(what) for _, _, what in answer["said"]]

    def ask(self, wanted: Wanted, *, alone: bool = False) -> dict[tuple[str, str], Outcome]:
        """Return what policies say of documents. What was stopped is in `stopped` afterwards.

        With `alone` the policies are tried one by one from the start.
        """
        documents = list(wanted)
        while True:
            asked = [
                [document, [p.check_id for p in policies if p.check_id not in self.stopped]]
                for document, policies in wanted.items()
            ]
            try:
                answer = self._running().ask(
                    {"asked": asked, "alone": alone}, timeout_s=self.timeout_s
                )
            except _StoppedError as error:
                self.stop()
                if alone and not error.trying:
                    raise PolicyError(
                        f"The policies' process stopped before it began: {error.fault.detail}."
                    ) from error
                if alone:
                    self.stopped[error.trying] = error.fault
                alone = True
                continue
            return {
                (check_id, documents[index]): decode_outcome(what)
                for index, check_id, what in answer["said"]
            }

    def stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _running(self) -> "_Child":
        if self._child is None:
            self._child = _Child()
            self._child.ask(
                encode_set(self.policy_set, memory_mb=self.memory_mb), timeout_s=_START_S
            )
        return self._child


class _Child:
    """One process of `policies.child`, with nothing of our environment but where the code is."""

    def __init__(self) -> None:
        root = Path(__file__).resolve().parent.parent
        self._last_words = TemporaryFile()  # noqa: SIM115 it lives as long as the process; kill closes it
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from policies.child import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._last_words,
            env={"PYTHONPATH": str(root), "MIMALLOC_ARENA_RESERVE": _ARENA_KIB},
            cwd=root,
        )
        assert self._process.stdin is not None  # noqa: S101 for the type checker: PIPE gives one
        assert self._process.stdout is not None  # noqa: S101 likewise
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdout.fileno(), False)
        self._buffer = bytearray()

    def ask(self, request: Mapping[str, Any], *, timeout_s: float) -> Mapping[str, Any]:
        """Send a request and wait for its answer; every sign of life starts the time anew."""
        trying = ""
        try:
            self._stdin.write(json.dumps(request).encode() + b"\n")
            self._stdin.flush()
        except BrokenPipeError as error:
            raise _StoppedError(self._died(), trying) from error
        while True:
            line = self._line(timeout_s)
            if line is None:
                raise _StoppedError(Fault("timeout", f"took more than {timeout_s:g} s"), trying)
            if not line:
                raise _StoppedError(self._died(), trying)
            answer: Mapping[str, Any] = json.loads(line)
            if "trying" not in answer:
                return answer
            trying = str(answer["trying"])

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

    def _line(self, timeout_s: float) -> bytes | None:
        """Return the next line, b"" at the end of the stream, None when the time is up."""
        deadline = time.monotonic() + timeout_s
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            while (end := self._buffer.find(b"\n")) < 0:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    return None
                chunk = os.read(self._stdout.fileno(), 1 << 16)
                if not chunk:
                    return b""
                self._buffer += chunk
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        return line

    def _died(self) -> Fault:
        code = self._process.wait(timeout=_START_S)
        self._last_words.seek(0)
        lines = self._last_words.read().decode(errors="replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "nothing said")
        return Fault("failed", f"ended the process that evaluates policies ({code}: {said[:200]})")
