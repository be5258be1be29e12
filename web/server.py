"""The server process: uvicorn, with our own WebSocket and HTTP classes. The only module that knows uvicorn's private classes.

``RoomProtocol`` is uvicorn's sansio engine plus two things. A room writes bytes that were framed once to any number of
sockets, past the ASGI queue; and a fault is mended that makes the engine fail Autobahn 7.1.5.

``TileProtocol`` is uvicorn's HTTP connection with a lane for tiles in front (tile_lane.py), which TELEPATH_TILE_LANE turns off:
then they go by ASGI, with the same answers.
"""

import asyncio
import gc
import os
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp, Scope
from uvicorn._types import ASGI3Application, ASGISendEvent
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.speedups import apply_mask

from realtime.hub import Hub
from realtime.messages import MAX_BYTES
from realtime.wire import HIGH_WATER, Message
from telepath.background import Background
from web.joined_writes import JoinedWrites
from web.settings import Settings
from web.tile_lane import BEGINNING, Caller, TileLane
from web.tile_outlet import Outlet
from web.tiles import TileService
from web.watchdog import tell_systemd

EXTENSION: Final = "telepath.socket"
"""Where the ASGI scope holds the RoomProtocol."""
CLOSE_WITHIN: Final = 2.0
"""Seconds that a client has to answer our close, or to read what is still under way; then the connection is dropped."""
NOT_SENT: Final = 16 * 1024
"""Bytes of the kernel's queue: what stands in it is late already. Credit is the rule, this the belt. What is on its way may be
more: a long wide link holds more than any fixed buffer."""
SEND_BUFFER: Final = 64 * 1024
"""The whole of it, where the kernel does not tell the two apart."""
_BINARY: Final = 0x82
"""A whole binary message, its first byte."""
_HEAD: Final = 6
"""Bytes before the payload of a short message from a client: two, and the mask."""
_SHORT: Final = _HEAD + 125
AT_ONCE: Final = 8 * 1024
"""Bytes of one socket that are taken in before the others have their turn. Both loops read 256 KB: thousands of messages."""
_LAST_WORD: Final = 1024
GRACE: Final = 5
"""Seconds that requests under way have to end when the process is asked to stop."""


class Engine(ServerProtocol):
    """websockets' protocol, mended: RFC 6455 5.4 allows a control frame in the middle of a fragmented message, a close frame
    too. The library answers it with 1002; the right answer is to echo the close (Autobahn 7.1.5)."""

    between = True
    """Whether all bytes that came were whole messages: the next one begins one."""

    def receive_data(self, data: bytes | bytearray) -> None:
        self.between = False
        super().receive_data(data)

    def recv_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:
            self.current_size = None
        super().recv_frame(frame)
        self.between = not self.reader.buffer and self.current_size is None and self.state is State.OPEN


class _Unheard(asyncio.Queue[Any]):
    """What the application would be told, which has the room tell it."""

    def put_nowait(self, item: Any) -> None:
        """Gone."""


_UNHEARD: Final = _Unheard()
_OPEN: Final = asyncio.Event()
_OPEN.set()


class RoomProtocol(WebSocketsSansIOProtocol):
    """One WebSocket. A ``realtime.wire.Socket`` once it is attached; before that, and for who does not attach, plain ASGI."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        # No extension is ever agreed: frames that are built once fit every socket, and nothing can be inflated.
        self.conn: Engine = Engine(extensions=[], max_size=config.ws_max_size, logger=self.conn.logger)
        self._receive: Callable[[bytes | str], None] | None = None
        self._lost: Callable[[], None] | None = None
        self._hold: Callable[[], None] | None = None
        self._own = -1
        """The number of the socket, while it is ours: not before it is attached, not through TLS, not after the end."""
        self.file = -1
        """The same, while the transport holds no bytes, which would go first."""
        self.full = False

    def attach(
        self,
        receive: Callable[[bytes | str], None],
        lost: Callable[[], None],
        hold: Callable[[], None] | None = None,
    ) -> None:
        """From now on messages go to ``receive`` and the end to ``lost``, at once. Call it when the socket is accepted.
        ``hold`` is called before bytes go by the transport, when ``file`` was there to be written to."""
        self._receive, self._lost, self._hold = receive, lost, hold
        plug = self.transport.get_extra_info("socket")
        if plug is not None and plug.family in {socket.AF_INET, socket.AF_INET6}:
            if hasattr(socket, "TCP_NOTSENT_LOWAT"):
                plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, NOT_SENT)
            else:
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
            if self.transport.get_extra_info("sslcontext") is None and not self.transport.is_closing():
                self._own = plug.fileno()
        self.transport.set_write_buffer_limits(HIGH_WATER)
        while not self.queue.empty():
            event = self.queue.get_nowait()
            if event["type"] == "websocket.receive":
                text = event.get("text")
                receive(text if text is not None else event.get("bytes") or b"")
            elif event["type"] == "websocket.disconnect":
                lost()
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        # Seven KB that nobody looks at again, for each of thousands who only listen.
        self.queue, self.writable = _UNHEARD, _OPEN
        del self.request, self.response

    # realtime.wire.Socket

    def write(self, message: Message) -> None:
        if self.close_sent or self.transport.is_closing():
            return
        if not self.transport.get_write_buffer_size():
            self.file = self._own
        if self.file < 0:
            self.transport.write(message.framed)
            return
        # Past the transport: it would put the bytes into a list, and look at that once more before it waits for news.
        try:
            sent = os.write(self.file, message.framed)
        except OSError:
            sent = 0
        if sent != message.size:
            self.mend(message.framed[sent:])

    def mend(self, rest: bytes) -> None:
        # No room; or the connection is lost, which the transport finds too.
        self._by_transport()
        self.transport.write(rest)

    def close(self, code: int) -> None:
        self._by_transport()
        if self.close_sent or self.transport.is_closing():
            return
        try:
            self.conn.send_close(code)
        except InvalidState:
            self.transport.close()
            return
        self.close_sent = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_timer = self.loop.call_later(CLOSE_WITHIN, self.transport.abort)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    # What uvicorn calls

    def data_received(self, data: bytes) -> None:
        if self.close_sent and len(data) > _LAST_WORD:
            return  # whoever was closed for a flood goes on sending; of interest is only that they say goodbye
        # Nearly all that comes is one short binary message: the engine takes it apart in ten times as long.
        if (
            data[0] == _BINARY
            and 2 < len(data) == (data[1] & 127) + _HEAD <= _SHORT
            and data[1] > 127
            and self.conn.between
            and self._receive is not None
            and not self.close_sent
            and not self.transport.is_closing()
        ):
            self._receive(apply_mask(data[_HEAD:], data[2:_HEAD]))
        elif len(data) > AT_ONCE and self._receive is not None:
            self.read_paused = True
            self.transport.pause_reading()
            self._take_in(data, 0)
        else:
            super().data_received(data)

    def _take_in(self, data: bytes, place: int) -> None:
        """What was read at once, from ``place`` on, a part in each turn of the loop; until then nothing more is read."""
        if self.transport.is_closing():
            return
        if not self.close_sent:
            super().data_received(data[place : place + AT_ONCE])
        if not self.close_sent and place + AT_ONCE < len(data):
            self.loop.call_soon(self._take_in, data, place + AT_ONCE)
        elif self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def handle_ping(self) -> None:
        self._by_transport()
        super().handle_ping()

    def shutdown(self) -> None:
        self._by_transport()
        super().shutdown()

    async def send(self, event: ASGISendEvent) -> None:
        self._by_transport()
        await super().send(event)

    def pause_writing(self) -> None:
        self.full = True
        if self._receive is None:
            super().pause_writing()

    def resume_writing(self) -> None:
        self.full = False
        super().resume_writing()

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"][EXTENSION] = self  # type: ignore[assignment]

    def handle_cont(self, event: Frame) -> None:
        # Empty fragments count against no limit of size, but each would be kept until the last one.
        if event.data or event.fin:
            super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        if self._receive is None or self.close_sent:
            super().send_receive_event_to_app()
            return
        data, self.frames = b"".join(self.frames), []
        if self.curr_msg_data_type == "bytes":
            self._receive(data)
            return
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self.conn.send_close(1007)
            self.handle_parser_exception()
            return
        self._receive(text)

    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        self._end()

    def handle_parser_exception(self) -> None:
        if self.close_sent:
            return
        self._queued = True
        self.close_sent = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        # Closed while more of a long message comes, the connection would be reset, and the reason with it: what comes is read,
        # and thrown away, until the client has gone.
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.close_timer = self.loop.call_later(CLOSE_WITHIN, self.transport.abort)
        told = self.conn.close_sent
        if told is not None:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": told.code, "reason": told.reason})
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._end()

    def _by_transport(self) -> None:
        self.file = -1
        if self._hold is not None:
            self._hold()

    def _end(self) -> None:
        self._own = -1
        self._by_transport()
        lost, self._lost = self._lost, None
        if lost is not None:
            lost()


def room_socket(scope: Scope) -> RoomProtocol | None:
    """Our own socket under this ASGI scope; None: another server runs the application, messages go by ASGI."""
    found = scope.get("extensions", {}).get(EXTENSION)
    return found if isinstance(found, RoomProtocol) else None


class JoinedProtocol(HttpToolsProtocol):
    """One HTTP connection, whose answers do not leave in two parts without need."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        cycle.transport = JoinedWrites(self.transport, self.loop)  # type: ignore[assignment]
        super()._start_asgi_task(cycle, app)


class TileProtocol(JoinedProtocol):
    """One HTTP connection. When nothing is under way on it and what comes is one whole usual request of a tile, the lane
    answers; everything else takes uvicorn's way, which then has not seen a byte of the other."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        lane: TileLane,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        tiles = getattr(app_state.get("services"), "tiles", None)
        # What uvicorn would do besides, and the lane does not: then uvicorn does it all.
        plain = not self.access_log and self.limit_concurrency is None and not self.root_path
        self._tiles = tiles if plain and isinstance(tiles, TileService) else None
        self._lane = lane
        self._caller: Caller | None = None
        """None before the first request of a tile."""
        self._between = True
        """No request was begun that has not come whole."""
        self._answered_at = 0.0

    def data_received(self, data: bytes) -> None:
        if not (self._tiles is not None and self._between and data.startswith(BEGINNING) and self._answered(data)):
            super().data_received(data)

    def _answered(self, data: bytes) -> bool:
        under_way = not getattr(self.cycle, "response_complete", True)  # None before the first
        # A reader too slow for what was sent already waits its turn as uvicorn has it.
        if under_way or self.pipeline or self.flow.write_paused or self.transport.is_closing() or self._tiles is None:
            return False
        caller = self._caller
        if caller is None:
            caller = self._caller = Caller(self.client, Outlet(self.transport))
        if not self._lane.answered(self._tiles, data, caller, self.server_state.default_headers):
            return False
        self.server_state.total_requests += 1
        self._answered_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._keep_alive_for(self.timeout_keep_alive)
        return True

    def _keep_alive_for(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        # Setting the clock anew at each tile would cost as much as the tile.
        left = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._keep_alive_for(left)
        else:
            super().timeout_keep_alive_handler()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        self._leave()  # another protocol has the connection from now on
        super().handle_websocket_upgrade()

    def _leave(self) -> None:
        if self._caller is not None:
            self._caller.outlet.close()

    def on_message_begin(self) -> None:
        self._between = False
        super().on_message_begin()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._between = True


class Server(uvicorn.Server):
    """Tells systemd that it lives. Before it closes everything with 1012, it ends the streams of notices, and asks rooms'
    clients to go to another node."""

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        gc.collect()
        gc.freeze()  # looking again and again through all that was imported would stop everybody for a tenth of a second
        background = Background()
        background.start(tell_systemd(), "watchdog")
        try:
            await super().serve(sockets)
        finally:
            await background.stop()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listening in self.servers:
            listening.close()
        services = self.lifespan.state.get("services")
        stopping = getattr(services, "stopping", None)
        if isinstance(stopping, asyncio.Event):
            stopping.set()
        hub = getattr(services, "hub", None)
        if isinstance(hub, Hub):
            await hub.drain()
        await super().shutdown(sockets)


def server_of(app: ASGIApp, settings: Settings, port: int | None = None) -> Server:
    """A server that does not run yet. The rooms of ``app`` are found in the lifespan's state, as ``services``."""
    config = uvicorn.Config(
        app,
        # Without its services a node must not answer at all.
        lifespan="on",
        host=settings.host,
        port=settings.port if port is None else port,
        http=partial(TileProtocol, lane=TileLane()) if settings.tile_lane else JoinedProtocol,  # type: ignore[arg-type]
        ws=RoomProtocol,
        ws_max_size=MAX_BYTES,
        ws_per_message_deflate=False,
        # A room has its own ticks, and notices a silent client sooner.
        ws_ping_interval=None,
        # web/middleware.py decides itself whom to believe about addresses.
        proxy_headers=False,
        server_header=False,
        # web/request_log.py writes its own line: uvicorn's has the address that was asked for.
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE,
    )
    return Server(config)


async def serve(
    app: ASGIApp, settings: Settings, *, port: int | None = None, sockets: Sequence[socket.socket] | None = None
) -> None:
    """Run until SIGTERM or SIGINT, on the host and port of the settings, on another ``port``, or on ``sockets`` that are
    already bound."""
    await server_of(app, settings, port).serve(list(sockets) if sockets else None)
