"""Where cfn-guard is looked for, and what is said where it cannot be had."""

from pathlib import Path

import pytest

from core.errors import PolicyError
from policies.guard import binary


def _program(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / binary.NAME
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "venv" / "bin" / "python"))


def test_the_variable_wins_over_the_path_over_python_over_the_cache(tmp_path: Path) -> None:
    assert binary.find({"PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}) is None
    environment = {"PATH": str(tmp_path / "path"), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    cached = _program(tmp_path / "cache" / "plumbline")
    assert binary.find(environment) == cached
    beside = _program(tmp_path / "venv" / "bin")
    assert binary.find(environment) == beside
    on_path = _program(tmp_path / "path")
    assert binary.find(environment) == on_path
    named = _program(tmp_path / "named")
    assert binary.find({**environment, binary.VARIABLE: str(named)}) == named


def test_a_variable_that_names_nothing_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=binary.VARIABLE):
        binary.find({binary.VARIABLE: str(tmp_path / "nothing")})


def test_installing_where_it_is_already_does_nothing(tmp_path: Path) -> None:
    beside = _program(tmp_path / "venv" / "bin")

    assert binary.install({}) == beside
    assert beside.read_text(encoding="utf-8") == "#!/bin/sh\n"


def test_a_platform_without_a_program_is_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.platform", "win32")

    with pytest.raises(PolicyError, match=r"no cfn-guard for win32"):
        binary.install({})


def test_the_lock_names_one_version_with_its_hash_and_no_address() -> None:
    lines = binary.LOCK.read_text(encoding="utf-8").splitlines()

    [requirement] = [line for line in lines if not line.startswith("#")]
    assert "==" in requirement
    assert "--hash=sha256:" in requirement
    assert "://" not in requirement
