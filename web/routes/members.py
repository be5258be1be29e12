"""/administration/members and /administration/credentials: who belongs to the institution, as what, and on whose word."""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth import credentials, institutions, members
from auth.credentials import Checked
from auth.invitations import UNBOUND
from auth.members import Member
from telepath import directory
from telepath.access import Action
from telepath.actor import Role
from telepath.cases.wording import plain
from telepath.db.transaction import Reader
from telepath.errors import Conflict, Invalid, TelepathError
from telepath.identifiers import PSC, State, rpps_of, rpps_state
from web.errors import by_field, status_of
from web.middleware import session_limits
from web.pages import Form, path_id, read_form, reader, redirect, render, services, signed_in

LIMITS: Final = {"authority": 200, "register_number": 60}


def rpps(member: Member) -> tuple[str, State]:
    """The RPPS number of a member, empty if there is none, and what its looks tell."""
    number = rpps_of(member.person.subject_name_id)
    return number, rpps_state(number) if number else State.OK


async def index(request: Request) -> Response:
    actor = signed_in(request)
    db = services(request).db
    async with db.read() as read:
        await institutions.require(read, actor)
        idle = session_limits(services(request).settings).idle
        found = await members.of_institution(read, actor.institution_id, idle)
    await members.record_read(db, actor)
    return render(
        request,
        "administration/members.html",
        members=[(one, *rpps(one)) for one in found],
        psc=PSC,
    )


async def show(request: Request) -> Response:
    return await _member_page(request)


async def change(request: Request) -> Response:
    """Roles and department."""
    actor = signed_in(request)
    form = await read_form(request)
    person_id = path_id(request)
    roles = roles_of(form)
    try:
        await members.change(
            services(request).db, actor, person_id, roles, form.line("department", 26), form.line("seen", 400)
        )
    except (Invalid, Conflict) as wrong:
        return await _member_page(request, wrong, roles=roles)
    # Who changes their own roles may have no page left here.
    return redirect(f"/administration/members/{person_id}?done=member-changed")


async def end(request: Request) -> Response:
    try:
        await members.end(services(request).db, signed_in(request), path_id(request))
    except Conflict as wrong:
        return await _member_page(request, wrong)
    return redirect("/administration/members?done=member-ended")


async def _member_page(
    request: Request, error: TelepathError | None = None, *, roles: Sequence[Role] | None = None
) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as read:
        await institutions.require(read, actor)
        idle = session_limits(services(request).settings).idle
        member = await members.get(read, actor.institution_id, path_id(request), idle)
        departments = await directory.departments(read, actor.institution_id)
        verifier = await _verifier(read, member)
    if error is None:
        await members.record_read(services(request).db, actor)
    number, state = rpps(member)
    return render(
        request,
        "administration/member.html",
        200 if error is None else status_of(error),
        member=member,
        number=number,
        state=state,
        verifier=verifier,
        roles=list(Role),
        ticked=member.roles if roles is None else set(roles),
        departments=[(one.id, one.name) for one in departments],
        errors=by_field(reader(request).words, error),
        psc=PSC,
    )


def roles_of(form: Form) -> list[Role]:
    """The roles that are ticked. Raises Invalid: something else among them."""
    ticked = form.values("roles", len(Role))
    if not set(ticked) <= set(Role):
        raise Invalid("error-field-choice", field="roles")
    return [Role(value) for value in dict.fromkeys(ticked)]


async def _verifier(read: Reader, member: Member) -> str:
    """The name of who checked the credential, if there is one."""
    if member.credential is None:
        return ""
    return (await directory.people(read, [member.credential.verified_by]))[member.credential.verified_by].name


# Credentials of those without an RPPS number


async def show_credentials(request: Request) -> Response:
    return await _credentials_page(request)


async def verify(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    person_id = path_id(request)
    typed = {name: form.line(name, 800) for name in ("authority", "register_number", "country")}
    try:
        await credentials.verify(services(request).db, actor, person_id, _checked(typed))
    except (Invalid, Conflict) as wrong:
        return await _credentials_page(request, wrong, about=person_id, typed=typed)
    return redirect("/administration/credentials?done=credential-verified")


async def withdraw(request: Request) -> Response:
    await credentials.withdraw(services(request).db, signed_in(request), path_id(request))
    return redirect("/administration/credentials?done=credential-withdrawn")


async def _credentials_page(
    request: Request, error: TelepathError | None = None, *, about: str = "", typed: dict[str, str] | None = None
) -> Response:
    """``about``: whose form has the error."""
    actor = signed_in(request)
    async with services(request).db.read() as read:
        await institutions.require(read, actor, Action.CREDENTIAL_VERIFY)
        found = await members.of_institution(read, actor.institution_id)
        foreign = [(one, await _verifier(read, one)) for one in found if one.person.provider != PSC]
    if error is None:
        await members.record_read(services(request).db, actor)
    return render(
        request,
        "administration/credentials.html",
        200 if error is None else status_of(error),
        members=foreign,
        unbound=UNBOUND,
        about=about,
        typed=typed or {},
        errors=by_field(reader(request).words, error),
        limits=LIMITS,
    )


def _checked(typed: dict[str, str]) -> Checked:
    """Raises Invalid, TooLarge."""
    authority, number = (
        plain(typed[field], field=field, limit=limit, required=True) for field, limit in LIMITS.items()
    )
    country = typed["country"].upper()
    if len(country) != 2 or not country.isascii() or not country.isalpha():
        raise Invalid("error-credential-country", field="country")
    return Checked(authority=authority, number=number, country=country)


routes: list[BaseRoute] = [
    Route("/administration/members", index),
    Route("/administration/members/{id}", show),
    Route("/administration/members/{id}", change, methods=["POST"]),
    Route("/administration/members/{id}/end", end, methods=["POST"]),
    Route("/administration/credentials", show_credentials),
    Route("/administration/credentials/{id}", verify, methods=["POST"]),
    Route("/administration/credentials/{id}/withdraw", withdraw, methods=["POST"]),
]
