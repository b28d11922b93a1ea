"""Keep secrets that a template holds out of what is read from it."""

import re
from collections.abc import Mapping
from typing import Any

from core.secret import PLAIN, classify, redact
from core.types import UNKNOWN_KEY, is_unknown
from templates.resolve import shown

_DONE = re.compile(r"secret:\w+:[0-9a-f]{16}\Z")
_SECRET_PROPERTY = re.compile(
    r"(?:Password|SecretString|AuthToken|OAuthToken|ClientSecret|client_secret|PrivateKey|SecretKey|"
    r"SecretAccessKey|HECToken|ApiKeyValue)\Z"
)
_VALUE_PROPERTIES = frozenset(
    {("AWS::SSM::Parameter", "Value"), ("AWS::ApiGateway::ApiKey", "Value")}
)
_ENVIRONMENTS = frozenset({"Environment", "EnvironmentVariables"})
_ELSEWHERE = re.compile(r"\{\{resolve:|\$\{")
# The patterns of core.secret need one of these; looking for them first spares eight searches.
_TELLTALE = re.compile(r"AKIA|ASIA|PRIVATE KEY|xox|gh[pousr]_|github_pat_|_live_|eyJ|://[^/]*@")
_UNSURE = frozenset({PLAIN, "high_entropy", "named_secret"})


def veiled(resource_type: str, properties: Mapping[str, Any], key: bytes) -> dict[str, Any]:
    """Return properties in which whatever may be secret is a keyed fingerprint.

    Every environment value becomes one; elsewhere, properties made for secrets and values with a
    secret's form.
    """
    veiled = {k: _walk(resource_type, k, v, key) for k, v in properties.items()}
    environment = veiled.get("Environment")
    variables = environment.get("Variables") if isinstance(environment, dict) else None
    original = properties["Environment"]["Variables"] if isinstance(variables, dict) else {}
    if isinstance(environment, dict) and isinstance(variables, dict) and not is_unknown(original):
        environment["Variables"] = {n: _environment_value(n, v, key) for n, v in original.items()}
    return veiled


def _environment_value(name: str, value: Any, key: bytes) -> Any:
    if isinstance(value, Mapping | list):
        return value
    text = _as_text(value)
    return text if _DONE.match(text) else redact(name, text, key)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _walk(resource_type: str, name: str, value: Any, key: bytes) -> Any:
    if isinstance(value, str):
        return _text(resource_type, name, value, key)
    if shown(value) and _SECRET_PROPERTY.search(name):
        # Without NoEcho, the stack's parameters tell it to whoever may describe the stack.
        return redact(name, value[UNKNOWN_KEY], key)
    if isinstance(value, Mapping):
        return {k: _walk(resource_type, k, v, key) for k, v in value.items()}
    if isinstance(value, list) and name in _ENVIRONMENTS:
        return [_entry(resource_type, name, v, key) for v in value]
    if isinstance(value, list):
        return [_walk(resource_type, name, v, key) for v in value]
    return value


def _entry(resource_type: str, name: str, value: Any, key: bytes) -> Any:
    """Veil one variable of a container or a build: a mapping of Name and Value."""
    if isinstance(value, Mapping) and isinstance(value.get("Name"), str) and "Value" in value:
        return {**value, "Value": _environment_value(value["Name"], value["Value"], key)}
    return _walk(resource_type, name, value, key)


def _text(resource_type: str, name: str, value: str, key: bytes) -> str:
    if _DONE.match(value):
        return value
    if is_for_secrets(resource_type, name, value):
        return redact(name, value, key)
    if _TELLTALE.search(value) and classify("", value) not in _UNSURE:
        return redact(name, value, key)
    return value


def is_for_secrets(resource_type: str, name: str, value: str) -> bool:
    """Whether a property is made to hold secrets or code, and its value is no reference to one."""
    if name == "ZipFile":
        return True
    for_secrets = _SECRET_PROPERTY.search(name) or (resource_type, name) in _VALUE_PROPERTIES
    return bool(for_secrets) and not _ELSEWHERE.search(value)
