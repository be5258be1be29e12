"""/break-glass: opening a case of another institution in an emergency. /administration/break-glass: its owner reviews that.

What is typed before one must prove again who one is comes back by a cookie that the browser cannot read, and by no address."""

from datetime import timedelta
from typing import Final
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from auth import break_glass
from auth import break_glass_reviews as reviews
from auth.break_glass_reviews import Verdict
from telepath import directory
from telepath.actor import Actor
from telepath.audit_catalogue import CATALOGUE, family
from telepath.cases.model import NUMBER_LIMIT
from telepath.db import audit_search
from telepath.db.audit_search import Search
from telepath.errors import Invalid, InvalidTransition, StepUpRequired, TelepathError
from web import audit_asking, audit_lines
from web.audit_lines import Line
from web.errors import by_field, status_of
from web.pages import path_id, read_form, reader, redirect, render, services, signed_in
from web.services import Services
from web.shown import page_shown

PATH: Final = "/break-glass"
REVIEWS: Final = "/administration/break-glass"
COOKIE: Final = "telepath-break-glass"
COOKIE_LIFE: Final = timedelta(minutes=10)
DEEDS: Final = frozenset(kind for kind in CATALOGUE if family(kind) not in {"break-glass", "right"})
SEEN: Final = 200
"""Records of what was seen that a reviewer is shown."""


class Typed(msgspec.Struct, frozen=True):
    """The fields of the form."""

    institution: str = ""
    number: str = ""
    reason: str = ""


async def form(request: Request) -> Response:
    """The form; with what was typed, when the reader comes back from proving who they are."""
    kept = _brought_back(request, signed_in(request))
    return await _form(request, kept or Typed(), proved=kept is not None)


async def open_case(request: Request) -> Response:
    actor, made = signed_in(request), services(request)
    sent = await read_form(request)
    typed = Typed(
        sent.line("institution", 26),
        sent.line("number", 4 * NUMBER_LIMIT),
        sent.text("reason", 4 * break_glass.REASON_LIMIT),
    )
    within = _within(made)
    try:
        case_id = await break_glass.open_case(
            made.db, actor, typed.institution, typed.number, typed.reason, within=within
        )
    except StepUpRequired:
        away = RedirectResponse(f"/login/step-up?return_to={quote(PATH, safe='')}", 303, {"Cache-Control": "no-store"})
        _carry(request, away, actor, typed)
        return away
    except Invalid as error:
        return await _form(request, typed, error)
    opened = redirect(f"/cases/{case_id}?done=break-glass-opened")
    opened.delete_cookie(COOKIE, path=PATH, secure=made.settings.secure, httponly=True, samesite="lax")
    return opened


async def end(request: Request) -> Response:
    """Of who opened it, back to their cases; of who reviews it, back to the review. Ended twice is ended."""
    actor, opening_id = signed_in(request), path_id(request)
    try:
        opening = await break_glass.end(services(request).db, actor, opening_id)
    except InvalidTransition:
        return redirect("/cases?done=break-glass-ended")
    theirs = opening.person_id == actor.person_id
    return redirect(f"{'/cases' if theirs else f'{REVIEWS}/{opening_id}'}?done=break-glass-ended")


async def _form(
    request: Request, typed: Typed, error: TelepathError | None = None, *, proved: bool = False
) -> Response:
    actor, made = signed_in(request), services(request)
    async with made.db.read() as read:
        await break_glass.require(read, actor)
        places = await directory.institutions(read)
        stale = not actor.proven_within(read.now, _within(made))
    others = (place for place in places.values() if place.id != actor.institution_id)
    return render(
        request,
        "break_glass/form.html",
        200 if error is None else status_of(error),
        institutions=sorted(others, key=lambda place: place.name.casefold()),
        values=typed,
        proved=proved and not stale,
        stale=stale,
        errors=by_field(reader(request).words, error),
        limits={"number": NUMBER_LIMIT, "reason": break_glass.REASON_LIMIT},
        least=break_glass.REASON_LEAST,
        minutes=break_glass.LONGEST // timedelta(minutes=1),
    )


def _within(made: Services) -> timedelta:
    return timedelta(minutes=made.settings.step_up_minutes)


def _context(actor: Actor) -> str:
    return f"break-glass {actor.person_id} {actor.institution_id}"


def _carry(request: Request, response: Response, actor: Actor, typed: Typed) -> None:
    """Give the browser what was typed. Lax: it comes back by a navigation that the identity provider begins."""
    made = services(request)
    fields = msgspec.structs.asdict(typed) | {"at": made.db.clock().timestamp()}
    text = made.db.keys.vault.carried(_context(actor), fields).translate(_TO_COOKIE)
    response.set_cookie(
        COOKIE,
        text,
        max_age=int(COOKIE_LIFE.total_seconds()),
        path=PATH,
        secure=made.settings.secure,
        httponly=True,
        samesite="lax",
    )


def _brought_back(request: Request, actor: Actor) -> Typed | None:
    """What ``_carry`` gave; None: nothing, of somebody else, or too old."""
    made = services(request)
    text = request.cookies.get(COOKIE, "")
    if not text:
        return None
    try:
        fields = made.db.keys.vault.brought_back(_context(actor), text.translate(_FROM_COOKIE))
    except ValueError:
        return None
    if made.db.clock().timestamp() - fields["at"] > COOKIE_LIFE.total_seconds():
        return None
    return msgspec.convert(fields, Typed)


_TO_COOKIE: Final = str.maketrans("+/=", "-_.")
_FROM_COOKIE: Final = str.maketrans("-_.", "+/=")
"""RFC 6265 4.1.1: what of base64 a cookie's value may not hold without quotes."""


async def queue(request: Request) -> Response:
    actor, made = signed_in(request), services(request)
    async with made.db.read() as read:
        lines = await reviews.queue(read, actor)
        people = await directory.people(read, {line.opening.person_id for line in lines})
        places = await directory.institutions(read, {line.opening.of_institution_id for line in lines})
        late = {line.opening.id for line in lines if reviews.overdue(line.opening, read.now)}
    return render(
        request,
        "break_glass/queue.html",
        lines=lines,
        people=people,
        places=places,
        overdue=late,
        due=reviews.DUE // timedelta(hours=1),
    )


async def show(request: Request) -> Response:
    return await _review(request)


async def decide(request: Request) -> Response:
    actor, made, opening_id = signed_in(request), services(request), path_id(request)
    sent = await read_form(request)
    typed = {"verdict": sent.line("verdict", 20), "note": sent.text("note", 4 * reviews.NOTE_LIMIT)}
    try:
        verdict = Verdict(sent.choice("verdict", list(Verdict)))
        await reviews.decide(made.db, actor, opening_id, verdict, typed["note"])
    except Invalid as error:
        return await _review(request, typed, error)
    return redirect(f"{REVIEWS}/{opening_id}?done=break-glass-reviewed")


async def _review(request: Request, typed: dict[str, str] | None = None, error: Invalid | None = None) -> Response:
    actor, made, opening_id = signed_in(request), services(request), path_id(request)
    review = await reviews.read(made.db, actor, opening_id)
    await page_shown(request, f"{REVIEWS}/{opening_id}")
    opening = review.opening
    seen = await _seen(request, review)
    async with made.db.read() as read:
        people = await directory.people(read, {opening.person_id, *filter(None, [opening.reviewed_by])})
        places = await directory.institutions(read, {opening.of_institution_id})
        late = reviews.overdue(opening, read.now)
    return render(
        request,
        "break_glass/review.html",
        200 if error is None else status_of(error),
        review=review,
        seen=seen,
        people=people,
        places=places,
        late=late,
        due=reviews.DUE // timedelta(hours=1),
        verdicts=[str(one) for one in Verdict],
        typed=typed or {},
        note_limit=reviews.NOTE_LIMIT,
        errors=by_field(reader(request).words, error),
    )


async def _seen(request: Request, review: reviews.Review) -> list[Line]:
    """What the log has of this person on this case while it was open, in its order; but for what opened and closed it."""
    made, opening = services(request), review.opening
    await audit_asking.seal(made)
    wanted = Search(
        institution=opening.institution_id,
        places=frozenset({opening.case_id}),
        actors=frozenset({opening.person_id}),
        kinds=DEEDS,
        since=opening.opened_at,
        until=(opening.ended_at or opening.until) + timedelta(seconds=1),
    )
    t = reader(request).words
    async with made.db.read() as read:
        found = await audit_search.search(read, None, wanted, SEEN)
        return (await audit_lines.lines(read, found, t, opening.institution_id))[::-1]


routes: list[BaseRoute] = [
    Route(PATH, form, methods=["GET"]),
    Route(PATH, open_case, methods=["POST"]),
    Route(f"{PATH}/{{id}}/end", end, methods=["POST"]),
    Route(REVIEWS, queue, methods=["GET"]),
    Route(f"{REVIEWS}/{{id}}", show, methods=["GET"]),
    Route(f"{REVIEWS}/{{id}}", decide, methods=["POST"]),
]
