"""Many pieces of work in few children: every answer in its place, and one that fails alone."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app import crew
from app.apart import Limits, Stopped
from app.reading import Reading, Source, read_apart, read_here
from core.types import Gap

ROOMY = Limits(timeout_s=60, memory_mb=1024)
HERE = "tests.contract.test_crew"
KEY = b"k" * 32
BUCKET = """
Resources:
  {name}:
    Type: AWS::S3::Bucket # checkov:skip=CKV_AWS_18:no log is kept of logs
    Properties:
      BucketName: !Sub "${{AWS::StackName}}-ü"
      Tags: [{{Key: owner, Value: {name}}}]
"""
FUNCTION = """
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: a.b, CodeUri: src, Environment: {Variables: {A: b}}}
"""


def work(request: Mapping[str, Any]) -> Mapping[str, Any]:
    match request["do"]:
        case "hang":
            time.sleep(600)
        case "spin":
            while True:
                pass
        case "hoard":
            return {"size": len(bytearray(4 * 1024**3))}
        case "die":
            os.abort()
        case "crash":
            raise RuntimeError("the detail")
        case "print":
            print("a library that prints")
    return {"did": request["do"], "process": os.getpid(), "environment": sorted(os.environ)}


def _run(*done: str, workers: int = 2, limits: Limits = ROOMY) -> list[crew.Answer]:
    tasks = [crew.Task({"do": each}, limits) for each in done]
    return list(crew.run(f"{HERE}:work", tasks, workers=workers))


def _did(answers: list[crew.Answer]) -> list[str]:
    return [str(each) if isinstance(each, Stopped) else each["did"] for each in answers]


def test_answers_come_in_the_order_of_the_requests_from_few_processes() -> None:
    names = [str(n) for n in range(20)]

    answers = _run(*names, "print")

    assert _did(answers) == [*names, "print"]
    assert len({each["process"] for each in answers if not isinstance(each, Stopped)}) <= 2


def test_children_see_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-not-for-children")

    [answer] = _run("look")

    assert not isinstance(answer, Stopped)
    assert "SLACK_BOT_TOKEN" not in answer["environment"]


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("hang", "took more than 3 s"),
        ("spin", "took more than 3 s"),
        ("hoard", "needed more than 1024 MiB of memory"),
        ("die", "ended with status -6"),
        ("crash", "ended with status 1"),
    ],
)
def test_one_that_cannot_end_is_stopped_and_the_others_are_done(what: str, why: str) -> None:
    answers = _run("a", what, "b", "c", limits=Limits(timeout_s=3, memory_mb=1024))

    assert _did(answers) == ["a", why, "b", "c"]


def test_what_a_child_said_before_it_died_is_kept_for_the_log() -> None:
    [answer] = _run("crash")

    assert isinstance(answer, Stopped)
    assert "the detail" in answer.last_words


def _sources(tmp_path: Path) -> list[Source]:
    texts = {
        "a.yaml": BUCKET.format(name="A"),
        "b.yaml": "Resources: [unclosed",
        "c.yaml": FUNCTION,
        "d.yaml": BUCKET.format(name="D"),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "main.tf").write_text(
        'resource "aws_s3_bucket" "b" {\n  bucket = "logs"\n}\n', encoding="utf-8"
    )
    files = [Source(tmp_path / name, name, "") for name in texts]
    return [*files, Source(tmp_path, "tree", "", terraform=True)]


def test_templates_are_read_apart_as_they_are_read_here(tmp_path: Path) -> None:
    sources = _sources(tmp_path)

    apart = list(read_apart(sources, secret_key=KEY))

    assert apart == list(read_here(sources, secret_key=KEY))
    assert [len(each.gaps) for each in apart] == [0, 1, 0, 0, 0]
    assert [len(each.groups) for each in apart] == [1, 0, 1, 1, 1]
    assert [each.skips[0].check for each in apart[0].left_out] == ["CKV_AWS_18"]


def test_a_template_that_never_ends_is_one_gap(tmp_path: Path) -> None:
    sources = _sources(tmp_path)
    os.mkfifo(tmp_path / "e.yaml")  # reading it waits for a writer that never comes
    sources.insert(1, Source(tmp_path / "e.yaml", "e.yaml", ""))

    readings = list(read_apart(sources, secret_key=KEY, limits=Limits(timeout_s=5, memory_mb=1024)))

    detail = "e.yaml: Reading it took more than 5 s, so it was stopped."
    assert readings[1] == Reading(gaps=(Gap("template", "failed", detail, resource_uid="e.yaml"),))
    assert [len(each.groups) for each in readings] == [1, 0, 0, 1, 1, 1]
