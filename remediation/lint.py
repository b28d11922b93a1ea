"""Run cfn-lint over two versions of a template in a child process that can be killed.

cfn-lint is large, slow to import, and crashes on some templates; none of that may reach the
worker. Run as a module this file is the child: one JSON request in, one JSON answer out.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_S = 90
MEMORY_BYTES = 2 * 1024**3

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
    """Lint both versions and return only what the second adds."""
    return added(*ask(before, after, timeout_s=timeout_s))


def added(first: Answer, second: Answer) -> Lint:
    """Return what the second answer says and the first does not."""
    if isinstance(first, str) or isinstance(second, str):
        return Lint(failed=next(x for x in (second, first) if isinstance(x, str)))
    new = sorted((Counter(second) - Counter(first)).elements())
    return Lint(
        errors=tuple(m for m in new if m.startswith("E")),
        warnings=tuple(m for m in new if not m.startswith("E")),
    )


def ask(before: bytes, after: bytes, *, timeout_s: float) -> tuple[Answer, Answer]:
    """Lint both versions in one child; the first only where the second is not clean."""
    request = json.dumps([c.decode("utf-8", "replace") for c in (before, after)])
    root = str(Path(__file__).resolve().parent.parent)
    try:
        # -P keeps the working directory, where foreign files lie, off the child's import path.
        done = subprocess.run(
            [sys.executable, "-P", "-W", "ignore", "-c", _CHILD, root],
            input=request.encode(),
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [], f"cfn-lint took more than {timeout_s:.0f} s"
    if done.returncode != 0:
        return [], f"cfn-lint stopped with status {done.returncode}"
    first, second = json.loads(done.stdout.splitlines()[-1])
    return first, second


_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from remediation.lint import main; main()"


def main() -> None:
    """Answer one request on standard input; the child's side."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    before, after = json.loads(sys.stdin.buffer.read())
    said = messages(after)
    known = messages(before) if said else []
    sys.stdout.write("\n" + json.dumps([known, said]) + "\n")


def messages(content: str) -> Answer:
    """Return what cfn-lint says of a template, in this very process: see `ask` for a safer one."""
    from cfnlint.api import ManualArgs, lint

    try:
        # One Region: the rest repeat the same schema checks and take 20 times as long.
        matches = lint(content, config=ManualArgs(regions=["us-east-1"]))
    except Exception as error:  # noqa: BLE001 - foreign code: any crash is an answer, "not proved"
        return f"cfn-lint crashed: {type(error).__name__}"
    # A line number in a message moves with every edit above it and is no part of the problem.
    return [_LINE.sub("", f"{m.rule.id} {m.message}") for m in matches]


if __name__ == "__main__":
    main()
