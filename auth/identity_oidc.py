"""OpenID Connect by Authlib, code flow with PKCE S256, and every check that Authlib leaves to its caller.

Authlib builds the authorization address, authenticates the client and redeems the code. Its 1.9 accepts a token for another
audience when ``azp`` is ours, ``none`` when discovery lists it, any ``acr`` and any callback ``iss``: so keys, signature and
claims are checked here and in auth/tokens.py.
"""

import asyncio
import base64
import logging
import secrets
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx2
import msgspec
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from auth import psc, tokens
from auth.identity import Started
from auth.model import LoginFailed, VerifiedIdentity, refused
from telepath.db.database import utc_now
from telepath.errors import Unavailable

PATIENCE: Final = 5.0
"""Seconds that a login may wait for the provider in all."""
DISCOVERY_LIFE: Final = timedelta(hours=1)
ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")

log = logging.getLogger("telepath.identity")


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """What is agreed with the provider beforehand. Nothing that it says later may widen this."""

    issuer: str
    discovery: str = ""
    """Address of the discovery document; empty: Pro Santé Connect's suffix, which is not the standard one."""
    client_id: str
    client_secret: str
    redirect_uri: str
    after_logout: str
    scope: str = "openid scope_all"
    acr_values: str = "eidas1"
    accepted_acr: frozenset[str] = frozenset({"eidas1", "eidas2", "eidas3"})

    @property
    def discovery_url(self) -> str:
        return self.discovery or f"{self.issuer}/.well-known/wallet-openid-configuration"


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the discovery document that is used. Which algorithms it lists is deliberately not."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    authorization_response_iss_parameter_supported: bool = False


class OpenIdProvider:
    """An ``IdentityProvider`` (auth/identity.py) that speaks OpenID Connect."""

    def __init__(self, provider: Provider, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.provider = provider
        self.clock = clock
        self._tls = ssl.create_default_context()
        self._discovery: Discovery | None = None
        self._discovery_due = self.clock()
        self._keys: KeySet | None = None

    @property
    def key(self) -> str:
        return "psc"

    def origins(self) -> frozenset[str]:
        addresses = {self.provider.issuer}
        if self._discovery is not None:
            addresses |= {self._discovery.authorization_endpoint, self._discovery.end_session_endpoint}
        return frozenset(origin(address) for address in addresses)

    async def prepare(self) -> None:
        with suppress(Unavailable, LoginFailed):
            async with self._client() as client:
                await self._endpoints(client)

    async def start(self, *, fresh: bool) -> Started:
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        # OIDC Core 3.1.2.1: "When max_age is used, the ID Token returned MUST include an auth_time Claim Value."
        renewal = {"prompt": "login", "max_age": "0"} if fresh else {}
        async with self._client() as client:
            url, state = client.create_authorization_url(
                (await self._endpoints(client)).authorization_endpoint,
                state=secrets.token_urlsafe(32),
                nonce=nonce,
                code_verifier=verifier,
                acr_values=self.provider.acr_values,
                **renewal,
            )
        return Started(url, state, nonce, verifier)

    async def finish(
        self, answer: Mapping[str, str], *, nonce: str, verifier: str, authenticated_since: datetime | None
    ) -> VerifiedIdentity:
        async with self._client() as client:
            endpoints = await self._endpoints(client)
            code = tokens.check_callback(
                answer,
                self.provider.issuer,
                names_issuer=endpoints.authorization_response_iss_parameter_supported,
            )
            id_token, access_token = await self._redeem(client, endpoints, code, verifier)
            claims = await self._open(client, endpoints, id_token)
            expected = tokens.Expected(
                issuer=self.provider.issuer,
                client_id=self.provider.client_id,
                nonce=nonce,
                accepted_acr=self.provider.accepted_acr,
                authenticated_since=authenticated_since,
            )
            tokens.check_id_token(claims, expected, access_token, self.clock())
            userinfo = await self._userinfo(client, endpoints, access_token)
            tokens.check_userinfo(userinfo, claims)
            return psc.identity(claims, userinfo, id_token)

    async def leave(self, id_token: str) -> str:
        async with self._client() as client:
            endpoints = await self._endpoints(client)
        query = {"id_token_hint": id_token, "post_logout_redirect_uri": self.provider.after_logout}
        return f"{endpoints.end_session_endpoint}?{urlencode(query)}"

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[AsyncOAuth2Client]:
        """An HTTP client for one login: Authlib's holds the token in itself, so two logins must not share it."""
        try:
            async with (
                asyncio.timeout(PATIENCE),
                AsyncOAuth2Client(
                    client_id=self.provider.client_id,
                    client_secret=self.provider.client_secret,
                    scope=self.provider.scope,
                    redirect_uri=self.provider.redirect_uri,
                    code_challenge_method="S256",
                    verify=self._tls,
                    timeout=PATIENCE,
                ) as client,
            ):
                yield client
        except (TimeoutError, httpx2.HTTPError) as error:
            log.warning("the identity provider does not answer: %s", type(error).__name__)
            raise Unavailable("error-login-unavailable") from None

    async def _endpoints(self, client: AsyncOAuth2Client) -> Discovery:
        now = self.clock()
        if self._discovery is not None and now < self._discovery_due:
            return self._discovery
        response = await client.request("GET", self.provider.discovery_url, withhold_token=True)
        response.raise_for_status()
        try:
            found = msgspec.json.decode(response.content, type=Discovery)
        except msgspec.MsgspecError:
            log.error("the discovery document of the identity provider is unreadable")
            raise Unavailable("error-login-unavailable") from None
        # OpenID Discovery 4.3: "The issuer value returned MUST be identical to the Issuer URL".
        scheme = urlsplit(self.provider.issuer).scheme
        if found.issuer != self.provider.issuer or any(
            urlsplit(getattr(found, name)).scheme != scheme for name in ENDPOINTS
        ):
            log.error("the discovery document is not that of the configured issuer")
            raise refused("discovery-issuer")
        self._discovery, self._discovery_due = found, now + DISCOVERY_LIFE
        return found

    async def _redeem(
        self, client: AsyncOAuth2Client, endpoints: Discovery, code: str, verifier: str
    ) -> tuple[str, str]:
        try:
            answer = await client.fetch_token(
                endpoints.token_endpoint, grant_type="authorization_code", code=code, code_verifier=verifier
            )
        except OAuthError as error:
            # RFC 6749 5.2: invalid_grant is about this code; all else (client, scope…) is about us, and no reader can help.
            if error.error == "invalid_grant":
                raise refused("code-rejected") from None
            log.error("the identity provider refuses our client: %s", str(error.error)[:80])
            raise Unavailable("error-login-unavailable") from None
        except ValueError:
            log.error("the token endpoint of the identity provider answers without JSON")
            raise Unavailable("error-login-unavailable") from None
        id_token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(id_token, str):
            raise refused("id-token-missing")
        if not isinstance(access_token, str) or str(answer.get("token_type")).lower() != "bearer":
            raise refused("access-token-missing")
        return id_token, access_token

    async def _open(self, client: AsyncOAuth2Client, endpoints: Discovery, token: str) -> Mapping[str, Any]:
        """The claims of a token whose signature holds. Keys are reloaded once when its key is not among those known."""
        kid = _key_name(token)
        if self._keys is None or not _has(self._keys, kid):
            self._keys = await self._fetch_keys(client, endpoints)
        if not _has(self._keys, kid):
            raise refused("key-unknown")
        try:
            return jwt.decode(token, self._keys, algorithms=tokens.ALGORITHMS).claims
        except (JoseError, ValueError) as error:
            log.warning("a token was refused: %s", type(error).__name__)
            raise refused("signature") from None

    async def _fetch_keys(self, client: AsyncOAuth2Client, endpoints: Discovery) -> KeySet:
        response = await client.request("GET", endpoints.jwks_uri, withhold_token=True)
        response.raise_for_status()
        try:
            listed = [key for key in response.json()["keys"] if key.get("use", "sig") == "sig" and key["kty"] != "oct"]
            return KeySet.import_key_set({"keys": listed})
        except (JoseError, ValueError, KeyError, TypeError, AttributeError):
            log.error("the keys of the identity provider are unreadable")
            raise Unavailable("error-login-unavailable") from None

    async def _userinfo(self, client: AsyncOAuth2Client, endpoints: Discovery, access_token: str) -> Mapping[str, Any]:
        response = await client.request(
            "GET", endpoints.userinfo_endpoint, withhold_token=True, headers={"Authorization": f"Bearer {access_token}"}
        )
        if response.status_code in {401, 403}:
            raise refused("userinfo-refused")
        response.raise_for_status()
        # Pro Santé Connect answers with JSON or, where the client was registered so, with a signed token.
        if response.headers.get("content-type", "").partition(";")[0].strip() == "application/jwt":
            signed = await self._open(client, endpoints, response.text)
            if signed.get("iss") != self.provider.issuer:
                raise refused("userinfo-issuer")
            return signed
        try:
            return msgspec.json.decode(response.content, type=dict[str, Any])
        except msgspec.MsgspecError:
            raise refused("userinfo-unreadable") from None


def origin(address: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _key_name(token: str) -> str | None:
    """The ``kid`` that the token's header asks for. Raises LoginFailed: not a token of three parts."""
    try:
        header = token.partition(".")[0]
        padded = header + "=" * (-len(header) % 4)
        kid = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=dict[str, Any]).get("kid")
    except (ValueError, msgspec.MsgspecError):
        raise refused("token-unreadable") from None
    return kid if isinstance(kid, str) else None


def _has(keys: KeySet, kid: str | None) -> bool:
    """A token may leave its key unnamed only where there is but one."""
    return len(keys.keys) == 1 if kid is None else any(key.kid == kid for key in keys)
