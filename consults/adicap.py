"""An ADICAP code, taken apart. Pure.

Eight characters, and what may follow: sampling (D1), technique (D2), organ (D3, two characters), lesion (four). A lesion is
of D4 (digits: no tumour), D5 (a letter, a digit of behaviour, two more: a tumour), D6 (of one organ) or D7 (cytology).
Source: the thesaurus of the ADICAP (OID 1.2.250.1.213.2.11) as the AP-HP reads it (aphp/edsnlp, eds.adicap). Its tables are not
copied: only what stands in web/locale under ``adicap-`` is worded, the rest is shown as it was typed.
"""

import re
from typing import Final

import msgspec

_CODE: Final = re.compile(r"([A-Z])([A-Z])([A-Z]{2})([A-Z0-9]{4})([A-Z0-9]*)")
_BETWEEN: Final = re.compile(r"[ ./-]")
_LESIONS: Final = (
    ("D4", re.compile(r"\d{4}")),
    ("D7", re.compile(r"0[A-Z]\d{2}")),
    ("D5", re.compile(r"[A-Z][0-9][A-Z][0-9]")),
    ("D6", re.compile(r"[A-Z0-9][0-9A-Z][09A-Z][0-9]")),
)
"""Dictionary of the lesion → its form; the first that fits."""

SAMPLINGS: Final = frozenset("ABCEFGHIKLMNOPRSTVX")
TECHNIQUES: Final = frozenset("CEFGHIKLMPSUWY")
SITES: Final = (
    *("GS", "OT", "OU", "RP", "RS", "SG", "SM", "SR", "ST", "DP", "UR", "ES", "ET"),
    *("A", "B", "C", "D", "E", "F", "G", "H", "L", "N", "O", "P", "R", "S", "T", "U", "V", "X"),
)
"""What is worded of an organ: itself, or its family by the first letter. The most exact first."""


class Adicap(msgspec.Struct, frozen=True):
    sampling: str
    technique: str
    organ: str
    lesion: str
    dictionary: str
    """Of the lesion: ``D4`` to ``D7``."""
    suffix: str = ""

    @property
    def family(self) -> str:
        """Of a tumour the letter of its histogenesis, of cytology the letter after the nought; else ""."""
        return {"D5": self.lesion[0], "D7": self.lesion[1]}.get(self.dictionary, "")

    @property
    def behaviour(self) -> int | None:
        """Of a tumour: 0 benign, 4 uncertain, 5 in situ, 6 micro-invasive, 7 invasive, 8 recurrence, 9 primary or secondary."""
        return int(self.lesion[1]) if self.dictionary == "D5" else None

    @property
    def site(self) -> str:
        """Of SITES, what words this organ; "": nothing does."""
        return next((site for site in SITES if self.organ.startswith(site)), "")

    def parts(self) -> tuple[str, ...]:
        """What is known of it, as names of messages in web/locale; what we have no words for is left out."""
        return tuple(
            name
            for name, known in (
                (f"adicap-sampling-{self.sampling.lower()}", self.sampling in SAMPLINGS),
                (f"adicap-technique-{self.technique.lower()}", self.technique in TECHNIQUES),
                (f"adicap-organ-{self.site.lower()}", self.site != ""),
                (f"adicap-lesion-{self.dictionary.lower()}", self.behaviour is None),
                (f"adicap-behaviour-{self.behaviour}", self.behaviour in (0, 4, 5, 6, 7, 8, 9)),
            )
            if known
        )


def parse(text: str) -> Adicap | None:
    """The code in any capitals, its groups apart or not; None: it is none."""
    found = _CODE.fullmatch(_BETWEEN.sub("", text.strip()).upper())
    if found is None:
        return None
    lesion = found[4]
    dictionary = next((name for name, form in _LESIONS if form.fullmatch(lesion)), "")
    return Adicap(found[1], found[2], found[3], lesion, dictionary, found[5]) if dictionary else None
