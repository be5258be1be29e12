"""Opening a room, and finding those that are open."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, exists, or_, select

from realtime import admission, ledger
from realtime import room as rules
from realtime.room import State, Step
from realtime.visits import SILENT, last_sign
from telepath import directory, grants
from telepath.access import Action, Allowed, ObjectRef, Right, may
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.cases import case
from telepath.db.schema.consults import consult
from telepath.db.schema.grants import grants as grants_table
from telepath.db.schema.rooms import room, room_visit
from telepath.db.schema.slides import slide
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Invalid, NotFound

GUEST_RIGHTS: Final = (Right.VIEW, Right.DISCUSS, Right.PRESENT, Right.ANNOTATE)
"""What an invitation gives on the room. It opens no slide: who is invited must already be allowed to see it."""
INVITATION: Final = timedelta(hours=12)
"""How long one may join by invitation: a forgotten room does not stay open to its guests."""
INVITED: Final = 50
"""People whom a form names at once."""
EXPECTED: Final = 100
"""People who may come to one room by invitation, the parties of its consult among them."""
COMING: Final = timedelta(minutes=1)
"""How long a room counts as occupied before anybody's page has joined it, and while a cut connection is found again."""


async def open_room(
    db: Database, actor: Actor, slide_id: str, consult_id: str = "", invited: Iterable[str] = ()
) -> str:
    """Open a room on a slide, for a consult or for the case alone; ``actor`` presents. Return its id: of a new room, or of
    the one that others are in already for this consult (without a consult: for this case), if ``actor`` may join it. Whom
    they name is invited there too. Two who open at once are in the same room.

    Raises NotFound: no such slide, or the consult is of another case; Refused; Invalid: too many invited."""
    guests = tuple(dict.fromkeys(person for person in invited if person != actor.person_id))
    if len(guests) > EXPECTED:
        raise Invalid("error-room-invited", limit=EXPECTED)
    async with db.write(actor, unaudited="who finds a room open, and invites nobody, changes nothing") as tx:
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
            if (not consult_id or one.consult == consult_id) and await _invite_too(tx, actor, one, allowed, guests):
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
        await ledger.insert(tx, actor, Step(rules.OPENED, body, state), operation_id=room_id)
        await _let_in(tx, actor.person_id, room_id)
        count = await _invite(tx, actor, state, guests)
        await tx.audit(
            "room.opened", admission.ref(state), because=allowed, slide=slide_id, consult=consult_id, invited=count
        )
    return room_id


async def _invite_too(tx: Transaction, actor: Actor, known: State, allowed: Allowed, guests: Iterable[str]) -> bool:
    """Invite these persons to a room that others are in, where ``actor`` may see what it is for; False: it has closed."""
    state = ledger.state(await ledger.locked(tx, known.room))  # who closes it withdraws what it finds
    if state.closed:
        return False
    asked = ObjectRef("consult", state.consult, state.institution)
    if state.consult and not await grants.decide(tx, actor, Action.CONSULT_VIEW, asked):
        return True
    if count := await _invite(tx, actor, state, guests):
        await tx.audit("room.invited", admission.ref(state), because=allowed, invited=count)
    return True


async def _invite(tx: Transaction, actor: Actor, state: State, guests: Iterable[str]) -> int:
    """Let those of these persons in who are not invited yet, and tell them so; how many they are. Raises Invalid: too many."""
    there = set(await invited(tx, state.room))
    fresh = await directory.people(tx, set(guests) - there)
    if fresh and len(there) + len(fresh) > EXPECTED + 1:
        raise Invalid("error-room-invited", limit=EXPECTED)
    for person in fresh:
        await _let_in(tx, person, state.room)
        await tx.emit("room.invited", person=person, room=state.room, consult=state.consult, by=actor.person_id)
    return len(fresh)


async def _let_in(tx: Transaction, person: str, room_id: str) -> None:
    places = list(await directory.memberships(tx, person))
    await tx.grant(
        ("person", person),
        ("room", room_id),
        GUEST_RIGHTS,
        because="room",
        because_id=room_id,
        until=tx.now + INVITATION,
        # With several it is not known as whose member they were asked.
        institution_id=places[0] if len(places) == 1 else "",
    )


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
        asked = ((Action.ROOM_JOIN, admission.ref(state)), (Action.SLIDE_VIEW, shown))
        return all(may(actor, action, thing, held, reader.now) for action, thing in asked)

    return [state for state in map(ledger.state, rows) if admitted(state)]


async def invited(reader: Reader, room_id: str) -> list[str]:
    """The persons who may join the room because they were invited to it, who opened it among them."""
    rows = await reader.all(
        select(grants_table.c.subject_id)
        .where(
            grants_table.c.subject_kind == "person",
            grants_table.c.object_kind == "room",
            grants_table.c.object_id == room_id,
            grants_table.c.revoked_at.is_(None),
            or_(grants_table.c.until.is_(None), grants_table.c.until > reader.now),
        )
        .order_by(grants_table.c.id)
    )
    return [row["subject_id"] for row in rows]
