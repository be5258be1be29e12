"""A new folder that is there whole and durable, or not at all."""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from telepath.errors import Unavailable


@asynccontextmanager
async def appearing_whole(target: Path, trouble: str) -> AsyncIterator[Path]:
    """A folder to write into, which takes the name ``target`` when the block ends well, and vanishes when it does not.

    Raises Unavailable with the code ``trouble``: it cannot be written."""
    folder = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
    try:
        await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True)
        yield folder
        await asyncio.to_thread(_publish, folder, target)
    except OSError as error:
        raise Unavailable(trouble) from error
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _publish(folder: Path, target: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        _sync(path)
    _sync(folder)
    folder.rename(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
