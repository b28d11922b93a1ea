"""CISA's catalogue of known exploited vulnerabilities, and what of it concerns a Lambda runtime.

The catalogue names products, not versions, and AWS patches a runtime until it is deprecated. So of a
product only what came after that day counts: added to the catalogue since, and with an identifier of
that year or later. An older identifier is taken as fixed before, which counts too little rather
than too much. Layers and container images say nothing of what is in them, and are not judged.

Format: https://www.cisa.gov/known-exploited-vulnerabilities-catalog (CC0-1.0).
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from core.errors import ThreatError
from explain.sentence import listed

STALE_DAYS = 30
"""An older catalogue is told as stale: CISA adds to it every week."""

_NAMED = 3
_CVE = re.compile(r"CVE-(\d{4})-\d{4,}")


@dataclass(frozen=True, slots=True)
class Exploited:
    """One vulnerability that is known to be exploited, of one product in CISA's words."""

    cve: str
    vendor: str
    product: str
    added: date

    @property
    def year(self) -> int:
        """The year of its identifier, which is that of its discovery or shortly after."""
        return int(self.cve.split("-")[1])


@dataclass(frozen=True)
class Catalogue:
    """What CISA knew on a day."""

    dated: date
    entries: tuple[Exploited, ...]

    def since(self, runtime: str, *, patched_until: date, today: date) -> tuple[Exploited, ...]:
        """Return what concerns a runtime and came after its last patches, oldest first."""
        return tuple(
            each
            for each in self._concerning(runtime)
            if patched_until < each.added <= today and each.year >= patched_until.year
        )

    def _concerning(self, runtime: str) -> tuple[Exploited, ...]:
        family = next((name for name in SOFTWARE if runtime.startswith(name)), "")
        found = {*self._by_family[""], *self._by_family[family]}
        return tuple(sorted(found, key=lambda each: (each.added, each.cve)))

    @cached_property
    def _by_family(self) -> Mapping[str, tuple[Exploited, ...]]:
        return {
            family: tuple(
                each for each in self.entries if any(product.concerns(each) for product in products)
            )
            for family, products in {"": SYSTEM, **SOFTWARE}.items()
        }

    def words(self, found: Sequence[Exploited]) -> str:
        """Name vulnerabilities with their products, the newest three, and the catalogue's date."""
        named = [f"{e.cve} ({e.product})" for e in found[::-1][:_NAMED]]
        more = [f"{len(found) - _NAMED} more"] if len(found) > _NAMED else []
        return f"{listed([*named, *more])}, by CISA's catalogue of {self.dated}"

    def stale(self, today: date) -> str:
        """Say that the catalogue is old; empty while it is not."""
        age = (today - self.dated).days
        if age <= STALE_DAYS:
            return ""
        return (
            f"CISA's catalogue is of {self.dated}, {age} days old: what has been exploited since is "
            "missing. `plumbline threat fetch` gets the newest."
        )


@dataclass(frozen=True, slots=True)
class Product:
    """A product by the names that CISA gives its vendor and itself, in any case."""

    vendor: str
    product: str

    def concerns(self, entry: Exploited) -> bool:
        """Whether an entry is about this product."""
        return bool(
            re.fullmatch(self.vendor, entry.vendor, re.IGNORECASE)
            and re.fullmatch(self.product, entry.product, re.IGNORECASE)
        )


SYSTEM = (
    Product("GNU", r"GNU C Library.*|glibc"),
    Product("GNU", r"(GNU )?(Bourne-Again Shell.*|Bash)"),
    Product("OpenSSL.*", "OpenSSL"),
)
"""What every runtime brings with Amazon Linux. The kernel is the host's, which AWS goes on patching."""

SOFTWARE: Mapping[str, tuple[Product, ...]] = {
    "dotnet": (Product("Microsoft", r"(ASP)?\.NET(?! Framework)( Core)?( and .*)?"),),
    "java": (Product("Oracle|OpenJDK", r"(Java SE|Java Runtime Environment|JRE|JDK|OpenJDK).*"),),
    "nodejs": (Product(r"Node\.?js.*|OpenJS.*", r"Node\.?js"),),
    "python": (Product("Python.*", "C?Python"),),
    "ruby": (Product("Ruby.*", "Ruby"),),
}
"""By the beginning of a runtime's name. Go and custom runtimes bring their own in the function's code."""


def load(path: Path) -> Catalogue:
    """Read a catalogue, or the newest one of a directory. Raises: ThreatError naming the file."""
    if path.is_dir():
        found = [read(each) for each in sorted(path.glob("*.json"))]
        if not found:
            raise ThreatError(f"There is no catalogue (*.json) in {path}.")
        return max(found, key=lambda each: each.dated)
    return read(path)


def read(path: Path) -> Catalogue:
    """Read one file. Raises: ThreatError naming it."""
    try:
        return parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ThreatError(f"The catalogue {path} cannot be read.") from error
    except ThreatError as error:
        raise ThreatError(f"{path}: {error}") from error


def parse(text: str) -> Catalogue:
    """Read CISA's JSON. Raises: ThreatError saying what is not as CISA writes it."""
    try:
        document = json.loads(text)
        dated = datetime.fromisoformat(str(document["dateReleased"])).date()
        entries = tuple(map(_entry, document["vulnerabilities"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ThreatError(
            "This is not CISA's catalogue of known exploited vulnerabilities in JSON."
        ) from error
    return Catalogue(dated, entries)


def _entry(given: Mapping[str, Any]) -> Exploited:
    cve = str(given["cveID"])
    if not _CVE.fullmatch(cve):
        raise ValueError(cve)
    return Exploited(
        cve=cve,
        vendor=str(given["vendorProject"]).strip(),
        product=str(given["product"]).strip(),
        added=date.fromisoformat(given["dateAdded"]),
    )
