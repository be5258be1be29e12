"""Which kinds of tumour a code names, as far as a national network asks about them. Pure.

ICD-O morphologies and CIM-10 chapters are those of the WHO; the ADICAP rules are a proposal of ours (organ, letter and
behaviour of the lesion) that a pathologist has to confirm. A code that fits nothing here says nothing.
"""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from consults import adicap
from telepath.cases.codings import Coding

NOT_OF_THE_SITE: Final = frozenset("MHJK")
"""ADICAP letters of what lies in an organ without being a tumour of it: metastases, lymphomas."""

_MORPHOLOGY: Final = re.compile(r"(?<!\d)(\d{4})/(\d)(?!\d)")
_CIM: Final = re.compile(r"[A-Z]\d{2}(?:\.?\d{1,2})?")


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of tumour, and the codes that name it. ``code`` is worded as ``entity-<code>``."""

    code: str
    families: str = ""
    """ADICAP: letters of the lesion. None: any of a tumour of ``sites``."""
    cytology: str = ""
    """ADICAP: letters after the nought of a cytological lesion."""
    sites: tuple[str, ...] = ()
    """ADICAP: how the organ begins. None: any, when there are ``families``."""
    behaviour: int = 0
    """ADICAP: at least."""
    morphologies: tuple[tuple[int, int], ...] = ()
    """ICD-O: from, to."""
    icd_behaviour: int = 1
    """ICD-O: at least; 3 is malignant, 1 uncertain."""
    cim: tuple[str, ...] = ()
    """CIM-10: how the code begins, without its point."""


ENTITIES: Final = (
    Entity(
        code="lymphoma",
        families="HJK",
        cytology="L",
        morphologies=((9590, 9729), (9735, 9738), (9823, 9823), (9940, 9940)),
        cim=("C81", "C82", "C83", "C84", "C85", "C86", "C88"),
    ),
    Entity(
        code="sarcoma",
        families="FLQCRV",
        behaviour=4,
        morphologies=(
            *((8800, 8936), (9040, 9044), (9120, 9161), (9170, 9170), (9180, 9252), (9260, 9260), (9364, 9372)),
            *((9540, 9571), (9580, 9581)),
        ),
        cim=("C40", "C41", "C46", "C49"),
    ),
    Entity(
        code="mesothelioma", sites=("RS",), behaviour=5, morphologies=((9050, 9055),), icd_behaviour=3, cim=("C450",)
    ),
    Entity(code="neuroendocrine", morphologies=((8013, 8013), (8150, 8157), (8240, 8246), (8249, 8249))),
    Entity(
        code="endocrine",
        sites=("ES", "ET", "EP", "EG"),
        behaviour=4,
        morphologies=((8330, 8350), (8370, 8370), (8680, 8700)),
        cim=("C73", "C74", "C75"),
    ),
    Entity(code="blastemal", morphologies=((8960, 8960), (8970, 8974), (9490, 9500))),
    Entity(
        code="head-neck",
        sites=("A", "B"),
        behaviour=5,
        morphologies=((8200, 8200), (8430, 8430), (8550, 8550), (8982, 8982), (9522, 9523)),
        icd_behaviour=3,
        cim=("C07", "C08", "C30", "C31"),
    ),
    Entity(code="rare-skin", morphologies=((8247, 8247), (8390, 8413), (8542, 8542)), icd_behaviour=3),
    Entity(
        code="rare-kidney",
        sites=("UR",),
        behaviour=5,
        morphologies=((8260, 8260), (8311, 8311), (8316, 8319), (8510, 8510)),
        icd_behaviour=3,
    ),
    Entity(code="uveal-melanoma", sites=("OU",), behaviour=5, cim=("C693", "C694")),
    Entity(code="peritoneal", sites=("DP",), behaviour=4, cim=("C48", "C451")),
    Entity(
        code="brain",
        sites=("N",),
        morphologies=((9350, 9352), (9360, 9362), (9380, 9480), (9505, 9508), (9530, 9539)),
        icd_behaviour=0,
        cim=("C70", "C71", "C72"),
    ),
    Entity(code="thymic", sites=("ST",), morphologies=((8580, 8589),), cim=("C37",)),
    Entity(
        code="gynaecological",
        sites=("GO", "GT", "GV", "GG"),
        behaviour=4,
        morphologies=((8590, 8671), (9060, 9091)),
    ),
    Entity(
        code="trophoblastic",
        families="T",
        sites=("P",),
        morphologies=((9100, 9105),),
        icd_behaviour=0,
        cim=("C58", "O01", "D392"),
    ),
)


class Sign(msgspec.Struct, frozen=True):
    """What one code says: ``entity``, and the ADICAP organ it was found in, if it has one."""

    entity: str
    coding: Coding
    site: str = ""


def signs(codings: Iterable[Coding]) -> tuple[Sign, ...]:
    """All that the codes name, in their order; each entity once for each code."""
    return tuple(sign for coding in codings for sign in _of(coding))


def _of(coding: Coding) -> Iterable[Sign]:
    code = adicap.parse(coding.code) if coding.system == "ADICAP" else None
    for entity in ENTITIES:
        if (
            (code is not None and _of_adicap(entity, code))
            or (coding.system == "ICD-O" and _of_icd_o(entity, coding.code))
            or (coding.system == "CIM-10" and _of_cim(entity, coding.code))
        ):
            yield Sign(entity.code, coding, code.organ if code is not None else "")


def _of_adicap(entity: Entity, code: adicap.Adicap) -> bool:
    if code.dictionary == "D7":
        return code.family in entity.cytology and entity.cytology != ""
    if code.behaviour is None or code.behaviour < entity.behaviour:
        return False
    if entity.sites and not code.organ.startswith(entity.sites):
        return False
    if entity.families:
        return code.family in entity.families
    return bool(entity.sites) and code.family not in NOT_OF_THE_SITE


def _of_icd_o(entity: Entity, text: str) -> bool:
    return any(
        first <= int(morphology) <= last and int(behaviour) >= entity.icd_behaviour
        for morphology, behaviour in _MORPHOLOGY.findall(text)
        for first, last in entity.morphologies
    )


def _of_cim(entity: Entity, text: str) -> bool:
    return entity.cim != () and any(code.replace(".", "").startswith(entity.cim) for code in _CIM.findall(text.upper()))
