"""Sign in through the real simulator, over real HTTP: what every test of a signed-in page stands on."""

import asyncio
import html
import re
import secrets
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from itertools import count
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx2
import uvicorn
from starlette.types import ASGIApp

from auth.simulator import Client, Identity, Provider, create_app
from auth.simulator.provider import Alter
from telepath.db.database import utc_now

REALM = "/auth/realms/esante-wallet"
SECRET = "simulator-only"
PORTS = range(20_000, 32_000)
_ports = (PORTS[number % len(PORTS)] for number in count(secrets.randbelow(len(PORTS))))
"""Each test process begins at another one."""
NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusted by a browser here, which speaks http alone: to read whom the system trusts, for each anew, takes a while."""


def free_port() -> int:
    """A port that nobody listens on right now, and that neither this process has given before, nor the system gives to an
    outgoing connection (Linux: from 32768 on) before whoever asked listens there, or while a node is started anew."""
    while True:
        port = next(_ports)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


@asynccontextmanager
async def serving(app: ASGIApp, port: int, **options: Any) -> AsyncIterator[None]:
    """Serve ``app`` on this loopback port, in this event loop, until the block ends. ``options``: uvicorn.Config's."""
    chosen: dict[str, Any] = {"log_level": "warning", "proxy_headers": False} | options
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", port, **chosen))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if task.done():
                await task
                raise RuntimeError("the server stopped while starting")
            await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def simulating(
    origin: str,
    port: int,
    identities: Iterable[Identity],
    clock: Callable[[], datetime] = utc_now,
    alter: Alter | None = None,
) -> AsyncIterator[Provider]:
    """Run the simulator for the service at ``origin``. Its issuer is ``issuer_at(port)``."""
    app = create_app(issuer_at(port), [client_of(origin)], identities, clock, production=False, alter=alter)
    async with serving(app, port):
        provider: Provider = app.state.provider
        yield provider


def issuer_at(port: int) -> str:
    return f"http://127.0.0.1:{port}{REALM}"


def client_of(origin: str) -> Client:
    """How the service is registered at the simulator."""
    return Client(
        client_id="telepath",
        client_secret=SECRET,
        name="telepath",
        redirect_uris=(f"{origin}/login/callback",),
        logout_uris=(f"{origin}/login/left",),
    )


def browser(origin: str) -> httpx2.AsyncClient:
    """A client that keeps cookies and says where its forms stand, as browsers do; it follows nothing by itself."""
    return httpx2.AsyncClient(
        base_url=origin,
        headers={"Origin": origin, "Accept": "text/html"},
        follow_redirects=False,
        trust_env=False,
        timeout=10,
        verify=NOBODY,
    )


async def login(client: httpx2.AsyncClient, subject_name_id: str, return_to: str = "/") -> httpx2.Response:
    """Walk the whole way: service → simulator → this identity → callback. Returns the callback's answer; the client's
    cookie jar then holds the session."""
    return await client.get(await pick(client, f"/login/start?return_to={return_to}", subject_name_id))


async def pick(client: httpx2.AsyncClient, start: str, subject_name_id: str | None) -> str:
    """Begin at ``start`` and choose an identity on the wallet page (None: press "cancel"). Returns the address of the callback,
    not yet opened."""
    away = await client.get(start)
    assert away.status_code == 303, f"{away.status_code} {away.text[:400]}"
    return await pick_at(client, away.headers["location"], subject_name_id)


async def pick_at(client: httpx2.AsyncClient, wallet: str, subject_name_id: str | None) -> str:
    """The same from the wallet's address on."""
    page = await client.get(wallet)
    if page.status_code == 303:  # single sign-on, or an error of the request
        return location(page)
    assert page.status_code == 200, f"{page.status_code} {page.text[:400]}"
    ticket = html.unescape(re.findall(r'name="ticket" value="([^"]+)"', page.text)[0])
    form = {"ticket": ticket} | ({"cancel": "1"} if subject_name_id is None else {"identity": subject_name_id})
    answer = await client.post(urljoin(wallet, "/auth"), data=form)
    assert answer.status_code == 303, f"{answer.status_code} {answer.text[:400]}"
    return location(answer)


def location(response: httpx2.Response) -> str:
    target: str = response.headers["location"]
    return target


def origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def altering(**changes: Callable[[dict[str, Any]], Mapping[str, Any] | None]) -> Alter:
    """An ``Alter`` for the simulator: stage name → change, in place or by returning another document."""

    def alter(stage: str, document: dict[str, Any]) -> dict[str, Any]:
        if stage in changes:
            other = changes[stage](document)
            return document if other is None else dict(other)
        return document

    return alter
