"""What people type: length, characters, and that no patient can be read in it. Pure."""

import re
import unicodedata
from typing import Final

from telepath.errors import Invalid, TooLarge

_REVERSING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that show text in another order than it is stored."""

_NIR: Final = re.compile(
    r"(?<![0-9])([1-478])[ .-]?(\d\d)[ .-]?(\d\d)[ .-]?(\d\d|2[ABab])[ .-]?(\d{3})[ .-]?(\d{3})(?:[ .-]?(\d\d))?(?![0-9])"
)
"""Sex, year, month, place, commune, order, key: as people write it, in groups or not."""


def plain(text: str, *, field: str, limit: int, lines: bool = False, required: bool = False) -> str:
    """Return ``text`` trimmed and composed (NFC); ``lines`` allows more than one line.

    Raises: TooLarge: more than ``limit`` characters; Invalid: control characters, marks that reverse the direction, halves
    of surrogate pairs, the number of a patient, or, where it is ``required``, nothing. ``field`` names what was typed, for the
    message."""
    if len(text) > 4 * limit:  # before the work of composing; NFC makes a text shorter, by three quarters at most
        raise TooLarge("error-text-too-long", field=field, limit=limit)
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    if len(composed) > limit:
        raise TooLarge("error-text-too-long", field=field, limit=limit)
    if required and not composed:
        raise Invalid("error-field-missing", field=field)
    allowed = "\n\t" if lines else ""
    for letter in composed:
        if letter not in allowed and (unicodedata.category(letter) in {"Cc", "Cs"} or letter in _REVERSING):
            raise Invalid("error-text-control", field=field)
    if names_a_patient(composed):
        raise Invalid("error-text-patient", field=field)
    return composed


def names_a_patient(text: str) -> bool:
    """Whether the text holds a French social security number (NIR, the matricule INS) with its valid key."""
    return any(found[6] and _key(found) == int(found[6]) for found in _NIR.findall(text))


def looks_like_a_patient(number: str) -> bool:
    """Whether an identifier is a NIR with its valid key, or without a key and of the form of one.

    Stricter than for sentences: thirteen digits alone prove nothing, but no laboratory need number its cases so."""
    found = _NIR.fullmatch(number.strip())
    if found is None:
        return False
    groups = found.groups(default="")
    return _key(groups) == int(groups[6]) if groups[6] else 1 <= int(groups[2]) <= 12 and groups[0] in "12"


def _key(groups: tuple[str, ...]) -> int:
    return nir_key("".join(groups[:6]))


def nir_key(number: str) -> int:
    """The key of the thirteen characters of a NIR. Source: décret 82-103, annexe: the key is 97 less the remainder of the
    number by 97; 2A counts as 19, 2B as 18."""
    place = {"2A": "19", "2B": "18"}.get(number[5:7].upper(), number[5:7])
    return 97 - int(number[:5] + place + number[7:]) % 97
