"""A process of the service with nothing but its audit: writes, seals, signs and copies outside as fast as it can."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import msgspec
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from telepath.access import ObjectRef
from telepath.actor import Actor, Role
from telepath.anchors.folder import FolderAnchor
from telepath.anchors.model import Head
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.errors import Unavailable
from tests.builders import MASTER_KEY
from tests.soak.points import CHANGE, READING, VIEWS, Point, Trap

LOG: Final = "soak.test/audit"
KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CASE: Final = ObjectRef("case", "c" * 26, "i" * 26)
VIEWS_AT_ONCE: Final = 20


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """One process from its start to its end."""

    url: str
    anchor: str
    """The folder outside."""
    name: str
    days: int
    """By how many days its clock is ahead: years pass, and trees are opened."""
    point: Point | None
    """None: it goes on until somebody else ends it."""
    nth: int


def live(life: Life, tell: Connection) -> None:
    """The body of the process. ``tell`` hears ``ack MARK``, ``note TEXT`` and, right before its end, ``trap``."""
    uvloop.run(_live(life, tell))


async def _live(life: Life, tell: Connection) -> None:
    db = Database(life.url, MASTER_KEY, clock=lambda: datetime.now(UTC) + timedelta(days=life.days))
    if life.point is not None:
        trap = Trap(life.point, life.nth, lambda: tell.send_bytes(b"trap"))
        trap.arm(db.engine.sync_engine, db._writer.sync_engine)
    node = _Node(db, life, tell)
    works = [node.change] * 3 + [node.read] * 3 + [node.view, node.seal, node.sign]
    await asyncio.gather(*(node.again_and_again(work, number) for number, work in enumerate(works)))


class _Node:
    def __init__(self, db: Database, life: Life, tell: Connection) -> None:
        self._db = db
        self._name = life.name
        self._tell = tell
        self._made = 0
        self._held: dict[str, int] = {}
        self._anchor = FolderAnchor(Path(life.anchor), "outside", timedelta())

    async def again_and_again(self, work: Callable[[Actor], Awaitable[None]], number: int) -> None:
        """A database that is away for a while (its server was ended) is asked again: the work was not acknowledged."""
        times = 0
        while True:
            # Somebody new now and then: their key is made with their first record.
            times += 1
            person = f"{self._name}-{number}-{times // 20}"
            actor = Actor(
                person_id=person,
                name="Dr Essai",
                institution_id="i" * 26,
                roles=frozenset({Role.EXPERT}),
                subject_name_id="899700000001",
                address="192.0.2.7",
            )
            try:
                await work(actor)
            except Unavailable:
                await asyncio.sleep(0.05)

    def _mark(self) -> str:
        self._made += 1
        return f"{self._name}-{self._made}"

    def _acknowledge(self, *marks: str) -> None:
        for mark in marks:
            self._tell.send_bytes(f"ack {mark}".encode())

    async def change(self, actor: Actor) -> None:
        mark = self._mark()
        async with self._db.write(actor) as tx:
            await tx.emit(CHANGE, mark=mark)
            await tx.audit(CHANGE, CASE, mark=mark)
        self._acknowledge(mark)

    async def read(self, actor: Actor) -> None:
        mark = self._mark()
        await self._db.record(actor, READING, CASE, mark=mark)
        self._acknowledge(mark)

    async def view(self, actor: Actor) -> None:
        marks = [self._mark() for _ in range(VIEWS_AT_ONCE)]
        async with self._db.write(actor) as tx:
            for mark in marks:
                await tx.audit(VIEWS, CASE, mark=mark)
        self._acknowledge(*marks)

    async def seal(self, _actor: Actor) -> None:
        if not await audit_log.seal(self._db, LOG):
            await asyncio.sleep(0.01)

    async def sign(self, _actor: Actor) -> None:
        note = await audit_log.checkpoint(self._db, LOG, KEY)
        if note is not None:
            self._tell.send_bytes(f"note {note}".encode())
            async with self._db.read() as reader:
                newest = await audit_log.newest_checkpoint(reader)
            assert newest is not None
            head = Head(shard=newest.shard, note=newest.note, at=newest.at, prove=_none)
            await self._anchor.put(head, self._held.get(head.shard, 0))
            self._held[head.shard] = newest.size
        await asyncio.sleep(0.02)


async def _none(_size: int) -> list[bytes]:
    return []
