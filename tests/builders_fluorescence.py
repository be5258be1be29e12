"""OME-TIFF files of several channels, and of several focal planes, for tests of what shows them."""

from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

TILE = 256
Samples = NDArray[np.uint8] | NDArray[np.uint16]


def cells(height: int, width: int, channel: int, seed: int = 7) -> NDArray[np.uint16]:
    """Samples of 12 bits, (height, width): round cells on a dim ground, other ones in each channel."""
    chance = np.random.default_rng(seed + channel)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    light = np.full((height, width), 90.0, np.float32)
    for _ in range(max(12, height * width // 18_000)):
        row, column, radius = chance.uniform(0, height), chance.uniform(0, width), chance.uniform(9, 26)
        top, left = max(0, int(row - 3 * radius)), max(0, int(column - 3 * radius))
        part = np.s_[top : int(row + 3 * radius), left : int(column + 3 * radius)]
        far = (y[part] - row) ** 2 + (x[part] - column) ** 2
        light[part] += chance.uniform(500, 2600) * np.exp(-far / (2 * radius**2))
    return np.clip(chance.normal(light, np.sqrt(light)), 0, 4095).astype(np.uint16)


def write_channels(
    path: Path, *, width: int = 2048, height: int = 1536, names: tuple[str, ...] = ("DAPI", "FITC", "Cy3")
) -> Path:
    """Channels of 16 bits with levels 1:2:4, 0.5 µm/px."""
    picture = np.stack([cells(height, width, channel) for channel in range(len(names))])
    metadata = {
        "axes": "CYX",
        "Channel": {"Name": list(names)},
        "PhysicalSizeX": 0.5,
        "PhysicalSizeXUnit": "µm",
        "PhysicalSizeY": 0.5,
        "PhysicalSizeYUnit": "µm",
        "SignificantBits": 12,
    }
    return _write(path, picture, metadata, "minisblack")


def write_planes(path: Path, *, count: int = 5, width: int = 2048, height: int = 1536) -> Path:
    """Focal planes in colour, 1.5 µm apart: the higher, the redder; levels 1:2:4, 0.25 µm/px."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    rings = 127 + 90 * np.sin(np.hypot(x - width / 2, y - height / 2) / 17)
    picture = np.stack(
        [np.stack([rings * 0 + plane_red(plane), rings, 255 - rings], -1) for plane in range(count)]
    ).astype(np.uint8)
    metadata = {
        "axes": "ZYXS",
        "PhysicalSizeX": 0.25,
        "PhysicalSizeXUnit": "µm",
        "PhysicalSizeY": 0.25,
        "PhysicalSizeYUnit": "µm",
        "PhysicalSizeZ": 1.5,
        "PhysicalSizeZUnit": "µm",
    }
    return _write(path, picture, metadata, "rgb")


def plane_red(plane: int) -> int:
    """The red of every pixel of a plane of ``write_planes``."""
    return 30 + 45 * plane


def _write(path: Path, picture: Samples, metadata: dict[str, object], photometric: str) -> Path:
    def put(file: tifffile.TiffWriter, pixels: Samples, **more: Any) -> None:
        file.write(pixels, tile=(TILE, TILE), photometric=photometric, compression="zlib", **more)

    rows = picture.ndim - (3 if photometric == "rgb" else 2)
    with tifffile.TiffWriter(path, bigtiff=True, ome=True) as file:
        put(file, picture, subifds=2, metadata=metadata)
        for step in (2, 4):
            coarse = picture.take(range(0, picture.shape[rows], step), rows)
            put(file, coarse.take(range(0, picture.shape[rows + 1], step), rows + 1), subfiletype=1)
    return path
