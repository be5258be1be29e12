from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from consults.deadlines import Urgency
from consults.expectation import Away, Basis, expected, free_from
from telepath.territories import REGIONS, USUAL, Calendar, is_working_time

LILLE = "Europe/Paris"
MONDAY = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)  # 10 h in Lille
ZONES = st.sampled_from(sorted({region.time_zone for region in REGIONS.values()}))
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_an_answer_is_expected_after_the_usual_time_of_this_expert_when_people_are_at_work() -> None:
    at = expected(Urgency.STANDARD, MONDAY, LILLE, USUAL, hours=5.0, answers=9)
    assert (at.at, at.basis, at.answers) == (MONDAY + 5 * HOUR, Basis.RECORD, 9)
    # 20 h later it is Tuesday, 6 h in Lille: at 8 h.
    assert expected(Urgency.STANDARD, MONDAY, LILLE, USUAL, hours=20.0).at == datetime(2026, 3, 10, 7, tzinfo=UTC)
    # Asked on Friday evening: they begin on Monday.
    friday = datetime(2026, 3, 6, 20, 0, tzinfo=UTC)
    waiting = expected(Urgency.STANDARD, friday, LILLE, USUAL, hours=5.0)
    assert waiting.begins_at == datetime(2026, 3, 9, 7, tzinfo=UTC)
    assert waiting.at == datetime(2026, 3, 9, 12, tzinfo=UTC)


def test_of_somebody_unknown_what_others_have_published_is_presumed_and_said() -> None:
    unknown = expected(Urgency.STANDARD, MONDAY, LILLE, USUAL, hours=None, answers=0)
    assert (unknown.at, unknown.basis) == (MONDAY + 48 * HOUR, Basis.PRESUMED)
    said = expected(Urgency.STANDARD, MONDAY, LILLE, USUAL, hours=48.0, basis=Basis.SAID, answers=3)
    assert (said.at, said.basis, said.answers) == (unknown.at, Basis.SAID, 0)


def test_what_waits_comes_first_but_not_before_a_frozen_section() -> None:
    assert expected(Urgency.STANDARD, MONDAY, LILLE, USUAL, hours=1.0, load=5).at == MONDAY + 4 * HOUR
    frozen = expected(Urgency.FROZEN, MONDAY, LILLE, USUAL, hours=None, load=5)
    assert frozen.at == MONDAY + timedelta(minutes=19)


def test_somebody_on_duty_begins_at_once_and_somebody_away_when_they_are_back() -> None:
    night = datetime(2026, 3, 9, 1, 0, tzinfo=UTC)
    assert expected(Urgency.URGENT, night, LILLE, USUAL, hours=2.0, on_duty=True).at == night + 2 * HOUR
    away = (Away(night - DAY, night + 2 * DAY),)
    back = expected(Urgency.URGENT, night, LILLE, USUAL, hours=2.0, away=away)
    assert back.begins_at == datetime(2026, 3, 11, 7, tzinfo=UTC)
    # An absence that begins meanwhile takes as long as it lasts.
    meanwhile = (Away(MONDAY + DAY, MONDAY + 2 * DAY),)
    assert expected(Urgency.STANDARD, MONDAY, LILLE, USUAL, hours=48.0, away=meanwhile).at == MONDAY + 3 * DAY


def test_a_public_holiday_of_the_territory_is_no_day_for_an_answer() -> None:
    eve = datetime(2026, 6, 9, 20, 0, tzinfo=UTC)  # 17 h in Cayenne; the next day is the abolition's
    there = expected(Urgency.STANDARD, eve, "America/Cayenne", Calendar(territory="03"), hours=2.0)
    assert there.at == datetime(2026, 6, 11, 11, tzinfo=UTC)


@given(INSTANTS, ZONES, st.lists(st.tuples(st.integers(-200, 900), st.integers(1, 500)), max_size=3))
def test_who_is_free_is_at_work_not_away_and_never_before_they_are_asked(
    now: datetime, zone: str, spans: list[tuple[int, int]]
) -> None:
    away = [Away(now + begin * HOUR, now + (begin + length) * HOUR) for begin, length in spans]
    found = free_from(now, zone, USUAL, away)
    assert found >= now
    assert is_working_time(found, zone)
    assert not any(one.starts_at <= found < one.ends_at for one in away)


@given(st.sampled_from(Urgency), INSTANTS, ZONES, st.floats(0.1, 500), st.floats(0, 100), st.integers(0, 20))
def test_who_takes_longer_or_has_more_to_read_is_never_expected_sooner(
    urgency: Urgency, now: datetime, zone: str, hours: float, more: float, load: int
) -> None:
    first = expected(urgency, now, zone, USUAL, hours=hours)
    assert first.at > now
    assert expected(urgency, now, zone, USUAL, hours=hours + more, load=load).at >= first.at
