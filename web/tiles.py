"""The tile route, as plain ASGI in front of everything else: no session, no database, no template on its way.

A viewer page was allowed and audited (web/routes/slides.py); its browser shows the capability cookie with each tile. Every
node keeps the revoked views in memory: the bus wakes it, it re-reads them from the database every 10 s, and it answers
no tile at all when it could not for 30 s.

A reader who moves on takes the request back, and a decode that nobody waits for is not begun.

What is sent is counted by view, level and place, and recorded every half minute (web/sent_regions.py); when it could not be
recorded for a minute no tile is sent.
"""

import asyncio
import hashlib
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any, Final, Self

import msgspec
from starlette.types import Receive, Scope, Send

from realtime.bus import REVOKED, Bus
from telepath.actor import Origin
from telepath.background import Background
from telepath.db.database import Database
from telepath.errors import NotFound, TelepathError, TileUnreadable
from telepath.slides import capability, catalogue, tile_index, views
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.tile_index import Built, Place, Stored, TileIndex
from telepath.slides.tile_request import TileName, request_for
from telepath.storage import Storage
from web.sent_regions import SentRegions

COOKIE: Final = "telepath_tiles"
PATH: Final = re.compile(r"/slides/([0-9a-z]{26})/tiles/(\d{1,2})/(\d{1,6})_(\d{1,6})")
LANE: Final = re.compile(r"/slides/[^/]*/tiles/")
REREAD_SECONDS: Final = 10.0
STALE_SECONDS: Final = 30.0
RETRY_SECONDS: Final = 5.0
MAX_INDEXES: Final = 128
MAX_VERIFIED: Final = 4096
MAX_INDEX_BYTES: Final = tile_index.MAX_TILES * 12 + (16 << 20)

logger = logging.getLogger(__name__)

_PRIVATE: Final = [
    (b"cache-control", b"private, max-age=300"),
    (b"vary", b"Cookie"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
]
_NOT_STORED: Final = [
    (b"cache-control", b"no-store"),
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
]


class Cookie(msgspec.Struct, frozen=True):
    """For ``response.set_cookie``: HttpOnly, SameSite=Strict, Secure where the service is."""

    name: str
    value: str
    path: str
    max_age: int


class _Held(msgspec.Struct, frozen=True):
    """The index of a slide, what its tiles' ETags begin with, and the storage key of its files."""

    index: TileIndex
    tag: str
    files: str


Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Status, headers, body."""


class _Left(Exception):
    """The client went away before its tile was there."""


class TileService:
    """``async with`` starts and stops its watch over revoked views; calling it answers one HTTP request."""

    def __init__(
        self,
        db: Database,
        storage: Storage,
        decoders: DecoderPool,
        key: bytes,
        bus: Bus,
        *,
        origin_of: Callable[[Scope], Origin] | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        reread_every: float = REREAD_SECONDS,
    ) -> None:
        """``origin_of``: from where a request comes, behind which proxies; without it, from whoever is connected."""
        self._db = db
        self._storage = storage
        self._decoders = decoders
        self._key = key
        self._bus = bus
        self._clock = clock
        self._monotonic = monotonic
        self._reread_every = reread_every
        self.sent = SentRegions(db, origin_of or _connected, clock, monotonic)
        self._revoked: frozenset[str] = frozenset()
        self._read_at = float("-inf")
        self._wake = asyncio.Event()
        self._background = Background()
        self._indexes: OrderedDict[str, _Held] = OrderedDict()
        self._verified: OrderedDict[tuple[str, str], capability.Capability] = OrderedDict()

    async def __aenter__(self) -> Self:
        await self._reread()
        await self.sent.__aenter__()
        self._background.start(self._listen(), "hear of revoked views")
        self._background.start(self._watch(), "re-read revoked views")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._background.stop()
        await self.sent.__aexit__(kind, error, trace)

    def mint_cookie(self, view: views.View) -> Cookie:
        """The cookie that opens the tiles of the view's slide, and of no other."""
        text = capability.mint(self._key, view.capability)
        age = max(0, int(view.expires_at.timestamp() - self._clock()))
        return Cookie(COOKIE, text, f"/slides/{view.slide_id}/tiles/", age)

    @staticmethod
    def serves(path: str) -> bool:
        """Whether this is the path of a tile, or of what could only be one: all wrong ones get the same answer."""
        return LANE.match(path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status, headers, body = await self._answer(scope, receive)
        except _Left:
            return
        except TileUnreadable:
            # The viewer marks the tile as unreadable: a white one would pass for glass.
            status, headers, body = 422, [*_NOT_STORED, (b"telepath-tile", b"unreadable")], b"unreadable tile"
        except NotFound:
            status, headers, body = 404, _NOT_STORED, b"not found"
        except TelepathError:
            status, headers, body = 503, [*_NOT_STORED, (b"retry-after", b"5")], b"unavailable"
        head = scope["method"] == "HEAD"
        headers = [*headers, (b"content-length", str(len(body)).encode())] if status != 304 else headers
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if head else body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        """Raises NotFound: no right, no such slide, no such tile; nobody can tell which. _Left."""
        place = PATH.fullmatch(scope["path"])
        if place is None:
            raise NotFound
        if scope["method"] not in ("GET", "HEAD"):
            return 405, [*_NOT_STORED, (b"allow", b"GET, HEAD")], b"method not allowed"
        slide_id, level, column, row = place[1], int(place[2]), int(place[3]), int(place[4])
        cookie = etag = site = device = forwarded = b""
        for name, value in scope["headers"]:
            if name == b"cookie":
                cookie = value
            elif name == b"if-none-match":
                etag = value
            elif name == b"sec-fetch-site":
                site = value
            elif name == b"user-agent":
                device = value
            elif name == b"x-forwarded-for":
                forwarded += b"," + value
        reader = self._reader(slide_id, cookie) if site in (b"", b"same-origin", b"none") else None
        if reader is None:
            raise NotFound
        now = self._monotonic()
        if now - self._read_at > STALE_SECONDS or self.sent.overdue(now):
            return 503, [*_NOT_STORED, (b"retry-after", b"5")], b"unavailable"
        client = scope.get("client")
        asked_from = (client[0] if client else "", forwarded, device)
        if reader in self._revoked:
            refused = self.sent.of(reader, asked_from, scope, slide_id)
            if refused is not None:
                refused.refuse(self._clock())
            raise NotFound
        held = self._indexes.get(slide_id) or await self._load(slide_id)
        if not held.index.has(level, column, row):
            raise NotFound
        tag = f'"{held.tag}-{level}-{column}-{row}"'.encode()
        if etag and tag in etag:
            status, headers, body = 304, [(b"etag", tag), *_PRIVATE], b""
        else:
            name = TileName(level, column, row)
            way = held.index.header.ways[level]
            if isinstance(way, Built):
                return 503, [*_NOT_STORED, (b"retry-after", b"5"), (b"telepath-tile", b"building")], b"building"
            if isinstance(way, Stored):
                body = await self._stored(held, name)
            else:
                ask = partial(request_for, held.index, name, partial(self._read, held))
                body = await _while_awaited(receive, self._decoders.tile(held.files, name.text, ask, reader=reader))
            status, headers = 200, [(b"content-type", b"image/jpeg"), (b"etag", tag), *_PRIVATE]
        sent = self.sent.of(reader, asked_from, scope, slide_id)
        if sent is None:
            return 503, [*_NOT_STORED, (b"retry-after", b"5")], b"unavailable"
        sent.add(level, column, row, self._clock())
        return status, headers, body

    def _reader(self, slide_id: str, cookies: bytes) -> str | None:
        """The view that one of the cookies opens, or opened before it was revoked; None: no right."""
        now, revoked = int(self._clock()), None
        for part in cookies.decode("latin-1").split(";"):
            name, _, text = part.strip().partition("=")
            if name != COOKIE:
                continue
            known = self._verified.get((slide_id, text))
            if known is None:
                known = capability.verify(self._key, slide_id, text, now)
                if known is None:
                    continue
                self._verified[slide_id, text] = known
                if len(self._verified) > MAX_VERIFIED:
                    self._verified.popitem(last=False)
            if known.expires > now:
                if known.view_id not in self._revoked:
                    return known.view_id
                revoked = known.view_id
        return revoked

    async def _stored(self, held: _Held, name: TileName) -> bytes:
        place = held.index.locate(name.level, name.column, name.row)
        return held.index.picture(name.level, await self._read(held, place) if place.length else b"")

    async def _read(self, held: _Held, place: Place) -> bytes:
        """Raises TileUnreadable: the file has grown shorter."""
        key = f"{held.files}/{place.name}"
        data = self._storage.read_now(key, place.offset, place.length)
        if data is None:
            data = await self._storage.read(key, place.offset, place.length)
        if len(data) != place.length:
            raise TileUnreadable
        return data

    async def _load(self, slide_id: str) -> _Held:
        data = await self._storage.read(catalogue.index_key(slide_id), 0, MAX_INDEX_BYTES)
        tag = hashlib.sha256(data).hexdigest()[:12]
        held = _Held(tile_index.load(data), tag, catalogue.files_key(slide_id))
        self._indexes[slide_id] = held
        if len(self._indexes) > MAX_INDEXES:
            self._indexes.popitem(last=False)
        return held

    async def _reread(self) -> None:
        """Read which views are revoked. A failure leaves the old list, which grows stale."""
        started = self._monotonic()
        try:
            async with self._db.read() as reader:
                before, self._revoked = self._revoked, await views.revoked(reader)
        except Exception:
            logger.exception("revoked views could not be re-read")
            return
        self._read_at = started
        self.sent.revoked(self._revoked - before)

    async def _watch(self) -> None:
        while True:
            fresh = self._monotonic() - self._read_at < self._reread_every
            with suppress(TimeoutError):
                async with asyncio.timeout(self._reread_every if fresh else RETRY_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
            await self._reread()

    async def _listen(self) -> None:
        while True:
            try:
                async with self._bus.subscribe(REVOKED) as messages:
                    self._wake.set()  # what was said while nobody listened
                    async for _ in messages:
                        self._wake.set()
            except Exception:
                logger.exception("the bus is silent about revoked views; they are re-read every %s s", REREAD_SECONDS)
            await asyncio.sleep(RETRY_SECONDS)


async def _while_awaited(receive: Receive, decode: Coroutine[Any, Any, bytes]) -> bytes:
    """What ``decode`` gives; cancelled when the client goes away before. Raises _Left, and what ``decode`` raises."""
    wanted = asyncio.create_task(decode, name="wait for a decode")
    left = asyncio.create_task(_disconnect(receive), name="hear that the reader left")
    try:
        await asyncio.wait((wanted, left), return_when=asyncio.FIRST_COMPLETED)
        if wanted.done():
            return wanted.result()
        raise _Left
    finally:
        wanted.cancel()
        left.cancel()
        await asyncio.gather(wanted, left, return_exceptions=True)


def _connected(scope: Scope) -> Origin:
    client = scope.get("client")
    return Origin(client[0] if client else "")


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
