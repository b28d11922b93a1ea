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
from collections.abc import Collection, Iterable, Mapping, Sequence
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

    def visible_of_own(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return which of these properties of the resource itself the policy sees."""
        return self.visible(names) if self.own_properties else ()

    def visible(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return which of these properties of a relative the policy sees."""
        return tuple(name for name in names if name in self.words)


@dataclass
class _Named:
    """What some rules name.

    `by_rule` holds the words of each, `uses` the rules that it reaches; `direct` are the words that
    follow upon `input.resource`. A resource handed to a function goes by another name there:
    `handed_to` are the functions of libraries that get it.
    """

    words: set[str] = field(default_factory=set)
    by_rule: dict[str, set[str]] = field(default_factory=dict)
    uses: dict[str, set[str]] = field(default_factory=dict)
    direct: set[str] = field(default_factory=set)
    handed_to: set[str] = field(default_factory=set)
    handed_to_own: bool = False
    everything: bool = False

    @property
    def own(self) -> frozenset[str]:
        """What may be read of the resource itself."""
        through_own = self.words if self.handed_to_own else set()
        inside = [self.by_rule[rule] for rule in self._reached(self.handed_to)]
        return frozenset(self.direct.union(through_own, *inside))

    def _reached(self, rules: Iterable[str]) -> set[str]:
        seen: set[str] = set()
        front = list(rules)
        while front:
            if (rule := front.pop()) not in seen:
                seen.add(rule)
                front += self.uses[rule]
        return seen

    def sight(self, policy: Policy) -> Sight:
        """Return what this shows a policy."""
        own = self.own
        properties = bool(self.handed_to) or self.handed_to_own or _PROPERTIES in own
        return Sight(
            words=frozenset(self.words),
            related_types=policy.related_types,
            own=(*_among(own), _NAME if _NAME in own else ANY_NAME),
            own_properties=properties,
            others=(*_among(self.words), _NAME) if _NAME in self.words else _among(self.words),
            now="now" in self.words,
            settings="settings" in self.words,
        )


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
        code = _Code((*self._libraries, *map(_parsed, own)))
        named = code.named(policy.package, policy.rules)
        if named.everything:
            return None
        return named.sight(policy)

    @cached_property
    def _libraries(self) -> tuple[tree.Tree, ...]:
        return tuple(
            _parsed(module)
            for module in self._set.modules
            if module.library and module.package.startswith(OWN_PACKAGES)
        )


def _parsed(module: Module) -> tree.Tree:
    engine = regorus.Engine()
    engine.add_policy(module.path, module.text)
    return tree.read(engine.get_ast_as_json())


class _Code:
    def __init__(self, trees: Sequence[tree.Tree]) -> None:
        self._edges = {name: used for each in trees for name, used in each.edges.items()}
        self._bodies = {name: body for each in trees for name, body in each.bodies.items()}

    def named(self, package: str, rules: Sequence[str]) -> _Named:
        """Return what these rules and all that they reach name."""
        named, front = _Named(), [f"data.{package}.{rule}" for rule in rules]
        while front:
            rule = front.pop()
            if rule in named.uses:
                continue
            used = self._edges[rule]
            reached = named.uses[rule] = tree.targets(used, self._edges)
            # `import input.resource as x` would hide from us what x is.
            named.everything |= any(name.startswith("input.") for name in used)
            words = named.by_rule[rule] = set()
            _Walk(named, reached, words).over(self._bodies[rule])
            named.words |= words
            front += reached
        return named


@dataclass(frozen=True, slots=True)
class _Walk:
    """Notes what one rule names. `called` are the rules that it uses, `words` what is noted."""

    named: _Named
    called: Collection[str]
    words: set[str]

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
            self.words.add(value["value"])
            self.named.everything |= value["value"] == _PROPERTIES
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
        self.named.everything |= _goes_through_all(steps)
        if tuple(steps[:2]) == _RESOURCE:
            self.named.direct.update(step for step in steps[2:3] if step)
            self.words.update(step for step in steps[3:] if step)
        else:
            self.words.update(step for step in steps[1:] if step)

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
        function = [rule for rule in self.called if rule.rpartition(".")[2] == name[-1]]
        if not function:
            return parameters
        left = [each for each in parameters if tree.path_of(each) != _RESOURCE]
        if len(left) < len(parameters):
            self.named.handed_to |= {rule for rule in function if rule.startswith(_LIBRARIES)}
            self.named.handed_to_own |= not all(rule.startswith(_LIBRARIES) for rule in function)
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
