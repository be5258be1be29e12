"""What stands in front of the nodes, as in production: one address, each connection goes to the next node that takes it. It
cuts connections, also in the middle of a message, and lets them hang."""

import asyncio
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

PIECE: Final = 64 * 1024


class Pipe:
    """One connection through the balancer. ``node``: the port behind it."""

    def __init__(self, node: int, passed: Counter[bool], *writers: asyncio.StreamWriter) -> None:
        """``passed``: counts bytes, those that go down under True."""
        self.node = node
        self._passed = passed
        self._writers = writers
        self._flows = asyncio.Event()
        self._flows.set()
        self._left: dict[bool, int] = {}

    def cut(self) -> None:
        """Now, without a word to either end."""
        self._flows.set()
        for writer in self._writers:
            writer.transport.abort()

    def cut_after(self, count: int, *, down: bool) -> None:
        """When so many bytes more have gone ``down`` to the client, or up to the node."""
        self._left[down] = count

    def stall(self) -> None:
        """Keep what comes, and pass nothing on: a packet was lost."""
        self._flows.clear()

    def go_on(self) -> None:
        self._flows.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, down: bool) -> None:
        """Until one end is gone; then the other end is let go, too."""
        try:
            while piece := await reader.read(PIECE):
                await self._flows.wait()
                self._passed[down] += len(piece)
                left = self._left.get(down)
                if left is not None:
                    self._left[down] = left - len(piece)
                    if left <= len(piece):
                        writer.write(piece[:left])
                        await writer.drain()
                        self.cut()
                        return
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass
        finally:
            for one in self._writers:
                one.close()


class Balancer:
    """``async with Balancer(ports) as front``. Strictly in turn; a node that takes no connection is passed over. ``nodes`` may
    be changed at any time. ``tls``: it ends here."""

    def __init__(self, nodes: list[int], *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.nodes = nodes
        self.port = port
        self._tls = tls
        self.host = "127.0.0.1"
        self.pipes: set[Pipe] = set()
        self._passed: Counter[bool] = Counter()
        self._turn = 0
        self._carrying: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._come, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for pipe in list(self.pipes):
            pipe.cut()
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def up(self) -> int:
        """Bytes that came for the nodes."""
        return self._passed[False]

    @property
    def down(self) -> int:
        """Bytes that came from them."""
        return self._passed[True]

    async def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._carrying.add(task)
        try:
            await self._through(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._carrying.discard(task)

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._turn += 1
        nodes, turn = self.nodes, self._turn
        for step in range(len(nodes)):
            node = nodes[(turn + step) % len(nodes)]
            try:
                behind, ahead = await asyncio.open_connection("127.0.0.1", node)
            except OSError:
                continue
            for one in (writer, ahead):
                one.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pipe = Pipe(node, self._passed, writer, ahead)
            self.pipes.add(pipe)
            try:
                await asyncio.gather(pipe.carry(behind, writer, down=True), pipe.carry(reader, ahead, down=False))
            finally:
                self.pipes.discard(pipe)
            return
        writer.transport.abort()


@contextmanager
def in_a_thread() -> Iterator[Balancer]:
    """For synchronous code. Only ``nodes`` and ``origin`` are to be touched."""
    loop = asyncio.new_event_loop()
    running = threading.Thread(target=loop.run_forever)
    running.start()
    front = Balancer([])
    front.host = "localhost"
    try:
        asyncio.run_coroutine_threadsafe(front.__aenter__(), loop).result()
        yield front
        asyncio.run_coroutine_threadsafe(front.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        running.join()
        loop.close()
