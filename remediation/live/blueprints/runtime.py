"""Runtimes of functions: moved on, for a tenth of the calls first."""

import re
from typing import Any

from core.errors import Declined
from core.gate import Tier
from core.types import LiveCall
from remediation.live.blueprint import Answer, Aspect, LiveTarget, live_apart
from remediation.live.shift import ALIAS, VERSION, function_name, shift

SUCCESSORS = {"python3": "python3.12", "nodejs": "nodejs22.x", "ruby": "ruby3.4"}
"""By language, the runtime that is nearest and lasts longest; a test holds it against the dates of
docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html. What is compiled for one runtime
(.NET, Java, Go) must be built again, and Python 2 written again."""


def _runtime(answer: Answer, _key: str) -> Any:
    if answer.get("LastUpdateStatus", "Successful") != "Successful":
        return "not updated yet"
    return answer.get("Runtime")


RUNTIME = Aspect(
    "function runtime",
    read="lambda:GetFunctionConfiguration",
    writes=("lambda:UpdateFunctionConfiguration",),
    ask=lambda resource, _: {"FunctionName": function_name(resource)},
    state=_runtime,
    write=lambda resource, _, state: LiveCall(
        "lambda:UpdateFunctionConfiguration",
        {"FunctionName": function_name(resource), "Runtime": state},
    ),
)


def successor(runtime: str) -> str:
    """Return the runtime that a function can be moved to as it is; empty where there is none."""
    language = re.match(r"python3|nodejs|ruby", runtime)
    return SUCCESSORS[language.group()] if language else ""


@live_apart(
    "PL-LAMBDA-008",
    RUNTIME,
    VERSION,
    ALIAS,
    summary="Move the function to a supported runtime, first for a tenth of its alias's calls",
    tier=Tier.NETWORK,
    may_break=(
        "Code that the newer runtime does not run: a tenth of the alias's calls shows it",
        "Callers of the function without its alias get the newer runtime at once",
        "The published version is kept after Revert; nothing calls it then",
    ),
)
def runtime(target: LiveTarget) -> None:
    """What nobody tried is tried on few, and only where an alias lets it be."""
    present = str(target.read(RUNTIME) or "")
    wanted = successor(present)
    if not wanted:
        raise Declined(
            f"{present or 'An image'} has no successor that runs the same code: build it anew"
        )
    target.set(RUNTIME, wanted)
    shift(target, {"Runtime": wanted})
