"""The tile route, as plain ASGI in front of everything else: no session, no database, no template on its way.

A viewer page was allowed and audited (web/routes/slides.py); its browser shows the capability cookie with each tile
(web/tile_rights.py). ``at_once`` decides everything that can be decided without waiting: every refusal, and every tile whose
bytes are in memory. The lane in front of ASGI (web/tile_lane.py) asks it too, so the two cannot differ. What it leaves open
waits here for the disk or a decoder.

A reader who moves on takes the request back, and a decode that nobody waits for is not begun.

What is sent is counted by view, level and place, and recorded every half minute (web/sent_regions.py); when it could not be
recorded for a minute no tile is sent.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Final, Self, TypeVar, cast

import msgspec
from starlette.types import Receive, Scope, Send

from realtime.bus import Bus
from telepath.actor import Origin
from telepath.db.database import Database
from telepath.errors import TelepathError, TileUnreadable
from telepath.slides import built_levels, capability, catalogue, tile_index, tile_names, views
from telepath.slides.capability import Capability
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.messages import Coding
from telepath.slides.tile_index import Built, Place
from telepath.slides.tile_names import Named
from telepath.slides.tile_request import TileName, request_for
from telepath.storage import Storage
from web.sent_regions import SentRegions
from web.stored_tiles import PART
from web.tile_answers import (
    AVIF,
    BATCH,
    BUILDING,
    JPEG,
    NOT_ALLOWED,
    NOT_FOUND,
    SAME,
    UNAVAILABLE,
    UNREADABLE,
    Answer,
    Asked,
    Kind,
    Pieces,
    asked,
    is_held,
    refusal,
)
from web.tile_indexes import Held, held_index, kept_as, key_of
from web.tile_rights import COOKIE, REREAD_SECONDS, TileRights

INDEXES: Final = 128
INDEXES_BYTES: Final = 64 << 20
"""Of the indexes in memory; the latest is kept, however large."""
MAX_INDEX_BYTES: Final = tile_index.MAX_TILES * 12 + (16 << 20)
LOOK_AGAIN: Final = 2.0
LISTEN_AFTER: Final = 0.05
"""Seconds both; after the latter is heard whether who waits for a tile is still there."""
READING: Final = frozenset({"GET", "HEAD"})
OK: Final = 200
SENT: Final = frozenset({OK, 304})
KINDS: Final = {Coding.JPEG: JPEG, Coding.AVIF: AVIF}

Awaited = TypeVar("Awaited")


class Cookie(msgspec.Struct, frozen=True):
    """For ``response.set_cookie``: HttpOnly, SameSite=Strict, Secure where the service is."""

    name: str
    value: str
    path: str
    max_age: int


class Left(Exception):
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
        self._storage = storage
        self._decoders = decoders
        self._key = key
        self.clock = self._clock = clock
        self._monotonic = monotonic
        self.sent = SentRegions(db, origin_of or _connected, clock, monotonic)
        self.rights = TileRights(db, key, bus, monotonic=monotonic, reread_every=reread_every, tell=self.sent.revoked)
        self._indexes: OrderedDict[str, Held] = OrderedDict()
        self.held, self.opened = self._indexes.get, storage.opened
        """The index of a slide, when it is in memory; an open file of the storage."""
        self._loading: dict[str, asyncio.Task[Held]] = {}

    async def __aenter__(self) -> Self:
        await self.sent.__aenter__()
        await self.rights.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.rights.__aexit__(kind, error, trace)
        await self.sent.__aexit__(kind, error, trace)

    def mint_cookie(self, view: views.View) -> Cookie:
        """The cookie that opens the tiles of the view's slide, and of no other."""
        text = capability.mint(self._key, view.capability)
        age = max(0, int(view.expires_at.timestamp() - self._clock()))
        return Cookie(COOKIE, text, f"/slides/{view.slide_id}/tiles/", age)

    @staticmethod
    def serves(path: str) -> bool:
        """Whether this is the path of a tile, or of what could only be one: all wrong ones get the same answer."""
        return tile_names.is_tile(path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        request = asked(scope["headers"], scope.get("client"), scope)
        named = tile_names.read(scope["path"])
        answer = self.at_once(method, named, request)
        if named is not None and answer is None:
            try:
                answer = await while_awaited(receive, self._waited(named, request))
            except Left:
                return
        found = answer or NOT_FOUND
        kind = found.kind
        headers = list(kind.headers)
        if found.etag:
            headers.append((b"etag", found.etag))
        if kind.measured:
            headers.append((b"content-length", b"%d" % found.size))
        await send({"type": "http.response.start", "status": kind.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else b"".join(found.pieces)})

    def at_once(self, method: str, named: Named | None, request: Asked) -> Answer | None:
        """The answer, counted as sent; None: the index, the disk or a decoder must be waited for. Never blocks.

        No right, no such slide, no such tile: nobody can tell which."""
        if named is None:
            return NOT_FOUND
        if method not in READING:
            return NOT_ALLOWED
        slide_id, wanted, text = named.slide_id, named.wanted, named.text
        view = self.view(slide_id, request)
        if isinstance(view, Answer):
            return view
        held = self._indexes.get(slide_id)
        if held is None:
            return None
        if isinstance(wanted, TileName):
            part = self._part(held, wanted, text, request.etags)
            return part and self.counted(part, wanted, view, slide_id, request)
        parts = []
        for name in wanted[: held.room]:
            part = self._part(held, name)
            if part is None:
                return None
            parts.append(part)
        return self._batch(parts, wanted, view, slide_id, request)

    async def _waited(self, named: Named, request: Asked) -> Answer:
        """What ``at_once`` left open, which it did for tiles that may be seen."""
        slide_id, wanted, text = named.slide_id, named.wanted, named.text
        view = self.view(slide_id, request)
        if isinstance(view, Answer):
            return view
        try:
            held = await self.index(slide_id)
        except TelepathError as error:
            return refusal(error)
        names = [wanted] if isinstance(wanted, TileName) else wanted[: held.room]
        etags = request.etags if isinstance(wanted, TileName) else b""
        if len(names) == 1:
            parts = [await self._waited_part(held, names[0], view, text, etags)]
        else:
            parts = await asyncio.gather(*(self._waited_part(held, name, view, "", b"") for name in names))
        view = self.view(slide_id, request)  # it may have been revoked while we waited
        if isinstance(view, Answer):
            return view
        if isinstance(wanted, TileName):
            return self.counted(parts[0], wanted, view, slide_id, request)
        return self._batch(parts, wanted, view, slide_id, request)

    def admits(self, shown: Capability, now: float) -> bool:
        """Whether what a request showed before still opens its slide. False: ``view`` says why not."""
        ticks = self._monotonic()
        return (
            shown.expires > now
            and shown.view_id not in self.rights.revoked
            and not self.rights.stale(ticks)
            and not self.sent.overdue(ticks)
        )

    def view(self, slide_id: str, request: Asked) -> str | Answer:
        """The view that the request has, or why it gets nothing."""
        now = self._clock()
        view = self.rights.view(slide_id, request.cookie, now) if request.our_site else None
        if view is None:
            return NOT_FOUND
        ticks = self._monotonic()
        if self.rights.stale(ticks) or self.sent.overdue(ticks):
            return UNAVAILABLE
        if view in self.rights.revoked:
            refused = self.sent.of(view, request.asked_from, request.scope, slide_id)
            if refused is not None:
                refused.refuse(now)
            return NOT_FOUND
        return view

    def _part(self, held: Held, name: TileName, text: str = "", etags: bytes = b"") -> Answer | None:
        """The answer for one tile, not counted yet; None: it must be waited for. ``text``: as it was asked for, for its ETag;
        ``etags``: what the browser holds."""
        level, column, row, z, channel = name.level, name.column, name.row, name.z, name.channel
        index, stored = held.index, name.coding is Coding.JPEG
        if not index.has(level, column, row, z, channel):
            return NOT_FOUND
        stored = stored and held.stored[level]
        etag = f'"{held.tag if stored else held.made}-{text}"'.encode() if text else b""
        if is_held(etags, etag):
            return Answer(SAME, etag, 0, ())
        if not stored:
            if isinstance(index.header.ways[level], Built):
                return BUILDING if self._monotonic() - held.looked_at < LOOK_AGAIN else None
            made = self._decoders.held(held.files, kept_as(held, name.text))
            return None if made is None else Answer(KINDS[name.coding], etag, len(made), (made,))
        try:
            place = index.locate(level, column, row, z, channel)
            data = self._now(held, place) if place.length else b""
            if data is None:
                return None
            return _answer(JPEG, etag, index.pieces(level, data))
        except TileUnreadable:
            return UNREADABLE

    async def _waited_part(self, held: Held, name: TileName, view: str, text: str, etags: bytes) -> Answer:
        part = self._part(held, name, text, etags)
        if part is not None or isinstance(held.index.header.ways[name.level], Built):
            return part or BUILDING
        index, read = held.index, partial(self._read, held)
        stored = name.coding is Coding.JPEG and held.stored[name.level]
        etag = f'"{held.tag if stored else held.made}-{text}"'.encode() if text else b""
        try:
            if stored:
                data = await read(index.locate(name.level, name.column, name.row, name.z, name.channel))
                return _answer(JPEG, etag, index.pieces(name.level, data))
            ask = partial(request_for, index, name, read)
            made = await self._decoders.tile(held.files, kept_as(held, name.text), ask, reader=view)
        except TelepathError as error:
            return refusal(error)
        return _answer(KINDS[name.coding], etag, (made,))

    def counted(self, part: Answer, name: TileName, view: str, slide_id: str, request: Asked) -> Answer:
        """The answer, when it may go out: what is sent is counted first."""
        if part.kind.status not in SENT:
            return part
        sent = self.sent.of(view, request.asked_from, request.scope, slide_id)
        if sent is None:
            return UNAVAILABLE
        sent.add(name.level, name.column, name.row, self._clock())
        return part

    def _batch(
        self, parts: Sequence[Answer], names: Sequence[TileName], view: str, slide_id: str, request: Asked
    ) -> Answer:
        """One answer with all of them: of each its length (u32, big endian), its status (u16), its bytes."""
        pieces: list[bytes | memoryview] = []
        size = 0
        book, now = self.sent.of(view, request.asked_from, request.scope, slide_id), self._clock()
        for name, part in zip(names, [*parts, *[UNAVAILABLE] * (len(names) - len(parts))], strict=True):
            status, length = part.kind.status, 0
            if status == OK:
                if book is None:
                    return UNAVAILABLE
                book.add(name.level, name.column, name.row, now)
                length = part.size
            pieces.append(PART.pack(length, status))
            if length:
                pieces += part.pieces
            size += PART.size + length
        return Answer(BATCH, b"", size, pieces)

    async def ahead(self, slide_id: str, names: Sequence[TileName], view: views.View, request: Asked) -> Answer:
        """A batch for a view that the database allowed just now, one tile after the other: nobody waits for it, and a decoder
        that somebody needs is kept from them for one tile at most. Raises TelepathError: there is no such index."""
        if self.sent.overdue(self._monotonic()):
            return UNAVAILABLE
        held = await self.index(slide_id)
        parts = [await self._waited_part(held, name, view.id, "", b"") for name in names[: held.room]]
        if view.id in self.rights.revoked:  # while we waited
            return NOT_FOUND
        return self._batch(parts, names, view.id, slide_id, request)

    async def part(self, held: Held, name: TileName, view: str, text: str = "", etags: bytes = b"") -> Answer:
        """The answer for one tile, not counted yet. ``text`` and ``etags`` as for ``_part``."""
        return await self._waited_part(held, name, view, text, etags)

    def _now(self, held: Held, place: Place) -> bytes | None:
        return self._storage.read_now(key_of(held, place.name), place.offset, place.length)

    async def _read(self, held: Held, place: Place) -> bytes:
        """Raises TileUnreadable: the file has grown shorter."""
        data = self._now(held, place)
        if data is None:
            data = await self._storage.read(key_of(held, place.name), place.offset, place.length)
        if len(data) != place.length:
            raise TileUnreadable
        return data

    async def index(self, slide_id: str) -> Held:
        """Loaded once, however many ask at the same time."""
        held = self._indexes.get(slide_id)
        if held is not None and (held.whole or self._monotonic() - held.looked_at < LOOK_AGAIN):
            return held
        task = self._loading.get(slide_id)
        if task is None:
            task = self._loading[slide_id] = asyncio.create_task(self._load(slide_id), name="load a tile index")
            task.add_done_callback(lambda _: self._loading.pop(slide_id, None))
        return await asyncio.shield(task)

    async def _load(self, slide_id: str) -> Held:
        data = await self._storage.read(catalogue.index_key(slide_id), 0, MAX_INDEX_BYTES)
        looked_at = self._monotonic()
        index = await built_levels.complete(self._storage, slide_id, await asyncio.to_thread(tile_index.load, data))
        held = self._indexes[slide_id] = held_index(index, data, slide_id, looked_at)
        while len(self._indexes) > INDEXES or (
            len(self._indexes) > 1 and sum(one.size for one in self._indexes.values()) > INDEXES_BYTES
        ):
            self._indexes.popitem(last=False)
        return held


def _answer(kind: Kind, etag: bytes, pieces: Pieces) -> Answer:
    return Answer(kind, etag, sum([len(piece) for piece in pieces]), pieces)


async def while_awaited(receive: Receive, work: Coroutine[Any, Any, Awaited]) -> Awaited:
    """What ``work`` gives; cancelled when the client goes away before. Raises Left, and what ``work`` raises."""
    listening = _Listening(receive)
    try:
        return await work
    except asyncio.CancelledError:
        if listening.left and listening.waiting.uncancel() == 0:
            raise Left from None
        raise
    finally:
        listening.end()


class _Listening:
    """Cancels the current task when the client goes away: not at once, for most tiles are there before."""

    def __init__(self, receive: Receive) -> None:
        self.left = False
        self.waiting = cast("asyncio.Task[Any]", asyncio.current_task())
        self._over = False
        self._receive = receive
        self._hearing: asyncio.Task[None] | None = None
        self._begin = asyncio.get_running_loop().call_later(LISTEN_AFTER, self._listen)

    def _listen(self) -> None:
        self._hearing = asyncio.create_task(_disconnect(self._receive), name="hear that the reader left")
        self._hearing.add_done_callback(self._heard)

    def _heard(self, hearing: "asyncio.Task[None]") -> None:
        if not hearing.cancelled() and not hearing.exception() and not self._over:
            self.left = True
            self.waiting.cancel()

    def end(self) -> None:
        self._over = True
        self._begin.cancel()
        if self._hearing is not None:
            self._hearing.cancel()


def _connected(scope: Scope) -> Origin:
    client = scope.get("client")
    return Origin(client[0] if client else "")


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
