"""A real login at another implementation than our simulator: npm's oidc-provider, with Pro Santé Connect's paths and claims."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select

from auth.agreement import Provider
from auth.client_authentication import Credentials, Method
from auth.identity_oidc import OpenIdProvider
from auth.model import LoginFailed, VerifiedIdentity
from auth.simulator.identities import userinfo
from telepath.db.database import Database, utc_now
from telepath.db.schema.auth import session
from telepath.errors import Unavailable
from tests import other_provider
from tests.builders import MASTER_KEY, Clock
from tests.certificates import Certificates, make_certificates
from tests.entrance import opened
from tests.identities import INES
from tests.login import free_port, location

SUB = "f:550dc1c8-d97b-4b1e-ac8c-8eb4471cf9dd:899700421003"
PERSON = userinfo(INES, SUB) | {"sub": SUB, "authMode": "CARD"}
SECRET = "of-the-npm-provider+%/" * 2
KEY = ECKey.generate_key("P-256", {"kid": "ours", "use": "sig", "alg": "ES256"})
CIBA = "urn:openid:params:grant-type:ciba"


class Present(Clock):
    """The other side's clock is the real one."""

    def __call__(self) -> datetime:
        return utc_now()


def registered(name: str, origin: str, **more: Any) -> dict[str, Any]:
    return {
        "client_id": name,
        "redirect_uris": [f"{origin}/login/callback"],
        "post_logout_redirect_uris": [f"{origin}/login/left"],
        "grant_types": ["authorization_code", "refresh_token", CIBA],
        "response_types": ["code"],
        "backchannel_token_delivery_mode": "poll",
        "require_auth_time": True,
        **more,
    }


def agreed(issuer: str, origin: str, credentials: Credentials, name: str = "telepath") -> Provider:
    return Provider(
        issuer=issuer,
        client_id=name,
        credentials=credentials,
        redirect_uri=f"{origin}/login/callback",
        after_logout=f"{origin}/login/left",
    )


@asynccontextmanager
async def browser(certificates: Certificates) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(verify=certificates.client(), trust_env=False, timeout=30) as client:
        yield client


async def walk(client: httpx2.AsyncClient, address: str, end: str) -> str:
    """Follow redirects until one leads to ``end``."""
    for _ in range(8):
        if address.startswith(end):
            return address
        answer = await client.get(address)
        assert answer.is_redirect, f"{answer.status_code} {answer.text[:400]}"
        address = str(httpx2.URL(address).join(location(answer)))
    raise AssertionError(address)


async def test_a_login_a_refresh_and_a_logout_at_another_implementation(sqlite_url: str, tmp_path: Path) -> None:
    certificates, port = make_certificates(tmp_path), free_port()
    issuer = f"https://127.0.0.1:{port}{other_provider.REALM}"
    credentials = Credentials(secret=SECRET, authorities=certificates.authority)
    db = Database(sqlite_url, MASTER_KEY)
    async with opened(db, tmp_path, clock=Present(), agree=lambda origin: agreed(issuer, origin, credentials)) as made:
        client = registered(
            "telepath",
            made.origin,
            client_secret=SECRET,
            backchannel_logout_uri=f"{made.origin}/login/backchannel-logout/psc",
            backchannel_logout_session_required=True,
        )
        async with other_provider.running(port, certificates, [client], PERSON), browser(certificates) as person:
            person.headers["Origin"] = made.origin
            callback = await walk(
                person, f"{made.origin}/login/start?return_to=/cases", f"{made.origin}/login/callback"
            )
            answer = await person.get(callback)
            assert (answer.status_code, location(answer)) == (303, "/cases"), answer.text
            actor = (await person.get(f"{made.origin}/")).json()
            assert (actor["subject_name_id"], actor["acr"]) == (INES.subject_name_id, "eidas1")
            assert (await person.get(callback)).status_code == 400

            async with db.read() as reader:
                row = await reader.one(select(session))
            assert row["subject"] == SUB
            assert row["provider_session"]

            left = await sign_out(person, location(await person.post(f"{made.origin}/logout")))
            assert left.startswith(f"{made.origin}/login/left")
            assert await made.sessions() == 0

            # The provider ends its own session, and ours hears of it.
            await person.get(await walk(person, f"{made.origin}/login/start", f"{made.origin}/login/callback"))
            assert await made.sessions() == 1
            async with db.read() as reader:
                token = await reader.scalar(select(session.c.id_token).where(session.c.ended_at.is_(None)))
            await sign_out(person, await made.identity.leave(token))
            # The provider answers the browser after it told us.
            assert await made.sessions() == 0
            assert (await person.get(f"{made.origin}/")).json() is None
            assert [reason for kind, reason in await made.audited() if kind == "session.ended"][-1] == "provider-logout"
    await db.close()


async def test_each_way_to_prove_that_we_are_the_client_is_taken_and_another_key_is_not(tmp_path: Path) -> None:
    certificates, port, origin = make_certificates(tmp_path), free_port(), "http://127.0.0.1:1"
    issuer = f"https://127.0.0.1:{port}{other_provider.REALM}"
    key, strange = tmp_path / "key.pem", tmp_path / "strange.pem"
    key.write_bytes(KEY.as_pem(private=True))
    strange.write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    jwks = {"keys": [KEY.as_dict(private=False)]}
    clients = [
        registered("by-secret", origin, client_secret=SECRET),
        registered("by-key", origin, token_endpoint_auth_method="private_key_jwt", jwks=jwks),
        registered(
            "by-certificate",
            origin,
            token_endpoint_auth_method="tls_client_auth",
            tls_client_auth_san_dns="localhost",
            tls_client_certificate_bound_access_tokens=True,
        ),
    ]

    def client(name: str, **credentials: Any) -> OpenIdProvider:
        made = Credentials(authorities=certificates.authority, **credentials)
        return OpenIdProvider(agreed(issuer, origin, made, name))

    right = [
        client("by-secret", secret=SECRET),
        client("by-key", method=Method.PRIVATE_KEY, key=key),
        client("by-certificate", method=Method.CERTIFICATE, certificate=certificates.chain, key=certificates.key),
    ]
    wrong = [
        client("by-secret", secret="another"),
        client("by-key", method=Method.PRIVATE_KEY, key=strange),
        client("by-certificate", secret=SECRET),
    ]
    async with other_provider.running(port, certificates, clients, PERSON), browser(certificates) as person:
        for ours in right:
            proven = await sign_in(ours, person, origin)
            assert (proven.subject_name_id, proven.subject, proven.acr) == (INES.subject_name_id, SUB, "eidas1")
            assert proven.practices
            renewed = await ours.refresh(proven.refresh_token)
            assert (renewed.subject, renewed.subject_name_id) == (SUB, INES.subject_name_id)
            assert await decoupled(ours, person, issuer, "yes") == SUB
        for stranger in wrong:
            with pytest.raises(Unavailable):
                await sign_in(stranger, person, origin)

        ours = right[0]
        with pytest.raises(LoginFailed) as refused:
            await decoupled(ours, person, issuer, "no")
        assert refused.value.code == "error-login-cancelled"
        for hint, message, reason in (("899700400000", "42", "unknown-person"), (INES.subject_name_id, "x", "refused")):
            with pytest.raises(LoginFailed) as refused:
                await ours.ask_decoupled(hint, message)
            assert refused.value.reason == f"decoupled-{reason}"
        with pytest.raises(LoginFailed) as refused:
            await ours.refresh("invented")
        assert refused.value.reason == "refresh-rejected"
        stolen = await ours.start(fresh=True)
        answer = await answered(person, stolen.url, origin)
        with pytest.raises(LoginFailed) as refused:
            await ours.finish(answer, nonce=stolen.nonce, verifier="x" * 64, authenticated_since=None)
        assert refused.value.reason == "code-rejected"


async def sign_in(ours: OpenIdProvider, person: httpx2.AsyncClient, origin: str) -> VerifiedIdentity:
    before = utc_now()
    started = await ours.start(fresh=True)
    answer = await answered(person, started.url, origin)
    assert answer["state"] == started.state
    return await ours.finish(
        answer, nonce=started.nonce, verifier=started.verifier, authenticated_since=before - timedelta(seconds=1)
    )


async def answered(person: httpx2.AsyncClient, address: str, origin: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(await walk(person, address, f"{origin}/login/callback")).query))


async def decoupled(ours: OpenIdProvider, person: httpx2.AsyncClient, issuer: str, answer: str) -> str:
    asked = await ours.ask_decoupled(INES.subject_name_id, "42")
    assert asked.interval > 0
    assert asked.expires_in > 0
    assert await ours.poll_decoupled(asked.request, authenticated_since=None) is None
    await person.post(str(httpx2.URL(issuer).join("/telephone")), json={"answer": answer})
    proven = await ours.poll_decoupled(asked.request, authenticated_since=None)
    assert proven is not None
    with pytest.raises(LoginFailed):
        await ours.poll_decoupled(asked.request, authenticated_since=None)
    return proven.subject


async def sign_out(person: httpx2.AsyncClient, address: str) -> str:
    """Say yes on the provider's page; where it sends the browser then."""
    page = await person.get(address)
    assert page.status_code == 200, page.text
    action, xsrf = re.findall(r'action="([^"]+)".*?value="([^"]+)"', page.text, re.DOTALL)[0]
    return location(await person.post(action, data={"xsrf": xsrf, "logout": "yes"}))
