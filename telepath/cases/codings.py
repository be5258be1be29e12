"""Codes of a diagnosis: one may be coded in several systems, or in none. Pure."""

from typing import Final

import msgspec

from telepath.errors import Invalid

SYSTEMS: Final = ("ADICAP", "ICD-O", "CIM-10", "SNOMED CT")
ALSO_CALLED: Final = {"CIM-O": "ICD-O", "ICD-10": "CIM-10"}
"""Their names in the other language; what is kept holds the one of SYSTEMS."""


class Coding(msgspec.Struct, frozen=True):
    system: str
    code: str


def parse_codings(text: str) -> tuple[Coding, ...]:
    """One code a line, its system first; empty lines are left out. Raises Invalid: unknown system, or no code."""
    return tuple(_coding(line.strip()) for line in text.splitlines() if line.strip())


def written(codings: tuple[Coding, ...]) -> str:
    """As it stands in an editor: what ``parse_codings`` reads."""
    return "\n".join(f"{coding.system} {coding.code}" for coding in codings)


def _coding(line: str) -> Coding:
    for called in (*SYSTEMS, *ALSO_CALLED):
        name, rest = line[: len(called)], line[len(called) :]
        if name.casefold() == called.casefold() and rest[:1] in (" ", ":", "\t") and rest.strip(" :\t"):
            return Coding(ALSO_CALLED.get(called, called), rest.strip(" :\t"))
    raise Invalid("error-coding-unreadable", line=line[:80])
