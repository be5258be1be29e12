"""What happens at each kind of time that was set (telepath/db/timers.py): one line a kind. web/relay.py fires them."""

from collections.abc import Mapping
from typing import Final

from consults import alarms, asking, clock, further_readers
from telepath.db.timers import Handler

HANDLERS: Final[Mapping[str, Handler]] = {
    clock.ALARM: alarms.deadline,
    clock.LATE: alarms.late,
    clock.RING: asking.ring,
    clock.UNANSWERED: asking.unanswered,
    clock.UNHEARD: asking.unheard,
    clock.SILENT: further_readers.silent,
}
"""A kind → what is done then, in the one transaction in which the timer goes."""
