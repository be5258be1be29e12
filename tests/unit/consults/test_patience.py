"""How long somebody is waited for, before another is asked or alarmed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consults.deadlines import USUAL, Urgency, due_at
from consults.lifecycle import ConsultStatus
from consults.model import Consult
from consults.patience import alarm_at, answer_by

FRIDAY = datetime(2026, 3, 13, 16, 0, tzinfo=UTC)
PARIS = "Europe/Paris"
CAYENNE = "America/Cayenne"


def consult(due: datetime, paused: timedelta = timedelta()) -> Consult:
    return Consult(
        id="c",
        case_id="k",
        institution_id="i",
        requester_id="z",
        status=ConsultStatus.ACTIVE,
        question="Bénin ?",
        clinical_context="",
        organ="lymphoid",
        urgency=Urgency.STANDARD,
        requested_at=FRIDAY,
        due_at=due + paused,
        paused_seconds=int(paused.total_seconds()),
    )


@pytest.mark.parametrize(
    ("urgency", "zone", "expected"),
    [
        (Urgency.FROZEN, PARIS, FRIDAY + timedelta(minutes=3)),
        (Urgency.URGENT, PARIS, FRIDAY + timedelta(hours=4)),
        (Urgency.STANDARD, PARIS, datetime(2026, 3, 16, 17, 0, tzinfo=UTC)),  # Monday, when Lille closes
        (Urgency.STANDARD, CAYENNE, datetime(2026, 3, 16, 21, 0, tzinfo=UTC)),
        (Urgency.SYSTEMATIC, PARIS, datetime(2026, 3, 17, 17, 0, tzinfo=UTC)),
    ],
)
def test_an_answer_is_waited_for_by_urgency_on_the_experts_calendar(
    urgency: Urgency, zone: str, expected: datetime
) -> None:
    assert answer_by(urgency, FRIDAY, due_at(USUAL[urgency], FRIDAY, zone), zone) == expected


@given(st.sampled_from(Urgency), st.timedeltas(timedelta(seconds=-1), timedelta(days=90)))
def test_never_longer_than_half_of_the_time_for_the_answer(urgency: Urgency, within: timedelta) -> None:
    until = answer_by(urgency, FRIDAY, FRIDAY + within, PARIS)
    assert FRIDAY <= until <= FRIDAY + max(within, timedelta()) / 2


def test_the_alarm_comes_with_a_quarter_of_the_time_left_and_moves_with_what_the_clock_stood_still() -> None:
    day, week = timedelta(days=1), timedelta(days=7)
    assert alarm_at(consult(FRIDAY + 4 * day)) == FRIDAY + 3 * day
    assert alarm_at(consult(FRIDAY + 4 * day, week)) == FRIDAY + 3 * day + week
    assert alarm_at(consult(FRIDAY - day)) == FRIDAY - day
