"""Storage in a bucket of a real S3, as the settings would open it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from telepath import s3_address
from telepath.storage_s3 import S3Storage
from tests.anchors import S3

LIMIT = 1 << 30


def credentials(patch: pytest.MonkeyPatch, key_id: str = S3.KEY_ID, secret: str = S3.SECRET) -> None:
    """What boto3 finds in the environment."""
    patch.setenv("AWS_ACCESS_KEY_ID", key_id)
    patch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    patch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def made_bucket(server: S3) -> str:
    name = f"slides-{uuid4().hex[:8]}"
    server.owner.create_bucket(Bucket=name)
    return name


def address(server: S3, bucket: str) -> str:
    return f"s3://{bucket}/some/prefix?region=test&endpoint={server.endpoint}"


def opened(server: S3, bucket: str, staging: Path, limit: int = LIMIT) -> S3Storage:
    return S3Storage(s3_address.read(address(server, bucket)), staging, limit)


def objects(server: S3, bucket: str) -> list[str]:
    return [one["Key"] for one in server.owner.list_objects_v2(Bucket=bucket).get("Contents", [])]


def uploads(server: S3, bucket: str) -> list[str]:
    """Those that were begun and not ended."""
    return [one["Key"] for one in server.owner.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]


class Line:
    """The network between a node and the server: ``up`` and ``down`` are the bytes that went over it."""

    def __init__(self, server: S3) -> None:
        there = urlsplit(server.endpoint)
        self._there = there.hostname, there.port
        self._carried: set[asyncio.Task[None]] = set()
        self.up = self.down = 0
        self.endpoint = ""

    def address(self, bucket: str) -> str:
        return f"s3://{bucket}/some/prefix?region=test&endpoint={self.endpoint}"

    def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._carried.add(asyncio.create_task(self._carry(reader, writer)))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._there)
        try:
            await asyncio.gather(self._pass(reader, back, up=True), self._pass(there, writer, up=False))
        finally:
            for end in (writer, back):
                end.transport.abort()
                with suppress(ConnectionError):
                    await end.wait_closed()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                self.up += len(data) if up else 0
                self.down += 0 if up else len(data)
                writer.write(data)
                await writer.drain()
            writer.close()

    async def close(self) -> None:
        for task in self._carried:
            task.cancel()
        await asyncio.gather(*self._carried, return_exceptions=True)


@asynccontextmanager
async def line(server: S3) -> AsyncIterator[Line]:
    made = Line(server)
    listening = await asyncio.start_server(made.carry, "127.0.0.1", 0)
    made.endpoint = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening:
        yield made
        await made.close()
