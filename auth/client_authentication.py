"""How the service proves to a provider that it is the registered client: a secret, a signed assertion, or a TLS certificate."""

import secrets
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote_plus

import httpx2
import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key

from telepath.errors import Invalid

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE: Final = timedelta(seconds=60)
LEAST_RSA_BITS: Final = 2048


class Method(StrEnum):
    """The names of OpenID Connect Core section 9 and RFC 8705."""

    SECRET = "client_secret_basic"  # noqa: S105
    PRIVATE_KEY = "private_key_jwt"
    CERTIFICATE = "tls_client_auth"


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """What the client was registered with. Files are read once, at the start."""

    method: Method = Method.SECRET
    secret: str = ""
    key: Path | None = None
    """``private_key_jwt``: the key that signs, PEM or JWK; ``tls_client_auth``: that of the certificate, PEM."""
    certificate: Path | None = None
    """PEM, with what it needs to be believed behind it."""
    authorities: Path | None = None
    """PEM of who vouches for the provider's own certificate; None: those of the system."""


class ClientAuthentication:
    """Ready to be presented. ``provider``: its key, for whoever reads the error.

    Raises Invalid when it is made: a file is missing, unreadable or of the wrong kind."""

    def __init__(
        self, provider: str, client_id: str, issuer: str, credentials: Credentials, clock: Callable[[], datetime]
    ) -> None:
        self.client_id = client_id
        self.issuer = issuer
        self.credentials = credentials
        self.clock = clock
        self.tls = _tls(provider, credentials)
        self._signing = _signing_key(provider, credentials) if credentials.method is Method.PRIVATE_KEY else None

    @property
    def by_certificate(self) -> bool:
        return self.credentials.method is Method.CERTIFICATE

    @property
    def basic(self) -> httpx2.Auth:
        """RFC 6749 2.3.1: both are form-encoded before they are joined. Does nothing where another method was agreed."""
        if self.credentials.method is not Method.SECRET:
            return httpx2.Auth()
        return httpx2.BasicAuth(quote_plus(self.client_id), quote_plus(self.credentials.secret))

    def fields(self) -> Mapping[str, str]:
        """What goes into the form beside what is asked."""
        # RFC 8705 2: "the client MUST include the client_id parameter".
        named = {"client_id": self.client_id} if self.by_certificate else {}
        if self._signing is None:
            return named
        return {
            "client_id": self.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._assertion(self._signing),
        }

    def _assertion(self, key: RSAKey | ECKey) -> str:
        """RFC 7523 section 3, used once. The audience is the issuer: an address from discovery could be another provider's."""
        now = self.clock()
        header = {"alg": "ES256" if isinstance(key, ECKey) else "RS256"}
        if key.kid:
            header["kid"] = key.kid
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.issuer,
            "jti": secrets.token_urlsafe(24),
            "iat": int(now.timestamp()),
            "exp": int((now + ASSERTION_LIFE).timestamp()),
        }
        return jwt.encode(header, claims, key)


def _tls(provider: str, credentials: Credentials) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=credentials.authorities)
    except (OSError, ssl.SSLError):
        raise Invalid("error-provider-file", provider=provider, file="authorities") from None
    if credentials.method is Method.CERTIFICATE:
        try:
            context.load_cert_chain(credentials.certificate or Path(), credentials.key, password=_no_password)
        except (OSError, ssl.SSLError, ValueError):
            raise Invalid("error-provider-file", provider=provider, file="certificate") from None
    return context


def _no_password() -> str:
    """Instead of a question on the terminal."""
    raise ValueError("the key has a password")


def _signing_key(provider: str, credentials: Credentials) -> RSAKey | ECKey:
    """RSA of 2048 bits at least, or P-256."""
    found: object = None
    name = ""
    try:
        written = (credentials.key or Path()).read_bytes()
        if written.lstrip().startswith(b"{"):
            document = msgspec.json.decode(written, type=dict[str, Any])
            found = import_key(document).raw_value
            name = document.get("kid", "")
        else:
            found = load_pem_private_key(written, password=None)
    except (OSError, JoseError, ValueError, TypeError):
        raise Invalid("error-provider-file", provider=provider, file="key") from None
    if isinstance(found, RSAPrivateKey) and found.key_size >= LEAST_RSA_BITS:
        return RSAKey.import_key(found, {"kid": name} if name else None)
    if isinstance(found, EllipticCurvePrivateKey) and found.curve.name == "secp256r1":
        return ECKey.import_key(found, {"kid": name} if name else None)
    raise Invalid("error-provider-file", provider=provider, file="key")
