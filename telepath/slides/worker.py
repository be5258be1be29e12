"""The process that touches slides' bytes: a copy of the nursery's (nursery.py), shut in by sandbox.py, told what to do.

``python -m telepath.slides.worker`` inside bubblewrap. Standard input and output carry messages (messages.py), the first one
is ``Open``. It may die at any moment: whoever asks must expect it.
"""

import os
import resource
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from telepath import errors
from telepath.slides import archive, attached_pages, companions, drawing, field, rendering, sandbox, withheld
from telepath.slides.deidentify import whole_copy
from telepath.slides.inspection import inspect
from telepath.slides.messages import (
    LENGTH,
    ComposeTile,
    DecodeTile,
    Done,
    DrawField,
    DrawPages,
    DrawPicture,
    Failed,
    FindCompanions,
    Inspect,
    ListArchive,
    Open,
    PlanCopy,
    Reply,
    Request,
    ShowCompanion,
)
from telepath.slides.reader import Reader
from telepath.slides.readers import open_reader

INSPECTION_SECONDS: Final = 60
"""Of processor time, for a whole slide; a tile gets sandbox.CPU_SECONDS."""
ATTACHMENT_SECONDS: Final = 40
AT_ONCE: Final = 128 << 10
"""Bytes that are read at once: of a request to decode or compose a tile, most often all."""

UNREADABLE: Final[dict[type[Request], type[errors.TelepathError]]] = {
    DecodeTile: errors.TileUnreadable,
    ComposeTile: errors.TileUnreadable,
    DrawPicture: errors.TileUnreadable,
    DrawField: errors.TileUnreadable,
    DrawPages: errors.AttachmentUnreadable,
}
"""What a request fails with for a reason that has no code of its own; others: SlideUnreadable."""


class _Worker:
    def __init__(self) -> None:
        self._folder: Path | None = None
        self._shut_in = False
        self._opened: tuple[str, Reader] | None = None
        self._sizes: tuple[tuple[int, int], ...] = ()
        """Of the levels of what is open; none before the first tile."""

    def answer(self, request: Request) -> bytes:
        if isinstance(request, Open):
            self._folder = Path(request.folder) if request.folder else None
            self._shut_in = True
            return msgspec.msgpack.encode(sandbox.enter(self._folder))
        if isinstance(request, DrawPages) and self._shut_in:
            sandbox.allow_time(ATTACHMENT_SECONDS)
            return msgspec.msgpack.encode(attached_pages.draw(request.data))
        if isinstance(request, ComposeTile) and self._shut_in:
            sandbox.allow_time()
            return rendering.compose(request)
        if isinstance(request, DrawPicture) and self._shut_in:
            sandbox.allow_time()
            return drawing.draw(request)
        if self._folder is None or isinstance(request, DrawPages | ComposeTile | DrawPicture):
            raise errors.SlideUnreadable
        if isinstance(request, FindCompanions):
            sandbox.allow_time(INSPECTION_SECONDS)
            return msgspec.msgpack.encode(companions.find(self._folder, request.name))
        if isinstance(request, ListArchive):
            sandbox.allow_time()
            return msgspec.msgpack.encode(archive.members(self._folder / request.name))
        if isinstance(request, Inspect):
            sandbox.allow_time(INSPECTION_SECONDS)
            found = inspect(self._folder, request.entry)
            identifying = whole_copy.findings(self._folder, request.entry)
            return msgspec.msgpack.encode(msgspec.structs.replace(found, identifying=identifying))
        if isinstance(request, PlanCopy):
            sandbox.allow_time(INSPECTION_SECONDS)
            lines, seed = request.lines, request.seed
            return msgspec.msgpack.encode(whole_copy.plan(self._folder, request.entry, request.name, lines, seed))
        if isinstance(request, ShowCompanion):
            sandbox.allow_time()
            return withheld.shown(self._folder / request.entry, request.name)
        sandbox.allow_time()
        if self._opened is None or self._opened[0] != request.entry:
            self._opened = request.entry, open_reader(self._folder / request.entry)
            self._sizes = ()
        reader = self._opened[1]
        try:
            if isinstance(request, DrawField):
                return field.draw(reader, request.view)
            self._sizes = self._sizes or reader.describe().sizes
            if not _is_level(request, self._sizes):
                raise errors.TileUnreadable
            return rendering.tile(reader, request)
        except Exception:
            self._opened = None  # errors of some libraries stick to their handle
            reader.close()
            raise


def _is_level(request: DecodeTile, sizes: Sequence[tuple[int, int]]) -> bool:
    """Whether it asks for a level as large as the reader's of that number: an index that was made when others counted as levels
    would show another scale."""
    level, shrink = request.level, request.shrink
    wanted = (level.width, level.height)
    return request.number < len(sizes) and all(
        abs(mine * shrink - side) < 2 * shrink for mine, side in zip(wanted, sizes[request.number], strict=True)
    )


def serve(source: int, target: int, answer: Callable[[Request], bytes]) -> None:
    """Answer messages until ``source`` ends; descriptors both."""
    decoder: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
    encoder = msgspec.msgpack.Encoder()
    while (request := _next(source, decoder)) is not None:
        reply: Reply
        try:
            reply = Done(answer(request), memory=_memory())
        except errors.TelepathError as error:
            reply = Failed(type(error).__name__, error.code, error.params, memory=_memory())
        except Exception:
            unreadable = UNREADABLE.get(type(request), errors.SlideUnreadable)
            reply = Failed(unreadable.__name__, unreadable.code, {}, memory=_memory())
        body = bytearray(LENGTH.size)
        encoder.encode_into(reply, body, LENGTH.size)
        LENGTH.pack_into(body, 0, len(body) - LENGTH.size)
        with memoryview(body) as left:
            sent = 0
            while sent < len(body):
                sent += os.write(target, left[sent:])


def _next(source: int, decoder: "msgspec.msgpack.Decoder[Request]") -> Request | None:
    """A usual request comes in one piece. None: nobody asks any more."""
    data = os.read(source, AT_ONCE)
    while len(data) < LENGTH.size:
        more = os.read(source, AT_ONCE)
        if not more:
            return None
        data += more
    end = LENGTH.size + LENGTH.unpack_from(data)[0]
    if len(data) == end:
        return decoder.decode(memoryview(data)[LENGTH.size :])
    whole = bytearray(end)
    whole[: len(data)] = data
    have = len(data)
    with memoryview(whole) as room:
        while have < end:
            came = os.readv(source, [room[have:]])
            if not came:
                return None
            have += came
        return decoder.decode(room[LENGTH.size :])


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def run() -> None:
    """Serve on standard input and output."""
    serve(0, 1, _Worker().answer)


if __name__ == "__main__":
    run()
