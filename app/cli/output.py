"""Print records: a table for people, one JSON object for programs."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from core.types import Card, Severity

format_option = click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table for people, or one JSON object.",
)

FINDING_FORMATS = ("table", "json", "ocsf", "asff", "sarif")


def finding_format_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --format and --output for findings."""
    function = click.option(
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write to this file instead of standard output.",
    )(function)
    return click.option(
        "--format",
        "output_format",
        type=click.Choice(FINDING_FORMATS),
        default="table",
        show_default=True,
        help="Table, JSON, OCSF, AWS Security Finding Format or SARIF.",
    )(function)


def fail_on_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --fail-on."""
    return click.option(
        "--fail-on",
        type=click.Choice([each.value for each in reversed(Severity)]),
        default=Severity.INFO.value,
        show_default=True,
        help="Exit with 1 only for open findings at least this severe.",
    )(function)


def write_json(document: Any, output: Path | None = None) -> None:
    """Print or write one JSON document, each record of its lists on a line of its own.

    A list may be any iterable: what it yields is written before the next is made.
    """
    pieces = _object(document) if isinstance(document, Mapping) else _list(document, indent="")
    if output is None:
        for piece in pieces:
            click.echo(piece, nl=False)
        click.echo()
        return
    with output.open("w", encoding="utf-8") as file:
        file.writelines(pieces)
        file.write("\n")


def _object(document: Mapping[str, Any]) -> Iterator[str]:
    mark = "{"
    for key, value in document.items():
        yield f"{mark}\n  {_encoded(key)}: "
        many = isinstance(value, Iterable) and not isinstance(value, str | Mapping)
        yield from _list(value, indent="  ") if many else (_encoded(value),)
        mark = ","
    yield "{}" if mark == "{" else "\n}"


def _list(records: Iterable[Any], *, indent: str) -> Iterator[str]:
    mark = "["
    for record in records:
        yield f"{mark}\n{indent}  {_encoded(record)}"
        mark = ","
    yield "[]" if mark == "[" else f"\n{indent}]"


# Without `indent`, which would switch the encoder that is written in C off.
_encoded = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], output: Path | None = None
) -> None:
    """Print rows as a table; outside text is printed as it is, never as markup."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    wide = None if sys.stdout.isatty() else 200
    if output is None:
        Console(width=wide, highlight=False).print(made)
        return
    with output.open("w", encoding="utf-8") as file:
        Console(file=file, width=200, highlight=False).print(made)


def finding_rows(cards: Sequence[Card]) -> list[list[str]]:
    """Return the cells of a findings table."""
    return [
        [
            card.finding.uid[:8],
            f"{card.assessment.risk:.0f}" if card.assessment else "-",
            card.finding.severity.value,
            card.finding.status.value,
            _place(card),
            card.finding.check_id,
            card.finding.evidence.message or card.finding.title,
        ]
        for card in cards
    ]


FINDING_COLUMNS = ("finding", "risk", "severity", "status", "resource", "check", "what")


def _place(card: Card) -> str:
    span = card.finding.source
    return f"{span.file}:{span.start_line} {span.address}" if span else card.finding.resource_name


def is_failure(card: Card, fail_on: str) -> bool:
    """Whether an open finding is at least as severe as asked."""
    return card.finding.status.value == "open" and (
        card.finding.severity.rank >= Severity(fail_on).rank
    )
