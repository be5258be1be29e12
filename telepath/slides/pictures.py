"""Pictures that people attach, as pixels, and pixels as pictures of our own.

The only module that imports Pillow, and with it LittleCMS. What people send is read only in the worker process. Nothing of it
goes through but its pixels: no EXIF, no XMP, no colour profile (the colours are brought to sRGB by it first), nothing that was
appended."""

import io
import warnings
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageDraw, ImageFont, ImageOps

from telepath.errors import AttachmentUnreadable
from telepath.slides.messages import PAGES_LIMIT, PIXELS_LIMIT

FORMATS: Final = ("PNG", "JPEG", "TIFF", "WEBP")
SIDE: Final = 3000
"""Longest side of what is shown, px."""
QUALITY: Final = 86
AVIF_QUALITY: Final = 55
AVIF_SPEED: Final = 10
"""At this quality a tile has the likeness of a JPEG of quality 75 to 80 in half its bytes, and takes 3 to 4 ms."""
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


def described(profile: bytes) -> tuple[str, str, str]:
    """What an ICC profile says of itself: its name, its colour space ("RGB"), its class ("scnr"). Raises ValueError: it is
    none."""
    try:
        said = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile
        name = said.profile_description or ""
        return name, said.xcolor_space.strip(), said.device_class.strip()
    except (ImageCms.PyCMSError, OSError, UnicodeError, TypeError, AttributeError):
        raise ValueError("no ICC profile") from None


def through(profile: bytes, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(height, width, 3) brought from the profile's RGB to sRGB by LittleCMS, perceptual. Raises ValueError: it cannot.

    Perceptual, as OpenSlide's own viewer and the makers' do: where a scanner's profile holds tables (A2B0), theirs is the one
    that its maker made for looking at; a profile of a matrix has but one way, and sRGB's own knows no other."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        intent = ImageCms.Intent.PERCEPTUAL
        made = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), "RGB", "RGB", intent)
        found = made.apply(Image.fromarray(pixels))
    except (ImageCms.PyCMSError, OSError, TypeError):
        raise ValueError("a profile that leads nowhere") from None
    return np.asarray(found)


def unbounded(profile: bytes, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(height, width, 3) in L*, a*, b* of D50, perceptual: as ``through``, and what sRGB cannot hold is held. To a step of
    0.4 and 1. Raises ValueError."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        made = ImageCms.buildTransform(source, ImageCms.createProfile("LAB"), "RGB", "LAB", ImageCms.Intent.PERCEPTUAL)
        found = np.asarray(made.apply(Image.fromarray(pixels)))
    except (ImageCms.PyCMSError, OSError, TypeError):
        raise ValueError("a profile that leads nowhere") from None
    across = found[..., 1:].astype(np.int8).astype(np.float64)  # Pillow keeps a* and b* as signed bytes
    return np.concatenate([found[..., :1] * (100 / WHITE), across], axis=-1)


def encode(pixels: NDArray[np.uint8]) -> bytes:
    """A WebP of (height, width, 3) sRGB pixels, made of them alone."""
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "WEBP", quality=QUALITY, method=3)
    return target.getvalue()


def avif(pixels: NDArray[np.uint8]) -> bytes:
    """An AVIF of (height, width, 3) sRGB pixels, or of the grey ones of (height, width)."""
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "AVIF", quality=AVIF_QUALITY, speed=AVIF_SPEED, max_threads=1)
    return target.getvalue()


def turned(pixels: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """(height, width, 3) turned clockwise about its middle, in a frame of the same size; white where nothing was."""
    picture = Image.fromarray(pixels).rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=(WHITE, WHITE, WHITE))
    return np.asarray(picture)


Box = tuple[float, float, float, float]
"""Left, top, right, bottom, px."""


def resized(pixels: NDArray[np.uint8], width: int, height: int, box: Box | None = None) -> NDArray[np.uint8]:
    """(height, width, 3) of what lies in ``box``, or of all."""
    whole = Image.fromarray(pixels)
    return np.asarray(whole.resize((width, height), Image.Resampling.LANCZOS, box=box, reducing_gap=2.0))


def grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(height, width): how light the sRGB pixels (height, width, 3) are (ITU-R BT.601)."""
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).convert("L"))


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Of (height, width, 3) sRGB pixels, or of grey ones (height, width)."""
    target = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(target, "PNG", compress_level=1)
    return target.getvalue()


def halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Half as wide and high, each px the mean of four."""
    return reduced(pixels, 2)


def reduced(pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Each px the mean of ``factor`` x ``factor``; at the edges of fewer."""
    return np.asarray(Image.fromarray(pixels).reduce(factor))


def lettered(lines: Sequence[str], width: int, height: int) -> NDArray[np.uint8]:
    """(height, width, 3): ``lines`` in black on white, the first one larger, as large as they fit."""
    picture = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(picture)
    if lines:
        longest = max(len(lines[0]) * 1.3, *(len(line) for line in lines)) or 1
        size = max(6.0, min(height / (1.5 * len(lines) + 0.5), width / (0.62 * longest + 1)))
        top = size * 0.4
        for number, line in enumerate(lines):
            scale = 1.3 if not number else 1.0
            pen.text((size * 0.5, top), line, fill="black", font=ImageFont.load_default(size * scale))
            top += size * 1.4 * scale
    return np.asarray(picture)
