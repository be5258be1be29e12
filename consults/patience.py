"""How long the service waits for somebody before it asks, or alarms, somebody else. Pure."""

from datetime import datetime, timedelta
from typing import Final

from consults.deadlines import Turnaround, Unit, Urgency, due_at
from consults.model import Consult
from telepath.territories import USUAL, Calendar

ANSWER_WITHIN: Final = {
    Urgency.FROZEN: Turnaround(3, Unit.MINUTES),
    Urgency.URGENT: Turnaround(4, Unit.HOURS),
    Urgency.STANDARD: Turnaround(1, Unit.WORKING_DAYS),
    Urgency.SYSTEMATIC: Turnaround(2, Unit.WORKING_DAYS),
}
"""For a yes or a no, not for the opinion; then the next in the chain is asked. A frozen section: an answer is usual within
twenty minutes, and most of them are needed for the glass. Urgent: several experts within the day. Standard: who is at work
looks once a day. Systematic: it takes weeks anyway, and some work every other day."""
SHARE: Final = 2
"""And never longer than one part in so many of the time left for the answer: an institution's turnaround may be short."""
ALARM_SHARE: Final = 4
"""The alarm is given when one part in so many of the time is left: enough to ask somebody else."""
LOOK_AGAIN: Final = timedelta(hours=1)
"""At somebody who is to sign second or read third and has not answered, while the clock stands still."""
RING_EVERY: Final = timedelta(minutes=1)
RING_ALARM: Final = timedelta(minutes=5)
"""A quarter of a frozen section's time: then somebody has to be telephoned."""
RING_LONGEST: Final = timedelta(hours=1)
"""By then the patient is on the table no more. The request stays open, and only the bell is silent."""


def answer_by(urgency: Urgency, asked_at: datetime, due: datetime, zone: str, calendar: Calendar = USUAL) -> datetime:
    """Until when somebody may say yes or no before the next is asked. ``due``: when their opinion would be; ``zone``,
    ``calendar``: of the place where they read."""
    share = asked_at + max(due - asked_at, timedelta()) / SHARE
    return min(due_at(ANSWER_WITHIN[urgency], asked_at, zone, calendar), share)


def alarm_at(consult: Consult) -> datetime:
    """When it is time to look whether the answer comes in time. What the clock stood still counts for nothing."""
    whole = consult.due_at - consult.requested_at - timedelta(seconds=consult.paused_seconds)
    return consult.due_at - max(whole, timedelta()) / ALARM_SHARE
