"""Ranges of 12 KB out of a slide of 64 MB: from a real S3 on this machine, as tiles are read; with boto3 in threads and with a
general HTTP client beside; and from the local folder."""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import httpx2

from telepath import s3_address, s3_client
from telepath.storage import Storage
from telepath.storage_local import LocalStorage
from telepath.storage_s3 import S3Storage
from tests import slides_s3
from tests.anchors import S3, s3_server

LENGTH = 12_000
SIZE = 64 << 20
READS = 2000
KEY = "slide/files/slide.svs"
Read = Callable[[int], Awaitable[bytes]]


async def measured(name: str, read: Read, readers: int) -> None:
    """Prints reads per second, the middle and the slowest hundredth of their times, and this process's own processor time."""
    offsets = iter(random.Random(readers).randrange(SIZE - LENGTH) for _ in range(READS))
    taken: list[float] = []

    async def reader() -> None:
        for offset in offsets:
            began = time.perf_counter()
            assert len(await read(offset)) == LENGTH
            taken.append(time.perf_counter() - began)

    await read(0)
    began, busy = time.perf_counter(), time.process_time()
    await asyncio.gather(*(reader() for _ in range(readers)))
    seconds, processor = time.perf_counter() - began, time.process_time() - busy
    taken.sort()
    middle, slow = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    print(
        f"  {name:34} {readers:3} readers {READS / seconds:7.0f} reads/s, {processor / READS * 1e6:6.0f} µs of processor each,"
        f" p50 {middle * 1e3:5.2f} ms, p99 {slow * 1e3:6.2f} ms"
    )


async def chunks() -> AsyncIterator[bytes]:
    noise = random.Random(1)
    for _ in range(SIZE >> 20):
        yield noise.randbytes(1 << 20)


async def now_or_later(storage: Storage, offset: int) -> bytes:
    """As the tile route reads."""
    held = storage.read_now(KEY, offset, LENGTH)
    return held if held is not None else await storage.read(KEY, offset, LENGTH)


async def compare(server: S3, folder: Path) -> None:
    bucket = slides_s3.made_bucket(server)
    address = s3_address.read(slides_s3.address(server, bucket))
    storage = S3Storage(address, folder / "staged", 10**9)
    local = LocalStorage(folder / "local")
    client = s3_client.made(region="test", endpoint=server.endpoint, connections=32)
    where = {"Bucket": bucket, "Key": address.prefix + KEY}
    url = client.generate_presigned_url("get_object", where, ExpiresIn=3600)
    for one in (storage, local):
        await one.put_stream(KEY, chunks())

    def got(offset: int) -> bytes:
        body: bytes = client.get_object(**where, Range=f"bytes={offset}-{offset + LENGTH - 1}")["Body"].read()
        return body

    async def in_a_thread(offset: int) -> bytes:
        return await asyncio.to_thread(got, offset)

    async with httpx2.AsyncClient(limits=httpx2.Limits(max_connections=32), trust_env=False) as general:

        async def by_httpx(offset: int) -> bytes:
            return (await general.get(url, headers={"range": f"bytes={offset}-{offset + LENGTH - 1}"})).content

        for readers in (1, 16):
            await measured("boto3 in a thread", in_a_thread, readers)
            await measured("a presigned address with httpx2", by_httpx, readers)
            await measured("storage_s3", partial(storage.read, KEY, length=LENGTH), readers)
            await measured("storage_s3, in memory", lambda _: now_or_later(storage, 0), readers)
            await measured("storage_local", partial(now_or_later, local), readers)
    await storage.close()
    await local.close()
    client.close()


def main() -> None:
    os.environ |= {
        "AWS_ACCESS_KEY_ID": S3.KEY_ID,
        "AWS_SECRET_ACCESS_KEY": S3.SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    print("ranges of 12 KB; the server is SeaweedFS on the same processor cores:")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "server").mkdir()
        with s3_server(Path(folder) / "server") as server:
            asyncio.run(compare(server, Path(folder)))


if __name__ == "__main__":
    main()
