"""The rooms that are live on this node, who is connected to them, and whether they still may be."""

import asyncio
import contextlib
import itertools
import logging
import random
import secrets
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from types import TracebackType
from typing import Final, Self
from weakref import WeakValueDictionary

from realtime import admission, calls, ledger, messages, operations, revocations, visits
from realtime.bus import REVOKED, Bus
from realtime.close_codes import CloseCode
from realtime.connection import Connection
from realtime.limits import PostLimits
from realtime.live_room import QUICK, TICK, TURNS, LiveRoom, unending
from realtime.messages import Hello, Operation, ServerMessage
from realtime.presence import Seat
from realtime.revocations import News
from realtime.room import State
from realtime.tile_supply import Supply
from realtime.visits import Joined
from realtime.wire import Socket
from telepath import grants
from telepath.access import Allowed
from telepath.actor import Actor
from telepath.background import Background
from telepath.db.database import Database
from telepath.errors import TelepathError, Unavailable
from telepath.sessions import IDLE

log = logging.getLogger("telepath.room")

RECHECK: Final = 25.0
"""Seconds between two checks of everybody's session and right; with the time of a check, less than 30."""
AT_ONCE: Final = 4
"""Transactions of one look at the same time: the database's other connections are for who waits for a page."""
TOGETHER: Final = 50
"""People of one room who are looked at in one transaction."""
DRAIN: Final = 3.0
"""Seconds that clients have to move to another node: the farthest ones need four round trips and a join."""
SPREAD: Final = (5, 1000)
"""Milliseconds over which they begin to: for each, and at most."""


class Hub:
    """``async with Hub(db, bus) as hub``. One per process."""

    def __init__(
        self,
        db: Database,
        bus: Bus,
        *,
        node: str = "",
        clock: Callable[[], float] = time.monotonic,
        recheck_every: float = RECHECK,
        idle: timedelta = IDLE,
    ) -> None:
        """``idle``: how long a session lives without a sign of its person. A socket that stands is none."""
        self.db = db
        self.bus = bus
        self.clock = clock
        self.node = node or secrets.token_hex(4)
        self.recheck_every = recheck_every
        self.idle = idle
        self.rooms: dict[str, LiveRoom] = {}
        self._connections: set[Connection] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._looks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._posted = PostLimits()
        self._coming: dict[str, list[tuple[Connection, asyncio.Future[Joined]]]] = {}
        self._background = Background()
        self._revoked = asyncio.Event()
        self._news: set[News] = set()
        self._named = asyncio.Event()
        self._draining = False
        self._nobody = asyncio.Event()
        self._nobody.set()

    async def __aenter__(self) -> Self:
        self._background.start(unending(self._hear_revocations), "room revocations")
        self._background.start(unending(self._watch_named), "room rights of who is named")
        self._background.start(unending(self._watch_rights), "room rights")
        self._background.start(unending(self._tick), "room tick")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in list(self._connections):
            connection.close(CloseCode.RESTART)
        await self._background.stop()
        for room in list(self.rooms.values()):
            await room.stop()
        self.rooms.clear()

    def milliseconds(self) -> int:
        """The wall clock, ms since 1970."""
        return int(self.db.clock().timestamp() * 1000)

    async def admit(self, actor: Actor, room_id: str) -> tuple[State, Allowed]:
        """Ask before the handshake. Raises NotFound; Refused: the edge records it and answers alike."""
        async with self.db.read() as reader:
            state = await ledger.state_of(reader, room_id)
            return state, await admission.admit(reader, actor, state)

    def connect(
        self,
        socket: Socket,
        actor: Actor,
        room_id: str,
        *,
        acknowledges: bool = True,
        supply: Supply | None = None,
    ) -> Connection:
        """The connection of a socket that was accepted: give it what comes, and ``run`` it.

        ``acknowledges``: the client acks as the protocol says; else the socket calls ``acknowledge`` for it. ``supply``: of
        tiles to push to it."""
        connection = Connection(self, socket, actor, room_id, acknowledges=acknowledges, supply=supply)
        self._connections.add(connection)
        self._nobody.clear()
        if self._draining:
            connection.close(CloseCode.RESTART)
        return connection

    def forget(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._nobody.set()

    async def join(self, connection: Connection, hello: Hello) -> tuple[LiveRoom, Seat]:
        """Write the join, then let the connection take part; its first message is the welcome. Raises TelepathError."""
        joined = await self._join(connection)
        room = self.rooms.get(connection.room_id)
        if room is None:
            room = self.rooms[connection.room_id] = LiveRoom(self, joined.state)
        connection.seat, connection.part = joined.seat, joined.part
        room.held += 1
        try:
            await room.enter(connection, joined.seat, hello)
        except BaseException:
            await self.leave(connection, room, joined.seat)
            raise
        return room, joined.seat

    async def _join(self, connection: Connection) -> Joined:
        """With all others who wait for the same room, in one transaction."""
        coming: asyncio.Future[Joined] = asyncio.get_running_loop().create_future()
        self._coming.setdefault(connection.room_id, []).append((connection, coming))
        async with self.turn(connection.room_id):
            if not coming.done():
                await self._join_together(connection.room_id)
        return await coming

    async def _join_together(self, room_id: str) -> None:
        # Who did not wait so long is gone: nobody is to wait for them.
        coming = {waits: one for one, waits in self._coming.pop(room_id, []) if not waits.done()}
        there = {waits: one for waits, one in coming.items() if not one.ended}
        try:
            found = await visits.join_together(self.db, [one.actor for one in there.values()], room_id) if there else []
            for waits, joined in zip(there, found, strict=True):
                if waits.done():  # cancelled meanwhile: its visit ends with its node
                    continue
                if isinstance(joined, TelepathError):
                    waits.set_exception(joined)
                else:
                    waits.set_result(joined)
        except TelepathError as error:
            for waits in there:
                if not waits.done():
                    waits.set_exception(error)
        finally:
            for waits in coming:
                if not waits.done():
                    waits.set_exception(Unavailable(what="room"))

    def turn(self, room_id: str) -> asyncio.Lock:
        """For one transaction of a room after the other: the database would let them wait too, each with a connection, and a
        node that hangs would hold the room once for each of them."""
        return self._turns.setdefault(room_id, asyncio.Lock())

    async def leave(self, connection: Connection, room: LiveRoom, seat: Seat) -> None:
        """The connection ended: tell the others, write it down."""
        room.exit(connection, seat)
        room.held -= 1
        if not room.held:
            if self.rooms.get(room.id) is room:
                del self.rooms[room.id]
            await room.stop()
        try:
            await visits.leave(self.db, connection.actor, room.state, seat.stream)
        except Unavailable:
            log.warning("a leave could not be written: the database does not answer")

    async def perform(self, actor: Actor, room_id: str, operation: Operation) -> ServerMessage:
        """An operation that came by HTTP. Raises NotFound, Refused: not even in the room."""
        await self.admit(actor, room_id)
        if not self._posted.operation(actor.session_id, self.clock()):
            return messages.RefusedOperation(operation.id, "error-room-too-fast")
        room = self.rooms.get(room_id)
        if room is not None:
            return await room.perform(actor, operation)
        async with self.turn(room_id):
            answer = await operations.record(self.db, actor, room_id, operation)
        if isinstance(answer, messages.Acknowledged):
            await self.bus.publish(calls.topic(room_id, calls.FACTS), calls.fact(self.node, answer.seq))
        return answer

    async def drain(self) -> None:
        """This node stops: ask everybody to go to another one, serve them until they have, or for a while, then close."""
        self._draining = True
        for room in list(self.rooms.values()):
            room.hand_on()
        each, most = SPREAD
        # Spread, so that the next node is not run over.
        longest = min(most, each * len(self._connections))
        for connection in list(self._connections):
            if connection.welcomed:
                connection.answer(messages.GoAway(random.randint(0, longest)))  # noqa: S311
            else:
                connection.close(CloseCode.RESTART)  # who is not in a room yet comes into it elsewhere at once
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN):
                await self.settled()
        for connection in list(self._connections):
            connection.close(CloseCode.RESTART)

    async def settled(self) -> None:
        """Wait until nobody is connected, and all that is written down."""
        await self._nobody.wait()

    async def recheck(self, connections: Iterable[Connection]) -> None:
        """Ask again whether these may be where they are, many of one room together."""
        of_room: dict[str, list[Connection]] = {}
        for connection in connections:
            if connection.seat is not None:
                of_room.setdefault(connection.room_id, []).append(connection)
        waiting = iter(
            [
                (room_id, those[at : at + TOGETHER])
                for room_id, those in of_room.items()
                for at in range(0, len(those), TOGETHER)
            ]
        )

        async def ask() -> None:
            for room_id, some in waiting:
                # One after the other: the later one has read what is newer.
                async with self._looks.setdefault(room_id, asyncio.Lock()):
                    await self._look(room_id, some)

        async with asyncio.TaskGroup() as asking:
            for _ in range(AT_ONCE):
                asking.create_task(ask())

    async def _look(self, room_id: str, connections: Iterable[Connection]) -> None:
        there = [connection for connection in connections if not connection.ended]
        if not there:
            return
        try:
            async with self.db.read() as reader:
                found = await admission.look(reader, [one.actor for one in there], room_id, self.idle)
        except Unavailable:
            for connection in there:
                connection.not_looked_at()
        except Exception:
            if len(there) > 1:  # the defect of one is not the others'
                for connection in there:
                    await self._look(room_id, [connection])
                return
            log.exception("a right could not be checked")
            there[0].not_looked_at()
        else:
            for connection, one in zip(there, found, strict=True):
                connection.looked_at(one)

    async def _hear_revocations(self) -> None:
        async with self.bus.subscribe(REVOKED) as heard:
            async for _, payload in heard:
                self._news.add(revocations.read(payload))
                self._named.set()
                self._revoked.set()

    async def _watch_named(self) -> None:
        """Those whom the news means first: a look at everybody of a full node, or one that is under way, takes its time."""
        while True:
            await self._named.wait()
            self._named.clear()
            news, self._news = self._news, set()
            meant = {(one.because, one.because_id) for one in news}
            try:
                async with self.db.read() as reader:
                    meant |= await grants.given_for(reader, {one.because_id for one in news})
            except Unavailable:
                log.warning("who lost a right cannot be read: the database does not answer")
            await self.recheck([c for c in self._connections if not meant.isdisjoint(revocations.names(c.actor))])

    async def _watch_rights(self) -> None:
        """Beside the tick, which must not wait for the database. Many revocations at once are one look at everybody."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK):
                    await self._revoked.wait()
            everybody = self._revoked.is_set()
            self._revoked.clear()
            now = self.clock()
            await self.recheck([c for c in self._connections if everybody or now - c.checked_at > self.recheck_every])

    async def _tick(self) -> None:
        for turn in itertools.count():
            await asyncio.sleep(QUICK)
            now = self.clock()
            for room in list(self.rooms.values()):
                if room.due(turn, now):
                    room.tick(now)
            if turn % TURNS == 0:
                for connection in list(self._connections):
                    connection.check_pulse(now)
