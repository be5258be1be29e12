"""/verify: whether a printed report is genuine, for anybody who holds one. Nothing of a patient, a case or its answer.

The address in the square on the report only fills the field in: what programs open to look at, they do not ask for."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth.attempts import REPORT_CODE, network, site
from auth.model import Chosen
from consults import verification
from telepath.actor import Actor
from web.activity_words import practice
from web.middleware import origin_of
from web.pages import read_form, reader, render, services, visitor

CODE_LIMIT: Final = 40
"""Characters of what is typed."""


async def page(request: Request) -> Response:
    return _shown(request, request.query_params.get("code", "")[:CODE_LIMIT])


async def check(request: Request) -> Response:
    made = services(request)
    typed = (await read_form(request)).line("code", CODE_LIMIT)
    origin = origin_of(request, made.settings)
    if not made.attempts.allow(REPORT_CODE, site(origin.address) or network(origin.address), made.db.clock()):
        busy = _shown(request, status=429)
        busy.headers["Retry-After"] = "600"
        return busy
    who = visitor(request) or Actor(
        person_id="", name="", institution_id="", address=origin.address, device=origin.device
    )
    found = await verification.check(made.db, who, typed)
    works_as = ""
    if found is not None:
        chosen = Chosen(profession=found.author.profession, know_how=found.author.know_how)
        works_as = practice(reader(request).words, chosen)
    return _shown(request, typed, asked=True, found=found, works_as=works_as)


def _shown(
    request: Request,
    typed: str = "",
    *,
    status: int = 200,
    asked: bool = False,
    found: verification.Checked | None = None,
    works_as: str = "",
) -> Response:
    busy = status == 429
    return render(request, "verify.html", status, typed=typed, asked=asked, found=found, works_as=works_as, busy=busy)


routes: list[BaseRoute] = [
    Route("/verify", page, methods=["GET"]),
    Route("/verify", check, methods=["POST"]),
]
