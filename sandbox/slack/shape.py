"""Checkers for the shape of JSON values, with the sentences Slack uses to refuse them.

A checker is a function of a report, a value and the JSON pointer of the value; it adds to the
report what is wrong and returns nothing. The sentences are those of Slack's
`response_metadata.messages`, e.g. `must be less than 3001 characters [json-pointer:/blocks/0/text]`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(slots=True)
class Report:
    """What is wrong with a value, in order of discovery."""

    errors: list[str] = field(default_factory=list)

    def add(self, sentence: str, pointer: str) -> None:
        """Record one fault and where it lies."""
        self.errors.append(f"{sentence} [json-pointer:{pointer}]")


Checker = Callable[[Report, Any, str], None]


def string(*, most: int, least: int = 0) -> Checker:
    """Accept a string of `least` to `most` characters."""

    def check(report: Report, value: Any, pointer: str) -> None:
        if not isinstance(value, str):
            report.add("must provide a string", pointer)
        elif len(value) < least:
            report.add(f"must be more than {least - 1} characters", pointer)
        elif len(value) > most:
            report.add(f"must be less than {most + 1} characters", pointer)

    return check


def boolean(report: Report, value: Any, pointer: str) -> None:
    """Accept true or false."""
    if not isinstance(value, bool):
        report.add("must provide a boolean", pointer)


def integer(*, least: int, most: int) -> Checker:
    """Accept a whole number within bounds."""

    def check(report: Report, value: Any, pointer: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            report.add("must provide a number", pointer)
        elif not least <= value <= most:
            report.add(f"must be between {least} and {most}", pointer)

    return check


def one_of(*values: str) -> Checker:
    """Accept one of the given words."""

    def check(report: Report, value: Any, pointer: str) -> None:
        if value not in values:
            report.add(f"must be a valid enum value ({', '.join(values)})", pointer)

    return check


def _matches(pattern: re.Pattern[str], sentence: str) -> Checker:
    def check(report: Report, value: Any, pointer: str) -> None:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            report.add(sentence, pointer)

    return check


date = _matches(_DATE, "must be a valid date (YYYY-MM-DD)")
time = _matches(_TIME, "must be a valid time (HH:mm)")


def url(report: Report, value: Any, pointer: str) -> None:
    """Accept an http or https address of at most 3,000 characters."""
    string(most=3000, least=1)(report, value, pointer)
    if isinstance(value, str) and value and not re.match(r"https?://[^\s/]+", value):
        report.add("must be a valid URL", pointer)


def anything(report: Report, value: Any, pointer: str) -> None:
    """Accept whatever there is: Slack checks it elsewhere, or not at all."""


def items(checker: Checker, *, most: int, least: int = 1) -> Checker:
    """Accept a list of `least` to `most` values, each accepted by `checker`."""

    def check(report: Report, value: Any, pointer: str) -> None:
        if not isinstance(value, list):
            report.add("must provide an array", pointer)
            return
        if len(value) < least:
            report.add(f"no less than {least} items allowed", pointer)
        if len(value) > most:
            report.add(f"no more than {most} items allowed", pointer)
        for index, item in enumerate(value):
            checker(report, item, f"{pointer}/{index}")

    return check


def record(fields: Mapping[str, Checker], *, required: Sequence[str] = ()) -> Checker:
    """Accept an object with these fields and no others."""

    def check(report: Report, value: Any, pointer: str) -> None:
        if not isinstance(value, dict):
            report.add("must provide an object", pointer)
            return
        for name in required:
            if value.get(name) is None:
                report.add(f"missing required field: {name}", pointer)
        for name, item in value.items():
            if name not in fields:
                report.add(f"invalid additional property: {name}", pointer)
            elif item is not None:
                fields[name](report, item, f"{pointer}/{name}")

    return check


def typed(kinds: Mapping[str, Checker]) -> Checker:
    """Accept an object whose `type` chooses its checker."""

    def check(report: Report, value: Any, pointer: str) -> None:
        if not isinstance(value, dict):
            report.add("must provide an object", pointer)
        elif "type" not in value:
            report.add("missing required field: type", pointer)
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            report.add(f"unsupported type: {value['type']}", f"{pointer}/type")
        else:
            kinds[value["type"]](report, value, pointer)

    return check


def text(*kinds: str, most: int, least: int = 1) -> Checker:
    """Accept a text object of one of `kinds` (plain_text, mrkdwn).

    https://docs.slack.dev/reference/block-kit/composition-objects/text-object
    """

    def check(report: Report, value: Any, pointer: str) -> None:
        inner = Report()
        if isinstance(value, dict) and value.get("type") not in kinds:
            inner.add(f"must be of type {' or '.join(kinds)}", f"{pointer}/type")
        fields: dict[str, Checker] = {"type": anything, "text": string(most=most, least=least)}
        if isinstance(value, dict):
            fields["emoji" if value.get("type") == "plain_text" else "verbatim"] = boolean
        record(fields, required=("type", "text"))(inner, value, pointer)
        if inner.errors:
            report.add("failed to match all allowed schemas", pointer)
            report.errors += inner.errors

    return check


def plain(most: int, *, least: int = 1) -> Checker:
    """Accept a plain_text object."""
    return text("plain_text", most=most, least=least)


def formatted(most: int) -> Checker:
    """Accept a plain_text or mrkdwn object."""
    return text("plain_text", "mrkdwn", most=most)
