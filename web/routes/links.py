"""/links: invitations of guests without an account. Who may make one, and who looks after them, is auth/links.py's to say."""

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth import links
from auth.links import Letter, State, Wish
from telepath import directory
from telepath.access import Right, institution_ref
from telepath.actor import Actor
from telepath.cases.wording import plain
from telepath.errors import Invalid, NotFound, TelepathError
from telepath.ids import is_id
from telepath.notices.channels import is_address
from telepath.territories import instant
from web import guest_letters
from web.errors import by_field, status_of
from web.pages import Form, language, path_id, read_form, reader, redirect, render, services, signed_in
from web.words import LANGUAGES

HOURS: Final = (1, 4, 8, 24, 48, 72)
LIMITS: Final = {"guest_name": 100, "guest_email": 200}
KINDS: Final = ("consult", "room")


async def index(request: Request) -> Response:
    """Who was invited to what, by whom, and what came of it: of the institution, or of one consult or room."""
    actor, made = signed_in(request), services(request)
    scope = _scope(request.query_params.get("consult", ""), request.query_params.get("room", ""))
    async with made.db.read() as db:
        found = await links.listed(db, actor, scope)
        makers = await directory.people(db, {one.made_by for one in found})
        now = db.now
    if found:
        await made.db.record(actor, "directory.read", institution_ref(actor.institution_id))
    return render(
        request,
        "guests/list.html",
        links=[(one, one.state(now).value, makers[one.made_by].name) for one in found],
        standing={State.EARLY.value, State.OPEN.value},
        scope=scope,
    )


async def new(request: Request) -> Response:
    """The form. Raises NotFound, Refused: nothing that this person may invite to."""
    actor = signed_in(request)
    kind, key = _wanted(request.query_params.get("consult", ""), request.query_params.get("room", ""))
    async with services(request).db.read() as db:
        await links.invitable(db, actor, kind, key)
    return _form_page(request, kind, key, {"guest_language": language(request), "hours": str(_hours(links.USUAL))}, ())


async def make(request: Request) -> Response:
    actor, made = signed_in(request), services(request)
    form = await read_form(request)
    kind, key = _wanted(form.line("consult", 26), form.line("room", 26))
    async with made.db.read() as db:
        await links.invitable(db, actor, kind, key)
    ticked = form.values("rights")
    try:
        letter = await links.make(made.db, actor, kind, key, _wish(request, actor, form, kind, ticked))
    except Invalid as error:
        typed = {name: form.line(name, 400) for name in (*LIMITS, "guest_language", "begins", "hours")}
        return _form_page(request, kind, key, typed, ticked, error)
    sent = await _send(request, actor, letter)
    return redirect(f"/links?{urlencode({kind: key, 'done': 'invited' if sent else 'invited-unsent'})}")


async def write_anew(request: Request) -> Response:
    actor = signed_in(request)
    letter = await links.anew(services(request).db, actor, path_id(request))
    sent = await _send(request, actor, letter)
    return redirect(_back(letter.link, "letter-sent" if sent else "invited-unsent"))


async def withdraw(request: Request) -> Response:
    link = await links.withdraw(services(request).db, signed_in(request), path_id(request))
    return redirect(_back(link, "link-withdrawn"))


async def _send(request: Request, actor: Actor, letter: Letter) -> bool:
    made = services(request)
    async with made.db.read() as db:
        place = (await directory.institutions(db, [letter.link.institution_id]))[letter.link.institution_id]
    return await guest_letters.invite(made, letter, actor.name, place)


def _wish(request: Request, actor: Actor, form: Form, kind: str, ticked: list[str]) -> Wish:
    """Raises Invalid: a field cannot be."""
    now = services(request).db.clock()
    lasts = timedelta(hours=int(form.choice("hours", [str(one) for one in HOURS])))
    begins, expires = _period(form, actor.time_zone, now, lasts)
    email = form.line("guest_email", LIMITS["guest_email"], required=True)
    if not is_address(email):
        raise Invalid("error-mail-address", field="guest_email")
    return Wish(
        name=plain(form.line("guest_name", LIMITS["guest_name"], required=True), field="guest_name", limit=100),
        email=email,
        language=form.choice("guest_language", LANGUAGES),
        rights=links.rights_ticked(kind, ticked),
        not_before=begins,
        expires_at=expires,
    )


def _period(form: Form, zone: str, now: datetime, lasts: timedelta) -> tuple[datetime, datetime]:
    """From the moment that was typed, in the person's own hours, or from now if none was. Raises Invalid."""
    typed = form.line("begins", 30)
    try:
        moment = datetime.fromisoformat(typed) if typed else now
        begins = instant(moment, zone)
        return begins, begins + lasts
    except (ValueError, OverflowError):
        raise Invalid("error-guest-begins", field="begins") from None


def _form_page(
    request: Request,
    kind: str,
    key: str,
    values: dict[str, str],
    ticked: list[str] | tuple[str, ...],
    error: TelepathError | None = None,
) -> Response:
    return render(
        request,
        "guests/new.html",
        200 if error is None else status_of(error),
        kind=kind,
        key=key,
        values=values,
        ticked=[one for one in ticked if one in set(Right)],
        offered=[right.value for right in links.OFFERED[kind]],
        hours=HOURS,
        languages=LANGUAGES,
        limits=LIMITS,
        errors=by_field(reader(request).words, error),
    )


def _wanted(consult: str, room: str) -> tuple[str, str]:
    """Raises NotFound: neither a consult nor a room."""
    scope = _scope(consult, room)
    if scope is None:
        raise NotFound
    return scope


def _scope(consult: str, room: str) -> tuple[str, str] | None:
    for kind, key in zip(KINDS, (consult, room), strict=True):
        if is_id(key):
            return kind, key
    return None


def _back(link: links.Link, done: str) -> str:
    return f"/links?{urlencode({link.object_kind: link.object_id, 'done': done})}"


def _hours(span: timedelta) -> int:
    return span // timedelta(hours=1)


routes: list[BaseRoute] = [
    Route("/links", index, methods=["GET"]),
    Route("/links", make, methods=["POST"]),
    Route("/links/new", new, methods=["GET"]),
    Route("/links/{id}/letter", write_anew, methods=["POST"]),
    Route("/links/{id}/withdraw", withdraw, methods=["POST"]),
]
