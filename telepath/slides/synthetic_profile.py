"""The ICC profile of a scanner that nobody built, for a generated slide: so that a viewer has colours to correct. Pure.

Source: ICC.1:2001-04 (matrix/TRC input profiles: header, tags, XYZType, curveType, textDescriptionType)."""

import struct
from typing import Final

_NAME: Final = "telepath demonstration scanner"
_GAMMA: Final = 2.0
_WHITE: Final = (0.9642, 1.0, 0.8249)
"""D50, to which the colours add up."""
_COLOURS: Final = ((0.4760, 0.2460, 0.0161), (0.3452, 0.6950, 0.0770), (0.1430, 0.0590, 0.7318))
"""XYZ of red, green and blue under D50: a little more vivid than sRGB's, as a scanner's lamp and filters are."""


def scanner_profile() -> bytes:
    gamma = struct.pack(">4sIIH", b"curv", 0, 1, round(_GAMMA * 256))
    tags = {b"desc": _description(_NAME), b"cprt": _text("No copyright, use freely"), b"wtpt": _xyz(_WHITE)}
    tags |= {
        name: _xyz(colour) for name, colour in zip((b"rXYZ", b"gXYZ", b"bXYZ"), _COLOURS, strict=True)
    } | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), gamma)
    table, data = bytearray(struct.pack(">I", len(tags))), bytearray()
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    header = struct.pack(
        ">I4s4s4s4s4s6H4s4sIII8sI12s4s44x",
        start + len(data),
        bytes(4),
        b"\2\x40\0\0",  # version 2.4
        b"scnr",
        b"RGB ",
        b"XYZ ",
        *(2026, 1, 1, 0, 0, 0),
        b"acsp",
        bytes(4),
        0,
        0,
        0,
        bytes(8),
        0,  # perceptual
        struct.pack(">3i", *map(_fixed, _WHITE)),
        bytes(4),
    )
    return header + bytes(table) + bytes(data)


def _fixed(number: float) -> int:
    """s15Fixed16Number."""
    return round(number * 65536)


def _xyz(colour: tuple[float, float, float]) -> bytes:
    return struct.pack(">4sI3i", b"XYZ ", 0, *map(_fixed, colour))


def _text(words: str) -> bytes:
    return struct.pack(">4sI", b"text", 0) + words.encode() + b"\0"


def _description(words: str) -> bytes:
    """Its Unicode and Macintosh parts are empty."""
    plain = words.encode() + b"\0"
    return struct.pack(">4sII", b"desc", 0, len(plain)) + plain + struct.pack(">IIHB67x", 0, 0, 0, 0)
