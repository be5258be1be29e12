"""A service with nothing but its door, and the simulator, both over real HTTP."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import msgspec
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from auth import administration
from auth.agreement import Provider as Configured
from auth.attempts import Attempts
from auth.identity_oidc import OpenIdProvider
from auth.providers import Registry
from auth.simulator import Provider
from telepath.actor import SYSTEM, Role
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.auth import session
from tests.builders import Clock
from tests.identities import HOMELESS, HUGO, INES, UNKNOWN
from tests.login import SECRET, browser, free_port, issuer_at, serving, simulating
from web.errors import handlers
from web.middleware import SecurityHeaders, layers
from web.pages import visitor
from web.rendering import Pages
from web.routes import decoupled, emergency, login
from web.routes import session as session_routes
from web.settings import Settings
from web.words import Words

PLACES = {
    "cayenne": ("0D0000017", "Hôpital de l’Estuaire", "Cayenne", "03", "America/Cayenne"),
    "lille": ("0L0000033", "Hôpital du Beffroi", "Lille", "32", "Europe/Paris"),
    "rennes": ("0B0000041", "Hôpital des Ajoncs", "Rennes", "53", "Europe/Paris"),
}


@dataclass
class Entrance:
    """The running service, what stands behind it, and a way to spoil the simulator's answers."""

    db: Database
    clock: Clock
    settings: Settings
    identity: OpenIdProvider
    words: Words
    pages: Pages
    alter: Callable[[str, dict[str, Any]], dict[str, Any]] | None = None
    simulator: Provider = field(init=False)
    places: dict[str, str] = field(default_factory=dict)
    attempts: Attempts = field(default_factory=Attempts)
    providers: Registry = field(init=False)

    def __post_init__(self) -> None:
        self.providers = Registry(self.identity)

    @property
    def origin(self) -> str:
        return self.settings.origin

    def browser(self) -> httpx2.AsyncClient:
        return browser(self.origin)

    async def sessions(self) -> int:
        """How many sessions live."""
        async with self.db.read() as reader:
            number: int = await reader.scalar(
                select(func.count()).select_from(session).where(session.c.ended_at.is_(None))
            )
            return number

    async def audited(self) -> list[tuple[str, str]]:
        """Kind and reason of every audit record since the start, in order."""
        async with self.db.read() as reader:
            rows = await reader.all(select(audit_pending.c.record).order_by(audit_pending.c.position))
        records = [row["record"] for row in rows]
        return [
            (record["kind"], record["detail"].get("reason", ""))
            for record in records
            if record["kind"] != "directory.changed"
        ]


@cache
def words() -> Words:
    """Reading them takes a second: once is enough."""
    return Words()


@cache
def pages() -> Pages:
    """Templates, and a client that looks built."""
    with TemporaryDirectory() as folder:
        names = ("app.css", "favicon.svg", "live.js", "telephone.js")
        (Path(folder) / "manifest.json").write_text(json.dumps({name: name for name in names}))
        made = Pages(static=Path(folder))
        made.static(names[0])  # it is read now, once
    return made


@asynccontextmanager
async def opened(
    database: Database, data: Path, *, clock: Clock | None = None, agree: Callable[[str], Configured] | None = None
) -> AsyncIterator[Entrance]:
    """``agree``: from the origin of the service to another provider than the simulator."""
    clock = clock or Clock()
    database.clock = clock
    port, provider_port = free_port(), free_port()
    origin = f"http://127.0.0.1:{port}"
    settings = Settings(data=data, origin=origin, port=port, oidc_issuer=issuer_at(provider_port))
    simulator = Configured(
        issuer=settings.oidc_issuer,
        client_id="telepath",
        client_secret=SECRET,
        redirect_uri=f"{origin}/login/callback",
        after_logout=f"{origin}/login/left",
    )
    identity = OpenIdProvider(agree(origin) if agree else simulator, clock=clock)
    made = Entrance(database, clock, settings, identity, words(), pages())
    await _people(made)

    def alter(stage: str, document: dict[str, Any]) -> dict[str, Any]:
        return made.alter(stage, document) if made.alter else document

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield {"services": made}

    app = Starlette(
        routes=[
            *login.routes,
            *decoupled.routes,
            *emergency.routes,
            *session_routes.routes,
            Route("/", _who),
            Route("/change", _change, methods=["POST"]),
            Route("/static/app.css", _style),
            WebSocketRoute("/socket", _socket),
        ],
        middleware=layers(settings),
        exception_handlers=handlers,
        lifespan=lifespan,
    )
    everybody = (INES, HUGO, UNKNOWN, HOMELESS)
    whole = SecurityHeaders(app, settings=settings)
    async with simulating(origin, provider_port, everybody, clock, alter) as made.simulator, serving(whole, port):
        yield made


async def _people(made: Entrance) -> None:
    async with made.db.write(SYSTEM) as tx:
        for key, (finess, name, city, region, zone) in PLACES.items():
            made.places[key] = await administration.add_institution(
                tx, finess=finess, name=name, city=city, region=region, time_zone=zone
            )
        for who, homes in ((INES, ("cayenne",)), (HUGO, ("lille", "rennes")), (HOMELESS, ())):
            person_id = await administration.add_person(
                tx,
                subject_name_id=who.subject_name_id,
                given_name=who.given_name,
                family_name=who.family_name,
            )
            for home in homes:
                await administration.set_membership(tx, person_id, made.places[home], {Role.REQUESTER, Role.EXPERT})


async def _who(request: Request) -> Response:
    actor = visitor(request)
    return JSONResponse(None if actor is None else msgspec.to_builtins(actor))


async def _change(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _style(_request: Request) -> Response:
    return PlainTextResponse(
        "", media_type="text/css", headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


async def _socket(socket: WebSocket) -> None:
    actor = visitor(socket)
    if actor is None:
        await socket.close(4401)
        return
    await socket.accept()
    await socket.send_text(actor.name)
    await socket.close()
