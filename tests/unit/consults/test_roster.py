from datetime import UTC, date, datetime, time, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consults.roster import Pattern, Span, at_work, joined, overlap, twice, week_of, without
from telepath.errors import Invalid
from telepath.territories import Calendar, local

NIGHTS = Pattern(
    territory="03",
    days=frozenset({0, 4}),
    begins=time(18),
    ends=time(8),
    first=date(2026, 3, 9),
    last=date(2026, 3, 22),
)
"""Mondays and Fridays in Guyane, three hours behind UTC; two weeks."""
START = datetime(2026, 3, 9, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def spans(*hours: tuple[int, int]) -> list[Span]:
    return [(START + timedelta(hours=begin), START + timedelta(hours=end)) for begin, end in hours]


SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda one: spans((one[0], one[0] + one[1]))[0]), max_size=8
)


def test_a_weekly_pattern_is_kept_on_the_clock_of_its_territory() -> None:
    assert NIGHTS.checked().spans() == [
        (at(9, 21), at(10, 11)),
        (at(13, 21), at(14, 11)),
        (at(16, 21), at(17, 11)),
        (at(20, 21), at(21, 11)),
    ]
    second = msgspec.structs.replace(NIGHTS, every=2)
    assert second.spans() == NIGHTS.spans()[:2]
    whole = msgspec.structs.replace(NIGHTS, days=frozenset({5}), begins=time(8), ends=time(8))
    assert [end - begin for begin, end in whole.spans()] == [timedelta(hours=24)] * 2


def test_the_night_in_which_the_clocks_change_is_an_hour_shorter() -> None:
    # In 2026 summer time begins on 29 March.
    paris = msgspec.structs.replace(
        NIGHTS, territory="11", days=frozenset({5}), first=date(2026, 3, 21), last=date(2026, 3, 28)
    )
    assert [end - begin for begin, end in paris.spans()] == [timedelta(hours=14), timedelta(hours=13)]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"territory": "05"}, "error-field-choice"),
        ({"days": frozenset()}, "error-duty-days"),
        ({"days": frozenset({7})}, "error-duty-days"),
        ({"every": 0}, "error-field-number"),
        ({"every": 9}, "error-field-number"),
        ({"last": date(2026, 3, 8)}, "error-duty-order"),
        ({"last": date(2027, 3, 11)}, "error-duty-long"),
        ({"last": date(2026, 3, 10), "days": frozenset({4})}, "error-duty-none"),
    ],
)
def test_a_pattern_that_gives_no_duty_is_refused(wrong: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        msgspec.structs.replace(NIGHTS, **wrong).checked()
    assert refused.value.code == code


def test_gaps_and_overlaps_are_told() -> None:
    duties = spans((0, 8), (6, 10), (12, 14))
    assert without(spans((0, 24)), duties) == spans((10, 12), (14, 24))
    assert without(spans((0, 24)), []) == spans((0, 24))
    assert without([], duties) == []
    assert twice(duties) == spans((6, 8))
    assert joined(duties) == spans((0, 10), (12, 14))


@given(SPANS, SPANS)
def test_every_wanted_hour_is_either_covered_or_a_gap(wanted: list[Span], there: list[Span]) -> None:
    gaps = without(wanted, there)
    for hour in range(82):
        moment = (START + timedelta(hours=hour), START + timedelta(hours=hour + 1))
        asked, covered = (any(overlap(moment, one) for one in some) for some in (wanted, there))
        assert any(overlap(moment, gap) for gap in gaps) == (asked and not covered)
        assert any(overlap(moment, one) for one in twice(there)) == (sum(overlap(moment, one) for one in there) > 1)


def test_people_are_at_work_on_the_days_and_hours_of_their_place() -> None:
    week = week_of(date(2026, 3, 11), "Indian/Reunion")
    assert [local(one, "Indian/Reunion").isoformat() for one in (week[0], week[7])] == [
        "2026-03-09T00:00:00+04:00",
        "2026-03-16T00:00:00+04:00",
    ]
    mornings = Calendar(days=(0, 1), opens=time(8), closes=time(12), closed=(date(2026, 3, 10),))
    assert at_work((week[0], week[7]), "Indian/Reunion", mornings) == [(at(9, 4), at(9, 8))]
    assert at_work((at(9, 5), at(9, 6)), "Indian/Reunion", mornings) == [(at(9, 5), at(9, 6))]
