"""Reads the header of a JPEG stream, as far as it takes to send a stored tile to a browser untouched. Pure.

TIFF and DICOM keep JPEG tiles without some of what a file of its own needs: quantisation and Huffman tables stand once for
all tiles, and the colour space stands outside the stream. A browser knows only the stream, so we say it there.
Source: ITU-T T.81 B.2; T.872 6.5.3 (APP14 "Adobe"); libjpeg jdapimin.c default_decompress_parms.
"""

from enum import StrEnum
from typing import Final

import msgspec

SOI: Final = b"\xff\xd8"
APP14_RGB: Final = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
"""Adobe marker with transform 0: the three components are R, G and B."""

HEADER_BYTES: Final = 4096
"""Enough of a stored tile to see its header: tables and markers of real ones end below 1 kB."""

_READABLE_FRAMES: Final = {0xC0, 0xC1, 0xC2}
"""Baseline, extended and progressive Huffman: what browsers decode."""
_STANDALONE: Final = {0x01, *range(0xD0, 0xD9)}
_SCAN, _END, _APP0, _APP14 = 0xDA, 0xD9, 0xE0, 0xEE


class Colour(StrEnum):
    GREY = "grey"
    RGB = "rgb"
    YCBCR = "ycbcr"


class Header(msgspec.Struct, frozen=True):
    """What the segments before the picture data say."""

    width: int
    height: int
    precision: int
    components: bytes
    """Component identifiers, in order."""
    readable: bool
    """Whether a browser decodes this kind of frame."""
    jfif: bool
    adobe_transform: int | None

    @property
    def colour(self) -> Colour | None:
        """The colour space that a decoder concludes from the stream alone; None: none that we pass on."""
        if len(self.components) == 1:
            return Colour.GREY
        if len(self.components) != 3:
            return None
        if self.jfif:
            return Colour.YCBCR
        if self.adobe_transform is not None:
            return Colour.RGB if self.adobe_transform == 0 else Colour.YCBCR
        return Colour.RGB if self.components == b"RGB" else Colour.YCBCR


def read_header(stream: bytes) -> Header | None:
    """Return what stands before the first scan, or None when this is not the beginning of a JPEG picture."""
    if stream[:2] != SOI:
        return None
    jfif, adobe = False, None
    frame: tuple[int, bytes] | None = None
    position = 2
    while position + 4 <= len(stream):
        if stream[position] != 0xFF:
            return None
        marker = stream[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker in _STANDALONE:
            position += 2
            continue
        if marker in (_SCAN, _END):
            break
        length = int.from_bytes(stream[position + 2 : position + 4], "big")
        body = stream[position + 4 : position + 2 + length]
        if length < 2 or len(body) != length - 2:
            return None
        if marker == _APP0 and body[:5] == b"JFIF\0":
            jfif = True
        elif marker == _APP14 and body[:5] == b"Adobe" and len(body) >= 12:
            adobe = body[11]
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            frame = marker, body
        position += 2 + length
    if frame is None or len(frame[1]) < 6 or len(frame[1]) < 6 + 3 * frame[1][5]:
        return None
    marker, body = frame
    return Header(
        width=int.from_bytes(body[3:5], "big"),
        height=int.from_bytes(body[1:3], "big"),
        precision=body[0],
        components=bytes(body[6 + 3 * index] for index in range(body[5])),
        readable=marker in _READABLE_FRAMES,
        jfif=jfif,
        adobe_transform=adobe,
    )


def frame_end(stream: bytes) -> int | None:
    """Where the frame header ends, before which the size of the picture stands; None: there is none."""
    position = 2
    while position + 4 <= len(stream) and stream[position] == 0xFF:
        marker = stream[position + 1]
        if marker in (_SCAN, _END):
            return None
        if marker == 0xFF:
            position += 1
            continue
        if marker in _STANDALONE:
            position += 2
            continue
        position += 2 + int.from_bytes(stream[position + 2 : position + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return position if position <= len(stream) else None
    return None


def splice(prefix: bytes, tile: bytes) -> bytes:
    """The stream that a browser gets: ``prefix`` stands instead of the tile's own start marker."""
    return prefix + tile[2:]


def prefix_for(tile: bytes, tables: bytes, colour: Colour) -> bytes | None:
    """What to put in place of the first two bytes of a stored tile so that a decoder sees it as the file means it.

    ``tables`` is an abbreviated stream (SOI, tables, EOI) or empty; ``colour`` is what the file declares. None: the stream
    says otherwise in a way that a prefix cannot mend, so the tile must be decoded.
    The Adobe marker is added only where it is needed: on YCbCr tiles it would turn tissue green."""
    middle = b""
    if tables:
        if tables[:2] != SOI or tables[-2:] != b"\xff\xd9":
            return None
        middle = tables[2:-2]
    header = read_header(SOI + middle + tile[2:])
    if tile[:2] != SOI or header is None or not header.readable or header.precision != 8:
        return None
    if header.colour == colour:
        return SOI + middle
    if colour is Colour.RGB and header.adobe_transform is None and not header.jfif:
        return SOI + APP14_RGB + middle
    return None
