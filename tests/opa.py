"""The second engine: Open Policy Agent itself, as a library, behind the same questions as ours.

It is no dependency of the product. `make setup` installs it from tests/opa.lock.
"""

import json
from collections.abc import Mapping, Sequence

from opa_bindings import OpaEngine, OpaError

from policies.model import Fault, Outcome, Policy, PolicySet
from policies.rego import Evaluator, violations


class Opa(Evaluator):
    """An evaluator that asks OPA."""

    def __init__(self, policy_set: PolicySet) -> None:
        super().__init__(policy_set)
        self._modules = policy_set.modules
        self._engines: dict[str, OpaEngine] = {}

    def outcomes(self, document: str, policies: Sequence[Policy]) -> Mapping[str, Outcome]:
        """Return what the policies say of one document; nothing said means nothing denied."""
        shown = json.loads(document)
        found: dict[str, Outcome] = {}
        for policy in policies:
            try:
                denied = self._engine(policy).eval_document(
                    f"{policy.package}.{policy.rules[0]}", shown
                )
            except OpaError as error:
                found[policy.check_id] = Fault("failed", str(error))
                continue
            if said := violations(denied):
                found[policy.check_id] = said
        return found

    def _engine(self, policy: Policy) -> OpaEngine:
        """Return an engine that holds one policy and the libraries: OPA compiles all it holds."""
        if policy.check_id not in self._engines:
            engine = self._engines[policy.check_id] = OpaEngine()
            for module in self._modules:
                if module.library or module.package == policy.package:
                    engine.add_policy(module.path, module.text)
        return self._engines[policy.check_id]
