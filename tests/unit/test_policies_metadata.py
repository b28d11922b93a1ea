"""Meta-tests: what holds of every shipped policy, whoever writes the next one."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from core.types import Severity
from policies import load
from policies.cases import Expectation, read_cases
from policies.load import SHIPPED, parse
from policies.metadata import annotation
from policies.model import RELATED, Language, Policy
from policies.rego import _machine
from policies.table import markdown
from policies.tree import circle

SET = load()
PEERS = Path(__file__).parents[2].parent / "shared" / "data" / "peer_check_ids.csv"
REGO, GUARD = SET.written_in(Language.REGO), SET.written_in(Language.GUARD)
EVERY = pytest.mark.parametrize("policy", SET.policies, ids=lambda policy: policy.check_id)
EVERY_REGO = pytest.mark.parametrize("policy", REGO, ids=lambda policy: policy.check_id)
REGO_FILES = sorted(
    path for folder in ("lib", "aws") for path in (SHIPPED / folder).rglob("*.rego")
)


def test_there_are_at_least_fifty_policies_and_the_founding_three_are_among_them() -> None:
    assert len(SET.policies) >= 50
    assert {"PL-LAMBDA-001", "PL-S3-001", "PL-LAMBDA-002"} <= set(SET.by_id)


def test_check_ids_controls_and_packages_are_unique() -> None:
    assert _repeated("check_id", SET.policies) == []
    for policies in (REGO, GUARD):
        for field in ("package", "path"):
            assert _repeated(field, policies) == [], field
    assert _repeated("control", REGO) == []


def _repeated(field: str, policies: Sequence[Policy]) -> list[str]:
    counted = Counter(getattr(policy, field) for policy in policies)
    return [value for value, number in counted.items() if number > 1]


def test_twins_in_both_languages_say_the_same_of_harm_and_kind() -> None:
    by_control = {policy.control: policy for policy in REGO}
    for policy in GUARD:
        twin = by_control.get(policy.control)
        if twin is not None:
            assert (policy.severity, policy.hygiene) == (twin.severity, twin.hygiene), (
                policy.check_id
            )
            assert set(policy.resource_types) <= set(twin.resource_types), policy.check_id


@EVERY
def test_metadata_is_complete_and_in_the_fields_words(policy: Policy) -> None:
    assert re.fullmatch(r"PL-[A-Z0-9]+-\d{3}", policy.check_id)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", policy.control)
    assert policy.title
    assert not policy.title.endswith(".")
    assert policy.description.endswith((".", ")"))
    assert policy.remediation.endswith((".", ")"))
    assert policy.severity in Severity
    assert policy.reads
    assert all(re.fullmatch(r"AWS::\w+::\w+", kind) for kind in policy.resource_types)
    assert policy.resource_types
    assert all(link.startswith("https://docs.aws.amazon.com/") for link in policy.docs)
    assert policy.docs


@EVERY_REGO
def test_a_policy_file_is_named_and_placed_as_its_package(policy: Policy) -> None:
    assert policy.package == f"plumbline.{policy.path.removesuffix('.rego').replace('/', '.')}"


@EVERY
def test_every_policy_has_passing_failing_and_undecided_cases(policy: Policy) -> None:
    cases = read_cases(policy)

    assert {case.expect for case in cases} == set(Expectation)
    assert len({case.name for case in cases}) == len(cases)
    assert {case.resource.type for case in cases} == set(policy.resource_types) or len(
        {case.resource.type for case in cases}
    ) < len(policy.resource_types)


@EVERY_REGO
def test_every_policy_compiles_for_the_virtual_machine(policy: Policy) -> None:
    _machine(SET.modules, (policy,))


@EVERY_REGO
def test_related_resources_a_policy_looks_at_are_declared_among_its_reads(policy: Policy) -> None:
    text = (SHIPPED / policy.path).read_text(encoding="utf-8")
    looked_at = set(re.findall(r'lib\.related\("([^"]+)"\)', text))
    declared = {path.removeprefix(RELATED).split(".")[0] for path in policy.reads}

    # The API's protocol decides nothing by itself when it is unknown.
    assert looked_at - declared <= {
        "AWS::ApiGatewayV2::Api",
        "AWS::Kinesis::Stream",
        "AWS::DynamoDB::Table",
        "AWS::SQS::Queue",
    }


@pytest.mark.parametrize("path", REGO_FILES, ids=lambda path: str(path.relative_to(SHIPPED)))
def test_rego_files_are_formatted_alike(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")

    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert not re.search(r"[ \t]$", text, flags=re.MULTILINE)
    assert "\n\n\n" not in text
    assert "\r" not in text
    indents = [re.match(r"[ \t]*", line).group() for line in lines if not line.startswith("#")]  # type: ignore[union-attr]
    assert all(set(indent) <= {"\t"} for indent in indents), "tabs indent, as opa fmt does"
    body = [line for line in lines if not line.startswith("#")]
    assert body[0].startswith("package ")
    assert body[1] == ""


@EVERY
def test_metadata_keys_stand_in_one_order(policy: Policy) -> None:
    metadata = annotation((SHIPPED / policy.path).read_text(encoding="utf-8"), path=policy.path)

    assert list(metadata) == ["title", "description", "related_resources", "custom"]
    optional = ["cases"] if "cases" in metadata["custom"] else []
    assert list(metadata["custom"]) == [
        "check_id",
        "control",
        "severity",
        "resource_types",
        "reads",
        "remediation",
        "hygiene",
        "references",
        *optional,
    ]


@EVERY
def test_cases_files_hold_cases_only(policy: Policy) -> None:
    parsed = yaml.safe_load(Path(policy.cases).read_text(encoding="utf-8"))

    assert list(parsed) == ["cases"]
    for case in parsed["cases"]:
        about = {"name", "expect", "settings", "now"}
        assert set(case) <= about | {"resource", "related"} or any(
            set(case) <= about | {language, "address"}
            for language in ("terraform", "cloudformation")
        )


def test_shipped_files_stand_up_to_what_users_files_are_held_to() -> None:
    trees = {}
    for path in REGO_FILES:
        name = str(path.relative_to(SHIPPED))
        _, trees[name] = parse(path.read_text(encoding="utf-8"), path=name)

    assert all(not tree.refused for tree in trees.values())
    assert circle(trees) is None


def test_policies_and_cases_are_package_data() -> None:
    folder = files("policies")

    assert folder.joinpath("aws", "s3", "encryption.rego").is_file()
    assert folder.joinpath("aws", "s3", "encryption.cases.yaml").is_file()
    assert folder.joinpath("baselines", "soc2.yaml").is_file()


def test_the_table_of_checks_is_current() -> None:
    page = Path(__file__).parents[2] / "docs" / "checks.md"

    assert page.read_text(encoding="utf-8") == markdown(SET), (
        "run: python -c 'import policies.table as t; print(t.markdown(), end=\"\")' > docs/checks.md"
    )


def test_the_runtime_table_agrees_with_the_one_cfn_lint_keeps() -> None:
    package = find_spec("cfnlint")  # importing it would take seconds
    assert package is not None
    assert package.origin is not None
    kept = Path(package.origin).parent / "data" / "AdditionalSpecs" / "LmbdRuntimeLifecycle.json"
    theirs = json.loads(kept.read_text(encoding="utf-8"))
    text = (SHIPPED / "lib" / "runtime.rego").read_text(encoding="utf-8")
    ours = dict(re.findall(r'^\t"([^"]+)": "(\d{4}-\d\d-\d\d)",$', text, flags=re.MULTILINE))

    assert ours == {name: life["deprecated"] for name, life in theirs.items()}


@pytest.mark.shared
def test_references_are_ids_that_exist() -> None:
    if not PEERS.exists():
        pytest.skip("the development data is not beside the repository")
    known = {line.split(",")[0] for line in PEERS.read_text(encoding="utf-8").splitlines()[1:]}

    for policy in REGO:
        assert set(policy.references) <= known, policy.check_id


def test_the_services_of_privilege_escalation_are_those_of_its_actions() -> None:
    text = (SHIPPED / "lib" / "escalation.rego").read_text(encoding="utf-8")
    paths, _, services = text.partition("services := ")

    actions = set(re.findall(r'"([a-z0-9]+:[a-z0-9]+)"', paths))
    assert set(re.findall(r'"([a-z0-9]+)"', services)) == {
        action.split(":")[0] for action in actions
    }
