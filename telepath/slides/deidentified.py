"""What is known of a slide's identifying parts, the label that is shown in their stead, and the bytes of a copy as they leave.

No copy lies anywhere: its pieces (pieces.py) are planned by the worker and read from the stored files while they are sent."""

import asyncio
import base64
import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Final

import msgspec

from telepath.errors import NotFound
from telepath.slides import catalogue
from telepath.slides.catalogue import Slide
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.messages import PlanCopy
from telepath.slides.pieces import CopiedFile, Copy, Finding, Kept, Zeros, cut
from telepath.storage import Storage, check_key

FILE: Final = "deidentified.json"
LIMIT: Final = 1 << 20
CHUNK: Final = 4 << 20
STILL: Final = (1980, 1, 1, 0, 0, 0)


class Report(msgspec.Struct, frozen=True):
    """What an ingest found, without what it was. ``findings``: None when no copy of such a file can be made."""

    findings: tuple[Finding, ...] | None

    @property
    def count(self) -> int:
        return sum(one.times for one in self.findings or ())

    @property
    def kinds(self) -> list[str]:
        return sorted({one.kind for one in self.findings or ()})


def key(folder: str) -> str:
    return f"{folder}/{FILE}"


def written(findings: tuple[Finding, ...] | None) -> bytes:
    return msgspec.json.encode(Report(findings))


async def report(storage: Storage, folder: str) -> Report | None:
    """None: the slide came in before anybody looked. Raises Unavailable."""
    try:
        return msgspec.json.decode(await storage.read(key(folder), 0, LIMIT), type=Report)
    except (NotFound, msgspec.DecodeError):
        return None


def pseudonym(case_id: str) -> str:
    """The same for all slides of a case. Who does not know the case's identifier, which is made of chance, learns nothing."""
    digest = hashlib.sha256(b"telepath pseudonym of a case\n" + case_id.encode()).digest()
    text = base64.b32encode(digest)[:8].decode()
    return f"TP-{text[:4]}-{text[4:]}"


def label_lines(case_id: str, *, block: str, section: str, stain: str, finess: str) -> tuple[str, ...]:
    """What the drawn label says: the case's pseudonym, block and section, stain, the institution's FINESS number."""
    of_block = " ".join(part for part in (block, section) if part)
    return tuple(line for line in (pseudonym(case_id), of_block, stain, finess) if line)


def label_of(slide: Slide, finess: str) -> tuple[str, ...]:
    """That of a slide."""
    return label_lines(slide.case_id, block=slide.block, section=slide.section, stain=slide.stain, finess=finess)


def name_of(slide: Slide) -> str:
    """Of the copy, without its suffix."""
    return f"{pseudonym(slide.case_id)}-{slide.id[-6:]}"


async def plan(storage: Storage, decoders: DecoderPool, slide: Slide, finess: str, *, reader: str = "") -> Copy:
    """``reader``: who asks, because readers take turns.

    Raises SlideUnreadable: its files are not understood, so nothing leaves; NotFound: they are not there, or the worker names
    others; Unavailable."""
    seed = hashlib.sha256(b"telepath identifiers of a copy\n" + slide.case_id.encode()).digest()
    request = PlanCopy(entry=slide.entry, name=name_of(slide), lines=label_of(slide, finess), seed=seed)
    async with storage.fetch(catalogue.files_key(slide.folder)) as folder:
        planned = await decoders.plan_copy(folder, request, reader=reader)
    # Who read a stranger's file is not believed: what it names is read here, and unpacked by who receives the copy.
    for file in planned.files:
        check_key(file.name)
        check_key(file.to)
    return planned


async def tag(planned: Copy) -> str:
    """The same for the same bytes: what is drawn for its label changes with what is said of the slide."""
    return await asyncio.to_thread(lambda: hashlib.sha256(msgspec.msgpack.encode(planned.files)).hexdigest()[:32])


async def read(
    storage: Storage, slide: Slide, file: CopiedFile, start: int = 0, length: int | None = None
) -> AsyncIterator[bytes]:
    """The bytes of a file of a copy. Raises NotFound, Unavailable."""
    source = f"{catalogue.files_key(slide.folder)}/{file.name}"
    gathered = bytearray()
    for piece in cut(file.pieces, start, file.bytes - start if length is None else length):
        for offset in range(0, piece.length, CHUNK):
            size = min(CHUNK, piece.length - offset)
            if isinstance(piece, Kept):
                gathered += await storage.read(source, piece.offset + offset, size)
            else:
                gathered += bytes(size) if isinstance(piece, Zeros) else piece.data[offset : offset + size]
            if len(gathered) >= CHUNK:
                yield bytes(gathered)
                gathered.clear()
    if gathered:
        yield bytes(gathered)


async def zipped(storage: Storage, slide: Slide, files: Iterable[CopiedFile]) -> AsyncIterator[bytes]:
    """A ZIP of them, stored and not compressed, made while it is sent. Raises NotFound, Unavailable."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for file in files:
            with archive.open(zipfile.ZipInfo(file.to, STILL), "w", force_zip64=True) as member:
                async for chunk in read(storage, slide, file):
                    await asyncio.to_thread(member.write, chunk)
                    for part in sink.taken():
                        yield part
    for part in sink.taken():
        yield part


class _Sink(io.RawIOBase):
    """What was written and not yet sent. It cannot be sought in, so that zipfile writes sizes behind each member."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        return len(part)

    def taken(self) -> Iterator[bytes]:
        parts, self._parts = self._parts, []
        yield from parts
