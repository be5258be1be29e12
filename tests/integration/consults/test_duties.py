"""Duty rosters, and colleagues who take each other's duties."""

from collections import Counter
from datetime import date, time, timedelta

import msgspec
import pytest
from sqlalchemy import delete, select

from consults import duties, duty_swaps, pools
from consults.pools import Facts
from consults.roster import Pattern
from telepath.actor import Role
from telepath.db.database import Database
from telepath.db.schema.consults import duty_swap
from telepath.db.schema.directory import membership
from telepath.errors import Conflict, Invalid, NotFound, Refused
from tests.builders import NOON
from tests.consult_story import Story, outcomes

NIGHTS = Pattern(
    territory="32",
    days=frozenset({2, 4}),
    begins=time(18),
    ends=time(8),
    first=date(2026, 3, 9),
    last=date(2026, 3, 20),
)
"""Wednesdays and Fridays of two weeks, in Lille: NOON is the first of these Wednesdays."""
TONIGHT = NOON + timedelta(hours=8)
LINE = "03 20 00 00 00"


class OnDuty(Story):
    pool: str

    async def set_up(self) -> "OnDuty":
        await super().set_up()
        cora = await self.person("cora", "cayenne", "Cora", "Veille", roles=[Role.COORDINATOR])
        for key in ("lou", "mia"):
            await self.expert(key, "nice", key.title(), "Garde")
        self.pool = await pools.make(self.db, cora, Facts("Ganglions", ("lymphoid",)))
        for key in ("karim", "anne", "lou", "mia"):
            await pools.admit(self.db, cora, self.pool, self[key].person_id)
        return self

    async def enter(self, key: str = "karim", pattern: Pattern = NIGHTS, phone: str = LINE, by: str = "cora") -> int:
        return await duties.enter(self.db, self[by], self.pool, self[key].person_id, phone, pattern)

    async def of(self, key: str) -> list[duties.Duty]:
        async with self.db.read() as reader:
            return await duties.of_person(reader, self[key].person_id)

    async def waiting(self, key: str) -> list[duty_swaps.Swap]:
        async with self.db.read() as reader:
            return await duty_swaps.concerning(reader, self[key].person_id)


@pytest.fixture
async def story(database: Database) -> OnDuty:
    return await OnDuty(database).set_up()


async def test_coordinators_enter_many_duties_at_once_and_the_phone_is_known_at_the_hour(story: OnDuty) -> None:
    db = story.db
    assert await story.enter() == 4
    async with db.read() as reader:
        assert await duties.on_call(reader, story.pool, NOON) == []
        (tonight,) = await duties.on_call(reader, story.pool, TONIGHT)
        assert (tonight.name, tonight.phone, tonight.territory) == ("Dr Karim Haddad", LINE, "32")
        assert tonight.ends_at == NOON + timedelta(hours=19)
        assert await duties.on_call(reader, story.pool, tonight.ends_at) == []
        assert await duties.phones(reader, "lymphoid", TONIGHT) == [tonight]
        assert await duties.phones(reader, "bone", TONIGHT) == []
        assert await duties.territories(reader, story.pool) == ["32"]
        assert len(await duties.between(reader, story.pool, TONIGHT, TONIGHT + timedelta(days=7))) == 3

    with pytest.raises(Conflict):  # the same form sent twice
        await story.enter()
    past = msgspec.structs.replace(NIGHTS, first=date(2026, 3, 2), last=date(2026, 3, 8))
    for wrong in (story.enter("zoe"), story.enter(phone="demain"), story.enter(pattern=past)):
        with pytest.raises(Invalid):
            await wrong
    with pytest.raises(Refused):
        await story.enter("anne", by="zoe")
    with pytest.raises(Refused):
        await duties.withdraw(db, story["zoe"], tonight.id)
    assert await story.enter("anne", msgspec.structs.replace(NIGHTS, territory="03")) == 4

    assert await duties.withdraw(db, story["cora"], tonight.id) == tonight
    with pytest.raises(NotFound):
        await duties.withdraw(db, story["cora"], tonight.id)
    assert len(await story.of("karim")) == 3
    # Who is no expert any more stands on the roster, and is not called.
    later = (await story.of("anne"))[0]
    async with db.read() as reader:
        assert await duties.on_call(reader, story.pool, later.starts_at) == [later]
    async with db.write(story["cora"], unaudited="a test's world") as tx:
        await tx.execute(delete(membership).where(membership.c.person_id == story["anne"].person_id))
    async with db.read() as reader:
        assert await duties.on_call(reader, story.pool, later.starts_at) == []
        assert await duties.phones(reader, "lymphoid", later.starts_at) == []
    # Who leaves the pool leaves the roster with it.
    await duty_swaps.ask(db, story["karim"], (await story.of("karim"))[0].id, story["lou"].person_id)
    await pools.release(db, story["cora"], story.pool, story["karim"].person_id)
    assert await story.of("karim") == []
    assert await story.waiting("lou") == []
    changes = [detail for _, who, detail in await story.audited() if who == "cora"][-4:]
    assert [one["change"] for one in changes] == ["duties-entered", "duties-entered", "duty-withdrawn", "pool-left"]
    assert changes[-1]["duties"] == 3
    assert "phone" not in changes[0]  # it may be somebody's own


async def test_a_colleague_takes_a_duty_exactly_once(story: OnDuty) -> None:
    db = story.db
    await story.enter()
    tonight = (await story.of("karim"))[0]

    async def asked(key: str) -> str:
        return await duty_swaps.ask(db, story["karim"], tonight.id, story[key].person_id)

    swaps = {key: await asked(key) for key in ("anne", "lou", "mia")}
    with pytest.raises(Conflict):
        await asked("anne")
    for nobody in ("karim", "zoe"):
        with pytest.raises(Invalid):
            await asked(nobody)
    with pytest.raises(Refused):
        await duty_swaps.ask(db, story["anne"], tonight.id, story["lou"].person_id)
    with pytest.raises(Refused):
        await duty_swaps.take(db, story["lou"], swaps["mia"], LINE)
    with pytest.raises(Refused):
        await duty_swaps.withdraw(db, story["mia"], swaps["mia"])
    assert [one.asked_by_name for one in await story.waiting("mia")] == ["Dr Karim Haddad"]
    assert len(await story.waiting("karim")) == 3

    await duty_swaps.decline(db, story["mia"], swaps["mia"])
    ended = await outcomes(
        *(duty_swaps.take(db, story[key], swaps[key], "+33 6 00 00 00 00") for key in ("anne", "lou"))
    )
    assert Counter(ended) == {None: 1, Conflict: 1}
    winner, loser = ("anne", "lou") if ended[0] is None else ("lou", "anne")
    async with db.read() as reader:
        (there,) = await duties.on_call(reader, story.pool, TONIGHT)
        answers = {row["asked_of"]: row["answer"] for row in await reader.all(select(duty_swap))}
    assert (there.person_id, there.phone) == (story[winner].person_id, "+33 6 00 00 00 00")
    assert [answers[story[key].person_id] for key in (winner, loser, "mia")] == ["taken", "withdrawn", "declined"]
    assert await story.waiting("karim") == []
    assert len(await story.of("karim")) == 3
    with pytest.raises(Conflict):
        await duty_swaps.take(db, story[winner], swaps[winner], LINE)

    later = (await story.of("karim"))[0]
    swap = await duty_swaps.ask(db, story["karim"], later.id, story["mia"].person_id)
    await duty_swaps.withdraw(db, story["karim"], swap)
    story.clock.now = later.ends_at
    with pytest.raises(NotFound):  # it is over
        await duty_swaps.ask(db, story["karim"], later.id, story["mia"].person_id)
    told = [one for one in await story.told() if not one[0].startswith("pool")]
    assert told == [
        ("duty.given", "karim"),
        *(("swap.asked", key) for key in ("anne", "lou", "mia")),
        ("swap.declined", "karim"),
        ("swap.taken", "karim"),
        ("swap.withdrawn", loser),
        ("swap.asked", "mia"),
        ("swap.withdrawn", "mia"),
    ]
