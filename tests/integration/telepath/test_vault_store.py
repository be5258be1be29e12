"""The vault's keys in the database: one for each subject whoever asks first, none after it was destroyed."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select, text

from telepath.access import ObjectRef
from telepath.actor import SYSTEM, Actor, Subject
from telepath.audit import AuditRecord
from telepath.db import vault_store
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending, subject_key
from telepath.vault import Vault
from tests.builders import MASTER_KEY, Clock

ZOE = Subject("person", "zoe")
CASE = Subject("case", "one")
FIELDS = {"address": "203.0.113.7"}
SOMEBODY_WAITS = select(text("count(*) FROM pg_locks WHERE NOT granted"))


async def closed(db: Database, subject: Subject = ZOE, context: str = "record-1") -> str:
    async with db.write(SYSTEM, unaudited="a test's world") as tx:
        return await tx.keys.closed(tx.connection, tx.now, subject, context, FIELDS)


async def keys(db: Database, *subjects: Subject) -> dict[Subject, bytes]:
    async with db.read() as reader:
        return await db.keys.of(reader.connection, subjects)


async def destroy(db: Database, subject: Subject = ZOE) -> bool:
    async with db.write(SYSTEM, unaudited="a test's world") as tx:
        return await tx.keys.destroy(tx.connection, tx.now, subject)


async def test_what_one_node_wrote_another_one_reads(database: Database, database_url: str) -> None:
    first, second = await closed(database), await closed(database, context="record-2")
    other = Database(database_url, MASTER_KEY)
    found = await keys(other, ZOE, CASE)
    await other.close()
    assert set(found) == {ZOE}
    assert [Vault.opened(found[ZOE], f"record-{n}", text) for n, text in ((1, first), (2, second))] == [FIELDS, FIELDS]


async def test_two_transactions_at_once_make_one_key(database: Database, database_url: str) -> None:
    others = [Database(database_url, MASTER_KEY) for _ in range(4)]
    texts = await asyncio.gather(*(closed(db) for db in (database, *others)))
    found = await keys(database, ZOE)
    for db in others:
        await db.close()
    assert [Vault.opened(found[ZOE], "record-1", text) for text in texts] == [FIELDS] * 5


async def test_a_transaction_that_began_second_waits_for_the_key_of_the_first(
    database: Database, database_url: str
) -> None:
    """Both have found no key before either made one: PostgreSQL, where two write at a time."""
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    other = Database(database_url, MASTER_KEY)
    async with database.write(SYSTEM, unaudited="a test's world") as tx:
        first = await tx.keys.closed(tx.connection, tx.now, ZOE, "record-1", FIELDS)
        waiting = asyncio.create_task(closed(other))
        async with database.read() as reader:
            while not await reader.scalar(SOMEBODY_WAITS):
                pass
    second = await waiting
    found = await keys(other, ZOE)
    await other.close()
    assert Vault.opened(found[ZOE], "record-1", first) == Vault.opened(found[ZOE], "record-1", second) == FIELDS


async def test_a_key_whose_transaction_failed_is_not_remembered(database: Database) -> None:
    with pytest.raises(RuntimeError, match="before the commit"):
        async with database.write(SYSTEM, unaudited="a test's world") as tx:
            await tx.keys.closed(tx.connection, tx.now, ZOE, "record-1", FIELDS)
            await tx.keys.closed(tx.connection, tx.now, ZOE, "record-2", FIELDS)  # finds what the first one made
            raise RuntimeError("before the commit")
    assert await keys(database, ZOE) == {}
    text = await closed(database)
    assert Vault.opened((await keys(database, ZOE))[ZOE], "record-1", text) == FIELDS


async def test_an_erasure_that_failed_is_not_remembered(database: Database) -> None:
    await closed(database)
    with pytest.raises(RuntimeError, match="before the commit"):
        async with database.write(SYSTEM, unaudited="a test's world") as tx:
            await tx.keys.destroy(tx.connection, tx.now, ZOE)
            assert await tx.keys.closed(tx.connection, tx.now, ZOE, "record-2", FIELDS) == ""
            raise RuntimeError("before the commit")
    assert await closed(database) != ""


async def test_after_a_key_was_destroyed_nothing_is_read_and_nothing_more_is_kept(database: Database) -> None:
    await closed(database)
    await closed(database, CASE)
    assert await destroy(database)
    assert await closed(database) == ""
    assert set(await keys(database, ZOE, CASE)) == {CASE}
    assert not await destroy(database)
    async with database.read() as reader:
        row = await reader.one(select(subject_key).where(subject_key.c.id == "zoe"))
    assert row["wrapped"] is None
    assert row["destroyed_at"] is not None


async def test_who_had_no_key_yet_gets_none_after_being_erased(database: Database) -> None:
    assert not await destroy(database)
    assert await closed(database) == ""
    assert await keys(database, ZOE) == {}


async def test_a_key_that_is_being_made_while_its_subject_is_erased_is_destroyed_too(
    database: Database, database_url: str
) -> None:
    other = Database(database_url, MASTER_KEY)
    async with database.write(SYSTEM, unaudited="a test's world") as tx:
        await tx.keys.closed(tx.connection, tx.now, ZOE, "record-1", FIELDS)
        erasing = asyncio.create_task(destroy(other))
        if not database.is_sqlite:  # which has one writer at a time
            async with database.read() as reader:
                while not await reader.scalar(SOMEBODY_WAITS):
                    pass
    await erasing
    assert await keys(other, ZOE) == {}
    assert await closed(other) == ""
    await other.close()


async def test_another_node_stops_writing_under_a_destroyed_key_within_a_minute(
    database: Database, database_url: str
) -> None:
    clock = Clock()
    other = Database(database_url, MASTER_KEY, clock=clock)
    await closed(other)
    clock.advance(seconds=1)  # what was made at this very moment may not be committed yet
    await closed(other)
    key = (await keys(other, ZOE))[ZOE]
    await destroy(database)
    late = await closed(other)  # still under the key that it remembers, and that nobody can ever read again
    assert Vault.opened(key, "record-1", late) == FIELDS
    assert await keys(other, ZOE) == {}
    clock.now += vault_store.KEPT_FOR + timedelta(seconds=1)
    assert await closed(other) == ""
    await other.close()


async def test_another_master_key_opens_nothing_and_writes_nothing(database: Database, database_url: str) -> None:
    await closed(database)
    other = Database(database_url, bytes(32))
    assert await keys(other, ZOE) == {}
    with pytest.raises(ValueError, match="not wrapped by this vault"):
        await closed(other)
    await other.close()


async def test_a_key_that_is_damaged_or_of_another_subject_closes_no_others_and_is_told(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await closed(database)
    async with database.write(SYSTEM, unaudited="a forger at work") as tx:
        wrapped = await tx.scalar(select(subject_key.c.wrapped))
        await tx.insert(subject_key, kind="person", id="karim", wrapped=wrapped, made_at=tx.now)
        await tx.insert(subject_key, kind="person", id="adele", wrapped=b"damaged", made_at=tx.now)
    assert set(await keys(database, ZOE, Subject("person", "karim"), Subject("person", "adele"))) == {ZOE}
    (told,) = [record.getMessage() for record in caplog.records]
    assert told.startswith("2 keys of the vault cannot be unwrapped")


async def test_many_subjects_are_asked_for_at_once(database: Database) -> None:
    many = [Subject("person", f"p{number}") for number in range(450)]
    async with database.write(SYSTEM, unaudited="a test's world") as tx:
        for one in many:
            await tx.keys.closed(tx.connection, tx.now, one, "record-1", FIELDS)
    assert set(await keys(database, *many, ZOE)) == set(many)


async def test_a_record_keeps_who_from_where_and_what_was_said_under_two_keys(database: Database) -> None:
    zoe = Actor(person_id="zoe", name="", institution_id="there", subject_name_id="899700421102", address="203.0.113.7")
    async with database.write(zoe) as tx:
        await tx.audit("case.changed", ObjectRef("case", "one", "there", case_id="one"), private={"title": "Ganglion"})
    async with database.read() as reader:
        record = msgspec.convert(await reader.scalar(select(audit_pending.c.record)), AuditRecord)
    found = await keys(database, record.actor_subject, record.case_subject)
    assert Vault.opened(found[ZOE], record.id, record.actor_private) == {
        "subject_name_id": "899700421102",
        "address": "203.0.113.7",
    }
    assert Vault.opened(found[CASE], record.id, record.case_private) == {"title": "Ganglion"}
    assert "Ganglion" not in msgspec.json.encode(record).decode()
