"""What Guard rules are shown of a resource when it stands alone."""

from typing import Any

from core.types import Resource, SourceSpan, unknown
from policies.guard.document import alone


def _declared(file: str, name: str, properties: dict[str, Any]) -> Resource:
    source = SourceSpan(file, 1, 1, name)
    return Resource(f"//{file}//{name}", "AWS::SQS::Queue", name, properties, source=source)


def _shown(*resources: Resource) -> dict[str, Any]:
    return {
        resource.uid: document.content["Resources"]["Resource"]["Properties"]
        for resource, document in alone(resources, lambda _: {"KmsMasterKeyId", "RedrivePolicy"})
    }


def test_it_refers_to_what_its_own_template_declares() -> None:
    redrive = {"deadLetterTargetArn": "${Dead.Arn}"}
    beside = _declared("a.yaml", "Q", {"KmsMasterKeyId": "${Key}", "RedrivePolicy": redrive})
    elsewhere = _declared("b.yaml", "Q", {"KmsMasterKeyId": "${Key}", "RedrivePolicy": redrive})
    named = [_declared("a.yaml", "Key", {}), _declared("a.yaml", "Dead", {})]

    shown = _shown(elsewhere, beside, *named)

    assert shown["//a.yaml//Q"] == {
        "KmsMasterKeyId": {"Ref": "Key"},
        "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}},
    }
    assert shown["//b.yaml//Q"] == {
        "KmsMasterKeyId": "${Key}",
        "RedrivePolicy": {"deadLetterTargetArn": "${Dead.Arn}"},
    }


def test_it_shows_and_doubts_only_what_is_read() -> None:
    resource = _declared("a.yaml", "Q", {"QueueName": unknown("p"), "KmsMasterKeyId": "k"})

    [(_, document)] = alone([resource], lambda _: {"KmsMasterKeyId"})

    assert document.content["Resources"]["Resource"]["Properties"] == {"KmsMasterKeyId": "k"}
    assert not document.holds_unknown
