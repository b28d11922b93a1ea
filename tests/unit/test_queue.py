"""The worker is woken when something is due, once, also for what is overdue."""

from datetime import UTC, datetime, timedelta

from app.queue import Alarm

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_an_alarm_rings_when_the_next_thing_is_due() -> None:
    rung: list[datetime] = []

    Alarm(rung.append).set(NOW + seconds(5), now=NOW)

    assert rung == [NOW + seconds(5)]


def test_what_is_overdue_is_looked_at_within_a_second_or_two() -> None:
    rung: list[datetime] = []

    Alarm(rung.append).set(NOW - seconds(3), now=NOW)

    assert rung == [NOW + seconds(1)]


def test_a_time_that_is_covered_sets_no_second_alarm() -> None:
    rung: list[datetime] = []
    alarm = Alarm(rung.append)

    alarm.set(NOW + seconds(5), now=NOW)
    alarm.set(NOW + seconds(9), now=NOW)
    alarm.set(NOW + seconds(2), now=NOW)

    assert rung == [NOW + seconds(5), NOW + seconds(2)]


def test_what_the_look_of_each_minute_finds_needs_no_alarm() -> None:
    rung: list[datetime] = []

    Alarm(rung.append).set(NOW + seconds(90), now=NOW)
    Alarm(rung.append).set(None, now=NOW)

    assert rung == []
