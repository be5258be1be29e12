"""When an answer is due: counted on the calendar of the place where the expert works. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from telepath.territories import USUAL, Calendar, add_working_days, closing_time, local, next_working_day


class Urgency(StrEnum):
    """Worded in web/locale as ``urgency-<code>``."""

    FROZEN = "frozen"
    """Extemporané: the patient is on the table."""
    URGENT = "urgent"
    STANDARD = "standard"
    SYSTEMATIC = "systematic"
    """Second reading of a national network."""


WITHIN: Final = {Urgency.FROZEN: timedelta(minutes=20), Urgency.URGENT: timedelta(hours=24)}
STANDARD_WORKING_DAYS: Final = 5
SYSTEMATIC_DAYS: Final = 20


def due_at(urgency: Urgency, asked_at: datetime, zone: str, calendar: Calendar = USUAL) -> datetime:
    """The instant by which the answer is expected. ``zone``: IANA name of the expert's place, ``calendar``: when
    people work there.

    Frozen and urgent run on the clock, day and night. Standard is the closing time of the fifth working day there;
    systematic that of the twentieth day, or of the first working day after it."""
    if urgency in WITHIN:
        return asked_at + WITHIN[urgency]
    today = local(asked_at, zone).date()
    if urgency is Urgency.STANDARD:
        return closing_time(add_working_days(today, STANDARD_WORKING_DAYS, calendar), zone, calendar)
    return closing_time(next_working_day(today + timedelta(SYSTEMATIC_DAYS), calendar), zone, calendar)
