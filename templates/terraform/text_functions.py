"""Functions on texts: form, search, codes."""

import base64
import binascii
import hashlib
import ipaddress
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import perf_counter
from typing import Any
from urllib.parse import quote_plus

import regex
import yaml

from core.errors import UnreadableTemplate
from templates.document import read_document
from templates.terraform.function import Function, error
from templates.terraform.values import Budget, Encoded, Unknown, to_number
from templates.terraform.written import join_text, json_text, parsed_json
from templates.value import plain

_PATIENCE_S = 0.1  # a search that backtracks without end; Terraform's own engine cannot
_STEPS_A_SECOND = 200_000  # what a second of searching costs: a module may search for two
_VERB = re.compile(r"%(?:%|([-+ 0#]*)(\d{1,4})?(?:\.(\d{1,3}))?([a-zA-Z]))")


def _format(pattern: str, *values: Any, budget: Budget) -> Any:
    parts: list[Any] = []
    given = iter(values)
    end = 0
    for found in _VERB.finditer(pattern):
        parts.append(pattern[end : found.start()])
        end = found.end()
        if found.group() == "%%":
            parts.append("%")
            continue
        value = next(given, error("format() with too few values"))
        parts.append(_formatted(found, value, budget))
    return join_text([*parts, pattern[end:]], budget)


def _formatted(found: re.Match[str], value: Any, budget: Budget) -> Any:
    flags, width, precision, verb = found.groups()
    if verb in "sv" and not flags and not width and precision is None:
        return json_text(value, budget) if isinstance(value, list | tuple | dict) else value
    if verb == "q":
        return json_text(value, budget)
    text = join_text([value], budget)
    if not isinstance(text, str):
        return text if isinstance(text, Unknown) else Unknown("a formatted value known only later")
    if verb in "sv":
        written = text if precision is None else text[: int(precision)]
    else:
        written = _number_form(verb, value, int(precision or 6), "+" in flags)
    fill = "0" if "0" in flags and "-" not in flags else " "
    return written.ljust(int(width or 0)) if "-" in flags else written.rjust(int(width or 0), fill)


def _number_form(verb: str, value: Any, precision: int, signed: bool) -> Any:
    number = to_number(value)
    if isinstance(number, Unknown):
        return "?"
    sign = "+" if signed else ""
    if verb in "dxXob":
        return format(int(number), f"{sign}{verb}")
    return format(float(number), f"{sign}.{precision}{verb}") if verb in "feEgG" else str(number)


def _format_list(pattern: str, *values: Any, budget: Budget) -> Any:
    lists = [v for v in values if isinstance(v, list | tuple)]
    count = len(lists[0]) if lists else 1
    if any(len(one) != count for one in lists):
        return error("formatlist() of lists of different length")
    rows = ([v[i] if isinstance(v, list | tuple) else v for v in values] for i in range(count))
    return [_format(pattern, *row, budget=budget) for row in rows]


def _join(separator: str, *lists: Sequence[Any], budget: Budget) -> Any:
    members = [m for one in lists for m in one]
    spaced = [p for m in members for p in (separator, m)][1:]
    return join_text(spaced, budget)


def _split(separator: str, text: str) -> list[str]:
    return text.split(separator) if separator else list(text)


def _replace(text: str, old: str, new: str, *, budget: Budget) -> Any:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        template = re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", new.replace("\\", r"\\"))
        return _search(
            lambda: _compiled(old[1:-1]).sub(template, text, timeout=_PATIENCE_S), budget
        )
    if len(new) * (text.count(old) + 1) > 10_000_000:
        return Unknown("replace() gives too long a text")
    return text.replace(old, new)


def _compiled(pattern: str) -> Any:
    return regex.compile(pattern)


def _search(act: Callable[[], Any], budget: Budget) -> Any:
    """Search, and pay by the clock: nothing else tells how long a foreign pattern takes."""
    start = perf_counter()
    try:
        return act()
    except TimeoutError:
        return Unknown("a search that takes too long")
    except (regex.error, IndexError, RecursionError):
        return error("a pattern that is no regular expression")
    finally:
        budget.spend(100 + int((perf_counter() - start) * _STEPS_A_SECOND))


def _groups(found: Any) -> Any:
    if found.re.groupindex:
        return found.groupdict()
    return list(found.groups()) if found.re.groups else found.group()


def _regex(pattern: str, text: str, *, budget: Budget) -> Any:
    found = _search(lambda: _compiled(pattern).search(text, timeout=_PATIENCE_S), budget)
    if isinstance(found, Unknown):
        return found
    return error("no match") if found is None else _groups(found)


def _regex_all(pattern: str, text: str, *, budget: Budget) -> Any:
    def every() -> list[Any]:
        return [_groups(f) for f in _compiled(pattern).finditer(text, timeout=_PATIENCE_S)]

    return _search(every, budget)


def _substr(text: str, offset: float, length: float) -> Any:
    start = int(offset) if offset >= 0 else max(0, len(text) + int(offset))
    return text[start:] if length < 0 else text[start : start + int(length)]


def _title(text: str) -> str:
    return re.sub(r"(^|\s)(\S)", lambda f: f.group(1) + f.group(2).upper(), text)


def _indent(width: float, text: str, *, budget: Budget) -> Any:
    margin = " " * min(100, max(0, int(width)))
    budget.write(text.count("\n") * len(margin))
    return text.replace("\n", "\n" + margin)


def _chomp(text: str) -> str:
    return text.rstrip("\r\n")


def _without_end(text: str, end: str) -> str:
    return text.removesuffix(end)


def _without_start(text: str, start: str) -> str:
    return text.removeprefix(start)


def _encode_json(value: Any) -> Any:
    return value if isinstance(value, Unknown) else Encoded(value)


def _decode_json(value: Any, *, budget: Budget) -> Any:
    if isinstance(value, Encoded):
        return value.value
    text = join_text([value], budget)
    if not isinstance(text, str):
        return text if isinstance(text, Unknown) else Unknown("JSON known only after deployment")
    if text.lstrip()[:1] in ("{", "["):
        return parsed_json(text, error("jsondecode() of no JSON"), budget)
    scalar = parsed_json(f"[{text}]", None, budget)
    return scalar[0] if scalar and len(scalar) == 1 else error("jsondecode() of no JSON")


def _encode_yaml(value: Any, *, budget: Budget) -> Any:
    budget.spend(20 * budget.measure(value))  # PyYAML takes some 50 microseconds a member
    return yaml.safe_dump(_plain(value), default_flow_style=False, sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Encoded):
        return _plain(value.value)
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


def _decode_yaml(text: str, *, budget: Budget) -> Any:
    budget.spend(len(text) // 5)
    try:
        value = plain(read_document(text.encode()).root)
    except UnreadableTemplate:
        return error("yamldecode() of no YAML")
    budget.measure(value)
    return value


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _encode_base64(text: str | bytes) -> str:
    return base64.b64encode(_bytes(text)).decode()


def _decode_base64(text: str) -> Any:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return error("base64decode() of no such text")


def _digest(name: str, text: str | bytes) -> str:
    return hashlib.new(name, _bytes(text), usedforsecurity=False).hexdigest()


def _digest_base64(name: str, text: str | bytes) -> str:
    digest = hashlib.new(name, _bytes(text), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def _subnet(prefix: str, bits: float, number: float) -> Any:
    try:
        network = ipaddress.ip_network(prefix)
        wanted = network.prefixlen + int(bits)
        if not network.prefixlen <= wanted <= network.max_prefixlen or number >= 2 ** int(bits):
            return error("cidrsubnet() beyond the network")
        first = int(network.network_address)
        address = first + (int(number) << (network.max_prefixlen - wanted))
        return f"{ipaddress.ip_address(address)}/{wanted}"
    except ValueError:
        return error("cidrsubnet() of no network")


TEXT_FUNCTIONS: Mapping[str, Function] = {
    "base64decode": Function(_decode_base64, "s"),
    "base64encode": Function(_encode_base64, "s"),
    "base64sha256": Function(partial(_digest_base64, "sha256"), "s"),
    "base64sha512": Function(partial(_digest_base64, "sha512"), "s"),
    "basename": Function(posixpath.basename, "s"),
    "chomp": Function(_chomp, "s"),
    "cidrsubnet": Function(_subnet, "snn"),
    "dirname": Function(posixpath.dirname, "s"),
    "endswith": Function(str.endswith, "ss"),
    "format": Function(_format, "sa*", required=1, takes_budget=True),
    "formatlist": Function(_format_list, "sa*", required=1, takes_budget=True),
    "indent": Function(_indent, "ns", takes_budget=True),
    "join": Function(_join, "sl*", takes_budget=True),
    "jsondecode": Function(_decode_json, "a", takes_budget=True),
    "jsonencode": Function(_encode_json, "a"),
    "lower": Function(str.lower, "s"),
    "md5": Function(partial(_digest, "md5"), "s"),
    "regex": Function(_regex, "ss", takes_budget=True),
    "regexall": Function(_regex_all, "ss", takes_budget=True),
    "replace": Function(_replace, "sss", takes_budget=True),
    "sha1": Function(partial(_digest, "sha1"), "s"),
    "sha256": Function(partial(_digest, "sha256"), "s"),
    "sha512": Function(partial(_digest, "sha512"), "s"),
    "split": Function(_split, "ss"),
    "startswith": Function(str.startswith, "ss"),
    "strcontains": Function(str.__contains__, "ss"),
    "strrev": Function(lambda text: text[::-1], "s"),
    "substr": Function(_substr, "snn"),
    "title": Function(_title, "s"),
    "trim": Function(str.strip, "ss"),
    "trimprefix": Function(_without_start, "ss"),
    "trimspace": Function(str.strip, "s"),
    "trimsuffix": Function(_without_end, "ss"),
    "upper": Function(str.upper, "s"),
    "urlencode": Function(quote_plus, "s"),
    "yamldecode": Function(_decode_yaml, "s", takes_budget=True),
    "yamlencode": Function(_encode_yaml, "k", takes_budget=True),
}
