"""/administration/invitations: who is expected; /invitations/{token}: what the invited person's letter leads to."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth import institutions, invitations, members
from auth.invitations import Invitee, Letter
from auth.model import Purpose
from telepath import directory
from telepath.actor import Role
from telepath.cases.wording import plain
from telepath.db.transaction import Reader
from telepath.directory import Institution
from telepath.errors import Conflict, Invalid, NotFound, TelepathError
from telepath.identifiers import PSC, State, rpps_of, rpps_state
from telepath.notices.channels import is_address
from web import letters
from web.errors import by_field, status_of
from web.national_number import subject_of_colleague
from web.pages import path_id, read_form, reader, redirect, render, services, signed_in
from web.routes import login
from web.routes.members import roles_of
from web.words import LANGUAGES

LIMITS: Final = {"given_name": 100, "family_name": 100, "email": 200, "rpps": 20}
TITLES: Final = ("Dr", "Pr", "")
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


async def index(request: Request) -> Response:
    return await _index_page(request)


async def _index_page(request: Request, error: TelepathError | None = None) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as read:
        await institutions.require(read, actor)
        waiting = await invitations.listed(read, actor.institution_id)
        people = await directory.people(read, {key for one in waiting for key in (one.person_id, one.invited_by)})
        known = {one.person.id: one for one in await members.of_institution(read, actor.institution_id)}
        now = read.now
    if error is None:
        await members.record_read(services(request).db, actor)
    return render(
        request,
        "administration/invitations.html",
        200 if error is None else status_of(error),
        invitations=[
            (one, people[one.person_id], people[one.invited_by].name, known.get(one.person_id), one.state(now).value)
            for one in waiting
        ],
        providers=services(request).providers.names,
        errors=by_field(reader(request).words, error),
    )


async def new(request: Request) -> Response:
    return await _form(request)


async def invite(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    typed = {name: form.line(name, 4 * limit) for name, limit in LIMITS.items()}
    typed |= {name: form.line(name, 40) for name in ("title", "language", "department", "provider")}
    try:
        roles = roles_of(form)
        async with services(request).db.read() as read:
            await institutions.require(read, actor)
            place = await _place(read, request)
            departments = {one.id for one in await directory.departments(read, actor.institution_id)}
        if typed["department"] and typed["department"] not in departments:
            raise Invalid("error-field-choice", field="department")
        invitee = _invitee(request, typed, roles, place)
        letter = await invitations.invite(services(request).db, actor, invitee)
    except (Invalid, Conflict) as wrong:
        return await _form(request, wrong, typed=typed, roles=form.values("roles"))
    return await _letter_page(request, letter, place, typed["email"])


async def resend(request: Request) -> Response:
    actor = signed_in(request)
    # The address is asked for again: what is known may have been typed elsewhere, and is not for this institution to learn.
    address = (await read_form(request)).line("email", 4 * LIMITS["email"])
    try:
        if address and not (len(address) <= LIMITS["email"] and is_address(address)):
            raise Invalid("error-invitation-email")
        letter = await invitations.resend(services(request).db, actor, path_id(request))
    except (Invalid, Conflict) as wrong:
        return await _index_page(request, wrong)
    async with services(request).db.read() as read:
        place = await _place(read, request)
    return await _letter_page(request, letter, place, address)


async def withdraw(request: Request) -> Response:
    try:
        await invitations.withdraw(services(request).db, signed_in(request), path_id(request))
    except Conflict as wrong:
        return await _index_page(request, wrong)
    return redirect("/administration/invitations?done=invitation-withdrawn")


async def answer(request: Request) -> Response:
    """For whoever holds the letter: which institution invites them, as what, and how to come in."""
    invitation, place, roles = await _answered(request)
    names = services(request).providers.names
    return render(
        request,
        "invitation.html",
        place=place,
        roles=roles,
        token=request.path_params["token"],
        provider="" if invitation.provider == PSC else names.get(invitation.provider, ""),
        expires_at=invitation.expires_at,
    )


async def start(request: Request) -> Response:
    """Away to who shall say who they are; what comes back is held against the invitation."""
    invitation, _, _ = await _answered(request)
    return await login.away(request, invitation.provider, Purpose.LOGIN, fresh=True, invitation_id=invitation.id)


async def _answered(request: Request) -> tuple[invitations.Invitation, Institution, list[Role]]:
    """Raises NotFound: no letter has this token, or the invitation is no longer open."""
    token = str(request.path_params["token"])
    if not TOKEN.fullmatch(token):
        raise NotFound
    async with services(request).db.read() as read:
        invitation = await invitations.answering(read, token)
        place = (await directory.institutions(read, [invitation.institution_id]))[invitation.institution_id]
        held = (await directory.memberships(read, invitation.person_id)).get(place.id, frozenset())
    return invitation, place, [role for role in Role if role in held]


async def _form(
    request: Request,
    error: TelepathError | None = None,
    *,
    typed: Mapping[str, str] | None = None,
    roles: Sequence[str] = (),
) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as read:
        await institutions.require(read, actor)
        place = await _place(read, request)
        departments = await directory.departments(read, actor.institution_id)
    names = (*LIMITS, "title", "language", "department", "provider")
    values = dict.fromkeys(names, "") | {"title": TITLES[0], "language": LANGUAGES[0], "provider": PSC}
    return render(
        request,
        "administration/invite.html",
        200 if error is None else status_of(error),
        values=values | dict(typed or {}),
        ticked=set(roles),
        roles=list(Role),
        titles=TITLES,
        languages=LANGUAGES,
        departments=[(one.id, one.name) for one in departments],
        providers=[(one.key, one.name) for one in services(request).providers.of(place.finess)],
        psc=PSC,
        errors=by_field(reader(request).words, error),
        limits=LIMITS,
    )


async def _letter_page(request: Request, letter: Letter, place: Institution, address: str) -> Response:
    """Shown once: the link is nowhere else. ``address``: where it goes by mail; empty: nowhere."""
    made = services(request)
    sent = await letters.send(made, letter, place, address) if address else False
    number = rpps_of(letter.person.subject_name_id)
    return render(
        request,
        "administration/letter.html",
        letter=letter,
        address=address,
        sent=sent,
        link=letters.link(made, letter),
        text=letters.text(made, letter, place, made.words(letter.person.language)),
        language=letter.person.language,
        unusual=number if number and rpps_state(number) is not State.OK else "",
    )


def _invitee(request: Request, typed: Mapping[str, str], roles: Sequence[Role], place: Institution) -> Invitee:
    """Raises Invalid, TooLarge: something of it cannot be."""
    if not roles:
        raise Invalid("error-member-no-role", field="roles")
    given, family = (
        plain(typed[field], field=field, limit=LIMITS[field], required=True) for field in ("given_name", "family_name")
    )
    email = plain(typed["email"], field="email", limit=LIMITS["email"])
    if email and not is_address(email):
        raise Invalid("error-invitation-email", field="email")
    foreign = {one.key for one in services(request).providers.of(place.finess)}
    provider = typed["provider"] or PSC
    if provider != PSC and provider not in foreign:
        raise Invalid("error-field-choice", field="provider")
    return Invitee(
        subject_name_id=_rpps(request, typed["rpps"]) if provider == PSC else "",
        provider=provider,
        title=typed["title"] if typed["title"] in TITLES else "",
        given_name=given,
        family_name=family,
        email=email,
        language=typed["language"] if typed["language"] in LANGUAGES else LANGUAGES[0],
        roles=frozenset(roles),
        department_id=typed["department"],
    )


def _rpps(request: Request, text: str) -> str:
    """The SubjectNameID of this RPPS number. Raises Invalid."""
    try:
        return subject_of_colleague(text, strict=services(request).settings.production)
    except Invalid as wrong:
        raise Invalid(wrong.code, field="rpps") from None


async def _place(read: Reader, request: Request) -> Institution:
    key = signed_in(request).institution_id
    return (await directory.institutions(read, [key]))[key]


routes: list[BaseRoute] = [
    Route("/administration/invitations", index),
    Route("/administration/invitations/new", new),
    Route("/administration/invitations/new", invite, methods=["POST"]),
    Route("/administration/invitations/{id}/resend", resend, methods=["POST"]),
    Route("/administration/invitations/{id}/withdraw", withdraw, methods=["POST"]),
    Route("/invitations/{token}", answer),
    Route("/invitations/{token}/login", start),
]
