"""What waits for a person, what they wait for, and what an institution waits for. Reading only.

However long a list is, a page of it is the same few statements (consults/worklist_parts.py)."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import RowMapping, Select, select

from consults import worklist_parts as parts
from consults.kinds import HeldBecause, ReadingRole
from consults.lifecycle import ConsultStatus, OfferStatus, ReadingStatus
from consults.wish import WHOLE, Place, Sort, View, Wish
from telepath.access import STAFF
from telepath.actor import Actor, Role
from telepath.db.schema.cases import case
from telepath.db.schema.consults import consult, offer
from telepath.db.schema.directory import institution, person
from telepath.db.transaction import Reader
from telepath.directory import called

PAGE: Final = 50
"""Entries of a page; of each section, where a page has several."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list. ``other`` is the person on the other side: the requester, or the expert."""

    consult_id: str
    side: str
    """As whom it is seen: ``expert``, ``requester`` or ``institution``."""
    case_number: str
    case_title: str
    organ: str
    urgency: str
    kind: str
    network: str
    role: str
    """Of the expert's reading: a code of ReadingRole; "" on the other side."""
    status: str
    """Worded in web/locale as ``entry-<status>``."""
    other: str
    place: str
    requester: str
    question: str
    requested_at: datetime
    due_at: datetime
    ended_at: datetime | None
    stopped: bool
    """The clock stands still."""
    late: bool


class Page(msgspec.Struct, frozen=True):
    entries: list[Entry]
    next: Place | None
    """Where the next page begins; None: nothing follows."""


class Numbers(msgspec.Struct, frozen=True):
    """How many there are on each tab, whatever is looked for."""

    to_do: int
    waiting: int
    late: int
    institution: int


class Worklist(msgspec.Struct, frozen=True):
    """What is to be done and what is waited for, by deadline; what is done, the latest first. A page of each."""

    to_do: list[Entry]
    """Asked of me; asked by me and held, or answered and not read yet."""
    waiting: list[Entry]
    """With somebody else."""
    done: list[Entry]
    """Signed of late, by me or for me."""

    @property
    def empty(self) -> bool:
        return not (self.to_do or self.waiting or self.done)


def views_of(actor: Actor) -> tuple[View, ...]:
    """The tabs of this person."""
    whole = {View.INSTITUTION} if actor.roles & STAFF else set()
    if Role.COORDINATOR in actor.roles:
        whole.add(View.ALL)
    return tuple(view for view in View if view not in WHOLE or view in whole)


async def of_person(reader: Reader, actor: Actor) -> Worklist:
    """What this person was asked, wherever they sign in; what they asked, while they are staff of the place that asked."""
    rows: list[Sequence[RowMapping]] = []
    for view, sort in ((View.TO_ANSWER, Sort.DUE), (View.WAITING, Sort.DUE), (View.SIGNED, Sort.ENDED)):
        wish = Wish(view=view, sort=sort)
        rows.append(await reader.all(parts.page(_of(reader, actor, wish), wish, reader.now, PAGE)))
    entries = iter(await _entries(reader, [row for some in rows for row in some]))
    to_do, waiting, done = ([next(entries) for _ in some] for some in rows)
    return Worklist(to_do, waiting, done)


async def page(reader: Reader, actor: Actor, wish: Wish, organs: Iterable[str] = ()) -> Page:
    """The entries of a tab that fit. ``organs``: those that ``wish.words`` may name, in the reader's language.

    A tab that is not this person's is empty."""
    if wish.view not in views_of(actor):
        return Page([], None)
    about = await _about(reader, actor, wish, tuple(organs)) if wish.view is View.ALL and wish.words else None
    rows = await reader.all(parts.page(_of(reader, actor, wish, tuple(organs), about), wish, reader.now, PAGE + 1))
    entries = await _entries(reader, rows[:PAGE])
    return Page(entries, _place(rows[PAGE - 1], wish.sort) if len(rows) > PAGE else None)


async def numbers(reader: Reader, actor: Actor) -> Numbers:
    """For the tabs: of all that is not over."""
    going_on = _of(reader, actor, Wish(view=View.LATE))
    found = {row["part"]: row for row in await reader.all(parts.numbers(going_on, reader.now))}
    unread = await reader.scalar(parts.unread(actor)) if actor.roles & STAFF else 0
    whole = 0
    if View.INSTITUTION in views_of(actor):
        whole = await reader.scalar(parts.under_way(actor.institution_id))
    return Numbers(
        to_do=(found[parts.TO_DO]["number"] if parts.TO_DO in found else 0) + unread,
        waiting=found[parts.WAITING]["number"] if parts.WAITING in found else 0,
        late=sum(row["late"] for row in found.values()),
        institution=whole,
    )


def of_expert(offer_status: str, reading_status: str | None) -> str:
    """The status of an entry, for who was asked: worded as ``entry-<status>``."""
    if offer_status == OfferStatus.PROPOSED:
        return "to-answer"
    return "signed" if reading_status == ReadingStatus.COMPLETED else str(reading_status)


def of_requester(
    consult_status: str, offer_status: str | None, held_because: str | None = None, *, unread: bool = False
) -> str:
    """The same, for who asked; ``offer_status``: of the latest offer that was neither declined nor withdrawn."""
    if consult_status == ConsultStatus.COMPLETED:
        return "to-read" if unread else "answered"
    if consult_status == ConsultStatus.ON_HOLD:
        return "material-asked" if held_because == HeldBecause.MATERIAL else "on-hold"
    return "offered" if offer_status == OfferStatus.PROPOSED else "being-read"


async def _about(reader: Reader, actor: Actor, wish: Wish, organs: tuple[str, ...]) -> set[str]:
    people = [row["id"] for row in await reader.all(parts.called(wish.words))]
    found: set[str] = set()
    for way in parts.about(actor.institution_id, wish.words, organs, people):
        found.update(row["id"] for row in await reader.all(way))
    return found


def _of(
    reader: Reader, actor: Actor, wish: Wish, organs: tuple[str, ...] = (), about: Collection[str] | None = None
) -> list[Select[Any]]:
    if wish.view in WHOLE:
        return [parts.of_institution(actor, wish, organs, about)]
    return parts.mine(actor, reader.now, wish, organs, asking=bool(actor.roles & STAFF))


async def _entries(reader: Reader, rows: Sequence[RowMapping]) -> list[Entry]:
    """The same rows, with what a line says besides."""
    ids = sorted({row["consult_id"] for row in rows})
    if not ids:
        return []
    asked = select(
        consult.c.id,
        consult.c.organ,
        consult.c.urgency,
        consult.c.kind,
        consult.c.network,
        consult.c.question,
        case.c.number,
        case.c.title.label("case_title"),
        person.c.title,
        person.c.given_name,
        person.c.family_name,
        institution.c.city,
    ).select_from(consult)
    asked = asked.join(case, case.c.id == consult.c.case_id).join(person, person.c.id == consult.c.requester_id)
    asked = asked.join(institution, institution.c.id == consult.c.institution_id).where(consult.c.id.in_(ids))
    facts = {row["id"]: row for row in await reader.all(asked)}
    # The expert's latest offer that was neither declined, withdrawn nor expired tells who is asked, or reads.
    standing = (
        select(
            offer.c.consult_id,
            offer.c.status,
            person.c.title,
            person.c.given_name,
            person.c.family_name,
            institution.c.city,
        )
        .select_from(offer)
        .join(person, person.c.id == offer.c.expert_id)
        .join(institution, institution.c.id == offer.c.institution_id)
        .where(
            offer.c.consult_id.in_(ids),
            offer.c.status.in_(parts.STANDING),
            offer.c.role == ReadingRole.EXPERT,
            offer.c.decline_reason == "",  # not handed over
        )
        .order_by(offer.c.offered_at, offer.c.id)
    )
    experts = {row["consult_id"]: row for row in await reader.all(standing)}
    return [_entry(row, facts[row["consult_id"]], experts.get(row["consult_id"]), reader.now) for row in rows]


def _entry(row: RowMapping, facts: RowMapping, expert: RowMapping | None, now: datetime) -> Entry:
    of_expert_side = row["side"] == parts.EXPERT
    other = facts if of_expert_side else expert
    status = row["state"]
    if status == parts.UNSAID:
        status = of_requester(ConsultStatus.ACTIVE, expert["status"] if expert else None)
    return Entry(
        consult_id=row["consult_id"],
        side=row["side"],
        case_number=facts["number"],
        # Who has not accepted yet sees the request, not the case.
        case_title="" if status == "to-answer" else facts["case_title"],
        organ=facts["organ"],
        urgency=facts["urgency"],
        kind=facts["kind"],
        network=facts["network"],
        role=row["role"],
        status=status,
        other=_called(other) if other else "",
        place=other["city"] if other else "",
        requester=_called(facts),
        question=facts["question"],
        requested_at=row["requested_at"],
        due_at=row["due_at"],
        ended_at=row["ended_at"],
        stopped=bool(row["stopped"]),
        late=row["ended_at"] is None and not row["stopped"] and now > row["due_at"],
    )


def _called(row: RowMapping) -> str:
    return called(row["title"], row["given_name"], row["family_name"])


def _place(row: RowMapping, sort: Sort) -> Place:
    keys = {Sort.DUE: "due_at", Sort.ASKED: "requested_at", Sort.ENDED: "ended_at", Sort.NUMBER: "number"}
    return Place(row[keys[sort]], row["consult_id"])
