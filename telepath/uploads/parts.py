"""The bytes of uploads, on a folder of this service: ``<upload>/files/<stored>``, and ``<upload>/lock``.

A file is only ever written behind what the database says is durable, by whoever holds its lock. Locks are of the system
(flock(2)): a process that is killed holds none, so nothing waits for it. Nodes on several machines need one folder on a file
system whose locks hold among them (NFS 4 does)."""

import asyncio
import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from telepath.errors import Unavailable, UploadRefused
from telepath.ids import is_id
from telepath.storage import check_key
from telepath.uploads import tus

BLOCK: Final = 1 << 20
"""Bytes written at once."""
SPARE: Final = 1 << 30
"""Bytes that stay free for the rest of the service when an upload is let in."""
HASHES: Final = 256
"""Files under way whose SHA-256 is kept as far as it has come."""
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_READ: Final = 4 << 20


class Parts:
    """Blocks nowhere: what touches the disk runs in threads."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._hashes: dict[Path, tuple[int, hashlib._Hash]] = {}

    def folder(self, upload_id: str) -> Path:
        """Of an upload's files. Only these names are ever made of what comes from outside, and they are ours."""
        return self.root / check_key(upload_id) / "files"

    def path(self, upload_id: str, stored: str) -> Path:
        return self.folder(upload_id) / check_key(stored)

    async def free(self) -> int:
        """Bytes that uploads may still take. Raises Unavailable."""
        try:
            await asyncio.to_thread(lambda: self.root.mkdir(mode=0o700, parents=True, exist_ok=True))
            usage = await asyncio.to_thread(shutil.disk_usage, self.root)
        except OSError as error:
            raise Unavailable(what="storage") from error
        return max(0, usage.free - SPARE)

    async def begin(self, upload_id: str, stored: list[str]) -> None:
        """Make the folders of an upload, durably. Raises UploadRefused 507, Unavailable."""
        with _told():
            await asyncio.to_thread(self._begin, upload_id, stored)

    def _begin(self, upload_id: str, stored: list[str]) -> None:
        folders = {self.folder(upload_id), *(self.path(upload_id, name).parent for name in stored)}
        for folder in folders:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in stored:  # each is there from the beginning: its name needs no second fsync
            self.path(upload_id, name).touch(mode=0o600)
        for folder in {*folders, self.root / upload_id, self.root}:
            _sync(folder)

    async def there(self, upload_id: str, stored: str) -> int:
        """Bytes of the file on the disk; 0: it is not there."""

        def size() -> int:
            try:
                return os.path.getsize(self.path(upload_id, stored))
            except OSError:
                return 0

        return await asyncio.to_thread(size)

    @asynccontextmanager
    async def alone(self, upload_id: str, stored: str = "") -> AsyncIterator[None]:
        """Hold an upload, or one of its files, against every other node and task. Raises UploadRefused: 423, another does; 410,
        nothing lies there. Unavailable."""
        name = f"{check_key(upload_id)}/lock" if not stored else f"{upload_id}/files/{check_key(stored)}"
        with _told():
            descriptor = await asyncio.to_thread(_locked, self.root / name, make=not stored)
        try:
            yield
        finally:
            os.close(descriptor)

    async def append(
        self, upload_id: str, stored: str, received: int, length: int, piece: tus.Piece, body: AsyncIterable[bytes]
    ) -> tuple[int, str]:
        """Put what comes behind the ``received`` bytes; how many are then durable, and the file's SHA-256 once it is whole.

        The caller holds the file (``alone``). What came before a line was cut is kept, unless it has a checksum. Raises
        UploadRefused: 413, 460, 507; nothing is appended then. Unavailable: the disk fails."""
        path = self.path(upload_id, stored)
        before = await self._hash(path, received)
        hashed, proof = before.copy(), hashlib.new(piece.checksum.algorithm) if piece.checksum else None
        room = tus.room(piece, length)
        with _told():
            descriptor = await asyncio.to_thread(_opened, path, received)
        came, kept = 0, False
        try:
            with _told():
                try:
                    async for block in _blocks(body):
                        came += len(block)
                        if came > room:
                            raise tus.too_much(piece, length)
                        await asyncio.to_thread(_write, descriptor, block, received + came - len(block), hashed, proof)
                except ConnectionError:
                    if proof is not None:
                        raise
                if piece.checksum is not None and proof is not None and proof.digest() != piece.checksum.digest:
                    raise tus.wrong_checksum()
                await asyncio.to_thread(os.fsync, descriptor)
                kept = True
        finally:
            if not kept:
                with suppress(OSError):
                    os.ftruncate(descriptor, received)
                self._remember(path, received, before)
            os.close(descriptor)
        if received + came < length:
            self._remember(path, received + came, hashed)
            return received + came, ""
        return length, hashed.hexdigest()

    def _remember(self, path: Path, received: int, hashed: "hashlib._Hash") -> None:
        self._hashes[path] = (received, hashed)
        while len(self._hashes) > HASHES:
            self._hashes.pop(next(iter(self._hashes)))

    async def _hash(self, path: Path, received: int) -> "hashlib._Hash":
        """Of the first ``received`` bytes: as it stood, or after a restart read again."""
        offset, hashed = self._hashes.pop(path, (-1, hashlib.sha256()))
        if offset == received:
            return hashed
        with _told():
            return await asyncio.to_thread(_hash_of, path, received)

    async def remove(self, upload_id: str) -> None:
        """All that lies there of an upload. Raises Unavailable."""
        folder = self.root / check_key(upload_id)
        for path in [path for path in self._hashes if path.is_relative_to(folder)]:
            del self._hashes[path]
        with _told():
            await asyncio.to_thread(_remove, folder)

    async def empty(self, upload_id: str, stored: str) -> None:
        """Take back one file's bytes: the caller holds it. Raises Unavailable."""
        path = self.path(upload_id, stored)
        self._hashes.pop(path, None)
        with _told():
            await asyncio.to_thread(os.truncate, path, 0)

    async def known(self) -> list[str]:
        """The uploads of which something lies there."""

        def names() -> list[str]:
            with suppress(OSError):
                return [name for name in os.listdir(self.root) if is_id(name)]
            return []

        return await asyncio.to_thread(names)


class _told:  # noqa: N801 - used as a function
    """An error of the disk, as the rest of the service knows it."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, BlockingIOError):
            raise tus.busy() from None
        if isinstance(error, FileNotFoundError):
            raise UploadRefused(410, "error-upload-lost") from None
        if isinstance(error, OSError) and not isinstance(error, ConnectionError):
            if error.errno in _FULL:
                raise UploadRefused(507, "error-upload-space") from None
            raise Unavailable(what="storage") from error


async def _blocks(body: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in larger blocks; what came before the line was cut comes too, before the error."""
    waiting = bytearray()
    try:
        async for chunk in body:
            waiting += chunk
            if len(waiting) >= BLOCK:
                yield bytes(waiting)
                waiting.clear()
    except ConnectionError:
        if waiting:
            yield bytes(waiting)
        raise
    if waiting:
        yield bytes(waiting)


def _opened(path: Path, received: int) -> int:
    """Open for writing, without what is not durable."""
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.ftruncate(descriptor, received)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _write(descriptor: int, block: bytes, offset: int, hashed: "hashlib._Hash", proof: "hashlib._Hash | None") -> None:
    view = memoryview(block)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written
    hashed.update(block)
    if proof is not None:
        proof.update(block)


def _hash_of(path: Path, length: int) -> "hashlib._Hash":
    hashed = hashlib.sha256()
    if length:
        with path.open("rb") as file:
            while length > 0 and (block := file.read(min(_READ, length))):
                hashed.update(block)
                length -= len(block)
    return hashed


def _locked(path: Path, *, make: bool) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | (os.O_CREAT if make else 0), 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _remove(folder: Path) -> None:
    if folder.is_dir():
        shutil.rmtree(folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
