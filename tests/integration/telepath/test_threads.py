"""What is said about a case."""

import pytest
from sqlalchemy import select

from telepath.access import Right
from telepath.actor import Actor
from telepath.cases import repository, threads
from telepath.cases.model import Case
from telepath.cases.threads import Line
from telepath.db.database import Database
from telepath.db.schema.outbox import outbox
from telepath.errors import Invalid, NotFound, Refused, TooLarge
from telepath.geometry import View
from tests.builders import World

VIEW = View(20_000, 15_000, 1600, 900, 90, True)


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
async def zoe(world: World) -> Actor:
    return await world.person("zoe", "cayenne", "Zoé", "Marchand")


@pytest.fixture
async def paul(world: World) -> Actor:
    return await world.person("paul", "lille", "Paul", "Lenoir")


@pytest.fixture
async def case(database: Database, world: World, zoe: Actor) -> Case:
    case_id = await world.case(zoe)
    async with database.read() as reader:
        return await repository.get(reader, case_id)


async def write(db: Database, actor: Actor, case: Case, text: str = "Qu’en dites-vous ?", **about: object) -> Line:
    async with db.write(actor) as tx:
        return await threads.write(tx, actor, case, text, tell=await threads.parties(tx, case), **about)  # type: ignore[arg-type]


async def told(db: Database) -> list[str]:
    async with db.read() as reader:
        rows = await reader.all(select(outbox).where(outbox.c.kind == "thread.written"))
    return sorted(row["body"]["person"] for row in rows)


async def share(db: Database, owner: Actor, with_: Actor, case: Case, *rights: Right) -> None:
    async with db.write(owner, unaudited="test") as tx:
        await tx.grant(("person", with_.person_id), ("case", case.id), rights, because="consult", because_id="c")


async def test_lines_are_read_in_the_order_they_were_written(
    database: Database, world: World, zoe: Actor, case: Case
) -> None:
    first = await write(database, zoe, case)
    world.clock.advance(minutes=1)
    second = await write(database, zoe, case, "Avec HES.", consult_id="c")
    async with database.read() as reader:
        assert await threads.of_case(reader, case.id) == [first, second]
        assert await threads.of_case(reader, case.id, "c") == [second]
        assert (await repository.get(reader, case.id)).active_at == world.clock.now


async def test_a_line_carries_a_view_of_a_slide_of_its_case(
    database: Database, world: World, zoe: Actor, case: Case
) -> None:
    slide = await world.slide(zoe, case.id)
    line = await write(database, zoe, case, slide_id=slide, view=VIEW)
    async with database.read() as reader:
        (read,) = await threads.of_case(reader, case.id)
    assert read == line
    assert read.view == VIEW


async def test_a_slide_of_another_case_is_not_found(database: Database, world: World, zoe: Actor, case: Case) -> None:
    elsewhere = await world.slide(zoe, await world.case(zoe, "26-2"))
    with pytest.raises(NotFound):
        await write(database, zoe, case, slide_id=elsewhere)


@pytest.mark.parametrize("view", [View(0, 0, 0, 10), View(float("nan"), 0, 1, 1)])
async def test_a_view_that_cannot_be_is_refused(
    database: Database, world: World, zoe: Actor, case: Case, view: View
) -> None:
    slide = await world.slide(zoe, case.id)
    with pytest.raises(Invalid):
        await write(database, zoe, case, slide_id=slide, view=view)
    with pytest.raises(Invalid):
        await write(database, zoe, case, view=VIEW)


async def test_the_other_parties_are_told_and_never_the_author(
    database: Database, zoe: Actor, paul: Actor, case: Case
) -> None:
    await write(database, zoe, case)
    assert await told(database) == []
    await share(database, zoe, paul, case, Right.VIEW, Right.DISCUSS)
    await write(database, zoe, case)
    assert await told(database) == [paul.person_id]
    await write(database, paul, case)
    assert await told(database) == sorted([paul.person_id, zoe.person_id])


async def test_who_lost_the_right_is_no_longer_told(database: Database, zoe: Actor, paul: Actor, case: Case) -> None:
    await share(database, zoe, paul, case, Right.VIEW, Right.DISCUSS)
    await write(database, paul, case)
    async with database.write(zoe, unaudited="test") as tx:
        await tx.revoke("consult", "c")
        assert await threads.parties(tx, case) == {zoe.person_id}


async def test_a_grant_to_see_does_not_let_speak(database: Database, zoe: Actor, paul: Actor, case: Case) -> None:
    await share(database, zoe, paul, case, Right.VIEW)
    with pytest.raises(Refused):
        await write(database, paul, case)


@pytest.mark.parametrize(
    ("text", "error"), [("  ", Invalid), ("a\x00b", Invalid), ("x" * 4001, TooLarge), ("NIR 255081416802538", Invalid)]
)
async def test_a_text_that_cannot_be_kept_leaves_nothing(
    database: Database, zoe: Actor, case: Case, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await write(database, zoe, case, text)
    async with database.read() as reader:
        assert await threads.of_case(reader, case.id) == []
