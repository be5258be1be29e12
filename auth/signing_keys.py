"""The provider's public keys, and what a token says once one of them signed it."""

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, RSAKey

from auth import tokens
from auth.model import refused
from telepath.errors import Unavailable

LIFE: Final = timedelta(hours=1)
"""A key that the provider withdrew is believed no longer than this."""
FLOOR: Final = timedelta(seconds=10)
"""Tokens with odd keys, however many, make no more than one request in this time."""
SHORTEST_MODULUS: Final = 342
"""Characters of base64url that hold the 256 bytes of an RSA key of 2048 bits."""

log = logging.getLogger("telepath.identity")


class Signed(msgspec.Struct, frozen=True):
    """A token whose signature holds."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]


class SigningKeys:
    """Kept until they are old, or a token names one that is not among them."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self._keys: KeySet | None = None
        self._fetched_at: datetime | None = None
        self._fetching = asyncio.Lock()

    async def open(self, token: str, fetch: Callable[[], Awaitable[bytes]]) -> Signed:
        """``fetch`` asks the provider for its JWK set.

        Raises LoginFailed: not a signed token, or by nobody the provider knew when it was asked for this token; Unavailable:
        the keys are unreadable, or they were asked for a moment ago and may have changed since."""
        kid, came = _key_name(token), self.clock()
        if self._wants(kid):
            async with self._fetching:
                if self._wants(kid):
                    self._keys, self._fetched_at = _read(await fetch()), self.clock()
        if self._keys is None or not self._has(kid):
            if self._fetched_at is not None and self._fetched_at < came:
                # Anybody may have made us ask, with a token of their own, right before the provider changed its keys.
                log.warning("a token names a key that is not known, or not yet")
                raise Unavailable("error-login-unavailable")
            raise refused("key-unknown")
        try:
            opened = jwt.decode(token, self._keys, algorithms=tokens.ALGORITHMS)
        except (JoseError, ValueError, TypeError) as error:
            # joserfc takes the header as it stands: ``crit`` that is a number, text that is not UTF-8.
            log.warning("a token was refused: %s", type(error).__name__)
            raise refused("signature") from None
        return Signed(opened.header, opened.claims)

    def _wants(self, kid: str | None) -> bool:
        """Whether to ask for the keys. A token that names none may be signed by a newer one than the only one we know."""
        if self._fetched_at is None:
            return True
        age = self.clock() - self._fetched_at
        # A clock that was put back: how old they are is not known.
        if not -FLOOR <= age < LIFE:
            return True
        return age >= FLOOR and (kid is None or not self._has(kid))

    def _has(self, kid: str | None) -> bool:
        """A token may leave its key unnamed only where there is but one."""
        keys = self._keys.keys if self._keys is not None else []
        return len(keys) == 1 if kid is None else any(key.kid == kid for key in keys)


def _read(document: bytes) -> KeySet:
    """Keys for signatures alone, and never a shared one: whoever knows it could sign too."""
    try:
        listed = msgspec.json.decode(document)["keys"]
        found: list[Key] = [key for one in listed if (key := _key(one)) is not None]
    except (ValueError, KeyError, TypeError):
        found = []
    if not found:
        log.error("the identity provider tells no key that could be read")
        raise Unavailable("error-login-unavailable")
    return KeySet(found)


def _key(told: Any) -> RSAKey | ECKey | None:
    """None: not for signatures, or none that we can use. RFC 7517 5: "Implementations SHOULD ignore JWKs within a JWK Set that
    use 'kty' values that are not understood by them, that are missing required members, or for which values are out of the
    supported ranges." """
    if not isinstance(told, dict) or told.get("use", "sig") != "sig":
        return None
    kinds: dict[str, type[RSAKey] | type[ECKey]] = {"RSA": RSAKey, "EC": ECKey}
    kind = kinds.get(str(told.get("kty")))
    if kind is None:
        return None
    # RFC 7518 3.3: "A key of size 2048 bits or larger MUST be used with these algorithms."
    if kind is RSAKey and len(str(told.get("n")).rstrip("=")) < SHORTEST_MODULUS:
        log.warning("a key of the identity provider is left out: it is too short")
        return None
    try:
        return kind.import_key(told)
    except (JoseError, ValueError, KeyError, TypeError, UnsupportedAlgorithm) as error:
        # joserfc looks a curve up by its name, and cryptography makes a key of whatever numbers there are.
        log.warning("a key of the identity provider is left out: %s", type(error).__name__)
        return None


def _key_name(token: str) -> str | None:
    """The ``kid`` that the token's header asks for. Raises LoginFailed: not a signed token."""
    # RFC 7516 3.1: an encrypted token has five parts. We have no key that one could be encrypted for.
    if token.count(".") == 4:
        raise refused("token-encrypted")
    try:
        header = token.partition(".")[0]
        padded = header + "=" * (-len(header) % 4)
        kid = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=dict[str, Any]).get("kid")
    except ValueError:
        raise refused("token-unreadable") from None
    return kid if isinstance(kid, str) else None
