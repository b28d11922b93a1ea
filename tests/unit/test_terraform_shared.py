"""The Terraform reader on real files, where they lie; a development score."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from templates.terraform.configuration import Sources, root_modules
from templates.terraform.model import Block
from templates.terraform.read import read_module

pytestmark = pytest.mark.shared


def every_block(files: dict[str, bytes]) -> Iterator[Block]:
    sources = Sources(files)
    for directory in root_modules(sources):
        yield from read_module(sources, directory=directory, secret_key=b"k").blocks


def test_every_real_file_is_read_and_its_parts_stand_on_their_bytes(shared_data: Path) -> None:
    root = shared_data / "templates"
    files = {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*.tf")}

    found = list(every_block(files))
    assert len(files) == 111
    assert len({b.address for b in found}) > 300
    for block in found:
        content = files[block.span.file]
        keyword = b"data" if block.mode == "data" else b"resource"
        assert content[block.span.start_byte : block.span.end_byte].startswith(keyword)
        for path, span in block.spans.items():
            name = next(p for p in reversed(path.split(".")) if not p.isdigit())
            written = content[span.start_byte : span.end_byte].decode()
            assert written.startswith((name, "dynamic"))
        json.dumps(_plain(block.attributes))


def test_every_snippet_is_read(shared_data: Path) -> None:
    lines = (shared_data / "policy_cases" / "snippet_cases.jsonl").read_text().splitlines()
    snippets = [s for s in map(json.loads, lines) if s["language"] == "terraform"]

    assert len(snippets) == 161
    for snippet in snippets:
        assert list(every_block({"main.tf": snippet["text"].encode()}))


def _plain(value: Any) -> Any:
    """Refuse whatever is not plain: the values of evaluation must not leave it."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    assert value is None or isinstance(value, str | int | float | bool)
    return value
