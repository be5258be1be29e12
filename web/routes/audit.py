"""/audit: the twelve questions of an auditor, the whole log, one case, the state of the log.

Reading is itself recorded, before anything is shown."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from telepath.audit_catalogue import CATALOGUE, LATER
from telepath.db import audit_search, audit_state
from telepath.db.audit_search import Entry, Search
from telepath.errors import Invalid, NotFound
from web import audit_asking, audit_chain, audit_lines
from web.audit_asking import OUTCOMES, Asked
from web.audit_chain import Comparison
from web.audit_questions import EVERYTHING, INTEGRITY, LISTED, QUESTIONS, Question
from web.pages import language, path_id, read_form, redirect, render, services, signed_in
from web.routes import audit_exports, audit_extract, audit_objects

PAGE: Final = 50
NOTE_LIMIT: Final = 4000
"""Characters of a signed checkpoint."""


async def index(request: Request) -> Response:
    """The questions, and the state of the log."""
    actor, made = signed_in(request), services(request)
    sealed = await audit_asking.record(made, actor, "index", {})
    async with made.db.read() as reader:
        chain = await audit_chain.chain(reader, made, actor, sealed=sealed)
    return render(request, "audit/index.html", questions=QUESTIONS, chain=chain)


async def question(request: Request) -> Response:
    """One of the questions that are answered by a list."""
    try:
        return await _list(request, LISTED[request.path_params["question"]])
    except KeyError:
        raise NotFound from None


async def records(request: Request) -> Response:
    """The whole log."""
    return await _list(request, EVERYTHING)


async def _list(request: Request, question: Question) -> Response:
    actor, made = signed_in(request), services(request)
    fields = audit_asking.asked(request, question, actor, made.db.clock())
    before = audit_asking.before(request)
    error: Invalid | None = None
    wanted: Search | None = None
    if not question.needs or getattr(fields, question.needs):
        try:
            async with made.db.read() as reader:
                wanted = await audit_asking.search(reader, fields, question, actor)
        except Invalid as wrong:
            error = wrong
    things = await audit_asking.about(made, actor, wanted) if wanted else ()
    await audit_asking.record(made, actor, question.code, fields.given(), things)
    found: list[Entry] = []
    t = made.words(language(request))
    async with made.db.read() as reader:
        if wanted is not None:
            found = await audit_search.search(reader, made.db.keys, wanted, PAGE + 1, before)
        shown = await audit_lines.lines(reader, found[:PAGE], t, actor.institution_id)
    path = f"/audit/{question.code}"
    return render(
        request,
        "audit/list.html",
        question=question,
        asked=fields,
        error=error,
        runs=audit_lines.runs(shown),
        older=path + fields.query(before=str(found[PAGE - 1].seq)) if len(found) > PAGE else "",
        newest=path + fields.query() if before is not None else "",
        kinds=_kinds(question),
        outcomes=OUTCOMES,
    )


def _kinds(question: Question) -> list[str]:
    return sorted(set(CATALOGUE) - LATER) if "kind" in question.fields else []


async def of_case(request: Request) -> Response:
    """Who saw and did what on one case: a line for each person, then everything in order."""
    actor, made = signed_in(request), services(request)
    case_id = path_id(request)
    wanted = Search(institution=actor.institution_id, places=frozenset({case_id}))
    things = await audit_asking.about(made, actor, wanted)
    await audit_asking.record(made, actor, "case", {"case": case_id}, things)
    t = made.words(language(request))
    async with made.db.read() as reader:
        found = await audit_search.search(reader, made.db.keys, wanted, PAGE + 1)
        if not found:
            raise NotFound
        called = await audit_lines.names(reader, {case_id}, t)
        shares = await audit_lines.shares(reader, await audit_search.deeds(reader, wanted), t)
        shown = await audit_lines.lines(reader, found[:PAGE], t, actor.institution_id)
    asked = Asked(case=case_id)
    return render(
        request,
        "audit/case.html",
        case_id=case_id,
        asked=asked,
        number=called.numbers.get(case_id, ""),
        shares=shares,
        runs=audit_lines.runs(shown),
        older="/audit/records" + asked.query(before=str(found[PAGE - 1].seq)) if len(found) > PAGE else "",
    )


async def integrity(request: Request) -> Response:
    """Is the log complete, unaltered, and who else holds its heads."""
    actor, made = signed_in(request), services(request)
    sealed = await audit_asking.record(made, actor, INTEGRITY, {})
    return await _integrity(request, sealed=sealed)


async def _integrity(request: Request, *, sealed: bool, note: str = "", compared: Comparison | None = None) -> Response:
    actor, made = signed_in(request), services(request)
    async with made.db.read() as reader:
        chain = await audit_chain.chain(reader, made, actor, sealed=sealed)
        trees = await audit_state.trees(reader)
    return render(request, "audit/integrity.html", chain=chain, trees=trees, note=note, compared=compared)


async def verify(request: Request) -> Response:
    """Recompute the whole log, record the verdict in it, and show it."""
    actor, made = signed_in(request), services(request)
    allowed = await audit_asking.require(made, actor)
    await audit_asking.seal(made)
    verdict = await audit_chain.verify(made.settings)
    async with made.db.write(actor) as tx:
        await audit_chain.record(tx, verdict, audit_asking.institution_of(actor), allowed)
    await audit_asking.seal(made)
    return redirect(f"/audit/{INTEGRITY}")


async def compare(request: Request) -> Response:
    """Compare a signed checkpoint that the auditor kept with the log."""
    actor, made = signed_in(request), services(request)
    note = (await read_form(request)).text("note", NOTE_LIMIT)
    sealed = await audit_asking.record(made, actor, INTEGRITY, {"checkpoint": note})
    async with made.db.read() as reader:
        compared = await audit_chain.compare(reader, made.settings, note) if note else None
    return await _integrity(request, sealed=sealed, note=note, compared=compared)


routes: list[BaseRoute] = [
    *audit_objects.routes,
    *audit_extract.routes,
    *audit_exports.routes,
    Route("/audit", index, methods=["GET"]),
    Route("/audit/records", records, methods=["GET"]),
    Route("/audit/cases/{id}", of_case, methods=["GET"]),
    Route("/audit/integrity", integrity, methods=["GET"]),
    Route("/audit/verify", verify, methods=["POST"]),
    Route("/audit/checkpoint", compare, methods=["POST"]),
    Route("/audit/{question}", question, methods=["GET"]),
]
