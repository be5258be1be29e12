"""What the nodes tell each other about a room: who is there, which fact is new, where people look. Pure."""

from typing import Final

import msgspec

from realtime.presence import Seat

PRESENCE: Final = "presence"
"""Carries calls. What goes over the two others begins with the name of its node."""
FACTS: Final = "facts"
FRAMES: Final = "frames"


class Call(msgspec.Struct):
    """What a node says about a room, every presence.BEAT and at each change."""

    node: str
    seats: tuple[Seat, ...]
    field: bytes
    """The presenter's newest viewport record, for a node that has just opened the room."""
    seq: int
    asks: bool = False
    """The others answer at once."""


_calls = msgspec.msgpack.Decoder(Call)


def topic(room_id: str, subject: str) -> str:
    """``subject``: PRESENCE, FACTS or FRAMES."""
    return f"room:{room_id}:{subject}"


def encode(call: Call) -> bytes:
    return msgspec.msgpack.encode(call)


def decode(payload: bytes) -> Call:
    """Raises msgspec.DecodeError."""
    return _calls.decode(payload)


def fact(node: str, seq: int) -> bytes:
    """The ledger has a fact of this number: what it is, the others read there."""
    return node.encode() + seq.to_bytes(8, "little")


def moves(node: str, records: bytes) -> bytes:
    """``records``: of realtime/frames.py, back to back."""
    return node.encode() + records


def from_others(node: str, payload: bytes) -> bytes | None:
    """What follows the name of another node; None: it is our own. All names are as long as ours."""
    name = node.encode()
    return None if payload.startswith(name) else payload[len(name) :]


def seq(said: bytes) -> int:
    """Of a fact, without the name of its node."""
    return int.from_bytes(said, "little")
