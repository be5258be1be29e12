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
    lines: tuple[str, ...]
    """What the provider says: profession and know-how; mode and sector."""


def offered(t: Wording, option: Option) -> Offered:
    """Who has the role of an expert there is told when the activity keeps it from them."""
    said = (practice(t, option.chosen), setting(t, option.chosen))
    warned = (t("login-activity-no-expert"),) if Role.EXPERT in option.roles and not option.qualified else ()
    return Offered(
        key=option.key,
        name=option.institution.name,
        city=option.institution.city,
        declared=option.declared,
        lines=(*(line for line in said if line), *warned),
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
