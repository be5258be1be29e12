"""An application that sends back what it receives, in both ways in which ours use a WebSocket: ``/attached`` by the socket
below ASGI, as rooms do on our server, ``/plain`` by ASGI, as on any other server."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from realtime import wire
from web.server import Server, room_socket, server_of
from web.settings import Settings

WAYS: Final = ("attached", "plain")
LONGEST: Final = 16 << 20
"""Bytes of the longest message of Autobahn's cases (9.1.6, 9.2.6)."""


async def plain(websocket: WebSocket) -> None:
    await websocket.accept()
    with suppress(WebSocketDisconnect):  # the other end has gone before it had its answer
        while (event := await websocket.receive())["type"] == "websocket.receive":
            text = event.get("text")
            if text is not None:
                await websocket.send_text(text)
            else:
                await websocket.send_bytes(event["bytes"])


async def attached(websocket: WebSocket) -> None:
    await websocket.accept()
    below = room_socket(websocket.scope)
    assert below is not None, "this is our own server"
    over = asyncio.Event()

    def receive(data: bytes | str) -> None:
        below.write(wire.text(data.encode()) if isinstance(data, str) else wire.binary(bytes(data)))

    below.attach(receive, over.set)
    await over.wait()


@asynccontextmanager
async def echoing(longest: int = LONGEST) -> AsyncIterator[tuple[Server, int]]:
    """The server and its port on the loopback, until the block ends; ``longest``: bytes of a message."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield {}

    app = Starlette(routes=[WebSocketRoute("/attached", attached), WebSocketRoute("/plain", plain)], lifespan=lifespan)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(200)
        listener.setblocking(False)
        server = server_of(app, Settings(log_level="warning"))
        server.config.ws_max_size = longest
        serving = asyncio.create_task(server.serve([listener]))
        try:
            while not server.started and not serving.done():  # noqa: ASYNC110  # it tells nobody
                await asyncio.sleep(0.005)
            yield server, listener.getsockname()[1]
        finally:
            server.should_exit = True
            await serving
