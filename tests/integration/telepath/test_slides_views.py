from datetime import timedelta

import pytest
from sqlalchemy import func, select

from telepath import grants, sessions
from telepath.access import Action, Right
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.outbox import outbox
from telepath.db.schema.slides import slide_view
from telepath.errors import Refused
from telepath.slides import catalogue, views
from telepath.slides.capability import LIFETIME
from tests.builders import World


class Room:
    """A slide of Cayenne, its owner, and an expert of Lille who was given it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.world = World(db)
        self.owner: Actor
        self.expert: Actor
        self.slide_id = ""

    async def set_up(self) -> "Room":
        self.owner = await self.world.person("ines", "cayenne", "Inès", "Flamboyant")
        self.expert = await self.world.expert("claire", "lille", "Claire", "Houblon")
        self.slide_id = await self.world.slide(self.owner, await self.world.case(self.owner))
        return self

    async def give(self, until: timedelta | None = None) -> None:
        async with self.db.write(self.owner, unaudited="a test's grant") as tx:
            await tx.grant(
                ("person", self.expert.person_id),
                ("slide", self.slide_id),
                [Right.VIEW],
                because="consult",
                because_id="consult-1",
                until=None if until is None else tx.now + until,
            )

    async def take_back(self) -> None:
        async with self.db.write(self.owner, unaudited="a test's revocation") as tx:
            await tx.revoke("consult", "consult-1")

    async def open(self, actor: Actor) -> views.View:
        async with self.db.write(actor) as tx:
            slide = await catalogue.get(tx, self.slide_id)
            return await views.open_view(tx, slide, await grants.require(tx, actor, Action.SLIDE_VIEW, slide.ref))

    async def renew(self, actor: Actor) -> views.View:
        async with self.db.write(actor, unaudited="as the route does") as tx:
            slide = await catalogue.get(tx, self.slide_id)
            return await views.renew(tx, slide, await grants.require(tx, actor, Action.SLIDE_VIEW, slide.ref))

    async def revoked(self) -> frozenset[str]:
        async with self.db.read() as reader:
            return await views.revoked(reader)

    async def audited(self) -> int:
        async with self.db.read() as reader:
            rows = await reader.all(select(audit_pending))
        return sum(row["record"]["kind"] == "slide.viewed" for row in rows)


@pytest.fixture
async def room(database: Database) -> Room:
    return await Room(database).set_up()


async def test_an_opening_is_recorded_with_its_reason(room: Room) -> None:
    await room.give()
    view = await room.open(room.expert)
    assert (view.because, view.because_id, view.epoch) == ("consult", "consult-1", 1)
    assert view.capability.expires - int(room.world.clock.now.timestamp()) == LIFETIME
    assert await room.audited() == 1


async def test_who_has_no_right_opens_nothing(room: Room) -> None:
    with pytest.raises(Refused):
        await room.open(room.expert)
    async with room.db.read() as reader:
        assert await reader.scalar(select(func.count()).select_from(slide_view)) == 0
    assert await room.audited() == 0


async def test_an_opening_that_goes_on_is_the_same_opening(room: Room) -> None:
    view = await room.open(room.owner)
    room.world.clock.advance(minutes=14)
    again = await room.renew(room.owner)
    assert again.id == view.id
    assert again.expires_at == view.expires_at + timedelta(minutes=14)
    assert await room.audited() == 1


async def test_an_opening_that_ended_long_ago_is_a_new_one(room: Room) -> None:
    view = await room.open(room.owner)
    room.world.clock.advance(hours=2)
    assert (await room.renew(room.owner)).id != view.id
    assert await room.audited() == 2


async def test_a_view_ends_with_the_grant_that_it_stands_on(room: Room) -> None:
    await room.give(until=timedelta(minutes=3))
    view = await room.open(room.expert)
    assert view.expires_at == room.world.clock.now + timedelta(minutes=3)
    room.world.clock.advance(minutes=4)
    with pytest.raises(Refused):
        await room.renew(room.expert)


async def test_a_withdrawn_grant_revokes_its_views_and_no_others(room: Room) -> None:
    await room.give()
    theirs, ours = await room.open(room.expert), await room.open(room.owner)
    assert await room.revoked() == frozenset()
    await room.take_back()
    assert await room.revoked() == {theirs.id}
    assert ours.id not in await room.revoked()
    with pytest.raises(Refused):
        await room.renew(room.expert)


async def test_a_revoked_view_is_never_renewed(room: Room) -> None:
    await room.give()
    first = await room.open(room.expert)
    await room.take_back()
    await room.give()
    assert (await room.renew(room.expert)).id != first.id


async def test_the_views_of_a_session_end_with_it(room: Room) -> None:
    view = await room.open(room.owner)
    async with room.db.write(room.owner, unaudited="a test's logout") as tx:
        await sessions.cut(tx, room.owner.session_id)
    assert await room.revoked() == {view.id}


async def test_the_nodes_hear_of_the_end_of_a_session_though_no_slide_is_open_in_it(room: Room) -> None:
    async with room.db.write(room.owner, unaudited="a test's logout") as tx:
        await sessions.cut(tx, room.owner.session_id)
    async with room.db.read() as reader:
        told = await reader.all(select(outbox.c.body).where(outbox.c.kind == "grant.revoked"))
    assert [row["body"]["because"] for row in told] == ["session"]


async def test_a_revocation_is_forgotten_when_no_capability_can_be_left(room: Room) -> None:
    await room.give()
    await room.open(room.expert)
    await room.take_back()
    room.world.clock.advance(minutes=17)
    assert await room.revoked() == frozenset()
