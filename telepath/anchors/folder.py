"""An anchor that is a folder of another machine (NFS, SSHFS, SFTP mount): ``<tree>/<size>.note``, never written twice."""

import logging
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from telepath.anchors.model import (
    NOTE_LIMIT,
    TREE,
    Forked,
    Head,
    Held,
    away,
    is_of,
    note_name,
    size_of,
    tree_order,
    troubled,
)
from telepath.anchors.own_thread import OwnThread
from telepath.audit import parse_note

AT_ONCE: Final = 500
"""Notes read in one go."""

log = logging.getLogger("telepath.anchors")


class FolderAnchor:
    """Works on a folder where files can be made and never changed (``chattr +a`` on the other machine): nothing is renamed or
    deleted."""

    kind = "folder"

    def __init__(self, folder: Path, name: str, every: timedelta) -> None:
        self.name = name
        self.every = every
        self._folder = folder
        self._thread = OwnThread(f"anchor {name}")

    async def put(self, head: Head, held: int) -> str:
        try:
            await self._thread.run(partial(self._write, head, held))
        except PermissionError as error:
            raise troubled("refused") from error
        except OSError as error:
            raise away() from error
        return ""

    async def newest(self, heads: Sequence[Head]) -> Sequence[Held] | None:
        try:
            return await self._thread.run(lambda: [one for one in map(_newest, self._trees()) if one is not None])
        except OSError as error:
            raise away() from error

    async def held(self, tree: str = "") -> AsyncIterator[str]:
        try:
            notes = await self._thread.run(lambda: (note for one in self._trees(tree) for note in _notes(one)))
            while some := await self._thread.run(lambda: [note for _, note in islice(notes, AT_ONCE)]):
                for note in some:
                    yield note
        except OSError as error:
            raise away() from error

    async def close(self) -> None:
        pass

    def _write(self, head: Head, held: int) -> None:
        """Raises Forked, OSError; Invalid: what it held is gone, or the place is taken by what is not ours."""
        tree = self._folder / head.shard
        # A network folder that is not mounted is an empty one.
        if held and not (tree / note_name(held)).exists():
            raise troubled("emptied")
        tree.mkdir(parents=True, exist_ok=True)
        ours, data = head.read, head.note.encode()
        path = tree / note_name(ours.size)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            there = os.read(descriptor, NOTE_LIMIT)
            if data.startswith(there):
                # All of it, or the rest when a crash left half.
                os.write(descriptor, data[len(there) :])
                os.fsync(descriptor)
            else:
                _compare(head, there.decode(errors="replace"), path)
        finally:
            os.close(descriptor)
        for folder in (tree, self._folder):
            _sync(folder)

    def _trees(self, named: str = "") -> list[Path]:
        """The newest first, or the one of this name. Raises OSError."""
        if not self._folder.exists():
            return []
        found = [one for one in self._folder.iterdir() if TREE.fullmatch(one.name) and one.is_dir()]
        found = [one for one in found if named in ("", one.name)]
        return sorted(found, key=lambda tree: tree_order(tree.name), reverse=True)


def _compare(head: Head, there: str, path: Path) -> None:
    """Another note has the name of this one: of the same head, signed with another key, or else Forked; Invalid: not ours."""
    try:
        theirs = parse_note(there)
    except ValueError:
        raise troubled("false") from None
    if theirs.origin != head.read.origin:
        raise troubled("refused")
    if theirs.text != head.read.text:
        raise Forked(Held(origin=theirs.origin, size=theirs.size, note=there, at=_since(path)))


def _newest(tree: Path) -> Held | None:
    for path, note in _notes(tree):
        read = parse_note(note)
        return Held(origin=read.origin, size=read.size, note=note, at=_since(path))
    return None


def _notes(tree: Path) -> Iterator[tuple[Path, str]]:
    """The largest first; half a note, which a crash left, is passed over."""
    for name in sorted(os.listdir(tree), reverse=True):  # a year has half a million
        size = size_of(name)
        if size is None:
            continue
        path = tree / name
        with path.open("rb") as file:
            text = file.read(NOTE_LIMIT).decode(errors="replace")
        if is_of(text, tree.name, size):
            yield path, text
        else:
            log.warning("not a whole note among those of tree %s: %d", tree.name, size)


def _since(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
