"""Small CZI slides: as Zeiss's own library writes them, and, with JPEG XR and coarser levels, as its scanners do.

Source: ZEISS CZI file format, "ZISRAW (CZI) File Format Design specification" (segments, directory entries DV)."""

import io
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import imagecodecs
import msgspec
import numpy as np
from numpy.typing import NDArray
from pylibCZIrw import czi

from tests.builders_ome import light, picture

BLOCK = 512
_GREY8, _GREY16, _BGR24, _BGR48 = 0, 1, 3, 4
_UNPACKED, _JPEG_XR = 0, 4
_GUID = bytes(range(16))
_RGB, _BGR = (bytes.fromhex("24c3dd6f034efe4bb1853d77768dc9") + last for last in (b"\x0d", b"\x0c"))
"""Pixel formats of JPEG XR (ITU-T T.832, table A.6)."""


def write_colour(
    path: Path, *, width: int = 1500, height: int = 1000, compression: str = "zstd1:ExplicitLevel=2"
) -> Path:
    """Brightfield, without coarser levels."""
    whole = picture(width, height)[:, :, ::-1]
    with czi.create_czi(str(path), compression_options=compression) as file:
        for y in range(0, height, BLOCK):
            for x in range(0, width, BLOCK):
                file.write(np.ascontiguousarray(whole[y : y + BLOCK, x : x + BLOCK]), location=(x, y), plane={"C": 0})
        file.write_metadata(document_name="slide", channel_names={0: "H&E"}, scale_x=0.5e-6, scale_y=0.5e-6)
    return path


def write_fluorescence(path: Path, *, planes: int = 3, width: int = 900, height: int = 700) -> Path:
    """Two channels of sixteen bits, several planes."""
    with czi.create_czi(str(path), compression_options="zstd1:ExplicitLevel=2") as file:
        for z in range(planes):
            for channel in range(2):
                file.write(light(width, height, 1, channel, z)[:, :, np.newaxis], plane={"C": channel, "Z": z})
        file.write_metadata(
            document_name="slide",
            channel_names={0: "DAPI", 1: "Cy5"},
            scale_x=0.325e-6,
            scale_y=0.325e-6,
            scale_z=1e-6,
        )
    return path


class Block(msgspec.Struct, kw_only=True):
    """One piece of a mosaic, and where it lies in level-0 px."""

    x: int
    y: int
    pixels: NDArray[Any]
    """(height, width, 3) RGB, or (height, width)."""
    step: int = 1
    """Level-0 px a px of it."""
    mosaic: int = 0
    scene: int | None = None
    channel: int = 0
    z: int | None = None
    jpeg_xr: bool = True


def mosaic(
    whole: NDArray[Any], *, x: int = 0, y: int = 0, steps: Sequence[int] = (1,), **where: Any
) -> Iterator[Block]:
    """``whole`` as blocks, with coarser levels that are means of it; its corner lies at ``x, y``."""
    number = 0
    for step in steps:
        small = reduced(whole, step)
        for top in range(0, small.shape[0], BLOCK):
            for left in range(0, small.shape[1], BLOCK):
                part = small[top : top + BLOCK, left : left + BLOCK]
                yield Block(x=x + left * step, y=y + top * step, pixels=part, step=step, mosaic=number, **where)
                number += 1


def reduced(whole: NDArray[Any], step: int) -> NDArray[Any]:
    """Each px the mean of ``step`` x ``step``; what does not fill one is cut off."""
    height, width = (side // step for side in whole.shape[:2])
    cut = whole[: height * step, : width * step].reshape(height, step, width, step, *whole.shape[2:])
    made: NDArray[Any] = cut.mean(axis=(1, 3)).astype(whole.dtype)
    return made


def write_blocks(
    path: Path,
    blocks: Sequence[Block],
    *,
    said: str = "",
    label: NDArray[np.uint8] | None = None,
    label_jpeg_xr: bool = True,
) -> Path:
    """A CZI of these blocks. ``said``: what its metadata has within ``<Metadata>``."""
    attached = Block(x=0, y=0, pixels=label, jpeg_xr=label_jpeg_xr) if label is not None else None
    path.write_bytes(_file(blocks, said, attached))
    return path


def _file(blocks: Sequence[Block], said: str, label: Block | None) -> bytes:
    out = io.BytesIO()
    out.write(bytes(32 + 512))
    entries = []
    for block in blocks:
        data = _packed(block)
        entry = _entry(block, out.tell())
        entries.append(entry)
        fixed = (struct.pack("<iiq", 0, 0, len(data)) + entry).ljust(256, b"\0")
        _segment(out, b"ZISRAWSUBBLOCK", fixed + data)
    directory = out.tell()
    _segment(out, b"ZISRAWDIRECTORY", struct.pack("<i", len(entries)).ljust(128, b"\0") + b"".join(entries))
    xml = f'<?xml version="1.0" encoding="utf-8"?>\n<ImageDocument><Metadata>{said}</Metadata></ImageDocument>'.encode()
    metadata = out.tell()
    _segment(out, b"ZISRAWMETADATA", struct.pack("<ii", len(xml), 0).ljust(256, b"\0") + xml)
    attachments = _attach(out, label) if label is not None else 0
    out.seek(0)
    header = (
        struct.pack("<iiii", 1, 0, 0, 0) + _GUID * 2 + struct.pack("<iqqiq", 0, directory, metadata, 0, attachments)
    )
    _segment(out, b"ZISRAWFILE", header.ljust(512, b"\0"))
    return out.getvalue()


def _attach(out: io.BytesIO, label: Block) -> int:
    """A label as scanners have it: a CZI within the CZI. Returns where the list of what is attached begins."""
    inner = _file([label], "", None)
    place = out.tell()
    entry = struct.pack("<2s10xqi16s8s80s", b"A1", place, 0, _GUID, b"CZI", b"Label")
    _segment(out, b"ZISRAWATTACH", struct.pack("<q8x", len(inner)) + entry.ljust(240, b"\0") + inner)
    directory = out.tell()
    _segment(out, b"ZISRAWATTDIR", struct.pack("<i", 1).ljust(256, b"\0") + entry)
    return directory


def _segment(out: io.BytesIO, name: bytes, data: bytes) -> None:
    used = len(data)
    data += bytes(-len(data) % 32)
    out.write(name.ljust(16, b"\0") + struct.pack("<qq", len(data), used) + data)


def _entry(block: Block, place: int) -> bytes:
    height, width = block.pixels.shape[:2]
    kind = _kind(block.pixels)
    dimensions = [
        (b"X", block.x, width * block.step, width),
        (b"Y", block.y, height * block.step, height),
        (b"C", block.channel, 1, 1),
        (b"M", block.mosaic, 1, 1),
    ]
    if block.z is not None:
        dimensions.append((b"Z", block.z, 1, 1))
    if block.scene is not None:
        dimensions.append((b"S", block.scene, 1, 1))
    if block.step > 1:
        dimensions = [one for one in dimensions if one[0] != b"M"]
    packing = _JPEG_XR if block.jpeg_xr else _UNPACKED
    pyramid = 2 if block.step > 1 else 0
    head = struct.pack("<2siqiiB5xi", b"DV", kind, place, 0, packing, pyramid, len(dimensions))
    return head + b"".join(
        struct.pack("<4siifi", name, start, size, float(start), stored) for name, start, size, stored in dimensions
    )


def _kind(pixels: NDArray[Any]) -> int:
    if pixels.ndim == 3:
        return _BGR24 if pixels.dtype == np.uint8 else _BGR48
    return _GREY8 if pixels.dtype == np.uint8 else _GREY16


def _packed(block: Block) -> bytes:
    pixels = np.ascontiguousarray(block.pixels)
    if block.jpeg_xr:
        # Zeiss says that blue comes first: the two names differ in their last byte.
        return bytes(imagecodecs.jpegxr_encode(pixels, level=1.0)).replace(_RGB, _BGR, 1)
    return (np.ascontiguousarray(pixels[:, :, ::-1]) if pixels.ndim == 3 else pixels).tobytes()
