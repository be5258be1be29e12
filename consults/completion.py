"""When an answer is final: what is still to be signed, and by whom. Pure.

An opinion is shown to who asked once everything that it needs is signed:

- the expert's own signature;
- that of every co-reader, of a joint opinion, and of a countersigner where the network asks for a second signature: both under
  the text that stands, so that an amendment is signed anew;
- where the expert found a major discordance and it is to be settled first: a third reading, or the text of a session that
  replaces the expert's, signed by at least one co-reader. Either is the second pair of eyes, and no countersigner is needed.
  While nobody reads third, a session may take its place: the answer need not wait for a reader whom nobody finds.

What is signed after that is shown at once: a correction waits for nobody.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from consults.kinds import Dispute, ReadingRole
from consults.lifecycle import ConsultStatus, ReadingStatus
from consults.model import Consult, Opinion, Reading, in_force
from consults.opinion import IdentifiedBy, Kind, Shown

OPEN_DISPUTES: Final = (Dispute.THIRD, Dispute.COLLEGIAL)
SIGNS_BESIDE: Final = (ReadingRole.CO_READER, ReadingRole.COUNTERSIGNER)
"""Who signs the text of another."""


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """Of somebody who signed an opinion beside its author. ``digest``: of the opinion, as they signed it."""

    id: str
    opinion_id: str
    person_id: str
    institution_id: str
    role: ReadingRole
    digest: str
    signed_at: datetime
    acr: str
    auth_time: datetime
    identified_by: IdentifiedBy | None = None
    shown: Shown | None = None
    """How the slides were shown to them; None: signed before that was kept. Not covered by ``digest``, which is of the text."""


class Need(StrEnum):
    """What is still missing. Worded in web/locale as ``need-<code>``."""

    EXPERT = "expert"
    CO_READER = "co-reader"
    COUNTERSIGNER = "countersigner"
    THIRD = "third"
    SESSION = "session"
    """The text that a session came to, and somebody who signs it too."""


class Missing(msgspec.Struct, frozen=True):
    need: Need
    person_id: str = ""
    """Who is to sign; "": nobody has taken it on."""


def reading_of(readings: Iterable[Reading], role: ReadingRole) -> Reading | None:
    """The living reading in this role; of several the latest."""
    living = [one for one in readings if one.role is role and one.status is not ReadingStatus.CANCELLED]
    return living[-1] if living else None


def led_by(readings: Sequence[Reading], mine: Reading) -> Reading | None:
    """Whose text this reader writes or signs: their own, or that of the expert beside whom they sign."""
    return reading_of(readings, ReadingRole.EXPERT) if mine.role in SIGNS_BESIDE else mine


def missing(
    consult: Consult, readings: Sequence[Reading], opinions: Sequence[Opinion], signatures: Sequence[Signature]
) -> tuple[Missing, ...]:
    """What the answer still needs, in the order in which it is asked for; empty: it is final."""
    if consult.status is ConsultStatus.COMPLETED:
        return ()
    lead = reading_of(readings, ReadingRole.EXPERT)
    text = in_force(opinions, lead.id) if lead is not None else None
    if lead is None or text is None:
        return (Missing(Need.EXPERT, lead.expert_id if lead is not None else ""),)
    signed = {one.person_id for one in signatures if one.opinion_id == text.id}
    co_readers = [
        one for one in readings if one.role is ReadingRole.CO_READER and one.status is not ReadingStatus.CANCELLED
    ]
    found = [Missing(Need.CO_READER, one.expert_id) for one in co_readers if one.expert_id not in signed]
    session = text.kind is Kind.AMENDMENT and bool(co_readers)
    if consult.dispute is Dispute.COLLEGIAL and not session:
        found.append(Missing(Need.SESSION))
    if consult.dispute is Dispute.THIRD:
        third = reading_of(readings, ReadingRole.THIRD)
        settled = session if third is None else in_force(opinions, third.id) is not None
        if not settled:
            found.append(Missing(Need.THIRD, third.expert_id if third is not None else ""))
    if consult.countersigned and consult.dispute is None:
        second = reading_of(readings, ReadingRole.COUNTERSIGNER)
        if second is None or second.expert_id not in signed:
            found.append(Missing(Need.COUNTERSIGNER, second.expert_id if second is not None else ""))
    return tuple(found)


def concluded(
    consult: Consult,
    readings: Sequence[Reading],
    opinions: Sequence[Opinion],
    signatures: Sequence[Signature],
    now: datetime,
) -> Consult:
    """The consult after a signature: completed, and all that is signed released, when nothing more is needed; else as it was.

    Raises InvalidTransition: it is on hold, or was revoked."""
    if missing(consult, readings, opinions, signatures):
        return consult
    if consult.dispute in OPEN_DISPUTES:
        consult = msgspec.structs.replace(consult, dispute=Dispute.SETTLED)
    if consult.status is not ConsultStatus.COMPLETED:
        consult = consult.completed(now)
    return consult.released(opinions[-1].number)
