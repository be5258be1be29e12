"""The facts of rooms, in the database: numbered, in the order they happened, and what they amount to."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from sqlalchemy import RowMapping, select, update

from realtime.messages import Fact, Item
from realtime.room import State, Step
from telepath import directory
from telepath.actor import Actor
from telepath.db.schema.rooms import room, room_fact
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict

REPLAYED: Final = 500
"""Facts that are replayed to a client that comes back; further behind, it starts anew with the newest ones."""
PAUSE: Final = 1.0
"""Seconds that a node may stand still while it holds a room. Whoever was connected to it looks for another after 1.2."""


async def state_of(reader: Reader, room_id: str) -> State:
    """What the facts of a room amount to. Raises NotFound."""
    return state(await reader.one(select(room).where(room.c.id == room_id)))


async def locked(tx: Transaction, room_id: str) -> RowMapping:
    """The row of a room, held until the end of the transaction: facts of one room come one after the other. Raises NotFound."""
    return await tx.one(select(room).where(room.c.id == room_id).with_for_update())


async def facts_since(reader: Reader, room_id: str, seq: int, limit: int = REPLAYED) -> list[Fact]:
    """The newest ``limit`` facts after ``seq``, in order: when they do not begin at ``seq`` + 1, older ones are left out."""
    rows = await reader.all(
        select(room_fact)
        .where(room_fact.c.room_id == room_id, room_fact.c.seq > seq)
        .order_by(room_fact.c.seq.desc())
        .limit(limit)
    )
    return await _facts(reader, list(reversed(rows)))


async def caused_by(reader: Reader, room_id: str, operation_id: str) -> Fact | None:
    """The fact that this operation led to; None: it was not done."""
    of_operation = (room_fact.c.room_id == room_id) & (room_fact.c.operation_id == operation_id)
    row = await reader.first(select(room_fact).where(of_operation))
    return None if row is None else (await _facts(reader, [row]))[0]


async def append(tx: Transaction, actor: Actor, before: State, step: Step, operation_id: str) -> Fact:
    """Write the next fact, and the state after it. The caller records it. Raises Conflict: another one came first."""
    after = step.state
    changed = await tx.execute(
        update(room)
        .where(room.c.id == before.room, room.c.epoch == before.epoch, room.c.seq == before.seq)
        .values(
            presenter_id=after.presenter,
            slide_id=after.slide,
            epoch=after.epoch,
            seq=after.seq,
            closed_at=tx.now if after.closed else None,
            agenda=msgspec.to_builtins(after.agenda),
            agenda_item=after.item,
            agenda_item_at=tx.now if step.body.get("item") else room.c.agenda_item_at,
            drawings=after.drawings,
        )
    )
    if changed.rowcount != 1:
        raise Conflict("error-room-epoch")
    return await insert(tx, actor, step, operation_id)


async def insert(tx: Transaction, actor: Actor, step: Step, operation_id: str) -> Fact:
    """Write a fact alone: the first one, of a room whose row says already what it amounts to."""
    await tx.insert(
        room_fact,
        id=tx.new_id(),
        room_id=step.state.room,
        seq=step.state.seq,
        kind=step.kind,
        body=step.body,
        actor_id=actor.person_id,
        operation_id=operation_id,
        at=tx.now,
    )
    return Fact(step.state.seq, step.kind, step.body, actor.person_id, actor.name, _instant(tx.now), operation_id)


async def _facts(reader: Reader, rows: Sequence[RowMapping]) -> list[Fact]:
    people = await directory.people(reader, {row["actor_id"] for row in rows})
    return [
        Fact(
            row["seq"],
            row["kind"],
            row["body"],
            row["actor_id"],
            people[row["actor_id"]].name if row["actor_id"] in people else "",
            _instant(row["at"]),
            row["operation_id"],
        )
        for row in rows
    ]


def state(row: RowMapping) -> State:
    """What a row of ``room`` says."""
    return State(
        room=row["id"],
        case=row["case_id"],
        consult=row["consult_id"],
        institution=row["institution_id"],
        slide=row["slide_id"],
        opened_by=row["opened_by"],
        presenter=row["presenter_id"],
        epoch=row["epoch"],
        seq=row["seq"],
        closed=row["closed_at"] is not None,
        agenda=msgspec.convert(row["agenda"], tuple[Item, ...]),
        item=row["agenda_item"],
        since=_instant(row["agenda_item_at"]) if row["agenda_item"] and row["agenda_item_at"] else "",
        drawings=row["drawings"],
    )


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
