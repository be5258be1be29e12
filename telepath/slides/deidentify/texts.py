"""Which words of a vendor's text stay: those that describe the picture. Pure.

An allow-list, for no list of what identifies a patient is ever complete: what is not known to be technical is blanked in place,
sign by sign, so that every length and every offset stays. Texts are as long after as before."""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from hmac import digest
from typing import Final

from telepath.slides.pieces import Log

Test = Callable[[str], bool]
NUMBERS: Final = re.compile(r"[\s0-9.,;+\-eExX\"'()\[\]%]{0,400}")
_LINE: Final = 64
"""A number that is longer is none."""
_KINDS: Final = (
    ("barcode", "barcode"),
    ("birth-date", r"birth|\bdob\b|naissance"),
    ("uid", r"uuid|guid|uid$|instanceuid|slide_id$"),
    ("person", r"user|operator|author|physician|experimenter|owner|technician|performer|reviewer|person"),
    ("patient", r"patient|subject"),
    ("place", r"institution|department|address|hospital|laborator|customer"),
    ("device", r"serial|s/n|scanscope id|computer|host|unitnumber|station|deviceid|device_id"),
    (
        "identifier",
        r"accession|specimen|container|case|order|reference|slide_?name|slide_?id|imageid|title|label|study",
    ),
    ("file-name", r"file|path|folder|directory|document"),
    ("date", r"date|time|created|updated|modified|year"),
)
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}")
_WORDS: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.:/-]*( [A-Za-z][A-Za-z0-9_.:/-]*){0,2}")


def kind_of(name: str) -> str:
    """Which kind of thing a vendor's field of this name holds."""
    plain = name.casefold()
    return next((kind for kind, pattern in _KINDS if re.search(pattern, plain)), "text")


def is_number(text: str) -> bool:
    """Numbers, and lists of them, as ``2220x2967`` and ``"0.0005" "0.0005"``."""
    return NUMBERS.fullmatch(text.replace("&quot;", "")) is not None


def one_of(*words: str) -> Test:
    known = {word.casefold() for word in words}
    return lambda text: text.strip().casefold() in known


def matching(pattern: str) -> Test:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text.strip()) is not None


def blanked(text: str) -> str:
    """Spaces for all that can be seen."""
    return re.sub(r"[^\s]", " ", text)


def told(name: str) -> str:
    """A vendor's name of a field, or nothing when it could be content itself."""
    name = name.strip()
    return name if len(name) <= _LINE and _WORDS.fullmatch(name) and kind_of(name) != "text" else ""


def renumbered(text: str, seed: bytes) -> str:
    """Each UUID in it for another one, the same for the same; hexadecimal signs stay what they are."""

    def other(found: re.Match[str]) -> str:
        signs = iter(digest(seed, found[0].replace("-", "").lower().encode(), sha256).hex())
        made = "".join(sign if sign == "-" else next(signs) for sign in found[0])
        return made.upper() if found[0] == found[0].upper() else made

    return _UUID.sub(other, text)


def only(text: str, pattern: re.Pattern[str]) -> str:
    """What ``pattern`` finds, and spaces for the rest."""
    kept, place = [], 0
    for found in pattern.finditer(text):
        kept += [blanked(text[place : found.start()]), found[0]]
        place = found.end()
    return "".join([*kept, blanked(text[place:])])


def key_values(
    text: str, separators: str, allowed: Mapping[str, Test], log: Log, where: str, *, comma: str = "="
) -> str:
    """``key=value`` items between ``separators`` (a class of signs); those of ``allowed`` (in small letters) stay when their
    value passes. An item without a key is blanked."""
    made = []
    for part in re.split(f"([{separators}])", text):
        key, sign, value = part.partition(comma)
        test = allowed.get(key.strip().casefold()) if sign else None
        if test is not None and test(value):
            made.append(part)
        elif not sign:
            if part.strip(" \0\r\n\t") and not re.fullmatch(f"[{separators}]", part):
                log.add("text", where)
                part = blanked(part)
            made.append(part)
        else:
            if value.strip(" \0\r\n\t"):
                log.add(kind_of(key), f"{where}: {told(key)}" if told(key) else where)
            made.append((key if test is not None or told(key) else blanked(key)) + sign + blanked(value))
    return "".join(made)
