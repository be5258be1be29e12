"""The clock of a consult: what is to happen before its deadline breaks, and when it does.

Whoever changes a consult's deadline or status calls one of the two, in the same transaction and after the consult's row
was saved: ``set_timers`` when it was asked, accepted, or goes on again; ``stop_timers`` when it waits for its requester or
has ended.
"""

from typing import Final

from consults import patience
from consults.lifecycle import ConsultStatus
from consults.model import Consult
from telepath.db import timers
from telepath.db.transaction import Transaction

ALARM: Final = "consult.alarm"
LATE: Final = "consult.late"
RING: Final = "consult.ring"
UNHEARD: Final = "consult.unheard"
"""Everyone was rung, and nobody has accepted for a while."""
UNANSWERED: Final = "offer.unanswered"
SILENT: Final = "reader.unanswered"
"""Of who is to sign second or read third. Its subject is an offer, as of the one before; that of the others a consult."""


async def set_timers(tx: Transaction, consult: Consult, *, asked: bool = False) -> None:
    """Let the clock run towards ``consult.due_at``. What has passed already is not told again; of a consult that is not active,
    nothing is. ``asked``: the deadline is that of somebody who has just been asked; where it leaves less than what the alarm is
    for, the alarm is given at once."""
    if consult.status is not ConsultStatus.ACTIVE:
        await stop_timers(tx, consult)
        return
    alarm = patience.alarm_at(consult)
    if alarm <= tx.now < consult.due_at and await _untold(tx, consult, asked=asked):
        alarm = tx.now
    for kind, at in ((ALARM, alarm), (LATE, consult.due_at)):
        if at >= tx.now:
            await timers.put(tx, kind, consult.id, at)
        else:
            await timers.drop(tx, kind, consult.id)


async def stop_timers(tx: Transaction, consult: Consult) -> None:
    """Let it stand still. Those of open offers go with the offers (consults/offering.py)."""
    for kind in (ALARM, LATE, RING, UNHEARD):
        await timers.drop(tx, kind, consult.id)


async def _untold(tx: Transaction, consult: Consult, *, asked: bool) -> bool:
    """Whether the alarm of this deadline was not given yet: it is just about to be, or the deadline is another one."""
    standing = await timers.standing(tx, (ALARM, LATE), consult.id)
    return ALARM in standing or (asked and standing.get(LATE) != consult.due_at)
