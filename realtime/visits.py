"""Coming to a room and leaving it: the rows of its roll, each with its audit record."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, RowMapping, func, insert, select, update

from realtime import admission, ledger
from realtime.admission import Part
from realtime.presence import COLOURS, Seat
from realtime.room import State
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.rooms import room, room_visit
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Invalid, NotFound, Refused, TelepathError, Unavailable

STREAMS: Final = 65535
"""A frame carries its stream in 16 bits."""
SILENT: Final = timedelta(minutes=3)
"""A visit without an end that no node spoke for within so long is over: its node died (realtime/roll.py)."""
FORGOTTEN: Final = timedelta(hours=12)
"""A room that nobody came to or left for so long is closed to newcomers. Nobody is in it: no session lives that long."""
SIGNS: Final = (func.max(room_visit.c.joined_at).label("joined_at"), func.max(room_visit.c.left_at).label("left_at"))
"""Of the visits of a room: when somebody came or left last."""


class Joined(msgspec.Struct, frozen=True):
    state: State
    seat: Seat
    part: Part


def last_sign() -> ColumnElement[datetime]:
    """Of a visit: the last time that something was known of it."""
    return func.coalesce(room_visit.c.seen_at, room_visit.c.joined_at)


async def join(db: Database, actor: Actor, room_id: str) -> Joined:
    """Write somebody into the roll, with the audit record, and give their connection its number in the room.

    Raises NotFound; Refused; Invalid: the room is closed, or its numbers are used up."""
    (joined,) = await join_together(db, [actor], room_id)
    if isinstance(joined, TelepathError):
        raise joined
    return joined


async def join_together(db: Database, actors: Sequence[Actor], room_id: str) -> list[Joined | TelepathError]:
    """The same for several, with one commit: many come at once when a node died, and the disk lets them wait one after the
    other. An error is of one of them alone, and a refusal is in the audit. Raises NotFound."""
    joined: list[Joined | TelepathError] = []
    async with db.write(actors[0], unaudited="who is refused changes nothing", pause=ledger.PAUSE) as tx:
        row = await ledger.locked(tx, room_id)
        book = await _opened(tx, row)
        for actor in actors:
            tx.actor = actor
            try:
                joined.append(await _join(tx, actor, row, book))
            except (Refused, Invalid) as error:  # said before anything is written; any other one undoes all
                joined.append(error)
        if book.visits:
            await tx.execute(insert(room_visit), book.visits)
    return [await _told(db, actor, one) for actor, one in zip(actors, joined, strict=True)]


async def _told(db: Database, actor: Actor, one: Joined | TelepathError) -> Joined | TelepathError:
    """The same; a refusal is recorded first, or not said."""
    if isinstance(one, Refused):
        try:
            await admission.record_refusal(db, actor, one)
        except Unavailable as away:
            return away
    return one


class _Book(msgspec.Struct):
    """The roll of a room, open for those who come now."""

    stream: int
    """The highest that was given."""
    colours: dict[str, int]
    """Of each person who ever came."""
    over: bool
    """The room is closed to newcomers."""
    visits: list[dict[str, Any]] = []
    """To be written."""


async def _opened(tx: Transaction, row: RowMapping) -> _Book:
    of: Any = select(
        room_visit.c.person_id,
        func.max(room_visit.c.stream).label("stream"),
        func.min(room_visit.c.colour).label("colour"),
        *SIGNS,
    )
    people = await tx.all(of.where(room_visit.c.room_id == row["id"]).group_by(room_visit.c.person_id))
    return _Book(
        stream=max((one["stream"] for one in people), default=0),
        colours={one["person_id"]: one["colour"] for one in people},
        over=_over(row, (one[sign] for one in people for sign in ("joined_at", "left_at")), tx.now),
    )


async def _join(tx: Transaction, actor: Actor, row: RowMapping, book: _Book) -> Joined:
    state = ledger.state(row)
    held = await admission.held(tx, actor, state)
    allowed = admission.admitted(actor, state, held, tx.now)
    if book.over or book.stream >= STREAMS:
        raise Invalid("error-room-closed")
    book.stream += 1
    colour = book.colours.setdefault(actor.person_id, len(book.colours) % len(COLOURS))
    book.visits.append(
        {
            "id": tx.new_id(),
            "room_id": state.room,
            "stream": book.stream,
            "person_id": actor.person_id,
            "colour": colour,
            "joined_at": tx.now,
            "institution_id": actor.institution_id,
        }
    )
    await tx.audit("room.joined", admission.ref(state), because=allowed, stream=book.stream, slide=state.slide)
    part = admission.part(actor, state, held, tx.now)
    return Joined(state, Seat(book.stream, actor.person_id, actor.name, actor.institution_name, colour), part)


def _over(row: RowMapping, signs: Iterable[datetime | None], now: datetime) -> bool:
    """Whether a room is closed to newcomers. ``signs``: when people came or left, the last ones."""
    known = [row["opened_at"], *(sign for sign in signs if sign is not None)]
    return row["closed_at"] is not None or max(known) <= now - FORGOTTEN


async def require_way(reader: Reader, actor: Actor, room_id: str, code: str, **params: int) -> None:
    """Ask whether ``actor`` could join another room now. ``code`` and ``params``: of the one refusal for a room that is not
    there, is closed, or is not theirs. Raises NotFound; Refused, of which the audit is told why."""
    row = await reader.first(select(room).where(room.c.id == room_id))
    if row is None:
        raise NotFound(code, **params)
    try:
        await admission.admit(reader, actor, ledger.state(row))
    except Refused as no:
        raise Refused(no.action, no.object_kind, no.object_id, no.reason, no.owner, code, **params) from None
    signs = await reader.one(select(*SIGNS).where(room_visit.c.room_id == room_id))
    if _over(row, (signs["joined_at"], signs["left_at"]), reader.now):
        raise NotFound(code, **params)


async def leave(db: Database, actor: Actor, state: State, stream: int) -> None:
    """Write the end of a visit into the roll, with the audit record."""
    async with db.write(actor) as tx:
        await tx.execute(
            update(room_visit)
            .where(room_visit.c.room_id == state.room, room_visit.c.stream == stream)
            .values(left_at=tx.now)
        )
        await tx.audit("room.left", admission.ref(state), stream=stream)
