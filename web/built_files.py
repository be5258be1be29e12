"""The client's bundles: their names carry a hash of the content, so a browser never asks twice.

The build leaves a Brotli and a gzip copy beside each that is worth it (web/client/build.mjs); who accepts one gets that. Only
built files are compressed: what they hold is known to everybody, and BREACH needs a secret."""

import re
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

CODINGS: Final = {"br": ".br", "gzip": ".gz"}
"""As Accept-Encoding names them → the ending of the copy; the smallest first."""
_NEVER: Final = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*", re.IGNORECASE)


class BuiltFiles(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await self._answer(path, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["Vary"] = "Accept-Encoding"
        return response

    async def _answer(self, path: str, scope: Scope) -> Response:
        accepted = accepts(Headers(scope=scope).get("accept-encoding", ""))
        for coding, ending in CODINGS.items():
            if coding not in accepted:
                continue
            try:
                response = await super().get_response(path + ending, scope)
            except HTTPException as absent:
                if absent.status_code != 404:
                    raise
                continue
            # RFC 9110 15.4.5: a 304 has no content, and nothing to say of its coding.
            if response.status_code != 304:
                response.headers["Content-Encoding"] = coding
            return response
        return await super().get_response(path, scope)


def accepts(header: str) -> set[str]:
    """The codings that an Accept-Encoding names and does not weigh with nothing. "*" names none."""
    named = (part.partition(";") for part in header.split(","))
    return {coding.strip().lower() for coding, _, weight in named if not _NEVER.fullmatch(weight)}
