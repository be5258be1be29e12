"""The consults of an institution in a period, read for its coordinators: those it asked, or those its experts were asked for.

Whole months of the institution's own calendar. The caller has asked for the right."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, Select, func, select

from consults.figures import Figures, Row, figures
from consults.kinds import MaterialAnswer
from consults.lifecycle import ConsultStatus, OfferStatus, ReadingStatus
from telepath.db.schema.consults import (
    concordance,
    consult,
    incident,
    material_request,
    offer,
    opinion,
    reading,
)
from telepath.db.schema.directory import institution, membership
from telepath.db.transaction import Reader

MONTHS: Final = 36
"""The longest period."""


class Direction(StrEnum):
    """Worded as ``direction-<code>``."""

    ASKED = "asked"
    """What this institution asked others."""
    ANSWERED = "answered"
    """What its experts read for others, and for their own."""


class Activity(msgspec.Struct, frozen=True):
    """What an institution and others did for each other."""

    asked: list[Row]
    answered: list[Row]

    @property
    def experts(self) -> set[str]:
        return {row.expert for row in (*self.asked, *self.answered) if row.expert}

    @property
    def partners(self) -> set[str]:
        return {row.place for row in (*self.asked, *self.answered) if row.place}

    def with_one(self, expert_id: str = "", partner_id: str = "") -> "Activity":
        """The same of one expert, or with one other institution; "": of all."""

        def fits(row: Row) -> bool:
            return expert_id in ("", row.expert) and partner_id in ("", row.place)

        return Activity([row for row in self.asked if fits(row)], [row for row in self.answered if fits(row)])


class Period(msgspec.Struct, frozen=True):
    """Whole months, the last one included, as 2026-11."""

    first: str
    last: str

    @property
    def months(self) -> list[str]:
        found, (year, month) = [], _parts(self.first)
        while (year, month) <= _parts(self.last):
            found.append(f"{year:04d}-{month:02d}")
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        return found

    def span(self, zone: str) -> tuple[datetime, datetime]:
        """From the first instant of the first month to that after the last."""
        place, (year, month) = ZoneInfo(zone), _parts(self.last)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        return datetime(*_parts(self.first), 1, tzinfo=place), datetime(year, month, 1, tzinfo=place)


def period(first: str, last: str, now: datetime, zone: str) -> Period:
    """Of what was asked for; what cannot be is the last twelve months, and none ends after this one."""
    today = now.astimezone(ZoneInfo(zone))
    newest = f"{today.year:04d}-{today.month:02d}"
    usual = Period(_back(newest, 11), newest)
    if not (_is_month(first) and _is_month(last)) or first > last or last > newest:
        return usual
    return Period(max(first, _back(last, MONTHS - 1)), last)


def choices(now: datetime, zone: str) -> list[str]:
    """The months that may be chosen, the newest first."""
    today = now.astimezone(ZoneInfo(zone))
    newest = f"{today.year:04d}-{today.month:02d}"
    return [_back(newest, back) for back in range(2 * MONTHS)]


async def rows(reader: Reader, institution_id: str, direction: Direction, wanted: Period, zone: str) -> list[Row]:
    """The consults asked in this time, as figures take them."""
    since, until = wanted.span(zone)
    place = ZoneInfo(zone)
    signed = func.min(opinion.c.signed_at)
    found = select(
        consult.c.id,
        consult.c.organ,
        consult.c.urgency,
        consult.c.kind,
        consult.c.network,
        consult.c.status,
        consult.c.requested_at,
        consult.c.due_at,
        consult.c.paused_seconds,
        reading.c.expert_id,
        (reading if direction is Direction.ASKED else consult).c.institution_id.label("place"),
        institution.c.region,
        # By the consult, which has an index; and what is not told to who asked is no answer yet.
        select(signed)
        .where(
            opinion.c.consult_id == consult.c.id,
            opinion.c.reading_id == reading.c.id,
            opinion.c.number <= consult.c.opinions_released,
        )
        .scalar_subquery()
        .label("signed_at"),
        select(material_request.c.id)
        .where(
            material_request.c.consult_id == consult.c.id,
            material_request.c.reading_id == reading.c.id,
            material_request.c.answer != MaterialAnswer.WITHDRAWN,
        )
        .exists()
        .label("deferred"),
    )
    of_expert = (reading.c.consult_id == consult.c.id) & (reading.c.rank == 2) & (reading.c.role == "expert")
    of_expert &= reading.c.status != ReadingStatus.CANCELLED
    if direction is Direction.ASKED:
        found = (
            found.select_from(consult)
            .outerjoin(reading, of_expert)
            .outerjoin(institution, institution.c.id == reading.c.institution_id)
            .where(consult.c.institution_id == institution_id)
        )
    else:
        found = (
            found.select_from(reading)
            .join(consult, of_expert)
            .join(institution, institution.c.id == consult.c.institution_id)
            .where(*_by_own(reading, institution_id))
        )
    found = found.where(consult.c.requested_at >= since, consult.c.requested_at < until)
    found = found.where(consult.c.status != ConsultStatus.DRAFT).order_by(consult.c.requested_at, reading.c.started_at)
    # Who took a consult over from another has it: the last reading counts.
    last = {row["id"]: row for row in await reader.all(found)}
    return [
        Row(
            id=row["id"],
            month=f"{row['requested_at'].astimezone(place):%Y-%m}",
            organ=row["organ"],
            urgency=row["urgency"],
            kind=row["kind"],
            network=row["network"],
            requested_at=row["requested_at"],
            due_at=row["due_at"],
            signed_at=row["signed_at"],
            paused_seconds=row["paused_seconds"],
            revoked=row["status"] == ConsultStatus.REVOKED,
            deferred=bool(row["deferred"]),
            expert=row["expert_id"] or "",
            place=row["place"] or "",
            region=row["region"] or "",
        )
        for row in last.values()
    ]


async def of_both(reader: Reader, institution_id: str, wanted: Period, zone: str) -> Activity:
    """Both sides of an activity statement."""
    asked, answered = [await rows(reader, institution_id, one, wanted, zone) for one in Direction]
    return Activity(asked, answered)


async def of_institution(
    reader: Reader, institution_id: str, direction: Direction, wanted: Period, zone: str
) -> Figures:
    """All figures of one side."""
    found = await rows(reader, institution_id, direction, wanted, zone)
    since, until = wanted.span(zone)

    def about(statement: Select[Any], table: Any) -> Select[Any]:
        within = (consult.c.requested_at >= since) & (consult.c.requested_at < until)
        joined = statement.join(consult, consult.c.id == table.c.consult_id).where(within)
        if direction is Direction.ASKED:
            return joined.where(consult.c.institution_id == institution_id)
        if table is offer:
            return joined.where(*_by_own(offer, institution_id))
        read = select(reading.c.consult_id).where(*_by_own(reading, institution_id))
        return joined.where(consult.c.id.in_(read))

    offers = await reader.all(about(select(offer.c.status).where(offer.c.status != OfferStatus.WITHDRAWN), offer))
    graded = about(select(concordance.c.side, concordance.c.grade), concordance)
    grades = await reader.all(graded.where(consult.c.opinions_released > 0))
    incidents = await reader.all(about(select(incident.c.kind), incident))
    return figures(
        found,
        wanted.months,
        [row["status"] for row in offers],
        [(row["side"], row["grade"]) for row in grades],
        [row["kind"] for row in incidents],
    )


def _by_own(table: Any, institution_id: str) -> tuple[ColumnElement[bool], ...]:
    """By experts of this institution, in its name: looked up by person, which has an index."""
    members = select(membership.c.person_id).where(membership.c.institution_id == institution_id)
    return table.c.expert_id.in_(members), func.coalesce(table.c.institution_id, "") == institution_id


def _parts(month: str) -> tuple[int, int]:
    return int(month[:4]), int(month[5:])


def _is_month(text: str) -> bool:
    numbers = text[:4] + text[5:]
    return (
        len(text) == 7
        and text[4] == "-"
        and numbers.isascii()
        and numbers.isdecimal()
        and 1 <= int(text[5:]) <= 12
        and int(text[:4]) >= 2000
    )


def _back(month: str, months: int) -> str:
    year, number = _parts(month)
    whole = year * 12 + number - 1 - months
    return f"{whole // 12:04d}-{whole % 12 + 1:02d}"
