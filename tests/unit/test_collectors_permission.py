"""The generated role: it permits every call, and nothing that hands out data, code or keys."""

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from collectors import permission, registry

ROOT = Path(__file__).parents[2]


def _actions() -> list[str]:
    return [
        action
        for statement in permission.policy_document()["Statement"]
        for action in statement["Action"]
    ]


def test_the_role_cannot_read_code_objects_items_secrets_parameters_nor_decrypt() -> None:
    for granted in _actions():
        for forbidden in permission.FORBIDDEN:
            assert not fnmatchcase(forbidden.lower(), granted.lower()), granted


def test_no_action_is_a_wildcard_and_none_writes() -> None:
    for granted in _actions():
        assert "*" not in granted
        verb = granted.split(":")[1]
        # GenerateCredentialReport makes a report AWS keeps; it changes nothing in the account.
        assert verb.startswith(("Get", "List", "Describe", "Generate", "GET")), granted


def test_no_collector_declares_a_forbidden_call() -> None:
    assert not set(registry.declared_calls()) & permission.FORBIDDEN
    assert not {permission.action(each) for each in registry.declared_calls()} & (
        permission.FORBIDDEN
    )


def test_every_declared_call_is_permitted() -> None:
    granted = set(_actions())
    for call in registry.declared_calls():
        assert permission.action(call) in granted


def test_api_gateway_is_open_for_apis_and_not_for_api_keys() -> None:
    (statement,) = (
        each
        for each in permission.policy_document()["Statement"]
        if "apigateway:GET" in each["Action"]
    )
    keys = "arn:aws:apigateway:eu-west-1::/apikeys/abc"
    assert not any(fnmatchcase(keys, pattern) for pattern in statement["Resource"])
    api = "arn:aws:apigateway:eu-west-1::/restapis/abc/resources"
    assert any(fnmatchcase(api, pattern) for pattern in statement["Resource"])


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as plain text."""


_Loader.add_multi_constructor("!", lambda loader, _suffix, node: loader.construct_scalar(node))


def test_the_cloudformation_role_carries_the_policy_and_asks_for_an_external_id() -> None:
    template = yaml.load(permission.role_template(), Loader=_Loader)  # noqa: S506 - a SafeLoader
    role = template["Resources"]["PlumblineReadOnly"]["Properties"]
    assert role["Policies"][0]["PolicyDocument"] == permission.policy_document()
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"]["StringEquals"] == {"sts:ExternalId": "ExternalId"}
    assert trust["Principal"] == {"AWS": "TrustedPrincipal"}
    assert template["Parameters"]["ExternalId"]["NoEcho"] is True


def test_the_terraform_role_names_the_same_actions() -> None:
    text = permission.role_terraform()
    assert re.findall(r'^      "([a-z0-9-]+:[A-Za-z]+)",$', text, re.MULTILINE) == _actions()
    assert "var.external_id" in text
    assert text.count("{") == text.count("}")


def test_the_policy_fits_in_an_inline_role_policy() -> None:
    compact = json.dumps(permission.policy_document(), separators=(",", ":"))
    assert len(compact) < 10_240  # IAM's limit for all inline policies of a role


def test_the_permission_page_is_the_generated_one() -> None:
    assert (ROOT / "docs" / "permissions.md").read_text() == permission.markdown()


def test_the_collector_page_is_the_generated_one() -> None:
    assert (ROOT / "docs" / "collectors.md").read_text() == permission.collectors_markdown()


def test_every_collector_has_a_title_and_declares_what_it_does() -> None:
    for each in registry.registered():
        assert each.title.endswith("."), each.name
        assert each.yields, each.name
        assert each.calls, each.name
        for kind in each.yields:
            assert re.fullmatch(r"AWS::\w+::\w+", kind)
        for call in each.calls:
            assert re.fullmatch(r"[a-z0-9-]+:[A-Z]\w+", call)
