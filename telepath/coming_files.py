"""Files on their way in: written into a folder of this machine, each durable and read only once it is whole."""

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import IO, Final

CHUNK: Final = 4 << 20


class ComingFiles:
    """A folder that is being filled. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names: list[str] = []
        """Of the files that are whole."""

    async def write(self, name: str, chunks: AsyncIterable[bytes]) -> int:
        """Bytes of the file, which is durable and read only now."""
        path, written = self.path / name, 0
        await asyncio.to_thread(create, path)
        with await asyncio.to_thread(path.open, "wb", 0) as file:
            async for chunk in chunks:
                await asyncio.to_thread(_written, file, chunk)
                written += len(chunk)
        await asyncio.to_thread(seal, path)
        self.names.append(name)
        return written

    async def read(self, name: str) -> AsyncIterator[bytes]:
        with await asyncio.to_thread((self.path / name).open, "rb", 0) as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                yield chunk


def _written(file: IO[bytes], chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[file.write(view) :]


def create(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=False)


def seal(path: Path) -> None:
    """Durable and read only; a folder too."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fchmod(descriptor, 0o500 if path.is_dir() else 0o400)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
