"""The identity simulator by itself over real HTTP, with a service that hears of logouts, for tests."""

import asyncio
import base64
import hashlib
import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth.simulator import Client, Identity, Provider, create_app
from auth.simulator.clients import ASSERTION_TYPE
from auth.simulator.conditions import NORMAL
from auth.simulator.logout_sender import LogoutSender
from tests.builders import Clock
from tests.identities import CAMILLE, EDITH, HUGO, INES
from tests.login import free_port, issuer_at, serving

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
KEY = RSAKey.generate_key(2048)
SUBJECT = "CN=telepath.example,O=Beffroi,C=FR"
HEADER = "x-client-subject"
RETURN = "http://service.example/callback"


@dataclass
class Stand:
    """The simulator, a service that hears of logouts, and a clock to move."""

    app: Starlette
    clock: Clock
    http: httpx2.AsyncClient
    heard: list[str] = field(default_factory=list)
    """Logout tokens."""
    called: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with each of them."""
    answers: list[int] = field(default_factory=list)
    """What the service answers to the next ones; then 200."""

    @property
    def provider(self) -> Provider:
        provider: Provider = self.app.state.provider
        return provider

    @property
    def sender(self) -> LogoutSender:
        sender: LogoutSender = self.app.state.logout_sender
        return sender

    def start_anew(self) -> None:
        """Nobody is signed in, nothing was asked, heard or changed."""
        provider = self.provider
        for kept in (provider.asked, provider.sessions, provider.codes, provider.access, provider.refresh):
            kept.clear()
        self.app.state.telephone.calls.clear()
        self.http.cookies.clear()
        self.heard.clear()
        self.answers.clear()
        provider.conditions = NORMAL

    async def post(self, address: str, form: dict[str, str], **options: Any) -> httpx2.Response:
        return await self.http.post(f"{self.provider.connect}/{address}", data=form, **options)

    async def ask(self, address: str, **form: str) -> dict[str, Any]:
        """Post as the client ``one``, and read the answer. An error's name is under ``error``."""
        answer = await self.post(address, form, auth=("one", "secret"))
        return dict(answer.json()) if answer.content else {}

    def wallet(self, **more: str) -> str:
        query = {
            "client_id": "one",
            "redirect_uri": RETURN,
            "response_type": "code",
            "scope": "openid scope_all",
            "nonce": "number",
            "state": "state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return f"{self.provider.origin}/auth?{urlencode(query | more)}"

    async def choose(self, identity: Identity, **more: str) -> dict[str, str]:
        """Pick an identity on the wallet page: the parameters of the callback."""
        page = await self.http.get(self.wallet(**more))
        if page.status_code == 200:
            ticket = html.unescape(re.findall(r'name="ticket" value="([^"]+)"', page.text)[0])
            form = {"ticket": ticket, "identity": identity.subject_name_id}
            page = await self.http.post(f"{self.provider.origin}/auth", data=form)
        assert page.status_code == 303
        return {name: values[0] for name, values in parse_qs(urlsplit(page.headers["location"]).query).items()}

    async def redeem(self, callback: dict[str, str]) -> dict[str, Any]:
        return await self.ask(
            "token",
            grant_type="authorization_code",
            code=callback["code"],
            redirect_uri=RETURN,
            code_verifier=VERIFIER,
        )

    async def log_in(self, identity: Identity = INES, **more: str) -> dict[str, Any]:
        return await self.redeem(await self.choose(identity, **more))

    async def refresh(self, document: dict[str, Any]) -> dict[str, Any]:
        return await self.ask("token", grant_type="refresh_token", refresh_token=document["refresh_token"])

    def claims(self, token: str) -> dict[str, Any]:
        return dict(jwt.decode(token, self.provider.key, algorithms=["RS256"]).claims)

    async def person(self, document: dict[str, Any]) -> httpx2.Response:
        return await self.http.get(
            f"{self.provider.connect}/userinfo", headers={"Authorization": f"Bearer {document['access_token']}"}
        )


@asynccontextmanager
async def standing(certificate_header: str = HEADER) -> AsyncIterator[Stand]:
    port, service = free_port(), free_port()
    one = Client(
        client_id="one",
        client_secret="secret",
        name="telepath",
        redirect_uris=(RETURN,),
        logout_uris=("http://service.example/left",),
        backchannel_logout_uri=f"http://127.0.0.1:{service}/gone",
    )
    with_key = Client(
        client_id="two",
        name="deux",
        redirect_uris=(RETURN,),
        public_keys=KeySet([KEY]).as_dict(private=False),
    )
    with_certificate = Client(client_id="three", name="trois", redirect_uris=(RETURN,), certificate_subject=SUBJECT)
    clock = Clock()
    app = create_app(
        issuer_at(port),
        [one, with_key, with_certificate],
        [INES, HUGO, EDITH, CAMILLE],
        clock,
        production=False,
        certificate_header=certificate_header,
    )
    async with httpx2.AsyncClient(trust_env=False, timeout=10) as http:
        made = Stand(app, clock, http)
        made.sender.pauses = (0.0, 0.0, 0.0)

        async def gone(request: Request) -> Response:
            form = parse_qs((await request.body()).decode())
            made.heard.append(form["logout_token"][0])
            made.called.set()
            return Response(status_code=made.answers.pop(0) if made.answers else 200)

        told = Starlette(routes=[Route("/gone", gone, methods=["POST"])])
        async with serving(app, port), serving(told, service):
            yield made


def assertion(provider: Provider, key: RSAKey = KEY, **changes: Any) -> dict[str, str]:
    """The fields by which the client ``two`` authenticates (RFC 7523 2.2)."""
    now = provider.clock()
    claims = {
        "iss": "two",
        "sub": "two",
        "aud": provider.issuer,
        "exp": int((now + timedelta(minutes=1)).timestamp()),
        "jti": hashlib.sha256(repr(changes).encode() + str(len(_made)).encode()).hexdigest(),
    }
    _made.append(now)
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    return {
        "client_id": "two",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt.encode({"alg": "RS256"}, claims, key, algorithms=["RS256"]),
    }


_made: list[datetime] = []
