"""Looks at a file that somebody gave us and says what slide it is, or why it is none. Runs in the sandbox."""

from array import array
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from telepath.errors import SlideIncomplete, SlideUnreadable, SlideUnsupported, TileUnreadable
from telepath.geometry import plausible_mpp
from telepath.slides import decoder, dicom, jpeg, labels, tiff, tile_index
from telepath.slides.decoder import Decoder, Description
from telepath.slides.messages import Inspection
from telepath.slides.pyramid import Level, Pyramid
from telepath.slides.thumbnail import Pixels, thumbnail
from telepath.slides.tile_index import Source, Stored, TileIndex, Tiles
from telepath.slides.tiling import DECODED_TILE


def inspect(folder: Path, entry: str) -> Inspection:
    """Raises SlideIncomplete: cut short, send it again. SlideUnsupported: complete, but nothing that we read.
    SlideForbidden: it passes a limit, or its tiles reach for what is withheld. SlideUnreadable: damaged."""
    path = folder / entry
    _check_content(path)
    opened = Decoder(path)
    try:
        described = opened.describe()
        pyramid = _decoded_pyramid(described)
        pyramid.check()
        tables = _stored_tiles(path, described)
        stored = _stored(folder, tables) if tables is not None else None
        if tables is not None and stored is not None:
            source, pyramid = Source.PASSTHROUGH, Pyramid(tuple(table.level for table in tables))
            pyramid.check()
            index = _passthrough_index(entry, tables, stored)
            pixels = _stored_pixels(folder, tile_index.load(index))
        else:
            source = Source.DECODED
            index = tile_index.dump(tile_index.Header(entry=entry, source=source, levels=pyramid.levels))
            pixels = _decoded_pixels(opened, pyramid)
            try:
                pixels(len(pyramid.levels) - 1, 0, 0)
            except TileUnreadable:
                raise SlideUnreadable from None
        return Inspection(
            vendor=described.vendor,
            source=source,
            pyramid=pyramid,
            mpp=_mpp(described),
            objective=described.objective if described.objective and 0 < described.objective <= 200 else None,
            companions=described.companions,
            index=index,
            thumbnail=thumbnail(pyramid, pixels),
            marks=labels.marks(opened),
        )
    finally:
        opened.close()


def _check_content(path: Path) -> None:
    """Tell what was cut short from what was never a slide, before a library gives the same error for both."""
    if path.stat().st_size == 0:
        raise SlideIncomplete("error-slide-empty")
    is_tiff, is_dicom = tiff.is_tiff(path), dicom.is_dicom(path)
    vendor = decoder.vendor_of(path)
    if is_tiff and vendor != "hamamatsu":  # NDPI above 4 GiB bends the chain of directories
        tiff.check_directories(path)
        tiff.check_complete(path)
    elif is_tiff:
        pass
    elif is_dicom:
        dicom.check_complete(path)
    if vendor is None:
        raise SlideUnsupported


def _decoded_pyramid(described: Description) -> Pyramid:
    return Pyramid(
        tuple(
            Level(width=width, height=height, downsample=downsample, tile_width=DECODED_TILE, tile_height=DECODED_TILE)
            for (width, height), downsample in zip(described.sizes, described.downsamples, strict=True)
        )
    )


def _stored_tiles(path: Path, described: Description) -> list[Tiles] | None:
    if described.vendor in tiff.VENDORS:
        return tiff.tiles(path, described)
    if described.vendor == "dicom":
        return dicom.tiles(path, described)
    return None


def _stored(folder: Path, tables: list[Tiles]) -> list[Stored] | None:
    """How each level's tiles become files; None: some level must be decoded."""
    files: list[tile_index.File] = []
    found = []
    for table in tables:
        table.check()
        if table.file not in files:
            files.append(table.file)
        prefix = _prefix(folder, table)
        if prefix is None:
            return None
        blank = decoder.white_tile(table.level.tile_width, table.level.tile_height) if 0 in table.lengths else b""
        found.append(Stored(file=files.index(table.file), prefix=prefix, blank=blank))
    return found


def _prefix(folder: Path, table: Tiles) -> bytes | None:
    """From the first stored tile, whose JPEG header must agree with the declared size."""
    number = next((number for number, length in enumerate(table.lengths) if length), None)
    if number is None:
        return None
    with (folder / table.file.name).open("rb") as file:
        file.seek(table.offsets[number])
        head = file.read(min(table.lengths[number], jpeg.HEADER_BYTES))
    prefix = jpeg.prefix_for(head, table.tables, table.colour)
    if prefix is None:
        return None
    header = jpeg.read_header(jpeg.splice(prefix, head))
    if header is None or (header.width, header.height) != (table.level.tile_width, table.level.tile_height):
        return None
    return prefix


def _passthrough_index(entry: str, tables: list[Tiles], stored: list[Stored]) -> bytes:
    files: list[tile_index.File] = []
    columns: list[tuple[array[int], array[int]]] = []
    for table in tables:
        if table.file not in files:
            files.append(table.file)
        columns.append((table.offsets, table.lengths))
    header = tile_index.Header(
        entry=entry,
        source=Source.PASSTHROUGH,
        levels=tuple(table.level for table in tables),
        files=tuple(files),
        stored=tuple(stored),
    )
    return tile_index.dump(header, columns)


def _stored_pixels(folder: Path, index: TileIndex) -> Pixels:
    def pixels(level: int, column: int, row: int) -> NDArray[np.uint8]:
        place = index.locate(level, column, row)
        with (folder / place.name).open("rb") as file:
            file.seek(place.offset)
            found = decoder.decode(index.picture(level, file.read(place.length)))
        grid = index.pyramid.levels[level]
        if found.shape[:2] != (grid.tile_height, grid.tile_width):
            raise TileUnreadable
        return found

    return pixels


def _decoded_pixels(opened: Decoder, pyramid: Pyramid) -> Pixels:
    return lambda level, column, row: opened.pixels(pyramid.levels[level], level, column, row)


def _mpp(described: Description) -> float | None:
    """One scale for both directions; None when they differ by more than 2 %, or cannot be true."""
    if described.mpp is None:
        return None
    across, down = described.mpp
    mean = (across + down) / 2
    if not plausible_mpp(mean) or abs(across - down) > 0.02 * mean:
        return None
    return mean
