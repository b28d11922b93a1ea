"""Runs cfn-guard: one process for many rule files and many documents, with limits.

It is given everything on standard input, nothing of our environment, and no files. Nothing in Guard
loops, but patterns and nested queries can take long, and one rule that fails ends the process: then
the rule files are halved until the one that fails is found, named, and left out.
"""

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.identity import sha256
from policies.model import Fault, GuardFile

TIMEOUT_S = 20.0
"""For one process. The shipped rules take about a second for a batch on one core (bench/guard.py)."""

MEMORY_MB = 1024
"""Address space of the process; 1 MB of documents takes it about 100 MiB."""

_COMMAND = ("validate", "--payload", "--structured", "-o", "json", "--show-summary", "none")
_HELD, _FAILED = 0, 19  # https://github.com/aws-cloudformation/cloudformation-guard: exit codes
_PROBE = "rule probe { Resources exists }"


@dataclass(frozen=True, slots=True)
class Report:
    """What the rules say of one document: names that passed, that say nothing, and failed checks."""

    passed: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    failed: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def status(self, rule: str) -> str:
        """Return Guard's word for a rule: PASS, FAIL or SKIP."""
        if rule in self.failed:
            return "FAIL"
        return "PASS" if rule in self.passed else "SKIP"


class _StoppedError(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.detail)
        self.fault = fault


@dataclass
class Session:
    """Runs of one program. `stopped` holds, by path, the files that had to be left out."""

    binary: Path
    timeout_s: float = TIMEOUT_S
    memory_mb: int = MEMORY_MB
    stopped: dict[str, Fault] = field(default_factory=dict)
    processes: int = 0
    _ended: threading.Event = field(default_factory=threading.Event, repr=False)

    def end(self) -> None:
        """Start no further process; for another thread than the one that asks."""
        self._ended.set()

    def ask(
        self, files: Sequence[GuardFile], documents: Sequence[str]
    ) -> Iterator[Mapping[str, Report]]:
        """Yield for each document the report of each file, by path."""
        said: list[dict[str, Report]] = [{} for _ in documents]
        for group in _distinct([file for file in files if file.path not in self.stopped]):
            for found, reports in zip(said, self._reports(group, documents), strict=True):
                found.update(dict.fromkeys((file.path for file in group), reports))
        for found in said:
            yield {path: report for path, report in found.items() if path not in self.stopped}

    def _reports(self, files: Sequence[GuardFile], documents: Sequence[str]) -> list[Report]:
        try:
            return self._run([file.text for file in files], documents)
        except _StoppedError as error:
            if len(files) > 1 and self._answers(documents):
                middle = len(files) // 2
                halves = (
                    self._reports(half, documents) for half in (files[:middle], files[middle:])
                )
                return [_both(*pair) for pair in zip(*halves, strict=True)]
            self.stopped.update(dict.fromkeys((file.path for file in files), error.fault))
            return [Report()] * len(documents)

    def _answers(self, documents: Sequence[str]) -> bool:
        """Whether the program works at all on these documents: then a rule is what fails."""
        try:
            self._run([_PROBE], documents)
        except _StoppedError:
            return False
        return True

    def _run(self, rules: Sequence[str], documents: Sequence[str]) -> list[Report]:
        """Run the program on the documents that it has not judged by these rules before."""
        of_rules = sha256("\0".join(rules))
        keys = [(str(self.binary), of_rules, sha256(document)) for document in documents]
        with _REMEMBERING:
            said = {n: _REMEMBERED[key] for n, key in enumerate(keys) if key in _REMEMBERED}
        unheard = [n for n in range(len(keys)) if n not in said]
        fresh = self._ran(rules, [documents[n] for n in unheard]) if unheard else []
        said.update(zip(unheard, fresh, strict=True))
        _remember({keys[n]: said[n] for n in unheard})
        return [said[n] for n in range(len(keys))]

    def _ran(self, rules: Sequence[str], documents: Sequence[str]) -> list[Report]:
        if self._ended.is_set():
            raise _StoppedError(Fault("failed", "was interrupted"))
        self.processes += 1
        payload = json.dumps({"rules": rules, "data": documents})
        try:
            process = subprocess.Popen(
                [str(self.binary), *_COMMAND],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={},
                cwd="/",
            )
        except OSError as error:
            raise _StoppedError(Fault("failed", f"cannot run {self.binary} ({error})")) from error
        with process:
            _limit(process.pid, self.memory_mb)  # before it has read anything
            try:
                output, said = process.communicate(payload.encode(), timeout=self.timeout_s)
            except subprocess.TimeoutExpired as error:
                process.kill()
                detail = f"took more than {self.timeout_s:g} s"
                raise _StoppedError(Fault("timeout", detail)) from error
            except BaseException:  # an interrupt, say: leaving waits for the program otherwise
                process.kill()
                raise
        return _read(process.returncode, output, said.decode(errors="replace"))


_Asked = tuple[str, str, str]
"""The program, and digests of rules and document."""

_REMEMBERED: dict[_Asked, Report] = {}
"""What the same rules said of the same document: a fix is proved against one template many times."""
_REMEMBERED_MAX = 1024
_REMEMBERING = threading.Lock()


def _remember(said: Mapping[_Asked, Report]) -> None:
    with _REMEMBERING:
        _REMEMBERED.update(list(said.items())[-_REMEMBERED_MAX:])
        for key in list(_REMEMBERED)[:-_REMEMBERED_MAX]:
            del _REMEMBERED[key]


def _read(code: int, output: bytes, said: str) -> list[Report]:
    if code not in (_HELD, _FAILED) or said.strip():
        raise _StoppedError(Fault("failed", complaint(said) or f"cfn-guard ended with {code}"))
    try:
        return [_report(each) for each in json.loads(output)]
    except (ValueError, KeyError, TypeError) as error:
        detail = f"cfn-guard answered what is no report ({error})"
        raise _StoppedError(Fault("failed", detail)) from error


def complaint(said: str) -> str:
    """Return the reason in what cfn-guard wrote to standard error, in one line."""
    text = " ".join(said.split()).removesuffix("---").strip()
    return text.removeprefix("Error occurred ")[:300]


def _report(answer: Mapping[str, Any]) -> Report:
    failed = {each["Rule"]["name"]: each["Rule"]["checks"] for each in answer["not_compliant"]}
    return Report(frozenset(answer["compliant"]), frozenset(answer["not_applicable"]), failed)


def _both(one: Report, other: Report) -> Report:
    return Report(
        one.passed | other.passed, one.skipped | other.skipped, {**one.failed, **other.failed}
    )


def _distinct(files: Sequence[GuardFile]) -> Iterator[list[GuardFile]]:
    """Group files so that no rule name stands twice in a group: a report tells rules by name."""
    left = list(files)
    while left:
        taken: set[str] = set()
        group, later = [], []
        for file in left:
            if taken.isdisjoint(file.rules):
                taken.update(file.rules)
                group.append(file)
            else:
                later.append(file)
        yield group
        left = later


def _limit(pid: int, memory_mb: int) -> None:
    """Limit a process that has just started; systems without prlimit limit its time only."""
    try:
        from resource import RLIM_INFINITY, RLIMIT_AS, RLIMIT_CORE, prlimit
    except ImportError:
        return
    hard = prlimit(pid, RLIMIT_AS)[1]
    limit = memory_mb * 1024 * 1024
    limit = limit if hard == RLIM_INFINITY else min(limit, hard)
    prlimit(pid, RLIMIT_AS, (limit, limit))
    prlimit(pid, RLIMIT_CORE, (0, 0))
