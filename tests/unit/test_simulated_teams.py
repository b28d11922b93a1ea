"""The simulated teams are what the ADR says they are, and stay so."""

from collections.abc import Iterator
from functools import cache

import pytest

from core.identity import digest, finding_uid
from core.types import Evidence, Finding, Gap, LabelOrigin, Severity, Snapshot, Verdict
from sandbox.teams import Simulation, simulate
from sandbox.teams.crew import Behaviour, Crew
from sandbox.teams.draw import Draw
from sandbox.teams.estate import TEAMS

# What seed 3 gives with the made-up checks below. It changes only with a reason in ADR 10.
PINNED = "e40d0076ef257838ea440e6470d04e363d479e7c7760a73585abba96fa36fb05"


def found(snapshot: Snapshot) -> Iterator[Finding | Gap]:
    """Made-up checks, so that a change of a real one does not look like a change of the simulator."""
    for resource in snapshot.resources:
        given, kind = resource.properties, resource.type
        wrong = {
            "X-1": (Severity.MEDIUM, kind == "AWS::Lambda::Function" and "VpcConfig" not in given),
            "X-2": (Severity.HIGH, given.get("AuthType") == "NONE"),
            "X-3": (Severity.LOW, given.get("DeletionProtectionEnabled") is False),
            "X-4": (Severity.CRITICAL, '"*"' in str(given.get("Policies")).replace("'", '"')),
        }
        for check_id, (severity, is_wrong) in wrong.items():
            if is_wrong:
                uid = finding_uid(check_id, resource.uid)
                yield Finding(
                    uid, check_id, check_id, check_id, severity, resource.uid, kind,
                    resource.name, Evidence(check_id), hygiene=check_id == "X-3",
                )  # fmt: skip


@cache
def simulated() -> Simulation:
    return simulate(3, [found])


def test_one_seed_gives_what_it_gave_when_the_simulator_was_frozen() -> None:
    made = simulated()
    told = [(j.finding.uid, round(j.wish.known, 6), j.wish.is_actionable) for j in made.judged]
    said = [(each.uid, each.verdict.value) for each in made.labels(300, adversarial=0.2)]

    assert digest([told, said]) == PINNED


def test_another_seed_gives_other_teams() -> None:
    assert {j.finding.uid for j in simulate(4, [found]).judged} != {
        j.finding.uid for j in simulated().judged
    }


def test_nobody_labels_what_the_figures_are_measured_on() -> None:
    labelled = {label.resource_uid.partition("|")[0] for label in simulated().labels(400)}
    measured = {j.finding.resource_uid.partition("|")[0] for j in simulated().judged}

    assert not labelled & measured


def test_labels_are_simulated_in_order_and_come_before_the_last_scan() -> None:
    made = simulated()
    labels = made.labels(200)

    assert {label.origin for label in labels} == {LabelOrigin.SIMULATED}
    assert [label.labelled_at for label in labels] == sorted(label.labelled_at for label in labels)
    assert labels[-1].labelled_at < made.moments[-1].snapshot.taken_at
    assert {label.uid for label in made.labels(50)} < {label.uid for label in labels}


def test_at_least_a_tenth_of_the_labels_is_wrong_and_more_with_adversaries() -> None:
    def wrong(adversarial: float) -> float:
        labels = simulated().labels(600, adversarial=adversarial)
        return sum(
            simulated().truth(each) != (each.verdict is Verdict.APPROVE) for each in labels
        ) / len(labels)

    assert 0.1 <= wrong(0.0) < 0.2
    assert wrong(0.2) > wrong(0.0) + 0.05


def test_most_findings_are_not_worth_fixing_and_some_are() -> None:
    real = [j.wish.is_actionable for j in simulated().judged]

    assert 0.1 < sum(real) / len(real) < 0.5


def test_hidden_reasons_and_drift_change_what_is_worth_fixing() -> None:
    judged = simulated().judged

    assert any((j.wish.visible > 0) != (j.wish.known > 0) for j in judged)
    on, minds = simulated()._company.by_day[120], simulated()._minds
    early = [
        minds.wish(j.finding, on[j.finding.resource_uid], 0).known - j.wish.known for j in judged
    ]
    assert max(map(abs, early)) > 0.3


def test_resources_come_and_change_between_scans() -> None:
    first, *_, last = (moment.snapshot for moment in simulated().moments)
    before = {r.uid: r.properties for r in first.resources}

    assert len(last.resources) > len(first.resources)
    assert any(r.properties != before[r.uid] for r in last.resources if r.uid in before)


@pytest.mark.parametrize(
    ("behaviour", "least", "most"),
    [
        (Behaviour.CAREFUL, 0.0, 0.25),
        (Behaviour.INVERTING, 1.0, 1.0),
        (Behaviour.HIDING, 1.0, 1.0),
    ],
)
def test_people_miss_what_is_real_as_often_as_their_behaviour_says(
    behaviour: Behaviour, least: float, most: float
) -> None:
    made, crew = simulated(), Crew(Draw(3))
    people = (
        crew._reviewer,
        *crew._adversaries,
        *(person for team in TEAMS for person in crew._members[team]),
    )
    on = made._company.by_day[120]
    missed = [
        crew.says(who, j.finding, on[j.finding.resource_uid], actionable=True, day=9.0)
        is not Verdict.APPROVE
        for who in people
        if who.behaviour is behaviour
        for j in made.judged
    ]

    assert least <= sum(missed) / len(missed) <= most
