"""Notices: once per event, in order, and by mail until it is gone."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.directory import person
from telepath.db.schema.notices import notice
from telepath.ids import make_id
from telepath.notices import store
from telepath.notices.model import ATTEMPTS, Notice
from tests.builders import World

CONSULT = make_id(1, bytes(10))
CASE = make_id(2, bytes(10))


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
async def zoe(world: World) -> Actor:
    return await world.person("zoe", "cayenne", "Zoé", "Marchand")


@pytest.fixture
async def paul(world: World) -> Actor:
    return await world.person("paul", "lille", "Paul", "Lenoir")


async def tell(db: Database, source: str, to: Actor, by: Actor, kind: str = "consult.offered") -> Notice:
    body = {"person": to.person_id, "consult": CONSULT, "case": CASE, "by": by.person_id}
    made = await store.store(db, source, kind, body)
    assert made is not None
    return made


async def test_a_notice_names_the_colleague_and_leads_to_the_consult(
    database: Database, zoe: Actor, paul: Actor
) -> None:
    made = await tell(database, "1", zoe, paul)
    assert (made.params, made.path, made.number) == ({"by": "Dr Paul Lenoir"}, f"/consults/{CONSULT}", 1)
    async with database.read() as reader:
        assert await store.latest(reader, zoe.person_id) == [made]
        assert await store.unread(reader, zoe.person_id) == 1


async def test_the_same_event_twice_is_one_notice(database: Database, zoe: Actor, paul: Actor) -> None:
    made = await asyncio.gather(*(tell(database, "1", zoe, paul) for _ in range(4)))
    assert len({one.id for one in made}) == 1
    async with database.read() as reader:
        assert len(await store.latest(reader, zoe.person_id)) == 1


async def test_notices_at_the_same_instant_are_numbered_without_a_gap(
    database: Database, zoe: Actor, paul: Actor
) -> None:
    made = await asyncio.gather(*(tell(database, str(source), zoe, paul) for source in range(8)))
    assert sorted(one.number for one in made) == list(range(1, 9))
    async with database.read() as reader:
        assert [one.number for one in await store.after(reader, zoe.person_id, 3)] == [4, 5, 6, 7, 8]


async def test_an_event_for_somebody_unknown_is_no_notice(database: Database) -> None:
    assert await store.store(database, "1", "consult.offered", {"person": "nobody", "consult": CONSULT}) is None


async def test_another_persons_notice_is_no_place_to_go_on_from(database: Database, zoe: Actor, paul: Actor) -> None:
    made = await tell(database, "1", zoe, paul)
    async with database.read() as reader:
        assert await store.number_of(reader, zoe.person_id, made.id) == 1
        assert await store.number_of(reader, paul.person_id, made.id) is None


async def test_reading_marks_only_what_was_seen_and_only_ones_own(database: Database, zoe: Actor, paul: Actor) -> None:
    for source in ("1", "2", "3"):
        await tell(database, source, zoe, paul)
    await tell(database, "4", paul, zoe)
    await store.mark_read(database, zoe, 2)
    async with database.read() as reader:
        assert await store.unread(reader, zoe.person_id) == 1
        assert await store.unread(reader, paul.person_id) == 1


async def test_a_mail_is_due_once_and_held_while_one_node_sends_it(
    database: Database, world: World, zoe: Actor, paul: Actor
) -> None:
    made = await tell(database, "1", zoe, paul)
    (letter,) = await store.claim_letters(database, 8)
    assert (letter.notice_id, letter.address, letter.language) == (made.id, "marchand@example.org", "fr")
    assert await store.claim_letters(database, 8) == []
    world.clock.advance(seconds=61)  # that node died
    (again,) = await store.claim_letters(database, 8)
    assert (again.notice_id, again.attempts) == (made.id, 2)
    await store.mailed(database, made.id)
    world.clock.advance(days=3)
    assert await store.claim_letters(database, 8) == []


async def test_a_mail_that_was_not_taken_comes_back_ever_later_and_then_no_more(
    database: Database, world: World, zoe: Actor, paul: Actor
) -> None:
    await tell(database, "1", zoe, paul)
    for seconds in (10, 20, 40):
        (letter,) = await store.claim_letters(database, 8)
        await store.not_mailed(database, letter)
        world.clock.advance(seconds=seconds - 1)
        assert await store.claim_letters(database, 8) == []
        world.clock.advance(seconds=1)
    async with database.write(zoe, unaudited="test") as tx:
        await tx.execute(update(notice).values(mail_attempts=ATTEMPTS - 1))
    (last,) = await store.claim_letters(database, 8)
    await store.not_mailed(database, last)
    world.clock.advance(days=1)
    assert await store.claim_letters(database, 8) == []


async def test_a_mail_that_cannot_be_is_given_up_at_once(
    database: Database, world: World, zoe: Actor, paul: Actor
) -> None:
    await tell(database, "1", zoe, paul)
    (letter,) = await store.claim_letters(database, 8)
    await store.not_mailed(database, letter, for_good=True)
    world.clock.advance(days=1)
    assert await store.claim_letters(database, 8) == []


async def test_what_was_read_on_screen_is_not_mailed_any_more(
    database: Database, world: World, zoe: Actor, paul: Actor
) -> None:
    await tell(database, "1", zoe, paul)
    (letter,) = await store.claim_letters(database, 8)
    await store.mark_read(database, zoe, 1)
    await store.not_mailed(database, letter)
    world.clock.advance(hours=1)
    assert await store.claim_letters(database, 8) == []


async def test_ten_lines_of_a_discussion_are_one_mail_until_they_are_read(
    database: Database, zoe: Actor, paul: Actor
) -> None:
    for source in range(10):
        await tell(database, str(source), zoe, paul, "thread.written")
    (letter,) = await store.claim_letters(database, 8)
    await store.mailed(database, letter.notice_id)
    await tell(database, "10", zoe, paul, "thread.written")
    assert await store.claim_letters(database, 8) == []
    await store.mark_read(database, zoe, 100)
    await tell(database, "11", zoe, paul, "thread.written")
    assert len(await store.claim_letters(database, 8)) == 1


async def test_who_has_no_address_and_what_is_on_screen_only_make_no_mail(
    database: Database, owner: Database, zoe: Actor, paul: Actor
) -> None:
    await tell(database, "1", zoe, paul, "consult.accepted")
    async with owner.write(zoe, unaudited="test") as tx:
        await tx.execute(update(person).where(person.c.id == zoe.person_id).values(email=""))
    await tell(database, "2", zoe, paul)
    assert await store.claim_letters(database, 8) == []
    async with database.read() as reader:
        rows = await reader.all(select(notice.c.mail_due_at))
    assert [row["mail_due_at"] for row in rows] == [None, None]


async def test_who_is_suspended_gets_no_mail(database: Database, owner: Database, zoe: Actor, paul: Actor) -> None:
    await tell(database, "1", zoe, paul)
    async with owner.write(zoe, unaudited="test") as tx:
        await tx.execute(update(person).where(person.c.id == zoe.person_id).values(disabled_at=tx.now))
    await tell(database, "2", zoe, paul, "opinion.signed")
    assert await store.claim_letters(database, 8) == []
    async with database.read() as reader:
        rows = await reader.all(select(notice.c.mail_due_at))
    assert [row["mail_due_at"] for row in rows] == [None, None]


async def test_mails_go_out_oldest_first(database: Database, world: World, zoe: Actor, paul: Actor) -> None:
    first = await tell(database, "1", zoe, paul)
    world.clock.now += timedelta(seconds=1)
    second = await tell(database, "2", paul, zoe)
    letters = await store.claim_letters(database, 1) + await store.claim_letters(database, 1)
    assert [letter.notice_id for letter in letters] == [first.id, second.id]
