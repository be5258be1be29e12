"""Small slides for tests, and damaged ones. Every tile shows a picture of its own."""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import simplejpeg
import zxingcpp
from numpy.typing import NDArray

from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.messages import DecodeTile
from telepath.slides.pyramid import Level
from telepath.slides.tiff_writer import Picture, TiffWriter

APERIO = "Aperio Image Library v12.0.15\r\n{width}x{height} ({tile}x{tile}) JPEG/{colour} Q=80|AppMag = 40|MPP = 0.2500"


async def made_tile(
    pool: DecoderPool, folder: str, level: Level, column: int, row: int, *, entry: str = "slide.tiff", reader: str = ""
) -> bytes:
    """A tile of the finest level, decoded by a worker."""

    async def asked() -> DecodeTile:
        return DecodeTile(entry=entry, level=level, number=0, column=column, row=row)

    return await pool.tile(folder, f"0-{column}_{row}", asked, reader=reader)


def levels(width: int, height: int, steps: Sequence[int], tile: int = 256) -> tuple[Level, ...]:
    """Sizes are rounded down, as scanners do."""
    return tuple(
        Level(width=width // step, height=height // step, downsample=float(step), tile_width=tile, tile_height=tile)
        for step in steps
    )


def pattern(level: Level, column: int, row: int) -> NDArray[np.uint8]:
    """A tile: a slope of colours with a circle, at places that depend on where the tile lies on the slide."""
    y, x = np.mgrid[: level.tile_height, : level.tile_width].astype(np.float64)
    x = (x + column * level.tile_width) * level.downsample
    y = (y + row * level.tile_height) * level.downsample
    red = 128 + 100 * np.sin(x / 310 + y / 700)
    green = 128 + 90 * np.sin(y / 230 - x / 900)
    blue = 128 + 100 * np.sin((x + y) / 150 + column + 3 * row)
    return np.stack([red, green, blue], -1).clip(0, 255).astype(np.uint8)


def encode(pixels: NDArray[np.uint8], *, rgb: bool = False) -> bytes:
    """A JPEG file; ``rgb``: its components are red, green and blue themselves, as some Aperio files have them."""
    if rgb:
        planes = [np.ascontiguousarray(pixels[:, :, channel]) for channel in range(3)]
        picture: bytes = simplejpeg.encode_jpeg_yuv_planes(*planes, quality=80)
    else:
        picture = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), 80, colorspace="RGB", colorsubsampling="444")
    return picture


def write_tiff(path: Path, pyramid: Sequence[Level], picture: Picture) -> Path:
    """A pyramid of patterns."""
    with TiffWriter(path, tuple(pyramid), picture) as writer:
        for number, level in enumerate(pyramid):
            for row in range(level.rows):
                for column in range(level.columns):
                    writer.put(number, column, row, encode(pattern(level, column, row), rgb=picture.rgb))
    return path


def write_svs(
    path: Path, *, width: int = 2048, height: int = 1536, steps: Sequence[int] = (1, 4, 16), rgb: bool = False
) -> Path:
    """A tiny Aperio slide with the levels that Aperio makes: 1:4:16."""
    description = APERIO.format(width=width, height=height, tile=256, colour="RGB" if rgb else "YCC")
    return write_tiff(path, levels(width, height, steps), Picture(rgb=rgb, description=description))


def write_pyramid(path: Path, *, width: int = 4000, height: int = 3000, tile: int = 256) -> Path:
    """A generic pyramid in 1:2 steps whose last column and row of tiles are padded."""
    return write_tiff(path, levels(width, height, (1, 2, 4, 8, 16), tile), Picture(mpp=0.25))


def write_vms(folder: Path, image: str) -> Path:
    """A Hamamatsu index that names ``image`` as its picture."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "slide.vms"
    path.write_text(
        "[Virtual Microscope Specimen]\nNoLayers=1\nNoJpegColumns=1\nNoJpegRows=1\n"
        f"ImageFile={image}\nMapFile=map.jpg\nMacroImage=macro.jpg\n"
    )
    for name in ("map.jpg", "macro.jpg"):
        (folder / name).write_bytes(encode(np.full((64, 64, 3), 200, np.uint8)))
    return path


def barcode(text: str, kind: zxingcpp.BarcodeFormat = zxingcpp.BarcodeFormat.QRCode) -> NDArray[np.uint8]:
    """A label (height, width, 3) with a barcode on it, as a scanner photographs one."""
    small = np.asarray(zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, kind)))
    large = np.kron(small, np.ones((6, 6), np.uint8))
    label = np.full((large.shape[0] + 120, large.shape[1] + 60, 3), 235, np.uint8)
    label[90 : 90 + large.shape[0], 30 : 30 + large.shape[1]] = large[:, :, np.newaxis]
    return label


def plain_label() -> NDArray[np.uint8]:
    """A label on which nothing can be read."""
    return np.full((60, 80, 3), 240, np.uint8)


def add_label(path: Path, pixels: NDArray[np.uint8]) -> Path:
    """Give a slide of ``write_svs`` the picture of its label: one more directory, in strips, as Aperio writes it."""
    height, width = pixels.shape[:2]
    told = f"Aperio Image Library v12.0.15\r\nlabel {width}x{height}\0".encode()
    tiff = Directories(path)
    strip = len(tiff.data)
    tiff.data += pixels.tobytes()
    description = len(tiff.data)
    tiff.data += told.ljust(len(told) + -len(told) % 8, b"\0")
    entries = [
        (254, 4, 1, 1),
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 3, 8 | 8 << 16 | 8 << 32),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (270, 2, len(told), description),
        (273, 16, 1, strip),
        (277, 3, 1, 3),
        (278, 4, 1, height),
        (279, 16, 1, pixels.nbytes),
        (284, 3, 1, 1),
    ]
    tiff.data += b"\0" * (-len(tiff.data) % 8)
    directory = len(tiff.data)
    tiff.data += struct.pack("<Q", len(entries))
    for tag, kind, count, value in entries:
        tiff.data += struct.pack("<HHQQ", tag, kind, count, value)
    tiff.data += struct.pack("<Q", 0)
    tiff.link(len(tiff.offsets()) - 1, directory)
    tiff.save()
    return path


def add_profile(path: Path, profile: bytes) -> Path:
    """Give the finest level of a slide that ``TiffWriter`` wrote an ICC profile (tag 34675)."""
    tiff = Directories(path)
    first = tiff.offsets()[0]
    (count,) = struct.unpack_from("<Q", tiff.data, first)
    entries = [bytes(tiff.data[first + 8 + 20 * one : first + 28 + 20 * one]) for one in range(count)]
    after = bytes(tiff.data[first + 8 + 20 * count : first + 16 + 20 * count])
    place = len(tiff.data)
    tiff.data += profile + bytes(-len(profile) % 8)
    entries.append(struct.pack("<HHQQ", 34675, 7, len(profile), place))
    struct.pack_into("<Q", tiff.data, 8, len(tiff.data))
    entries.sort(key=lambda one: int.from_bytes(one[:2], "little"))
    tiff.data += struct.pack("<Q", len(entries)) + b"".join(entries) + after
    tiff.save()
    return path


class Directories:
    """Reads and changes the directories of a BigTIFF that ``TiffWriter`` wrote, byte by byte."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = bytearray(path.read_bytes())

    def offsets(self) -> list[int]:
        """Where each directory lies."""
        found = []
        (at,) = struct.unpack_from("<Q", self.data, 8)
        while at:
            found.append(at)
            (count,) = struct.unpack_from("<Q", self.data, at)
            (at,) = struct.unpack_from("<Q", self.data, at + 8 + 20 * count)
        return found

    def entry(self, directory: int, tag: int) -> int:
        """Where the value of a tag is written in its entry."""
        at = self.offsets()[directory]
        (count,) = struct.unpack_from("<Q", self.data, at)
        for number in range(count):
            place = at + 8 + 20 * number
            if struct.unpack_from("<H", self.data, place)[0] == tag:
                return place + 12
        raise KeyError(tag)

    def put(self, directory: int, tag: int, layout: str, value: int) -> None:
        struct.pack_into(f"<{layout}", self.data, self.entry(directory, tag), value)

    def put_in_array(self, directory: int, tag: int, number: int, value: int) -> None:
        """Of an array of u64 that lies elsewhere in the file."""
        (at,) = struct.unpack_from("<Q", self.data, self.entry(directory, tag))
        struct.pack_into("<Q", self.data, at + 8 * number, value)

    def array(self, directory: int, tag: int, number: int) -> int:
        (at,) = struct.unpack_from("<Q", self.data, self.entry(directory, tag))
        value: int = struct.unpack_from("<Q", self.data, at + 8 * number)[0]
        return value

    def link(self, directory: int, target: int) -> None:
        """Make the directory's "next" lead to ``target``."""
        at = self.offsets()[directory]
        (count,) = struct.unpack_from("<Q", self.data, at)
        struct.pack_into("<Q", self.data, at + 8 + 20 * count, target)

    def save(self) -> None:
        self.path.write_bytes(bytes(self.data))
