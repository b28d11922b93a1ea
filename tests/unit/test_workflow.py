"""The description of the workflow, and what is generated from it."""

import ast
import copy
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from graphlib import TopologicalSorter
from http import HTTPStatus
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from app.cli.main import main
from app.step_server import open_server
from core.errors import BranchMoved, Declined, ForgeError
from core.workflow import BRIEFLY, PATIENTLY, REMEDIATION, Outcome
from remediation.orchestration import airflow, logic_apps
from remediation.orchestration import states_language as asl
from tests.workflow_definition import problems

QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/plumbline-remediation-steps"
ARN = "arn:aws:states:eu-west-1:111122223333:stateMachine:plumbline-remediation"
TOKEN = "t" * 32


def test_every_step_leads_on_to_a_step_or_to_the_end_and_is_reached() -> None:
    steps = REMEDIATION.steps
    named = {name for each in steps.values() for name in (*each.outcomes.values(), each.undo)}

    assert named - {""} <= set(steps)
    assert set(steps) == {*REMEDIATION.starts, *(named - {""})}
    assert all(each.undo for each in steps.values() if each.name not in REMEDIATION.undoing)
    assert {outcome for each in steps.values() for outcome in each.outcomes} == set(Outcome)


def test_a_step_is_tried_again_after_named_errors_only_and_not_for_ever() -> None:
    error = ForgeError("away")
    assert [BRIEFLY.again(error, n) for n in (1, 4, 5)] == [True, True, False]
    assert PATIENTLY.again(error, 5000)
    assert not PATIENTLY.again(Declined("no"), 1)
    assert BRIEFLY.name(BranchMoved("moved")) == "ForgeError"
    assert BRIEFLY.name(Declined("no")) == "Declined"
    waits = [BRIEFLY.wait(n) for n in (1, 2, 3, 4, 5000)]
    assert waits == [timedelta(seconds=s) for s in (15, 45, 135, 300, 300)]


def test_the_state_machine_names_only_states_it_has_and_all_are_reached() -> None:
    machine = asl.definition(REMEDIATION, queue_url=QUEUE)
    states = machine["States"]
    next_of = {name: set(_named(state)) for name, state in states.items()}

    assert set().union(*next_of.values()) <= set(states)
    reached, new = {machine["StartAt"]}, {machine["StartAt"]}
    while new:
        new = set().union(*(next_of[name] for name in new)) - reached
        reached |= new
    assert reached == set(states)
    assert all(len(name) <= 80 for name in states)


def test_the_state_machine_tries_again_and_catches_as_the_description_says() -> None:
    states = asl.definition(REMEDIATION, queue_url=QUEUE)["States"]
    for step in REMEDIATION.steps.values():
        state = states[step.name]
        retry = state["Retry"][0]
        assert retry["ErrorEquals"] == [each.__name__ for each in step.retry.errors]
        assert retry["MaxAttempts"] == (step.retry.attempts or 100_000_000) - 1
        caught = [each["Next"] for each in state.get("Catch", [])]
        assert caught == ([step.undo] if step.undo else [])
        assert state["HeartbeatSeconds"] > 600


def test_the_roles_may_do_what_is_needed_on_the_two_resources_only() -> None:
    queue = "arn:aws:sqs:eu-west-1:111122223333:plumbline-remediation-steps"
    policies = (
        asl.machine_policy(queue_arn=queue),
        asl.worker_policy(queue_arn=queue, machine_arn=ARN),
    )
    for policy in policies:
        for statement in policy["Statement"]:
            assert "*" not in "".join(statement["Action"])
            assert "plumbline-remediation" in statement["Resource"]
    trust = asl.machine_trust(account="111122223333", machine_arn=ARN)["Statement"][0]
    assert trust["Condition"]["ArnLike"] == {"aws:SourceArn": ARN}


def test_the_logic_apps_definition_is_what_microsoft_documents() -> None:
    definition = logic_apps.definition(REMEDIATION)

    assert problems(definition) == []
    assert definition["parameters"]["stepToken"]["type"] == "SecureString"
    cases = definition["actions"]["steps"]["actions"]["do"]["cases"]
    assert set(cases) == set(REMEDIATION.steps)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("$schema",), "https://example.com", "$schema"),
        (("actions", "plan", "runAfter"), {"nobody": ["Succeeded"]}, "runs after nobody"),
        (("actions", "steps", "limit"), {"count": 9999}, "no limit"),
        (("actions", "steps", "actions", "stop"), {"type": "Terminate", "inputs": {"runStatus": "Failed"}}, "in a loop"),
        (("parameters",), {}, "unknown"),
    ],
)  # fmt: skip
def test_the_check_of_logic_apps_definitions_sees_what_is_wrong(
    path: tuple[str, ...], value: Any, said: str
) -> None:
    definition = copy.deepcopy(logic_apps.definition(REMEDIATION))
    place = definition
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value

    assert any(said in each for each in problems(definition))


def test_the_dag_is_the_same_each_time_and_calls_nothing_but_the_steps() -> None:
    text = airflow.dag(REMEDIATION, command="plumbline", look_s=30)

    assert text == airflow.dag(REMEDIATION, command="plumbline", look_s=30)
    tree = ast.parse(text)
    assert not re.search(r"@[A-Z_]+@", text)
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
    assert sum(ast.unparse(each.func) == "subprocess.run" for each in calls) == 1
    values = {
        ast.unparse(each.targets[0]): ast.literal_eval(each.value)
        for each in tree.body
        if isinstance(each, ast.Assign)
    }
    assert set(values["STEPS"]) == set(REMEDIATION.steps)
    assert values["STEPS"]["follow"]["after"] == ["execute", "revert"]
    assert values["STEPS"]["give_up"]["undoes"] == ["execute"]


@pytest.mark.parametrize(
    ("first", "answers", "called", "failed"),
    [
        ("approval", {}, ["approval", "execute", "follow", "verify"], False),
        ("approval", {"approval": "withdrawn"}, ["approval"], False),
        ("revert", {"revert": "applied"}, ["revert", "verify"], False),
        ("approval", {"execute": ""}, ["approval", "execute", "give_up"], True),
        ("revert", {"revert": ""}, ["revert", "keep"], True),
        ("follow", {"follow": ""}, ["follow", "report"], True),
        ("verify", {}, ["verify"], False),
    ],
)
def test_the_dag_does_the_steps_whose_turn_it_is(
    first: str, answers: dict[str, str], called: list[str], failed: bool
) -> None:
    usual = {"approval": "approved", "execute": "proposed", "follow": "merged", "verify": "verified",
             "revert": "proposed", "give_up": "put_back", "keep": "put_back", "report": "put_back"}  # fmt: skip
    told = {**usual, **answers}

    seen, has_failed = dag_run(first, lambda step: told[step])

    assert (seen, has_failed) == (called, failed)


def dag_run(first: str, answer: Callable[[str], str]) -> tuple[list[str], bool]:
    """Run the DAG file's functions as Airflow does under `all_done`; an empty answer is a failure."""
    text = airflow.dag(REMEDIATION, command="plumbline", look_s=30)
    names = ast.parse(text)
    names.body = [each for each in names.body if isinstance(each, ast.FunctionDef | ast.Assign)]
    seen: list[str] = []

    def run(command: list[str], **_: Any) -> Any:
        seen.append(command[3])
        outcome = answer(command[3])
        said = (
            {"outcome": outcome, "plan_digest": "d"} if outcome else {"retry": False, "message": ""}
        )
        return SimpleNamespace(returncode=0 if outcome else 1, stdout=json.dumps(said), stderr="")

    scope: dict[str, Any] = {
        "json": json,
        "subprocess": SimpleNamespace(run=run),
        "AirflowSkipException": type("Skip", (Exception,), {}),
        "AirflowFailException": type("Fail", (Exception,), {}),
        "PokeReturnValue": SimpleNamespace,
    }
    exec(compile(names, "dag", "exec"), scope)  # noqa: S102  # our own file
    order = TopologicalSorter(
        {name: [*step["after"], *step["undoes"]] for name, step in scope["STEPS"].items()}
    )
    said: dict[tuple[str, str], Any] = {}
    for name in order.static_order():
        ti = SimpleNamespace(
            xcom_pull=lambda task_ids, key="return_value": said.get((task_ids, key)),
            xcom_push=lambda key, value, name=name: said.__setitem__((name, key), value),
        )
        with suppress(scope["AirflowSkipException"], scope["AirflowFailException"]):
            found = scope["do"](name, {"plan_digest": "d", "step": first}, ti)
            said[name, "return_value"] = found.xcom_value
    try:
        scope["judge"](ti)
    except scope["AirflowFailException"]:
        return seen, True
    return seen, False


def test_airflow_itself_parses_the_dag(tmp_path: Path) -> None:
    python = os.environ.get("PLUMBLINE_AIRFLOW", "")
    if not python:
        pytest.skip("make airflow builds an environment with Airflow and runs this")
    (tmp_path / "dag.py").write_text(airflow.dag(REMEDIATION, command="plumbline", look_s=30))
    code = (
        "import json, sys; from airflow.models.dagbag import DagBag\n"
        "bag = DagBag(dag_folder=sys.argv[1], include_examples=False)\n"
        "(dag,) = bag.dags.values()\n"
        "print('\\n' + json.dumps([bag.import_errors, sorted(dag.task_ids)]))\n"
    )
    ended = subprocess.run(
        [python, "-c", code, str(tmp_path)],
        env={**os.environ, "AIRFLOW_HOME": str(tmp_path / "home")},
        check=False, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    errors, tasks = json.loads(ended.stdout.splitlines()[-1])
    assert errors == {}
    assert set(REMEDIATION.steps) < set(tasks)


@pytest.mark.parametrize("target", ["airflow", "logicapps"])
def test_an_export_needs_no_account_and_goes_to_a_file(tmp_path: Path, target: str) -> None:
    out = tmp_path / "out"
    command = ["--home", str(tmp_path), "workflow", "export", "--to", target, "--output", str(out)]

    assert CliRunner().invoke(main, command).exit_code == 0
    assert "plan_digest" in out.read_text()


def test_show_lists_every_step(tmp_path: Path) -> None:
    shown = CliRunner().invoke(
        main, ["--home", str(tmp_path), "workflow", "show", "--format", "json"]
    )

    assert [each["name"] for each in json.loads(shown.output)["steps"]] == list(REMEDIATION.steps)


def test_steps_are_called_from_outside_only_where_the_settings_say_so(tmp_path: Path) -> None:
    command = ["--home", str(tmp_path), "workflow", "step", "execute", "--plan", "d" * 64]
    ended = CliRunner().invoke(main, command)

    assert ended.exit_code == 2
    assert 'workflow.executor = "outside"' in ended.output


@pytest.fixture
def server() -> Iterator[str]:
    def do(step: str, digest: str) -> tuple[dict[str, str], HTTPStatus]:
        return {"step": step, "plan": digest}, HTTPStatus.ACCEPTED

    with open_server(("127.0.0.1", 0), token=TOKEN, do=do) as opened:
        thread = Thread(target=opened.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{opened.server_address[1]}"
        opened.shutdown()
        thread.join()


def _post(url: str, body: bytes, token: str = TOKEN) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        with urlopen(Request(url, body, headers), timeout=10) as answer:  # noqa: S310  # loopback
            return answer.status, json.loads(answer.read())
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_a_step_over_http_is_done_for_who_holds_the_token(server: str) -> None:
    body = json.dumps({"plan_digest": "d"}).encode()

    assert _post(f"{server}/follow", body) == (202, {"step": "follow", "plan": "d"})
    assert _post(f"{server}/follow", body, token="wrong")[0] == 401
    for path, text in (("rm", body), ("follow", b"{"), ("follow", b"[]"), ("follow", b"x" * 5000)):
        assert _post(f"{server}/{path}", text)[0] == 404


def _named(state: dict[str, Any]) -> Iterator[str]:
    for key in ("Next", "Default"):
        if key in state:
            yield state[key]
    for each in (*state.get("Choices", ()), *state.get("Catch", ())):
        yield each["Next"]
