"""Terraform on disk: which files belong to a tree that is checked."""

from collections.abc import Iterator
from pathlib import Path

SUFFIXES = (".tf", ".tf.json")
_SKIPPED_FOLDERS = frozenset({".git", ".venv", "node_modules", ".aws-sam", ".terraform", "cdk.out"})
_FILE_MAX_BYTES = 1024 * 1024  # what file() reads beside a module: policies, templates, definitions
_TREE_MAX_BYTES = 200 * 1024 * 1024


def is_terraform(path: Path) -> bool:
    """Whether a file is Terraform by its name."""
    return path.name.endswith(SUFFIXES)


def tree(given: Path) -> dict[str, bytes]:
    """Return the files of a Terraform tree by their paths below it; empty where there are none.

    A single file is a tree of its own. Beside Terraform's own files, what they may read belongs to
    it, up to a size; links that lead outside do not.
    """
    if given.is_file():
        return {given.name: given.read_bytes()} if is_terraform(given) else {}
    paths = list(_files(given))
    if not any(is_terraform(path) for path in paths):
        return {}
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(paths, key=lambda path: (not _is_own(path), path)):
        total += path.stat().st_size
        if _is_own(path) or total <= _TREE_MAX_BYTES:
            files[path.relative_to(given).as_posix()] = path.read_bytes()
    return files


def module_of(given: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the folder and the files that a fix may read: a file's neighbours belong to it."""
    if given.is_dir():
        return given, tuple(tree(given))
    beside = sorted(path for path in given.parent.iterdir() if path.is_file())
    small = [p for p in beside if _is_own(p) and p.stat().st_size <= _FILE_MAX_BYTES]
    return given.parent, tuple(path.name for path in small)


def _is_own(path: Path) -> bool:
    return is_terraform(path) or ".tfvars" in path.name


def _files(given: Path) -> Iterator[Path]:
    root = given.resolve()
    for path in sorted(given.rglob("*")):
        if _SKIPPED_FOLDERS.intersection(path.relative_to(given).parts) or not path.is_file():
            continue
        inside = not path.is_symlink() or path.resolve().is_relative_to(root)
        if inside and path.stat().st_size <= _FILE_MAX_BYTES:
            yield path
