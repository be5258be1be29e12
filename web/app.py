"""The application: routes, the layers in front of them, and the tiles in front of everything."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final, TypedDict

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import Message, Receive, Scope, Send

from telepath.errors import TelepathError
from web.bootstrap import open_services
from web.built_files import BuiltFiles
from web.errors import handlers
from web.middleware import SecurityHeaders, layers, session_limits
from web.other_viewers import OtherViewers
from web.rendering import STATIC
from web.request_log import RequestLog
from web.routes import (
    about,
    absence,
    activity,
    administration,
    annotations,
    asked,
    attachments,
    audit,
    board,
    break_glass,
    cases,
    check,
    consult_requests,
    consults,
    decoupled,
    display_check,
    duties,
    emergency,
    follow_up,
    groups,
    guest,
    health,
    held_slides,
    invitations,
    key_regions,
    language,
    links,
    login,
    material,
    members,
    non_opposition,
    notice_preferences,
    notices,
    open_sessions,
    opinions,
    patients,
    pools,
    rooms,
    routing_rules,
    session,
    shares,
    signatures,
    slide_facts,
    slide_identity,
    slides,
    statistics,
    theme,
    transfers,
    uploads,
    verify,
    warming,
    worklist,
)
from web.services import Services
from web.settings import Settings

ROUTES: Final[list[BaseRoute]] = [
    *worklist.routes,
    *board.routes,
    *login.routes,
    *decoupled.routes,
    *emergency.routes,
    *session.routes,
    *cases.routes,
    *patients.routes,
    *shares.routes,
    *non_opposition.routes,
    *slide_facts.routes,
    *slide_identity.routes,
    *break_glass.routes,
    *held_slides.routes,
    *uploads.routes,
    *slides.routes,
    *warming.routes,
    *annotations.routes,
    *key_regions.routes,
    *attachments.routes,
    *consult_requests.routes,
    *consults.routes,
    *opinions.routes,
    *signatures.routes,
    *material.routes,
    *follow_up.routes,
    *rooms.routes,
    *links.routes,
    *guest.routes,
    *notices.routes,
    *notice_preferences.routes,
    *display_check.routes,
    *asked.routes,
    *administration.routes,
    *members.routes,
    *invitations.routes,
    *groups.routes,
    *pools.routes,
    *routing_rules.routes,
    *duties.routes,
    *open_sessions.routes,
    *absence.routes,
    *statistics.routes,
    *activity.routes,
    *audit.routes,
    *check.routes,
    *verify.routes,
    *about.routes,
    *language.routes,
    *theme.routes,
    *transfers.routes,
    *health.routes,
]
"""Every address of the service, tiles and built files apart."""


log = logging.getLogger("telepath.application")


class State(TypedDict):
    services: Services


class Application:
    """ASGI. Opens the services in its lifespan; hands tiles to their own lane before any framework sees them."""

    refusal: TelepathError | OSError | None = None
    """Why the services could not be opened: ``telepath serve`` words it."""

    def __init__(self, settings: Settings) -> None:
        """Raises Invalid: the settings ask for longer sessions than the field's rules allow."""
        session_limits(settings)
        self._settings = settings
        self._services: Services | None = None
        pages = Starlette(
            routes=[*ROUTES, Mount("/static", BuiltFiles(directory=STATIC, check_dir=False))],
            middleware=layers(settings),
            exception_handlers=handlers,
            lifespan=self._lifespan,
        )
        # Starlette would answer /cases/../ with a redirect; what is not a path of ours does not exist.
        pages.router.redirect_slashes = False
        self._pages = RequestLog(SecurityHeaders(pages, settings=settings))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._services is not None and scope["type"] == "http":
            if self._services.tiles.serves(scope["path"]):
                await self._services.tiles(scope, receive, send)
                return
            if OtherViewers.serves(scope["path"]):
                made = self._services
                others = OtherViewers(made.tiles, made.decoders, made.words, self._settings.origin)
                await others(scope, receive, send)
                return
        await self._pages(scope, receive, self._untraced(send) if scope["type"] == "lifespan" else send)

    def _untraced(self, send: Send) -> Send:
        """A refusal has its sentence; only a defect keeps its trace."""

        async def without_trace(message: Message) -> None:
            known = message["type"] == "lifespan.startup.failed" and self.refusal is not None
            await send({"type": message["type"]} if known else message)

        return without_trace

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[State]:
        async with AsyncExitStack() as opened:
            try:
                services = await opened.enter_async_context(open_services(self._settings))
            except (TelepathError, OSError) as refusal:
                self.refusal = refusal
                raise
            except Exception:
                log.exception("the services could not be opened")
                raise
            log.info("the services are open")
            self._services = services
            try:
                yield {"services": services}
            finally:
                self._services = None
                log.info("the services are closing")
