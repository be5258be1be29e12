"""telepath/db: one transaction carries its rows, its audit, its rights and its events."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from telepath import grants
from telepath.access import Action, ObjectRef, Right
from telepath.actor import SYSTEM, Actor
from telepath.db import outbox
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.outbox import outbox as outbox_table
from telepath.errors import AuditMissing, Refused, Unavailable
from tests.builders import MASTER_KEY

SLIDE = ObjectRef("slide", "s" * 26, "i" * 26)
EXPERT = Actor(person_id="p" * 26, name="Dr Essai", institution_id="e" * 26)


async def test_a_change_without_its_audit_record_is_undone(database: Database) -> None:
    with pytest.raises(AuditMissing):
        async with database.write(SYSTEM) as tx:
            await tx.emit("room.invited", person="p")
    async with database.read() as reader:
        assert await reader.all(select(outbox_table)) == []


async def test_an_error_undoes_rows_audit_rights_and_events_together(database: Database) -> None:
    with pytest.raises(RuntimeError, match="on purpose"):
        async with database.write(SYSTEM) as tx:
            await tx.grant(("person", EXPERT.person_id), ("slide", SLIDE.id), [Right.VIEW], because="x", because_id="y")
            await tx.audit("slide.viewed", SLIDE)
            await tx.emit("room.invited", person="p")
            raise RuntimeError("on purpose")
    async with database.read() as reader:
        assert await reader.all(select(audit_pending)) == []
        assert await reader.all(select(outbox_table)) == []
        assert await grants.held_by(reader, EXPERT) == []


async def test_a_right_lasts_from_grant_to_revocation(database: Database) -> None:
    async def ask() -> str:
        async with database.read() as reader:
            return (await grants.require(reader, EXPERT, Action.SLIDE_VIEW, SLIDE)).because

    with pytest.raises(Refused):
        await ask()
    async with database.write(SYSTEM) as tx:
        await tx.grant(
            ("person", EXPERT.person_id), ("slide", SLIDE.id), [Right.VIEW], because="consult", because_id="c"
        )
        await tx.audit("consult.requested")
    assert await ask() == "consult"
    async with database.write(SYSTEM) as tx:
        await tx.revoke("consult", "c")
        await tx.audit("consult.revoked")
    with pytest.raises(Refused):
        await ask()


async def test_two_writers_at_once_lose_nothing(database: Database) -> None:
    async def write(number: int) -> None:
        async with database.write(SYSTEM) as tx:
            await tx.emit("thread.written", number=number)
            await tx.audit("thread.written")

    await asyncio.gather(*(write(number) for number in range(40)))
    claimed = await outbox.claim(database)
    assert sorted(event.body["number"] for event in claimed) == list(range(40))


async def test_an_event_is_claimed_by_one_and_gone_when_done(database: Database) -> None:
    async with database.write(SYSTEM, unaudited="a test") as tx:
        await tx.emit("room.invited", person="p")
    first, second = await asyncio.gather(outbox.claim(database), outbox.claim(database))
    assert len(first) + len(second) == 1
    event = (first or second)[0]
    await outbox.done(database, event.position)
    async with database.read() as reader:
        assert await reader.all(select(outbox_table)) == []


async def test_a_read_sees_one_instant_whatever_is_committed_meanwhile(database: Database) -> None:
    async with database.read() as reader:
        assert await reader.all(select(outbox_table)) == []
        async with database.write(SYSTEM, unaudited="a test") as tx:
            await tx.emit("room.invited", person="p")
        assert await reader.all(select(outbox_table)) == []
    async with database.read() as reader:
        assert len(await reader.all(select(outbox_table))) == 1


async def test_who_waits_in_vain_for_a_connection_is_told_that_the_database_is_unavailable(database: Database) -> None:
    pool = database.engine.pool
    pool._timeout = 0.05  # type: ignore[attr-defined]
    async with AsyncExitStack() as held:
        with pytest.raises(Unavailable):
            while True:
                await held.enter_async_context(database.read())
    async with database.read() as reader:
        assert await reader.all(select(outbox_table)) == []


async def test_an_error_of_the_database_does_not_repeat_what_was_typed(database: Database) -> None:
    with pytest.raises(SQLAlchemyError) as failed:
        async with database.write(SYSTEM, unaudited="a test") as tx:
            await tx.execute(text("SELECT nothing FROM nowhere WHERE a = :typed"), [{"typed": "rectorragies"}])
    assert "rectorragies" not in str(failed.value)


async def test_who_stands_still_in_a_transaction_holds_nothing_for_long(postgres_url: str) -> None:
    """As a node does that hangs: its sockets stand, its transactions too."""
    one, other = Database(postgres_url, MASTER_KEY), Database(postgres_url, MASTER_KEY)
    lock = text("SELECT pg_advisory_xact_lock(7)")
    try:
        with pytest.raises(Unavailable):
            async with one.write(SYSTEM, unaudited="a test", pause=0.2) as hangs:
                await hangs.execute(lock)
                async with other.write(SYSTEM, unaudited="a test") as waits:
                    await waits.execute(lock)
                await hangs.execute(lock)
        async with one.write(SYSTEM, unaudited="a test") as again:
            await again.execute(lock)
    finally:
        await one.close()
        await other.close()
