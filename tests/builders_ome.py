"""Small OME-TIFF slides, as microscopes' programs write them: channels, focal planes, and coarser levels in SubIFDs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import tifffile
from numpy.typing import NDArray

from telepath.slides.pyramid import Level
from tests.builders_slides import APERIO, encode, pattern

TILE = 256


def picture(width: int, height: int, step: int = 1) -> NDArray[np.uint8]:
    """(height, width, 3): the pattern of a whole level, ``step`` level-0 px a px."""
    level = Level(width=width, height=height, downsample=float(step), tile_width=width, tile_height=height)
    return pattern(level, 0, 0)


def light(width: int, height: int, step: int, channel: int, z: int = 0, peak: int = 4000) -> NDArray[np.uint16]:
    """(height, width): spots on darkness, elsewhere in each channel, and dimmer the further the plane is from the first."""
    y, x = np.mgrid[:height, :width].astype(np.float64) * step
    period = 90 + 40 * channel
    spots = np.clip(np.sin(x / period * 6.28) * np.cos(y / period * 6.28), 0, 1) ** 3
    made: NDArray[np.uint16] = (100 + spots * peak / (1 + z)).astype(np.uint16)
    return made


def write_ome(
    path: Path,
    pyramid: list[NDArray[Any]],
    axes: str,
    *,
    channels: list[str] | None = None,
    others: dict[str, NDArray[np.uint8]] | None = None,
    **options: Any,
) -> Path:
    """``pyramid``: arrays of ``axes``, finest first. ``others``: name → (height, width, 3) of what is not the slide."""
    said: dict[str, Any] = {"axes": axes, "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5, "PhysicalSizeXUnit": "µm"}
    said |= {"PhysicalSizeYUnit": "µm", "Name": "slide"}
    if channels:
        said["Channel"] = {"Name": channels}
    if "Z" in axes:
        said |= {"PhysicalSizeZ": 1.5, "PhysicalSizeZUnit": "µm"}
    tiled: dict[str, Any] = {"tile": (TILE, TILE)} | options
    with tifffile.TiffWriter(path, bigtiff=True, ome=True) as file:
        file.write(pyramid[0], subifds=len(pyramid) - 1, metadata=said, **tiled)
        for level in pyramid[1:]:
            file.write(level, subfiletype=1, **tiled)
        for name, one in (others or {}).items():
            file.write(one, photometric="rgb", metadata={"axes": "YXS", "Name": name})
    return path


def write_colour(path: Path, *, width: int = 3000, height: int = 2000, **options: Any) -> Path:
    """Brightfield: a colour picture of three levels, 1:2:4."""
    pyramid = [picture(width // step, height // step, step) for step in (1, 2, 4)]
    return write_ome(path, pyramid, "YXS", photometric="rgb", **options)


def write_fluorescence(path: Path, *, planes: int = 1, width: int = 1400, height: int = 1000, **options: Any) -> Path:
    """Three channels of sixteen bits, two levels, 1:2."""

    def level(step: int) -> NDArray[np.uint16]:
        size = width // step, height // step
        return np.stack([[light(*size, step, channel, z) for channel in range(3)] for z in range(planes)])

    pyramid = [level(1), level(2)] if planes > 1 else [level(1)[0], level(2)[0]]
    return write_ome(
        path,
        pyramid,
        "ZCYX" if planes > 1 else "CYX",
        photometric="minisblack",
        channels=["DAPI", "FITC", "Cy3"],
        **options,
    )


def write_plain(path: Path, pixels: NDArray[Any], *, ome: bool = False, **options: Any) -> Path:
    """``pixels``, (height, width) or (height, width, samples), with a level four times coarser; 256 px tiles."""
    options = {"tile": (TILE, TILE), "photometric": "rgb"} | options
    file_options = {name: options.pop(name) for name in ("bigtiff", "byteorder") if name in options}
    if options.get("planarconfig") == "separate":
        pixels = np.moveaxis(pixels, 2, 0)
        coarse = pixels[:, ::4, ::4]
    else:
        coarse = pixels[::4, ::4]
    axes = "YX" if pixels.ndim == 2 else "SYX" if options.get("planarconfig") == "separate" else "YXS"
    with tifffile.TiffWriter(path, ome=ome, **file_options) as file:
        if ome:
            file.write(np.ascontiguousarray(pixels), subifds=1, metadata={"axes": axes}, **options)
        else:
            file.write(np.ascontiguousarray(pixels), metadata=None, **options)
        file.write(np.ascontiguousarray(coarse), subfiletype=1, metadata=None, **options)
    return path


def write_sparse(path: Path, empty: int, *, width: int = 2048, height: int = 1536) -> Path:
    """Colours in tiles of JPEG, levels 1:4; in the first ``empty`` columns of px nothing was scanned."""

    def tiles(step: int) -> Iterator[bytes]:
        level = Level(
            width=width // step, height=height // step, downsample=float(step), tile_width=TILE, tile_height=TILE
        )
        for row in range(level.rows):
            for column in range(level.columns):
                there = (column + 1) * TILE * step > empty
                yield encode(pattern(level, column, row)) if there else b""

    how: dict[str, Any] = {"dtype": np.uint8, "tile": (TILE, TILE), "photometric": "ycbcr", "compression": "jpeg"}
    how |= {"subsampling": (1, 1)}
    with tifffile.TiffWriter(path, bigtiff=True, ome=True) as file:
        file.write(tiles(1), shape=(height, width, 3), subifds=1, metadata={"axes": "YXS"}, **how)
        file.write(tiles(4), shape=(height // 4, width // 4, 3), subfiletype=1, **how)
    return path


def write_aperio_2000(
    path: Path, *, ycbcr: bool, width: int = 3000, height: int = 2000, side: int = TILE, **how: Any
) -> Path:
    """An Aperio slide of JPEG 2000, as its scanners write it: 33003 holds luma and chroma, 33005 red, green and blue."""

    packed = how or {"mct": False, "reversible": True}

    def tiles(whole: NDArray[np.uint8]) -> Iterator[bytes]:
        for y in range(0, whole.shape[0], side):
            for x in range(0, whole.shape[1], side):
                tile = np.zeros((side, side, 3), np.uint8)
                part = whole[y : y + side, x : x + side]
                tile[: part.shape[0], : part.shape[1]] = luma_and_chroma(part) if ycbcr else part
                yield bytes(imagecodecs.jpeg2k_encode(tile, codecformat="j2k", **packed))

    said = APERIO.format(width=width, height=height, tile=side, colour="").replace("JPEG/", "J2K/YUV16")
    with tifffile.TiffWriter(path) as file:
        for step in (1, 4, 16):
            whole = picture(width // step, height // step, step)
            file.write(
                tiles(whole),
                shape=whole.shape,
                dtype=np.uint8,
                tile=(side, side),
                photometric="rgb",
                compression=33003 if ycbcr else 33005,
                description=None if step > 1 else said,
                metadata=None,
            )
    return path


def luma_and_chroma(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """JFIF 1.02, of (height, width, 3) RGB."""
    red, green, blue = (pixels[..., sample].astype(np.float32) for sample in range(3))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    parts = np.stack([luma, (blue - luma) / 1.772 + 128, (red - luma) / 1.402 + 128], -1)
    return np.clip(parts + 0.5, 0, 255).astype(np.uint8)
