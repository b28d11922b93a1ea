"""Do one piece of work in a child process that is killed when it takes too long or too much.

The child has nothing of our environment, reads one JSON request on standard input, answers with
one JSON object on standard output, and ends. What crosses the pipe is data, never code or pickles.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from core.errors import PlumblineError

# One thread: each thread of OpenMP or BLAS reserves addresses, which count against the limit.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_CODE = "import sys; sys.path.insert(0, sys.argv[1]); from app.apart import main; main()"
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may take: seconds on the clock, and MiB of address space."""

    timeout_s: float
    memory_mb: int


class Stopped(Exception):
    """The child was killed or died. `str(error)` completes "the work ..."; `last_words` is for the log."""

    def __init__(self, what: str, *, last_words: str = "") -> None:
        super().__init__(what)
        self.last_words = last_words


class Refused(Exception):
    """The work itself said, in a sentence for the user, why it cannot be done."""


def run(work: str, request: Mapping[str, Any], *, limits: Limits) -> Mapping[str, Any]:
    """Return what `work` ("module:function", from JSON to JSON) makes of a request.

    Raises: Stopped when the child was killed or died, Refused with the sentence of a
    PlumblineError that the work raised.
    """
    root = str(Path(__file__).resolve().parent.parent)
    asked = {"work": work, "timeout_s": limits.timeout_s, "memory_mb": limits.memory_mb}
    try:
        # -P keeps the working directory, where foreign files may lie, off the child's import path
        done = subprocess.run(
            [sys.executable, "-P", "-c", _CODE, root],
            input=json.dumps({**asked, "request": request}).encode(),
            capture_output=True,
            timeout=limits.timeout_s,
            check=False,
            env=ENVIRONMENT,
            cwd=root,
        )
    except subprocess.TimeoutExpired as error:
        raise Stopped(f"took more than {limits.timeout_s:g} s") from error
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace")
        raise Stopped(f"ended with status {done.returncode}", last_words=words)
    return _answered(json.loads(done.stdout), limits)


def _answered(said: Mapping[str, Any], limits: Limits) -> Mapping[str, Any]:
    if "refused" in said:
        raise Refused(said["refused"])
    if "too_large" in said:
        raise Stopped(f"needed more than {limits.memory_mb} MiB of memory")
    answer: Mapping[str, Any] = said["answer"]
    return answer


def main() -> None:
    """Do the one piece of work that stands on standard input; the child's side."""
    asked = json.loads(sys.stdin.buffer.read())
    answer, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no part of the answer
    limit(Limits(asked["timeout_s"], asked["memory_mb"]))
    try:
        module, _, name = asked["work"].partition(":")
        said = {"answer": getattr(import_module(module), name)(asked["request"])}
    except PlumblineError as error:
        said = {"refused": str(error)}
    except MemoryError:
        said = {"too_large": True}
    answer.write(json.dumps(said))


def limit(limits: Limits) -> None:
    """Bound this process. The CPU limit is for a child whose parent died and can kill it no more."""
    import resource

    cpu_s, memory = int(limits.timeout_s) + 1, limits.memory_mb * _MIB
    for kind, most in ((resource.RLIMIT_CPU, cpu_s), (resource.RLIMIT_AS, memory)):
        hard = resource.getrlimit(kind)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (least, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
