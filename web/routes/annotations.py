"""/slides/{id}/annotations: the marks on a slide, as JSON. Mounted with the slides' other addresses.

GET     {"annotations": [annotation]}
POST    {"operation_id", "shape": {"kind": "point", "x", "y"} | {"kind": "rectangle", "x", "y", "width", "height"}, "label"}
        201 annotation; 200 the same annotation when this operation came before
DELETE  /slides/{id}/annotations/{annotation}: 204

annotation: {"id", "shape", "label", "author": {"id", "name"}, "created_at", "mine", "sealed"}; lengths in level-0 px.
``sealed``: who reads the case blind does not see what others wrote there; ``label`` is empty then.
"""

from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import blind, repository
from telepath import directory
from telepath.actor import Actor
from telepath.cases import annotation_store
from telepath.cases.actions import record_view
from telepath.cases.annotations import Annotation, Drawing, Shape
from web.json_body import read_json
from web.pages import path_id, reader, services, signed_in


class Author(msgspec.Struct, frozen=True):
    id: str
    name: str


class Shown(msgspec.Struct, frozen=True):
    """An annotation as the client has it."""

    id: str
    shape: Shape
    label: str
    author: Author
    created_at: datetime
    mine: bool
    sealed: bool = False


async def index(request: Request) -> Response:
    actor, made = signed_in(request), services(request)
    async with made.db.read() as db:
        drawn, case, allowed = await annotation_store.of_slide(db, actor, path_id(request))
        sealed = await blind.hides(db, actor, case.id)
    await record_view(made.db, actor, case, allowed)
    async with made.db.read() as db:
        names = await directory.people(db, (one.author_id for one in drawn))
        unnamed = await repository.unnamed(db, case.id, actor.person_id)
    nobody = Author("", reader(request).words("reader-unnamed"))
    authors = {key: nobody if key in unnamed else Author(key, one.name) for key, one in names.items()}
    return _json({"annotations": [_shown(one, authors[one.author_id], actor, sealed) for one in drawn]})


async def draw(request: Request) -> Response:
    actor = signed_in(request)
    slide_id = path_id(request)
    drawing = await read_json(request, Drawing)
    async with services(request).db.write(actor, unaudited="an operation that came before changes nothing") as tx:
        made, new = await annotation_store.draw(tx, actor, slide_id, drawing)
    return _json(_shown(made, Author(actor.person_id, actor.name), actor), 201 if new else 200)


async def erase(request: Request) -> Response:
    actor = signed_in(request)
    async with services(request).db.write(actor) as tx:
        await annotation_store.erase(tx, actor, path_id(request), path_id(request, "annotation"))
    return Response(status_code=204)


def _shown(one: Annotation, author: Author, actor: Actor, sealed: bool = False) -> Shown:
    mine = one.author_id == actor.person_id
    hidden = sealed and not mine and one.label != ""
    label = "" if hidden else one.label
    return Shown(one.id, one.shape, label, author, one.created_at, mine, hidden)


def _json(body: object, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")


routes: list[BaseRoute] = [
    Route("/slides/{id}/annotations", index, methods=["GET"]),
    Route("/slides/{id}/annotations", draw, methods=["POST"]),
    Route("/slides/{id}/annotations/{annotation}", erase, methods=["DELETE"]),
]
