"""What people are told: kinds, where each leads, which also go out by mail, and when a mail is tried again. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec


class Kind(msgspec.Struct, frozen=True):
    place: str
    """What the notice leads to: ``consult``, ``room`` or ``case``; the event's body has its identifier under this name.
    ``duties``: one's own of a roster.
    ``outcomes``: what became of one's own opinions. ``absence``: who stands in for whom; ``emergency``: the emergency access
    of one's institution; ``break-glass``: one opening of a case, or the case, where the event names that; ``member``: somebody
    of one's institution; ``credentials``: who of them waits to be looked up in a register. ``worklist`` when the person no
    longer has access to what it is about."""
    mailed: bool
    """On screen only, or by mail too. Mail is for what waits for this person; a room is over before mail is read."""


KINDS: Final[dict[str, Kind]] = {
    "consult.offered": Kind("consult", mailed=True),
    "consult.accepted": Kind("consult", mailed=False),
    "offer.declined": Kind("consult", mailed=True),
    "opinion.signed": Kind("consult", mailed=True),
    "opinion.amended": Kind("consult", mailed=True),
    "opinion.awaits": Kind("consult", mailed=True),
    "opinion.countersigned": Kind("consult", mailed=False),
    "opinion.graded": Kind("consult", mailed=False),
    "opinion.released": Kind("consult", mailed=False),
    "opinion.returned": Kind("consult", mailed=True),
    "reader.lacking": Kind("consult", mailed=True),
    "reading.accepted": Kind("consult", mailed=False),
    "reading.declined": Kind("consult", mailed=True),
    "reading.invited": Kind("consult", mailed=True),
    "consult.suspended": Kind("consult", mailed=True),
    "consult.resumed": Kind("consult", mailed=True),
    "consult.another-proposed": Kind("consult", mailed=True),
    "opinion.adopted": Kind("consult", mailed=False),
    "opinion.contested": Kind("consult", mailed=True),
    "outcome.recorded": Kind("outcomes", mailed=False),
    "consult.alarm": Kind("consult", mailed=True),
    "consult.late": Kind("consult", mailed=True),
    "consult.ringing": Kind("consult", mailed=False),
    "consult.transferred": Kind("consult", mailed=True),
    "consult.unanswered": Kind("consult", mailed=True),
    "consult.unheard": Kind("consult", mailed=True),
    "offer.expired": Kind("worklist", mailed=False),
    "offer.passed-on": Kind("consult", mailed=False),
    "consult.revoked": Kind("worklist", mailed=True),
    "offer.withdrawn": Kind("worklist", mailed=False),
    "room.invited": Kind("room", mailed=False),
    "thread.written": Kind("case", mailed=True),
    "delegation.given": Kind("absence", mailed=True),
    "invitation.accepted": Kind("member", mailed=False),
    "credential.awaited": Kind("credentials", mailed=True),
    "break-glass.opened": Kind("break-glass", mailed=True),
    "emergency.activated": Kind("emergency", mailed=True),
    "emergency.code-used": Kind("emergency", mailed=True),
    "emergency.ended": Kind("emergency", mailed=False),
    "pool.joined": Kind("duties", mailed=True),
    "pool.left": Kind("duties", mailed=False),
    "duty.given": Kind("duties", mailed=True),
    "duty.withdrawn": Kind("duties", mailed=True),
    "swap.asked": Kind("duties", mailed=True),
    "swap.taken": Kind("duties", mailed=True),
    "swap.declined": Kind("duties", mailed=True),
    "swap.withdrawn": Kind("duties", mailed=False),
    "absence.said": Kind("absence", mailed=True),
}

FIRST_DELAY: Final = timedelta(seconds=10)
LONGEST_DELAY: Final = timedelta(hours=1)
ATTEMPTS: Final = 60
"""About two days of trying."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One thing one person is told. ``number`` counts this person's notices in the order they were committed."""

    id: str
    person_id: str
    number: int
    kind: str
    params: dict[str, str]
    """``by``, of the sentence ``notices-<kind>`` in web/locale: the name of a colleague, never of a patient. If known,
    ``case``: the number of the case, and ``urgency``: for the screen alone. ``erased`` instead: of which case is no longer
    known."""
    path: str
    created_at: datetime
    read_at: datetime | None


def path_of(kind: str, body: Mapping[str, Any]) -> str:
    """Where the notice of this event leads. A line of a consult's discussion leads to the consult."""
    place = KINDS[kind].place
    if place == "worklist":
        return "/"
    if place in {"absence", "duties", "outcomes"}:
        return f"/{place}"
    if place in {"emergency", "credentials"}:
        return f"/administration/{place}"
    if place == "member":
        return f"/administration/members/{body['member']}"
    if place == "break-glass":
        if "case" in body:
            return f"/cases/{body['case']}"
        return f"/administration/break-glass/{body['opening']}"
    if place == "case" and body.get("consult"):
        place = "consult"
    return f"/{place}s/{body[place]}"


def delay_after(attempts: int) -> timedelta | None:
    """How long to wait after the failed attempt number ``attempts`` (from 1); None: give up."""
    if attempts >= ATTEMPTS:
        return None
    return min(FIRST_DELAY * (1 << min(attempts - 1, 20)), LONGEST_DELAY)
