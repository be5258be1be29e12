"""The cases of the demonstration, each with one slide."""

from typing import Final

import msgspec

from telepath.cases.model import CaseFacts
from telepath.slides.synthetic_tissue import Kind


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A case of the demonstration; its slide is generated with this seed and size unless real slides are given."""

    place: str
    author: str
    facts: CaseFacts
    specimen: str
    block: str
    stain: str
    seed: int
    width: int
    height: int
    tissue: Kind = Kind.COLON
    profiled: bool = False
    """Its slide says the colours of its scanner."""
    days: int = 0
    """How long ago it was opened."""


SMALL: Final = (2_048, 1_536)
"""Px of a slide that is drawn in a moment. Of one seed it is drawn once, for as many cases as have it."""

FLUORESCENCE: Final = ("CAY-26-0412", "A1 IF", "IF", 7)
"""Case, label, stain and seed of the slide that has channels and focal planes."""

SAMPLES: Final = (
    Sample(
        place="cayenne",
        author="ines",
        facts=CaseFacts(
            number="CAY-26-0412",
            organ="digestive",
            title="Biopsie du côlon sigmoïde, lésion de 2 cm",
            clinical_context="Patient de 58 ans. Rectorragies. Lésion sessile de 2 cm du sigmoïde, biopsiée.",
            proposed_diagnosis="Adénome en dysplasie de haut grade ; foyer infiltrant possible.",
            gross_description="Quatre fragments de 2 à 4 mm, inclus en totalité.",
        ),
        specimen="Côlon sigmoïde, biopsie",
        block="A1",
        stain="HES",
        seed=412,
        width=40_960,
        height=30_720,
    ),
    Sample(
        place="cayenne",
        author="ines",
        facts=CaseFacts(
            number="CAY-26-0398",
            organ="digestive",
            title="Polype rectal, pièce de mucosectomie",
            clinical_context="Patiente de 64 ans. Polype rectal de 3 cm, exérèse endoscopique.",
            proposed_diagnosis="Adénome tubulo-villeux.",
            gross_description="Pièce de mucosectomie de 34 x 28 mm, épinglée.",
        ),
        specimen="Rectum, mucosectomie",
        block="B2",
        stain="HES",
        seed=398,
        width=8_192,
        height=6_144,
        profiled=True,
    ),
    Sample(
        place="reunion",
        author="paul",
        facts=CaseFacts(
            number="REU-26-1077",
            organ="soft-tissue",
            title="Lésion de la cuisse, micro-biopsie",
            clinical_context="Patient de 45 ans. Masse profonde de la cuisse, 7 cm, évolution rapide.",
            proposed_diagnosis="Sarcome à cellules fusiformes, type à préciser.",
            gross_description="Six carottes de 8 à 15 mm.",
            codings="CIM-O 8801/3",
        ),
        specimen="Cuisse, micro-biopsie",
        block="A1",
        stain="HES",
        seed=1077,
        width=8_192,
        height=6_144,
        tissue=Kind.SPINDLE,
    ),
)

MORE: Final = (
    Sample(
        place="cayenne",
        author="ines",
        facts=CaseFacts(
            number="CAY-26-0342",
            organ="lymphoid",
            title="Adénopathie cervicale, exérèse",
            clinical_context="Patiente de 52 ans. Adénopathies cervicales depuis quatre mois, sans fièvre.",
            proposed_diagnosis="Hyperplasie folliculaire réactionnelle.",
            gross_description="Ganglion de 22 mm, inclus en totalité.",
            codings="CIM-10 R59.0",
        ),
        specimen="Ganglion cervical, exérèse",
        block="A1",
        stain="HES",
        seed=1,
        width=SMALL[0],
        height=SMALL[1],
        days=24,
    ),
    Sample(
        place="cayenne",
        author="ines",
        facts=CaseFacts(
            number="CAY-26-0365",
            organ="skin",
            title="Lésion pigmentée du dos, exérèse",
            clinical_context="Patient de 39 ans. Lésion pigmentée de 9 mm, récemment modifiée.",
            proposed_diagnosis="Nævus dysplasique ; mélanome à exclure.",
            gross_description="Fuseau cutané de 24 x 11 mm.",
        ),
        specimen="Dos, exérèse cutanée",
        block="A1",
        stain="HES",
        seed=2,
        width=SMALL[0],
        height=SMALL[1],
        tissue=Kind.SPINDLE,
        days=16,
    ),
    Sample(
        place="cayenne",
        author="ines",
        facts=CaseFacts(
            number="CAY-26-0376",
            organ="lymphoid",
            title="Biopsie médullaire, cytopénie",
            clinical_context="Patient de 67 ans. Cytopénie, splénomégalie.",
            proposed_diagnosis="Lymphome de la zone marginale.",
            gross_description="Carotte osseuse de 18 mm.",
            codings="CIM-O 9689/3",
        ),
        specimen="Os iliaque, biopsie médullaire",
        block="A1",
        stain="HES",
        seed=1,
        width=SMALL[0],
        height=SMALL[1],
        days=8,
    ),
    Sample(
        place="cayenne",
        author="ines",
        facts=CaseFacts(
            number="CAY-26-0389",
            organ="urology",
            title="Biopsies de prostate, foyer atypique",
            clinical_context="Patient de 70 ans. PSA 7,2.",
            proposed_diagnosis="Prolifération de petites glandes atypiques.",
            gross_description="Douze carottes de 9 à 16 mm.",
        ),
        specimen="Prostate, biopsies",
        block="A1",
        stain="HES",
        seed=1,
        width=SMALL[0],
        height=SMALL[1],
        days=7,
    ),
    Sample(
        place="cayenne",
        author="ines",
        facts=CaseFacts(
            number="CAY-26-0401",
            organ="breast",
            title="Microbiopsie du sein droit",
            clinical_context="Patiente de 47 ans. Masse de 14 mm classée ACR 4.",
            proposed_diagnosis="Lésion papillaire, nature à préciser.",
            gross_description="Cinq carottes de 10 à 14 mm.",
        ),
        specimen="Sein droit, microbiopsie",
        block="A1",
        stain="HES",
        seed=1,
        width=SMALL[0],
        height=SMALL[1],
        days=4,
    ),
    Sample(
        place="cayenne",
        author="ines",
        facts=CaseFacts(
            number="CAY-26-0407",
            organ="skin",
            title="Nodule de la jambe, biopsie",
            clinical_context="Patiente de 61 ans. Nodule ferme de 2 cm, croissance lente.",
            proposed_diagnosis="Dermatofibrome ; dermatofibrosarcome à exclure.",
            gross_description="Biopsie de 8 mm.",
        ),
        specimen="Jambe, biopsie cutanée",
        block="A1",
        stain="HES",
        seed=2,
        width=SMALL[0],
        height=SMALL[1],
        tissue=Kind.SPINDLE,
        days=3,
    ),
    Sample(
        place="cayenne",
        author="ines",
        facts=CaseFacts(
            number="CAY-26-0410",
            organ="soft-tissue",
            title="Masse de l’épaule, microbiopsie",
            clinical_context="Patient de 33 ans. Masse profonde de 5 cm.",
            proposed_diagnosis="Prolifération fusocellulaire, à typer.",
            gross_description="Quatre carottes de 7 à 12 mm.",
        ),
        specimen="Épaule, microbiopsie",
        block="A1",
        stain="HES",
        seed=2,
        width=SMALL[0],
        height=SMALL[1],
        tissue=Kind.SPINDLE,
        days=2,
    ),
    Sample(
        place="cayenne",
        author="ines",
        facts=CaseFacts(
            number="CAY-26-0415",
            organ="endocrine",
            title="Nodule de la thyroïde, lobectomie",
            clinical_context="Patiente de 44 ans. Nodule de 18 mm.",
            proposed_diagnosis="Tumeur folliculaire de potentiel incertain.",
            gross_description="Lobe de 46 x 24 mm, nodule encapsulé.",
        ),
        specimen="Thyroïde, lobe droit",
        block="A1",
        stain="HES",
        seed=1,
        width=SMALL[0],
        height=SMALL[1],
        days=1,
    ),
    Sample(
        place="reunion",
        author="paul",
        facts=CaseFacts(
            number="REU-26-1052",
            organ="skin",
            title="Lésion de la joue, biopsie",
            clinical_context="Patient de 71 ans. Papule perlée de 6 mm.",
            proposed_diagnosis="Carcinome basocellulaire.",
            gross_description="Biopsie de 4 mm.",
        ),
        specimen="Joue, biopsie cutanée",
        block="A1",
        stain="HES",
        seed=2,
        width=SMALL[0],
        height=SMALL[1],
        tissue=Kind.SPINDLE,
        days=6,
    ),
    Sample(
        place="reunion",
        author="paul",
        facts=CaseFacts(
            number="REU-26-1081",
            organ="digestive",
            title="Biopsies gastriques, gastrite",
            clinical_context="Patiente de 55 ans. Épigastralgies.",
            proposed_diagnosis="Gastrite chronique ; lymphome du MALT à exclure.",
            gross_description="Six fragments de 2 à 3 mm.",
        ),
        specimen="Estomac, biopsies",
        block="A1",
        stain="HES",
        seed=1,
        width=SMALL[0],
        height=SMALL[1],
        days=1,
    ),
)
"""Cases that come with the whole demonstration alone: web/demo/scenes.py says in which state each of them is."""
