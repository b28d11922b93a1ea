"""Labels taken back and corrected: what stands counts, and the record keeps the rest."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.store import SqliteStore
from app.world import World
from core import opinion
from core.decide import decide
from core.errors import DecisionError
from core.types import DecisionKind, Fix, FixState, LabelOrigin, Person, Status, Verdict
from tests.store_world import DANA, HOUR, NOW, OMAR, UID, Clock, allow, card, plan, scanned
from tests.unit.test_store_label import label

FALSE = DecisionKind.FALSE_POSITIVE


def say(store: SqliteStore, person: Person, kind: DecisionKind, **facts: object) -> None:
    decide(
        store,
        kind=kind,
        finding_uid=UID,
        person=person,
        now=NOW,
        permit=allow,
        **facts,  # type: ignore[arg-type]
    )


def take_back(store: SqliteStore, person: Person, of: Person | None = None) -> None:
    say(store, person, DecisionKind.TAKE_BACK, answers={opinion.OF: (of or person).key})


def where(store: SqliteStore) -> Status:
    return store.card(UID).finding.status


def test_a_label_taken_back_counts_no_more_and_its_finding_is_open_again(
    store: SqliteStore,
) -> None:
    scanned(store, "a")
    say(store, DANA, FALSE, reason="a test bucket")

    take_back(store, DANA)

    assert store.labels() == ()
    assert where(store) is Status.OPEN
    [gone] = store.taken_back()
    assert (gone.label.reason, gone.actor) == ("a test bucket", DANA.key)
    last = list(store.audit_records())[-1]
    assert last.payload["of"] == DANA.key
    assert last.payload["labels"] == [gone.label.uid]


def test_it_stays_open_over_the_next_scan_and_closed_where_another_said_so_too(
    store: SqliteStore, clock: Clock
) -> None:
    scanned(store, "a", "b")
    say(store, DANA, FALSE)
    say(store, OMAR, FALSE)
    take_back(store, DANA)
    assert where(store) is Status.SUPPRESSED
    take_back(store, OMAR)

    clock.now = NOW + HOUR
    scanned(store, "a", "b", at=clock.now)

    assert where(store) is Status.OPEN


def test_a_finding_that_comes_back_stands_as_what_was_not_taken_back_says(
    store: SqliteStore, clock: Clock
) -> None:
    scanned(store, "a", "b")
    say(store, OMAR, FALSE)
    say(store, DANA, FALSE)
    take_back(store, DANA)
    clock.now = NOW + HOUR
    scanned(store, "b", at=clock.now)  # "a" is gone: fixed
    clock.now = NOW + 2 * HOUR
    scanned(store, "a", "b", at=clock.now)

    assert where(store) is Status.SUPPRESSED


def test_what_is_gone_is_not_opened_by_taking_a_word_back(store: SqliteStore, clock: Clock) -> None:
    scanned(store, "a", "b")
    say(store, DANA, FALSE)
    clock.now = NOW + HOUR
    scanned(store, "b", at=clock.now)

    take_back(store, DANA)

    assert where(store) is Status.FIXED


def test_nobody_takes_back_what_was_not_said(store: SqliteStore) -> None:
    scanned(store, "a")
    with pytest.raises(DecisionError, match="no word"):
        take_back(store, DANA)


def test_an_approval_taken_back_counts_no_more_towards_the_plan(store: SqliteStore) -> None:
    from dataclasses import replace

    from core.gate import Terms

    scanned(store, "a")
    store.save_plan(replace(plan(UID), terms=Terms(approvals=2)))
    say(store, DANA, DecisionKind.APPROVE_FIX, plan_digest="d" * 64)
    take_back(store, DANA)

    say(store, OMAR, DecisionKind.APPROVE_FIX, plan_digest="d" * 64)

    assert store.fix("d" * 64) is None


def test_a_fix_under_way_goes_its_way_when_its_approver_takes_the_label_back(
    store: SqliteStore,
) -> None:
    scanned(store, "a")
    store.save_plan(plan(UID))
    say(store, DANA, DecisionKind.APPROVE_FIX, plan_digest="d" * 64)
    store.save_fix(Fix("d" * 64, UID, FixState.PULL_REQUEST, NOW))

    take_back(store, DANA)

    fix = store.fix("d" * 64)
    assert fix is not None
    assert fix.state is FixState.PULL_REQUEST
    assert where(store) is Status.OPEN


# ── the command line ──────────────────────────────────────────────────────────


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace where Dana closed one finding, and past triage of a contractor came in."""
    world = World.open(tmp_path)
    scanned(world.store, "a", "b")
    say(world.store, DANA, FALSE, reason="a test bucket")
    other = card("b").finding
    imported = label(NOW, uid="c" * 24, finding_uid=other.uid, person="contractor")
    waiting = label(NOW, uid="d" * 24, finding_uid="9" * 24, person="contractor")
    world.store.add_labels([imported, waiting])
    while job := world.store.claim_job(lease_s=60):
        world.store.finish_job(job.uid)
    return tmp_path


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "label", *arguments])


def listed(home: Path, *options: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(
        run(home, "list", "--format", "json", *options).stdout
    )["labels"]
    return found


def test_list_tells_labels_apart_by_person_verdict_check_and_finding(home: Path) -> None:
    assert len(listed(home)) == 3
    assert len(listed(home, "--person", "contractor")) == 2
    assert [each["reason"] for each in listed(home, "--finding", UID[:8])] == ["a test bucket"]
    assert listed(home, "--verdict", "accepted_risk") == []
    assert "contractor" in run(home, "list").stdout


def test_deleting_one_label_opens_its_finding_and_the_trail_says_who_did(home: Path) -> None:
    [hers] = listed(home, "--person", DANA.key)

    said = run(home, "delete", str(hers["uid"])[:8], "--reason", "clicked by mistake")

    assert "1 label of 1 person (1 false_positive); 1 finding opens again." in said.stdout
    store = World.open(home).store
    assert where(store) is Status.OPEN
    [gone] = listed(home, "--taken-back")
    back = gone["taken_back"]
    assert isinstance(back, dict)
    assert back["by"].startswith("//operator:")
    assert back["reason"] == "clicked by mistake"
    job = store.claim_job(lease_s=60)
    assert job is not None
    assert (job.kind, job.payload) == ("retrain", {})


def test_deleting_all_of_a_person_asks_first_and_a_dry_run_changes_nothing(home: Path) -> None:
    told = run(home, "delete", "--person", "contractor", "--dry-run")
    unsure = run(home, "delete", "--person", "contractor")

    assert told.stdout.startswith("2 labels of 1 person")
    assert "Nothing was changed" in told.stdout
    assert unsure.exit_code == 2
    assert "--yes" in unsure.stderr
    assert len(listed(home)) == 3

    assert run(home, "delete", "--person", "contractor", "--yes").exit_code == 0
    assert [each["person"] for each in listed(home)] == [DANA.key]


def test_an_old_export_does_not_bring_back_what_was_deleted(home: Path, tmp_path: Path) -> None:
    run(home, "export", str(tmp_path / "old.jsonl"))
    run(home, "delete", "--person", "contractor", "--yes")

    lines = (tmp_path / "old.jsonl").read_text().splitlines()
    theirs = [line for line in lines if "contractor" in line]
    (tmp_path / "old.jsonl").write_text("\n".join(theirs))

    said = run(home, "import", str(tmp_path / "old.jsonl"))

    assert "2 were taken back here and stay so" in said.stderr
    assert listed(home, "--person", "contractor") == []


def test_a_corrected_label_stays_the_word_of_its_person_and_its_finding_follows(
    home: Path,
) -> None:
    [hers] = listed(home, "--person", DANA.key)

    assert run(home, "correct", str(hers["uid"]), "approve").exit_code == 0

    store = World.open(home).store
    [label_] = [each for each in store.labels() if each.person == DANA.key]
    assert (label_.verdict, label_.origin) == (Verdict.APPROVE, LabelOrigin.PERSON)
    assert label_.features == {"exposure": 3.0}
    assert where(store) is Status.OPEN
    assert list(store.audit_records())[-1].kind == "label.corrected"


def test_a_corrected_import_is_not_undone_by_the_same_import(home: Path, tmp_path: Path) -> None:
    run(home, "export", str(tmp_path / "old.jsonl"))
    [first, _] = listed(home, "--person", "contractor")

    run(home, "correct", str(first["uid"]), "accepted_risk")
    run(home, "import", str(tmp_path / "old.jsonl"))

    [again] = [each for each in listed(home) if each["uid"] == first["uid"]]
    assert again["verdict"] == "accepted_risk"


@pytest.mark.parametrize(
    "arguments",
    [
        ["delete"],
        ["delete", "ffff"],
        ["delete", "--person", "nobody"],
        ["correct", "zzzz", "approve"],
        ["correct", "cccc", "false_positive"],
    ],
)
def test_what_cannot_be_done_as_asked_is_one_sentence(home: Path, arguments: list[str]) -> None:
    said = run(home, *arguments)

    assert said.exit_code == 2
    assert said.stderr.startswith("plumbline: ")
    assert len(listed(home)) == 3


def test_a_person_accepts_a_risk_with_an_end_and_not_by_correction(home: Path) -> None:
    [hers] = listed(home, "--person", DANA.key)

    said = run(home, "correct", str(hers["uid"]), "accepted_risk")

    assert said.exit_code == 1
    assert "needs an end" in said.stderr
