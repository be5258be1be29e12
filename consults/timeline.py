"""What happened to one consult, and who did it: the same for both sides. Read from the consult's own rows, not the audit."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

import msgspec
from sqlalchemy import select

from consults import incidents, material, outcomes, repository
from consults.kinds import DeclineCode, ReadingRole
from consults.lifecycle import ConsultStatus, OfferStatus, ReadingStatus
from consults.model import Consult, Offer, Reading
from consults.versions import Version, versions, visible
from telepath.db.schema.cases import thread_line
from telepath.db.schema.consults import consult_import
from telepath.db.schema.rooms import room
from telepath.db.transaction import Reader


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """``kind`` is worded in web/locale as ``moment-<kind>``. ``about``: the person that it was done to, if any."""

    at: datetime
    kind: str
    person_id: str
    """"": nobody, or who has no name yet for whoever looks."""
    about: str = ""
    text: str = ""
    """What was said with it: why an expert declined, or handed it over."""
    code: str = ""
    """Why an expert declined, in one word: worded as ``decline-<code>``."""
    count: int = 1
    """How many lines were written in a row, or people asked at once."""
    room_id: str = ""


async def of_consult(
    reader: Reader, consult: Consult, mine: Reading | None = None, unnamed: Collection[str] = ()
) -> list[Moment]:
    """Oldest first. The caller has asked CONSULT_VIEW. ``mine``: the reading of whoever looks; who asked learns of those who
    read and sign beside the expert when the answer is out. ``unnamed``: persons whose name is left out."""
    everyone = await repository.offers_of(reader, consult.id)
    offers = [one for one in everyone if one.role is ReadingRole.EXPERT]
    readings = await repository.readings_of(reader, consult.id)
    opinions = await repository.opinions_of(reader, consult.id)
    seen = visible(consult, readings, opinions, mine)
    unseen = {one.reading_id: one.signed_at for one in opinions if one not in seen}
    signatures = await repository.signatures_of(reader, consult.id)
    moments = [
        Moment(at=consult.requested_at, kind="requested", person_id=consult.requester_id),
        *_of_offers(consult, offers),
        *_of_readings([one for one in readings if one.role is ReadingRole.EXPERT], offers, unseen),
        *(_of_beside(everyone, readings) if mine is not None or consult.opinions_released else ()),
        *_of_versions(versions(seen, readings, signatures)),
        *_of_material(await material.of_consult(reader, consult.id)),
        *await _of_after(reader, consult),
        *await _of_rooms(reader, consult.id),
        *await _of_import(reader, consult.id),
        *await _of_lines(reader, consult.case_id, consult.id),
    ]
    if consult.status is ConsultStatus.REVOKED and consult.ended_at is not None:
        moments.append(Moment(at=consult.ended_at, kind="revoked", person_id=consult.requester_id))
    moments.sort(key=lambda moment: moment.at)
    return [
        msgspec.structs.replace(moment, person_id="") if moment.person_id in unnamed else moment
        for moment in _joined(moments)
    ]


def _of_offers(consult: Consult, offers: Sequence[Offer]) -> Iterator[Moment]:
    """Several at one instant, as of a pool, are one moment."""
    for at, made in groupby(offers, key=lambda offer: offer.offered_at):
        yield _at_once("offered", at, consult.requester_id, list(made))
    answered = [offer for offer in offers if offer.answered_at is not None]
    for offer in answered:
        if offer.status is OfferStatus.ACCEPTED:
            yield Moment(at=offer.answered_at or consult.requested_at, kind="accepted", person_id=offer.expert_id)
        elif offer.status is OfferStatus.DECLINED:
            yield Moment(
                at=offer.answered_at or consult.requested_at,
                kind="declined",
                person_id=offer.expert_id,
                text=offer.decline_reason,
                code="" if offer.decline_code in (None, DeclineCode.OTHER) else str(offer.decline_code),
            )
    for status, kind in ((OfferStatus.WITHDRAWN, "withdrawn"), (OfferStatus.EXPIRED, "expired")):
        ended = sorted(
            (one for one in answered if one.status is status), key=lambda one: one.answered_at or one.offered_at
        )
        for at, together in groupby(ended, key=lambda offer: offer.answered_at or offer.offered_at):
            yield _at_once(kind, at, "", list(together))


def _at_once(kind: str, at: datetime, person_id: str, offers: Sequence[Offer]) -> Moment:
    if len(offers) == 1:
        return Moment(at=at, kind=kind, person_id=person_id, about=offers[0].expert_id)
    return Moment(at=at, kind=f"{kind}-several", person_id=person_id, count=len(offers))


def _of_readings(
    readings: Iterable[Reading], offers: Iterable[Offer], unseen: Mapping[str, datetime]
) -> Iterator[Moment]:
    """``unseen``: reading id → when what may not be seen yet was signed: for whoever looks it is still being written."""
    reasons = {one.expert_id: one.decline_reason for one in offers if one.status is OfferStatus.ACCEPTED}
    for reading in readings:
        # Nothing of a draft shows before it is signed, but that work is under way does.
        drafted_at = reading.drafted_at if reading.status is ReadingStatus.IN_PROGRESS else None
        if reading.status is ReadingStatus.COMPLETED:
            drafted_at = unseen.get(reading.id)
        if drafted_at is not None:
            yield Moment(at=drafted_at, kind="drafting", person_id=reading.expert_id)
        why = reasons.get(reading.expert_id, "")
        if reading.status is ReadingStatus.CANCELLED and reading.ended_at is not None and why:
            yield Moment(at=reading.ended_at, kind="handed-over", person_id=reading.expert_id, text=why)


def _of_beside(offers: Iterable[Offer], readings: Iterable[Reading]) -> Iterator[Moment]:
    """Who was invited to read or sign beside the expert, and what was committed before the first diagnosis was shown."""
    kinds = {OfferStatus.ACCEPTED: "joined", OfferStatus.DECLINED: "joined-not"}
    for offer in offers:
        if offer.role is ReadingRole.EXPERT:
            continue
        yield Moment(at=offer.offered_at, kind="invited", person_id="", about=offer.expert_id)
        if offer.answered_at is not None and offer.status in kinds:
            yield Moment(at=offer.answered_at, kind=kinds[offer.status], person_id=offer.expert_id)
    for reading in readings:
        if reading.committed_at is not None:
            yield Moment(at=reading.committed_at, kind="committed", person_id=reading.expert_id)


def _of_versions(told: Iterable[Version]) -> Iterator[Moment]:
    kinds = {"opinion": "signed", "third": "third", "addendum": "amended", "amendment": "replaced"}
    for one in told:
        opinion = one.opinion
        yield Moment(at=opinion.signed_at, kind=kinds[one.title], person_id=opinion.author_id, count=one.ordinal)
        for signature in one.beside:
            yield Moment(at=signature.signed_at, kind="countersigned", person_id=signature.person_id)


def _of_material(wanted: Iterable[material.Wanted]) -> Iterator[Moment]:
    for one in wanted:
        yield Moment(at=one.asked_at, kind=f"material-{one.kind}", person_id=one.asked_by)
        if one.answered_at is not None:
            yield Moment(at=one.answered_at, kind=f"material-{one.answer}", person_id=one.answered_by or "")


async def _of_after(reader: Reader, consult: Consult) -> list[Moment]:
    """Incidents, what the requester made of the answer, and what became of the case."""
    moments = [
        Moment(at=one.noted_at, kind="incident", person_id=one.noted_by)
        for one in await incidents.of_consult(reader, consult.id)
    ]
    moments += [
        Moment(at=one.recorded_at, kind="outcome", person_id=one.recorded_by)
        for one in await outcomes.of_consult(reader, consult.id)
    ]
    if consult.adoption is not None and consult.adopted_at is not None:
        moments.append(Moment(at=consult.adopted_at, kind=str(consult.adoption), person_id=""))
    return moments


async def _of_rooms(reader: Reader, consult_id: str) -> list[Moment]:
    rows = await reader.all(
        select(room.c.id, room.c.opened_by, room.c.opened_at).where(room.c.consult_id == consult_id)
    )
    return [Moment(at=row["opened_at"], kind="room", person_id=row["opened_by"], room_id=row["id"]) for row in rows]


async def _of_import(reader: Reader, consult_id: str) -> list[Moment]:
    """That it came from another instance, or an earlier one (archive.py)."""
    at = await reader.scalar(select(consult_import.c.imported_at).where(consult_import.c.consult_id == consult_id))
    return [] if at is None else [Moment(at=at, kind="imported", person_id="")]


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
