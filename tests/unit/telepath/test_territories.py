from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telepath.territories import (
    REGIONS,
    Calendar,
    add_working_days,
    closing_time,
    easter,
    instant,
    is_working_day,
    is_working_time,
    local,
    next_working_day,
    public_holidays,
    territory_of,
)


@pytest.mark.parametrize(
    "sunday",
    [date(1961, 4, 2), date(2000, 4, 23), date(2008, 3, 23), date(2024, 3, 31), date(2026, 4, 5), date(2038, 4, 25)],
)
def test_easter_falls_where_the_almanac_has_it(sunday: date) -> None:
    assert easter(sunday.year) == sunday


@given(st.integers(1900, 2199))
def test_easter_is_a_sunday_between_22_march_and_25_april(year: int) -> None:
    assert easter(year).weekday() == 6
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


def test_the_eleven_holidays_of_2026() -> None:
    days = {(1, 1), (4, 6), (5, 1), (5, 8), (5, 14), (5, 25), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
    assert public_holidays(2026) == {date(2026, *day) for day in days}


@pytest.mark.parametrize(
    ("region", "added"),
    [
        ("01", {(5, 27)}),
        ("02", {(5, 22)}),
        ("03", {(6, 10)}),
        ("04", {(12, 20)}),
        ("06", {(4, 27)}),
        ("32", set()),
        ("975", set()),
        ("977", {(10, 9)}),
        ("978", {(5, 28)}),
        ("986", {(4, 28), (7, 29)}),
        ("987", {(3, 5), (4, 3), (11, 20)}),
        ("988", {(9, 24)}),
    ],
)
def test_a_territory_adds_its_own_holidays_to_the_eleven(region: str, added: set[tuple[int, int]]) -> None:
    assert public_holidays(2026, region) - public_holidays(2026) == {date(2026, *day) for day in added}
    assert public_holidays(2026) <= public_holidays(2026, region)


def test_a_holiday_that_was_moved_counts_in_the_years_in_which_it_was_one() -> None:
    assert date(2025, 6, 29) in public_holidays(2025, "987")
    assert date(2025, 11, 20) not in public_holidays(2025, "987")
    assert date(2017, 5, 27) in public_holidays(2017, "978")
    assert date(2018, 5, 27) not in public_holidays(2018, "978")


def test_the_day_of_the_abolition_is_a_working_day_elsewhere() -> None:
    # Wednesday 10 June 2026
    assert add_working_days(date(2026, 6, 9), 1, Calendar(territory="03")) == date(2026, 6, 11)
    assert add_working_days(date(2026, 6, 9), 1, Calendar(territory="32")) == date(2026, 6, 10)


def test_a_week_with_two_holidays_has_three_working_days_fewer_than_it_looks() -> None:
    # Thursday 30 April 2026; Friday 1 May is a holiday; so is Friday 8 May.
    assert add_working_days(date(2026, 4, 30), 5) == date(2026, 5, 11)


@given(st.dates(date(2020, 1, 1), date(2050, 1, 1)), st.integers(1, 30))
def test_working_days_are_counted_one_by_one(day: date, count: int) -> None:
    reached = add_working_days(day, count)
    between = [date.fromordinal(number) for number in range(day.toordinal() + 1, reached.toordinal() + 1)]
    assert sum(map(is_working_day, between)) == count
    assert is_working_day(reached)


@given(st.dates(date(2020, 1, 1), date(2050, 1, 1)))
def test_the_next_working_day_is_the_day_itself_or_the_first_after_a_run_of_days_off(day: date) -> None:
    found = next_working_day(day)
    assert is_working_day(found)
    assert not any(is_working_day(date.fromordinal(number)) for number in range(day.toordinal(), found.toordinal()))


def test_one_instant_is_morning_in_cayenne_and_afternoon_in_la_reunion() -> None:
    instant = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
    assert local(instant, REGIONS["03"].time_zone).hour == 9
    assert local(instant, REGIONS["04"].time_zone).hour == 16
    assert is_working_time(instant, REGIONS["03"].time_zone)
    assert not is_working_time(instant, REGIONS["987"].time_zone)  # 2 h in Papeete


def test_a_day_begins_at_its_own_midnight_in_each_place() -> None:
    midnight = datetime(2026, 11, 22)  # noqa: DTZ001  as people type it
    assert instant(midnight, "America/Cayenne") == datetime(2026, 11, 22, 3, tzinfo=UTC)
    assert instant(midnight, "Pacific/Noumea") == datetime(2026, 11, 21, 13, tzinfo=UTC)
    assert instant(midnight.replace(tzinfo=UTC), "Pacific/Noumea") == datetime(2026, 11, 22, tzinfo=UTC)
    first, last = datetime(1, 1, 1), datetime(9999, 12, 31, 23)  # noqa: DTZ001
    for never, zone in ((first, "Pacific/Noumea"), (last, "America/Cayenne")):
        with pytest.raises(OverflowError):
            instant(never, zone)


def test_work_ends_at_the_same_local_hour_before_and_after_the_clocks_change() -> None:
    winter, summer = closing_time(date(2026, 3, 27), "Europe/Paris"), closing_time(date(2026, 3, 30), "Europe/Paris")
    assert (winter.astimezone(UTC).hour, summer.astimezone(UTC).hour) == (17, 16)


def test_there_is_no_region_05_and_every_zone_exists() -> None:
    assert "05" not in REGIONS
    for region in REGIONS.values():
        assert local(datetime(2026, 1, 1, tzinfo=UTC), region.time_zone).tzinfo is not None


def test_a_place_may_work_on_other_days_and_hours() -> None:
    sunday = Calendar(days=(6, 0), opens=time(7), closes=time(13), closed=(date(2026, 3, 15),))
    assert next_working_day(date(2026, 3, 11), sunday) == date(2026, 3, 16)  # Sunday the 15th is closed
    assert add_working_days(date(2026, 3, 16), 1, sunday) == date(2026, 3, 22)
    assert closing_time(date(2026, 3, 16), "America/Cayenne", sunday).astimezone(UTC).hour == 16
    monday = datetime(2026, 3, 16, 10, 30, tzinfo=UTC)  # 7:30 in Cayenne
    assert is_working_time(monday, "America/Cayenne", sunday)
    assert not is_working_time(monday, "America/Cayenne")
    assert not is_working_day(date(2026, 5, 25), Calendar(days=(0,)))  # Whit Monday


def test_local_law_adds_two_days_to_three_departements() -> None:
    for departement in ("57", "67", "68"):
        there = territory_of("44", f"{departement}0A00123")
        assert public_holidays(2026, there) - public_holidays(2026) == {date(2026, 4, 3), date(2026, 12, 26)}
    assert territory_of("44", "540A00123") == "44"
    # Numbers that begin so elsewhere name another département, or none.
    assert territory_of("11", "670A00123") == "11"
    assert territory_of("03", "") == "03"
