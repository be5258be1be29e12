"""What the simulator is told to do differently: for training, and for whoever tests the other side. Pure."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

import msgspec

from auth.simulator.identities import Activity, Identity, Practice


class Acr(StrEnum):
    """What the ID token says of the level of authentication."""

    OWN = "own"
    """That of the identity."""
    EIDAS1 = "eidas1"
    EIDAS2 = "eidas2"
    EIDAS3 = "eidas3"
    ABSENT = "absent"
    ODD = "odd"
    """A level that no client knows."""


class Means(StrEnum):
    """``authMode``."""

    OWN = "own"
    CARD = "CARD"
    MOBILE = "MOBILE"


class Profession(StrEnum):
    """What the register says that the identity may practise."""

    OWN = "own"
    PATHOLOGIST = "pathologist"
    OTHER_DOCTOR = "other-doctor"
    NURSE = "nurse"
    TECHNICIAN = "technician"
    NONE = "none"


class Places(StrEnum):
    """Where the register says that the identity works."""

    OWN = "own"
    NONE = "none"
    ONE = "one"
    SEVERAL = "several"
    """Two invented places besides its own."""


class Userinfo(StrEnum):
    """In what the userinfo endpoint answers. Both are good answers (OIDC Core 5.3.2)."""

    JSON = "json"
    JWT = "jwt"


class Stage(StrEnum):
    """When a trouble strikes."""

    ALWAYS = "always"
    LOGIN = "login"
    REFRESH = "refresh"


class Trouble(StrEnum):
    """What goes wrong."""

    NONE = "none"
    DOWN = "down"
    CANCELLED = "cancelled"
    UNAVAILABLE = "unavailable"
    CODE_REFUSED = "code-refused"
    EXCHANGE_DOWN = "exchange-down"
    SLOW = "slow"
    USERINFO_DOWN = "userinfo-down"
    NEW_KEY = "new-key"
    UNKNOWN_KEY = "unknown-key"
    FORGED = "forged"
    WRONG_NONCE = "wrong-nonce"
    WRONG_ISSUER = "wrong-issuer"
    WRONG_AUDIENCE = "wrong-audience"
    EXPIRED = "expired"
    LONG_AGO = "long-ago"
    OTHER_SUBJECT = "other-subject"
    NO_IDENTIFIER = "no-identifier"
    OTHER_STATE = "other-state"
    REFRESH_REFUSED = "refresh-refused"
    REFRESH_OTHER = "refresh-other"
    REFRESH_DOWN = "refresh-down"

    @property
    def stage(self) -> Stage:
        if self is Trouble.DOWN:
            return Stage.ALWAYS
        return Stage.REFRESH if self.value.startswith("refresh-") else Stage.LOGIN


class Lifetimes(msgspec.Struct, frozen=True, kw_only=True):
    """Those of the real provider: ansforge/IG-securisation-transport-api-rest. That of a code is ours."""

    code: timedelta = timedelta(seconds=60)
    access: timedelta = timedelta(minutes=2)
    refresh: timedelta = timedelta(minutes=30)
    """Zero: no refresh token is given."""
    session: timedelta = timedelta(hours=4)
    idle: timedelta = timedelta(minutes=30)


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """Under what a login takes place. It keeps them: what is changed later concerns the next one."""

    acr: Acr = Acr.OWN
    means: Means = Means.OWN
    profession: Profession = Profession.OWN
    places: Places = Places.OWN
    userinfo: Userinfo = Userinfo.JSON
    lifetimes: Lifetimes = Lifetimes()
    trouble: Trouble = Trouble.NONE
    once: bool = False
    """For the next login only (a trouble of the refresh: for the next refresh only)."""

    def used_up_by(self, stage: Stage) -> bool:
        """Whether these end with one event of this stage."""
        due = self.trouble.stage if self.trouble is not Trouble.NONE else Stage.LOGIN
        return self.once and due is stage


NORMAL: Final = Conditions()

ODD_ACR: Final = "urn:example:odd"

ELSEWHERE: Final = (
    Activity(finess="0A0000301", institution_name="Clinique des Marées, Saint-Malo", sector="SA07", mode="L"),
    Activity(finess="0A0000319", institution_name="Hôpital du Belvédère, Rouen"),
)

_PROFESSIONS: Final = {
    Profession.PATHOLOGIST: ("10", "SM01"),
    Profession.OTHER_DOCTOR: ("10", "SM54"),
    Profession.NURSE: ("60", ""),
    Profession.TECHNICIAN: ("86", ""),
}


def under(conditions: Conditions, identity: Identity) -> Identity:
    """The identity as the provider describes it under these conditions."""
    practices = identity.exercises
    if conditions.profession is Profession.NONE:
        practices = ()
    elif conditions.profession is not Profession.OWN:
        profession, know_how = _PROFESSIONS[conditions.profession]
        first = practices[0] if practices else Practice(profession="")
        practices = (msgspec.structs.replace(first, profession=profession, know_how=know_how),)
    if conditions.places is Places.NONE:
        practices = tuple(msgspec.structs.replace(one, activities=()) for one in practices)
    elif conditions.places is Places.ONE:
        practices = tuple(msgspec.structs.replace(one, activities=one.activities[:1]) for one in practices[:1])
    elif conditions.places is Places.SEVERAL and practices:
        more = msgspec.structs.replace(practices[0], activities=(*practices[0].activities, *ELSEWHERE))
        practices = (more, *practices[1:])
    acr = {Acr.OWN: identity.acr, Acr.ABSENT: "", Acr.ODD: ODD_ACR}.get(conditions.acr, conditions.acr.value)
    means = identity.auth_mode if conditions.means is Means.OWN else conditions.means.value
    return msgspec.structs.replace(identity, practices=practices, acr=acr, auth_mode=means)
