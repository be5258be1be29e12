"""/cases: the list, one case with all it holds, and what may be changed in it."""

from collections.abc import Iterable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth import break_glass
from consults import asking, blind
from consults import repository as consults
from consults.model import Consult
from telepath import directory, grants
from telepath.access import Action, ObjectRef, Right, institution_ref, may
from telepath.actor import Actor
from telepath.cases import actions, attachments, patients, repository, sharing, slide_facts, threads
from telepath.cases.circumstances import CIRCUMSTANCES
from telepath.cases.codings import written
from telepath.cases.model import (
    CODINGS_LIMIT,
    CONTEXT_LIMIT,
    DESCRIPTION_LIMIT,
    DIAGNOSIS_LIMIT,
    GROSS_LIMIT,
    LABEL_LIMIT,
    NUMBER_LIMIT,
    ORGANS,
    TITLE_LIMIT,
    Case,
    CaseFacts,
)
from telepath.db.transaction import Reader
from telepath.errors import Conflict, Invalid, TelepathError
from telepath.geometry import View
from telepath.ids import is_id
from telepath.slides import deidentified
from telepath.slides import held as held_slides
from telepath.uploads import rows as uploads
from web import live_rooms, request_form
from web.code_words import in_words
from web.errors import by_field, status_of
from web.kept_fields import kept_of_case
from web.pages import Form, clean, path_id, read_form, reader, redirect, render, services, signed_in
from web.shown import page_shown
from web.threads import read_view, said, view_text
from web.words import Wording

QUERY_LIMIT = 100
PAGES_LIMIT = 200
LIMITS = {
    "number": NUMBER_LIMIT,
    "title": TITLE_LIMIT,
    "context": CONTEXT_LIMIT,
    "diagnosis": DIAGNOSIS_LIMIT,
    "codings": CODINGS_LIMIT,
    "gross": GROSS_LIMIT,
    "label": LABEL_LIMIT,
    "description": DESCRIPTION_LIMIT,
    "line": threads.TEXT_LIMIT,
    "attachment": attachments.TITLE_LIMIT,
}
ASK = "ask"
"""``then``: back to the request for an opinion, from which somebody came to complete the case."""
CHOSEN = ("organ", "share_with", "share_may", "share_days")
"""Fields of the forms that are chosen and not typed."""


class ConsultLine(msgspec.Struct, frozen=True):
    """A consult as the page of its case shows it."""

    consult: Consult
    experts: list[str]


async def index(request: Request) -> Response:
    actor = signed_in(request)
    wanted = " ".join(clean(request.query_params.get("q", "")[:QUERY_LIMIT]).split())
    number = request.query_params.get("page", "")
    page = min(int(number), PAGES_LIMIT) if number.isdecimal() and len(number) < 6 else 0
    async with services(request).db.read() as db:
        await grants.require(db, actor, Action.CASE_LIST, _home(actor))
        held = await grants.held_by(db, actor)
        shared = {
            grant.object_id
            for grant in held
            if grant.object_kind == "case"
            and Right.VIEW in grant.rights
            and (grant.until is None or grant.until > db.now)
        }
        found, more = await repository.listed(db, actor.institution_id, shared, containing=wanted, page=page)
        places = await directory.institutions(db, {line.case.institution_id for line in found})
        may_break = await break_glass.may(db, actor)
    return render(
        request,
        "cases/index.html",
        found=found,
        places=places,
        wanted=wanted,
        page=page,
        more=more,
        may_break_glass=may_break,
    )


async def new(request: Request) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as db:
        await grants.require(db, actor, Action.CASE_CREATE, _home(actor))
    return _facts_form(request, {})


async def create(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    try:
        made = await actions.create_case(services(request).db, actor, _facts(form))
    except (Invalid, Conflict) as error:
        return _facts_form(request, _values(form), error, problems=_facts(form).problems())
    return redirect(f"/cases/{made.id}?done=case-created")


async def edit(request: Request) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as db:
        case = await repository.get(db, path_id(request))
        allowed = await grants.require(db, actor, Action.CASE_EDIT, case.ref)
    await actions.record_view(services(request).db, actor, case, allowed)
    return _facts_form(request, _written(case) | {"then": request.query_params.get("then", "")}, case=case)


async def change(request: Request) -> Response:
    actor = signed_in(request)
    case_id = path_id(request)
    form = await read_form(request)
    db = services(request).db
    seen = form.number("version", 1, 2**31 - 1)
    try:
        await actions.edit_case(db, actor, case_id, seen, _facts(form))
    except (Invalid, Conflict) as error:
        async with db.read() as read:
            case = await repository.get(read, case_id)
            allowed = await grants.require(read, actor, Action.CASE_EDIT, case.ref)
        await actions.record_view(db, actor, case, allowed)
        return _facts_form(request, _values(form), error, case=case, problems=_facts(form).problems())
    if form.line("then", 10) == ASK:
        return redirect(f"/consults/new?case={case_id}&done=case-changed")
    return redirect(f"/cases/{case_id}?done=case-changed")


async def show(request: Request) -> Response:
    view, slide = request.query_params.get("view", ""), request.query_params.get("slide", "")
    attached = (slide, read_view(view) if view else None) if is_id(slide) else None
    return await case_page(request, attached=attached)


async def add_specimen(request: Request) -> Response:
    actor = signed_in(request)
    case_id = path_id(request)
    form = await read_form(request)
    try:
        await actions.add_specimen(
            services(request).db, actor, case_id, form.line("label", 1000), form.line("description", 1000)
        )
    except (Invalid, Conflict) as error:
        return await case_page(request, error=error, typed=form)
    return redirect(f"/cases/{case_id}?done=specimen-added#specimens")


async def write_line(request: Request) -> Response:
    actor = signed_in(request)
    case_id = path_id(request)
    form = await read_form(request)
    slide, view = form.line("slide", 26), form.line("view", 200)
    attached = (slide, read_view(view) if view else None) if is_id(slide) else None
    try:
        async with services(request).db.write(actor) as tx:
            case = await repository.get(tx, case_id)
            told = await threads.parties(tx, case)
            await threads.write(
                tx,
                actor,
                case,
                form.text("line", 4 * threads.TEXT_LIMIT),
                slide_id=attached[0] if attached else "",
                view=attached[1] if attached else None,
                tell=told,
                unnamed_to=await consults.unnamed_to(tx, case.id, actor.person_id, told),
            )
    except Invalid as error:
        return await case_page(request, error=error, typed=form, attached=attached)
    return redirect(f"/cases/{case_id}#discussion")


async def case_page(
    request: Request,
    *,
    error: TelepathError | None = None,
    typed: Form | None = None,
    attached: tuple[str, View | None] | None = None,
    described: str = "",
) -> Response:
    """The page of a case with what this reader may see of it. ``attached``: the slide, and the field, of the next line;
    ``described``: the slide of which the form was refused."""
    actor = signed_in(request)
    db = services(request).db
    async with db.read() as read:
        case = await repository.get(read, path_id(request))
        allowed = await grants.require(read, actor, Action.CASE_VIEW, case.ref)
    await actions.record_view(db, actor, case, allowed)
    await page_shown(request, f"/cases/{case.id}")
    async with db.read() as read:
        glass = await break_glass.behind(read, allowed)
        held = await grants.held_by(read, actor)

        def can(action: Action, thing: ObjectRef) -> bool:
            return bool(may(actor, action, thing, held, read.now))

        everything = await repository.slides(read, case.id)
        slides = [slide for slide in everything if can(Action.SLIDE_VIEW, slide.ref)]
        asked = [one for one in await consults.of_case(read, case.id) if can(Action.CONSULT_VIEW, one.ref)]
        people = await directory.people(
            read, [*filter(None, [case.created_by, case.non_opposition_by, *(slide.mpp_by for slide in slides)])]
        )
        hidden = await blind.hides(read, actor, case.id)
        place = (await directory.institutions(read, [case.institution_id]))[case.institution_id]
        context: dict[str, Any] = {
            "case": case,
            "glass": glass,
            "place": place,
            "opened_by": people[case.created_by],
            "noted_by": people.get(case.non_opposition_by or ""),
            "sealed": hidden,
            "systematic": request_form.systematic(reader(request).words, case, asked)
            if can(Action.CONSULT_REQUEST, case.ref)
            else [],
            "specimens": await repository.specimens(read, case.id),
            "held_count": len(await held_slides.sent_by(read, actor)),
            "attachments": [] if hidden else await attachments.of_case(read, case.id),
            "kept": await kept_of_case(read, actor, case.id, {slide.id: slide.label for slide in slides}),
            "slides": slides,
            "drawn_labels": {
                slide.id: deidentified.label_lines(
                    case.id, block=slide.block, section=slide.section, stain=slide.stain, finess=place.finess
                )
                for slide in slides
            },
            "may_see_labels": any(can(Action.SLIDE_IDENTITY, slide.ref) for slide in slides),
            "scale_by": {slide.mpp_by: people[slide.mpp_by].name for slide in slides if slide.mpp_by in people},
            "consults": [await _consult_line(read, one) for one in asked],
            "running_rooms": await live_rooms.running(read, actor, case_id=case.id),
            "lines": None,
            "may_edit": can(Action.CASE_EDIT, case.ref),
            "uploads": await uploads.of_case(read, actor, case.id),
            "may_ask": can(Action.CONSULT_REQUEST, case.ref),
            "may_write": can(Action.THREAD_WRITE, case.ref),
            "patient_known": await patients.known(read, case.id) if can(Action.PATIENT_VIEW, case.ref) else None,
            "may_identify": can(Action.PATIENT_EDIT, case.ref),
            "may_share": can(Action.CASE_SHARE, case.ref),
            "shares": [],
            "partners": [],
        }
        if context["may_share"]:
            context["shares"] = await sharing.of_case(read, case.id)
            context["partners"] = await sharing.partners(read, case.institution_id)
        if can(Action.THREAD_READ, case.ref):
            # What was said in a consult is between those who may see that consult.
            open_to_reader = {one.id for one in asked} | (set() if context["sealed"] else {""})
            lines = [line for line in await threads.of_case(read, case.id) if line.consult_id in open_to_reader]
            context["lines"] = await said(
                read,
                actor,
                case.id,
                lines,
                _places(reader(request).words, context["consults"]),
                unnamed=await consults.unnamed(read, case.id, actor.person_id),
            )
    shown = next((slide for slide in slides if attached and slide.id == attached[0]), None)
    return render(
        request,
        "cases/case.html",
        200 if error is None else status_of(error),
        **context,
        attached_slide=shown,
        attached_view=view_text(attached[1]) if shown and attached and attached[1] else "",
        errors=by_field(reader(request).words, error),
        asking=ASK in (request.query_params.get("then"), typed.line("then", 10) if typed else ""),
        codes=in_words(reader(request).words, case.codings),
        typed=_values(typed) if typed else {},
        described=described,
        slide_limits=slide_facts.LIMITS,
        limits=LIMITS,
        levels=list(sharing.Level),
        periods=sharing.PERIODS,
    )


def _places(t: Wording, consults: Iterable[ConsultLine]) -> dict[str, tuple[str, str]]:
    """What to call each consult of the case, beside what was said in it, and where that is answered."""
    return {
        one.consult.id: (
            t("cases-thread-consult", experts=", ".join(one.experts), count=len(one.experts)),
            f"/consults/{one.consult.id}#discussion",
        )
        for one in consults
    }


async def _consult_line(read: Reader, consult: Consult) -> ConsultLine:
    asked = asking.asked_of(await consults.offers_of(read, consult.id))
    names = await directory.people(read, asked)
    return ConsultLine(consult, [names[person_id].name for person_id in dict.fromkeys(asked)])


def _facts_form(
    request: Request,
    values: dict[str, str],
    error: TelepathError | None = None,
    case: Case | None = None,
    problems: Iterable[Invalid] = (),
) -> Response:
    """The form of a new case, or of ``case``. A Conflict of versions shows what the other person wrote beside it.
    ``problems``: all that is wrong with what was typed, of which ``error`` was the first."""
    conflict = case if error is not None and error.code == Conflict.code else None
    t = reader(request).words
    return render(
        request,
        "cases/form.html",
        200 if error is None else status_of(error),
        case=case,
        values=values,
        version=case.version if case else 0,
        errors={field: said for one in (*problems, error) for field, said in by_field(t, one).items()},
        conflict=conflict,
        organs=ORGANS,
        circumstances=CIRCUMSTANCES,
        asking=values.get("then") == ASK,
        limits=LIMITS,
    )


def _facts(form: Form) -> CaseFacts:
    """As typed: the model says what is wrong with it. The limits here only bound the work."""
    return CaseFacts(
        number=form.line("number", 1000),
        organ=form.line("organ", 100),
        title=form.line("title", 4 * TITLE_LIMIT),
        clinical_context=form.text("context", 4 * CONTEXT_LIMIT),
        proposed_diagnosis=form.text("diagnosis", 4 * DIAGNOSIS_LIMIT),
        codings=form.text("codings", 4 * CODINGS_LIMIT),
        gross_description=form.text("gross", 4 * GROSS_LIMIT),
        circumstances=tuple(form.values("circumstances")),
    )


def _values(form: Form) -> dict[str, str]:
    typed = {name: form.text(name, 4 * CONTEXT_LIMIT) for name in (*LIMITS, *slide_facts.LIMITS, *CHOSEN, "mpp")}
    return typed | {"circumstances": " ".join(form.values("circumstances")), "then": form.line("then", 10)}


def _written(case: Case) -> dict[str, str]:
    return {
        "number": case.number,
        "organ": case.organ,
        "title": case.title,
        "context": case.clinical_context,
        "diagnosis": case.proposed_diagnosis,
        "codings": written(case.codings),
        "gross": case.gross_description,
        "circumstances": " ".join(case.circumstances),
    }


def _home(actor: Actor) -> ObjectRef:
    return institution_ref(actor.institution_id)


routes: list[BaseRoute] = [
    Route("/cases", index, methods=["GET"]),
    Route("/cases", create, methods=["POST"]),
    Route("/cases/new", new, methods=["GET"]),
    Route("/cases/{id}", show, methods=["GET"]),
    Route("/cases/{id}/edit", edit, methods=["GET"]),
    Route("/cases/{id}/edit", change, methods=["POST"]),
    Route("/cases/{id}/specimens", add_specimen, methods=["POST"]),
    Route("/cases/{id}/lines", write_line, methods=["POST"]),
]
