"""Evaluates policies on input documents with regorus, Microsoft's Rego in Rust.

Shipped policies are compiled for its virtual machine: a few programs in which each policy is an entry
point. The machine is four times as fast as the interpreter and less faithful (an undefined
value assigned to a name does not end a rule; 25,000 instructions end an evaluation). So a test
holds both to the same answer on every shipped case and on thousands of mutations of them, a policy
can opt out (`interpreted: true`), what the machine gives up on is asked of the interpreter, and
users' policies are only ever interpreted. Nothing here limits time or memory: `policies.isolate`
does.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import regorus

from policies.model import (
    Fault,
    Language,
    Module,
    Outcome,
    Policy,
    PolicySet,
    RegoVersion,
    Violation,
)

_NOTHING = "[]"
_WRAPPED = "Compilation error:"  # the reason follows, with a place of its own
_UNDEFINED = "<undefined>"  # what the machine leaves in a set for an undefined element


class Evaluator:
    """The policies of a set, compiled, in one thread."""

    def __init__(self, policy_set: PolicySet) -> None:
        self.policy_set = policy_set
        self._interpreter = _Interpreter(policy_set.modules)
        self._machines: Mapping[str, Any] = {}

    def outcomes(self, document: str, policies: Sequence[Policy]) -> Mapping[str, Outcome]:
        """Return what the policies say of one document; nothing said means nothing denied."""
        compiled = [policy for policy in policies if not policy.interpreted]
        slow = [policy for policy in policies if policy.interpreted]
        outcomes: dict[str, Outcome] = {}
        given: list[Any] = []
        for policy in compiled:
            machine = self._machine_of(policy)
            if not any(machine is each for each in given):
                machine.set_input_json(document)
                given.append(machine)
            try:
                answer = machine.execute_entry_point(_entry_points(policy)[0])
            except RuntimeError:  # too many instructions, or it failed: the slow way tells
                slow.append(policy)
                continue
            if answer != _NOTHING and (found := violations(json.loads(answer))):
                outcomes[policy.check_id] = found
        if slow:
            outcomes.update(self._interpreter.run(slow, document))
        return outcomes

    def _machine_of(self, policy: Policy) -> Any:
        if not self._machines:
            rego = self.policy_set.written_in(Language.REGO)
            compiled = [policy for policy in rego if not policy.interpreted]
            self._machines = {
                policy.check_id: machine
                for some in _programs(compiled)
                for machine in [_machine(self.policy_set.modules, some)]
                for policy in some
            }
        return self._machines[policy.check_id]


_EVALUATORS = threading.local()
"""Evaluators by policy set. They belong to the thread and not to the set: regorus' machines must be
dropped by the thread that made them, and a set may be collected by any."""
_KEPT = 4


def evaluator_of(policy_set: PolicySet) -> Evaluator:
    """Return this thread's evaluator of a policy set; those of the last few sets are kept."""
    kept: list[Evaluator] = _EVALUATORS.__dict__.setdefault("kept", [])
    found = next((each for each in kept if each.policy_set is policy_set), None)
    if found is None:
        found = Evaluator(policy_set)
        kept.insert(0, found)
        del kept[_KEPT:]
    return found


class _Interpreter:
    """The modules in an engine that is made when it is first needed."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self._modules = modules
        self._engine: Any = None

    def run(self, policies: Sequence[Policy], document: str) -> dict[str, Outcome]:
        engine = self._ready()
        engine.set_input_json(document)
        outcomes: dict[str, Outcome] = {}
        for policy in policies:
            try:
                answers = [engine.eval_rule_as_json(rule) for rule in _entry_points(policy)]
            except RuntimeError as error:
                outcomes[policy.check_id] = Fault("failed", complaint(error))
                continue
            if found := violations(_joined(answers)):
                outcomes[policy.check_id] = found
        return outcomes

    def _ready(self) -> Any:
        if self._engine is None:
            self._engine = regorus.Engine()
            for module in self._modules:
                self._engine.set_rego_v0(module.version is RegoVersion.V0)
                self._engine.add_policy(module.path, module.text)
        return self._engine


def _entry_points(policy: Policy) -> tuple[str, ...]:
    return tuple(f"data.{policy.package}.{rule}" for rule in policy.rules)


def _machine(modules: Sequence[Module], policies: tuple[Policy, ...]) -> Any:
    packages = {policy.package for policy in policies}
    sources = [
        (module.path, module.text)
        for module in modules
        if module.version is RegoVersion.V1 and (module.package in packages or module.library)
    ]
    program = regorus.Program.compile_from_modules(
        "{}", sources, [_entry_points(policy)[0] for policy in policies]
    )
    machine = regorus.Rvm()
    machine.load_program(program)
    machine.set_data_json("{}")
    return machine


_MOST = 120
"""Policies in one program. regorus takes 256 files and has 255 registers for the entry points."""


def _programs(policies: Sequence[Policy]) -> Iterator[tuple[Policy, ...]]:
    """Split policies so that those on one type, which see the same documents, stay together."""
    by_type = sorted(policies, key=lambda policy: policy.resource_types)
    for start in range(0, len(by_type), _MOST):
        yield tuple(by_type[start : start + _MOST])


def _joined(answers: Sequence[str]) -> list[Any]:
    entries: list[Any] = []
    for answer in answers:
        parsed = json.loads(answer)
        entries.extend(parsed if isinstance(parsed, list) else [parsed])
    return entries


def violations(entries: Sequence[Any]) -> tuple[Violation, ...]:
    """Return what the entries of a `deny` say, without those that say nothing."""
    return tuple(found for entry in entries if (found := _violation(entry)) is not None)


def _violation(entry: Any) -> Violation | None:
    """Read one entry of `deny`: an object, or (conftest's manner) a message."""
    if isinstance(entry, str):
        return None if entry in ("", _UNDEFINED) else Violation(entry)
    if not isinstance(entry, dict):
        return None
    message = str(entry.get("message") or entry.get("msg") or "")
    facts = entry.get("facts") or entry.get("details") or {}
    return Violation(
        message=message,
        path=str(entry.get("path") or ""),
        facts=facts if isinstance(facts, dict) else {"details": facts},
    )


def complaint(error: BaseException) -> str:
    """Return `file:line: what is wrong` of a regorus error, without its excerpt and stack trace."""
    place = ""
    for line in map(str.strip, str(error).splitlines()):
        if line.startswith("-->"):
            file, line_number, _ = line.removeprefix("-->").strip().rsplit(":", 2)
            place = f"{file}:{line_number}: "
        reason = line.removeprefix("error:").strip()
        if line.startswith("error:") and reason != _WRAPPED:
            return place + reason
    return next(filter(None, map(str.strip, str(error).splitlines())), "evaluation failed")


def unresolved(policy_set: PolicySet, policy: Policy) -> str:
    """Return what a v1 policy calls that does not exist, empty where nothing.

    The interpreter notices when it gets there, which may be never on a given input; the machine's
    compiler notices at once. What else it refuses, it merely does not support.
    """
    if policy.version is RegoVersion.V0:
        return ""
    try:
        _machine(policy_set.modules, (policy,))
    except RuntimeError as error:
        text = complaint(error)
        return text if "Unknown function" in text else ""
    return ""
