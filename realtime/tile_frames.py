"""What is pushed of a slide: binary messages from server to client only, each alone in its WebSocket message. Pure.

Little endian.

    tile 0x10, 20 bytes and those of the tile
        u8 kind · u8 coding (0 as the file holds it, JPEG; 1 AVIF; 2 unreadable, no bytes) · u16 focal plane · u32 epoch
        u8 level · u8 channel (255: a picture in colour) · u16 zero · u32 column · u32 row · bytes
    complete 0x11, 12 bytes: all tiles of that field went before this, on this connection
        u8 kind · u8 flags (bit 0: of the coarse picture only) · u16 stream of the field · u32 epoch · u32 its sequence
"""

import struct
from typing import Final

import msgspec

from realtime.frames import FrameError

TILE: Final = 0x10
COMPLETE: Final = 0x11

NATIVE: Final = 0
AVIF: Final = 1
UNREADABLE: Final = 2
COLOUR: Final = 255
"""The channel of a tile that is a picture in colour."""
COARSE: Final = 0x01

_TILE = struct.Struct("<BBHIBBHII")
_COMPLETE = struct.Struct("<BBHII")
HEAD: Final = _TILE.size


class TileFrame(msgspec.Struct, frozen=True):
    """One tile of the slide that the room showed at ``epoch``; ``level`` 0 is the finest."""

    epoch: int
    level: int
    column: int
    row: int
    coding: int
    data: bytes
    plane: int = 0
    channel: int = COLOUR


class CompleteFrame(msgspec.Struct, frozen=True):
    """Every tile that is pushed for a field was sent before; ``coarse``: of its quick picture only."""

    stream: int
    epoch: int
    field: int
    """The sequence of a viewport of that stream."""
    coarse: bool = False


def encode(frame: TileFrame | CompleteFrame) -> bytes:
    """The bytes of one message. Raises FrameError: a number is out of its range."""
    try:
        if isinstance(frame, CompleteFrame):
            flags = COARSE if frame.coarse else 0
            return _COMPLETE.pack(COMPLETE, flags, frame.stream, frame.epoch, frame.field)
        head = _TILE.pack(
            TILE, frame.coding, frame.plane, frame.epoch, frame.level, frame.channel, 0, frame.column, frame.row
        )
    except struct.error:
        raise FrameError("a number is out of range") from None
    return head + frame.data


def is_pushed(data: bytes) -> bool:
    """Whether the message, if it is of the protocol, is one of these."""
    return bool(data) and data[0] in {TILE, COMPLETE}


def decode(data: bytes) -> TileFrame | CompleteFrame:
    """One message, as a client reads it. Raises FrameError."""
    try:
        if data[:1] == bytes((COMPLETE,)):
            _, flags, stream, epoch, field = _COMPLETE.unpack(data)
            if flags & ~COARSE:
                raise FrameError("an unknown flag")
            return CompleteFrame(stream, epoch, field, bool(flags))
        kind, coding, plane, epoch, level, channel, zero, column, row = _TILE.unpack_from(data)
    except struct.error:
        raise FrameError("cut short") from None
    if kind != TILE or coding > UNREADABLE:
        raise FrameError("an unknown kind")
    if zero:
        raise FrameError("padding that is not zero")
    return TileFrame(epoch, level, column, row, coding, data[HEAD:], plane, channel)
