"""Small CZI slides, written by Zeiss's own library."""

from pathlib import Path

import numpy as np
from pylibCZIrw import czi

from tests.builders_ome import light, picture

BLOCK = 512


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
