"""Identifiers: 26 characters of Crockford base 32, lower case, sortable by time. Pure: time and randomness come in."""

from base64 import b32encode
from typing import Final

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH: Final = 26
_FROM_RFC_4648: Final = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET.encode())


def make_id(milliseconds: int, randomness: bytes) -> str:
    """Return an identifier of 48 bits of Unix time (ms) and 80 bits of randomness.

    Source: the ULID specification, in lower case. ``randomness`` is 10 bytes; more are ignored."""
    if len(randomness) < 10:
        raise ValueError(f"{len(randomness)} random bytes given, 10 needed")
    number = (milliseconds << 80) | int.from_bytes(randomness[:10], "big")
    # 26 letters are 130 bits: two zeros, the number, and what fills up twenty bytes.
    letters = b32encode((number << 30).to_bytes(20, "big"))[:LENGTH]
    return letters.translate(_FROM_RFC_4648).decode()


def is_id(text: str) -> bool:
    """Whether ``text`` has the form of an identifier; anything else in a URL is simply not found."""
    return len(text) == LENGTH and all(letter in ALPHABET for letter in text)


def made_at(identifier: str) -> int:
    """Milliseconds of Unix time that ``make_id`` was given. Raises ValueError: not an identifier."""
    if not is_id(identifier):
        raise ValueError("not an identifier")
    number = 0
    for letter in identifier:
        number = number << 5 | ALPHABET.index(letter)
    return number >> 80
