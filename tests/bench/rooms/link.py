"""A bad link in user space, for one TCP connection after the other: link PORT TO MBITS MILLISECONDS

What comes from either side leaves at the link's rate and arrives that many milliseconds later. What the link has not taken yet
waits where it came from: at most QUEUE bytes here, a little more in the kernel's buffer of the side that the server writes to.
It is no emulator of TCP: nothing is lost, and the server's kernel sees a near end that takes bytes slowly.

Held against one that is (two TUN devices, 2026-11-23), at 4 and 1 Mbit/s with 250 ms: small trips of 252 and 254 ms (there 251
and 252), a second megabyte in 2.5 and 8.3 s (2.3 and 9.1 there, where TCP has its headers); connecting takes no trip here."""

import asyncio
import contextlib
import socket
import sys
from typing import Final

QUEUE: Final = 4096
PART: Final = 1400
BUFFER: Final = 16 * 1024
"""SO_RCVBUF of the side that looks at the server."""


class Way:
    """One direction: what it has taken is never more than QUEUE bytes ahead of the link."""

    def __init__(self, source: socket.socket, target: socket.socket, rate: float, delay: float) -> None:
        self.source, self.target, self.rate, self.delay = source, target, rate, delay
        self.arriving: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def take(self) -> None:
        loop = asyncio.get_running_loop()
        free_at = 0.0
        while data := await self._part():
            free_at = max(free_at, loop.time()) + len(data) / self.rate
            self.arriving.put_nowait((free_at + self.delay, data))
            ahead = free_at - QUEUE / self.rate - loop.time()
            if ahead > 0:
                await asyncio.sleep(ahead)
        self.arriving.put_nowait((loop.time() + self.delay, b""))

    async def _part(self) -> bytes:
        with contextlib.suppress(OSError):  # an end that was torn off is an end
            return await asyncio.get_running_loop().sock_recv(self.source, PART)
        return b""

    async def give(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            at, data = await self.arriving.get()
            await asyncio.sleep(max(0.0, at - loop.time()))
            if not data:
                return
            await loop.sock_sendall(self.target, data)


async def carry(near: socket.socket, to: int, rate: float, delay: float) -> None:
    loop = asyncio.get_running_loop()
    with near, socket.socket() as far:
        far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        far.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, PART)  # else the small window is opened in large steps
        for one in (near, far):
            one.setblocking(False)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.sock_connect(far, ("127.0.0.1", to))
        ways = (Way(far, near, rate, delay), Way(near, far, rate, delay))
        takes, gives = [loop.create_task(way.take()) for way in ways], [loop.create_task(way.give()) for way in ways]
        # The last bytes of who ends are still on their way.
        await asyncio.wait(gives, return_when=asyncio.FIRST_COMPLETED)
        tasks = [*takes, *gives]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def run(port: int, to: int, rate: float, delay: float) -> None:
    loop = asyncio.get_running_loop()
    carrying: set[asyncio.Task[None]] = set()
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        listener.setblocking(False)
        while True:
            near, _ = await loop.sock_accept(listener)
            task = loop.create_task(carry(near, to, rate, delay))
            carrying.add(task)
            task.add_done_callback(carrying.discard)


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) * 1e6 / 8, float(sys.argv[4]) / 1000))
