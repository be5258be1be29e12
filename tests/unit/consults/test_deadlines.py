from datetime import UTC, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from consults.deadlines import Urgency, due_at
from telepath.territories import CLOSES, REGIONS, Calendar, is_working_day, local

ZONES = st.sampled_from(sorted({region.time_zone for region in REGIONS.values()}))
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
FRIDAY_EVENING = datetime(2026, 3, 13, 21, 30, tzinfo=UTC)


def test_a_frozen_section_is_due_in_twenty_minutes_whatever_the_hour() -> None:
    assert due_at(Urgency.FROZEN, FRIDAY_EVENING, "Europe/Paris") == FRIDAY_EVENING + timedelta(minutes=20)


def test_an_urgent_answer_is_due_in_a_day_even_on_saturday() -> None:
    assert due_at(Urgency.URGENT, FRIDAY_EVENING, "Europe/Paris") == FRIDAY_EVENING + timedelta(hours=24)


def test_a_standard_answer_is_due_at_closing_time_of_the_fifth_working_day_of_the_expert() -> None:
    assert due_at(Urgency.STANDARD, FRIDAY_EVENING, "Europe/Paris") == datetime(2026, 3, 20, 17, tzinfo=UTC)
    # In Nouméa it is Saturday already, and the working day ends at 7 h UTC.
    assert due_at(Urgency.STANDARD, FRIDAY_EVENING, "Pacific/Noumea") == datetime(2026, 3, 20, 7, tzinfo=UTC)


def test_a_place_with_its_own_calendar_has_its_own_deadlines() -> None:
    tuesdays = Calendar(days=(1,), closes=time(16, 30))
    asked = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
    assert due_at(Urgency.STANDARD, asked, "Europe/Paris", tuesdays) == datetime(2026, 4, 14, 14, 30, tzinfo=UTC)
    assert due_at(Urgency.SYSTEMATIC, asked, "Europe/Paris", tuesdays) == datetime(2026, 3, 31, 14, 30, tzinfo=UTC)


def test_a_systematic_reading_is_due_after_twenty_days() -> None:
    assert due_at(Urgency.SYSTEMATIC, FRIDAY_EVENING, "Europe/Paris") == datetime(2026, 4, 2, 16, tzinfo=UTC)


@given(st.sampled_from(Urgency), INSTANTS, ZONES)
def test_nothing_is_due_before_it_is_asked(urgency: Urgency, asked: datetime, zone: str) -> None:
    assert due_at(urgency, asked, zone) > asked


@given(st.sampled_from([Urgency.STANDARD, Urgency.SYSTEMATIC]), INSTANTS, ZONES)
def test_slow_answers_are_due_when_the_expert_is_at_work(urgency: Urgency, asked: datetime, zone: str) -> None:
    there = local(due_at(urgency, asked, zone), zone)
    assert is_working_day(there.date())
    assert there.time() == CLOSES


@given(st.sampled_from(Urgency), INSTANTS, st.timedeltas(timedelta(0), timedelta(days=60)), ZONES)
def test_who_asks_later_is_never_answered_sooner(
    urgency: Urgency, asked: datetime, later: timedelta, zone: str
) -> None:
    assert due_at(urgency, asked, zone) <= due_at(urgency, asked + later, zone)
