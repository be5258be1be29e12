"""Generates the demonstration's fluorescence slide: cells that nobody ever was, in three colours of light and five planes.

Each pixel belongs to the nearest of the points that stand for cells, one in each square of a grid (S. Worley, "A cellular
texture basis function", SIGGRAPH 1996): between the nearest and the next lies a membrane, around the nearest a nucleus."""

import asyncio
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from telepath.slides import synthetic_fields

WIDTH, HEIGHT = 1280, 1024
PLANES: Final = 5
MPP: Final = 0.325
"""µm/px, as a camera of 6.5 µm behind an objective of 20."""
SPACING: Final = 1.5
"""µm between planes."""
CHANNELS: Final = (("DAPI", "#3b6cff"), ("E-cadhérine (FITC)", "#3ddc5a"), ("Ki-67 (Cy3)", "#ff3b30"))
BITS: Final = 12
_CELL: Final = 46
"""px from one cell to the next."""
_DEPTHS: Final = (2.0, 4.0)
"""The planes in which most of the cells and the others are sharp."""
_BLUR: Final = 2.6
"""px more of blur for each plane away from it."""
_GLOW: Final = (110.0, 90.0, 70.0)
_BRIGHT: Final = (2200.0, 1500.0, 2600.0)

Floats = NDArray[np.float32]


async def write_fluorescence(path: Path, seed: int) -> None:
    """Write the slide of this seed to ``path``: the same one each time. Nothing is left there when it fails."""
    pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
    done = False
    try:
        # In a process of its own: this one loads no library of slides.
        await asyncio.get_running_loop().run_in_executor(pool, _write, path, seed)
        done = True
    finally:
        await asyncio.to_thread(pool.shutdown, cancel_futures=True)
        if not done:
            with suppress(OSError):
                await asyncio.to_thread(path.unlink, missing_ok=True)


def _write(path: Path, seed: int) -> None:
    from telepath.slides import tiff  # in the process that writes alone

    finest = render(seed)
    said = {
        "axes": "ZCYX",
        "SignificantBits": BITS,
        "PhysicalSizeX": MPP,
        "PhysicalSizeXUnit": "µm",
        "PhysicalSizeY": MPP,
        "PhysicalSizeYUnit": "µm",
        "PhysicalSizeZ": SPACING,
        "PhysicalSizeZUnit": "µm",
        "Channel": {"Name": [name for name, _ in CHANNELS], "Color": [_signed(colour) for _, colour in CHANNELS]},
    }
    tiff.write_ome(path, [finest, _halved(finest)], said)


def render(seed: int) -> NDArray[np.uint16]:
    """(planes, channels, height, width)."""
    layers = _layers(seed)
    chance = np.random.default_rng(seed)
    made = np.empty((PLANES, len(CHANNELS), HEIGHT, WIDTH), np.uint16)
    for z in range(PLANES):
        for channel in range(len(CHANNELS)):
            light = np.full((HEIGHT, WIDTH), _GLOW[channel], np.float32)
            for depth, layer in zip(_DEPTHS, layers, strict=True):
                light += _BRIGHT[channel] * _blurred(layer[channel], 1 + round(_BLUR * abs(z - depth)))
            light += np.sqrt(light) * chance.standard_normal((HEIGHT, WIDTH), np.float32)
            made[z, channel] = np.clip(light, 0, (1 << BITS) - 1)
    return made


def _layers(seed: int) -> list[list[Floats]]:
    """For each depth, what shines in each channel, 0 to 1."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    column, row = (x // _CELL).astype(np.int_), (y // _CELL).astype(np.int_)
    # Of each square, with one more all around.
    squares = np.mgrid[-1 : HEIGHT // _CELL + 2, -1 : WIDTH // _CELL + 2]
    cells = np.stack(synthetic_fields.chances(squares[1], squares[0], seed), -1)
    nearest, next_one = np.full_like(x, 1e9), np.full_like(x, 1e9)
    nucleus, kind, depth = np.full_like(x, 1e9), np.zeros_like(x), np.zeros_like(x)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            one = np.moveaxis(cells[row + 1 + down, column + 1 + across], 2, 0)
            right = x - (column + (across + np.float32(0.2)) + np.float32(0.6) * one[0]).astype(np.float32) * _CELL
            below = y - (row + (down + np.float32(0.2)) + np.float32(0.6) * one[1]).astype(np.float32) * _CELL
            far = np.hypot(right, below)
            closer = far < nearest
            next_one = np.where(closer, nearest, np.minimum(next_one, far))
            nearest = np.where(closer, far, nearest)
            # Longer one way than the other, and turned.
            angle = one[2] * np.float32(np.pi)
            along = right * np.cos(angle) + below * np.sin(angle)
            beside = below * np.cos(angle) - right * np.sin(angle)
            nucleus = np.where(closer, np.hypot(along / 1.25, beside / 0.85), nucleus)
            kind, depth = np.where(closer, one[3], kind), np.where(closer, one[2] * 7 % 1, depth)
    grain = 0.8 + 0.2 * np.sin(x / 3.1 + 5 * kind) * np.sin(y / 2.7 + 9 * kind)
    inside = np.clip((_CELL * (0.24 + 0.06 * kind) - nucleus) / 2, 0, 1) * grain
    membrane = np.exp(-(((next_one - nearest) / 3.5) ** 2)) * (0.55 + 0.45 * np.sin(x / 190 + y / 260) ** 2)
    tissue = np.clip((np.sin(x / 340 + 1) + np.cos(y / 290 + x / 800) + 1.1) * 3, 0, 1)
    parts = [inside * (0.5 + 0.5 * kind), membrane, inside * (kind > 0.78)]
    front = (depth < 0.65).astype(np.float32)
    return [[(part * tissue * half).astype(np.float32) for part in parts] for half in (front, 1 - front)]


def _blurred(picture: Floats, radius: int) -> Floats:
    """Twice the mean of a square."""
    for axis in (0, 1, 0, 1):
        padded = np.pad(picture, [(radius + 1, radius) if one == axis else (0, 0) for one in (0, 1)], mode="edge")
        sums = np.cumsum(padded, axis=axis, dtype=np.float32)
        side = 2 * radius + 1
        within = sums[side:] - sums[:-side] if axis == 0 else sums[:, side:] - sums[:, :-side]
        picture = within / np.float32(side)
    return picture


def _halved(finest: NDArray[np.uint16]) -> NDArray[np.uint16]:
    quarters = finest.reshape(*finest.shape[:2], HEIGHT // 2, 2, WIDTH // 2, 2)
    mean: NDArray[np.uint16] = quarters.mean(axis=(3, 5), dtype=np.float32).astype(np.uint16)
    return mean


def _signed(colour: str) -> int:
    """As OME-XML writes it: red, green, blue and how dense, in a number with a sign."""
    number = int(colour[1:], 16) << 8 | 0xFF
    return number - (1 << 32) if number >= 1 << 31 else number
