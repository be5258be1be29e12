"""Slides that a backup does not copy, because where they lie has copies of its own: whether they are there all the same."""

from collections.abc import Mapping

from sqlalchemy import select

from telepath.db.schema.slides import slide
from telepath.db.transaction import Reader
from telepath.errors import NotFound
from telepath.slides.catalogue import INDEX, files_key
from telepath.storage import Storage


async def registered(reader: Reader) -> dict[str, tuple[str, int]]:
    """Identifier of each slide → its folder and the bytes of its files."""
    columns = slide.c.id, slide.c.folder, slide.c.bytes
    rows = await reader.all(select(*columns).where(slide.c.folder != "").order_by(slide.c.id))
    return {row["id"]: (row["folder"], int(row["bytes"])) for row in rows}


async def missing(
    storage: Storage, slides: Mapping[str, tuple[str, int]], beside: Mapping[str, tuple[str, set[str]]]
) -> list[str]:
    """Which of them are not there, or are not as long as they were registered. ``beside``: identifier → folder, and the names
    that must be in it. Raises Unavailable."""
    found = []
    for identifier, (folder, size) in slides.items():
        if INDEX not in await storage.names(folder) or await _bytes_below(storage, files_key(folder)) != size:
            found.append(identifier)
    for identifier, (folder, names) in beside.items():
        if not names <= set(await storage.names(folder)):
            found.append(identifier)
    return found


async def _bytes_below(storage: Storage, key: str) -> int:
    total = 0
    for name in await storage.names(key):
        try:
            total += await storage.size(f"{key}/{name}")
        except NotFound:  # a folder
            total += await _bytes_below(storage, f"{key}/{name}")
    return total
