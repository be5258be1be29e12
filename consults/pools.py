"""Pools of experts who are asked together. Kept by the coordinators of one institution; their experts are of any."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import RowMapping, delete, or_, select, update

from consults.networks import NETWORKS
from telepath import directory, grants
from telepath.access import Action, Allowed, ObjectRef, institution_ref
from telepath.actor import Actor, Role
from telepath.cases.model import ORGANS
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.consults import duty, duty_swap, pool, pool_member
from telepath.db.schema.directory import credential, institution, membership, person
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Invalid, NotFound
from telepath.identifiers import PSC, rpps_of

NAME_LIMIT: Final = 120


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    institution_id: str
    """Whose coordinators keep it."""
    name: str
    organs: tuple[str, ...]
    """None: all."""
    network: str
    """Code of consults/networks.py; "": none."""
    created_at: datetime
    ended_at: datetime | None
    version: int

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef("pool", self.id, self.institution_id)

    def covers(self, organ: str) -> bool:
        return not self.organs or organ in self.organs


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of a pool, at the place where they read."""

    pool_id: str
    person_id: str
    name: str
    institution_id: str
    institution_name: str
    city: str
    region: str
    since: datetime
    answers: bool
    """False: no expert there any more, or may not sign in: they are not asked."""


class Facts(msgspec.Struct, frozen=True):
    """What its coordinators say of a pool."""

    name: str
    organs: tuple[str, ...] = ()
    network: str = ""

    def checked(self) -> "Facts":
        """The same, in our order. Raises Invalid: no name, an organ or network that we do not know; TooLarge."""
        name = plain(self.name, field="name", limit=NAME_LIMIT, required=True)
        if not set(self.organs) <= set(ORGANS):
            raise Invalid("error-field-choice", field="organs")
        if self.network and self.network not in {network.code for network in NETWORKS}:
            raise Invalid("error-field-choice", field="network")
        return Facts(name, tuple(organ for organ in ORGANS if organ in self.organs), self.network)


async def get(reader: Reader, pool_id: str) -> Pool:
    """Raises NotFound: no such pool, or it has ended."""
    return _pool(await reader.one(select(pool).where(pool.c.id == pool_id, pool.c.ended_at.is_(None))))


async def of_institution(reader: Reader, institution_id: str) -> list[Pool]:
    """Those that its coordinators keep and that have not ended, by name."""
    standing = (pool.c.institution_id == institution_id) & pool.c.ended_at.is_(None)
    return [_pool(row) for row in await reader.all(select(pool).where(standing).order_by(pool.c.name, pool.c.id))]


async def covering(reader: Reader, organ: str) -> list[Pool]:
    """Every pool, of any institution, that may be asked about this organ, by name. Those without a member too."""
    rows = await reader.all(select(pool).where(pool.c.ended_at.is_(None)).order_by(pool.c.name, pool.c.id))
    return [one for one in (_pool(row) for row in rows) if one.covers(organ)]


async def of_person(reader: Reader, person_id: str) -> list[Pool]:
    """Those that somebody belongs to, by name."""
    rows = await reader.all(
        select(pool)
        .join(pool_member, pool_member.c.pool_id == pool.c.id)
        .where(pool_member.c.person_id == person_id, pool.c.ended_at.is_(None))
        .order_by(pool.c.name, pool.c.id)
    )
    return [_pool(row) for row in rows]


async def members(reader: Reader, pool_id: str) -> list[Member]:
    """Who of a pool can be asked now, by name."""
    return [one for one in await everyone(reader, [pool_id]) if one.answers]


async def everyone(reader: Reader, pool_ids: Collection[str]) -> list[Member]:
    """All members of these pools, by name; who is in several stands there several times."""
    verified = select(credential.c.person_id).where(credential.c.withdrawn_at.is_(None))
    may_sign_in = (
        person.c.disabled_at.is_(None)
        & institution.c.disabled_at.is_(None)
        & or_(person.c.provider == PSC, person.c.id.in_(verified))
    )
    rows = await reader.all(
        select(
            pool_member,
            person.c.title,
            person.c.given_name,
            person.c.family_name,
            person.c.provider,
            person.c.subject_name_id,
            institution.c.name,
            institution.c.city,
            institution.c.region,
            membership.c.roles,
            may_sign_in.label("may_sign_in"),
        )
        .join(person, person.c.id == pool_member.c.person_id)
        .join(institution, institution.c.id == pool_member.c.institution_id)
        .outerjoin(
            membership,
            (membership.c.person_id == pool_member.c.person_id)
            & (membership.c.institution_id == pool_member.c.institution_id),
        )
        .where(pool_member.c.pool_id.in_(pool_ids))
        .order_by(person.c.family_name, person.c.given_name, person.c.id)
    )
    return [
        Member(
            pool_id=row["pool_id"],
            person_id=row["person_id"],
            name=directory.called(row["title"], row["given_name"], row["family_name"]),
            institution_id=row["institution_id"],
            institution_name=row["name"],
            city=row["city"],
            region=row["region"],
            since=row["since"],
            answers=_answers(row),
        )
        for row in rows
    ]


def _answers(row: RowMapping) -> bool:
    numbered = row["provider"] != PSC or bool(rpps_of(row["subject_name_id"]))
    return bool(row["may_sign_in"]) and numbered and Role.EXPERT in (row["roles"] or ())


async def candidates(reader: Reader, found: Pool) -> list[directory.Expertise]:
    """The experts who could belong to it and do not, each once, by name."""
    there = {one.person_id for one in await everyone(reader, [found.id])}
    known: dict[str, directory.Expertise] = {}
    for organ in found.organs or ORGANS:
        for one in await directory.experts(reader, organ):
            known.setdefault(one.person.id, one)
    return sorted(
        (one for key, one in known.items() if key not in there), key=lambda one: (one.person.family_name, one.person.id)
    )


async def make(db: Database, actor: Actor, facts: Facts) -> str:
    """Begin a pool that the actor's institution keeps, and return its id.

    Raises Refused; Invalid, TooLarge: as ``Facts.checked``; Conflict: the institution has a pool of this name."""
    place = actor.institution_id
    async with db.write(actor) as tx:
        allowed = await grants.require(tx, actor, Action.ROUTING_MANAGE, institution_ref(place))
        facts = facts.checked()
        await _unused(tx, place, facts.name)
        key = tx.new_id()
        await tx.insert(pool, id=key, institution_id=place, created_at=tx.now, **msgspec.structs.asdict(facts))
        await _record(tx, ObjectRef("pool", key, place), allowed, "pool-made", facts)
    return key


async def change(db: Database, actor: Actor, pool_id: str, version: int, facts: Facts) -> None:
    """Raises NotFound, Refused; Invalid, TooLarge, Conflict: as ``make``; Conflict: somebody else changed it meanwhile."""
    async with db.write(actor) as tx:
        found, allowed = await managed(tx, actor, pool_id)
        facts = facts.checked()
        await _unused(tx, found.institution_id, facts.name, besides=pool_id)
        await tx.update(pool, pool_id, version, **msgspec.structs.asdict(facts))
        await _record(tx, found.ref, allowed, "pool-changed", facts)


async def admit(db: Database, actor: Actor, pool_id: str, person_id: str) -> None:
    """Let an expert belong to a pool; they are told.

    Raises NotFound, Refused; Invalid: no expert of what it covers, or a member already."""
    async with db.write(actor) as tx:
        found, allowed = await managed(tx, actor, pool_id)
        known = next((one for one in await candidates(tx, found) if one.person.id == person_id), None)
        if known is None:
            raise Invalid("error-field-choice", field="person")
        await tx.insert(
            pool_member, pool_id=pool_id, person_id=person_id, institution_id=known.institution.id, since=tx.now
        )
        await tx.audit("routing.changed", found.ref, because=allowed, change="pool-joined", member=person_id)
        await tx.emit("pool.joined", person=person_id, by=actor.person_id)


async def release(db: Database, actor: Actor, pool_id: str, person_id: str) -> None:
    """Let somebody belong to it no more: their coming duties there go with it, and they are told.

    Raises NotFound: no such pool, or not a member; Refused."""
    async with db.write(actor) as tx:
        found, allowed = await managed(tx, actor, pool_id)
        whose = (pool_member.c.pool_id == pool_id) & (pool_member.c.person_id == person_id)
        if (await tx.execute(delete(pool_member).where(whose))).rowcount != 1:
            raise NotFound
        gone = await _without_duties(tx, pool_id, [person_id])
        await tx.audit("routing.changed", found.ref, because=allowed, change="pool-left", member=person_id, duties=gone)
        await tx.emit("pool.left", person=person_id, by=actor.person_id)


async def end(db: Database, actor: Actor, pool_id: str) -> None:
    """Nobody is asked through it any more, and its coming duties are withdrawn; its members are told. What was asked already
    goes on. Raises NotFound, Refused."""
    async with db.write(actor) as tx:
        found, allowed = await managed(tx, actor, pool_id)
        await tx.update(pool, pool_id, found.version, ended_at=tx.now)
        people = [one.person_id for one in await everyone(tx, [pool_id])]
        gone = await _without_duties(tx, pool_id, people)
        await tx.audit("routing.changed", found.ref, because=allowed, change="pool-ended", duties=gone)
        for told in people:
            await tx.emit("pool.left", person=told, by=actor.person_id)


async def managed(tx: Transaction, actor: Actor, pool_id: str) -> tuple[Pool, Allowed]:
    """A pool that the actor keeps, and why they may; nobody else changes it, its members or its duties meanwhile.

    Raises NotFound, Refused."""
    await tx.first(select(pool.c.id).where(pool.c.id == pool_id).with_for_update())
    found = await get(tx, pool_id)
    return found, await grants.require(tx, actor, Action.ROUTING_MANAGE, found.ref)


def _pool(row: RowMapping) -> Pool:
    return msgspec.convert({str(name): value for name, value in row.items()}, Pool)


async def _unused(tx: Transaction, institution_id: str, name: str, besides: str = "") -> None:
    """Raises Conflict: another pool of the institution has this name. Of two at once one waits for the other."""
    place = select(institution.c.id).where(institution.c.id == institution_id)
    await tx.first(place.with_for_update(key_share=True))
    if any(one.name == name and one.id != besides for one in await of_institution(tx, institution_id)):
        raise Conflict("error-pool-exists", name=name)


async def _without_duties(tx: Transaction, pool_id: str, people: Iterable[str]) -> int:
    """Withdraw what these people have before them there; return how many duties that were."""
    coming = duty.c.withdrawn_at.is_(None) & (duty.c.ends_at > tx.now)
    theirs = (duty.c.pool_id == pool_id) & duty.c.person_id.in_(list(people))
    over = {"withdrawn_at": tx.now, "version": duty.c.version + 1}
    gone = (await tx.execute(update(duty).where(coming, theirs).values(**over).returning(duty.c.id))).all()
    await tx.execute(
        update(duty_swap)
        .where(duty_swap.c.duty_id.in_([row.id for row in gone]), duty_swap.c.answer == "")
        .values(answer="withdrawn", answered_at=tx.now, version=duty_swap.c.version + 1)
    )
    return len(gone)


async def _record(tx: Transaction, which: ObjectRef, allowed: Allowed, change: str, facts: Facts) -> None:
    await tx.audit(
        "routing.changed",
        which,
        because=allowed,
        private={"name": facts.name},
        change=change,
        organs=list(facts.organs),
        network=facts.network,
    )
