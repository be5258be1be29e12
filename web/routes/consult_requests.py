"""/consults/new, and what the requester does with a request: asking somebody else too, taking it back."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import chain, offers, preferred_experts
from consults import request as asking
from consults.deadlines import Urgency
from consults.model import QUESTION_LIMIT, Question
from consults.terms import ONE_BY_ONE
from telepath import grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.cases import repository as cases
from telepath.cases.actions import record_view
from telepath.cases.model import CONTEXT_LIMIT, ORGANS, Case
from telepath.db.database import Database
from telepath.errors import Invalid, NotFound, TelepathError
from telepath.ids import is_id
from web import request_form
from web.consult_page.page import consult_page
from web.consult_words import choices_of, left_out_of, notes_of
from web.errors import by_field, status_of
from web.pages import Form, path_id, read_form, reader, redirect, render, services, signed_in

LIMITS: Final = {"question": QUESTION_LIMIT, "context": CONTEXT_LIMIT}
CHOSEN: Final = ("case", "organ", "urgency", "expert", "shows_identity", "kind", "network", "trigger", "proof")
AND_WHO: Final = ("policy", "pool", "blind", "follows", "shows_earlier")
"""Fields of the form that are chosen and not typed."""


async def new(request: Request) -> Response:
    """The form, with proposals for the case's own organ at once: most requests need no second look. ``take``: the network
    that the page of the case proposed."""
    actor = signed_in(request)
    case_id = request.query_params.get("case", "")
    db = services(request).db
    async with db.read() as read:
        case = await cases.get(read, case_id if is_id(case_id) else "")
        allowed = await grants.require(read, actor, Action.CONSULT_REQUEST, case.ref)
    await record_view(db, actor, case, allowed)
    values = {"organ": case.organ, "urgency": str(Urgency.STANDARD), "context": case.clinical_context}
    values["follows"] = request.query_params.get("follows", "")
    if wanted := request.query_params.get("take", ""):
        values = request_form.taken(values, wanted, case)
    return await _request_form(request, case, values)


async def propose_or_send(request: Request) -> Response:
    """``step`` is ``propose``: the same form with proposals for what it says now; ``take``: with this network; ``prefer``,
    ``forget``: this expert is one whom the requester likes to ask, or is not; else the request is sent."""
    actor = signed_in(request)
    db = services(request).db
    form = await read_form(request)
    values = {name: form.text(name, 4 * LIMITS[name]) for name in ("question", "context")}
    values |= {name: form.line(name, 40) for name in (*CHOSEN, *AND_WHO)}
    values["despite"] = form.line("despite", 4 * asking.DESPITE_LIMIT)
    case_id = values["case"] if is_id(values["case"]) else ""
    wanted = form.line("take", 20)
    error: TelepathError | None = None
    if wanted or _marks(form) or form.line("step", 10) == "propose":
        values = request_form.settled(values, form.line("kind_before", 12))
        if not _marks(form) and values["expert"] == form.line("expert_before", 26):
            values["expert"] = ""  # who stood first was left so: of other proposals another one may stand first
    else:
        try:
            terms = request_form.terms_of(values)
            if not values["expert"] and terms.policy in ONE_BY_ONE:
                raise Invalid("error-expert-not-chosen", field="expert")
            question = Question(
                values["question"], values["context"], values["organ"], Urgency(form.choice("urgency", list(Urgency)))
            )
            made = await asking.request(
                db,
                actor,
                case_id,
                question,
                values["expert"],
                terms=terms,
                shows_identity=form.ticked("shows_identity"),
                despite=values["despite"],
                follows_id=_followed(values),
                shows_earlier=form.ticked("shows_earlier"),
            )
            return redirect(f"/consults/{made}?done=sent")
        except Invalid as wrong:
            error = wrong
    async with db.read() as read:
        case = await cases.get(read, case_id)
        allowed = await grants.require(read, actor, Action.CONSULT_REQUEST, case.ref)
    await record_view(db, actor, case, allowed)
    await _mark(db, actor, form)
    return await _request_form(request, case, request_form.taken(values, wanted, case) if wanted else values, error)


async def _request_form(
    request: Request, case: Case, values: Mapping[str, str], error: TelepathError | None = None
) -> Response:
    """``values``: what it holds; the caller has recorded that the case was seen."""
    t = reader(request).words
    organ = values["organ"] if values["organ"] in ORGANS else case.organ
    async with services(request).db.read() as read:
        ranking = await asking.proposals(
            read,
            signed_in(request),
            case,
            organ,
            request_form.urgency_of(values),
            await chain.readers_before(read, case, _followed(values)),
            terms=request_form.terms_of(values),
        )
        context = await request_form.shown(read, t, case, organ, values)
        several = request_form.together(ranking, context["terms"], read.now)
    choices = choices_of(t, ranking)
    return render(
        request,
        "consults/new.html",
        200 if error is None else status_of(error),
        **context,
        case=case,
        values=dict.fromkeys(("question", "context", *CHOSEN, *AND_WHO), "") | dict(values),
        organs=ORGANS,
        choices=choices,
        together=[one for one in choices if one.person_id in several],
        left_out=left_out_of(t, ranking),
        notes=notes_of(t, ranking),
        despite=values.get("despite", ""),
        errors=by_field(t, error),
        limits=LIMITS,
    )


def _marks(form: Form) -> bool:
    return bool(form.line("prefer", 26) or form.line("forget", 26))


async def _mark(db: Database, actor: Actor, form: Form) -> None:
    """The button beside an expert: whether the reader likes to ask them. Raises NotFound, Conflict."""
    if preferred := form.line("prefer", 26):
        await preferred_experts.prefer(db, actor, preferred)
    elif forgotten := form.line("forget", 26):
        await preferred_experts.forget(db, actor, forgotten)


def _followed(values: Mapping[str, str]) -> str:
    """The answered consult that this request follows; "": none. Raises NotFound: it cannot be one."""
    wanted = values.get("follows", "")
    if wanted and not is_id(wanted):
        raise NotFound
    return wanted


async def reoffer(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    if _marks(form):
        await _mark(services(request).db, actor, form)
        return redirect(f"/consults/{path_id(request)}#another")
    expert, despite = form.line("expert", 26), form.line("despite", 4 * asking.DESPITE_LIMIT)
    try:
        await offers.reoffer(services(request).db, actor, path_id(request), expert, despite=despite)
    except Invalid as error:
        if error.params.get("field") not in ("expert", "despite"):
            raise
        typed = {"expert": expert, "despite": despite}
        return await consult_page(request, error=error, refused="consults-not-offered", typed=typed)
    return redirect(f"/consults/{path_id(request)}?done=sent")


async def revoke(request: Request) -> Response:
    await asking.revoke(services(request).db, signed_in(request), path_id(request))
    return redirect(f"/consults/{path_id(request)}?done=revoked")


routes: list[BaseRoute] = [
    # Before /consults/{id}: "new" is no identifier.
    Route("/consults/new", new, methods=["GET"]),
    Route("/consults/new", propose_or_send, methods=["POST"]),
    Route("/consults/{id}/offers", reoffer, methods=["POST"]),
    Route("/consults/{id}/revoke", revoke, methods=["POST"]),
]
