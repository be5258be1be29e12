"""One client's connection to a room, from its hello to its end."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from realtime import close_codes, frames, messages, wire
from realtime.admission import Found, Part
from realtime.chorus import Chorus, Departure
from realtime.close_codes import CloseCode
from realtime.frames import AckRecord, Frame, FrameError, PointerFrame, StrokeFrame
from realtime.limits import Limits
from realtime.mailbox import LyingAck, Mailbox, MailboxFull
from realtime.messages import Following, Hello, MessageError, Operation, Ping, ServerMessage, Window
from realtime.presence import Seat
from realtime.pushing import Pusher
from realtime.tile_supply import Supply
from realtime.wire import Message, Socket
from telepath.actor import Actor
from telepath.errors import TelepathError

HELLO_WITHIN: Final = 5.0
SILENCE: Final = 10.0
"""Seconds without a byte from the client after which it is gone."""
OPERATIONS: Final = 32
"""Operations of one client that wait for the database; more are refused."""


class Host(Protocol):
    """The room as one of its connections sees it."""

    def relay(self, stream: int, frame: Frame) -> None:
        """A frame of this client, for the next flush."""

    def flush_soon(self) -> None:
        """Send what waits, now or with what comes right after."""

    def follow(self, connection: "Connection", following: bool, whom: str) -> None:
        """The client follows the presenter, or the person ``whom``, or broke away."""

    def size(self, connection: "Connection", width: int) -> None:
        """The client's window is so wide, CSS px."""

    def aim(self, connection: "Connection") -> None:
        """Tell the connection's pusher what it follows now."""

    async def perform(self, actor: Actor, operation: Operation) -> ServerMessage:
        """Do an operation; the answer to the client."""

    async def leave(self, connection: "Connection", seat: Seat) -> None:
        """The connection has ended."""


class House(Protocol):
    """All rooms of this node, as a connection sees them."""

    @property
    def clock(self) -> Callable[[], float]: ...
    @property
    def recheck_every(self) -> float: ...
    def milliseconds(self) -> int:
        """The wall clock."""

    async def join(self, connection: "Connection", hello: Hello) -> tuple[Host, Seat]:
        """Let the connection into its room. Raises TelepathError."""

    def forget(self, connection: "Connection") -> None:
        """The connection is over."""


class Connection:
    """Takes what the socket receives (``receive``, ``lost``), and sends what the room has for it (``pump``). ``run`` lives as
    long as the connection does."""

    def __init__(
        self,
        house: House,
        socket: Socket,
        actor: Actor,
        room_id: str,
        *,
        acknowledges: bool = True,
        supply: Supply | None = None,
    ) -> None:
        """``supply``: of the tiles that may be pushed; without, none are."""
        self.actor = actor
        self.room_id = room_id
        self.mailbox = Mailbox()
        self.seat: Seat | None = None
        self.part = Part()
        """What was decided when it came, and at each look at its right: no frame and no fact waits for the database."""
        self.heard_at = self.checked_at = house.clock()
        self._house = house
        self._socket = socket
        self._acknowledges = acknowledges
        self.pusher: Pusher | None = None
        """From the first window that asks for tiles."""
        self._supply = supply
        self._live: Host | None = None
        self._limits = Limits(house.clock())
        self._operations: list[Operation] = []
        self._hello: Hello | None = None
        self._wake: asyncio.Future[None] | None = None
        self._ended = False

    @property
    def stream(self) -> int:
        """The number in the room; 0 before the welcome."""
        return self.seat.stream if self.seat is not None else 0

    @property
    def ended(self) -> bool:
        return self._ended

    @property
    def welcomed(self) -> bool:
        """Whether it was sent its first message."""
        return self._live is not None

    async def run(self) -> None:
        """Wait for the hello, join, do the client's operations one after the other, leave. Returns when the connection has
        ended; never raises what went wrong for this client alone."""
        try:
            try:
                async with asyncio.timeout(HELLO_WITHIN):
                    await self._until(lambda: self._hello is not None)
            except TimeoutError:
                self.close(CloseCode.SLOW)
            if self._ended or self._hello is None:
                return
            if self._hello.protocol != messages.PROTOCOL:
                self.close(CloseCode.PROTOCOL_VERSION)
                return
            await self._stay(self._hello)
        finally:
            self.hold()
            self._ended = True
            if self.pusher is not None:
                self.pusher.stop()
            self._house.forget(self)

    async def _stay(self, hello: Hello) -> None:
        try:
            live, self.seat = await self._house.join(self, hello)
        except TelepathError as error:
            self.close(close_codes.of(error))
            return
        try:
            while not self._ended:
                await self._until(lambda: bool(self._operations))
                if self._operations and not self._ended:
                    await self._perform(live, self._operations.pop(0))
        finally:
            await live.leave(self, self.seat)

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not self._ended and not condition():
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake

    def _stir(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _perform(self, live: Host, operation: Operation) -> None:
        self.answer(await live.perform(self.actor, operation))

    # From the client

    def receive(self, data: bytes | str) -> None:
        """One whole message of the client. Does at once what needs no database."""
        if self._ended:
            return
        now = self._house.clock()
        self.heard_at = now
        try:
            if isinstance(data, str):
                self._receive_text(data, now)
            elif len(data) == 8 and data[0] == frames.ACK and data[1] == 0 and self._hello is not None:
                # Most of what comes is this: it takes the way of any frame, without the steps that change nothing.
                if self._limits.ack(now):
                    self._acked(int.from_bytes(data[4:], "little"), (data[2] | data[3] << 8) / 1000, now)
            else:
                self._receive_frames(data, now)
        except (FrameError, MessageError, LyingAck):
            self.close(CloseCode.MALFORMED)
        if self._limits.flooded:
            self.close(CloseCode.FLOOD)

    def hold(self) -> None:
        """The socket must not be written to past us any more."""
        self.mailbox.apart()

    def lost(self) -> None:
        """The client is gone, or said that it goes."""
        self.hold()
        self._ended = True
        self._stir()

    def _receive_text(self, text: str, now: float) -> None:
        if not self._limits.message(len(text), now):
            return
        message = messages.decode(text)
        if isinstance(message, Hello) is (self._hello is not None):
            raise MessageError("hello comes first, and once")
        match message:
            case Hello():
                self._hello = message
                self._stir()
            case Operation():
                if len(self._operations) >= OPERATIONS or not self._limits.operation(now):
                    self.answer(messages.RefusedOperation(message.id, "error-room-too-fast"))
                else:
                    self._operations.append(message)
                    self._stir()
            case Following(following=following, whom=whom):
                if self._live is not None:
                    self._live.follow(self, following, whom)
            case Window():
                if self._live is not None:
                    self._live.size(self, message.width)
                self._show(message)
            case Ping(at=at):
                self.send_state("pong", messages.Pong(at, self._house.milliseconds()))

    def _receive_frames(self, data: bytes, now: float) -> None:
        if self._hello is None or len(data) > messages.MAX_BYTES:
            raise FrameError("hello comes first, and nothing is that long")
        # Before any work is done: decoding costs more than sending.
        if not (self._limits.ack(now) if frames.is_ack(data) else self._limits.message(len(data), now)):
            return
        for record in frames.decode(data):
            if isinstance(record, AckRecord):
                self._acked(record.received, record.held / 1000, now)
            elif self._live is not None and (self.part.points or not isinstance(record, PointerFrame | StrokeFrame)):
                self._live.relay(self.stream, record)
        if self._live is not None:
            self._live.flush_soon()
        self.pump()

    def _acked(self, received: int, held: float, now: float) -> None:
        trip = self.mailbox.acked(received, now, held)
        if trip is not None and self.pusher is not None:
            self.pusher.acked(received, trip)
        if self.mailbox.waits or self.pusher is not None:
            self.pump()

    # To the client

    def welcome(self, live: Host, payload: bytes) -> None:
        """Send the first message. The client answers it at once, and is heard: ``run`` may have to wait for its turn."""
        self._live = live
        self.put_fact(payload)
        self.pump()

    def answer(self, message: ServerMessage) -> None:
        """Send something that must arrive, after what was sent before."""
        self.put_fact(messages.encode(message))
        self.pump()

    def put_fact(self, payload: bytes) -> None:
        try:
            self.mailbox.put_fact(payload)
        except MailboxFull:
            self.close(CloseCode.SLOW)

    def send_state(self, key: str, message: ServerMessage) -> None:
        """Send something of which only the newest matters."""
        self.mailbox.put_state(key, messages.encode(message))
        self.pump()

    def write_through(self, message: Message, departure: Departure) -> bool:
        """Send ``message`` at once if nothing stands in the way; whether it was sent. ``departure``: its own."""
        if self._ended or self._socket.full or not self.mailbox.direct(departure):
            return False
        self._socket.write(message)
        return True

    def join(self, chorus: Chorus) -> None:
        """From now on what goes to all is written past us, if the socket allows it."""
        file = self._socket.file
        if file >= 0 and not self._ended:
            self.mailbox.enter(chorus, self.stream, file)

    def mend(self, rest: bytes) -> None:
        """Send what the operating system did not take of what was written past us."""
        self.mailbox.apart()
        self._socket.mend(rest)

    def pump(self) -> None:
        """Send what credit and the socket's buffer allow."""
        while self.mailbox.waits and not self._ended and not self._socket.full:
            outgoing = self.mailbox.next()
            if outgoing is None:
                return
            message = wire.text(outgoing.payload) if outgoing.text else wire.binary(outgoing.payload)
            self.mailbox.sent(message.size, self._house.clock())
            self._socket.write(message)
        if self.pusher is not None:
            self._push(self.pusher)

    def _push(self, pusher: Pusher) -> None:
        """Send tiles, while nothing else waits and their window is open."""
        while not (self.mailbox.waits or self._ended or self._socket.full):
            payload = pusher.next()
            if payload is None:
                return
            message = wire.binary(payload)
            self.mailbox.sent(
                0, self._house.clock()
            )  # tiles have a window of their own, and take no credit from frames
            pusher.left(self.mailbox.messages, message.size)
            self._socket.write(message)

    def _show(self, window: Window) -> None:
        if self._live is None or self._supply is None:
            return
        if self.pusher is None:
            if not window.push:
                return
            self.pusher = Pusher(self._supply, self._house.clock, self.pump)
        self.pusher.show(window)
        self._live.aim(self)

    def acknowledge(self, received: int) -> None:
        """For a socket that knows by itself what has left."""
        if not self._ended:
            self.mailbox.acked(received, self._house.clock())
            self.pump()

    def check_pulse(self, now: float) -> None:
        """Close if the client has been silent for too long."""
        if self.mailbox.silent(now) or (self._acknowledges and now - self.heard_at > SILENCE):
            self.close(CloseCode.SLOW)

    def looked_at(self, found: Found) -> None:
        """Go on as who they are now; close if the session or the right has ended, or nobody has been there for too long."""
        self.checked_at = self._house.clock()
        if found.over is None:
            self.actor, self.part = found.actor, found.part
        else:
            self.close(found.over)

    def not_looked_at(self) -> None:
        """Close if that has failed for two periods: a right that could not be checked so long is no right."""
        if self._house.clock() - self.checked_at > 2 * self._house.recheck_every:
            self.close(CloseCode.TRY_LATER)

    def room_closed(self) -> None:
        """Close, after the facts that still wait: nobody can come back for them, and the last one says who closed the room."""
        if not self._ended:
            for payload in self.mailbox.rest():
                self._socket.write(wire.text(payload))
        self.close(CloseCode.CLOSED)

    def close(self, code: CloseCode) -> None:
        if not self._ended:
            self.hold()
            self._ended = True
            self._socket.close(code)
            self._stir()
