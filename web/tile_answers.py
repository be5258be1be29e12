"""What can be answered to the request of a tile, and what of a request counts. Shared by the ASGI way and the lane
(web/tile_lane.py), which put it into bytes each in their manner."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.types import Scope

from telepath.errors import NotFound, TelepathError, TileUnreadable
from web.sent_regions import AskedFrom

Headers = list[tuple[bytes, bytes]]


class Kind:
    """A status with its headers, but for ETag and Content-Length; ``wire``: the headers as they go out."""

    def __init__(self, status: int, headers: Headers) -> None:
        self.status = status
        self.headers = headers
        self.line = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
        self.wire = b"".join(b"%b: %b\r\n" % header for header in headers)
        self.measured = status != HTTPStatus.NOT_MODIFIED


Pieces = Sequence[bytes | memoryview]


class Answer(msgspec.Struct, frozen=True, gc=False):
    """``etag``: empty for what has none. ``size``: bytes of all ``pieces`` of the body."""

    kind: Kind
    etag: bytes
    size: int
    pieces: Pieces


def words(kind: Kind, text: bytes) -> Answer:
    return Answer(kind, b"", len(text), (text,))


# The bytes of a tile never change under its address; the right to see it does: so it is asked again after five minutes.
_PRIVATE: Final = [
    (b"cache-control", b"private, max-age=300, immutable"),
    (b"vary", b"Cookie"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
]
_NOT_STORED: Final = [
    (b"cache-control", b"no-store"),
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
]
JPEG: Final = Kind(200, [(b"content-type", b"image/jpeg"), *_PRIVATE])
AVIF: Final = Kind(200, [(b"content-type", b"image/avif"), *_PRIVATE])
SAME: Final = Kind(304, _PRIVATE)
# The same tiles hardly ever come together again, and a part that is missing now is there in a moment: the viewer keeps the
# tiles itself, each under its own address.
BATCH: Final = Kind(
    200,
    [
        (b"content-type", b"application/vnd.telepath.tiles"),
        (b"cache-control", b"no-store"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"x-content-type-options", b"nosniff"),
    ],
)

NOT_FOUND: Final = words(Kind(404, _NOT_STORED), b"not found")
NOT_ALLOWED: Final = words(Kind(405, [*_NOT_STORED, (b"allow", b"GET, HEAD")]), b"method not allowed")
# The viewer marks the tile as unreadable: a white one would pass for glass.
UNREADABLE: Final = words(Kind(422, [*_NOT_STORED, (b"telepath-tile", b"unreadable")]), b"unreadable tile")
UNAVAILABLE: Final = words(Kind(503, [*_NOT_STORED, (b"retry-after", b"5")]), b"unavailable")
BUILDING: Final = words(
    Kind(503, [*_NOT_STORED, (b"retry-after", b"5"), (b"telepath-tile", b"building")]), b"being built"
)


def private() -> Headers:
    """For what only who may see the slide gets, and keeps for five minutes."""
    return list(_PRIVATE)


def not_kept() -> Headers:
    """For what may be otherwise the next time."""
    return [(b"cache-control", b"no-store"), *_PRIVATE[2:]]


def is_held(etags: bytes, etag: bytes) -> bool:
    """Whether If-None-Match names it. RFC 9110 13.1.2: a list, weak ones too, or any."""
    return bool(etags and etag) and (etag in etags or etags == b"*")


def refusal(error: TelepathError) -> Answer:
    if isinstance(error, TileUnreadable):
        return UNREADABLE
    return NOT_FOUND if isinstance(error, NotFound) else UNAVAILABLE


class Asked(msgspec.Struct, frozen=True):
    """What a request says, besides its method and path. ``etags``: of If-None-Match. ``scope``: for whoever asks from where."""

    cookie: bytes
    etags: bytes
    our_site: bool
    asked_from: AskedFrom
    scope: Scope


def asked(headers: Headers, client: tuple[str, int] | None, scope: Scope) -> Asked:
    """Read the headers, whose names are in small letters. RFC 9110 5.3: lines of one name are one list; cookies by RFC 9113
    8.2.3."""
    cookie = etags = site = device = forwarded = b""
    for name, value in headers:
        if name == b"cookie":
            cookie = b"%b; %b" % (cookie, value) if cookie else value
        elif name == b"if-none-match":
            etags = b"%b, %b" % (etags, value) if etags else value
        elif name == b"sec-fetch-site":
            site = value
        elif name == b"user-agent":
            device = value
        elif name == b"x-forwarded-for":
            forwarded += b"," + value
    asked_from = client[0] if client else "", forwarded, device
    return Asked(cookie, etags.strip(), site in (b"", b"same-origin", b"none"), asked_from, scope)
