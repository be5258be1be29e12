"""Fields of numbers behind the generated slide: chances of a place, endless textures, the coarse grid made fine."""

from collections.abc import Iterator
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from telepath.slides.synthetic_cells import Floats

STEP: Final = 64
"""Of the coarse grid."""
MARGIN: Final = 56
"""Rendered around each block: no cell reaches farther."""
TEXTURE: Final = 1024
MAX_BLOCK: Final = 1024 + 2 * MARGIN


def chances(column: NDArray[np.int_], row: NDArray[np.int_], seed: int) -> list[Floats]:
    """Four numbers in [0, 1) for each place of a grid, always the same ones. Source: the finaliser of MurmurHash3."""
    found = []
    for salt in range(4):
        mixed = (
            column.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
            ^ row.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
            ^ np.uint64((seed * 4 + salt + 1) * 0x165667B19E3779F9 % (1 << 64))
        )
        for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
            mixed ^= mixed >> np.uint64(33)
            mixed *= np.uint64(factor)
        mixed ^= mixed >> np.uint64(33)
        found.append((mixed >> np.uint64(40)).astype(np.float32) / np.float32(1 << 24))
    return found


def unit(noise: Floats) -> Floats:
    """Spread over [0, 1], each value as frequent as any other."""
    ranks = np.empty(noise.size, np.float32)
    ranks[np.argsort(noise, axis=None)] = np.linspace(0, 1, noise.size, dtype=np.float32)
    return ranks.reshape(noise.shape)


def endless(texture: Floats) -> Floats:
    """Repeated as far as ``window`` needs."""
    return np.pad(texture, (0, MAX_BLOCK), mode="wrap")


_Texture = TypeVar("_Texture", bound=np.generic)


def window(texture: NDArray[_Texture], x: int, y: int, size: int) -> NDArray[_Texture]:
    """A square of an endless repetition of what was given to ``endless``: not to be changed."""
    left, top = x & (TEXTURE - 1), y & (TEXTURE - 1)
    return texture[top : top + size, left : left + size]


def strips(end: int, first: int = 0) -> Iterator[slice]:
    """Rows by rows: few enough that what is computed of them stays in the processor's cache."""
    for start in range(first, end, 64):
        yield slice(start, min(end, start + 64))


def smooth(value: Floats, low: float, high: float) -> Floats:
    share = value - np.float32(low)
    share *= np.float32(1 / (high - low))
    np.clip(share, 0, 1, share)
    result = share * share
    share *= -2
    share += 3
    result *= share
    return result


def spline(start: int, size: int, count: int) -> tuple[slice, Floats]:
    """Which places of the coarse grid count for ``size`` px, and their weights (size, places): a cubic B-spline, smooth where
    straight lines would show kinks."""
    place = (start + np.arange(size)) / STEP + 3.5
    first = np.floor(place).astype(int)
    t = place - first
    weights = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3]) / 6
    begin, end = clamp(first[0] - 1, count), clamp(first[-1] + 2, count) + 1
    matrix = np.zeros((size, end - begin), np.float32)
    pixels = np.arange(size)
    for tap in range(4):
        np.add.at(matrix, (pixels, np.clip(first + tap - 1, begin, end - 1) - begin), weights[tap])
    return slice(begin, end), matrix


def enlarge(quarter: Floats, rows: slice, size: int) -> Floats:
    """These rows of what is four times as large, ``size`` px wide, straight lines between."""
    first, share = _between(np.arange(rows.start, rows.stop))
    high = quarter[first] * (1 - share)[:, np.newaxis] + quarter[first + 1] * share[:, np.newaxis]
    first, share = _between(np.arange(size))
    return np.asarray(high[:, first] * (1 - share) + high[:, first + 1] * share, np.float32)


def _between(pixels: NDArray[np.intp]) -> tuple[NDArray[np.intp], Floats]:
    """The place in a picture a quarter as large, and how far it is to the next one."""
    return pixels // 4, (pixels % 4 / 4).astype(np.float32)


def clamp(place: float, count: int) -> int:
    return min(max(int(place), 0), count - 1)
