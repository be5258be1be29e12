"""A copy of a file as a list of pieces: bytes of the original, zeros, bytes of ours. Pure.

Nothing here holds what was found: a finding says of which kind it was and where it stood, in the vendor's words."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from telepath.errors import SlideForbidden

MAX_PIECES: Final = 2_000_000
TOLD: Final = 400
"""Findings of one slide that are told apart."""


class Finding(msgspec.Struct, frozen=True, order=True):
    """``kind``: a word of KINDS; ``where``: the vendor's name of the place; ``done``: a word of DEEDS; ``times``: how often."""

    kind: str
    where: str
    done: str
    times: int = 1


KINDS: Final = (
    "patient",
    "birth-date",
    "identifier",
    "barcode",
    "label",
    "macro",
    "picture",
    "person",
    "place",
    "device",
    "file-name",
    "date",
    "uid",
    "private",
    "text",
    "leftover",
)
"""``identifier``: of patient, examination or specimen; ``person``: who scanned or asked; ``leftover``: bytes that no directory
of the file names any more."""
DEEDS: Final = ("blanked", "replaced", "removed", "left-out", "renamed")


class Kept(msgspec.Struct, frozen=True, tag="k", array_like=True):
    """Bytes of the original file."""

    offset: int
    length: int


class Zeros(msgspec.Struct, frozen=True, tag="z", array_like=True):
    length: int


class Written(msgspec.Struct, frozen=True, tag="w", array_like=True):
    data: bytes

    @property
    def length(self) -> int:
        return len(self.data)


Piece = Kept | Zeros | Written


class CopiedFile(msgspec.Struct, frozen=True):
    """``name`` in the slide's own folder, ``to`` in the copy, relative to its root."""

    name: str
    to: str
    pieces: tuple[Piece, ...]

    @property
    def bytes(self) -> int:
        return sum(piece.length for piece in self.pieces)


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """What leaves of a slide. ``suffix`` of the file that opens it: ``.svs``."""

    suffix: str
    files: tuple[CopiedFile, ...]
    findings: tuple[Finding, ...]


class Log:
    """Collects findings; the same ones are counted."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], int] = {}

    def add(self, kind: str, where: str, done: str = "blanked") -> None:
        key = kind, where, done
        if key not in self._found and len(self._found) >= TOLD:
            key = kind, "", done
        self._found[key] = self._found.get(key, 0) + 1

    def findings(self) -> tuple[Finding, ...]:
        rank = {kind: place for place, kind in enumerate(KINDS)}
        found = [Finding(*key, times) for key, times in self._found.items()]
        return tuple(sorted(found, key=lambda one: (rank.get(one.kind, len(rank)), one.where, one.done)))


class Overlay:
    """A file of ``size`` bytes with parts of it blanked or written over, in place. What comes later wins."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._parts: list[tuple[int, int, bytes | None]] = []

    def blank(self, start: int, end: int) -> None:
        if start < end:
            self._parts.append((start, end, None))

    def write(self, start: int, data: bytes) -> None:
        if data:
            self._parts.append((start, start + len(data), data))

    def pieces(self) -> tuple[Piece, ...]:
        """Raises SlideForbidden: more pieces than any scanner's file needs, or one beyond the end of the file."""
        found = list(_joined(self._flat(), self._size))
        if len(found) > MAX_PIECES or any(end > self._size for _, end, _ in self._parts):
            raise SlideForbidden("error-slide-limit", what="directories")
        return tuple(found)

    def _flat(self) -> Iterator[tuple[int, int, bytes | None]]:
        """Parts that do not overlap, by their places."""
        edges = sorted({edge for start, end, _ in self._parts for edge in (start, end)})
        places = {edge: place for place, edge in enumerate(edges)}
        winner: list[tuple[int, bytes | None] | None] = [None] * max(0, len(edges) - 1)
        for start, end, data in self._parts:
            for place in range(places[start], places[end]):
                winner[place] = start, data
        for place, won in enumerate(winner):
            if won is not None:
                start, data = won
                left, right = edges[place], edges[place + 1]
                yield left, right, None if data is None else data[left - start : right - start]


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without overlaps, by their places."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def _joined(parts: Iterable[tuple[int, int, bytes | None]], size: int) -> Iterator[Piece]:
    place = 0
    for start, end, data in parts:
        if start > place:
            yield Kept(place, start - place)
        yield Zeros(end - start) if data is None else Written(data)
        place = end
    if place < size:
        yield Kept(place, size - place)


def cut(pieces: Iterable[Piece], start: int, length: int) -> Iterator[Piece]:
    """The pieces of ``length`` bytes from ``start``."""
    place, end = 0, start + length
    for piece in pieces:
        first, last = max(start, place), min(end, place + piece.length)
        if first < last:
            if isinstance(piece, Kept):
                yield Kept(piece.offset + first - place, last - first)
            elif isinstance(piece, Zeros):
                yield Zeros(last - first)
            else:
                yield Written(piece.data[first - place : last - place])
        place += piece.length
        if place >= end:
            return
