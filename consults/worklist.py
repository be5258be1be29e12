"""What waits for a person, and what they wait for. Reading only, one statement for each side."""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, RowMapping, and_, exists, or_, select

from consults.lifecycle import ConsultStatus, OfferStatus, ReadingStatus
from telepath.access import STAFF
from telepath.actor import Actor
from telepath.db.schema.cases import case
from telepath.db.schema.consults import consult, offer, opinion, reading
from telepath.db.schema.directory import institution, person
from telepath.db.transaction import Reader
from telepath.directory import called

DONE_FOR: Final = timedelta(days=30)
"""How long an answered consult stays on the list: as long as the expert may follow it up."""
LIMIT: Final = 500
"""Entries of one side at most; the most pressing come first."""

OPEN: Final = (ConsultStatus.ACTIVE, ConsultStatus.ON_HOLD)
TO_DO: Final = ("to-answer", "accepted", "in-progress", "on-hold", "to-read")
"""Statuses of an entry that wait for its reader: an offer, a reading begun or not, a request that everyone declined, an
opinion or addendum that the requester has not opened."""
WAITING: Final = ("offered", "being-read")
"""Statuses of an entry that wait for the other side."""
DONE: Final = ("signed", "answered", "erased")
"""Once signed: for the expert, and for the requester who has read it. Or the case was erased, whatever was under way."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list. ``other`` is the person on the other side: the requester, or the expert."""

    consult_id: str
    case_number: str
    case_title: str
    organ: str
    urgency: str
    status: str
    """Worded in web/locale as ``entry-<status>``."""
    other: str
    place: str
    question: str
    requested_at: datetime
    due_at: datetime
    ended_at: datetime | None
    late: bool


class Worklist(msgspec.Struct, frozen=True):
    """What is to be done and what is waited for, by deadline; what is done, the latest first."""

    to_do: list[Entry]
    """Asked of me; asked by me and declined by everyone, or answered and not read yet."""
    waiting: list[Entry]
    """Asked by me, and with somebody else."""
    done: list[Entry]
    """Signed of late, by me or for me."""

    @property
    def late(self) -> int:
        return sum(entry.late for entry in (*self.to_do, *self.waiting))

    @property
    def empty(self) -> bool:
        return not (self.to_do or self.waiting or self.done)


async def of_person(reader: Reader, actor: Actor) -> Worklist:
    """What this person was asked, wherever they sign in; what they asked, while they are staff of the place that asked."""
    entries = await _as_expert(reader, actor.person_id)
    if actor.roles & STAFF:
        entries += await _as_requester(reader, actor)
    entries.sort(key=lambda entry: (entry.due_at, entry.consult_id))
    done = [entry for entry in entries if entry.status in DONE]
    return Worklist(
        to_do=[entry for entry in entries if entry.status in TO_DO],
        waiting=[entry for entry in entries if entry.status in WAITING],
        done=sorted(done, key=lambda entry: entry.ended_at or entry.due_at, reverse=True),
    )


async def _as_expert(reader: Reader, person_id: str) -> list[Entry]:
    statement = (
        select(*_COLUMNS, offer.c.status.label("offer_status"), reading.c.status.label("reading_status"))
        .select_from(offer)
        .join(consult, consult.c.id == offer.c.consult_id)
        .join(case, case.c.id == consult.c.case_id)
        .join(person, person.c.id == consult.c.requester_id)
        .join(institution, institution.c.id == consult.c.institution_id)
        .outerjoin(reading, and_(reading.c.consult_id == consult.c.id, reading.c.expert_id == person_id))
        .where(
            offer.c.expert_id == person_id,
            or_(
                and_(offer.c.status == OfferStatus.PROPOSED, consult.c.status == ConsultStatus.ACTIVE),
                and_(offer.c.status == OfferStatus.ACCEPTED, _current(reader.now)),
                and_(offer.c.status != OfferStatus.DECLINED, _erased(reader.now)),
            ),
            _shown(reader.now),
        )
        .order_by(consult.c.due_at, consult.c.id)
        .limit(LIMIT)
    )
    rows = await reader.all(statement)
    return [_entry(row, of_expert(row["offer_status"], row["reading_status"]), reader.now) for row in rows]


async def _as_requester(reader: Reader, actor: Actor) -> list[Entry]:
    # The latest offer that was neither declined nor withdrawn tells who is asked, or reads.
    standing = (
        select(offer.c.id)
        .where(offer.c.consult_id == consult.c.id, offer.c.status.in_((OfferStatus.PROPOSED, OfferStatus.ACCEPTED)))
        .order_by(offer.c.offered_at.desc(), offer.c.id.desc())
        .limit(1)
        .correlate(consult)
        .scalar_subquery()
    )
    unread = exists().where(opinion.c.consult_id == consult.c.id, opinion.c.number > consult.c.opinions_read)
    statement = (
        select(*_COLUMNS, offer.c.status.label("offer_status"), unread.label("unread"))
        .select_from(consult)
        .join(case, case.c.id == consult.c.case_id)
        .outerjoin(offer, offer.c.id == standing)
        .outerjoin(person, person.c.id == offer.c.expert_id)
        .outerjoin(institution, institution.c.id == offer.c.institution_id)
        .where(
            consult.c.requester_id == actor.person_id,
            consult.c.institution_id == actor.institution_id,
            or_(_current(reader.now), unread, _erased(reader.now)),
            _shown(reader.now),
        )
        .order_by(consult.c.due_at, consult.c.id)
        .limit(LIMIT)
    )
    rows = await reader.all(statement)
    return [
        _entry(row, of_requester(row["status"], row["offer_status"], unread=row["unread"]), reader.now) for row in rows
    ]


_COLUMNS: Final[tuple[ColumnElement[Any], ...]] = (
    consult.c.id,
    consult.c.organ,
    consult.c.urgency,
    consult.c.status,
    consult.c.question,
    consult.c.requested_at,
    consult.c.due_at,
    consult.c.ended_at,
    case.c.number,
    case.c.title.label("case_title"),
    case.c.erased_at,
    person.c.title,
    person.c.given_name,
    person.c.family_name,
    institution.c.city,
)


def of_expert(offer_status: str, reading_status: str | None) -> str:
    """The status of an entry, for who was asked: worded as ``entry-<status>``."""
    if offer_status == OfferStatus.PROPOSED:
        return "to-answer"
    return "signed" if reading_status == ReadingStatus.COMPLETED else str(reading_status)


def of_requester(consult_status: str, offer_status: str | None, *, unread: bool = False) -> str:
    """The same, for who asked; ``offer_status``: of the latest offer that was neither declined nor withdrawn."""
    if consult_status == ConsultStatus.COMPLETED:
        return "to-read" if unread else "answered"
    if consult_status == ConsultStatus.ON_HOLD:
        return "on-hold"
    return "offered" if offer_status == OfferStatus.PROPOSED else "being-read"


def _current(now: datetime) -> ColumnElement[bool]:
    done = and_(consult.c.status == ConsultStatus.COMPLETED, consult.c.ended_at > now - DONE_FOR)
    return or_(consult.c.status.in_(OPEN), done)


def _erased(now: datetime) -> ColumnElement[bool]:
    return case.c.erased_at > now - DONE_FOR


def _shown(now: datetime) -> ColumnElement[bool]:
    return or_(case.c.erased_at.is_(None), _erased(now))


def _entry(row: RowMapping, status: str, now: datetime) -> Entry:
    status = "erased" if row["erased_at"] else status
    return Entry(
        consult_id=row["id"],
        case_number=row["number"],
        # Who has not accepted yet sees the request, not the case.
        case_title="" if status == "to-answer" else row["case_title"],
        organ=row["organ"],
        urgency=row["urgency"],
        status=status,
        other=called(row["title"], row["given_name"], row["family_name"]),
        place=row["city"] or "",
        question=row["question"],
        requested_at=row["requested_at"],
        due_at=row["due_at"],
        ended_at=row["erased_at"] or row["ended_at"],
        late=row["ended_at"] is None and now > row["due_at"],
    )
