"""When an expert's answer can be expected: from what they took so far, what waits for them, and when they are at work. Pure.

It is an estimate, and says what it stands on; the deadline is another thing (consults/deadlines.py)."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from consults.deadlines import Urgency
from telepath.territories import Calendar, is_working_time, opening_after


class Basis(StrEnum):
    """What an estimate stands on. Worded as ``expected-basis-<code>``."""

    RECORD = "record"
    """This expert's signed opinions for this organ."""
    SAID = "said"
    """What was said when the expert was registered."""
    PRESUMED = "presumed"
    """Nothing of this expert: what others have published."""


class Away(msgspec.Struct, frozen=True):
    """From ``starts_at`` until ``ends_at`` the expert answers nothing."""

    starts_at: datetime
    ends_at: datetime


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    begins_at: datetime
    """The first instant at which the expert is at work and not away."""
    at: datetime
    basis: Basis
    answers: int = 0
    """How many signed opinions the estimate stands on; 0 unless RECORD."""


PRESUMED_HOURS: Final[Mapping[Urgency, float]] = {
    Urgency.FROZEN: 19 / 60,
    Urgency.URGENT: 17.0,
    Urgency.STANDARD: 48.0,
    Urgency.SYSTEMATIC: 13 * 24.0,
}
"""From the request to the answer, by the clock. Sources: live telemicroscopy, mean 18 min 56 s (Arch Pathol Lab Med
2022-0261); Chinese national system, median 16.9 h (JMIR 2021;23(7):e23799); French tele-expertise, 24-48 h; Lymphopath in
Orléans, 20 days to the second report and 7 to the first (PubMed 23010397)."""

AT_HAND: Final = 2
"""Consults that wait for anybody who reads for others: what was measured already contains them."""
EACH_MORE: Final = timedelta(hours=1)
"""What each further one takes before this one's turn; a frozen section waits behind none."""


def expected(
    urgency: Urgency,
    now: datetime,
    zone: str,
    calendar: Calendar,
    *,
    hours: float | None,
    basis: Basis = Basis.RECORD,
    answers: int = 0,
    load: int = 0,
    away: Iterable[Away] = (),
    on_duty: bool = False,
) -> Expectation:
    """``hours``: usual time from request to signature, by the clock; None: PRESUMED_HOURS. ``zone``: IANA name of the
    expert's place. Somebody on duty begins at once."""
    absences = tuple(away)
    begins = now if on_duty else free_from(now, zone, calendar, absences)
    took = timedelta(hours=PRESUMED_HOURS[urgency] if hours is None else hours)
    if urgency is not Urgency.FROZEN:
        took += max(load - AT_HAND, 0) * EACH_MORE
    at = begins + took
    for absence in sorted(absences, key=lambda one: one.starts_at):
        if begins < absence.starts_at < at:
            at += absence.ends_at - absence.starts_at
    if not on_duty and urgency is not Urgency.FROZEN:
        at = free_from(at, zone, calendar, absences)
    presumed = hours is None
    return Expectation(
        begins_at=begins,
        at=at,
        basis=Basis.PRESUMED if presumed else basis,
        answers=0 if presumed or basis is not Basis.RECORD else answers,
    )


def free_from(instant: datetime, zone: str, calendar: Calendar, away: Iterable[Away] = ()) -> datetime:
    """``instant`` itself, or the first one after it at which people are at work in ``zone`` and nobody is ``away``."""
    for absence in sorted(away, key=lambda one: one.starts_at):
        # Work may begin again within the next absence: they come by when they start.
        if not is_working_time(instant, zone, calendar):
            instant = opening_after(instant, zone, calendar)
        if absence.starts_at <= instant < absence.ends_at:
            instant = absence.ends_at
    return instant if is_working_time(instant, zone, calendar) else opening_after(instant, zone, calendar)
