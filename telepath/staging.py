"""Local copies of what lies elsewhere, for programs that read files: a folder of bounded size.

| in it | what |
| --- | --- |
| ``<name>/`` | a whole copy, read only; the name says what it is a copy of, and of which state |
| ``<name>.partial/`` | one that is being made, or removed; of a process that was killed, it goes at the next start |
| ``coming-….partial/`` | what has come and is on its way to where it will lie; then it is a copy of it |
| ``<name>.lock`` | held (flock) by whoever reads or makes the copy; says its key and size; its time is that of the last use |

Several processes may share the folder: the kernel lets go of the locks of whoever dies. Everything here raises OSError."""

import asyncio
import fcntl
import hashlib
import os
import secrets
import shutil
import stat
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from telepath.coming_files import ComingFiles, create, seal

LOOK_SECONDS: Final = 0.1
"""How often is looked whether somebody else's copy is made."""

AT_ONCE: Final = 4
"""Parts that are copied at the same time."""


class Part(NamedTuple):
    """An object of what is copied."""

    name: str
    """Its path below the copied key; empty: it is the key itself."""
    key: str
    state: str
    """Another one when its bytes are others."""
    size: int


Fill = Callable[[Part, Path], Awaitable[None]]
"""Writes a part into the empty file at this path. Cancelled, it may leave threads behind that open only what is there."""


Keep = Callable[[Sequence[Part]], None]
"""All that came, and nothing else, is the copy of these parts now. Blocks."""


class Copy(msgspec.Struct, frozen=True):
    """What a lock says; without a key it is a copy of what is no more."""

    key: str = ""
    bytes: int = 0


class Staging:
    """``limit`` in bytes. What is being read is never removed, so that it may be exceeded by that."""

    def __init__(self, root: Path, limit: int) -> None:
        self.root = root.absolute()
        self._limit = limit
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._clear()

    @asynccontextmanager
    async def lent(self, key: str, parts: Sequence[Part], fill: Fill) -> AsyncIterator[Path]:
        """The path of a copy of ``parts``, there until the block ends; made by ``fill`` unless there is one. Whoever asks
        for one that is being made waits for it."""
        name = _name(key, parts)
        while (lock := await asyncio.to_thread(self._borrowed, name)) is None:
            if not await self._make(name, key, parts, fill):
                await asyncio.sleep(LOOK_SECONDS)
        try:
            yield self.root / name / key.rpartition("/")[2]
        finally:
            os.close(lock)
            await asyncio.to_thread(self.trim)

    @asynccontextmanager
    async def arriving(self, key: str, size: int) -> AsyncIterator[tuple[ComingFiles, Keep]]:
        """A folder to fill with what will be ``key``, of ``size`` bytes; it goes when the block ends, unless it was kept."""
        name = f"coming-{secrets.token_hex(16)}"
        with self._alone(name, make=True) as lock:
            if lock is None:
                raise BlockingIOError(name)
            filled = self._partial(name)
            try:
                await asyncio.to_thread(self._prepare, filled, lock, msgspec.json.encode(Copy(key, size)))
                yield ComingFiles(filled / key.rpartition("/")[2]), lambda parts: self._take(filled, key, parts)
            finally:
                await asyncio.to_thread(_delete, filled)
                self._lock(name).unlink(missing_ok=True)
        await asyncio.to_thread(self.trim)

    def _take(self, filled: Path, key: str, parts: Sequence[Part]) -> None:
        """Make what was filled the copy of ``parts``, unless there is one. Blocks."""
        name = _name(key, parts)
        with self._alone(name, make=True) as lock:
            if lock is not None and not (self.root / name).is_dir():
                os.ftruncate(lock, 0)
                os.pwrite(lock, msgspec.json.encode(Copy(key, sum(part.size for part in parts))), 0)
                _publish(filled, self.root / name)

    def keys(self) -> dict[str, list[str]]:
        """Key → names of its copies. Blocks."""
        found: dict[str, list[str]] = {}
        for name, copy, _ in self._copies():
            found.setdefault(copy.key, []).append(name)
        return found

    def forget(self, key: str) -> None:
        """Remove the copies of ``key``, of what lies below it and of what it lies in; what is being read goes after that.
        Blocks."""
        for name, copy, _ in self._copies():
            if f"{copy.key}/".startswith(f"{key}/") or f"{key}/".startswith(f"{copy.key}/"):
                self.remove(name)

    def remove(self, name: str) -> None:
        """Remove a copy, at once or when nobody reads it any more. Blocks."""
        if not self._removed(name):
            with suppress(FileNotFoundError):
                descriptor = os.open(self._lock(name), os.O_WRONLY | os.O_TRUNC)
                os.close(descriptor)

    def trim(self) -> None:
        """Remove copies of what is no more, and the least recently used until the limit is kept. Blocks."""
        copies = sorted(self._copies(), key=lambda one: (bool(one[1].key), one[2]))
        total = sum(copy.bytes for _, copy, _ in copies)
        for name, copy, _ in copies:
            if copy.key and total <= self._limit:
                break
            if self._removed(name):
                total -= copy.bytes

    def _lock(self, name: str) -> Path:
        return self.root / f"{name}.lock"

    def _partial(self, name: str) -> Path:
        return self.root / f"{name}.partial"

    def _copies(self) -> Iterator[tuple[str, Copy, int]]:
        for path in list(self.root.glob("*.lock")):
            try:
                copy = msgspec.json.decode(path.read_bytes(), type=Copy)
                used = path.stat().st_mtime_ns
            except msgspec.DecodeError:
                copy, used = Copy(), 0
            except FileNotFoundError:
                continue
            yield path.stem, copy, used

    def _borrowed(self, name: str) -> int | None:
        """A shared lock of a copy that is there; None: there is none, or it is being made or removed."""
        if not (self.root / name).is_dir():
            return None
        descriptor = self._locked(name, fcntl.LOCK_SH)
        if descriptor is not None:
            if (self.root / name).is_dir():
                now = time.time_ns()  # the file system's own "now" is that of the last tick
                os.utime(descriptor, ns=(now, now))
                return descriptor
            os.close(descriptor)
        return None

    def _locked(self, name: str, how: int, *, make: bool = False) -> int | None:
        """The descriptor of a lock that is held so; None: others hold it otherwise, or it is gone."""
        path = self._lock(name)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if make else 0), 0o600)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), path.stat()):  # not one that was removed meanwhile
                return descriptor
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(descriptor)
        return None

    @contextmanager
    def _alone(self, name: str, *, make: bool = False) -> Iterator[int | None]:
        descriptor = self._locked(name, fcntl.LOCK_EX, make=make)
        try:
            yield descriptor
        finally:
            if descriptor is not None:
                os.close(descriptor)

    async def _make(self, name: str, key: str, parts: Sequence[Part], fill: Fill) -> bool:
        """Make the copy unless another does. Returns whether it is to be asked for again at once."""
        with self._alone(name, make=True) as lock:
            if lock is None:
                return False
            if (self.root / name).is_dir():
                return True
            partial = self._partial(name)
            try:
                said = msgspec.json.encode(Copy(key, sum(part.size for part in parts)))
                await asyncio.to_thread(self._prepare, partial, lock, said)
                await _all_filled(partial / key.rpartition("/")[2], parts, fill)
                await asyncio.to_thread(_publish, partial, self.root / name)
            except BaseException:
                await asyncio.to_thread(_delete, partial)
                self._lock(name).unlink(missing_ok=True)
                raise
            return True

    def _prepare(self, partial: Path, lock: int, said: bytes) -> None:
        _delete(partial)
        os.ftruncate(lock, 0)
        os.pwrite(lock, said, 0)
        self.trim()
        partial.mkdir(mode=0o700)

    def _removed(self, name: str) -> bool:
        """False: somebody reads or makes it."""
        with self._alone(name) as lock:
            if lock is None:
                return not self._lock(name).exists()
            partial = self._partial(name)
            _delete(partial)
            with suppress(FileNotFoundError):
                (self.root / name).rename(partial)
            _delete(partial)
            self._lock(name).unlink()
        return True

    def _clear(self) -> None:
        """Remove what killed processes left."""
        for path in list(self.root.glob("*.lock")):
            if not (self.root / path.stem).is_dir():
                self._removed(path.stem)
        for path in list(self.root.iterdir()):
            if path.suffix != ".lock" and not self._lock(path.stem).exists():
                _delete(path)


def _name(key: str, parts: Sequence[Part]) -> str:
    return hashlib.sha256(msgspec.json.encode((key, sorted(parts)))).hexdigest()[:40]


async def _all_filled(folder: Path, parts: Sequence[Part], fill: Fill) -> None:
    turn = asyncio.Semaphore(AT_ONCE)

    async def filled(part: Part) -> None:
        path = folder / part.name
        async with turn:
            await asyncio.to_thread(create, path)
            await fill(part, path)
            await asyncio.to_thread(seal, path)

    try:
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(filled(part))
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


def _publish(partial: Path, copy: Path) -> None:
    """Read only, durable, then under its name: after a power cut too a copy is whole, or none."""
    for folder in [*(path for path in partial.rglob("*") if path.is_dir()), partial]:
        seal(folder)
    partial.rename(copy)


def _delete(folder: Path) -> None:
    """Whether its folders can be written in or not."""
    if not folder.is_dir():
        folder.unlink(missing_ok=True)
        return
    for path in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        path.chmod(stat.S_IRWXU)
    shutil.rmtree(folder)
