"""Who owns a file: CODEOWNERS as GitHub and as GitLab read it.

GitHub: https://docs.github.com/articles/about-code-owners (the last line that matches wins).
GitLab: https://docs.gitlab.com/user/project/codeowners/reference/ (so it does in each section).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from core.errors import NotFound

SIZE_MAX = 3_000_000  # GitHub ignores a file of 3 MB and more (2026-11)


class Dialect(StrEnum):
    """Whose reading of the file holds."""

    GITHUB = "github"
    GITLAB = "gitlab"


PLACES = {
    Dialect.GITHUB: (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    Dialect.GITLAB: ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
}
"""Where each forge looks, in its order; the first file that exists counts."""

_HEADING = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?(?P<owners>\s.*)?$")
_OWNER = re.compile(r"@@?[A-Za-z0-9_][\w./-]*|[^\s@]+@[^\s@]+")
_GAP = re.compile(r"(?<!\\)\s+")


@dataclass(slots=True)
class _Section:
    """Lines that are read together; `usual` own what a line without owners matches."""

    usual: tuple[str, ...] = ()
    rules: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)


def owners(
    read: Callable[[str], bytes], paths: Sequence[str], *, dialect: Dialect
) -> tuple[str, ...]:
    """Name the owners of files; nobody where there is no CODEOWNERS file.

    `read` returns a file's bytes or raises NotFound.
    """
    for place in PLACES[dialect]:
        try:
            data = read(place)
        except NotFound:
            continue
        if len(data) >= SIZE_MAX:
            return ()
        sections = tuple(_sections(data.decode("utf-8", "replace"), dialect))
        named = (name for path in paths for each in sections for name in _of(each, path, dialect))
        return tuple(dict.fromkeys(named))
    return ()


def _of(section: _Section, path: str, dialect: Dialect) -> tuple[str, ...]:
    if any(_matches(pattern, path, dialect) for pattern in section.excluded):
        return ()
    for pattern, named in reversed(section.rules):
        if _matches(pattern, path, dialect):
            return named
    return ()


def _sections(text: str, dialect: Dialect) -> Iterator[_Section]:
    """Read the file; GitLab joins sections of one name, and GitHub knows none."""
    sections = {"": _Section()}
    current = sections[""]
    for line in text.splitlines():
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        heading = _HEADING.match(said) if dialect is Dialect.GITLAB else None
        if heading:
            current = sections.setdefault(heading["name"].strip().lower(), _Section())
            current.usual = _owners(heading["owners"] or "") or current.usual
        else:
            _add(current, said, dialect)
    return iter(sections.values())


def _add(section: _Section, line: str, dialect: Dialect) -> None:
    pattern, *words = _GAP.split(line)
    if dialect is Dialect.GITLAB and pattern.startswith("!"):
        section.excluded.append(pattern[1:])
        return
    comment = next((n for n, word in enumerate(words) if word.startswith("#")), len(words))
    named = _owners(" ".join(words[:comment] if dialect is Dialect.GITHUB else words))
    usual = section.usual if dialect is Dialect.GITLAB else ()
    section.rules.append((pattern, named or usual))


def _owners(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split() if _OWNER.fullmatch(word))


def _matches(pattern: str, path: str, dialect: Dialect) -> bool:
    if dialect is Dialect.GITHUB and ("[" in pattern or pattern.startswith(("!", "\\#"))):
        return False  # gitignore has these, and GitHub says that CODEOWNERS does not
    names = path.split("/")
    reached = {0}
    for part in _parts(re.sub(r"\\([ #])", r"\1", pattern), dialect):
        if part == "**":
            reached = set(range(min(reached, default=len(names) + 1), len(names) + 1))
        else:
            reached = {n + 1 for n in reached if n < len(names) and fnmatchcase(names[n], part)}
    return len(names) in reached


def _parts(pattern: str, dialect: Dialect) -> tuple[str, ...]:
    """Split a pattern into names; "**" stands for any number of them, none included."""
    parts = tuple(each for each in pattern.split("/") if each)
    # In gitignore a slash anywhere but at the end ties a pattern to the root; GitLab wants it first.
    tied = pattern.startswith("/") or (dialect is Dialect.GITHUB and "/" in pattern.rstrip("/"))
    lead = () if tied else ("**",)
    if pattern.endswith("/"):
        return (*lead, *parts, "*", "**")
    if parts[-1:] == ("**",):
        return (*lead, *parts[:-1], "*", "**")
    # Without a slash GitHub owns what lies below a directory too, but docs/* stops at its files.
    below = dialect is Dialect.GITHUB and not (parts[-1:] == ("*",) and len(parts) > 1)
    return (*lead, *parts, "**") if below else (*lead, *parts)
