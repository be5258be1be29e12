"""A form with a file in it, as browsers send one without script. Strict: what is not of that form is refused whole.

Source: RFC 7578; HTML, "multipart/form-data encoding algorithm": each part has one name, with its quotes escaped."""

import re
from typing import Final

import msgspec
from starlette.requests import Request

from telepath.errors import Invalid, TooLarge
from web.pages import Form
from web.request_body import media_type, read_body

FIELDS: Final = 40
HEADER_BYTES: Final = 2000
_BOUNDARY: Final = re.compile(r';\s*boundary=(?:"([A-Za-z0-9\'()+_,./:=? -]{1,70})"|([A-Za-z0-9\'()+_,./:=?-]{1,70}))')
_NAME: Final = re.compile(r'(?:^|;)\s*name="([^"]*)"')
_FILE: Final = re.compile(r'(?:^|;)\s*filename="')


class Sent(msgspec.Struct, frozen=True):
    """The typed fields, and the bytes of each file by its field's name. What a file was called is not kept: it may name a
    patient."""

    form: Form
    files: dict[str, bytes]


async def read_multipart(request: Request, limit: int, too_large: TooLarge) -> Sent:
    """Raises ``too_large``: more than ``limit`` bytes in all; Invalid: not such a form, or not UTF-8."""
    boundary = _BOUNDARY.search(request.headers.get("content-type", ""))
    if media_type(request) != "multipart/form-data" or boundary is None:
        raise Invalid("error-form-unreadable")
    return parse(await read_body(request, limit, too_large), boundary[1] or boundary[2])


def parse(body: bytes, boundary: str) -> Sent:
    """Raises Invalid."""
    # RFC 2046 5.1.1: the delimiter begins with the line end before it, and the first one may stand at the very beginning.
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("ascii"))
    if len(parts) < 2 or parts[0] or not parts[-1].startswith(b"--") or len(parts) > FIELDS + 2:
        raise Invalid("error-form-unreadable")
    fields: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    for part in parts[1:-1]:
        head, found, content = part.partition(b"\r\n\r\n")
        if not found or not head.startswith(b"\r\n") or len(head) > HEADER_BYTES:
            raise Invalid("error-form-unreadable")
        try:
            disposition = _disposition(head.decode("utf-8"))
            name = _NAME.search(disposition)
            if name is None:
                raise Invalid("error-form-unreadable")
            if _FILE.search(disposition):
                files[name[1]] = content
            else:
                fields.setdefault(name[1], []).append(content.decode("utf-8"))
        except UnicodeDecodeError:
            raise Invalid("error-form-unreadable") from None
    return Sent(Form(fields), files)


def _disposition(head: str) -> str:
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition" and value.strip().lower().startswith("form-data"):
            return value.strip()[len("form-data") :]
    raise Invalid("error-form-unreadable")
