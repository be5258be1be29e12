"""The slides that mutants are made of: small ones of ours, and real ones where ``TELEPATH_TEST_SLIDES`` names their folder."""

import os
import struct
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from telepath.slides.tiff_writer import Picture
from tests.builders_slides import APERIO, add_label, encode, levels, pattern, write_tiff, write_vms
from tests.soak.mutants import Entry, Original, Part, entries

REAL: Final = {
    "aperio": "aperio/CMU-1-Small-Region.svs",
    "generic": "crafted/generic/HE-pyramid.tiff",
    "generic, big-endian": "crafted/generic/HE-pyramid-bigtiff-be.tiff",
    "philips": "crafted/philips/HE-philips.tiff",
    "mirax": "crafted/mirax/HE-mirax.mrxs",
    "hamamatsu": "crafted/ndpi/HE-ndpi.ndpi",
    "hamamatsu, fluorescence": "hamamatsu-ndpi/test3-DAPI-2-(387).ndpi",
    "dicom": "dicom-wsi/cmu-1-small-region/level-0-frames-0-30.dcm",
    "dicom, one file": "dicom-wsi/camelyon_jpeg.dcm",
}
_STRIPS, _STRIP_LENGTHS, _TILE_WIDTH, _DESCRIPTION, _LENS = 273, 279, 322, 270, 65421


def made(folder: Path) -> list[Original]:
    """Of our own: Aperio with a label, as YCbCr and as RGB, a pyramid, Hamamatsu's text file."""
    folder.mkdir(parents=True, exist_ok=True)
    pyramid = levels(320, 200, (1, 2), 64)
    for name, rgb in (("label.svs", False), ("rgb.svs", True)):
        told = APERIO.format(width=320, height=200, tile=64, colour="RGB" if rgb else "YCC")
        add_label(write_tiff(folder / name, pyramid, Picture(rgb=rgb, description=told)), label())
    write_tiff(folder / "pyramid.tiff", levels(400, 300, (1, 2, 4), 64), Picture(mpp=0.25))
    vms = write_vms(folder / "vms", "image.jpg")
    picture = encode(np.vstack([pattern(levels(512, 512, (1,))[0], 0, row) for row in range(2)]))
    (vms.parent / "image.jpg").write_bytes(picture)
    return [
        *(_single(f"our {path.name}", path) for path in sorted(folder.iterdir()) if path.is_file()),
        Original("our vms", vms.name, {path.name: Part(path.read_bytes()) for path in sorted(vms.parent.iterdir())}),
    ]


def label() -> NDArray[np.uint8]:
    """Colours that no tissue has, side by side, and never the same bytes twice."""
    down, across = np.mgrid[:96, :160] // 16
    magenta = ((down + across) % 2 == 0)[:, :, np.newaxis]
    colours = np.where(magenta, (235, 20, 235), (20, 235, 20))
    return (colours + np.random.default_rng(1).integers(-12, 13, colours.shape)).astype(np.uint8)


def real() -> list[Original]:
    """Raises KeyError, OSError: they are not there."""
    folder = Path(os.environ["TELEPATH_TEST_SLIDES"])
    return [_real(name, folder / place) for name, place in REAL.items()]


def _real(name: str, path: Path) -> Original:
    if path.suffix == ".mrxs":
        beside = path.with_suffix("")
        parts = {f"{beside.name}/{one.name}": Part(one.read_bytes()) for one in sorted(beside.iterdir())}
        return Original(name, path.name, {path.name: Part(path.read_bytes()), **parts})
    if name == "dicom":
        return Original(name, path.name, {one.name: Part(one.read_bytes()) for one in sorted(path.parent.iterdir())})
    return _single(name, path)


def _single(name: str, path: Path) -> Original:
    data = path.read_bytes()
    is_tiff = data[:2] in (b"II", b"MM")
    return Original(name, path.name, {path.name: Part(data, withheld(data) if is_tiff else ())})


def withheld(data: bytes) -> tuple[tuple[int, int], ...]:
    """Where a TIFF keeps label, macro, preview and text: read here once more, by nothing of the service's."""
    order = "<" if data[:2] == b"II" else ">"
    found = []
    for directory in entries(data):
        told = {entry.tag: entry for entry in directory}
        if _DESCRIPTION in told:
            start = told[_DESCRIPTION].value
            found.append((start, start + told[_DESCRIPTION].count))
        if _LENS in told:  # Hamamatsu has strips only; the lens of an overview is -1 or -2
            (lens,) = struct.unpack_from(order + "f", data, told[_LENS].value)
            if lens >= 0:
                continue
        if _TILE_WIDTH not in told and _STRIPS in told:
            starts, lengths = (_numbers(data, told[tag], order) for tag in (_STRIPS, _STRIP_LENGTHS))
            found += [(start, start + length) for start, length in zip(starts, lengths, strict=True)]
    return tuple(found)


def _numbers(data: bytes, entry: Entry, order: str) -> tuple[int, ...]:
    layout = {3: "H", 4: "I", 16: "Q"}[entry.kind]
    return struct.unpack_from(f"{order}{entry.count}{layout}", data, entry.value)
