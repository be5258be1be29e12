"""What can be told of a national identifier by looking at it: RPPS of people, FINESS of places. Pure.

That the last digit of both is a Luhn check digit (ISO/IEC 7812-1, annex B) is found by calculation on published numbers: no
text says it, and fictive numbers of the national test sets break it. So a number that fails is unusual, and only a real
service refuses it.
"""

import re
from enum import StrEnum
from typing import Final

PSC: Final = "psc"
"""Key of Pro Santé Connect among the identity providers. Whom it proves has a national identifier."""
RPPS: Final = re.compile(r"[0-9]{11}")
FINESS: Final = re.compile(r"[0-9][0-9A-Z][0-9A-Z]{7}")
CORSICA: Final = re.compile(r"2[AB][0-9]{7}")


class State(StrEnum):
    """What looking at an identifier tells."""

    OK = "ok"
    """Right form, and nothing speaks against it."""
    UNUSUAL = "unusual"
    """Right form, wrong check digit, or letters where only test numbers have some."""
    NOT_ONE = "not-one"
    """Something else."""

    def acceptable(self, *, strict: bool) -> bool:
        """``strict``: in production."""
        return self is State.OK or (self is State.UNUSUAL and not strict)


def rpps_state(number: str) -> State:
    """Of eleven digits."""
    if not RPPS.fullmatch(number):
        return State.NOT_ONE
    return State.OK if luhn(number) else State.UNUSUAL


def finess_state(number: str) -> State:
    """Of nine characters, which begin with the department. How Corsica's letters enter the check digit is not known: any will
    do there."""
    if not FINESS.fullmatch(number):
        return State.NOT_ONE
    if CORSICA.fullmatch(number):
        return State.OK
    return State.OK if number.isdecimal() and luhn(number) else State.UNUSUAL


def rpps_of(subject_name_id: str) -> str:
    """The RPPS number in a national identifier (``8`` and the number); empty when it holds none."""
    number = subject_name_id[1:]
    return number if subject_name_id.startswith("8") and RPPS.fullmatch(number) else ""


def subject_of_rpps(text: str) -> str:
    """The national identifier (``8`` and the number) of whom this RPPS number names, as people type it: with spaces or without,
    with the 8 in front or without; empty: it can be none. Whether the number is usual, ``rpps_state`` says."""
    number = "".join(text.split())
    if RPPS.fullmatch(number):
        return f"8{number}"
    return number if rpps_of(number) else ""


def finess_of(text: str) -> str:
    """The FINESS number, as it is kept, in what people type; empty: it can be none."""
    number = "".join(text.split()).upper()
    return "" if finess_state(number) is State.NOT_ONE else number


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(two - 9 * (two > 9) for two in doubled)) % 10 == 0
