"""An object put into a bucket as its bytes come: in one piece when it is small, else in parts, and whole or not at all."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

PART: Final = 8 << 20
"""Bytes of the first parts. Two are in memory at most: one comes while the one before goes."""
GROWS_EVERY: Final = 250
"""Parts, after which they are twice as long: some servers take a thousand parts, Amazon's ten thousand."""
LONGEST: Final = 128 << 20

Run = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Runs what blocks in a thread, and translates what it raises."""


def part_size(number: int) -> int:
    """Bytes of the part of this number, from 1 on: 30 GB in a thousand parts, a terabyte in ten thousand."""
    return min(LONGEST, PART << min(16, (number - 1) // GROWS_EVERY))


class Upload:
    """``add`` all bytes, then ``finish``; or ``abort`` after any error. ``client``: gives boto3's, in a thread."""

    def __init__(self, run: Run, client: Callable[[], Any], bucket: str, name: str) -> None:
        self._run, self._client = run, client
        self._where = {"Bucket": bucket, "Key": name}
        self._id: str | None = None
        self._comes = bytearray()
        self._goes: asyncio.Future[Any] | None = None
        self._done: list[dict[str, Any]] = []
        self.written = 0
        self.state = ""
        """The ETag that the object has once it is finished."""

    async def add(self, chunk: bytes) -> None:
        self._comes += chunk
        while len(self._comes) >= (size := part_size(len(self._done) + 1 + (self._goes is not None))):
            part = bytes(memoryview(self._comes)[:size])
            del self._comes[:size]
            await self._send(part)

    async def finish(self) -> int:
        """Returns the bytes of the object, which is durable now."""
        rest, self._comes = bytes(self._comes), bytearray()
        if self._id is None:
            self.written = len(rest)
            put = await self._run(lambda: self._client().put_object(**self._where, Body=rest))
            self.state = put["ETag"]
            return self.written
        if rest:
            await self._send(rest)
        await self._sent()
        parts = {"Parts": self._done}
        whole = partial(self._called, "complete_multipart_upload", UploadId=self._id, MultipartUpload=parts)
        self.state = (await self._run(whole))["ETag"]
        return self.written

    async def abort(self) -> None:
        """Leave nothing behind."""
        if self._goes is not None:
            await asyncio.gather(self._goes, return_exceptions=True)
        if self._id is not None:
            await self._run(partial(self._called, "abort_multipart_upload", UploadId=self._id))

    async def _send(self, part: bytes) -> None:
        if self._id is None:
            begun = await self._run(partial(self._called, "create_multipart_upload"))
            self._id = begun["UploadId"]
        await self._sent()
        number = len(self._done) + 1
        put = partial(self._called, "upload_part", UploadId=self._id, PartNumber=number, Body=part)
        self._goes = asyncio.ensure_future(self._run(put))
        self.written += len(part)

    async def _sent(self) -> None:
        if self._goes is not None:
            put = await asyncio.shield(self._goes)
            self._goes = None
            self._done.append({"PartNumber": len(self._done) + 1, "ETag": put["ETag"]})

    def _called(self, operation: str, **parameters: Any) -> Any:
        return getattr(self._client(), operation)(**self._where, **parameters)
