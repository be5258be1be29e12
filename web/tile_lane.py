"""Answers the request of a tile before there is a scope, a task or a framework: bytes in, bytes out. Knows no server.

What is decided is decided by ``TileService.at_once``, as for ASGI; what is unusual is left to ASGI. The heads of a browser's
requests are alike but for their first line: so a head is read once, by the parser that the server itself uses, and known from
then on. Only heads whose cookie opened something are kept, so that nobody can fill the memory with others."""

from collections.abc import Sequence
from typing import Final

import httptools
import msgspec

from telepath.slides import tile_names
from telepath.slides.capability import Capability
from web.stored_tiles import BATCH_OF, StoredTiles
from web.tile_answers import Answer, Asked, Headers, asked
from web.tile_outlet import Outlet
from web.tiles import OK, TileService

BEGINNING: Final = b"GET /slides/"
_GET: Final = b"GET "
_END: Final = b" HTTP/1.1"
HEADS: Final = 512
LONGEST: Final = 8192
"""Bytes of a request; a longer one is ASGI's."""
UNUSUAL: Final = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade"})

Client = tuple[str, int] | None


class Known(msgspec.Struct, frozen=True, gc=False):
    """A request that opened a slide: how it ``begins``, as far as /tiles/, and ``ends``, from behind the address on."""

    begins: bytes
    ends: bytes
    slide_id: str
    shown: Capability
    asked: Asked


class Caller:
    """One connection. ``known``: its latest request that opened a slide; the next one is like it, but for the tile."""

    __slots__ = ("client", "known", "outlet")

    def __init__(self, client: Client, outlet: Outlet) -> None:
        self.client = client
        self.outlet = outlet
        self.known: Known | None = None


class TileLane:
    """One for all connections of a server."""

    def __init__(self) -> None:
        self._heads: dict[tuple[str, bytes], Asked] = {}
        self._stored = StoredTiles()
        self._common: Sequence[tuple[bytes, bytes]] = ()
        self._common_wire = b""

    def answered(self, tiles: TileService, data: bytes, caller: Caller, common: Sequence[tuple[bytes, bytes]]) -> bool:
        """Whether ``data`` was answered, whole and counted; False: ASGI must. ``common``: headers of every answer."""
        if common is not self._common:
            self._common, self._common_wire = common, b"".join(b"%b: %b\r\n" % header for header in common)
            self._stored.say(self._common_wire)
        known = caller.known
        if known is not None and data.endswith(known.ends) and data.startswith(known.begins):
            name = data[len(known.begins) : -len(known.ends)]
            if (self._batch if name.startswith(BATCH_OF) else self._one)(tiles, known, name, caller.outlet):
                return True
        answer = self._decided(tiles, data, caller)
        if answer is None:
            return False
        caller.outlet.write(self._wire(answer))
        return True

    def _one(self, tiles: TileService, known: Known, name: bytes, outlet: Outlet) -> bool:
        now, shown, request = tiles.clock(), known.shown, known.asked
        held = tiles.held(known.slide_id)
        if held is None or not tiles.admits(shown, now):
            return False
        found = self._stored.one(held.ready, tiles.opened, name)
        if found is None:
            return False
        book = tiles.sent.of(shown.view_id, request.asked_from, request.scope, known.slide_id)
        if book is None:
            return False
        whole, (level, column, row) = found
        book.add(level, column, row, now)
        outlet.send(whole)
        return True

    def _batch(self, tiles: TileService, known: Known, name: bytes, outlet: Outlet) -> bool:
        now, shown, request = tiles.clock(), known.shown, known.asked
        held = tiles.held(known.slide_id)
        if held is None or not tiles.admits(shown, now):
            return False
        found = self._stored.batch(held.ready, tiles.opened, name[len(BATCH_OF) :], held.room)
        if found is None:
            return False
        book = tiles.sent.of(shown.view_id, request.asked_from, request.scope, known.slide_id)
        if book is None:
            return False
        data, sent = found
        for level, column, row in sent:
            book.add(level, column, row, now)
        outlet.send_copied(data)
        return True

    def _decided(self, tiles: TileService, data: bytes, caller: Caller) -> Answer | None:
        line, _, head = data.partition(b"\r\n")
        if len(data) > LONGEST or not line.endswith(_END):
            return None
        # What this reads holds no letter that a parser would read otherwise than it stands.
        named = tile_names.read(line[len(_GET) : -len(_END)].decode("latin-1"))
        if named is None:
            return None
        client = caller.client
        key = client[0] if client else "", head
        known = self._heads.get(key)
        request = known or _read(head, client)
        if request is None:
            return None
        answer = tiles.at_once("GET", named, request)
        if answer is not None and answer.kind.status == OK and not request.etags:
            if known is None:
                if len(self._heads) >= HEADS:
                    self._heads.clear()
                self._heads[key] = request
            shown = tiles.rights.first(named.slide_id, request.cookie)
            begins = b"%b%b/tiles/" % (BEGINNING, named.slide_id.encode())
            ends = b"%b\r\n%b" % (_END, head)
            caller.known = Known(begins, ends, named.slide_id, shown, request) if shown is not None else None
        return answer

    def _wire(self, answer: Answer) -> bytes:
        """As uvicorn writes what ASGI answers."""
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
