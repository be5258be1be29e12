"""What the identity provider proves, what a session is, and why a login fails. Pure."""

from datetime import datetime
from enum import StrEnum

import msgspec

from telepath.access import ObjectRef
from telepath.errors import Forbidden
from telepath.identifiers import PSC


class Purpose(StrEnum):
    """Why somebody is sent to the identity provider."""

    LOGIN = "login"
    STEP_UP = "step-up"
    """The session lives, but the act needs a recent authentication."""


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """One place where a professional works, as Pro Santé Connect lists it. Empty text: not told."""

    name: str = ""
    finess: str = ""
    """FINESS of the site. Test identities have letters in it."""
    finess_legal: str = ""
    """FINESS of the legal entity."""
    structure_id: str = ""
    """``F`` and FINESS, or ``R`` and a number."""
    mode: str = ""
    """``S`` employed, ``L`` private practice, ``B`` voluntary."""
    sector: str = ""
    """``SA01`` public hospital, ``SA07`` private practice…"""


class Practice(msgspec.Struct, frozen=True, kw_only=True):
    """One *exercice*: a profession in one category, with its know-how and its activities."""

    profession: str = ""
    """TRE_G15: 10 is a doctor."""
    category: str = ""
    title: str = ""
    """``DR``, ``PR``."""
    given_name: str = ""
    family_name: str = ""
    know_how_type: str = ""
    know_how: str = ""
    """TRE_R38: SM01 is pathology."""
    activities: tuple[Activity, ...] = ()


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The activity that a person acts in: a practice, and the place of work if the provider named it."""

    profession: str = ""
    know_how: str = ""
    activity: Activity = Activity()


class Authentication(msgspec.Struct, frozen=True, kw_only=True):
    """By what ID tokens name the login that they are of. A first one names both; one that comes with a refresh need not."""

    nonce: str | None = None
    """None: the token has none. Empty in a first one: the login sent none."""
    auth_time: datetime | None = None


class VerifiedIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is, every check done."""

    subject_name_id: str
    """The national identifier, and the only binding key: ``8`` and the RPPS number."""
    subject: str
    """The provider's ``sub``. Its format changed over the years: compared within a session, never bound on."""
    given_name: str = ""
    family_name: str = ""
    practices: tuple[Practice, ...] = ()
    acr: str
    auth_mode: str = ""
    """``CARD`` or ``MOBILE``."""
    auth_time: datetime
    provider_session: str = ""
    """The provider's ``sid``."""
    nonce: str = ""
    """What this login sent, and the ID token repeats; empty: none."""
    id_token: str
    """Kept on the server: logging out of the provider needs it."""
    provider: str = PSC
    """Key of the identity provider that proved it."""
    refresh_token: str = ""
    """Empty: the provider gave none, and the session lives without renewal."""
    refresh_until: datetime | None = None
    """The refresh token is worth nothing after this instant."""

    @property
    def authentication(self) -> Authentication:
        return Authentication(nonce=self.nonce, auth_time=self.auth_time)

    @property
    def finess(self) -> frozenset[str]:
        """Every FINESS that the provider vouches for."""
        places = [place for practice in self.practices for place in practice.activities]
        return frozenset(number for place in places for number in (place.finess, place.finess_legal) if number)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the session table. Without an institution it waits for the person's choice and gives no right."""

    id: str
    """SHA-256 of the cookie."""
    person_id: str
    institution_id: str | None
    subject: str
    acr: str
    auth_time: datetime
    id_token: str
    provider_session: str
    finess: tuple[str, ...]
    """What the provider vouched for."""
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    provider: str = PSC
    auth_mode: str = ""
    practices: tuple[Practice, ...] = ()
    """What the provider said of professions and places of work."""
    activity: Chosen | None = None
    qualified: bool = True
    """The chosen activity lets the person be an expert (auth/permissions.py)."""
    refresh: str = ""
    """The refresh token, closed under the person's key of the vault; empty: none."""
    refresh_due_at: datetime | None = None
    refresh_until: datetime | None = None
    link_id: str = ""
    """The share link of a guest."""
    emergency_id: str = ""
    """The emergency access under which it was opened, while the provider was away."""

    @property
    def ref(self) -> ObjectRef:
        """Its person, where they act: what is recorded of a session is recorded of them."""
        return ObjectRef("person", self.person_id, self.institution_id or "")


class LoginFailed(Forbidden):
    """A login gave no session. ``code`` says what the person can do; ``reason`` is for the audit only.

    error-login-cancelled      the person turned back at the provider
    error-login-unknown        no such login is under way: used already, or never begun
    error-login-expired        begun too long ago
    error-login-other-browser  begun in another browser
    error-login-refused        the provider's answer does not hold; ``reason`` names the failed check
    error-login-stale          authenticated at the provider longer ago than a session may live
    error-login-no-account     nobody in the directory has this SubjectNameID
    error-login-no-institution in the directory, but a member of nothing
    error-login-disabled       the person, or every institution of theirs, is disabled
    error-login-other-person   a renewed authentication by somebody else
    error-login-not-a-choice   not one of the person's institutions
    error-login-too-many       tried too often within a while (auth/attempts.py)
    error-login-declined       refused on the telephone
    error-login-unanswered     not confirmed on the telephone in time
    error-login-code           no such emergency code: not this person's, used, too old, or nothing is activated
    error-login-invitation     the letter is no longer good, or was for somebody else
    """

    code = "error-login-refused"

    def __init__(self, code: str | None = None, /, *, reason: str = "") -> None:
        super().__init__(code)
        self.reason = reason or self.code.removeprefix("error-login-")
        self.return_to = "/"
        """Where the person was going; known once it is known which login failed."""
        self.ended = False
        """Somebody else came: the session that this browser had is over."""


def refused(reason: str) -> LoginFailed:
    """The provider's answer failed the check named ``reason``."""
    return LoginFailed("error-login-refused", reason=reason)
