from datetime import UTC, datetime

import msgspec
import pytest

from consults.completeness import BLOCKS, WARNS, Material, gaps, ready
from consults.kinds import ConsultKind, Trigger
from consults.terms import Terms
from telepath.cases.codings import Coding
from telepath.cases.model import Case
from telepath.errors import Invalid
from web.words import LANGUAGES, Words

NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
EMPTY = Case(
    id="c",
    institution_id="i",
    number="26-00417",
    organ="lymphoid",
    title="Ganglion",
    clinical_context="",
    created_by="p",
    created_at=NOW,
    active_at=NOW,
    version=1,
)
FULL = msgspec.structs.replace(
    EMPTY,
    proposed_diagnosis="Lymphome.",
    gross_description="18 mm.",
    codings=(Coding("CIM-10", "C82.1"),),
    non_opposition="informed",
)
NETWORK = Terms(kind=ConsultKind.NETWORK, network="LYMPHOPATH", trigger=Trigger.SYSTEMATIC)


def named(case: Case, material: Material, terms: Terms) -> dict[str, bool]:
    return {gap.code: gap.blocks for gap in gaps(case, material, terms)}


@pytest.mark.parametrize("kind", ConsultKind)
def test_nothing_is_missing_in_a_complete_case_and_a_refusal_stops_every_kind(kind: ConsultKind) -> None:
    terms = Terms(kind=kind, blind=True)
    assert named(FULL, Material(2), terms) == {}
    refused = msgspec.structs.replace(FULL, non_opposition="refused")
    assert named(refused, Material(2), terms) == {"refused": True}
    with pytest.raises(Invalid) as stopped:
        ready(refused, Material(2), terms)
    assert stopped.value.code == "gap-refused"


@pytest.mark.parametrize(
    ("terms", "missing"),
    [
        (Terms(), {"slides": True, "non-opposition": False, "diagnosis": False, "gross": False}),
        (Terms(blind=True), {"slides": True, "diagnosis": True, "non-opposition": False, "gross": False}),
        (
            NETWORK,
            {"slides": True, "non-opposition": True, "diagnosis": True, "gross": False, "codings": False},
        ),
        (Terms(kind=ConsultKind.FROZEN), {"slides": False, "non-opposition": False}),
        (Terms(kind=ConsultKind.TEACHING), {"slides": True, "non-opposition": True}),
        (
            Terms(kind=ConsultKind.BOARD),
            {"slides": True, "non-opposition": True, "diagnosis": False, "gross": False},
        ),
    ],
)
def test_each_kind_names_what_it_lacks_and_first_what_stops_it(terms: Terms, missing: dict[str, bool]) -> None:
    found = named(EMPTY, Material(0), terms)
    assert list(found.items()) == list(missing.items())


def test_slides_of_which_little_is_known_are_counted_and_stop_nothing() -> None:
    found = gaps(FULL, Material(5, without_stain=1, without_block=3), Terms())
    assert [(gap.code, gap.blocks, gap.count) for gap in found] == [("stain", False, 1), ("block", False, 3)]
    ready(FULL, Material(5, without_stain=1, without_block=3), Terms())


def test_every_gap_is_worded() -> None:
    words = Words()
    for language in LANGUAGES:
        for code in {*BLOCKS, *WARNS}:
            assert words(language)(f"gap-{code}", count=2)
