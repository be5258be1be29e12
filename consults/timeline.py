"""What happened to one consult, and who did it: the same for both sides. Read from the consult's own rows, not the audit."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

import msgspec
from sqlalchemy import select

from consults import repository
from consults.lifecycle import ConsultStatus, OfferStatus, ReadingStatus
from consults.model import Consult, Offer, Opinion, Reading
from telepath.db.schema.cases import thread_line
from telepath.db.schema.rooms import room
from telepath.db.transaction import Reader


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """``kind`` is worded in web/locale as ``moment-<kind>``. ``about``: the person that it was done to, if any."""

    at: datetime
    kind: str
    person_id: str
    about: str = ""
    text: str = ""
    """What was said with it: why an expert declined."""
    count: int = 1
    """How many lines were written in a row."""
    room_id: str = ""


async def of_consult(reader: Reader, consult: Consult) -> list[Moment]:
    """Oldest first. The caller has asked CONSULT_VIEW."""
    moments = [
        Moment(at=consult.requested_at, kind="requested", person_id=consult.requester_id),
        *_of_offers(consult, await repository.offers_of(reader, consult.id)),
        *_of_readings(await repository.readings_of(reader, consult.id)),
        *_of_opinions(await repository.opinions_of(reader, consult.id)),
        *await _of_rooms(reader, consult.id),
        *await _of_lines(reader, consult.case_id, consult.id),
    ]
    if consult.status is ConsultStatus.REVOKED and consult.ended_at is not None:
        moments.append(Moment(at=consult.ended_at, kind="revoked", person_id=consult.requester_id))
    moments.sort(key=lambda moment: moment.at)
    return list(_joined(moments))


def _of_offers(consult: Consult, offers: Iterable[Offer]) -> Iterator[Moment]:
    kinds = {OfferStatus.ACCEPTED: "accepted", OfferStatus.DECLINED: "declined", OfferStatus.WITHDRAWN: "withdrawn"}
    for offer in offers:
        yield Moment(at=offer.offered_at, kind="offered", person_id=consult.requester_id, about=offer.expert_id)
        if offer.answered_at is None:
            continue
        withdrawn = offer.status is OfferStatus.WITHDRAWN
        yield Moment(
            at=offer.answered_at,
            kind=kinds[offer.status],
            person_id="" if withdrawn else offer.expert_id,
            about=offer.expert_id if withdrawn else "",
            text=offer.decline_reason,
        )


def _of_readings(readings: Iterable[Reading]) -> Iterator[Moment]:
    for reading in readings:
        # Nothing of a draft shows before it is signed, but that work is under way does.
        if reading.status is ReadingStatus.IN_PROGRESS and reading.drafted_at is not None:
            yield Moment(at=reading.drafted_at, kind="drafting", person_id=reading.expert_id)


def _of_opinions(opinions: Iterable[Opinion]) -> Iterator[Moment]:
    for opinion in opinions:
        kind = "signed" if opinion.number == 1 else "amended"
        yield Moment(at=opinion.signed_at, kind=kind, person_id=opinion.author_id, count=opinion.number - 1)


async def _of_rooms(reader: Reader, consult_id: str) -> list[Moment]:
    rows = await reader.all(
        select(room.c.id, room.c.opened_by, room.c.opened_at).where(room.c.consult_id == consult_id)
    )
    return [Moment(at=row["opened_at"], kind="room", person_id=row["opened_by"], room_id=row["id"]) for row in rows]


async def _of_lines(reader: Reader, case_id: str, consult_id: str) -> list[Moment]:
    rows = await reader.all(
        select(thread_line.c.author_id, thread_line.c.written_at).where(
            thread_line.c.case_id == case_id, thread_line.c.consult_id == consult_id
        )
    )
    return [Moment(at=row["written_at"], kind="line", person_id=row["author_id"]) for row in rows]


def _joined(moments: Iterable[Moment]) -> Iterator[Moment]:
    """Lines that one person wrote in a row are one moment: that of the last."""
    for (kind, _), group in groupby(moments, key=lambda moment: (moment.kind, moment.person_id)):
        together = list(group)
        if kind == "line":
            yield msgspec.structs.replace(together[-1], count=len(together))
        else:
            yield from together
