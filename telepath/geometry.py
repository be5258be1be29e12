"""Lengths, areas and scales on a slide. Pure.

Planes: *level-0* pixels (the finest level, origin top left, x to the right, y down) are the one coordinate system that is
stored and sent; micrometres come from ``mpp``; screen pixels exist only in the client.
"""

import math
from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

OBJECTIVES: Final = (2.5, 5.0, 10.0, 20.0, 40.0)
"""The magnifications of the keys, as on a microscope's turret."""

MPP_AT_40X: Final = 0.25
"""µm/px that scanners call ×40. A convention of the field: objective = 10 / mpp."""


_CHANNEL: Final = r"[0-9]{1,3}:[0-9a-f]{6}:[0-9]{1,6}(\.[0-9]{1,6})?:[0-9]{1,6}(\.[0-9]{1,6})?"
_CHANNELS: Final = rf"^({_CHANNEL}(,{_CHANNEL})*)?\Z"


class Size(msgspec.Struct, frozen=True):
    """Pixels."""

    width: int
    height: int


class Region(msgspec.Struct, frozen=True):
    """A rectangle in level-0 pixels; ``x, y`` is its top left corner."""

    x: float
    y: float
    width: float
    height: float

    def within(self, size: Size) -> bool:
        """Whether the region lies inside the slide."""
        return self.x >= 0 and self.y >= 0 and self.x + self.width <= size.width and self.y + self.height <= size.height


class Look(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a slide is shown besides where: what is not said is as the viewer opens it."""

    z: Annotated[int, msgspec.Meta(ge=0, lt=2**16)] | None = None
    """The focal plane, from 0, the lowest. None: the middle one, where scanners put the focus."""
    channels: Annotated[str, msgspec.Meta(pattern=_CHANNELS, max_length=2000)] = ""
    """Those that are shown, each in its colour and between two sample values: ``0:0000ff:120:3000,2:…``. "": all, as
    scanned."""
    colours: Literal["", "icc", "off"] = ""
    """Of a slide with a colour profile: shown through it, or as the file has them. "": as the reader has it."""

    def valid(self) -> bool:
        try:
            msgspec.convert(msgspec.to_builtins(self), Look)
        except msgspec.ValidationError:
            return False
        return True

    def windows(self) -> dict[int, tuple[str, float, float]]:
        """Number of a channel → its colour, and the samples between which it is shown."""
        parts = (part.split(":") for part in self.channels.split(",") if part)
        return {int(number): (f"#{colour}", float(low), float(high)) for number, colour, low, high in parts}


class View(msgspec.Struct, frozen=True):
    """What a person sees: centre and extent in level-0 px, rotation in degrees clockwise, mirrored or not.

    The extent is what the window's width and height cover *before* rotation, so that two windows of different shapes can
    show the same tissue."""

    x: float
    y: float
    width: float
    height: float
    rotation: float = 0.0
    flip: bool = False
    look: Look | UnsetType = UNSET
    """Absent from what was kept before slides had planes and channels: its bytes, and their digests, stay the same."""

    def valid(self) -> bool:
        """Finite, of positive extent, and within what 32-bit fixed point (1/256 px) can carry."""
        numbers = (self.x, self.y, self.width, self.height, self.rotation)
        limit = 2**31 / 256
        return all(math.isfinite(n) and abs(n) < limit for n in numbers) and (
            self.width > 0 and self.height > 0 and (self.look is UNSET or self.look.valid())
        )


def plausible_mpp(mpp: float | None) -> bool:
    """Whether µm/px can be true: scanners make 0.05 to 20. Outside, no scale bar is shown rather than a false one."""
    return mpp is not None and math.isfinite(mpp) and 0.05 <= mpp <= 20


def magnification(mpp: float, downsample: float) -> float:
    """The objective that this scale corresponds to: ×40 at 0.25 µm per screen pixel."""
    return 40 * MPP_AT_40X / (mpp * downsample)
