"""Bulk work runs without the search for garbage, and switches it on again."""

import gc
import threading

import pytest

from core.garbage import collection_paused


def test_paused_inside_and_on_again_after() -> None:
    with collection_paused():
        assert not gc.isenabled()
        with collection_paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_inside_switches_it_on_again() -> None:
    with pytest.raises(ValueError, match="inside"), collection_paused():
        raise ValueError("inside")
    assert gc.isenabled()


def test_the_last_of_several_threads_switches_it_on() -> None:
    entered, leave = threading.Event(), threading.Event()

    def work() -> None:
        with collection_paused():
            entered.set()
            leave.wait()

    thread = threading.Thread(target=work)
    thread.start()
    entered.wait()
    with collection_paused():
        pass
    assert not gc.isenabled()
    leave.set()
    thread.join()
    assert gc.isenabled()


def test_who_works_without_it_keeps_working_without_it() -> None:
    gc.disable()
    try:
        with collection_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
