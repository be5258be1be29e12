"""Which regions of a slide were sent to whom, from the records of its views. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from telepath.audit import AuditRecord

OPENED: Final = "slide.viewed"
SENT: Final = "slide.regions"
COLOURS: Final = 8
"""Kinds of line that a picture can tell apart; more viewers than that share them, and are told apart by their number."""


class Box(msgspec.Struct, frozen=True, order=True):
    """Level-0 px; ``level`` is the finest that was sent of it."""

    level: int
    x: int
    y: int
    width: int
    height: int


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """What one person, in one institution, saw of the slide."""

    person: str
    institution: str
    number: int
    """From 1, in the order in which they first opened it."""
    first: datetime
    last: datetime
    openings: int
    tiles: int
    levels: tuple[int, ...]
    """Finest first."""
    boxes: tuple[Box, ...]
    """Coarsest first, so that the finest are drawn above."""
    because: tuple[str, ...]
    acr: tuple[str, ...]

    @property
    def colour(self) -> int:
        return (self.number - 1) % COLOURS + 1


def viewers(records: Iterable[AuditRecord]) -> list[Viewer]:
    """``records``: the successful ones of one slide, in any order."""
    by: dict[tuple[str, str], list[AuditRecord]] = {}
    for record in sorted(records, key=lambda one: one.at):
        if record.outcome == "success" and record.kind in (OPENED, SENT):
            by.setdefault((record.actor, record.institution), []).append(record)
    return [_viewer(who, theirs, number) for number, (who, theirs) in enumerate(by.items(), 1)]


def _viewer(who: tuple[str, str], records: Sequence[AuditRecord], number: int) -> Viewer:
    sent = [record for record in records if record.kind == SENT]
    boxes = {box for record in sent for box in boxes_of(record.detail)}
    levels = {level for record in sent for level in _whole(record.detail.get("levels"))} | {box.level for box in boxes}
    return Viewer(
        person=who[0],
        institution=who[1],
        number=number,
        first=records[0].at,
        last=records[-1].at,
        openings=sum(record.kind == OPENED for record in records),
        tiles=sum(sum(_whole([record.detail.get(name, 0) for name in ("tiles", "kept")])) for record in sent),
        levels=tuple(sorted(levels)),
        boxes=tuple(sorted(boxes, reverse=True)),
        because=tuple(dict.fromkeys(record.because for record in records if record.because)),
        acr=tuple(dict.fromkeys(record.acr for record in records if record.acr)),
    )


def boxes_of(detail: Mapping[str, Any]) -> list[Box]:
    """One for each level; of a record that says none by level, the box around all. What is no box is left out."""
    by_level = detail.get("boxes")
    if isinstance(by_level, Mapping):
        found = [_box(level, box) for level, box in by_level.items()]
    else:
        levels = _whole(detail.get("levels"))
        found = [_box(min(levels, default=0), detail.get("box"))]
    return [box for box in found if box is not None]


def _box(level: Any, value: Any) -> Box | None:
    numbers = _whole(value)
    if len(numbers) != 4 or not str(level).isdecimal() or min(numbers[2:]) <= 0:
        return None
    return Box(int(level), *numbers)


def _whole(value: Any) -> list[int]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [int(one) for one in value if isinstance(one, int | float) and not isinstance(one, bool)]
