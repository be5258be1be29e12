"""/administration/groups: groups across institutions that the person's institution leads, or belongs to."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth import groups
from telepath import directory
from telepath.cases.wording import plain
from telepath.errors import Conflict, Invalid, TelepathError
from web.errors import by_field, status_of
from web.pages import path_id, read_form, reader, redirect, render, services, signed_in

NAME_LIMIT = 200
PAGE = "/administration/groups"


async def index(request: Request) -> Response:
    return await _page(request)


async def add(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    kind, typed = form.line("kind", 12), form.line("name", 4 * NAME_LIMIT)
    try:
        name = plain(typed, field="name", limit=NAME_LIMIT, required=True)
        await groups.found(services(request).db, actor, kind, name)
    except (Invalid, Conflict) as wrong:
        return await _page(request, wrong, kind=kind, name=typed)
    return redirect(f"{PAGE}?done=group-added")


async def join(request: Request) -> Response:
    """Let in whom a FINESS or an RPPS number names."""
    actor, group_id = signed_in(request), path_id(request)
    form = await read_form(request)
    number = form.line("number", 20)
    try:
        await groups.admit(services(request).db, actor, group_id, number)
    except Invalid as wrong:
        return await _page(request, wrong, about=group_id, number=number)
    return redirect(f"{PAGE}?done=group-joined")


async def leave(request: Request) -> Response:
    actor, group_id = signed_in(request), path_id(request)
    form = await read_form(request)
    kind, member = form.choice("kind", groups.MEMBER_KINDS), form.line("member", 26, required=True)
    try:
        await groups.release(services(request).db, actor, group_id, kind, member)
    except Conflict as wrong:
        return await _page(request, wrong, about=group_id)
    return redirect(f"{PAGE}?done=group-left")


async def end(request: Request) -> Response:
    await groups.dissolve(services(request).db, signed_in(request), path_id(request))
    return redirect(f"{PAGE}?done=group-ended")


async def _page(
    request: Request,
    error: TelepathError | None = None,
    *,
    about: str = "",
    kind: str = "",
    name: str = "",
    number: str = "",
) -> Response:
    """``about``: the group whose form has the error; empty: that of a new one."""
    actor = signed_in(request)
    async with services(request).db.read() as read:
        found = await groups.of_actor(read, actor)
        places = await directory.institutions(read, {one.institution_id for one in found})
    return render(
        request,
        "administration/groups.html",
        200 if error is None else status_of(error),
        groups=found,
        leads={one.id: places[one.institution_id].name for one in found},
        kinds=groups.KINDS,
        about=about,
        typed={"kind": kind, "name": name, "number": number},
        errors=by_field(reader(request).words, error),
        limit=NAME_LIMIT,
    )


routes: list[BaseRoute] = [
    Route(PAGE, index),
    Route(PAGE, add, methods=["POST"]),
    Route(f"{PAGE}/{{id}}/join", join, methods=["POST"]),
    Route(f"{PAGE}/{{id}}/leave", leave, methods=["POST"]),
    Route(f"{PAGE}/{{id}}/end", end, methods=["POST"]),
]
