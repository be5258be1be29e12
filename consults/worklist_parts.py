"""The statements behind the worklist: which consults, and how they stand. Each part is served by one index.

Rows have ``consult_id``, ``side``, ``part``, ``state``, ``role``, ``stopped``, ``requested_at``, ``due_at``, ``ended_at`` and
``number``. Filters stand inside the parts, so that few rows leave them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnCollection, ColumnElement, Select, and_, case, false, func, literal, or_, select, union_all

from consults.kinds import HeldBecause, ReadingRole
from consults.lifecycle import ConsultStatus, OfferStatus, ReadingStatus
from consults.repository import QUIET
from consults.wish import DESCENDING, Sort, View, Wish
from telepath.actor import Actor
from telepath.db.schema.cases import case as cases
from telepath.db.schema.consults import consult, offer, reading
from telepath.db.schema.directory import person

DONE_FOR: Final = timedelta(days=30)
"""How long an answered consult stays on the list: as long as the expert may follow it up."""
OPEN: Final = (ConsultStatus.ACTIVE, ConsultStatus.ON_HOLD)
WORKING: Final = (ReadingStatus.REQUESTED, ReadingStatus.ACCEPTED, ReadingStatus.IN_PROGRESS)
STANDING: Final = (OfferStatus.PROPOSED, OfferStatus.ACCEPTED)
EXPERT, REQUESTER, INSTITUTION = "expert", "requester", "institution"
"""``side``: as whom it is seen."""
TO_DO, WAITING, DONE = "to-do", "waiting", "done"
"""``part``: it waits for its reader; for somebody else; for nobody."""
FOUND: Final = 200
"""Among all that an institution ever asked, a search finds so many at most in each way: number and title, organ, people."""
PEOPLE: Final = 5
"""And among so many people at most."""
UNSAID: Final = "active"
"""``state`` of what was asked and is under way: whether it was accepted is read for the lines that are shown."""

STOPPED: Final = and_(consult.c.status == ConsultStatus.ON_HOLD, consult.c.held_because == HeldBecause.MATERIAL)
"""The clock stands still: the expert asked for more."""
_STOPPED_SURELY: Final = func.coalesce(STOPPED, false())
"""Never null: what is not held has no reason for it."""
_UNREAD: Final = consult.c.opinions_read < consult.c.opinions_released
"""Worded as in the index of it."""


def mine(actor: Actor, now: datetime, wish: Wish, organs: tuple[str, ...], *, asking: bool) -> list[Select[Any]]:
    """All that a person has to do with, of the tab ``wish.view``. ``asking``: with what they asked here, too."""
    parts: list[Select[Any]] = []
    held = consult.c.status == ConsultStatus.ON_HOLD
    match wish.view:
        case View.TO_ANSWER:
            parts = [_offered(actor), _being_read(actor).where(~_STOPPED_SURELY)]
            asked = [_asked(actor).where(held), _unread(actor)]
        case View.WAITING:
            parts = [_being_read(actor).where(STOPPED)]
            asked = [_asked(actor).where(~held)]
        case View.LATE:
            parts = [_offered(actor), _being_read(actor)]
            asked = [_asked(actor)]
        case View.SIGNED:
            parts = [_signed(actor, now), _erased_reading(actor, now)]
            asked = [_answered(actor, now), _erased_asked(actor, now)]
        case _:
            parts = [_offered(actor), _being_read(actor), _signed(actor, now), _erased_reading(actor, now)]
            asked = [_asked(actor), _unread(actor), _answered(actor, now), _erased_asked(actor, now)]
    return [_narrowed(part, wish, organs) for part in parts + (asked if asking else [])]


def of_institution(
    actor: Actor, wish: Wish, organs: tuple[str, ...], about: Collection[str] | None = None
) -> Select[Any]:
    """What this institution asked: under way, or ever (View.ALL). ``about``: among these alone, in place of what is typed; they
    are looked up, and the institution, behind a function, is only compared."""
    part = case((consult.c.ended_at.is_(None), WAITING), else_=DONE)
    state = case(
        (consult.c.status == ConsultStatus.COMPLETED, "answered"),
        (consult.c.status == ConsultStatus.REVOKED, "revoked"),
        (STOPPED, "material-asked"),
        (consult.c.status == ConsultStatus.ON_HOLD, "on-hold"),
        else_=UNSAID,
    )
    place = consult.c.institution_id if about is None else func.coalesce(consult.c.institution_id, "")
    found = _rows(INSTITUTION, part, state).where(place == actor.institution_id)
    if wish.view is View.INSTITUTION:
        found = found.where(consult.c.ended_at.is_(None))
    found = found.where(cases.c.erased_at.is_(None), consult.c.status != ConsultStatus.DRAFT)
    if about is not None:
        found = found.where(consult.c.id.in_(about))
        wish = msgspec.structs.replace(wish, words="")
    return _narrowed(found, wish, organs)


def late(entry: ColumnCollection[str, Any], now: datetime) -> ColumnElement[bool]:
    return and_(entry["due_at"] < now, entry["ended_at"].is_(None), ~entry["stopped"])


def page(found: Sequence[Select[Any]], wish: Wish, now: datetime, limit: int) -> Select[Any]:
    """The next ``limit`` rows of these parts after ``wish.after``, in the order of ``wish.sort``. Each part gives so many at
    most: its index has them in order."""
    first = []
    for part in found:
        key, tie = _key(part.selected_columns, wish.sort), part.selected_columns["consult_id"]
        falling = wish.sort in DESCENDING
        if wish.view is View.LATE:
            part = part.where(late(part.selected_columns, now))
        if wish.sort is Sort.ENDED:
            part = part.where(key.is_not(None))
        if (after := wish.after) is not None:
            # The first of the two is what an index can be walked by.
            part = part.where(
                key <= after.key if falling else key >= after.key,
                or_(key != after.key, tie < after.consult_id if falling else tie > after.consult_id),
            )
        first.append(select(part.order_by(*_order(part.selected_columns, wish.sort)).limit(limit).subquery()))
    entry = union_all(*first).subquery("entry")
    return select(entry).order_by(*_order(entry.c, wish.sort)).limit(limit)


def numbers(found: Sequence[Select[Any]], now: datetime) -> Select[Any]:
    """How many of each part, and how many of them are late."""
    entry = union_all(*found).subquery("entry")
    is_late = func.sum(case((late(entry.c, now), 1), else_=0))
    return select(entry.c.part, func.count().label("number"), is_late.label("late")).group_by(entry.c.part)


def _key(entry: ColumnCollection[str, Any], sort: Sort) -> ColumnElement[Any]:
    keys: dict[Sort, ColumnElement[Any]] = {
        Sort.DUE: entry["due_at"],
        Sort.ASKED: entry["requested_at"],
        Sort.ENDED: entry["ended_at"],
        Sort.NUMBER: entry["number"],
    }
    return keys[sort]


def _order(entry: ColumnCollection[str, Any], sort: Sort) -> list[ColumnElement[Any]]:
    columns = [_key(entry, sort), entry["consult_id"]]
    return [column.desc() for column in columns] if sort in DESCENDING else columns


def unread(actor: Actor) -> Select[Any]:
    """How many opinions this person has not opened."""
    return _unread(actor).with_only_columns(func.count())


def under_way(institution_id: str) -> Select[Any]:
    """How many of this institution's consults have not ended."""
    return (
        select(func.count())
        .select_from(consult)
        .where(consult.c.institution_id == institution_id, consult.c.ended_at.is_(None), consult.c.status.in_(OPEN))
    )


def _rows(
    side: str,
    part: str | ColumnElement[str],
    state: str | ColumnElement[str],
    role: ColumnElement[str] | None = None,
    ended: ColumnElement[Any] = consult.c.ended_at,
) -> Select[Any]:
    """Of consults with their cases; the caller joins and asks for what makes them a part."""
    return (
        select(
            consult.c.id.label("consult_id"),
            literal(side).label("side"),
            (literal(part) if isinstance(part, str) else part).label("part"),
            (literal(state) if isinstance(state, str) else state).label("state"),
            (literal("") if role is None else role).label("role"),
            _STOPPED_SURELY.label("stopped"),
            consult.c.requested_at,
            consult.c.due_at,
            ended.label("ended_at"),
            cases.c.number,
        )
        .select_from(consult)
        .join(cases, cases.c.id == consult.c.case_id)
    )


def _offered(actor: Actor) -> Select[Any]:
    # Who has not accepted yet sees the request, not the case.
    return (
        _rows(EXPERT, TO_DO, "to-answer", offer.c.role)
        .join(offer, offer.c.consult_id == consult.c.id)
        .where(
            offer.c.expert_id == actor.person_id,
            offer.c.status == OfferStatus.PROPOSED,
            consult.c.status.in_((ConsultStatus.ACTIVE, ConsultStatus.COMPLETED)),
        )
    )


def _being_read(actor: Actor) -> Select[Any]:
    state = case(
        (STOPPED, "awaiting-material"),
        (reading.c.role == ReadingRole.COUNTERSIGNER, "to-countersign"),
        (reading.c.status == ReadingStatus.IN_PROGRESS, "in-progress"),
        else_="accepted",
    )
    return _of_reader(actor, case((STOPPED, WAITING), else_=TO_DO), state).where(
        reading.c.status.in_(WORKING), consult.c.status != ConsultStatus.REVOKED
    )


def _signed(actor: Actor, now: datetime) -> Select[Any]:
    return _of_reader(actor, DONE, "signed", reading.c.ended_at).where(
        reading.c.status == ReadingStatus.COMPLETED,
        reading.c.ended_at > now - DONE_FOR,
        consult.c.status != ConsultStatus.REVOKED,
        cases.c.erased_at.is_(None),
    )


def _of_reader(
    actor: Actor,
    part: str | ColumnElement[str],
    state: str | ColumnElement[str],
    ended: ColumnElement[Any] = consult.c.ended_at,
) -> Select[Any]:
    return (
        _rows(EXPERT, part, state, reading.c.role, ended)
        .join(reading, reading.c.consult_id == consult.c.id)
        .where(reading.c.expert_id == actor.person_id)
    )


def _asked(actor: Actor) -> Select[Any]:
    held = consult.c.status == ConsultStatus.ON_HOLD
    part = case((held, TO_DO), else_=WAITING)
    state = case((STOPPED, "material-asked"), (held, "on-hold"), else_=UNSAID)
    # Both of one: else it would be listed twice while an opinion waits for a second signature.
    read = consult.c.opinions_read >= consult.c.opinions_released
    return _of_requester(actor, part, state).where(
        consult.c.ended_at.is_(None), consult.c.status.in_(OPEN), or_(read, held)
    )


def _unread(actor: Actor) -> Select[Any]:
    return _of_requester(actor, TO_DO, "to-read").where(
        _UNREAD,
        consult.c.status.in_((ConsultStatus.ACTIVE, ConsultStatus.COMPLETED)),
        cases.c.erased_at.is_(None),
    )


def _answered(actor: Actor, now: datetime) -> Select[Any]:
    return _of_requester(actor, DONE, "answered").where(
        consult.c.ended_at > now - DONE_FOR,
        consult.c.status == ConsultStatus.COMPLETED,
        consult.c.opinions_read >= consult.c.opinions_released,
        cases.c.erased_at.is_(None),
    )


def _of_requester(actor: Actor, part: str | ColumnElement[str], state: str | ColumnElement[str]) -> Select[Any]:
    return _rows(REQUESTER, part, state).where(
        consult.c.requester_id == actor.person_id, consult.c.institution_id == actor.institution_id
    )


def _erased_asked(actor: Actor, now: datetime) -> Select[Any]:
    # Behind a function: the few cases that were erased are looked up, and not all that this person ever asked.
    asked_by = func.coalesce(consult.c.requester_id, "")
    asked_at = func.coalesce(consult.c.institution_id, "")
    return _rows(REQUESTER, DONE, "erased", ended=cases.c.erased_at).where(
        cases.c.erased_at > now - DONE_FOR, asked_by == actor.person_id, asked_at == actor.institution_id
    )


def _erased_reading(actor: Actor, now: datetime) -> Select[Any]:
    asked = select(offer.c.consult_id).where(
        offer.c.expert_id == actor.person_id,
        offer.c.status.not_in((OfferStatus.DECLINED, OfferStatus.EXPIRED)),
        offer.c.consult_id == consult.c.id,
    )
    return _rows(EXPERT, DONE, "erased", ended=cases.c.erased_at).where(
        cases.c.erased_at > now - DONE_FOR, asked.exists()
    )


def _narrowed(found: Select[Any], wish: Wish, organs: tuple[str, ...]) -> Select[Any]:
    for name in ("urgency", "kind", "network", "organ"):
        if value := getattr(wish, name):
            found = found.where(consult.c[name] == value)
    if wish.role:
        found = found.where(found.selected_columns["role"] == wish.role)
    return found.where(_said(found, wish.words, organs)) if wish.words else found


def _said(found: Select[Any], words: str, organs: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether a row is about this: only by what its reader sees of it."""
    people = _called(words)
    asked = select(offer.c.consult_id).where(
        offer.c.expert_id.in_(people), offer.c.status.in_(STANDING), offer.c.role.not_in(QUIET)
    )
    side, state = found.selected_columns["side"], found.selected_columns["state"]
    return or_(
        cases.c.number.icontains(words, autoescape=True),
        and_(cases.c.title.icontains(words, autoescape=True), state != "to-answer"),
        consult.c.organ.in_(organs),
        and_(consult.c.requester_id.in_(people), side != REQUESTER),
        and_(consult.c.id.in_(asked), side != EXPERT),
    )


def called(words: str) -> Select[Any]:
    """The first people of a name."""
    return _called(words).order_by(person.c.family_name, person.c.given_name, person.c.id).limit(PEOPLE)


def about(place: str, words: str, organs: tuple[str, ...], people: Collection[str]) -> list[Select[Any]]:
    """Ways to find the consults (``id``) of an institution that are about this, among all it ever asked. Each way has an index
    of its own: together they would have none."""
    of_place = consult.c.institution_id == place
    named = (
        select(cases.c.id)
        .where(
            cases.c.institution_id == place,
            or_(
                # Numbers have no small letters, as a rule.
                *(cases.c.number.contains(one, autoescape=True) for one in sorted({words, words.upper()})),
                cases.c.title.icontains(words, autoescape=True),
            ),
        )
        .order_by(cases.c.number.desc())
        .limit(FOUND)
    )
    ways = [select(consult.c.id).where(consult.c.case_id.in_(named))]
    if people:
        ways.append(select(consult.c.id).where(consult.c.requester_id.in_(people), of_place).limit(FOUND))
        # The offers of those people, and then whose they are: not the offers of all that was ever asked.
        reads = offer.c.expert_id.in_(people) & offer.c.status.in_(STANDING) & offer.c.role.not_in(QUIET)
        placed = func.coalesce(consult.c.institution_id, "") == place
        ways.append(
            select(consult.c.id).join(offer, offer.c.consult_id == consult.c.id).where(reads, placed).limit(FOUND)
        )
    if organs:
        newest = consult.c.requested_at.desc()
        ways.append(select(consult.c.id).where(consult.c.organ.in_(organs), of_place).order_by(newest).limit(FOUND))
    return ways


def _called(words: str) -> Select[Any]:
    return select(person.c.id).where(
        (person.c.given_name + " " + person.c.family_name).icontains(words, autoescape=True)
    )
