"""What storage in a folder does besides the contract of all storages (tests/contract/test_storage.py)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from telepath.errors import SlideUnreadable, Unavailable
from telepath.storage_local import LocalStorage


class Failing(LocalStorage):
    async def delete(self, key: str) -> None:
        raise Unavailable(what="storage")


async def chunks() -> AsyncIterator[bytes]:
    yield b"some bytes"


async def test_why_what_came_is_refused_is_told_though_it_cannot_be_removed(tmp_path: Path) -> None:
    storage = Failing(tmp_path)
    with pytest.raises(SlideUnreadable):
        async with storage.arriving("slide/files", 10) as coming:
            await coming.put("a.svs", chunks())
            raise SlideUnreadable
    with pytest.raises(Unavailable):
        async with storage.arriving("slide/files", 10) as coming:
            await coming.put("a.svs", chunks())
    await storage.close()


async def test_what_was_kept_is_the_callers_to_delete(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    with pytest.raises(SlideUnreadable):
        async with storage.arriving("slide/files", 10) as coming:
            await coming.put("a.svs", chunks())
            await coming.keep()
            raise SlideUnreadable
    assert await storage.names("slide/files") == ["a.svs"]
    await storage.close()
