"""The conversation with a provider over HTTP: what it says of itself, its tokens, its account of a person, its keys.

Nothing that it says is believed here but the addresses, and those only under the issuer that was agreed.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import msgspec

from auth import tokens
from auth.agreement import Provider
from auth.client_authentication import ClientAuthentication, Credentials
from auth.model import refused
from auth.signing_keys import Signed, SigningKeys
from telepath.errors import Unavailable

PATIENCE: Final = 4.0
"""Seconds that the provider is waited for in all: a person waits for the page besides, and has it within five."""
DISCOVERY_LIFE: Final = timedelta(hours=1)
ENDPOINTS: Final = (
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "end_session_endpoint",
    "backchannel_authentication_endpoint",
)
TOO_MANY_REQUESTS: Final = 429
OUT_OF_ORDER: Final = frozenset({"server_error", "temporarily_unavailable"})
"""RFC 6749 4.1.2.1: said instead of a status of 500 and above."""

log = logging.getLogger("telepath.identity")


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
    """What the token endpoint gave. ``check`` comes before anything but the refresh token is used."""

    access_token: str
    id_token: str
    refresh_token: str
    refresh_until: datetime | None
    fault: str = ""
    """Why it cannot be used. The refresh token counts all the same: the one before is spent."""

    def check(self) -> None:
        """Raises LoginFailed."""
        if self.fault:
            raise refused(self.fault)


class Rejected(Exception):
    """The provider refuses a request of ours, with an ``error`` of RFC 6749 5.2 or OpenID CIBA 11 and 13.

    ``for_now``: it is about this moment, and may be granted at another one."""

    def __init__(self, error: str, *, for_now: bool = False) -> None:
        super().__init__(error)
        self.error = error
        self.for_now = for_now


class Endpoints:
    """Of one provider. Keeps its discovery document and its keys for an hour.

    Raises Invalid when it is made: a file of its credentials cannot be used."""

    def __init__(self, provider: Provider, clock: Callable[[], datetime]) -> None:
        self.provider = provider
        self.clock = clock
        self.authentication = ClientAuthentication(
            provider.key,
            provider.client_id,
            provider.issuer,
            provider.credentials or Credentials(secret=provider.client_secret),
            clock,
        )
        self.keys = SigningKeys(clock)
        self.discovery: Discovery | None = None
        self._discovery_due = clock()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Conversation"]:
        """Raises Unavailable: ``PATIENCE`` is over, or the provider is out of order; LoginFailed: it is another issuer's."""
        try:
            async with (
                asyncio.timeout(PATIENCE),
                httpx2.AsyncClient(verify=self.authentication.tls, timeout=PATIENCE) as client,
            ):
                yield Conversation(self, client, await self._discover(client))
        except (TimeoutError, httpx2.HTTPError) as error:
            log.warning("the identity provider %s does not answer: %s", self.provider.key, type(error).__name__)
            raise Unavailable("error-login-unavailable") from None

    async def _discover(self, client: httpx2.AsyncClient) -> Discovery:
        now = self.clock()
        if self.discovery is not None and now < self._discovery_due:
            return self.discovery
        content = await _get(client, self.provider.discovery_url)
        try:
            told = msgspec.json.decode(content, type=dict[str, Any])
            found = msgspec.convert(told | dict(self.provider.endpoints), Discovery)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            log.error("the discovery document of the identity provider %s is unreadable", self.provider.key)
            raise Unavailable("error-login-unavailable") from None
        # OpenID Discovery 4.3: "The issuer value returned MUST be identical to the Issuer URL".
        scheme = urlsplit(self.provider.issuer).scheme
        addresses = [*(getattr(found, name) for name in ENDPOINTS), *found.mtls_endpoint_aliases.values()]
        if found.issuer != self.provider.issuer or any(
            urlsplit(address).scheme != scheme for address in addresses if address
        ):
            log.error("the discovery document is not that of the configured issuer (%s)", self.provider.key)
            raise refused("discovery-issuer")
        self.discovery, self._discovery_due = found, now + DISCOVERY_LIFE
        return found


class Conversation:
    """One login, refresh or token: everything that is asked together, within the time of ``Endpoints.open``."""

    def __init__(self, endpoints: Endpoints, client: httpx2.AsyncClient, addresses: Discovery) -> None:
        self.endpoints = endpoints
        self.client = client
        self.addresses = addresses

    async def post(self, name: str, form: Mapping[str, str]) -> Mapping[str, Any]:
        """Ask the endpoint of this name as the registered client. Raises Rejected; Unavailable: no answer that can be read."""
        authentication = self.endpoints.authentication
        response = await self.client.post(
            self._address(name),
            auth=authentication.basic,
            data={**form, **authentication.fields()},
            headers={"Accept": "application/json"},
        )
        if response.status_code >= 500:
            response.raise_for_status()
        try:
            document = msgspec.json.decode(response.content, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            document = {}
        if isinstance(document.get("error"), str):
            busy = response.status_code == TOO_MANY_REQUESTS or document["error"] in OUT_OF_ORDER
            raise Rejected(document["error"], for_now=busy)
        if response.status_code != 200 or not document:
            log.error("the identity provider answers without JSON: %d", response.status_code)
            raise Unavailable("error-login-unavailable")
        return document

    def _address(self, name: str) -> str:
        """RFC 8705 5: "the client uses the alias if present"; the access token is bound to our certificate, so userinfo too."""
        address: str = getattr(self.addresses, name)
        if self.endpoints.authentication.by_certificate:
            return self.addresses.mtls_endpoint_aliases.get(name, address)
        return address

    async def ask_token(self, form: Mapping[str, str], *, renewing: str = "") -> Answered:
        """``renewing``: the refresh token that is used; it stays when no other comes, and no ID token need come.

        Raises Rejected, Unavailable."""
        document = await self.post("token_endpoint", form)
        id_token, access_token = document.get("id_token", ""), document.get("access_token")
        fault = ""
        if not isinstance(id_token, str) or not (id_token or renewing):
            fault = "id-token-missing"
        elif not isinstance(access_token, str) or not access_token:
            fault = "access-token-missing"
        elif str(document.get("token_type")).lower() != "bearer":
            fault = "access-token-type"
        token = document.get("refresh_token")
        life = seconds(document.get("refresh_expires_in"))
        return Answered(
            access_token="" if fault else str(access_token),
            id_token="" if fault else str(id_token),
            refresh_token=token if isinstance(token, str) and token else renewing,
            refresh_until=None if life is None else self.endpoints.clock() + timedelta(seconds=life),
            fault=fault,
        )

    async def read(self, token: str) -> Signed:
        """Raises LoginFailed: the signature does not hold."""
        return await self.endpoints.keys.open(token, lambda: _get(self.client, self.addresses.jwks_uri))

    async def userinfo(self, access_token: str) -> Mapping[str, Any]:
        """Raises LoginFailed: refused, unreadable, encrypted, or signed by somebody else or for somebody else."""
        response = await self.client.get(
            self._address("userinfo_endpoint"), headers={"Authorization": f"Bearer {access_token}"}
        )
        if response.status_code in {401, 403}:
            raise refused("userinfo-refused")
        response.raise_for_status()
        # Pro Santé Connect answers with JSON or, where the client was registered so, with a signed token.
        if response.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/jwt":
            signed = await self.read(response.text.strip())
            provider = self.endpoints.provider
            tokens.check_signed_userinfo(signed.claims, provider.issuer, provider.client_id)
            return signed.claims
        try:
            return msgspec.json.decode(response.content, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise refused("userinfo-unreadable") from None


def seconds(value: object) -> int | None:
    """A length of time that a provider tells; None: none, or nothing that could be one."""
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 2**31 else None


async def _get(client: httpx2.AsyncClient, address: str) -> bytes:
    response = await client.get(address)
    response.raise_for_status()
    return response.content
