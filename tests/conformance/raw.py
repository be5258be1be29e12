"""A WebSocket client made of bytes: it sends what no library would."""

import asyncio
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from websockets.frames import Close, Frame, Opcode

NORMAL: Final = Close(1000, "").serialize()
PATIENCE: Final = 10.0
CONTROL: Final = frozenset({Opcode.PING, Opcode.PONG, Opcode.CLOSE})


def framed(opcode: Opcode | int, data: bytes = b"", *, fin: bool = True, reserved: int = 0) -> bytes:
    """A masked frame, as it is or as it may not be: ``reserved`` is the three bits after the first."""
    frame = bytearray(Frame(Opcode.TEXT, data, fin).serialize(mask=True))
    frame[0] = frame[0] & 0x80 | reserved << 4 | int(opcode)
    return bytes(frame)


class Raw:
    """One connection, the handshake behind it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def put(self, opcode: Opcode | int, data: bytes = b"", *, fin: bool = True, reserved: int = 0) -> None:
        self.writer.write(framed(opcode, data, fin=fin, reserved=reserved))

    async def chopped(self, data: bytes, size: int) -> None:
        """``data`` in segments of ``size`` bytes, each of which leaves by itself."""
        for place in range(0, len(data), size):
            self.writer.write(data[place : place + size])
            await self.writer.drain()
            await asyncio.sleep(0)  # the server's turn: it is in the same loop

    async def frame(self) -> tuple[Opcode, bytes]:
        """The next one. Raises asyncio.IncompleteReadError: the connection is over."""
        async with asyncio.timeout(PATIENCE):
            first, length = await self.reader.readexactly(2)
            assert first & 0xF0 == 0x80, "whole, and without what was not agreed"
            if length == 126:
                (length,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
            return Opcode(first & 0x0F), await self.reader.readexactly(length)

    async def frames(self) -> list[tuple[Opcode, bytes]]:
        """All that comes until the server closes the connection."""
        found = []
        with suppress(asyncio.IncompleteReadError):
            while True:
                found.append(await self.frame())
        return found

    async def end(self) -> list[tuple[Opcode, bytes]]:
        """The last frames, messages apart."""
        return [frame for frame in await self.frames() if frame[0] in CONTROL]

    async def end_code(self) -> int:
        """The code with which the server closes, the connection being over after it."""
        opcode, body = (await self.frames())[-1]
        assert opcode is Opcode.CLOSE
        (code,) = struct.unpack("!H", body[:2])
        return int(code)


def handshake(host: str, path: str, *headers: str) -> bytes:
    """What a client says first. ``host``: with its port. It offers to compress, which is never agreed."""
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Extensions: permessage-deflate",
        *headers,
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


@asynccontextmanager
async def connected(host: str, path: str, *headers: str, secure: ssl.SSLContext | None = None) -> AsyncIterator[Raw]:
    """The handshake is done. ``secure``: through TLS."""
    reader, writer = await asyncio.open_connection(*host.split(":"), ssl=secure)
    writer.write(handshake(host, path, *headers))
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    assert " 101 " in head
    assert "sec-websocket-extensions" not in head, "nothing is compressed on this lane"
    try:
        yield Raw(reader, writer)
    finally:
        writer.close()
