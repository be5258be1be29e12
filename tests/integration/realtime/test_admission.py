"""realtime/admission.py on both databases: what ends a stay."""

from datetime import timedelta

import msgspec

from auth import administration
from realtime import admission
from realtime.close_codes import CloseCode
from telepath import standing
from telepath.actor import Actor
from telepath.db.transaction import Reader
from tests.rooms import Ward


async def why_not(reader: Reader, actor: Actor, room: str) -> CloseCode | None:
    (found,) = await admission.look(reader, [actor], room)
    return found.over


async def test_a_membership_that_ended_ends_the_stay(ward: Ward) -> None:
    room = await ward.room()
    lea = ward.actor("lea")
    async with ward.db.write(ward.actor("zoe")) as tx:
        await administration.set_membership(tx, lea.person_id, lea.institution_id, [])
    async with ward.db.read() as reader:
        assert await why_not(reader, lea, room) is CloseCode.SESSION_ENDED
    await ward.sign_in("lea", "a cookie of a login that was under way")
    lea = ward.actor("lea")
    async with ward.db.read() as reader:
        # Though invited by name: without a membership nobody has a right of their own.
        assert await why_not(reader, lea, room) is CloseCode.RIGHT_WITHDRAWN
        found = await standing.of(
            reader, msgspec.structs.replace(lea, groups=frozenset("g"), stands_for=frozenset("p"))
        )
        assert found is not None
        assert (found.roles, found.groups, found.stands_for) == (frozenset(), frozenset(), frozenset())


async def test_what_ends_a_stay(ward: Ward) -> None:
    room = await ward.room()

    async def verdict(key: str) -> CloseCode | None:
        async with ward.db.read() as reader:
            return await why_not(reader, ward.actor(key), room)

    assert await verdict("paul") is None
    assert await verdict("max") is CloseCode.RIGHT_WITHDRAWN
    async with ward.db.write(ward.actor("zoe"), unaudited="a test's world") as tx:
        await tx.revoke("consult", "c" * 26)
    assert await verdict("paul") is CloseCode.RIGHT_WITHDRAWN, "the invitation alone opens no slide"
    await ward.sign_out("zoe")
    assert await verdict("zoe") is CloseCode.SESSION_ENDED
    now = ward.db.clock()
    ward.db.clock = lambda: now + timedelta(hours=4)
    assert await verdict("lea") is CloseCode.SESSION_ENDED
