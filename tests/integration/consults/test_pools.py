"""Pools of experts: who keeps them, who is in them, and who of them can be asked."""

import pytest
from sqlalchemy import delete

from consults import pools
from consults.pools import Facts
from telepath.actor import Role
from telepath.db.schema.directory import membership
from telepath.errors import Conflict, Invalid, NotFound, Refused
from tests.consult_story import Story, outcomes


async def test_coordinators_keep_pools_of_experts_of_any_institution(story: Story) -> None:
    db = story.db
    cora = await story.person("cora", "cayenne", "Cora", "Veille", roles=[Role.COORDINATOR])
    max_ = await story.person("max", "nice", "Max", "Autre", roles=[Role.COORDINATOR])
    await story.expert("lea", "nice", "Léa", "Os", organ="bone")
    karim, anne = story["karim"].person_id, story["anne"].person_id
    nodes = await pools.make(db, cora, Facts("  Ganglions  ", ("lymphoid",), "LYMPHOPATH"))
    for wrong in (Facts(""), Facts("x", ("liver-of-cod",)), Facts("x", (), "NOPE")):
        with pytest.raises(Invalid):
            await pools.make(db, cora, wrong)
    with pytest.raises(Conflict):
        await pools.make(db, cora, Facts("Ganglions"))
    await pools.make(db, max_, Facts("Ganglions", ("bone",)))  # another institution's own

    async with db.read() as reader:
        found = await pools.get(reader, nodes)
        assert [one.person.id for one in await pools.candidates(reader, found)] == [karim, anne]
        assert [one.id for one in await pools.covering(reader, "lymphoid")] == [nodes]
    for person in (karim, anne):
        await pools.admit(db, cora, nodes, person)
    for nobody in (karim, story["lea"].person_id, story["zoe"].person_id):  # in it, of another organ, no expert
        with pytest.raises(Invalid):
            await pools.admit(db, cora, nodes, nobody)
    async with db.write(cora, unaudited="a test's world") as tx:
        whose = membership.c.person_id == anne
        await tx.execute(delete(membership).where(whose))
    async with db.read() as reader:
        assert [one.name for one in await pools.members(reader, nodes)] == ["Dr Karim Haddad"]
        assert [one.answers for one in await pools.everyone(reader, [nodes])] == [True, False]
        assert [one.id for one in await pools.of_person(reader, anne)] == [nodes]

    await pools.change(db, cora, nodes, found.version, Facts("Lymphomes", ()))
    with pytest.raises(Conflict):  # somebody saw the older one
        await pools.change(db, cora, nodes, found.version, Facts("Nœuds"))
    for act in (
        pools.change(db, max_, nodes, 2, Facts("Nœuds")),
        pools.admit(db, max_, nodes, karim),
        pools.release(db, max_, nodes, karim),
        pools.end(db, max_, nodes),
        pools.make(db, story["zoe"], Facts("x")),
    ):
        with pytest.raises(Refused):
            await act

    await pools.release(db, cora, nodes, anne)
    with pytest.raises(NotFound):
        await pools.release(db, cora, nodes, anne)
    assert sorted(str(one) for one in await outcomes(pools.end(db, cora, nodes), pools.end(db, cora, nodes))) == [
        "<class 'telepath.errors.NotFound'>",
        "None",
    ]
    async with db.read() as reader:
        assert await pools.of_institution(reader, cora.institution_id) == []
        with pytest.raises(NotFound):
            await pools.get(reader, nodes)
    told = [("pool.joined", "karim"), ("pool.joined", "anne"), ("pool.left", "anne"), ("pool.left", "karim")]
    assert await story.told() == told
    changes = [detail["change"] for kind, who, detail in await story.audited() if who == "cora"]
    assert changes == ["pool-made", "pool-joined", "pool-joined", "pool-changed", "pool-left", "pool-ended"]
