"""What a scanner's colour profile does to colours, as a table that the viewer applies. Runs in the sandbox: a profile's bytes
are a stranger's.

Tiles go to the browser as the scanner wrote them. So the ICC profile of a slide is turned once into a table of 33³ colours
(``colour.lut``), sent once a slide, and the viewer carries each pixel through it (web/client/src/lut.ts, which mirrors
``NODES`` and ``applied``). The table holds what LittleCMS makes of the 33³ colours whose red, green and blue are NODES, red
slowest: three signed 16-bit numbers each, little endian, sRGB in steps of 1/255. NODES are whole numbers, so that 8 bits ask
for exactly these colours. Where a colour is outside sRGB the table says how far: were it cut off there, the colours just
inside would be wrong by up to half a cell (ΔE00 2.4 instead of 1.6 in dark tissue of a wide profile).
"""

import hashlib
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from telepath.slides import pictures
from telepath.slides.profile import SIDE, Profile, State

NODES: Final = tuple(round(255 * (step / 32) ** 1.2) for step in range(SIDE))
"""Sample values at which the table was asked: 0, 4, 9, 15, … 236, 245, 255. Closer in the dark, where curves bend most."""
OUTSIDE: Final = 128
"""How far below 0 and above 255 the table goes."""
PROFILE_BYTES: Final = 8 << 20
"""Scanners' profiles have 500 bytes to 2 MB."""
CLASSES: Final = frozenset({"scnr", "mntr", "spac"})
"""Classes of profiles that say what an RGB picture looks like (ICC.1 7.2.5): scanners, displays, colour spaces."""
NAME_LENGTH: Final = 80
LIGHT_STEPS: Final = 64
"""White glass is lighter than black by at least so many of 255, after the profile: one that darkens it is damaged."""
SAME: Final = 1
"""A table that moves no colour by more is that of sRGB itself: nothing is to be corrected."""

FROM_XYZ: Final = np.linalg.inv(
    np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
)


class Colour(msgspec.Struct, frozen=True):
    """``lut`` is empty unless the profile is APPLIED."""

    profile: Profile = Profile()
    lut: bytes = b""


def read(profile: bytes | None) -> Colour:
    """What is to be done with the profile of a slide. Never fails: a profile that cannot be used says so in its state."""
    if not profile:
        return Colour()
    digest = hashlib.sha256(profile).hexdigest()

    def said(state: State, name: str = "") -> Profile:
        return Profile(name, digest, len(profile), state)

    if len(profile) > PROFILE_BYTES:
        return Colour(said(State.UNSUITABLE))
    try:
        found, space, kind = pictures.described(profile)
    except ValueError:
        return Colour(said(State.DAMAGED))
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in found).split())[:NAME_LENGTH]
    if space != "RGB" or kind not in CLASSES:
        return Colour(said(State.UNSUITABLE, name))
    try:
        table = pictures.through(profile, grid())
    except ValueError:
        return Colour(said(State.DAMAGED, name))
    if int(table[-1, -1].min()) - int(table[0, 0].max()) < LIGHT_STEPS:
        return Colour(said(State.DAMAGED, name))
    if np.abs(table.astype(int) - grid()).max() <= SAME:
        return Colour(said(State.SRGB, name))
    return Colour(said(State.APPLIED, name), _opened(profile, table).tobytes())


def _opened(profile: bytes, table: NDArray[np.uint8]) -> NDArray[np.int16]:
    """The table, and where sRGB ends (0, 255) how far beyond it the colour lies."""
    found = table.astype("<i2")
    beyond = np.rint(255 * _encoded(_light(pictures.unbounded(profile, grid())))).clip(-OUTSIDE, 255 + OUTSIDE)
    below, above = (table == 0) & (beyond < 0), (table == 255) & (beyond > 255)
    found[below], found[above] = beyond[below], beyond[above]
    return found


def _light(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light of sRGB's red, green and blue, of L*, a*, b* under D50; below 0 and above 1 outside of it. Source: CIE 15; the
    matrix is the inverse of sRGB's columns as its profile has them (IEC 61966-2-1, adapted to D50)."""
    middle = (lab[..., 0] + 16) / 116
    bent = np.stack([middle + lab[..., 1] / 500, middle, middle - lab[..., 2] / 200], -1)
    xyz = np.where(bent > 6 / 29, bent**3, 3 * (6 / 29) ** 2 * (bent - 4 / 29)) * (0.9642, 1.0, 0.8249)
    return np.asarray(xyz @ FROM_XYZ.T)


def _encoded(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB's curve (IEC 61966-2-1), mirrored below 0 as IEC 61966-2-2 has it."""
    size = np.abs(light)
    return np.sign(light) * np.where(size <= 0.0031308, 12.92 * size, 1.055 * size ** (1 / 2.4) - 0.055)


def shown(profile: bytes | None, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(height, width, 3) as the viewer shows them: in sRGB where the profile can be applied, else as they are."""
    if profile and read(profile).profile.applied:
        return pictures.through(profile, pixels)
    return pixels


def grid() -> NDArray[np.uint8]:
    """(33, 33², 3): the colours of the table, as they are asked."""
    steps = np.array(NODES, np.uint8)
    red, green, blue = np.meshgrid(steps, steps, steps, indexing="ij")
    return np.stack([red, green, blue], -1).reshape(SIDE, SIDE * SIDE, 3)


def applied(lut: bytes, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(height, width, 3) through the table: of the eight colours around a pixel the four of the tetrahedron that holds it,
    each by its share (Kasson et al., SPIE 2658, 1996).

    The shares are whole numbers of 1/65536, as in the viewer: both give the same bytes."""
    table = np.frombuffer(lut, "<i2").reshape(SIDE, SIDE, SIDE, 3).astype(np.int64)
    nodes = np.array(NODES)
    below = np.minimum(np.searchsorted(nodes, np.arange(256), "right") - 1, SIDE - 2)
    share = ((np.arange(256) - nodes[below]) * 65536 + (nodes[below + 1] - nodes[below]) // 2) // (
        nodes[below + 1] - nodes[below]
    )
    flat = pixels.reshape(-1, 3)
    corner, shares = below[flat], share[flat]
    order = np.argsort(-shares, axis=1, kind="stable")
    sorted_shares = np.take_along_axis(shares, order, axis=1)
    at = corner.copy()
    rows = np.arange(len(flat))
    total = table[at[:, 0], at[:, 1], at[:, 2]] * (65536 - sorted_shares[:, :1])
    for step in range(3):
        at[rows, order[:, step]] += 1
        left = sorted_shares[:, step] - (sorted_shares[:, step + 1] if step < 2 else 0)
        total += table[at[:, 0], at[:, 1], at[:, 2]] * left[:, np.newaxis]
    return np.asarray(((total + 32768) >> 16).clip(0, 255).astype(np.uint8).reshape(pixels.shape))
