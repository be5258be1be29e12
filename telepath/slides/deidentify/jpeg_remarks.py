"""What a JPEG or JPEG 2000 stream says besides its picture: remarks, EXIF, XMP, IPTC. Pure.

Source: ITU-T T.81 B.1.1; T.800 A.9.2."""

import re
from collections.abc import Callable
from typing import Final

HEAD: Final = 2048
HEAD_LIMIT: Final = 1 << 20
"""Bytes of a stream that are looked at first, and at most."""
_SUSPECT: Final = re.compile(rb"\xff[\xe1\xe3-\xed\xef\xfe]|\xff\xe2|\xff\x64")
_KEPT: Final = (b"ICC_PROFILE\0",)


def of_stream(read: Callable[[int], bytes], length: int) -> list[tuple[int, int]]:
    """Start and end of each in a stream of ``length`` bytes, of which ``read`` gives the first so many.

    Of a header longer than HEAD_LIMIT, which no scanner writes, nothing stays from there on."""
    found, further = _spans(read(min(length, HEAD)))
    if further is not None and length > HEAD:
        found, further = _spans(read(min(length, HEAD_LIMIT)))
    if further is not None and length > HEAD_LIMIT:
        found.append((further, length))
    return [(first, min(last, length)) for first, last in found if first < length]


def spans(head: bytes) -> list[tuple[int, int]]:
    """As ``of_stream``, of one that is there whole."""
    return of_stream(lambda length: head[:length], len(head))


_Found = tuple[list[tuple[int, int]], int | None]
"""Of the first bytes of a stream; and where the next segment begins, when these are not all of its header."""


def _spans(head: bytes) -> _Found:
    """APP0 (JFIF), APP14 (Adobe: which colours) and colour profiles are of the picture."""
    is_jpeg, is_codestream = head[:2] == b"\xff\xd8", head[:4] == b"\xff\x4f\xff\x51"
    if (b"\xff\xda" if is_jpeg else b"\xff\x90") in head and not _SUSPECT.search(head):
        return [], None  # by far the most; what stands behind the header is seen by no reader
    return _jpeg(head) if is_jpeg else _codestream(head) if is_codestream else ([], None)


def _jpeg(head: bytes) -> _Found:
    found: list[tuple[int, int]] = []
    place = 2
    while True:
        if place + 4 > len(head):
            return found, place
        marker = head[place + 1]
        if head[place] != 0xFF or marker in (0xDA, 0xD9):
            return found, None
        if marker == 0xFF:
            place += 1
            continue
        end = place + 2 + int.from_bytes(head[place + 2 : place + 4])
        remark = marker == 0xFE or (0xE1 <= marker <= 0xEF and marker != 0xEE)
        if remark and not head[place + 4 :].startswith(_KEPT):
            found.append((place + 4, end))
        place = end


def _codestream(head: bytes) -> _Found:
    found: list[tuple[int, int]] = []
    place = 2
    while True:
        if place + 4 > len(head):
            return found, place
        marker = head[place : place + 2]
        if marker[0] != 0xFF or marker in (b"\xff\x90", b"\xff\xd9"):
            return found, None
        end = place + 2 + int.from_bytes(head[place + 2 : place + 4])
        if marker == b"\xff\x64":
            found.append((place + 6, end))
        place = end
