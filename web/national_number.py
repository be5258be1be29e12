"""What people type who are asked for their national identifier: eleven digits as a rule. Pure."""

from typing import Final

from telepath.errors import Invalid
from telepath.identifiers import State, rpps_state

LENGTH: Final = 64
"""Characters: as long as Pro Santé Connect's may be (auth/psc.py)."""
TYPED: Final = 2 * LENGTH
"""With spaces."""


def subject_name_id(text: str) -> str:
    """The national identifier: ``8`` and the RPPS number, or the identifier itself where somebody has none.

    Raises Invalid: nothing, or digits that are no RPPS number. A wrong check digit is none of this door's business: test
    numbers have it, and a number that nobody has is not told from others."""
    number = "".join(text.split())
    if len(number) == 12 and number.startswith("8") and rpps_state(number[1:]) is not State.NOT_ONE:
        return number
    if rpps_state(number) is not State.NOT_ONE:
        return f"8{number}"
    if not number:
        raise Invalid("error-login-number-missing")
    # The other identifiers hold letters or a stroke: what is all digits was meant to be an RPPS number.
    if len(number) > LENGTH or not (number.isascii() and number.isprintable()) or number.isdecimal():
        raise Invalid("error-login-number")
    return number
