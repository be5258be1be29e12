from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consults.deadlines import MOST, USUAL, Turnaround, Unit, Urgency, due_at, moved
from consults.expectation import expected
from telepath.errors import Invalid
from telepath.territories import (
    CLOSES,
    LOCAL_LAW,
    REGIONS,
    Calendar,
    is_working_day,
    is_working_time,
    local,
    public_holidays,
)

ZONES = st.sampled_from(sorted({region.time_zone for region in REGIONS.values()}))
INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
WITHIN = st.sampled_from(Unit).flatmap(lambda unit: st.builds(Turnaround, st.integers(1, MOST[unit]), st.just(unit)))
SLOW = WITHIN.filter(lambda within: within.unit in {Unit.DAYS, Unit.WORKING_DAYS})
TERRITORIES = st.sampled_from(sorted({*REGIONS, *LOCAL_LAW}))
FRIDAY_EVENING = datetime(2026, 3, 13, 21, 30, tzinfo=UTC)


def test_a_frozen_section_is_due_in_twenty_minutes_whatever_the_hour() -> None:
    assert due_at(USUAL[Urgency.FROZEN], FRIDAY_EVENING, "Europe/Paris") == FRIDAY_EVENING + timedelta(minutes=20)


def test_an_urgent_answer_is_due_in_a_day_even_on_saturday() -> None:
    assert due_at(USUAL[Urgency.URGENT], FRIDAY_EVENING, "Europe/Paris") == FRIDAY_EVENING + timedelta(hours=24)


def test_a_standard_answer_is_due_at_closing_time_of_the_fifth_working_day_of_the_expert() -> None:
    assert due_at(USUAL[Urgency.STANDARD], FRIDAY_EVENING, "Europe/Paris") == datetime(2026, 3, 20, 17, tzinfo=UTC)
    # In Nouméa it is Saturday already, and the working day ends at 7 h UTC.
    assert due_at(USUAL[Urgency.STANDARD], FRIDAY_EVENING, "Pacific/Noumea") == datetime(2026, 3, 20, 7, tzinfo=UTC)


def test_a_place_with_its_own_calendar_has_its_own_deadlines() -> None:
    tuesdays = Calendar(days=(1,), closes=time(16, 30))
    asked = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
    assert due_at(USUAL[Urgency.STANDARD], asked, "Europe/Paris", tuesdays) == datetime(2026, 4, 14, 14, 30, tzinfo=UTC)
    assert due_at(USUAL[Urgency.SYSTEMATIC], asked, "Europe/Paris", tuesdays) == datetime(
        2026, 3, 31, 14, 30, tzinfo=UTC
    )


def test_a_systematic_reading_is_due_after_twenty_days() -> None:
    assert due_at(USUAL[Urgency.SYSTEMATIC], FRIDAY_EVENING, "Europe/Paris") == datetime(2026, 4, 2, 16, tzinfo=UTC)


def test_what_the_clock_stood_still_moves_a_deadline_and_one_in_days_to_the_next_closing_time() -> None:
    stood, wednesday = timedelta(hours=80, minutes=13), datetime(2026, 3, 18, 17, tzinfo=UTC)
    monday = datetime(2026, 3, 23, 17, tzinfo=UTC)
    for urgency in (Urgency.STANDARD, Urgency.SYSTEMATIC):
        assert moved(wednesday, stood, USUAL[urgency], "Europe/Paris") == monday
        assert moved(wednesday, timedelta(), USUAL[urgency], "Europe/Paris") == wednesday
    for urgency in (Urgency.URGENT, Urgency.FROZEN):
        assert moved(wednesday, stood, USUAL[urgency], "Europe/Paris") == wednesday + stood
    assert moved(wednesday, timedelta(minutes=5), USUAL[Urgency.STANDARD], "Europe/Paris") == wednesday + timedelta(1)


@given(SLOW, INSTANTS, ZONES, st.timedeltas(timedelta(), timedelta(60)))
def test_a_deadline_in_days_that_moved_is_a_closing_time_and_no_earlier(
    within: Turnaround, asked: datetime, zone: str, stood: timedelta
) -> None:
    due = due_at(within, asked, zone)
    later = moved(due, stood, within, zone)
    assert later >= due + stood
    assert local(later, zone).time() == CLOSES
    assert is_working_day(local(later, zone).date())


@given(WITHIN, INSTANTS, ZONES)
def test_nothing_is_due_before_it_is_asked(within: Turnaround, asked: datetime, zone: str) -> None:
    assert due_at(within, asked, zone) > asked


@given(SLOW, INSTANTS, ZONES)
def test_slow_answers_are_due_when_the_expert_is_at_work(within: Turnaround, asked: datetime, zone: str) -> None:
    there = local(due_at(within, asked, zone), zone)
    assert is_working_day(there.date())
    assert there.time() == CLOSES


@given(SLOW, INSTANTS, TERRITORIES)
def test_no_answer_is_due_on_a_public_holiday_of_the_expert_s_territory(
    within: Turnaround, asked: datetime, territory: str
) -> None:
    zone = REGIONS[territory].time_zone if territory in REGIONS else "Europe/Paris"
    calendar = Calendar(territory=territory)
    there = local(due_at(within, asked, zone, calendar), zone)
    assert there.date() not in public_holidays(there.year, territory)
    assert there.weekday() in calendar.days
    assert there.time() == calendar.closes
    # Nor is one expected then, of somebody who is not on duty.
    begun = expected(Urgency.STANDARD, asked, zone, calendar, hours=18.0)
    for moment in (begun.begins_at, begun.at):
        day = local(moment, zone).date()
        assert day not in public_holidays(day.year, territory)
        assert is_working_time(moment, zone, calendar)


@given(WITHIN, INSTANTS, st.timedeltas(timedelta(0), timedelta(days=60)), ZONES)
def test_who_asks_later_is_never_answered_sooner(
    within: Turnaround, asked: datetime, later: timedelta, zone: str
) -> None:
    assert due_at(within, asked, zone) <= due_at(within, asked + later, zone)


@given(WITHIN, INSTANTS, ZONES)
def test_no_turnaround_goes_past_ninety_days_and_what_closed_days_add(
    within: Turnaround, asked: datetime, zone: str
) -> None:
    assert due_at(within.checked(), asked, zone) <= asked + timedelta(days=95)


@pytest.mark.parametrize("unit", Unit)
def test_a_turnaround_is_one_at_least_and_has_a_longest(unit: Unit) -> None:
    for amount in (0, -1, MOST[unit] + 1):
        with pytest.raises(Invalid):
            Turnaround(amount, unit).checked()
    for within in USUAL.values():
        within.checked()
