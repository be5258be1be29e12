"""/consults/{id}/draft, /sign, /addendum, /amendment, /report.pdf: writing the opinion, signing it, and the report."""

from datetime import timedelta
from typing import Final
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from consults import reading, report, repository, signing, templates
from consults.grades import COMMENT_LIMIT, Graded
from consults.kinds import Dispute, Grade
from consults.model import Reading
from consults.opinion import Draft, Kind
from telepath import grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.errors import Conflict, Invalid, StepUpRequired
from web.consult_page.editor import LIMITS
from web.consult_page.page import consult_page
from web.json_body import read_json
from web.kept_fields import signed_pictures
from web.pages import Form, clean, path_id, read_form, reader, redirect, services, signed_in

DRAFT_BYTES: Final = 200 * 1024
"""Of a draft as JSON: its limits in characters, each up to four bytes."""


NOT_SIGNED: Final = {
    "sign": "consults-not-signed",
    "addendum": "consults-not-amended",
    "amendment": "consults-not-replaced",
}
"""The last part of an address → the message that says what was not done."""


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
            return JSONResponse({"version": kept.version} | msgspec.structs.asdict(kept.draft), 409, UNCACHED)
        return JSONResponse({"version": saved.version, "saved_at": saved.saved_at.isoformat()}, 200, UNCACHED)
    form = await read_form(request)
    kept_as = await save_editor(request, actor, form, "consults-not-saved", form.line("insert", 20))
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
    act = request.url.path.rpartition("/")[2]
    amends = act == "amendment"
    refused = NOT_SIGNED[act]
    to_confirm = f"/consults/{consult_id}?sign=1{'&amend=1' if amends else ''}#opinion"
    typed: dict[str, str] = {}
    try:
        if form.ticked("conclusion"):
            saved = await save_editor(request, actor, form, refused)
            if isinstance(saved, Response):
                return saved
            await signing.signable(made.db, actor, consult_id, saved, within)
            return redirect(to_confirm)
        typed = grade_typed(form)
        signed = await signing.sign(
            made.db,
            actor,
            consult_id,
            version,
            within,
            providers=made.providers.names,
            amends=amends,
            graded=graded_in(form),
        )
    except StepUpRequired:
        return RedirectResponse(f"/login/step-up?return_to={quote(to_confirm, safe='')}", 303, UNCACHED)
    except (Invalid, Conflict) as error:
        # A grade that is missing or wrong: the same page again, before the signature.
        again = isinstance(error, Invalid) and str(error.params.get("field", "")).startswith("grade")
        return await consult_page(request, error=error, refused=refused, typed=typed, signing=again)
    async with made.db.read() as read:
        out = (await repository.get(read, consult_id)).opinions_released >= signed.number
    if signed.kind is Kind.OPINION:
        return _back(request, "?done=signed#opinion" if out else "?done=signed-held#opinion")
    done = "amended" if signed.kind is Kind.ADDENDUM else "replaced" if out else "signed-held"
    return _back(request, f"?done={done}#opinion-{signed.number}")


async def save_editor(request: Request, actor: Actor, form: Form, refused: str, insert: str = "") -> int | Response:
    """Keep the form's text; returns its version. When that is refused: the page that says so, with the text in it.
    ``insert``: ready text that comes behind it, ``template`` or ``limit-<number>``."""
    consult_id = path_id(request)
    db = services(request).db
    texts = {name: form.text(name, 4 * LIMITS[name]) for name in LIMITS}
    draft, seen = Draft(**texts), form.number("version", 1, 2**31 - 1)
    if insert:
        draft = await _inserted(request, actor, draft, insert)
    try:
        return (await reading.save_draft(db, actor, consult_id, seen, draft)).version
    except Conflict as error:
        kept = await _kept(db, actor, consult_id)
        if all(clean(text).strip() == texts[name] for name, text in msgspec.structs.asdict(kept.draft).items()):
            return kept.version  # the editor itself saved these very words a moment ago
        return await consult_page(request, error=error, refused=refused, typed=texts)
    except Invalid as error:
        if "field" not in error.params:
            raise
        return await consult_page(request, error=error, refused=refused, typed=texts)


async def _inserted(request: Request, actor: Actor, draft: Draft, insert: str) -> Draft:
    language = reader(request).words.language
    what, _, number = insert.partition("-")
    if what == "limit" and number.isdecimal():
        return templates.with_limit(draft, int(number), language)
    async with services(request).db.read() as read:
        consult = await repository.get(read, path_id(request))
        await grants.require(read, actor, Action.CONSULT_ANSWER, consult.ref)
    return templates.with_template(draft, consult.organ, language)


async def _kept(db: Database, actor: Actor, consult_id: str) -> Reading:
    async with db.read() as read:
        consult = await repository.get(read, consult_id)
        await grants.require(read, actor, Action.CONSULT_ANSWER, consult.ref)
        return await reading.writes(read, consult_id, actor.person_id)


async def print_report(request: Request) -> Response:
    """The signed opinion with its addenda, as PDF."""
    actor = signed_in(request)
    who = reader(request)
    consult_id = path_id(request)
    made = services(request)
    document = await report.record(made.db, actor, consult_id)
    pictures = await signed_pictures(made.db, made.storage, document.opinions)
    pdf = await report.render(document, who.words, f"{made.settings.origin}/verify", pictures)
    name = f"avis-{document.case_number}".replace("/", "-").replace(" ", "-")
    disposition = f'inline; filename="{name.encode("ascii", "replace").decode().replace("?", "-")}.pdf"'
    return Response(pdf, 200, UNCACHED | {"Content-Disposition": disposition}, media_type="application/pdf")


UNCACHED: Final = {"Cache-Control": "no-store"}


def graded_in(form: Form) -> Graded | None:
    """What the fields of a grade say; None: nothing was chosen."""
    chosen = form.line("grade", 20)
    if chosen not in set(Grade):
        return None
    settle = form.line("settle", 20)
    comment = form.text("grade-comment", 4 * COMMENT_LIMIT)
    return Graded(Grade(chosen), comment, Dispute(settle) if settle in set(Dispute) else None)


def grade_typed(form: Form) -> dict[str, str]:
    """The same as typed, for the page that shows it again."""
    names = {"grade": form.line("grade", 20), "settle": form.line("settle", 20)}
    return names | {"grade-comment": form.text("grade-comment", 4 * COMMENT_LIMIT)}


def _back(request: Request, rest: str = "") -> Response:
    """To the page of this consult; ``rest``: query and fragment."""
    return redirect(f"/consults/{path_id(request)}{rest}")


routes: list[BaseRoute] = [
    Route("/consults/{id}/draft", save_draft, methods=["POST"]),
    Route("/consults/{id}/sign", sign, methods=["POST"]),
    Route("/consults/{id}/addendum", sign, methods=["POST"]),
    Route("/consults/{id}/amendment", sign, methods=["POST"]),
    Route("/consults/{id}/report.pdf", print_report, methods=["GET"]),
]
