"""What an anchor is: somebody outside who keeps signed heads of the audit, so that nobody can rewrite it unnoticed."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec

from telepath.audit import Note, parse_note
from telepath.errors import Conflict, Invalid, Unavailable

LIMIT: Final = 20.0
"""Seconds for one question to an anchor: who takes longer does not answer."""

Prove = Callable[[int], Awaitable[Sequence[bytes]]]
"""The consistency proof (RFC 6962 2.1.2) from the tree's first n leaves to a head. Raises ValueError: it has fewer."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A signed head of one of our trees, ready to be given away."""

    shard: str
    note: str
    """C2SP signed note."""
    at: datetime
    prove: Prove

    @property
    def read(self) -> Note:
        return parse_note(self.note)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What an anchor holds of one tree."""

    origin: str
    size: int
    note: str = ""
    """The head as we once signed it. Empty: the anchor only says how far it saw the tree."""
    refuses: bool = False
    """It was shown a newer head of ours and said that it does not go on from there."""
    at: datetime | None = None
    """Since when; None: it does not say."""


class Anchor(Protocol):
    """Keeps what it was given, whatever becomes of us, and of two heads that contradict each other the first.

    Every call ends within ``LIMIT`` seconds and never blocks the event loop, whatever the other side does. Beside ``Forked`` it
    raises ``away()``: try again later, or ``troubled(…)``: somebody has to look after it first."""

    name: str
    """As people read it: a place, without credentials; at most 120 characters; the same after a restart."""
    kind: str
    """``folder``, ``mail``, ``witness`` or ``bucket``."""
    every: timedelta
    """The least time between two copies."""

    async def put(self, head: Head, held: int) -> str:
        """Give it a head; once this returns, the anchor has it. ``held``: the size of the same tree that it acknowledged last,
        or 0. Returns its receipt, which may be empty. To give the same head again changes nothing.

        Raises Forked: it holds what our head does not go on from."""
        ...

    async def newest(self, heads: Sequence[Head]) -> Sequence[Held] | None:
        """What it holds of each tree, the newest only; None: it cannot be asked. ``heads``: the newest of ours, for an anchor
        that speaks only to whoever shows one."""
        ...

    def held(self, tree: str = "") -> AsyncIterator[str]:
        """Every note that it holds, the newest trees and heads first; of one tree, if it is named. None: it cannot be asked."""
        ...

    async def close(self) -> None:
        """Give back what is held open."""
        ...


class Forked(Conflict):
    """The anchor holds a head that ours does not go on from: the log lost records, or was rewritten."""

    code = "error-anchor-fork"

    def __init__(self, held: Held) -> None:
        super().__init__()
        self.held = held


def away() -> Unavailable:
    """It does not answer for now."""
    return Unavailable("error-anchor-away")


def troubled(trouble: str) -> Invalid:
    """It answered, but not as an anchor: ``refused`` (address, rights, or a log that it does not know), ``false`` (not signed
    by who it should be), ``emptied`` (what it acknowledged is gone), ``unlocked`` (the bucket would let it be deleted)."""
    return Invalid(f"error-anchor-{trouble}")


NOTE_LIMIT: Final = 65_536
"""Bytes of a note that are read: it may carry the signatures of a few hundred witnesses."""
TREE: Final = re.compile(r"\d{4}(-\d+)?")
"""The names of our trees; among an anchor's folders others may lie (``lost-…``, set aside by a restore)."""


def tree_order(name: str) -> list[int]:
    """The key by which the names of trees sort as they were opened."""
    return [int(part) for part in name.split("-")]


def note_name(size: int) -> str:
    """The name of a head's file among those of its tree: they sort as they grew."""
    return f"{size:012d}.note"


def size_of(name: str) -> int | None:
    """The size that ``note_name`` wrote into a name; None: not one."""
    stem, _, suffix = name.rpartition(".")
    return int(stem) if suffix == "note" and stem.isascii() and stem.isdecimal() else None


def tree_of(note: Note) -> str:
    """The name of the tree: the last part of the origin."""
    return note.origin.rpartition("/")[2]


def is_of(note: str, tree: str, size: int) -> bool:
    """Whether this is a whole note of this tree and size, as the place where it lies says: an old head in the place of a larger
    one would hide those between."""
    try:
        read = parse_note(note)
    except ValueError:
        return False
    return (tree_of(read), read.size) == (tree, size)
