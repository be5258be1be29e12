"""Which client speaks: secret (basic, post), ``private_key_jwt``, certificate."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote_plus

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request

from auth.simulator.realm import Client, Provider

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS: Final = ["RS256", "PS256", "ES256"]
ASSERTION_LIFE: Final = timedelta(minutes=10)
"""A longer one is refused: its ``jti`` would have to be remembered as long."""
LEEWAY: Final = timedelta(seconds=30)


class ClientCheck:
    """Authenticates clients. Remembers the assertions that it has seen."""

    def __init__(self, provider: Provider, certificate_header: str = "") -> None:
        """``certificate_header``: where a TLS terminator in front writes the subject of the client's certificate, which it has
        verified, and which it takes away from every other request. Empty: nothing in front does; no header is believed."""
        self.provider = provider
        self.certificate_header = certificate_header
        self._seen: dict[tuple[str, str], datetime] = {}

    def client(self, request: Request, form: Mapping[str, str]) -> Client | None:
        """Who asks; None: nobody that is registered, or not proven. RFC 6749 2.3: one method in one request."""
        basic = request.headers.get("authorization", "")
        assertion = form.get("client_assertion", "")
        if sum(map(bool, (basic, assertion, form.get("client_secret", "")))) > 1:
            return None
        if assertion:
            return self._by_assertion(form)
        if basic:
            return self._by_secret(*_pair(basic))
        if "client_secret" in form:
            return self._by_secret(form.get("client_id", ""), form["client_secret"])
        return self._by_certificate(request, form.get("client_id", ""))

    def _by_secret(self, name: str, secret: str) -> Client | None:
        client = self.provider.clients.get(name)
        if client is None or not client.client_secret:
            return None
        return client if hmac.compare_digest(client.client_secret.encode(), secret.encode()) else None

    def _by_certificate(self, request: Request, name: str) -> Client | None:
        """RFC 8705 2.1."""
        client = self.provider.clients.get(name)
        if client is None or not client.certificate_subject or not self.certificate_header:
            return None
        return client if request.headers.getlist(self.certificate_header) == [client.certificate_subject] else None

    def _by_assertion(self, form: Mapping[str, str]) -> Client | None:
        """RFC 7523 3, OIDC Core 9: iss and sub the client, aud this provider, exp, and a jti that serves once."""
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            return None
        now = self.provider.clock()
        self._seen = {key: until for key, until in self._seen.items() if now < until}
        for client in self.provider.clients.values():
            if not client.public_keys or form.get("client_id", client.client_id) != client.client_id:
                continue
            try:
                keys = KeySet.import_key_set({"keys": list(client.public_keys["keys"])})
                claims = jwt.decode(form["client_assertion"], keys, algorithms=ALGORITHMS).claims
            except (JoseError, ValueError):
                continue
            audiences = claims.get("aud")
            named = audiences if isinstance(audiences, list) else [audiences]
            expires, token_id = claims.get("exp"), claims.get("jti")
            if (
                claims.get("iss") != client.client_id
                or claims.get("sub") != client.client_id
                or not set(map(str, named)) & self._names()
                or not isinstance(expires, int)
                or not isinstance(token_id, str)
                or not token_id
                or not now - LEEWAY < datetime.fromtimestamp(expires, now.tzinfo) <= now + ASSERTION_LIFE
                or (client.client_id, token_id) in self._seen
            ):
                return None
            self._seen[client.client_id, token_id] = now + ASSERTION_LIFE + LEEWAY
            return client
        return None

    def _names(self) -> set[str]:
        """What an assertion may be meant for: the issuer, as RFC 9700 advises, or an endpoint that takes it."""
        connect = self.provider.connect
        return {
            self.provider.issuer,
            f"{connect}/token",
            f"{connect}/token/introspect",
            f"{connect}/revoke",
            f"{connect}/ext/ciba/auth",
        }


def _pair(authorization: str) -> tuple[str, str]:
    """Identifier and secret of HTTP Basic; empty where it is none."""
    scheme, _, pair = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        # RFC 6749 2.3.1: both are form-encoded before they are joined.
        name, _, secret = base64.b64decode(pair, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)
