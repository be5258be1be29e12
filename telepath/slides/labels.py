"""What a slide says of itself, besides its tissue: barcodes of its label, and texts of its file. Runs in the sandbox.

The pictures of label and macro are withheld, for they may show a patient's name: they are looked at here, and only what their
barcodes say leaves the worker."""

import re
from typing import Final

from telepath.errors import SlideUnreadable
from telepath.slides import barcodes
from telepath.slides.label_check import Mark, Source
from telepath.slides.reader import Reader

PICTURES: Final = ("label", "macro")
TEXT_LIMIT: Final = 200
MOST: Final = 20
_BARCODES: Final = frozenset({"barcode", "barcodevalue", "containeridentifier", "accessionnumber"})
_KINDS: Final = {"specimenidentifier": Source.SPECIMEN, "institutionname": Source.INSTITUTION} | dict.fromkeys(
    _BARCODES, Source.BARCODE
)
"""The last part of a property's name, in small letters without signs → what its text is. DICOM PS3.3 C.12.1 and C.7.6.22;
Aperio ImageScope; ``openslide.barcode`` of the others."""


def marks(opened: Reader) -> tuple[Mark, ...]:
    """Nothing where nothing can be read: an odd label is no reason to refuse a slide."""
    found: dict[Mark, None] = {}
    try:
        for name, text in opened.properties().items():
            kind = _KINDS.get(re.sub(r"[^a-z]", "", name.rpartition(".")[2].casefold()))
            if kind is not None and text.strip() and len(text) <= TEXT_LIMIT:
                found[Mark(kind, text.strip())] = None
        for name in PICTURES:
            pixels = opened.companion(name)
            if pixels is not None:
                found |= dict.fromkeys(Mark(Source.BARCODE, text) for text in barcodes.read(pixels))
    except SlideUnreadable:
        pass
    return tuple(found)[:MOST]
