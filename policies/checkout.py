"""Names the version of a directory of policies: a Git commit, or a digest of its content."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.identity import sha256

_DIGITS = 12
_GIT_S = 30


def content_digest(texts: Mapping[str, str]) -> str:
    """Return `sha256:` and 12 digits over names and contents, the same wherever they are kept."""
    listing = "\n".join(
        f"{name.replace(chr(92), '/')} {sha256(texts[name])}" for name in sorted(texts)
    )
    return f"sha256:{sha256(listing)[:_DIGITS]}"


def commit_of(root: Path, files: Sequence[Path]) -> str:
    """Return the commit checked out at a directory, `-dirty` when its files differ from it.

    Outside Git it is the digest of the files' content.
    """
    head = _git(root, "rev-parse", "HEAD")
    if head is None:
        return content_digest(
            {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in files}
        )
    changes = _git(root, "status", "--porcelain", "--ignored", "--", *map(str, files))
    return f"{head}-dirty" if changes or changes is None else head


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            timeout=_GIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
