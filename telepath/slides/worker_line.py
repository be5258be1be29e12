"""The web process's end of the conversation with a worker: one request, and then its answer (messages.py)."""

import asyncio
from typing import Final, cast

import msgspec

from telepath.errors import SlideForbidden
from telepath.slides.messages import LENGTH, Reply, Request

MAX_ANSWER: Final = 256 << 20
USUAL: Final = 64 << 10
"""Bytes that an answer most often has at most."""

_encoder: Final = msgspec.msgpack.Encoder()
_replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


class Line(asyncio.BufferedProtocol):
    """For ``loop.create_unix_connection``. A tile comes in one piece of the buffer, and is copied once."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray(USUAL)
        self._have = 0
        self._answer: asyncio.Future[int] | None = None
        self._closed = asyncio.get_running_loop().create_future()

    async def ask(self, request: Request, seconds: float) -> Reply:
        """Not to be asked twice at the same time, nor again after it raised: half an answer may still come.

        Raises TimeoutError; OSError or EOFError: the worker has ended; msgspec.DecodeError or UnicodeDecodeError: it does not
        speak as a worker does; SlideForbidden: it says too much."""
        if self._transport is None or self._closed.done():
            raise EOFError
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        body = bytearray(LENGTH.size)
        _encoder.encode_into(request, body, LENGTH.size)
        LENGTH.pack_into(body, 0, len(body) - LENGTH.size)
        late = loop.call_later(seconds, self._fail, TimeoutError())
        try:
            self._transport.write(body)
            end = await self._answer
            with memoryview(self._buffer) as said:
                return _replies.decode(said[LENGTH.size : end])
        finally:
            late.cancel()
            self._answer, self._have = None, 0
            if len(self._buffer) > USUAL:
                self._buffer = bytearray(USUAL)

    async def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
            await asyncio.shield(self._closed)

    # asyncio.BufferedProtocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        if self._have == len(self._buffer):
            (length,) = LENGTH.unpack_from(self._buffer)
            wanted = min(LENGTH.size + length, 2 * len(self._buffer))
            self._buffer = self._buffer + bytes(max(USUAL, wanted - len(self._buffer)))
        return memoryview(self._buffer)[self._have :]

    def buffer_updated(self, nbytes: int) -> None:
        if self._answer is None or self._answer.done():
            self._hang_up()
            return
        self._have += nbytes
        if self._have < LENGTH.size:
            return
        end = LENGTH.size + LENGTH.unpack_from(self._buffer)[0]
        if end > LENGTH.size + MAX_ANSWER:
            self._fail(SlideForbidden("error-slide-limit", what="tile"))
        elif self._have >= end:
            self._answer.set_result(end)
            if self._have > end:
                self._hang_up()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or EOFError())
        if not self._closed.done():
            self._closed.set_result(None)

    def _hang_up(self) -> None:
        """It says more than it was asked: that would be taken for its next answer."""
        if self._transport is not None:
            self._transport.abort()

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
