"""Files that stay open for reading: opening one costs more than reading a tile."""

import os
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Final

MAX_OPEN: Final = 256
BUFFER: Final = 128 << 10
"""Bytes that are read at once without asking for memory first: a tile, most often."""


class OpenFile:
    """Closed when nobody refers to it any more, so that its ``descriptor`` is never another file's."""

    __slots__ = ("descriptor",)

    def __init__(self, path: Path) -> None:
        self.descriptor = -1
        self.descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)

    def fill(self, buffer: memoryview, offset: int) -> bool:
        """Whether the bytes from ``offset`` are in ``buffer`` now: only when all of them are in memory. Never waits."""
        try:
            # RWF_NOWAIT refuses when a page is not in memory, instead of stopping the event loop for it
            return os.preadv(self.descriptor, (buffer,), offset, os.RWF_NOWAIT) == len(buffer)
        except OSError:  # BlockingIOError, or a file system that does not know the flag
            return False

    def __del__(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)


class OpenFiles:
    """By key, the least recently used forgotten first; used by the event loop and by threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: OrderedDict[str, OpenFile] = OrderedDict()
        self._buffer = memoryview(bytearray(BUFFER))
        self.get = self._open.get
        """The file, when it is open: opening may wait for the disk, so the first reader does it in a thread."""

    def read_now(self, key: str, offset: int, length: int) -> bytes | None:
        """None: it is not open, or not all of these bytes are in memory."""
        file = self.get(key)
        if file is None:
            return None
        with self._lock:
            buffer = self._buffer[:length] if length <= len(self._buffer) else memoryview(bytearray(length))
            return bytes(buffer) if file.fill(buffer, offset) else None

    def read(self, key: str, path: Path, offset: int, length: int) -> bytes:
        """Fewer only at the end of the file. Raises OSError."""
        file = self._opened(key, path)
        parts: list[bytes] = []
        while length > 0:
            part = os.pread(file.descriptor, length, offset)
            if not part:
                break
            parts.append(part)
            offset, length = offset + len(part), length - len(part)
        return b"".join(parts)

    def _opened(self, key: str, path: Path) -> OpenFile:
        with self._lock:
            file = self._open.get(key)
            if file is None:
                file = self._open[key] = OpenFile(path)
                if len(self._open) > MAX_OPEN:
                    self._open.popitem(last=False)
            self._open.move_to_end(key)
            return file

    def forget(self, key: str) -> None:
        """Let go of the file, or of every file below the folder: another may come under its name."""
        with self._lock:
            for held in [held for held in self._open if held == key or held.startswith(f"{key}/")]:
                del self._open[held]

    def close(self) -> None:
        with self._lock:
            self._open.clear()
