"""WebSocket messages framed once, for any number of followers. Pure. Source: RFC 6455 5.2."""

import struct
from typing import Final, Protocol

import msgspec

HIGH_WATER: Final = 64 * 1024
_FIN_TEXT: Final = 0x81
_FIN_BINARY: Final = 0x82


class Message(msgspec.Struct, frozen=True):
    """One whole message from server to client."""

    text: bool
    payload: bytes
    framed: bytes
    """Header and payload, unmasked: what goes on the wire when no extension was agreed."""

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return len(self.framed)


class Socket(Protocol):
    """The sending side of one client's connection. Nothing here waits."""

    @property
    def file(self) -> int:
        """The operating system's number of the socket while whole messages may be written there past us; -1: not now. When
        that ends by itself, the connection's ``hold`` or ``lost`` is called before."""

    def mend(self, rest: bytes) -> None:
        """Send what the operating system did not take of such a message, before anything else."""

    def write(self, message: Message) -> None:
        """Hand over a message. Ignored once the socket is closed."""

    @property
    def full(self) -> bool:
        """Whether HIGH_WATER bytes were handed over that the operating system has not taken yet: write no more."""

    def close(self, code: int) -> None:
        """Say why and end. What was written before is still sent if the client reads; if not, the connection is dropped."""


def text(payload: bytes) -> Message:
    """``payload`` is UTF-8."""
    return Message(True, payload, _header(_FIN_TEXT, len(payload)) + payload)


def binary(payload: bytes) -> Message:
    return Message(False, payload, _header(_FIN_BINARY, len(payload)) + payload)


def _header(first: int, length: int) -> bytes:
    if length < 126:
        return bytes((first, length))
    if length < 65536:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)
