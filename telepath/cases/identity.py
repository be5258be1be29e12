"""Who a patient is: the national health identity (INS) and the traits, as people type them. Pure.

The INS is a matricule of fifteen characters, thirteen and a key of two, with the OID of whoever gave it out. Sources: décret
2019-1036 (the INS and its five strict traits: birth name, first given names, date of birth, sex, place of birth); référentiel
national d'identitovigilance (the four statuses; only an identity taken over from the INSi service has an INS; names in capitals
without accents); décret 82-103, annexe (the key)."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any, Final

import msgspec

from telepath.cases.wording import nir_key
from telepath.errors import Invalid, TooLarge

NAME_LIMIT: Final = 100
EARLIEST: Final = date(1880, 1, 1)
OIDS: Final = {
    "1.2.250.1.213.1.4.8": "nir",
    "1.2.250.1.213.1.4.9": "nia",
    "1.2.250.1.213.1.4.10": "nir-test",
    "1.2.250.1.213.1.4.11": "nir-demo",
}
"""OID of the authority of an INS → its code: NIR, NIA (while one waits for a NIR), and the NIR of test and of demonstration."""
FICTIVE: Final = frozenset({"1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11"})

_MATRICULE: Final = re.compile(r"([1-478][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{6})([0-9]{2})")
_PLACE: Final = re.compile(r"[0-9]{5}|2[AB][0-9]{3}")
_NAME: Final = re.compile(r"[A-Z](?:[A-Z '-]*[A-Z])?")
_LIGATURES: Final = str.maketrans({"Œ": "OE", "Æ": "AE", "ß": "SS", "Ø": "O", "Ł": "L", "Đ": "D", "\u2019": "'"})


class Status(StrEnum):
    """How far the identity is trusted. Worded as ``patients-status-<status>``."""

    PROVISIONAL = "provisional"
    """As somebody said it."""
    RECOVERED = "recovered"
    """From the INSi service, no document seen."""
    VALIDATED = "validated"
    """A document was seen; nothing from the INSi service."""
    QUALIFIED = "qualified"
    """Both."""

    @property
    def has_ins(self) -> bool:
        """Whether an INS goes with it: it comes from the INSi service, or not at all."""
        return self in (Status.RECOVERED, Status.QUALIFIED)


class Sex(StrEnum):
    """Worded as ``patients-sex-<sex>``."""

    FEMALE = "f"
    MALE = "m"
    UNKNOWN = "i"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """One patient. What is typed at first, and after ``checked`` as it is kept."""

    status: str
    matricule: str = ""
    """Fifteen characters; empty: no INS."""
    oid: str = ""
    birth_name: str
    given_names: str
    """Those of birth, in their order."""
    used_name: str = ""
    """What the patient is called in life, where it is another name."""
    used_given_name: str = ""
    birth_date: str
    """ISO 8601."""
    sex: str
    birth_place: str = ""
    """INSEE code of the commune, or of the country (99…)."""

    def checked(self, today: date) -> "Identity":
        """The same, in the form of the rules. Raises Invalid or TooLarge, with the field: the first of ``problems``."""
        wrong = self.problems(today)
        if wrong:
            raise wrong[0]
        return Identity(**{name: rule(getattr(self, name)) for name, rule in _rules(today).items()})

    def problems(self, today: date) -> list[Invalid]:
        """All that is wrong with it, in the order of the form; empty: nothing."""
        found = []
        for name, rule in _rules(today).items():
            try:
                rule(getattr(self, name))
            except Invalid as problem:
                found.append(problem)
        return found or list(self._contradictions())

    def _contradictions(self) -> "list[Invalid]":
        """Where each field is right by itself, and they do not fit together."""
        if not Status(self.status).has_ins:
            return [Invalid("error-patient-ins-too-much", field="matricule")] if self.matricule.strip() else []
        needed = ("matricule", "oid", "birth_place")
        return [Invalid("error-patient-ins-needs", field=one) for one in needed if not getattr(self, one).strip()]

    @property
    def has_ins(self) -> bool:
        return bool(self.matricule)

    @property
    def fictive(self) -> bool:
        """A patient of a test or of a demonstration."""
        return self.oid in FICTIVE

    def traits(self) -> tuple[str, ...]:
        """The five strict traits: two records of one INS must agree on them."""
        return self.birth_name, self.given_names, self.birth_date, self.sex, self.birth_place

    def changed_from(self, before: "Identity | None") -> list[str]:
        """The names of the fields that differ."""
        old = msgspec.structs.asdict(before) if before else {}
        return sorted(name for name, value in msgspec.structs.asdict(self).items() if value != old.get(name, ""))


FIELDS: Final = Identity.__struct_fields__
STRICT: Final = ("birth_name", "given_names", "birth_date", "sex", "birth_place")


def matricule(text: str) -> str:
    """A matricule as it is kept: fifteen characters without blanks, or nothing. Raises Invalid: of another form, or its key
    does not fit."""
    written = re.sub(r"[ .\u00a0\u202f-]", "", text).upper()
    if not written:
        return ""
    found = _MATRICULE.fullmatch(written)
    if found is None:
        raise Invalid("error-patient-matricule-form", field="matricule")
    if nir_key(found[1]) != int(found[2]):
        raise Invalid("error-patient-matricule-key", field="matricule")
    return written


def grouped(number: str) -> str:
    """A matricule as people read it: ``2 79 03 51 215 189 89``."""
    parts = (number[0:1], number[1:3], number[3:5], number[5:7], number[7:10], number[10:13], number[13:15])
    return " ".join(part for part in parts if part)


def _rules(today: date) -> dict[str, Callable[[str], Any]]:
    """Field → what makes of what was typed what is kept, or raises."""
    return {
        "status": lambda text: _among(text, Status, "status"),
        "matricule": matricule,
        "oid": _oid,
        "birth_name": lambda text: _name(text, "birth_name", required=True),
        "given_names": lambda text: _name(text, "given_names", required=True),
        "used_name": lambda text: _name(text, "used_name"),
        "used_given_name": lambda text: _name(text, "used_given_name"),
        "birth_date": lambda text: _day(text, today),
        "sex": lambda text: _among(text, Sex, "sex"),
        "birth_place": _place,
    }


def _among(text: str, kind: type[StrEnum], field: str) -> str:
    try:
        return str(kind(text))
    except ValueError:
        raise Invalid("error-field-choice" if text else "error-field-missing", field=field) from None


def _oid(text: str) -> str:
    if text and text not in OIDS:
        raise Invalid("error-field-choice", field="oid")
    return text


def _name(text: str, field: str, *, required: bool = False) -> str:
    """Capitals without accents, one blank between words: RNIV 1, annexe on traits."""
    if len(text) > 4 * NAME_LIMIT:
        raise TooLarge("error-text-too-long", field=field, limit=NAME_LIMIT)
    plain = unicodedata.normalize("NFD", text.upper().translate(_LIGATURES))
    letters = "".join(letter for letter in plain if unicodedata.category(letter) != "Mn")
    name = re.sub(r"[ -]*--[ -]*", "--", " ".join(letters.split()))
    if len(name) > NAME_LIMIT:
        raise TooLarge("error-text-too-long", field=field, limit=NAME_LIMIT)
    if not name:
        if required:
            raise Invalid("error-field-missing", field=field)
        return ""
    if not _NAME.fullmatch(name):
        raise Invalid("error-patient-name", field=field)
    return name


def _day(text: str, today: date) -> str:
    if not text:
        raise Invalid("error-field-missing", field="birth_date")
    try:
        born = date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        born = None
    if born is None:
        raise Invalid("error-patient-date", field="birth_date")
    if not EARLIEST <= born <= today:
        raise Invalid("error-patient-date-impossible", field="birth_date")
    return born.isoformat()


def _place(text: str) -> str:
    code = text.strip().upper()
    if code and not _PLACE.fullmatch(code):
        raise Invalid("error-patient-place", field="birth_place")
    return code
