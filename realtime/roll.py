"""The roll of a room: who came when, and left when. Times are of the database's clock.

A node says every NOTED seconds that its connections stand. A visit without an end that nobody spoke for within SILENT died
with its node: the next node that looks after the room, or who reads the roll, gives it an end at its last sign."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import ColumnElement, select, update

from realtime import admission
from realtime.room import State
from realtime.visits import SILENT, last_sign
from telepath import directory, grants
from telepath.access import Action, Allowed
from telepath.actor import SYSTEM, Actor
from telepath.db.database import Database
from telepath.db.schema.rooms import room_visit
from telepath.db.transaction import Reader, Transaction

NOTED: Final = 60.0
"""Seconds between two signs of a node."""
TOGETHER: Final = timedelta(minutes=1)
"""Two visits of a person that are no further apart are one: a connection was cut and found again."""
AT_ONCE: Final = 1000
"""Connections of one statement: databases limit its parameters."""


class Stay(msgspec.Struct, frozen=True):
    """From when to when somebody was there; ``left`` None: they are."""

    joined: datetime
    left: datetime | None


class Attendant(msgspec.Struct, frozen=True):
    """A person of the roll."""

    person: str
    name: str
    institution: str
    """For which they came; "": for none, as a guest does."""
    colour: int
    stays: tuple[Stay, ...]


async def note(db: Database, state: State, streams: Sequence[int]) -> None:
    """Write down that these connections stand, also those that were thought silent while this node or the database stood
    still, and give an end to those of which nobody says so. Raises Unavailable."""
    async with db.write(SYSTEM, unaudited="that somebody is still there; that they came is recorded") as tx:
        of_room = room_visit.c.room_id == state.room
        for some in (streams[at : at + AT_ONCE] for at in range(0, len(streams), AT_ONCE)):
            these = of_room & room_visit.c.stream.in_(some)
            await _open_again(tx, state, these)
            await tx.execute(update(room_visit).where(these).values(seen_at=tx.now))
        await _close_silent(tx, state, of_room)


async def close_silent(db: Database, state: State) -> None:
    """The same end, where no node may look after the room any more. Raises Unavailable."""
    of_room = room_visit.c.room_id == state.room
    async with db.read() as reader:
        silent = await reader.first(select(room_visit.c.id).where(_silent(reader, of_room)))
    if silent is not None:
        await note(db, state, ())


def _silent(reader: Reader, of_room: ColumnElement[bool]) -> ColumnElement[bool]:
    return of_room & room_visit.c.left_at.is_(None) & (last_sign() < reader.now - SILENT)


async def _open_again(tx: Transaction, state: State, these: ColumnElement[bool]) -> None:
    # Who was closed as silent left at their last sign; who left by themselves, after it.
    thought_silent = select(room_visit).where(these, room_visit.c.left_at == last_sign()).with_for_update()
    for row in await tx.all(thought_silent):
        await tx.execute(update(room_visit).where(room_visit.c.id == row["id"]).values(left_at=None))
        await tx.audit(
            "room.joined", admission.ref(state), stream=row["stream"], person=row["person_id"], reason="not-silent"
        )


async def _close_silent(tx: Transaction, state: State, of_room: ColumnElement[bool]) -> None:
    # Not those that another node speaks for at this moment: each would wait for the other's.
    silent = select(room_visit).where(_silent(tx, of_room)).order_by(room_visit.c.stream)
    for row in await tx.all(silent.with_for_update(skip_locked=True)):
        left = row["seen_at"] or row["joined_at"]
        await tx.execute(update(room_visit).where(room_visit.c.id == row["id"]).values(left_at=left))
        await tx.audit(
            "room.left", admission.ref(state), stream=row["stream"], person=row["person_id"], reason="silent"
        )


async def may_read(reader: Reader, actor: Actor, state: State) -> Allowed:
    """Who may be in the room and read what is said there: no guest of a link. Raises Refused."""
    await admission.admit(reader, actor, state)
    return await grants.require(reader, actor, Action.THREAD_READ, admission.ref(state))


async def attendance(reader: Reader, room_id: str) -> list[Attendant]:
    """Everybody who came, the earliest first. The caller has asked ``may_read``."""
    rows = await reader.all(select(room_visit).where(room_visit.c.room_id == room_id).order_by(room_visit.c.stream))
    people = await directory.people(reader, {row["person_id"] for row in rows})
    places = await directory.institutions(reader, {row["institution_id"] for row in rows})
    stays: dict[str, list[Stay]] = {}
    first = {row["person_id"]: row for row in reversed(rows)}
    for row in rows:
        stays.setdefault(row["person_id"], []).append(Stay(row["joined_at"], row["left_at"]))
    return [
        Attendant(
            person=person,
            name=people[person].name if person in people else "",
            institution=places[place].name if (place := first[person]["institution_id"]) in places else "",
            colour=first[person]["colour"],
            stays=merged(theirs),
        )
        for person, theirs in stays.items()
    ]


def merged(stays: Iterable[Stay]) -> tuple[Stay, ...]:
    """The same time without overlaps: two windows at once, and a connection that was cut and found again, are one stay."""
    whole: list[Stay] = []
    for stay in sorted(stays, key=lambda one: one.joined):
        before = whole[-1] if whole else None
        if before is None or (before.left is not None and stay.joined - before.left > TOGETHER):
            whole.append(stay)
        elif before.left is not None:
            left = None if stay.left is None else max(before.left, stay.left)
            whole[-1] = Stay(before.joined, left)
    return tuple(whole)
