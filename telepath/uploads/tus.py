"""tus 1.0.0, the protocol of uploads that resume: headers in, decisions out. Pure.

Source: https://tus.io/protocols/resumable-upload, version 1.0.0 (2016-03-25): core, creation, creation with upload, checksum,
termination, expiration. All that is refused is an ``UploadRefused`` with the protocol's status."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from telepath.errors import UploadRefused

VERSION: Final = "1.0.0"
EXTENSIONS: Final = ("creation", "creation-with-upload", "checksum", "termination", "expiration")
ALGORITHMS: Final[dict[str, int]] = {"sha1": 20, "sha256": 32}
"""Name → bytes of a digest."""
CHUNK_LIMIT: Final = 16 << 20
"""Bytes of one PATCH: what is lost at most when the line is cut in its middle."""
PIECES: Final = "application/offset+octet-stream"
EMPTY_DIGEST: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of nothing."""
METADATA_LIMIT: Final = 4096
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONGEST_NUMBER: Final = 16
"""Digits: more is no size of a file."""


class Checksum(msgspec.Struct, frozen=True):
    algorithm: str
    digest: bytes


class Piece(msgspec.Struct, frozen=True):
    """Bytes that a client wants to put behind those that are there."""

    offset: int
    length: int
    """Announced by Content-Length; -1: it was not."""
    checksum: Checksum | None


class Creation(msgspec.Struct, frozen=True):
    length: int
    metadata: dict[str, str]
    piece: Piece | None
    """The first bytes, when they come along."""


def check_version(headers: Mapping[str, str]) -> None:
    """Raises UploadRefused 412. "The Tus-Resumable header MUST be included in every request … except for OPTIONS requests"."""
    if headers.get("tus-resumable", "") != VERSION:
        raise UploadRefused(412, "error-upload-version", version=VERSION)


def creation(headers: Mapping[str, str]) -> Creation:
    """What a POST asks for. Header names in small letters. Raises UploadRefused: 400, 412, 413, 415."""
    check_version(headers)
    if "upload-defer-length" in headers:
        raise _malformed("Upload-Length")
    length, announced = _number(headers, "Upload-Length"), _announced(headers)
    piece = None
    if headers.get("content-type", "").strip().lower() == PIECES:
        piece = Piece(0, announced, _checksum(headers.get("upload-checksum")))
        fits(piece, length)
    elif announced > 0:
        raise UploadRefused(415, "error-upload-type", type=PIECES)
    return Creation(length, metadata(headers.get("upload-metadata", "")), piece)


def append(headers: Mapping[str, str], received: int, length: int) -> Piece:
    """What a PATCH asks for, of a file of ``length`` bytes of which ``received`` are there.

    Raises UploadRefused: 400, 409 (another offset), 412, 413, 415. "If the offsets do not match, the Server MUST respond with
    the 409 Conflict status without modifying the upload resource"."""
    check_version(headers)
    if headers.get("content-type", "").strip().lower() != PIECES:
        raise UploadRefused(415, "error-upload-type", type=PIECES)
    offset = _number(headers, "Upload-Offset")
    if offset != received:
        raise UploadRefused(409, "error-upload-offset", offset=offset, received=received)
    piece = Piece(offset, _announced(headers), _checksum(headers.get("upload-checksum")))
    fits(piece, length)
    return piece


def fits(piece: Piece, length: int) -> None:
    """Raises UploadRefused 413: it would pass the end of the file, or the limit of one request."""
    if piece.length > CHUNK_LIMIT:
        raise UploadRefused(413, "error-upload-piece", limit=CHUNK_LIMIT >> 20)
    if piece.offset + max(piece.length, 0) > length:
        raise UploadRefused(413, "error-upload-beyond", length=length)


def room(piece: Piece, length: int) -> int:
    """How many bytes may come at most, whatever was announced."""
    return min(CHUNK_LIMIT, length - piece.offset)


def too_much(piece: Piece, length: int) -> UploadRefused:
    """For a body that is longer than it said, or did not say, and passed ``room``."""
    beyond = length - piece.offset <= CHUNK_LIMIT
    return (
        UploadRefused(413, "error-upload-beyond", length=length)
        if beyond
        else UploadRefused(413, "error-upload-piece", limit=CHUNK_LIMIT >> 20)
    )


def wrong_checksum() -> UploadRefused:
    """ "If the checksums do not match … MUST respond with the 460 Checksum Mismatch status and the chunk MUST be discarded"."""
    return UploadRefused(460, "error-upload-checksum")


def busy() -> UploadRefused:
    return UploadRefused(423, "error-upload-busy")


def metadata(text: str) -> dict[str, str]:
    """Keys and values of Upload-Metadata. Raises UploadRefused 400: not as the protocol writes them, or not UTF-8.

    "comma-separated key-value pairs … key and value MUST be separated by a space … The value MUST be Base64 encoded. All keys
    MUST be unique. The value MAY be empty"."""
    found: dict[str, str] = {}
    if len(text) > METADATA_LIMIT:
        raise _malformed("Upload-Metadata")
    for pair in text.split(",") if text.strip() else []:
        key, _, value = pair.strip().partition(" ")
        if not key or not key.isascii() or not key.isprintable() or key in found:
            raise _malformed("Upload-Metadata")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            raise _malformed("Upload-Metadata") from None
    return found


def options(largest: int) -> dict[str, str]:
    """The answer to OPTIONS. ``largest``: bytes of one file."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": ",".join(EXTENSIONS),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        "Tus-Max-Size": str(largest),
    }


def state(received: int, length: int) -> dict[str, str]:
    """The answer to HEAD. "The Server MUST prevent the client and/or proxies from caching the response"."""
    return {
        "Tus-Resumable": VERSION,
        "Upload-Offset": str(received),
        "Upload-Length": str(length),
        "Cache-Control": "no-store",
    }


def written(received: int, expires: datetime) -> dict[str, str]:
    """The answer to PATCH, and to POST. ``Upload-Expires``: RFC 9110 datetime format."""
    return {
        "Tus-Resumable": VERSION,
        "Upload-Offset": str(received),
        "Upload-Expires": _http_date(expires),
    }


def _http_date(at: datetime) -> str:
    """RFC 9110 5.6.7, IMF-fixdate: its names are English, whatever the language of the system."""
    at = at.astimezone(UTC)
    day, month = _DAYS[at.weekday()], _MONTHS[at.month - 1]
    return f"{day}, {at.day:02d} {month} {at.year:04d} {at:%H:%M:%S} GMT"


def _announced(headers: Mapping[str, str]) -> int:
    return _number(headers, "Content-Length") if "content-length" in headers else -1


def _number(headers: Mapping[str, str], name: str) -> int:
    """ "The value MUST be a non-negative integer". Raises UploadRefused 400."""
    text = headers.get(name.lower(), "")
    if not text.isascii() or not text.isdecimal() or len(text) > _LONGEST_NUMBER:
        raise _malformed(name)
    return int(text)


def _checksum(text: str | None) -> Checksum | None:
    """ "Upload-Checksum … MUST consist of the name of the used checksum algorithm and the Base64 encoded checksum
    separated by a space". Raises UploadRefused 400."""
    if text is None:
        return None
    algorithm, _, value = text.strip().partition(" ")
    try:
        digest = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise _malformed("Upload-Checksum") from None
    if len(digest) != ALGORITHMS.get(algorithm):
        raise _malformed("Upload-Checksum")
    return Checksum(algorithm, digest)


def _malformed(header: str) -> UploadRefused:
    return UploadRefused(400, "error-upload-header", header=header)
