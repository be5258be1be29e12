"""Marks on a slide: kinds, geometry, limits. Pure."""

import math
import re
from datetime import datetime
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from telepath.cases.wording import plain
from telepath.errors import Invalid
from telepath.geometry import Look, Region, Size

LABEL_LIMIT: Final = 200
PER_SLIDE: Final = 5000
"""Annotations of one slide: what people draw by hand stays far below; detections by machine are never annotations."""

_OPERATION: Final = re.compile(r"[A-Za-z0-9_-]{8,40}")


class Point(msgspec.Struct, frozen=True, tag="point", tag_field="kind", forbid_unknown_fields=True):
    """One place, level-0 px."""

    x: float
    y: float
    look: Look | UnsetType = UNSET
    """How the slide was shown to who drew it."""

    def region(self) -> Region:
        return Region(self.x, self.y, 0, 0)


class Rectangle(msgspec.Struct, frozen=True, tag="rectangle", tag_field="kind", forbid_unknown_fields=True):
    """Top left corner, width and height, level-0 px."""

    x: float
    y: float
    width: float
    height: float
    look: Look | UnsetType = UNSET

    def region(self) -> Region:
        return Region(self.x, self.y, self.width, self.height)


Shape = Point | Rectangle


class Drawing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client asks to draw. ``operation_id`` is its own: the same one twice draws once."""

    operation_id: str
    shape: Shape
    label: str = ""

    def checked(self, slide: Size) -> "Drawing":
        """The same with its label trimmed.

        Raises: Invalid: not finite, outside the slide, empty, or a wrong operation id; TooLarge: the label is too long."""
        if not _OPERATION.fullmatch(self.operation_id):
            raise Invalid("error-annotation-operation")
        region = self.shape.region()
        if not all(math.isfinite(number) for number in (region.x, region.y, region.width, region.height)):
            raise Invalid("error-annotation-geometry")
        if isinstance(self.shape, Rectangle) and (region.width <= 0 or region.height <= 0):
            raise Invalid("error-annotation-geometry")
        if not region.within(slide):
            raise Invalid("error-annotation-outside")
        return msgspec.structs.replace(self, label=plain(self.label, field="label", limit=LABEL_LIMIT))


class Annotation(msgspec.Struct, frozen=True, kw_only=True):
    """A mark that was drawn. Whoever may see the slide sees it; only its author takes it away."""

    id: str
    slide_id: str
    shape: Shape
    label: str
    author_id: str
    created_at: datetime
