"""Which scale a file says, and which of it we believe. Pure.

A scale bar that lies is worse than none: ``0,499`` with a comma may be 0.499 or a broken export, and OpenSlide reads it as the
former without a word. We offer it to whoever enters the scale, and show nothing until then."""

import re
from collections.abc import Mapping
from typing import Final

from telepath.geometry import plausible_mpp

_NAMED: Final = re.compile(r"(?i)(^|[._ ])(mpp(-[xy])?|micrometer_per_pixel_[xy]|scanres|physicalsize[xy])$")
_COMMA: Final = re.compile(r"\s*(\d{1,3}),(\d{1,8})\s*")


def read(mpp: tuple[float, float] | None, properties: Mapping[str, str]) -> tuple[float | None, float | None]:
    """(µm/px that is believed, one that is only offered). One scale for both directions: none is believed when they differ by
    more than 2 %, cannot be true, or are written with a comma."""
    written = [_COMMA.fullmatch(text) for name, text in properties.items() if _NAMED.search(name)]
    offered = next((float(f"{one[1]}.{one[2]}") for one in written if one is not None), None)
    if offered is not None:
        return None, offered if plausible_mpp(offered) else None
    if mpp is None:
        return None, None
    mean = (mpp[0] + mpp[1]) / 2
    if not plausible_mpp(mean) or abs(mpp[0] - mpp[1]) > 0.02 * mean:
        return None, None
    return mean, None
