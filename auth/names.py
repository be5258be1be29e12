"""How the directory writes the names that identity providers send. Pure."""

import unicodedata
from typing import Final

TITLES: Final = {"DR": "Dr", "PR": "Pr", "M": "M.", "MME": "Mme", "MLLE": "Mme"}
"""*Civilité d'exercice*, and *civilité* of who has none, as colleagues write them."""


def as_proven(known: str, said: str) -> str:
    """The provider's name, which is in capitals without accents more often than not: as the directory has it where that is
    the same name. Empty: the provider said none, and the directory's stays."""
    if not said or _letters(said) == _letters(known):
        return known
    return said.title() if said.isupper() else said


def title(known: str, said: str) -> str:
    """The same for the title before a name."""
    return TITLES.get(said.upper(), said) if said else known


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFD", name).casefold()
    return "".join(letter for letter in plain if letter.isalpha())
