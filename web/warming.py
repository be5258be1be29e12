"""What a browser is sent ahead of the cases that its person was given to read, and the key under which it keeps that."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, Final

import msgspec
from starlette.requests import Request

from consults import assigned, blind
from realtime.messages import Kept
from telepath import grants
from telepath.access import Action, may
from telepath.actor import Actor
from telepath.cases import key_regions, threads
from telepath.cases import repository as cases
from telepath.cases.model import Case
from telepath.db.database import Database
from telepath.db.transaction import Reader
from telepath.errors import Unavailable
from telepath.geometry import View
from telepath.slides import catalogue, tile_names, warming
from telepath.slides.catalogue import Slide
from telepath.slides.tile_request import TileName
from telepath.slides.views import View as SlideView
from telepath.slides.warming import Screen
from web import live_rooms
from web.pages import services
from web.tile_answers import asked
from web.tiles import TileService

CASES: Final = 6
"""At most, the most urgent first: a browser keeps no more than a few hundred MB."""
MARK: Final = 16


class WarmSlide(msgspec.Struct, frozen=True):
    """``key``: base64. ``mark``: another one when there is more to send."""

    id: str
    key: str
    mark: str


class WarmCase(msgspec.Struct, frozen=True):
    id: str
    slides: list[WarmSlide]


def key_text(request: Request, actor: Actor, slide_id: str) -> str:
    """The key of this session for this slide; "" for who is sent nothing ahead: a guest comes once."""
    if actor.link_id:
        return ""
    return b64encode(warming.key(services(request).capability_key, actor.session_id, slide_id)).decode()


async def of_person(request: Request, reader: Reader, actor: Actor) -> list[WarmCase]:
    """The cases that this person reads, and those of the rooms that they are invited to, with the slides that they may see."""
    running = [room.case_id for room in await live_rooms.running(reader, actor)]
    held = await grants.held_by(reader, actor)
    found = []
    for case_id in list(dict.fromkeys([*running, *await assigned.cases(reader, actor, CASES)]))[:CASES]:
        seen = [
            one
            for one in await catalogue.of_case(reader, case_id)
            if may(actor, Action.SLIDE_VIEW, one.ref, held, reader.now)
        ]
        if not seen:
            continue
        fields = await fields_of(reader, actor, await cases.get(reader, case_id), [one.id for one in seen])
        slides = [WarmSlide(one.id, key_text(request, actor, one.id), mark_of(one, fields[one.id])) for one in seen]
        found.append(WarmCase(case_id, slides))
    return found


async def fields_of(reader: Reader, actor: Actor, case: Case, slides: Collection[str]) -> dict[str, list[View]]:
    """By slide the fields that somebody pinned or wrote about, as far as this person reads of them on their pages. The caller
    has asked for the slides."""
    consult = await live_rooms.consult_of(reader, actor, case.id)
    fields: dict[str, list[View]] = {slide_id: [] for slide_id in slides}
    for region in await key_regions.seen_by(reader, actor, case.id, slides, consult_id=consult):
        fields[region.slide_id].append(region.view)
    if await grants.decide(reader, actor, Action.THREAD_READ, case.ref):
        sealed = await blind.hides(reader, actor, case.id)
        here = {consult} - {""} | (set() if sealed else {""})
        for line in await threads.of_case(reader, case.id):
            if line.view is not None and line.consult_id in here and line.slide_id in fields:
                fields[line.slide_id].append(line.view)
    return fields


async def chosen(
    tiles: TileService, slide: Slide, fields: Sequence[View], screen: Screen
) -> tuple[list[TileName], int]:
    """The tiles to send ahead, and about how many bytes they are. Raises TelepathError: the slide has no index."""
    held = await tiles.index(slide.id)
    choose = partial(warming.tiles, held.index, fields, screen, mpp=slide.mpp, objective=slide.objective)
    return await asyncio.to_thread(choose)


async def kept(db: Database, tiles: TileService, actor: Actor, said: Kept) -> list[TileName]:
    """Which tiles a browser has that says it keeps these of a slide, which its person has open; none, where that is not what it
    would be sent now. Raises TelepathError."""
    if actor.link_id:
        return []
    async with db.read() as reader:
        slide = await catalogue.get(reader, said.slide)
        fields = (await fields_of(reader, actor, await cases.get(reader, slide.case_id), [slide.id]))[slide.id]
    if mark_of(slide, fields) != said.mark:
        return []
    found, _ = await chosen(tiles, slide, fields, Screen(said.width, said.height))
    return found if len(found) == said.tiles else []


def mark_of(slide: Slide, fields: Sequence[View]) -> str:
    said = msgspec.json.encode([slide.digest, slide.mpp, fields])
    return hashlib.sha256(said).hexdigest()[:MARK]


def count_kept(tiles: TileService, slide: Slide, view: SlideView, kept: Sequence[str], scope: Any) -> None:
    """Count in ``view`` the tiles that its browser says it showed out of what it had been sent ahead; what is no name of a
    tile of this slide is left out. Raises Unavailable: there is no room to count them; it will say so again."""
    levels = slide.pyramid.levels
    names = [tile_names.read_one(text) for text in kept]
    shown = [one for one in names if one and one.level < len(levels) and levels[one.level].holds(one.column, one.row)]
    if not shown:
        return
    request = asked(scope["headers"], scope.get("client"), scope)
    sent = tiles.sent.of(view.id, request.asked_from, scope, slide.id)
    if sent is None:
        raise Unavailable(what="database")
    for one in shown:
        sent.keep(one.level, one.column, one.row, tiles.clock())
