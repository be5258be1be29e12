"""Channels of single samples: their range on the slide, their tiles of eight bits, and the one picture that they make together.

The square root that brings twelve or sixteen bits to eight is F. J. Anscombe's for counts of light (Biometrika 35, 1948): its
steps stay below the noise that such samples have anyhow."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from telepath.slides.pyramid import Channel
from telepath.slides.reader import FoundChannel, Pixels

DARKEST, BRIGHTEST = 2.0, 99.8
"""Percentiles of a channel between which it is shown at first: a few specks of dust do not darken the rest."""
COLOURS: Final = ("#3b6cff", "#3ddc5a", "#ff3b30", "#ffffff", "#ff3bf2", "#22d3ee", "#ffd60a", "#ff9f0a")
"""In turn, for channels whose file says no colour."""
ONLY: Final = "#ffffff"
"""Of a single channel whose file says none: a grey picture stays grey."""


def describe(found: Sequence[FoundChannel], coarse: Callable[[int], Pixels]) -> tuple[Channel, ...]:
    """Each channel with its range, measured on ``coarse(number)``, (height, width) samples of a coarse level."""
    colours = COLOURS if len(found) > 1 else (ONLY,)
    return tuple(_channel(one, colours[number % len(colours)], coarse(number)) for number, one in enumerate(found))


def _channel(found: FoundChannel, colour: str, samples: Pixels) -> Channel:
    companded = found.bits > 8
    lowest, highest = (int(samples.min()), int(samples.max())) if companded and samples.size else (0, 255)
    if companded:
        # A coarse level is a mean: single cells of the finest are brighter, and are not cut off below this.
        lowest, highest = 0, min((1 << found.bits) - 1, max(255, 2 * highest))
    low, high = (
        (round(float(value)) for value in np.percentile(samples, (DARKEST, BRIGHTEST))) if samples.size else (0, 1)
    )
    return Channel(
        name=found.name,
        colour=found.colour or colour,
        lowest=lowest,
        highest=highest,
        low=low,
        high=max(high, low + 1),
        companded=companded,
    )


def eight_bits(samples: Pixels, channel: Channel) -> NDArray[np.uint8]:
    """What a tile of the channel holds, (height, width)."""
    if not channel.companded:
        return samples.astype(np.uint8, copy=False)
    return _roots(channel.lowest, channel.highest)[samples]


@lru_cache(maxsize=16)
def _roots(lowest: int, highest: int) -> NDArray[np.uint8]:
    """Of each sample of sixteen bits: a table, for a tile has as many samples and the next tile the same channel."""
    share = (np.arange(1 << 16, dtype=np.float32) - lowest) / max(1, highest - lowest)
    roots: NDArray[np.uint8] = (np.sqrt(np.clip(share, 0, 1)) * 255 + 0.5).astype(np.uint8)
    return roots


def samples(tile: NDArray[np.uint8], channel: Channel) -> Pixels:
    """What ``eight_bits`` was made from, as far as it can be known."""
    if not channel.companded:
        return tile
    share = (tile.astype(np.float32) / 255) ** 2
    return (channel.lowest + share * (channel.highest - channel.lowest) + 0.5).astype(np.uint16)


def looked(channels: Sequence[Channel], windows: Mapping[int, tuple[str, float, float]]) -> dict[int, Channel]:
    """Number → channel, of those in ``windows``, each with the colour, low and high that are said there; all of them as
    scanned where it names none that there is."""
    named = {number: windows[number] for number in sorted(windows) if number < len(channels)}
    if not named:
        return dict(enumerate(channels))
    return {
        number: replace(channels[number], colour=colour, low=round(low), high=max(round(high), round(low) + 1))
        for number, (colour, low, high) in named.items()
    }


def together(channels: Sequence[Channel], samples: Callable[[int], Pixels]) -> NDArray[np.uint8]:
    """(height, width, 3): each channel in its colour, between its own low and high, added to the others.

    There is at least one channel."""
    total = sum((_lit(channel, samples(number)) for number, channel in enumerate(channels)), np.float32(0.5))
    return np.asarray(np.clip(total, 0, 255), np.uint8)


def _lit(channel: Channel, samples: Pixels) -> NDArray[np.float32]:
    share = (samples.astype(np.float32) - channel.low) / max(1, channel.high - channel.low)
    return np.asarray(np.clip(share, 0, 1)[:, :, np.newaxis] * np.array(rgb(channel.colour)), np.float32)


def rgb(colour: str) -> tuple[int, int, int]:
    """Of ``#rrggbb``."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
