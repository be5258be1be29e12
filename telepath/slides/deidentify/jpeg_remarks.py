"""What a JPEG or JPEG 2000 stream says besides its picture: remarks, EXIF, XMP, IPTC. Pure.

Source: ITU-T T.81 B.1.1; T.800 A.9.2."""

import re
from typing import Final

HEAD: Final = 2048
HEAD_LIMIT: Final = 1 << 20
"""Bytes of a stream that are looked at first, and at most."""
_SUSPECT: Final = re.compile(rb"\xff[\xe1\xe3-\xed\xef\xfe]|\xff\xe2|\xff\x64")
_KEPT: Final = (b"ICC_PROFILE\0",)


def spans(head: bytes) -> list[tuple[int, int]] | None:
    """Start and end of each in the first bytes of a stream; None: more of it is needed. APP0 (JFIF), APP14 (Adobe: which
    colours) and colour profiles are of the picture."""
    if not _SUSPECT.search(head):
        return []  # by far the most; what stands behind the header is seen by no reader
    if head[:2] == b"\xff\xd8":
        return _jpeg(head)
    if head[:4] == b"\xff\x4f\xff\x51":
        return _codestream(head)
    return []


def _jpeg(head: bytes) -> list[tuple[int, int]] | None:
    found: list[tuple[int, int]] = []
    place = 2
    while True:
        if place + 4 > len(head):
            return None
        marker = head[place + 1]
        if head[place] != 0xFF or marker in (0xDA, 0xD9):
            return found
        if marker == 0xFF:
            place += 1
            continue
        end = place + 2 + int.from_bytes(head[place + 2 : place + 4])
        remark = marker == 0xFE or (0xE1 <= marker <= 0xEF and marker != 0xEE)
        if remark and not head[place + 4 :].startswith(_KEPT):
            found.append((place + 4, end))
        place = end


def _codestream(head: bytes) -> list[tuple[int, int]] | None:
    found: list[tuple[int, int]] = []
    place = 2
    while True:
        if place + 4 > len(head):
            return None
        marker = head[place : place + 2]
        if marker[0] != 0xFF or marker in (b"\xff\x90", b"\xff\xd9"):
            return found
        end = place + 2 + int.from_bytes(head[place + 2 : place + 4])
        if marker == b"\xff\x64":
            found.append((place + 6, end))
        place = end
