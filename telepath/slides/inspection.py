"""Looks at a file that somebody gave us and says what slide it is, or why it is none. Runs in the sandbox."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from telepath.errors import SlideIncomplete, SlideUnreadable, TileUnreadable
from telepath.slides import (
    brightest,
    coding,
    colour,
    decoder,
    dicom,
    dicom_reader,
    directories,
    fluorescence,
    jpeg,
    labels,
    missing_levels,
    rendering,
    scale,
    tiff,
    tiff_reader,
    tile_index,
)
from telepath.slides.messages import DecodeTile, Inspection
from telepath.slides.pyramid import Channel, Level, Pyramid
from telepath.slides.reader import Description, Pixels, Reader
from telepath.slides.readers import open_reader
from telepath.slides.stored import Tiles
from telepath.slides.thumbnail import PixelsOf, thumbnail
from telepath.slides.tile_index import Decoded, Header, Source, Stored, TileIndex
from telepath.slides.tiling import DECODED_TILE


def inspect(folder: Path, entry: str) -> Inspection:
    """Raises SlideIncomplete: cut short, send it again. SlideUnsupported: complete, but nothing that we read.
    SlideForbidden: it passes a limit, or its tiles reach for what is withheld. SlideUnreadable: damaged."""
    path = folder / entry
    shrinks: tuple[int, ...] = (1,)
    _check_content(path)
    opened = open_reader(path)
    try:
        described = opened.describe()
        native = _decoded_pyramid(described)
        native.check()
        mpp, offered = scale.read(described.mpp, opened.properties())
        channels = _channels(opened)
        icc = None if channels else opened.profile()
        colours = colour.read(icc)
        tables = _stored_tiles(path, described)
        stored = _stored(folder, tables, described.background) if tables is not None else None
        if tables is not None and stored is not None:
            source, native = Source.PASSTHROUGH, Pyramid(tuple(table.level for table in tables))
            native.check()
            header = _header(entry, native, stored, described, channels, _files(tables))
            index = tile_index.dump(header, ((table.offsets, table.lengths) for table in tables))
            pixels, shrinks = _stored_pixels(folder, tile_index.load(index), native), coding.SHRINKS
        else:
            source = Source.DECODED
            header = _header(entry, native, [Decoded(n) for n in range(len(native.levels))], described, channels)
            index = tile_index.dump(header)
            pixels = _decoded_pixels(opened, entry, native, described, channels)
            try:
                pixels(len(native.levels) - 1, 0, 0, 1)
            except TileUnreadable:
                raise SlideUnreadable from None
        return Inspection(
            vendor=described.vendor,
            source=source,
            pyramid=Pyramid(header.levels),
            mpp=mpp,
            mpp_offered=offered,
            objective=described.objective if described.objective and 0 < described.objective <= 200 else None,
            companions=described.companions,
            index=index,
            thumbnail=thumbnail(native, pixels, to_srgb=lambda found: colour.shown(icc, found), shrinks=shrinks),
            marks=labels.marks(opened),
            channels=channels,
            planes=described.planes,
            plane_spacing=described.plane_spacing,
            background=described.background,
            profile=colours.profile,
            lut=colours.lut,
        )
    finally:
        opened.close()


def _header(
    entry: str,
    native: Pyramid,
    ways: Sequence[Stored | Decoded],
    described: Description,
    channels: tuple[Channel, ...],
    files: tuple[tile_index.File, ...] = (),
) -> Header:
    levels, all_ways = missing_levels.filled(native.levels, ways)
    missing_levels.to_build(levels, described.planes * max(1, len(channels)))
    return Header(
        entry=entry,
        levels=levels,
        ways=all_ways,
        files=files,
        channels=channels,
        planes=described.planes,
        background=described.background,
    )


def _channels(opened: Reader) -> tuple[Channel, ...]:
    try:
        return brightest.with_room(rendering.channels_of(opened), opened)
    except TileUnreadable:
        raise SlideUnreadable from None


def _check_content(path: Path) -> None:
    """Tell what was cut short from what was never a slide, before a library gives the same error for both."""
    if path.stat().st_size == 0:
        raise SlideIncomplete("error-slide-empty")
    if tiff.is_tiff(path):
        directories.check(path)
        if decoder.vendor_of(path) != "hamamatsu":
            tiff.check_complete(path)
    elif dicom.is_dicom(path):
        dicom.check_complete(path)


def _decoded_pyramid(described: Description) -> Pyramid:
    tiles = described.tiles or ((DECODED_TILE, DECODED_TILE),) * len(described.sizes)
    return Pyramid(
        tuple(
            Level(width=width, height=height, downsample=downsample, tile_width=tile[0], tile_height=tile[1])
            for (width, height), downsample, tile in zip(described.sizes, described.downsamples, tiles, strict=True)
        )
    )


def _stored_tiles(path: Path, described: Description) -> list[Tiles] | None:
    if described.vendor in tiff.VENDORS:
        return tiff.tiles(path, described)
    if described.vendor == "dicom":
        return dicom_reader.tiles(path, described) if dicom_reader.takes(path) else dicom.tiles(path, described)
    if described.vendor in tiff_reader.VENDORS:
        return tiff_reader.tiles(path, described)
    return None


def _stored(folder: Path, tables: list[Tiles], background: str) -> list[Stored] | None:
    """How each level's tiles become files; None: some level must be decoded."""
    files = _files(tables)
    found = []
    for table in tables:
        table.check()
        prefix = _prefix(folder, table)
        if prefix is None or not table.look(folder / table.file.name, prefix):
            return None
        side = table.level.tile_width, table.level.tile_height
        blank = coding.one_colour(*side, fluorescence.rgb(background)) if 0 in table.lengths else b""
        found.append(Stored(file=files.index(table.file), prefix=prefix, blank=blank))
    return found


def _files(tables: list[Tiles]) -> tuple[tile_index.File, ...]:
    return tuple(dict.fromkeys(table.file for table in tables))


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


def _stored_pixels(folder: Path, index: TileIndex, native: Pyramid) -> PixelsOf:
    numbers = [number for number, way in enumerate(index.header.ways) if isinstance(way, Stored)]
    channels, plane = index.header.channels, index.header.planes // 2

    def one(level: int, column: int, row: int, shrink: int, channel: int) -> Pixels:
        place = index.locate(numbers[level], column, row, plane, channel)
        with (folder / place.name).open("rb", buffering=0) as file:
            stream = index.picture(numbers[level], os.pread(file.fileno(), place.length, place.offset))
        found = coding.decode(stream, shrink, grey=bool(channels))
        grid = native.levels[level]
        if found.shape[:2] != (grid.tile_height // shrink, grid.tile_width // shrink):
            raise TileUnreadable
        return found

    def pixels(level: int, column: int, row: int, shrink: int) -> NDArray[np.uint8]:
        if not channels:
            return one(level, column, row, shrink, 0).astype(np.uint8, copy=False)
        return fluorescence.together(channels, lambda channel: one(level, column, row, shrink, channel))

    return pixels


def _decoded_pixels(
    opened: Reader, entry: str, native: Pyramid, described: Description, channels: tuple[Channel, ...]
) -> PixelsOf:
    def one(level: int, column: int, row: int, channel: int) -> Pixels:
        asked = DecodeTile(
            entry=entry,
            level=native.levels[level],
            number=level,
            column=column,
            row=row,
            z=described.planes // 2,
            channel=channel,
        )
        return rendering.region(opened, asked)

    def pixels(level: int, column: int, row: int, _shrink: int) -> NDArray[np.uint8]:
        if not channels:
            return one(level, column, row, 0).astype(np.uint8, copy=False)
        return fluorescence.together(channels, lambda channel: one(level, column, row, channel))

    return pixels
