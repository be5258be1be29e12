"""OpenID Connect: code flow with PKCE S256, decoupled login, refresh, logout, and every check that is ours to make.

Authlib builds the authorization address and the PKCE challenge. Its 1.9 accepts a token for another audience when ``azp``
is ours, ``none`` when discovery lists it, any ``acr`` and any callback ``iss``: so answers, keys, signatures and claims are
read and checked here, in auth/signing_keys.py and in auth/tokens.py.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpx2
import msgspec
from authlib.integrations.httpx_client import AsyncOAuth2Client

from auth import foreign, psc, tokens
from auth.client_authentication import ClientAuthentication, Credentials
from auth.identity import Decoupled, LoggedOut, Renewed, Started
from auth.model import LoginFailed, VerifiedIdentity, refused
from auth.signing_keys import Signed, SigningKeys
from telepath.db.database import utc_now
from telepath.errors import Unavailable

PATIENCE: Final = 5.0
"""Seconds that a person may wait for the provider in all."""
DISCOVERY_LIFE: Final = timedelta(hours=1)
PSC_KEY: Final = "psc"
ENDPOINTS: Final = (
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "end_session_endpoint",
    "backchannel_authentication_endpoint",
)

POLL_INTERVAL: Final = 5
"""Seconds. OpenID CIBA 7.3: "If no value is provided, clients MUST use 5 as the default value"."""
LONGEST_DECOUPLED: Final = 600
"""Seconds that a login on the telephone may be asked about, whatever the provider says."""
CIBA: Final = "urn:openid:params:grant-type:ciba"

log = logging.getLogger("telepath.identity")


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """What is agreed with the provider beforehand. Nothing that it says later may widen this."""

    key: str = PSC_KEY
    issuer: str
    discovery: str = ""
    """Address of the discovery document; empty: Pro Santé Connect's suffix, which is not the standard one."""
    endpoints: Mapping[str, str] = {}
    """Addresses that hold whatever discovery says, by their names there."""
    client_id: str
    client_secret: str = ""
    credentials: Credentials | None = None
    """None: the secret."""
    redirect_uri: str
    after_logout: str
    scope: str = "openid scope_all"
    acr_values: str = "eidas1"
    accepted_acr: frozenset[str] = frozenset({"eidas1", "eidas2", "eidas3"})
    channel: str = ""
    """``CARD`` or ``MOBILE``: where Pro Santé Connect is to ask in a decoupled login. Empty: wherever it likes."""
    max_age: int | None = None
    """Seconds that an authentication may be old. To ask for it makes a provider tell ``auth_time`` that would not otherwise."""
    claims: foreign.ClaimNames | None = None
    """Where a provider of foreign experts tells who somebody is; None: Pro Santé Connect."""

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
    end_session_endpoint: str = ""
    backchannel_authentication_endpoint: str = ""
    authorization_response_iss_parameter_supported: bool = False
    mtls_endpoint_aliases: dict[str, str] = {}
    """RFC 8705 5: where a client with a certificate asks instead."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What the token endpoint gave."""

    access_token: str
    id_token: str
    refresh_token: str
    refresh_until: datetime | None


class Rejected(Exception):
    """The provider refuses a request of ours, with an ``error`` of RFC 6749 5.2 or OpenID CIBA 11 and 13."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class OpenIdProvider:
    """An ``IdentityProvider`` (auth/identity.py) that speaks OpenID Connect.

    Raises Invalid when it is made: a file of its credentials cannot be used."""

    def __init__(self, provider: Provider, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.provider = provider
        self.clock = clock
        self._discovery: Discovery | None = None
        self._discovery_due = self.clock()
        self._keys = SigningKeys(clock)
        self._authentication = ClientAuthentication(
            provider.key,
            provider.client_id,
            provider.issuer,
            provider.credentials or Credentials(secret=provider.client_secret),
            clock,
        )

    @property
    def key(self) -> str:
        return self.provider.key

    def origins(self) -> frozenset[str]:
        addresses = {self.provider.issuer}
        if self._discovery is not None:
            addresses |= {self._discovery.authorization_endpoint, self._discovery.end_session_endpoint}
        return frozenset(origin(address) for address in addresses if address)

    async def prepare(self) -> None:
        with suppress(Unavailable, LoginFailed):
            async with self._client() as client:
                await self._endpoints(client)

    async def start(self, *, fresh: bool) -> Started:
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        # OIDC Core 3.1.2.1: "When max_age is used, the ID Token returned MUST include an auth_time Claim Value."
        age = 0 if fresh else self.provider.max_age
        asked = {
            "acr_values": self.provider.acr_values,
            "prompt": "login" if fresh else "",
            "max_age": "" if age is None else str(age),
        }
        async with self._client() as client:
            url, state = client.create_authorization_url(
                (await self._endpoints(client)).authorization_endpoint,
                state=secrets.token_urlsafe(32),
                nonce=nonce,
                code_verifier=verifier,
                **{name: value for name, value in asked.items() if value},
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
            form = {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self.provider.redirect_uri,
                "code_verifier": verifier,
            }
            try:
                answered = await self._ask_token(client, endpoints, form)
            except Rejected as rejected:
                # RFC 6749 5.2: invalid_grant is about this code; all else (client, scope…) is about us, and no reader can help.
                if rejected.error == "invalid_grant":
                    raise refused("code-rejected") from None
                raise _ours(rejected) from None
            return await self._identify(client, endpoints, answered, nonce, authenticated_since)

    async def ask_decoupled(self, login_hint: str, binding_message: str) -> Decoupled:
        form = {
            "scope": self.provider.scope,
            "acr_values": self.provider.acr_values,
            "login_hint": login_hint,
            "binding_message": binding_message,
        }
        if self.provider.channel:
            form["channel"] = self.provider.channel
        async with self._client() as client:
            endpoints = await self._endpoints(client)
            if not endpoints.backchannel_authentication_endpoint:
                raise refused("decoupled-unsupported")
            try:
                document = await self._post(client, endpoints, "backchannel_authentication_endpoint", form)
            except Rejected as rejected:
                raise _decoupled(rejected) from None
        request, expires_in = document.get("auth_req_id"), _seconds(document.get("expires_in"))
        if not isinstance(request, str) or not request or expires_in is None:
            raise refused("decoupled-unreadable")
        interval = _seconds(document.get("interval")) or POLL_INTERVAL
        return Decoupled(request, interval, min(expires_in, LONGEST_DECOUPLED))

    async def poll_decoupled(self, request: str, *, authenticated_since: datetime | None) -> VerifiedIdentity | None:
        async with self._client() as client:
            endpoints = await self._endpoints(client)
            try:
                answered = await self._ask_token(client, endpoints, {"grant_type": CIBA, "auth_req_id": request})
            except Rejected as rejected:
                # OpenID CIBA 11: neither is an answer yet. That the next question comes later is the caller's part.
                if rejected.error in {"authorization_pending", "slow_down"}:
                    return None
                raise _decoupled(rejected) from None
            return await self._identify(client, endpoints, answered, "", authenticated_since)

    async def refresh(self, refresh_token: str) -> Renewed:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        async with self._client() as client:
            endpoints = await self._endpoints(client)
            try:
                answered = await self._ask_token(client, endpoints, form, renewing=refresh_token)
            except Rejected as rejected:
                if rejected.error == "invalid_grant":
                    raise refused("refresh-rejected") from None
                raise _ours(rejected) from None
            userinfo = await self._userinfo(client, endpoints, answered.access_token)
            claims: Mapping[str, Any] = {"sub": userinfo.get("sub")}
            if answered.id_token:
                claims = (await self._open(client, endpoints, answered.id_token)).claims
                tokens.check_renewed_id_token(
                    claims, self.provider.issuer, self.provider.client_id, self.provider.accepted_acr, self.clock()
                )
                tokens.check_userinfo(userinfo, claims)
            return Renewed(
                subject=tokens.subject(userinfo),
                subject_name_id=self._subject_name_id(claims, userinfo),
                refresh_token=answered.refresh_token,
                refresh_until=answered.refresh_until,
                id_token=answered.id_token,
            )

    async def read_logout(self, logout_token: str) -> LoggedOut:
        async with self._client() as client:
            signed = await self._open(client, await self._endpoints(client), logout_token)
        tokens.check_logout_token(
            str(signed.header.get("typ") or ""),
            signed.claims,
            self.provider.issuer,
            self.provider.client_id,
            self.clock(),
        )
        return LoggedOut(
            subject=signed.claims.get("sub", ""),
            provider_session=signed.claims.get("sid", ""),
            token_id=signed.claims["jti"],
        )

    async def leave(self, id_token: str) -> str:
        async with self._client() as client:
            endpoints = await self._endpoints(client)
        if not endpoints.end_session_endpoint:
            return self.provider.after_logout
        query = {"id_token_hint": id_token, "post_logout_redirect_uri": self.provider.after_logout}
        return f"{endpoints.end_session_endpoint}{_joint(endpoints.end_session_endpoint)}{urlencode(query)}"

    # Asking

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[AsyncOAuth2Client]:
        """An HTTP client for one login: Authlib's holds the token in itself, so two logins must not share it."""
        try:
            async with (
                asyncio.timeout(PATIENCE),
                AsyncOAuth2Client(
                    client_id=self.provider.client_id,
                    scope=self.provider.scope,
                    redirect_uri=self.provider.redirect_uri,
                    code_challenge_method="S256",
                    verify=self._authentication.tls,
                    timeout=PATIENCE,
                ) as client,
            ):
                yield client
        except (TimeoutError, httpx2.HTTPError) as error:
            log.warning("the identity provider %s does not answer: %s", self.key, type(error).__name__)
            raise Unavailable("error-login-unavailable") from None

    async def _endpoints(self, client: AsyncOAuth2Client) -> Discovery:
        now = self.clock()
        if self._discovery is not None and now < self._discovery_due:
            return self._discovery
        content = await _get(client, self.provider.discovery_url)
        try:
            told = msgspec.json.decode(content, type=dict[str, Any])
            found = msgspec.convert(told | dict(self.provider.endpoints), Discovery)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            log.error("the discovery document of the identity provider %s is unreadable", self.key)
            raise Unavailable("error-login-unavailable") from None
        # OpenID Discovery 4.3: "The issuer value returned MUST be identical to the Issuer URL".
        scheme = urlsplit(self.provider.issuer).scheme
        addresses = [*(getattr(found, name) for name in ENDPOINTS), *found.mtls_endpoint_aliases.values()]
        if found.issuer != self.provider.issuer or any(
            urlsplit(address).scheme != scheme for address in addresses if address
        ):
            log.error("the discovery document is not that of the configured issuer (%s)", self.key)
            raise refused("discovery-issuer")
        self._discovery, self._discovery_due = found, now + DISCOVERY_LIFE
        return found

    async def _post(
        self, client: AsyncOAuth2Client, endpoints: Discovery, name: str, form: Mapping[str, str]
    ) -> Mapping[str, Any]:
        """Ask an endpoint as the registered client. Raises Rejected; Unavailable: no answer that can be read."""
        address = getattr(endpoints, name)
        if self._authentication.by_certificate:
            address = endpoints.mtls_endpoint_aliases.get(name, address)
        response = await client.request(
            "POST",
            address,
            withhold_token=True,
            auth=self._authentication.basic,
            data={**form, **self._authentication.fields()},
            headers={"Accept": "application/json"},
        )
        if response.status_code >= 500:
            response.raise_for_status()
        try:
            document = msgspec.json.decode(response.content, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            document = {}
        if isinstance(document.get("error"), str):
            raise Rejected(document["error"])
        if response.status_code != 200 or not document:
            log.error("the identity provider %s answers without JSON: %d", self.key, response.status_code)
            raise Unavailable("error-login-unavailable")
        return document

    async def _ask_token(
        self, client: AsyncOAuth2Client, endpoints: Discovery, form: Mapping[str, str], *, renewing: str = ""
    ) -> Answered:
        """``renewing``: the refresh token that is used; it stays when no other comes, and no ID token need come."""
        document = await self._post(client, endpoints, "token_endpoint", form)
        id_token, access_token = document.get("id_token", ""), document.get("access_token")
        if not isinstance(id_token, str) or not (id_token or renewing):
            raise refused("id-token-missing")
        if not isinstance(access_token, str) or not access_token:
            raise refused("access-token-missing")
        if str(document.get("token_type")).lower() != "bearer":
            raise refused("access-token-type")
        token = document.get("refresh_token")
        life = _seconds(document.get("refresh_expires_in"))
        return Answered(
            access_token=access_token,
            id_token=id_token,
            refresh_token=token if isinstance(token, str) and token else renewing,
            refresh_until=None if life is None else self.clock() + timedelta(seconds=life),
        )

    async def _open(self, client: AsyncOAuth2Client, endpoints: Discovery, token: str) -> Signed:
        return await self._keys.open(token, lambda: _get(client, endpoints.jwks_uri))

    async def _userinfo(self, client: AsyncOAuth2Client, endpoints: Discovery, access_token: str) -> Mapping[str, Any]:
        response = await client.request(
            "GET", endpoints.userinfo_endpoint, withhold_token=True, headers={"Authorization": f"Bearer {access_token}"}
        )
        if response.status_code in {401, 403}:
            raise refused("userinfo-refused")
        response.raise_for_status()
        # Pro Santé Connect answers with JSON or, where the client was registered so, with a signed token.
        if response.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/jwt":
            signed = await self._open(client, endpoints, response.text.strip())
            tokens.check_signed_userinfo(signed.claims, self.provider.issuer, self.provider.client_id)
            return signed.claims
        try:
            return msgspec.json.decode(response.content, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise refused("userinfo-unreadable") from None

    # Believing

    async def _identify(
        self,
        client: AsyncOAuth2Client,
        endpoints: Discovery,
        answered: Answered,
        nonce: str,
        authenticated_since: datetime | None,
    ) -> VerifiedIdentity:
        claims = (await self._open(client, endpoints, answered.id_token)).claims
        expected = tokens.Expected(
            issuer=self.provider.issuer,
            client_id=self.provider.client_id,
            nonce=nonce,
            accepted_acr=self.provider.accepted_acr,
            authenticated_since=authenticated_since,
        )
        tokens.check_id_token(claims, expected, answered.access_token, self.clock())
        userinfo = await self._userinfo(client, endpoints, answered.access_token)
        tokens.check_userinfo(userinfo, claims)
        if self.provider.claims is None:
            proven = psc.identity(claims, userinfo, answered.id_token)
        else:
            proven = foreign.identity(self.key, self.provider.claims, claims, userinfo, answered.id_token)
        return msgspec.structs.replace(
            proven, provider=self.key, refresh_token=answered.refresh_token, refresh_until=answered.refresh_until
        )

    def _subject_name_id(self, claims: Mapping[str, Any], userinfo: Mapping[str, Any]) -> str:
        if self.provider.claims is None:
            return psc.subject_name_id(claims, userinfo)
        return foreign.subject_name_id(self.key, userinfo)


def origin(address: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


async def _get(client: AsyncOAuth2Client, address: str) -> bytes:
    response = await client.request("GET", address, withhold_token=True)
    response.raise_for_status()
    content: bytes = response.content
    return content


def _ours(rejected: Rejected) -> Unavailable:
    """The provider complains of us. Nobody who signs in can help it."""
    log.error("the identity provider refuses our client: %s", ascii(rejected.error[:80]))
    return Unavailable("error-login-unavailable")


def _decoupled(rejected: Rejected) -> LoginFailed | Unavailable:
    """OpenID CIBA 11 and 13."""
    match rejected.error:
        case "access_denied":
            return LoginFailed("error-login-cancelled")
        case "expired_token":
            return LoginFailed("error-login-expired")
        case "unknown_user_id":
            return refused("decoupled-unknown-person")
        case "invalid_grant" | "transaction_failed":
            return refused("decoupled-rejected")
        case "invalid_binding_message" | "invalid_request":
            return refused("decoupled-refused")
        case _:
            return _ours(rejected)


def _seconds(value: object) -> int | None:
    """A length of time that a provider tells; None: none, or nothing that could be one."""
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 2**31 else None


def _joint(address: str) -> str:
    return "&" if urlsplit(address).query else "?"
