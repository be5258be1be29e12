"""/consults: asking for an opinion, answering the request, reading, signing, and the report."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from consults import offers, reading, report, repository, signing, timeline, worklist
from consults import request as asking
from consults.deadlines import Urgency
from consults.lifecycle import ConsultStatus, OfferStatus, ReadingStatus
from consults.model import DECLINE_LIMIT, QUESTION_LIMIT, Consult, Offer, Opinion, Question, Reading
from consults.opinion import (
    CODINGS_LIMIT,
    CONCLUSION_LIMIT,
    DESCRIPTION_LIMIT,
    REMARKS_LIMIT,
    Draft,
    Kind,
)
from consults.routing import Ranking
from telepath import directory, grants
from telepath.access import Action, Denied, ObjectRef, may
from telepath.actor import Actor, Role
from telepath.cases import repository as cases
from telepath.cases import threads
from telepath.cases.actions import record_view
from telepath.cases.model import CONTEXT_LIMIT, ORGANS, Case
from telepath.db.database import Database
from telepath.db.transaction import Reader
from telepath.errors import Conflict, Invalid, StepUpRequired, TelepathError
from telepath.ids import is_id
from web import live_rooms
from web.consult_words import choices_of, left_out_of, place_name, reasons_of
from web.errors import by_field, status_of
from web.json_body import read_json
from web.pages import Form, clean, path_id, read_form, reader, redirect, render, services, signed_in
from web.routes import notices
from web.threads import read_view, said, view_text
from web.words import Wording

LIMITS: Final = {
    "question": QUESTION_LIMIT,
    "context": CONTEXT_LIMIT,
    "decline-reason": DECLINE_LIMIT,
    "conclusion": CONCLUSION_LIMIT,
    "description": DESCRIPTION_LIMIT,
    "remarks": REMARKS_LIMIT,
    "codings": CODINGS_LIMIT,
    "line": threads.TEXT_LIMIT,
}
UNABLE: Final = (f"no-{Role.EXPERT}", "other-institution")
"""Why somebody who was asked cannot answer now, as they are told."""
DRAFT_BYTES: Final = 200 * 1024
"""Of a draft as JSON: its limits in characters, each up to four bytes."""


# Asking


async def new(request: Request) -> Response:
    """The form, with proposals for the case's own organ at once: most requests need no second look."""
    actor = signed_in(request)
    case_id = request.query_params.get("case", "")
    async with services(request).db.read() as db:
        case = await cases.get(db, case_id if is_id(case_id) else "")
        allowed = await grants.require(db, actor, Action.CONSULT_REQUEST, case.ref)
        ranking = await asking.proposals(db, actor, case, case.organ, Urgency.STANDARD)
    await record_view(services(request).db, actor, case, allowed)
    values = {"organ": case.organ, "urgency": str(Urgency.STANDARD), "context": case.clinical_context}
    return _request_form(request, case, values, ranking)


async def propose_or_send(request: Request) -> Response:
    """``step`` is ``propose``: the same form with proposals for what it says now; else the request is sent."""
    actor = signed_in(request)
    db = services(request).db
    form = await read_form(request)
    values = {name: form.text(name, 4 * LIMITS[name]) for name in ("question", "context")}
    values |= {name: form.line(name, 40) for name in ("case", "organ", "urgency", "expert", "shows_identity")}
    case_id = values["case"] if is_id(values["case"]) else ""
    error: TelepathError | None = None
    if form.line("step", 10) != "propose":
        try:
            if not values["expert"]:
                raise Invalid("error-expert-not-chosen", field="expert")
            question = Question(
                values["question"], values["context"], values["organ"], Urgency(form.choice("urgency", list(Urgency)))
            )
            shows = form.ticked("shows_identity")
            made = await asking.request(db, actor, case_id, question, values["expert"], shows_identity=shows)
            return redirect(f"/consults/{made}?done=sent")
        except Invalid as wrong:
            error = wrong
    organ = values["organ"] if values["organ"] in ORGANS else ""
    urgency = Urgency(values["urgency"]) if values["urgency"] in set(Urgency) else Urgency.STANDARD
    async with db.read() as read:
        case = await cases.get(read, case_id)
        allowed = await grants.require(read, actor, Action.CONSULT_REQUEST, case.ref)
        ranking = await asking.proposals(read, actor, case, organ or case.organ, urgency)
    await record_view(db, actor, case, allowed)
    return _request_form(request, case, values, ranking, error)


def _request_form(
    request: Request, case: Case, values: Mapping[str, str], ranking: Ranking, error: TelepathError | None = None
) -> Response:
    t = reader(request).words
    return render(
        request,
        "consults/new.html",
        200 if error is None else status_of(error),
        case=case,
        values=dict.fromkeys(("question", "context", "organ", "urgency", "expert", "shows_identity"), "")
        | dict(values),
        organs=ORGANS,
        urgencies=list(Urgency),
        choices=choices_of(t, ranking),
        left_out=left_out_of(t, ranking),
        errors=by_field(t, error),
        limits=LIMITS,
    )


# The page of one consult


async def show(request: Request) -> Response:
    return await _consult_page(request, confirm=request.query_params.get("sign") == "1")


async def _consult_page(
    request: Request,
    *,
    error: TelepathError | None = None,
    refused: str = "",
    typed: Mapping[str, str] | None = None,
    confirm: bool = False,
) -> Response:
    """What this reader may see and do. ``refused``: the message that says what was not done; ``typed``: what its form
    held; ``confirm``: about to sign."""
    actor = signed_in(request)
    db = services(request).db
    consult_id = path_id(request)
    async with db.read() as read:
        consult = await repository.get(read, consult_id)
        allowed = await grants.require(read, actor, Action.CONSULT_VIEW, consult.ref)
    await reading.record_view(db, actor, consult, allowed, opened="hx-request" not in request.headers)
    await notices.shown(request, f"/consults/{consult.id}")
    t = reader(request).words
    async with db.read() as read:
        context = await _context(read, actor, consult, t)
    draft = context["draft"]
    attached = await _attached(request, context["slides"])
    return render(
        request,
        "consults/consult.html",
        200 if error is None else status_of(error),
        **context,
        attached=attached,
        typed=dict(typed or {}),
        conflict=isinstance(error, Conflict),
        confirm=confirm and draft is not None and not draft.empty,
        refused=refused,
        errors=by_field(t, error),
        limits=LIMITS,
    )


async def _context(read: Reader, actor: Actor, consult: Consult, t: Wording) -> dict[str, Any]:
    held = await grants.held_by(read, actor)

    def can(action: Action, thing: ObjectRef) -> bool:
        return bool(may(actor, action, thing, held, read.now))

    case = await cases.get(read, consult.case_id)
    asked = await repository.offers_of(read, consult.id)
    readings = await repository.readings_of(read, consult.id)
    opinions = await repository.opinions_of(read, consult.id)
    mine = next((one for one in readings if one.expert_id == actor.person_id), None)
    working = mine is not None and mine.status is not ReadingStatus.CANCELLED
    answering = working and can(Action.CONSULT_ANSWER, consult.ref)
    managing = can(Action.CONSULT_MANAGE, consult.ref)
    inside = managing or mine is not None
    slides = [slide for slide in await cases.slides(read, case.id) if can(Action.SLIDE_VIEW, slide.ref)]
    company = await live_rooms.company(read, actor, consult.institution_id, consult.id)
    moments = await timeline.of_consult(read, consult) if inside else []
    lines = None
    if can(Action.THREAD_READ, case.ref):
        # What was said about the case itself concerns each of its consults; of the other consults, nothing shows here.
        told = [line for line in await threads.of_case(read, case.id) if line.consult_id in {"", consult.id}]
        lines = await said(
            read, actor, case.id, told, {"": (t("consults-thread-case"), f"/cases/{case.id}#discussion")}
        )
    choosing = managing and not readings and consult.status in (ConsultStatus.ACTIVE, ConsultStatus.ON_HOLD)
    ranking = None
    if choosing:
        already = [offer.expert_id for offer in asked]
        ranking = await asking.proposals(read, actor, case, consult.organ, consult.urgency, already)
    people = await directory.people(
        read,
        {consult.requester_id, *(offer.expert_id for offer in asked), *_persons(moments), *_authors(opinions)},
    )
    places = await directory.institutions(
        read,
        {consult.institution_id, *(one.institution_id for one in asked), *(one.institution_id for one in opinions)},
    )
    standing = next((offer for offer in reversed(asked) if offer.status in ("accepted", "proposed")), None)
    offered = next((offer for offer in asked if offer.open and offer.expert_id == actor.person_id), None)
    # Who was asked as an expert and is none now, or not where they work now, sees what they saw, and is told why.
    answer = Action.CONSULT_ACCEPT if offered else Action.CONSULT_ANSWER
    answers = may(actor, answer, consult.ref, held, read.now)
    unable = answers.reason if (working or offered is not None) and isinstance(answers, Denied) else ""
    return {
        "consult": consult,
        "unable": unable if unable in UNABLE else "",
        "asked_at": next((one.institution_id for one in (mine, offered) if one is not None), ""),
        "state": _state(consult, standing, offered, mine),
        "case": case if can(Action.CASE_VIEW, case.ref) else None,
        "case_number": case.number,
        "people": people,
        "places": {place.id: place_name(place.name, place.city) for place in places.values()},
        "zones": {place.time_zone for place in places.values()},
        "slides": slides,
        "presenting": [slide.id for slide in slides if can(Action.ROOM_OPEN, slide.ref)] if company else [],
        "company": company,
        "running_rooms": await live_rooms.running(read, actor, consult_id=consult.id) if inside else [],
        "offered": offered,
        "standing": standing if inside else None,
        "why": reasons_of(t, standing) if standing and managing else [],
        "managing": managing,
        "declined": [offer for offer in asked if offer.status is OfferStatus.DECLINED] if managing else [],
        "revocable": managing and consult.status in (ConsultStatus.ACTIVE, ConsultStatus.ON_HOLD),
        "choices": choices_of(t, ranking) if ranking else [],
        "left_out": left_out_of(t, ranking) if ranking else [],
        "choosing": choosing,
        "reading": mine if answering else None,
        "draft": mine.draft if answering and mine is not None else None,
        "opinions": opinions,
        "moments": moments,
        "lines": lines,
        "may_write": can(Action.THREAD_WRITE, case.ref),
        "may_identify": can(Action.PATIENT_VIEW, case.ref),
        "inside": inside,
    }


def _state(consult: Consult, standing: Offer | None, offered: Offer | None, mine: Reading | None) -> str:
    """In the words of the worklist of whoever looks: as the expert who was asked or reads, else as the side that asks."""
    if consult.status is ConsultStatus.REVOKED:
        return "revoked"
    if offered is not None:
        return worklist.of_expert(offered.status, None)
    if mine is not None:
        return worklist.of_expert(OfferStatus.ACCEPTED, mine.status)
    return worklist.of_requester(consult.status, standing.status if standing else None)


async def _attached(request: Request, slides: Sequence[cases.SlideCard]) -> dict[str, str] | None:
    """The slide, and the field of it, that the next line of the discussion carries."""
    wanted = request.query_params.get("slide", "")
    slide = next((slide for slide in slides if slide.id == wanted), None)
    if slide is None:
        return None
    text = request.query_params.get("view", "")
    return {"id": slide.id, "label": slide.label, "view": view_text(read_view(text)) if text else ""}


# Acts


async def accept(request: Request) -> Response:
    await offers.accept(services(request).db, signed_in(request), path_id(request))
    return _back(request, "?done=accepted")


async def decline(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    reason = form.text("decline-reason", 4 * DECLINE_LIMIT)
    try:
        await offers.decline(services(request).db, actor, path_id(request), reason)
    except Invalid as error:
        if "field" not in error.params:
            raise
        typed = {"decline-reason": reason}
        return await _consult_page(request, error=error, refused="consults-not-declined", typed=typed)
    return redirect("/?done=declined")


async def reoffer(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    await offers.reoffer(services(request).db, actor, path_id(request), form.line("expert", 26))
    return _back(request, "?done=sent")


async def revoke(request: Request) -> Response:
    await asking.revoke(services(request).db, signed_in(request), path_id(request))
    return _back(request, "?done=revoked")


async def write_line(request: Request) -> Response:
    """A line of the discussion of this consult."""
    actor = signed_in(request)
    form = await read_form(request)
    text, slide, view = form.text("line", 4 * threads.TEXT_LIMIT), form.line("slide", 26), form.line("view", 200)
    try:
        async with services(request).db.write(actor) as tx:
            consult = await repository.get(tx, path_id(request))
            await grants.require(tx, actor, Action.CONSULT_VIEW, consult.ref)
            await threads.write(
                tx,
                actor,
                await cases.get(tx, consult.case_id),
                text,
                consult_id=consult.id,
                slide_id=slide if is_id(slide) else "",
                view=read_view(view) if view else None,
                tell=await repository.parties(tx, consult.id),
            )
    except Invalid as error:
        return await _consult_page(request, error=error, refused="consults-not-written", typed={"line": text})
    return _back(request, "#discussion")


class SentDraft(msgspec.Struct):
    """What the editor sends as the expert types (web/client/src/drafts.ts)."""

    version: int
    conclusion: str = ""
    description: str = ""
    remarks: str = ""
    codings: str = ""


async def save_draft(request: Request) -> Response:
    """As JSON from the editor: 200 with the version, or 409 with what is kept. As a form: back to the page."""
    actor = signed_in(request)
    db = services(request).db
    if request.headers.get("content-type", "").startswith("application/json"):
        sent = await read_json(request, SentDraft, DRAFT_BYTES)
        draft = Draft(sent.conclusion, sent.description, sent.remarks, sent.codings)
        try:
            saved = await reading.save_draft(db, actor, path_id(request), sent.version, draft)
        except Conflict:
            kept = await _kept(db, actor, path_id(request))
            return JSONResponse({"version": kept.version} | msgspec.structs.asdict(kept.draft), 409, _UNCACHED)
        return JSONResponse({"version": saved.version, "saved_at": saved.saved_at.isoformat()}, 200, _UNCACHED)
    form = await read_form(request)
    kept_as = await _save(request, actor, form, "consults-not-saved")
    return kept_as if isinstance(kept_as, Response) else _back(request, "?done=saved#opinion")


async def sign(request: Request) -> Response:
    """Of the editor: keep its text, then show what would be signed. Of the page that shows it: sign what was shown.

    Whoever must first prove again who they are does so before the text is shown; only the last of these posts signs."""
    actor = signed_in(request)
    made = services(request)
    consult_id = path_id(request)
    form = await read_form(request)
    version = form.number("version", 1, 2**31 - 1)
    within = timedelta(minutes=made.settings.step_up_minutes)
    refused = "consults-not-amended" if request.url.path.endswith("/addendum") else "consults-not-signed"
    to_confirm = f"/consults/{consult_id}?sign=1#opinion"
    try:
        if form.ticked("conclusion"):
            saved = await _save(request, actor, form, refused)
            if isinstance(saved, Response):
                return saved
            await signing.signable(made.db, actor, consult_id, saved, within)
            return redirect(to_confirm)
        signed = await signing.sign(made.db, actor, consult_id, version, within, providers=made.providers.names)
    except StepUpRequired:
        return RedirectResponse(f"/login/step-up?return_to={quote(to_confirm, safe='')}", 303, _UNCACHED)
    except (Invalid, Conflict) as error:
        return await _consult_page(request, error=error, refused=refused)
    if signed.kind is Kind.OPINION:
        return _back(request, "?done=signed#opinion")
    return _back(request, f"?done=amended#opinion-{signed.number}")


async def _save(request: Request, actor: Actor, form: Form, refused: str) -> int | Response:
    """Keep the form's text; returns its version. When that is refused: the page that says so, with the text in it."""
    consult_id = path_id(request)
    db = services(request).db
    texts = {name: form.text(name, 4 * LIMITS[name]) for name in ("conclusion", "description", "remarks", "codings")}
    draft, seen = Draft(**texts), form.number("version", 1, 2**31 - 1)
    try:
        return (await reading.save_draft(db, actor, consult_id, seen, draft)).version
    except Conflict as error:
        kept = await _kept(db, actor, consult_id)
        if all(clean(text).strip() == texts[name] for name, text in msgspec.structs.asdict(kept.draft).items()):
            return kept.version  # the editor itself saved these very words a moment ago
        return await _consult_page(request, error=error, refused=refused, typed=texts)
    except Invalid as error:
        if "field" not in error.params:
            raise
        return await _consult_page(request, error=error, refused=refused, typed=texts)


async def _kept(db: Database, actor: Actor, consult_id: str) -> Reading:
    async with db.read() as read:
        consult = await repository.get(read, consult_id)
        await grants.require(read, actor, Action.CONSULT_ANSWER, consult.ref)
        return await repository.reading_by(read, consult_id, actor.person_id)


async def print_report(request: Request) -> Response:
    """The signed opinion with its addenda, as PDF."""
    actor = signed_in(request)
    who = reader(request)
    consult_id = path_id(request)
    document = await report.record(services(request).db, actor, consult_id)
    pdf = await report.render(document, who.words)
    name = f"avis-{document.case_number}".replace("/", "-").replace(" ", "-")
    disposition = f'inline; filename="{name.encode("ascii", "replace").decode().replace("?", "-")}.pdf"'
    return Response(pdf, 200, _UNCACHED | {"Content-Disposition": disposition}, media_type="application/pdf")


_UNCACHED: Final = {"Cache-Control": "no-store"}


def _persons(moments: Iterable[timeline.Moment]) -> set[str]:
    return {person for moment in moments for person in (moment.person_id, moment.about) if person}


def _authors(opinions: Iterable[Opinion]) -> set[str]:
    return {opinion.author_id for opinion in opinions}


def _back(request: Request, rest: str = "") -> Response:
    """To the page of this consult; ``rest``: query and fragment."""
    return redirect(f"/consults/{path_id(request)}{rest}")


routes: list[BaseRoute] = [
    Route("/consults/new", new, methods=["GET"]),
    Route("/consults/new", propose_or_send, methods=["POST"]),
    Route("/consults/{id}", show, methods=["GET"]),
    Route("/consults/{id}/accept", accept, methods=["POST"]),
    Route("/consults/{id}/decline", decline, methods=["POST"]),
    Route("/consults/{id}/offers", reoffer, methods=["POST"]),
    Route("/consults/{id}/revoke", revoke, methods=["POST"]),
    Route("/consults/{id}/lines", write_line, methods=["POST"]),
    Route("/consults/{id}/draft", save_draft, methods=["POST"]),
    Route("/consults/{id}/sign", sign, methods=["POST"]),
    Route("/consults/{id}/addendum", sign, methods=["POST"]),
    Route("/consults/{id}/report.pdf", print_report, methods=["GET"]),
]
