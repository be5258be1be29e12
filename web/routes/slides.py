"""/slides/{id}: the viewer, its thumbnail and the table of its colours, and the renewal of the view that opens its tiles.

Tiles themselves are answered in front of the framework (web/tiles.py); annotations have their own module.
"""

import asyncio
import gzip
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from auth import break_glass
from telepath import directory, grants
from telepath.access import Action, ObjectRef, may
from telepath.actor import Actor
from telepath.cases import actions as case_actions
from telepath.cases import repository as cases
from telepath.cases.model import Case
from telepath.db.transaction import Reader
from telepath.errors import NotFound, TileUnreadable, Unauthenticated
from telepath.slides import catalogue, pyramid_builder, views
from telepath.slides.catalogue import Slide
from telepath.slides.profile import LUT_BYTES
from telepath.slides.views import SILENT, Showing
from web import live_rooms
from web.errors import of_request
from web.json_body import read_json
from web.pages import path_id, render, services, signed_in
from web.request_body import media_type
from web.warming import count_kept, key_text

THUMBNAIL_BYTES = 4 << 20
LUT_MARK: Final = 16
"""Digits of the profile's digest in the address of its table: another profile, or none, is another address."""


async def show(request: Request) -> Response:
    """The viewer page. The view is audited and committed before the page, so before the first tile."""
    actor, slide_id = signed_in(request), path_id(request)
    made = services(request)
    async with made.db.write(actor) as tx:
        slide = await catalogue.get(tx, slide_id)
        allowed = await grants.require(tx, actor, Action.SLIDE_VIEW, slide.ref)
        glass = await break_glass.behind(tx, allowed)
        view = await views.open_view(tx, slide, allowed)
        entered = await directory.people(tx, [slide.mpp_by] if slide.mpp_by else [])
        case = await cases.get(tx, slide.case_id)
        beside = await visible_beside(tx, actor, slide)
        came_from = request.query_params.get("consult", "")
        consult = await live_rooms.consult_of(tx, actor, case.id, came_from)
        may_mark = bool(await grants.decide(tx, actor, Action.ANNOTATION_WRITE, slide.ref))
        may_discuss = bool(await grants.decide(tx, actor, Action.THREAD_WRITE, case.ref))
        may_ask = bool(await grants.decide(tx, actor, Action.CONSULT_REQUEST, case.ref))
        within = (("case", case.id), ("slide", slide.id), *((("consult", consult),) if consult else ()))
        room = ObjectRef("room", "", slide.institution_id, within)
        company = None
        if await grants.decide(tx, actor, Action.ROOM_OPEN, room):
            company = await live_rooms.company(tx, actor, slide.institution_id, consult)
    config = {
        "slide": slide_config(slide)
        | {
            "scale_by": entered[slide.mpp_by].name if slide.mpp_by in entered else "",
            "warm": key_text(request, actor, slide.id),
        },
        "slides": [{"id": one.id, "label": one.label, "stain": one.stain} for one in beside],
        "case": case_config(actor, case),
        "me": me_config(actor),
        "may_mark": may_mark,
        "may_discuss": may_discuss and not actor.link_id,
        "consult": consult,
        "back_to_consult": bool(consult) and consult == came_from,
        "may_ask": may_ask,
        "may_open_room": bool(company),
    }
    return with_cookie(request, render(request, "viewer.html", config=config, company=company, glass=glass), view)


async def renew(request: Request) -> Response:
    """``{"expires_in": seconds}`` and a new cookie: asked for before the old one ends, or after a tile answered 404.
    The body, if any: ``{"colour": word, "quality": word}``, how the slide is shown now (telepath/slides/shown.py), and
    ``"kept"``: names of tiles that were shown out of what had been sent ahead, as a batch has them.

    A viewer that learns here that its view has ended forgets the tiles which the browser keeps."""
    try:
        return await _renewed(request)
    except (NotFound, Unauthenticated) as ended:
        answer = await of_request(request, ended)
        answer.headers["Clear-Site-Data"] = '"cache"'
        return answer


async def _renewed(request: Request) -> Response:
    actor, slide_id = signed_in(request), path_id(request)
    made = services(request)
    showing = await read_json(request, Showing) if media_type(request) == "application/json" else SILENT
    async with made.db.write(actor, unaudited="an opening that goes on was audited when it began") as tx:
        slide = await catalogue.get(tx, slide_id)
        allowed = await grants.require(tx, actor, Action.SLIDE_VIEW, slide.ref)
        view = await views.renew(tx, slide, allowed, showing)
        seconds = int((view.expires_at - tx.now).total_seconds())
    count_kept(made.tiles, slide, view, showing.kept, request.scope)
    return with_cookie(request, JSONResponse({"expires_in": seconds}, headers={"Cache-Control": "no-store"}), view)


async def thumbnail(request: Request) -> Response:
    """The small picture that lists show. It needs the right to the slide, and is recorded as a view of its case."""
    actor, slide_id = signed_in(request), path_id(request)
    made = services(request)
    async with made.db.read() as db:
        slide = await catalogue.get(db, slide_id)
        allowed = await grants.require(db, actor, Action.SLIDE_VIEW, slide.ref)
        case = await cases.get(db, slide.case_id)
    tag = f'"{slide.digest[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=300", "Vary": "Cookie"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    await case_actions.record_view(made.db, actor, case, allowed)
    try:
        picture = await made.storage.read(catalogue.thumbnail_key(slide.folder), 0, THUMBNAIL_BYTES)
    except NotFound:
        raise TileUnreadable from None  # the slide has no level small enough to make one from
    return Response(picture, headers=headers, media_type="image/jpeg")


async def building(request: Request) -> Response:
    """``{"done": n, "total": n}`` tiles of the levels that the slide's file lacks; equal when all of them are there."""
    actor, slide_id = signed_in(request), path_id(request)
    async with services(request).db.read() as db:
        slide = await catalogue.get(db, slide_id)
        await grants.require(db, actor, Action.SLIDE_VIEW, slide.ref)
        left = await pyramid_builder.progress(db, slide.id)
    answer = {"done": left.done, "total": left.total} if left is not None else {"done": 0, "total": 0}
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


async def lut(request: Request) -> Response:
    """The table of the slide's colour profile (telepath/slides/colour.py), once for all pages: its address names the profile.
    204: the slide has no profile that can be applied."""
    actor, slide_id = signed_in(request), path_id(request)
    made = services(request)
    async with made.db.read() as db:
        slide = await catalogue.get(db, slide_id)
        await grants.require(db, actor, Action.SLIDE_VIEW, slide.ref)
    if not slide.profile.applied:
        return Response(status_code=204, headers={"Cache-Control": "no-store"})
    tag = f'"{slide.profile.digest[:LUT_MARK]}"'
    headers = {"ETag": tag, "Cache-Control": "private, max-age=31536000, immutable", "Vary": "Cookie, Accept-Encoding"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    table = await made.storage.read(catalogue.lut_key(slide.folder), 0, LUT_BYTES)
    if "gzip" in request.headers.get("accept-encoding", ""):
        table = await asyncio.to_thread(gzip.compress, table, 6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(table, headers=headers, media_type="application/octet-stream")


def case_config(actor: Actor, case: Case) -> dict[str, str]:
    """What the viewer's script and page know of the case. A guest was invited to slides, and to nothing of their case."""
    return {"id": "", "number": ""} if actor.link_id else {"id": case.id, "number": case.number}


def me_config(actor: Actor) -> dict[str, Any]:
    """Who reads. ``guest``: their name and the time are written on the slide (web/client/src/watermark.ts)."""
    return {"id": actor.person_id, "name": actor.name, "guest": bool(actor.link_id)}


def slide_config(slide: Slide) -> dict[str, Any]:
    """What the viewer's script knows of a slide (web/client/src/config.ts); lengths in pixels of each level, ``mpp`` in µm per
    level-0 px or None."""
    return {
        "id": slide.id,
        "label": slide.label,
        "stain": slide.stain,
        "width": slide.width,
        "height": slide.height,
        "mpp": slide.mpp,
        "scale_entered": slide.mpp_source == "entered",
        "objective": slide.objective,
        "levels": [
            {
                "width": level.width,
                "height": level.height,
                "downsample": level.downsample,
                "tile_width": level.tile_width,
                "tile_height": level.tile_height,
                "columns": level.columns,
                "rows": level.rows,
            }
            for level in slide.pyramid.levels
        ],
        "channels": [msgspec.structs.asdict(channel) for channel in slide.channels],
        "planes": {"count": slide.planes, "spacing_um": slide.plane_spacing},
        "background": slide.background,
        "profile": profile_config(slide),
    }


def profile_config(slide: Slide) -> dict[str, str]:
    """``state`` of the slide's colour profile (telepath/slides/profile.py), its ``name``, the address of its table or ""."""
    profile = slide.profile
    address = f"/slides/{slide.id}/colour.lut?{profile.digest[:LUT_MARK]}" if profile.applied else ""
    return {"state": str(profile.state), "name": profile.name, "lut": address}


async def visible_beside(reader: Reader, actor: Actor, slide: Slide) -> list[Slide]:
    """The slides of the same case that the actor may open, this one among them."""
    held = await grants.held_by(reader, actor)
    case = await catalogue.of_case(reader, slide.case_id)
    return [one for one in case if may(actor, Action.SLIDE_VIEW, one.ref, held, reader.now)]


def with_cookie(request: Request, response: Response, view: views.View) -> Response:
    made = services(request)
    cookie = made.tiles.mint_cookie(view)
    response.set_cookie(
        cookie.name,
        cookie.value,
        max_age=cookie.max_age,
        path=cookie.path,
        secure=made.settings.secure,
        httponly=True,
        samesite="strict",
    )
    return response


routes: list[BaseRoute] = [
    Route("/slides/{id}", show, methods=["GET"]),
    Route("/slides/{id}/view", renew, methods=["POST"]),
    Route("/slides/{id}/thumbnail", thumbnail, methods=["GET"]),
    Route("/slides/{id}/building", building, methods=["GET"]),
    Route("/slides/{id}/colour.lut", lut, methods=["GET"]),
]
