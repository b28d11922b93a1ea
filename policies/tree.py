"""Walks the syntax tree of a Rego module: what it calls, and whether its rules go in circles.

Policies are evaluated on configuration and on nothing else, so that the same input always gives
the same verdict: built-ins that read the clock, the network, the host or chance are refused. So is
recursion, which OPA refuses too and which would overflow the stack of the engine.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

REFUSED = (
    "http.send",
    "io.jwt.",
    "net.lookup_ip_addr",
    "opa.runtime",
    "rand.",
    "time.now_ns",
    "uuid.rfc4122",
)
"""Built-ins refused at load. `net.cidr_*` only computes, and stays."""

_Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Tree:
    """One module as the parser saw it."""

    package: str
    rules: tuple[str, ...]
    refused: tuple[_Place, ...]
    edges: Mapping[str, frozenset[str]]
    lines: Mapping[str, int]
    bodies: Mapping[str, tuple[Any, ...]]


def read(ast_json: str) -> Tree:
    """Return what matters of a parsed module.

    `edges` maps a full rule name to names it uses, `bodies` to the syntax trees of its definitions.
    """
    parsed = json.loads(ast_json)[0]
    ast, text = parsed["ast"], parsed["source"]["contents"].encode()
    package = ".".join(path_of(ast["package"]["refr"]) or ())
    aliases = dict(_alias(item, text) for item in ast.get("imports") or ())
    rules: dict[str, set[str]] = {}
    lines: dict[str, int] = {}
    bodies: dict[str, tuple[Any, ...]] = {}
    refused: list[_Place] = []
    for rule in ast.get("rules") or ():
        head = _head_name(rule)
        if head is None:
            continue
        name = f"data.{package}.{head}"
        lines.setdefault(name, _line(rule))
        bodies[name] = (*bodies.get(name, ()), rule)
        used = rules.setdefault(name, set())
        for path, line in references(rule):
            dotted = ".".join(path)
            if dotted.startswith(REFUSED):
                refused.append((dotted, line))
            used.add(_absolute(path, package=package, aliases=aliases))
    names = tuple(dict.fromkeys(name.rpartition(".")[2] for name in rules))
    edges = {name: frozenset(used) for name, used in rules.items()}
    return Tree(package, names, tuple(refused), edges, lines, bodies)


def circle(trees: Mapping[str, Tree]) -> tuple[str, int, str] | None:
    """Return (module path, line, rule) of a rule that depends on itself, None where none does."""
    edges: dict[str, set[str]] = {}
    for tree in trees.values():
        for name, used in tree.edges.items():
            edges.setdefault(name, set()).update(used)
    graph = {name: targets(used, edges) for name, used in edges.items()}
    for path, tree in trees.items():
        for name in tree.edges:
            if _reaches_itself(name, graph):
                return path, tree.lines[name], name.rpartition(".")[2]
    return None


def targets(used: Iterable[str], rules: Collection[str]) -> set[str]:
    """Resolve `data.a.b.rule.key` to the rule `data.a.b.rule`."""
    found = set()
    for name in used:
        while "." in name and name not in rules:
            name = name.rpartition(".")[0]  # noqa: PLW2901 walking up one name
        if name in rules:
            found.add(name)
    return found


def _reaches_itself(start: str, graph: Mapping[str, set[str]]) -> bool:
    seen: set[str] = set()
    front = list(graph[start])
    while front:
        name = front.pop()
        if name == start:
            return True
        if name not in seen:
            seen.add(name)
            front.extend(graph[name])
    return False


def references(node: Any) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield every variable and dotted reference below a node, outermost first."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key == "head":
            yield from _head_references(value)
            continue
        path = path_of({key: value}) if key in ("Var", "RefDot", "RefBrack") else None
        if path:
            yield path, _line(value)
            yield from _indexed(value)
            continue
        yield from references(value)


def _indexed(node: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield what the indices along a reference use: `a[b].c[f(d)]` uses b, f and d."""
    yield from references(node.get("index"))
    inner = node.get("refr")
    if isinstance(inner, dict):
        for value in inner.values():
            yield from _indexed(value)


def _head_references(head: Any) -> Iterator[tuple[tuple[str, ...], int]]:
    """Yield what a head uses, leaving out the rule's own name."""
    kind, body = next(iter(head.items()))
    yield from references({k: v for k, v in body.items() if k not in ("refr", "span")})
    refr = body.get("refr")
    if kind in ("Set", "Compr") and isinstance(refr, dict) and "RefBrack" in refr:
        yield from references(refr["RefBrack"].get("index"))


def path_of(node: Any) -> tuple[str, ...] | None:
    """Return `a.b["c"]` as ("a", "b", "c"), cut where an index is not a plain string."""
    if "Var" in node:
        return (str(node["Var"]["value"]),)
    if "RefDot" in node:
        base = path_of(node["RefDot"]["refr"])
        field = node["RefDot"]["field"]
        return None if base is None else (*base, str(field[1]))
    if "RefBrack" in node:
        base = path_of(node["RefBrack"]["refr"])
        index = node["RefBrack"].get("index", {})
        if base and "String" in index:
            return (*base, str(index["String"]["value"]))
        return base
    return None


def _alias(item: Mapping[str, Any], text: bytes) -> tuple[str, tuple[str, ...]]:
    path = path_of(item["refr"]) or ("",)
    given = item.get("as")
    return (text[given["start"] : given["end"]].decode() if given else path[-1]), path


def _absolute(
    path: tuple[str, ...], *, package: str, aliases: Mapping[str, tuple[str, ...]]
) -> str:
    if path[0] == "data":
        return ".".join(path)
    if path[0] in aliases:
        return ".".join((*aliases[path[0]], *path[1:]))
    return f"data.{package}.{path[0]}"


def _head_name(rule: Mapping[str, Any]) -> str | None:
    spec = rule.get("Spec") or rule.get("Default") or {}
    head = spec.get("head")
    refr = next(iter(head.values())).get("refr") if head else spec.get("refr")
    path = path_of(refr) if refr else None
    return path[0] if path else None


def _line(node: Any) -> int:
    if isinstance(node, dict):
        span = node.get("span")
        if isinstance(span, dict):
            return int(span["line"])
        return next((line for value in node.values() if (line := _line(value))), 0)
    return 0
