"""JSON from outside: of one shape, of bounded size, and nothing else."""

from typing import Final, TypeVar

import msgspec
from starlette.requests import Request

from telepath.errors import Invalid, TooLarge
from web.request_body import media_type, read_body

LIMIT: Final = 16_000
"""Bytes of a whole body."""

T = TypeVar("T")


async def read_json(request: Request, shape: type[T], limit: int = LIMIT) -> T:
    """The body as a ``shape``. Raises TooLarge; Invalid: not JSON (RFC 8259, UTF-8), or of another shape."""
    if media_type(request) != "application/json":
        raise Invalid("error-body-type")
    body = await read_body(request, limit, TooLarge("error-body-too-large", limit=limit // 1000))
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # What the decoder says is English, and for who writes scripts.
        raise Invalid("error-body-unreadable") from None
