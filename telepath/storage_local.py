"""Storage in one folder of this machine."""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from telepath.errors import NotFound, Unavailable
from telepath.open_files import OpenFile, OpenFiles
from telepath.storage import check_key

_PARTIAL: Final = ".partial-"
"""Not a key, so nobody can ask for an object that is still being written."""


class LocalStorage:
    """Keys are paths below ``root``. Files are private to the service's user."""

    copied_apart = False

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._files = OpenFiles()

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    async def read(self, key: str, offset: int, length: int) -> bytes:
        path = self._path(key)
        try:
            return await asyncio.to_thread(self._files.read, key, path, offset, length)
        except FileNotFoundError:
            raise await self._absent() from None
        except OSError as error:
            raise Unavailable(what="storage") from error

    def read_now(self, key: str, offset: int, length: int) -> bytes | None:
        return self._files.read_now(key, offset, length)

    def opened(self, key: str) -> OpenFile | None:
        return self._files.get(key)

    async def size(self, key: str) -> int:
        path = self._path(key)
        try:
            return await asyncio.to_thread(os.path.getsize, path)
        except FileNotFoundError:
            raise await self._absent() from None
        except OSError as error:
            raise Unavailable(what="storage") from error

    async def put_stream(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        path = self._path(key)
        partial = path.with_name(_PARTIAL + secrets.token_hex(8))
        written = 0
        try:
            await asyncio.to_thread(lambda: path.parent.mkdir(mode=0o700, parents=True, exist_ok=True))
            descriptor = await asyncio.to_thread(os.open, partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                async for chunk in chunks:
                    await asyncio.to_thread(_write_all, descriptor, chunk)
                    written += len(chunk)
                await asyncio.to_thread(os.fsync, descriptor)
            finally:
                os.close(descriptor)
            await asyncio.to_thread(self._publish, partial, path)
            self._files.forget(key)
        except OSError as error:
            raise Unavailable(what="storage") from error
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        return written

    def _publish(self, partial: Path, path: Path) -> None:
        partial.rename(path)
        for folder in path.parents:  # the name itself must survive a power cut, and so must its folders'
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if folder == self.root:
                return

    @asynccontextmanager
    async def arriving(self, key: str, size: int) -> AsyncIterator["_Arriving"]:
        coming = _Arriving(self, key, self._path(key))
        try:
            yield coming
        except BaseException:
            if not coming.kept:
                with suppress(Unavailable):  # the first error is the one to tell
                    await self.delete(key)
            raise
        if not coming.kept:
            await self.delete(key)

    @asynccontextmanager
    async def fetch(self, key: str) -> AsyncIterator[Path]:
        path = self._path(key)
        if not await asyncio.to_thread(path.exists):
            raise await self._absent()
        yield path

    async def _absent(self) -> NotFound | Unavailable:
        """The object is not there; or nothing is, because the disk is not mounted."""
        return NotFound() if await asyncio.to_thread(self.root.is_dir) else Unavailable(what="storage")

    async def names(self, key: str) -> list[str]:
        path = self._path(key)
        try:
            found = await asyncio.to_thread(os.listdir, path)
        except (FileNotFoundError, NotADirectoryError):
            absent = await self._absent()
            if isinstance(absent, Unavailable):
                raise absent from None
            return []
        except OSError as error:
            raise Unavailable(what="storage") from error
        return sorted(name for name in found if not name.startswith(_PARTIAL))

    async def delete(self, key: str) -> None:
        path = self._path(key)
        try:
            await asyncio.to_thread(_delete, path)
        except OSError as error:
            raise Unavailable(what="storage") from error
        finally:
            self._files.forget(key)

    async def close(self) -> None:
        self._files.close()


class _Arriving:
    """They come to where they stay."""

    def __init__(self, storage: LocalStorage, key: str, path: Path) -> None:
        self.path, self.kept = path, False
        self._storage, self._key = storage, key

    async def put(self, name: str, chunks: AsyncIterable[bytes]) -> int:
        return await self._storage.put_stream(f"{self._key}/{name}", chunks)

    async def keep(self) -> None:
        self.kept = True


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
