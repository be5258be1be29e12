"""What somebody works as: codes of Pro Santé Connect → words of the reader. A code that we do not know is shown."""

import msgspec

from auth.activities import Option
from auth.model import Chosen
from telepath.actor import Role
from web.words import Wording


class Offered(msgspec.Struct, frozen=True):
    """An activity that may be chosen, worded."""

    key: str
    name: str
    city: str
    declared: bool
    practice: str
    """Profession and know-how."""
    setting: str
    """Mode and sector of practice."""
    limited: bool
    """The person is an expert there, and cannot be one in this activity."""


def offered(t: Wording, option: Option) -> Offered:
    return Offered(
        key=option.key,
        name=option.institution.name,
        city=option.institution.city,
        declared=option.declared,
        practice=practice(t, option.chosen),
        setting=setting(t, option.chosen),
        limited=Role.EXPERT in option.roles and not option.qualified,
    )


def practice(t: Wording, chosen: Chosen) -> str:
    """Profession and know-how: "médecin, anatomie et cytologie pathologiques". Empty: not told."""
    return _joined(_word(t, "profession", chosen.profession), _word(t, "know-how", chosen.know_how))


def setting(t: Wording, chosen: Chosen) -> str:
    """Mode and sector of practice: "salarié, établissement public de santé". Empty: not told."""
    return _joined(_word(t, "mode", chosen.activity.mode), _word(t, "sector", chosen.activity.sector))


def _word(t: Wording, what: str, code: str) -> str:
    if not code:
        return ""
    message = f"activity-{what}-{code}"
    return (
        t(message) if code.isascii() and code.isalnum() and t.has(message) else t(f"activity-{what}-other", code=code)
    )


def _joined(*words: str) -> str:
    said = ", ".join(word for word in words if word)
    return said[:1].upper() + said[1:]
