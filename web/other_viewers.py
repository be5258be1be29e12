"""Slides for other viewers: Deep Zoom, and the IIIF Image API 3.0. Both lie below the tiles' own address, so that the same
capability opens them, and what is sent is counted as tiles are.

Below ``/slides/{id}/tiles/``: ``image.dzi`` with ``image_files/{level}/{column}_{row}.jpeg``, and ``iiif/info.json`` with
``iiif/{region}/{size}/{rotation}/{quality}.{format}``. A picture is drawn from tiles that this service would send by itself
(telepath/slides/drawing.py), whatever they are made of."""

import asyncio
import hashlib
import math
import re
from collections.abc import Sequence
from functools import partial
from typing import Final

import msgspec
from starlette.types import Receive, Scope, Send

from telepath.errors import Invalid, TelepathError
from telepath.slides import deep_zoom, iiif
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.messages import NO_TILE, DrawPicture
from telepath.slides.tile_index import Built, TileIndex
from telepath.slides.tile_request import TileName
from web.tile_answers import (
    NOT_ALLOWED,
    NOT_FOUND,
    UNREADABLE,
    Answer,
    Asked,
    Kind,
    asked,
    is_held,
    not_kept,
    private,
    refusal,
    words,
)
from web.tile_indexes import BATCH_BYTES, Held, kept_as
from web.tiles import OK, READING, Left, TileService, while_awaited
from web.words import LANGUAGES, Words, preferred

TILES_BYTES: Final = 200 << 20
"""Of the tiles that one picture may be drawn from, were each as long as the slide's longest: 400 of usual ones."""
READ_AT_ONCE: Final = 16
"""Tiles of one picture that wait for a decoder: fewer than a reader has places (telepath/slides/turns.py)."""
KEPT_SIDE: Final = 512
"""Px. Larger pictures are made anew each time: a few of them would fill what is kept of everybody's tiles."""
Shown = tuple[Answer, Sequence[TileName]]
_PATH: Final = re.compile(r"/slides/([0-9a-z]{26})/tiles/(image\.dzi|image_files/.{1,40}|iiif|iiif/.{1,200})")
_TILE: Final = re.compile(r"image_files/([0-9]{1,2})/([0-9]{1,6})_([0-9]{1,6})\.jpe?g")
_ANYBODY: Final = (b"access-control-allow-origin", b"*")
"""IIIF asks for it. It opens nothing: without our cookie, which no other site can send, there is no picture."""
_VARY: Final = (b"vary", b"Accept-Language, Cookie")
_LEVEL: Final = (b"link", f'<{iiif.PROFILE}>;rel="profile"'.encode())
_XML: Final = Kind(200, [(b"content-type", b"application/xml; charset=utf-8"), *private()])
_JSON: Final = Kind(200, [(b"content-type", b"application/json"), _ANYBODY, _LEVEL, *private()])
_LINKED: Final = Kind(
    200, [(b"content-type", f'application/ld+json;profile="{iiif.CONTEXT}"'.encode()), _ANYBODY, _LEVEL, *private()]
)
_TYPES: Final = {iiif.Format.JPEG: b"image/jpeg", iiif.Format.PNG: b"image/png", iiif.Format.WEBP: b"image/webp"}
_PICTURES: Final = {
    form: Kind(200, [(b"content-type", kind), _ANYBODY, _LEVEL, *private()]) for form, kind in _TYPES.items()
}
_INCOMPLETE: Final = {
    form: Kind(200, [(b"content-type", kind), _ANYBODY, _LEVEL, *not_kept()]) for form, kind in _TYPES.items()
}
"""With a part that is unreadable now."""
_SAME: Final = Kind(304, [_ANYBODY, *private()])


class OtherViewers:
    """ASGI, for the paths that it serves. ``origin``: of the service, for the addresses that info.json names; ``say``: its
    sentences."""

    def __init__(self, tiles: TileService, decoders: DecoderPool, say: Words, origin: str) -> None:
        self._tiles = tiles
        self._say = say
        self._decoders = decoders
        self._origin = origin

    @staticmethod
    def serves(path: str) -> bool:
        return _PATH.fullmatch(path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = asked(scope["headers"], scope.get("client"), scope)
        try:
            answer = await while_awaited(receive, self._answer(scope, request))
        except Left:
            return
        headers = list(answer.kind.headers)
        if answer.kind.measured:
            headers.append((b"content-length", b"%d" % answer.size))
        if answer.etag:
            headers.append((b"etag", answer.etag))
        await send({"type": "http.response.start", "status": answer.kind.status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else b"".join(answer.pieces)
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, request: Asked) -> Answer:
        found = _PATH.fullmatch(scope["path"])
        if found is None:
            return NOT_FOUND
        if scope["method"] not in READING:
            return NOT_ALLOWED
        slide_id, rest = found.groups()
        view = self._tiles.view(slide_id, request)
        if isinstance(view, Answer):
            return view
        try:
            held = await self._tiles.index(slide_id)
            answer, shown = await self._found(slide_id, rest, held, view, request)
        except Invalid as error:
            return words(_refused(), self._worded(scope, error).encode())
        except TelepathError as error:
            return refusal(error)
        view = self._tiles.view(slide_id, request)  # it may have been revoked while we waited
        if isinstance(view, Answer):
            return view
        for name in shown:
            counted = self._tiles.counted(answer, name, view, slide_id, request)
            if counted is not answer:
                return counted
        return answer

    def _worded(self, scope: Scope, error: Invalid) -> str:
        wanted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        return self._say(preferred(wanted) or LANGUAGES[0])(error.code, **error.params)

    async def _found(self, slide_id: str, rest: str, held: Held, view: str, request: Asked) -> Shown:
        """The answer, and the tiles that it shows, not counted yet. Raises Invalid."""
        pyramid = held.index.pyramid
        address = f"{self._origin}/slides/{slide_id}/tiles/iiif"
        if rest == "image.dzi":
            return words(_XML, deep_zoom.description(pyramid).encode()), ()
        if rest == "iiif":
            return words(Kind(303, [(b"location", f"{address}/info.json".encode()), _ANYBODY]), b""), ()
        if rest == "iiif/info.json":
            wanted = dict(request.scope["headers"]).get(b"accept", b"")
            kind = _LINKED if b"application/ld+json" in wanted else _JSON
            return words(kind, msgspec.json.encode(iiif.info(pyramid, address))), ()
        if tile := _TILE.fullmatch(rest):
            level, column, row = (int(part) for part in tile.groups())
            wanted_part = deep_zoom.tile(pyramid, level, column, row)
            if wanted_part is None:
                return NOT_FOUND, ()
            own = deep_zoom.native(pyramid, level, column, row)
            if own is not None and not held.index.header.channels:
                name = TileName(own, column, row, held.index.header.planes // 2)
                return await self._tiles.part(held, name, view, name.text, request.etags), (name,)
            return await self._picture(held, wanted_part, view, request)
        parts = rest.split("/")
        if parts[0] != "iiif" or len(parts) != 5:
            return NOT_FOUND, ()
        return await self._picture(held, iiif.read(pyramid, *parts[1:]), view, request)

    async def _picture(self, held: Held, wanted: iiif.Picture, view: str, request: Asked) -> Shown:
        index = held.index
        number = _level(index, wanted)
        level, planes = index.pyramid.levels[number], index.header.planes
        scale = level.downsample
        left, top, width, height = (side / scale for side in (wanted.x, wanted.y, wanted.width, wanted.height))
        width, height = min(width, level.width - left), min(height, level.height - top)
        columns = _span(left, width, level.tile_width, level.columns)
        rows = _span(top, height, level.tile_height, level.rows)
        names = [
            TileName(number, column, row, planes // 2, channel)
            for channel in range(index.channels)
            for row in rows
            for column in columns
        ]
        if len(names) * BATCH_BYTES > TILES_BYTES * held.room:
            raise Invalid("error-picture-request", what="size")
        mark = hashlib.sha256(msgspec.json.encode(wanted)).hexdigest()[:16]
        etag = f'"{held.made}-{mark}"'.encode()
        if is_held(request.etags, etag):
            return Answer(_SAME, etag, 0, ()), names
        turn = asyncio.Semaphore(READ_AT_ONCE)

        async def part_of(name: TileName) -> Answer:
            async with turn:
                return await self._tiles.part(held, name, view)

        parts = await asyncio.gather(*(part_of(name) for name in names))
        for part in parts:
            if part.kind.status != OK and part is not UNREADABLE:
                return part, ()
        whole = UNREADABLE not in parts
        tiles = [NO_TILE if part is UNREADABLE else b"".join(part.pieces) for part in parts]
        asked_for = DrawPicture(
            tiles=tuple(tiles),
            across=len(columns),
            tile_width=level.tile_width,
            tile_height=level.tile_height,
            left=left - columns[0] * level.tile_width,
            top=top - rows[0] * level.tile_height,
            width=width,
            height=height,
            wanted=wanted,
            channels=index.header.channels,
            background=index.header.background,
        )
        name = kept_as(held, f"picture-{mark}")
        if whole and max(wanted.across, wanted.down) <= KEPT_SIDE:
            made = await self._decoders.tile(held.files, name, partial(_ready, asked_for), reader=view)
        else:
            made = await self._decoders.make(held.files, name, asked_for, reader=view)
        if not whole:  # what could not be read now may be there the next time
            return Answer(_INCOMPLETE[wanted.format], b"", len(made), (made,)), names
        return Answer(_PICTURES[wanted.format], etag, len(made), (made,)), names


async def _ready(request: DrawPicture) -> DrawPicture:
    return request


def _refused() -> Kind:
    return Kind(
        400, [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"), _VARY, _ANYBODY]
    )


def _level(index: TileIndex, wanted: iiif.Picture) -> int:
    """The coarsest level that is fine enough; of one that is not built yet, the next finer one."""
    scale = min(wanted.width / wanted.across, wanted.height / wanted.down)
    fine = [
        number
        for number, level in enumerate(index.pyramid.levels)
        if level.downsample <= scale * 1.01 and not isinstance(index.header.ways[number], Built)
    ]
    return max(fine, key=lambda number: index.pyramid.levels[number].downsample, default=0)


def _span(start: float, length: float, side: int, count: int) -> range:
    """Which columns or rows of tiles it lies on."""
    first = min(count - 1, int(start // side))
    return range(first, max(first + 1, min(count, math.ceil((start + length) / side - 1e-9))))
