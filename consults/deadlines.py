"""When an answer is due: within what time, counted on the calendar of the place where the expert works. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from telepath.errors import Invalid
from telepath.territories import USUAL as USUAL_CALENDAR
from telepath.territories import Calendar, add_working_days, closing_time, local, next_working_day


class Urgency(StrEnum):
    """Worded in web/locale as ``urgency-<code>``."""

    FROZEN = "frozen"
    """Extemporané: the patient is on the table."""
    URGENT = "urgent"
    STANDARD = "standard"
    SYSTEMATIC = "systematic"
    """Second reading of a national network."""


class Unit(StrEnum):
    """Worded in web/locale as ``turnaround-<code>``."""

    MINUTES = "minutes"
    HOURS = "hours"
    """Minutes and hours run on the clock, day and night."""
    DAYS = "days"
    WORKING_DAYS = "working-days"


MOST: Final = {Unit.MINUTES: 24 * 60, Unit.HOURS: 7 * 24, Unit.DAYS: 90, Unit.WORKING_DAYS: 60}
"""The longest of each unit. Sixty working days are not longer than ninety others."""


class Turnaround(msgspec.Struct, frozen=True):
    """Within what time an answer is due."""

    amount: int
    unit: Unit

    def checked(self) -> "Turnaround":
        """The same. Raises Invalid: less than one, or more than the longest of this unit."""
        if not 1 <= self.amount <= MOST[self.unit]:
            raise Invalid("error-field-number", field="amount", lowest=1, highest=MOST[self.unit])
        return self


USUAL: Final = {
    Urgency.FROZEN: Turnaround(20, Unit.MINUTES),
    Urgency.URGENT: Turnaround(24, Unit.HOURS),
    Urgency.STANDARD: Turnaround(5, Unit.WORKING_DAYS),
    Urgency.SYSTEMATIC: Turnaround(20, Unit.DAYS),
}
"""Where an institution says nothing else (consults/turnaround.py)."""


def due_at(within: Turnaround, asked_at: datetime, zone: str, calendar: Calendar = USUAL_CALENDAR) -> datetime:
    """The instant by which the answer is expected. ``zone``: IANA name of the expert's place, ``calendar``: when
    people work there.

    Working days end with the closing time of the last of them there; days with that of the last, or of the first working
    day after it."""
    if within.unit is Unit.MINUTES:
        return asked_at + timedelta(minutes=within.amount)
    if within.unit is Unit.HOURS:
        return asked_at + timedelta(hours=within.amount)
    today = local(asked_at, zone).date()
    if within.unit is Unit.WORKING_DAYS:
        return closing_time(add_working_days(today, within.amount, calendar), zone, calendar)
    return closing_time(next_working_day(today + timedelta(within.amount), calendar), zone, calendar)


def moved(due: datetime, by: timedelta, within: Turnaround, zone: str, calendar: Calendar = USUAL_CALENDAR) -> datetime:
    """``due``, later by the time for which the clock stood still. What is counted in days is due when work ends again at the
    expert's place: the first closing time from then on."""
    later = due + by
    if within.unit in (Unit.MINUTES, Unit.HOURS):
        return later
    day = next_working_day(local(later, zone).date(), calendar)
    if later > closing_time(day, zone, calendar):
        day = next_working_day(day + timedelta(1), calendar)
    return closing_time(day, zone, calendar)
