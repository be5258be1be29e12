"""People in live rooms: their sessions, a node that serves nothing but rooms, and WebSocket clients that obey the protocol."""

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from types import SimpleNamespace, TracebackType
from typing import Any, Self

import msgspec
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.types import ASGIApp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from auth import links
from auth import repository as logins
from auth.bearer import digest
from auth.links import Wish
from realtime import frames, ledger, opening, tile_frames
from realtime.bus import Bus
from realtime.frames import AckRecord, Frame, PointerFrame, ViewportFrame
from realtime.hub import Hub
from realtime.tile_frames import CompleteFrame, TileFrame
from telepath.access import Right
from telepath.actor import Actor, Role
from telepath.db.database import Database, utc_now
from telepath.db.schema.audit import audit_log, audit_pending
from tests.builders import World, session_of
from web.errors import handlers
from web.middleware import layers
from web.rendering import Pages
from web.routes import rooms
from web.server import Server, server_of
from web.settings import Settings
from web.tiles import TileService
from web.words import Words

PATIENCE = 20.0
"""Seconds after which what should have come is missing."""


async def until(condition: Callable[[], bool], what: str = "") -> None:
    """Wait for ``condition``; there is nothing of the other end's that one could await. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


class Ward:
    """Zoé (requester, Cayenne) owns a case with two slides; Paul (expert, Lille) and Léa (requester, Cayenne) may see them;
    Max (Rennes) may not."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.world = World(db)
        self.case = ""
        self.slides: list[str] = []

    async def build(self) -> Self:
        self.db.clock = utc_now
        world = self.world
        zoe = await world.person("zoe", "cayenne", "Zoé", "Marchand")
        await world.person("lea", "cayenne", "Léa", "Tamarin")
        paul = await world.expert("paul", "lille", "Paul", "Lenoir")
        await world.person("max", "rennes", "Max", "Inconnu", roles=(Role.REQUESTER,))
        self.case = await world.case(zoe)
        self.slides = [await world.slide(zoe, self.case, label) for label in ("A1 HES", "A2 HES")]
        async with self.db.write(zoe, unaudited="a test's world") as tx:
            for thing, rights in (
                (("case", self.case), [Right.VIEW, Right.DISCUSS]),
                *((("slide", key), [Right.VIEW, Right.PRESENT]) for key in self.slides),
            ):
                await tx.grant(
                    ("person", paul.person_id),
                    thing,
                    rights,
                    because="consult",
                    because_id="c" * 26,
                    institution_id=paul.institution_id,
                )
        for key in ("zoe", "lea", "paul", "max"):
            await self.sign_in(key)
        return self

    async def sign_in(self, key: str, cookie: str = "") -> None:
        """A session whose cookie is ``cookie-of-<key>`` unless given."""
        actor = self.world.actors[key]
        identity, now = digest(cookie or f"cookie-of-{key}"), self.db.clock()
        self.world.actors[key] = msgspec.structs.replace(actor, session_id=identity)
        async with self.db.write(actor, unaudited="a test's world") as tx:
            await logins.keep_session(tx, session_of(actor, identity, now))

    async def invite(self, key: str, room: str, *rights: Right) -> str:
        """Somebody without an account with a session of a link to the room, whose cookie is ``cookie-of-<key>``; returns the
        link."""
        now = self.db.clock()
        wish = Wish(
            name=f"Pr {key}",
            email=f"{key}@example.org",
            language="fr",
            rights=frozenset(rights),
            not_before=now,
            expires_at=now + timedelta(hours=1),
        )
        link = (await links.make(self.db, self.actor("zoe"), "room", room, wish)).link
        guest = Actor(person_id=link.person_id, name=link.name, institution_id="", link_id=link.id)
        session = session_of(guest, digest(f"cookie-of-{key}"), now)
        async with self.db.write(guest, unaudited="a test's world") as tx:
            await logins.keep_session(tx, msgspec.structs.replace(session, institution_id=None, link_id=link.id))
        self.world.actors[key] = msgspec.structs.replace(guest, session_id=session.id)
        return link.id

    async def sign_out(self, key: str) -> None:
        async with self.db.write(self.actor(key), unaudited="a test's world") as tx:
            await logins.end(tx, self.actor(key).session_id)

    def actor(self, key: str) -> Actor:
        return self.world.actors[key]

    def person(self, key: str) -> str:
        return self.actor(key).person_id

    async def room(self, by: str = "zoe", *invited: str) -> str:
        return await opening.open_room(
            self.db, self.actor(by), self.slides[0], invited=[self.person(key) for key in invited or ("paul", "lea")]
        )

    async def other_room(self, by: str, number: str = "26-00418") -> str:
        """A room of another case, which is ``by``'s and their institution's alone."""
        case = await self.world.case(self.actor(by), number)
        return await opening.open_room(self.db, self.actor(by), await self.world.slide(self.actor(by), case))

    async def facts(self, room: str, since: int = 0, limit: int = 500) -> list[tuple[int, str]]:
        """Number and kind of each."""
        async with self.db.read() as reader:
            return [(fact.seq, fact.kind) for fact in await ledger.facts_since(reader, room, since, limit)]

    async def audited(self, *kinds: str) -> list[dict[str, Any]]:
        """The audit records of these kinds, in order. A node that runs seals what is pending after a quarter of a second."""
        async with self.db.read() as reader:
            # In this order: a record that is sealed in between is found twice, and not missed.
            pending = await reader.all(select(audit_pending.c.record).order_by(audit_pending.c.position))
            sealed = await reader.all(
                select(audit_log.c.body).where(audit_log.c.kind.in_(kinds)).order_by(audit_log.c.seq)
            )
        records = [json.loads(row["body"]) for row in sealed] + [row["record"] for row in pending]
        return list({record["id"]: record for record in records if record["kind"] in kinds}.values())


class Node:
    """One node, served on a loopback port by the real server class or by a plain one."""

    def __init__(self, hub: Hub, server: Server, origin: str) -> None:
        self.hub, self.server, self.origin = hub, server, origin

    def guest(self, key: str, room_id: str, **options: Any) -> "Guest":
        return Guest(self.origin, key, room_id, **options)


@asynccontextmanager
async def node(
    db: Database,
    bus: Bus,
    *,
    plain: bool = False,
    recheck_every: float = 25.0,
    tiles: TileService | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Node]:
    """``plain``: another server runs the application: messages go through ASGI. ``tiles``: what is pushed. ``clock``: the
    hub's."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(200)
        listener.setblocking(False)
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = Settings(origin=origin, log_level="warning")
        async with Hub(db, bus, recheck_every=recheck_every, clock=clock) as hub:
            server = server_of(room_application(settings, db, bus, hub, tiles), settings)
            if plain:
                server.config.ws = "websockets-sansio"
            task = asyncio.create_task(server.serve([listener]))
            try:
                await until(lambda: server.started or task.done())
                yield Node(hub, server, origin)
            finally:
                server.should_exit = True
                await task


def room_application(settings: Settings, db: Database, bus: Bus, hub: Hub, tiles: TileService | None = None) -> ASGIApp:
    """The routes of rooms behind the real layers."""
    made = SimpleNamespace(settings=settings, db=db, bus=bus, hub=hub, words=Words(), pages=Pages(), tiles=tiles)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield {"services": made}

    return Starlette(routes=rooms.routes, middleware=layers(settings), exception_handlers=handlers, lifespan=lifespan)


class Guest:
    """A client. ``async with node.guest("zoe", room) as zoe``: joined, welcomed, and acknowledging what it receives.

    ``hello=False``: says nothing by itself. ``acks=False``: acknowledges nothing. ``reads=False``: reads nothing."""

    def __init__(
        self,
        origin: str,
        key: str,
        room_id: str,
        *,
        last_seq: int = 0,
        epoch: int = 0,
        hello: bool = True,
        acks: bool = True,
        cookie: str | None = None,
    ) -> None:
        self.key = key
        self.origin = origin
        self.uri = f"{origin.replace('http', 'ws', 1)}/rooms/{room_id}/live"
        self.cookie = f"telepath=cookie-of-{key}" if cookie is None else cookie
        self.messages: list[dict[str, Any]] = []
        self.frames: list[Frame] = []
        self.pushed: list[TileFrame | CompleteFrame] = []
        self.came_at: list[float] = []
        """When each of them came, in seconds of the loop."""
        self.close_code: int | None = None
        self.received = 0
        self._hello = {"type": "hello", "protocol": 3, "last_seq": last_seq, "epoch": epoch} if hello else None
        self._acks = acks
        self._sequence = 0
        self._operations = 0
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._socket = await connect(
            self.uri,
            origin=self.origin,  # type: ignore[arg-type]  # a str is what the library sends
            additional_headers={"Cookie": self.cookie},
            compression=None,
            max_size=2**20,
            ping_interval=None,
        )
        self._reader = asyncio.create_task(self._read())
        if self._hello is not None:
            await self.say(self._hello)
            await self.until(lambda: bool(self.of("welcome")))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._socket is not None and self.close_code is None:  # else the library might meet its own ended transport
            await self._socket.close()
        if self._reader is not None:
            await self._reader

    async def _read(self) -> None:
        assert self._socket is not None
        try:
            async for message in self._socket:
                self.received += 1
                if isinstance(message, str):
                    self.messages.append(json.loads(message))
                elif tile_frames.is_pushed(message):
                    self.pushed.append(tile_frames.decode(message))
                else:
                    self.frames += [record for record in frames.decode(message) if not isinstance(record, AckRecord)]
                    self.came_at += [asyncio.get_running_loop().time()] * (len(self.frames) - len(self.came_at))
                if self._acks:
                    await self.send(AckRecord(self.received))
        except ConnectionClosed:
            pass
        self.close_code = self._socket.close_code

    # What it has heard

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == kind]

    @property
    def welcome(self) -> dict[str, Any]:
        return self.of("welcome")[-1]

    @property
    def you(self) -> int:
        return int(self.welcome["you"])

    @property
    def facts(self) -> list[dict[str, Any]]:
        """Those of the welcome and those that came since."""
        return [*self.welcome["facts"], *self.of("fact")]

    @property
    def members(self) -> dict[str, dict[str, Any]]:
        told = self.of("presence")[-1:] or [self.welcome]
        return {member["person"]: member for member in told[0]["members"]}

    @property
    def epoch(self) -> int:
        epochs = [fact["body"]["epoch"] for fact in self.facts if "epoch" in fact["body"]]
        return int(max([self.welcome["epoch"], *epochs]))

    @property
    def field(self) -> ViewportFrame | None:
        """The newest field shown to it."""
        shown = [frame for frame in self.frames if isinstance(frame, ViewportFrame)]
        return shown[-1] if shown else None

    @property
    def tiles(self) -> list[TileFrame]:
        """Those that were pushed to it."""
        return [frame for frame in self.pushed if isinstance(frame, TileFrame)]

    def complete(self, field: int, *, coarse: bool = False) -> bool:
        """Whether it was told that all tiles of this field, or of its quick picture, have come."""
        told = [one for one in self.pushed if isinstance(one, CompleteFrame)]
        return any(one.field == field and one.coarse is coarse for one in told)

    async def until(self, condition: Callable[[], bool]) -> None:
        await until(lambda: condition() or self.close_code is not None)
        assert condition(), f"{self.key} was closed with {self.close_code}: {self.messages[-3:]}"

    async def closed(self) -> int:
        await until(lambda: self.close_code is not None)
        assert self.close_code is not None
        return self.close_code

    # What it says

    async def say(self, message: dict[str, Any] | str | bytes) -> None:
        assert self._socket is not None
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(json.dumps(message) if isinstance(message, dict) else message)

    async def send(self, *records: frames.Record) -> None:
        await self.say(b"".join(map(frames.encode, records)))

    def viewport(self, x: int = 0, **changed: Any) -> ViewportFrame:
        """The next one; ``x`` in 1/256 px."""
        self._sequence += 1
        frame = ViewportFrame(self.you, self.epoch, self._sequence, 0, x, 0, 256 * 1920, 256 * 1080)
        return msgspec.structs.replace(frame, **changed)

    def pointer(self, x: int = 0, **changed: Any) -> PointerFrame:
        self._sequence += 1
        return msgspec.structs.replace(PointerFrame(self.you, self.epoch, self._sequence, 0, x, 0), **changed)

    async def operate(self, kind: str, *, operation_id: str = "", **fields: Any) -> dict[str, Any]:
        """Do an operation and return the answer."""
        self._operations += 1
        key = operation_id or f"{self.key}-{self.you}-operation-{self._operations}"
        before = len(self.answers(key))
        await self.say({"type": "op", "id": key, "act": {"kind": kind} | fields})
        await self.until(lambda: len(self.answers(key)) > before)
        return self.answers(key)[-1]

    def answers(self, key: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] in {"ack", "refused"} and message["op"] == key]


async def refused_status(guest: Guest) -> int:
    """The HTTP status of a handshake that is refused."""
    try:
        async with guest:
            raise AssertionError("the handshake was accepted")
    except InvalidStatus as refused:
        return int(refused.response.status_code)
