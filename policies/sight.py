"""Says what of a resource a policy can see, from the names that occur in its code.

Most policies look at one or two properties, and most resources of a type are alike in them. So a
shipped policy is shown only what its code can name, and resources that look the same to it are
judged once. What it is shown is its whole input: the verdict is of that text and of nothing else.
Tests hold every policy to the same verdict on everything, and on everything full of noise.

Rego reaches a value by a name written in the code, or by going through all that an object holds.
The first is read off the syntax tree of every rule that `deny` reaches; where the second may happen
to a whole resource or all its properties, the policy is shown everything.
"""

import re
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import regorus

from policies import tree
from policies.model import OWN_PACKAGES, Module, Policy, PolicySet

PARTS = ("uid", "Type", "Account", "Region", "Tags", "Live", "Unreadable", "AwsOwned")
"""What a resource has beside its name and properties."""

ANY_NAME = "any name"

_INPUT = "input"
_RESOURCE = (_INPUT, "resource")
_OWN_NAME = (*_RESOURCE, "Name")
_LIBRARIES = "data.plumbline.lib."
_PROPERTIES, _NAME = "Properties", "Name"
_REFERENCES = frozenset({"Var", "RefDot", "RefBrack"})


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What a policy can see.

    `words` are the names of properties that it may read; `own` and `others` the further parts of the
    resource and of its relatives. ANY_NAME among them stands for a name that is only repeated in
    messages and decides nothing.
    """

    words: frozenset[str]
    related_types: frozenset[str]
    own: tuple[str, ...]
    own_properties: bool
    others: tuple[str, ...]
    now: bool
    settings: bool

    def shown(self, names: Iterable[str], others: Mapping[str, Iterable[str]]) -> Hashable:
        """Return what tells this from other sights, where properties have only these names.

        `others` names those of relatives, by type. Policies for which this is equal are shown the
        same document.
        """
        related = [
            (kind, self.visible(others[kind])) for kind in self.related_types if kind in others
        ]
        parts = self.others if related else ()
        own = self.visible_of_own(names)
        return (self.own, own, frozenset(related), parts, self.now, self.settings)

    def visible_of_own(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return which of these properties of the resource itself the policy sees."""
        return self.visible(names) if self.own_properties else ()

    def visible(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return which of these properties of a relative the policy sees."""
        return tuple(name for name in names if name in self.words)


@dataclass
class _Rule:
    """What one rule names, and the rules that it `uses`.

    `direct` are the words that follow upon `input.resource`. A resource handed to a function goes by
    another name there: `handed_to` are the functions of libraries that get it.
    """

    uses: Collection[str]
    words: set[str] = field(default_factory=set)
    direct: set[str] = field(default_factory=set)
    handed_to: set[str] = field(default_factory=set)
    handed_to_own: bool = False
    everything: bool = False


@dataclass(frozen=True, slots=True)
class _Named:
    """What the rules of a policy, and all that they reach, name."""

    rules: Mapping[str, _Rule]

    @property
    def everything(self) -> bool:
        """Whether some rule holds a whole resource, or all its properties, in hand."""
        return any(rule.everything for rule in self.rules.values())

    def sight(self, policy: Policy) -> Sight:
        """Return what this shows a policy."""
        every = self.rules.values()
        words = frozenset().union(*(rule.words for rule in every))
        handed_to = frozenset().union(*(rule.handed_to for rule in every))
        to_own = any(rule.handed_to_own for rule in every)
        inside = [self.rules[name].words for name in self._reached(handed_to)]
        own = frozenset().union(*(rule.direct for rule in every), words if to_own else (), *inside)
        return Sight(
            words=words,
            related_types=policy.related_types,
            own=(*_among(own), _NAME if _NAME in own else ANY_NAME),
            own_properties=bool(handed_to) or to_own or _PROPERTIES in own,
            others=(*_among(words), _NAME) if _NAME in words else _among(words),
            now="now" in words,
            settings="settings" in words,
        )

    def _reached(self, names: Iterable[str]) -> set[str]:
        seen: set[str] = set()
        front = list(names)
        while front:
            if (name := front.pop()) not in seen:
                seen.add(name)
                front += self.rules[name].uses
        return seen


def _among(words: Collection[str]) -> tuple[str, ...]:
    return tuple(part for part in PARTS if part in words)


class Sights:
    """What each policy of a set can see, worked out when it is first asked for."""

    def __init__(self, policy_set: PolicySet) -> None:
        self._set = policy_set
        self._found: dict[str, Sight | None] = {}

    def of(self, policy: Policy) -> Sight | None:
        """Return what a policy can see, None where that is everything: users' policies, too."""
        if policy.check_id not in self._found:
            self._found[policy.check_id] = self._work_out(policy)
        return self._found[policy.check_id]

    def _work_out(self, policy: Policy) -> Sight | None:
        if not policy.package.startswith(OWN_PACKAGES):
            return None
        own = [module for module in self._set.modules if module.package == policy.package]
        named = _Code(map(_parsed, own), self._libraries).named(policy.package, policy.rules)
        return None if named.everything else named.sight(policy)

    @cached_property
    def _libraries(self) -> "_Code":
        return _Code(
            _parsed(module)
            for module in self._set.modules
            if module.library and module.package.startswith(OWN_PACKAGES)
        )


def _parsed(module: Module) -> tree.Tree:
    engine = regorus.Engine()
    engine.add_policy(module.path, module.text)
    return tree.read(engine.get_ast_as_json())


class _Code:
    """Rules by full name, read when they are first reached; those of `libraries` are read there."""

    def __init__(self, trees: Iterable[tree.Tree], libraries: "_Code | None" = None) -> None:
        self._edges: dict[str, Collection[str]] = {}
        self._bodies: dict[str, tuple[Any, ...]] = {}
        for each in trees:
            self._edges |= each.edges
            self._bodies |= each.bodies
        self._libraries = libraries
        self._names = {*self._edges, *(libraries.names if libraries else ())}
        self._read: dict[str, _Rule] = {}

    @property
    def names(self) -> Collection[str]:
        """The rules that there are."""
        return self._names

    def named(self, package: str, rules: Sequence[str]) -> _Named:
        """Return what these rules and all that they reach name."""
        found: dict[str, _Rule] = {}
        front = [f"data.{package}.{rule}" for rule in rules]
        while front:
            name = front.pop()
            if name not in found:
                found[name] = self.rule(name)
                front += found[name].uses
        return _Named(found)

    def rule(self, name: str) -> _Rule:
        """Return what a rule names."""
        if self._libraries is not None and name not in self._edges:
            return self._libraries.rule(name)
        if name not in self._read:
            used = self._edges[name]
            rule = self._read[name] = _Rule(tree.targets(used, self._names))
            # `import input.resource as x` would hide from us what x is.
            rule.everything = any(each.startswith("input.") for each in used)
            _Walk(rule).over(self._bodies[name])
        return self._read[name]


@dataclass(frozen=True, slots=True)
class _Walk:
    """Notes what one rule names."""

    rule: _Rule

    def over(self, node: Any) -> None:
        if isinstance(node, list | tuple):
            for item in node:
                self.over(item)
        elif isinstance(node, Mapping):
            for kind, value in node.items():
                self._node(kind, value)

    def _node(self, kind: str, value: Any) -> None:
        if kind in _REFERENCES:
            self._reference(self._steps(kind, value))
        elif kind in ("String", "RawString"):
            self.rule.words.add(value["value"])
            self.rule.everything |= value["value"] == _PROPERTIES
        elif kind == "Call":
            self.over(value["fcn"])
            self.over(self._parameters(value))
        elif kind == "Object":
            for _, key, item in value["fields"]:
                self.over(key)
                self.over(_without_own_name(item) if _is_message(key) else item)
        else:
            self.over(value)

    def _reference(self, steps: Sequence[str | None]) -> None:
        """Note a path; None stands for a step that is only known when the rule runs."""
        self.rule.everything |= _goes_through_all(steps)
        if tuple(steps[:2]) == _RESOURCE:
            self.rule.direct.update(step for step in steps[2:3] if step)
            self.rule.words.update(step for step in steps[3:] if step)
        else:
            self.rule.words.update(step for step in steps[1:] if step)

    def _steps(self, kind: str, value: Any) -> list[str | None]:
        """Return the steps of a reference, having noted what its indices name."""
        if kind == "Var":
            return [str(value["value"])]
        inner, found = next(iter(value["refr"].items()))
        if inner in _REFERENCES:
            steps = self._steps(inner, found)
        else:
            self._node(inner, found)
            steps = [None]
        if kind == "RefDot":
            return [*steps, str(value["field"][1])]
        index = value["index"]
        if "String" in index:
            return [*steps, str(index["String"]["value"])]
        self.over(index)
        return [*steps, None]

    def _parameters(self, call: Mapping[str, Any]) -> list[Any]:
        """Return a call's parameters but for those that are looked into elsewhere.

        A function of ours that gets the resource is walked itself. `object.get` takes one property.
        """
        name, parameters = tree.path_of(call["fcn"]) or ("",), list(call["params"])
        if name == ("object", "get") and "RefDot" in parameters[0]:
            steps = self._steps("RefDot", parameters[0]["RefDot"])
            if steps[-1] == _PROPERTIES:
                self._reference([*steps, ""])
                return parameters[1:]
        function = [rule for rule in self.rule.uses if rule.rpartition(".")[2] == name[-1]]
        if not function:
            return parameters
        left = [each for each in parameters if tree.path_of(each) != _RESOURCE]
        if len(left) < len(parameters):
            self.rule.handed_to |= {rule for rule in function if rule.startswith(_LIBRARIES)}
            self.rule.handed_to_own |= not all(rule.startswith(_LIBRARIES) for rule in function)
        return left


def _goes_through_all(steps: Sequence[str | None]) -> bool:
    """Whether a reference holds a whole resource, or all its properties, in hand."""
    bare = tuple(steps) in ((_INPUT,), _RESOURCE) or None in steps[1:2]
    unclear = tuple(steps[:2]) == _RESOURCE and None in steps[2:3]
    properties = [n for n, step in enumerate(steps) if step == _PROPERTIES]
    return (
        unclear
        or any(n + 1 == len(steps) or steps[n + 1] is None for n in properties)
        or (bare and steps[0] == _INPUT)
    )


def _is_message(key: Any) -> bool:
    return bool(key.get("String", {}).get("value") == "message")


def _without_own_name(item: Any) -> Any:
    """Take the resource's own name out of `sprintf("...", [input.resource.Name, ...])`."""
    call = item.get("Call")
    if not call or tree.path_of(call["fcn"]) != ("sprintf",):
        return item
    text, values = call["params"]
    if "Array" not in values or _PADDED.search(str(text.get("String", {}).get("value", "%q"))):
        return item
    return [text, [each for each in values["Array"]["items"] if tree.path_of(each) != _OWN_NAME]]


_PADDED = re.compile(r"%[^svd%]")
"""A verb that would write the name otherwise than as it is."""
