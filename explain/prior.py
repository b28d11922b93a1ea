"""What is known before anybody here has decided anything, turned into generated training rows.

Each fact names a source and a date for *that* something matters and in which direction. How much it
weighs, in log-odds, is our judgement: no published measurement of it exists for cloud
misconfigurations. The rows are drawn, not observed; a model trained on them knows these facts and
nothing else. Features without a fact are drawn but change nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explain.calibration import sigmoid
from explain.drawn import without_fact
from explain.feature import names
from explain.memory import REMEMBERED

Array = NDArray[np.float64]
Columns = Mapping[str, Array]

ROWS = 20_000
SEED = 20261122
_BASE = -2.4  # so that about one drawn finding in three is worth fixing


@dataclass(frozen=True, slots=True)
class Fact:
    """One documented piece of knowledge and what it adds to the log-odds of "worth fixing".

    `dated` is when the source was published, as exactly as it says.
    """

    features: tuple[str, ...]
    statement: str
    source: str
    dated: str
    adds: Callable[[Columns], Array]


def _step(column: Array, *weights: float) -> Array:
    """Look the level up; an unknown value adds nothing."""
    known = np.nan_to_num(column, nan=0.0).astype(int)
    return np.where(np.isnan(column), 0.0, np.array(weights)[np.clip(known, 0, len(weights) - 1)])


def _is(column: Array, at_least: float) -> Array:
    """Return 1 where the value is known and at least this, else 0."""
    return (np.nan_to_num(column, nan=-1.0) >= at_least).astype(np.float64)


def _log(column: Array) -> Array:
    return np.asarray(np.log1p(np.nan_to_num(column, nan=0.0)))


FACTS: tuple[Fact, ...] = (
    Fact(
        ("severity",),
        "Controls are ranked by how easily a weakness is used and how likely it leads to compromise",
        "AWS Security Hub user guide, Severity levels for controls",
        "undated web page, known as of 2024",
        lambda c: _step(c["severity"], -1.4, -0.7, 0.0, 0.8, 1.6),
    ),
    Fact(
        ("exposure_level",),
        "Public access to functions and buckets is rated critical; what only its own account "
        "reaches needs a foothold first",
        "AWS Security Hub controls Lambda.1, S3.2, S3.3; MITRE ATT&CK T1190",
        "undated web page, known as of 2024",
        lambda c: _step(c["exposure_level"], -0.4, -0.2, 0.2, 0.4),
    ),
    Fact(
        ("unauthenticated", "exposure_level"),
        "Broken authentication stands second among serverless risks: a public function without it "
        "can be called by anyone",
        "OWASP Top 10 (2017) Interpretation for Serverless; AWS Lambda developer guide, AuthType NONE",
        "2018",
        lambda c: _is(c["unauthenticated"], 1) * (0.4 + 1.8 * _is(c["exposure_level"], 3)),
    ),
    Fact(
        ("role_admin", "whole_services", "wildcard_actions"),
        "Over-privileged function roles turn one flaw into many; full administrator policies are "
        "rated high",
        "CSA, The 12 Most Critical Risks for Serverless Applications, SAS-4; Security Hub IAM.1",
        "2019-02",
        lambda c: (
            1.0 * _is(c["role_admin"], 1)
            + 0.25 * np.minimum(_log(c["whole_services"]), 2.0)
            + 0.12 * np.minimum(_log(c["wildcard_actions"]), 3.0)
        ),
    ),
    Fact(
        ("role_admin", "exposure_level"),
        "In the Capital One breach the role of an exposed component could list and copy the bank's "
        "buckets",
        "United States v. Paige A. Thompson, criminal complaint MJ19-0344, W.D. Washington",
        "2019-07-29",
        lambda c: 0.6 * _is(c["role_admin"], 1) * _is(c["exposure_level"], 3),
    ),
    Fact(
        ("escalations",),
        "Some sets of IAM actions let an identity give itself any right",
        "Rhino Security Labs, AWS IAM Privilege Escalation; MITRE ATT&CK T1098",
        "2018",
        lambda c: 0.5 * np.minimum(_log(c["escalations"]), 1.5),
    ),
    Fact(
        ("secrets_in_environment",),
        "Exposed environment variables with cloud keys were used in a large extortion campaign",
        "Palo Alto Networks Unit 42, Leaked Environment Variables Allow Large-Scale Extortion "
        "Operation in Cloud Environments; MITRE ATT&CK T1552",
        "2024-08-15",
        lambda c: (
            1.0 * _is(c["secrets_in_environment"], 1)
            + 0.2 * np.minimum(_log(c["secrets_in_environment"]), 2.0)
        ),
    ),
    Fact(
        ("weak_encryption", "sensitivity"),
        "Encryption at rest is rated medium, and S3 has encrypted every new object since 2023-01-05: "
        "it matters most for data of high impact",
        "AWS News Blog, Amazon S3 Encrypts New Objects By Default; Security Hub SQS.1, SNS.1",
        "2023-01-05",
        lambda c: (
            _step(c["weak_encryption"], -0.2, 0.0, 0.3)
            + 0.4 * _is(c["weak_encryption"], 2) * _is(c["sensitivity"], 2)
        ),
    ),
    Fact(
        ("sensitivity",),
        "Impact grows with what the loss of the data would do",
        "NIST FIPS 199, Standards for Security Categorization",
        "2004-02",
        lambda c: _step(c["sensitivity"], -0.6, 0.0, 0.5, 1.0),
    ),
    Fact(
        ("environment",),
        "Risk is likelihood times impact, and impact depends on the mission the system carries",
        "NIST SP 800-30 Rev. 1; CISA SSVC guide (mission prevalence)",
        "2012-09",
        lambda c: _step(c["environment"], -1.0, -0.6, -0.1, 0.6),
    ),
    Fact(
        ("stores_in_reach", "sensitive_in_reach", "exposure_level"),
        "Data in cloud storage is what attackers collect; what an exposed resource reaches is lost "
        "with it",
        "MITRE ATT&CK T1530, Data from Cloud Storage",
        "2019-08-30",
        lambda c: (
            0.12 * np.minimum(_log(c["stores_in_reach"]), 3.0)
            + (0.4 + 0.5 * _is(c["exposure_level"], 3)) * _is(c["sensitive_in_reach"], 1)
        ),
    ),
    Fact(
        ("attack_paths", "on_path_to_sensitive"),
        "A weakness weighs what it adds to the attack graph: those on a way to what is to be "
        "protected come first",
        "Sheyner et al., Automated Generation and Analysis of Attack Graphs, IEEE Symposium on "
        "Security and Privacy",
        "2002-05",
        lambda c: (
            0.2 * np.minimum(_log(c["attack_paths"]), 2.0) + 0.4 * _is(c["on_path_to_sensitive"], 1)
        ),
    ),
    Fact(
        ("internet_distance",),
        "Each further step of an attack has to succeed too, so that its likelihood falls with the "
        "distance",
        "NIST IR 7788, Security Risk Analysis of Enterprise Networks Using Probabilistic Attack Graphs",
        "2011-08",
        lambda c: np.where(
            np.isnan(c["internet_distance"]),
            0.0,
            0.2 / (1.0 + np.nan_to_num(c["internet_distance"], nan=0.0)),
        ),
    ),
    Fact(
        ("runtime_deprecated_days",),
        "Known exploited vulnerabilities are to be fixed first, and a deprecated runtime gets no "
        "security fixes",
        "CISA Binding Operational Directive 22-01; Security Hub Lambda.2",
        "2021-11-03",
        lambda c: (
            0.4 * _is(c["runtime_deprecated_days"], 1)
            + 0.4 * _is(c["runtime_deprecated_days"], 365)
        ),
    ),
    Fact(
        ("exploited_since",),
        "What is known to be exploited has to be fixed within two weeks; what gets no patches any more "
        "cannot be",
        "CISA Binding Operational Directive 22-01, required actions 1 and 2",
        "2021-11-03",
        lambda c: 0.6 * np.minimum(_log(c["exploited_since"]), 1.5),
    ),
    Fact(
        ("actors",),
        "An attack is the likelier the more adversaries are known to use its way",
        "NIST SP 800-30 Rev. 1, appendix G, likelihood of threat event initiation",
        "2012-09",
        lambda c: 0.08 * np.minimum(_log(c["actors"]), 4.0),
    ),
    Fact(
        ("other_findings", "worst_other"),
        "Weaknesses combine: attack paths run through several findings on one resource",
        "NIST SP 800-30 Rev. 1, appendix F, predisposing conditions",
        "2012-09",
        lambda c: (
            0.2 * np.minimum(_log(c["other_findings"]), 2.0)
            + _step(c["worst_other"], 0.0, 0.0, 0.1, 0.2, 0.35)
        ),
    ),
    Fact(
        ("anomaly_score",),
        "What deviates from a baseline configuration deserves a look",
        "NIST SP 800-128, Guide for Security-Focused Configuration Management",
        "2011-08",
        lambda c: 0.5 * np.nan_to_num(c["anomaly_score"], nan=0.0),
    ),
    Fact(
        ("hygiene",),
        "A missing tag harms nobody by itself; it belongs in lists, not in front of people",
        "Plumbline, docs and the design of its conversation",
        "2026-11-22",
        lambda c: -1.5 * _is(c["hygiene"], 1),
    ),
    Fact(
        ("confidence",),
        "A finding is worth as much as its evidence is sure",
        "OCSF 1.3, finding.confidence_score",
        "2024-08",
        lambda c: 1.5 * (c["confidence"] - 1.0),
    ),
    Fact(
        ("calls_per_day",),
        "What nobody calls is rarely what an attacker meets first; use says that it matters to someone",
        "CISA SSVC guide, mission prevalence and exposure",
        "2022-11",
        lambda c: np.where(
            np.isnan(c["calls_per_day"]), 0.0, 0.1 * np.minimum(_log(c["calls_per_day"]), 8.0) - 0.3
        ),
    ),
    Fact(
        ("judged_real",),
        "How analysts judged alerts of the same kind before predicts how they judge the next",
        "Gelman et al., That Escalated Quickly: An ML Framework for Alert Prioritization, "
        "arXiv 2302.06648",
        "2023-02",
        lambda c: np.where(np.isnan(c["judged_real"]), 0.0, 2.6 * (c["judged_real"] - 0.5)),
    ),
)


def silent() -> frozenset[str]:
    """Return the names of the features that no fact speaks of."""
    return frozenset(names()) - {name for fact in FACTS for name in fact.features}


@lru_cache(maxsize=4)
def rows(*, seed: int = SEED, count: int = ROWS) -> tuple[Array, Array]:
    """Draw generated rows; return features (count x features, declared order) and truth (0 or 1).

    The same seed gives the same rows. The arrays are shared and cannot be written to.
    """
    rng = np.random.default_rng(seed)
    columns = _draw(rng, count)
    odds = _BASE + np.sum([fact.adds(columns) for fact in FACTS], axis=0)
    # Rounded, so that a last bit of difference between machines cannot flip a label.
    truth = (rng.random(count) < np.round(sigmoid(odds), 9)).astype(np.float64)
    features = np.column_stack([columns[name] for name in names()])
    features.flags.writeable = truth.flags.writeable = False
    return features, truth


def _draw(rng: np.random.Generator, n: int) -> dict[str, Array]:
    """Draw each feature from a spread wide enough that the model meets every level."""
    computes = rng.random(n) < 0.5  # half functions and state machines, half stores and the rest
    has_role = computes | (rng.random(n) < 0.2)
    exposure = rng.choice([0.0, 1.0, 2.0, 3.0], n, p=[0.2, 0.45, 0.12, 0.23])
    admin = _bernoulli(rng, n, 0.08)
    services = np.where(admin > 0, 1.0, 0.0) + rng.poisson(0.4, n)
    stores = rng.poisson(1.2, n) + np.where(admin > 0, 10.0, 0.0)
    others = rng.poisson(0.9, n).astype(np.float64)
    further = _sometimes(rng, rng.choice([1.0, 2.0, 3.0, 4.0], n, p=[0.35, 0.3, 0.2, 0.15]), 0.4)
    distance = np.where(exposure == 3, 0.0, further)
    led_to = np.where(np.isnan(distance) & (exposure < 2), 0.0, rng.poisson(0.8, n))
    drawn = {
        "severity": rng.choice([0.0, 1.0, 2.0, 3.0, 4.0], n, p=[0.08, 0.22, 0.35, 0.23, 0.12]),
        "confidence": np.where(rng.random(n) < 0.7, 1.0, np.round(rng.uniform(0.3, 1.0, n), 2)),
        "hygiene": _bernoulli(rng, n, 0.2),
        "anomaly_score": _sometimes(rng, np.where(rng.random(n) < 0.8, 0.0, np.round(rng.uniform(0.5, 1.0, n), 2)), 0.6),
        "exposure_level": _sometimes(rng, exposure, 0.97),
        "unauthenticated": np.where(exposure <= 1, 0.0, _sometimes(rng, _bernoulli(rng, n, 0.55), 0.85)),
        "role_admin": _where(has_role, admin),
        "wildcard_actions": _where(has_role, services + rng.poisson(1.0, n)),
        "whole_services": _where(has_role, services),
        "escalations": _where(has_role, np.where(admin > 0, 20.0, rng.poisson(0.25, n))),
        "attack_paths": _sometimes(rng, led_to, 0.95),
        "internet_distance": distance,
        "on_path_to_sensitive": np.where(led_to > 0, _bernoulli(rng, n, 0.8), 0.0),
        "secrets_in_environment": _where(computes, rng.poisson(0.35, n)),
        "weak_encryption": _sometimes(rng, rng.choice([0.0, 1.0, 2.0], n, p=[0.25, 0.5, 0.25]), 0.8),
        "sensitivity": _sometimes(rng, rng.choice([0.0, 1.0, 2.0, 3.0], n, p=[0.1, 0.4, 0.25, 0.25]), 0.5),
        "stores_in_reach": _where(has_role, stores),
        "sensitive_in_reach": _where(has_role, rng.binomial(stores.astype(int), 0.2)),
        "environment": _sometimes(rng, rng.choice([0.0, 1.0, 2.0, 3.0], n, p=[0.1, 0.25, 0.2, 0.45]), 0.75),
        "unowned": _bernoulli(rng, n, 0.4),
        "age_days": _sometimes(rng, np.round(rng.exponential(500.0, n), 1), 0.7),
        "changed_days_ago": _sometimes(rng, np.round(rng.exponential(90.0, n), 1), 0.7),
        "runtime_deprecated_days": _where(computes, np.where(rng.random(n) < 0.75, 0.0, rng.integers(1, 2000, n))),
        "calls_per_day": _sometimes(rng, np.round(rng.lognormal(3.0, 3.0, n), 2), 0.5),
        "monthly_cost": _sometimes(rng, np.round(rng.lognormal(1.0, 2.0, n), 2), 0.6),
        "other_findings": others,
        "worst_other": np.where(others > 0, rng.choice([1.0, 2.0, 3.0, 4.0], n, p=[0.3, 0.35, 0.25, 0.1]), 0.0),
        "prevalence": np.round(rng.beta(0.6, 2.0, n), 3),
        "judged_real": _sometimes(rng, np.round(rng.beta(1.5, 1.5, n), 3), 0.5),
        # What a model remembers of decisions; nobody has decided anything yet.
        **{name: np.full(n, np.nan) for name in REMEMBERED},
        **without_fact(rng, computes=computes, has_role=has_role),
        "actors": _sometimes(rng, rng.choice([0.0, 1.0, 3.0, 6.0, 12.0, 16.0, 35.0, 61.0], n), 0.45),
    }  # fmt: skip
    ended = np.nan_to_num(drawn["runtime_deprecated_days"], nan=0.0) > 0
    drawn["exploited_since"] = np.where(
        computes, _sometimes(rng, np.where(ended, rng.poisson(0.7, n), 0.0), 0.5), np.nan
    )
    missing = set(names()) - set(drawn)
    if missing:
        raise ValueError(f"the prior draws nothing for {sorted(missing)}")
    return drawn


def _bernoulli(rng: np.random.Generator, n: int, p: float) -> Array:
    return (rng.random(n) < p).astype(np.float64)


def _sometimes(rng: np.random.Generator, values: Array, known: float) -> Array:
    return np.where(rng.random(len(values)) < known, values, np.nan)


def _where(applies: NDArray[np.bool_], values: NDArray[Any]) -> Array:
    return np.where(applies, values, np.nan).astype(np.float64)
