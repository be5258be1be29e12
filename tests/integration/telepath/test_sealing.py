"""Sealing, whatever happens at once: two nodes write, seal and sign while years pass, and the log stays one gapless chain."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import combinations, count, pairwise
from random import Random

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from telepath.access import ObjectRef
from telepath.actor import SYSTEM
from telepath.audit import extends, includes, parse_note
from telepath.db import audit_check, audit_log
from telepath.db.database import Database
from telepath.db.schema.audit import audit_checkpoint
from telepath.db.schema.audit import audit_log as log
from tests.builders import MASTER_KEY, Clock
from tests.running import in_its_own_loop

LOG = "audit.test"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SLIDE = ObjectRef("slide", "s" * 26, "i" * 26)
PROOFS = 40


class Round(msgspec.Struct, frozen=True):
    """What both nodes do at once."""

    changes: tuple[int, int]
    """Transactions of each node; the n-th has n % 4 + 1 records."""
    alone: tuple[int, int]
    seals: tuple[int, int]
    signs: tuple[int, int]
    days: int
    """That pass before it."""


pair = st.tuples(st.integers(0, 6), st.integers(0, 6))
rounds = st.lists(
    st.builds(
        Round, pair, pair, pair, st.tuples(st.integers(0, 2), st.integers(0, 2)), st.sampled_from([0, 0, 1, 200, 366])
    ),
    min_size=1,
    max_size=5,
)


class Ward:
    """Two nodes on one database, and what they were told was committed."""

    def __init__(self, url: str) -> None:
        self.clock = Clock()
        self.nodes = [Database(url, MASTER_KEY, clock=self.clock) for _ in range(2)]
        self.marks = count()
        self.committed: list[int] = []

    async def run(self, plan: list[Round]) -> None:
        for step in plan:
            self.clock.advance(days=step.days)
            works = list[Awaitable[object]]()
            for node, db in enumerate(self.nodes):
                works += [self.change(db, number) for number in range(step.changes[node])]
                works += [self.alone(db) for _ in range(step.alone[node])]
                works += [audit_log.seal(db, LOG) for _ in range(step.seals[node])]
                works += [audit_log.checkpoint(db, LOG, KEY) for _ in range(step.signs[node])]
            await asyncio.gather(*works)
        await asyncio.gather(*(audit_log.seal_all(db, LOG) for db in self.nodes))
        await audit_log.checkpoint(self.nodes[0], LOG, KEY)

    async def change(self, db: Database, number: int) -> None:
        marks = [next(self.marks) for _ in range(number % 4 + 1)]
        async with db.write(SYSTEM) as tx:
            for mark in marks:
                await tx.audit("case.changed", SLIDE, mark=mark)
        self.committed += marks

    async def alone(self, db: Database) -> None:
        mark = next(self.marks)
        await db.record(SYSTEM, "case.viewed", SLIDE, mark=mark)
        self.committed.append(mark)

    async def check(self, chance: Random) -> None:
        async with self.nodes[1].read() as reader:
            rows = await reader.all(select(log).order_by(log.c.seq))
            trees = await audit_log.shards(reader)
            heads = [parse_note(row["note"]) for row in await reader.all(select(audit_checkpoint))]
            bodies = [msgspec.json.decode(row["body"]) for row in rows]
            assert [row["seq"] for row in rows] == [body["seq"] for body in bodies] == list(range(len(rows)))
            marks = [body["detail"]["mark"] for body in bodies if body["kind"] != "audit.tree-opened"]
            assert sorted(marks) == sorted(self.committed)
            _chained(trees, bodies)
            for tree in trees:
                signed = sorted((one for one in heads if one.origin == tree.origin), key=lambda one: one.size)
                for old, new in combinations(signed, 2):
                    proof = await audit_log.consistency_proof(reader, tree, old.size, new.size)
                    assert extends(old.root, old.size, new.root, new.size, proof)
                for _ in range(PROOFS if signed else 0):
                    head = chance.choice(signed)
                    index = chance.randrange(head.size)
                    proof = await audit_log.inclusion_proof(reader, tree, index, head.size)
                    assert includes(head.root, head.size, index, rows[tree.start + index]["leaf"], proof)
            verdict = await audit_check.verify(reader, [KEY.public_key().public_bytes_raw()])
            assert verdict.problems == ()
            assert verdict.records == len(rows)


def _chained(trees: list[audit_log.Shard], bodies: list[dict[str, object]]) -> None:
    """Every tree begins where the one before ends, by a record that names its head."""
    for tree in trees:
        assert bodies[tree.start]["kind"] == "audit.tree-opened"
    for before, after in pairwise(trees):
        assert after.start == before.end
        opening = bodies[after.start]["detail"]
        assert isinstance(opening, dict)
        assert (opening["before"], opening["size"]) == (before.name, before.size)
        assert opening["root"] == before.frontier.root().hex()
    assert len(bodies) == (trees[-1].end if trees else 0)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(plan=rounds, seed=st.integers(0, 2**32))
def test_whatever_happens_at_once_the_log_is_one_gapless_chain(
    new_database: Callable[[], str], plan: list[Round], seed: int
) -> None:
    async def run() -> None:
        ward = Ward(new_database())
        try:
            await ward.run(plan)
            await ward.check(Random(seed))
        finally:
            for node in ward.nodes:
                await node.close()

    in_its_own_loop(run())
