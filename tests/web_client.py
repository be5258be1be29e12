"""A browser without a browser: routes of ours behind real services, with whoever is signed in."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import httpx2
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from telepath.actor import Actor
from telepath.db.database import Database
from web.errors import handlers
from web.rendering import Pages
from web.settings import Settings
from web.words import Words

BUILT: Final = ("app.css", "favicon.svg", "live.js", "check.js")
HTML: Final = {"Accept": "text/html"}


@cache
def words() -> Words:
    """Reading them takes a second: once is enough."""
    return Words()


class SignedIn:
    """Puts ``actor`` where the session layer puts it. ``actor`` may be changed between requests."""

    def __init__(self, app: ASGIApp, services: object, actor: Actor | None) -> None:
        self.app, self.services, self.actor = app, services, actor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = {"services": self.services, "actor": self.actor}
        await self.app(scope, receive, send)


@asynccontextmanager
async def client(
    routes: Sequence[BaseRoute], db: Database, folder: Path, actor: Actor | None = None
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of these routes. ``folder`` holds what the settings keep in files."""
    static = folder / "static"
    static.mkdir(exist_ok=True)
    (static / "manifest.json").write_text(json.dumps({name: name for name in BUILT}))
    settings = Settings(data=folder, origin="http://test", database=db.url.render_as_string(hide_password=False))
    services = SimpleNamespace(settings=settings, db=db, words=words(), pages=Pages(static=static))
    app = SignedIn(Starlette(routes=routes, exception_handlers=handlers), services, actor)
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=HTML) as made:
        yield made
