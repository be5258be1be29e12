"""/asked/{token}: what the letter to an expert who never came opens: who asks, how urgently, until when, and the way in.

No patient, no case, and no right: the way leads through the login, and the consult's own page asks who is there."""

from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth.attempts import ASKED, network, site
from auth.model import Chosen
from consults import asked, asked_token
from consults.asked import Asked
from telepath.actor import Actor
from web.activity_words import practice
from web.middleware import origin_of
from web.pages import reader, render, services, visitor

_UNKEPT: Final = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


async def page(request: Request) -> Response:
    """Raises NotFound: unknown, answered, withdrawn and ended alike."""
    made = services(request)
    origin = origin_of(request, made.settings)
    if not made.attempts.allow(ASKED, site(origin.address) or network(origin.address), made.db.clock()):
        response = render(request, "asked.html", 429, asked=None)
        response.headers["Retry-After"] = "600"
        return response
    here = visitor(request)
    who = here or Actor(person_id="", name="", institution_id="", address=origin.address, device=origin.device)
    found = await asked.opened(made.db, who, asked_token.offer_of(made.capability_key, request.path_params["token"]))
    chosen = Chosen(profession=found.requester.profession, know_how=found.requester.know_how)
    consult = f"/consults/{found.consult_id}"
    inside = here is not None and not here.link_id
    response = render(
        request,
        "asked.html",
        asked=found,
        works_as=practice(reader(request).words, chosen),
        zones=[found.expert_place.time_zone],
        answer=consult if inside else _login(found, consult),
        decline=f"{consult}?answer=decline" if inside else _login(found, f"{consult}?answer=decline"),
        inside=inside,
    )
    response.headers.update(_UNKEPT)
    return response


def _login(found: Asked, path: str) -> str:
    """Straight to Pro Santé Connect; to all the doors for whom another provider proves."""
    door = "/login" if found.expert.foreign else "/login/start"
    return f"{door}?{urlencode({'return_to': path})}"


routes: list[BaseRoute] = [Route("/asked/{token}", page, methods=["GET"])]
