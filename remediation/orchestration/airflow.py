"""The workflow as an Airflow DAG file. Its tasks call `plumbline workflow step`, and nothing else.

Airflow's own backoff doubles and has a jitter; the first wait, the longest and the number of attempts
are the description's. Source: https://airflow.apache.org/docs/apache-airflow/3.0.6/ (2026-11).
"""

import json
from datetime import timedelta
from typing import Any

from core.workflow import Step, Workflow

AIRFLOW = "3.0.6"
"""The version that the file is parsed with in our tests; see the target `make airflow`."""
_NO_END = 1_000_000
_LONGEST = timedelta(days=365)

_FILE = '''\
"""@SUMMARY@.

Written by `plumbline workflow export --to airflow` for apache-airflow==@AIRFLOW@ with the standard
operators that come with it. Do not edit it: edit the workflow and export it again.
"""

import json
import subprocess
from datetime import datetime, timedelta, timezone

from airflow.exceptions import AirflowException, AirflowFailException, AirflowSkipException
from airflow.providers.standard.operators.python import PythonOperator
from airflow.providers.standard.sensors.python import PythonSensor
from airflow.sdk import DAG, Param, PokeReturnValue

COMMAND = @COMMAND@
STARTS = @STARTS@
STEPS = @STEPS@
DONE, WAITING = 0, 75


def failed(name, ti):
    """Return the digest of the plan for which a step has failed; None when it has not."""
    began = ti.xcom_pull(task_ids=name, key="began")
    return None if ti.xcom_pull(task_ids=name) else began


def turn(name, params, ti):
    """Return the digest of the plan that a step is to be done for; None when it is not its turn."""
    for before in STEPS[name]["after"]:
        said = ti.xcom_pull(task_ids=before)
        if said and STEPS[before]["outcomes"][said["outcome"]] == name:
            return said["plan_digest"]
    for undone in STEPS[name]["undoes"]:
        if failed(undone, ti):
            return failed(undone, ti)
    return params["plan_digest"] if params["step"] == name else None


def do(name, params, ti):
    """Do a step when it is its turn; it is looked at again while it waits."""
    digest = turn(name, params, ti)
    if digest is None:
        raise AirflowSkipException("It is not the turn of this step")
    ti.xcom_push(key="began", value=digest)
    command = [*COMMAND, "workflow", "step", name, "--plan", digest]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode == WAITING:
        return PokeReturnValue(is_done=False)
    try:
        said = json.loads(ended.stdout)
    except ValueError:
        raise AirflowFailException(ended.stderr.strip() or "The step said nothing") from None
    if ended.returncode == DONE:
        return PokeReturnValue(is_done=True, xcom_value=said)
    raise (AirflowException if said["retry"] else AirflowFailException)(said["message"])


def judge(ti):
    """Fail the run when a step has failed."""
    if any(failed(name, ti) for name in STEPS):
        raise AirflowFailException("A step failed; the finding's thread says why")


with DAG(
    dag_id=@DAG_ID@,
    description=@DESCRIPTION@,
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    params={
        "plan_digest": Param(type="string", pattern="^[0-9a-f]{64}$"),
        "step": Param(STARTS[0], type="string", enum=STARTS),
    },
    tags=["plumbline"],
) as dag:
    tasks = {
        name: PythonSensor(
            task_id=name,
            python_callable=do,
            op_kwargs={"name": name},
            mode="reschedule",
            poke_interval=@LOOK_S@,
            timeout=step["timeout_s"],
            retries=step["retries"],
            retry_delay=timedelta(seconds=step["interval_s"]),
            retry_exponential_backoff=True,
            max_retry_delay=timedelta(seconds=step["longest_s"]),
            trigger_rule="all_done",
        )
        for name, step in STEPS.items()
    }
    judged = PythonOperator(task_id="judge", python_callable=judge, trigger_rule="all_done")
    for name, step in STEPS.items():
        for before in [*step["after"], *step["undoes"]]:
            tasks[before] >> tasks[name]
        tasks[name] >> judged
'''


def dag(workflow: Workflow, *, command: str, look_s: int) -> str:
    """Return the DAG file; `look_s` is how often a step that waits is looked at."""
    steps = {each.name: _step(workflow, each) for each in workflow.steps.values()}
    values = {
        "SUMMARY": workflow.summary,
        "AIRFLOW": AIRFLOW,
        "COMMAND": _literal([command]),
        "STARTS": _literal(list(workflow.starts)),
        "STEPS": _literal(steps),
        "DAG_ID": json.dumps(f"plumbline_{workflow.name}"),
        "DESCRIPTION": json.dumps(workflow.summary),
        "LOOK_S": str(look_s),
    }
    text = _FILE
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _step(workflow: Workflow, step: Step) -> dict[str, Any]:
    attempts = step.retry.attempts
    others = workflow.steps.values()
    return {
        "outcomes": {outcome.value: following for outcome, following in step.outcomes.items()},
        "after": [each.name for each in others if step.name in each.outcomes.values()],
        "undoes": [each.name for each in others if each.undo == step.name],
        "timeout_s": int((2 * step.patience if step.patience else _LONGEST).total_seconds()),
        "retries": _NO_END if attempts is None else attempts - 1,
        "interval_s": step.retry.interval_s,
        "longest_s": step.retry.longest_s,
    }


def _literal(value: Any) -> str:
    """Write a value that JSON and Python write alike: there is no null, true or false in it."""
    return json.dumps(value, indent=4, ensure_ascii=False)
