"""One step at a time for an orchestrator outside: Airflow through the command line, others over HTTP."""

import os
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from app.log import logger
from app.world import World, utc_now
from core.errors import NotFound, PlumblineError, SettingsError
from core.workflow import REMEDIATION, Done

TOKEN_VARIABLE = "PLUMBLINE_STEP_TOKEN"  # noqa: S105  # the variable's name
_TOKEN_MIN = 32


class End(StrEnum):
    """How a call of a step ended."""

    DONE = "done"
    WAITING = "waiting"
    AGAIN = "again"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Called:
    """What a caller is told of the step."""

    end: End
    document: Mapping[str, Any]


_STATUS = {
    End.DONE: HTTPStatus.OK,
    End.WAITING: HTTPStatus.ACCEPTED,
    End.AGAIN: HTTPStatus.SERVICE_UNAVAILABLE,
    End.FAILED: HTTPStatus.UNPROCESSABLE_ENTITY,
}


def do(world: World, name: str, digest: str) -> Called:
    """Do a step, one at a time over all callers. A failure's sentence is kept for what puts it right."""
    from app.chat import open_chat
    from app.fixing import Fixing
    from app.steps import Steps, one_at_a_time

    chat = open_chat(world)
    steps = Steps(world, chat, Fixing(world, chat, clock=utc_now), clock=utc_now)
    payload = {"plan_digest": digest}
    try:
        world.store.plan(digest)
    except NotFound as error:
        said = {"error": NotFound.__name__, "message": str(error), "retry": False}
        return Called(End.FAILED, said)
    try:
        with one_at_a_time(world.home):
            result = steps.run(name, payload)
    except PlumblineError as error:
        steps.note_failure(payload, str(error))
        again = isinstance(error, REMEDIATION.steps[name].retry.errors)
        said = {"error": type(error).__name__, "message": str(error), "retry": again}
        return Called(End.AGAIN if again else End.FAILED, said)
    if isinstance(result, Done):
        said = {"outcome": result.outcome.value, "plan_digest": result.plan_digest}
        return Called(End.DONE, said)
    return Called(End.WAITING, {"outcome": "waiting", "until": result.until.isoformat()})


def step_token() -> str:
    """Return what callers over HTTP must hold. Raises: SettingsError."""
    token = os.environ.get(TOKEN_VARIABLE, "")
    if len(token) < _TOKEN_MIN:
        raise SettingsError(f"Set {TOKEN_VARIABLE} to a secret of {_TOKEN_MIN} characters or more.")
    return token


def serve(world: World, address: tuple[str, int], *, token: str) -> None:
    """Answer callers over HTTP until stopped."""
    from app.step_server import open_server

    with open_server(address, token=token, do=answerer(world)) as server:
        logger().info("steps_listening", host=address[0], port=server.server_address[1])
        server.serve_forever()


def answerer(world: World) -> Any:
    """Return what does a step and says with which status; a crash is a step to try again."""

    def answer(name: str, digest: str) -> tuple[Mapping[str, Any], HTTPStatus]:
        try:
            called = do(world, name, digest)
        except Exception:  # noqa: BLE001  # the server must outlive one step; the log has it
            logger().error("step_crashed", step=name, stack=traceback.format_exc())
            return {"error": "Crashed"}, HTTPStatus.SERVICE_UNAVAILABLE
        finally:
            world.store.close()  # the thread's own connection
        return called.document, _STATUS[called.end]

    return answer
