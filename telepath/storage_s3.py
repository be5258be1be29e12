"""Storage in a bucket of an S3-compatible server.

Ranges are asked for by the event loop itself, under an address that was signed once for each object; everything else goes
through boto3, in threads of its own. What reads files gets local copies (staging.py)."""

import asyncio
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Final, TypeVar

from telepath import s3_client
from telepath.background import Background
from telepath.coming_files import ComingFiles
from telepath.errors import NotFound, TelepathError, Unavailable
from telepath.http_ranges import Answer, RangeClient, Target, target
from telepath.recent_ranges import RecentRanges
from telepath.s3_address import S3Address
from telepath.s3_client import BotoCoreError, ClientError, refusal
from telepath.s3_download import Download
from telepath.s3_upload import Upload
from telepath.staging import Keep, Part, Staging
from telepath.storage import check_key

THREADS: Final = 8
SIGNED_FOR: Final = 3600
"""Seconds. A signature is made anew after three quarters of them, and when it is refused."""
SIGNED: Final = 4096
"""Objects whose signed address is kept."""
AGAIN_SECONDS: Final = 0.2
DELETED_AT_ONCE: Final = 1000
_NOT_OF_OBJECTS: Final = ("NoSuchBucket", "NoSuchUpload")
"""404 as well: an upload was ended by somebody else, or the answer to its end was lost and it was sent again."""
WATCH_SECONDS: Final = 600.0
"""How often is looked which copies are of what another node deleted."""
ABANDONED: Final = timedelta(days=1)
"""An upload that is not finished after this was killed."""

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


class S3Storage:
    """Objects never change while tiles are read from them: ``read_now`` may give what another node has replaced since."""

    copied_apart = True

    def __init__(self, address: S3Address, staging: Path, limit: int, *, watch_every: float = WATCH_SECONDS) -> None:
        """``limit``: bytes of the local copies in ``staging``."""
        self._address = address
        self._staging = Staging(staging, limit)
        self._threads = ThreadPoolExecutor(THREADS, "s3")
        self._ranges = RangeClient(authorities=os.environ.get("AWS_CA_BUNDLE"))
        self._signed: OrderedDict[str, tuple[Target, float]] = OrderedDict()
        self._recent = RecentRanges()
        self._making = threading.Lock()
        self._made: Any = None
        self._told = ""
        self._watch_every = watch_every
        self._background: Background | None = None

    async def read(self, key: str, offset: int, length: int) -> bytes:
        check_key(key)
        if length <= 0:
            await self.size(key)
            return b""
        answer = await self._answer(key, offset, length)
        if answer.status == 416:  # it ends before
            return b""
        if answer.status == 404:
            raise await self._absent()
        # RFC 9110 14.2: "A server MAY ignore the Range header field"; then all of a short object comes.
        if answer.status != 206 and not (answer.status == 200 and offset == 0):
            raise self._away(f"status {answer.status}")
        self._told = ""
        self._recent.put(key, offset, length, answer.body)
        return answer.body[:length]

    async def _answer(self, key: str, offset: int, length: int) -> Answer:
        try:
            answer = await self._ranges.get(await self._target(key), offset, length)
            if answer.status in (400, 401, 403):  # the clock was set, or the credentials of the machine's role ended
                self._signed.pop(key, None)
            elif answer.status in (500, 502, 503, 504):
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                return answer
            return await self._ranges.get(await self._target(key), offset, length)
        except OSError as error:
            raise self._away(type(error).__name__) from error

    async def _target(self, key: str) -> Target:
        now = time.monotonic()
        signed, until = self._signed.get(key, (None, 0.0))
        if signed is None or until < now:
            signed = await self._run(lambda: self._sign(key))
            self._signed[key] = signed, now + 0.75 * SIGNED_FOR
            while len(self._signed) > SIGNED:
                self._signed.popitem(last=False)
        return signed

    def _sign(self, key: str) -> Target:
        return target(self._client().generate_presigned_url("get_object", self._where(key), ExpiresIn=SIGNED_FOR))

    def read_now(self, key: str, offset: int, length: int) -> bytes | None:
        return self._recent.get(key, offset, length)

    def opened(self, key: str) -> None:
        """None: what lies in a bucket is no file."""

    async def size(self, key: str) -> int:
        check_key(key)
        found = await self._run(lambda: self._client().head_object(**self._where(key)))
        return int(found["ContentLength"])

    async def put_stream(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        return (await self._put(key, chunks)).written

    async def _put(self, key: str, chunks: AsyncIterable[bytes]) -> Upload:
        check_key(key)
        upload = Upload(self._run, self._client, self._address.bucket, self._name(key))
        try:
            async for chunk in chunks:
                await upload.add(chunk)
            await upload.finish()
        except BaseException as error:
            with suppress(TelepathError):  # the watch aborts it later
                await asyncio.shield(upload.abort())
            if isinstance(error, OSError):
                raise Unavailable(what="storage") from error
            raise
        self._forget(key)
        return upload

    @asynccontextmanager
    async def arriving(self, key: str, size: int) -> AsyncIterator["_Arriving"]:
        self._watch()
        lent = self._staging.arriving(check_key(key), size)
        try:
            coming, keep = await lent.__aenter__()
        except OSError as error:
            raise Unavailable(what="storage") from error
        try:
            yield _Arriving(key, coming, keep, self._put)
        finally:
            with suppress(OSError):  # the next start removes it
                await lent.__aexit__(None, None, None)

    @asynccontextmanager
    async def fetch(self, key: str) -> AsyncIterator[Path]:
        self._watch()
        parts = await self._parts(check_key(key))
        if not parts:
            raise await self._absent()
        stopped = threading.Event()

        async def fill(part: Part, path: Path) -> None:
            coming = Download(self._run, self._client, self._where(part.key), part.state, stopped)
            await coming.into(path, part.size)

        lent = self._staging.lent(key, parts, fill)
        try:
            path = await lent.__aenter__()
        except OSError as error:
            raise Unavailable(what="storage") from error
        finally:
            stopped.set()  # of what was cancelled
        try:
            yield path
        finally:
            await lent.__aexit__(None, None, None)

    async def names(self, key: str) -> list[str]:
        self._watch()
        check_key(key)
        return await self._run(lambda: sorted(set(self._directly_below(key))))

    async def delete(self, key: str) -> None:
        check_key(key)
        try:
            await self._run(lambda: self._delete(key))
        finally:
            self._forget(key)
            with suppress(OSError):
                await asyncio.to_thread(self._staging.forget, key)

    async def close(self) -> None:
        if self._background is not None:
            await self._background.stop()
        await self._ranges.close()
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        if self._made is not None:
            self._made.close()

    def _name(self, key: str) -> str:
        return self._address.prefix + key

    def _where(self, key: str) -> dict[str, str]:
        return {"Bucket": self._address.bucket, "Key": self._name(key)}

    def _client(self) -> Any:
        """Made in a thread: boto3 reads files and asks the machine for its credentials."""
        with self._making:
            if self._made is None:
                self._made = s3_client.made(
                    region=self._address.region, endpoint=self._address.endpoint, attempts=2, connections=THREADS
                )
        return self._made

    async def _run(self, work: Callable[[], Result]) -> Result:
        """What ``work`` returns, from a thread. Raises NotFound; Unavailable."""
        try:
            result = await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except ClientError as error:
            code, status = refusal(error)
            if status == 404 and code not in _NOT_OF_OBJECTS:
                raise await self._absent() from None
            raise self._away(code or f"status {status}") from error
        except (BotoCoreError, OSError) as error:
            raise self._away(type(error).__name__) from error
        self._told = ""
        return result

    async def _absent(self) -> NotFound | Unavailable:
        """The object is not there; or the bucket is not."""
        where = {"Bucket": self._address.bucket}
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, lambda: self._client().head_bucket(**where))
        except ClientError as error:
            return self._away(f"bucket {refusal(error)[1]}")
        except (BotoCoreError, OSError) as error:
            return self._away(type(error).__name__)
        return NotFound()

    def _away(self, reason: str) -> Unavailable:
        """Told once in the log until it is over: "unavailable" alone leaves the operator guessing. No key, no address."""
        if reason != self._told:
            self._told = reason
            logger.warning("the bucket does not do what it is asked: %s", reason)
        return Unavailable(what="storage")

    def _forget(self, key: str) -> None:
        self._recent.forget(key)
        for name in [name for name in self._signed if name == key or name.startswith(f"{key}/")]:
            del self._signed[name]

    def _pages(self, prefix: str, **more: str) -> Iterator[dict[str, Any]]:
        """Blocks. The answers to a listing of the names that begin with ``prefix``, a thousand names each."""
        where = {"Bucket": self._address.bucket, "Prefix": self._name(prefix), **more}
        yield from self._client().get_paginator("list_objects_v2").paginate(**where)

    def _directly_below(self, key: str) -> Iterator[str]:
        for page in self._pages(f"{key}/", Delimiter="/"):
            found = [one["Key"] for one in page.get("Contents", ())]
            found += [one["Prefix"] for one in page.get("CommonPrefixes", ())]
            for name in found:
                with suppress(NotFound):  # not ours; or the empty mark of a folder
                    yield check_key(name.removeprefix(self._name(f"{key}/")).rstrip("/"))

    async def _parts(self, key: str) -> list[Part]:
        """All objects below ``key``, or the one that it is."""

        def below() -> list[Part]:
            return list(self._below(key))

        def itself() -> list[Part]:
            found = self._client().head_object(**self._where(key))
            return [Part("", key, found["ETag"], int(found["ContentLength"]))]

        if parts := await self._run(below):
            return parts
        try:
            return await self._run(itself)
        except NotFound:
            return []

    def _below(self, key: str) -> Iterator[Part]:
        for page in self._pages(f"{key}/"):
            for one in page.get("Contents", ()):
                with suppress(NotFound):
                    name = check_key(one["Key"].removeprefix(self._name(f"{key}/")))
                    yield Part(name, f"{key}/{name}", one["ETag"], int(one["Size"]))

    def _delete(self, key: str) -> None:
        """Blocks. Raises ClientError; OSError: the server keeps some of it."""
        self._client().delete_object(**self._where(key))
        names = [one["Key"] for page in self._pages(f"{key}/") for one in page.get("Contents", ())]
        # Some servers keep folders in which nothing is left, and list them: the deepest first.
        below = {f"{folder}/" for name in names for folder in PurePosixPath(name).parents}
        names += sorted((folder for folder in below if folder.startswith(self._name(f"{key}/"))), key=len, reverse=True)
        for start in range(0, len(names), DELETED_AT_ONCE):
            some = {"Objects": [{"Key": name} for name in names[start : start + DELETED_AT_ONCE]], "Quiet": True}
            if self._client().delete_objects(Bucket=self._address.bucket, Delete=some).get("Errors"):
                raise OSError("not all were deleted")

    def _watch(self) -> None:
        if self._background is None:
            self._background = Background()
            self._background.start(self._look(), "look after copies of the bucket")

    async def _look(self) -> None:
        """Remove copies of what another node deleted, and what killed uploads left in the bucket."""
        while True:
            try:
                for key, names in (await asyncio.to_thread(self._staging.keys)).items():
                    if not key or not await self._parts(key):
                        for name in names:
                            await asyncio.to_thread(self._staging.remove, name)
                await self._run(self._abort_abandoned)
            except (TelepathError, OSError) as error:
                logger.warning("copies of the bucket could not be looked after: %s", type(error).__name__)
            await asyncio.sleep(self._watch_every)

    def _abort_abandoned(self) -> None:
        """Blocks."""
        where = {"Bucket": self._address.bucket}
        for page in (
            self._client().get_paginator("list_multipart_uploads").paginate(**where, Prefix=self._address.prefix)
        ):
            for one in page.get("Uploads", ()):
                if one["Initiated"] < datetime.now(UTC) - ABANDONED:
                    self._client().abort_multipart_upload(**where, Key=one["Key"], UploadId=one["UploadId"])


class _Arriving:
    """Files in the folder of local copies. They are sent to the bucket from there, and stay as what ``fetch`` gives."""

    def __init__(
        self, key: str, coming: ComingFiles, keep: Keep, put: Callable[[str, AsyncIterable[bytes]], Awaitable[Upload]]
    ) -> None:
        self.path = coming.path
        self._key, self._coming, self._keep, self._put = key, coming, keep, put

    async def put(self, name: str, chunks: AsyncIterable[bytes]) -> int:
        check_key(f"{self._key}/{name}")
        try:
            return await self._coming.write(name, chunks)
        except OSError as error:
            raise Unavailable(what="storage") from error

    async def keep(self) -> None:
        parts = []
        for name in self._coming.names:
            key = f"{self._key}/{name}"
            sent = await self._put(key, self._coming.read(name))
            parts.append(Part(name, key, sent.state, sent.written))
        with suppress(OSError):  # then it is copied again when it is asked for
            await asyncio.to_thread(self._keep, parts)
