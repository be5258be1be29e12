"""Which regions of a slide were sent: counted tile by tile, written down together. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from telepath.actor import Origin
from telepath.slides.pyramid import Level

ORIGINS: Final = 8
"""Addresses and browsers told apart within one view; what comes from more of them is counted as from nowhere."""


NOWHERE: Final = Origin()
Key = tuple[str, Origin]
"""(id of the view, from where)."""


class Sent:
    """What one view was sent to one place. ``boxes``: level → first column, first row, last column, last row of its tiles.
    ``began`` and ``ended``: s since 1970. ``refused``: tiles asked for after the view was revoked, and not sent. ``kept``:
    tiles that the browser says it showed, out of those that it had been sent ahead."""

    __slots__ = ("began", "boxes", "ended", "kept", "refused", "slide_id", "tiles")

    def __init__(self, slide_id: str, now: float) -> None:
        self.slide_id = slide_id
        self.began = self.ended = now
        self.tiles = self.refused = self.kept = 0
        self.boxes: dict[int, list[int]] = {}

    def add(self, level: int, column: int, row: int, now: float) -> None:
        self.tiles += 1
        self.ended = now
        box = self.boxes.get(level)
        if box is None:
            self.boxes[level] = [column, row, column, row]
            return
        if column < box[0]:
            box[0] = column
        elif column > box[2]:
            box[2] = column
        if row < box[1]:
            box[1] = row
        elif row > box[3]:
            box[3] = row

    def keep(self, level: int, column: int, row: int, now: float) -> None:
        """Count a tile that was shown, and not sent now."""
        self.add(level, column, row, now)
        self.tiles -= 1
        self.kept += 1

    def refuse(self, now: float) -> None:
        self.refused += 1
        self.ended = now

    def join(self, other: "Sent") -> None:
        """Count what ``other`` counted too."""
        self.tiles += other.tiles
        self.refused += other.refused
        self.kept += other.kept
        self.began, self.ended = min(self.began, other.began), max(self.ended, other.ended)
        for level, (left, top, right, bottom) in other.boxes.items():
            mine = self.boxes.setdefault(level, [left, top, right, bottom])
            mine[:] = min(mine[0], left), min(mine[1], top), max(mine[2], right), max(mine[3], bottom)

    def times(self) -> dict[str, str]:
        """``from`` and ``to``, UTC to the second."""
        return {
            name: datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
            for name, seconds in (("from", self.began), ("to", self.ended))
        }

    def told(self, levels: Sequence[Level]) -> dict[str, Any]:
        """For the audit: ``tiles``, ``levels``, ``box`` around all of them and ``boxes`` by level, ``from`` and ``to``. A box
        is [x, y, width, height] in level-0 px, within the slide; none of a slide whose levels are not known any more. ``kept``
        beside ``tiles``, where there are any."""
        boxes = {
            level: _on_slide(box, levels[level], levels[0])
            for level, box in sorted(self.boxes.items())
            if level < len(levels)
        }
        counted = {"tiles": self.tiles} | ({"kept": self.kept} if self.kept else {})
        return (
            counted
            | {
                "levels": sorted(self.boxes),
                "box": _around(list(boxes.values())),
                "boxes": {str(level): box for level, box in boxes.items()},
            }
            | self.times()
        )


class Book:
    """What is not yet written, by view and place; at most ``limit`` entries."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: dict[Key, Sent] = {}
        self._origins: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[tuple[Key, Sent]]:
        return iter(self._entries.items())

    @property
    def views(self) -> frozenset[str]:
        """The ids of those that were sent something, or refused it."""
        return frozenset(self._origins)

    def entry(self, view_id: str, origin: Origin, slide_id: str, now: float) -> Sent | None:
        """Where to count what this view is sent. None: there is no room for another one."""
        entry = self._entries.get((view_id, origin))
        return entry if entry is not None else self._new(view_id, origin, slide_id, now)

    def _new(self, view_id: str, origin: Origin, slide_id: str, now: float) -> Sent | None:
        count = self._origins.get(view_id, 0)
        if count >= ORIGINS:
            entry = self._entries.get((view_id, NOWHERE))
            if entry is not None:
                return entry
            origin = NOWHERE
        if len(self._entries) >= self._limit:
            return None
        self._origins[view_id] = count + 1
        entry = self._entries[view_id, origin] = Sent(slide_id, now)
        return entry

    def take_back(self, other: "Book") -> None:
        """Count again what could not be written; it may pass the limit, for it was sent already."""
        for key, sent in other:
            mine = self._entries.get(key)
            if mine is None:
                self._entries[key] = sent
                self._origins[key[0]] = self._origins.get(key[0], 0) + 1
            else:
                mine.join(sent)


def _on_slide(box: Sequence[int], level: Level, finest: Level) -> list[int]:
    width, height = level.tile_width * level.downsample, level.tile_height * level.downsample
    left, top = int(box[0] * width), int(box[1] * height)
    right, bottom = min(round((box[2] + 1) * width), finest.width), min(round((box[3] + 1) * height), finest.height)
    return [left, top, max(0, right - left), max(0, bottom - top)]


def _around(boxes: Sequence[Sequence[int]]) -> list[int]:
    if not boxes:
        return [0, 0, 0, 0]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return [left, top, right - left, bottom - top]
