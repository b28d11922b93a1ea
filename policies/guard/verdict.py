"""Reads what cfn-guard reports of one rule and one document: which places of which resources.

Guard knows two answers, and we three: a value that is not known stands in the document as a map
that nothing else looks like. A check that failed on such a value, or inside it, proves nothing. The
report keeps the shape of the rule (what must hold together, what one of), so that what is left of
it decides: a rule is violated when something fails that no unknown value could mend.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.types import is_unknown
from policies.guard.process import Report
from policies.guard.source import words
from policies.model import GuardFile, Violation

_RESOURCES = "Resources"
_NOWHERE = re.compile(r"#Location\[file:")
"""A place in what cfn-guard was given, where another report would repeat the clause."""
_PLAIN_STEPS = re.compile(r"[\w:]+(?:\.[\w:]+)*")


@dataclass(frozen=True, slots=True)
class Place:
    """One failed comparison. `steps` lead to the value from the root of the document."""

    steps: tuple[str, ...]
    message: str
    context: str
    value: Any
    doubtful: bool


@dataclass(frozen=True, slots=True)
class _Term:
    """What must hold by itself: one comparison, or several of which one would do."""

    places: tuple[Place, ...]
    doubtful: bool


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that fails on one resource, `doubtful` when only for values that are not known."""

    violations: tuple[Violation, ...]
    doubtful: bool


ANYWHERE = ""
"""The key of what a rule says of a document as a whole and of no resource in it."""


def broken(
    rule: str, report: Report, document: Mapping[str, Any], *, file: GuardFile
) -> Mapping[str, Broken]:
    """Return by logical id what a rule says of a document's resources; nothing where it passes."""
    if rule not in report.failed:
        return {}
    reading = _Reading(report, document)
    terms = list(reading.terms(report.failed[rule], "", frozenset({rule})))
    if not file.exact:
        terms = _together(terms)
    found: dict[str, Broken] = {}
    for logical_id in dict.fromkeys(_resource(p) for term in terms for p in term.places):
        own = [
            (place, term)
            for term in terms
            for place in term.places
            if _resource(place) == logical_id
        ]
        certain = [place for place, term in own if not term.doubtful]
        shown = certain or [place for place, _ in own]
        violations = {(v.message, v.path): v for v in map(_violation, shown)}
        found[logical_id] = Broken(tuple(violations.values()), not certain)
    return found or {ANYWHERE: Broken((), doubtful=False)}


def _together(terms: Sequence[_Term]) -> list[_Term]:
    """Let comparisons of one clause be as doubtful as any of them: one match might be enough."""
    unsure = {p.context for term in terms for p in term.places if term.doubtful}
    return [
        _Term(term.places, term.doubtful or any(p.context in unsure for p in term.places))
        for term in terms
    ]


def _resource(place: Place) -> str:
    inside = len(place.steps) > 1 and place.steps[0] == _RESOURCES
    return place.steps[1] if inside else ANYWHERE


@dataclass(frozen=True, slots=True)
class _Reading:
    report: Report
    document: Mapping[str, Any]

    def terms(
        self, checks: Sequence[Mapping[str, Any]], said: str, seen: frozenset[str]
    ) -> Iterator[_Term]:
        """Yield what failed; `said` is the message of the rule that led here."""
        for check in checks:
            [(kind, body)] = check.items()
            if kind == "Rule":
                message = (body.get("messages") or {}).get("custom_message") or said
                yield from self.terms(body["checks"], message, seen)
            elif kind == "Disjunctions":
                yield self._one_of(body["checks"], said, seen)
            elif kind == "Block":
                yield self._block(body, said)
            else:
                yield from self._clause(body, said, seen)

    def _one_of(
        self, checks: Sequence[Mapping[str, Any]], said: str, seen: frozenset[str]
    ) -> _Term:
        ways = [list(self.terms([check], said, seen)) for check in checks]
        doubtful = any(way and all(term.doubtful for term in way) for way in ways)
        return _Term(tuple(p for way in ways for term in way for p in term.places), doubtful)

    def _block(self, body: Mapping[str, Any], said: str) -> _Term:
        message = body["messages"].get("custom_message") or said
        missing = body.get("unresolved")
        context = str(body["context"])
        place = (
            self._missing(missing, message, context)
            if missing
            else Place((), message, context, None, doubtful=False)
        )
        return _Term((place,), place.doubtful)

    def _clause(self, body: Mapping[str, Any], said: str, seen: frozenset[str]) -> Iterator[_Term]:
        [clause] = body.values()
        message = clause["messages"].get("custom_message") or said
        context = " ".join(str(clause["context"]).split())
        [(kind, found)] = clause["check"].items()
        if kind == "UnResolvedContext":
            yield from self._named(str(found), message, context, seen)
            return
        if kind == "UnResolved":
            place = self._missing(found["value"], message, context)
        else:
            place = self._compared(found, message, context, binary="Binary" in body)
        yield _Term((place,), place.doubtful)

    def _named(
        self, rule: str, message: str, context: str, seen: frozenset[str]
    ) -> Iterator[_Term]:
        """Follow a rule that refers to another to what that one found."""
        checks = self.report.failed.get(rule)
        if checks is None or rule in seen:
            yield _Term((Place((), message, context, None, doubtful=False),), doubtful=False)
            return
        yield from self.terms(checks, message, seen | {rule})

    def _missing(self, found: Mapping[str, Any], message: str, context: str) -> Place:
        reached = self._steps(found["traversed_to"]["path"])
        left = _PLAIN_STEPS.match(str(found.get("remaining_query") or ""))
        steps = (*reached, *(left.group().split(".") if left else ()))
        return Place(steps, message, context, None, self._unknown(reached))

    def _compared(
        self, found: Mapping[str, Any], message: str, context: str, *, binary: bool
    ) -> Place:
        subject = found.get("from") or found.get("value") or {"path": "", "value": None}
        steps = self._steps(subject["path"])
        doubtful = self._unknown(steps) or (binary and _holds_unknown(subject["value"]))
        against = found.get("to")
        for other in against if isinstance(against, list) else [against]:
            if other and other["path"]:
                doubtful |= self._unknown(self._steps(other["path"]))
                doubtful |= _holds_unknown(other["value"])
        return Place(steps, message, context, subject["value"], doubtful)

    def _steps(self, path: str) -> tuple[str, ...]:
        """Split a path by what is there: keys may hold slashes themselves."""
        node: Any = self.document
        steps: list[str] = []
        rest = path.removeprefix("/")
        while rest:
            step = rest.split("/", 1)[0]
            if isinstance(node, Mapping) and step not in node:
                longer = [k for k in node if rest == k or rest.startswith(f"{k}/")]
                step = max(longer, key=len, default=step)
            steps.append(step)
            node = _below(node, step)
            rest = rest[len(step) :].removeprefix("/")
        return tuple(steps)

    def _unknown(self, steps: Sequence[str]) -> bool:
        """Whether a place is an unknown value or lies inside one."""
        node: Any = self.document
        for step in steps:
            if is_unknown(node):
                return True
            node = _below(node, step)
        return is_unknown(node)


def _below(node: Any, step: str) -> Any:
    if isinstance(node, Mapping):
        return node.get(step)
    if isinstance(node, Sequence) and not isinstance(node, str) and step.isdigit():
        return node[int(step)] if int(step) < len(node) else None
    return None


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, Mapping):
        return is_unknown(value) or any(map(_holds_unknown, value.values()))
    return isinstance(value, list) and any(map(_holds_unknown, value))


def _violation(place: Place) -> Violation:
    path = ".".join(place.steps[3:] if place.steps[2:3] == ("Properties",) else place.steps[2:])
    return Violation(_sentence(place, path), path, _facts(path, place.value))


def _sentence(place: Place, path: str) -> str:
    """Return the rule's words, or say what does not hold where it has none."""
    if said := words(place.message):
        return said
    if _NOWHERE.search(place.context):  # a block of clauses can have no words of its own
        return f"{path} is not set" if path else "the rule does not hold"
    return f"{place.context or 'the rule'} does not hold"


def _facts(path: str, value: Any) -> Mapping[str, Any]:
    if path and isinstance(value, str | int | float | bool):
        return {path: value}
    return {}
