"""What the presenter does: seven moves over a slide of 0.25 µm/px, of 0.6 s each, easing out, at 30 fields a second. Pure."""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

HERTZ: Final = 30
LASTS: Final = 0.6
"""Seconds of a move; a jump takes none."""
REST: Final = 1.5
"""Seconds at least from the last movement to the next move; it begins when everything is sharp."""
JUMP: Final = "jump"
WINDOW: Final = (1600, 900)
"""CSS px, the presenter's and the follower's."""


class Field(msgspec.Struct, frozen=True):
    """Centre in level-0 px; ``scale``: level-0 px per CSS px, 4 at 10x, 1 at 40x."""

    x: float
    y: float
    scale: float

    @property
    def size(self) -> tuple[float, float]:
        return WINDOW[0] * self.scale, WINDOW[1] * self.scale

    def moved(self, windows: float) -> "Field":
        """As many windows to the right, and half as far down."""
        width, height = self.size
        return Field(self.x + windows * width, self.y + windows / 2 * height, self.scale)

    def zoomed(self, scale: float) -> "Field":
        return Field(self.x, self.y, scale)


class Move(msgspec.Struct, frozen=True):
    name: str
    begin: Field
    end: Field

    @property
    def jumps(self) -> bool:
        return self.name == JUMP

    def at(self, elapsed: float) -> Field:
        """The field after ``elapsed`` seconds: zoom in the logarithm, fast first and slow at last."""
        if self.jumps or elapsed >= LASTS:
            return self.end
        left = (1 - max(elapsed, 0) / LASTS) ** 3
        scale = self.end.scale * (self.begin.scale / self.end.scale) ** left
        x = self.end.x + (self.begin.x - self.end.x) * left
        y = self.end.y + (self.begin.y - self.end.y) * left
        return Field(x, y, scale)


STEPS: Final[tuple[tuple[str, Callable[[Field], Field]], ...]] = (
    ("zoom 10 to 20x", lambda here: here.zoomed(2)),
    ("pan a window", lambda here: here.moved(1)),
    ("zoom to 40x", lambda here: here.zoomed(1)),
    ("pan half a window", lambda here: here.moved(0.5)),
    (JUMP, lambda here: Field(here.x + 8000, here.y - 6000, here.scale)),
    ("zoom out to 10x", lambda here: here.zoomed(4)),
    ("pan half, at 10x", lambda here: here.moved(-0.5)),
)


def moves(start: Field) -> Iterator[Move]:
    """From ``start``, at 10x. The jump goes a fourth of a slide of 40,000 px away."""
    here = start
    for name, step in STEPS:
        there = step(here)
        yield Move(name, here, there)
        here = there
