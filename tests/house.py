"""The pages of the service without its door: whoever a test says is signed in. Real database, bus, words and templates."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.attempts import Attempts
from auth.identity_oidc import OpenIdProvider
from auth.providers import Registry
from realtime.bus import Bus
from realtime.bus_memory import MemoryBus
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage import Storage
from telepath.storage_local import LocalStorage
from telepath.uploads.intake import Intake
from web.bootstrap import provider_of
from web.errors import handlers
from web.rendering import Pages
from web.settings import Settings
from web.words import Words

BUILT = (
    "app.css",
    "favicon.svg",
    "live.js",
    "opening.js",
    "viewer.css",
    "viewer.js",
    "view.js",
    "lut_worker.js",
    "display_check.js",
    "upload.js",
    "warm.js",
)
WORDS = Words()


@cache
def nobodys() -> OpenIdProvider:
    """A provider that nobody asks. To read whom the system trusts takes a while: once is enough."""
    return OpenIdProvider(provider_of(Settings()))


@dataclass
class House:
    """What the routes find as their services, and who is signed in."""

    db: Database
    storage: Storage
    settings: Settings
    pages: Pages
    bus: Bus = field(default_factory=MemoryBus)
    words: Words = WORDS
    providers: Registry = field(default_factory=lambda: Registry(nobodys()))
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    attempts: Attempts = field(default_factory=Attempts)
    decoders: DecoderPool | None = None
    """Only within ``decoding``."""
    uploads: Intake | None = None
    """Only where slides are sent."""
    capability_key: bytes = bytes(32)
    actor: Actor | None = None


class SignedIn:
    """Puts the house's actor where the session middleware would."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self.app = app
        self.house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            HTTPConnection(scope).state.actor = self.house.actor
        await self.app(scope, receive, send)


def leads_to(page: str, field: str) -> bool:
    """Whether what is wrong with a field is said at the top with a link to it, and again where it is, tied to it."""
    top = f'<li><a href="#{field}">' in page
    return top and re.search(rf'id="{field}"[^>]* aria-describedby="{field}-error', page) is not None


def house(db: Database, folder: Path) -> House:
    """``folder``: an empty one, for storage and for a client that looks built."""
    static = folder / "static"
    static.mkdir()
    (static / "manifest.json").write_text(json.dumps({name: name for name in BUILT}))
    return House(db, LocalStorage(folder / "slides"), Settings(data=folder), Pages(static=static))


@asynccontextmanager
async def decoding(house: House) -> AsyncIterator[DecoderPool]:
    """A process that opens what people send to this house; its storage is closed behind it."""
    async with DecoderPool(house.storage, 1) as decoders:
        house.decoders = decoders
        yield decoders
    await house.storage.close()


def application(house: House, routes: Iterable[BaseRoute]) -> Starlette:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield {"services": house}

    middleware = [Middleware(SignedIn, house=house)]
    return Starlette(routes=list(routes), middleware=middleware, exception_handlers=handlers, lifespan=lifespan)


@asynccontextmanager
async def visited(house: House, routes: Iterable[BaseRoute]) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser on these routes, without a network between; it asks for HTML and follows nothing."""
    app = application(house, routes)

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": {"services": house}}, receive, send)

    transport = httpx2.ASGITransport(app=served, raise_app_exceptions=False)
    headers = {"Accept": "text/html", "Accept-Language": "fr"}
    async with httpx2.AsyncClient(transport=transport, base_url=house.settings.origin, headers=headers) as client:
        yield client
