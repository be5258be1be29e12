"""A small MIRAX slide: an index beside a folder of parts, as 3DHISTECH scanners write it (without label and stitching)."""

import struct
from pathlib import Path

from tests.builders_slides import encode, levels, pattern

TILE = 256
SLIDE_ID = "0" * 31 + "1"


def write_mirax(folder: Path, name: str = "HE", *, tiles: int = 8, parts: int = 2, empty: int = 0) -> Path:
    """``<name>.mrxs`` and ``<name>/``: a square of ``tiles`` × ``tiles``, levels in 1:2 steps, in ``parts`` data files. In the
    first ``empty`` columns nothing was scanned.

    Source: OpenSlide, src/openslide-vendor-mirax.c, the comment on the layout of Index.dat."""
    beside = folder / name
    beside.mkdir(parents=True)
    counts = [tiles >> level for level in range(tiles.bit_length()) if tiles >> level]
    data = [bytearray(b"\0" * 64) for _ in range(parts)]
    index = bytearray(b"01.02" + SLIDE_ID.encode() + bytes(8))
    pages = []
    for level, side in enumerate(counts):
        entries, held = bytearray(), 0
        shape = levels(TILE * tiles, TILE * tiles, [1 << level], TILE)[0]
        for row in range(side):
            for column in range(empty >> level, side):
                held += 1
                jpeg = encode(pattern(shape, column, row))
                part = (row + column) % parts
                place = (row << level) * tiles + (column << level)
                entries += struct.pack("<iiii", place, len(data[part]), len(jpeg), part)
                data[part] += jpeg
        page = len(index)
        index += struct.pack("<ii", held, 0) + entries
        head = len(index)
        index += struct.pack("<ii", 0, page)
        pages.append(head)
    roots = len(index)
    index += struct.pack(f"<{len(pages)}i", *pages)
    struct.pack_into("<ii", index, 37, roots, roots)
    (folder / f"{name}.mrxs").write_bytes(b"\xff\xd8\xff\xd9")
    (beside / "Index.dat").write_bytes(index)
    for number, content in enumerate(data):
        (beside / f"Data{number:04d}.dat").write_bytes(content)
    (beside / "Slidedat.ini").write_text(_ini(tiles, len(counts), parts), encoding="utf-8-sig")
    return folder / f"{name}.mrxs"


def _ini(tiles: int, count: int, parts: int) -> str:
    sections = "".join(f"HIER_0_VAL_{n}_SECTION = LEVEL_{n}\n" for n in range(count))
    text = (
        f"[GENERAL]\nSLIDE_VERSION = 01.02\nSLIDE_ID = {SLIDE_ID}\nIMAGENUMBER_X = {tiles}\nIMAGENUMBER_Y = {tiles}\n"
        "OBJECTIVE_MAGNIFICATION = 20\nCameraImageDivisionsPerSide = 1\n"
        f"[HIERARCHICAL]\nINDEXFILE = Index.dat\nHIER_COUNT = 1\nHIER_0_NAME = Slide zoom level\nHIER_0_COUNT = {count}\n"
        f"{sections}NONHIER_COUNT = 0\n[DATAFILE]\nFILE_COUNT = {parts}\n"
    )
    text += "".join(f"FILE_{n} = Data{n:04d}.dat\n" for n in range(parts))
    for level in range(count):
        mpp = 0.5 * (1 << level)
        text += (
            f"[LEVEL_{level}]\nOVERLAP_X = 0\nOVERLAP_Y = 0\nMICROMETER_PER_PIXEL_X = {mpp}\nMICROMETER_PER_PIXEL_Y = {mpp}\n"
            f"IMAGE_FORMAT = JPEG\nIMAGE_FILL_COLOR_BGR = 16777215\nDIGITIZER_WIDTH = {TILE}\nDIGITIZER_HEIGHT = {TILE}\n"
            f"IMAGE_CONCAT_FACTOR = {1 if level else 0}\n"
        )
    return text
