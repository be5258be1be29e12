"""The rooms that are live on this node: runs what the pure modules decide, and decides nothing itself."""

import asyncio
import contextlib
import logging
import random
import secrets
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from realtime import frames, ledger, messages, revocations, wire
from realtime.bus import REVOKED, Bus
from realtime.close_codes import CloseCode
from realtime.connection import Connection
from realtime.frames import Frame, FrameError, Slot
from realtime.mailbox import FACT_BYTES
from realtime.messages import Fact, Hello, Operation, ServerMessage
from realtime.presence import BEAT, Presence, Seat
from realtime.revocations import News
from realtime.room import SAID, Behind, Effect, Relay, Room, State
from realtime.wire import Socket
from telepath import grants
from telepath.access import Allowed
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.errors import Refused, TelepathError, Unavailable
from telepath.sessions import IDLE

log = logging.getLogger("telepath.room")

TICK: Final = 1.0
ALONE: Final = 0.008
"""Seconds between two flushes when one person moves: what a browser draws at 120 Hz."""
CROWD: Final = 1 / 60
"""The same when several move: their records then share a message, and a system call."""
POLL: Final = 5.0
"""Seconds after which the ledger is read though nobody said that there is news: the bus may lose."""
RECHECK: Final = 25.0
"""Seconds between two checks of everybody's session and right; with the time of a check, less than 30."""
AT_ONCE: Final = 4
"""Connections of one look that ask the database at the same time: its other connections are for who waits for a page."""
DRAIN: Final = 2.0
"""Seconds that clients have to move to another node."""
WELCOME_BYTES: Final = FACT_BYTES // 2
"""Of the facts in a welcome: in a room where much was said nobody could come in, if all of it had to fit the mailbox."""


class Call(msgspec.Struct):
    """What a node says about a room on the bus, every presence.BEAT and at each change."""

    node: str
    seats: tuple[Seat, ...]
    field: bytes
    """The presenter's newest viewport record, for a node that has just opened the room."""
    seq: int
    asks: bool = False
    """The others answer at once."""


_calls = msgspec.msgpack.Decoder(Call)


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
        self._tasks: list[asyncio.Task[None]] = []
        self._revoked = asyncio.Event()
        self._news: set[News] = set()
        self._named = asyncio.Event()
        self._draining = False
        self._nobody = asyncio.Event()
        self._nobody.set()

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(_unending(step), name=name)
            for step, name in (
                (self._hear_revocations, "room revocations"),
                (self._watch_named, "room rights of who is named"),
                (self._watch_rights, "room rights"),
                (self._tick, "room tick"),
            )
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in list(self._connections):
            connection.close(CloseCode.RESTART)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
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
            return state, await ledger.admit(reader, actor, state)

    def connect(self, socket: Socket, actor: Actor, room_id: str, *, acknowledges: bool = True) -> Connection:
        """The connection of a socket that was accepted: give it what comes, and ``run`` it.

        ``acknowledges``: the client acks as the protocol says; else the socket calls ``acknowledge`` for it."""
        connection = Connection(self, socket, actor, room_id, acknowledges=acknowledges)
        self._connections.add(connection)
        self._nobody.clear()
        if self._draining:
            connection.close(CloseCode.RESTART)
        return connection

    def forget(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._nobody.set()

    async def join(self, connection: Connection, hello: Hello) -> tuple["LiveRoom", Seat]:
        """Write the join, then let the connection take part; its first message is the welcome. Raises TelepathError."""
        joined = await ledger.join(self.db, connection.actor, connection.room_id)
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

    async def leave(self, connection: Connection, room: "LiveRoom", seat: Seat) -> None:
        """The connection ended: tell the others, write it down."""
        room.exit(connection, seat)
        room.held -= 1
        if not room.held:
            if self.rooms.get(room.id) is room:
                del self.rooms[room.id]
            await room.stop()
        try:
            await ledger.leave(self.db, connection.actor, room.state, seat.stream)
        except Unavailable:
            log.warning("a leave could not be written: the database does not answer")

    async def perform(self, actor: Actor, room_id: str, operation: Operation) -> ServerMessage:
        """An operation that came by HTTP. Raises NotFound, Refused: not even in the room."""
        await self.admit(actor, room_id)
        room = self.rooms.get(room_id)
        if room is not None:
            return await room.perform(actor, operation)
        answer = await record(self.db, actor, room_id, operation)
        if isinstance(answer, messages.Acknowledged):
            await self.bus.publish(f"room:{room_id}:facts", self.node.encode() + answer.seq.to_bytes(8, "little"))
        return answer

    async def drain(self) -> None:
        """This node stops: ask everybody to go to another one, wait a little, then close."""
        self._draining = True
        for connection in list(self._connections):
            # Spread, so that the next node is not run over.
            connection.answer(messages.GoAway(random.randint(0, 1000)))  # noqa: S311
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN):
                await self.settled()
        for connection in list(self._connections):
            connection.close(CloseCode.RESTART)

    async def settled(self) -> None:
        """Wait until nobody is connected, and all that is written down."""
        await self._nobody.wait()

    async def recheck(self, connections: Iterable[Connection]) -> None:
        """Ask again whether these may be where they are, a few at once."""
        waiting = iter(list(connections))

        async def ask() -> None:
            for connection in waiting:
                room = self.rooms.get(connection.room_id)
                if room is not None and connection.seat is not None:
                    await connection.check_right(room.state)

        async with asyncio.TaskGroup() as asking:
            for _ in range(AT_ONCE):
                asking.create_task(ask())

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
        while True:
            await asyncio.sleep(TICK)
            now = self.clock()
            for room in list(self.rooms.values()):
                room.tick(now)
            for connection in list(self._connections):
                connection.check_pulse(now)


def _newest(facts: Sequence[Fact], limit: int) -> tuple[Fact, ...]:
    """The last of ``facts`` that take at most ``limit`` bytes together."""
    kept = 0
    for fact in reversed(facts):
        limit -= len(messages.encode(fact))
        if limit < 0:
            break
        kept += 1
    return tuple(facts[len(facts) - kept :])


def _unread(fact: Fact) -> Fact:
    """The fact as it is told to whom may not read what is said."""
    return messages.withheld(fact) if fact.kind == SAID else fact


async def _unending(step: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run ``step`` again when it ends, by a defect even: a node that no longer looks at rights would let everybody stay, and
    a room that no longer reads its facts would show old ones."""
    while True:
        try:
            await step()
        except Exception:
            log.exception("a part of the rooms failed and starts again")
        await asyncio.sleep(TICK)


async def record(db: Database, actor: Actor, room_id: str, operation: Operation) -> ServerMessage:
    """Do an operation in the ledger: acknowledged only after the commit, refused with the reason."""
    try:
        done = await ledger.perform(db, actor, room_id, operation.id, operation.act)
    except Refused as refused:
        # Of the room they know; of another slide not even that it is there.
        code = "error-forbidden" if refused.object_kind == "room" else refused.code
        return messages.RefusedOperation(operation.id, code)
    except TelepathError as error:
        return messages.RefusedOperation(operation.id, error.code, dict(error.params))
    return messages.Acknowledged(operation.id, done.fact.seq)


class LiveRoom:
    """One room on this node, from the first connection to the last."""

    def __init__(self, hub: Hub, state: State) -> None:
        self.id = state.room
        self.connections: dict[int, Connection] = {}
        self.held = 0
        """Connections that are here or on their way in."""
        self._hub = hub
        self._room = Room(state)
        self._presence = Presence(hub.node)
        self._reading = asyncio.Lock()
        self._behind = asyncio.Event()
        self._pending: dict[Slot, bytes] = {}
        self._outbound: dict[Slot, bytes] = {}
        self._publish = asyncio.Event()
        self._flushed_at = 0.0
        self._flush: asyncio.TimerHandle | None = None
        self._called_at = self._read_at = hub.clock()
        self._losses = hub.bus.losses
        self._subscribed = asyncio.Event()
        self._calls: set[asyncio.Task[None]] = set()
        self._tasks = [
            asyncio.create_task(_unending(self._hear), name="room bus"),
            asyncio.create_task(_unending(self._send_out), name="room frames"),
            asyncio.create_task(_unending(self._keep_up), name="room facts"),
        ]

    @property
    def state(self) -> State:
        return self._room.state

    async def stop(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._hub.bus.publish(f"room:{self.id}:presence", self._call((), asks=False))

    # Coming and going

    async def enter(self, connection: Connection, seat: Seat, hello: Hello) -> None:
        """Give the connection what it missed, and from then on everything. Raises Unavailable."""
        await self._subscribed.wait()
        async with self._reading:
            async with self._hub.db.read() as reader:
                state = await ledger.state_of(reader, self.id)
                facts = await ledger.facts_since(reader, self.id, min(hello.last_seq, self.state.seq))
                missed = [fact for fact in facts if fact.seq > hello.last_seq]
                # A client that knows more than the ledger lived through a restored backup: it starts anew.
                known = hello.last_seq <= state.seq and hello.epoch <= state.epoch
                replay = known and len(missed) == state.seq - hello.last_seq
                if not replay:
                    missed = await ledger.facts_since(reader, self.id, 0)
                shown = _newest(missed, WELCOME_BYTES)
                replay = replay and len(shown) == len(missed)
            self._deliver(state, facts)
            self._room.join(seat.stream, seat.person)
            self._presence.sit(seat)
            self.connections[seat.stream] = connection
            field = self._room.field()
            connection.put_fact(
                messages.encode(
                    messages.Welcome(
                        room=self.id,
                        you=seat.stream,
                        members=self._presence.members(),
                        presenter=state.presenter,
                        epoch=state.epoch,
                        slide=state.slide,
                        seq=state.seq,
                        mode="replay" if replay else "reset",
                        facts=tuple(fact if connection.part.reads else _unread(fact) for fact in shown),
                        frames=frames.encode(field) if field is not None else b"",
                        at=self._hub.milliseconds(),
                    )
                )
            )
            connection.pump()
            if state.closed:
                connection.room_closed()
        self._show_presence()
        self._say(asks=len(self.connections) == 1)

    def exit(self, connection: Connection, seat: Seat) -> None:
        if self.connections.pop(seat.stream, None) is not None:
            self._room.leave(seat.stream)
            self._presence.leave(seat.stream)
            self._show_presence()
            if self.connections:
                self._say()

    async def leave(self, connection: Connection, seat: Seat) -> None:
        await self._hub.leave(connection, self, seat)

    def follow(self, connection: Connection, following: bool) -> None:
        seat = self._presence.seat(connection.stream)
        if seat is not None and seat.following is not following:
            self._presence.sit(msgspec.structs.replace(seat, following=following))
            self._show_presence()
            self._say()

    # Frames

    def relay(self, stream: int, frame: Frame) -> None:
        """A frame of a client of this node. Sent by the next flush."""
        self._run(self._room.relay(stream, frame))

    def flush_soon(self) -> None:
        """Send what waits: at once, unless that was done just before."""
        if not self._pending or self._flush is not None:
            return
        crowd = len({stream for stream, _ in self._pending}) > 1
        wait = self._flushed_at + (CROWD if crowd else ALONE) - self._hub.clock()
        if wait <= 0:
            self._flush_now()
        else:
            self._flush = asyncio.get_running_loop().call_later(wait, self._flush_now)

    def _flush_now(self) -> None:
        self._flush = None
        self._flushed_at = now = self._hub.clock()
        pending, self._pending = self._pending, {}
        senders = {stream for stream, _ in pending}
        message = wire.binary(b"".join(pending.values()))
        for stream, connection in self.connections.items():
            if stream in senders or not connection.write_through(message, now):
                for slot, content in pending.items():
                    if slot[0] != stream:
                        connection.mailbox.put_frame(slot, content)
                connection.pump()
        if self._outbound:
            self._publish.set()

    async def _send_out(self) -> None:
        """Publish the newest frames of this node's clients; while one publish is under way, the next ones are merged."""
        topic, node = f"room:{self.id}:frames", self._hub.node.encode()
        while True:
            await self._publish.wait()
            self._publish.clear()
            outbound, self._outbound = self._outbound, {}
            await self._hub.bus.publish(topic, node + b"".join(outbound.values()))

    def _run(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case Relay(frame=frame, here=here):
                    content = frames.encode(frame)
                    self._pending[frame.slot] = content
                    if here:
                        self._outbound[frame.slot] = content
                case Behind():
                    self._behind.set()

    # Facts

    async def perform(self, actor: Actor, operation: Operation) -> ServerMessage:
        """Do an operation, show its fact to everyone here, and tell the other nodes that there is one."""
        answer = await record(self._hub.db, actor, self.id, operation)
        if isinstance(answer, messages.Acknowledged):
            with contextlib.suppress(Unavailable):
                await self._catch_up()
            await self._hub.bus.publish(
                f"room:{self.id}:facts", self._hub.node.encode() + answer.seq.to_bytes(8, "little")
            )
        return answer

    async def _keep_up(self) -> None:
        while True:
            await self._behind.wait()
            self._behind.clear()
            try:
                await self._catch_up()
            except Unavailable:
                log.warning("a room cannot read its facts: the database does not answer")

    async def _catch_up(self) -> None:
        async with self._reading:
            async with self._hub.db.read() as reader:
                state = await ledger.state_of(reader, self.id)
                facts = await ledger.facts_since(reader, self.id, self.state.seq)
            self._deliver(state, facts)

    def _deliver(self, state: State, facts: Iterable[Fact]) -> None:
        """Show everyone the facts that are new here, then live by them."""
        known = self.state
        self._read_at = self._hub.clock()
        fresh = [fact for fact in facts if fact.seq > known.seq]
        if len(fresh) < state.seq - known.seq:
            # Too far behind to show every fact: they come back and are told where to begin.
            for connection in list(self.connections.values()):
                connection.close(CloseCode.SLOW)
        for fact in fresh:
            payload = messages.encode(fact)
            unread = messages.encode(_unread(fact)) if fact.kind == SAID else payload
            for connection in list(self.connections.values()):
                connection.put_fact(payload if connection.part.reads else unread)
                connection.pump()
        self._run(self._room.learn(state))
        self.flush_soon()
        if state.closed and not known.closed:
            for connection in list(self.connections.values()):
                connection.room_closed()
        elif state.slide != known.slide:
            self._spawn(self._hub.recheck(list(self.connections.values())))

    # Other nodes

    async def _hear(self) -> None:
        prefix = f"room:{self.id}:"
        async with self._hub.bus.subscribe(f"{prefix}frames", f"{prefix}facts", f"{prefix}presence") as heard:
            self._subscribed.set()
            async for topic, payload in heard:
                try:
                    self._take(topic.removeprefix(prefix), payload)
                except (FrameError, msgspec.DecodeError):
                    log.warning("something on the bus is not ours: %s", topic)

    def _take(self, topic: str, payload: bytes) -> None:
        node = self._hub.node.encode()
        if topic == "presence":
            call = _calls.decode(payload)
            if call.node != self._hub.node:
                self._take_call(call)
        elif payload.startswith(node):
            return
        elif topic == "facts":
            if int.from_bytes(payload[len(node) :], "little") > self.state.seq:
                self._behind.set()
        else:
            self._take_frames(payload[len(node) :])

    def _take_call(self, call: Call) -> None:
        if self._presence.heard(call.node, call.seats, self._hub.clock()):
            self._show_presence()
        if call.field:
            self._take_frames(call.field)
        if call.seq > self.state.seq:
            self._behind.set()
        if call.asks:
            self._say()

    def _take_frames(self, payload: bytes) -> None:
        for record in frames.decode(payload):
            if not isinstance(record, frames.AckRecord):
                self._run(self._room.hear(record))
        self.flush_soon()

    def _say(self, *, asks: bool = False) -> None:
        """Tell the other nodes who is here."""
        self._called_at = self._hub.clock()
        call = self._call(self._presence.here(), asks=asks)
        self._spawn(self._hub.bus.publish(f"room:{self.id}:presence", call))

    def _call(self, seats: tuple[Seat, ...], *, asks: bool) -> bytes:
        field = self._room.field()
        content = frames.encode(field) if field is not None else b""
        return msgspec.msgpack.encode(Call(self._hub.node, seats, content, self.state.seq, asks))

    # Time

    def tick(self, now: float) -> None:
        """Once a second."""
        if self._presence.expire(now):
            self._show_presence()
        if now - self._called_at >= BEAT - TICK / 2:
            self._say()
        lost = self._hub.bus.losses != self._losses
        if lost or now - self._read_at > POLL:
            self._losses = self._hub.bus.losses
            self._behind.set()
        payload = messages.encode(messages.Tick(self.state.seq, self._hub.milliseconds(), self._hub.bus.linked))
        self._everyone("tick", payload, now)

    def _show_presence(self) -> None:
        self._everyone("presence", messages.encode(messages.Presence(self._presence.members())), self._hub.clock())

    def _everyone(self, key: str, payload: bytes, now: float) -> None:
        message = wire.text(payload)
        for connection in list(self.connections.values()):
            if not connection.write_through(message, now):
                connection.mailbox.put_state(key, payload)
                connection.pump()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
