"""Colour profiles made byte by byte (ICC.1:2001-04 and ICC.1:2022), and how far two colours are from each other (CIEDE2000)."""

import struct
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Chromaticities = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]

SRGB: Final[Chromaticities] = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
ADOBE: Final[Chromaticities] = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
P3: Final[Chromaticities] = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
WIDE: Final[Chromaticities] = ((0.7347, 0.2653), (0.1152, 0.8264), (0.1566, 0.0177))
SCANNER: Final[Chromaticities] = ((0.66, 0.32), (0.27, 0.65), (0.14, 0.05))
D50: Final = np.array([0.9642, 1.0, 0.8249])
D65: Final = np.array([0.95047, 1.0, 1.08883])
BRADFORD: Final = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def power(gamma: float) -> Curve:
    return lambda values: values**gamma


def srgb_light(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """IEC 61966-2-1: from samples of 0 to 1 to light."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def matrix(primaries: Chromaticities, white: NDArray[np.float64] = D65) -> NDArray[np.float64]:
    """From the light of red, green and blue to XYZ, adapted to D50 (Bradford)."""
    columns = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in primaries]).T
    columns = columns * np.linalg.solve(columns, white)
    cone, target = BRADFORD @ white, BRADFORD @ D50
    return np.asarray(np.linalg.inv(BRADFORD) @ np.diag(target / cone) @ BRADFORD @ columns)


def matrix_profile(
    primaries: Chromaticities, gamma: float | None, name: str = "Test scanner", kind: str = "scnr"
) -> bytes:
    """A profile of a matrix and a curve for all three; ``gamma`` None: sRGB's curve, as a table of 1024 steps."""
    columns = matrix(primaries)
    if gamma is not None:
        curve = b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256))
    else:
        steps = np.rint(srgb_light(np.linspace(0, 1, 1024)) * 65535).astype(">u2")
        curve = b"curv" + struct.pack(">II", 0, 1024) + steps.tobytes()
    tags = {"rXYZ": _xyz(columns[:, 0]), "gXYZ": _xyz(columns[:, 1]), "bXYZ": _xyz(columns[:, 2])}
    tags |= dict.fromkeys(("rTRC", "gTRC", "bTRC"), curve)
    return _profile(tags, name, kind, "XYZ ")


def parametric_profile(primaries: Chromaticities, name: str = "Test v4") -> bytes:
    """Version 4: curves with a toe of their own for each colour (parametricCurveType 3)."""
    columns = matrix(primaries)
    tags = {"rXYZ": _xyz(columns[:, 0]), "gXYZ": _xyz(columns[:, 1]), "bXYZ": _xyz(columns[:, 2])}
    for tag, gamma in (("rTRC", 2.4), ("gTRC", 2.3), ("bTRC", 2.5)):
        values = (gamma, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
        tags[tag] = b"para" + struct.pack(">IHH", 0, 3, 0) + b"".join(_fixed(value) for value in values)
    return _profile(tags, name, "scnr", "XYZ ", version=4)


def table_profile(primaries: Chromaticities, light: Curve, name: str = "Test tables", side: int = 17) -> bytes:
    """As makers of scanners write them: a table of ``side``³ colours in Lab (A2B0, lut16Type), with curves that bend its
    entries where the eye sees most, and a look of its own: a little more contrast and saturation."""
    axis = np.linspace(0, 1, side)
    red, green, blue = np.meshgrid(axis, axis, axis, indexing="ij")
    rgb = np.stack([red, green, blue], -1).reshape(-1, 3)
    lab = to_lab(light(rgb) @ matrix(primaries).T, D50)
    lab[:, 0] = np.clip(lab[:, 0] + 3 * np.sin(np.pi * (lab[:, 0] - 50) / 50), 0, 100)
    lab[:, 1:] *= 1.08
    coded = np.stack([lab[:, 0] * 652.8, (lab[:, 1] + 128) * 256, (lab[:, 2] + 128) * 256], -1)
    entries = np.clip(np.rint(coded), 0, 65535).astype(">u2").tobytes()
    straight = np.array([0, 65535], ">u2").tobytes() * 3
    head = b"mft2" + struct.pack(">IBBBB", 0, 3, 3, side, 0)
    head += b"".join(_fixed(value) for value in (1, 0, 0, 0, 1, 0, 0, 0, 1)) + struct.pack(">HH", 2, 2)
    return _profile({"A2B0": head + straight + entries + straight}, name, "scnr", "Lab ")


def scanners() -> dict[str, bytes]:
    """Profiles as different as scanners are."""
    return {
        "wide gamut, gamma 1.8": matrix_profile(WIDE, 1.8),
        "Adobe RGB": matrix_profile(ADOBE, 2.19921875),
        "scanner, gamma 1.8": matrix_profile(SCANNER, 1.8),
        "Display P3, curve as a table": matrix_profile(P3, None),
        "version 4, parametric": parametric_profile(SCANNER),
        "tables (A2B0), wide": table_profile(SCANNER, power(2.0)),
        "tables (A2B0), sRGB": table_profile(SRGB, srgb_light, side=33),
    }


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _xyz(values: Sequence[float] | NDArray[np.float64]) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(_fixed(float(value)) for value in values)


def _profile(tags: dict[str, bytes], name: str, kind: str, connection: str, version: int = 2) -> bytes:
    if version == 2:
        text = name.encode("ascii") + b"\0"
        described = b"desc" + struct.pack(">II", 0, len(text)) + text + bytes(4 + 4 + 2 + 1 + 67)
        rights = b"text" + bytes(4) + b"CC0\0"
    else:
        described, rights = _words(name), _words("CC0")
    tags = {"desc": described, "cprt": rights, "wtpt": _xyz(D50), **tags}
    body, table, at = b"", b"", 128 + 4 + 12 * len(tags)
    placed: dict[bytes, int] = {}
    for tag, data in tags.items():
        if data not in placed:
            placed[data] = at + len(body)
            body += data + bytes(-len(data) % 4)
        table += tag.encode() + struct.pack(">II", placed[data], len(data))
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"", version << 24, kind.encode(), b"RGB ", connection.encode())
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(4 * 7) + b"".join(map(_fixed, D50))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def _words(text: str) -> bytes:
    """multiLocalizedUnicodeType."""
    coded = text.encode("utf-16-be")
    return b"mluc" + struct.pack(">III", 0, 1, 12) + b"enUS" + struct.pack(">II", len(coded), 28) + coded


def to_lab(xyz: NDArray[np.float64], white: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIE 15: L*, a*, b* of (…, 3)."""
    share = xyz / white
    bent = np.where(share > (6 / 29) ** 3, np.cbrt(np.maximum(share, 0)), share / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = bent[..., 0], bent[..., 1], bent[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def lab_of_srgb(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    return to_lab(srgb_light(pixels / 255) @ matrix(SRGB).T, D50)


def delta_e(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIEDE2000 of two (…, 3) in L*, a*, b*. Source: Sharma, Wu, Dalal, Color Res. Appl. 30 (2005) 21, equations 2 to 22."""
    chroma_mean = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(other[..., 1], other[..., 2])) / 2
    bend = 0.5 * (1 - np.sqrt(chroma_mean**7 / (chroma_mean**7 + 25.0**7)))
    a1, a2 = (1 + bend) * one[..., 1], (1 + bend) * other[..., 1]
    c1, c2 = np.hypot(a1, one[..., 2]), np.hypot(a2, other[..., 2])
    h1 = np.degrees(np.arctan2(one[..., 2], a1)) % 360
    h2 = np.degrees(np.arctan2(other[..., 2], a2)) % 360
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, (h2 - h1 + 180) % 360 - 180)
    turn = np.where(~grey & (np.abs(h2 - h1) == 180), h2 - h1, turn)
    lightness, chroma = other[..., 0] - one[..., 0], c2 - c1
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    l_mean, c_mean = (one[..., 0] + other[..., 0]) / 2, (c1 + c2) / 2
    total = h1 + h2
    apart = np.abs(h1 - h2) > 180
    h_mean = np.where(
        grey, total, np.where(~apart, total / 2, np.where(total < 360, (total + 360) / 2, (total - 360) / 2))
    )
    weight = (
        1
        - 0.17 * np.cos(np.radians(h_mean - 30))
        + 0.24 * np.cos(np.radians(2 * h_mean))
        + 0.32 * np.cos(np.radians(3 * h_mean + 6))
        - 0.20 * np.cos(np.radians(4 * h_mean - 63))
    )
    s_l = 1 + 0.015 * (l_mean - 50) ** 2 / np.sqrt(20 + (l_mean - 50) ** 2)
    s_c, s_h = 1 + 0.045 * c_mean, 1 + 0.015 * c_mean * weight
    rotation = -np.sin(np.radians(60 * np.exp(-(((h_mean - 275) / 25) ** 2)))) * 2
    rotation = rotation * np.sqrt(c_mean**7 / (c_mean**7 + 25.0**7))
    found: NDArray[np.float64] = np.sqrt(
        (lightness / s_l) ** 2 + (chroma / s_c) ** 2 + (hue / s_h) ** 2 + rotation * (chroma / s_c) * (hue / s_h)
    )
    return found


SHARMA: Final = (
    (50.0000, 2.6772, -79.7751, 50.0000, 0.0000, -82.7485, 2.0425),
    (50.0000, 3.1571, -77.2803, 50.0000, 0.0000, -82.7485, 2.8615),
    (50.0000, 2.8361, -74.0200, 50.0000, 0.0000, -82.7485, 3.4412),
    (50.0000, -1.3802, -84.2814, 50.0000, 0.0000, -82.7485, 1.0000),
    (50.0000, -1.1848, -84.8006, 50.0000, 0.0000, -82.7485, 1.0000),
    (50.0000, -0.9009, -85.5211, 50.0000, 0.0000, -82.7485, 1.0000),
    (50.0000, 0.0000, 0.0000, 50.0000, -1.0000, 2.0000, 2.3669),
    (50.0000, -1.0000, 2.0000, 50.0000, 0.0000, 0.0000, 2.3669),
    (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0009, 7.1792),
    (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0010, 7.1792),
    (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0011, 7.2195),
    (50.0000, 2.4900, -0.0010, 50.0000, -2.4900, 0.0012, 7.2195),
    (50.0000, -0.0010, 2.4900, 50.0000, 0.0009, -2.4900, 4.8045),
    (50.0000, -0.0010, 2.4900, 50.0000, 0.0010, -2.4900, 4.8045),
    (50.0000, -0.0010, 2.4900, 50.0000, 0.0011, -2.4900, 4.7461),
    (50.0000, 2.5000, 0.0000, 50.0000, 0.0000, -2.5000, 4.3065),
    (50.0000, 2.5000, 0.0000, 73.0000, 25.0000, -18.0000, 27.1492),
    (50.0000, 2.5000, 0.0000, 61.0000, -5.0000, 29.0000, 22.8977),
    (50.0000, 2.5000, 0.0000, 56.0000, -27.0000, -3.0000, 31.9030),
    (50.0000, 2.5000, 0.0000, 58.0000, 24.0000, 15.0000, 19.4535),
    (50.0000, 2.5000, 0.0000, 50.0000, 3.1736, 0.5854, 1.0000),
    (50.0000, 2.5000, 0.0000, 50.0000, 3.2972, 0.0000, 1.0000),
    (50.0000, 2.5000, 0.0000, 50.0000, 1.8634, 0.5757, 1.0000),
    (50.0000, 2.5000, 0.0000, 50.0000, 3.2592, 0.3350, 1.0000),
    (60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644),
    (63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630),
    (61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731),
    (35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645),
    (22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373),
    (36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146),
    (90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441),
    (90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381),
    (6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377),
    (2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082),
)
"""Pairs of colours and how far they are apart. Source: the same paper, table 1."""
