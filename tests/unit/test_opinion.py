"""What people's words on one finding come to."""

from datetime import datetime, timedelta

from core.opinion import OF, opinion, outcome, standing
from core.types import Decision, DecisionKind, Person, Status
from tests.store_world import DANA, NOW, OMAR

PRIYA = Person(team="T1", user="UPRIYA", name="Priya")
ADMIN = Person(team="T1", user="UADMIN", name="Admin")
FALSE, REAL, BACK = DecisionKind.FALSE_POSITIVE, DecisionKind.CONFIRM, DecisionKind.TAKE_BACK


def said(
    *words: tuple[Person, DecisionKind], until: datetime | None = None, **answers: str
) -> tuple[Decision, ...]:
    """Return decisions a minute apart; the last has the answers and the end."""
    last = len(words) - 1
    return tuple(
        Decision(
            f"d{n}",
            "f1",
            kind,
            person,
            NOW + timedelta(minutes=n),
            until=until if n == last else None,
            answers=answers if n == last else {},
        )
        for n, (person, kind) in enumerate(words)
    )


def where(decisions: tuple[Decision, ...]) -> Status:
    return outcome(decisions, now=NOW)[0]


def test_what_is_taken_back_leaves_the_finding_as_it_would_be_without() -> None:
    theirs = said((DANA, FALSE), (DANA, BACK), of=DANA.key)

    assert standing(theirs) == ()
    assert where(theirs) is Status.OPEN


def test_what_another_said_before_stands_when_one_takes_a_word_back() -> None:
    both = said((OMAR, FALSE), (DANA, FALSE), (DANA, BACK), of=DANA.key)

    assert where(both) is Status.SUPPRESSED
    assert [each.person for each in standing(both)] == [OMAR]


def test_what_is_said_after_taking_something_back_stands() -> None:
    again = (*said((DANA, FALSE), (DANA, BACK), of=DANA.key), *said((DANA, FALSE)))

    assert where(again) is Status.SUPPRESSED


def test_taking_a_word_back_leaves_a_snooze_alone() -> None:
    snoozed = said((DANA, FALSE), (DANA, DecisionKind.SNOOZE), until=NOW + timedelta(days=3))
    back = said((DANA, BACK), of=DANA.key)

    assert outcome((*snoozed, *back), now=NOW) == (Status.SNOOZED, NOW + timedelta(days=3))


def test_a_finding_that_people_disagree_on_hides_nothing() -> None:
    one_each = said((DANA, FALSE), (OMAR, REAL))

    assert opinion(one_each).is_disputed
    assert where(one_each) is Status.OPEN
    assert where(said((DANA, REAL), (OMAR, FALSE))) is Status.OPEN


def test_the_third_word_settles_by_majority() -> None:
    dismissed = said((DANA, FALSE), (OMAR, REAL), (PRIYA, FALSE))
    real = said((DANA, FALSE), (OMAR, REAL), (PRIYA, REAL))

    assert not opinion(dismissed).is_open
    assert where(dismissed) is Status.SUPPRESSED
    assert where(real) is Status.OPEN


def test_who_changes_their_mind_counts_once() -> None:
    changed = said((DANA, FALSE), (OMAR, REAL), (DANA, REAL))

    assert not opinion(changed).is_open
    assert [each.person for each in opinion(changed).real] == [OMAR, DANA]


def test_an_admin_settles_against_the_number() -> None:
    alone = said((DANA, REAL), (OMAR, REAL), (ADMIN, FALSE), settles="admin")

    assert where(alone) is Status.SUPPRESSED
    assert where((*alone, *said((ADMIN, BACK), of=ADMIN.key))) is Status.OPEN


def test_a_dismissal_that_needs_another_hides_nothing_until_somebody_agrees() -> None:
    doubted = said((DANA, FALSE), second="new here")
    agreed = (*doubted, *said((OMAR, DecisionKind.NOT_APPLICABLE)))

    assert opinion(doubted).doubted == doubted[0]
    assert where(doubted) is Status.OPEN
    assert where(agreed) is Status.SUPPRESSED


def test_an_accepted_risk_takes_no_side() -> None:
    until = NOW + timedelta(days=30)
    accepted = said((DANA, REAL), (OMAR, DecisionKind.ACCEPT_RISK), until=until)

    assert not opinion(accepted).is_open
    assert outcome(accepted, now=NOW) == (Status.ACCEPTED, until)


def test_of_another_finding_nothing_is_taken_back() -> None:
    other = said((DANA, FALSE))
    back = Decision("b", "f2", BACK, DANA, NOW + timedelta(hours=1), answers={OF: DANA.key})

    assert standing((*other, back)) == other
