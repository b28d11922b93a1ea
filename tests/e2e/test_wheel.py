"""The wheel holds all that the program needs: policies, models, prices, pages, the estate."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("wheel")  # one set-up for the whole file

ROOT = Path(__file__).parents[2]


def run(*command: str, cwd: Path) -> str:
    """Run a command outside the repository and return what it printed."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= {"HOME": str(cwd), "PLUMBLINE_HOME": str(cwd / "home")}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Install the wheel into an environment of its own.

    Its dependencies are those that this environment has from the lock file: they are on its path,
    while our own packages can only come from the wheel (nested .pth files, by which an editable
    install works, are not read).
    """
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    wheel = next(folder.glob("*.whl"))
    environment = folder / "environment"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    run(
        str(python), "-m", "pip", "install", "-q", "--no-deps", "--no-index", str(wheel), cwd=folder
    )
    site = run(
        str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder
    )
    dependencies = Path(site.strip()) / "dependencies.pth"
    dependencies.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return environment / "bin" / "plumbline", folder


def test_the_wheel_lists_its_policies(installed: tuple[Path, Path]) -> None:
    program, folder = installed

    printed = run(str(program), "policy", "list", "--format", "json", cwd=folder)

    assert '"check_id": "PL-LAMBDA-001"' in printed


@pytest.mark.slow
def test_the_wheel_plays_the_whole_loop(installed: tuple[Path, Path]) -> None:
    program, folder = installed

    printed = run(str(program), "demo", "--once", cwd=folder)

    assert "steps held." in printed
