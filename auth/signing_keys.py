"""The provider's public keys, and what a token says once one of them signed it."""

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from auth import tokens
from auth.model import refused
from telepath.errors import Unavailable

LIFE: Final = timedelta(hours=1)
"""A key that the provider withdrew is believed no longer than this."""
FLOOR: Final = timedelta(seconds=10)
"""Tokens with odd keys, however many, make no more than one request in this time."""

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

        Raises LoginFailed: not a signed token, or by nobody we know; Unavailable: the keys are unreadable."""
        kid = _key_name(token)
        if self._wants(kid):
            async with self._fetching:
                if self._wants(kid):
                    self._keys, self._fetched_at = _read(await fetch()), self.clock()
        if self._keys is None or not self._has(kid):
            raise refused("key-unknown")
        try:
            opened = jwt.decode(token, self._keys, algorithms=tokens.ALGORITHMS)
        except (JoseError, ValueError) as error:
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
        listed = [
            key
            for key in msgspec.json.decode(document)["keys"]
            if key.get("use", "sig") == "sig" and key["kty"] in {"RSA", "EC"}
        ]
        return KeySet.import_key_set({"keys": listed})
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        log.error("the keys of the identity provider are unreadable")
        raise Unavailable("error-login-unavailable") from None


def _key_name(token: str) -> str | None:
    """The ``kid`` that the token's header asks for. Raises LoginFailed: not a signed token."""
    # RFC 7516 3.1: an encrypted token has five parts. We have no key that one could be encrypted for.
    if token.count(".") == 4:
        raise refused("token-encrypted")
    try:
        header = token.partition(".")[0]
        padded = header + "=" * (-len(header) % 4)
        kid = msgspec.json.decode(base64.urlsafe_b64decode(padded), type=dict[str, Any]).get("kid")
    except (ValueError, msgspec.MsgspecError):
        raise refused("token-unreadable") from None
    return kid if isinstance(kid, str) else None
