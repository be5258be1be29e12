"""Who waits for whom: what an institution asked and is under way, by expert and by requester; and who waits for its own
experts. Reading only, a fixed number of statements."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import RowMapping, Select, func, literal, select

from consults.kinds import HeldBecause
from consults.lifecycle import ConsultStatus, OfferStatus
from consults.repository import QUIET
from consults.worklist import of_requester
from consults.worklist_parts import OPEN, STANDING, WORKING
from telepath import directory
from telepath.db.schema.cases import case
from telepath.db.schema.consults import consult, offer, reading
from telepath.db.schema.directory import membership
from telepath.db.transaction import Reader

LINES: Final = 100
"""Consults that are named one by one: those whose deadline comes first."""
ALL: Final = 5_000
"""Consults that are counted at most."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One expert of a consult."""

    expert: str
    place: str
    accepted: bool
    since: datetime
    """When they were asked."""
    answer_by: datetime | None
    """When the next one is asked in their place; None: nobody is."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One consult that is under way."""

    consult_id: str
    number: str
    organ: str
    urgency: str
    kind: str
    policy: str
    status: str
    """Worded as ``entry-<status>``, as its requester's side sees it."""
    requester: str
    asked: list[Asked]
    refused: int
    """How many said no, or did not answer."""
    requested_at: datetime
    due_at: datetime
    late: bool
    stopped: bool

    @property
    def next_at(self) -> datetime | None:
        """When something happens by itself, if nobody answers."""
        return min((one.answer_by for one in self.asked if one.answer_by and not one.accepted), default=None)


class Sum(msgspec.Struct, kw_only=True):
    """What there is of one person. A consult that two experts were asked for counts for each."""

    name: str
    place: str = ""
    asked: int = 0
    """Not answered."""
    accepted: int = 0
    """Being read."""
    held: int = 0
    late: int = 0
    oldest: datetime | None = None
    """Request that has waited longest."""
    next_due: datetime | None = None

    def add(self, status: str, requested_at: datetime, due_at: datetime, now: datetime) -> None:
        """``status``: ``asked``, ``accepted`` or ``held``; the clock of one that is held does not run."""
        setattr(self, status, getattr(self, status) + 1)
        self.late += status != "held" and due_at < now
        self.oldest = min(filter(None, (self.oldest, requested_at)))
        if status != "held":
            self.next_due = min(filter(None, (self.next_due, due_at)))


class Board(msgspec.Struct, frozen=True):
    """Most late first, then the next deadline."""

    lines: list[Line]
    experts: list[Sum]
    """For whom this institution waits."""
    requesters: list[Sum]
    """Who of it waits."""
    own: list[Sum]
    """Its own experts, whoever asked them."""
    total: int
    late: int


async def of_institution(reader: Reader, institution_id: str) -> Board:
    """The caller has asked for the right."""
    now = reader.now
    going_on = (consult.c.institution_id == institution_id) & consult.c.ended_at.is_(None) & consult.c.status.in_(OPEN)
    rows = await reader.all(
        select(consult, case.c.number)
        .join(case, case.c.id == consult.c.case_id)
        .where(going_on)
        .order_by(consult.c.due_at, consult.c.id)
        .limit(ALL)
    )
    offers = await reader.all(
        select(offer)
        .join(consult, consult.c.id == offer.c.consult_id)
        .where(going_on, offer.c.role.not_in(QUIET))
        .order_by(offer.c.offered_at)
    )
    own = await reader.all(_proposed(institution_id)) + await reader.all(_being_read(institution_id))
    people = await directory.people(reader, _named(rows, "requester_id") | _named([*offers, *own], "expert_id"))
    places = await directory.institutions(reader, _named(offers, "institution_id"))

    def asked(row: RowMapping) -> Asked:
        return Asked(
            expert=people[row["expert_id"]].name,
            place=places[row["institution_id"]].city,
            accepted=row["status"] == OfferStatus.ACCEPTED,
            since=row["offered_at"],
            answer_by=row["answer_by"],
        )

    standing: dict[str, list[RowMapping]] = defaultdict(list)
    refused: dict[str, int] = defaultdict(int)
    for row in offers:
        if row["status"] in STANDING and not row["decline_reason"]:
            standing[row["consult_id"]].append(row)
        elif row["status"] in (OfferStatus.DECLINED, OfferStatus.EXPIRED):
            refused[row["consult_id"]] += 1
    experts: dict[str, Sum] = {}
    requesters: dict[str, Sum] = {}
    lines: list[Line] = []
    for row in rows:
        of = standing[row["id"]]
        held = row["status"] == ConsultStatus.ON_HOLD
        taken = any(one["status"] == OfferStatus.ACCEPTED for one in of)
        state = "held" if held else "accepted" if taken else "asked"
        times = (row["requested_at"], row["due_at"], now)
        requesters.setdefault(row["requester_id"], Sum(name=people[row["requester_id"]].name)).add(state, *times)
        for one in of:
            expert = Sum(name=people[one["expert_id"]].name, place=places[one["institution_id"]].city)
            its = "held" if held else "accepted" if one["status"] == OfferStatus.ACCEPTED else "asked"
            experts.setdefault(one["expert_id"], expert).add(its, *times)
        stopped = held and row["held_because"] == HeldBecause.MATERIAL
        if len(lines) < LINES:
            lines.append(
                Line(
                    consult_id=row["id"],
                    number=row["number"],
                    organ=row["organ"],
                    urgency=row["urgency"],
                    kind=row["kind"],
                    policy=row["policy"],
                    status=of_requester(row["status"], of[-1]["status"] if of else None, row["held_because"]),
                    requester=people[row["requester_id"]].name,
                    asked=[asked(one) for one in of],
                    refused=refused[row["id"]],
                    requested_at=row["requested_at"],
                    due_at=row["due_at"],
                    late=row["due_at"] < now and not stopped,
                    stopped=stopped,
                )
            )
    ours: dict[str, Sum] = {}
    for row in own:
        held = row["consult_status"] == ConsultStatus.ON_HOLD
        own_expert = ours.setdefault(row["expert_id"], Sum(name=people[row["expert_id"]].name))
        own_expert.add("held" if held else row["state"], row["requested_at"], row["due_at"], now)
    return Board(
        lines=lines,
        experts=_ranked(experts.values()),
        requesters=_ranked(requesters.values()),
        own=_ranked(ours.values()),
        total=len(rows),
        late=sum(one.late for one in requesters.values()),
    )


def _named(rows: Iterable[RowMapping], column: str) -> set[str]:
    return {row[column] for row in rows}


def _ranked(sums: Iterable[Sum]) -> list[Sum]:
    return sorted(sums, key=lambda one: (-one.late, one.next_due is None, one.next_due or one.oldest, one.name))


def _of_own(table: Any, institution_id: str, state: str) -> Select[Any]:
    members = select(membership.c.person_id).where(membership.c.institution_id == institution_id)
    # Whoever works at two places is asked for one of them; looked up by person, which has an index.
    placed = func.coalesce(table.c.institution_id, "") == institution_id
    return (
        select(
            table.c.expert_id,
            consult.c.status.label("consult_status"),
            consult.c.requested_at,
            consult.c.due_at,
            literal(state).label("state"),
        )
        .join(consult, consult.c.id == table.c.consult_id)
        .where(table.c.expert_id.in_(members), placed, consult.c.status.in_(OPEN))
    )


def _proposed(institution_id: str) -> Select[Any]:
    return _of_own(offer, institution_id, "asked").where(offer.c.status == OfferStatus.PROPOSED)


def _being_read(institution_id: str) -> Select[Any]:
    return _of_own(reading, institution_id, "accepted").where(reading.c.status.in_(WORKING))
