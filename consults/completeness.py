"""What is missing in a case before an opinion is asked: what stops the request, and what is only said. Pure."""

from collections.abc import Iterator
from typing import Final

import msgspec

from consults.kinds import ConsultKind
from consults.terms import Terms
from telepath.cases.model import Case
from telepath.errors import Invalid

EVERY: Final = frozenset(ConsultKind)
BEYOND_CARE: Final = frozenset({ConsultKind.NETWORK, ConsultKind.TEACHING, ConsultKind.BOARD})
"""Others than who cares for the patient come to know of the case, and keep it: the patient must have been told."""


class Material(msgspec.Struct, frozen=True):
    """The slides of the case: how many, and of how many something is not known."""

    slides: int
    without_stain: int = 0
    without_block: int = 0


class Gap(msgspec.Struct, frozen=True):
    """Something that is missing. Worded as ``gap-<code>``, with how many of what: ``count``."""

    code: str
    blocks: bool
    count: int = 0


BLOCKS: Final = {
    "refused": EVERY,
    # Of a frozen section the experts are called while the slide is being scanned; it is given to who reads when it comes.
    "slides": EVERY - {ConsultKind.FROZEN},
    "non-opposition": BEYOND_CARE,
    # What a second reading agrees with, or not.
    "diagnosis": frozenset({ConsultKind.NETWORK}),
}
"""Gap → of which kinds it stops the request. Blind, a diagnosis is needed whatever the kind."""
WARNS: Final = {
    "slides": frozenset({ConsultKind.FROZEN}),
    "non-opposition": EVERY - BEYOND_CARE,
    "diagnosis": frozenset({ConsultKind.EXPERT, ConsultKind.BOARD}),
    "gross": frozenset({ConsultKind.EXPERT, ConsultKind.NETWORK, ConsultKind.BOARD}),
    "codings": frozenset({ConsultKind.NETWORK}),
    "stain": EVERY,
    "block": EVERY - {ConsultKind.FROZEN},
}


def gaps(case: Case, material: Material, terms: Terms) -> tuple[Gap, ...]:
    """What is missing for a request on these terms: first what stops it."""
    found = [
        Gap(code, stops, count)
        for code, count in _missing(case, material)
        if (stops := _stops(code, terms)) or terms.kind in WARNS.get(code, ())
    ]
    return tuple(sorted(found, key=lambda gap: not gap.blocks))


def ready(case: Case, material: Material, terms: Terms) -> None:
    """Before it is sent. Raises Invalid: the first gap that stops it, in the words of the list of gaps."""
    for gap in gaps(case, material, terms):
        if gap.blocks:
            raise Invalid(f"gap-{gap.code}", field="gaps", count=gap.count)


def _stops(code: str, terms: Terms) -> bool:
    return terms.kind in BLOCKS.get(code, ()) or (code == "diagnosis" and terms.blind)


def _missing(case: Case, material: Material) -> Iterator[tuple[str, int]]:
    if case.non_opposition == "refused":
        yield "refused", 0
    if not material.slides:
        yield "slides", 0
    if not case.non_opposition:
        yield "non-opposition", 0
    if not case.proposed_diagnosis:
        yield "diagnosis", 0
    if not case.gross_description:
        yield "gross", 0
    if not case.codings:
        yield "codings", 0
    if material.without_stain:
        yield "stain", material.without_stain
    if material.without_block:
        yield "block", material.without_block
