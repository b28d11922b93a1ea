from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bench import anomaly, hidden_oddities
from bench.hidden_oddities import Hidden
from core.identity import finding_uid
from core.types import Estate, Finding, Gap, Resource, Severity, Snapshot, unknown
from detectors import unusual_configurations
from detectors.fact import View, at
from detectors.facts import ALL
from detectors.unusual import KINDS, MINIMUM_POPULATION, MOST_OF_A_TYPE, ranked

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FUNCTION = "AWS::Lambda::Function"


def function(n: int, **properties: object) -> Resource:
    uid = f"arn:aws:lambda:eu-west-1:111122223333:function:f{n}"
    usual = {
        "MemorySize": (256, 512)[n % 2],
        "Timeout": (10, 15, 29)[n % 3],
        "Runtime": ("python3.12", "nodejs22.x")[n % 2],
    }
    return Resource(
        uid, FUNCTION, f"f{n}", usual | properties, account="111122223333", tags={"team": "orders"}
    )


def run(*resources: Resource) -> list[Finding | Gap]:
    check = unusual_configurations(estate=Estate())
    return list(check(Snapshot("s", NOW, resources)))


def crowd(n: int = 60) -> list[Resource]:
    return [function(i) for i in range(n)]


ODD = function(
    99,
    MemorySize=10_240,
    Timeout=900,
    Runtime="python3.7",
    Layers=["arn:aws:lambda:eu-west-1:999999999999:layer:x:1"],
)


def test_the_odd_function_is_found_with_the_facts_that_make_it_odd() -> None:
    (found,) = run(*crowd(), ODD)

    assert isinstance(found, Finding)
    assert found.uid == finding_uid("PL-ANOMALY-001", ODD.uid)
    assert found.title == "Function configured unlike its peers"
    assert found.owner == "orders"
    assert found.anomaly_score is not None
    assert 0.6 <= found.anomaly_score <= 1
    assert 0 < found.confidence < 1
    facts = {fact["fact"]: fact for fact in found.evidence.facts["unusual"]}
    assert facts
    assert all(fact["shared_by"] == 1 and fact["peers"] == 61 for fact in facts.values())
    assert "no other has this" in found.evidence.message
    assert found.evidence.locations


def test_an_unusual_fact_that_bears_on_security_makes_it_low_else_info() -> None:
    habit = function(98, MemorySize=10_240, Timeout=900, EphemeralStorage={"Size": 10_240})
    secret = function(
        97, Environment={"Variables": {f"K{n}": f"secret:stripe_key:{n}" for n in range(9)}}
    )

    by_resource = {
        f.resource_uid: f for f in run(*crowd(120), habit, secret) if isinstance(f, Finding)
    }

    assert by_resource[habit.uid].severity is Severity.INFO
    assert by_resource[secret.uid].severity is Severity.LOW


def test_too_few_resources_give_one_gap_a_type_and_no_finding() -> None:
    said = run(*crowd(MINIMUM_POPULATION - 2), ODD)

    assert [type(s) for s in said] == [Gap]
    (gap,) = said
    assert isinstance(gap, Gap)
    assert gap.reason == "unsupported"
    assert gap.resource_type == FUNCTION
    assert "29 functions are too few" in gap.detail


def test_a_type_without_resources_says_nothing() -> None:
    assert run() == []


def test_the_same_estate_gives_the_same_findings() -> None:
    assert run(*crowd(), ODD) == run(*crowd(), ODD)


def test_a_uniform_population_has_nothing_unusual() -> None:
    same = [replace(function(0), uid=f"u{n}", name=str(n)) for n in range(50)]
    assert run(*same) == []


def test_an_unknown_value_makes_nothing_unusual() -> None:
    dark = function(
        96, MemorySize=unknown("denied"), Timeout=unknown("denied"), Runtime=unknown("denied")
    )

    assert not any(
        isinstance(s, Finding) and s.resource_uid == dark.uid for s in run(*crowd(), dark)
    )


def test_the_number_of_findings_is_bounded() -> None:
    odd = [
        function(
            100 + n,
            MemorySize=3000 + 97 * n,
            Timeout=400 + 7 * n,
            Runtime=f"custom{n}",
            KmsKeyArn="k" * n,
        )
        for n in range(30)
    ]

    said = run(*crowd(200), *odd)

    assert 0 < len(said) <= int(MOST_OF_A_TYPE * 230)


def test_every_fact_is_declared_for_a_type_that_is_looked_at() -> None:
    assert {f.resource_type for f in ALL} == {k.resource_type for k in KINDS}
    assert len({k.check_id for k in KINDS}) == len(KINDS)
    assert all(f.extract.__doc__ and "{x}" in f.sentence for f in ALL)


@pytest.mark.parametrize("fact", ALL, ids=lambda f: f"{f.resource_type}.{f.name}")
def test_no_fact_trips_over_a_bare_or_an_unknown_resource(fact: object) -> None:
    from detectors.fact import Fact

    assert isinstance(fact, Fact)
    bare = Resource("u", fact.resource_type, "n", {})
    view = View(Snapshot("s", NOW, (bare,)))
    fact.extract(bare, view)
    if not fact.path.startswith("AWS::"):
        head = fact.path.partition(".")[0]
        dark = replace(bare, properties={head: unknown("denied")})
        assert at(dark, fact.path) == unknown("denied")
        assert fact.extract(dark, View(Snapshot("s", NOW, (dark,)))) is None


def precision_of_detector_and_count(estate: anomaly.Generated | Hidden) -> tuple[float, float]:
    found = anomaly.measure(estate.snapshot, frozenset(estate.planted))
    return found["rarity and surprise (the detector)"], found["rarest-value count"]


def test_planted_rare_values_of_a_generated_estate_rank_high() -> None:
    detector, count = precision_of_detector_and_count(anomaly.generate(0))

    assert detector >= 0.75
    assert detector >= count


def test_planted_oddities_without_a_rare_value_rank_high_where_a_count_is_blind() -> None:
    detector, count = precision_of_detector_and_count(hidden_oddities.generate(100))

    assert detector >= 0.5
    assert count <= 0.15


def test_a_value_unusual_for_its_team_is_told_among_the_teams_own() -> None:
    estate = hidden_oddities.generate(100)
    teams = {r.uid: r.tags.get("team") for r in estate.snapshot.resources}
    planted = [u for u, oddity in estate.planted.items() if oddity == "group"]
    functions = [r for r in estate.snapshot.resources if r.type == FUNCTION]
    population, _ = ranked(functions, FUNCTION, View(estate.snapshot))

    told = [
        (teams[r.uid], population.peers(row, column))
        for row, r in enumerate(population.resources)
        if r.uid in planted
        for column in population.effects[row].argsort()[-3:]
    ]

    among_team = [(team, p) for team, p in told if p.among.startswith("tagged team")]
    assert among_team
    assert all(p.among == f"tagged team {team}" for team, p in among_team)
    assert all(1 <= p.alike <= p.count < len(population) for _, p in among_team)


def test_values_that_are_secret_never_reach_a_finding() -> None:
    leaky = function(
        95, Environment={"Variables": {f"KEY{n}": f"secret:stripe_key:beef{n}" for n in range(9)}}
    )

    (found,) = [f for f in run(*crowd(), leaky) if isinstance(f, Finding)]

    assert "beef" not in str(found.evidence)


def test_ranking_gives_one_score_a_resource() -> None:
    resources = [*crowd(), ODD]
    population, scores = ranked(resources, FUNCTION, View(Snapshot("s", NOW, tuple(resources))))

    assert len(scores) == len(resources) == len(population)
    assert population.resources[int(scores.argmax())].uid == ODD.uid


def test_an_unusual_precaution_is_no_finding() -> None:
    careful = function(94, KmsKeyArn="key")

    said = run(*crowd(120), careful)

    assert not any(isinstance(s, Finding) for s in said)
