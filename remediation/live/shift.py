"""A new version of a function takes a tenth of its alias's calls first, and all once it stood its trial.

What an alias routes to is a published version, which no change of the function reaches. So the
function is changed, published, and the alias is given weights; the version before takes the rest.
Source: docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html, read 2026-11-25.
"""

from collections.abc import Mapping
from typing import Any

from core.errors import Declined
from core.types import LiveCall, Resource, Shift
from remediation import words
from remediation.live.blueprint import Answer, Aspect, LiveTarget

WEIGHT = 0.1
"""The share that goes to the new version while it is on trial; SAM's Canary10Percent begins so too."""
_LATEST = "$LATEST"
_PAGES = 50
_OF_ITS_OWN = frozenset({
    "FunctionArn", "Version", "Description", "LastModified", "RevisionId", "State", "StateReason",
    "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason", "LastUpdateStatusReasonCode",
    "MasterArn", "SigningProfileVersionArn", "SigningJobArn", "RuntimeVersionConfig", "SnapStart",
    "ResponseMetadata",
})  # fmt: skip
"""What GetFunctionConfiguration says that differs between a version and what it was published from."""


def function_name(resource: Resource) -> str:
    """Return the name of a function by its ARN."""
    return resource.uid.partition("|")[0].split(":")[6]


def _published(answer: Answer, _key: str) -> Any:
    if answer.get("State", "Active") != "Active":
        return "not ready yet"
    return {"Version": answer["Version"], "CodeSha256": answer["CodeSha256"]}


VERSION = Aspect(
    "published version",
    read="lambda:GetFunctionConfiguration",
    also=("lambda:ListVersionsByFunction",),
    writes=("lambda:PublishVersion",),
    absent=("ResourceNotFoundException",),
    ask=lambda resource, key: {"FunctionName": function_name(resource), "Qualifier": key},
    state=_published,
    write=lambda resource, _, state: LiveCall(
        "lambda:PublishVersion",
        {"FunctionName": function_name(resource), "CodeSha256": state["CodeSha256"]},
    ),
    stays=True,
)


def _routing(answer: Answer, _key: str) -> Mapping[str, Any]:
    weights = (answer.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    return {"FunctionVersion": answer["FunctionVersion"], "Weights": dict(weights)}


ALIAS = Aspect(
    "alias",
    read="lambda:GetAlias",
    also=("lambda:ListAliases",),
    writes=("lambda:UpdateAlias",),
    ask=lambda resource, key: {"FunctionName": function_name(resource), "Name": key},
    state=_routing,
    write=lambda resource, key, state: LiveCall(
        "lambda:UpdateAlias",
        {
            "FunctionName": function_name(resource),
            "Name": key,
            "FunctionVersion": state["FunctionVersion"],
            "RoutingConfig": {"AdditionalVersionWeights": state["Weights"]},
        },
    ),
)


def shift(target: LiveTarget, changed: Mapping[str, Any]) -> None:
    """Plan that the function, once `changed`, takes part of its alias's calls, and then all of them.

    Raises: Declined where no single alias routes to a version of what the function is now.
    """
    name, alias = function_name(target.resource), _alias(target)
    before = _routing(alias, "")
    latest = _configuration(target, _LATEST)
    code = latest["CodeSha256"]
    if _settings(_configuration(target, before["FunctionVersion"])) != _settings(latest):
        raise Declined(
            f"Alias {words.one_line(alias['Name'], limit=64)} runs version "
            f"{before['FunctionVersion']}, which is not what the function is now: a new version "
            "would bring more than this change. Release it in its pipeline"
        )
    last = _last_version(target, name)
    wanted = {**_settings(latest), **changed}
    is_there = last and _settings(_configuration(target, str(last))) == wanted
    version = str(last if is_there else last + 1)
    target.set(VERSION, {"Version": version, "CodeSha256": code}, version)
    during = {**before, "Weights": {version: WEIGHT}}
    target.set(ALIAS, during, alias["Name"])
    target.set_then(ALIAS, during, {"FunctionVersion": version, "Weights": {}}, alias["Name"])
    target.shift = Shift(alias["Name"], version, WEIGHT)


def _alias(target: LiveTarget) -> Answer:
    name = function_name(target.resource)
    found = target.ask(ALIAS, "lambda:ListAliases", {"FunctionName": name}).get("Aliases") or []
    routed = [each for each in found if each["FunctionVersion"] != _LATEST]
    if len(routed) != 1:
        told = f"{len(routed)} aliases route" if routed else "no alias routes"
        raise Declined(
            f"This reaches every caller at once unless one alias routes to versions of the function; "
            f"{told}. Make the change in its pipeline"
        )
    if _routing(routed[0], "")["Weights"]:
        raise Declined(
            f"Alias {words.one_line(routed[0]['Name'], limit=64)} is being shifted already: wait for "
            "the end of that deployment"
        )
    alias: Answer = routed[0]
    return alias


def _configuration(target: LiveTarget, qualifier: str) -> Answer:
    parameters = VERSION.ask(target.resource, qualifier)
    return target.ask(VERSION, VERSION.read, parameters)


def _settings(answer: Answer) -> dict[str, Any]:
    return {name: each for name, each in answer.items() if name not in _OF_ITS_OWN}


def _last_version(target: LiveTarget, name: str) -> int:
    """Return the highest published number; the next one is its successor, or AWS says otherwise."""
    parameters, highest = {"FunctionName": name}, 0
    for _ in range(_PAGES):
        page = target.ask(VERSION, "lambda:ListVersionsByFunction", parameters)
        numbers = [each["Version"] for each in page.get("Versions") or ()]
        highest = max([highest, *(int(each) for each in numbers if each != _LATEST)])
        if not page.get("NextMarker"):
            return highest
        parameters = {"FunctionName": name, "Marker": page["NextMarker"]}
    raise Declined("The function has too many versions to say which one comes next")
