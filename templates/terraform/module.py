"""Evaluate one module: its variables, locals, resources and the modules it calls.

Everything is evaluated when it is first asked for, so that the order of blocks and files does not
matter and a cycle is noticed where it closes.
"""

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from typing import Literal as OneOf

from core.errors import UnreadableTemplate
from templates.terraform.block import BlockInstance
from templates.terraform.configuration import Configuration, Sources, local_source
from templates.terraform.constraint import fitted
from templates.terraform.evaluate import Evaluator
from templates.terraform.expand import Expansion, expand
from templates.terraform.function import fingerprinted
from templates.terraform.parse import parse_template
from templates.terraform.provider import Provider, provider_name, providers_of
from templates.terraform.syntax import Expression, Literal, Nested, Record, Step
from templates.terraform.values import Budget, Instance, Reference, Unknown

_MODULE_ARGUMENTS = frozenset({"source", "version", "providers", "count", "for_each", "depends_on"})
Key = tuple[str, ...]
Address = tuple[str, str, str]


@dataclass(slots=True)
class Run:
    """What all modules below one root share."""

    sources: Sources
    root: str
    secret_key: bytes
    budget: Budget
    notes: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Caller:
    """How a module is called: the prefix of its addresses, its arguments, its callers' folders."""

    prefix: str = ""
    arguments: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    ancestors: tuple[str, ...] = ()
    providers: Mapping[str, Provider] = field(default_factory=dict)
    uncertain: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One evaluated block, and why it may not exist."""

    mode: OneOf["managed", "data"]
    instance: BlockInstance
    uncertain: str
    provider: Provider | None


class ModuleScope:
    """One instance of a module."""

    def __init__(self, directory: str, run: Run, caller: Caller) -> None:
        self.budget = run.budget
        self.secret_key = run.secret_key
        self._directory = directory
        self._run = run
        self._caller = caller
        self._configuration: Configuration = run.sources.configuration(directory)
        self._evaluator = Evaluator(self)
        self._made: dict[Key, Any] = {}
        self._blocks: dict[Address, tuple[Expansion, list[BlockInstance]]] = {}
        self._scopes: dict[str, tuple[Expansion, list[ModuleScope | Unknown]]] = {}
        self._open: set[Key] = set()
        self.providers = {
            **caller.providers,
            **providers_of(self._configuration.providers, self._provided),
        }

    def read(self, path: str) -> bytes | None:
        """Return a file of the tree by its path from the root module."""
        if path.startswith("/"):
            return None
        return self._run.sources.content(posixpath.join(self._run.root, path))

    def lookup(self, name: str, steps: Sequence[Step]) -> tuple[Any, int]:
        """Return what a root name and its first steps mean, and how many steps that took."""
        first = _named(steps, 0)
        match name:
            case "var":
                return self._once(("var", first), partial(self._variable, first)), 1
            case "local":
                return self._once(("local", first), partial(self._local, first)), 1
            case "module":
                return self._module(first), 1
            case "path" | "terraform":
                return self._ambient(name, first), 1
            case "each" | "count" | "self":
                return Unknown(f"{name} outside of a block that has it"), len(steps)
            case "data":
                return self._resource("data", first, _named(steps, 1)), 2
        return self._resource("managed", name, first), 1

    def _once(self, key: Key, make: Callable[[], Any]) -> Any:
        if key in self._made:
            return self._made[key]
        if key in self._open:
            return Unknown(f"{'.'.join(key)} depends on itself", is_error=True)
        if not self.budget.deeper():
            return Unknown(f"{'.'.join(key)} hangs on too long a chain of others")
        try:
            with self._opened(key):
                self._made[key] = make()
        finally:
            self.budget.depth -= 1
        return self._made[key]

    @contextmanager
    def _opened(self, key: Key) -> Iterator[None]:
        """Mark what is being made, so that it is noticed when it asks for itself."""
        self._open.add(key)
        try:
            yield
        finally:
            self._open.discard(key)

    def _provided(self, name: str, value: Expression | None) -> Any:
        if value is None:
            return None
        return self._once(("provider", name), partial(self._evaluator.value, value))

    def _ambient(self, name: str, what: str) -> Any:
        if name == "terraform":
            return "default" if what == "workspace" else Unknown(f"terraform.{what}")
        if what == "module":
            return posixpath.relpath(self._directory or ".", self._run.root or ".")
        return "." if what in ("root", "cwd") else Unknown(f"path.{what}")

    def _local(self, name: str) -> Any:
        expression = self._configuration.locals.get(name)
        if expression is None:
            return Unknown(f"local.{name} is not declared")
        return self._evaluator.value(expression)

    def _variable(self, name: str) -> Any:
        block = self._configuration.variables.get(name)
        if block is None:
            return Unknown(f"variable {name} is not declared")
        value = self._given(name, block)
        fit = fitted(value, _constraint(block), self._evaluator.value, self.budget)
        if _is_true(block.body.get("sensitive")):
            self.budget.measure(fit)
            return fingerprinted(fit, self.secret_key)
        return fit

    def _given(self, name: str, block: Nested) -> Any:
        argument = self._caller.arguments.get(name)
        value = argument() if argument is not None else None
        default = block.body.get("default")
        nullable = block.body.get("nullable")
        keeps_null = not (isinstance(nullable, Literal) and nullable.value is False)
        if argument is not None and (value is not None or keeps_null):
            return value
        if default is not None:
            return self._evaluator.value(default)
        if _is_true(block.body.get("sensitive")):
            # Whatever is given at deployment, it stands nowhere in plain.
            return Reference(f"{self._caller.prefix}var.{name}")
        return Unknown(f"variable {name} has no default")

    def _resource(self, mode: str, kind: str, name: str) -> Any:
        key = (mode, kind, name)
        if key not in self._configuration.resources:
            written = ".".join(("data", kind, name) if mode == "data" else (kind, name))
            if "_" not in kind or not name:
                return Unknown(f"nothing in the module is called {written[:100]}")
            self._note(f"{written[:100]} is used but not declared")
            return Reference(f"{self._caller.prefix}{written}")
        if ("instances", *key) in self._open:
            return Unknown(f"{kind}.{name} depends on itself", is_error=True)
        return self._once(key, partial(self._arranged, key))

    def _arranged(self, key: Address) -> Any:
        expansion, blocks = self._instances(key)
        certain = expansion.kind != "uncertain"
        return expansion.arranged([Instance(b.address, b.attribute, certain) for b in blocks])

    def _instances(self, key: Address) -> tuple[Expansion, list[BlockInstance]]:
        if key not in self._blocks:
            with self._opened(("instances", *key)):
                self._blocks[key] = self._expanded(key)
        return self._blocks[key]

    def _expanded(self, key: Address) -> tuple[Expansion, list[BlockInstance]]:
        block = self._configuration.resources[key]
        mode, kind, name = key
        expansion = expand(block.body, self._evaluator.value, self.budget)
        address = f"{self._caller.prefix}{'data.' if mode == 'data' else ''}{kind}.{name}"
        return expansion, [
            BlockInstance(
                block, address=address + m.suffix, names=m.names, evaluator=self._evaluator
            )
            for m in expansion.members
        ]

    def _module(self, name: str) -> Any:
        block = self._configuration.modules.get(name)
        if block is None:
            return Unknown(f"module {name} is not declared")
        if ("module", name) in self._open:
            return Unknown(f"module {name} depends on itself", is_error=True)
        expansion, scopes = self._children(name, block)
        prefix = f"{self._caller.prefix}module.{name}"
        certain = expansion.kind != "uncertain"
        instances = [
            Instance(f"{prefix}{m.suffix}", partial(_output_of, s), certain)
            for m, s in zip(expansion.members, scopes, strict=True)
        ]
        return expansion.arranged(instances)

    def output(self, name: str) -> Any:
        """Return what the module gives its caller under a name."""
        return self._once(("output", name), partial(self._output, name))

    def _output(self, name: str) -> Any:
        block = self._configuration.outputs.get(name)
        value = block.body.get("value") if block else None
        if value is None:
            return Unknown(f"the module has no output {name}", is_error=True)
        return self._evaluator.value(value)

    def _children(
        self, name: str, block: Nested
    ) -> tuple[Expansion, list["ModuleScope | Unknown"]]:
        if name not in self._scopes:
            with self._opened(("module", name)):
                self._scopes[name] = self._called(name, block)
        return self._scopes[name]

    def _called(self, name: str, block: Nested) -> tuple[Expansion, list["ModuleScope | Unknown"]]:
        expansion = expand(block.body, self._evaluator.value, self.budget)
        directory = self._source(name, block)
        if isinstance(directory, Unknown):
            return expansion, [directory for _ in expansion.members]
        scopes: list[ModuleScope | Unknown] = []
        for member in expansion.members:
            caller = Caller(
                prefix=f"{self._caller.prefix}module.{name}{member.suffix}.",
                arguments=self._module_arguments(block, member.names),
                ancestors=(*self._caller.ancestors, self._directory),
                providers=self._passed(block),
                uncertain=self._caller.uncertain or expansion.reason,
            )
            scopes.append(ModuleScope(directory, self._run, caller))
        return expansion, scopes

    def _source(self, name: str, block: Nested) -> str | Unknown:
        directory = local_source(block, self._directory)
        address = f"{self._caller.prefix}module.{name}"
        if directory is None:
            self._note(f"{address} is a module from outside the tree; what it makes was not read")
            return Unknown(f"{address} is a module from outside the tree")
        if not self._run.sources.configuration(directory).files:
            self._note(f"{address} calls {directory}, which has no Terraform files")
            return Unknown(f"{address} has no files")
        if directory in (*self._caller.ancestors, self._directory):
            self._note(f"{address} calls a module that it is part of")
            return Unknown(f"{address} calls itself")
        return directory

    def _module_arguments(
        self, block: Nested, names: Mapping[str, Any]
    ) -> Mapping[str, Callable[[], Any]]:
        return {
            a.name: partial(self._evaluator.value, a.value, names)
            for a in block.body.attributes
            if a.name not in _MODULE_ARGUMENTS
        }

    def _passed(self, block: Nested) -> Mapping[str, Provider]:
        """Return the providers that a called module sees under its own names for them."""
        passed = {n: p for n, p in self.providers.items() if "." not in n}
        mapping = block.body.get("providers")
        for key, value in mapping.items if isinstance(mapping, Record) else ():
            provider = self.providers.get(provider_name(value))
            if provider is not None:
                passed[provider_name(key)] = provider
        return passed

    def blocks(self) -> Iterator[Found]:
        """Walk the resources and data of this module and of all that it calls."""
        for key, block in self._configuration.resources.items():
            expansion, instances = self._instances(key)
            named = block.body.get("provider")
            default = key[1].partition("_")[0]
            provider = self.providers.get(provider_name(named) if named else default)
            reason = self._caller.uncertain or expansion.reason
            mode: OneOf["managed", "data"] = "data" if key[0] == "data" else "managed"
            for instance in instances:
                yield Found(mode, instance, reason, provider)
        for name, block in self._configuration.modules.items():
            for scope in self._children(name, block)[1]:
                if isinstance(scope, ModuleScope):
                    yield from scope.blocks()

    def _note(self, text: str) -> None:
        self._run.notes.setdefault(text)


def _named(steps: Sequence[Step], place: int) -> str:
    """Return the name that a step says, as `.name` or `["name"]`."""
    step = steps[place] if place < len(steps) else ""
    if isinstance(step, Literal):
        step = str(step.value)
    return step if isinstance(step, str) else ""


def _output_of(scope: ModuleScope | Unknown, name: str) -> Any:
    return scope if isinstance(scope, Unknown) else scope.output(name)


def _is_true(value: Expression | None) -> bool:
    return isinstance(value, Literal) and value.value in (True, "true")


def _constraint(block: Nested) -> Expression | None:
    """Return a variable's declared type; older files and JSON write it as text."""
    kind = block.body.get("type")
    if isinstance(kind, Literal) and isinstance(kind.value, str) and "(" in kind.value:
        try:
            return parse_template(block.file.path, f"${{{kind.value}}}")
        except UnreadableTemplate:
            return None
    return kind
