"""A folder into which scanners drop slides: what is steady is taken, registered and put aside, or put aside with the reason.

``<folder>/<case number>/…``: the slides of that case; right in ``<folder>``: those whose label names one case of the
institution, and no other. A slide is taken when nothing of it has changed for a while. It is first moved to
``.taken/<id>/<case or ->/``, where the sandbox sees it alone, and from there to ``done/<day>/`` or ``refused/<id>/``, with a
text that says why. Nothing is ever deleted. A process that is killed goes on with what it had taken: what had been registered
is not registered twice.

No inotify: network shares tell nobody of what others write. No file's name is logged or printed; it may name a patient."""

import asyncio
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import select

from telepath import directory
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.cases import case as case_table
from telepath.errors import Conflict, NotFound, SlideForbidden, TelepathError, Unavailable
from telepath.ids import is_id, make_id
from telepath.slides import ingest, label_check
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.held import Share
from telepath.slides.label_check import Expected, Known, Mark, Verdict
from telepath.storage import Storage
from telepath.uploads import unpacking

TAKEN: Final = ".taken"
DONE: Final = "done"
REFUSED: Final = "refused"
NO_CASE: Final = "-"
QUIET: Final = 30.0
"""Seconds without a change: scanners write slowly, and shares tell late."""
ENTRIES: Final = 5000
_UNDER_WAY: Final = (".part", ".partial", ".tmp", ".crdownload", ".filepart")
_NOISE: Final = frozenset({"thumbs.db", "desktop.ini"})
_STAIN: Final = "HES"
Signature = tuple[tuple[str, int, int], ...]


class Unit(msgspec.Struct, frozen=True):
    """What makes one slide: one file or folder, or a MIRAX file and its folder. ``number``: of the case; empty: not said."""

    number: str
    entry: Path
    parts: tuple[Path, ...]
    complete: bool = True


class Outcome(msgspec.Struct, frozen=True):
    """``slide``: registered; else why not."""

    number: str
    slide: str = ""
    error: TelepathError | None = None


Told = Callable[[Outcome], str]
"""Words an outcome: a line for the log, and the text beside what was refused."""


class Drop:
    """One folder of one institution."""

    def __init__(
        self,
        db: Database,
        storage: Storage,
        decoders: DecoderPool,
        actor: Actor,
        share: Share,
        folder: Path,
        institution_id: str,
        *,
        quiet: float = QUIET,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.db, self.storage, self.decoders, self.actor, self.share = db, storage, decoders, actor, share
        self.folder, self.institution_id, self.quiet, self.clock = folder, institution_id, quiet, clock
        self._seen: dict[Path, tuple[Signature, float]] = {}

    async def look(self, told: Told) -> list[Outcome]:
        """Take what has been steady since an earlier look, and what an earlier process had taken. Raises Unavailable: the
        folder or the database does not answer; all stays where it is."""
        outcomes = []
        for home in await asyncio.to_thread(self._taken):
            outcomes.append(await self._finish(home, told))
        for unit in await asyncio.to_thread(self._steady, await self._numbers()):
            key = make_id(int(self.db.clock().timestamp() * 1000), self.db.random(10))
            home = self.folder / TAKEN / key / (unit.number or NO_CASE)
            await asyncio.to_thread(_move, unit.parts, home)
            outcomes.append(await self._finish(home, told))
        return outcomes

    @property
    def waits(self) -> bool:
        """Whether something was seen that is not steady yet."""
        return bool(self._seen)

    async def _numbers(self) -> dict[str, str]:
        """Number → identifier of the institution's cases."""
        async with self.db.read() as reader:
            mine = (case_table.c.institution_id == self.institution_id) & case_table.c.erased_at.is_(None)
            rows = await reader.all(select(case_table.c.number, case_table.c.id).where(mine))
        return {row["number"]: row["id"] for row in rows}

    def _taken(self) -> list[Path]:
        homes = self.folder / TAKEN
        if not homes.is_dir():
            return []
        return [inner for home in sorted(homes.iterdir()) if is_id(home.name) for inner in home.iterdir()]

    def _steady(self, numbers: dict[str, str]) -> list[Unit]:
        """Those that have not changed for ``quiet`` seconds of this process's looks."""
        try:
            units = list(self._units(numbers))
        except OSError as error:
            raise Unavailable(what="storage") from error
        now, found, still = self.clock(), [], {}
        for unit in units:
            signature = _signature(unit.parts)
            before, since = self._seen.get(unit.entry, (None, now))
            since = since if signature == before else now
            if signature and unit.complete and signature == before and now - since >= self.quiet:
                found.append(unit)
            else:
                still[unit.entry] = (signature, since)
        self._seen = still
        return found

    def _units(self, numbers: dict[str, str]) -> Iterator[Unit]:
        for path in _entries(self.folder):
            if path.is_dir() and path.name in numbers:
                yield from _within(path, path.name)
        yield from _within(self.folder, "", {*numbers, DONE, REFUSED})

    async def _finish(self, home: Path, told: Told) -> Outcome:
        """Register what lies there alone, and put it aside."""
        number = "" if home.name == NO_CASE else home.name
        unpacked = home.parent.with_suffix(".unpacked")
        try:
            outcome = await self._registered(home, number, unpacked)
        except Unavailable:
            raise
        except TelepathError as error:
            twice = isinstance(error, Conflict) and error.code == "error-slide-twice"
            outcome = Outcome(number, error=error, slide="" if not twice else "-")
        finally:
            await asyncio.to_thread(shutil.rmtree, unpacked, ignore_errors=True)
        text = told(outcome)
        key, day = home.parent.name, f"{self.db.clock():%Y-%m-%d}"
        target = self.folder / (f"{DONE}/{day}/{key}" if outcome.slide else f"{REFUSED}/{key}")
        await asyncio.to_thread(_put_aside, home, target, "" if outcome.slide else text)
        return outcome

    async def _registered(self, home: Path, number: str, unpacked: Path) -> Outcome:
        """``unpacked``: a folder for what a ZIP holds."""
        entry = await asyncio.to_thread(_entry, home)
        if entry.suffix.lower() == unpacking.SUFFIX:
            entry = await unpacking.unpack(self.decoders, entry, unpacked)
        numbers = await self._numbers()
        if not number:
            number = await self._named(entry, numbers)
        if number not in numbers:
            raise NotFound("error-watch-case", number=number)
        slide = await ingest.add(
            self.db,
            self.storage,
            self.decoders,
            self.actor,
            entry,
            case_id=numbers[number],
            institution_id=self.institution_id,
            label=_STAIN,
            stain=_STAIN,
            share=self.share,
            once=True,
        )
        return Outcome(number, slide=slide.id)

    async def _named(self, entry: Path, numbers: dict[str, str]) -> str:
        """The one case that the slide's label names. Raises NotFound: none, or several; SlideUnreadable."""
        companions = await self.decoders.companions(entry)
        folder = entry if await asyncio.to_thread(entry.is_dir) else entry.parent
        given = next(given for given, name in companions.files if name == companions.entry)
        marks = (await self.decoders.inspect(folder, given)).marks
        async with self.db.read() as reader:
            place = (await directory.institutions(reader, [self.institution_id]))[self.institution_id]
        found = await asyncio.to_thread(_named_by, marks, numbers, place.finess, place.name)
        if len(found) != 1:
            raise NotFound("error-watch-unmatched", count=len(found))
        return found[0]


def _named_by(marks: tuple[Mark, ...], numbers: dict[str, str], finess: str, name: str) -> list[str]:
    known = Known((), {})
    return [
        number
        for number in numbers
        if label_check.check(marks, Expected(number=number, finess=finess, institution=name), known).verdict
        is Verdict.VERIFIED
    ]


def _within(folder: Path, number: str, apart: set[str] = frozenset()) -> Iterator[Unit]:  # type: ignore[assignment]
    entries = {path.name: path for path in _entries(folder) if path.name not in apart}
    mirax = {name: path for name, path in entries.items() if path.suffix.lower() == ".mrxs" and path.is_file()}
    beside = {path.stem for path in mirax.values()}
    for name, path in entries.items():
        if name in mirax:
            home = entries.get(path.stem)
            index = home is not None and any(one.name.lower() == "slidedat.ini" for one in _entries(home))
            yield Unit(number, path, (path, home) if home is not None else (path,), index)
        elif name not in beside:
            yield Unit(number, path, (path,))


def _entries(folder: Path) -> list[Path]:
    """Files and folders by name: no links, nothing hidden, nothing that is still being copied."""
    if not folder.is_dir():
        return []
    found = [
        path
        for path in sorted(folder.iterdir())[:ENTRIES]
        if not path.name.startswith((".", "~")) and path.name.lower() not in _NOISE and not path.is_symlink()
    ]
    return [path for path in found if not path.name.lower().endswith(_UNDER_WAY)]


def _signature(parts: tuple[Path, ...]) -> Signature:
    """Names, sizes and times of all its files; empty: there is nothing, or it is just being changed."""
    found = []
    try:
        for part in parts:
            files = sorted(path for path in part.rglob("*") if path.is_file()) if part.is_dir() else [part]
            for path in files:
                about = path.stat()
                found.append((str(path), about.st_size, about.st_mtime_ns))
    except OSError:
        return ()
    return tuple(found)


def _entry(home: Path) -> Path:
    """The file that opens it, or the folder that holds it. Raises NotFound: an interrupted move left nothing there;
    SlideForbidden: a link, which whoever may write there put in its place, and which may lead anywhere."""
    there = sorted(home.iterdir())
    if any(path.is_symlink() for path in there):
        raise SlideForbidden("error-slide-reference-outside")
    files = [path for path in there if path.is_file()]
    if not there:
        raise NotFound("error-slide-file-absent")
    return files[0] if files else there[0]


def _move(parts: tuple[Path, ...], home: Path) -> None:
    """The parts first, the entry last: until it is there the rest waits where it is."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        for part in reversed(parts):
            part.rename(home / part.name)
    except OSError as error:
        raise Unavailable(what="storage") from error


def _put_aside(home: Path, target: Path, text: str) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
        for part in sorted(home.iterdir()):
            part.rename(target / part.name)
        if text:
            (target.parent / f"{target.name}.txt").write_text(f"{text}\n", encoding="utf-8")
        os.rmdir(home)
        os.rmdir(home.parent)
    except OSError as error:
        raise Unavailable(what="storage") from error
