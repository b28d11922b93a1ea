"""Make foreign text safe to stand in a commit, a trailer, a branch name or a diff.

Names, tags, reasons and templates are written by others. Nothing of them may become a shell word,
an option, a path, a second trailer or a line of its own.
"""

import re
from collections.abc import Mapping

from core import secret
from core.errors import ForgeError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_TRAILER_KEY = re.compile(r"[A-Z][A-Za-z]*(?:-[A-Za-z]+)*")
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_PAIR = re.compile(r"""(['"]?)([\w.-]+)\1\s*[:=]\s*(['"]?)([^'"\s,]+)\3""")
_COMPUTED = "!{[|>&*#$"  # an intrinsic, a block, an alias: not a value written here
_WORD = re.compile(r"[^\s'\",{}\[\]]+")
_PEM_BEGIN = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_PEM_END = re.compile(r"-----END [A-Z ]*PRIVATE KEY-----")


def one_line(text: str, *, limit: int = 200) -> str:
    """Fold a text to one line without control or bidirectional characters, cut to `limit`."""
    folded = " ".join(_CONTROL.sub(" ", text).split())
    return folded if len(folded) <= limit else folded[: limit - 1] + "…"


def message(subject: str, body: str, trailers: Mapping[str, str]) -> str:
    """Return a commit message whose last paragraph holds exactly these trailers."""
    for key in trailers:
        if not _TRAILER_KEY.fullmatch(key):
            raise ForgeError(f"A trailer may not be called {one_line(key, limit=40)!r}")
    paragraphs = [one_line(subject, limit=72), "\n".join(_body_line(x) for x in body.splitlines())]
    paragraphs.append("\n".join(f"{k}: {one_line(v) or 'none'}" for k, v in trailers.items()))
    return "\n\n".join(p for p in paragraphs if p.strip()) + "\n"


def _body_line(line: str) -> str:
    # `---` starts the part of a message that `git interpret-trailers` takes for a patch, and a
    # line that looks like a trailer could be read as one: neither may stand at a line's start.
    safe = one_line(line, limit=400)
    return f"| {safe}" if re.match(r"-{3}|[A-Za-z][A-Za-z-]*\s*:|#", safe) else safe


def trailers(text: str) -> dict[str, str]:
    """Read the trailers of a commit message: `Key: value` lines of its last paragraph."""
    last = text.rstrip("\n").rsplit("\n\n", 1)[-1]
    pairs = (line.split(": ", 1) for line in last.splitlines() if ": " in line)
    return {key: value for key, value in pairs if _TRAILER_KEY.fullmatch(key)}


def check_branch(branch: str) -> str:
    """Return the branch name if Git would take it and it cannot be read as an option or a range.

    Raises: ForgeError.
    """
    if not _BRANCH.fullmatch(branch) or ".." in branch or branch.endswith((".", ".lock")):
        raise ForgeError(f"{one_line(branch, limit=60)!r} cannot be the name of a branch")
    return branch


def check_commit(commit: str) -> str:
    """Return the commit id if it is one in full. Raises: ForgeError."""
    if not _COMMIT.fullmatch(commit):
        raise ForgeError(f"{one_line(commit, limit=60)!r} is not the id of a commit")
    return commit


def check_path(path: str) -> str:
    """Return the path if it stays inside the repository. Raises: ForgeError."""
    parts = path.split("/")
    if not path or _CONTROL.search(path) or any(p in {"", ".", ".."} for p in parts):
        raise ForgeError(f"{one_line(path, limit=80)!r} is not a path inside the repository")
    if any(p.lower() == ".git" for p in parts):
        raise ForgeError("A path inside .git cannot be read or written")
    return path


def branch_part(text: str) -> str:
    """Turn a check id into something that can stand in a branch name."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:60] or "check"


def redact(diff: str, *, key: bytes) -> str:
    """Replace every value in a diff that looks like a secret by its keyed fingerprint.

    Only what is shown changes; the edits themselves do not pass through here.
    """
    lines: list[str] = []
    inside_key = False
    for line in diff.split("\n"):
        if _PEM_BEGIN.search(line):
            inside_key = True
        lines.append(line[:1] + _redact_line(line[1:], key=key, inside_key=inside_key))
        if _PEM_END.search(line):
            inside_key = False
    return "\n".join(lines)


def _redact_line(line: str, *, key: bytes, inside_key: bool) -> str:
    if inside_key:
        return secret.redact("private_key", "-----BEGIN PRIVATE KEY-----" + line, key)

    def pair(match: re.Match[str]) -> str:
        name, value = match[2], match[4]
        if value[0] in _COMPUTED or secret.classify(name, value) == secret.PLAIN:
            return match[0]
        start, end = match.start(4) - match.start(), match.end(4) - match.start()
        return match[0][:start] + secret.redact(name, value, key) + match[0][end:]

    def word(match: re.Match[str]) -> str:
        # Long names of managed policies look random too: entropy alone says nothing of a bare word.
        if secret.classify("", match[0]) in {secret.PLAIN, "high_entropy"}:
            return match[0]
        return secret.redact("", match[0], key)

    return _WORD.sub(word, _PAIR.sub(pair, line))
