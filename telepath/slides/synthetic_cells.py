"""Cells of the generated slide: small stained pictures that are stamped into the tissue.

Amounts of dye, not colours: haematoxylin, eosin and saffron are added up where things overlap, and become light in the end
(Beer-Lambert). Lengths in px of 0.25 µm."""

from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Floats = NDArray[np.float32]
ORIENTATIONS: Final = 24
"""Steps of half a turn: a nucleus looks the same upside down."""
VARIANTS: Final = 10


class Cell:
    """``cover`` says how much of what lies below is hidden, the dyes what is there instead. All (height, width)."""

    __slots__ = ("cover", "eosin", "haematoxylin")

    def __init__(self, cover: Floats, haematoxylin: Floats, eosin: Floats) -> None:
        self.cover = cover.astype(np.float32)
        self.haematoxylin = haematoxylin.astype(np.float32)
        self.eosin = eosin.astype(np.float32)

    def stamp(self, haematoxylin: Floats, eosin: Floats, saffron: Floats, x: int, y: int) -> None:
        """Put the cell's centre at ``x, y`` of the three pictures of dye; what lies outside is cut off."""
        height, width = self.cover.shape
        left, top = x - width // 2, y - height // 2
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(eosin.shape[1], left + width), min(eosin.shape[0], top + height)
        if x0 >= x1 or y0 >= y1:
            return
        own = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
        there = slice(y0, y1), slice(x0, x1)
        cover = self.cover[own]
        below = haematoxylin[there]
        below += cover * (self.haematoxylin[own] - below)
        below = eosin[there]
        below += cover * (self.eosin[own] - below)
        saffron[there] *= 1 - cover


def smooth_noise(rng: Generator, shape: tuple[int, int], along: float, across: float) -> Floats:
    """Periodic noise of mean 0 and deviation 1, correlated over ``along`` px in x and ``across`` px in y."""
    spectrum = np.fft.rfft2(rng.standard_normal(shape))
    ky = np.fft.fftfreq(shape[0])[:, np.newaxis] * (2 * np.pi * across)
    kx = np.fft.rfftfreq(shape[1])[np.newaxis, :] * (2 * np.pi * along)
    spectrum *= np.exp(-0.5 * (kx**2 + ky**2))
    spectrum[0, 0] = 0
    noise = np.fft.irfft2(spectrum, shape)
    return np.asarray(noise / noise.std(), np.float32)


class _Chance:
    """Chance, and patches of noise: cut from a few large pictures, since thousands are needed."""

    SIZE: Final = 256

    def __init__(self, rng: Generator) -> None:
        self.rng = rng
        self.uniform = rng.uniform
        self._pictures: dict[tuple[float, float], Floats] = {}

    def noise(self, size: int, along: float, across: float) -> Floats:
        picture = self._pictures.get((along, across))
        if picture is None:
            picture = smooth_noise(self.rng, (self.SIZE, self.SIZE), along, across)
            self._pictures[along, across] = picture
        y, x = self.rng.integers(0, self.SIZE - size, 2)
        return picture[y : y + size, x : x + size]


def _step(value: Floats, low: float, high: float) -> Floats:
    """0 below ``low``, 1 above ``high``, smooth between."""
    share = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _grid(size: int, angle: float, stretch: tuple[float, float]) -> tuple[Floats, Floats, Floats]:
    """Coordinates turned by ``angle`` and divided by the half axes, and the distance in units of the outline."""
    y, x = np.mgrid[:size, :size].astype(np.float32) - (size - 1) / 2
    u = (x * np.cos(angle) + y * np.sin(angle)) / stretch[0]
    v = (-x * np.sin(angle) + y * np.cos(angle)) / stretch[1]
    return u, v, np.hypot(u, v)


def _wobble(chance: _Chance, u: Floats, v: Floats, amount: float) -> Floats:
    """1 on average, a little more or less around the outline."""
    theta = np.arctan2(v, u)
    phases = chance.uniform(0, 2 * np.pi, 4).astype(np.float32)
    waves = sum(np.sin((n + 2) * theta + phases[n]) / (n + 2) for n in range(4))
    return np.asarray(1 + amount * waves, np.float32)


def nucleus(
    chance: _Chance,
    angle: float,
    half_axes: tuple[float, float],
    density: float,
    *,
    clumps: float = 0.3,
    rim: float = 0.3,
    nucleoli: int = 0,
    wobble: float = 0.12,
) -> Cell:
    """A nucleus with its membrane, chromatin and nucleoli. ``density`` is the mean amount of haematoxylin."""
    size = int(2 * max(half_axes) * 1.25) + 8
    u, v, distance = _grid(size, angle, half_axes)
    distance = distance / _wobble(chance, u, v, wobble)
    soft = 1.1 / min(half_axes)
    cover = 1 - _step(distance, 1 - soft, 1 + soft)
    coarse = chance.noise(size, 2.6, 2.6)
    fine = chance.noise(size, 1.2, 1.2)
    chromatin = 1 + clumps * (0.75 * coarse + 0.45 * fine)
    membrane = rim * np.exp(-(((distance - 0.9) / 0.11) ** 2))
    haematoxylin = density * np.clip(chromatin + membrane, 0.25, 2.2)
    eosin = np.full_like(haematoxylin, 0.16)
    for _ in range(nucleoli):
        at = chance.uniform(-0.4, 0.4, 2)
        scale = chance.uniform(2.2, 3.6)
        spot = np.exp(-(((u - at[0]) * half_axes[0]) ** 2 + ((v - at[1]) * half_axes[1]) ** 2) / scale**2)
        haematoxylin = haematoxylin + density * 0.9 * spot
        eosin = eosin + 0.35 * spot
    return Cell(cover * 0.97, haematoxylin, eosin)


def _within(cell: Cell, size: int, shift: tuple[int, int]) -> tuple[Floats, Floats]:
    """``cell``'s cover and haematoxylin in a larger picture, moved by ``shift``."""
    cover, dye = np.zeros((size, size), np.float32), np.zeros((size, size), np.float32)
    height, width = cell.cover.shape
    top, left = (size - height) // 2 + shift[1], (size - width) // 2 + shift[0]
    cover[top : top + height, left : left + width] = cell.cover
    dye[top : top + height, left : left + width] = cell.haematoxylin
    return cover, dye


def plasma_cell(chance: _Chance, angle: float) -> Cell:
    """An eccentric nucleus with its chromatin at the rim, in basophilic cytoplasm with a pale zone beside it."""
    size = 56
    u, v, distance = _grid(size, angle, (20, 14))
    body = 1 - _step(distance / _wobble(chance, u, v, 0.1), 0.9, 1.08)
    shift = round(8 * np.cos(angle)), round(8 * np.sin(angle))
    inner = nucleus(chance, chance.uniform(0, np.pi), (10.5, 10), 0.8, clumps=0.45, rim=0.5)
    cover, dye = _within(inner, size, shift)
    pale = np.exp(-((u + 0.05) ** 2 + v**2) / 0.09)
    cytoplasm = 0.27 - 0.14 * pale + 0.03 * chance.noise(size, 2, 2)
    haematoxylin = cytoplasm * (1 - cover) + dye * cover
    eosin = (0.42 - 0.12 * pale) * (1 - cover) + 0.15 * cover
    return Cell(np.maximum(body * 0.85, cover), haematoxylin, eosin)


def eosinophil(chance: _Chance, angle: float) -> Cell:
    """Two lobes in cytoplasm full of bright granules."""
    size = 52
    u, v, distance = _grid(size, angle, (16, 14))
    body = 1 - _step(distance / _wobble(chance, u, v, 0.08), 0.9, 1.08)
    cover, dye = np.zeros((size, size), np.float32), np.zeros((size, size), np.float32)
    for side in (-1, 1):
        lobe = nucleus(chance, angle, (6.5, 5.5), 1.0, clumps=0.2)
        shift = round(side * 6.5 * np.cos(angle)), round(side * 6.5 * np.sin(angle))
        one, amount = _within(lobe, size, shift)
        dye = np.where(one > cover, amount, dye)
        cover = np.maximum(cover, one)
    granules = np.clip(0.95 + 0.35 * chance.noise(size, 1.3, 1.3), 0.4, 1.7)
    haematoxylin = 0.02 * (1 - cover) + dye * cover
    eosin = granules * (1 - cover) + 0.2 * cover
    return Cell(np.maximum(body * 0.92, cover), haematoxylin, eosin)


def mitosis(chance: _Chance, angle: float) -> Cell:
    """A metaphase plate, or two daughter plates, in a cleared round cell: no membrane, hairy edges, very dark."""
    size = 72
    u, v, distance = _grid(size, angle, (26, 24))
    body = 1 - _step(distance / _wobble(chance, u, v, 0.06), 0.9, 1.06)
    edge = 0.55 * chance.noise(size, 1.6, 1.6) + 0.35 * chance.noise(size, 3, 3)
    plates = (-0.38, 0.38) if chance.rng.random() < 0.35 else (0.0,)
    plate = np.zeros((size, size), np.float32)
    for at in plates:
        reach = np.hypot((u - at) * 26 / 5.2, v * 24 / 16.5)
        plate = np.maximum(plate, 1 - _step(reach - 0.28 * edge, 0.75, 1.15))
    haematoxylin = 0.05 + 1.75 * plate
    eosin = 0.3 + 0.05 * chance.noise(size, 2, 2)
    return Cell(np.maximum(body * 0.8, plate), haematoxylin, eosin * np.ones_like(body))


def apoptotic_body(chance: _Chance, angle: float) -> Cell:
    """Shrunken, bright cytoplasm, dense globules, a halo."""
    size = 44
    u, v, distance = _grid(size, angle, (9, 8))
    body = 1 - _step(distance, 0.85, 1.1)
    halo = 1 - _step(distance, 1.5, 1.9)
    dots = np.zeros((size, size), np.float32)
    for _ in range(3):
        at = chance.uniform(-0.5, 0.5, 2)
        dots = np.maximum(dots, np.exp(-(((u - at[0]) * 9) ** 2 + ((v - at[1]) * 8) ** 2) / chance.uniform(5, 12)))
    return Cell(np.maximum(halo * 0.85, body), 1.5 * dots * body, 0.85 * body)


def goblet(chance: _Chance, angle: float) -> Cell:
    """The mucus of a goblet cell: a pale, slightly blue drop with fine strands."""
    size = 72
    u, v, distance = _grid(size, angle, (27 * chance.uniform(0.85, 1.15), 16.5 * chance.uniform(0.85, 1.1)))
    distance = distance / _wobble(chance, u, v, 0.1)
    inside = 1 - _step(distance, 0.86, 1.02)
    membrane = np.exp(-(((distance - 0.98) / 0.07) ** 2))
    strands = chance.noise(size, 3, 1.4)
    haematoxylin = 0.105 + 0.03 * strands + 0.1 * membrane
    eosin = 0.05 + 0.02 * strands + 0.22 * membrane
    return Cell(np.maximum(0.95 * inside, 0.7 * membrane), haematoxylin, eosin)


def red_cell(chance: _Chance, angle: float) -> Cell:
    """A disc of 7 µm, often bent, paler in its middle."""
    size = 40
    half = 14 * chance.uniform(0.9, 1.05), 14 * chance.uniform(0.6, 1.0)
    u, v, distance = _grid(size, angle, half)
    disc = 1 - _step(distance / _wobble(chance, u, v, 0.07), 0.9, 1.05)
    eosin = 1.02 * chance.uniform(0.85, 1.1) * (1 - 0.3 * np.exp(-((distance / 0.5) ** 2)))
    return Cell(disc * 0.94, np.full_like(disc, 0.02), eosin.astype(np.float32))


class Kit:
    """All cells of a slide, ready to stamp: ``kind → orientation → variants``, orientation in steps of half a turn."""

    def __init__(self, rng: Generator) -> None:
        chance = _Chance(rng)

        def turned(make: object, variants: int = VARIANTS) -> list[list[Cell]]:
            steps = (np.pi * step / ORIENTATIONS for step in range(ORIENTATIONS))
            return [[make(angle) for _ in range(variants)] for angle in steps]  # type: ignore[operator]

        uniform = rng.uniform
        self.epithelial = turned(
            lambda a: nucleus(
                chance, a, (uniform(16, 20), uniform(10, 12.5)), uniform(0.5, 0.66), clumps=0.27, nucleoli=1
            )
        )
        self.adenomatous = turned(
            lambda a: nucleus(
                chance, a, (uniform(21, 29), uniform(8.5, 11.5)), uniform(0.72, 0.98), clumps=0.24, rim=0.2, nucleoli=1
            )
        )
        self.lymphocyte = turned(
            lambda a: nucleus(chance, a, (uniform(12, 14.5), uniform(11, 13)), uniform(0.92, 1.15), clumps=0.3), 3
        )
        self.centrocyte = turned(
            lambda a: nucleus(
                chance, a, (uniform(15, 20), uniform(12, 16)), uniform(0.42, 0.6), clumps=0.36, nucleoli=2
            ),
            3,
        )
        self.fibroblast = turned(
            lambda a: nucleus(chance, a, (uniform(24, 38), uniform(4.2, 6.5)), uniform(0.75, 1.0), clumps=0.2)
        )
        self.muscle = turned(
            lambda a: nucleus(
                chance, a, (uniform(26, 38), uniform(5.5, 7.5)), uniform(0.52, 0.7), clumps=0.22, wobble=0.05
            )
        )
        self.spindle = turned(
            lambda a: nucleus(
                chance, a, (uniform(24, 40), uniform(8, 12)), uniform(0.6, 0.95), clumps=0.38, nucleoli=2, wobble=0.16
            )
        )
        self.plasma = turned(lambda a: plasma_cell(chance, a + np.pi * rng.integers(2)), 4)
        self.eosinophil = turned(lambda a: eosinophil(chance, a), 2)
        self.mitosis = turned(lambda a: mitosis(chance, a), 3)
        self.apoptotic = turned(lambda a: apoptotic_body(chance, a), 1)
        self.goblet = turned(lambda a: goblet(chance, a), 4)
        self.red = turned(lambda a: red_cell(chance, a), 4)
