"""JSON from outside: of one shape, of bounded size, and nothing else."""

from typing import Final, TypeVar

import msgspec
from starlette.requests import Request

from telepath.errors import Invalid, TooLarge

LIMIT: Final = 16_000
"""Bytes of a whole body."""

T = TypeVar("T")


async def read_json(request: Request, shape: type[T], limit: int = LIMIT) -> T:
    """The body as a ``shape``. Raises TooLarge; Invalid: not JSON (RFC 8259, UTF-8), or of another shape; both say why."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Invalid("error-body-type")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge("error-body-too-large", limit=limit // 1000)
    try:
        return msgspec.json.decode(bytes(body), type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Invalid("error-body-unreadable", reason=str(error)[:200]) from None
    except RecursionError:
        raise Invalid("error-body-unreadable", reason="nested too deeply") from None
