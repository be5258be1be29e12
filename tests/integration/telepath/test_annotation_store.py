"""Drawing on a slide, once."""

import asyncio

import pytest

from telepath.access import Right
from telepath.actor import Actor
from telepath.cases import annotation_store
from telepath.cases.annotations import Annotation, Drawing, Point, Rectangle
from telepath.db.database import Database
from telepath.errors import Conflict, Invalid, NotFound, Refused, TooLarge
from telepath.geometry import Look
from telepath.ids import make_id
from tests.builders import World

POINT = Drawing(operation_id="operation-1", shape=Point(100.5, 200), label="mitose")


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
async def zoe(world: World) -> Actor:
    return await world.person("zoe", "cayenne", "Zoé", "Marchand")


@pytest.fixture
async def slide(world: World, zoe: Actor) -> str:
    return await world.slide(zoe, await world.case(zoe))


async def draw(db: Database, actor: Actor, slide: str, drawing: Drawing = POINT) -> tuple[Annotation, bool]:
    async with db.write(actor, unaudited="a repeated operation changes nothing") as tx:
        return await annotation_store.draw(tx, actor, slide, drawing)


async def drawn(db: Database, actor: Actor, slide: str) -> list[Annotation]:
    async with db.read() as reader:
        return (await annotation_store.of_slide(reader, actor, slide))[0]


async def test_what_is_drawn_is_read_back_as_it_was(database: Database, world: World, zoe: Actor, slide: str) -> None:
    point, _ = await draw(database, zoe, slide)
    world.clock.advance(seconds=1)
    frame = Drawing(operation_id="operation-2", shape=Rectangle(1, 2, 3.25, 4, Look(3, "0:0000ff:0:900")))
    rectangle, _ = await draw(database, zoe, slide, frame)
    assert await drawn(database, zoe, slide) == [point, rectangle]
    assert rectangle.shape == frame.shape


async def test_the_same_operation_twice_draws_once(database: Database, zoe: Actor, slide: str) -> None:
    answers = await asyncio.gather(*(draw(database, zoe, slide) for _ in range(4)))
    assert sorted(new for _, new in answers) == [False, False, False, True]
    assert len({made.id for made, _ in answers}) == 1
    assert len(await drawn(database, zoe, slide)) == 1


async def test_an_operation_of_another_person_is_not_taken_over(database: Database, world: World, zoe: Actor) -> None:
    slide = await world.slide(zoe, await world.case(zoe))
    colleague = await world.person("jean", "cayenne", "Jean", "Petit")
    await draw(database, zoe, slide)
    with pytest.raises(Conflict):
        await draw(database, colleague, slide)


async def test_only_the_author_takes_an_annotation_away(
    database: Database, world: World, zoe: Actor, slide: str
) -> None:
    made, _ = await draw(database, zoe, slide)
    colleague = await world.person("jean", "cayenne", "Jean", "Petit")
    with pytest.raises(NotFound):
        async with database.write(colleague) as tx:
            await annotation_store.erase(tx, colleague, slide, made.id)
    async with database.write(zoe) as tx:
        await annotation_store.erase(tx, zoe, slide, made.id)
    assert await drawn(database, zoe, slide) == []
    with pytest.raises(Conflict):  # the operation is spent: it does not bring the annotation back
        await draw(database, zoe, slide)


async def test_a_grant_to_see_does_not_let_draw(database: Database, world: World, zoe: Actor, slide: str) -> None:
    paul = await world.person("paul", "lille", "Paul", "Lenoir")
    with pytest.raises(Refused):
        await drawn(database, paul, slide)
    async with database.write(zoe, unaudited="test") as tx:
        await tx.grant(("person", paul.person_id), ("slide", slide), [Right.VIEW], because="consult", because_id="c")
    assert await drawn(database, paul, slide) == []
    with pytest.raises(Refused):
        await draw(database, paul, slide)


async def test_an_annotation_outside_its_slide_leaves_nothing(database: Database, zoe: Actor, slide: str) -> None:
    with pytest.raises(Invalid):
        await draw(database, zoe, slide, Drawing(operation_id="operation-1", shape=Point(40_001, 0)))
    assert await drawn(database, zoe, slide) == []


async def test_a_slide_takes_only_so_many(
    database: Database, zoe: Actor, slide: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotation_store, "PER_SLIDE", 1)
    await draw(database, zoe, slide)
    with pytest.raises(TooLarge):
        await draw(database, zoe, slide, Drawing(operation_id="operation-2", shape=Point(1, 1)))


async def test_an_unknown_slide_is_not_found(database: Database, zoe: Actor) -> None:
    with pytest.raises(NotFound):
        await draw(database, zoe, make_id(0, bytes(10)))
