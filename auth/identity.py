"""The seam to whoever proves who people are: Pro Santé Connect, its simulator, another OpenID provider."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec

from auth.model import VerifiedIdentity


class Started(msgspec.Struct, frozen=True):
    """Where to send the browser, and the secrets that the answer will be checked against."""

    url: str
    state: str
    nonce: str
    verifier: str
    """PKCE code verifier."""


class IdentityProvider(Protocol):
    """Sends people away to prove who they are, and believes nothing of the answer that it did not check.

    Every method ends within five seconds. Raises Unavailable: the provider is down or too slow; sessions that exist live on,
    and there is no other way in."""

    def origins(self) -> frozenset[str]:
        """The origins that a form of ours may end at, as far as known: for ``form-action``."""
        ...

    async def prepare(self) -> None:
        """Learn at start what the first login would have to wait for. A provider that is down is no error."""
        ...

    async def start(self, *, fresh: bool) -> Started:
        """Begin a login. ``fresh``: the person must authenticate anew, whatever session the provider remembers."""
        ...

    async def finish(
        self, answer: Mapping[str, str], *, nonce: str, verifier: str, authenticated_since: datetime | None
    ) -> VerifiedIdentity:
        """Check the provider's redirect (its query parameters; ``state`` is the caller's to check) and fetch the identity.

        Raises LoginFailed: cancelled, or something in the answer does not hold."""
        ...

    async def leave(self, id_token: str) -> str:
        """Where to send the browser to end the provider's own session."""
        ...
