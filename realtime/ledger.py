"""The facts of rooms, in the database: each with its audit record in one transaction, numbered, done once."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, RowMapping, exists, func, select, update
from sqlalchemy import case as sql_case

from realtime import drawings
from realtime import room as rules
from realtime.close_codes import CloseCode
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
    Item,
    Say,
    SetAgenda,
    Take,
)
from realtime.presence import COLOURS, Seat
from realtime.room import State, Step
from telepath import directory, grants, guests, standing
from telepath.access import Action, Allowed, Denied, Grant, ObjectRef, Right, may
from telepath.actor import Actor
from telepath.cases import repository as cases
from telepath.cases import threads
from telepath.db.database import Database
from telepath.db.schema.cases import case
from telepath.db.schema.consults import consult
from telepath.db.schema.grants import grants as grants_table
from telepath.db.schema.rooms import room, room_fact, room_visit
from telepath.db.schema.slides import slide
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Forbidden, Invalid, NotFound, Refused, TelepathError
from telepath.sessions import IDLE

GUEST_RIGHTS: Final = (Right.VIEW, Right.DISCUSS, Right.PRESENT, Right.ANNOTATE)
"""What an invitation gives on the room. It opens no slide: who is invited must already be allowed to see it."""
INVITATION: Final = timedelta(hours=12)
"""How long one may join by invitation: a forgotten room does not stay open to its guests."""
INVITED: Final = 50
"""People invited at once."""
REPLAYED: Final = 500
"""Facts that are replayed to a client that comes back; further behind, it starts anew with the newest ones."""
STREAMS: Final = 65535
"""A frame carries its stream in 16 bits."""
COMING: Final = timedelta(minutes=1)
"""How long a room counts as occupied before anybody's page has joined it, and while a cut connection is found again."""
SILENT: Final = timedelta(minutes=3)
"""A visit without an end that no node spoke for within so long is over: its node died (realtime/roll.py)."""
PAUSE: Final = 1.0
"""Seconds that a node may stand still while it holds a room. Whoever was connected to it looks for another after 1.2."""
FORGOTTEN: Final = timedelta(hours=12)
"""A room that nobody came to or left for so long is closed to newcomers. Nobody is in it: no session lives that long."""


class Part(msgspec.Struct, frozen=True):
    """What somebody may do in a room besides looking where the presenter looks."""

    points: bool = False
    reads: bool = False
    """What is said in the room: a guest neither reads nor writes it."""


class Joined(msgspec.Struct, frozen=True):
    state: State
    seat: Seat
    part: Part


class Recorded(msgspec.Struct, frozen=True):
    """A fact of the ledger, and the state after all facts known so far."""

    fact: Fact
    state: State


class _Done(Exception):
    """The operation was already recorded: leave the transaction, nothing changes."""

    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded


def last_sign() -> ColumnElement[datetime]:
    """Of a visit: the last time that something was known of it."""
    return func.coalesce(room_visit.c.seen_at, room_visit.c.joined_at)


def ref(state: State) -> ObjectRef:
    """The room as ``may`` sees it."""
    return ObjectRef("room", state.room, state.institution, case_id=state.case)


async def open_room(
    db: Database, actor: Actor, slide_id: str, consult_id: str = "", invited: Iterable[str] = ()
) -> str:
    """Open a room on a slide, for a consult or for the case alone; ``actor`` presents. Return its id: of a new room, or of
    the one that others are in already for this consult (without a consult: for this case), if ``actor`` may join it. Two who
    open at once are in the same room.

    Raises NotFound: no such slide, or the consult is of another case; Refused; Invalid: too many invited."""
    guests = tuple(dict.fromkeys(person for person in invited if person != actor.person_id))
    if len(guests) > INVITED:
        raise Invalid("error-room-invited", limit=INVITED)
    async with db.write(actor, unaudited="who finds a room open changes nothing; joining it is audited") as tx:
        shown = await tx.one(select(slide).where(slide.c.id == slide_id, slide.c.folder != ""))
        case_id, owner = shown["case_id"], shown["institution_id"]
        if consult_id:
            if await tx.scalar(select(consult.c.case_id).where(consult.c.id == consult_id)) != case_id:
                raise NotFound
            await grants.require(tx, actor, Action.CONSULT_VIEW, ObjectRef("consult", consult_id, owner))
        room_id = tx.new_id()
        within = (("case", case_id), ("slide", slide_id), *((("consult", consult_id),) if consult_id else ()))
        allowed = await grants.require(tx, actor, Action.ROOM_OPEN, ObjectRef("room", room_id, owner, within, case_id))
        await grants.require(tx, actor, Action.SLIDE_VIEW, ObjectRef("slide", slide_id, owner))
        # Rooms of one case open one after the other: the second of two at once finds the first one's.
        await tx.one(select(case.c.id).where(case.c.id == case_id).with_for_update())
        for one in await joinable(tx, actor, room.c.case_id == case_id):
            if not consult_id or one.consult == consult_id:
                return one.room
        state = State(
            room=room_id,
            case=case_id,
            consult=consult_id,
            institution=owner,
            slide=slide_id,
            opened_by=actor.person_id,
            presenter=actor.person_id,
            epoch=1,
            seq=1,
            closed=False,
        )
        await tx.insert(
            room,
            id=room_id,
            institution_id=owner,
            case_id=case_id,
            consult_id=consult_id,
            slide_id=slide_id,
            opened_by=actor.person_id,
            opened_at=tx.now,
            presenter_id=actor.person_id,
            epoch=1,
            seq=1,
        )
        body = {"slide": slide_id, "presenter": actor.person_id, "epoch": 1}
        await _insert(tx, actor, Step(rules.OPENED, body, state), operation_id=room_id)
        known = await directory.people(tx, guests)
        for person in (actor.person_id, *(guest for guest in guests if guest in known)):
            await tx.grant(
                ("person", person),
                ("room", room_id),
                GUEST_RIGHTS,
                because="room",
                because_id=room_id,
                until=tx.now + INVITATION,
                # With several it is not known as whose member they were asked.
                institution_id=places[0] if len(places := list(await directory.memberships(tx, person))) == 1 else "",
            )
        await tx.audit(
            "room.opened", ref(state), because=allowed, slide=slide_id, consult=consult_id, invited=len(known)
        )
        for person in known:
            await tx.emit("room.invited", person=person, room=room_id, consult=consult_id, by=actor.person_id)
    return room_id


async def state_of(reader: Reader, room_id: str) -> State:
    """What the facts of a room amount to. Raises NotFound."""
    return _state(await reader.one(select(room).where(room.c.id == room_id)))


async def joinable(reader: Reader, actor: Actor, which: ColumnElement[bool]) -> list[State]:
    """The rooms that somebody is in and that ``actor`` may join, the newest first. ``which``: of these rows of ``room``."""
    since = reader.now - COMING
    still = room_visit.c.left_at.is_(None) & (last_sign() > reader.now - SILENT)
    attended = exists().where(room_visit.c.room_id == room.c.id, still | (room_visit.c.left_at > since))
    rows = await reader.all(
        select(room)
        .where(which, room.c.closed_at.is_(None), (room.c.opened_at > since) | attended)
        .order_by(room.c.id.desc())
    )
    if not rows:
        return []
    held = await grants.held_by(reader, actor)

    def admitted(state: State) -> bool:
        shown = ObjectRef("slide", state.slide, state.institution)
        asked = ((Action.ROOM_JOIN, ref(state)), (Action.SLIDE_VIEW, shown))
        return all(may(actor, action, thing, held, reader.now) for action, thing in asked)

    return [state for state in map(_state, rows) if admitted(state)]


async def invited(reader: Reader, room_id: str) -> list[str]:
    """The persons who may join the room because they were invited to it, who opened it among them."""
    rows = await reader.all(
        select(grants_table.c.subject_id)
        .where(
            grants_table.c.subject_kind == "person",
            grants_table.c.object_kind == "room",
            grants_table.c.object_id == room_id,
            grants_table.c.revoked_at.is_(None),
        )
        .order_by(grants_table.c.id)
    )
    return [row["subject_id"] for row in rows]


async def admit(reader: Reader, actor: Actor, state: State) -> Allowed:
    """Ask whether ``actor`` may be in the room: invited or of the house, and allowed to see its slide. Raises Refused."""
    return _admitted(actor, state, await _held(reader, actor, state), reader.now)


async def _held(reader: Reader, actor: Actor, state: State) -> list[Grant]:
    """What opens the room or its slide for ``actor``."""
    both = ObjectRef("room", state.room, state.institution, (("slide", state.slide),), state.case)
    return await grants.held_by(reader, actor, both)


def _admitted(actor: Actor, state: State, held: Sequence[Grant], now: datetime) -> Allowed:
    shown = ObjectRef("slide", state.slide, state.institution)
    decisions = []
    for action, thing in ((Action.ROOM_JOIN, ref(state)), (Action.SLIDE_VIEW, shown)):
        decision = may(actor, action, thing, held, now)
        if isinstance(decision, Denied):
            raise Refused(action, thing.kind, thing.id, decision.reason, thing.institution_id)
        decisions.append(decision)
    return decisions[0]


async def part_of(reader: Reader, actor: Actor, state: State) -> Part:
    """What ``actor`` may do in the room now, decided once for many frames and facts."""
    now = await standing.of(reader, actor) or actor
    return _part(now, state, await grants.held_by(reader, now, ref(state)), reader.now)


def _part(actor: Actor, state: State, held: Sequence[Grant], now: datetime) -> Part:
    return Part(
        points=bool(may(actor, Action.ROOM_POINT, ref(state), held, now)),
        reads=bool(may(actor, Action.THREAD_READ, ref(state), held, now)),
    )


async def why_not(reader: Reader, actor: Actor, state: State, idle: timedelta = IDLE) -> CloseCode | None:
    """Why somebody who is in the room may no longer be there; None: they may. What they are is asked for anew: a membership, a
    group or a delegation may have ended since they came. ``idle``: how long a session lives without a sign of its person."""
    now = await standing.of(reader, actor, idle)
    if now is None:
        return CloseCode.SESSION_ENDED
    # A room is gone when its case was erased. Its slide is the one of this moment: a guest holds no other.
    row = await reader.first(select(room).where(room.c.id == state.room))
    if row is None or not (now.roles or now.link_id):
        return CloseCode.RIGHT_WITHDRAWN
    try:
        await admit(reader, now, _state(row))
    except Refused:
        return CloseCode.RIGHT_WITHDRAWN
    return None


async def join(db: Database, actor: Actor, room_id: str) -> Joined:
    """Write somebody into the roll, with the audit record, and give their connection its number in the room.

    Raises NotFound; Refused; Invalid: the room is closed, or its numbers are used up."""
    (joined,) = await join_together(db, [actor], room_id)
    if isinstance(joined, TelepathError):
        raise joined
    return joined


async def join_together(db: Database, actors: Sequence[Actor], room_id: str) -> list[Joined | TelepathError]:
    """The same for several, with one commit: many come at once when a node died, and the disk lets them wait one after the
    other. An error is of one of them alone. Raises NotFound."""
    joined: list[Joined | TelepathError] = []
    async with db.write(actors[0], unaudited="who is refused changes nothing", pause=PAUSE) as tx:
        row = await tx.one(select(room).where(room.c.id == room_id).with_for_update())
        for actor in actors:
            tx.actor = actor
            try:
                joined.append(await _join(tx, actor, row))
            except TelepathError as error:
                joined.append(error)
    return joined


async def _join(tx: Transaction, actor: Actor, row: RowMapping) -> Joined:
    state = _state(row)
    held = await _held(tx, actor, state)
    allowed = _admitted(actor, state, held, tx.now)
    summed: Any = select(
        func.max(room_visit.c.stream).label("stream"),
        func.min(sql_case((room_visit.c.person_id == actor.person_id, room_visit.c.colour))).label("colour"),
        func.count(room_visit.c.person_id.distinct()).label("people"),
        func.max(room_visit.c.joined_at).label("joined_at"),
        func.max(room_visit.c.left_at).label("left_at"),
    )
    visits = await tx.one(summed.where(room_visit.c.room_id == state.room))
    signs = [row["opened_at"], visits["joined_at"], visits["left_at"]]
    if state.closed or max(sign for sign in signs if sign is not None) <= tx.now - FORGOTTEN:
        raise Invalid("error-room-closed")
    stream = (visits["stream"] or 0) + 1
    if stream > STREAMS:
        raise Invalid("error-room-closed")
    colour = visits["people"] % len(COLOURS) if visits["colour"] is None else visits["colour"]
    await tx.insert(
        room_visit,
        id=tx.new_id(),
        room_id=state.room,
        stream=stream,
        person_id=actor.person_id,
        colour=colour,
        joined_at=tx.now,
        institution_id=actor.institution_id,
    )
    await tx.audit("room.joined", ref(state), because=allowed, stream=stream, slide=state.slide)
    part = _part(actor, state, held, tx.now)
    return Joined(state, Seat(stream, actor.person_id, actor.name, actor.institution_name, colour), part)


async def leave(db: Database, actor: Actor, state: State, stream: int) -> None:
    """Write the end of a visit into the roll, with the audit record."""
    async with db.write(actor) as tx:
        await tx.execute(
            update(room_visit)
            .where(room_visit.c.room_id == state.room, room_visit.c.stream == stream)
            .values(left_at=tx.now)
        )
        await tx.audit("room.left", ref(state), stream=stream)


async def perform(db: Database, actor: Actor, room_id: str, operation_id: str, act: Act) -> Recorded:
    """Do an operation and record its fact, once: the same ``operation_id`` again gives the same fact.

    Raises: what rules.decide raises; NotFound; Refused (already in the audit); Conflict: the operation id is somebody
    else's."""
    try:
        async with db.write(actor, pause=PAUSE) as tx:
            state = await _locked(tx, room_id)
            await _unless_done(tx, actor, state, operation_id)
            drawer = await drawings.drawer(tx, room_id, act.drawn) if isinstance(act, Erase) else ""
            step = rules.decide(state, actor.person_id, act, drawer)
            allowed = await _require(tx, actor, state, act, step.state)
            return Recorded(await _record(tx, actor, state, step, allowed, operation_id, act), step.state)
    except _Done as done:
        return done.recorded
    except Refused as refused:
        thing = ObjectRef(refused.object_kind, refused.object_id, refused.owner)
        await db.refusals.record(actor, "access.refused", thing, action=refused.action, reason=refused.reason)
        raise


async def facts_since(reader: Reader, room_id: str, seq: int, limit: int = REPLAYED) -> list[Fact]:
    """The newest ``limit`` facts after ``seq``, in order: when they do not begin at ``seq`` + 1, older ones are left out."""
    rows = await reader.all(
        select(room_fact)
        .where(room_fact.c.room_id == room_id, room_fact.c.seq > seq)
        .order_by(room_fact.c.seq.desc())
        .limit(limit)
    )
    return await _facts(reader, list(reversed(rows)))


async def _locked(tx: Transaction, room_id: str) -> State:
    """The state, held until the end of the transaction: facts of one room come one after the other. Raises NotFound."""
    return _state(await tx.one(select(room).where(room.c.id == room_id).with_for_update()))


async def _unless_done(tx: Transaction, actor: Actor, state: State, operation_id: str) -> None:
    row = await tx.first(
        select(room_fact).where(room_fact.c.room_id == state.room, room_fact.c.operation_id == operation_id)
    )
    if row is None:
        return
    if row["actor_id"] != actor.person_id:
        raise Conflict("error-room-operation")
    raise _Done(Recorded((await _facts(tx, [row]))[0], state))


async def _require(tx: Transaction, actor: Actor, state: State, act: Act, after: State) -> Allowed:
    """Ask for the right that ``act`` needs. Raises Refused; NotFound; Forbidden: who is given the presentation may not have
    it; Invalid: a slide of another case, or a focal plane that it does not have."""
    allowed = await admit(tx, actor, state)
    match act:
        case Take() | Ask() | Gather():
            allowed = await grants.require(tx, actor, Action.ROOM_PRESENT, ref(state))
        case SetAgenda(items=items):
            allowed = await grants.require(tx, actor, Action.ROOM_PRESENT, ref(state))
            for slide_id in {item.slide for item in items if item.slide}:
                await require_slide(tx, actor, state, slide_id)
        case GoToItem():
            allowed = await grants.require(tx, actor, Action.ROOM_PRESENT, ref(state))
            if after.slide != state.slide:
                await require_slide(tx, actor, state, after.slide)
        case Draw(slide=slide_id, plane=plane):
            allowed = await grants.require(tx, actor, Action.ROOM_POINT, ref(state))
            await require_slide(tx, actor, state, slide_id, plane)
        case Erase():
            allowed = await grants.require(tx, actor, Action.ROOM_POINT, ref(state))
        case HandOver(to=to):
            if not await _may_present(tx, state, to):
                raise Forbidden("error-room-cannot-present")
        case ChangeSlide(slide=slide_id):
            allowed = await require_slide(tx, actor, state, slide_id)
    return allowed


async def require_slide(reader: Reader, actor: Actor, state: State, slide_id: str, plane: int = 0) -> Allowed:
    """Ask whether ``actor`` may see a slide of the room's case. Raises NotFound; Refused; Invalid: of another case, or without
    this focal plane."""
    shown = await reader.one(select(slide).where(slide.c.id == slide_id, slide.c.folder != ""))
    thing = ObjectRef("slide", slide_id, shown["institution_id"])
    allowed = await grants.require(reader, actor, Action.SLIDE_VIEW, thing)
    if shown["case_id"] != state.case:
        raise Invalid("error-room-other-case")
    if plane >= shown["planes"]:
        raise Invalid("error-room-plane", planes=shown["planes"])
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
        if not isinstance(await grants.decide(tx, there, Action.ROOM_PRESENT, ref(state)), Denied):
            return True
    return False


async def _record(
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
            slide_id=before.slide if act.view else "",
            view=act.view,
        )
        step = msgspec.structs.replace(step, body=step.body | {"text": line.text, "line": line.id})
    else:
        kind = "room.closed" if step.kind == rules.CLOSED else "room.fact"
        await tx.audit(
            kind, ref(after), because=allowed, fact=step.kind, seq=after.seq, epoch=after.epoch, **_said(step)
        )
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
            agenda_item_at=tx.now if step.kind == rules.ITEM else room.c.agenda_item_at,
            drawings=after.drawings,
        )
    )
    if changed.rowcount != 1:
        raise Conflict("error-room-epoch")
    if after.slide != before.slide:
        await guests.slide_shown(tx, before.room, before.slide, after.slide)
    if after.closed:
        await tx.revoke("room", before.room)
        await guests.over(tx, "room", before.room)
    return await _insert(tx, actor, step, operation_id)


def _said(step: Step) -> dict[str, Any]:
    """What the audit keeps of a fact's body: identifiers, numbers, and of a drawing the SHA-256 of its points, as JSON without
    spaces. Not what was typed, nor where lines run."""
    said = {key: step.body[key] for key in ("presenter", "slide", "drawn") if step.body.get(key)}
    if step.kind == rules.DRAWN:
        points = step.body["points"]
        said |= {"points": len(points), "digest": hashlib.sha256(msgspec.json.encode(points)).hexdigest()}
    if step.kind == rules.AGENDA:
        said["items"] = len(step.state.agenda)
    if step.kind == rules.ITEM:
        said["item"] = [one.id for one in step.state.agenda].index(step.state.item) + 1
    return said


async def _insert(tx: Transaction, actor: Actor, step: Step, operation_id: str) -> Fact:
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


def _state(row: RowMapping) -> State:
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
