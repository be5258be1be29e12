"""A case and its specimens. Pure.

A case is one pathology examination of one institution, under a pseudonymous number: the institution's own system knows
whose it is; telepath only where somebody said so, apart from all this (telepath/cases/patients.py).
"""

import re
from datetime import datetime
from typing import Any, Final

import msgspec

from telepath.access import ObjectRef
from telepath.cases import circumstances
from telepath.cases.codings import Coding, parse_codings, written
from telepath.cases.wording import looks_like_a_patient, plain
from telepath.errors import Invalid

NUMBER_LIMIT: Final = 40
TITLE_LIMIT: Final = 200
CONTEXT_LIMIT: Final = 4000
DIAGNOSIS_LIMIT: Final = 1000
GROSS_LIMIT: Final = 4000
CODINGS_LIMIT: Final = 1000
LABEL_LIMIT: Final = 40
DESCRIPTION_LIMIT: Final = 200
SPECIMENS_LIMIT: Final = 60

ORGANS: Final = (
    "digestive",
    "breast",
    "skin",
    "lymphoid",
    "soft-tissue",
    "lung",
    "gynaecology",
    "urology",
    "nervous",
    "endocrine",
    "head-neck",
    "bone",
    "other",
)

_NUMBER: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9 ./_-]*[A-Za-z0-9])?")


class Specimen(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken from the patient: a biopsy, a resection. ``label`` is the laboratory's: A, B1."""

    id: str
    case_id: str
    label: str
    description: str


class Case(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    institution_id: str
    number: str
    organ: str
    title: str
    clinical_context: str
    created_by: str
    created_at: datetime
    active_at: datetime
    proposed_diagnosis: str = ""
    """What the pathologist of the case thinks it is."""
    gross_description: str = ""
    codings: tuple[Coding, ...] = ()
    """Of the proposed diagnosis."""
    circumstances: tuple[str, ...] = ()
    """Codes of what in the patient's situation matters to a network: immunodepression."""
    non_opposition: str = ""
    """A Patient of telepath/cases/non_opposition.py: ``informed`` or ``refused``; "": nobody said."""
    non_opposition_by: str | None = None
    non_opposition_at: datetime | None = None
    version: int
    """Grows at each edit; who saves from an older one gets Conflict."""

    @property
    def ref(self) -> ObjectRef:
        return ObjectRef("case", self.id, self.institution_id, case_id=self.id)


class CaseFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What people write about a case."""

    number: str
    organ: str
    title: str
    clinical_context: str = ""
    proposed_diagnosis: str = ""
    gross_description: str = ""
    codings: str = ""
    """Of the proposed diagnosis: one code a line, its system first."""
    circumstances: tuple[str, ...] = ()

    def checked(self) -> "CaseFacts":
        """The same, trimmed. Raises Invalid or TooLarge, with the field: an unknown organ, a number that may be a patient's…"""
        return CaseFacts(
            number=case_number(self.number),
            organ=_organ(self.organ),
            title=_title(self.title),
            clinical_context=_context(self.clinical_context),
            proposed_diagnosis=_diagnosis(self.proposed_diagnosis),
            gross_description=_gross(self.gross_description),
            codings=_codings(self.codings),
            circumstances=circumstances.known(self.circumstances),
        )

    def problems(self) -> list[Invalid]:
        """All that ``checked`` could raise, in the order of the form; empty: nothing."""
        found = []
        for check, text in (
            (case_number, self.number),
            (_organ, self.organ),
            (_title, self.title),
            (_context, self.clinical_context),
            (_diagnosis, self.proposed_diagnosis),
            (_codings, self.codings),
            (_gross, self.gross_description),
        ):
            try:
                check(text)
            except Invalid as problem:
                found.append(problem)
        return found

    def columns(self) -> dict[str, Any]:
        """As the fields of Case are called, of facts that are ``checked``."""
        return msgspec.structs.asdict(self) | {"codings": parse_codings(self.codings)}


def _organ(code: str) -> str:
    if code not in ORGANS:
        raise Invalid("error-case-organ")
    return code


def _title(text: str) -> str:
    title = plain(text, field="title", limit=TITLE_LIMIT)
    if not title:
        raise Invalid("error-text-missing", field="title")
    return title


def _context(text: str) -> str:
    return plain(text, field="context", limit=CONTEXT_LIMIT, lines=True)


def _diagnosis(text: str) -> str:
    return plain(text, field="diagnosis", limit=DIAGNOSIS_LIMIT, lines=True)


def _gross(text: str) -> str:
    return plain(text, field="gross", limit=GROSS_LIMIT, lines=True)


def _codings(text: str) -> str:
    return written(parse_codings(plain(text, field="codings", limit=CODINGS_LIMIT, lines=True)))


def case_number(text: str) -> str:
    """The number as it is stored. Raises Invalid: empty, of other characters, or like a social security number."""
    if looks_like_a_patient(text):
        raise Invalid("error-case-number-patient")
    number = plain(text, field="number", limit=NUMBER_LIMIT)
    if not number:
        raise Invalid("error-text-missing", field="number")
    if not _NUMBER.fullmatch(number):
        raise Invalid("error-case-number-form")
    return number


def specimen_facts(label: str, description: str) -> tuple[str, str]:
    """Label and description as they are stored. Raises Invalid, TooLarge."""
    kept = plain(label, field="label", limit=LABEL_LIMIT)
    if not kept:
        raise Invalid("error-text-missing", field="label")
    return kept, plain(description, field="description", limit=DESCRIPTION_LIMIT)
