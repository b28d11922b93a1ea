"""What a policy is shown is all that matters to it: hiding the rest changes no verdict."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.types import UNKNOWN_KEY, Estate, Finding, Resource, SourceSpan
from policies import evaluate, load
from policies.cases import Case, read_cases
from policies.document import STAND_IN, Documents
from policies.model import Language, Module, Outcome, Policy, PolicySet, RegoVersion
from policies.rego import Evaluator
from policies.sight import ANY_NAME, Sight, Sights

SET = load()
SIGHTS, MACHINE = Sights(SET), Evaluator(SET)
SIGHTED = [policy for policy in SET.policies if SIGHTS.of(policy)]
EVERY = pytest.mark.parametrize("policy", SIGHTED, ids=lambda policy: policy.check_id)
NOISE: Mapping[str, Any] = {
    "Zebra": {UNKNOWN_KEY: "noise"},
    "Quagga": {
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}]
    },
    "Okapi": ["*", None, True],
}


def test_nearly_every_shipped_policy_is_shown_less_than_everything() -> None:
    assert len(SIGHTED) >= 0.9 * len(SET.written_in(Language.REGO))


@EVERY
def test_hiding_what_a_policy_cannot_name_changes_no_verdict(policy: Policy) -> None:
    for case in _variants(policy):
        assert _seen(policy, case) == _whole(policy, case), case.name


@EVERY
def test_noise_in_what_a_policy_cannot_name_changes_no_verdict(policy: Policy) -> None:
    for case in _variants(policy):
        assert _whole(policy, _noisy(case)) == _whole(policy, case), case.name
        assert _view(policy, _noisy(case)) == _view(policy, case)


def _variants(policy: Policy) -> Iterator[Case]:
    """Yield the policy's cases, each also live and declared, unreadable, and with a property less."""
    for case in read_cases(policy):
        yield case
        own = case.resource
        yield replace(case, resource=replace(own, name='it\'s %s "quoted" é'))
        yield replace(case, resource=replace(own, account="999988887777", region="us-east-1"))
        yield replace(case, resource=replace(own, tags={"owner": "me", "Team": ""}))
        yield replace(
            case, resource=replace(own, unreadable=dict.fromkeys(policy.related_types, "no"))
        )
        source = None if own.source else SourceSpan("template.yaml", 1, 1, own.name)
        yield replace(case, resource=replace(own, source=source))
        for name in own.properties:
            left = {key: value for key, value in own.properties.items() if key != name}
            yield replace(case, resource=replace(own, properties=left))


def _noisy(case: Case) -> Case:
    def add(resource: Resource) -> Resource:
        return replace(resource, properties={**NOISE, **resource.properties})

    related = {kind: tuple(map(add, found)) for kind, found in case.related.items()}
    return replace(case, resource=add(case.resource), related=related)


def _whole(policy: Policy, case: Case) -> Outcome:
    return _ordered(MACHINE.outcomes(case.document, (policy,)).get(policy.check_id, ()))


def _seen(policy: Policy, case: Case) -> Outcome:
    outcome = MACHINE.outcomes(_view(policy, case), (policy,)).get(policy.check_id, ())
    assert isinstance(outcome, tuple)
    named = [replace(v, message=v.message.replace(STAND_IN, case.resource.name)) for v in outcome]
    assert STAND_IN not in str(named)
    return _ordered(tuple(named))


def _ordered(outcome: Outcome) -> Outcome:
    return tuple(sorted(outcome, key=str)) if isinstance(outcome, tuple) else outcome


def _view(policy: Policy, case: Case) -> str:
    documents = Documents(estate=case.estate, now=case.now)
    sight = SIGHTS.of(policy)
    assert sight is not None
    return documents.view(sight).document(documents.texts(case.resource), case.related)


HEAD = "package plumbline.aws.it\n\nimport data.plumbline.lib\n\n"


def _sight(body: str, head: str = HEAD) -> Sight | None:
    text = head + "deny contains violation if {\n" + body + "\n}\n"
    module = Module("it.rego", text, RegoVersion.V1, "plumbline.aws.it")
    libraries = [each for each in SET.modules if each.library]
    policy = replace(SET.policies[0], check_id="PL-IT-001", package=module.package, reads=())
    return Sights(PolicySet((policy,), (*libraries, module), "")).of(policy)


_SAYS = '\tviolation := {"message": sprintf("%s", [input.resource.Name]), "path": "A"}'


@pytest.mark.parametrize(
    "body",
    [
        "\tsome key, value in input.resource.Properties",
        "\tsome key\n\tinput.resource.Properties[key]",
        "\tsome key\n\tinput.resource.Properties[key].Inner == 1",
        "\tsome key\n\tinput.resource[key]",
        "\tsome part in input",
        "\twalk(input.resource, [path, value])",
        "\tcontains(json.marshal(input.resource), `x`)",
        "\tmine := input.resource\n\tcontains(json.marshal(mine), `x`)",
        '\tobject.get(input.resource, ["Properties", "A"], 1) == 1',
        '\tpart := "Properties"\n\tcount(input.resource[part]) > 1',
        "\tcount(object.keys(input.resource.Properties)) > 1",
    ],
)
def test_a_policy_that_goes_through_all_properties_is_shown_everything(body: str) -> None:
    assert _sight(f"{body}\n{_SAYS}") is None


def test_a_resource_imported_under_another_name_is_shown_whole() -> None:
    head = HEAD + "import input.resource as it\n\n"

    assert _sight(f"\tit.Properties.A\n{_SAYS}", head) is None


@pytest.mark.parametrize(
    "body",
    [
        '\tlib.absent(input.resource, ["Bolt", "Nut"])',
        "\tinput.resource.Properties.Bolt.Nut == 1",
        '\tinput.resource.Properties["Bolt"] == 1',
        '\tobject.get(input.resource.Properties, "Bolt", 1) == 1',
        '\tsome name in ["Bolt"]\n\tlib.off(input.resource, [name])',
        '\tlib.items(input.resource, ["Bolt"])[_] == 1',
    ],
)
def test_a_policy_is_shown_the_properties_that_it_names(body: str) -> None:
    sight = _sight(f"{body}\n{_SAYS}")

    assert sight is not None
    assert sight.visible_of_own(("Bolt", "Washer")) == ("Bolt",)


@pytest.mark.parametrize(
    ("body", "any_name"),
    [
        (f"\tinput.resource.Properties.A\n{_SAYS}", True),
        (f'\tstartswith(input.resource.Name, "x")\n{_SAYS}', False),
        (f'\tpart := "Name"\n\tinput.resource[part] == "x"\n{_SAYS}', False),
        ('\tviolation := {"message": sprintf("%s", [upper(input.resource.Name)])}', False),
        ('\tviolation := {"message": sprintf("%10s", [input.resource.Name])}', False),
        ('\tviolation := {"message": "m", "path": input.resource.Name}', False),
        (f"\tlonger(input.resource)\n{_SAYS}\n}}\n\nlonger(it) if {{\n\tcount(it.Name) > 3", False),
    ],
)
def test_a_name_that_decides_anything_is_shown(body: str, *, any_name: bool) -> None:
    sight = _sight(body)

    assert (sight is not None and ANY_NAME in sight.own) is any_name


def test_resources_that_look_alike_are_judged_once_and_named_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    answer = Evaluator.outcomes

    def count(self: Evaluator, document: str, policies: Any) -> Any:
        asked.append(document)
        return answer(self, document, policies)

    monkeypatch.setattr(Evaluator, "outcomes", count)
    queues = [_queue(f"q{n}", {"QueueName": f"q{n}"}) for n in range(50)]

    findings = _findings(load(), queues)

    assert len(asked) < 10
    messages = {f.resource_name: f.evidence.message for f in findings if f.check_id == "PL-SQS-002"}
    assert messages.keys() == {queue.name for queue in queues}
    assert all(name in message for name, message in messages.items())


def test_a_resource_that_differs_in_what_is_read_gets_its_own_verdict() -> None:
    plain, encrypted = _queue("a", {}), _queue("b", {"KmsMasterKeyId": "alias/own"})

    found = {
        f.resource_name for f in _findings(SET, [plain, encrypted]) if f.check_id == "PL-SQS-001"
    }

    assert found <= {"a"}


def test_users_policies_are_shown_everything(tmp_path: Path) -> None:
    (tmp_path / "p.rego").write_text(
        "package acme.any\n\ndeny contains name if some name, _ in input.resource.Properties\n",
        encoding="utf-8",
    )
    loaded = load([tmp_path])

    found = _findings(loaded, [_queue("q", {"A": 1}), _queue("r", {"B": 1})])

    messages = [f.evidence.message for f in found if f.check_id == "ACME-ANY"]
    assert messages == ["A", "B"]


def _queue(name: str, properties: Mapping[str, Any]) -> Resource:
    return Resource(f"arn:aws:sqs:::{name}", "AWS::SQS::Queue", name, properties)


def _findings(policy_set: PolicySet, resources: list[Resource]) -> list[Finding]:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    said = evaluate(policy_set, resources, estate=Estate(), now=now)
    return [each for each in said if isinstance(each, Finding)]
