"""The simulator as an application: Pro Santé Connect's addresses, and pages of its own.

Paths and claims are Pro Santé Connect's."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth.simulator import rendering
from auth.simulator.clients import ClientCheck
from auth.simulator.console import Console
from auth.simulator.endpoints import Endpoints
from auth.simulator.identities import Identity
from auth.simulator.logout_sender import LogoutSender
from auth.simulator.phone_pages import PhonePages
from auth.simulator.realm import Alter, Client, Provider
from auth.simulator.rendering import Pages
from auth.simulator.telephone import Telephone
from auth.simulator.wallet import Wallet
from telepath.db.database import utc_now
from telepath.errors import Invalid

__all__ = ["Alter", "Client", "Provider", "create_app"]

WATCH: Final = 1.0
"""Seconds between two looks at the sessions."""


class _Headers:
    """Strict headers on every answer. The wallet's form may end at a registered client, and nowhere else."""

    def __init__(self, app: ASGIApp, *, targets: Iterable[str]) -> None:
        self.app = app
        policy = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {' '.join(sorted(set(targets)))}"
        )
        self.headers = [
            (b"content-security-policy", policy.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self.headers]
            await send(message)

        await self.app(scope, receive, with_headers)


def create_app(
    issuer: str,
    clients: Iterable[Client],
    identities: Iterable[Identity],
    clock: Callable[[], datetime] = utc_now,
    *,
    production: bool,
    alter: Alter | None = None,
    certificate_header: str = "",
) -> Starlette:
    """Build the simulator. ``issuer`` ends with the realm's path and names the origin that the application is served at.
    ``app.state`` has its parts: ``provider``, ``telephone``, ``endpoints``, ``logout_sender``. ``certificate_header``: as in
    clients.py.

    Raises Invalid: ``production`` is set; whoever can pick an identity here could sign anything in anybody's name."""
    if production:
        raise Invalid("error-simulator-in-production")
    known = tuple(clients)
    provider = Provider(issuer, known, identities, clock, alter)
    pages = Pages()
    check = ClientCheck(provider, certificate_header)
    sender = LogoutSender(provider)
    telephone = Telephone(provider, check)
    endpoints = Endpoints(provider, check, telephone)
    wallet = Wallet(provider, pages)
    console = Console(provider, sender, pages)
    phones = PhonePages(provider, telephone, pages)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        watch = asyncio.create_task(_watch(provider))
        yield
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        await sender.close()

    connect = f"{provider.realm}/protocol/openid-connect"
    app = Starlette(
        routes=[
            Route(f"{provider.realm}/.well-known/wallet-openid-configuration", endpoints.discovery),
            Route(f"{provider.realm}/.well-known/openid-configuration", endpoints.discovery),
            Route(f"{connect}/auth", wallet.ask),
            Route(f"{connect}/certs", endpoints.keys),
            Route(f"{connect}/token", endpoints.token, methods=["POST"]),
            Route(f"{connect}/token/introspect", endpoints.introspect, methods=["POST"]),
            Route(f"{connect}/revoke", endpoints.revoke, methods=["POST"]),
            Route(f"{connect}/userinfo", endpoints.userinfo, methods=["GET", "POST"]),
            Route(f"{connect}/ext/ciba/auth", telephone.ask, methods=["POST"]),
            Route(f"{connect}/logout", wallet.leave, methods=["GET", "POST"]),
            Route("/auth", wallet.ask),
            Route("/auth", wallet.choose, methods=["POST"]),
            Route("/conditions", console.show),
            Route("/conditions", console.change, methods=["POST"]),
            Route("/phone", phones.choose),
            Route("/phone/{identity:path}", phones.show),
            Route("/phone/{identity:path}", phones.reply, methods=["POST"]),
            Route("/wallet.css", rendering.style),
            Route("/wallet.svg", rendering.icon),
        ],
        middleware=[
            Middleware(_Headers, targets=[_origin(address) for client in known for address in client.redirect_uris])
        ],
        lifespan=lifespan,
    )
    app.state.provider = provider
    app.state.telephone = telephone
    app.state.endpoints = endpoints
    app.state.logout_sender = sender
    return app


async def _watch(provider: Provider) -> None:
    """A session that runs out ends by itself, whoever asks or does not: its clients are told."""
    while True:
        await asyncio.sleep(WATCH)
        provider.forget_the_old()


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
