"""Who answers nothing for a while, as they say, or as a coordinator says."""

from datetime import timedelta

import pytest

from auth import absences, delegations
from telepath import directory
from telepath.actor import Actor, Role
from telepath.db.database import Database
from telepath.errors import Conflict, Invalid, NotFound, Refused
from tests.builders import NOON, World

DAY = timedelta(days=1)


async def test_one_says_when_one_is_away_without_leaving_anything_to_anybody(database: Database) -> None:
    world = World(database)
    cora = await world.person("cora", "cayenne", "Cora", "Veille", roles=[Role.COORDINATOR])
    zoe = await world.person("zoe", "cayenne", "Zoé", "Marchand")
    lou = await world.person("lou", "cayenne", "Lou", "Autre")
    nina = await world.person("nina", "rennes", "Nina", "Étrangère", roles=[Role.COORDINATOR])

    async def say(actor: Actor, person_id: str, first: int, last: int) -> str:
        return await absences.say(
            database,
            actor,
            person_id=person_id,
            starts_at=NOON + first * DAY,
            ends_at=NOON + last * DAY,
        )

    mine = await say(zoe, zoe.person_id, 1, 3)
    theirs = await say(cora, lou.person_id, 0, 2)
    with pytest.raises(Conflict):
        await say(cora, zoe.person_id, 2, 9)
    for first, last in ((-3, 0), (3, 3), (0, 400)):
        with pytest.raises(Invalid):
            await say(zoe, zoe.person_id, first, last)
    with pytest.raises(Refused):
        await say(zoe, lou.person_id, 5, 6)
    with pytest.raises(NotFound):
        await say(nina, zoe.person_id, 5, 6)
    await delegations.give(
        database,
        zoe,
        absent_id=zoe.person_id,
        delegate_id=lou.person_id,
        starts_at=NOON + 5 * DAY,
        ends_at=NOON + 6 * DAY,
    )

    everybody = [one.person_id for one in (zoe, lou, nina)]
    async with database.read() as reader:
        known = await directory.absences(reader, everybody)
        assert {key: [one.institution_id for one in found] for key, found in known.items()} == {
            zoe.person_id: ["", zoe.institution_id],
            lou.person_id: [""],
        }
        here = await absences.of_institution(reader, zoe.institution_id)
        assert [(one.name, one.last) for one in here] == [
            ("Dr Lou Autre", NOON + 2 * DAY - timedelta(microseconds=1)),
            ("Dr Zoé Marchand", NOON + 3 * DAY - timedelta(microseconds=1)),
        ]
        assert [one.id for one in await absences.of_institution(reader, zoe.institution_id, zoe.person_id)] == [mine]
        assert await absences.of_institution(reader, nina.institution_id) == []

    for actor, which in ((zoe, theirs), (nina, mine)):
        with pytest.raises(NotFound):
            await absences.end(database, actor, which)
    await absences.end(database, zoe, mine)
    await absences.end(database, cora, theirs)
    with pytest.raises(NotFound):
        await absences.end(database, cora, theirs)
    async with database.read() as reader:
        assert list(await directory.absences(reader, everybody)) == [zoe.person_id]
