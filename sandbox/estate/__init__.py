"""The made-up company whose infrastructure the sandbox deploys, and what is planted in it."""

from dataclasses import dataclass
from importlib.resources import files

import yaml


@dataclass(frozen=True, slots=True)
class Planted:
    """One check on one declared resource, and why it holds or does not."""

    stack: str
    address: str
    type: str
    check: str
    why: str


@dataclass(frozen=True, slots=True)
class Expectations:
    """What a scan of the estate must report, must not report, and reports though people keep it."""

    planted: tuple[Planted, ...]
    look_alikes: tuple[Planted, ...]
    debatable: tuple[Planted, ...]


def expectations() -> Expectations:
    """Read what is planted in the estate."""
    found = yaml.safe_load(files("sandbox.estate").joinpath("planted.yaml").read_bytes())
    return Expectations(**{k: tuple(Planted(**entry) for entry in v) for k, v in found.items()})
