"""What one says, all others hear, as the manual of websockets has it. broadcast PORT"""

import asyncio
import contextlib
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed


async def run(port: int) -> None:
    everybody: set[ServerConnection] = set()

    async def one(connection: ServerConnection) -> None:
        everybody.add(connection)
        with contextlib.suppress(ConnectionClosed):
            async for message in connection:
                broadcast(everybody - {connection}, message)
        everybody.discard(connection)

    async with serve(one, "127.0.0.1", port, compression=None):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1])))
