"""The lines that stand on the slides of a room: facts that were drawn and not erased."""

from typing import Final

import msgspec
from sqlalchemy import select

from realtime import room as rules
from telepath import directory
from telepath.db.schema.rooms import room_fact, room_visit
from telepath.db.transaction import Reader

READ: Final = 200
"""Drawings that are read at once: of 1,000 points each some 3 MB."""


class Drawn(msgspec.Struct, frozen=True):
    """A drawing that stands; points in level-0 px. ``colour``: of whoever made it, as in realtime/presence.py."""

    seq: int
    plane: int
    points: list[list[float]]
    person: str
    name: str
    colour: int


async def standing(reader: Reader, room_id: str, slide_id: str, after: int = 0, limit: int = READ) -> list[Drawn]:
    """Those on a slide, in their order, from the one after fact ``after``; at most ``limit``. The caller has asked whether they
    may be in the room (admission.admit) and see the slide (admission.require_slide)."""
    of_room = room_fact.c.room_id == room_id
    erasing = select(room_fact.c.body["drawn"].as_integer()).where(of_room, room_fact.c.kind == rules.ERASED)
    rows = await reader.all(
        select(room_fact)
        .where(
            of_room,
            room_fact.c.kind == rules.DRAWN,
            room_fact.c.seq > after,
            room_fact.c.seq.not_in(erasing),
            room_fact.c.body["slide"].as_string() == slide_id,
        )
        .order_by(room_fact.c.seq)
        .limit(limit)
    )
    people = await directory.people(reader, {row["actor_id"] for row in rows})
    visits = await reader.all(
        select(room_visit.c.person_id, room_visit.c.colour).where(room_visit.c.room_id == room_id)
    )
    colours = {visit["person_id"]: visit["colour"] for visit in visits}
    return [
        Drawn(
            seq=row["seq"],
            plane=row["body"]["plane"],
            points=row["body"]["points"],
            person=row["actor_id"],
            name=people[row["actor_id"]].name if row["actor_id"] in people else "",
            colour=colours.get(row["actor_id"], 0),
        )
        for row in rows
    ]


async def drawer(reader: Reader, room_id: str, seq: int) -> str:
    """Who made the drawing that is fact ``seq``; "": it is none, or was erased."""
    of_room = select(room_fact.c.actor_id).where(room_fact.c.room_id == room_id)
    drawn = await reader.first(of_room.where(room_fact.c.seq == seq, room_fact.c.kind == rules.DRAWN))
    erased = of_room.where(room_fact.c.kind == rules.ERASED, room_fact.c.body["drawn"].as_integer() == seq)
    return "" if drawn is None or await reader.first(erased) is not None else str(drawn["actor_id"])
