"""Who may be in a room, and what they may do there."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select

from realtime import ledger
from realtime.close_codes import CloseCode
from realtime.room import State
from telepath import grants, standing
from telepath.access import Action, Allowed, Denied, Grant, ObjectRef, may, subjects
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.slides import slide
from telepath.db.transaction import Reader
from telepath.errors import Invalid, NotFound, Refused
from telepath.sessions import IDLE


class Part(msgspec.Struct, frozen=True):
    """What somebody may do in a room besides looking where the presenter looks."""

    points: bool = False
    reads: bool = False
    """What is said in the room: a guest neither reads nor writes it."""


class Found(msgspec.Struct, frozen=True):
    """What a look at somebody who is in a room found."""

    actor: Actor
    """As they are now."""
    part: Part = Part()
    over: CloseCode | None = None
    """Why they may no longer be there; None: they may."""


def ref(state: State) -> ObjectRef:
    """The room as ``may`` sees it."""
    return ObjectRef("room", state.room, state.institution, case_id=state.case)


async def admit(reader: Reader, actor: Actor, state: State) -> Allowed:
    """Ask whether ``actor`` may be in the room: invited or of the house, and allowed to see its slide. Raises Refused."""
    return admitted(actor, state, await held(reader, actor, state), reader.now)


async def held(reader: Reader, actor: Actor, state: State) -> list[Grant]:
    """What opens the room or its slide for ``actor``."""
    return await grants.held_by(reader, actor, _both(state))


def _both(state: State) -> ObjectRef:
    return ObjectRef("room", state.room, state.institution, (("slide", state.slide),), state.case)


def admitted(actor: Actor, state: State, held: Sequence[Grant], now: datetime) -> Allowed:
    """The same with what was read before (``held``). Raises Refused."""
    shown = ObjectRef("slide", state.slide, state.institution)
    decisions = []
    for action, thing in ((Action.ROOM_JOIN, ref(state)), (Action.SLIDE_VIEW, shown)):
        decision = may(actor, action, thing, held, now)
        if isinstance(decision, Denied):
            raise Refused(action, thing.kind, thing.id, decision.reason, thing.institution_id)
        decisions.append(decision)
    return decisions[0]


def part(actor: Actor, state: State, held: Sequence[Grant], now: datetime) -> Part:
    """What ``actor`` may do in the room now, decided once for many frames and facts. ``held``: what was read before."""
    return Part(
        points=bool(may(actor, Action.ROOM_POINT, ref(state), held, now)),
        reads=bool(may(actor, Action.THREAD_READ, ref(state), held, now)),
    )


async def look(reader: Reader, actors: Sequence[Actor], room_id: str, idle: timedelta = IDLE) -> list[Found]:
    """Whether these, who are in the room, may still be there, in their order. What they are is asked for anew: a membership, a
    group or a delegation may have ended since they came. ``idle``: how long a session lives without a sign of its person."""
    now = await standing.of_each(reader, actors, idle)
    there = [one for one in now if one is not None]
    try:
        # A room is gone when its case was erased. Its slide is the one of this moment: a guest holds no other.
        state = await ledger.state_of(reader, room_id)
    except NotFound:
        state = None
    held: dict[tuple[str, str], list[Grant]] = {}
    if state is not None:
        for grant in await grants.held_by_any(reader, there, _both(state)):
            held.setdefault((grant.subject_kind, grant.subject_id), []).append(grant)
    found = []
    for actor, one in zip(actors, now, strict=True):
        if one is None:
            found.append(Found(actor, over=CloseCode.SESSION_ENDED))
        elif state is None or not (one.roles or one.link_id):
            found.append(Found(one, over=CloseCode.RIGHT_WITHDRAWN))
        else:
            theirs = [grant for subject in subjects(one) for grant in held.get(subject, ())]
            found.append(_found(one, state, theirs, reader.now))
    return found


def _found(actor: Actor, state: State, held: Sequence[Grant], now: datetime) -> Found:
    try:
        admitted(actor, state, held, now)
    except Refused:
        return Found(actor, over=CloseCode.RIGHT_WITHDRAWN)
    return Found(actor, part(actor, state, held, now))


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


async def record_refusal(db: Database, actor: Actor, refused: Refused) -> None:
    """Tell the audit what was asked in a room and why not, after the transaction that it ended. Raises Unavailable."""
    thing = ObjectRef(refused.object_kind, refused.object_id, refused.owner)
    await db.refusals.record(actor, "access.refused", thing, action=refused.action, reason=refused.reason)
