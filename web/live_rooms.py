"""Live rooms as other pages show them: those that are open, and who could come to a new one."""

import msgspec

from consults import repository as consults
from consults.lifecycle import ConsultStatus
from realtime import opening
from telepath import directory, grants
from telepath.access import RULES, Action, may
from telepath.actor import Actor
from telepath.db.schema.rooms import room
from telepath.db.transaction import Reader


class Running(msgspec.Struct, frozen=True):
    """A room that somebody is in and that the reader may join."""

    path: str
    presenter: str
    case_id: str
    consult_id: str


class Company(msgspec.Struct, frozen=True):
    """Who, besides the reader, could come to a room."""

    named: tuple[str, ...]
    """The other parties of the consult: invited when the room opens."""
    house: str
    """The institution whose other staff may join without being invited; empty: it has nobody else."""

    def __bool__(self) -> bool:
        return bool(self.named or self.house)


async def running(reader: Reader, actor: Actor, *, case_id: str = "", consult_id: str = "") -> list[Running]:
    """The rooms of a consult, or of a case; without either those that ``actor`` was invited to."""
    if consult_id:
        which = room.c.consult_id == consult_id
    elif case_id:
        which = room.c.case_id == case_id
    else:
        mine = [one.object_id for one in await grants.held_by(reader, actor) if one.object_kind == "room"]
        which = room.c.id.in_(mine)
    found = await opening.joinable(reader, actor, which)
    names = await directory.people(reader, {one.presenter for one in found}) if found else {}
    return [Running(f"/rooms/{one.room}", names[one.presenter].name, one.case, one.consult) for one in found]


async def company(reader: Reader, actor: Actor, institution_id: str, consult_id: str) -> Company:
    """Who could join a room of a case of this institution, for this consult or, with "", for none."""
    others = set(await consults.parties(reader, consult_id)) - {actor.person_id} if consult_id else set()
    named = sorted(person.name for person in (await directory.people(reader, others)).values()) if others else []
    staff = await directory.holding(reader, institution_id, RULES[Action.ROOM_JOIN].roles)
    if not set(staff) - {actor.person_id, *others}:
        return Company(tuple(named), "")
    place = (await directory.institutions(reader, [institution_id]))[institution_id]
    return Company(tuple(named), place.name)


async def consult_of(reader: Reader, actor: Actor, case_id: str, wanted: str = "") -> str:
    """The consult that a slide of this case is shown for: the one ``wanted``, else the only open one; else none."""
    held = await grants.held_by(reader, actor)
    seen = [
        one
        for one in await consults.of_case(reader, case_id)
        if may(actor, Action.CONSULT_VIEW, one.ref, held, reader.now)
    ]
    if any(one.id == wanted for one in seen):
        return wanted
    active = [one.id for one in seen if one.status is ConsultStatus.ACTIVE]
    return active[0] if len(active) == 1 else ""
