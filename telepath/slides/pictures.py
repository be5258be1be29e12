"""Pictures that people attach, as pixels, and pixels as pictures of our own.

The only module that imports Pillow. What people send is read only in the worker process. Nothing of it goes through but its
pixels: no EXIF, no XMP, no colour profile (the colours are brought to sRGB by it first), nothing that was appended."""

import io
import warnings
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from telepath.errors import AttachmentUnreadable
from telepath.slides.messages import PAGES_LIMIT, PIXELS_LIMIT

FORMATS: Final = ("PNG", "JPEG", "TIFF", "WEBP")
SIDE: Final = 3000
"""Longest side of what is shown, px."""
QUALITY: Final = 86
WHITE: Final = 255


def frames(data: bytes) -> Iterator[NDArray[np.uint8]]:
    """(height, width, 3), sRGB, upright: each page of a TIFF, the first picture of anything else.

    Raises AttachmentUnreadable: of another format, too large, of too many pages, or damaged."""
    Image.MAX_IMAGE_PIXELS = None  # ours is asked below, before the first pixel is read
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd tags; what is not shown does not matter
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                count = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
                if count > PAGES_LIMIT:
                    raise AttachmentUnreadable("error-attachment-pages", field="file", limit=PAGES_LIMIT)
                for number in range(count):
                    picture.seek(number)
                    if picture.width * picture.height > PIXELS_LIMIT:
                        raise AttachmentUnreadable("error-attachment-pixels", field="file", limit=PIXELS_LIMIT // 10**6)
                    yield _upright(picture)
        except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError, TypeError):
            raise AttachmentUnreadable(field="file") from None


def _upright(picture: Image.Image) -> NDArray[np.uint8]:
    shrunk = picture
    if picture.mode.startswith("I") or picture.mode == "F":
        values = np.asarray(picture).astype(np.float64)
        lowest, highest = (0.0, 65535.0) if picture.mode.startswith("I;16") else (values.min(), values.max())
        shrunk = Image.fromarray(((values - lowest) * (WHITE / max(highest - lowest, 1e-9))).astype(np.uint8))
    elif "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        clear = picture.convert("RGBA")
        shrunk = Image.new("RGB", clear.size, "white")
        shrunk.paste(clear, mask=clear.getchannel("A"))
    rotated = ImageOps.exif_transpose(shrunk) if shrunk is picture else _turned(shrunk, picture)
    plain = _srgb(rotated, picture.info.get("icc_profile"))
    plain.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(plain)


def _turned(picture: Image.Image, like: Image.Image) -> Image.Image:
    """Upright as the file of ``like`` says: its orientation is lost with the conversion."""
    picture.info["exif"] = like.getexif().tobytes()
    return ImageOps.exif_transpose(picture)


def _srgb(picture: Image.Image, profile: object) -> Image.Image:
    if isinstance(profile, bytes) and profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            found = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            found = None  # a profile that does not fit its picture: the colours as they are
        if found is not None:
            return found
    return picture.convert("RGB")


def encode(pixels: NDArray[np.uint8]) -> bytes:
    """A WebP of (height, width, 3) sRGB pixels, made of them alone."""
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "WEBP", quality=QUALITY, method=3)
    return target.getvalue()


def turned(pixels: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """(height, width, 3) turned clockwise about its middle, in a frame of the same size; white where nothing was."""
    picture = Image.fromarray(pixels).rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=(WHITE, WHITE, WHITE))
    return np.asarray(picture)


def resized(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """(height, width, 3)."""
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0))


def halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Half as wide and high, each px the mean of four."""
    return np.asarray(Image.fromarray(pixels).reduce(2))
