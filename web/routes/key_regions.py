"""Key regions: fields of a slide that are kept with their picture. Mounted with the slides' other addresses.

GET   /slides/{id}/regions  {"regions": [region]}: those that this reader sees; ``?consult=`` as the viewer's page
POST  /slides/{id}/regions  {"label", "view", "consult"}: 201 region
GET   /regions/{id}/picture  a JPEG
POST  /regions/{id}/remove   a form without fields but ``back``: ``consult``, else to the case

region: {"id", "label", "view", "author", "mine", "sealed"}; the view as in telepath/geometry.py. ``sealed``: who reads the case
blind does not see what others wrote there; ``label`` is empty then.
"""

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import blind, repository
from telepath import directory, grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases import key_regions
from telepath.cases import repository as cases
from telepath.cases.actions import record_view
from telepath.cases.key_regions import KeyRegion
from telepath.errors import Invalid
from telepath.geometry import View
from telepath.ids import is_id
from telepath.slides import catalogue
from web import live_rooms
from web.json_body import read_json
from web.pages import path_id, read_form, reader, redirect, services, signed_in

_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the viewer sends. ``consult``: empty for the case."""

    view: View
    label: str = ""
    consult: str = ""


class Shown(msgspec.Struct, frozen=True):
    """A key region as the viewer has it."""

    id: str
    label: str
    view: View
    author: str
    mine: bool
    sealed: bool = False


async def index(request: Request) -> Response:
    actor, slide_id, made = signed_in(request), path_id(request), services(request)
    async with made.db.read() as db:
        slide = await catalogue.get(db, slide_id)
        allowed = await grants.require(db, actor, Action.SLIDE_VIEW, slide.ref)
        case = await cases.get(db, slide.case_id)
        consult = await live_rooms.consult_of(db, actor, case.id, request.query_params.get("consult", ""))
        found = await key_regions.seen_by(db, actor, case.id, [slide.id], consult_id=consult)
        names = await directory.people(db, {one.pinned_by for one in found})
        sealed = await blind.hides(db, actor, case.id)
        unnamed = await repository.unnamed(db, case.id, actor.person_id)
    await record_view(made.db, actor, case, allowed)
    nobody = reader(request).words("reader-unnamed")
    called = {key: nobody if key in unnamed else one.name for key, one in names.items()}
    return _json({"regions": [_shown(one, called[one.pinned_by], actor, sealed) for one in found]})


async def pin(request: Request) -> Response:
    actor, slide_id, made = signed_in(request), path_id(request), services(request)
    asked = await read_json(request, Asked)
    if asked.consult and not is_id(asked.consult):
        raise Invalid("error-request")
    region = await key_regions.pin(
        made.db, made.storage, made.decoders, actor, slide_id, asked.view, asked.label, asked.consult
    )
    return _json(_shown(region, actor.name, actor), 201)


async def picture(request: Request) -> Response:
    """Recorded as a view of the case, as the small pictures of its slides are."""
    actor, made = signed_in(request), services(request)
    async with made.db.read() as db:
        drawn, region, allowed = await key_regions.picture(db, made.storage, actor, path_id(request))
        case = await cases.get(db, region.case_id)
    await record_view(made.db, actor, case, allowed)
    return Response(drawn, 200, _HEADERS, media_type="image/jpeg")


async def remove(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    back = form.choice("back", ("consult", "case"), required=False)
    gone = await key_regions.remove(services(request).db, actor, path_id(request))
    place = f"/consults/{gone.consult_id}" if back == "consult" and gone.consult_id else f"/cases/{gone.case_id}"
    return redirect(f"{place}?done=region-removed#regions")


def _shown(one: KeyRegion, name: str, actor: Actor, sealed: bool = False) -> Shown:
    mine = one.pinned_by == actor.person_id
    hidden = sealed and not mine and one.label != ""
    return Shown(one.id, "" if hidden else one.label, one.view, name, mine, hidden)


def _json(body: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, _HEADERS, media_type="application/json")


routes: list[BaseRoute] = [
    Route("/slides/{id}/regions", index, methods=["GET"]),
    Route("/slides/{id}/regions", pin, methods=["POST"]),
    Route("/regions/{id}/picture", picture, methods=["GET"]),
    Route("/regions/{id}/remove", remove, methods=["POST"]),
]
