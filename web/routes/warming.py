"""What a browser is sent ahead, before a slide is opened (web/client/src/warm.ts).

GET   /warm                        {"cases": [{"id", "slides": [{"id", "key", "mark"}]}]}: what to keep now, the most urgent
                                   first; what is kept of anything else goes
POST  /slides/{id}/warm            {"width", "height"} of the screen: {"tiles": [name], "bytes", "mark"}, recorded
GET   /slides/{id}/warm/{tiles}    those tiles, as a batch has them, while the POST is not older than a view lives

All of it is the browser's own: nothing of it is kept by HTTP caches.
"""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from telepath import grants
from telepath.access import Action
from telepath.cases import repository as cases
from telepath.errors import NotFound
from telepath.slides import catalogue, tile_names, views
from telepath.slides.warming import Screen
from web.json_body import read_json
from web.pages import path_id, services, signed_in
from web.request_body import media_type
from web.tile_answers import asked
from web.warming import WarmCase, chosen, fields_of, mark_of, of_person

_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Plan(msgspec.Struct, frozen=True):
    tiles: list[str]
    bytes: int
    mark: str


async def index(request: Request) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as db:
        found: list[WarmCase] = [] if actor.link_id else await of_person(request, db, actor)
    return _json({"cases": found})


async def begin(request: Request) -> Response:
    """Which tiles to fetch. That they are sent ahead is recorded before the first of them, and not as looked at."""
    actor, slide_id, made = signed_in(request), path_id(request), services(request)
    if actor.link_id:
        raise NotFound
    screen = await read_json(request, Screen) if media_type(request) == "application/json" else Screen()
    async with made.db.write(actor, unaudited="an opening ahead that goes on was recorded when it began") as tx:
        slide = await catalogue.get(tx, slide_id)
        allowed = await grants.require(tx, actor, Action.SLIDE_VIEW, slide.ref)
        fields = (await fields_of(tx, actor, await cases.get(tx, slide.case_id), [slide.id]))[slide.id]
        await views.warm(tx, slide, allowed)
    found, total = await chosen(made.tiles, slide, fields, screen)
    named = [tile_names.written(one, channels=bool(slide.channels)) for one in found]
    return _json(Plan(named, total, mark_of(slide, fields)))


async def tiles(request: Request) -> Response:
    """Asked of the database each time: there is no hurry, and the right may have ended."""
    actor, slide_id, made = signed_in(request), path_id(request), services(request)
    names = tile_names.read_batch(request.path_params["tiles"])
    if names is None:
        raise NotFound
    async with made.db.read() as db:
        slide = await catalogue.get(db, slide_id)
        await grants.require(db, actor, Action.SLIDE_VIEW, slide.ref)
        view = await views.warming(db, actor, slide_id)
    if view is None:
        raise NotFound
    said = asked(request.scope["headers"], request.scope.get("client"), request.scope)
    answer = await made.tiles.ahead(slide_id, names, view, said)
    headers = {name.decode(): value.decode() for name, value in answer.kind.headers}
    return Response(b"".join(answer.pieces), answer.kind.status, headers)


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), 200, _HEADERS, media_type="application/json")


routes: list[BaseRoute] = [
    Route("/warm", index, methods=["GET"]),
    Route("/slides/{id}/warm", begin, methods=["POST"]),
    Route("/slides/{id}/warm/{tiles}", tiles, methods=["GET"]),
]
