"""CISA's catalogue of known exploited vulnerabilities: where it lies, how old it is, how to get it."""

import os
from collections.abc import Callable
from datetime import date
from http.client import HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from core.errors import ThreatError

if TYPE_CHECKING:
    from email.message import Message

    from app.world import World
    from explain.threat.kev import Catalogue

URL = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json"
FILE_NAME = "kev.json"
_MOST_BYTES = 50_000_000  # 2025-08: 1.4 MB
_TIMEOUT_S = 60

Download = Callable[[str], str]


def place(world: "World") -> Path:
    """Return the file or directory that the catalogue is read from."""
    return world.settings.threat.kev or world.home / FILE_NAME


def catalogue(world: "World") -> "Catalogue | None":
    """Return the catalogue in use, None where none was named or fetched. Raises: ThreatError."""
    from explain.threat import kev

    path = place(world)
    if world.settings.threat.kev is None and not path.exists():
        return None
    return kev.load(path)


def stale(world: "World", *, today: date) -> str:
    """Say that the catalogue in use is old; empty where it is not, or where there is none."""
    known = catalogue(world)
    return known.stale(today) if known else ""


def fetch(world: "World", url: str, *, download: Download) -> "tuple[Catalogue, Catalogue | None]":
    """Put the catalogue at an address into the home; return it and the one that lay there.

    What is there stays where the new one is older or cannot be read. Raises: ThreatError.
    """
    from explain.threat import kev

    text = download(url)
    fresh, path = kev.parse(text), world.home / FILE_NAME
    before = kev.load(path) if path.exists() else None
    if before and fresh.dated < before.dated:
        raise ThreatError(
            f"The catalogue there is of {fresh.dated}, the one here of {before.dated}: it stays."
        )
    world.home.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{FILE_NAME}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
    return fresh, before


def download(url: str) -> str:
    """Return what lies at an address, over HTTPS only. Raises: ThreatError."""
    _require_https(url)
    request = Request(url, headers={"User-Agent": "plumbline"})  # noqa: S310  # HTTPS, as required above
    try:
        with build_opener(_HttpsOnly()).open(request, timeout=_TIMEOUT_S) as answer:
            content: bytes = answer.read(_MOST_BYTES + 1)
    except HTTPError as error:
        raise ThreatError(f"{url} answered {error.code}; nothing was changed.") from error
    except (OSError, HTTPException) as error:
        raise ThreatError(f"{url} cannot be reached: {error}; nothing was changed.") from error
    if len(content) > _MOST_BYTES:
        raise ThreatError(
            f"{url} holds more than {_MOST_BYTES // 1_000_000} MB; nothing was changed."
        )
    return content.decode("utf-8", errors="replace")


def _require_https(url: str) -> None:
    if urlsplit(url).scheme != "https":
        raise ThreatError(f"{url} is no https address; the catalogue is fetched over HTTPS only.")


class _HttpsOnly(HTTPRedirectHandler):
    """Follows no redirect that leaves HTTPS."""

    def redirect_request(  # noqa: PLR0913, PLR0917  # urllib's signature
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: "Message", newurl: str
    ) -> Request | None:
        _require_https(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]  # typeshed names a narrower type
