"""The process that touches slides' bytes: started by decoder_pool.py, shut in by sandbox.py, told what to do by messages.

``python -m telepath.slides.worker``. Standard input and output carry messages (messages.py), the first one is ``Open``. It may
die at any moment: whoever asks must expect it.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from telepath import errors
from telepath.slides import companions, sandbox
from telepath.slides.decoder import Decoder
from telepath.slides.inspection import inspect
from telepath.slides.messages import LENGTH, DecodeTile, Done, Failed, FindCompanions, Inspect, Open, Reply, Request

INSPECTION_SECONDS: Final = 60
"""Of processor time, for a whole slide; a tile gets sandbox.CPU_SECONDS."""


class _Worker:
    def __init__(self) -> None:
        self._folder: Path | None = None
        self._opened: tuple[str, Decoder] | None = None

    def answer(self, request: Request) -> bytes:
        if isinstance(request, Open):
            self._folder = Path(request.folder)
            return msgspec.msgpack.encode(sandbox.enter(self._folder))
        if self._folder is None:
            raise errors.SlideUnreadable
        if isinstance(request, FindCompanions):
            sandbox.allow_time(INSPECTION_SECONDS)
            return msgspec.msgpack.encode(companions.find(self._folder, request.name))
        if isinstance(request, Inspect):
            sandbox.allow_time(INSPECTION_SECONDS)
            return msgspec.msgpack.encode(inspect(self._folder, request.entry))
        sandbox.allow_time()
        if self._opened is None or self._opened[0] != request.entry:
            self._opened = request.entry, Decoder(self._folder / request.entry)
        return self._opened[1].tile(request.level, request.number, request.column, request.row)


def serve(source: BinaryIO, target: BinaryIO, answer: Callable[[Request], bytes]) -> None:
    """Answer messages until ``source`` ends."""
    decoder: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        request = decoder.decode(source.read(LENGTH.unpack(head)[0]))
        reply: Reply
        try:
            reply = Done(answer(request))
        except errors.TelepathError as error:
            reply = Failed(type(error).__name__, error.code, error.params)
        except Exception:
            unreadable = errors.TileUnreadable if isinstance(request, DecodeTile) else errors.SlideUnreadable
            reply = Failed(unreadable.__name__, unreadable.code, {})
        body = msgspec.msgpack.encode(reply)
        target.write(LENGTH.pack(len(body)) + body)
        target.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, _Worker().answer)
