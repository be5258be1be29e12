"""Storage in one folder of this machine."""

import asyncio
import os
import secrets
import shutil
from collections import OrderedDict
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Final

from telepath.errors import NotFound, Unavailable
from telepath.storage import check_key

MAX_OPEN: Final = 256
"""Files kept open for reading: opening one costs more than reading a tile."""
BUFFER: Final = 128 << 10
"""Bytes that are read at once without asking for memory first: a tile, most often."""
_PARTIAL: Final = ".partial-"
"""Not a key, so nobody can ask for an object that is still being written."""


class LocalStorage:
    """Keys are paths below ``root``. Files are private to the service's user."""

    copied_apart = False

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._files = _OpenFiles()

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


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


class _OpenFiles:
    """Descriptors by key, the least recently used closed first; used by the event loop and by threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: OrderedDict[str, _File] = OrderedDict()
        self._buffer = memoryview(bytearray(BUFFER))

    def read_now(self, key: str, offset: int, length: int) -> bytes | None:
        with self._lock:
            file = self._open.get(key)
            if file is None:  # opening may wait for the disk: the first reader does it in a thread
                return None
            buffer = self._buffer[:length] if length <= len(self._buffer) else memoryview(bytearray(length))
            try:
                # RWF_NOWAIT refuses when a page is not in memory, instead of stopping the event loop for it
                read = os.preadv(file.descriptor, [buffer], offset, os.RWF_NOWAIT)
            except OSError:  # BlockingIOError, or a file system that does not know the flag
                return None
            return bytes(buffer) if read == length else None

    def read(self, key: str, path: Path, offset: int, length: int) -> bytes:
        file = self._borrow(key, path)
        try:
            parts: list[bytes] = []
            while length > 0:
                part = os.pread(file.descriptor, length, offset)
                if not part:
                    break
                parts.append(part)
                offset, length = offset + len(part), length - len(part)
            return b"".join(parts)
        finally:
            self._give_back(file)

    def _borrow(self, key: str, path: Path) -> "_File":
        with self._lock:
            file = self._open.get(key)
            if file is None:
                file = self._open[key] = _File(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC))
                while len(self._open) > MAX_OPEN:
                    self._retire(self._open.popitem(last=False)[1])
            self._open.move_to_end(key)
            file.readers += 1
            return file

    def _give_back(self, file: "_File") -> None:
        with self._lock:
            file.readers -= 1
            if file.retired and not file.readers:
                os.close(file.descriptor)

    def _retire(self, file: "_File") -> None:
        file.retired = True
        if not file.readers:
            os.close(file.descriptor)

    def forget(self, key: str) -> None:
        """Close the file, or every file below the folder: another may come under its name."""
        with self._lock:
            for held in [held for held in self._open if held == key or held.startswith(f"{key}/")]:
                self._retire(self._open.pop(held))

    def close(self) -> None:
        with self._lock:
            while self._open:
                self._retire(self._open.popitem()[1])


class _File:
    """``retired`` closes it when its last reader is done."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.readers = 0
        self.retired = False


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
