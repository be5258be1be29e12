"""Who may be an expert, by what is proven of them. Pure.

A pathologist is a doctor whose know-how is pathology, or one of its options. Codes: TRE_G15 (professions), TRE_R38 (know-how),
JDV_J65-SubjectRole-DMP. Identities of test cards (EDIT) and of staff under an institution's own card (CPE, CPA) have no RPPS
number in their identifier: they sign in and work, and never give an opinion."""

from collections.abc import Iterable
from typing import Final, Protocol

from auth.model import Practice
from telepath.errors import Invalid
from telepath.identifiers import PSC, rpps_of

DOCTOR: Final = "10"
PATHOLOGY: Final = frozenset(
    {
        "SM01",  # anatomie et cytologie pathologiques
        "SCH01",
        "C01",
        "DSM205",  # biologie moléculaire
        "DSM206",  # cancérologie, and its options
        "DSM211",  # dermatopathologie
        "DSM212",  # fœtopathologie
        "DSM225",  # neuropathologie
        "DSM236",
        "DSM237",
        "DSM238",
        "DSM239",
        "DSM240",
    }
)


class Known(Protocol):
    """What the directory knows of somebody (telepath/directory.py)."""

    @property
    def subject_name_id(self) -> str: ...
    @property
    def profession(self) -> str: ...
    @property
    def know_how(self) -> str: ...
    @property
    def provider(self) -> str: ...
    @property
    def name(self) -> str: ...


def may_be_expert(
    subject_name_id: str, profession: str, know_how: str, *, provider: str = PSC, verified: bool = False
) -> bool:
    """Whether somebody may read for others. ``profession`` and ``know_how``: what is proven, or what the directory says.

    Who is proven by another provider than Pro Santé Connect has no RPPS number: ``verified`` says that a coordinator checked
    their credential in a register, and that it stands."""
    if provider != PSC:
        return verified
    return bool(rpps_of(subject_name_id)) and profession == DOCTOR and know_how in PATHOLOGY


def expert_or_not(person: Known, *, verified: bool) -> None:
    """Raises Invalid: this person cannot be an expert, as far as is known: of who was only invited by an RPPS number, the
    first login will tell. ``verified``: as for ``may_be_expert``."""
    if person.provider == PSC and not person.profession and rpps_of(person.subject_name_id):
        return
    if not may_be_expert(
        person.subject_name_id, person.profession, person.know_how, provider=person.provider, verified=verified
    ):
        code = "error-member-not-expert" if person.provider == PSC else "error-member-no-credential"
        raise Invalid(code, field="roles", name=person.name)


def foremost(practices: Iterable[Practice]) -> Practice | None:
    """The practice that the directory names somebody by: a pathologist's, else the first; None: the provider told none."""
    told = list(practices)
    pathologist = (one for one in told if one.profession == DOCTOR and one.know_how in PATHOLOGY)
    return next(pathologist, told[0] if told else None)
