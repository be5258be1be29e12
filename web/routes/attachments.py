"""Attachments of a case: sent from its page, shown page by page as pictures of our own, taken away by the case's staff.

What was sent itself is never kept, so it is never served."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from consults import blind
from telepath import grants
from telepath.access import Action
from telepath.cases import attachments
from telepath.cases import repository as cases
from telepath.cases.attachments import BYTES_LIMIT, TITLE_LIMIT
from telepath.errors import Invalid, NotFound, TooLarge
from web.multipart import read_multipart
from web.pages import Form, path_id, redirect, services, signed_in
from web.routes.cases import case_page

FORM_BYTES: Final = BYTES_LIMIT + 16_000
"""A file with what stands around it."""
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Content-Disposition": "inline",
}


async def add(request: Request) -> Response:
    actor, case_id, made = signed_in(request), path_id(request), services(request)
    async with made.db.read() as read:  # before a file of any size is taken
        await grants.require(read, actor, Action.CASE_EDIT, (await cases.get(read, case_id)).ref)
    too_large = TooLarge("error-attachment-too-large", field="file", limit=BYTES_LIMIT // 10**6)
    typed = Form({})
    try:
        sent = await read_multipart(request, FORM_BYTES, too_large)
        typed, title = sent.form, sent.form.line("title", 4 * TITLE_LIMIT)
        data = sent.files.get("file", b"")
        await attachments.add(made.db, made.storage, made.decoders, actor, case_id, title, data)
    except Invalid as error:
        return await case_page(request, error=error, typed=typed)
    return redirect(f"/cases/{case_id}?done=attachment-added#attachments")


async def page(request: Request) -> Response:
    """A picture, recorded before its first byte."""
    actor, attachment_id, made = signed_in(request), path_id(request), services(request)
    number = str(request.path_params["page"])
    if not number.isdecimal() or len(number) > 3:
        raise NotFound
    async with made.db.read() as read:
        # A letter of the laboratory says what it found: whoever reads blind does not see it yet.
        if await blind.hides(read, actor, await attachments.case_of(read, attachment_id)):
            raise NotFound
    drawn = await attachments.picture(made.db, made.storage, actor, attachment_id, int(number))
    return Response(drawn, 200, _HEADERS, media_type="image/webp")


async def remove(request: Request) -> Response:
    made = services(request)
    gone = await attachments.remove(made.db, made.storage, signed_in(request), path_id(request))
    return redirect(f"/cases/{gone.case_id}?done=attachment-removed#attachments")


routes: list[BaseRoute] = [
    Route("/cases/{id}/attachments", add, methods=["POST"]),
    Route("/attachments/{id}/pages/{page}", page, methods=["GET"]),
    Route("/attachments/{id}/remove", remove, methods=["POST"]),
]
