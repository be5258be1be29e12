"""Skeletons of a structured opinion, one for each organ, and ready phrases on the limits of reading from afar. Pure.

What a line asks for is what a pathologist of that organ is expected to say; it is for them to fill, change or leave out.
Written by us after the items that French and international reporting standards share; no text of any of them is copied.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from consults.opinion import Draft


class Line(msgspec.Struct, frozen=True):
    """One item, in French and in English."""

    fr: str
    en: str


class Template(msgspec.Struct, frozen=True):
    description: tuple[Line, ...]
    conclusion: tuple[Line, ...]


_MATERIAL: Final = Line("Matériel examiné", "Material examined")
_ARCHITECTURE: Final = Line("Architecture", "Architecture")
_CYTOLOGY: Final = Line("Cytologie", "Cytology")
_MITOSES: Final = Line("Mitoses (nombre, surface en mm²)", "Mitoses (count, area in mm²)")
_NECROSIS: Final = Line("Nécrose", "Necrosis")
_STROMA: Final = Line("Stroma", "Stroma")
_IHC: Final = Line("Immunohistochimie", "Immunohistochemistry")
_MOLECULAR: Final = Line("Biologie moléculaire", "Molecular findings")
_EMBOLI: Final = Line("Emboles vasculaires, engainements périnerveux", "Vascular and perineural invasion")
_MARGINS: Final = Line("Marges (mm)", "Margins (mm)")
_DIAGNOSIS: Final = Line("Diagnostic", "Diagnosis")
_TYPE: Final = Line("Type histologique (OMS)", "Histological type (WHO)")
_GRADE: Final = Line("Grade", "Grade")
_STAGE: Final = Line("Stade (TNM)", "Stage (TNM)")
_DIFFERENTIAL: Final = Line("Diagnostics différentiels écartés", "Differential diagnoses excluded")
_ADVICE: Final = Line("Examens complémentaires conseillés", "Further tests advised")

TEMPLATES: Final[Mapping[str, Template]] = {
    "digestive": Template(
        (
            _MATERIAL,
            _ARCHITECTURE,
            _CYTOLOGY,
            Line("Niveau d’infiltration", "Depth of invasion"),
            _EMBOLI,
            _MARGINS,
            _IHC,
        ),
        (
            _DIAGNOSIS,
            _TYPE,
            Line("Grade ou différenciation", "Grade or differentiation"),
            _STAGE,
            Line("Statut MMR (MLH1, PMS2, MSH2, MSH6)", "MMR status (MLH1, PMS2, MSH2, MSH6)"),
            _ADVICE,
        ),
    ),
    "breast": Template(
        (
            _MATERIAL,
            _ARCHITECTURE,
            _CYTOLOGY,
            Line("Composante in situ (type, grade, nécrose)", "In situ component (type, grade, necrosis)"),
            _MITOSES,
            _EMBOLI,
            Line("Microcalcifications", "Microcalcifications"),
            _MARGINS,
        ),
        (
            _DIAGNOSIS,
            _TYPE,
            Line("Grade SBR modifié Elston et Ellis (A, N, M)", "Grade, Elston–Ellis (tubules, nuclei, mitoses)"),
            Line("Récepteurs : RO (%), RP (%)", "Receptors: ER (%), PR (%)"),
            Line("HER2 (score ; hybridation)", "HER2 (score; hybridisation)"),
            Line("Ki67 (%)", "Ki67 (%)"),
            _STAGE,
            _ADVICE,
        ),
    ),
    "skin": Template(
        (
            _MATERIAL,
            _ARCHITECTURE,
            _CYTOLOGY,
            Line("Ulcération", "Ulceration"),
            _MITOSES,
            Line("Régression", "Regression"),
            _EMBOLI,
            _MARGINS,
            _IHC,
        ),
        (
            _DIAGNOSIS,
            _TYPE,
            Line("Indice de Breslow (mm), niveau de Clark", "Breslow thickness (mm), Clark level"),
            _STAGE,
            _DIFFERENTIAL,
            _ADVICE,
        ),
    ),
    "lymphoid": Template(
        (
            _MATERIAL,
            Line("Architecture (nodulaire, diffuse, conservée)", "Architecture (nodular, diffuse, preserved)"),
            Line("Cellules tumorales (taille, aspect)", "Tumour cells (size, appearance)"),
            Line("Microenvironnement", "Microenvironment"),
            Line("Immunophénotype", "Immunophenotype"),
            Line("Ki67 (%)", "Ki67 (%)"),
            Line("EBV (EBER)", "EBV (EBER)"),
            Line("Clonalité, réarrangements (BCL2, BCL6, MYC)", "Clonality, rearrangements (BCL2, BCL6, MYC)"),
        ),
        (_DIAGNOSIS, Line("Entité (OMS ou ICC)", "Entity (WHO or ICC)"), _GRADE, _DIFFERENTIAL, _ADVICE),
    ),
    "soft-tissue": Template(
        (
            _MATERIAL,
            Line("Siège et profondeur", "Site and depth"),
            _ARCHITECTURE,
            _CYTOLOGY,
            _MITOSES,
            Line("Nécrose (%)", "Necrosis (%)"),
            _STROMA,
            _IHC,
            Line("Biologie moléculaire (MDM2, transcrit de fusion)", "Molecular findings (MDM2, fusion)"),
            _MARGINS,
        ),
        (
            _DIAGNOSIS,
            _TYPE,
            Line(
                "Grade FNCLCC (différenciation, mitoses, nécrose)", "FNCLCC grade (differentiation, mitoses, necrosis)"
            ),
            _DIFFERENTIAL,
            _ADVICE,
        ),
    ),
    "lung": Template(
        (
            _MATERIAL,
            Line("Architecture (contingents, %)", "Architecture (patterns, %)"),
            _CYTOLOGY,
            Line("Atteinte de la plèvre", "Pleural invasion"),
            _EMBOLI,
            _IHC,
            _MARGINS,
        ),
        (
            _DIAGNOSIS,
            _TYPE,
            _GRADE,
            Line("PD-L1 (%, clone)", "PD-L1 (%, clone)"),
            Line("Altérations (EGFR, ALK, ROS1, KRAS…)", "Alterations (EGFR, ALK, ROS1, KRAS…)"),
            _STAGE,
            _ADVICE,
        ),
    ),
    "gynaecology": Template(
        (_MATERIAL, _ARCHITECTURE, _CYTOLOGY, Line("Niveau d’infiltration", "Depth of invasion"), _EMBOLI, _IHC),
        (
            _DIAGNOSIS,
            _TYPE,
            _GRADE,
            Line("Classe moléculaire (POLE, MMR, p53)", "Molecular class (POLE, MMR, p53)"),
            Line("Statut HPV (p16)", "HPV status (p16)"),
            Line("Stade (FIGO, TNM)", "Stage (FIGO, TNM)"),
            _ADVICE,
        ),
    ),
    "urology": Template(
        (
            _MATERIAL,
            _ARCHITECTURE,
            _CYTOLOGY,
            Line("Longueur tumorale ou volume, par prélèvement", "Tumour length or volume, by specimen"),
            Line("Extension extraprostatique ou musculeuse", "Extraprostatic or muscle invasion"),
            _EMBOLI,
            _MARGINS,
            _IHC,
        ),
        (
            _DIAGNOSIS,
            _TYPE,
            Line("Score de Gleason et groupe ISUP, ou grade OMS", "Gleason score and ISUP group, or WHO grade"),
            _STAGE,
            _ADVICE,
        ),
    ),
    "nervous": Template(
        (
            _MATERIAL,
            _ARCHITECTURE,
            _CYTOLOGY,
            _MITOSES,
            Line("Prolifération microvasculaire", "Microvascular proliferation"),
            _NECROSIS,
            _IHC,
            _MOLECULAR,
        ),
        (
            Line("Diagnostic intégré (OMS)", "Integrated diagnosis (WHO)"),
            Line("Type histologique", "Histological type"),
            Line("Grade OMS du système nerveux central", "CNS WHO grade"),
            Line("Altérations (IDH, 1p/19q, H3, MGMT…)", "Alterations (IDH, 1p/19q, H3, MGMT…)"),
            _ADVICE,
        ),
    ),
    "endocrine": Template(
        (
            _MATERIAL,
            _ARCHITECTURE,
            _CYTOLOGY,
            Line("Capsule et franchissement", "Capsule and its invasion"),
            _MITOSES,
            Line("Ki67 (%)", "Ki67 (%)"),
            _NECROSIS,
            _EMBOLI,
            _IHC,
        ),
        (_DIAGNOSIS, _TYPE, Line("Grade (G1, G2, G3)", "Grade (G1, G2, G3)"), _STAGE, _DIFFERENTIAL, _ADVICE),
    ),
    "head-neck": Template(
        (
            _MATERIAL,
            _ARCHITECTURE,
            _CYTOLOGY,
            Line("Épaisseur d’infiltration (mm)", "Depth of invasion (mm)"),
            Line("Front d’invasion", "Invasive front"),
            _EMBOLI,
            _MARGINS,
            _IHC,
        ),
        (
            _DIAGNOSIS,
            _TYPE,
            _GRADE,
            Line("Statut p16, HPV ou EBV", "p16, HPV or EBV status"),
            _STAGE,
            _DIFFERENTIAL,
            _ADVICE,
        ),
    ),
    "bone": Template(
        (
            _MATERIAL,
            Line("Confrontation à l’imagerie", "Correlation with imaging"),
            _ARCHITECTURE,
            _CYTOLOGY,
            Line("Matrice (ostéoïde, cartilagineuse)", "Matrix (osteoid, cartilaginous)"),
            _MITOSES,
            _NECROSIS,
            _IHC,
            _MOLECULAR,
        ),
        (
            _DIAGNOSIS,
            _TYPE,
            _GRADE,
            Line("Réponse au traitement (% de cellules viables)", "Response to treatment (% of viable cells)"),
            _MARGINS,
            _ADVICE,
        ),
    ),
    "other": Template(
        (_MATERIAL, _ARCHITECTURE, _CYTOLOGY, _STROMA, _IHC, _MOLECULAR),
        (_DIAGNOSIS, _TYPE, _GRADE, _DIFFERENTIAL, _ADVICE),
    ),
}

LIMITS: Final = (
    Line(
        "Avis rendu sur lames numérisées, sans examen des lames de verre.",
        "Opinion given on digital slides, without looking at the glass.",
    ),
    Line(
        "La netteté ou les couleurs de certaines plages limitent la lecture.",
        "Focus or colours of some areas limit the reading.",
    ),
    Line(
        "Le grossissement de la numérisation ne permet pas de compter les mitoses avec certitude.",
        "The magnification of the scan does not let mitoses be counted with certainty.",
    ),
    Line(
        "La lecture porte sur les seules lames transmises, qui peuvent ne pas représenter toute la lésion.",
        "The reading covers the transmitted slides alone, which may not represent the whole lesion.",
    ),
    Line(
        "Les immunomarquages n’ont pas été refaits : leur interprétation repose sur les témoins visibles.",
        "Immunostains were not repeated: their reading rests on the controls that can be seen.",
    ),
)
"""Of reading from afar, each a sentence of its own."""


def text(organ: str, language: str) -> Draft:
    """The skeleton of this organ: an item a line, each to be filled in. An unknown organ: that of ``other``."""
    template = TEMPLATES.get(organ, TEMPLATES["other"])
    return Draft(conclusion=_lines(template.conclusion, language), description=_lines(template.description, language))


def limits(language: str) -> tuple[str, ...]:
    return tuple(_in(one, language) for one in LIMITS)


def with_template(draft: Draft, organ: str, language: str) -> Draft:
    """The draft with the skeleton behind what it holds already; twice is once."""
    blank = text(organ, language)
    return msgspec.structs.replace(
        draft,
        conclusion=_behind(draft.conclusion, blank.conclusion),
        description=_behind(draft.description, blank.description),
    )


def with_limit(draft: Draft, number: int, language: str) -> Draft:
    """The draft with one of LIMITS behind its remarks; ``number`` from 0. Unknown: as it was."""
    if not 0 <= number < len(LIMITS):
        return draft
    return msgspec.structs.replace(draft, remarks=_behind(draft.remarks, _in(LIMITS[number], language)))


def _behind(held: str, added: str) -> str:
    if added in held:
        return held
    return f"{held.rstrip()}\n{added}" if held.strip() else added


def _lines(lines: tuple[Line, ...], language: str) -> str:
    colon = "\N{NO-BREAK SPACE}: " if language == "fr" else ": "
    return "\n".join(f"{_in(one, language)}{colon}" for one in lines)


def _in(one: Line, language: str) -> str:
    return one.fr if language == "fr" else one.en
