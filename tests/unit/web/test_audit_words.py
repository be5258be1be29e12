"""What the auditor's screens make of records: kinds of questions, differences of texts, cells of a table, extracts."""

from datetime import UTC, datetime, timedelta

import pytest

from telepath.audit import AuditRecord
from telepath.audit_catalogue import CATALOGUE, family
from web.audit_extract import LEFT_OUT, WHAT, accesses
from web.audit_opinions import Piece, pieces
from web.audit_questions import LISTED, QUESTIONS, SEEN
from web.table_csv import harmless

NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)


def test_there_are_twelve_questions_each_at_an_address_of_its_own() -> None:
    assert len({question.code for question in QUESTIONS}) == 12


def test_every_kind_that_a_question_looks_for_is_in_the_catalogue() -> None:
    assert set().union(*(question.kinds or () for question in LISTED.values())) <= set(CATALOGUE)
    assert {"slide.viewed", "slide.regions", "case.viewed", "report.printed"} <= SEEN
    assert not {"access.refused", "audit.read"} & SEEN


def test_every_family_of_a_case_has_plain_words_for_the_patient() -> None:
    of_cases = {"case", "slide", "annotation", "thread", "consult", "offer", "opinion", "report", "room"}
    assert of_cases <= set(WHAT)
    assert not set(WHAT) & LEFT_OUT


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("bénin", "bénin", [("same", "bénin")]),
        ("Lésion bénigne.", "Lésion maligne.", [("same", "Lésion "), ("del", "bénigne."), ("ins", "maligne.")]),
        ("", "Neuf", [("ins", "Neuf")]),
        ("Vieux", "", [("del", "Vieux")]),
    ],
)
def test_a_difference_is_shown_word_by_word(old: str, new: str, found: list[tuple[str, str]]) -> None:
    assert pieces(old, new) == tuple(Piece(*one) for one in found)


@pytest.mark.parametrize("cell", ["=1+1", "+33", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_compute_is_made_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless("Dr Zoé = 1") == "Dr Zoé = 1"


def _record(kind: str, minutes: int, actor: str, because: str = "institution") -> AuditRecord:
    at = NOON + timedelta(minutes=minutes)
    return AuditRecord(
        id=str(minutes), at=at, kind=kind, actor=actor, institution="here", owner="here", because=because
    )


def test_a_patient_reads_who_did_what_how_often_and_why() -> None:
    zoe, hugo = accesses(
        [
            _record("slide.regions", 3, "zoe"),
            _record("slide.viewed", 2, "zoe"),
            _record("case.viewed", 1, "zoe"),
            _record("opinion.signed", 9, "hugo", "consult"),
        ]
    )
    assert (zoe.times, zoe.what, zoe.because) == (2, ("file", "slides"), ("institution",))
    assert (zoe.first, zoe.last) == (NOON + timedelta(minutes=1), NOON + timedelta(minutes=3))
    assert (hugo.times, hugo.what, hugo.because) == (1, ("answered",), ("consult",))


def test_every_family_of_the_catalogue_is_in_the_extract_or_left_out_of_it() -> None:
    assert {family(kind) for kind in CATALOGUE} == set(WHAT) | LEFT_OUT
