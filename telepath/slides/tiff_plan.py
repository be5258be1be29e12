"""Which pages of a TIFF are the slide, and which are something else. Runs in the sandbox."""

from typing import Any, Final

import msgspec
import numpy as np

from telepath.errors import SlideForbidden, SlideUnreadable, SlideUnsupported, TileUnreadable
from telepath.slides import ome, tiff_pixels
from telepath.slides.pyramid import MAX_CHANNELS, MAX_PLANES
from telepath.slides.reader import FoundChannel

COLOURS: Final = (("red", "green", "blue"), ("r", "g", "b"))
_PURE: Final = ("#ff0000", "#00ff00", "#0000ff")
_DIMENSIONS: Final = frozenset("XYSCZTQI")
_PROPORTIONS: Final = 0.02
"""A level whose sides are shorter by different factors is a picture of something else. Besides a px of rounding."""


class Plan(msgspec.Struct, kw_only=True):
    """What of a file is the slide."""

    vendor: str
    """``ome-tiff`` or ``tiff``."""
    axes: str
    shape: tuple[int, ...]
    levels: list[list[Any]]
    """Finest first; the pages of each, in the order of the leading axes; None: the file has none of that plane."""
    others: dict[str, Any]
    """Name → page of each picture that is not the slide."""
    said: ome.Said
    apart: bool
    """Red, green and blue lie in three pages of single samples, and are one picture in colours."""

    @property
    def first(self) -> Any:
        """Any page of the finest level."""
        return known(self.levels[0])

    @property
    def colour(self) -> bool:
        return self.apart or tiff_pixels.is_colour(self.first)

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        return tuple((known(level).imagewidth, known(level).imagelength) for level in self.levels)

    def size(self, axis: str) -> int:
        return self.shape[self.axes.index(axis)] if axis in self.axes else 1

    def bits(self) -> int:
        """That a sample uses."""
        return min(self.said.bits or 16, tiff_pixels.bits_of(self.first))

    def channels(self) -> tuple[FoundChannel, ...]:
        """None of a picture in colours."""
        if self.colour:
            return ()
        count = self.size("C") * (self.first.samplesperpixel if "S" in self.axes else 1)
        names = [*self.said.channels, *[("", "")] * count][:count]
        return tuple(FoundChannel(name, colour, self.bits()) for name, colour in names)

    def place(self, z: int, channel: int) -> int:
        """The number of a plane's and channel's page among those of a level. Raises TileUnreadable: there is no such one."""
        wanted = {"Z": z, "C": channel}
        if any(at >= self.size(axis) for axis, at in wanted.items()):
            raise TileUnreadable
        number = 0
        for axis, size in zip(self.axes, self.shape, strict=True):
            if axis not in "YXS":
                number = number * size + wanted.get(axis, 0)
        return number


def known(level: list[Any]) -> Any:
    """A page of a level that is there. Raises SlideUnreadable: none is."""
    page = next((page for page in level if page is not None), None)
    if page is None:
        raise SlideUnreadable
    return page


def read(file: Any) -> Plan:
    """Raises SlideUnsupported: no picture in it is a slide; SlideForbidden: a limit is passed."""
    text = file.ome_metadata or ""
    vendor, name = ("ome-tiff", "OME-TIFF") if file.is_ome else ("tiff", "TIFF")
    pictures = [one for one in file.series if any(page is not None for page in one.pages)]
    found = [
        one
        for one in pictures
        if set(one.axes) <= _DIMENSIONS and one.axes.count("Y") == 1 and one.dtype in (np.uint8, np.uint16)
    ]
    if not found:
        if any(known(list(one.pages)).is_tiled for one in pictures):
            raise SlideUnsupported("error-slide-samples", format=name)
        raise SlideUnsupported
    main = max(found, key=_area)
    levels = _levels(main)
    first = known(levels[0])
    if not (first.is_tiled or file.is_ome or len(levels) > 1):
        raise SlideUnsupported  # an ordinary picture
    said = ome.read(text, (first.imagewidth, first.imagelength))
    if said.part:
        raise SlideUnsupported("error-slide-part", format=name)
    others = {_name(one, number): known(list(one.pages)) for number, one in enumerate(pictures) if one is not main}
    plan = Plan(
        vendor=vendor, axes=main.axes, shape=tuple(main.shape), levels=levels, others=others, said=said, apart=False
    )
    _check(plan, name)
    plan.apart = plan.size("C") == 3 and plan.size("S") == 1 and not plan.colour and _are_colours(said)
    return plan


def _levels(series: Any) -> list[list[Any]]:
    """Finest first, without what has not the slide's proportions."""
    found = [[page.aspage() if page is not None else None for page in level.pages] for level in series.levels]
    found = [level for level in found if any(page is not None for page in level)]
    found.sort(key=lambda level: -known(level).imagewidth)
    width, height = known(found[0]).imagewidth, known(found[0]).imagelength

    def fits(page: Any) -> bool:
        step = width / page.imagewidth
        expected = height / step
        return bool(abs(page.imagelength - expected) <= 1 + 1 / step + _PROPORTIONS * expected)

    return [level for level in found if fits(known(level))]


def _check(plan: Plan, name: str) -> None:
    if plan.size("T") > 1 or plan.size("Q") > 1 or plan.size("I") > 1:
        raise SlideUnsupported("error-slide-time")
    if plan.size("Z") > MAX_PLANES or plan.size("C") * plan.size("S") > MAX_CHANNELS:
        raise SlideForbidden("error-slide-limit", what="levels")
    for level in plan.levels:
        if len(level) != len(plan.levels[0]):
            raise SlideUnreadable
        for page in level:
            if page is not None:
                tiff_pixels.check(page, name)


def _are_colours(said: ome.Said) -> bool:
    names = tuple(name.casefold() for name, _ in said.channels)
    return names in COLOURS or (not any(names) and tuple(colour for _, colour in said.channels) == _PURE)


def _area(series: Any) -> int:
    page = known(list(series.pages))
    return int(page.imagewidth) * int(page.imagelength)


def _name(series: Any, number: int) -> str:
    name = str(series.name).strip().casefold()
    return next((one for one in ("label", "macro", "overview", "thumbnail") if one in name), f"picture {number}")
