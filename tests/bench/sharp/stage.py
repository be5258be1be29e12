"""What is measured: a slide, a node that serves it, people in a room, and the presenter who plays the script."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Self

import msgspec

from realtime import opening
from realtime.frames import UNITS_PER_PX, Target
from telepath import grants
from telepath.access import Action
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.slides import capability, ingest, views
from telepath.slides.catalogue import Slide
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from tests.bench.sharp.network import HERE
from tests.bench.sharp.script import HERTZ, LASTS, Field, Move
from tests.bench.tiles import servers
from tests.bench.tiles.servers import Server
from tests.bench.tiles.slides import BenchSlide
from tests.builders import MASTER_KEY
from tests.rooms import Guest, Ward

KEY: Final = bytes(range(32))


class Stage:
    """The database, its people and the slide; nodes are processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.data.mkdir()
        self._url = f"sqlite+aiosqlite:///{self.data / 'telepath.db'}"

    async def __aenter__(self) -> Self:
        await upgrade(self._url)
        self.db = Database(self._url, MASTER_KEY)
        self.ward = await Ward(self.db).build()
        path = await asyncio.to_thread(BenchSlide(covered=1).write_generic, self.folder / "slide.tiff")
        storage = LocalStorage(self.data / "slides")
        async with DecoderPool(storage, 1) as decoders:
            zoe = self.ward.actor("zoe")
            self.slide: Slide = await ingest.add(
                self.db, storage, decoders, zoe, path, case_id=self.ward.case, institution_id=zoe.institution_id
            )
        path.unlink()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.db.close()

    @asynccontextmanager
    async def node(self) -> AsyncIterator[Server]:
        """One that the browser reaches over the line."""
        environment = {
            "TELEPATH_DATA": str(self.data),
            "TELEPATH_HOST": "0.0.0.0",  # noqa: S104  # in a namespace of its own
            "TELEPATH_SECRET_KEY": KEY.hex(),
            "TELEPATH_VAULT_KEY": MASTER_KEY.hex(),
            "TELEPATH_LOG_LEVEL": "warning",
        }
        with servers.telepath(self.folder, environment, core=None, at=HERE) as server:
            yield server

    async def room(self) -> str:
        """A new one on the slide; Zoé presents, Léa may come."""
        return await opening.open_room(
            self.db, self.ward.actor("zoe"), self.slide.id, invited=[self.ward.person("lea")]
        )

    async def tile_cookie(self) -> str:
        """What opens the slide's tiles for Léa, from a view that was allowed and audited."""
        lea = self.ward.actor("lea")
        async with self.db.write(lea) as tx:
            allowed = await grants.require(tx, lea, Action.SLIDE_VIEW, self.slide.ref)
            view = await views.open_view(tx, self.slide, allowed)
        return capability.mint(KEY, view.capability)


class Sent(msgspec.Struct, frozen=True):
    """A move that was played; the stream, number and Unix time (s) of its last message."""

    move: Move
    stream: int
    sequence: int
    at: float

    @property
    def milliseconds(self) -> float:
        return self.at * 1000


class Teller:
    """Tells followers a field, by whatever way."""

    stream = 0
    """Of its messages."""

    async def tell(self, field: Field, end: Field, left: float) -> int:
        """``field`` as it is now, ``end`` where it will be after ``left`` seconds. Returns the number of the message."""
        raise NotImplementedError

    async def play(self, move: Move) -> Sent:
        begun = time.monotonic()
        steps = 0 if move.jumps else round(LASTS * HERTZ)
        for step in range(1, steps):
            elapsed = step / HERTZ
            await asyncio.sleep(begun + elapsed - time.monotonic())
            await self.tell(move.at(elapsed), move.end, LASTS - elapsed)
        if steps:
            await asyncio.sleep(begun + LASTS - time.monotonic())
        at = time.time()
        sequence = await self.tell(move.end, move.end, 0)
        return Sent(move, self.stream, sequence, at)


class Presenter(Teller):
    """Zoé in the room, beside the server."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self.stream = guest.you

    async def tell(self, field: Field, end: Field, left: float) -> int:
        units = [round(value * UNITS_PER_PX) for value in (field.x, field.y, *field.size)]
        aim = [round(value * UNITS_PER_PX) for value in (end.x, end.y, *end.size)]
        frame = self._guest.viewport(
            x=units[0],
            y=units[1],
            width=units[2],
            height=units[3],
            time=round(time.monotonic() * 1000) % 2**32,
            target=Target(aim[0], aim[1], aim[2], aim[3], 0, round(left * 1000)) if left > 0 else None,
        )
        await self._guest.send(frame)
        return frame.sequence


async def pin(guest: Guest, field: Field) -> None:
    """A line of the thread with this field, as somebody says where to look."""
    width, height = field.size
    view = {"x": field.x, "y": field.y, "width": width, "height": height}
    answer = await guest.operate("say", text="Ici.", view=view)
    assert answer["type"] == "ack", answer


@asynccontextmanager
async def presenting(origin: str, room: str) -> AsyncIterator[Guest]:
    """Zoé in the room, which she closes: who opens one while somebody is still there is let into the same."""
    async with Guest(origin, "zoe", room) as guest:
        try:
            yield guest
        finally:
            await guest.say({"type": "op", "id": "the-bench-is-over", "act": {"kind": "close"}})
            await guest.closed()
