"""What people type who are asked for a national identifier, their own or a colleague's: eleven digits as a rule. Pure."""

from typing import Final

from telepath.errors import Invalid
from telepath.identifiers import rpps_of, rpps_state, subject_of_rpps

LENGTH: Final = 64
"""Characters: as long as Pro Santé Connect's may be (auth/psc.py)."""
TYPED: Final = 2 * LENGTH
"""With spaces."""


def subject_name_id(text: str) -> str:
    """The national identifier: ``8`` and the RPPS number, or the identifier itself where somebody has none.

    Raises Invalid: nothing, or digits that are no RPPS number. A wrong check digit is none of this door's business: test
    numbers have it, and a number that nobody has is not told from others."""
    subject = subject_of_rpps(text)
    if subject:
        return subject
    number = "".join(text.split())
    if not number:
        raise Invalid("error-login-number-missing")
    # The other identifiers hold letters or a stroke: what is all digits was meant to be an RPPS number.
    if len(number) > LENGTH or not (number.isascii() and number.isprintable()) or number.isdecimal():
        raise Invalid("error-login-number")
    return number


def subject_of_colleague(text: str, *, strict: bool) -> str:
    """The national identifier of a colleague who is entered by their RPPS number: a wrong digit would let another professional
    in, and the last one is a key (Agence du Numérique en Santé: "11 caractères numériques (le dernier étant la clé de Luhn)").

    Raises Invalid: no RPPS number, or, when ``strict``, one whose key is wrong."""
    subject = subject_of_rpps(text)
    if not subject:
        raise Invalid("error-directory-rpps")
    if not rpps_state(rpps_of(subject)).acceptable(strict=strict):
        raise Invalid("error-directory-rpps-key")
    return subject
