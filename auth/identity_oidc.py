"""OpenID Connect: code flow with PKCE S256, decoupled login, refresh, logout, and every check that is ours to make.

Authlib builds the authorization address and the PKCE challenge. Its 1.9 accepts a token for another audience when ``azp``
is ours, ``none`` when discovery lists it, any ``acr`` and any callback ``iss``: so answers, keys, signatures and claims are
read and checked here, in auth/endpoints.py, auth/signing_keys.py and auth/tokens.py.
"""

import asyncio
import logging
import secrets
import ssl
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import msgspec
from authlib.oauth2.client import OAuth2Client

from auth import foreign, psc, tokens
from auth.agreement import Provider
from auth.endpoints import Answered, Conversation, Endpoints, Rejected, seconds
from auth.identity import Decoupled, LoggedOut, Named, Renewed, SlowDown, Started, Unverified
from auth.model import LoginFailed, VerifiedIdentity, refused
from telepath.db.database import utc_now
from telepath.errors import Unavailable

POLL_INTERVAL: Final = 5
"""Seconds. OpenID CIBA 7.3: "If no value is provided, clients MUST use 5 as the default value"."""
LONGEST_DECOUPLED: Final = 600
"""Seconds that a login on the telephone may be asked about, whatever the provider says."""
CIBA: Final = "urn:openid:params:grant-type:ciba"

log = logging.getLogger("telepath.identity")


class OpenIdProvider:
    """An ``IdentityProvider`` (auth/identity.py) that speaks OpenID Connect.

    Raises Invalid when it is made: a file of its credentials cannot be used."""

    def __init__(self, provider: Provider, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.provider = provider
        self.clock = clock
        self._endpoints = Endpoints(provider, clock)

    @property
    def key(self) -> str:
        return self.provider.key

    @property
    def tls(self) -> ssl.SSLContext:
        """With whom it is spoken to: the authorities that are believed, and our certificate where one was agreed."""
        return self._endpoints.authentication.tls

    def origins(self) -> frozenset[str]:
        addresses = {self.provider.issuer}
        found = self._endpoints.discovery
        if found is not None:
            addresses |= {found.authorization_endpoint, found.end_session_endpoint}
        return frozenset(origin(address) for address in addresses if address)

    async def prepare(self) -> None:
        with suppress(Unavailable, LoginFailed):
            async with self._endpoints.open():
                pass

    async def start(self, *, fresh: bool) -> Started:
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        # OIDC Core 3.1.2.1: "When max_age is used, the ID Token returned MUST include an auth_time Claim Value."
        age = 0 if fresh else self.provider.max_age
        asked = {
            "acr_values": self.provider.acr_values,
            "prompt": "login" if fresh else "",
            "max_age": "" if age is None else str(age),
        }
        async with self._endpoints.open() as asking:
            address = asking.addresses.authorization_endpoint
        client = OAuth2Client(
            session=None,
            client_id=self.provider.client_id,
            scope=self.provider.scope,
            redirect_uri=self.provider.redirect_uri,
            code_challenge_method="S256",
        )
        url, state = client.create_authorization_url(
            address,
            state=secrets.token_urlsafe(32),
            nonce=nonce,
            code_verifier=verifier,
            **{name: value for name, value in asked.items() if value},
        )
        return Started(url, state, nonce, verifier)

    async def finish(
        self, answer: Mapping[str, str], *, nonce: str, verifier: str, authenticated_since: datetime | None
    ) -> VerifiedIdentity:
        async with self._endpoints.open() as asking:
            code = tokens.check_callback(
                answer,
                self.provider.issuer,
                names_issuer=asking.addresses.authorization_response_iss_parameter_supported,
            )
            form = {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self.provider.redirect_uri,
                "code_verifier": verifier,
            }
            try:
                answered = await asking.ask_token(form)
            except Rejected as rejected:
                # RFC 6749 5.2: invalid_grant is about this code; all else (client, scope…) is about us, and no reader can help.
                if rejected.error == "invalid_grant":
                    raise refused("code-rejected") from None
                raise _ours(rejected) from None
            return await self._identify(asking, answered, nonce, authenticated_since)

    async def ask_decoupled(self, login_hint: str, binding_message: str) -> Decoupled:
        form = {
            "scope": self.provider.scope,
            "acr_values": self.provider.acr_values,
            "login_hint": login_hint,
            "binding_message": binding_message,
        }
        if self.provider.channel:
            form["channel"] = self.provider.channel
        async with self._endpoints.open() as asking:
            if not asking.addresses.backchannel_authentication_endpoint:
                raise refused("decoupled-unsupported")
            try:
                document = await asking.post("backchannel_authentication_endpoint", form)
            except Rejected as rejected:
                raise _decoupled(rejected) from None
        request, expires_in = document.get("auth_req_id"), seconds(document.get("expires_in"))
        if not isinstance(request, str) or not request or expires_in is None:
            raise refused("decoupled-unreadable")
        interval = seconds(document.get("interval")) or POLL_INTERVAL
        return Decoupled(request, interval, min(expires_in, LONGEST_DECOUPLED))

    async def poll_decoupled(self, request: str, *, authenticated_since: datetime | None) -> VerifiedIdentity | None:
        async with self._endpoints.open() as asking:
            try:
                answered = await asking.ask_token({"grant_type": CIBA, "auth_req_id": request})
            except Rejected as rejected:
                # OpenID CIBA 11: neither is an answer yet. That the next question comes later is the caller's part.
                if rejected.error == "authorization_pending":
                    return None
                if rejected.error == "slow_down":
                    raise SlowDown from None
                raise _decoupled(rejected) from None
            return await self._identify(asking, answered, "", authenticated_since)

    async def refresh(self, refresh_token: str) -> Renewed:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        answered: Answered | None = None
        said: list[Mapping[str, Any]] = []
        try:
            async with self._endpoints.open() as asking:
                try:
                    answered = await asking.ask_token(form, renewing=refresh_token)
                except Rejected as rejected:
                    if rejected.error == "invalid_grant":
                        raise refused("refresh-rejected") from None
                    ours = _ours(rejected)
                    # RFC 6749 5.2: invalid_client, unauthorized_client… As long as that stands, nothing is vouched for.
                    raise (ours if rejected.for_now else refused("refresh-client-refused")) from None
                return await self._renewed(asking, answered, said)
        except (LoginFailed, Unavailable) as failure:
            if answered is None:
                raise
            raise Unverified(answered.refresh_token, answered.refresh_until, failure, self._named(said)) from None

    async def read_logout(self, logout_token: str) -> LoggedOut:
        async with self._endpoints.open() as asking:
            signed = await asking.read(logout_token)
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
        try:
            async with self._endpoints.open() as asking:
                address = asking.addresses.end_session_endpoint
        except LoginFailed:
            # Where the provider's own session could be ended is not known: for who leaves, it is away.
            raise Unavailable("error-login-unavailable") from None
        if not address:
            return self.provider.after_logout
        query = {"id_token_hint": id_token, "post_logout_redirect_uri": self.provider.after_logout}
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"

    async def _identify(
        self,
        asking: Conversation,
        answered: Answered,
        nonce: str,
        authenticated_since: datetime | None,
    ) -> VerifiedIdentity:
        answered.check()
        claims = (await asking.read(answered.id_token)).claims
        expected = tokens.Expected(
            issuer=self.provider.issuer,
            client_id=self.provider.client_id,
            nonce=nonce,
            accepted_acr=self.provider.accepted_acr,
            authenticated_since=authenticated_since,
        )
        tokens.check_id_token(claims, expected, answered.access_token, self.clock())
        userinfo = await asking.userinfo(answered.access_token)
        tokens.check_userinfo(userinfo, claims)
        if self.provider.claims is None:
            proven = psc.identity(claims, userinfo, answered.id_token)
        else:
            proven = foreign.identity(self.key, self.provider.claims, claims, userinfo, answered.id_token)
        return msgspec.structs.replace(
            proven,
            provider=self.key,
            nonce=nonce,
            refresh_token=answered.refresh_token,
            refresh_until=answered.refresh_until,
        )

    async def _renewed(self, asking: Conversation, answered: Answered, said: list[Mapping[str, Any]]) -> Renewed:
        """``said`` is given every account of the person that could be read, before any is judged: nobody else must hide
        behind some other fault."""
        answered.check()

        async def read() -> Mapping[str, Any]:
            return (await asking.read(answered.id_token)).claims if answered.id_token else {}

        both = await asyncio.gather(read(), asking.userinfo(answered.access_token), return_exceptions=True)
        said += [one for one in both if not isinstance(one, BaseException)]
        failures = [one for one in both if isinstance(one, BaseException)]
        if failures:
            # What does not hold says more than what did not come.
            raise next((one for one in failures if isinstance(one, LoginFailed)), failures[0])
        claims, userinfo = said
        if answered.id_token:
            tokens.check_renewed_id_token(
                claims,
                self.provider.issuer,
                self.provider.client_id,
                self.provider.accepted_acr,
                answered.access_token,
                self.clock(),
            )
            tokens.check_userinfo(userinfo, claims)
        return Renewed(
            subject=tokens.subject(userinfo),
            subject_name_id=self._subject_name_id(claims, userinfo),
            refresh_token=answered.refresh_token,
            refresh_until=answered.refresh_until,
            id_token=answered.id_token,
            authentication=tokens.authentication(claims),
        )

    def _named(self, said: Iterable[Mapping[str, Any]]) -> Named:
        """People of other providers are bound on the subject alone."""
        found = list(said)
        return Named(
            subjects=tokens.subjects(found),
            subject_name_ids=psc.subject_name_ids(found) if self.provider.claims is None else frozenset(),
        )

    def _subject_name_id(self, claims: Mapping[str, Any], userinfo: Mapping[str, Any]) -> str:
        if self.provider.claims is None:
            return psc.subject_name_id(claims, userinfo)
        return foreign.subject_name_id(self.key, userinfo)


def origin(address: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


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
