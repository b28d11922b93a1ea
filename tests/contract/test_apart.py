"""Work in a child process: an answer like this process's, or one reason why there is none."""

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app.apart import Limits, Refused, Stopped, run
from app.demo import simulated
from app.training import train_apart
from core.errors import ModelError, UsageError
from explain.model import shipped
from explain.prior import SEED
from explain.train import retrain
from explain.weight import USUAL

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ROOMY = Limits(timeout_s=120, memory_mb=1024)
HERE = "tests.contract.test_apart"


def hang(_request: Mapping[str, Any]) -> Mapping[str, Any]:
    time.sleep(600)
    return {}


def hoard(_request: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"size": len(bytearray(2 * 1024**3))}


def crash(_request: Mapping[str, Any]) -> Mapping[str, Any]:
    raise RuntimeError("the detail")


def die(_request: Mapping[str, Any]) -> Mapping[str, Any]:
    os.abort()


def refuse(_request: Mapping[str, Any]) -> Mapping[str, Any]:
    raise UsageError("Ask for something else.")


def chatter(request: Mapping[str, Any]) -> Mapping[str, Any]:
    print("a library that prints")
    return {"asked": request, "environment": sorted(os.environ)}


def test_the_answer_is_apart_from_what_is_printed_and_the_environment_stays_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-not-for-children")

    said = run(f"{HERE}:chatter", {"text": "ü", "number": 0.1}, limits=ROOMY)

    assert said["asked"] == {"text": "ü", "number": 0.1}
    assert "SLACK_BOT_TOKEN" not in said["environment"]


def test_work_without_end_is_killed() -> None:
    with pytest.raises(Stopped, match="took more than 5 s"):
        run(f"{HERE}:hang", {}, limits=Limits(timeout_s=5, memory_mb=1024))

    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_work_that_takes_too_much_memory_is_stopped() -> None:
    with pytest.raises(Stopped, match="needed more than 1024 MiB"):
        run(f"{HERE}:hoard", {}, limits=ROOMY)


def test_the_details_of_a_crash_are_for_the_log_alone() -> None:
    with pytest.raises(Stopped, match="ended with status 1") as caught:
        run(f"{HERE}:crash", {}, limits=ROOMY)

    assert "the detail" not in str(caught.value)
    assert "RuntimeError: the detail" in caught.value.last_words


def test_a_child_that_dies_of_a_signal_is_told() -> None:
    with pytest.raises(Stopped, match="ended with status -6"):
        run(f"{HERE}:die", {}, limits=ROOMY)


def test_a_sentence_for_the_user_comes_through() -> None:
    with pytest.raises(Refused, match="Ask for something else"):
        run(f"{HERE}:refuse", {}, limits=ROOMY)


def test_training_in_a_child_gives_what_training_here_gives() -> None:
    labels = simulated.labels(now=NOW)

    apart = train_apart(
        labels, base=shipped(), now=NOW, include_simulated=True, limits=ROOMY, say=USUAL, seed=SEED
    )

    here = retrain(labels, base=shipped(), now=NOW, include_simulated=True)
    # The child has one thread; where several add up the figures differ in the ninth digit.
    assert apart.card.metrics == pytest.approx(here.card.metrics, abs=1e-7)
    same_figures = replace(apart.card, metrics=here.card.metrics)
    assert replace(apart, card=same_figures, held_out=here.held_out) == here
    assert apart.held_out.candidate == pytest.approx(here.held_out.candidate, abs=1e-7)
    assert apart.promoted


@pytest.mark.parametrize(
    "limits", [Limits(timeout_s=0.2, memory_mb=1024), Limits(timeout_s=120, memory_mb=160)]
)
def test_training_that_passes_a_limit_is_one_sentence(limits: Limits) -> None:
    labels = simulated.labels(now=NOW)

    with pytest.raises(ModelError, match=r"^The risk model was not retrained, .*stays\.$"):
        train_apart(
            labels,
            base=shipped(),
            now=NOW,
            include_simulated=True,
            limits=limits,
            say=USUAL,
            seed=SEED,
        )
