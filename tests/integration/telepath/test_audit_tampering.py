"""telepath/db/audit_check.py against who may write everything in the database: eight kinds of tampering, at random places.

The owner of the tables tampers, and knows how the log is made: what follows from an alteration is made to fit, as far as that
needs no signature. Each is undone by its own transaction."""

import json
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert, select, update

from telepath.access import ObjectRef
from telepath.actor import SYSTEM
from telepath.audit import Frontier, leaf_hash, parse_note
from telepath.checkpoints import signed_checkpoint
from telepath.db import audit_check, audit_log
from telepath.db.audit_check import Verdict
from telepath.db.database import Database
from telepath.db.schema.audit import audit_checkpoint, audit_shard
from telepath.db.schema.audit import audit_log as log
from telepath.db.transaction import Reader, Transaction

LOG: Final = "audit.test"
RECORDS: Final = 24
EACH: Final = 63
"""Of each kind, in each of the two databases."""
COLUMNS: Final = ("kind", "outcome", "actor", "institution", "object_kind", "object_id", "case_id", "owner")
KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
Row = dict[str, Any]


class _Undone(Exception):
    """Ends a transaction without a trace."""


async def fill(db: Database) -> list[str]:
    """Return every signed head: somebody outside holds them."""
    notes = []
    for number in range(RECORDS):
        async with db.write(SYSTEM) as tx:
            await tx.audit("slide.viewed", ObjectRef("slide", f"{number:026d}", "i" * 26), number=number)
        await audit_log.seal_all(db, LOG)
        if number % 3 == 2:
            notes.append(await audit_log.checkpoint(db, LOG, KEY))
    return [note for note in notes if note]


async def verdict(reader: Reader, notes: Sequence[str]) -> Verdict:
    return await audit_check.verify(reader, [KEY.public_key().public_bytes_raw()], notes)


async def rows_of(tx: Transaction) -> list[Row]:
    return [dict(row) for row in await tx.all(select(log).order_by(log.c.seq))]


def with_body(row: Row, change: Row) -> Row:
    """The row with another body, and with the leaf hash and the columns that go with it."""
    said = json.loads(row["body"]) | change
    body = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return (
        row
        | {name: said[name] for name in COLUMNS}
        | {"body": body, "leaf": leaf_hash(body.encode()), "seq": said["seq"]}
    )


async def put(tx: Transaction, rows: Sequence[Row]) -> None:
    """Let the log be these rows, and the kept edge of its tree theirs."""
    await tx.execute(delete(log))
    await tx.execute(insert(log), rows)
    frontier = Frontier()
    for row in rows:
        frontier.append(row["leaf"])
    hashes = [digest.hex() for digest in frontier.hashes]
    await tx.execute(update(audit_shard).values(size=frontier.size, hashes=hashes))


async def edit(tx: Transaction, chance: random.Random) -> None:
    rows, at = await rows_of(tx), chance.randrange(1, RECORDS + 1)
    name = chance.choice(COLUMNS)
    if chance.random() < 0.5:  # a copy alone
        await tx.execute(update(log).where(log.c.seq == at).values({name: "forged"}))
        return
    rows[at] = with_body(rows[at], {name: "forged"})
    await put(tx, rows)


async def cut_out(tx: Transaction, chance: random.Random) -> None:
    rows, at = await rows_of(tx), chance.randrange(RECORDS)
    if chance.random() < 0.5:
        await tx.execute(delete(log).where(log.c.seq == at))
        return
    del rows[at]
    await put(tx, numbered(rows))


async def put_in(tx: Transaction, chance: random.Random) -> None:
    rows, at = await rows_of(tx), chance.randrange(1, RECORDS)
    made = with_body(rows[at], {"actor": "forged", "id": "f" * 26})
    rows.insert(at, made)
    await put(tx, numbered(rows))


async def exchange(tx: Transaction, chance: random.Random) -> None:
    rows, (one, other) = await rows_of(tx), chance.sample(range(RECORDS + 1), 2)
    rows[one], rows[other] = rows[other], rows[one]
    if chance.random() < 0.5:  # each keeps the place that it says
        rows = [row | {"seq": seq} for seq, row in enumerate(rows)]
    await put(tx, numbered(rows) if chance.random() < 0.5 else [row | {"seq": seq} for seq, row in enumerate(rows)])


async def cut_off(tx: Transaction, chance: random.Random) -> None:
    """With the heads that speak of more, so that nothing in the database tells."""
    at = chance.randrange(1, RECORDS + 1)
    await put(tx, (await rows_of(tx))[:at])
    await tx.execute(delete(audit_checkpoint).where(audit_checkpoint.c.size > at))


async def repeat(tx: Transaction, chance: random.Random) -> None:
    rows, (one, other) = await rows_of(tx), chance.sample(range(RECORDS + 1), 2)
    if chance.random() < 0.5:  # in the place of another
        rows[other] = rows[one]
    else:
        rows.insert(other, rows[one])
    await put(tx, numbered(rows) if chance.random() < 0.5 else [row | {"seq": seq} for seq, row in enumerate(rows)])


async def flip(tx: Transaction, chance: random.Random) -> None:
    rows, at = await rows_of(tx), chance.randrange(RECORDS + 1)
    if chance.random() < 0.5:
        leaf = bytearray(rows[at]["leaf"])
        leaf[chance.randrange(32)] ^= 1 << chance.randrange(8)
        await tx.execute(update(log).where(log.c.seq == at).values(leaf=bytes(leaf)))
        return
    body = bytearray(rows[at]["body"].encode())
    body[chance.randrange(len(body))] ^= 1 << chance.randrange(
        4
    )  # no NUL: no character of JSON has but one of these bits
    await tx.execute(update(log).where(log.c.seq == at).values(body=body.decode()))


async def rewrite(tx: Transaction, chance: random.Random) -> None:
    """All of it, signed anew by the right key: only the heads that are held outside are of the other history."""
    rows, at = await rows_of(tx), chance.randrange(1, RECORDS + 1)
    rows[at] = with_body(rows[at], {"object_id": "forged"})
    await put(tx, rows)
    for head in await tx.all(select(audit_checkpoint)):
        old, frontier = parse_note(head["note"]), Frontier()
        for row in rows[: old.size]:
            frontier.append(row["leaf"])
        note = signed_checkpoint(KEY, LOG, old.origin, old.size, frontier.root())
        await tx.execute(update(audit_checkpoint).where(audit_checkpoint.c.size == old.size).values(note=note))
    assert (await verdict(tx, [])).problems == ()


def numbered(rows: Sequence[Row]) -> list[Row]:
    """With the places that they would have, in column and body."""
    return [with_body(row, {"seq": seq}) for seq, row in enumerate(rows)]


KINDS: Final[dict[str, Callable[[Transaction, random.Random], Awaitable[None]]]] = {
    "edit": edit,
    "delete": cut_out,
    "insert": put_in,
    "swap": exchange,
    "truncate": cut_off,
    "duplicate": repeat,
    "bit flip": flip,
    "rewrite": rewrite,
}


@pytest.mark.slow
async def test_every_tampering_in_the_database_is_caught(database: Database, owner: Database) -> None:
    notes = await fill(database)
    assert len(notes) == RECORDS / 3
    for kind, tamper in KINDS.items():
        chance, caught = random.Random(f"database {kind}"), 0
        for number in range(EACH):
            with pytest.raises(_Undone):
                async with owner.write(SYSTEM, unaudited="a crime") as tx:
                    await tamper(tx, chance)
                    found = await verdict(tx, notes)
                    raise _Undone
            assert found.problems, (kind, number)
            caught += 1
        assert caught == EACH
    async with database.read() as reader:
        assert await verdict(reader, notes) == Verdict(
            records=RECORDS + 1, checkpoints=len(notes), anchored=len(notes), problems=()
        )


def test_a_thousand_tamperings_are_tried_over_both_databases() -> None:
    assert 2 * EACH >= 125
    assert 2 * EACH * len(KINDS) >= 1000
