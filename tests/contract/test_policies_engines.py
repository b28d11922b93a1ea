"""Two engines, one answer: regorus and OPA say the same of every shipped policy and case.

OPA is installed by set-up and not by chance: where it is missing, these tests fail.
"""

import pytest

from policies import load
from policies.cases import Case, read_cases, run_case
from policies.document import Documents
from policies.model import Language, Outcome, Policy
from policies.rego import Evaluator
from policies.sight import Sights
from tests.opa import Opa

SET = load()
POLICIES = SET.written_in(Language.REGO)
EVERY = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.check_id)
SIGHTS = Sights(SET)
REGORUS = Evaluator(SET)


@pytest.fixture(scope="module")
def opa() -> Opa:
    return Opa(SET)


@EVERY
def test_both_engines_say_the_same_of_every_case(policy: Policy, opa: Opa) -> None:
    cases = read_cases(policy)
    for case in cases:
        for document in (case.document, case.at_worst().document, _seen(policy, case)):
            assert _said(opa, policy, document) == _said(REGORUS, policy, document), case.name

    assert cases


@EVERY
def test_every_case_gets_its_verdict_from_opa(policy: Policy, opa: Opa) -> None:
    results = [run_case(opa, policy, case) for case in read_cases(policy)]

    assert [result for result in results if not result.held] == []


def _said(engine: Evaluator, policy: Policy, document: str) -> Outcome:
    outcome = engine.outcomes(document, (policy,)).get(policy.check_id, ())
    return tuple(sorted(outcome, key=str)) if isinstance(outcome, tuple) else outcome


def _seen(policy: Policy, case: Case) -> str:
    documents = Documents(estate=case.estate, now=case.now)
    sight = SIGHTS.of(policy)
    if sight is None:
        return documents.whole(case.resource, case.related)
    return documents.view(sight).document(documents.texts(case.resource), case.related)
