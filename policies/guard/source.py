"""Reads .guard files: ours with their METADATA, and users' as they stand."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import PolicyError
from core.types import UNKNOWN_KEY
from policies.metadata import annotations
from policies.model import GuardFile

_RULE = re.compile(r"^\s*rule\s+(\w+)(\s*\()?", flags=re.MULTILINE)
_TYPE = re.compile(r"\w+(?:::\w+)+")
_FIX = re.compile(r"\bFix\s*:\s*(.+)", flags=re.DOTALL | re.IGNORECASE)
_AT_LINE = re.compile(r"at line (\d+)")
_QUOTED = re.compile(r"by name (\S+) across|with name (\S+) was")
_PARSE_S = 30


def read(text: str, *, path: str) -> GuardFile:
    """Return a file of rules without judging it."""
    bare = without_comments(text)
    rules = tuple(name for name, takes in _RULE.findall(bare) if not takes)
    exact = re.search(r"\bsome\b", bare) is None
    return GuardFile(path, text, rules, exact, asks_unknown=UNKNOWN_KEY in bare)


def without_comments(text: str) -> str:
    """Blank out comments, which begin with # outside of strings, patterns and messages."""
    return _COMMENT.sub(lambda found: found.group() if found.group()[0] != "#" else "", text)


_COMMENT = re.compile(
    r"""<<.*?>>|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?<=[=\[,(\s])/(?:\\.|[^/\\\n])+/|\#[^\n]*""",
    flags=re.DOTALL,
)


def metadata_of(text: str, *, path: str) -> Mapping[str, Mapping[str, Any]]:
    """Return METADATA blocks by the rule that each stands before. Raises: PolicyError."""
    found: dict[str, Mapping[str, Any]] = {}
    for line, block in annotations(text, path=path):
        rest = without_comments("\n".join(text.splitlines()[line:]))
        following = next((name for name, takes in _RULE.findall(rest) if not takes), None)
        if following is not None:
            found.setdefault(following, block)
    return found


def parsed(text: str, *, path: str, binary: Path) -> Mapping[str, Any]:
    """Return the syntax tree of a file as cfn-guard prints it.

    Raises: PolicyError with the file, the line and what is wrong there.
    """
    try:
        done = subprocess.run(
            [str(binary), "parse-tree", "--print-json"],
            input=text.encode(),
            capture_output=True,
            env={},
            timeout=_PARSE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PolicyError(f"{path}:1: cfn-guard could not parse the file ({error}).") from error
    said = done.stderr.decode(errors="replace")
    if done.returncode or not done.stdout.strip():
        line = _AT_LINE.search(said)
        reason = _reason(said) if said.strip() else f"cfn-guard ended with {done.returncode}"
        raise PolicyError(f"{path}:{line.group(1) if line else 1}: {reason}.")
    tree: Mapping[str, Any] | None = json.loads(done.stdout)
    return tree or {}  # a file of comments is none


def _reason(said: str) -> str:
    """Return what the parser expected, in one line."""
    text = " ".join(said.split())
    expected = re.search(r"when handling (.*?),? (?:\S+#\d+@\d+, )?fragment (.*)", text)
    if expected is None:
        return text[:200].rstrip(".")
    what, where = expected.group(1).strip(" ,"), expected.group(2)
    beside = " ".join(where.split()[:4]).removesuffix("`") or "the end"
    return f"cannot be parsed before `{beside}`" + (f" ({what})" if what else "")


def line_of(text: str, complaint: str) -> int:
    """Return the line of the name that an evaluation could not resolve, 1 where none is named."""
    found = _QUOTED.search(complaint)
    name = next(filter(None, found.groups()), "") if found else ""
    lines = text.splitlines()
    return next(
        (n for n, line in enumerate(lines, 1) if name and re.search(rf"\b{name}\b", line)), 1
    )


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What a rule's syntax says of it: the resource types it names, and how it says to fix things."""

    types: tuple[str, ...] = ()
    fix: str = ""


def facts_of(tree: Mapping[str, Any]) -> Mapping[str, RuleFacts]:
    """Return by name what each rule's syntax says, following variables and other rules."""
    rules = {rule["rule_name"]: rule for rule in tree.get("guard_rules") or ()}
    for rule in tree.get("parameterized_rules") or ():
        inner = rule.get("rule", rule)
        rules.setdefault(str(inner.get("rule_name")), inner)
    variables = {each["var"]: each["value"] for each in tree.get("assignments") or ()}
    return {
        name: RuleFacts(tuple(dict.fromkeys(_types(rule, rules, variables, {name}))), _fix(rule))
        for name, rule in rules.items()
    }


def _types(
    node: Any, rules: Mapping[str, Any], variables: Mapping[str, Any], seen: set[str]
) -> Iterator[str]:
    """Walk a rule and all that it uses, and yield the resource types it compares with."""
    if isinstance(node, str):
        if _TYPE.fullmatch(node):
            yield node
        name = node.removeprefix("%")
        used = variables.get(name) if node.startswith("%") else rules.get(node)
        if used is not None and node not in seen:
            seen.add(node)
            yield from _types(used, rules, variables, seen)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            if key not in ("custom_message", "location", "rule_name"):
                yield from _types(value, rules, variables, seen)
    elif isinstance(node, list):
        for item in node:
            yield from _types(item, rules, variables, seen)


def _fix(rule: Any) -> str:
    for message in _messages(rule):
        if found := _FIX.search(message):
            return " ".join(found.group(1).split())
    return ""


def _messages(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("custom_message"), str):
            yield node["custom_message"]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            yield from _messages(item)


def words(custom_message: str) -> str:
    """Return the sentence of a `<<message>>`, without labels, the fix, or a full stop."""
    text = _FIX.sub("", custom_message)
    text = re.sub(r"^\s*(?:Violation|Error|Message)\s*:\s*", "", text, flags=re.IGNORECASE)
    return " ".join(text.split()).rstrip(".")
