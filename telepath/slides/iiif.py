"""Requests of the IIIF Image API 3.0, read and worked out for one slide. Pure.

Source: iiif.io/api/image/3.0, sections 4 (syntax), 5 (info.json), 6 (level 2). Of rotation only quarters; upscaling never
beyond MAX_SIDE; errors are 400, as 7.1 asks."""

import math
import re
from enum import StrEnum
from typing import Any, Final

import msgspec

from telepath.errors import Invalid
from telepath.slides.pyramid import Pyramid

CONTEXT: Final = "http://iiif.io/api/image/3/context.json"
PROFILE: Final = "http://iiif.io/api/image/3/level2.json"
MAX_SIDE: Final = 2048
"""Of a picture that is sent, px: whoever wants more asks for it in pieces."""
_NUMBER: Final = r"[0-9]{1,10}(?:\.[0-9]{1,10})?"
_REGION: Final = re.compile(r"([0-9]{1,10}),([0-9]{1,10}),([0-9]{1,10}),([0-9]{1,10})")
_SHARE: Final = re.compile(rf"pct:({_NUMBER}),({_NUMBER}),({_NUMBER}),({_NUMBER})")
_SIZE: Final = re.compile(rf"(\^?)(?:(max)|pct:({_NUMBER})|(!?)([0-9]{{0,10}}),([0-9]{{0,10}}))")
_ROTATION: Final = re.compile(rf"(!?)({_NUMBER})")


class Quality(StrEnum):
    DEFAULT = "default"
    COLOR = "color"
    GRAY = "gray"
    BITONAL = "bitonal"


class Format(StrEnum):
    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a slide as it is to be sent. ``x, y, width, height`` in level-0 px; ``across, down``: its size in px before it
    is turned ``rotation`` (0, 90, 180, 270) degrees clockwise, ``mirrored`` before that."""

    x: int
    y: int
    width: int
    height: int
    across: int
    down: int
    rotation: int = 0
    mirrored: bool = False
    quality: Quality = Quality.DEFAULT
    format: Format = Format.JPEG


def read(pyramid: Pyramid, region: str, size: str, rotation: str, ending: str) -> Picture:
    """What the four parts of an address ask for; ``ending`` is quality and format. Raises Invalid."""
    x, y, width, height = _region(region, pyramid.width, pyramid.height)
    across, down = _size(size, width, height)
    mirrored, degrees = _turn(rotation)
    quality, _, form = ending.partition(".")
    try:
        return Picture(
            x=x,
            y=y,
            width=width,
            height=height,
            across=across,
            down=down,
            rotation=degrees,
            mirrored=mirrored,
            quality=Quality(quality),
            format=Format(form),
        )
    except ValueError:
        raise _refused("quality") from None


def _region(text: str, width: int, height: int) -> tuple[int, int, int, int]:
    if text == "full":
        return 0, 0, width, height
    if text == "square":
        side = min(width, height)
        return (width - side) // 2, (height - side) // 2, side, side
    if found := _REGION.fullmatch(text):
        x, y, across, down = (int(one) for one in found.groups())
    elif found := _SHARE.fullmatch(text):
        shares = [float(one) / 100 for one in found.groups()]
        x, y = round(shares[0] * width), round(shares[1] * height)
        across, down = round(shares[2] * width), round(shares[3] * height)
    else:
        raise _refused("region")
    across, down = min(across, width - x), min(down, height - y)
    if across <= 0 or down <= 0:
        raise _refused("region")
    return x, y, across, down


def _size(text: str, width: int, height: int) -> tuple[int, int]:
    found = _SIZE.fullmatch(text)
    if found is None:
        raise _refused("size")
    larger, most, share, within, across, down = found.groups()
    if most:
        scale = min(MAX_SIDE / max(width, height), math.inf if larger else 1.0)
        wanted = scale * width, scale * height
    elif share:
        wanted = float(share) / 100 * width, float(share) / 100 * height
    elif within:
        if not across or not down:
            raise _refused("size")
        scale = min(int(across) / width, int(down) / height, MAX_SIDE / max(width, height))  # "server-imposed limits"
        wanted = scale * width, scale * height
    elif across and down:
        wanted = float(across), float(down)
    elif across:
        wanted = float(across), int(across) * height / width
    elif down:
        wanted = int(down) * width / height, float(down)
    else:
        raise _refused("size")
    if min(float(across or 1), float(down or 1)) < 1:
        raise _refused("size")
    made = max(1, round(wanted[0])), max(1, round(wanted[1]))
    if not larger and (made[0] > width or made[1] > height):
        raise _refused("size")
    if max(made) > MAX_SIDE or min(wanted) <= 0:
        raise _refused("size")
    return made


def _turn(text: str) -> tuple[bool, int]:
    found = _ROTATION.fullmatch(text)
    degrees = float(found[2]) if found is not None else -1
    if found is None or degrees not in (0, 90, 180, 270, 360):
        raise _refused("rotation")
    return bool(found[1]), int(degrees) % 360


def _refused(what: str) -> Invalid:
    return Invalid("error-picture-request", what=what)


def info(pyramid: Pyramid, address: str) -> dict[str, Any]:
    """The info.json of the service at ``address``."""
    finest = pyramid.levels[0]
    factors = [round(level.downsample) for level in pyramid.levels]
    return {
        "@context": CONTEXT,
        "id": address,
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level2",
        "width": pyramid.width,
        "height": pyramid.height,
        "maxWidth": MAX_SIDE,
        "maxHeight": MAX_SIDE,
        "sizes": [
            {"width": level.width, "height": level.height}
            for level in reversed(pyramid.levels)
            if max(level.width, level.height) <= MAX_SIDE
        ],
        "tiles": [{"width": finest.tile_width, "height": finest.tile_height, "scaleFactors": sorted(set(factors))}],
        "preferredFormats": ["jpg"],
        "extraFormats": ["webp"],
        "extraQualities": ["color", "gray", "bitonal"],
        "extraFeatures": ["mirroring", "regionSquare", "sizeUpscaling"],
    }
