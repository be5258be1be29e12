"""/login/emergency: in by a code while the identity provider is away. /administration/emergency: who lets that be.

A code is shown in the answer to the form that made it, once, and is in no address."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth import emergency
from auth.model import LoginFailed
from telepath import directory, grants
from telepath.access import Action, Denied, institution_ref
from telepath.directory import Person
from telepath.errors import Conflict, Forbidden, Invalid, NotFound
from web.errors import by_field
from web.middleware import origin_of, session_cookie, session_limits
from web.national_number import TYPED, subject_name_id
from web.pages import local_path, read_form, reader, redirect, render, services, signed_in
from web.routes import login

DOOR: Final = "/login/emergency"
PATH: Final = "/administration/emergency"
HOURS: Final = (2, 4, 8, 12, 24)
"""What is proposed; less is safer."""
USUAL: Final = 4
STATUS: Final = {"error-login-too-many": 429}


async def door(request: Request) -> Response:
    """Only while it is active somewhere."""
    await _require_active(request)
    return _door(request, local_path(request.query_params.get("return_to", "/")))


async def enter(request: Request) -> Response:
    made = services(request)
    await _require_active(request)
    form = await read_form(request)
    return_to = local_path(form.line("return_to", 400))
    typed = form.line("number", TYPED)
    try:
        number = subject_name_id(typed)
        entered = await emergency.sign_in(
            made.db,
            made.attempts,
            number,
            form.line("code", 80),
            return_to=return_to,
            cookie=request.cookies.get(session_cookie(made.settings), ""),
            limits=session_limits(made.settings),
            origin=origin_of(request, made.settings),
        )
    except Invalid as error:
        return _door(request, return_to, typed, errors=by_field(reader(request).words, error), status=422)
    except LoginFailed as failure:
        return _door(request, return_to, typed, error=failure.code, status=STATUS.get(failure.code, 403))
    return login.admit(request, entered)


async def page(request: Request) -> Response:
    """Of one's own institution. Its auditors see the same, without the buttons."""
    return await _page(request)


async def activate(request: Request) -> Response:
    """Asks who is there anew: whoever opens this door opens it for others."""
    actor, made = signed_in(request), services(request)
    form = await read_form(request)
    hours = form.number("hours", 1, max(HOURS))
    within = timedelta(minutes=made.settings.step_up_minutes)
    async with made.db.write(actor) as tx:
        allowed = await emergency.require(tx, actor, actor.institution_id)
        actor.proven_at(tx.now, within)
        await emergency.activate(tx, actor.institution_id, timedelta(hours=hours), allowed)
    return redirect(PATH)


async def end(request: Request) -> Response:
    actor, made = signed_in(request), services(request)
    async with made.db.write(actor, unaudited="another administrator may have ended it first") as tx:
        allowed = await emergency.require(tx, actor, actor.institution_id)
        found = await emergency.active(tx, actor.institution_id)
        if found is not None:
            await emergency.end(tx, found, allowed)
    return redirect(PATH)


async def make_code(request: Request) -> Response:
    """No recent authentication is asked for: the provider that would be asked is away."""
    actor, made = signed_in(request), services(request)
    form = await read_form(request)
    person_id = form.line("person", 26)
    try:
        async with made.db.write(actor) as tx:
            allowed = await emergency.require(tx, actor, actor.institution_id)
            if actor.in_emergency:
                raise Forbidden
            found = await emergency.active(tx, actor.institution_id)
            if found is None:
                raise Conflict("error-emergency-over")
            code = await emergency.make_code(tx, found, person_id, allowed)
            person = (await directory.people(tx, [person_id]))[person_id]
    except (Invalid, Conflict) as error:
        return await _page(request, error=error.code)
    return await _page(request, code=code, whose=person)


async def _page(request: Request, *, error: str = "", code: str = "", whose: Person | None = None) -> Response:
    actor, made = signed_in(request), services(request)
    place = institution_ref(actor.institution_id)
    async with made.db.read() as reader:
        decision = await grants.decide(reader, actor, Action.EMERGENCY_ACTIVATE, place)
        if isinstance(decision, Denied):
            await grants.require(reader, actor, Action.AUDIT_READ, place)
        found = await emergency.active(reader, actor.institution_id)
        given = await emergency.codes(reader, found.id) if found else []
        eligible = await emergency.eligible(reader, actor.institution_id) if found else frozenset()
        named = {one.person_id for one in given} | ({found.activated_by} if found else set())
        people = await directory.people(reader, named | eligible)
    members = sorted((people[one] for one in eligible), key=lambda one: (one.family_name, one.given_name))
    return render(
        request,
        "administration/emergency.html",
        409 if error else 200,
        may_manage=bool(decision),
        found=found,
        given=[(one, people[one.person_id].name, _state(one, made.db.clock())) for one in given],
        activated_by=people[found.activated_by].name if found and found.activated_by in people else "telepath",
        members=[(one.id, one.name) for one in members],
        hours=HOURS,
        usual=USUAL,
        minutes=int(emergency.CODE_LIFE.total_seconds()) // 60,
        error=error,
        code=code,
        whose=whose,
        door=f"{made.settings.origin}{DOOR}",
    )


def _state(code: emergency.Code, now: datetime) -> str:
    """What has become of a code: ``used``, ``waiting`` or ``expired``."""
    if code.used_at is not None:
        return "used"
    return "waiting" if now < code.expires_at else "expired"


def _door(
    request: Request,
    return_to: str,
    number: str = "",
    *,
    error: str = "",
    errors: Mapping[str, str] = MappingProxyType({}),
    status: int = 200,
) -> Response:
    return render(
        request,
        "login_emergency.html",
        status,
        return_to=return_to,
        number=number,
        error=error,
        errors=errors,
        back=f"/login?{urlencode({'return_to': return_to})}",
    )


async def _require_active(request: Request) -> None:
    """Raises NotFound: it is active nowhere; then there is no such door."""
    async with services(request).db.read() as reader:
        if not await emergency.anywhere(reader):
            raise NotFound


routes: list[BaseRoute] = [
    Route(DOOR, door),
    Route(DOOR, enter, methods=["POST"]),
    Route(PATH, page),
    Route(PATH, activate, methods=["POST"]),
    Route(f"{PATH}/end", end, methods=["POST"]),
    Route(f"{PATH}/codes", make_code, methods=["POST"]),
]
