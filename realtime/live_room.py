"""One room on this node: runs what the pure modules decide, for the connections that are in it."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any, Final, Protocol

import msgspec

from realtime import calls, fan_out, frames, ledger, messages, operations, roll, welcome, wire
from realtime.admission import Part
from realtime.bus import Bus
from realtime.calls import Call
from realtime.chorus import Chorus
from realtime.close_codes import CloseCode
from realtime.connection import Connection
from realtime.frames import Frame, FrameError, Slot
from realtime.messages import Fact, Hello, Operation, ServerMessage
from realtime.presence import BEAT, TTL, Presence, Seat
from realtime.relaying import Behind, Effect, Relay, Room
from realtime.room import WITHHELD, State
from telepath.actor import Actor
from telepath.background import Background
from telepath.db.database import Database
from telepath.errors import Unavailable

log = logging.getLogger("telepath.room")

TICK: Final = 1.0
"""Seconds between two ticks of a room in which nothing moves."""
TURNS: Final = 4
"""Of a second: in one of them a quiet room ticks, in each of them a lively one."""
QUICK: Final = TICK / TURNS
LIVELY: Final = 5.0
"""Seconds after the last frame in which a room ticks QUICK: that its node hangs is then noticed after 1.2 s."""
ALONE: Final = 0.008
"""Seconds between two flushes when one person moves: what a browser draws at 120 Hz."""
CROWD: Final = 1 / 60
"""The same when several move: their records then share a message, and a system call."""
SHOW: Final = 0.1
"""Seconds between two lists of who is there, when people come, go, and change whom they follow."""
LISTED: Final = 0.005
"""The same for each of a crowd: the list is as long as they are many, and all of them get it."""
POLL: Final = 5.0
"""Seconds after which the ledger is read though nobody said that there is news: the bus may lose."""


class Rooms(Protocol):
    """All rooms of this node, as one of them sees them."""

    @property
    def db(self) -> Database: ...
    @property
    def bus(self) -> Bus: ...
    @property
    def node(self) -> str: ...
    @property
    def clock(self) -> Callable[[], float]: ...
    def milliseconds(self) -> int:
        """The wall clock."""

    async def leave(self, connection: Connection, room: "LiveRoom", seat: Seat) -> None:
        """The connection has ended."""

    def turn(self, room_id: str) -> asyncio.Lock:
        """For one transaction of a room after the other."""

    async def recheck(self, connections: Iterable[Connection]) -> None:
        """Ask again whether these may be where they are."""


async def unending(step: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run ``step`` again when it ends, by a defect even: a node that no longer looks at rights would let everybody stay, and
    a room that no longer reads its facts would show old ones."""
    while True:
        try:
            await step()
        except Exception:
            log.exception("a part of the rooms failed and starts again")
        await asyncio.sleep(TICK)


class LiveRoom:
    """One room on this node, from the first connection to the last."""

    def __init__(self, rooms: Rooms, state: State) -> None:
        self.id = state.room
        self.connections: dict[int, Connection] = {}
        self.held = 0
        """Connections that are here or on their way in."""
        self._rooms = rooms
        self._room = Room(state)
        self._presence = Presence(rooms.node)
        self._reading = asyncio.Lock()
        self._coming: dict[asyncio.Future[None], tuple[Connection, Seat, Hello]] = {}
        """Those who wait for their welcome."""
        self._behind = asyncio.Event()
        self._pending: dict[Slot, bytes] = {}
        self._outbound: dict[Slot, bytes] = {}
        self._aimed: set[int] = set()
        self._pushed: dict[int, Connection] = {}
        """Those whose window is sent tiles."""
        self._publish = asyncio.Event()
        self._flushed_at = 0.0
        self._senders: set[int] = set()
        self._chorus = Chorus()
        self._ticked_at = 0.0
        self._flush: asyncio.TimerHandle | None = None
        self._showing: asyncio.TimerHandle | None = None
        self._shown_at = 0.0
        self._unsaid = False
        """Whether the other nodes have to be told who is here."""
        self._noted_at = rooms.clock()
        self._called_at = self._read_at = rooms.clock()
        self._moved_at = -LIVELY
        self._asked = False
        self._turn = ord(state.room[-1]) % TURNS
        self._losses = rooms.bus.losses
        self._others_until = float("-inf")
        """Until then another node has this room, as far as we know: it would say so each BEAT."""
        self._subscribed = asyncio.Event()
        self._calls: set[asyncio.Task[None]] = set()
        self._background = Background()
        self._background.start(unending(self._hear), "room bus")
        self._background.start(unending(self._send_out), "room frames")
        self._background.start(unending(self._keep_up), "room facts")

    @property
    def state(self) -> State:
        return self._room.state

    async def stop(self) -> None:
        for timer in (self._flush, self._showing):
            if timer is not None:
                timer.cancel()
        await self._background.stop()
        await self._rooms.bus.publish(calls.topic(self.id, calls.PRESENCE), self._call((), asks=False))

    # Coming and going

    async def enter(self, connection: Connection, seat: Seat, hello: Hello) -> None:
        """Give the connection what it missed, and from then on everything. Raises Unavailable."""
        await self._subscribed.wait()
        if not self._asked:
            # The others answer while the ledger is read: the welcome then shows the field that they know.
            self._asked = True
            self._say(asks=True)
        welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._coming[welcomed] = (connection, seat, hello)
        try:
            async with self._reading:
                if not welcomed.done():
                    await self._welcome_together()
            await welcomed
        finally:
            del self._coming[welcomed]

    async def _welcome_together(self) -> None:
        """All who wait, with one look at the ledger: many come at once when another node died."""
        coming = dict(self._coming)
        try:
            async with self._rooms.db.read() as reader:
                state = await ledger.state_of(reader, self.id)
                since = min(self.state.seq, *(hello.last_seq for _, _, hello in coming.values()))
                facts = newest = await ledger.facts_since(reader, self.id, since)
                if since and not all(welcome.known(hello, state) for _, _, hello in coming.values()):
                    newest = await ledger.facts_since(reader, self.id, 0)
        except Exception as error:
            for welcomed in coming:
                if not welcomed.done():
                    welcomed.set_exception(error)
            return
        self._deliver(state, facts)
        # Who does not wait any more was cancelled.
        there = {welcomed: who for welcomed, who in coming.items() if not welcomed.done()}
        for connection, seat, _ in there.values():
            self._room.join(seat.stream, seat.person)
            self._presence.sit(seat)
            self.connections[seat.stream] = connection
        for welcomed, (connection, seat, hello) in there.items():
            told = self._welcome(connection.part, seat, hello, state, facts, newest)
            connection.welcome(self, messages.encode(told))
            if state.closed:
                connection.room_closed()
            welcomed.set_result(None)
        self._room_changed()

    def _welcome(
        self, part: Part, seat: Seat, hello: Hello, state: State, facts: Sequence[Fact], newest: Sequence[Fact]
    ) -> messages.Welcome:
        return welcome.welcome(
            state,
            hello,
            facts,
            newest,
            you=seat.stream,
            reads=part.reads,
            members=self._presence.members(),
            field=self._room.field(),
            at=self._rooms.milliseconds(),
            every=self._every(),
        )

    def exit(self, connection: Connection, seat: Seat) -> None:
        connection.hold()
        self._pushed.pop(seat.stream, None)
        if self.connections.pop(seat.stream, None) is not None:
            self._room.leave(seat.stream)
            self._presence.leave(seat.stream)
            if self.connections:
                self._room_changed()

    async def leave(self, connection: Connection, seat: Seat) -> None:
        await self._rooms.leave(connection, self, seat)

    def follow(self, connection: Connection, following: bool, whom: str = "") -> None:
        seat = self._presence.seat(connection.stream)
        if seat is None or not (whom == "" or any(one.person == whom for one in self._presence.seats())):
            return
        now = msgspec.structs.replace(seat, following=following, whom=whom if whom != seat.person else "")
        if now == seat:
            return
        self._presence.sit(now)
        self.aim(connection)
        self._room_changed()
        if following and now.whom and (field := self._room.field(now.whom)) is not None:
            self._aim(field.slot, frames.encode(field), {now.stream})
        self.flush_soon()

    def size(self, connection: Connection, width: int) -> None:
        """The client's window is so wide, CSS px: who follows at the same magnification has to know."""
        seat = self._presence.seat(connection.stream)
        if seat is None or seat.width == width:
            return
        self._presence.sit(msgspec.structs.replace(seat, width=width))
        self._unsaid = True
        self._show_presence_soon()

    # Frames

    def relay(self, stream: int, frame: Frame) -> None:
        """A frame of a client of this node. Sent by the next flush."""
        self._run(self._room.relay(stream, frame))

    def flush_soon(self) -> None:
        """Send what waits: at once, unless that was done just before."""
        if self._flush is not None:
            return
        if not self._pending and not self._aimed:
            if self._outbound:
                self._publish.set()
            return
        # Who moved in the flush before still moves: with one frame of each in turn a crowd would never be one.
        crowd = len(self._senders.union(stream for stream, _ in self._pending)) > 1
        due, now = self._flushed_at + (CROWD if crowd else ALONE), self._rooms.clock()
        if due <= now:
            self._flush_now(now)
        else:
            self._flush = asyncio.get_running_loop().call_later(due - now, self._flush_now, due)

    def _flush_now(self, due: float) -> None:
        # The next is due so long after this one was: a timer that is late each time would make fewer of them.
        self._flush, self._flushed_at = None, due
        pending, self._pending = self._pending, {}
        self._senders = senders = {stream for stream, _ in pending}
        if pending:
            self._spread(pending, senders)
        aimed, self._aimed = self._aimed, set()
        for stream in aimed & self.connections.keys():
            self.connections[stream].pump()
        self._look()
        if self._outbound:
            self._publish.set()

    def _spread(self, pending: dict[Slot, bytes], senders: set[int]) -> None:
        """Send to everybody but who sent it."""
        message = wire.binary(b"".join(pending.values()))
        for stream, connection in fan_out.send(message, self.connections, self._chorus, self._rooms.clock(), senders):
            for slot, content in pending.items():
                if slot[0] != stream:
                    connection.mailbox.put_frame(slot, content)
            connection.pump()

    async def _send_out(self) -> None:
        """Publish the newest frames of this node's clients, where another node has the room; while one publish is under way,
        the next ones are merged."""
        topic = calls.topic(self.id, calls.FRAMES)
        while True:
            await self._publish.wait()
            self._publish.clear()
            outbound, self._outbound = self._outbound, {}
            await self._rooms.bus.publish(topic, calls.moves(self._rooms.node, b"".join(outbound.values())))

    def _run(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case Relay(frame=frame, here=here, to=to):
                    self._moved_at = self._rooms.clock()
                    content = frames.encode(frame)
                    if to is None:
                        self._pending[frame.slot] = content
                    else:
                        self._aim(frame.slot, content, to)
                    if (
                        here
                        and self._moved_at < self._others_until
                        and (to is None or not to <= self.connections.keys())
                    ):
                        self._outbound[frame.slot] = content
                case Behind():
                    self._behind.set()

    def aim(self, connection: Connection) -> None:
        """Tell the connection's pusher what it follows now."""
        seat = self._presence.seat(connection.stream)
        if connection.pusher is None or seat is None:
            return
        self._pushed[seat.stream] = connection
        whom = seat.whom or self.state.presenter
        follows = seat.following and whom != seat.person
        across = self._presence.width(whom) if follows and connection.pusher.same else 0
        connection.pusher.look(self.state.slide, self._room.field(whom) if follows else None, across)

    def _look(self) -> None:
        for connection in self._pushed.values():
            self.aim(connection)

    def _aim(self, slot: Slot, content: bytes, to: Iterable[int]) -> None:
        """Put a frame where those of these streams that are here find it; the next flush sends it."""
        for stream in to:
            connection = self.connections.get(stream)
            if connection is not None:
                connection.mailbox.put_frame(slot, content)
                self._aimed.add(stream)

    # Facts

    async def perform(self, actor: Actor, operation: Operation) -> ServerMessage:
        """Do an operation, show its fact to everyone here, and tell the other nodes that there is one."""
        async with self._rooms.turn(self.id):
            answer = await operations.record(self._rooms.db, actor, self.id, operation)
        if isinstance(answer, messages.Acknowledged):
            with contextlib.suppress(Unavailable):
                await self._catch_up()
            # Beside the answer: a bus that hangs must not keep whoever asked waiting.
            news = calls.fact(self._rooms.node, answer.seq)
            self._spawn(self._rooms.bus.publish(calls.topic(self.id, calls.FACTS), news))
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
            async with self._rooms.db.read() as reader:
                state = await ledger.state_of(reader, self.id)
                facts = await ledger.facts_since(reader, self.id, self.state.seq)
            self._deliver(state, facts)

    def _deliver(self, state: State, facts: Iterable[Fact]) -> None:
        """Show everyone the facts that are new here, then live by them."""
        known = self.state
        self._read_at = self._rooms.clock()
        fresh = [fact for fact in facts if fact.seq > known.seq]
        if len(fresh) < state.seq - known.seq:
            # Too far behind to show every fact: they come back and are told where to begin.
            for connection in list(self.connections.values()):
                connection.close(CloseCode.SLOW)
        for fact in fresh:
            payload = messages.encode(fact)
            unread = messages.encode(welcome.unread(fact)) if fact.kind in WITHHELD else payload
            for connection in list(self.connections.values()):
                connection.put_fact(payload if connection.part.reads else unread)
                connection.pump()
        self._run(self._room.learn(state))
        self._look()
        self.flush_soon()
        if state.closed and not known.closed:
            for connection in list(self.connections.values()):
                connection.room_closed()
        elif state.slide != known.slide:
            self._spawn(self._rooms.recheck(list(self.connections.values())))

    # Other nodes

    async def _hear(self) -> None:
        subjects = {calls.topic(self.id, one): one for one in (calls.FRAMES, calls.FACTS, calls.PRESENCE)}
        async with self._rooms.bus.subscribe(*subjects) as heard:
            self._subscribed.set()
            async for topic, payload in heard:
                try:
                    self._take(subjects[topic], payload)
                except (FrameError, msgspec.DecodeError):
                    log.warning("something on the bus is not ours: %s", topic)

    def _take(self, subject: str, payload: bytes) -> None:
        if subject == calls.PRESENCE:
            call = calls.decode(payload)
            if call.node != self._rooms.node:
                now = self._rooms.clock()
                known, self._others_until = self._others_until > now, now + TTL
                self._take_call(call)
                # What moved while we took ourselves to be alone was not published: at least the field is to be seen.
                if call.asks or not known:
                    self._say()
                if call.asks:
                    self._run(self._room.repeat())
                    self.flush_soon()
            return
        said = calls.from_others(self._rooms.node, payload)
        if said is None:
            return
        if subject == calls.FRAMES:
            self._take_frames(said)
        elif calls.seq(said) > self.state.seq:
            self._behind.set()

    def _take_call(self, call: Call) -> None:
        if self._presence.heard(call.node, call.seats, self._rooms.clock()):
            self._know()
        if call.field:
            self._take_frames(call.field)
        if call.seq > self.state.seq:
            self._behind.set()

    def _take_frames(self, payload: bytes) -> None:
        for record in frames.decode(payload):
            if not isinstance(record, frames.AckRecord):
                self._run(self._room.hear(record))
        self.flush_soon()

    def _say(self, *, asks: bool = False) -> None:
        """Tell the other nodes who is here."""
        self._called_at, self._unsaid = self._rooms.clock(), False
        call = self._call(self._presence.here(), asks=asks)
        self._spawn(self._rooms.bus.publish(calls.topic(self.id, calls.PRESENCE), call))

    def _call(self, seats: tuple[Seat, ...], *, asks: bool) -> bytes:
        field = self._room.field()
        content = frames.encode(field) if field is not None else b""
        return calls.encode(Call(self._rooms.node, seats, content, self.state.seq, asks))

    # Time

    def due(self, turn: int, now: float) -> bool:
        """Whether to tick in this turn: of TURNS in each second."""
        return now - self._moved_at < LIVELY or turn % TURNS == self._turn

    def _every(self) -> int:
        """Milliseconds until the next tick at the latest."""
        lively = self._rooms.clock() + QUICK - self._moved_at < LIVELY
        return int(1000 * (QUICK if lively else TICK))

    def hand_on(self) -> None:
        """This node stops: the others get the newest field, for who comes to them from here."""
        self._say()

    def tick(self, now: float) -> None:
        """When it is ``due``."""
        if self._presence.expire(now):
            self._know()
        if now - self._called_at >= BEAT - TICK / 2:
            self._say()
        if now - self._noted_at >= roll.NOTED:
            self._noted_at = now
            self._spawn(self._note())
        lost = self._rooms.bus.losses != self._losses
        if lost or now - self._read_at > POLL:
            self._losses = self._rooms.bus.losses
            self._behind.set()
        if lost:
            self._others_until = now + TTL
            self._say(asks=True)
        payload = messages.encode(
            messages.Tick(self.state.seq, self._rooms.milliseconds(), self._rooms.bus.linked, self._every())
        )
        # Each second to all, for the newest fact's number; in between to whom no frame said that this node lives.
        whole = now - self._ticked_at > TICK - QUICK / 2
        if whole:
            self._ticked_at = now
        self._everyone("tick", payload, now, spare=not whole and now - self._chorus.at < QUICK)

    def _room_changed(self) -> None:
        """Who is here, or whom they follow."""
        self._unsaid = True
        self._know()

    def _know(self) -> None:
        """Who is there, on any node: frames go by it at once, the list of it soon."""
        self._run(self._room.know(self._presence.seats()))
        self.flush_soon()
        self._show_presence_soon()

    def _show_presence_soon(self) -> None:
        """At once, unless that was done just before: who toggles what they follow, and a crowd that comes or goes one by one,
        here or on another node, must not make a flood of lists."""
        if self._showing is None:
            apart = max(SHOW, LISTED * len(self.connections))
            wait = max(0.0, self._shown_at + apart - self._rooms.clock())
            self._showing = asyncio.get_running_loop().call_later(wait, self._show_presence)

    def _show_presence(self) -> None:
        self._showing, self._shown_at = None, self._rooms.clock()
        self._everyone("presence", messages.encode(messages.Presence(self._presence.members())), self._shown_at)
        self._look()  # a window may be otherwise wide
        if self._unsaid:
            self._say()

    def _everyone(self, key: str, payload: bytes, now: float, *, spare: bool = False) -> None:
        """``spare``: not to who was sent a frame just now."""
        message = wire.text(payload)
        for _, connection in fan_out.send(message, self.connections, self._chorus, now, spare=spare):
            connection.mailbox.put_state(key, payload)
            connection.pump()

    async def _note(self) -> None:
        """Write into the roll that those who are connected here still are."""
        try:
            await roll.note(self._rooms.db, self.state, list(self.connections))
        except Unavailable:
            log.warning("who is in a room could not be noted: the database does not answer")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)
