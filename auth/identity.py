"""The seam to whoever proves who people are: Pro Santé Connect, its simulator, another OpenID provider."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Protocol

import msgspec

from auth.model import Authentication, LoginFailed, VerifiedIdentity
from telepath.errors import Unavailable


class Started(msgspec.Struct, frozen=True):
    """Where to send the browser, and the secrets that the answer will be checked against."""

    url: str
    state: str
    nonce: str
    verifier: str
    """PKCE code verifier."""


class Decoupled(msgspec.Struct, frozen=True):
    """A login that the person answers on their telephone (OpenID CIBA)."""

    request: str
    """The provider's ``auth_req_id``."""
    interval: int
    """Seconds between two questions."""
    expires_in: int
    """Seconds."""


class Renewed(msgspec.Struct, frozen=True, kw_only=True):
    """What a refresh gave. The next refresh needs ``refresh_token``."""

    subject: str
    subject_name_id: str
    refresh_token: str
    refresh_until: datetime | None
    id_token: str
    """Empty: the provider sent none, and the one before stays."""
    authentication: Authentication = Authentication()
    """What the ID token says of the login that it is of."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an answer names, in each of its documents that could be read. Empty: nobody."""

    subjects: frozenset[str] = frozenset()
    subject_name_ids: frozenset[str] = frozenset()

    def another_than(self, subject: str, subject_name_id: str) -> bool:
        return not (self.subjects <= {subject} and self.subject_name_ids <= {subject_name_id})


NOBODY: Final = Named()


class Unverified(Exception):
    """The provider took a refresh token and gave another, but what it said of the person does not hold, or could not be asked
    for. The token before is worth nothing now: keep the other one. ``named``: whom it spoke of all the same."""

    def __init__(
        self,
        refresh_token: str,
        refresh_until: datetime | None,
        failure: LoginFailed | Unavailable,
        named: Named = NOBODY,
    ) -> None:
        super().__init__(failure.code)
        self.refresh_token = refresh_token
        self.refresh_until = refresh_until
        self.failure = failure
        self.named = named


class SlowDown(Exception):
    """The provider was asked too often how a decoupled login stands. OpenID CIBA 11: "the interval MUST be increased by at
    least 5 seconds for this and all subsequent requests"."""


class LoggedOut(msgspec.Struct, frozen=True):
    """What a verified logout token says: whose sessions end. One of the two may be empty, never both."""

    subject: str
    provider_session: str
    token_id: str
    """``jti``: to be accepted once."""


class IdentityProvider(Protocol):
    """Sends people away to prove who they are, and believes nothing of the answer that it did not check.

    Every method ends within five seconds. Raises Unavailable: the provider is down or too slow; sessions that exist live on,
    and there is no other way in."""

    @property
    def key(self) -> str:
        """``psc``, or the key under which the settings list another provider."""
        ...

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

    async def ask_decoupled(self, login_hint: str, binding_message: str) -> Decoupled:
        """Begin a login on the person's telephone. ``login_hint``: the national identifier, ``8`` and the RPPS number;
        ``binding_message``: two digits that both screens show.

        Raises LoginFailed: the provider refuses to ask, or knows no such login."""
        ...

    async def poll_decoupled(self, request: str, *, authenticated_since: datetime | None) -> VerifiedIdentity | None:
        """The identity, verified like that of ``finish`` but for the nonce, which such a login has not; None: not answered
        yet. Raises LoginFailed: cancelled, expired, or something in the answer does not hold; SlowDown: not answered yet."""
        ...

    async def refresh(self, refresh_token: str) -> Renewed:
        """Ask whether the person's session at the provider goes on. The caller compares who it is, and of which login.

        Raises LoginFailed: it does not (``refresh-rejected``), or the provider was not asked, for it is another's; Unverified:
        it took the token, and what it answered does not hold."""
        ...

    async def read_logout(self, logout_token: str) -> LoggedOut:
        """Check a back-channel logout token. Whether its ``jti`` was seen before is the caller's to check.

        Raises LoginFailed: something in it does not hold."""
        ...

    async def leave(self, id_token: str) -> str:
        """Where to send the browser to end the provider's own session."""
        ...


Providers = Callable[[str], IdentityProvider | None]
"""From the key of an identity provider to it; None: the settings know no such provider, or no longer."""
