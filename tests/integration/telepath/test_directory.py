"""Who is away, and who of the registered experts can still answer, on both databases."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update

from telepath import directory
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.directory import absence, delegation, membership, person
from tests.builders import World


async def test_an_absence_counts_everywhere_and_a_delegation_where_it_was_left(database: Database) -> None:
    world = World(database)
    karim = await world.expert("karim", "lille", "Karim", "Haddad")
    anne = await world.expert("anne", "rennes", "Anne", "Le Goff")
    now = world.clock.now

    async def away(actor: Actor, begins: datetime, ends: datetime, ended: datetime | None = None) -> None:
        async with database.write(actor, unaudited="a test's world") as tx:
            await tx.insert(
                absence,
                id=tx.new_id(),
                person_id=actor.person_id,
                starts_at=begins,
                ends_at=ends,
                said_by=actor.person_id,
                said_at=now,
                ended_at=ended,
            )

    day = timedelta(days=1)
    await away(karim, now + 10 * day, now + 12 * day)
    await away(karim, now - 9 * day, now - 2 * day)  # over
    await away(karim, now, now + day, ended=now)  # taken back
    async with database.write(karim, unaudited="a test's world") as tx:
        await tx.insert(
            delegation,
            id=tx.new_id(),
            institution_id=karim.institution_id,
            absent_id=karim.person_id,
            delegate_id=anne.person_id,
            given_by=karim.person_id,
            given_at=now,
            starts_at=now - day,
            ends_at=now + 2 * day,
            ended_at=None,
        )
    async with database.read() as reader:
        found = await directory.absences(reader, [karim.person_id, anne.person_id])
        nobody = await directory.absences(reader, [])
    assert nobody == {}
    assert set(found) == {karim.person_id}
    assert [(one.institution_id, one.starts_at, one.ends_at) for one in found[karim.person_id]] == [
        (karim.institution_id, now - day, now + 2 * day),
        ("", now + 10 * day, now + 12 * day),
    ]


async def test_who_can_no_longer_answer_is_still_known_as_an_expert_who_was(database: Database) -> None:
    world = World(database)
    names = ("karim", "anne", "lise", "ines")
    for name in names:
        await world.expert(name, "lille", name.title(), "Expert")
    left, changed, suspended = (world.actors[name] for name in ("anne", "lise", "ines"))
    async with database.write(world.actors["karim"], unaudited="a test's world") as tx:
        for one in (left, changed):
            await tx.execute(delete(membership).where(membership.c.person_id == one.person_id))
        await tx.insert(
            membership, person_id=changed.person_id, institution_id=changed.institution_id, roles=["requester"]
        )
        await tx.execute(update(person).where(person.c.id == suspended.person_id).values(disabled_at=tx.now))
    async with database.read() as reader:
        registered = {
            one.person.given_name: one.answers for one in await directory.registered_experts(reader, "lymphoid")
        }
        answering = [one.person.given_name for one in await directory.experts(reader, "lymphoid")]
    assert registered == {"Karim": True, "Anne": False, "Lise": False, "Ines": False}
    assert answering == ["Karim"]
