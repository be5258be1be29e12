"""The body of a request, of bounded size."""

from starlette.requests import Request

from telepath.errors import TooLarge


def media_type(request: Request) -> str:
    """Without its parameters, in small letters; empty: none is given."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_body(request: Request, limit: int, too_large: TooLarge) -> bytes:
    """Raises ``too_large``: it has more than ``limit`` bytes; what comes after them is not read."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large
    return bytes(body)
