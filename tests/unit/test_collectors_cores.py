"""The threads of a scan share one core, and leave it when the scan is over."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from collectors import cores
from collectors.cores import on_one_core

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not Path("/proc/thread-self/stat").exists(),
    reason="only Linux with /proc says which core a thread runs on",
)


def cores_of_a_new_thread() -> set[int]:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(os.sched_getaffinity, 0).result()


def test_threads_started_inside_share_one_core() -> None:
    before = os.sched_getaffinity(0)
    with on_one_core():
        inside = os.sched_getaffinity(0)
        assert len(inside) == 1
        assert inside <= before
        assert cores_of_a_new_thread() == inside
    assert os.sched_getaffinity(0) == before
    assert cores_of_a_new_thread() == before


def test_an_error_inside_sets_the_thread_free() -> None:
    before = os.sched_getaffinity(0)
    with pytest.raises(ValueError, match="inside"), on_one_core():
        raise ValueError("inside")
    assert os.sched_getaffinity(0) == before


def test_where_the_core_is_not_known_nothing_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.sched_getaffinity(0)
    monkeypatch.setattr(cores, "_STAT", tmp_path / "absent")
    with on_one_core():
        assert os.sched_getaffinity(0) == before
    assert os.sched_getaffinity(0) == before
