"""One answer serves all that look the same, and nothing is remembered of who was not heard."""

from datetime import UTC, datetime

from core.types import Estate, Gap, Resource
from graph import relate
from policies import load
from policies.cases import read_cases
from policies.document import Documents
from policies.hearing import Hearing, Wanted
from policies.model import Fault, Outcome
from policies.rego import Evaluator
from policies.sight import Sights

SET = load()
QUEUE = Resource("arn:aws:sqs:::q", "AWS::SQS::Queue", "q", {"QueueName": "q"})
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_policies_that_are_grouped_are_shown_the_same_document() -> None:
    sights = Sights(SET)
    for resource_type in ("AWS::IAM::Role", "AWS::S3::Bucket", "AWS::Lambda::Function"):
        policies = [each for each in SET.for_type(resource_type) if sights.of(each)]
        case = next(
            case
            for policy in policies
            for case in read_cases(policy)
            if case.resource.type == resource_type and case.related
        )
        resources = [case.resource, *(r for found in case.related.values() for r in found)]
        hearing = Hearing(SET, resources, case.estate, case.now, _everything_fits)
        documents = Documents(estate=case.estate, now=case.now)
        texts, related = documents.texts(case.resource), relate(resources).of(case.resource)
        groups = hearing._groups_of(resource_type, texts.names)

        assert len(groups) < len(policies)
        for group in groups:
            shown = {
                documents.view(sight).document(texts, related)
                for policy in group.policies.values()
                if (sight := sights.of(policy))
            }
            assert len(shown) <= 1


def test_a_policy_that_was_stopped_is_asked_again_by_the_next_hearing() -> None:
    stopped: dict[str, Fault] = {}
    evaluator = Evaluator(SET)

    def stops_one(wanted: Wanted) -> dict[tuple[str, str], Outcome]:
        stopped["PL-SQS-001"] = Fault("timeout", "took too long")
        return {key: said for key, said in answers(wanted).items() if key[0] not in stopped}

    def answers(wanted: Wanted) -> dict[tuple[str, str], Outcome]:
        return {
            (check_id, document): outcome
            for document, policies in wanted.items()
            for check_id, outcome in evaluator.outcomes(document, policies).items()
        }

    first = _said(Hearing(SET, [QUEUE], Estate(), NOW, stops_one, stopped))
    then = _said(Hearing(SET, [QUEUE], Estate(), NOW, answers))

    assert then - first == {"PL-SQS-001"}


def _everything_fits(_: Wanted) -> dict[tuple[str, str], Outcome]:
    return {}


def _said(hearing: Hearing) -> set[str]:
    return {each.policy.check_id for each in hearing.judge([QUEUE]) if not isinstance(each, Gap)}
