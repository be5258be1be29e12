"""Share links: a guest without an account is invited to one consult or one room, for three days at most.

    early ──(not_before)──► open ──(expires_at)──► expired
      └──(withdraw; the consult or room is over; suspended; its maker left)─► ended

The letter carries an address that only its reader knows; of it the database has a hash. Whoever opens it proves by a code, sent
to the same mailbox, that the mailbox is theirs (auth/guests.py). What the link gives are rows of the grants table, to the link
itself: rights to look, to point, to mark; never to discuss, to answer, or to take anything along.

It is a disclosure by an institution, in the name of who made it: it ends with the suspension of either, and with the membership
of who made it, or their right to make links there; and does not come back with theirs.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, RowMapping, select

from auth.bearer import digest, new_secret
from telepath import grants, guests
from telepath.access import Action, Allowed, ObjectRef, Right, institution_ref
from telepath.actor import SYSTEM, Actor
from telepath.cases import non_opposition
from telepath.cases import repository as cases
from telepath.db.database import Database
from telepath.db.schema.cases import case
from telepath.db.schema.consults import consult
from telepath.db.schema.directory import institution, membership, person
from telepath.db.schema.links import share_link
from telepath.db.schema.rooms import room
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Invalid, NotFound
from telepath.guests import BECAUSE
from telepath.slides import catalogue

LONGEST: Final = timedelta(hours=72)
USUAL: Final = timedelta(hours=24)
AHEAD: Final = timedelta(days=30)
"""How long before its beginning a link may be made."""
GUEST: Final = "guest"
"""Kind of person, and what their sessions say of how they proved themselves. No provider knows a SubjectNameID like theirs."""
OFFERED: Final[dict[str, tuple[Right, ...]]] = {
    "consult": (Right.ANNOTATE,),
    "room": (Right.POINT, Right.ANNOTATE),
}
"""What may be ticked besides looking, by what one is invited to."""
LISTED: Final = 200
_TABLES: Final = {"consult": consult, "room": room}


class State(StrEnum):
    EARLY = "early"
    OPEN = "open"
    EXPIRED = "expired"
    ENDED = "ended"


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``share_link`` without its secrets, and whom it lets in."""

    id: str
    institution_id: str
    object_kind: str
    """``consult`` or ``room``."""
    object_id: str
    case_id: str
    rights: tuple[Right, ...]
    person_id: str
    name: str
    email: str
    language: str
    made_by: str
    made_at: datetime
    not_before: datetime
    expires_at: datetime
    ended_at: datetime | None
    openings: int
    opened_at: datetime | None
    version: int

    @property
    def ref(self) -> ObjectRef:
        return ref(self.id, self.institution_id, self.case_id)

    @property
    def invited(self) -> guests.Invited:
        return guests.Invited(
            self.id, self.institution_id, self.case_id, self.person_id, frozenset(self.rights), self.expires_at
        )

    def state(self, now: datetime) -> State:
        return state_of(self.not_before, self.expires_at, self.ended_at, now)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to invite, to what, from when until when."""

    name: str
    email: str
    language: str
    rights: frozenset[Right] = frozenset()
    """Besides looking."""
    not_before: datetime
    expires_at: datetime


class Letter(msgspec.Struct, frozen=True):
    """What the guest is to get. ``token`` is seen here and never again."""

    link: Link
    token: str


def ref(link_id: str, institution_id: str, case_id: str) -> ObjectRef:
    return ObjectRef("link", link_id, institution_id, case_id=case_id)


def state_of(not_before: datetime, expires_at: datetime, ended_at: datetime | None, now: datetime) -> State:
    """What a link is at ``now``."""
    if ended_at is not None and ended_at < expires_at:
        return State.ENDED
    if now >= expires_at:
        return State.EXPIRED
    return State.OPEN if now >= not_before else State.EARLY


async def invitable(reader: Reader, actor: Actor, kind: str, key: str) -> ObjectRef:
    """The consult or room that a guest may be invited to. Raises NotFound: none such, or over; Refused."""
    table = _TABLES.get(kind)
    if table is None:
        raise NotFound
    row = await reader.one(
        select(table, case.c.erased_at).join(case, case.c.id == table.c.case_id).where(table.c.id == key)
    )
    thing = ObjectRef(kind, key, row["institution_id"], case_id=row["case_id"])
    await grants.require(reader, actor, Action.LINK_MAKE, thing)
    over = row["status"] == "revoked" if table is consult else row["closed_at"] is not None
    if over or row["erased_at"] is not None:
        raise NotFound
    return thing


async def make(db: Database, actor: Actor, kind: str, key: str, wish: Wish) -> Letter:
    """Invite a guest to a consult or a room.

    Raises NotFound, Refused: as ``invitable``; Invalid: the patient refused; longer than LONGEST, over already, too far
    ahead, or a right that is not for guests."""
    async with db.write(actor) as tx:
        await _hold(tx, actor, kind, key)
        thing = await invitable(tx, actor, kind, key)
        non_opposition.respected(await cases.get(tx, thing.case_id))
        _check(wish, kind, tx.now)
        person_id = tx.new_id()
        await tx.insert(
            person,
            id=person_id,
            subject_name_id=f"{GUEST}:{person_id}",
            title="",
            given_name="",
            family_name=wish.name,
            profession="",
            know_how="",
            email=wish.email,
            language=wish.language,
            created_at=tx.now,
            kind=GUEST,
            provider=GUEST,
        )
        token = new_secret()
        rights = sorted({Right.VIEW, *wish.rights})
        row: dict[str, Any] = {
            "id": tx.new_id(),
            "institution_id": thing.institution_id,
            "object_kind": kind,
            "object_id": key,
            "case_id": thing.case_id,
            "rights": rights,
            "person_id": person_id,
            "made_by": actor.person_id,
            "made_at": tx.now,
            "not_before": max(wish.not_before, tx.now),
            "expires_at": wish.expires_at,
        }
        await tx.insert(share_link, **row, token=digest(token))
        made = await get(tx, row["id"])
        await _give(tx, made)
        await tx.audit(
            "link.made",
            made.ref,
            private={"guest": wish.name, "email": wish.email},
            scope=kind,
            scope_id=key,
            rights=rights,
            until=_instant(made.expires_at),
            begins=_instant(made.not_before),
        )
    return Letter(made, token)


async def _hold(tx: Transaction, actor: Actor, kind: str, key: str) -> None:
    """Until the link is made, nobody takes the consult back, closes the room, adds or changes a slide, suspends the institution
    or the actor, or ends their membership: they wait for us and find the link, or we for them and find what they did.

    Raises NotFound: suspended, no longer a member, or with fewer roles than when they asked; or nothing there."""
    table = _TABLES.get(kind)
    if table is None:
        raise NotFound
    row = await tx.one(select(table.c.case_id, table.c.institution_id).where(table.c.id == key))
    if table is consult:
        await tx.scalar(select(case.c.id).where(case.c.id == row["case_id"]).with_for_update())
    await tx.scalar(select(table.c.id).where(table.c.id == key).with_for_update())
    for who, one in ((institution, row["institution_id"]), (person, actor.person_id)):
        if await tx.scalar(select(who.c.disabled_at).where(who.c.id == one).with_for_update(read=True)) is not None:
            raise NotFound
    here = (membership.c.person_id == actor.person_id) & (membership.c.institution_id == actor.institution_id)
    held = await tx.scalar(select(membership.c.roles).where(here))
    # The actor is who they were when they asked: a role that was taken since would leave a link that nobody ends.
    if held is None or not actor.own_roles <= set(held):
        raise NotFound


def _check(wish: Wish, kind: str, now: datetime) -> None:
    begins = max(wish.not_before, now)
    if not timedelta() < wish.expires_at - begins <= LONGEST:
        raise Invalid("error-link-length", field="hours", hours=LONGEST // timedelta(hours=1))
    if begins - now > AHEAD:
        raise Invalid("error-link-ahead", field="begins", days=AHEAD.days)
    if not wish.rights <= set(OFFERED[kind]):
        raise Invalid("error-field-choice", field="rights")


async def _give(tx: Transaction, made: Link) -> None:
    """Rights of the link: on the slides of the consult's case, or on the room and the slide that it shows."""
    if made.object_kind == "consult":
        await guests.give_slides(tx, made.invited, await catalogue.ids_of_case(tx, made.case_id))
        return
    shown = await tx.one(select(room.c.slide_id).where(room.c.id == made.object_id))
    await tx.grant(
        (BECAUSE, made.id),
        ("room", made.object_id),
        made.rights,
        because=BECAUSE,
        because_id=made.id,
        until=made.expires_at,
    )
    await guests.give_slides(tx, made.invited, [shown["slide_id"]])


async def anew(db: Database, actor: Actor, link_id: str) -> Letter:
    """Another letter with another address; the one before opens nothing any more. Who is in already stays.

    Raises NotFound, Refused; Conflict: the link has expired or ended."""
    token = new_secret()
    async with db.write(actor) as tx:
        link, _ = await managed(tx, actor, link_id)
        if link.state(tx.now) in {State.EXPIRED, State.ENDED}:
            raise Conflict("error-link-over")
        await tx.update(
            share_link, link.id, link.version, token=digest(token), code="", code_until=None, code_tries=0, codes_sent=0
        )
        await tx.audit("link.made", link.ref, change="letter-anew", scope=link.object_kind, scope_id=link.object_id)
    return Letter(msgspec.structs.replace(link, version=link.version + 1), token)


async def withdraw(db: Database, actor: Actor, link_id: str) -> Link:
    """End a link now: its pages, tiles and sockets with it. Twice changes nothing more. Raises NotFound, Refused."""
    async with db.write(actor, unaudited="who finds it ended changes nothing") as tx:
        link, allowed = await managed(tx, actor, link_id)
        if link.state(tx.now) in {State.EXPIRED, State.ENDED}:
            return link
        await guests.end(tx, link.invited)
        await tx.audit("link.withdrawn", link.ref, because=allowed, openings=link.openings)
    return link


async def expire(db: Database) -> bool:
    """Record the links that have expired since it was last looked, and end what is open through them; whether there was one."""
    due = (share_link.c.ended_at.is_(None)) & (share_link.c.expires_at <= db.clock())
    async with db.read() as reader:
        if await reader.first(select(share_link.c.id).where(due).limit(1)) is None:
            return False
    async with db.write(SYSTEM, unaudited="another node may have been quicker") as tx:
        rows = await tx.all(select(share_link.c.id).where(due).limit(50).with_for_update(skip_locked=True))
        for row in rows:
            link = await get(tx, row["id"])
            await guests.end(tx, link.invited)
            await tx.audit("link.expired", link.ref, openings=link.openings)
    return bool(rows)


async def managed(reader: Reader, actor: Actor, link_id: str) -> tuple[Link, Allowed]:
    """A link that ``actor`` may look after, and why. Raises NotFound, Refused."""
    link = await get(reader, link_id)
    return link, await grants.require(reader, actor, Action.LINK_MANAGE, link.ref)


async def get(reader: Reader, link_id: str) -> Link:
    """Raises NotFound."""
    found = await _links(reader, share_link.c.id == link_id)
    if not found:
        raise NotFound
    return found[0]


async def listed(reader: Reader, actor: Actor, scope: tuple[str, str] | None = None) -> list[Link]:
    """The latest links of the actor's institution, or those to one consult or room (kind, id), newest first. Raises Refused."""
    institution_id = actor.institution_id
    await grants.require(reader, actor, Action.LINK_MANAGE, institution_ref(institution_id))
    which = share_link.c.institution_id == institution_id
    if scope is not None:
        which &= (share_link.c.object_kind == scope[0]) & (share_link.c.object_id == scope[1])
    return await _links(reader, which)


async def _links(reader: Reader, which: ColumnElement[bool]) -> list[Link]:
    rows = await reader.all(
        select(share_link, person.c.family_name.label("name"), person.c.email, person.c.language)
        .join(person, person.c.id == share_link.c.person_id)
        .where(which)
        .order_by(share_link.c.id.desc())
        .limit(LISTED)
    )
    return [_link(row) for row in rows]


def _link(row: RowMapping) -> Link:
    return msgspec.convert({name: row[name] for name in Link.__struct_fields__}, Link)


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def rights_ticked(kind: str, ticked: Collection[str]) -> frozenset[Right]:
    """Of what was ticked, what may be given for this kind of thing."""
    return frozenset(right for right in OFFERED.get(kind, ()) if right.value in ticked)
