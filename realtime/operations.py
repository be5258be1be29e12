"""One operation of somebody in a room: done in one transaction with its fact and its audit record, once, and answered."""

import hashlib
from typing import Any

import msgspec
from sqlalchemy import select

from realtime import admission, drawings, ledger, messages, visits
from realtime import room as rules
from realtime.messages import (
    Act,
    Ask,
    ChangeSlide,
    Draw,
    Erase,
    Fact,
    Gather,
    GoToItem,
    HandOver,
    Onward,
    Operation,
    Say,
    ServerMessage,
    SetAgenda,
    Take,
)
from realtime.room import State, Step
from telepath import directory, grants, guests
from telepath.access import Action, Allowed, Denied
from telepath.actor import Actor
from telepath.cases import repository as cases
from telepath.cases import threads
from telepath.db.database import Database
from telepath.db.schema.rooms import room_visit
from telepath.db.transaction import Transaction
from telepath.errors import Conflict, Forbidden, Refused, TelepathError


class Recorded(msgspec.Struct, frozen=True):
    """A fact of the ledger, and the state after all facts known so far."""

    fact: Fact
    state: State


class _Done(Exception):
    """The operation was already recorded: leave the transaction, nothing changes."""

    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded


async def record(db: Database, actor: Actor, room_id: str, operation: Operation) -> ServerMessage:
    """Do an operation: acknowledged only after the commit, refused with the reason."""
    try:
        done = await perform(db, actor, room_id, operation.id, operation.act)
    except Refused as refused:
        # Of the room they know; of another slide or room not even that it is there.
        known = (refused.object_kind, refused.object_id) == ("room", room_id)
        return messages.RefusedOperation(
            operation.id, "error-forbidden" if known else refused.code, dict(refused.params)
        )
    except TelepathError as error:
        return messages.RefusedOperation(operation.id, error.code, dict(error.params))
    return messages.Acknowledged(operation.id, done.fact.seq)


async def perform(db: Database, actor: Actor, room_id: str, operation_id: str, act: Act) -> Recorded:
    """Do an operation and record its fact, once: the same ``operation_id`` again gives the same fact.

    Raises: what rules.decide raises; NotFound; Refused (already in the audit); Conflict: the operation id is somebody
    else's."""
    try:
        async with db.write(actor, pause=ledger.PAUSE) as tx:
            state = ledger.state(await ledger.locked(tx, room_id))
            done = await ledger.caused_by(tx, room_id, operation_id)
            if done is not None and done.actor != actor.person_id:
                raise Conflict("error-room-operation")
            if done is not None:
                raise _Done(Recorded(done, state))
            drawer = await drawings.drawer(tx, room_id, act.drawn) if isinstance(act, Erase) else ""
            step = rules.decide(state, actor.person_id, act, drawer)
            allowed = await _require(tx, actor, state, act, step)
            return Recorded(await _write(tx, actor, state, step, allowed, operation_id, act), step.state)
    except _Done as done_before:
        return done_before.recorded
    except Refused as refused:
        await admission.record_refusal(db, actor, refused)
        raise


async def _require(tx: Transaction, actor: Actor, state: State, act: Act, step: Step) -> Allowed:
    """Ask for the right that ``act`` needs. Raises Refused; NotFound; Forbidden: who is given the presentation may not have
    it; Invalid: a slide of another case, or a focal plane that it does not have."""
    after = step.state
    allowed = await admission.admit(tx, actor, state)
    match act:
        case Take() | Ask() | Gather():
            allowed = await grants.require(tx, actor, Action.ROOM_PRESENT, admission.ref(state))
        case SetAgenda(items=items):
            allowed = await grants.require(tx, actor, Action.ROOM_PRESENT, admission.ref(state))
            for slide_id in {item.slide for item in items if item.slide}:
                await admission.require_slide(tx, actor, state, slide_id)
            # What stood there may be over by now, and is not for everybody who sets the rest right.
            stood = {(item.id, item.room) for item in state.agenda}
            for number, item in enumerate(items, 1):
                if item.room not in ("", state.room) and (item.id, item.room) not in stood:
                    await visits.require_way(tx, actor, item.room, "error-room-next-item", item=number)
        case GoToItem() | Onward():
            allowed = await grants.require(tx, actor, Action.ROOM_PRESENT, admission.ref(state))
            if step.kind == rules.ONWARD:
                await visits.require_way(tx, actor, step.body["room"], "error-room-next")
            if after.slide != state.slide:
                await admission.require_slide(tx, actor, state, after.slide)
        case Say() if step.body["slide"] != state.slide:
            await admission.require_slide(tx, actor, state, step.body["slide"])
        case Draw(slide=slide_id, plane=plane):
            allowed = await grants.require(tx, actor, Action.ROOM_POINT, admission.ref(state))
            await admission.require_slide(tx, actor, state, slide_id, plane)
        case Erase():
            allowed = await grants.require(tx, actor, Action.ROOM_POINT, admission.ref(state))
        case HandOver(to=to):
            if not await _may_present(tx, state, to):
                raise Forbidden("error-room-cannot-present")
        case ChangeSlide(slide=slide_id):
            allowed = await admission.require_slide(tx, actor, state, slide_id)
    return allowed


async def _may_present(tx: Transaction, state: State, person_id: str) -> bool:
    """Whether somebody else came to the room and may present in it, from any of their institutions."""
    came = await tx.first(
        select(room_visit.c.id).where(room_visit.c.room_id == state.room, room_visit.c.person_id == person_id)
    )
    if came is None:
        return False
    for institution_id, roles in (await directory.memberships(tx, person_id)).items():
        there = Actor(person_id=person_id, name="", institution_id=institution_id, roles=roles)
        if not isinstance(await grants.decide(tx, there, Action.ROOM_PRESENT, admission.ref(state)), Denied):
            return True
    return False


async def _write(
    tx: Transaction, actor: Actor, before: State, step: Step, allowed: Allowed, operation_id: str, act: Act
) -> Fact:
    after = step.state
    if isinstance(act, Say):
        line = await threads.write(
            tx,
            actor,
            await cases.get(tx, before.case),
            act.text,
            consult_id=before.consult,
            room_id=before.room,
            slide_id=step.body["slide"] if act.view else "",
            view=act.view,
        )
        step = msgspec.structs.replace(step, body=step.body | {"text": line.text, "line": line.id})
    else:
        kind = "room.closed" if step.kind == rules.CLOSED else "room.fact"
        await tx.audit(
            kind,
            admission.ref(after),
            because=allowed,
            fact=step.kind,
            seq=after.seq,
            epoch=after.epoch,
            **_said(step),
        )
    fact = await ledger.append(tx, actor, before, step, operation_id)
    if after.slide != before.slide:
        await guests.slide_shown(tx, before.room, before.slide, after.slide)
    if after.closed:
        await tx.revoke("room", before.room)
        await guests.over(tx, "room", before.room)
    return fact


def _said(step: Step) -> dict[str, Any]:
    """What the audit keeps of a fact's body: identifiers, numbers, and of a drawing the SHA-256 of its points, as JSON without
    spaces. Not what was typed, nor where lines run."""
    said = {key: step.body[key] for key in ("presenter", "slide", "drawn") if step.body.get(key)}
    if step.kind == rules.DRAWN:
        points = step.body["points"]
        said |= {"points": len(points), "digest": hashlib.sha256(msgspec.json.encode(points)).hexdigest()}
    if step.kind == rules.AGENDA:
        said["items"] = len(step.state.agenda)
    if step.kind == rules.ONWARD:
        said["onward"] = step.body["room"]
    if step.body.get("item"):
        said["item"] = [one.id for one in step.state.agenda].index(step.state.item) + 1
    return said
