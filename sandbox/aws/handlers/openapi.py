"""Read the API definitions that templates carry: OpenAPI 2 and 3 with API Gateway's extensions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_ANY = "x-amazon-apigateway-any-method"
_INTEGRATION = "x-amazon-apigateway-integration"
_AUTHORIZER = "x-amazon-apigateway-authorizer"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `schemes` names the security schemes that a caller must satisfy."""

    path: str
    method: str
    integration: Mapping[str, Any]
    schemes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def operations(body: Mapping[str, Any]) -> tuple[Operation, ...]:
    """List the operations of a definition in its own order."""
    default = body.get("security")
    found = []
    for path, item in (body.get("paths") or {}).items():
        for key, declared in (item or {}).items():
            method = "ANY" if key.lower() == _ANY else key.upper()
            if method != "ANY" and key.lower() not in _METHODS:
                continue
            spec = declared or {}
            security = spec.get("security", default) or []
            schemes = {
                str(name): tuple(map(str, scopes or ()))
                for requirement in security
                for name, scopes in (requirement or {}).items()
            }
            found.append(Operation(str(path), method, spec.get(_INTEGRATION) or {}, schemes))
    return tuple(found)


def schemes(body: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Map each security scheme's name to its definition, in either version's place."""
    components = (body.get("components") or {}).get("securitySchemes") or {}
    return {**(body.get("securityDefinitions") or {}), **components}


def authorizers(body: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Map each authorizer's name to what API Gateway is told of it."""
    return {
        name: {**scheme[_AUTHORIZER], "_header": scheme.get("name"), "_type": scheme.get("type")}
        for name, scheme in schemes(body).items()
        if isinstance(scheme, Mapping) and isinstance(scheme.get(_AUTHORIZER), Mapping)
    }


def is_iam(body: Mapping[str, Any], scheme: str) -> bool:
    """Whether a security scheme means AWS signatures."""
    definition = schemes(body).get(scheme) or {}
    return str(definition.get("x-amazon-apigateway-authtype", "")).lower() == "awssigv4"


def is_api_key(body: Mapping[str, Any], scheme: str) -> bool:
    """Whether a security scheme means an API key of a usage plan."""
    definition = schemes(body).get(scheme) or {}
    return (
        definition.get("type") == "apiKey"
        and str(definition.get("name", "")).lower() == "x-api-key"
        and _AUTHORIZER not in definition
    )
