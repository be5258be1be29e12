"""A page is before somebody: what led there is read."""

from starlette.requests import Request

from telepath.notices import store
from web.pages import services, signed_in
from web.relay import topic


async def page_shown(request: Request, path: str = "") -> None:
    """The page that is asked for, or ``path``, is shown to this person: what led there is read. A page that refreshes itself
    may stand before nobody."""
    if "hx-request" in request.headers:
        return
    actor, made = signed_in(request), services(request)
    if await store.mark_shown(made.db, actor, path or request.url.path):
        await made.bus.publish(topic(actor.person_id), b"{}")
