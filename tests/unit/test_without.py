"""Libraries that are left out of an import stay out of it alone."""

import importlib
import subprocess
import sys
from threading import Thread

import pytest

from core.without import without

NAME = "wave"  # of the standard library, and used by nothing here


@pytest.fixture(autouse=True)
def _not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, NAME, raising=False)


def test_a_library_is_absent_inside_and_there_again_afterwards() -> None:
    before = list(sys.meta_path)
    with without(NAME), pytest.raises(ImportError):
        importlib.import_module(NAME)

    assert importlib.import_module(NAME)
    assert sys.meta_path == before


def test_another_thread_imports_it_all_the_same() -> None:
    found = []
    with without(NAME):
        other = Thread(target=lambda: found.append(importlib.import_module(NAME).__name__))
        other.start()
        other.join()

    assert found == [NAME]


def test_scoring_loads_neither_pandas_nor_scikit_learn() -> None:
    code = (
        "import sys; from explain.model import shipped; shipped().booster; "
        "print({'pandas', 'sklearn', 'lightgbm'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "{'lightgbm'}\n"
