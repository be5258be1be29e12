"""Generates the demonstration's slides: stained tissue that nobody ever was, as a pyramidal TIFF of JPEG tiles.

Blocks are rendered in processes of their own and written as they come; the coarser levels are averaged on the way."""

import asyncio
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from telepath.geometry import MPP_AT_40X
from telepath.slides.pictures import halved
from telepath.slides.pyramid import Level
from telepath.slides.synthetic_tissue import Kind, Scene
from telepath.slides.tiff_writer import Picture, TiffWriter

TILE: Final = 256
BLOCK: Final = 1024
OVERVIEW: Final = 8
"""Coarser levels than this one are made at the end, from a picture of it that is kept in memory."""
QUALITY: Final = 82

Progress = Callable[[float], None]
"""Called with the share that is done, 0 to 1."""


class Rendered(msgspec.Struct, frozen=True):
    """One block: its tiles as (level, column, row, JPEG), and what it adds to the overview."""

    tiles: list[tuple[int, int, int, bytes]]
    overview: NDArray[np.uint8]


def levels_for(width: int, height: int) -> tuple[Level, ...]:
    """1:2 steps down to a level that fits into one tile."""
    levels = []
    step = 1
    while True:
        size = -(-width // step), -(-height // step)
        levels.append(Level(width=size[0], height=size[1], downsample=float(step), tile_width=TILE, tile_height=TILE))
        if max(size) <= TILE:
            return tuple(levels)
        step *= 2


async def write_slide(
    path: Path,
    *,
    width: int,
    height: int,
    seed: int,
    kind: Kind = Kind.COLON,
    profile: bytes = b"",
    progress: Progress = lambda _: None,
) -> None:
    """Write the slide of this seed to ``path``: the same one each time. 0.25 µm/px. ``profile``: ICC, of its colours.

    40,000 x 30,000 px take about a minute and a half on two cores. Nothing is left at ``path`` when it fails."""
    levels = levels_for(width, height)
    done = False
    try:
        with TiffWriter(path, levels, Picture(subsampling=(2, 1), mpp=MPP_AT_40X, profile=profile)) as writer:
            overview = await _render_blocks(writer, levels, seed, kind, progress)
            await asyncio.to_thread(_write_coarse, writer, levels, overview)
        done = True
    finally:
        if not done:
            with suppress(OSError):
                await asyncio.to_thread(path.unlink, missing_ok=True)


async def _render_blocks(
    writer: TiffWriter, levels: tuple[Level, ...], seed: int, kind: Kind, progress: Progress
) -> NDArray[np.uint8]:
    width, height = levels[0].width, levels[0].height
    places = [(x, y) for y in range(0, height, BLOCK) for x in range(0, width, BLOCK)]
    side = BLOCK // OVERVIEW
    overview = np.empty((-(-height // BLOCK) * side, -(-width // BLOCK) * side, 3), np.uint8)
    loop = asyncio.get_running_loop()
    workers = min(len(os.sched_getaffinity(0)), 8)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # in the processes to come: else each fights for all processors
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare,
        initargs=(width, height, seed, kind),
    )
    try:
        waiting = {loop.run_in_executor(pool, _render, x, y, levels): (x, y) for x, y in places[: 2 * workers]}
        next_place, written = len(waiting), 0
        while waiting:
            finished, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for block in finished:
                x, y = waiting.pop(block)
                rendered = block.result()
                for tile in rendered.tiles:
                    writer.put(*tile)
                at = y // OVERVIEW, x // OVERVIEW
                overview[at[0] : at[0] + side, at[1] : at[1] + side] = rendered.overview
                written += 1
                progress(written / len(places))
                if next_place < len(places):
                    x, y = places[next_place]
                    waiting[loop.run_in_executor(pool, _render, x, y, levels)] = x, y
                    next_place += 1
    finally:
        await asyncio.to_thread(pool.shutdown, cancel_futures=True)
    return overview


_scene: Scene | None = None
"""In a rendering process: the slide it works on."""


def _prepare(width: int, height: int, seed: int, kind: Kind) -> None:
    global _scene  # noqa: PLW0603 - a process of the pool is made for one slide
    _scene = Scene(width, height, seed, kind)


def _render(x: int, y: int, levels: tuple[Level, ...]) -> Rendered:
    if _scene is None:
        raise RuntimeError("the process was not prepared")
    return cut(_scene.render(x, y, BLOCK), x, y, levels)


def cut(pixels: NDArray[np.uint8], x: int, y: int, levels: tuple[Level, ...]) -> Rendered:
    """The tiles of a block whose corner is ``x, y``, on the levels finer than the overview."""
    tiles = []
    number = 0
    while 1 << number < OVERVIEW:
        for row in range(0, pixels.shape[0], TILE):
            for column in range(0, pixels.shape[1], TILE):
                place = (x >> number) // TILE + column // TILE, (y >> number) // TILE + row // TILE
                if number < len(levels) and levels[number].holds(*place):
                    tiles.append((number, *place, encode(pixels[row : row + TILE, column : column + TILE])))
        pixels = halve(pixels)
        number += 1
    return Rendered(tiles, pixels)


def _write_coarse(writer: TiffWriter, levels: tuple[Level, ...], picture: NDArray[np.uint8]) -> None:
    for number, level in enumerate(levels):
        if level.downsample < OVERVIEW:
            continue
        for row in range(level.rows):
            for column in range(level.columns):
                tile = np.full((TILE, TILE, 3), 255, np.uint8)
                part = picture[row * TILE : (row + 1) * TILE, column * TILE : (column + 1) * TILE]
                tile[: part.shape[0], : part.shape[1]] = part
                writer.put(number, column, row, encode(tile))
        picture = halve(picture)


def halve(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Half as wide and high, each px the mean of four."""
    height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    return halved(pixels[:height, :width])


def encode(pixels: NDArray[np.uint8]) -> bytes:
    """A JPEG file, 4:2:2."""
    picture: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), QUALITY, colorspace="RGB", colorsubsampling="422"
    )
    return picture
