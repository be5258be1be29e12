"""Where slides lie: named bytes, read in ranges without fetching the whole."""

import re
from collections.abc import AsyncIterable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final, Protocol

from telepath.errors import NotFound
from telepath.open_files import OpenFile

_SEGMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()+,=@~-]{0,199}")


def check_key(key: str) -> str:
    """Return ``key`` if it is one: segments separated by ``/``, none of which can lead out of its folder.

    Raises NotFound: it is not; a wrong name and an absent one are the same answer."""
    if len(key) > 600 or not all(_SEGMENT.fullmatch(segment) for segment in key.split("/")):
        raise NotFound
    return key


class Arriving(Protocol):
    """Objects that come together. What has come can be read by programs before the whole is kept."""

    path: Path
    """The folder of what has come; there until it is kept."""

    async def put(self, name: str, chunks: AsyncIterable[bytes]) -> int:
        """Take in what ``chunks`` gives, under a name below the key; returns the number of bytes. Raises NotFound: no such name
        can be; Unavailable."""
        ...

    async def keep(self) -> None:
        """Store all of them, on durable ground. Raises Unavailable: some may be stored; the caller deletes the key."""
        ...


class Storage(Protocol):
    """Keeps objects under keys such as ``<slide id>/files/slide.svs``; several keys below one prefix make a folder.

    An object appears whole or not at all, and is durable once ``put_stream`` returns. Every method raises NotFound for a
    key that is absent or not a key, and Unavailable when the storage does not answer; ``read_now`` raises nothing."""

    copied_apart: bool
    """Whether its objects have copies of their own, so that a backup of the service leaves them where they are."""

    async def read(self, key: str, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset``, fewer only at the end of the object."""
        ...

    def read_now(self, key: str, offset: int, length: int) -> bytes | None:
        """As ``read``, but only when the bytes are already in memory: never waits. None: ask ``read``."""
        ...

    def opened(self, key: str) -> OpenFile | None:
        """The object's own file, from which the kernel may send; never waits. None: it is not open, or lies elsewhere."""
        ...

    async def size(self, key: str) -> int:
        """Bytes."""
        ...

    async def put_stream(self, key: str, chunks: AsyncIterable[bytes]) -> int:
        """Store what ``chunks`` gives, on durable ground; returns the number of bytes.

        Raises Unavailable: no space left, or the medium fails; nothing is left behind then."""
        ...

    def arriving(self, key: str, size: int) -> AbstractAsyncContextManager[Arriving]:
        """Objects that come together below ``key``, of ``size`` bytes in all, and are looked at before they are kept: their
        bytes go once to where they are stored, and come back for ``fetch`` only when they were forgotten meanwhile. Nothing of
        them is left when the block ends before they are kept."""
        ...

    def fetch(self, key: str) -> AbstractAsyncContextManager[Path]:
        """A local path to the object, or to the folder of all objects below ``key``; valid inside the block, read only."""
        ...

    async def names(self, key: str) -> list[str]:
        """What lies directly below ``key``, objects and folders, by their names; nothing there is no error."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the object, or all objects below ``key``. What is already absent is no error."""
        ...

    async def close(self) -> None:
        """Give back what is held open."""
        ...
