"""Every right that is given, limited or withdrawn is recorded by itself, for the institution whose thing it is."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from telepath.access import Right
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from tests.builders import World


class House:
    """A case of Cayenne with two slides, and an expert of Lille."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.world = World(db)

    async def set_up(self) -> "House":
        self.owner: Actor = await self.world.person("ines", "cayenne", "Inès", "Flamboyant")
        self.expert: Actor = await self.world.expert("claire", "lille", "Claire", "Houblon")
        self.case = await self.world.case(self.owner)
        self.slides = [await self.world.slide(self.owner, self.case, label) for label in ("A1", "A2")]
        async with self.db.write(self.expert) as tx:
            for slide in self.slides:
                await tx.grant(
                    ("person", self.expert.person_id), ("slide", slide), [Right.VIEW], because="consult", because_id="c"
                )
            await tx.audit("offer.accepted")
        return self

    async def records(self, kind: str) -> list[dict[str, Any]]:
        async with self.db.read() as reader:
            rows = await reader.all(select(audit_pending).order_by(audit_pending.c.position))
        return [row["record"] for row in rows if row["record"]["kind"] == kind]


async def test_each_right_that_is_given_is_a_record_of_the_institution_that_owns_the_thing(database: Database) -> None:
    house = await House(database).set_up()
    given = await house.records("right.given")
    assert [record["object_id"] for record in given] == house.slides
    for record in given:
        assert record["actor"] == house.expert.person_id
        assert record["object_kind"] == "slide"
        assert record["owner"] == house.owner.institution_id
        assert record["case_id"] == house.case
        assert record["detail"] == {
            "subject": house.expert.person_id,
            "subject_kind": "person",
            "rights": ["view"],
            "basis": "consult",
            "basis_id": "c",
        }


async def test_each_right_that_is_withdrawn_is_a_record_once(database: Database) -> None:
    house = await House(database).set_up()
    for _ in range(2):
        async with database.write(house.owner) as tx:
            await tx.revoke("consult", "c")
            await tx.audit("consult.revoked")
    withdrawn = await house.records("right.withdrawn")
    assert sorted(record["object_id"] for record in withdrawn) == sorted(house.slides)
    assert {record["actor"] for record in withdrawn} == {house.owner.person_id}
    assert {record["owner"] for record in withdrawn} == {house.owner.institution_id}


async def test_a_limit_says_until_when_each_right_lasts(database: Database) -> None:
    house = await House(database).set_up()
    until = house.world.clock.now + timedelta(days=30)
    async with database.write(house.expert) as tx:
        await tx.limit("consult", "c", until)
        await tx.audit("opinion.signed")
    limited = await house.records("right.limited")
    assert sorted(record["object_id"] for record in limited) == sorted(house.slides)
    assert {record["detail"]["until"] for record in limited} == {"2026-04-10T12:00:00+00:00"}


async def test_a_right_on_what_no_row_describes_is_recorded_without_an_owner(database: Database) -> None:
    house = await House(database).set_up()
    async with database.write(house.owner) as tx:
        await tx.grant(("institution", "i"), ("board", "b"), [Right.VIEW], because="board", because_id="b")
        await tx.audit("directory.changed")
    record = (await house.records("right.given"))[-1]
    assert (record["object_kind"], record["object_id"], record["owner"]) == ("board", "b", "")
