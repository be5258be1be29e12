"""What coordinators keep, in the worlds of tests: a pool of two experts, duties of the first, a rule."""

from datetime import time, timedelta

from consults import duties, duty_swaps, pools, rules
from consults.pools import Facts
from consults.roster import Pattern
from consults.routing_rules import Effect
from telepath.actor import Actor
from telepath.db.database import Database

PHONE = "03 20 00 00 00"


async def coordinated(db: Database, keeper: Actor, first: Actor, second: Actor) -> dict[str, str]:
    """Names of a ``pool`` of these two, a ``duty`` of the first, a ``swap`` of their next one asked of the ``colleague``, and
    a ``rule``. The duties begin in a month."""
    pool = await pools.make(db, keeper, Facts("Ganglions d’essai", ("lymphoid",)))
    for one in (first, second):
        await pools.admit(db, keeper, pool, one.person_id)
    day = db.clock().date() + timedelta(days=30)
    nights = Pattern(
        territory="32",
        days=frozenset(range(7)),
        begins=time(18),
        ends=time(8),
        first=day,
        last=day + timedelta(days=1),
    )
    await duties.enter(db, keeper, pool, first.person_id, PHONE, nights)
    async with db.read() as reader:
        tonight, tomorrow = await duties.of_person(reader, first.person_id)
    return {
        "pool": pool,
        "duty": tonight.id,
        "swap": await duty_swaps.ask(db, first, tomorrow.id, second.person_id),
        "colleague": second.person_id,
        "rule": await rules.make(db, keeper, rules.Wanted(effect=Effect.REGIONAL_FIRST, organ="skin")),
    }
