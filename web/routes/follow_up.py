"""/consults/{id}/adoption, /another, /incidents, /outcomes: after the answer; /outcomes: what became of one's own opinions."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import adoption, incidents, outcomes
from consults.kinds import Adoption, IncidentKind, OutcomeKind, Verdict
from telepath.errors import Invalid
from web.consult_page.page import consult_page
from web.pages import path_id, read_form, redirect, render, services, signed_in
from web.shown import page_shown


async def decide(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    decision = Adoption(form.choice("adoption", list(Adoption)))
    reason = form.text("adoption-reason", 4 * adoption.REASON_LIMIT)
    try:
        await adoption.decide(services(request).db, actor, path_id(request), decision, reason)
    except Invalid as error:
        typed = {"adoption": str(decision), "adoption-reason": reason}
        return await consult_page(request, error=error, refused="adoption-not-decided", typed=typed)
    return redirect(f"/consults/{path_id(request)}?done=opinion-decided#adoption")


async def propose_another(request: Request) -> Response:
    actor = signed_in(request)
    text = (await read_form(request)).text("another-text", 4 * adoption.REASON_LIMIT)
    try:
        await adoption.propose_another(services(request).db, actor, path_id(request), text)
    except Invalid as error:
        typed = {"another-text": text}
        return await consult_page(request, error=error, refused="adoption-not-proposed", typed=typed)
    return redirect(f"/consults/{path_id(request)}?done=another-proposed#discussion")


async def note_incident(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    kind = IncidentKind(form.choice("incident-kind", list(IncidentKind)))
    text = form.text("incident-text", 4 * incidents.TEXT_LIMIT)
    try:
        await incidents.note(services(request).db, actor, path_id(request), kind, text)
    except Invalid as error:
        typed = {"incident-kind": str(kind), "incident-text": text}
        return await consult_page(request, error=error, refused="incidents-not-noted", typed=typed)
    return redirect(f"/consults/{path_id(request)}?done=incident-noted#incidents")


async def record_outcome(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    kind = OutcomeKind(form.choice("outcome-kind", list(OutcomeKind)))
    verdict = Verdict(form.choice("outcome-verdict", list(Verdict)))
    text = form.text("outcome-text", 4 * outcomes.TEXT_LIMIT)
    try:
        await outcomes.record(services(request).db, actor, path_id(request), kind, verdict, text)
    except Invalid as error:
        typed = {"outcome-kind": str(kind), "outcome-verdict": str(verdict), "outcome-text": text}
        return await consult_page(request, error=error, refused="outcome-not-recorded", typed=typed)
    return redirect(f"/consults/{path_id(request)}?done=outcome-recorded#outcomes")


async def own_outcomes(request: Request) -> Response:
    """Nothing here opens a case: a number, an organ, one's own words, and what the requester wrote for their author."""
    actor = signed_in(request)
    async with services(request).db.read() as read:
        followed = await outcomes.of_author(read, actor.person_id)
    await page_shown(request)
    return render(request, "consults/outcomes.html", followed=followed, agreement=outcomes.agreement(followed))


routes: list[BaseRoute] = [
    Route("/consults/{id}/adoption", decide, methods=["POST"]),
    Route("/consults/{id}/another", propose_another, methods=["POST"]),
    Route("/consults/{id}/incidents", note_incident, methods=["POST"]),
    Route("/consults/{id}/outcomes", record_outcome, methods=["POST"]),
    Route("/outcomes", own_outcomes, methods=["GET"]),
]
