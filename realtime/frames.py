"""Frames: small binary records that may be lost; the newest wins; no patient data. Pure.

Little endian. Lengths and places are level-0 px in fixed point, 1/256 px; rotations are 1/65536 turn, clockwise. One
WebSocket message carries one record or several, one after the other, and nothing else.

    viewport 0x01, 36 bytes, 20 more with the target of the running animation, 4 + 8 for each with chosen channels
        u8 kind · u8 flags (bit 0 flip, bit 1 target, bit 2 channels) · u16 stream · u32 epoch · u32 sequence · u32 time, ms
        i32 x · i32 y (centre) · u32 width · u32 height (extent before rotation) · u16 rotation · u16 focal plane, from 0
        target: i32 x · i32 y · u32 width · u32 height · u16 rotation · u16 milliseconds left
        channels: u8 how many are shown, 1 to 32 · 3 × u8 zero, then for each
            u8 number, growing · u8 red · u8 green · u8 blue · u16 low · u16 high (samples shown black and in full colour)
    pointer 0x02, 24 bytes
        u8 kind · u8 flags (bit 0 gone) · u16 stream · u32 epoch · u32 sequence · u32 time, ms · i32 x · i32 y
    stroke 0x03, 32 bytes and 4 for each point after the first: the ink of a line that is being drawn, all of it so far
        u8 kind · u8 flags (bit 0 gone: committed, or dropped) · u16 stream · u32 epoch · u32 sequence · u32 time, ms
        i32 x · i32 y (first point) · u16 focal plane · u8 exponent · u8 zero · u16 how many, 0 to 255 · u16 zero
        each: i16 x · i16 y from the point before, in units of 2^exponent / 256 px
    receipt 0x04, 40 bytes: how a window shows the field of another
        u8 kind · u8 flags (bit 0 usable, bit 1 sharp, bit 2 reduced) · u16 stream · u32 epoch · u32 sequence · u32 time, ms
        u16 stream of that field · u16 zero · u32 its sequence
        i32 x · i32 y (centre) · u32 width · u32 height of what the window shows
    ack 0xA0, 8 bytes, from client to server only
        u8 kind · u8 zero · u16 ms since the last of them came · u32 WebSocket messages received on this connection

What goes from server to client only is in tile_frames.py.
"""

import struct
from itertools import chain, pairwise
from typing import Final

import msgspec

VIEWPORT: Final = 0x01
POINTER: Final = 0x02
STROKE: Final = 0x03
RECEIPT: Final = 0x04
ACK: Final = 0xA0

FLIP: Final = 0x01
TARGET: Final = 0x02
CHANNELS: Final = 0x04
GONE: Final = 0x01
USABLE: Final = 0x01
SHARP: Final = 0x02
REDUCED: Final = 0x04

UNITS_PER_PX: Final = 256
TURN: Final = 65536

_VIEWPORT = struct.Struct("<BBHIIIiiIIHH")
_TARGET = struct.Struct("<iiIIHH")
_CHANNELS = struct.Struct("<BBH")
_CHANNEL = struct.Struct("<BBBBHH")
CHANNELS_SHOWN: Final = 32
_POINTER = struct.Struct("<BBHIIIii")
_STROKE = struct.Struct("<BBHIIIiiHBBHH")
_STEP_SIZE: Final = 4
STEPS: Final = 255
EXPONENT: Final = 16
_RECEIPT = struct.Struct("<BBHIIIHHIiiII")
_ACK = struct.Struct("<BBHI")

Slot = tuple[int, int]
"""(stream, kind): of all frames with the same slot only the newest is of interest."""


class FrameError(ValueError):
    """The bytes are not frames. The message says which rule is broken, never the bytes."""


class Target(msgspec.Struct, frozen=True):
    """Where the running animation ends, in ``milliseconds``."""

    x: int
    y: int
    width: int
    height: int
    rotation: int
    milliseconds: int


class ShownChannel(msgspec.Struct, frozen=True):
    """A channel that is shown, in its colour, between two values of its samples."""

    number: int
    red: int
    green: int
    blue: int
    low: int
    high: int


class ViewportFrame(msgspec.Struct, frozen=True):
    """The field of the presenter at ``time`` (ms of the sender's own clock). Units as on the wire."""

    stream: int
    epoch: int
    sequence: int
    time: int
    x: int
    y: int
    width: int
    height: int
    rotation: int = 0
    flip: bool = False
    target: Target | None = None
    plane: int = 0
    """The focal plane, from 0, the lowest."""
    channels: tuple[ShownChannel, ...] = ()
    """In the order of their numbers; nothing: all, as scanned."""

    @property
    def slot(self) -> Slot:
        return (self.stream, VIEWPORT)


class PointerFrame(msgspec.Struct, frozen=True):
    """Where somebody points; ``gone``: the pointer left the field, x and y are the last ones."""

    stream: int
    epoch: int
    sequence: int
    time: int
    x: int
    y: int
    gone: bool = False

    @property
    def slot(self) -> Slot:
        return (self.stream, POINTER)


class StrokeFrame(msgspec.Struct, frozen=True):
    """A line that somebody is drawing, as far as it has come; ``gone``: it was committed as a fact, or dropped."""

    stream: int
    epoch: int
    sequence: int
    time: int
    x: int
    y: int
    plane: int = 0
    exponent: int = 0
    """Of the unit of ``steps``: 2^exponent / 256 px."""
    steps: tuple[tuple[int, int], ...] = ()
    """Each point from the one before."""
    gone: bool = False

    @property
    def slot(self) -> Slot:
        return (self.stream, STROKE)


class ReceiptFrame(msgspec.Struct, frozen=True):
    """How much of the field ``field`` of the stream ``of`` is drawn on the screen of ``stream``, and what that window shows."""

    stream: int
    epoch: int
    sequence: int
    time: int
    of: int
    field: int
    """The sequence of a viewport."""
    x: int
    y: int
    width: int
    height: int
    usable: bool = False
    """All of it, at most four times too coarse."""
    sharp: bool = False
    """All of it, at the level that this window needs."""
    reduced: bool = False
    """In a second, lossy coding."""

    @property
    def slot(self) -> Slot:
        return (self.stream, RECEIPT)


class AckRecord(msgspec.Struct, frozen=True):
    """How many WebSocket messages, text and binary, the client has received on this connection."""

    received: int
    held: int = 0
    """Milliseconds since the last of them came, at most 65535."""


Frame = ViewportFrame | PointerFrame | StrokeFrame | ReceiptFrame
Record = Frame | AckRecord


def encode(record: Record) -> bytes:
    """The bytes of one record. Raises FrameError: a number is out of its range."""
    try:
        match record:
            case ViewportFrame():
                return _encode_viewport(record)
            case PointerFrame():
                flags = GONE if record.gone else 0
                return _POINTER.pack(
                    POINTER,
                    flags,
                    record.stream,
                    record.epoch,
                    record.sequence,
                    record.time,
                    record.x,
                    record.y,
                )
            case StrokeFrame():
                return _encode_stroke(record)
            case ReceiptFrame():
                return _encode_receipt(record)
            case AckRecord():
                return _ACK.pack(ACK, 0, record.held, record.received)
    except struct.error:
        raise FrameError("a number is out of range") from None


def decode(data: bytes) -> list[Record]:
    """The records of one binary WebSocket message, in order.

    Raises FrameError: empty, cut short, of unknown kind, with an unknown flag, with padding that is not zero, or with an
    extent of nothing."""
    if not data:
        raise FrameError("an empty message")
    records: list[Record] = []
    offset = 0
    while offset < len(data):
        kind = data[offset]
        try:
            if kind == VIEWPORT:
                record: Record
                record, offset = _decode_viewport(data, offset)
            elif kind == POINTER:
                _, flags, stream, epoch, sequence, time, x, y = _POINTER.unpack_from(data, offset)
                if flags & ~GONE:
                    raise FrameError("an unknown flag")
                record = PointerFrame(stream, epoch, sequence, time, x, y, bool(flags & GONE))
                offset += _POINTER.size
            elif kind == STROKE:
                record, offset = _decode_stroke(data, offset)
            elif kind == RECEIPT:
                record = _decode_receipt(data, offset)
                offset += _RECEIPT.size
            elif kind == ACK:
                _, flags, held, received = _ACK.unpack_from(data, offset)
                if flags:
                    raise FrameError("padding that is not zero")
                record = AckRecord(received, held)
                offset += _ACK.size
            else:
                raise FrameError("an unknown kind")
        except struct.error:
            raise FrameError("cut short") from None
        records.append(record)
    return records


def is_ack(data: bytes) -> bool:
    """Whether the message, if it is of the protocol, is one ack and nothing else."""
    return len(data) == _ACK.size and data[0] == ACK


def _encode_viewport(frame: ViewportFrame) -> bytes:
    flags = (FLIP if frame.flip else 0) | (TARGET if frame.target else 0) | (CHANNELS if frame.channels else 0)
    head = _VIEWPORT.pack(
        VIEWPORT,
        flags,
        frame.stream,
        frame.epoch,
        frame.sequence,
        frame.time,
        frame.x,
        frame.y,
        frame.width,
        frame.height,
        frame.rotation,
        frame.plane,
    )
    parts = [head]
    if frame.target is not None:
        aim = frame.target
        parts.append(_TARGET.pack(aim.x, aim.y, aim.width, aim.height, aim.rotation, aim.milliseconds))
    if frame.channels:
        parts.append(_CHANNELS.pack(len(frame.channels), 0, 0))
        parts += [_CHANNEL.pack(one.number, one.red, one.green, one.blue, one.low, one.high) for one in frame.channels]
    return b"".join(parts)


def _decode_viewport(data: bytes, offset: int) -> tuple[ViewportFrame, int]:
    _, flags, stream, epoch, sequence, time, x, y, width, height, rotation, plane = _VIEWPORT.unpack_from(data, offset)
    offset += _VIEWPORT.size
    if flags & ~(FLIP | TARGET | CHANNELS):
        raise FrameError("an unknown flag")
    if not width or not height:
        raise FrameError("an extent of nothing")
    target = None
    if flags & TARGET:
        target = Target(*_TARGET.unpack_from(data, offset))
        offset += _TARGET.size
        if not target.width or not target.height:
            raise FrameError("an extent of nothing")
    channels: tuple[ShownChannel, ...] = ()
    if flags & CHANNELS:
        channels, offset = _decode_channels(data, offset)
    flip = bool(flags & FLIP)
    frame = ViewportFrame(stream, epoch, sequence, time, x, y, width, height, rotation, flip, target, plane, channels)
    return frame, offset


def _decode_channels(data: bytes, offset: int) -> tuple[tuple[ShownChannel, ...], int]:
    count, *padding = _CHANNELS.unpack_from(data, offset)
    if any(padding):
        raise FrameError("padding that is not zero")
    if not 1 <= count <= CHANNELS_SHOWN:
        raise FrameError("no channels, or too many")
    offset += _CHANNELS.size
    after = offset + count * _CHANNEL.size
    found = tuple(ShownChannel(*_CHANNEL.unpack_from(data, at)) for at in range(offset, after, _CHANNEL.size))
    if any(one.number <= before.number for before, one in pairwise(found)):
        raise FrameError("channels out of their order")
    return found, after


def _encode_stroke(frame: StrokeFrame) -> bytes:
    if len(frame.steps) > STEPS or frame.exponent > EXPONENT:
        raise FrameError("a number is out of range")
    head = _STROKE.pack(
        STROKE,
        GONE if frame.gone else 0,
        frame.stream,
        frame.epoch,
        frame.sequence,
        frame.time,
        frame.x,
        frame.y,
        frame.plane,
        frame.exponent,
        0,
        len(frame.steps),
        0,
    )
    return head + struct.pack(f"<{2 * len(frame.steps)}h", *chain.from_iterable(frame.steps))


def _decode_stroke(data: bytes, offset: int) -> tuple[StrokeFrame, int]:
    _, flags, stream, epoch, sequence, time, x, y, plane, exponent, zero, count, zeros = _STROKE.unpack_from(
        data, offset
    )
    offset += _STROKE.size
    if flags & ~GONE:
        raise FrameError("an unknown flag")
    if zero or zeros:
        raise FrameError("padding that is not zero")
    if count > STEPS or exponent > EXPONENT:
        raise FrameError("too many points, or too far apart")
    after = offset + count * _STEP_SIZE
    flat = struct.unpack_from(f"<{2 * count}h", data, offset)
    steps = tuple(zip(flat[::2], flat[1::2], strict=True))
    return StrokeFrame(stream, epoch, sequence, time, x, y, plane, exponent, steps, bool(flags & GONE)), after


def _encode_receipt(frame: ReceiptFrame) -> bytes:
    flags = (USABLE if frame.usable else 0) | (SHARP if frame.sharp else 0) | (REDUCED if frame.reduced else 0)
    return _RECEIPT.pack(
        RECEIPT,
        flags,
        frame.stream,
        frame.epoch,
        frame.sequence,
        frame.time,
        frame.of,
        0,
        frame.field,
        frame.x,
        frame.y,
        frame.width,
        frame.height,
    )


def _decode_receipt(data: bytes, offset: int) -> ReceiptFrame:
    _, flags, stream, epoch, sequence, time, of, zero, field, x, y, width, height = _RECEIPT.unpack_from(data, offset)
    if flags & ~(USABLE | SHARP | REDUCED):
        raise FrameError("an unknown flag")
    if zero:
        raise FrameError("padding that is not zero")
    if not width or not height:
        raise FrameError("an extent of nothing")
    drawn = [bool(flags & flag) for flag in (USABLE, SHARP, REDUCED)]
    return ReceiptFrame(stream, epoch, sequence, time, of, field, x, y, width, height, *drawn)
