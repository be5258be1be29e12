"""Answers the request of a tile before there is a scope, a task or a framework: bytes in, bytes out. Knows no server.

What is decided is decided by ``TileService.at_once``, as for ASGI; what is unusual is left to ASGI. The heads of a browser's
requests are alike but for their first line: so a head is read once, by the parser that the server itself uses, and known from
then on. Only heads whose cookie opened something are kept, so that nobody can fill the memory with others."""

from collections.abc import Sequence
from typing import Final

import httptools

from telepath.slides import tile_names
from web.tile_answers import Answer, Asked, Headers, asked
from web.tiles import OK, TileService

BEGINNING: Final = b"GET /slides/"
_GET: Final = b"GET "
_END: Final = b" HTTP/1.1"
HEADS: Final = 512
LONGEST: Final = 8192
"""Bytes of a request; a longer one is ASGI's."""
UNUSUAL: Final = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade"})

Client = tuple[str, int] | None


class TileLane:
    """One for all connections of a server."""

    def __init__(self) -> None:
        self._heads: dict[tuple[str, bytes], Asked] = {}
        self._common: Sequence[tuple[bytes, bytes]] = ()
        self._common_wire = b""

    def answer(
        self, tiles: TileService, data: bytes, client: Client, common: Sequence[tuple[bytes, bytes]]
    ) -> bytes | None:
        """The whole answer to ``data``, counted as sent; None: ASGI must have it. ``common``: headers of every answer."""
        line, _, head = data.partition(b"\r\n")
        if len(data) > LONGEST or not line.endswith(_END):
            return None
        # What this reads holds no letter that a parser would read otherwise than it stands.
        named = tile_names.read(line[len(_GET) : -len(_END)].decode("latin-1"))
        if named is None:
            return None
        key = client[0] if client else "", head
        known = self._heads.get(key)
        request = known or _read(head, client)
        if request is None:
            return None
        answer = tiles.at_once("GET", named, request)
        if answer is None:
            return None
        if known is None and answer.kind.status == OK and not request.etags:
            if len(self._heads) >= HEADS:
                self._heads.clear()
            self._heads[key] = request
        return self._wire(answer, common)

    def _wire(self, answer: Answer, common: Sequence[tuple[bytes, bytes]]) -> bytes:
        """As uvicorn writes what ASGI answers."""
        if common is not self._common:
            self._common, self._common_wire = common, b"".join(b"%b: %b\r\n" % header for header in common)
        kind, etag = answer.kind, answer.etag
        tag = b"etag: %b\r\n" % etag if etag else b""
        length = b"content-length: %d\r\n\r\n" % answer.size if kind.measured else b"\r\n"
        return b"".join((kind.line, self._common_wire, kind.wire, tag, length, *answer.pieces))


class _Head:
    """What the parser says of one request."""

    def __init__(self) -> None:
        self.parser = httptools.HttpRequestParser(self)
        self.headers: Headers = []
        self.begun = self.ended = 0
        self.stays = False
        """Whether the connection stays open, and HTTP. The parser forgets it at the end."""

    def on_message_begin(self) -> None:
        self.begun += 1

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.stays = self.parser.should_keep_alive() and not self.parser.should_upgrade()

    def on_message_complete(self) -> None:
        self.ended += 1


def _read(head: bytes, client: Client) -> Asked | None:
    """The headers of one whole request without a body, that leaves the connection open; None: this is none."""
    if not head.endswith(b"\r\n\r\n"):
        return None
    found = _Head()
    try:
        found.parser.feed_data(b"GET / HTTP/1.1\r\n" + head)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    finally:
        del found.parser  # they hold each other
    if (found.begun, found.ended) != (1, 1) or not found.stays:
        return None
    if not UNUSUAL.isdisjoint(name for name, _ in found.headers):
        return None
    return asked(found.headers, client, {"type": "http", "headers": found.headers, "client": client})
