"""/rooms: open one, its page, its WebSocket, and the way for networks that let no WebSocket through."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from consults import repository as consults
from realtime import admission, drawings, ledger, messages, opening, roll
from realtime.connection import Connection
from realtime.messages import Hello, Operation
from realtime.room import State
from telepath import directory, grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases import repository as cases
from telepath.db.transaction import Transaction
from telepath.ids import is_id
from telepath.slides import catalogue, views
from telepath.slides.catalogue import Slide
from telepath.slides.views import View
from web import live_rooms, tile_answers
from web.json_body import read_json
from web.pages import path_id, read_form, redirect, render, services, signed_in
from web.room_sockets import AsgiSocket, EventSocket
from web.room_tiles import RoomTiles
from web.routes.slides import case_config, me_config, slide_config, visible_beside, with_cookie
from web.server import room_socket
from web.shown import page_shown
from web.warming import key_text


async def open_room(request: Request) -> Response:
    """Go to the room that others are in already; else open one on a slide, and invite the parties of the consult and whoever
    the form names."""
    actor = signed_in(request)
    form = await read_form(request)
    slide_id, consult_id = form.line("slide", 26, required=True), form.line("consult", 26)
    invited = [person for person in form.values("invite", opening.INVITED) if is_id(person)]
    made = services(request)
    async with made.db.read() as db:
        if not consult_id:
            consult_id = await live_rooms.consult_of(db, actor, (await catalogue.get(db, slide_id)).case_id)
        if consult_id:
            invited += await consults.parties(db, consult_id)
    room_id = await opening.open_room(made.db, actor, slide_id, consult_id, invited)
    return redirect(f"/rooms/{room_id}")


async def show(request: Request) -> Response:
    """The page of the room. Its slide's view is audited and committed before the page, so before the first tile."""
    actor, room_id = signed_in(request), path_id(request)
    made = services(request)
    async with made.db.write(actor) as tx:
        state = await ledger.state_of(tx, room_id)
        await admission.admit(tx, actor, state)
        slide, view = await _open_slide(tx, actor, state)
        case = await cases.get(tx, state.case)
        may_mark = bool(await grants.decide(tx, actor, Action.ANNOTATION_WRITE, slide.ref))
        may_present = bool(await grants.decide(tx, actor, Action.ROOM_PRESENT, admission.ref(state)))
        may_invite = bool(await grants.decide(tx, actor, Action.LINK_MAKE, admission.ref(state)))
        part = admission.part(actor, state, await admission.held(tx, actor, state), tx.now)
        beside = await visible_beside(tx, actor, slide)
        awaited = set(await opening.invited(tx, room_id)) - {actor.person_id}
        names = await directory.people(tx, awaited) if awaited else {}
    config = {
        "slide": slide_config(slide) | {"warm": key_text(request, actor, slide.id)},
        "slides": [{"id": one.id, "label": one.label, "stain": one.stain} for one in beside],
        "case": case_config(actor, case),
        "me": me_config(actor),
        "may_mark": may_mark,
        "room": _room_config(state)
        | {
            "invited": sorted(person.name for person in names.values()),
            "may_point": part.points,
            "may_speak": part.reads,
            "may_present": may_present,
            "may_invite": may_invite,
        },
    }
    await page_shown(request)
    return with_cookie(request, render(request, "room.html", config=config), view)


async def may_come(request: Request) -> Response:
    """HEAD: whether this person may be in the room. Asked by the room's script; shows nothing, so nothing was seen."""
    await services(request).hub.admit(signed_in(request), path_id(request))
    return Response(headers={"Cache-Control": "no-store"})


async def slide(request: Request) -> Response:
    """``{"epoch", "slide"}``: the slide that the room shows now, with the cookie that opens its tiles. For whoever is on the
    page when the presenter changes it."""
    actor, room_id = signed_in(request), path_id(request)
    async with services(request).db.write(actor) as tx:
        state = await ledger.state_of(tx, room_id)
        await admission.admit(tx, actor, state)
        shown, view = await _open_slide(tx, actor, state)
    body = {"epoch": state.epoch, "slide": slide_config(shown) | {"warm": key_text(request, actor, shown.id)}}
    return with_cookie(request, JSONResponse(body, headers={"Cache-Control": "no-store"}), view)


async def attendance(request: Request) -> Response:
    """``{"roll": [{"person", "name", "institution", "colour", "joined", "left"}]}``: who was in the room from when to when
    (RFC 3339; ``left`` null: still there), the earliest first. For who may read what is said in it."""
    actor, room_id = signed_in(request), path_id(request)
    made = services(request)
    async with made.db.read() as reader:
        state = await ledger.state_of(reader, room_id)
        allowed = await roll.may_read(reader, actor, state)
    await roll.close_silent(made.db, state)
    async with made.db.read() as reader:
        attendants = await roll.attendance(reader, room_id)
    stays = sorted(((stay, one) for one in attendants for stay in one.stays), key=lambda pair: pair[0].joined)
    await made.db.record(actor, "room.attendance-viewed", admission.ref(state), because=allowed)
    return _json(
        {
            "roll": [
                {
                    "person": one.person,
                    "name": one.name,
                    "institution": one.institution,
                    "colour": one.colour,
                    "joined": stay.joined,
                    "left": stay.left,
                }
                for stay, one in stays
            ]
        }
    )


async def ink(request: Request) -> Response:
    """``{"drawings": [{"seq", "plane", "points", "person", "name", "colour"}], "next": seq}``: those that stand on the slide
    ``?slide=``, in their order, ``drawings.READ`` at a time; ``next``: ask again with ``&after=`` that number, 0 when
    there are no more. A page that comes late is told only of the newest facts."""
    actor, room_id = signed_in(request), path_id(request)
    slide_id, asked = request.query_params.get("slide", ""), request.query_params.get("after", "")
    after = int(asked) if asked.isdecimal() and len(asked) <= 15 else 0
    async with services(request).db.read() as reader:
        state = await ledger.state_of(reader, room_id)
        await admission.admit(reader, actor, state)
        await admission.require_slide(reader, actor, state, slide_id)
        drawn = await drawings.standing(reader, room_id, slide_id, after)
    return _json({"drawings": drawn, "next": drawn[-1].seq if len(drawn) == drawings.READ else 0})


async def live(socket: WebSocket) -> None:
    """The room's socket (realtime/README.md). Refused before the handshake when there is no such room for this person."""
    actor, room_id = signed_in(socket), path_id(socket)
    hub = services(socket).hub
    await hub.admit(actor, room_id)
    await socket.accept()
    made, scope = services(socket), socket.scope
    supply = RoomTiles(made.tiles, made.db, actor, tile_answers.asked(scope["headers"], scope.get("client"), scope))
    ours = room_socket(scope)
    if ours is None:
        other = AsgiSocket(socket)
        await other.run(hub.connect(other, actor, room_id, supply=supply))
        return
    connection = hub.connect(ours, actor, room_id, supply=supply)
    ours.attach(connection.receive, connection.lost, connection.hold)
    await connection.run()


async def facts(request: Request) -> Response:
    """The room as server-sent events, for whom WebSockets are blocked."""
    actor, room_id = signed_in(request), path_id(request)
    hub = services(request).hub
    await hub.admit(actor, room_id)
    seen = request.headers.get("last-event-id") or request.query_params.get("last_seq", "")
    last_seq = int(seen) if seen.isdecimal() and len(seen) <= 15 else 0
    socket = EventSocket()

    def connect() -> Connection:
        connection = hub.connect(socket, actor, room_id, acknowledges=False)
        hello = Hello(protocol=messages.PROTOCOL, last_seq=last_seq)
        connection.receive(msgspec.json.encode(hello).decode())
        return connection

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(socket.events(connect), headers=headers, media_type="text/event-stream")


async def operate(request: Request) -> Response:
    """One operation by HTTP: the answer is the message that the socket would have carried."""
    actor, room_id = signed_in(request), path_id(request)
    operation = await read_json(request, Operation)
    answer = await services(request).hub.perform(actor, room_id, operation)
    return Response(messages.encode(answer), media_type="application/json", headers={"Cache-Control": "no-store"})


def _json(body: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json", headers={"Cache-Control": "no-store"})


def _room_config(state: State) -> dict[str, Any]:
    """What the room's script knows before the welcome (realtime/README.md)."""
    return {
        "id": state.room,
        "live": f"/rooms/{state.room}/live",
        "facts": f"/rooms/{state.room}/facts",
        "operations": f"/rooms/{state.room}/operations",
        "slide": f"/rooms/{state.room}/slide",
        "drawings": f"/rooms/{state.room}/drawings",
        "protocol": messages.PROTOCOL,
        "presenter": state.presenter,
        "epoch": state.epoch,
        "opened_by": state.opened_by,
        "consult": state.consult,
        "closed": state.closed,
    }


async def _open_slide(tx: Transaction, actor: Actor, state: State) -> tuple[Slide, View]:
    slide = await catalogue.get(tx, state.slide)
    allowed = await grants.require(tx, actor, Action.SLIDE_VIEW, slide.ref)
    return slide, await views.open_view(tx, slide, allowed)


routes: list[BaseRoute] = [
    Route("/rooms", open_room, methods=["POST"]),
    # Before those of GET, which would answer HEAD too: with a view of the slide, and with a place in the room.
    Route("/rooms/{id}", may_come, methods=["HEAD"]),
    Route("/rooms/{id}/facts", may_come, methods=["HEAD"]),
    Route("/rooms/{id}", show, methods=["GET"]),
    Route("/rooms/{id}/slide", slide, methods=["GET"]),
    Route("/rooms/{id}/roll", attendance, methods=["GET"]),
    Route("/rooms/{id}/drawings", ink, methods=["GET"]),
    Route("/rooms/{id}/facts", facts, methods=["GET"]),
    Route("/rooms/{id}/operations", operate, methods=["POST"]),
    WebSocketRoute("/rooms/{id}/live", live),
]
