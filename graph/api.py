"""Who may call the routes of an API: REST, HTTP and WebSocket, declared or read back."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.types import Resource, is_unknown
from graph.ground import Ground
from graph.principal import Exposure, Level, policy_exposure, widest
from graph.reference import HTTP_API, REST_API
from graph.relations import Relations
from graph.token import tokens

METHOD = "AWS::ApiGateway::Method"
ROUTE = "AWS::ApiGatewayV2::Route"
_VERBS = frozenset(
    {"get", "put", "post", "delete", "patch", "head", "x-amazon-apigateway-any-method"}
)
_OPEN = ("NONE", None, "")
_ASKED = ("AuthorizationType", "ApiKeyRequired", "AuthorizerId", "HttpMethod", "RouteKey")


def api_exposure(api: Resource, relations: Relations) -> Exposure:
    """Return the widest exposure of an API's routes."""
    if _is_private(api):
        return Exposure(Level.ACCOUNT, None, "a private API, reached from its own network")
    found = [*_routes(api, relations), *(e for _, e in operations(api))]
    body = api.properties.get("Body")
    missing = next((w for k, w in api.unreadable.items() if k in (METHOD, ROUTE)), "")
    if missing or is_unknown(body) or "BodyS3Location" in api.properties:
        found.append(Exposure(Level.INTERNET, None, "a public API whose routes could not be read"))
    return _within_policy(api, widest(found))


def _routes(api: Resource, relations: Relations) -> Iterator[Exposure]:
    related = relations.of(api)
    for method in related.get(METHOD, ()):
        if method.properties.get("HttpMethod") != "OPTIONS":
            yield route_exposure(method)
    routes = related.get(ROUTE, ())
    entry = [r for r in routes if r.properties.get("RouteKey") == "$connect"]
    # Only a WebSocket's $connect route authorizes; the others ride on its connection.
    for route in entry if entry and api.properties.get("ProtocolType") == "WEBSOCKET" else routes:
        yield route_exposure(route)


def route_exposure(route: Resource) -> Exposure:
    """Return who may call one REST method or HTTP route."""
    given = route.properties.get("AuthorizationType")
    name = route.properties.get("RouteKey") or route.name
    asked = {k: route.properties[k] for k in _ASKED if k in route.properties}
    said = (Ground(route.uid, f"route {name}", asked or {"AuthorizationType": None}),)
    if is_unknown(given):
        why = f"the authorization of route {name} is not known"
        return Exposure(Level.INTERNET, None, why, said)
    if given == "AWS_IAM":
        why = f"route {name} asks for a signature of its account"
        return Exposure(Level.ACCOUNT, True, why, said)
    if given in _OPEN:
        key = " but an API key" if route.properties.get("ApiKeyRequired") is True else ""
        why = f"route {name} of a public API asks for nothing{key}"
        return Exposure(Level.INTERNET, False, why, said)
    why = f"route {name} of a public API asks an authorizer"
    return Exposure(Level.INTERNET, True, why, said)


def entry_exposure(route: Resource, relations: Relations) -> Exposure:
    """Return who may call one route, given the API that it belongs to."""
    related = relations.of(route)
    api = next((a for kind in (REST_API, HTTP_API) for a in related.get(kind, ())), None)
    if api is None:
        return route_exposure(route)
    if api.properties.get("ProtocolType") == "WEBSOCKET":
        return api_exposure(api, relations)
    return _through(api, route_exposure(route))


def operations(api: Resource) -> Iterator[tuple[str, Exposure]]:
    """Yield the integration URI and the exposure of each operation of an OpenAPI body."""
    body = api.properties.get("Body")
    paths = body.get("paths") if isinstance(body, Mapping) else None
    if not isinstance(body, Mapping) or not isinstance(paths, Mapping):
        return
    schemes = _schemes(body)
    for path, verbs in paths.items():
        for verb, operation in verbs.items() if isinstance(verbs, Mapping) else ():
            if verb in _VERBS and isinstance(operation, Mapping):
                integration = operation.get("x-amazon-apigateway-integration")
                uri = integration.get("uri") if isinstance(integration, Mapping) else ""
                shown = "ANY" if verb.startswith("x-") else verb.upper()
                security = operation.get("security", body.get("security"))
                yield str(uri), _operation_exposure(f"{shown} {path}", security, schemes)


def _schemes(body: Mapping[str, Any]) -> Mapping[str, Any]:
    components = body.get("components")
    schemes = body.get("securityDefinitions") or (
        components.get("securitySchemes") if isinstance(components, Mapping) else None
    )
    return schemes if isinstance(schemes, Mapping) else {}


def _operation_exposure(name: str, security: Any, schemes: Mapping[str, Any]) -> Exposure:
    if security is not None and not isinstance(security, list):
        return Exposure(Level.INTERNET, None, f"the authorization of {name} is not known")
    required = [r for r in security or () if isinstance(r, Mapping)]
    # The entries are alternatives: one that asks for nothing opens the operation.
    if not required or any(set(r) <= {"NONE"} for r in required):
        return Exposure(Level.INTERNET, False, f"{name} of a public API asks for nothing")
    names = {n for r in required for n in r}
    kinds = [s for n in names if isinstance(s := schemes.get(n), Mapping)]
    if kinds and all(s.get("x-amazon-apigateway-authtype") == "awsSigv4" for s in kinds):
        return Exposure(Level.ACCOUNT, True, f"{name} asks for a signature of its account")
    if kinds and all(_is_key(s) for s in kinds):
        return Exposure(
            Level.INTERNET, False, f"{name} of a public API asks for nothing but an API key"
        )
    return Exposure(Level.INTERNET, True, f"{name} of a public API asks an authorizer")


def _is_key(scheme: Mapping[str, Any]) -> bool:
    return (
        scheme.get("type") == "apiKey"
        and str(scheme.get("name", "")).lower() == "x-api-key"
        and "x-amazon-apigateway-authorizer" not in scheme
    )


def _is_private(api: Resource) -> bool:
    endpoint = api.properties.get("EndpointConfiguration")
    types = endpoint.get("Types") if isinstance(endpoint, Mapping) else None
    if isinstance(endpoint, Mapping) and endpoint.get("Type") == "PRIVATE":
        return True
    return isinstance(types, list) and "PRIVATE" in types


def _within_policy(api: Resource, found: Exposure) -> Exposure:
    """Narrow by the API's resource policy: for an open route it alone decides who comes in."""
    document = api.properties.get("Policy")
    if found.level < Level.INTERNET or not document or is_unknown(document):
        return found
    allowed = policy_exposure(document, api, what="the API's policy")
    return found if allowed.level >= found.level else allowed


def function_calls(function: Resource, relations: Relations) -> Iterator[Exposure]:
    """Yield how far a function is reached through the APIs in front of it."""
    names = {alias for alias in (function.uid, *function.aliases) if alias}
    related = relations.of(function)
    for method in related.get(METHOD, ()):
        yield entry_exposure(method, relations)
    for api in (*related.get(REST_API, ()), *related.get(HTTP_API, ())):
        reached = [e for uri, e in operations(api) if _names(uri, names)]
        if reached:
            yield _through(api, widest(reached))
    for route in related.get(ROUTE, ()):
        if _leads_to(route, function, relations):
            yield entry_exposure(route, relations)


def _through(api: Resource, found: Exposure) -> Exposure:
    if _is_private(api):
        return Exposure(Level.ACCOUNT, None, "a private API, reached from its own network")
    return _within_policy(api, found)


def _names(uri: str, names: set[str]) -> bool:
    if any(name in uri for name in names if name.startswith(("arn:", "${"))):
        return True
    return any(token.whole in names for token in tokens(uri))


def _leads_to(route: Resource, function: Resource, relations: Relations) -> bool:
    return any(
        edge.target.uid == function.uid
        for first in relations.outgoing(route)
        if first.path == "Target"
        for edge in relations.outgoing(first.target)
    )
