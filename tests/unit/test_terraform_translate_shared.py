"""Real Terraform in CloudFormation's names, where it lies; a development score."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.types import Resource
from graph import relate
from templates.terraform import ReadModule, read_tree

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def modules(shared_data: Path) -> list[ReadModule]:
    found: list[ReadModule] = []
    for root in _roots(shared_data / "templates"):
        files = {p.relative_to(root).as_posix(): p.read_bytes() for p in _files(root)}
        tree = read_tree(files, secret_key=b"k")
        assert tree.unreadable == {}
        found += tree.modules
    return found


def _files(root: Path) -> Iterator[Path]:
    return (path for path in root.rglob("*") if path.is_file())


def _roots(data: Path) -> list[Path]:
    holding = {path.parent for path in data.rglob("*.tf")}
    return sorted(folder for folder in holding if not holding.intersection(folder.parents))


def test_what_refers_to_what_is_found(modules: list[ReadModule]) -> None:
    functions = roles = 0
    for module in modules:
        relations = relate(module.resources)
        for resource in module.resources:
            role = resource.properties.get("Role")
            if resource.type == "AWS::Lambda::Function" and "${aws_iam_role" in str(role):
                functions += 1
                roles += "AWS::IAM::Role" in relations.of(resource)

    assert functions > 25
    assert roles == functions


def test_no_value_of_an_environment_leaves_in_the_clear(modules: list[ReadModule]) -> None:
    values = [v for m in modules for r in m.resources for v in _environment(r)]

    assert len(values) > 15
    assert [v for v in values if isinstance(v, str) and not v.startswith("secret:")] == []


def _environment(resource: Resource) -> Iterator[Any]:
    environment = resource.properties.get("Environment")
    variables = environment.get("Variables") if isinstance(environment, dict) else None
    if isinstance(variables, dict) and "Fn::Unknown" not in variables:
        yield from variables.values()
