"""Who may be in a room, and what they may do there."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select

from realtime import ledger
from realtime.close_codes import CloseCode
from realtime.room import State
from telepath import grants, standing
from telepath.access import Action, Allowed, Denied, Grant, ObjectRef, may
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


def ref(state: State) -> ObjectRef:
    """The room as ``may`` sees it."""
    return ObjectRef("room", state.room, state.institution, case_id=state.case)


async def admit(reader: Reader, actor: Actor, state: State) -> Allowed:
    """Ask whether ``actor`` may be in the room: invited or of the house, and allowed to see its slide. Raises Refused."""
    return admitted(actor, state, await held(reader, actor, state), reader.now)


async def held(reader: Reader, actor: Actor, state: State) -> list[Grant]:
    """What opens the room or its slide for ``actor``."""
    both = ObjectRef("room", state.room, state.institution, (("slide", state.slide),), state.case)
    return await grants.held_by(reader, actor, both)


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


async def part_of(reader: Reader, actor: Actor, state: State) -> Part:
    """What ``actor`` may do in the room now, decided once for many frames and facts."""
    now = await standing.of(reader, actor) or actor
    return part(now, state, await grants.held_by(reader, now, ref(state)), reader.now)


def part(actor: Actor, state: State, held: Sequence[Grant], now: datetime) -> Part:
    """The same with what was read before (``held``)."""
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
    if not (now.roles or now.link_id):
        return CloseCode.RIGHT_WITHDRAWN
    try:
        # A room is gone when its case was erased. Its slide is the one of this moment: a guest holds no other.
        await admit(reader, now, await ledger.state_of(reader, state.room))
    except NotFound:
        return CloseCode.RIGHT_WITHDRAWN
    return None


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
