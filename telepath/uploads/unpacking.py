"""The slide that a ZIP holds, unpacked beside it under names of ours, as its bytes come: what is declared is never believed."""

import asyncio
import os
import shutil
import threading
import zlib
from pathlib import Path
from typing import Final

from telepath.errors import SlideUnreadable, Unavailable
from telepath.slides import foreign
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.messages import Member
from telepath.uploads import manifest
from telepath.uploads.manifest import Sent

SUFFIX: Final = ".zip"
SPARE: Final = 1 << 30
"""Bytes that stay free on the disk."""
_BLOCK: Final = 1 << 20
_HEADER: Final = 30
_MARK: Final = b"PK\x03\x04"


async def unpack(decoders: DecoderPool, path: Path, into: Path) -> Path:
    """What opens the one slide of the ZIP ``path``: a file below ``into``, or ``into`` itself, as ingest.add takes it. The
    caller removes ``into``; what lies there from before goes.

    Raises SlideForbidden, SlideUnsupported, SlideUnreadable: the sandbox refuses its list (archive.py), or it is damaged;
    Invalid, TooLarge: it holds no slide, or several (manifest.plan); Unavailable: no room on the disk, or it fails."""
    members = await decoders.archive(path)
    for member in members:
        foreign.refuse_name(member.path)
    plan = manifest.plan([Sent(member.path, member.size) for member in members])
    by_path = {member.path: member for member in members}
    stopped = threading.Event()
    try:
        await asyncio.to_thread(_begin, into, plan.size)
        for file in plan.files:
            await asyncio.to_thread(_extract, path, by_path[file.path], into / file.stored, stopped)
    except OSError as error:
        raise Unavailable(what="storage") from error
    finally:
        stopped.set()  # of what was cancelled: the end of the process waits for its threads
    return into / plan.entry if plan.entry else into


def _begin(into: Path, size: int) -> None:
    if into.exists():
        shutil.rmtree(into)
    into.mkdir(mode=0o700)
    if shutil.disk_usage(into).free < size + SPARE:
        raise Unavailable(what="storage")


def _extract(source: Path, member: Member, target: Path, stopped: threading.Event) -> None:
    """Blocks, until it is ``stopped``. Raises SlideUnreadable: not what was declared; OSError."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with source.open("rb") as packed, os.fdopen(os.open(target, flags, 0o600), "wb") as file:
        packed.seek(member.offset)
        header = packed.read(_HEADER)
        if len(header) < _HEADER or not header.startswith(_MARK):
            raise SlideUnreadable("error-zip-damaged")
        # APPNOTE.TXT 4.3.7: name and extra field follow, whose lengths stand at its end.
        packed.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), os.SEEK_CUR)
        left, size, checksum = member.packed, 0, 0
        inflating = zlib.decompressobj(-zlib.MAX_WBITS) if member.deflated else None
        waiting, whole = b"", False
        while not whole:
            if stopped.is_set():
                return
            if left and not waiting:
                waiting = packed.read(min(_BLOCK, left))
                left -= len(waiting)
                if not waiting:
                    raise SlideUnreadable("error-zip-damaged")
            data, waiting = _opened(inflating, waiting)
            size, checksum = size + len(data), zlib.crc32(data, checksum)
            if size > member.size:
                raise SlideUnreadable("error-zip-damaged")
            file.write(data)
            whole = not left if inflating is None else inflating.eof
            # All may have been read while some of it still waits inside, for a block is full.
            if not (whole or data or waiting or left):
                raise SlideUnreadable("error-zip-damaged")
    if left or (size, checksum) != (member.size, member.checksum):
        raise SlideUnreadable("error-zip-damaged")


def _opened(inflating: "zlib._Decompress | None", data: bytes) -> tuple[bytes, bytes]:
    """At most a block, and what of ``data`` waits for the next."""
    if inflating is None:
        return data, b""
    try:
        made = inflating.decompress(data, _BLOCK)
    except zlib.error:
        raise SlideUnreadable("error-zip-damaged") from None
    if inflating.eof and (inflating.unused_data or inflating.unconsumed_tail):
        raise SlideUnreadable("error-zip-damaged")
    return made, inflating.unconsumed_tail
